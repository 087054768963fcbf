/* Sales as imported, the targets of the rings, and the rings of a day. */
#ifndef CALLMX_DB_STORE_SALES_H
#define CALLMX_DB_STORE_SALES_H

#include "db/driver.h"

enum { TARGET_CALLS = 100, TARGET_TALK_MINUTES = 180, TARGET_ITEMS = 2 }; /* if none is set */

/* What a member sold on a day; -1: not told. */
struct store_sale {
    const char *member_id;
    int32_t date;
    int64_t items, policies, premium_cents;
};

/* Takes the place of what is stored of that member and day. */
bool store_sale_put(struct db *db, const char *agency_id, const struct store_sale *sale,
                    bool *added, bool *changed, GError **error);

/* -1: not set. */
struct store_target {
    int64_t outbound_calls, talk_minutes, sold_items;
};

/* Of a member, or of the agency (NULL). What is -1 stays as it was. */
bool store_target_put(struct db *db, const char *agency_id, const char *member_id,
                      const struct store_target *target, GError **error);
/* *dropped: there was one. */
bool store_target_drop(struct db *db, const char *agency_id, const char *member_id, bool *dropped,
                       GError **error);

/* A row of metrics_daily with what it is measured against: the member's target, else the agency's,
 * else the default. Unknown figures are -1. */
struct store_ring {
    char *member_id, *name;
    int64_t outbound_calls, talk_minutes;
    int64_t sold_items, sold_policies, sold_premium_cents;
    struct store_target target;
};

/* Active members and others with figures, by name: a new array of struct store_ring. */
GArray *store_ring_list(struct db *db, const char *agency_id, int32_t date, GError **error);

#endif
