/*
 * An open table, never more than half full; what is all zeros is a free place, and a digest that is
 * all zeros has never been seen by anybody. Where a digest goes depends on a secret of the process:
 * anybody can make rows whose digests end alike.
 */
#include "report/digest_set.h"

#include "base/hash.h"

#include <glib.h>
#include <stdint.h>
#include <string.h>

enum { PLACES = 64 };

struct half {
    uint64_t first, second;
};

struct digest_set {
    struct half *places;
    size_t capacity; /* a power of two */
    size_t count;
    uint64_t secret; /* odd */
};

struct digest_set *digest_set_new(void)
{
    struct digest_set *set = g_new0(struct digest_set, 1);
    set->places = g_new0(struct half, PLACES);
    set->capacity = PLACES;
    set->secret = (uint64_t)hash_text("first half") << 32 | hash_text("second half") | 1;
    return set;
}

void digest_set_free(struct digest_set *set)
{
    g_free(set->places);
    g_free(set);
}

/* Puts it in, unless it is there. */
static bool put(struct digest_set *set, struct half half)
{
    size_t mask = set->capacity - 1;
    for (size_t i = (size_t)(half.first * set->secret >> 32) & mask;; i = (i + 1) & mask) {
        struct half *place = &set->places[i];
        if (place->first == half.first && place->second == half.second)
            return false;
        if (place->first == 0 && place->second == 0) {
            *place = half;
            return true;
        }
    }
}

static void grow(struct digest_set *set)
{
    struct half *before = set->places;
    size_t count = set->capacity;
    set->capacity *= 2;
    set->places = g_new0(struct half, set->capacity);
    for (size_t i = 0; i < count; i++)
        if (before[i].first != 0 || before[i].second != 0)
            put(set, before[i]);
    g_free(before);
}

bool digest_set_add(struct digest_set *set, const unsigned char digest[SHA256_SIZE])
{
    struct half half;
    memcpy(&half, digest, sizeof half);
    if (!put(set, half))
        return false;
    if (++set->count > set->capacity / 2)
        grow(set);
    return true;
}
