/*
 * The rows of a Users sheet into persons, and the check of their sums against the KPIs sheet. Two
 * rows of one person stay two: adding up is for figures.
 */
#ifndef CALLMX_REPORT_USERS_H
#define CALLMX_REPORT_USERS_H

#include "report/row.h"

#include <glib.h>
#include <stdbool.h>

/* The totals of a KPIs sheet; unknown ones are REPORT_UNKNOWN. */
struct users_totals {
    const char *sheet; /* NULL: there is no KPIs sheet */
    uint32_t row;
    int64_t calls;
    int64_t inbound;
    int64_t outbound;
};

/* PERM when the message has more than LIMIT_REPORT_USERS. */
bool users_take(const struct row *row, GError **error);
void users_end_sheet(const struct row *row);

/* Takes the row of totals, the first one below the header. */
void users_take_totals(const struct row *row, struct users_totals *totals);

/* Notes where the sum over the file's users is another than its totals. */
void users_check_totals(struct report *report, struct report_file *file,
                        const struct users_totals *totals);

#endif
