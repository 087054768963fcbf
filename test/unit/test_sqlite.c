#include "db_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct db *open_plain(const struct fixture *fixture, enum db_mode mode)
{
    g_autoptr(GError) error = NULL;
    struct db *db = db_open(fixture->url, mode, &error);
    g_assert_no_error(error);
    return db;
}

/* A fixture with a table t (a INTEGER UNIQUE, b TEXT) instead of the schema. */
static void plain_init(struct fixture *fixture)
{
    fixture_directory(fixture);
    fixture->db = open_plain(fixture, DB_CREATE);
    fixture_script(fixture->db, "CREATE TABLE t (a INTEGER UNIQUE, b TEXT, c BLOB) STRICT");
}

static const char insert_sql[] = "INSERT INTO t (a, b) VALUES ($1, $2)";
static const char count_sql[] = "SELECT count(*) FROM t";

static bool insert(struct db *db, int64_t number, GError **error)
{
    return db_run(db, insert_sql, DB_VALUES(db_int(number), db_text("x")), NULL, error);
}

static void test_url(void)
{
    static const char *const bad[] = {"",   "sqlite", "sqlite:",   "sqlite:calls.db",
                                      "/x", "pg:/x",  "sqlitex:/x"};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(db_open(bad[i], DB_CREATE, &error));
        fixture_expect(&error, ERROR_PERM, "sqlite:/path");
    }
}

