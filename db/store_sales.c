/* See store_sales.h. */
#include "db/store_sales.h"

#include "db/store_impl.h"

struct stored {
    int64_t items, policies, premium_cents;
};

static void read_sale(struct db_rows *rows, void *item)
{
    struct stored *sale = item;
    sale->items = db_column_count(rows, 0);
    sale->policies = db_column_count(rows, 1);
    sale->premium_cents = db_column_count(rows, 2);
}

bool store_sale_put(struct db *db, const char *agency_id, const struct store_sale *sale,
                    bool *added, bool *changed, GError **error)
{
    static const char find[] = "SELECT items, policies, premium_cents FROM sales "
                               "WHERE agency_id = $1 AND sale_date = $2 AND team_member_id = $3";
    static const char put[] =
        "INSERT INTO sales (agency_id, sale_date, team_member_id, items, policies, premium_cents) "
        "VALUES ($1, $2, $3, $4, $5, $6) "
        "ON CONFLICT (agency_id, sale_date, team_member_id) DO UPDATE SET items = excluded.items, "
        "policies = excluded.policies, premium_cents = excluded.premium_cents";
    struct store_text date;
    struct stored stored;
    bool found = false;
    if (!store_one(
            db, find,
            DB_VALUES(db_text(agency_id), store_date(&date, sale->date), db_text(sale->member_id)),
            read_sale, &stored, &found, error))
        return false;
    *added = !found;
    *changed = !found || stored.items != sale->items || stored.policies != sale->policies ||
               stored.premium_cents != sale->premium_cents;
    return !*changed || db_run(db, put,
                               DB_VALUES(db_text(agency_id), db_text(date.text),
                                         db_text(sale->member_id), db_count(sale->items),
                                         db_count(sale->policies), db_count(sale->premium_cents)),
                               NULL, error);
}

bool store_target_put(struct db *db, const char *agency_id, const char *member_id,
                      const struct store_target *target, GError **error)
{
    static const char sql[] =
        "INSERT INTO targets (agency_id, team_member_id, outbound_calls, talk_minutes, sold_items) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (agency_id, team_member_id) DO UPDATE SET "
        "outbound_calls = COALESCE(excluded.outbound_calls, targets.outbound_calls), "
        "talk_minutes = COALESCE(excluded.talk_minutes, targets.talk_minutes), "
        "sold_items = COALESCE(excluded.sold_items, targets.sold_items)";
    return db_run(db, sql,
                  DB_VALUES(db_text(agency_id), db_text(member_id != NULL ? member_id : ""),
                            db_count(target->outbound_calls), db_count(target->talk_minutes),
                            db_count(target->sold_items)),
                  NULL, error);
}

bool store_target_drop(struct db *db, const char *agency_id, const char *member_id, bool *dropped,
                       GError **error)
{
    static const char sql[] = "DELETE FROM targets WHERE agency_id = $1 AND team_member_id = $2";
    int64_t changed = 0;
    bool ok =
        db_run(db, sql, DB_VALUES(db_text(agency_id), db_text(member_id != NULL ? member_id : "")),
               &changed, error);
    *dropped = changed > 0;
    return ok;
}

static void clear_ring(void *data)
{
    struct store_ring *ring = data;
    g_free(ring->member_id);
    g_free(ring->name);
}

static void read_ring(struct db_rows *rows, void *item)
{
    struct store_ring *ring = item;
    ring->member_id = store_column_copy(rows, 0);
    ring->name = store_column_copy(rows, 1);
    ring->outbound_calls = db_column_count(rows, 2);
    ring->talk_minutes = db_column_count(rows, 3);
    ring->sold_items = db_column_count(rows, 4);
    ring->sold_policies = db_column_count(rows, 5);
    ring->sold_premium_cents = db_column_count(rows, 6);
    ring->target = (struct store_target){
        .outbound_calls = db_column_count(rows, 7),
        .talk_minutes = db_column_count(rows, 8),
        .sold_items = db_column_count(rows, 9),
    };
}

GArray *store_ring_list(struct db *db, const char *agency_id, int32_t date, GError **error)
{
    static const char sql[] =
        "SELECT m.id, m.name, d.outbound_calls, d.talk_minutes, d.sold_items, d.sold_policies, "
        "d.sold_premium_cents, COALESCE(t.outbound_calls, a.outbound_calls, $3), "
        "COALESCE(t.talk_minutes, a.talk_minutes, $4), COALESCE(t.sold_items, a.sold_items, $5) "
        "FROM team_members m LEFT JOIN metrics_daily d "
        "ON d.agency_id = m.agency_id AND d.team_member_id = m.id AND d.date = $2 "
        "LEFT JOIN targets t ON t.agency_id = m.agency_id AND t.team_member_id = m.id "
        "LEFT JOIN targets a ON a.agency_id = m.agency_id AND a.team_member_id = '' "
        "WHERE m.agency_id = $1 AND (m.status = 'active' OR d.date IS NOT NULL) "
        "ORDER BY lower(m.name), m.name, m.id";
    struct store_text day;
    g_autoptr(GArray) rings = g_array_new(FALSE, FALSE, sizeof(struct store_ring));
    g_array_set_clear_func(rings, clear_ring);
    bool ok = store_all(db, sql,
                        DB_VALUES(db_text(agency_id), store_date(&day, date), db_int(TARGET_CALLS),
                                  db_int(TARGET_TALK_MINUTES), db_int(TARGET_ITEMS)),
                        read_ring, rings, error);
    return ok ? g_steal_pointer(&rings) : NULL;
}
