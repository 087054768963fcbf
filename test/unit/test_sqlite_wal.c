#include "db/sqlite_wal.h"

#include "base/limits.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/resource.h>

enum {
    LOG_FLAGS = SQLITE_OPEN_WAL | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
    MANY = 10000, /* rows: more than the cache of the test holds */
};

/* --- A file of a log, by itself --- */

struct bare {
    char *directory;
    char *path;
    char *database; /* which a log takes its mode from */
    sqlite3_file *file;
};

static void bare_init(struct bare *bare)
{
    bare->directory = g_dir_make_tmp("callmx-test-XXXXXX", NULL);
    g_assert_nonnull(bare->directory);
    bare->path = g_build_filename(bare->directory, "x-wal", NULL);
    bare->database = g_build_filename(bare->directory, "x", NULL);
    g_assert_true(g_file_set_contents(bare->database, "", 0, NULL));
    sqlite3_vfs *vfs = sqlite3_vfs_find(SQLITE_WAL_VFS);
    g_assert_nonnull(vfs);
    bare->file = g_malloc0((gsize)vfs->szOsFile);
    int flags = 0;
    g_assert_cmpint(vfs->xOpen(vfs, bare->path, bare->file, LOG_FLAGS, &flags), ==, SQLITE_OK);
}

static void bare_clear(struct bare *bare)
{
    g_assert_cmpint(bare->file->pMethods->xClose(bare->file), ==, SQLITE_OK);
    g_assert_cmpint(g_remove(bare->path), ==, 0);
    g_assert_cmpint(g_remove(bare->database), ==, 0);
    g_assert_cmpint(g_rmdir(bare->directory), ==, 0);
    g_free(bare->directory);
    g_free(bare->path);
    g_free(bare->database);
    g_free(bare->file);
}

static int put(const struct bare *bare, const void *octets, gsize size, gsize at)
{
    return bare->file->pMethods->xWrite(bare->file, octets, (int)size, (sqlite3_int64)at);
}

static int bring(const struct bare *bare)
{
    return bare->file->pMethods->xSync(bare->file, SQLITE_SYNC_NORMAL);
}

static gsize size_on_disk(const struct bare *bare)
{
    GStatBuf status;
    g_assert_cmpint(g_stat(bare->path, &status), ==, 0);
    return (gsize)status.st_size;
}

static void test_gathers(void)
{
    struct bare bare;
    bare_init(&bare);
    static char page[8192];
    memset(page, 'p', sizeof page);
    gsize at = 0;
    g_assert_cmpint(put(&bare, "header", 6, at), ==, SQLITE_OK);
    at += 6;
    for (int i = 0; i < 5; i++, at += sizeof page)
        g_assert_cmpint(put(&bare, page, sizeof page, at), ==, SQLITE_OK);
    g_assert_cmpuint(size_on_disk(&bare), ==, 0);

    sqlite3_int64 size = 0;
    g_assert_cmpint(bare.file->pMethods->xFileSize(bare.file, &size), ==, SQLITE_OK);
    g_assert_cmpint(size, ==, (sqlite3_int64)at);
    g_assert_cmpuint(size_on_disk(&bare), ==, at);

    g_assert_cmpint(put(&bare, "again", 5, at), ==, SQLITE_OK);
    g_assert_cmpuint(size_on_disk(&bare), ==, at);
    g_assert_cmpint(bring(&bare), ==, SQLITE_OK);
    g_assert_cmpuint(size_on_disk(&bare), ==, at + 5);
    bare_clear(&bare);
}

/* The same writes, to a file in memory. */
static void model_put(GByteArray *model, const guint8 *octets, gsize size, gsize at)
{
    gsize before = model->len;
    if (at + size > before) {
        g_byte_array_set_size(model, (guint)(at + size));
        if (at > before)
            memset(model->data + before, 0, at - before);
    }
    memcpy(model->data + at, octets, size);
}

static void compare_read(const struct bare *bare, const GByteArray *model, gsize at, gsize size)
{
    g_autofree guint8 *found = g_malloc(size);
    int code = bare->file->pMethods->xRead(bare->file, found, (int)size, (sqlite3_int64)at);
    gsize there = at >= model->len ? 0 : MIN(size, model->len - at);
    g_assert_cmpint(code, ==, there == size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ);
    g_assert_true(there == 0 || memcmp(found, model->data + at, there) == 0);
}

static void compare_disk(const struct bare *bare, const GByteArray *model)
{
    g_autofree char *found = NULL;
    gsize size;
    g_assert_true(g_file_get_contents(bare->path, &found, &size, NULL));
    g_assert_cmpuint(size, ==, model->len);
    g_assert_true(size == 0 || memcmp(found, model->data, size) == 0);
}

