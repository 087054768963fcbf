/*
 * The seam between driver.h and its back ends: one const struct of functions per back end, chosen
 * by the scheme of the URL. Only driver.c and the back ends include this.
 *
 * A back end puts struct db and struct db_rows at the head of structs of its own.
 */
#ifndef CALLMX_DB_DRIVER_IMPL_H
#define CALLMX_DB_DRIVER_IMPL_H

#include "db/driver.h"

struct db_driver {
    const char *scheme;         /* of the URL: "sqlite" */
    const char *begin;          /* SQL that begins a transaction and takes the write lock */
    const char *begin_snapshot; /* SQL that begins one that reads a single state */

    /* `rest` is the URL behind the colon. */
    struct db *(*open)(const char *rest, enum db_mode mode, GError **error);
    void (*close)(struct db *db);

    bool (*run)(struct db *db, const char *sql, const struct db_value *values, size_t count,
                int64_t *changed, GError **error);
    bool (*run_script)(struct db *db, const char *sql, GError **error);
    bool (*has_table)(struct db *db, const char *name, bool *has, GError **error);

    /* A number that changes when another connection commits. */
    bool (*version)(struct db *db, int64_t *version, GError **error);

    bool (*checkpoint)(struct db *db, GError **error);

    struct db_rows *(*query)(struct db *db, const char *sql, const struct db_value *values,
                             size_t count, GError **error);
    enum db_step (*step)(struct db_rows *rows, GError **error);
    void (*rows_close)(struct db_rows *rows);
    bool (*column_is_null)(struct db_rows *rows, int column);
    int64_t (*column_int)(struct db_rows *rows, int column);
    const char *(*column_text)(struct db_rows *rows, int column);
    const void *(*column_blob)(struct db_rows *rows, int column, size_t *size);
};

struct db {
    const struct db_driver *driver;
    char *name; /* for error texts; owned by the back end */
    bool in_transaction;
    int64_t version; /* as db_others_wrote() saw it last */
    int64_t log_pages;
    bool leaves_checkpoints;
};

struct db_rows {
    struct db *db; /* borrowed */
};

extern const struct db_driver sqlite_driver;

#endif
