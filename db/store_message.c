/*
 * What was received. The raw bytes can be 100 MiB: the database makes a copy of each row that it
 * writes, so they are written in pieces; and they are dropped in small numbers at a time.
 */
#include "db/store_message.h"

#include "base/limits.h"
#include "db/store_impl.h"

#include <string.h>

#define SELECT_LOG                                                                                 \
    "SELECT id, agency_id, channel, sender, recipient, subject, message_id, sha256, verdict, "     \
    "files, error_message, bytes, received_at, took_ms, link, subscription, replay_of "            \
    "FROM email_ingest_logs "

/* --- The log --- */

void store_log_clear(struct store_log *log)
{
    g_free(log->id);
    g_free(log->agency_id);
    g_free(log->channel);
    g_free(log->sender);
    g_free(log->recipient);
    g_free(log->subject);
    g_free(log->message_id);
    g_free(log->link);
    g_free(log->subscription);
    g_free(log->replay_of);
    g_free(log->sha256);
    g_free(log->verdict);
    g_free(log->files);
    g_free(log->error_message);
    memset(log, 0, sizeof *log);
}

static void clear_log(void *data)
{
    store_log_clear(data);
}

static void read_log(struct db_rows *rows, void *item)
{
    struct store_log *log = item;
    log->id = store_column_copy(rows, 0);
    log->agency_id = store_column_copy(rows, 1);
    log->channel = store_column_copy(rows, 2);
    log->sender = store_column_copy(rows, 3);
    log->recipient = store_column_copy(rows, 4);
    log->subject = store_column_copy(rows, 5);
    log->message_id = store_column_copy(rows, 6);
    log->sha256 = store_column_copy(rows, 7);
    log->verdict = store_column_copy(rows, 8);
    log->files = store_column_copy(rows, 9);
    log->error_message = store_column_copy(rows, 10);
    log->bytes = db_column_count(rows, 11);
    log->received_at = store_column_time(rows, 12);
    log->took_ms = db_column_count(rows, 13);
    log->link = store_column_copy(rows, 14);
    log->subscription = store_column_copy(rows, 15);
    log->replay_of = store_column_copy(rows, 16);
}

bool store_log_add(struct db *db, const struct store_log *log, GError **error)
{
    static const char sql[] =
        "INSERT INTO email_ingest_logs (id, agency_id, channel, sender, recipient, subject, "
        "message_id, sha256, verdict, files, error_message, bytes, received_at, took_ms, link, "
        "subscription, replay_of) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "
        "$13, $14, $15, $16, $17)";
    struct store_text received;
    return db_run(db, sql,
                  DB_VALUES(db_text(log->id), db_text(log->agency_id), db_text(log->channel),
                            db_text(log->sender), db_text(log->recipient), db_text(log->subject),
                            db_text(log->message_id), db_text(log->sha256), db_text(log->verdict),
                            db_text(log->files), db_text(log->error_message), db_count(log->bytes),
                            store_time(&received, log->received_at), db_count(log->took_ms),
                            db_text(log->link), db_text(log->subscription),
                            db_text(log->replay_of)),
                  NULL, error);
}

static GArray *log_array(void)
{
    GArray *logs = g_array_new(FALSE, FALSE, sizeof(struct store_log));
    g_array_set_clear_func(logs, clear_log);
    return logs;
}

GArray *store_log_list(struct db *db, const char *agency_id, int64_t limit, GError **error)
{
    static const char of_all[] = SELECT_LOG "ORDER BY serial DESC LIMIT $1";
    static const char of_one[] =
        SELECT_LOG "WHERE agency_id = $1 ORDER BY received_at DESC, serial DESC LIMIT $2";
    g_autoptr(GArray) logs = log_array();
    bool ok = agency_id == NULL
                  ? store_all(db, of_all, DB_VALUES(db_int(limit)), read_log, logs, error)
                  : store_all(db, of_one, DB_VALUES(db_text(agency_id), db_int(limit)), read_log,
                              logs, error);
    return ok ? g_steal_pointer(&logs) : NULL;
}

GArray *store_log_page(struct db *db, const char *agency_id, const char *after, int64_t limit,
                       GError **error)
{
    static const char sql[] = SELECT_LOG "WHERE agency_id = $1 AND (received_at, serial) < "
                                         "(SELECT received_at, serial FROM email_ingest_logs "
                                         "WHERE agency_id = $1 AND id = $2) "
                                         "ORDER BY received_at DESC, serial DESC LIMIT $3";
    if (after == NULL)
        return store_log_list(db, agency_id, limit, error);
    g_autoptr(GArray) logs = log_array();
    bool ok = store_all(db, sql, DB_VALUES(db_text(agency_id), db_text(after), db_int(limit)),
                        read_log, logs, error);
    return ok ? g_steal_pointer(&logs) : NULL;
}

