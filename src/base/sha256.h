/*
 * SHA-256, by which messages, workbooks, keys and legs are known again. Every message passes
 * through it, so it is the library's that uses the processor's own instructions.
 */
#ifndef CALLMX_BASE_SHA256_H
#define CALLMX_BASE_SHA256_H

#include <stddef.h>

enum {
    SHA256_SIZE = 32,     /* octets */
    SHA256_HEX_SIZE = 65, /* 64 lower-case hex digits and the NUL */
};

void sha256_octets(const void *bytes, size_t size, unsigned char digest[SHA256_SIZE]);

void sha256_hex(const void *bytes, size_t size, char hex[SHA256_HEX_SIZE]);

/* A copy on the heap; g_free it. */
char *sha256_text(const void *bytes, size_t size);

#endif
