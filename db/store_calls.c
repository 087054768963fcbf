/*
 * Legs of calls and rows of Users reports: where the millions of rows are.
 *
 * Legs are written to the table `legs`, in which numbers stand for the agency and the member, and
 * read from the view call_events, which shows their ids. Every statement here goes by an index that
 * begins with the agency. Taking a leg costs at most one look-up per session (store_session_walk)
 * and one insert into the table and one or two indexes, however many are stored.
 */
#include "db/store_calls.h"

#include "base/error.h"
#include "db/store_impl.h"
#include "db/store_rows.h"

#include <assert.h>
#include <string.h>

/* --- Legs --- */

static void clear_known(void *data)
{
    struct store_known_leg *known = data;
    g_free(known->leg);
    g_free(known->member_id);
    g_free(known->result);
    g_free(known->direction);
    g_free(known->file_id);
}

struct store_session_walk {
    struct db *db;
    char *agency_id, *provider;
    GArray *known; /* of the session asked for last */
    /* No session from `from` on is stored before `next` (NULL: at all) but `from` itself. */
    GString *from;
    char *next;
    bool is_begun;
};

struct store_session_walk *store_session_walk_new(struct db *db, const char *agency_id,
                                                  const char *provider)
{
    struct store_session_walk *walk = g_new0(struct store_session_walk, 1);
    walk->db = db;
    walk->agency_id = g_strdup(agency_id);
    walk->provider = g_strdup(provider);
    walk->known = g_array_new(FALSE, TRUE, sizeof(struct store_known_leg));
    g_array_set_clear_func(walk->known, clear_known);
    walk->from = g_string_new(NULL);
    return walk;
}

void store_session_walk_free(struct store_session_walk *walk)
{
    if (walk == NULL)
        return;
    g_free(walk->agency_id);
    g_free(walk->provider);
    g_array_unref(walk->known);
    g_string_free(walk->from, TRUE);
    g_free(walk->next);
    g_free(walk);
}

static void read_known(struct db_rows *rows, struct store_known_leg *known)
{
    known->leg = store_column_copy(rows, 1);
    known->call_date = store_column_date(rows, 2);
    known->call_started_at = store_column_time(rows, 3);
    known->covered_seconds = db_column_count(rows, 4);
    known->source_received_at = store_column_time(rows, 5);
    known->member_id = store_column_copy(rows, 6);
    known->result = store_column_copy(rows, 7);
    known->talk_seconds = db_column_count(rows, 8);
    known->direction = store_column_copy(rows, 9);
    known->has_agent = db_column_int(rows, 10) != 0;
    known->file_id = store_column_copy(rows, 11);
}

/* Reads the legs of the session, and on to the first of another. */
static bool look(struct store_session_walk *walk, const char *id, GError **error)
{
    static const char sql[] =
        "SELECT external_call_id, leg, call_date, call_started_at, covered_seconds, "
        "s.received_at, matched_team_member_id, result, talk_seconds, direction, "
        "agent IS NOT NULL, s.file_id "
        "FROM call_events AS e LEFT JOIN call_sources AS s ON s.id = source_id "
        "WHERE e.agency_id = $1 AND provider = $2 AND external_call_id >= $3 "
        "ORDER BY external_call_id, leg";
    AUTO(db_rows)
    rows =
        db_query(walk->db, sql,
                 DB_VALUES(db_text(walk->agency_id), db_text(walk->provider), db_text(id)), error);
    if (rows == NULL)
        return false;
    enum db_step step;
    while ((step = db_step(rows, error)) == DB_ROW) {
        const char *found = db_column_text(rows, 0);
        if (strcmp(found, id) != 0) {
            walk->next = g_strdup(found);
            return true;
        }
        g_array_set_size(walk->known, walk->known->len + 1);
        read_known(rows, &g_array_index(walk->known, struct store_known_leg, walk->known->len - 1));
    }
    return step == DB_DONE;
}

const GArray *store_session_walk_to(struct store_session_walk *walk, const char *external_call_id,
                                    GError **error)
{
    g_array_set_size(walk->known, 0);
    bool is_known_not = walk->is_begun && strcmp(external_call_id, walk->from->str) > 0 &&
                        (walk->next == NULL || strcmp(external_call_id, walk->next) < 0);
    if (is_known_not) {
        g_string_assign(walk->from, external_call_id);
        return walk->known;
    }
    walk->is_begun = false;
    g_clear_pointer(&walk->next, g_free);
    if (!look(walk, external_call_id, error))
        return NULL;
    walk->is_begun = true;
    g_string_assign(walk->from, external_call_id);
    return walk->known;
}

