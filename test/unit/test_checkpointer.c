/* The write-ahead log under steady commits: it is brought home beside them, and begins anew. */
#include "daemon/checkpointer.h"

#include "base/limits.h"
#include "db/store_message.h"
#include "db_fixture.h"

enum { MESSAGE = 512 * 1024, MESSAGES = 400 };

/* Commits of so many messages each. */
static void steady(int batch)
{
    struct fixture fixture;
    fixture_init(&fixture);
    g_autoptr(GError) error = NULL;
    g_autofree char *bytes = g_malloc0(MESSAGE);
    struct checkpointer *checkpointer = checkpointer_new(fixture_open(&fixture, DB_WRITE));
    db_leave_checkpoints(fixture.db);
    int64_t most = 0, before = 0;
    unsigned begun = 0;
    bool others = true;
    g_assert_true(db_others_wrote(fixture.db, &others, &error));
    for (int i = 0; i < MESSAGES;) {
        g_assert_true(db_begin(fixture.db, &error));
        for (int end = i + batch; i < end; i++) {
            g_autofree char *id = g_strdup_printf("m%d", i);
            g_assert_true(
                store_raw_add(fixture.db, id, NULL, bytes, MESSAGE, FIXTURE_NOW + i, &error));
        }
        g_assert_true(db_commit(fixture.db, &error));
        int64_t pages = db_log_pages(fixture.db);
        begun += pages < before;
        most = MAX(most, pages);
        before = pages;
        if (checkpointer_tell(checkpointer, pages))
            g_assert_true(db_checkpoint(fixture.db, &error));
    }
    g_assert_no_error(error);
    g_test_message("%u times anew, at most %d pages", begun, (int)most);
    g_assert_cmpuint(begun, >, 0);
    g_assert_cmpint(most, <, 3 * LIMIT_DB_LOG_PAGES);
    /* To bring pages home is not to write: what is kept of the database stays good. */
    g_assert_true(db_others_wrote(fixture.db, &others, &error));
    g_assert_false(others);
    checkpointer_free(checkpointer);
    g_assert_cmpint(fixture_number(fixture.db, "SELECT count(*) FROM raw_messages"), ==, MESSAGES);
    fixture_clear(&fixture);
}

static void test_log_begins_anew(void)
{
    steady(1);
}

/* Each commit leaves more behind a checkpoint than little. */
static void test_large_commits(void)
{
    steady(20);
}

/* A connection that nobody has told otherwise does it by itself. */
static void test_without_one(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    g_autoptr(GError) error = NULL;
    g_autofree char *bytes = g_malloc0(MESSAGE);
    int64_t most = 0;
    for (int i = 0; i < MESSAGES / 4; i++) {
        g_autofree char *id = g_strdup_printf("m%d", i);
        g_assert_true(store_raw_add(fixture.db, id, NULL, bytes, MESSAGE, FIXTURE_NOW, &error));
        most = MAX(most, db_log_pages(fixture.db));
    }
    g_assert_cmpint(most, <, LIMIT_DB_CHECKPOINT_PAGES + 200);
    fixture_clear(&fixture);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/checkpointer/log-begins-anew", test_log_begins_anew);
    g_test_add_func("/checkpointer/large-commits", test_large_commits);
    g_test_add_func("/checkpointer/without-one", test_without_one);
    return g_test_run();
}
