/*
 * Secrets that callmx makes: 26 characters of base32, lower case, 130 bits from the system's random
 * source. They are looked up by their SHA-256 alone, so that the time it takes tells nothing.
 */
#ifndef CALLMX_DB_STORE_SECRET_H
#define CALLMX_DB_STORE_SECRET_H

#include <glib.h>
#include <stdbool.h>

enum { STORE_SECRET_LENGTH = 26, STORE_SECRET_SIZE = STORE_SECRET_LENGTH + 1 };

/* TEMP if the system gives no random bytes. */
bool store_secret_new(char secret[STORE_SECRET_SIZE], GError **error);

/* By which it is looked up: case does not matter, as in any address. g_free it. */
char *store_secret_hash(const char *secret);

#endif