bool store_source_add(struct db *db, const struct store_call_source *source, int64_t *id,
                      GError **error)
{
    static const char last[] = "SELECT MAX(id) FROM call_sources";
    static const char sql[] =
        "INSERT INTO call_sources (id, agency_id, log_id, file_id, sheet, received_at) "
        "VALUES ($1, $2, $3, $4, $5, $6)";
    struct store_text received;
    bool found;
    if (!store_one(db, last, DB_NO_VALUES, store_read_int, id, &found, error))
        return false;
    ++*id;
    return db_run(db, sql,
                  DB_VALUES(db_int(*id), db_text(source->agency_id), db_text(source->log_id),
                            db_text(source->file_id), db_text(source->sheet),
                            store_time(&received, source->received_at)),
                  NULL, error);
}

struct span {
    int32_t date;
    int64_t first, last;
};

enum { LEG_COLUMNS = 27 };

struct store_leg_writer {
    struct db *db;
    const struct store_numbers *numbers; /* borrowed */
    int64_t last_id;
    GArray *spans; /* of struct span: what is to be said of the days */
    struct store_text date_text;
    struct db_value date; /* of the leg before, and of all that wait */
    int32_t call_date;
    bool is_begun;           /* last_id is known */
    guint waiting;           /* legs that are not stored yet */
    struct db_value *values; /* of each of them LEG_COLUMNS */
    struct store_text started[STORE_ROWS_MOST];
};

/* OR FAIL, and the key deferred: migration 9. */
static struct store_rows leg_rows = {
    .head =
        "INSERT OR FAIL INTO legs (id, agency_number, provider, external_call_id, leg, call_date, "
        "direction, call_type, from_number, from_name, to_number, to_name, call_started_at, "
        "start_estimated, duration_seconds, talk_seconds, result, queue, agent, extension, "
        "member_number, matched_prospect_id, source_id, source_row, covered_seconds, "
        "raw_payload, prospect_ambiguous) VALUES ",
    .tail = "",
    .columns = LEG_COLUMNS,
};

static bool store_waiting(struct store_leg_writer *writer, GError **error)
{
    guint count = writer->waiting;
    writer->waiting = 0;
    return store_rows_put(writer->db, &leg_rows, writer->values, count, error);
}

static bool let_wait(struct store_leg_writer *writer, int64_t id, const struct store_leg *leg,
                     GError **error)
{
    int64_t member;
    if (!store_numbers_member(writer->numbers, leg->matched_team_member_id, &member, error))
        return false;
    const struct db_value values[] = {
        db_int(id),
        db_int(writer->numbers->agency),
        db_text(leg->provider),
        db_text(leg->external_call_id),
        db_text(leg->leg),
        writer->date,
        db_text(leg->direction),
        db_text(leg->call_type),
        db_text(leg->from_number),
        db_text(leg->from_name),
        db_text(leg->to_number),
        db_text(leg->to_name),
        store_time(&writer->started[writer->waiting], leg->call_started_at),
        db_int(leg->start_estimated ? 1 : 0),
        db_count(leg->duration_seconds),
        db_count(leg->talk_seconds),
        db_text(leg->result),
        db_text(leg->queue),
        db_text(leg->agent),
        db_text(leg->extension),
        db_count(member),
        db_text(leg->matched_prospect_id),
        db_count(leg->source_id),
        db_count(leg->source_row),
        db_count(leg->covered_seconds),
        db_text(leg->raw_payload),
        db_count(leg->prospect_ambiguous ? 1 : -1),
    };
    static_assert(G_N_ELEMENTS(values) == LEG_COLUMNS, "one for each column");
    memcpy(&writer->values[writer->waiting * LEG_COLUMNS], values, sizeof values);
    return ++writer->waiting < STORE_ROWS_MOST || store_waiting(writer, error);
}

struct store_leg_writer *store_leg_writer_new(struct db *db, const struct store_numbers *numbers)
{
    struct store_leg_writer *writer = g_new0(struct store_leg_writer, 1);
    writer->db = db;
    writer->numbers = numbers;
    writer->spans = g_array_new(FALSE, FALSE, sizeof(struct span));
    writer->values = g_new(struct db_value, STORE_ROWS_MOST * LEG_COLUMNS);
    return writer;
}

void store_leg_writer_free(struct store_leg_writer *writer)
{
    if (writer == NULL)
        return;
    g_array_unref(writer->spans);
    g_free(writer->values);
    g_free(writer);
}

