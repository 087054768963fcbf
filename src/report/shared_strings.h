/*
 * The shared strings of a workbook (ECMA-376-1, 18.4): all texts once, cells point at them by
 * number. Also the one escape that all texts of a workbook may hold.
 */
#ifndef CALLMX_REPORT_SHARED_STRINGS_H
#define CALLMX_REPORT_SHARED_STRINGS_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct shared_strings;

/* Reads the XML of the part; the bytes are not needed afterwards. `by_scan` false: by expat alone,
 * which gives the same and is slower. NULL on error. */
struct shared_strings *shared_strings_read(const void *bytes, size_t size, bool by_scan,
                                           GError **error);
void shared_strings_free(struct shared_strings *strings);
AUTO_DEFINE(shared_strings, shared_strings_free)

/* NULL is fine: a workbook without them has 0. */
size_t shared_strings_count(const struct shared_strings *strings);
/* `index` below the count. NUL-terminated, borrowed. At most 4 × LIMIT_CELL_TEXT bytes long. */
const char *shared_strings_at(const struct shared_strings *strings, size_t index, size_t *length);

/* The block in which all the texts lie, for who needs them longer. Unref it; NULL if there are no
 * strings. */
GBytes *shared_strings_block(const struct shared_strings *strings);

/* Appends text to a cell's text which began at `start`, cut between two characters at
 * 4 × LIMIT_CELL_TEXT bytes. */
void shared_strings_append(GString *string, size_t start, const char *text, size_t length);

/* Decodes _xHHHH_ (ECMA-376-1, 22.9.2.19) in place; returns the new length. NUL and halves of
 * surrogate pairs are dropped. */
size_t shared_strings_unescape(char *text, size_t length);

#endif