GArray *store_log_of_message(struct db *db, const char *id, GError **error)
{
    static const char sql[] = SELECT_LOG "WHERE id = $1 ORDER BY serial";
    g_autoptr(GArray) logs = log_array();
    bool ok = store_all(db, sql, DB_VALUES(db_text(id)), read_log, logs, error);
    return ok ? g_steal_pointer(&logs) : NULL;
}

static void clear_last_success(void *data)
{
    g_free(((struct store_last_success *)data)->agency_id);
}

static void read_last_success(struct db_rows *rows, void *item)
{
    struct store_last_success *last = item;
    last->agency_id = store_column_copy(rows, 0);
    last->received_at = store_column_time(rows, 1);
}

GArray *store_last_success_list(struct db *db, GError **error)
{
    static const char sql[] =
        "SELECT a.id, (SELECT received_at FROM email_ingest_logs AS l WHERE l.agency_id = a.id "
        "AND l.verdict IN ('stored', 'partial', 'duplicate') "
        "ORDER BY l.received_at DESC LIMIT 1) FROM agencies AS a ORDER BY a.id";
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(struct store_last_success));
    g_array_set_clear_func(list, clear_last_success);
    return store_all(db, sql, DB_NO_VALUES, read_last_success, list, error) ? g_steal_pointer(&list)
                                                                            : NULL;
}

bool store_log_count_kept(struct db *db, int64_t since, int64_t *count, GError **error)
{
    static const char sql[] = "SELECT count(*) FROM email_ingest_logs "
                              "WHERE agency_id IS NULL AND received_at >= $1";
    struct store_text time;
    AUTO(db_rows) rows = db_query(db, sql, DB_VALUES(store_time(&time, since)), error);
    if (rows == NULL || db_step(rows, error) != DB_ROW)
        return false;
    *count = db_column_int(rows, 0);
    return true;
}

/* --- Raw messages --- */

struct raw_work {
    const char *id, *trace;
    const char *bytes;
    size_t size;
    int64_t received_at;
};

static bool add_pieces(struct db *db, void *context, GError **error)
{
    static const char first[] = "INSERT INTO raw_messages (id, received_at, trace, bytes) "
                                "VALUES ($1, $2, $3, $4)";
    static const char next[] = "INSERT INTO raw_pieces (message_id, bytes) VALUES ($1, $2)";
    const struct raw_work *work = context;
    struct store_text received;
    size_t at = MIN(work->size, LIMIT_RAW_PIECE);
    if (!db_run(db, first,
                DB_VALUES(db_text(work->id), store_time(&received, work->received_at),
                          db_text(work->trace), db_blob(work->bytes, at)),
                NULL, error))
        return false;
    for (size_t size; at < work->size; at += size) {
        size = MIN(work->size - at, LIMIT_RAW_PIECE);
        if (!db_run(db, next, DB_VALUES(db_text(work->id), db_blob(work->bytes + at, size)), NULL,
                    error))
            return false;
    }
    return true;
}

bool store_raw_add(struct db *db, const char *id, const char *trace, const void *bytes, size_t size,
                   int64_t received_at, GError **error)
{
    struct raw_work work = {
        .id = id, .trace = trace, .bytes = bytes, .size = size, .received_at = received_at};
    return store_in_transaction(db, add_pieces, &work, error);
}

struct raw {
    char *trace;
    GByteArray *bytes;
};

static void read_raw(struct db_rows *rows, void *item)
{
    struct raw *raw = item;
    size_t size;
    raw->trace = store_column_copy(rows, 0);
    const void *bytes = db_column_blob(rows, 1, &size);
    raw->bytes = g_byte_array_new();
    g_byte_array_append(raw->bytes, bytes, (guint)size);
}

/* What follows the first piece. */
static bool read_pieces(struct db *db, const char *id, GByteArray *bytes, GError **error)
{
    static const char sql[] = "SELECT bytes FROM raw_pieces WHERE message_id = $1 ORDER BY serial";
    AUTO(db_rows) rows = db_query(db, sql, DB_VALUES(db_text(id)), error);
    if (rows == NULL)
        return false;
    enum db_step step;
    while ((step = db_step(rows, error)) == DB_ROW) {
        size_t size;
        const void *piece = db_column_blob(rows, 0, &size);
        g_byte_array_append(bytes, piece, (guint)size);
    }
    return step == DB_DONE;
}

static bool read_all(struct db *db, const char *id, struct raw *raw, GError **error)
{
    static const char sql[] = "SELECT trace, bytes FROM raw_messages WHERE id = $1";
    bool found;
    return store_one(db, sql, DB_VALUES(db_text(id)), read_raw, raw, &found, error) &&
           (!found || read_pieces(db, id, raw->bytes, error));
}

