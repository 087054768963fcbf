/* That many rows by one statement cost no copy of what the statement changes. */
#include "db_fixture.h"

#include "db/store_calls.h"
#include "db/store_member.h"

#include <sqlite3.h>

static int (*open_file)(sqlite3_vfs *, const char *, sqlite3_file *, int, int *);
static int statement_journals;

static int open_and_count(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                          int *flags_out)
{
    statement_journals += (flags & SQLITE_OPEN_SUBJOURNAL) != 0;
    return open_file(vfs, name, file, flags, flags_out);
}

static char *add_member(const struct fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    struct store_member member = {.name = g_strdup("Ann")};
    store_member_add(fixture->db, fixture->first.id, &member, &error);
    g_assert_no_error(error);
    char *id = g_steal_pointer(&member.id);
    store_member_clear(&member);
    return id;
}

/* Legs whose places in the index are all over it, a statement's worth at a time. */
static void add_scattered(const struct fixture *fixture, const char *member_id, int times)
{
    static int number;
    g_autoptr(GError) error = NULL;
    AUTO(store_numbers) numbers = store_numbers_new(fixture->db, fixture->first.id, &error);
    g_assert_no_error(error);
    g_assert_true(db_begin(fixture->db, &error));
    for (int i = 0; i < times; i++) {
        char ids[25][16];
        AUTO(store_leg_writer) writer = store_leg_writer_new(fixture->db, numbers);
        for (gsize j = 0; j < G_N_ELEMENTS(ids); j++) {
            number = (number + 7919) % 1000003;
            g_snprintf(ids[j], sizeof ids[j], "%07d", number);
            struct store_leg leg = {.provider = "ringcentral",
                                    .external_call_id = ids[j],
                                    .leg = "a",
                                    .call_started_at = FIXTURE_NOW,
                                    .matched_team_member_id = member_id,
                                    .source_id = -1};
            g_assert_true(store_leg_writer_add(writer, &leg, &error));
        }
        g_assert_true(store_leg_writer_end(writer, &error));
    }
    g_assert_true(db_commit(fixture->db, &error));
}

static void test_no_copies(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    g_autofree char *member_id = add_member(&fixture);
    add_scattered(&fixture, member_id, 400);
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    open_file = vfs->xOpen;
    vfs->xOpen = open_and_count;
    add_scattered(&fixture, member_id, 4);
    g_assert_cmpint(statement_journals, ==, 0);
    /* One that may have to be undone by itself is seen. */
    g_autoptr(GError) error = NULL;
    static const char sql[] =
        "INSERT INTO legs (agency_number, provider, external_call_id, leg, call_date, "
        "call_started_at, start_estimated) SELECT agency_number, provider, external_call_id, 'b', "
        "call_date, call_started_at, start_estimated FROM legs";
    g_assert_true(db_begin(fixture.db, &error));
    g_assert_true(db_run(fixture.db, sql, DB_NO_VALUES, NULL, &error));
    g_assert_cmpint(statement_journals, ==, 1);
    db_rollback(fixture.db);
    vfs->xOpen = open_file;
    fixture_clear(&fixture);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-rows/no-copies", test_no_copies);
    return g_test_run();
}
