/*
 * What callmx needs of a database, and no more. Only db/ includes this and writes SQL; the rest of
 * callmx speaks the words of store_*.h.
 *
 * A connection belongs to one thread at a time. SQL is in the subset that SQLite and PostgreSQL
 * share; parameters are $1, $2, …. A statement is prepared once per connection and found again by
 * the address of its text: pass string constants, or what is never changed or freed.
 *
 * Errors: TEMP for what another try may mend (busy, disk full, I/O), PERM for what it will not
 * (a constraint, a schema that is too new).
 */
#ifndef CALLMX_DB_DRIVER_H
#define CALLMX_DB_DRIVER_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct db;

enum db_mode {
    DB_CREATE,   /* read and write; made if it is not there */
    DB_WRITE,    /* read and write; must be there */
    DB_READONLY, /* must be there */
};

/* Opens "sqlite:/path", the path from the root. NULL on error. A file that is made can be read by
 * its owner alone, for the keys are in it. */
struct db *db_open(const char *url, enum db_mode mode, GError **error);
void db_close(struct db *db); /* rolls back what is open; all rows must be closed */
AUTO_DEFINE(db, db_close)

/* What to call the database in a text for people: its path. And the scheme of its URL. */
const char *db_name(const struct db *db);
const char *db_scheme(const struct db *db);

/* Transactions. db_begin() takes the write lock at once. All queries of a snapshot see the same
 * state and wait for nobody; it ends with db_rollback(). A commit that fails has rolled back.
 *
 * Savepoints stand in a transaction and do not nest; db_rollback_to_savepoint() ends the savepoint
 * too. Some errors (disk full, I/O) make the database drop the whole transaction: from then on
 * everything fails with TEMP until db_rollback(). So when db_rollback_to_savepoint() fails, nothing
 * of the transaction is left. */
bool db_begin(struct db *db, GError **error);
bool db_begin_snapshot(struct db *db, GError **error);
bool db_commit(struct db *db, GError **error);
void db_rollback(struct db *db); /* does nothing where no transaction is open */
bool db_savepoint(struct db *db, GError **error);
bool db_release(struct db *db, GError **error);
bool db_rollback_to_savepoint(struct db *db, GError **error);
bool db_is_in_transaction(const struct db *db);

/* Whether another connection may have changed anything since this was last asked; true the first
 * time. Asked inside a transaction it is true of all that the transaction can see. */
bool db_others_wrote(struct db *db, bool *wrote, GError **error);

/* How many pages the write-ahead log has after the last commit of this connection; 0 where there is
 * no such thing. Each connection brings the log home by itself when it commits; one that was told
 * to leave it waits for db_checkpoint(), for which nobody waits. */
int64_t db_log_pages(const struct db *db);
void db_leave_checkpoints(struct db *db);
bool db_checkpoint(struct db *db, GError **error);

enum db_type { DB_TYPE_NULL, DB_TYPE_INT, DB_TYPE_TEXT, DB_TYPE_BLOB };

struct db_value {
    enum db_type type;
    size_t size; /* octets of text or blob */
    union {
        int64_t number;
        const void *bytes; /* borrowed until db_run() or db_query() returns */
    };
};

/* NULL text is NULL; a count below zero is NULL: unknown is not zero. A blob of no bytes is an
 * empty blob. */
static inline struct db_value db_text(const char *text)
{
    return text == NULL
               ? (struct db_value){.type = DB_TYPE_NULL}
               : (struct db_value){.type = DB_TYPE_TEXT, .size = strlen(text), .bytes = text};
}

static inline struct db_value db_int(int64_t number)
{
    return (struct db_value){.type = DB_TYPE_INT, .number = number};
}

static inline struct db_value db_count(int64_t number)
{
    return number < 0 ? (struct db_value){.type = DB_TYPE_NULL} : db_int(number);
}

static inline struct db_value db_blob(const void *bytes, size_t size)
{
    return (struct db_value){.type = DB_TYPE_BLOB, .size = size, .bytes = bytes};
}

/* The parameters of a statement: DB_VALUES(db_text(a), db_int(b)). */
#define DB_VALUES(...)                                                                             \
    (const struct db_value[]){__VA_ARGS__},                                                        \
        sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value)
#define DB_NO_VALUES NULL, 0

/* Runs a statement to its end; `changed` (may be NULL) gets the number of rows it changed. */
bool db_run(struct db *db, const char *sql, const struct db_value *values, size_t count,
            int64_t *changed, GError **error);

/* Runs a whole script without parameters: migrations. */
bool db_run_script(struct db *db, const char *sql, GError **error);

bool db_has_table(struct db *db, const char *name, bool *has, GError **error);

/* Rows of a query. One query of one text can be open at a time per connection. */
struct db_rows;
struct db_rows *db_query(struct db *db, const char *sql, const struct db_value *values,
                         size_t count, GError **error);
enum db_step { DB_ROW, DB_DONE, DB_FAILED };
enum db_step db_step(struct db_rows *rows, GError **error);
void db_rows_close(struct db_rows *rows);
AUTO_DEFINE(db_rows, db_rows_close)

/* Columns from 0. Text and blob are borrowed until the next step; NULL for NULL. */
const char *db_column_text(struct db_rows *rows, int column);
int64_t db_column_int(struct db_rows *rows, int column);   /* NULL is 0 */
int64_t db_column_count(struct db_rows *rows, int column); /* NULL is -1 */
const void *db_column_blob(struct db_rows *rows, int column, size_t *size);

#endif
