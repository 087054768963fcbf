/*
 * Brings a schema up to date, or says why it cannot be.
 *
 * Hard about it: two programs that start at once. Each looks without a lock first, so that opening
 * an up-to-date database waits for nobody, and looks again under the write lock before it applies.
 */
#include "db/migrate.h"

#include "base/error.h"
#include "base/sha256.h"
#include "figures/day.h"

#include <string.h>

const struct migration *migrate_list(const struct db *db, size_t *count)
{
    g_assert_cmpstr(db_scheme(db), ==, "sqlite");
    *count = migrations_sqlite_count;
    return migrations_sqlite;
}

static char *checksum(const struct migration *migration)
{
    return sha256_text(migration->sql, strlen(migration->sql));
}

/* Compares one row of the history with the list. */
static bool compare(struct db *db, struct db_rows *rows, const struct migration *list, size_t count,
                    int expected, GError **error)
{
    int64_t version = db_column_int(rows, 0);
    if (version > (int64_t)count)
        return error_perm(error,
                          "the schema of the database %s is version %lld, this program knows %zu "
                          "at most: install a newer callmx",
                          db_name(db), (long long)version, count);
    if (version != expected)
        return error_perm(error,
                          "the schema of the database %s lacks migration %d but has %lld: restore "
                          "a backup",
                          db_name(db), expected, (long long)version);
    const struct migration *migration = &list[version - 1];
    g_autofree char *sum = checksum(migration);
    if (g_strcmp0(db_column_text(rows, 1), sum) != 0)
        return error_perm(error,
                          "migration %d (%s) of the database %s is not the one this program has "
                          "(checksum): it was made by another build of callmx",
                          migration->version, migration->name, db_name(db));
    return true;
}

bool migrate_check(struct db *db, const struct migration *list, size_t count, int *version,
                   GError **error)
{
    bool has_history = false;
    if (!db_has_table(db, "schema_migrations", &has_history, error))
        return false;
    int last = 0;
    if (has_history) {
        /* Newest first, so that a newer schema is called that before anything else. */
        static const char newest[] = "SELECT version, checksum FROM schema_migrations "
                                     "WHERE version > $1 ORDER BY version DESC";
        static const char all[] = "SELECT version, checksum FROM schema_migrations "
                                  "ORDER BY version";
        AUTO(db_rows) newer = db_query(db, newest, DB_VALUES(db_int((int64_t)count)), error);
        if (newer == NULL)
            return false;
        enum db_step step = db_step(newer, error);
        if (step == DB_FAILED || (step == DB_ROW && !compare(db, newer, list, count, 0, error)))
            return false;
        AUTO(db_rows) rows = db_query(db, all, DB_NO_VALUES, error);
        if (rows == NULL)
            return false;
        while ((step = db_step(rows, error)) == DB_ROW) {
            if (!compare(db, rows, list, count, ++last, error))
                return false;
        }
        if (step == DB_FAILED)
            return false;
    }
    *version = last;
    return true;
}

static bool apply(struct db *db, const struct migration *migration, int64_t now, GError **error)
{
    static const char note[] = "INSERT INTO schema_migrations (version, name, checksum, applied_at)"
                               " VALUES ($1, $2, $3, $4)";
    char applied_at[DAY_TIME_SIZE];
    day_time_text(now, applied_at);
    g_autofree char *sum = checksum(migration);
    g_autoptr(GError) reason = NULL;
    if (db_run_script(db, migration->sql, &reason))
        return db_run(db, note,
                      DB_VALUES(db_int(migration->version), db_text(migration->name), db_text(sum),
                                db_text(applied_at)),
                      NULL, error);
    g_propagate_prefixed_error(error, g_steal_pointer(&reason),
                               "migration %d (%s): ", migration->version, migration->name);
    return false;
}

/* Applies the next migration, if there is one, under the write lock that is held. */
static bool apply_next(struct db *db, const struct migration *list, size_t count, int64_t now,
                       GError **error)
{
    static const char history[] = "CREATE TABLE IF NOT EXISTS schema_migrations ("
                                  "version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, "
                                  "checksum TEXT NOT NULL, applied_at TEXT NOT NULL)";
    int version = 0;
    if (!db_run(db, history, DB_NO_VALUES, NULL, error) ||
        !migrate_check(db, list, count, &version, error))
        return false;
    return (size_t)version >= count || apply(db, &list[version], now, error);
}

bool migrate_run(struct db *db, const struct migration *list, size_t count, int64_t now,
                 GError **error)
{
    int version = 0;
    if (!migrate_check(db, list, count, &version, error))
        return false;
    while ((size_t)version < count) {
        if (!db_begin(db, error))
            return false;
        if (!apply_next(db, list, count, now, error)) {
            db_rollback(db);
            return false;
        }
        if (!db_commit(db, error) || !migrate_check(db, list, count, &version, error))
            return false;
    }
    return true;
}
