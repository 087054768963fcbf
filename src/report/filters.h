/*
 * The Filters sheet: From Time and To Time, the range that the report covers. Its other columns
 * (sites, people, lengths in one form or another) are not read.
 */
#ifndef CALLMX_REPORT_FILTERS_H
#define CALLMX_REPORT_FILTERS_H

#include "report/row.h"

#include <glib.h>
#include <stdbool.h>

/* Takes the first row below the header into the file's from and to: both, or none with a note.
 * PERM when the range is longer than LIMIT_REPORT_DAYS. */
bool filters_take(const struct row *row, GError **error);

/* The same for a range that stands elsewhere: civil times, of which the later one may be before the
 * earlier one. */
bool filters_set_range(const struct row *row, int64_t from, int64_t to, GError **error);

#endif
