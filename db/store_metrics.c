/*
 * Daily figures. They can be computed again from calls and Users reports at any time: a day
 * or member about which nothing is known has no row.
 */
#include "db/store_metrics.h"

#include "db/store_impl.h"
#include "db/store_rows.h"

#include <assert.h>
#include <string.h>

void store_agency_metrics_clear(struct store_agency_metrics *metrics)
{
    g_free(metrics->basis);
    if (metrics->members != NULL)
        g_array_unref(metrics->members);
    memset(metrics, 0, sizeof *metrics);
}

static void clear_member(void *data)
{
    struct store_member_metrics *member = data;
    g_free(member->team_member_id);
    g_free(member->name);
    g_free(member->basis);
}

/* --- Writing --- */

enum { MEMBER_COLUMNS = 11 };

struct put {
    const char *agency_id;
    struct store_text date;
    const struct daily_result *result;
    const struct daily_result *before; /* or NULL */
    size_t waiting;                    /* members that are not stored yet */
    struct db_value values[STORE_ROWS_MOST * MEMBER_COLUMNS];
    struct store_text until[STORE_ROWS_MOST];
};

static bool put_waiting(struct db *db, struct put *put, GError **error)
{
    static struct store_rows rows = {
        .head = "INSERT INTO call_metrics_daily (agency_id, team_member_id, date, total_calls, "
                "inbound_calls, outbound_calls, answered_calls, missed_calls, "
                "total_talk_seconds, basis, covered_until) VALUES ",
        .tail = " ON CONFLICT (agency_id, date, team_member_id) DO UPDATE SET "
                "total_calls = excluded.total_calls, inbound_calls = excluded.inbound_calls, "
                "outbound_calls = excluded.outbound_calls, "
                "answered_calls = excluded.answered_calls, missed_calls = excluded.missed_calls, "
                "total_talk_seconds = excluded.total_talk_seconds, basis = excluded.basis, "
                "covered_until = excluded.covered_until",
        .columns = MEMBER_COLUMNS,
    };
    size_t count = put->waiting;
    put->waiting = 0;
    return store_rows_put(db, &rows, put->values, count, error);
}

static bool put_member(struct db *db, struct put *put, const struct daily_member *member,
                       GError **error)
{
    const struct figures *figures = &member->figures;
    const struct db_value values[] = {
        db_text(put->agency_id),
        db_text(member->member_id),
        db_text(put->date.text),
        db_count(figures->total),
        db_count(figures->inbound),
        db_count(figures->outbound),
        db_count(figures->answered),
        db_count(figures->missed),
        db_count(figures->talk_seconds),
        db_text(daily_basis_name(member->basis)),
        store_time(&put->until[put->waiting], member->covered_until),
    };
    static_assert(G_N_ELEMENTS(values) == MEMBER_COLUMNS, "one for each column");
    memcpy(&put->values[put->waiting * MEMBER_COLUMNS], values, sizeof values);
    return ++put->waiting < STORE_ROWS_MOST || put_waiting(db, put, error);
}

static bool put_agency(struct db *db, const struct put *put, GError **error)
{
    static const char sql[] =
        "INSERT INTO agency_metrics_daily (agency_id, date, calls, inbound, outbound, answered, "
        "missed, talk_seconds, unmatched, internal, basis, covered_until) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
        "ON CONFLICT (agency_id, date) DO UPDATE SET calls = excluded.calls, "
        "inbound = excluded.inbound, outbound = excluded.outbound, answered = excluded.answered, "
        "missed = excluded.missed, talk_seconds = excluded.talk_seconds, "
        "unmatched = excluded.unmatched, internal = excluded.internal, basis = excluded.basis, "
        "covered_until = excluded.covered_until";
    const struct daily_result *result = put->result;
    const struct figures *figures = &result->agency;
    struct store_text until;
    return db_run(db, sql,
                  DB_VALUES(db_text(put->agency_id), db_text(put->date.text),
                            db_count(figures->total), db_count(figures->inbound),
                            db_count(figures->outbound), db_count(figures->answered),
                            db_count(figures->missed), db_count(figures->talk_seconds),
                            db_count(result->unmatched), db_count(result->internal),
                            db_text(daily_basis_name(result->basis)),
                            store_time(&until, result->covered_until)),
                  NULL, error);
}

static bool drop_day(struct db *db, const struct put *put, GError **error)
{
    static const char members[] =
        "DELETE FROM call_metrics_daily WHERE agency_id = $1 AND date = $2";
    static const char agency[] =
        "DELETE FROM agency_metrics_daily WHERE agency_id = $1 AND date = $2";
    return db_run(db, members, DB_VALUES(db_text(put->agency_id), db_text(put->date.text)), NULL,
                  error) &&
           db_run(db, agency, DB_VALUES(db_text(put->agency_id), db_text(put->date.text)), NULL,
                  error);
}

static bool is_same(const struct daily_member *a, const struct daily_member *b)
{
    return a->basis == b->basis && a->covered_until == b->covered_until &&
           memcmp(&a->figures, &b->figures, sizeof a->figures) == 0;
}

/* Whether only rows that are there already change: the same members, each with a row or without
 * one as before. */
static bool is_same_form(const struct daily_result *a, const struct daily_result *b)
{
    if (a->members->len != b->members->len || (a->basis == 0) != (b->basis == 0))
        return false;
    for (guint i = 0; i < a->members->len; i++) {
        const struct daily_member *x = &g_array_index(a->members, struct daily_member, i);
        const struct daily_member *y = &g_array_index(b->members, struct daily_member, i);
        if (strcmp(x->member_id, y->member_id) != 0 || (x->basis == 0) != (y->basis == 0))
            return false;
    }
    return true;
}

