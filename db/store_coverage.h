/* What is covered of the days, and what is expected of them. */
#ifndef CALLMX_DB_STORE_COVERAGE_H
#define CALLMX_DB_STORE_COVERAGE_H

#include "db/driver.h"

/* What one source covers of a day, by the report of it that covers most. */
struct store_covered {
    int32_t date;
    char *source;    /* calls, calls-records, call-log, users */
    int64_t seconds; /* 0: the range is unknown */
    int64_t until;   /* utc, or -1 */
};

/* Of the days from first to last: a new array of struct store_covered, by date and source. */
GArray *store_covered_list(struct db *db, const char *agency_id, int32_t first, int32_t last,
                           GError **error);

/* Days of the week on which there are calls, and until when their report is due on the day after.
 */
struct store_expectation {
    unsigned days;  /* bits: Monday is 1, Sunday 64; 0: nothing is expected */
    int due_minute; /* of the agency's day after */
    int32_t since;  /* the first date that is expected */
};

/* Whether any agency expects anything. */
bool store_expectation_any(struct db *db, bool *any, GError **error);

/* Zero if nothing is expected. */
bool store_expectation_find(struct db *db, const char *agency_id,
                            struct store_expectation *expectation, GError **error);
/* `days` 0 forgets it. */
bool store_expectation_put(struct db *db, const char *agency_id,
                           const struct store_expectation *expectation, GError **error);

/* Notes that it was said that the report of a day is overdue; *is_new: it had not been said. */
bool store_overdue_note(struct db *db, const char *agency_id, int32_t date, bool *is_new,
                        GError **error);

#endif