/* In one state: a message that is dropped meanwhile must not lose its end alone. */
bool store_raw_find(struct db *db, const char *id, char **trace, void **bytes, size_t *size,
                    GError **error)
{
    struct raw raw = {0};
    bool is_alone = !db_is_in_transaction(db);
    bool is_done = (!is_alone || db_begin_snapshot(db, error)) && read_all(db, id, &raw, error);
    if (is_alone)
        db_rollback(db);
    *trace = is_done ? g_steal_pointer(&raw.trace) : NULL;
    *size = is_done && raw.bytes != NULL ? raw.bytes->len : 0;
    *bytes = NULL;
    g_free(raw.trace);
    if (raw.bytes == NULL)
        return is_done;
    g_byte_array_append(raw.bytes, (const guint8 *)"", 1); /* of no bytes, too, it is there */
    guint8 *all = g_byte_array_free(raw.bytes, FALSE);
    if (is_done)
        *bytes = all;
    else
        g_free(all);
    return is_done;
}

#define OLDEST                                                                                     \
    "(SELECT serial, id, received_at FROM raw_messages ORDER BY serial LIMIT $2) AS oldest "       \
    "WHERE received_at < $1"

struct purge_work {
    int64_t before, limit, dropped;
};

static bool drop_oldest(struct db *db, void *context, GError **error)
{
    static const char pieces[] =
        "DELETE FROM raw_pieces WHERE message_id IN (SELECT id FROM " OLDEST ")";
    static const char first[] =
        "DELETE FROM raw_messages WHERE serial IN (SELECT serial FROM " OLDEST ")";
    struct purge_work *work = context;
    struct store_text until;
    struct db_value values[] = {store_time(&until, work->before), db_int(work->limit)};
    return db_run(db, pieces, values, G_N_ELEMENTS(values), NULL, error) &&
           db_run(db, first, values, G_N_ELEMENTS(values), &work->dropped, error);
}

bool store_raw_purge(struct db *db, int64_t before, int64_t limit, int64_t *dropped, GError **error)
{
    struct purge_work work = {.before = before, .limit = limit};
    if (!store_in_transaction(db, drop_oldest, &work, error))
        return false;
    *dropped = work.dropped;
    return true;
}

/* --- Workbooks and the days they cover --- */

void store_file_clear(struct store_file *file)
{
    g_free(file->id);
    g_free(file->agency_id);
    g_free(file->log_id);
    g_free(file->name);
    g_free(file->kind);
    g_free(file->sha256);
    g_free(file->timezone);
    memset(file, 0, sizeof *file);
}

bool store_file_add(struct db *db, const struct store_file *file, GError **error)
{
    static const char sql[] =
        "INSERT INTO report_files (agency_id, id, log_id, name, kind, sha256, timezone, from_time, "
        "to_time, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    struct store_text from;
    struct store_text to;
    struct store_text received;
    return db_run(db, sql,
                  DB_VALUES(db_text(file->agency_id), db_text(file->id), db_text(file->log_id),
                            db_text(file->name), db_text(file->kind), db_text(file->sha256),
                            db_text(file->timezone), store_civil(&from, file->from),
                            store_civil(&to, file->to), store_time(&received, file->received_at)),
                  NULL, error);
}

static void read_file(struct db_rows *rows, void *item)
{
    struct store_file *file = item;
    file->id = store_column_copy(rows, 0);
    file->agency_id = store_column_copy(rows, 1);
    file->log_id = store_column_copy(rows, 2);
    file->name = store_column_copy(rows, 3);
    file->kind = store_column_copy(rows, 4);
    file->sha256 = store_column_copy(rows, 5);
    file->timezone = store_column_copy(rows, 6);
    file->from = file->to = -1;
    file->received_at = store_column_time(rows, 7);
}

bool store_file_read(struct db *db, const char *agency_id, const char *id, struct store_file *file,
                     bool *found, GError **error)
{
    static const char sql[] = "SELECT id, agency_id, log_id, name, kind, sha256, timezone, "
                              "received_at FROM report_files WHERE agency_id = $1 AND id = $2";
    *file = (struct store_file){0};
    return store_one(db, sql, DB_VALUES(db_text(agency_id), db_text(id)), read_file, file, found,
                     error);
}

static void read_id(struct db_rows *rows, void *item)
{
    *(char **)item = store_column_copy(rows, 0);
}

bool store_file_find(struct db *db, const char *agency_id, const char *sha256, char **id,
                     GError **error)
{
    static const char sql[] = "SELECT id FROM report_files WHERE agency_id = $1 AND sha256 = $2";
    char *found_id = NULL;
    bool found = false;
    if (!store_one(db, sql, DB_VALUES(db_text(agency_id), db_text(sha256)), read_id, &found_id,
                   &found, error))
        return false;
    *id = found_id;
    return true;
}