/* Writes that follow each other, that go back, leave a hole, or are too long to be gathered. */
static void put_something(const struct bare *bare, GByteArray *model, gsize *next)
{
    gsize size = (gsize)g_test_rand_int_range(1, 100) == 1 ? LIMIT_DB_LOG_GATHERED + 7
                                                           : (gsize)g_test_rand_int_range(1, 9000);
    if (g_test_rand_int_range(0, 20) == 0)
        *next = (gsize)g_test_rand_int_range(0, (gint32)model->len + 5000);
    g_autofree guint8 *octets = g_malloc(size);
    memset(octets, g_test_rand_int_range(1, 256), size);
    g_assert_cmpint(put(bare, octets, size, *next), ==, SQLITE_OK);
    model_put(model, octets, size, *next);
    *next += size;
    if (*next > 2 * MIB)
        *next = 0;
}

static void test_like_a_file(void)
{
    struct bare bare;
    bare_init(&bare);
    g_autoptr(GByteArray) model = g_byte_array_new();
    gsize next = 0;
    for (int i = 0; i < 4000; i++) {
        int what = g_test_rand_int_range(0, 60);
        if (what == 0) {
            g_assert_cmpint(bring(&bare), ==, SQLITE_OK);
            compare_disk(&bare, model);
        } else if (what == 1) {
            compare_read(&bare, model, (gsize)g_test_rand_int_range(0, (gint32)model->len + 100),
                         (gsize)g_test_rand_int_range(1, 20000));
        } else if (what == 2) {
            gsize size = (gsize)g_test_rand_int_range(0, (gint32)model->len + 1);
            g_assert_cmpint(bare.file->pMethods->xTruncate(bare.file, (sqlite3_int64)size), ==,
                            SQLITE_OK);
            g_byte_array_set_size(model, (guint)size);
        } else if (what == 3) {
            sqlite3_int64 size = -1;
            g_assert_cmpint(bare.file->pMethods->xFileSize(bare.file, &size), ==, SQLITE_OK);
            g_assert_cmpint(size, ==, model->len);
        } else {
            put_something(&bare, model, &next);
        }
    }
    g_assert_cmpint(bring(&bare), ==, SQLITE_OK);
    compare_disk(&bare, model);
    bare_clear(&bare);
}

/* Where a file cannot grow, the sync says so, and what was gathered does not come back later. */
static void test_full(void)
{
    struct bare bare;
    bare_init(&bare);
    static char page[8192];
    g_assert_cmpint(put(&bare, page, sizeof page, 0), ==, SQLITE_OK);
    g_assert_cmpint(bring(&bare), ==, SQLITE_OK);

    struct rlimit before, small;
    g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &before), ==, 0);
    small = before;
    small.rlim_cur = 3 * sizeof page;
    signal(SIGXFSZ, SIG_IGN);
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &small), ==, 0);
    for (gsize i = 1; i < 6; i++)
        g_assert_cmpint(put(&bare, page, sizeof page, i * sizeof page), ==, SQLITE_OK);
    int code = bring(&bare);
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &before), ==, 0);
    g_assert_cmpint(code, !=, SQLITE_OK);

    memset(page, 'x', sizeof page);
    g_assert_cmpint(put(&bare, page, sizeof page, sizeof page), ==, SQLITE_OK);
    g_assert_cmpint(bring(&bare), ==, SQLITE_OK);
    g_assert_cmpuint(size_on_disk(&bare), ==, 3 * sizeof page);
    char found = 0;
    g_assert_cmpint(bare.file->pMethods->xRead(bare.file, &found, 1, sizeof page), ==, SQLITE_OK);
    g_assert_cmpint(found, ==, 'x');
    bare_clear(&bare);
}

static const sqlite3_io_methods *methods_of_database(const char *vfs_name, const char *path)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(vfs_name);
    g_autofree sqlite3_file *file = g_malloc0((gsize)vfs->szOsFile);
    int flags = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    /* The library ends a name with two zeros, after which its parameters would stand. */
    g_autofree char *name = g_malloc0(strlen(path) + 4);
    memcpy(name, path, strlen(path));
    g_assert_cmpint(vfs->xOpen(vfs, name, file, flags, &flags), ==, SQLITE_OK);
    const sqlite3_io_methods *methods = file->pMethods;
    g_assert_cmpint(methods->xClose(file), ==, SQLITE_OK);
    return methods;
}

static void test_logs_alone(void)
{
    struct bare bare;
    bare_init(&bare);
    const sqlite3_io_methods *own = methods_of_database(NULL, bare.database);
    g_assert_true(methods_of_database(SQLITE_WAL_VFS, bare.database) == own);
    g_assert_true(bare.file->pMethods != own);
    bare_clear(&bare);
}

static void test_cannot_open(void)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(SQLITE_WAL_VFS);
    g_autofree sqlite3_file *file = g_malloc0((gsize)vfs->szOsFile);
    int flags = 0;
    g_assert_cmpint(vfs->xOpen(vfs, "/nowhere/x-wal", file, LOG_FLAGS, &flags), !=, SQLITE_OK);
    g_assert_null(file->pMethods);
}

