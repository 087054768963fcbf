/*
 * Calls against Users: what the two sources say of the same day, member by member. Both are kept as
 * they came; which of them a figure is from is told by its basis.
 */
#ifndef CALLMX_INGEST_RECONCILE_H
#define CALLMX_INGEST_RECONCILE_H

#include "db/driver.h"
#include "figures/daily.h"

struct reconcile_row {
    char *member_id, *name;
    struct figures users, calls; /* all unknown where the source tells nothing */
    bool is_comparable;          /* both cover the same part of the day */
    struct figures difference;   /* Users less Calls; INT64_MIN where one of them is unknown */
    bool differs;
};

/* Members of whom any source tells anything, by name: a new array of struct reconcile_row. NULL on
 * error. */
GArray *reconcile_day(struct db *db, const char *agency_id, int32_t date, GError **error);

#endif
