/*
 * One day of an agency while something happens to it: what its sessions of one series add up to,
 * and the figures that were stored for it last.
 */
#ifndef CALLMX_INGEST_AGENCY_DAY_H
#define CALLMX_INGEST_AGENCY_DAY_H

#include "db/driver.h"
#include "figures/daily.h"

#include <glib.h>

struct agency_day {
    int32_t date;
    enum report_series series;
    bool is_touched;          /* since its figures were stored */
    bool must_count;          /* its sums are not stored: all its calls have to be counted */
    struct day_totals totals; /* with all that was added since */
    bool has_result; /* the figures are of this series alone, and nobody else stored any since */
    struct daily_result result; /* as stored; ids of members are borrowed from the members' list */
};

/* Reads what the day adds up to now. NULL and an error. */
struct agency_day *agency_day_new(struct db *db, const char *agency_id, int32_t date,
                                  enum report_series series, GError **error);
void agency_day_free(struct agency_day *day);

/* Adds what a message changed. */
void agency_day_add(struct agency_day *day, const struct day_totals *fresh);

/* Counts the sums from the calls where they are not kept. */
bool agency_day_count(struct agency_day *day, struct db *db, const char *agency_id, GError **error);

/* Stores the sums, counted from the calls where they have to be. */
bool agency_day_store(struct agency_day *day, struct db *db, const char *agency_id, GError **error);

/* After the sums of all series of that day are stored: computes the figures from what is stored
 * now, by the series that counts, and stores them. `members`: array of struct store_member, of all
 * members; it must outlive the day. */
bool agency_day_finish(struct agency_day *day, struct db *db, const char *agency_id,
                       const GArray *members, GError **error);

/* The figures of a day from its calls and Users rows alone, without the sums that are kept. Clear
 * the result; ids in it are borrowed from `members`. */
bool agency_day_recount(struct db *db, const char *agency_id, int32_t date, const GArray *members,
                        struct daily_result *result, GError **error);

/* What each source says of the members on that day, by the sums that the day holds: array of struct
 * daily_pair, whose ids are borrowed from `members`. NULL on error. */
GArray *agency_day_pairs(const struct agency_day *day, struct db *db, const char *agency_id,
                         const GArray *members, GError **error);

/* Which series of calls counts on a day. */
bool agency_day_choose(struct db *db, const char *agency_id, int32_t date,
                       enum report_series *series, GError **error);

#endif
