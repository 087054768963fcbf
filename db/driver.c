/*
 * What all back ends have in common: finding the one for a URL, the makers of values, and
 * transactions, which are plain SQL but for their beginning.
 *
 * Hard about it: a database may drop a transaction by itself after an error. `in_transaction` is
 * what the caller believes, so that the back end can refuse to run a statement outside of the
 * transaction that it was meant for.
 */
#include "db/driver_impl.h"

#include "base/error.h"

#include <string.h>

static const struct db_driver *const drivers[] = {&sqlite_driver};

struct db *db_open(const char *url, enum db_mode mode, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(drivers); i++) {
        size_t length = strlen(drivers[i]->scheme);
        if (strncmp(url, drivers[i]->scheme, length) == 0 && url[length] == ':')
            return drivers[i]->open(url + length + 1, mode, error);
    }
    error_perm(error, "`%s` names no database: write sqlite:/path/to/file", url);
    return NULL;
}

void db_close(struct db *db)
{
    if (db == NULL)
        return;
    db_rollback(db);
    db->driver->close(db);
}

const char *db_name(const struct db *db)
{
    return db->name;
}

const char *db_scheme(const struct db *db)
{
    return db->driver->scheme;
}

static bool begin(struct db *db, const char *sql, GError **error)
{
    g_assert(!db->in_transaction);
    db->in_transaction = db->driver->run(db, sql, DB_NO_VALUES, NULL, error);
    return db->in_transaction;
}

bool db_begin(struct db *db, GError **error)
{
    return begin(db, db->driver->begin, error);
}

bool db_begin_snapshot(struct db *db, GError **error)
{
    return begin(db, db->driver->begin_snapshot, error);
}

bool db_commit(struct db *db, GError **error)
{
    g_assert(db->in_transaction);
    if (!db_run(db, "COMMIT", DB_NO_VALUES, NULL, error)) {
        db_rollback(db);
        return false;
    }
    db->in_transaction = false;
    return true;
}

void db_rollback(struct db *db)
{
    if (!db->in_transaction)
        return;
    /* It fails only where the database has rolled back by itself. */
    db->in_transaction = false;
    db->driver->run(db, "ROLLBACK", DB_NO_VALUES, NULL, NULL);
}

bool db_savepoint(struct db *db, GError **error)
{
    g_assert(db->in_transaction);
    return db_run(db, "SAVEPOINT callmx", DB_NO_VALUES, NULL, error);
}

bool db_release(struct db *db, GError **error)
{
    return db_run(db, "RELEASE SAVEPOINT callmx", DB_NO_VALUES, NULL, error);
}

bool db_rollback_to_savepoint(struct db *db, GError **error)
{
    return db_run(db, "ROLLBACK TO SAVEPOINT callmx", DB_NO_VALUES, NULL, error) &&
           db_release(db, error);
}

bool db_is_in_transaction(const struct db *db)
{
    return db->in_transaction;
}

bool db_others_wrote(struct db *db, bool *wrote, GError **error)
{
    int64_t version;
    if (!db->driver->version(db, &version, error))
        return false;
    *wrote = version != db->version;
    db->version = version;
    return true;
}

int64_t db_log_pages(const struct db *db)
{
    return db->log_pages;
}

void db_leave_checkpoints(struct db *db)
{
    db->leaves_checkpoints = true;
}

bool db_checkpoint(struct db *db, GError **error)
{
    return db->driver->checkpoint(db, error);
}

bool db_run(struct db *db, const char *sql, const struct db_value *values, size_t count,
            int64_t *changed, GError **error)
{
    return db->driver->run(db, sql, values, count, changed, error);
}

bool db_run_script(struct db *db, const char *sql, GError **error)
{
    return db->driver->run_script(db, sql, error);
}

bool db_has_table(struct db *db, const char *name, bool *has, GError **error)
{
    return db->driver->has_table(db, name, has, error);
}

struct db_rows *db_query(struct db *db, const char *sql, const struct db_value *values,
                         size_t count, GError **error)
{
    return db->driver->query(db, sql, values, count, error);
}

enum db_step db_step(struct db_rows *rows, GError **error)
{
    return rows->db->driver->step(rows, error);
}

void db_rows_close(struct db_rows *rows)
{
    if (rows != NULL)
        rows->db->driver->rows_close(rows);
}

const char *db_column_text(struct db_rows *rows, int column)
{
    return rows->db->driver->column_text(rows, column);
}

int64_t db_column_int(struct db_rows *rows, int column)
{
    return rows->db->driver->column_int(rows, column);
}

int64_t db_column_count(struct db_rows *rows, int column)
{
    const struct db_driver *driver = rows->db->driver;
    return driver->column_is_null(rows, column) ? -1 : driver->column_int(rows, column);
}

const void *db_column_blob(struct db_rows *rows, int column, size_t *size)
{
    return rows->db->driver->column_blob(rows, column, size);
}
