#include "db_fixture.h"

#include "db/migrate.h"

#include <sys/wait.h>
#include <unistd.h>

static const struct migration list[] = {
    {1, "one", "CREATE TABLE one (a INTEGER);"},
    {2, "two", "CREATE TABLE two (a INTEGER); INSERT INTO two VALUES (7);"},
    {3, "three", "CREATE TABLE three (a INTEGER);"},
};

static void plain_init(struct fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    fixture_directory(fixture);
    fixture->db = db_open(fixture->url, DB_CREATE, &error);
    g_assert_no_error(error);
}

static int version_of(struct db *db, size_t count)
{
    g_autoptr(GError) error = NULL;
    int version = -1;
    migrate_check(db, list, count, &version, &error);
    g_assert_no_error(error);
    return version;
}

static void test_step_by_step(void)
{
    struct fixture fixture;
    plain_init(&fixture);
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(version_of(fixture.db, 3), ==, 0);
    g_assert_true(migrate_run(fixture.db, list, 1, FIXTURE_NOW, &error));
    g_assert_cmpint(version_of(fixture.db, 3), ==, 1);
    g_assert_true(migrate_run(fixture.db, list, 3, FIXTURE_NOW, &error));
    g_assert_cmpint(version_of(fixture.db, 3), ==, 3);
    /* Again changes nothing. */
    g_assert_true(migrate_run(fixture.db, list, 3, FIXTURE_NOW, &error));
    g_assert_cmpint(fixture_number(fixture.db, "SELECT sum(a) FROM two"), ==, 7);
    g_autofree char *noted = fixture_text(fixture.db, "SELECT name || ' ' || applied_at FROM "
                                                      "schema_migrations WHERE version = 2");
    g_assert_cmpstr(noted, ==, "two 2026-01-05T17:32:12Z");
    g_autofree char *sum =
        fixture_text(fixture.db, "SELECT checksum FROM schema_migrations WHERE version = 1");
    g_autofree char *expected = g_compute_checksum_for_string(G_CHECKSUM_SHA256, list[0].sql, -1);
    g_assert_cmpstr(sum, ==, expected);
    fixture_clear(&fixture);
}

static void test_failure_leaves_the_last_good_one(void)
{
    static const struct migration bad[] = {
        {1, "one", "CREATE TABLE one (a INTEGER);"},
        {2, "bad", "CREATE TABLE two (a INTEGER); CREATE TABLE two (a INTEGER);"},
    };
    struct fixture fixture;
    plain_init(&fixture);
    g_autoptr(GError) error = NULL;
    g_assert_false(migrate_run(fixture.db, bad, 2, FIXTURE_NOW, &error));
    fixture_expect(&error, ERROR_TEMP, "migration 2 (bad)");
    g_assert_cmpint(version_of(fixture.db, 1), ==, 1);
    bool has = true;
    g_assert_true(db_has_table(fixture.db, "two", &has, &error));
    g_assert_false(has);
    g_assert_true(migrate_run(fixture.db, list, 3, FIXTURE_NOW, &error));
    fixture_clear(&fixture);
}

