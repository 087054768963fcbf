/*
 * Ids are UUIDs of version 7 (RFC 9562, 5.7) as lower-case text: the time to the millisecond, then
 * 74 random bits. What was made later sorts later, so that an index over ids grows at its end
 * instead of touching a page of its own for each of them. The only user of libuuid.
 */
#ifndef CALLMX_BASE_ID_H
#define CALLMX_BASE_ID_H

#include <glib.h>
#include <stdbool.h>

enum { ID_SIZE = 37 }; /* 36 characters and the NUL */

/* Writes a new id, from the clock and the system's random source. */
void id_new(char id[ID_SIZE]);

/* Whether text has the form of an id, in either case. */
bool id_is_valid(const char *text);

/* A GHashFunc for ids, goes with g_str_equal(): their last characters are random already. Of any
 * other text it is a poor hash, so never for what a stranger can choose. */
guint id_hash(gconstpointer id);

#endif
