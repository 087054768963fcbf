/* See store_coverage.h. */
#include "db/store_coverage.h"

#include "db/store_impl.h"

static void clear_covered(void *data)
{
    g_free(((struct store_covered *)data)->source);
}

static void read_covered(struct db_rows *rows, void *item)
{
    struct store_covered *covered = item;
    covered->date = store_column_date(rows, 0);
    covered->source = store_column_copy(rows, 1);
    covered->seconds = db_column_int(rows, 2);
    covered->until = store_column_time(rows, 3);
}

GArray *store_covered_list(struct db *db, const char *agency_id, int32_t first, int32_t last,
                           GError **error)
{
    static const char sql[] =
        "SELECT date, source, covered_seconds, MAX(covered_until) FROM report_days AS d "
        "WHERE agency_id = $1 AND date BETWEEN $2 AND $3 AND covered_seconds = "
        "(SELECT MAX(b.covered_seconds) FROM report_days AS b WHERE b.agency_id = d.agency_id "
        "AND b.date = d.date AND b.source = d.source) "
        "GROUP BY date, source, covered_seconds ORDER BY date, source";
    struct store_text from, to;
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(struct store_covered));
    g_array_set_clear_func(list, clear_covered);
    bool ok = store_all(
        db, sql, DB_VALUES(db_text(agency_id), store_date(&from, first), store_date(&to, last)),
        read_covered, list, error);
    return ok ? g_steal_pointer(&list) : NULL;
}

static void read_nothing(struct db_rows *rows, void *item)
{
    (void)rows;
    (void)item;
}

bool store_expectation_any(struct db *db, bool *any, GError **error)
{
    static const char sql[] = "SELECT 1 FROM expectations LIMIT 1";
    return store_one(db, sql, DB_NO_VALUES, read_nothing, NULL, any, error);
}

static void read_expectation(struct db_rows *rows, void *item)
{
    struct store_expectation *expectation = item;
    expectation->days = (unsigned)db_column_int(rows, 0);
    expectation->due_minute = (int)db_column_int(rows, 1);
    expectation->since = store_column_date(rows, 2);
}

bool store_expectation_find(struct db *db, const char *agency_id,
                            struct store_expectation *expectation, GError **error)
{
    static const char sql[] =
        "SELECT days, due_minute, since FROM expectations WHERE agency_id = $1";
    bool found;
    *expectation = (struct store_expectation){0};
    return store_one(db, sql, DB_VALUES(db_text(agency_id)), read_expectation, expectation, &found,
                     error);
}

bool store_expectation_put(struct db *db, const char *agency_id,
                           const struct store_expectation *expectation, GError **error)
{
    static const char forget[] = "DELETE FROM expectations WHERE agency_id = $1";
    static const char put[] =
        "INSERT INTO expectations (agency_id, days, due_minute, since) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (agency_id) DO UPDATE SET days = excluded.days, "
        "due_minute = excluded.due_minute, since = excluded.since";
    struct store_text since;
    if (expectation->days == 0)
        return db_run(db, forget, DB_VALUES(db_text(agency_id)), NULL, error);
    return db_run(db, put,
                  DB_VALUES(db_text(agency_id), db_int(expectation->days),
                            db_int(expectation->due_minute),
                            store_date(&since, expectation->since)),
                  NULL, error);
}

bool store_overdue_note(struct db *db, const char *agency_id, int32_t date, bool *is_new,
                        GError **error)
{
    static const char sql[] = "INSERT INTO overdue_notices (agency_id, date) VALUES ($1, $2) "
                              "ON CONFLICT (agency_id, date) DO NOTHING";
    struct store_text day;
    int64_t added = 0;
    bool ok = db_run(db, sql, DB_VALUES(db_text(agency_id), store_date(&day, date)), &added, error);
    *is_new = added > 0;
    return ok;
}
