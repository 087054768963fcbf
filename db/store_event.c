/*
 * See store_event.h. A report writes the legs of a day in one stretch, and the day knows the
 * stretch; events come one by one, so each makes the last stretch of its day longer where it
 * follows it, as it does while nothing else is stored. A call that is told again stays in its row,
 * which may lie anywhere in its day.
 */
#include "db/store_event.h"

#include "db/store_impl.h"

#include <string.h>

void store_event_clear(struct store_event *event)
{
    g_free(event->leg);
    g_free(event->direction);
    g_free(event->result);
    g_free(event->agent);
    g_free(event->member_id);
    g_free(event->prospect_id);
    g_free(event->raw_payload);
    *event = (struct store_event){.id = -1};
}

static void read_event(struct db_rows *rows, void *item)
{
    *(struct store_event *)item = (struct store_event){
        .id = db_column_int(rows, 0),
        .leg = store_column_copy(rows, 1),
        .call_date = store_column_date(rows, 2),
        .call_started_at = store_column_time(rows, 3),
        .start_estimated = db_column_int(rows, 4) != 0,
        .direction = store_column_copy(rows, 5),
        .result = store_column_copy(rows, 6),
        .agent = store_column_copy(rows, 7),
        .member_id = store_column_copy(rows, 8),
        .prospect_id = store_column_copy(rows, 9),
        .talk_seconds = db_column_count(rows, 10),
        .raw_payload = store_column_copy(rows, 11),
    };
}

bool store_event_find(struct db *db, const char *agency_id, const char *provider,
                      const char *external_call_id, struct store_event *event, GError **error)
{
    static const char sql[] =
        "SELECT id, leg, call_date, call_started_at, start_estimated, direction, result, agent, "
        "matched_team_member_id, matched_prospect_id, talk_seconds, raw_payload "
        "FROM call_events WHERE agency_id = $1 AND provider = $2 AND external_call_id = $3";
    bool found;
    *event = (struct store_event){.id = -1};
    return store_one(db, sql,
                     DB_VALUES(db_text(agency_id), db_text(provider), db_text(external_call_id)),
                     read_event, event, &found, error);
}

/* The day holds this row: the stretch that begins last before it does, or is made longer, or it
 * gets one of its own. Two that overlap do no harm. */
static bool reach(struct db *db, const char *agency_id, int32_t call_date, int64_t id,
                  GError **error)
{
    static const char extend[] =
        "UPDATE call_spans SET last_id = CASE WHEN last_id < $3 THEN $3 ELSE last_id END "
        "WHERE agency_id = $1 AND date = $2 AND first_id = (SELECT MAX(first_id) FROM call_spans "
        "WHERE agency_id = $1 AND date = $2 AND first_id <= $3) AND last_id >= $3 - 1";
    static const char begin[] = "INSERT INTO call_spans (agency_id, date, first_id, last_id) "
                                "VALUES ($1, $2, $3, $3) ON CONFLICT DO NOTHING";
    struct store_text date;
    int64_t changed = 0;
    struct db_value values[] = {db_text(agency_id), store_date(&date, call_date), db_int(id)};
    return db_run(db, extend, values, G_N_ELEMENTS(values), &changed, error) &&
           (changed > 0 || db_run(db, begin, values, G_N_ELEMENTS(values), NULL, error));
}

bool store_event_put(struct db *db, const struct store_numbers *numbers, int64_t id,
                     const struct store_leg *leg, GError **error)
{
    static const char last[] = "SELECT MAX(id) FROM legs";
    static const char sql[] =
        "INSERT INTO legs (id, agency_number, provider, external_call_id, leg, call_date, "
        "direction, call_type, from_number, from_name, to_number, to_name, call_started_at, "
        "start_estimated, duration_seconds, talk_seconds, result, agent, extension, agent_email, "
        "member_number, matched_prospect_id, prospect_ambiguous, raw_payload) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, "
        "$19, $20, $21, $22, $23, $24) "
        "ON CONFLICT (agency_number, provider, external_call_id, leg) DO UPDATE SET "
        "call_date = excluded.call_date, direction = excluded.direction, "
        "call_type = excluded.call_type, from_number = excluded.from_number, "
        "from_name = excluded.from_name, to_number = excluded.to_number, "
        "to_name = excluded.to_name, call_started_at = excluded.call_started_at, "
        "start_estimated = excluded.start_estimated, "
        "duration_seconds = excluded.duration_seconds, talk_seconds = excluded.talk_seconds, "
        "result = excluded.result, agent = excluded.agent, extension = excluded.extension, "
        "agent_email = excluded.agent_email, "
        "member_number = excluded.member_number, "
        "matched_prospect_id = excluded.matched_prospect_id, "
        "prospect_ambiguous = excluded.prospect_ambiguous, raw_payload = excluded.raw_payload";
    bool found;
    struct store_text date, started;
    int64_t member;
    if (!store_numbers_member(numbers, leg->matched_team_member_id, &member, error))
        return false;
    if (id < 0) {
        if (!store_one(db, last, DB_NO_VALUES, store_read_int, &id, &found, error))
            return false;
        id++;
    }
    return db_run(db, sql,
                  DB_VALUES(db_int(id), db_int(numbers->agency), db_text(leg->provider),
                            db_text(leg->external_call_id), db_text(leg->leg),
                            store_date(&date, leg->call_date), db_text(leg->direction),
                            db_text(leg->call_type), db_text(leg->from_number),
                            db_text(leg->from_name), db_text(leg->to_number), db_text(leg->to_name),
                            store_time(&started, leg->call_started_at),
                            db_int(leg->start_estimated ? 1 : 0), db_count(leg->duration_seconds),
                            db_count(leg->talk_seconds), db_text(leg->result), db_text(leg->agent),
                            db_text(leg->extension), db_text(leg->agent_email), db_count(member),
                            db_text(leg->matched_prospect_id),
                            db_count(leg->prospect_ambiguous ? 1 : -1), db_text(leg->raw_payload)),
                  NULL, error) &&
           reach(db, numbers->agency_id, leg->call_date, id, error);
}
