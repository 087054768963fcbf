/*
 * See store_link.h. Legs are found by the spans of their days, as in store_calls.c: an index in the
 * order of agencies would be paid by each leg that is ever stored.
 */
#include "db/store_link.h"

#include "base/error.h"
#include "db/store_impl.h"

bool store_leg_link_each(struct db *db, const char *agency_id, store_leg_link_fn *on_leg,
                         void *context, GError **error)
{
    /* SQLite takes CROSS JOIN as an order, and an expression keeps it from the index that begins
     * with the agency. */
    static const char sql[] =
        "SELECT e.id, e.call_date, e.provider, e.agent, e.extension, e.matched_team_member_id, "
        "e.external_call_id, e.call_started_at, e.direction, e.from_number, e.to_number, "
        "e.matched_prospect_id, e.prospect_ambiguous, e.agent_email "
        "FROM call_spans AS p CROSS JOIN call_events AS e "
        "WHERE p.agency_id = $1 AND e.id BETWEEN p.first_id AND p.last_id "
        "AND e.agency_id || '' = $1";
    AUTO(db_rows) rows = db_query(db, sql, DB_VALUES(db_text(agency_id)), error);
    if (rows == NULL)
        return false;
    enum db_step step;
    while ((step = db_step(rows, error)) == DB_ROW) {
        struct store_leg_link link = {
            .id = db_column_int(rows, 0),
            .date = store_column_date(rows, 1),
            .provider = db_column_text(rows, 2),
            .agent = db_column_text(rows, 3),
            .extension = db_column_text(rows, 4),
            .member_id = db_column_text(rows, 5),
            .external_call_id = db_column_text(rows, 6),
            .started_at = store_column_time(rows, 7),
            .direction = db_column_text(rows, 8),
            .from_number = db_column_text(rows, 9),
            .to_number = db_column_text(rows, 10),
            .prospect_id = db_column_text(rows, 11),
            .prospect_ambiguous = db_column_int(rows, 12) != 0,
            .agent_email = db_column_text(rows, 13),
        };
        if (!on_leg(context, &link))
            return true;
    }
    return step == DB_DONE;
}

bool store_leg_link_put(struct db *db, const struct store_numbers *numbers, int64_t id,
                        const char *member_id, GError **error)
{
    static const char sql[] = "UPDATE legs SET member_number = $3 "
                              "WHERE id = $2 AND agency_number = $1";
    int64_t member;
    return store_numbers_member(numbers, member_id, &member, error) &&
           db_run(db, sql, DB_VALUES(db_int(numbers->agency), db_int(id), db_count(member)), NULL,
                  error);
}

bool store_leg_link_put_prospect(struct db *db, const char *agency_id, int64_t id,
                                 const char *prospect_id, bool is_ambiguous, GError **error)
{
    static const char sql[] = "UPDATE legs SET matched_prospect_id = $3, "
                              "prospect_ambiguous = $4 WHERE id = $2 AND " STORE_LEG_OF_AGENCY;
    return db_run(db, sql,
                  DB_VALUES(db_text(agency_id), db_int(id), db_text(prospect_id),
                            db_count(is_ambiguous ? 1 : -1)),
                  NULL, error);
}

bool store_user_link_each(struct db *db, const char *agency_id, store_user_link_fn *on_user,
                          void *context, GError **error)
{
    static const char sql[] = "SELECT serial, date, name, extension, email, matched_team_member_id "
                              "FROM user_reports WHERE agency_id = $1";
    AUTO(db_rows) rows = db_query(db, sql, DB_VALUES(db_text(agency_id)), error);
    if (rows == NULL)
        return false;
    enum db_step step;
    while ((step = db_step(rows, error)) == DB_ROW) {
        struct store_user_link link = {
            .serial = db_column_int(rows, 0),
            .date = store_column_date(rows, 1),
            .name = db_column_text(rows, 2),
            .extension = db_column_text(rows, 3),
            .email = db_column_text(rows, 4),
            .member_id = db_column_text(rows, 5),
        };
        if (!on_user(context, &link))
            return true;
    }
    return step == DB_DONE;
}