static bool replace(struct db *db, void *context, GError **error)
{
    struct put *put = context;
    const struct daily_result *before = put->before;
    if (before != NULL && !is_same_form(put->result, before))
        before = NULL;
    if (before == NULL && !drop_day(db, put, error))
        return false;
    for (guint i = 0; i < put->result->members->len; i++) {
        const struct daily_member *member =
            &g_array_index(put->result->members, struct daily_member, i);
        if (member->basis == 0 ||
            (before != NULL &&
             is_same(member, &g_array_index(before->members, struct daily_member, i))))
            continue;
        if (!put_member(db, put, member, error))
            return false;
    }
    return put_waiting(db, put, error) && (put->result->basis == 0 || put_agency(db, put, error));
}

bool store_metrics_put(struct db *db, const char *agency_id, int32_t date,
                       const struct daily_result *result, const struct daily_result *before,
                       GError **error)
{
    g_autofree struct put *put = g_new(struct put, 1);
    put->agency_id = agency_id;
    day_date_text(date, put->date.text);
    put->result = result;
    put->before = before;
    put->waiting = 0;
    return store_in_transaction(db, replace, put, error);
}

/* --- Reading --- */

/* Total, inbound, outbound, answered, missed, talk time from `column` on. */
static struct figures read_figures(struct db_rows *rows, int column)
{
    return (struct figures){
        .total = db_column_count(rows, column),
        .inbound = db_column_count(rows, column + 1),
        .outbound = db_column_count(rows, column + 2),
        .answered = db_column_count(rows, column + 3),
        .missed = db_column_count(rows, column + 4),
        .talk_seconds = db_column_count(rows, column + 5),
    };
}

static void read_agency(struct db_rows *rows, void *item)
{
    struct store_agency_metrics *metrics = item;
    metrics->figures = read_figures(rows, 0);
    metrics->unmatched = db_column_count(rows, 6);
    metrics->internal = db_column_count(rows, 7);
    metrics->basis = store_column_copy(rows, 8);
    metrics->covered_until = store_column_time(rows, 9);
}

static void read_member(struct db_rows *rows, void *item)
{
    struct store_member_metrics *member = item;
    member->figures = read_figures(rows, 0);
    member->basis = store_column_copy(rows, 6);
    member->covered_until = store_column_time(rows, 7);
    member->team_member_id = store_column_copy(rows, 8);
    member->name = store_column_copy(rows, 9);
    member->active = strcmp(db_column_text(rows, 10), "active") == 0;
}

struct read {
    const char *agency_id;
    struct store_text date;
    struct store_agency_metrics *metrics;
};

static bool read_day(struct db *db, struct read *read, GError **error)
{
    static const char agency[] =
        "SELECT calls, inbound, outbound, answered, missed, talk_seconds, unmatched, internal, "
        "basis, covered_until FROM agency_metrics_daily WHERE agency_id = $1 AND date = $2";
    static const char members[] =
        "SELECT d.total_calls, d.inbound_calls, d.outbound_calls, d.answered_calls, "
        "d.missed_calls, d.total_talk_seconds, d.basis, d.covered_until, m.id, m.name, m.status "
        "FROM team_members m LEFT JOIN call_metrics_daily d "
        "ON d.agency_id = m.agency_id AND d.team_member_id = m.id AND d.date = $2 "
        "WHERE m.agency_id = $1 AND (m.status = 'active' OR d.date IS NOT NULL) "
        "ORDER BY lower(m.name), m.name, m.id";
    bool found = false;
    return store_one(db, agency, DB_VALUES(db_text(read->agency_id), db_text(read->date.text)),
                     read_agency, read->metrics, &found, error) &&
           store_all(db, members, DB_VALUES(db_text(read->agency_id), db_text(read->date.text)),
                     read_member, read->metrics->members, error);
}

bool store_metrics_of_day(struct db *db, const char *agency_id, int32_t date,
                          struct store_agency_metrics *metrics, GError **error)
{
    struct store_agency_metrics day = {
        .date = date,
        .figures = {-1, -1, -1, -1, -1, -1},
        .unmatched = -1,
        .internal = -1,
        .covered_until = -1,
        .members = g_array_new(FALSE, FALSE, sizeof(struct store_member_metrics)),
    };
    g_array_set_clear_func(day.members, clear_member);
    struct read read = {.agency_id = agency_id, .metrics = &day};
    day_date_text(date, read.date.text);

    /* Both queries must see the same state. */
    bool own = !db_is_in_transaction(db);
    bool ok = (!own || db_begin_snapshot(db, error)) && read_day(db, &read, error);
    if (own)
        db_rollback(db);
    if (!ok) {
        store_agency_metrics_clear(&day);
        return false;
    }
    for (guint i = 0; i < day.members->len; i++)
        g_array_index(day.members, struct store_member_metrics, i).date = date;
    *metrics = day;
    return true;
}

static void read_date(struct db_rows *rows, void *item)
{
    *(int32_t *)item = store_column_date(rows, 0);
}

bool store_metrics_last_date(struct db *db, const char *agency_id, bool *found, int32_t *date,
                             GError **error)
{
    static const char sql[] = "SELECT date FROM agency_metrics_daily WHERE agency_id = $1 "
                              "ORDER BY date DESC LIMIT 1";
    return store_one(db, sql, DB_VALUES(db_text(agency_id)), read_date, date, found, error);
}