static void test_modes(void)
{
    struct fixture fixture;
    fixture_directory(&fixture);
    g_autoptr(GError) error = NULL;
    g_assert_null(db_open(fixture.url, DB_WRITE, &error));
    fixture_expect(&error, ERROR_TEMP, "there is no database");
    g_assert_null(db_open(fixture.url, DB_READONLY, &error));
    fixture_expect(&error, ERROR_TEMP, fixture.path);
    g_assert_false(g_file_test(fixture.path, G_FILE_TEST_EXISTS));

    mode_t mask = umask(0);
    fixture.db = open_plain(&fixture, DB_CREATE);
    fixture_script(fixture.db, "CREATE TABLE t (a INTEGER UNIQUE, b TEXT, c BLOB) STRICT");
    umask(mask);
    struct stat status;
    g_assert_cmpint(stat(fixture.path, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0600);
    g_autofree char *wal = g_strconcat(fixture.path, "-wal", NULL);
    g_assert_cmpint(stat(wal, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0600);

    /* Beside a writer, and alone after it. */
    for (int i = 0; i < 2; i++) {
        AUTO(db) reader = open_plain(&fixture, DB_READONLY);
        g_assert_cmpint(fixture_number(reader, count_sql), ==, 0);
        g_assert_false(insert(reader, 1, &error));
        fixture_expect(&error, ERROR_TEMP, "cannot be written");
        db_close(fixture.db);
        fixture.db = NULL;
    }
    fixture.db = open_plain(&fixture, DB_WRITE);
    g_assert_true(insert(fixture.db, 1, &error));
    fixture_clear(&fixture);
}

static void test_not_a_database(void)
{
    struct fixture fixture;
    fixture_directory(&fixture);
    g_autoptr(GError) error = NULL;
    g_autofree char *text = g_strnfill(8192, 'x');
    g_assert_true(g_file_set_contents(fixture.path, text, -1, NULL));
    for (int mode = DB_CREATE; mode <= DB_READONLY; mode++) {
        g_assert_null(db_open(fixture.url, (enum db_mode)mode, &error));
        fixture_expect(&error, ERROR_TEMP, "is not a SQLite database");
    }
    fixture_clear(&fixture);
}

static void test_settings(void)
{
    struct fixture fixture;
    plain_init(&fixture);
    g_autoptr(GError) error = NULL;
    g_autofree char *journal = fixture_text(fixture.db, "PRAGMA journal_mode");
    g_assert_cmpstr(journal, ==, "wal");
    g_assert_cmpint(fixture_number(fixture.db, "PRAGMA synchronous"), ==, 2);
    g_assert_cmpint(fixture_number(fixture.db, "PRAGMA foreign_keys"), ==, 1);
    g_assert_cmpint(fixture_number(fixture.db, "PRAGMA trusted_schema"), ==, 0);
    g_assert_false(db_run_script(fixture.db, "ATTACH '/tmp/other.db' AS other", &error));
    fixture_expect(&error, ERROR_TEMP, "too many attached");
    g_assert_false(db_run_script(fixture.db, "SELECT load_extension('x')", &error));
    g_clear_error(&error);
    g_assert_false(db_run_script(fixture.db, "SELECT \"no string\"", &error));
    fixture_expect(&error, ERROR_TEMP, "no such column");
    fixture_clear(&fixture);
}

static void test_values(void)
{
    struct fixture fixture;
    plain_init(&fixture);
    g_autoptr(GError) error = NULL;
    /* The order in which parameters stand is not their number, and one may stand twice. */
    static const char sql[] = "SELECT $2, $1, $3, $4, $5, $2, $6, $7";
    AUTO(db_rows)
    rows = db_query(fixture.db, sql,
                    DB_VALUES(db_text("one"), db_int(-2), db_text(NULL), db_count(-1), db_count(0),
                              db_blob("a\0b", 3), db_blob(NULL, 0)),
                    &error);
    g_assert_no_error(error);
    g_assert_cmpint(db_step(rows, &error), ==, DB_ROW);
    g_assert_cmpint(db_column_int(rows, 0), ==, -2);
    g_assert_cmpstr(db_column_text(rows, 1), ==, "one");
    g_assert_null(db_column_text(rows, 2));
    g_assert_cmpint(db_column_int(rows, 3), ==, 0);
    g_assert_cmpint(db_column_count(rows, 3), ==, -1);
    g_assert_cmpint(db_column_count(rows, 4), ==, 0);
    g_assert_cmpint(db_column_int(rows, 5), ==, -2);
    size_t size = 0;
    const void *bytes = db_column_blob(rows, 6, &size);
    g_assert_cmpuint(size, ==, 3);
    g_assert_true(memcmp(bytes, "a\0b", 3) == 0);
    g_assert_nonnull(db_column_blob(rows, 7, &size));
    g_assert_cmpuint(size, ==, 0);
    g_assert_null(db_column_blob(rows, 2, &size));
    g_assert_cmpint(db_step(rows, &error), ==, DB_DONE);
    db_rows_close(g_steal_pointer(&rows));
    fixture_clear(&fixture);
}

static void put(struct db *db, struct db_value number, struct db_value text, struct db_value octets)
{
    static const char sql[] = "INSERT INTO t (a, b, c) VALUES ($1, $2, $3)";
    g_autoptr(GError) error = NULL;
    db_run(db, sql, DB_VALUES(number, text, octets), NULL, &error);
    g_assert_no_error(error);
}

/* Values that stand where those of the row before stood, and are others; and none after some. */
static void test_values_again(void)
{
    struct fixture fixture;
    plain_init(&fixture);
    char room[] = "one";
    put(fixture.db, db_int(1), db_text(room), db_blob(room, 3));
    memcpy(room, "two", 3);
    put(fixture.db, db_int(2), db_text(room), db_blob(room, 3));
    put(fixture.db, db_int(3), db_text(room), db_blob(room, 2));
    put(fixture.db, db_int(4), db_text(NULL), db_blob(room, 0));
    put(fixture.db, db_count(-1), db_text(NULL), db_blob(room, 2));
    put(fixture.db, db_int(0), db_text(""), db_blob(room, 2));
    g_autofree char *rows =
        fixture_text(fixture.db, "SELECT group_concat(ifnull(a, '-') || ifnull(b, '-') || "
                                 "ifnull(CAST(c AS TEXT), '-'), ' ') FROM t ORDER BY rowid");
    g_assert_cmpstr(rows, ==, "1oneone 2twotwo 3twotw 4- --tw 0tw");
    fixture_clear(&fixture);
}

/* What a query asks with may go before its rows come, whatever the statement was bound to. */
static void test_values_of_a_query_are_kept(void)
{
    static const char sql[] = "SELECT $1";
    struct fixture fixture;
    plain_init(&fixture);
    g_autoptr(GError) error = NULL;
    char room[] = "one";
    g_assert_true(db_run(fixture.db, sql, DB_VALUES(db_text(room)), NULL, &error));
    for (int i = 0; i < 2; i++) {
        memcpy(room, "one", 3);
        AUTO(db_rows) rows = db_query(fixture.db, sql, DB_VALUES(db_text(room)), &error);
        memcpy(room, "two", 3);
        g_assert_cmpint(db_step(rows, &error), ==, DB_ROW);
        g_assert_cmpstr(db_column_text(rows, 0), ==, "one");
    }
    fixture_clear(&fixture);
}

static void test_changed_and_constraint(void)
{
    struct fixture fixture;
    plain_init(&fixture);
    g_autoptr(GError) error = NULL;
    int64_t changed = -1;
    for (int i = 0; i < 5; i++)
        g_assert_true(insert(fixture.db, i, &error));
    g_assert_true(db_run(fixture.db, "UPDATE t SET b = $1 WHERE a < $2",
                         DB_VALUES(db_text("y"), db_int(3)), &changed, &error));
    g_assert_cmpint(changed, ==, 3);
    g_assert_true(db_run(fixture.db, count_sql, DB_NO_VALUES, &changed, &error));
    g_assert_cmpint(changed, ==, 0);

    g_assert_false(insert(fixture.db, 0, &error));
    fixture_expect(&error, ERROR_PERM, "UNIQUE constraint failed: t.a");
    /* The statement works on after its error. */
    g_assert_true(insert(fixture.db, 5, &error));
    g_assert_false(db_run(fixture.db, "INSERT INTO t (a) VALUES ($1)", DB_VALUES(db_text("no")),
                          NULL, &error));
    fixture_expect(&error, ERROR_PERM, "cannot store TEXT value in INTEGER");
    bool has = false;
    g_assert_true(db_has_table(fixture.db, "t", &has, &error));
    g_assert_true(has);
    g_assert_true(db_has_table(fixture.db, "u", &has, &error));
    g_assert_false(has);
    fixture_clear(&fixture);
}

static void test_reader_sees_committed_only(void)
{
    struct fixture fixture;
    plain_init(&fixture);
    g_autoptr(GError) error = NULL;
    AUTO(db) reader = open_plain(&fixture, DB_READONLY);
    g_assert_true(db_begin(fixture.db, &error));
    g_assert_true(insert(fixture.db, 1, &error));
    g_assert_cmpint(fixture_number(reader, count_sql), ==, 0);
    g_assert_true(db_commit(fixture.db, &error));
    g_assert_cmpint(fixture_number(reader, count_sql), ==, 1);

    g_assert_true(db_begin_snapshot(reader, &error));
    g_assert_cmpint(fixture_number(reader, count_sql), ==, 1);
    g_assert_true(insert(fixture.db, 2, &error));
    g_assert_cmpint(fixture_number(reader, count_sql), ==, 1);
    db_rollback(reader);
    g_assert_cmpint(fixture_number(reader, count_sql), ==, 2);

    g_assert_true(db_begin(fixture.db, &error));
    g_assert_true(insert(fixture.db, 3, &error));
    db_rollback(fixture.db);
    g_assert_cmpint(fixture_number(fixture.db, count_sql), ==, 2);
    g_assert_false(db_is_in_transaction(fixture.db));
    db_close(g_steal_pointer(&reader));
    fixture_clear(&fixture);
}

static void test_busy(void)
{
    struct fixture fixture;
    plain_init(&fixture);
    g_autoptr(GError) error = NULL;
    AUTO(db) other = open_plain(&fixture, DB_WRITE);
    fixture_script(other, "PRAGMA busy_timeout = 50");
    g_assert_true(db_begin(fixture.db, &error));
    g_assert_false(db_begin(other, &error));
    fixture_expect(&error, ERROR_TEMP, "is busy");
    g_assert_false(insert(other, 1, &error));
    fixture_expect(&error, ERROR_TEMP, fixture.path);
    g_assert_true(db_commit(fixture.db, &error));
    g_assert_true(db_begin(other, &error));
    g_assert_true(db_commit(other, &error));
    db_close(g_steal_pointer(&other));
    fixture_clear(&fixture);
}

static void test_savepoint(void)
{
    struct fixture fixture;
    plain_init(&fixture);
    g_autoptr(GError) error = NULL;
    g_assert_true(db_begin(fixture.db, &error));
    for (int64_t i = 0; i < 6; i++) {
        g_assert_true(db_savepoint(fixture.db, &error));
        g_assert_true(insert(fixture.db, i * 10, &error));
        if (i % 2 == 0) {
            g_assert_true(db_release(fixture.db, &error));
            continue;
        }
        g_assert_false(insert(fixture.db, 0, &error));
        fixture_expect(&error, ERROR_PERM, "refuses a row");
        g_assert_true(db_rollback_to_savepoint(fixture.db, &error));
    }
    /* It has ended with the rollback: there is nothing to release. */
    g_assert_false(db_release(fixture.db, &error));
    g_clear_error(&error);
    g_assert_true(db_commit(fixture.db, &error));
    g_assert_cmpint(fixture_number(fixture.db, count_sql), ==, 3);
    g_assert_cmpint(fixture_number(fixture.db, "SELECT sum(a) FROM t"), ==, 60);
    fixture_clear(&fixture);
}

static void test_disk_full(void)
{
    struct fixture fixture;
    plain_init(&fixture);
    g_autoptr(GError) error = NULL;
    g_assert_true(insert(fixture.db, 1, &error));
    fixture_script(fixture.db, "PRAGMA max_page_count = 20");
    g_autofree char *big = g_strnfill(200000, 'x');

    g_assert_true(db_begin(fixture.db, &error));
    g_assert_true(db_savepoint(fixture.db, &error));
    g_assert_false(db_run(fixture.db, "INSERT INTO t (a, c) VALUES (2, $1)",
                          DB_VALUES(db_blob(big, 200000)), NULL, &error));
    fixture_expect(&error, ERROR_TEMP, "the disk is full");
    /* Whether only the savepoint or all is gone, nothing of it is committed. */
    if (db_rollback_to_savepoint(fixture.db, &error)) {
        g_assert_true(db_commit(fixture.db, &error));
    } else {
        fixture_expect(&error, ERROR_TEMP, "earlier error");
        db_rollback(fixture.db);
    }
    g_assert_cmpint(fixture_number(fixture.db, count_sql), ==, 1);
    fixture_script(fixture.db, "PRAGMA max_page_count = 2000");
    g_assert_true(insert(fixture.db, 3, &error));
    fixture_clear(&fixture);
}

/* When the database has dropped the transaction by itself, nothing may run on and commit alone. */
static void test_lost_transaction(void)
{
    struct fixture fixture;
    plain_init(&fixture);
    g_autoptr(GError) error = NULL;
    g_assert_true(db_begin(fixture.db, &error));
    g_assert_true(insert(fixture.db, 1, &error));
    fixture_script(fixture.db, "ROLLBACK"); /* behind the driver's back */
    g_assert_false(insert(fixture.db, 2, &error));
    fixture_expect(&error, ERROR_TEMP, "undone the transaction");
    g_assert_false(db_savepoint(fixture.db, &error));
    g_clear_error(&error);
    g_assert_false(db_commit(fixture.db, &error));
    g_clear_error(&error);
    g_assert_false(db_is_in_transaction(fixture.db));
    g_assert_cmpint(fixture_number(fixture.db, count_sql), ==, 0);
    g_assert_true(insert(fixture.db, 3, &error));
    fixture_clear(&fixture);
}

/* A child commits, begins another transaction, and is killed within it. */
static void test_killed(void)
{
    struct fixture fixture;
    plain_init(&fixture);
    db_close(g_steal_pointer(&fixture.db));
    int ready[2];
    g_assert_cmpint(pipe(ready), ==, 0);
    pid_t child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0) {
        struct db *db = open_plain(&fixture, DB_WRITE);
        bool ok = db_begin(db, NULL) && insert(db, 1, NULL) && db_commit(db, NULL) &&
                  db_begin(db, NULL) && insert(db, 2, NULL);
        if (write(ready[1], ok ? "y" : "n", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    char answer = 0;
    g_assert_cmpint(read(ready[0], &answer, 1), ==, 1);
    g_assert_cmpint(answer, ==, 'y');
    kill(child, SIGKILL);
    g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
    close(ready[0]);
    close(ready[1]);

    /* A reader alone must be able to read what the log still holds. */
    AUTO(db) reader = open_plain(&fixture, DB_READONLY);
    g_assert_cmpint(fixture_number(reader, count_sql), ==, 1);
    db_close(g_steal_pointer(&reader));
    fixture.db = open_plain(&fixture, DB_WRITE);
    g_assert_cmpint(fixture_number(fixture.db, count_sql), ==, 1);
    g_autofree char *whole = fixture_text(fixture.db, "PRAGMA integrity_check");
    g_assert_cmpstr(whole, ==, "ok");
    fixture_clear(&fixture);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sqlite/url", test_url);
    g_test_add_func("/sqlite/modes", test_modes);
    g_test_add_func("/sqlite/not-a-database", test_not_a_database);
    g_test_add_func("/sqlite/settings", test_settings);
    g_test_add_func("/sqlite/values", test_values);
    g_test_add_func("/sqlite/values-again", test_values_again);
    g_test_add_func("/sqlite/values-of-a-query-are-kept", test_values_of_a_query_are_kept);
    g_test_add_func("/sqlite/changed-and-constraint", test_changed_and_constraint);
    g_test_add_func("/sqlite/reader-sees-committed-only", test_reader_sees_committed_only);
    g_test_add_func("/sqlite/busy", test_busy);
    g_test_add_func("/sqlite/savepoint", test_savepoint);
    g_test_add_func("/sqlite/disk-full", test_disk_full);
    g_test_add_func("/sqlite/lost-transaction", test_lost_transaction);
    g_test_add_func("/sqlite/killed", test_killed);
    return g_test_run();
}
