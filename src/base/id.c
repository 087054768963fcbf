/*
 * libuuid gives the text. It does not know version 7, and for its random bits, of version 4, it
 * makes seven calls of the system, of which one would do. An id is no secret: it tells when it was
 * made, and nobody may do anything because he knows it.
 */
#include "base/id.h"

#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <uuid/uuid.h>

enum {
    TIME_OCTETS = 6,
    VERSION_OCTET = 6,
    VERSION = 0x70,
    VARIANT_OCTET = 8,
    VARIANT = 0x80 /* of RFC 9562 */
};

void id_new(char id[ID_SIZE])
{
    uuid_t raw;
    struct timespec now;
    if (getrandom(raw, sizeof raw, 0) != sizeof raw)
        uuid_generate_random(raw);
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t milliseconds = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    for (int i = TIME_OCTETS - 1; i >= 0; i--) {
        raw[i] = (unsigned char)(milliseconds & 0xff);
        milliseconds >>= 8;
    }
    raw[VERSION_OCTET] = (unsigned char)((raw[VERSION_OCTET] & 0x0f) | VERSION);
    raw[VARIANT_OCTET] = (unsigned char)((raw[VARIANT_OCTET] & 0x3f) | VARIANT);
    uuid_unparse_lower(raw, id);
}

guint id_hash(gconstpointer id)
{
    const char *text = id;
    size_t length = strlen(text);
    uint64_t last = 0;
    memcpy(&last, text + (length < sizeof last ? 0 : length - sizeof last),
           MIN(length, sizeof last));
    /* Hexadecimal digits differ in their low bits: multiplied, the upper ones depend on all. */
    return (guint)(last * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

bool id_is_valid(const char *text)
{
    uuid_t raw;
    return strlen(text) == ID_SIZE - 1 && uuid_parse(text, raw) == 0;
}
