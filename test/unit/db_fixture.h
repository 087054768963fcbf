/* A database in a directory of its own, for the tests of db/. */
#ifndef CALLMX_TEST_DB_FIXTURE_H
#define CALLMX_TEST_DB_FIXTURE_H

#include "base/error.h"
#include "db/store.h"
#include "db/store_agency.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

enum { FIXTURE_NOW = 1767634332 }; /* 2026-01-05T17:32:12Z */

struct fixture {
    char *directory;
    char *path;
    char *url;
    struct db *db;             /* with the schema */
    struct store_agency first; /* two agencies */
    struct store_agency second;
};

static inline void fixture_directory(struct fixture *fixture)
{
    memset(fixture, 0, sizeof *fixture);
    fixture->directory = g_dir_make_tmp("callmx-test-XXXXXX", NULL);
    g_assert_nonnull(fixture->directory);
    fixture->path = g_build_filename(fixture->directory, "calls.db", NULL);
    fixture->url = g_strconcat("sqlite:", fixture->path, NULL);
}

static inline struct db *fixture_open(const struct fixture *fixture, enum db_mode mode)
{
    g_autoptr(GError) error = NULL;
    struct db *db = store_open(fixture->url, mode, &error);
    g_assert_no_error(error);
    g_assert_nonnull(db);
    return db;
}

static inline void fixture_init(struct fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    fixture_directory(fixture);
    fixture->db = fixture_open(fixture, DB_CREATE);
    store_agency_add(fixture->db, "First Agency", "America/Chicago", FIXTURE_NOW, &fixture->first,
                     &error);
    g_assert_no_error(error);
    store_agency_add(fixture->db, "Second Agency", "America/New_York", FIXTURE_NOW,
                     &fixture->second, &error);
    g_assert_no_error(error);
}

static inline void fixture_clear(struct fixture *fixture)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    db_close(fixture->db);
    store_agency_clear(&fixture->first);
    store_agency_clear(&fixture->second);
    for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *name = g_strconcat(fixture->path, suffixes[i], NULL);
        g_remove(name);
    }
    g_assert_cmpint(g_rmdir(fixture->directory), ==, 0);
    g_free(fixture->directory);
    g_free(fixture->path);
    g_free(fixture->url);
}

/* The number that a query without parameters gives; -1 for NULL. */
static inline int64_t fixture_number(struct db *db, const char *sql)
{
    g_autoptr(GError) error = NULL;
    AUTO(db_rows) rows = db_query(db, sql, DB_NO_VALUES, &error);
    g_assert_no_error(error);
    g_assert_cmpint(db_step(rows, &error), ==, DB_ROW);
    return db_column_count(rows, 0);
}

/* The text that a query without parameters gives; g_free it. */
static inline char *fixture_text(struct db *db, const char *sql)
{
    g_autoptr(GError) error = NULL;
    AUTO(db_rows) rows = db_query(db, sql, DB_NO_VALUES, &error);
    g_assert_no_error(error);
    g_assert_cmpint(db_step(rows, &error), ==, DB_ROW);
    return g_strdup(db_column_text(rows, 0));
}

static inline void fixture_script(struct db *db, const char *sql)
{
    g_autoptr(GError) error = NULL;
    db_run_script(db, sql, &error);
    g_assert_no_error(error);
}

/* That `error` is of this class and says `words`; drops it. */
static inline void fixture_expect(GError **error, enum error_class class, const char *words)
{
    g_assert_error(*error, CALLMX_ERROR, (gint) class);
    if (strstr((*error)->message, words) == NULL)
        g_error("`%s` does not say `%s`", (*error)->message, words);
    g_clear_error(error);
}

#endif
