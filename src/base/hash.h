/*
 * A hash of text for GHashTable whose collisions a stranger cannot compute: SipHash (Aumasson and
 * Bernstein, 2012) in the form 1-3, under a key that each process draws from the system's random
 * source. For every table whose keys come from reports; g_str_hash() has no key, and a workbook
 * full of colliding names would make each look-up walk through all of them.
 */
#ifndef CALLMX_BASE_HASH_H
#define CALLMX_BASE_HASH_H

#include <glib.h>
#include <stddef.h>

/* A GHashFunc for NUL-terminated text; goes with g_str_equal(). From any thread. */
guint hash_text(gconstpointer text);

/* The same of `size` octets: of a text without its NUL it is hash_text(). */
guint hash_octets(const void *octets, size_t size);

#endif