static void extend_span(struct store_leg_writer *writer, int32_t date, int64_t id)
{
    struct span *last = writer->spans->len == 0
                            ? NULL
                            : &g_array_index(writer->spans, struct span, writer->spans->len - 1);
    if (last != NULL && last->date == date) {
        last->last = id;
        return;
    }
    struct span span = {date, id, id};
    g_array_append_val(writer->spans, span);
}

bool store_leg_writer_add(struct store_leg_writer *writer, const struct store_leg *leg,
                          GError **error)
{
    static const char last[] = "SELECT MAX(id) FROM legs";
    bool found;
    if (!writer->is_begun &&
        !store_one(writer->db, last, DB_NO_VALUES, store_read_int, &writer->last_id, &found, error))
        return false;
    if (!writer->is_begun || leg->call_date != writer->call_date) {
        if (!store_waiting(writer, error))
            return false;
        writer->date = store_date(&writer->date_text, leg->call_date);
    }
    writer->is_begun = true;
    writer->call_date = leg->call_date;
    if (!let_wait(writer, writer->last_id + 1, leg, error))
        return false;
    extend_span(writer, leg->call_date, ++writer->last_id);
    return true;
}

bool store_leg_writer_end(struct store_leg_writer *writer, GError **error)
{
    /* Ids of legs that were dropped come again. */
    static const char sql[] =
        "INSERT INTO call_spans (agency_id, date, first_id, last_id) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (agency_id, date, first_id) DO UPDATE SET last_id = CASE "
        "WHEN excluded.last_id > call_spans.last_id THEN excluded.last_id "
        "ELSE call_spans.last_id END";
    if (!store_waiting(writer, error))
        return false;
    for (guint i = 0; i < writer->spans->len; i++) {
        const struct span *span = &g_array_index(writer->spans, struct span, i);
        struct store_text date;
        if (!db_run(writer->db, sql,
                    DB_VALUES(db_text(writer->numbers->agency_id), store_date(&date, span->date),
                              db_int(span->first), db_int(span->last)),
                    NULL, error))
            return false;
    }
    g_array_set_size(writer->spans, 0);
    return true;
}

bool store_leg_update(struct db *db, const struct store_numbers *numbers,
                      const struct store_leg *leg, GError **error)
{
    static const char sql[] =
        "UPDATE legs SET duration_seconds = $5, talk_seconds = $6, result = $7, "
        "extension = $8, member_number = $9, "
        "matched_prospect_id = $10, source_id = $11, source_row = $12, covered_seconds = $13, "
        "raw_payload = $14, prospect_ambiguous = $15 "
        "WHERE agency_number = $1 AND provider = $2 AND external_call_id = $3 AND leg = $4";
    int64_t changed = 0, member;
    if (!store_numbers_member(numbers, leg->matched_team_member_id, &member, error))
        return false;
    bool ok = db_run(
        db, sql,
        DB_VALUES(db_int(numbers->agency), db_text(leg->provider), db_text(leg->external_call_id),
                  db_text(leg->leg), db_count(leg->duration_seconds), db_count(leg->talk_seconds),
                  db_text(leg->result), db_text(leg->extension), db_count(member),
                  db_text(leg->matched_prospect_id), db_count(leg->source_id),
                  db_count(leg->source_row), db_count(leg->covered_seconds),
                  db_text(leg->raw_payload), db_count(leg->prospect_ambiguous ? 1 : -1)),
        &changed, error);
    if (ok && changed == 0)
        return error_perm(error, "there is no leg %s of call %s to change", leg->leg,
                          leg->external_call_id);
    return ok;
}

struct first {
    int32_t date;
    int64_t start;
};

static void read_first(struct db_rows *rows, void *item)
{
    struct first *first = item;
    first->date = store_column_date(rows, 0);
    first->start = store_column_time(rows, 1);
}

bool store_session_first(struct db *db, const char *agency_id, const char *provider,
                         const char *external_call_id, int32_t *date, int64_t *first, bool *found,
                         GError **error)
{
    static const char sql[] =
        "SELECT call_date, call_started_at FROM call_events WHERE agency_id = $1 "
        "AND provider = $2 AND external_call_id = $3 ORDER BY call_started_at LIMIT 1";
    struct first stored = {0};
    bool ok = store_one(db, sql,
                        DB_VALUES(db_text(agency_id), db_text(provider), db_text(external_call_id)),
                        read_first, &stored, found, error);
    *date = stored.date;
    *first = stored.start;
    return ok;
}

