/*
 * Whether the days of an agency are reported: what is there, what is expected, what is overdue.
 *
 * The report of a day is due on the day after, at the time that the agency was told with `agency
 * expect`, on the wall of its zone. A day is full if one report covers all of it; two that cover a
 * half each are none that does, and the figures know no more of it either.
 */
#ifndef CALLMX_INGEST_COVERAGE_H
#define CALLMX_INGEST_COVERAGE_H

#include "db/store_agency.h"
#include "figures/day.h"

enum coverage_state {
    COVERAGE_FULL,
    COVERAGE_PARTIAL,      /* up to `until`, or an unknown part of it */
    COVERAGE_MISSING,      /* expected, and the time for it has passed */
    COVERAGE_DUE,          /* expected, and there is still time */
    COVERAGE_NOT_EXPECTED, /* and there is nothing of it */
};

/* "full", "partial", "missing", "due", "not-expected" */
const char *coverage_state_name(enum coverage_state state);

struct coverage_day {
    int32_t date;
    enum coverage_state state;
    int64_t until;   /* utc; -1: nothing, or unknown */
    int64_t due;     /* utc: when the report is due; -1: it is not expected */
    bool is_overdue; /* expected, its time has passed, and it is not full */
    char *sources;   /* "calls+users"; NULL: none */
};

/* Days of the week as people write them: "mon-fri", "mon,wed,fri", "all", "none"; bits, Monday
 * is 1. And back: "mon,tue", g_free it. */
bool coverage_days_parse(const char *text, unsigned *days);
char *coverage_days_text(unsigned days);

/* "09:00" or "9:00": minutes since midnight. The time that holds if none is said. */
bool coverage_clock_parse(const char *text, int *minute);
enum { COVERAGE_DEFAULT_DUE = 9 * 60 };

/* "mon" */
const char *coverage_weekday(int32_t date);

/* The days from first to last: a new array of struct coverage_day. NULL on error. */
GArray *coverage_list(struct db *db, const struct store_agency *agency, const struct day_zone *zone,
                      int32_t first, int32_t last, int64_t now, GError **error);

/* The overdue days of an agency since it expects reports, of at most LIMIT_REPORT_DAYS. */
GArray *coverage_overdue(struct db *db, const struct store_agency *agency,
                         const struct day_zone *zone, int64_t now, GError **error);

/* Calls `on_day` for each day of any agency that is overdue, once and never again: it is noted in
 * the database. In the transaction that is open. */
typedef void coverage_overdue_fn(void *context, const struct store_agency *agency,
                                 const struct coverage_day *day);
bool coverage_tell_overdue(struct db *db, int64_t now, coverage_overdue_fn *on_day, void *context,
                           GError **error);

#endif
