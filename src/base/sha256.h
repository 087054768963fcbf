/*
 * SHA-256, by which messages, workbooks, keys and legs are known again. Every message passes
 * through it, so it is the library's that uses the processor's own instructions.
 */
#ifndef CALLMX_BASE_SHA256_H
#define CALLMX_BASE_SHA256_H

#include <stdbool.h>
#include <stddef.h>

enum {
    SHA256_SIZE = 32,     /* octets */
    SHA256_HEX_SIZE = 65, /* 64 lower-case hex digits and the NUL */
};

void sha256_octets(const void *bytes, size_t size, unsigned char digest[SHA256_SIZE]);

/* The first `digits` hex digits of the digest, at most 64, and a NUL. */
void sha256_digits(const void *bytes, size_t size, size_t digits, char *hex);

void sha256_hex(const void *bytes, size_t size, char hex[SHA256_HEX_SIZE]);

/* The same of octets that come piece by piece. */
struct sha256;
struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *state, const void *bytes, size_t size);
/* Frees the state (NULL is fine); `hex` NULL: nobody wants to know. */
void sha256_end(struct sha256 *state, char hex[SHA256_HEX_SIZE]);

/* HMAC-SHA-256 (RFC 2104) of the octets, with the key that is text. */
void sha256_hmac_hex(const char *key, const void *bytes, size_t size, char hex[SHA256_HEX_SIZE]);

/* Compares in a time that tells nothing about where the two differ. */
bool sha256_is_equal(const void *a, const void *b, size_t size);

/* A copy on the heap; g_free it. */
char *sha256_text(const void *bytes, size_t size);

#endif