bool store_session_move(struct db *db, const char *agency_id, const char *provider,
                        const char *external_call_id, int32_t date, GError **error)
{
    static const char move[] = "UPDATE legs SET call_date = $4 WHERE " STORE_LEG_OF_AGENCY
                               " AND provider = $2 AND external_call_id = $3";
    static const char find[] = "INSERT INTO call_spans (agency_id, date, first_id, last_id) "
                               "SELECT agency_id, call_date, id, id FROM call_events "
                               "WHERE agency_id = $1 AND provider = $2 AND external_call_id = $3 "
                               "ON CONFLICT (agency_id, date, first_id) DO NOTHING";
    struct store_text day;
    return db_run(db, move,
                  DB_VALUES(db_text(agency_id), db_text(provider), db_text(external_call_id),
                            store_date(&day, date)),
                  NULL, error) &&
           db_run(db, find,
                  DB_VALUES(db_text(agency_id), db_text(provider), db_text(external_call_id)), NULL,
                  error);
}

static void read_nothing(struct db_rows *rows, void *item)
{
    (void)rows;
    (void)item;
}

/* The spans first, and then what lies in each: SQLite takes CROSS JOIN as an order, and an
 * expression keeps it from the index over sessions, which begins with the agency, too. */
#define OF_DAY "FROM call_spans AS p CROSS JOIN call_events AS e "
#define WHERE_DAY                                                                                  \
    "WHERE p.agency_id = $1 AND p.date = $2 AND e.id BETWEEN p.first_id AND p.last_id "            \
    "AND e.agency_id || '' = $1 AND e.call_date = $2 "

const char *store_provider(enum report_series series)
{
    static const char *const names[REPORT_SERIES_COUNT] = {
        [REPORT_SERIES_CALLS] = "ringcentral",
        [REPORT_SERIES_RECORDS] = "ringcentral-records",
        [REPORT_SERIES_LOG] = "ringcentral-log",
        [REPORT_SERIES_RICOCHET] = "ricochet",
    };
    return names[series];
}

bool store_leg_any(struct db *db, const char *agency_id, int32_t date, const char *provider,
                   bool *any, GError **error)
{
    static const char sql[] = "SELECT 1 " OF_DAY WHERE_DAY "AND e.provider = $3 LIMIT 1";
    struct store_text day;
    return store_one(db, sql,
                     DB_VALUES(db_text(agency_id), store_date(&day, date), db_text(provider)),
                     read_nothing, NULL, any, error);
}

static void read_leg(struct db_rows *rows, struct store_leg *leg)
{
    *leg = (struct store_leg){
        .agency_id = db_column_text(rows, 0),
        .provider = db_column_text(rows, 1),
        .external_call_id = db_column_text(rows, 2),
        .leg = db_column_text(rows, 3),
        .call_date = store_column_date(rows, 4),
        .direction = db_column_text(rows, 5),
        .call_type = db_column_text(rows, 6),
        .from_number = db_column_text(rows, 7),
        .from_name = db_column_text(rows, 8),
        .to_number = db_column_text(rows, 9),
        .to_name = db_column_text(rows, 10),
        .call_started_at = store_column_time(rows, 11),
        .start_estimated = db_column_int(rows, 12) != 0,
        .duration_seconds = db_column_count(rows, 13),
        .talk_seconds = db_column_count(rows, 14),
        .result = db_column_text(rows, 15),
        .queue = db_column_text(rows, 16),
        .agent = db_column_text(rows, 17),
        .extension = db_column_text(rows, 18),
        .matched_team_member_id = db_column_text(rows, 19),
        .matched_prospect_id = db_column_text(rows, 20),
        .source_id = db_column_count(rows, 21),
        .source_row = db_column_count(rows, 22),
        .covered_seconds = db_column_count(rows, 23),
        .raw_payload = db_column_text(rows, 24),
        .source_log_id = db_column_text(rows, 25),
        .source_file_id = db_column_text(rows, 26),
        .source_sheet = db_column_text(rows, 27),
        .source_received_at = store_column_time(rows, 28),
        .id = db_column_int(rows, 29),
        .prospect_ambiguous = db_column_int(rows, 30) != 0,
        .agent_email = db_column_text(rows, 31),
    };
}