static const char *source_name(enum store_source source)
{
    static const char *const names[] = {
        [STORE_CALLS] = "calls",
        [STORE_CALLS_RECORDS] = "calls-records",
        [STORE_CALL_LOG] = "call-log",
        [STORE_USERS] = "users",
    };
    return names[source];
}

bool store_cover_add(struct db *db, const char *agency_id, int32_t date, enum store_source source,
                     const char *file_id, int64_t covered_seconds, int64_t covered_until,
                     GError **error)
{
    static const char sql[] =
        "INSERT INTO report_days (agency_id, date, source, file_id, covered_seconds, "
        "covered_until) VALUES ($1, $2, $3, $4, $5, $6)";
    struct store_text day;
    struct store_text until;
    return db_run(db, sql,
                  DB_VALUES(db_text(agency_id), store_date(&day, date),
                            db_text(source_name(source)), db_text(file_id),
                            db_int(MAX(covered_seconds, 0)), store_time(&until, covered_until)),
                  NULL, error);
}

static void read_cover(struct db_rows *rows, void *item)
{
    struct store_cover *cover = item;
    cover->seconds = db_column_count(rows, 0);
    cover->until = store_column_time(rows, 1);
}

bool store_cover_calls(struct db *db, const char *agency_id, int32_t date,
                       struct store_cover covers[REPORT_SERIES_REPORTED], GError **error)
{
    static const char sql[] =
        "SELECT covered_seconds, covered_until FROM report_days "
        "WHERE agency_id = $1 AND date = $2 AND source = $3 "
        "ORDER BY covered_seconds DESC, COALESCE(covered_until, '') DESC LIMIT 1";
    struct store_text day;
    for (int i = 0; i < REPORT_SERIES_REPORTED; i++) {
        bool found;
        covers[i] = (struct store_cover){-1, -1};
        if (!store_one(db, sql,
                       DB_VALUES(db_text(agency_id), store_date(&day, date),
                                 db_text(source_name((enum store_source)i))),
                       read_cover, &covers[i], &found, error))
            return false;
    }
    return true;
}

/* --- Replay --- */

GPtrArray *store_log_select(struct db *db, const char *verdict, int64_t since, GError **error)
{
    static const char sql[] =
        "SELECT l.id FROM email_ingest_logs l JOIN raw_messages r ON r.id = l.id "
        "WHERE l.agency_id IS NOT NULL AND l.channel <> 'replay' AND l.received_at >= $1 "
        "AND (l.verdict = $2 OR $2 IS NULL) GROUP BY l.id ORDER BY MIN(l.serial)";
    struct store_text from;
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(char *));
    bool ok = store_all(db, sql, DB_VALUES(store_time(&from, since), db_text(verdict)), read_id,
                        ids, error);
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < ids->len; i++)
        g_ptr_array_add(list, g_array_index(ids, char *, i));
    if (!ok)
        g_clear_pointer(&list, g_ptr_array_unref);
    return list;
}

static void read_date(struct db_rows *rows, void *item)
{
    *(int32_t *)item = store_column_date(rows, 0);
}

bool store_file_forget(struct db *db, const char *agency_id, const char *file_id, GArray *dates,
                       GError **error)
{
    static const char find[] =
        "SELECT date FROM report_days WHERE agency_id = $1 AND file_id = $2 "
        "UNION SELECT date FROM user_reports WHERE agency_id = $1 AND file_id = $2 "
        "AND date IS NOT NULL";
    static const char days[] = "DELETE FROM report_days WHERE agency_id = $1 AND file_id = $2";
    static const char users[] = "DELETE FROM user_reports WHERE agency_id = $1 AND file_id = $2";
    return store_all(db, find, DB_VALUES(db_text(agency_id), db_text(file_id)), read_date, dates,
                     error) &&
           db_run(db, days, DB_VALUES(db_text(agency_id), db_text(file_id)), NULL, error) &&
           db_run(db, users, DB_VALUES(db_text(agency_id), db_text(file_id)), NULL, error);
}

bool store_file_drop(struct db *db, const char *agency_id, const char *file_id, GError **error)
{
    static const char sql[] = "DELETE FROM report_files WHERE agency_id = $1 AND id = $2";
    return db_run(db, sql, DB_VALUES(db_text(agency_id), db_text(file_id)), NULL, error);
}

bool store_file_update(struct db *db, const struct store_file *file, GError **error)
{
    static const char sql[] = "UPDATE report_files SET kind = $3, timezone = $4, from_time = $5, "
                              "to_time = $6 WHERE agency_id = $1 AND id = $2";
    struct store_text from;
    struct store_text to;
    return db_run(db, sql,
                  DB_VALUES(db_text(file->agency_id), db_text(file->id), db_text(file->kind),
                            db_text(file->timezone), store_civil(&from, file->from),
                            store_civil(&to, file->to)),
                  NULL, error);
}
