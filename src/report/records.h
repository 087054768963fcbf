/*
 * What stands above the header of a Calls_Records sheet (Business Analytics): lines of a label and
 * a value, `Widget Name`, `Start Date`, `End Date`, `TimeZone`, filters. They tell what Filters and
 * the property Timezone tell in other workbooks. The rows below the header are legs: calls.h.
 */
#ifndef CALLMX_REPORT_RECORDS_H
#define CALLMX_REPORT_RECORDS_H

#include "report/row.h"

#include <glib.h>
#include <stdbool.h>

/* All zeros to begin with. */
struct records_head {
    char *start, *end, *timezone; /* the values as they stand there; NULL: none */
};

void records_head_clear(struct records_head *head);

/* Takes a row of a sheet whose header has not been seen. */
void records_take_above(struct records_head *head, const struct cell *cells, size_t count);

/* At the header: the file's from, to and timezone, or notes why they are not known. An end that is
 * a date alone is the end of that day. PERM when the range is longer than LIMIT_REPORT_DAYS. */
bool records_take_head(const struct records_head *head, const struct row *row, GError **error);

#endif