#define SELECT_LEG                                                                                 \
    "SELECT e.agency_id, provider, external_call_id, leg, call_date, direction, call_type, "       \
    "from_number, from_name, to_number, to_name, call_started_at, start_estimated, "               \
    "duration_seconds, talk_seconds, result, queue, agent, extension, matched_team_member_id, "    \
    "matched_prospect_id, source_id, source_row, covered_seconds, raw_payload, log_id, file_id, "  \
    "sheet, received_at, e.id, prospect_ambiguous, agent_email "
#define WITH_SOURCE "LEFT JOIN call_sources AS s ON s.id = source_id "
#define LEG_ORDER   "ORDER BY call_started_at, external_call_id, leg"

static bool each_row(struct db_rows *rows, store_leg_fn *on_leg, void *context, GError **error)
{
    enum db_step step;
    int64_t last_id = -1;
    while ((step = db_step(rows, error)) == DB_ROW) {
        struct store_leg leg;
        read_leg(rows, &leg);
        bool is_again = leg.id == last_id; /* it lies in two spans of its day */
        last_id = leg.id;
        if (!is_again && !on_leg(context, &leg))
            return true;
    }
    return step == DB_DONE;
}

bool store_leg_each(struct db *db, const char *agency_id, int32_t date, store_leg_fn *on_leg,
                    void *context, GError **error)
{
    static const char of_all[] =
        SELECT_LEG "FROM call_events AS e " WITH_SOURCE "WHERE e.agency_id = $1 " LEG_ORDER;
    static const char of_day[] = SELECT_LEG OF_DAY WITH_SOURCE WHERE_DAY LEG_ORDER;
    struct store_text day;
    AUTO(db_rows) rows = NULL;
    if (date == INT32_MIN)
        rows = db_query(db, of_all, DB_VALUES(db_text(agency_id)), error);
    else
        rows = db_query(db, of_day, DB_VALUES(db_text(agency_id), store_date(&day, date)), error);
    if (rows == NULL)
        return false;
    return each_row(rows, on_leg, context, error);
}

bool store_leg_each_from(struct db *db, const char *agency_id, int32_t date,
                         const struct store_leg_place *place, store_leg_fn *on_leg, void *context,
                         GError **error)
{
    static const char sql[] = SELECT_LEG OF_DAY WITH_SOURCE WHERE_DAY
        "AND (call_started_at, external_call_id, leg) > ($3, $4, $5) " LEG_ORDER;
    struct store_text day, start;
    if (place == NULL)
        return store_leg_each(db, agency_id, date, on_leg, context, error);
    AUTO(db_rows)
    rows = db_query(db, sql,
                    DB_VALUES(db_text(agency_id), store_date(&day, date),
                              store_time(&start, place->call_started_at),
                              db_text(place->external_call_id), db_text(place->leg)),
                    error);
    return rows != NULL && each_row(rows, on_leg, context, error);
}

/* --- Rows of Users reports --- */

bool store_user_add(struct db *db, const struct store_user *row, GError **error)
{
    static const char sql[] =
        "INSERT INTO user_reports (agency_id, file_id, date, covered_seconds, covered_until, "
        "received_at, matched_team_member_id, name, status, extension, email, total_calls, "
        "inbound_calls, outbound_calls, answered_inbound, answered_outbound, missed, "
        "handle_seconds, handle_seconds_inbound, handle_seconds_outbound, source_sheet, "
        "source_row, raw_payload) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
        "$14, $15, $16, $17, $18, $19, $20, $21, $22, $23)";
    const struct report_user *user = &row->user;
    struct store_text date;
    struct store_text until;
    struct store_text received;
    return db_run(
        db, sql,
        DB_VALUES(db_text(row->agency_id), db_text(row->file_id), store_date(&date, row->date),
                  db_count(row->covered_seconds), store_time(&until, row->covered_until),
                  store_time(&received, row->received_at), db_text(row->matched_team_member_id),
                  db_text(user->name), db_text(user->status), db_text(user->extension),
                  db_text(user->email), db_count(user->total_calls), db_count(user->inbound_calls),
                  db_count(user->outbound_calls), db_count(user->answered_inbound),
                  db_count(user->answered_outbound), db_count(user->missed),
                  db_count(user->handle_time), db_count(user->handle_time_inbound),
                  db_count(user->handle_time_outbound), db_text(row->sheet), db_int(user->row),
                  db_text(user->raw_payload)),
        NULL, error);
}