static void test_refused(void)
{
    static const struct {
        const char *damage;
        const char *words;
    } cases[] = {
        {"UPDATE schema_migrations SET checksum = 'x' WHERE version = 1", "(checksum)"},
        {"INSERT INTO schema_migrations VALUES (4, 'four', 'x', 'y')", "install a newer callmx"},
        {"DELETE FROM schema_migrations WHERE version = 2", "lacks migration 2"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct fixture fixture;
        plain_init(&fixture);
        g_autoptr(GError) error = NULL;
        g_assert_true(migrate_run(fixture.db, list, 3, FIXTURE_NOW, &error));
        fixture_script(fixture.db, cases[i].damage);
        g_assert_false(migrate_run(fixture.db, list, 3, FIXTURE_NOW, &error));
        fixture_expect(&error, ERROR_PERM, cases[i].words);
        int version = -1;
        g_assert_false(migrate_check(fixture.db, list, 3, &version, &error));
        fixture_expect(&error, ERROR_PERM, fixture.path);
        g_assert_cmpint(version, ==, -1);
        fixture_clear(&fixture);
    }
}

static void test_changed_text(void)
{
    struct migration changed[G_N_ELEMENTS(list)];
    memcpy(changed, list, sizeof list);
    changed[1].sql = "CREATE TABLE two (a INTEGER, b INTEGER);";
    struct fixture fixture;
    plain_init(&fixture);
    g_autoptr(GError) error = NULL;
    g_assert_true(migrate_run(fixture.db, list, 2, FIXTURE_NOW, &error));
    g_assert_false(migrate_run(fixture.db, changed, 3, FIXTURE_NOW, &error));
    fixture_expect(&error, ERROR_PERM, "migration 2 (two)");
    fixture_clear(&fixture);
}

static void test_store_open(void)
{
    struct fixture fixture;
    plain_init(&fixture);
    g_autoptr(GError) error = NULL;
    g_assert_null(store_open(fixture.url, DB_READONLY, &error));
    fixture_expect(&error, ERROR_PERM, "version 0");
    AUTO(db) writer = fixture_open(&fixture, DB_WRITE);
    AUTO(db) reader = fixture_open(&fixture, DB_READONLY);
    g_assert_cmpint(fixture_number(reader, "SELECT max(version) FROM schema_migrations"), ==,
                    store_schema_version());

    /* An open of an up-to-date database waits for no writer. */
    g_assert_true(db_begin(writer, &error));
    AUTO(db) third = fixture_open(&fixture, DB_WRITE);
    g_assert_true(db_commit(writer, &error));
    db_close(g_steal_pointer(&third));

    fixture_script(writer, "INSERT INTO schema_migrations VALUES (999, 'future', 'x', 'y')");
    g_assert_null(store_open(fixture.url, DB_WRITE, &error));
    fixture_expect(&error, ERROR_PERM, "version 999");
    g_assert_null(store_open(fixture.url, DB_READONLY, &error));
    fixture_expect(&error, ERROR_PERM, "newer callmx");
    db_close(g_steal_pointer(&reader));
    db_close(g_steal_pointer(&writer));
    fixture_clear(&fixture);
}

/* Several programs that start at once with no file there. */
static void test_at_once(void)
{
    enum { ROUNDS = 5, PROGRAMS = 4 };
    for (int round = 0; round < ROUNDS; round++) {
        struct fixture fixture;
        fixture_directory(&fixture);
        int start[2];
        g_assert_cmpint(pipe(start), ==, 0);
        pid_t children[PROGRAMS];
        for (int i = 0; i < PROGRAMS; i++) {
            children[i] = fork();
            g_assert_cmpint(children[i], >=, 0);
            if (children[i] != 0)
                continue;
            char byte;
            close(start[1]);
            if (read(start[0], &byte, 1) != 0)
                _exit(2);
            GError *error = NULL;
            struct db *db = store_open(fixture.url, DB_CREATE, &error);
            if (db == NULL)
                g_printerr("%s\n", error->message);
            db_close(db);
            _exit(db != NULL ? 0 : 1);
        }
        close(start[0]);
        close(start[1]); /* all of them read the end of the pipe */
        for (int i = 0; i < PROGRAMS; i++) {
            int status = -1;
            g_assert_cmpint(waitpid(children[i], &status, 0), ==, children[i]);
            g_assert_cmpint(status, ==, 0);
        }
        fixture.db = fixture_open(&fixture, DB_READONLY);
        g_assert_cmpint(fixture_number(fixture.db, "SELECT count(*) FROM schema_migrations"), ==,
                        store_schema_version());
        fixture_clear(&fixture);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/migrate/step-by-step", test_step_by_step);
    g_test_add_func("/migrate/failure-leaves-the-last-good-one",
                    test_failure_leaves_the_last_good_one);
    g_test_add_func("/migrate/refused", test_refused);
    g_test_add_func("/migrate/changed-text", test_changed_text);
    g_test_add_func("/migrate/store-open", test_store_open);
    g_test_add_func("/migrate/at-once", test_at_once);
    return g_test_run();
}
