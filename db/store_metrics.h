/* Daily figures, as computed by figures/daily.h and stored with what they were computed from. */
#ifndef CALLMX_DB_STORE_METRICS_H
#define CALLMX_DB_STORE_METRICS_H

#include "db/driver.h"
#include "figures/daily.h"

/* Replaces the figures of a day: call_metrics_daily (one row per member), agency_metrics_daily. A
 * member or an agency of basis 0 gets no row. `before` is what is known to be stored, so that only
 * what differs is written; NULL if that is not known. */
bool store_metrics_put(struct db *db, const char *agency_id, int32_t date,
                       const struct daily_result *result, const struct daily_result *before,
                       GError **error);

struct store_member_metrics {
    char *team_member_id;
    char *name;
    bool active;
    int32_t date;
    struct figures figures;
    char *basis; /* NULL: nothing is known */
    int64_t covered_until;
};

struct store_agency_metrics {
    int32_t date;
    struct figures figures;
    int64_t unmatched;
    int64_t internal;
    char *basis;
    int64_t covered_until;
    GArray *
        members; /* of struct store_member_metrics: active ones, and others with figures; by name */
};

void store_agency_metrics_clear(struct store_agency_metrics *metrics);

/* A day that nobody reported has all figures unknown. Both tables are read in one state. */
bool store_metrics_of_day(struct db *db, const char *agency_id, int32_t date,
                          struct store_agency_metrics *metrics, GError **error);

/* The last day with figures; false in *found if there is none. */
bool store_metrics_last_date(struct db *db, const char *agency_id, bool *found, int32_t *date,
                             GError **error);

#endif
