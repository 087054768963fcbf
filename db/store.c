/*
 * Opening the database with a schema that this program knows, and what the store_*.c share: reading
 * all rows of a query into an array, times and dates to and from text.
 *
 * It owns no connection: that is the caller's. It never migrates in read-only mode, and never opens
 * a database whose migrations are not its own, because a wrong figure is worse than none.
 */
#include "db/store.h"

#include "base/error.h"
#include "base/limits.h"
#include "db/migrate.h"
#include "db/store_impl.h"

#include <string.h>

int store_schema_version(void)
{
    return (int)migrations_sqlite_count;
}

static bool check_schema(struct db *db, const struct migration *list, size_t count, GError **error)
{
    int version = 0;
    if (!migrate_check(db, list, count, &version, error))
        return false;
    if ((size_t)version < count)
        return error_perm(error,
                          "the schema of the database %s is version %d, this program needs %zu: "
                          "start callmxd, which brings it up to date",
                          db_name(db), version, count);
    return true;
}

struct db *store_open(const char *url, enum db_mode mode, GError **error)
{
    AUTO(db) db = db_open(url, mode, error);
    if (db == NULL)
        return NULL;
    size_t count = 0;
    const struct migration *list = migrate_list(db, &count);
    int64_t now = g_get_real_time() / G_USEC_PER_SEC;
    bool ok = mode == DB_READONLY ? check_schema(db, list, count, error)
                                  : migrate_run(db, list, count, now, error);
    return ok ? g_steal_pointer(&db) : NULL;
}

struct db_value store_time(struct store_text *room, int64_t utc)
{
    if (utc < 0)
        return db_text(NULL);
    day_time_text(utc, room->text);
    return db_text(room->text);
}

struct db_value store_civil(struct store_text *room, int64_t civil)
{
    struct db_value value = store_time(room, civil);
    if (value.type == DB_TYPE_TEXT)
        value.size--; /* it is in no zone: without the Z */
    return value;
}

struct db_value store_date(struct store_text *room, int32_t date)
{
    if (date == INT32_MIN)
        return db_text(NULL);
    day_date_text(date, room->text);
    return db_text(room->text);
}

int64_t store_column_time(struct db_rows *rows, int column)
{
    const char *text = db_column_text(rows, column);
    int64_t utc = -1;
    return text != NULL && day_time_parse(text, &utc) ? utc : -1;
}

int32_t store_column_date(struct db_rows *rows, int column)
{
    const char *text = db_column_text(rows, column);
    int32_t date = INT32_MIN;
    return text != NULL && day_date_parse(text, &date) ? date : INT32_MIN;
}

char *store_column_copy(struct db_rows *rows, int column)
{
    return g_strdup(db_column_text(rows, column));
}

bool store_one(struct db *db, const char *sql, const struct db_value *values, size_t count,
               store_read_fn *read, void *item, bool *found, GError **error)
{
    AUTO(db_rows) rows = db_query(db, sql, values, count, error);
    if (rows == NULL)
        return false;
    enum db_step step = db_step(rows, error);
    if (step == DB_FAILED)
        return false;
    *found = step == DB_ROW;
    if (*found)
        read(rows, item);
    return true;
}

void store_read_int(struct db_rows *rows, void *item)
{
    *(int64_t *)item = db_column_int(rows, 0);
}

bool store_all(struct db *db, const char *sql, const struct db_value *values, size_t count,
               store_read_fn *read, GArray *items, GError **error)
{
    AUTO(db_rows) rows = db_query(db, sql, values, count, error);
    if (rows == NULL)
        return false;
    enum db_step step;
    guint size = g_array_get_element_size(items);
    while ((step = db_step(rows, error)) == DB_ROW) {
        guint last = items->len;
        g_array_set_size(items, last + 1);
        void *item = items->data + (size_t)last * size;
        memset(item, 0, size);
        read(rows, item);
    }
    return step == DB_DONE;
}

bool store_in_transaction(struct db *db, store_work_fn *work, void *context, GError **error)
{
    if (db_is_in_transaction(db))
        return work(db, context, error);
    if (!db_begin(db, error))
        return false;
    if (!work(db, context, error)) {
        db_rollback(db);
        return false;
    }
    return db_commit(db, error);
}

static bool has_control(char *text)
{
    for (char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
        GUnicodeType type = g_unichar_type(g_utf8_get_char(p));
        if (type == G_UNICODE_CONTROL || type == G_UNICODE_LINE_SEPARATOR ||
            type == G_UNICODE_PARAGRAPH_SEPARATOR)
            return true;
    }
    return false;
}

char *store_clean_name(const char *what, const char *name, GError **error)
{
    g_autofree char *clean = g_strdup(name != NULL ? name : "");
    if (!g_utf8_validate(clean, -1, NULL)) {
        error_perm(error, "%s is not UTF-8 text", what);
        return NULL;
    }
    g_strstrip(clean);
    if (clean[0] == '\0')
        error_perm(error, "%s is empty", what);
    else if (strlen(clean) > LIMIT_NAME)
        error_perm(error, "%s is longer than %d octets", what, LIMIT_NAME);
    else if (has_control(clean))
        error_perm(error, "%s has control characters in it", what);
    else
        return g_steal_pointer(&clean);
    return NULL;
}