/* --- A database --- */

static void sql(sqlite3 *db, const char *text)
{
    char *message = NULL;
    int code = sqlite3_exec(db, text, NULL, NULL, &message);
    g_assert_cmpstr(message, ==, NULL);
    g_assert_cmpint(code, ==, SQLITE_OK);
}

static sqlite3 *database(const char *path, const char *vfs)
{
    sqlite3 *db = NULL;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    g_assert_cmpint(sqlite3_open_v2(path, &db, flags, vfs), ==, SQLITE_OK);
    sql(db, "PRAGMA synchronous = FULL");
    sql(db, "PRAGMA journal_mode = WAL");
    sql(db, "PRAGMA cache_size = 10"); /* pages: the rest goes to the log before the commit */
    sql(db, "PRAGMA wal_autocheckpoint = 0");
    return db;
}

/* How many rows there are, with all of their pages read. */
static int count(sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    g_assert_cmpint(
        sqlite3_prepare_v2(db, "SELECT count(*), max(length(b)) FROM t", -1, &statement, NULL), ==,
        SQLITE_OK);
    g_assert_cmpint(sqlite3_step(statement), ==, SQLITE_ROW);
    int rows = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return rows;
}

static void expect_sound(sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    g_assert_cmpint(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &statement, NULL), ==,
                    SQLITE_OK);
    g_assert_cmpint(sqlite3_step(statement), ==, SQLITE_ROW);
    g_assert_cmpstr((const char *)sqlite3_column_text(statement, 0), ==, "ok");
    sqlite3_finalize(statement);
}

static void add_rows(sqlite3 *db, int rows)
{
    g_autofree char *text = g_strdup_printf(
        "INSERT INTO t (a, b) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        "WHERE i < %d) SELECT abs(random()), hex(randomblob(40)) FROM n",
        rows);
    sql(db, text);
}

/* As the files are now, taken by somebody for whom the writer has died. */
static void expect_in_copy(const char *path, int rows)
{
    static const char *const suffixes[] = {"", "-wal"};
    g_autofree char *copy = g_strconcat(path, ".copy", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *from = g_strconcat(path, suffixes[i], NULL);
        g_autofree char *to = g_strconcat(copy, suffixes[i], NULL);
        g_autofree char *octets = NULL;
        gsize size;
        g_assert_true(g_file_get_contents(from, &octets, &size, NULL));
        g_assert_true(g_file_set_contents(to, octets, (gssize)size, NULL));
    }
    sqlite3 *db = database(copy, NULL);
    g_assert_cmpint(count(db), ==, rows);
    sqlite3_close(db);
    g_assert_cmpint(g_remove(copy), ==, 0);
}

static void test_database(void)
{
    g_autofree char *directory = g_dir_make_tmp("callmx-test-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "x.db", NULL);
    sqlite3 *writer = database(path, SQLITE_WAL_VFS);
    sql(writer, "CREATE TABLE t (a INTEGER, b TEXT); CREATE INDEX u ON t (a)");
    sqlite3 *reader = database(path, NULL);
    g_assert_cmpint(count(reader), ==, 0);

    int expected = 0;
    for (int round = 0; round < 6; round++) {
        int rows = round % 2 == 0 ? MANY : 3;
        sql(writer, "BEGIN IMMEDIATE");
        add_rows(writer, rows);
        g_assert_cmpint(count(writer), ==, expected + rows);
        g_assert_cmpint(count(reader), ==, expected);
        sql(writer, round % 3 == 2 ? "ROLLBACK" : "COMMIT");
        expected += round % 3 == 2 ? 0 : rows;
        g_assert_cmpint(count(writer), ==, expected);
        g_assert_cmpint(count(reader), ==, expected);
        expect_in_copy(path, expected);
        if (round == 3)
            sql(reader, "PRAGMA wal_checkpoint(PASSIVE)");
    }
    expect_sound(writer);
    expect_sound(reader);
    g_assert_cmpint(sqlite3_close(writer), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_close(reader), ==, SQLITE_OK);
    g_assert_cmpint(g_remove(path), ==, 0);
    g_assert_cmpint(g_rmdir(directory), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_true(sqlite_wal_register());
    g_test_add_func("/sqlite-wal/gathers", test_gathers);
    g_test_add_func("/sqlite-wal/like-a-file", test_like_a_file);
    g_test_add_func("/sqlite-wal/full", test_full);
    g_test_add_func("/sqlite-wal/logs-alone", test_logs_alone);
    g_test_add_func("/sqlite-wal/cannot-open", test_cannot_open);
    g_test_add_func("/sqlite-wal/database", test_database);
    return g_test_run();
}
