/*
 * What the sessions of a day add up to, as figures/totals.h keeps it, so that a report is added to
 * its day without all calls of the day being read again.
 */
#ifndef CALLMX_DB_STORE_TOTALS_H
#define CALLMX_DB_STORE_TOTALS_H

#include "db/driver.h"
#include "figures/totals.h"

/* Adds what is stored of a day's sessions of one provider (struct store_leg's) to `totals`. *found
 * tells whether there is anything: where there is not, calls of that day may be stored all the
 * same, and have to be counted. */
bool store_totals_find(struct db *db, const char *agency_id, int32_t date, const char *provider,
                       struct day_totals *totals, bool *found, GError **error);

/* Replaces what is stored of a day. */
bool store_totals_put(struct db *db, const char *agency_id, int32_t date, const char *provider,
                      const struct day_totals *totals, GError **error);

/* Forgets the sums of a day, of all providers: they are counted again when they are next wanted. */
bool store_totals_drop(struct db *db, const char *agency_id, int32_t date, GError **error);

#endif