bool store_user_link_put(struct db *db, const char *agency_id, int64_t serial,
                         const char *member_id, GError **error)
{
    static const char sql[] = "UPDATE user_reports SET matched_team_member_id = $3 "
                              "WHERE serial = $2 AND agency_id = $1";
    return db_run(db, sql, DB_VALUES(db_text(agency_id), db_int(serial), db_text(member_id)), NULL,
                  error);
}

static void read_date(struct db_rows *rows, void *item)
{
    *(int32_t *)item = store_column_date(rows, 0);
}

GArray *store_dates(struct db *db, const char *agency_id, GError **error)
{
    static const char sql[] =
        "SELECT date FROM call_spans WHERE agency_id = $1 "
        "UNION SELECT date FROM report_days WHERE agency_id = $1 "
        "UNION SELECT date FROM user_reports WHERE agency_id = $1 AND date IS NOT NULL "
        "UNION SELECT date FROM agency_metrics_daily WHERE agency_id = $1 "
        "UNION SELECT date FROM call_metrics_daily WHERE agency_id = $1 ORDER BY date";
    g_autoptr(GArray) dates = g_array_new(FALSE, FALSE, sizeof(int32_t));
    bool ok = store_all(db, sql, DB_VALUES(db_text(agency_id)), read_date, dates, error);
    return ok ? g_steal_pointer(&dates) : NULL;
}

/* --- What a file has told --- */

void store_file_leg_clear(struct store_file_leg *leg)
{
    g_free(leg->provider);
    g_free(leg->external_call_id);
    g_free(leg->leg);
}

static void clear_file_leg(void *data)
{
    store_file_leg_clear(data);
}

static void read_file_leg(struct db_rows *rows, void *item)
{
    struct store_file_leg *leg = item;
    leg->id = db_column_int(rows, 0);
    leg->date = store_column_date(rows, 1);
    leg->provider = store_column_copy(rows, 2);
    leg->external_call_id = store_column_copy(rows, 3);
    leg->leg = store_column_copy(rows, 4);
}

GArray *store_file_leg_list(struct db *db, const char *agency_id, const char *file_id,
                            GError **error)
{
    static const char sql[] =
        "SELECT DISTINCT e.id, e.call_date, e.provider, e.external_call_id, e.leg "
        "FROM call_spans AS p CROSS JOIN call_events AS e "
        "WHERE p.agency_id = $1 AND e.id BETWEEN p.first_id AND p.last_id "
        "AND e.agency_id || '' = $1 AND e.source_id IN "
        "(SELECT id FROM call_sources WHERE agency_id = $1 AND file_id = $2)";
    g_autoptr(GArray) legs = g_array_new(FALSE, FALSE, sizeof(struct store_file_leg));
    g_array_set_clear_func(legs, clear_file_leg);
    bool ok = store_all(db, sql, DB_VALUES(db_text(agency_id), db_text(file_id)), read_file_leg,
                        legs, error);
    return ok ? g_steal_pointer(&legs) : NULL;
}

bool store_file_leg_drop(struct db *db, const char *agency_id, const struct store_file_leg *leg,
                         GError **error)
{
    static const char drop[] = "DELETE FROM legs WHERE id = $2 AND " STORE_LEG_OF_AGENCY;
    static const char timeline[] =
        "DELETE FROM contact_activities WHERE agency_id = $1 AND provider = $2 "
        "AND external_call_id = $3 AND NOT EXISTS (SELECT 1 FROM call_events e "
        "WHERE e.agency_id = $1 AND e.provider = $2 AND e.external_call_id = $3 "
        "AND e.matched_prospect_id = contact_activities.contact_id)";
    return db_run(db, drop, DB_VALUES(db_text(agency_id), db_int(leg->id)), NULL, error) &&
           db_run(db, timeline,
                  DB_VALUES(db_text(agency_id), db_text(leg->provider),
                            db_text(leg->external_call_id)),
                  NULL, error);
}

bool store_file_source(struct db *db, const char *agency_id, const char *file_id, const char *sheet,
                       int64_t *id, GError **error)
{
    static const char sql[] = "SELECT id FROM call_sources WHERE agency_id = $1 AND file_id = $2 "
                              "AND sheet = $3 ORDER BY id LIMIT 1";
    bool found;
    *id = 0;
    return store_one(db, sql, DB_VALUES(db_text(agency_id), db_text(file_id), db_text(sheet)),
                     store_read_int, id, &found, error);
}
