/*
 * A set of SHA-256 digests, of which it keeps the first half: 128 bits are enough that no two rows
 * of a report are taken for one, whoever made them. For calls.c.
 */
#ifndef CALLMX_REPORT_DIGEST_SET_H
#define CALLMX_REPORT_DIGEST_SET_H

#include "base/sha256.h"

#include <stdbool.h>

struct digest_set;

struct digest_set *digest_set_new(void);
void digest_set_free(struct digest_set *set);

/* False if it was there already. */
bool digest_set_add(struct digest_set *set, const unsigned char digest[SHA256_SIZE]);

#endif