static void read_user(struct db_rows *rows, struct store_user *user)
{
    *user = (struct store_user){
        .agency_id = db_column_text(rows, 0),
        .file_id = db_column_text(rows, 1),
        .date = store_column_date(rows, 2),
        .covered_seconds = db_column_count(rows, 3),
        .covered_until = store_column_time(rows, 4),
        .received_at = store_column_time(rows, 5),
        .matched_team_member_id = db_column_text(rows, 6),
        .sheet = db_column_text(rows, 20),
        .user =
            {
                .name = db_column_text(rows, 7),
                .status = db_column_text(rows, 8),
                .extension = db_column_text(rows, 9),
                .email = db_column_text(rows, 10),
                .total_calls = db_column_count(rows, 11),
                .inbound_calls = db_column_count(rows, 12),
                .outbound_calls = db_column_count(rows, 13),
                .answered_inbound = db_column_count(rows, 14),
                .answered_outbound = db_column_count(rows, 15),
                .missed = db_column_count(rows, 16),
                .handle_time = db_column_count(rows, 17),
                .handle_time_inbound = db_column_count(rows, 18),
                .handle_time_outbound = db_column_count(rows, 19),
                .row = (uint32_t)db_column_int(rows, 21),
                .raw_payload = db_column_text(rows, 22),
            },
    };
}

bool store_user_each(struct db *db, const char *agency_id, int32_t date, store_user_fn *on_user,
                     void *context, GError **error)
{
    static const char sql[] =
        "SELECT agency_id, file_id, date, covered_seconds, covered_until, received_at, "
        "matched_team_member_id, name, status, extension, email, total_calls, inbound_calls, "
        "outbound_calls, answered_inbound, answered_outbound, missed, handle_seconds, "
        "handle_seconds_inbound, handle_seconds_outbound, source_sheet, source_row, raw_payload "
        "FROM user_reports WHERE agency_id = $1 AND date = $2 "
        "AND matched_team_member_id IS NOT NULL ORDER BY received_at, serial";
    struct store_text day;
    AUTO(db_rows)
    rows = db_query(db, sql, DB_VALUES(db_text(agency_id), store_date(&day, date)), error);
    if (rows == NULL)
        return false;
    enum db_step step;
    while ((step = db_step(rows, error)) == DB_ROW) {
        struct store_user user;
        read_user(rows, &user);
        if (!on_user(context, &user))
            return true;
    }
    return step == DB_DONE;
}

bool store_user_any(struct db *db, const char *agency_id, int32_t date, bool *any, GError **error)
{
    static const char sql[] =
        "SELECT 1 FROM user_reports WHERE agency_id = $1 AND date = $2 LIMIT 1";
    struct store_text day;
    return store_one(db, sql, DB_VALUES(db_text(agency_id), store_date(&day, date)), read_nothing,
                     NULL, any, error);
}

/* --- Names that are nobody's --- */

void store_unmatched_clear(struct store_unmatched *unmatched)
{
    g_free(unmatched->name);
    g_free(unmatched->extension);
    memset(unmatched, 0, sizeof *unmatched);
}

static void clear_unmatched(void *data)
{
    store_unmatched_clear(data);
}

static void read_unmatched(struct db_rows *rows, void *item)
{
    struct store_unmatched *unmatched = item;
    unmatched->name = store_column_copy(rows, 0);
    unmatched->extension = store_column_copy(rows, 1);
    unmatched->legs = db_column_int(rows, 2);
    unmatched->days = db_column_int(rows, 3);
    unmatched->first_date = store_column_date(rows, 4);
    unmatched->last_date = store_column_date(rows, 5);
}

GArray *store_unmatched_list(struct db *db, const char *agency_id, GError **error)
{
    static const char sql[] =
        "SELECT name, MAX(extension), SUM(legs) AS count, COUNT(DISTINCT date), MIN(date), "
        "MAX(date) FROM ("
        "SELECT agent AS name, MAX(extension) AS extension, COUNT(*) AS legs, call_date AS date "
        "FROM legs "
        "WHERE " STORE_LEG_OF_AGENCY " AND member_number IS NULL AND agent IS NOT NULL "
        "GROUP BY agent, call_date UNION ALL "
        "SELECT name, MAX(extension), 0, date FROM user_reports "
        "WHERE agency_id = $1 AND matched_team_member_id IS NULL AND name IS NOT NULL "
        "GROUP BY name, date) AS names GROUP BY name ORDER BY count DESC, name";
    g_autoptr(GArray) names = g_array_new(FALSE, FALSE, sizeof(struct store_unmatched));
    g_array_set_clear_func(names, clear_unmatched);
    bool ok = store_all(db, sql, DB_VALUES(db_text(agency_id)), read_unmatched, names, error);
    return ok ? g_steal_pointer(&names) : NULL;
}
