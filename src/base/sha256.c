/*
 * The one-shot functions of OpenSSL 3 look their algorithm up at each call, which costs more than a
 * short text itself; these do not, and need no configuration to be read, which a parser process
 * could not do. They are old, not wrong: hence the compatibility level.
 */
#define OPENSSL_API_COMPAT 0x10100000L

#include "base/sha256.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <string.h>

void sha256_octets(const void *bytes, size_t size, unsigned char digest[SHA256_SIZE])
{
    SHA256_CTX state;
    SHA256_Init(&state);
    SHA256_Update(&state, bytes, size);
    SHA256_Final(digest, &state);
}

static void write_digits(const unsigned char digest[SHA256_SIZE], size_t count, char *hex)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++)
        hex[i] = digits[i % 2 == 0 ? digest[i / 2] >> 4 : digest[i / 2] & 0xf];
    hex[count] = '\0';
}

static void write_hex(const unsigned char digest[SHA256_SIZE], char hex[SHA256_HEX_SIZE])
{
    write_digits(digest, SHA256_HEX_SIZE - 1, hex);
}

void sha256_digits(const void *bytes, size_t size, size_t digits, char *hex)
{
    unsigned char digest[SHA256_SIZE];
    g_assert(digits < SHA256_HEX_SIZE);
    sha256_octets(bytes, size, digest);
    write_digits(digest, digits, hex);
}

void sha256_hex(const void *bytes, size_t size, char hex[SHA256_HEX_SIZE])
{
    sha256_digits(bytes, size, SHA256_HEX_SIZE - 1, hex);
}

struct sha256 {
    SHA256_CTX state;
};

struct sha256 *sha256_new(void)
{
    struct sha256 *state = g_new(struct sha256, 1);
    SHA256_Init(&state->state);
    return state;
}

void sha256_add(struct sha256 *state, const void *bytes, size_t size)
{
    SHA256_Update(&state->state, bytes, size);
}

void sha256_end(struct sha256 *state, char hex[SHA256_HEX_SIZE])
{
    unsigned char digest[SHA256_SIZE];
    if (state == NULL)
        return;
    SHA256_Final(digest, &state->state);
    if (hex != NULL)
        write_hex(digest, hex);
    g_free(state);
}

void sha256_hmac_hex(const char *key, const void *bytes, size_t size, char hex[SHA256_HEX_SIZE])
{
    unsigned char digest[SHA256_SIZE];
    unsigned length = sizeof digest;
    HMAC(EVP_sha256(), key, (int)strlen(key), bytes, size, digest, &length);
    write_hex(digest, hex);
}

bool sha256_is_equal(const void *a, const void *b, size_t size)
{
    return CRYPTO_memcmp(a, b, size) == 0;
}

char *sha256_text(const void *bytes, size_t size)
{
    char *hex = g_malloc(SHA256_HEX_SIZE);
    sha256_hex(bytes, size, hex);
    return hex;
}
