#include "db_fixture.h"

#include "base/limits.h"

#include "db/store_message.h"

static struct store_log log_of(const char *id, const char *agency_id, int64_t received_at)
{
    return (struct store_log){
        .id = g_strdup(id),
        .agency_id = g_strdup(agency_id),
        .channel = g_strdup("smtp"),
        .sender = g_strdup(""),
        .recipient = g_strdup("<calls-x@ingest.example.com>"),
        .verdict = g_strdup("stored"),
        .files = g_strdup("[]"),
        .bytes = 1000,
        .received_at = received_at,
        .took_ms = -1,
    };
}

static bool add_log(struct db *db, const char *id, const char *agency_id, int64_t received_at,
                    GError **error)
{
    struct store_log log = log_of(id, agency_id, received_at);
    bool ok = store_log_add(db, &log, error);
    store_log_clear(&log);
    return ok;
}

static void expect_ids(GArray *logs, const char *ids)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < logs->len; i++)
        g_string_append(text, g_array_index(logs, struct store_log, i).id);
    g_assert_cmpstr(text->str, ==, ids);
}

static void test_log(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    g_autoptr(GError) error = NULL;
    const char *first = fixture.first.id;
    g_assert_true(add_log(fixture.db, "a", first, FIXTURE_NOW, &error));
    g_assert_true(add_log(fixture.db, "b", first, FIXTURE_NOW, &error));
    g_assert_true(add_log(fixture.db, "b", fixture.second.id, FIXTURE_NOW, &error));
    g_assert_true(add_log(fixture.db, "b", NULL, FIXTURE_NOW, &error));
    g_assert_true(add_log(fixture.db, "c", first, FIXTURE_NOW - 5, &error));
    /* One row per message and agency, and one for nobody. */
    g_assert_false(add_log(fixture.db, "b", first, FIXTURE_NOW, &error));
    fixture_expect(&error, ERROR_PERM, "UNIQUE");
    g_assert_false(add_log(fixture.db, "b", NULL, FIXTURE_NOW, &error));
    fixture_expect(&error, ERROR_PERM, "UNIQUE");

    g_autoptr(GArray) own = store_log_list(fixture.db, first, 100, &error);
    expect_ids(own, "bac");
    g_autoptr(GArray) last = store_log_list(fixture.db, first, 1, &error);
    expect_ids(last, "b");
    g_autoptr(GArray) all = store_log_list(fixture.db, NULL, 4, &error);
    expect_ids(all, "cbbb"); /* in the order of arrival, whatever the clock said */
    g_autoptr(GArray) message = store_log_of_message(fixture.db, "b", &error);
    expect_ids(message, "bbb");
    g_assert_cmpstr(g_array_index(message, struct store_log, 0).agency_id, ==, first);
    g_assert_null(g_array_index(message, struct store_log, 2).agency_id);
    g_autoptr(GArray) none = store_log_of_message(fixture.db, "nothing", &error);
    g_assert_cmpuint(none->len, ==, 0);

    const struct store_log *log = &g_array_index(own, struct store_log, 0);
    g_assert_cmpstr(log->sender, ==, "");
    g_assert_cmpstr(log->channel, ==, "smtp");
    g_assert_null(log->subject);
    g_assert_cmpint(log->bytes, ==, 1000);
    g_assert_cmpint(log->took_ms, ==, -1);
    g_assert_cmpint(log->received_at, ==, FIXTURE_NOW);
    g_assert_cmpint(fixture_number(fixture.db, "SELECT count(*) FROM email_ingest_logs WHERE "
                                               "took_ms IS NULL AND subject IS NULL AND "
                                               "sender = '' AND "
                                               "received_at = '2026-01-05T17:32:12Z'"),
                    ==, 4);
    fixture_clear(&fixture);
}

static void test_raw(void)
{
    static const char *const ids[] = {"r0", "r1", "r2", "r3", "r4"};
    struct fixture fixture;
    fixture_init(&fixture);
    g_autoptr(GError) error = NULL;
    enum { SIZE = 300000 };
    g_autofree char *bytes = g_malloc(SIZE);
    for (int i = 0; i < SIZE; i++)
        bytes[i] = (char)(i * 7);
    for (int i = 0; i < 5; i++)
        g_assert_true(store_raw_add(fixture.db, ids[i], i == 0 ? NULL : "Received: x\r\n", bytes,
                                    i == 1 ? 0 : SIZE, FIXTURE_NOW + i, &error));
    g_assert_false(store_raw_add(fixture.db, "r0", NULL, bytes, 1, FIXTURE_NOW, &error));
    fixture_expect(&error, ERROR_PERM, "UNIQUE");

    char *trace = NULL;
    void *found = NULL;
    size_t size = 1;
    g_assert_true(store_raw_find(fixture.db, "r0", &trace, &found, &size, &error));
    g_assert_null(trace);
    g_assert_cmpuint(size, ==, SIZE);
    g_assert_true(memcmp(found, bytes, SIZE) == 0);
    g_clear_pointer(&found, g_free);
    /* Of no bytes, but there. */
    g_assert_true(store_raw_find(fixture.db, "r1", &trace, &found, &size, &error));
    g_assert_cmpstr(trace, ==, "Received: x\r\n");
    g_assert_nonnull(found);
    g_assert_cmpuint(size, ==, 0);
    g_clear_pointer(&found, g_free);
    g_clear_pointer(&trace, g_free);
    g_assert_true(store_raw_find(fixture.db, "nothing", &trace, &found, &size, &error));
    g_assert_null(found);

    /* The oldest first, at most so many, none of those that are young enough. */
    int64_t dropped = -1;
    g_assert_true(store_raw_purge(fixture.db, FIXTURE_NOW + 3, 2, &dropped, &error));
    g_assert_cmpint(dropped, ==, 2);
    g_assert_true(store_raw_find(fixture.db, "r1", &trace, &found, &size, &error));
    g_assert_null(found);
    g_assert_true(store_raw_purge(fixture.db, FIXTURE_NOW + 3, 100, &dropped, &error));
    g_assert_cmpint(dropped, ==, 1);
    g_assert_true(store_raw_purge(fixture.db, FIXTURE_NOW + 3, 100, &dropped, &error));
    g_assert_cmpint(dropped, ==, 0);
    g_assert_cmpint(fixture_number(fixture.db, "SELECT count(*) FROM raw_messages"), ==, 2);
    fixture_clear(&fixture);
}

/* Large ones, kept in pieces: around the ends of a piece, and dropped as a whole. */
static void test_raw_pieces(void)
{
    static const size_t sizes[] = {LIMIT_RAW_PIECE - 1,     LIMIT_RAW_PIECE,
                                   LIMIT_RAW_PIECE + 1,     2 * LIMIT_RAW_PIECE,
                                   2 * LIMIT_RAW_PIECE + 1, 5 * LIMIT_RAW_PIECE / 2};
    static const int pieces[] = {0, 0, 1, 1, 2, 2};
    struct fixture fixture;
    fixture_init(&fixture);
    g_autoptr(GError) error = NULL;
    g_autofree char *bytes = g_malloc(3 * LIMIT_RAW_PIECE);
    for (size_t i = 0; i < 3 * LIMIT_RAW_PIECE; i++)
        bytes[i] = (char)(i * 2654435761u >> 13);
    int all = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *id = g_strdup_printf("r%zu", i);
        g_assert_true(store_raw_add(fixture.db, id, "T: x\r\n", bytes + i, sizes[i],
                                    FIXTURE_NOW + (int64_t)i, &error));
        all += pieces[i];
        g_assert_cmpint(fixture_number(fixture.db, "SELECT count(*) FROM raw_pieces"), ==, all);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *id = g_strdup_printf("r%zu", i);
        g_autofree char *trace = NULL;
        g_autofree void *found = NULL;
        size_t size;
        g_assert_true(store_raw_find(fixture.db, id, &trace, &found, &size, &error));
        g_assert_cmpstr(trace, ==, "T: x\r\n");
        g_assert_cmpuint(size, ==, sizes[i]);
        g_assert_true(memcmp(found, bytes + i, size) == 0);
    }
    g_assert_false(
        store_raw_add(fixture.db, "r4", NULL, bytes, 3 * LIMIT_RAW_PIECE, FIXTURE_NOW, &error));
    g_clear_error(&error);
    g_assert_cmpint(fixture_number(fixture.db, "SELECT count(*) FROM raw_pieces"), ==, all);
    int64_t dropped;
    g_assert_true(store_raw_purge(fixture.db, FIXTURE_NOW + 5, 100, &dropped, &error));
    g_assert_cmpint(dropped, ==, 5);
    g_assert_cmpint(fixture_number(fixture.db, "SELECT count(*) FROM raw_pieces"), ==, 2);
    g_assert_cmpint(
        fixture_number(fixture.db, "SELECT count(*) FROM raw_pieces WHERE message_id = 'r5'"), ==,
        2);
    fixture_clear(&fixture);
}

static struct store_file file_of(const char *id, const char *agency_id)
{
    return (struct store_file){
        .id = g_strdup(id),
        .agency_id = g_strdup(agency_id),
        .log_id = g_strdup("log"),
        .name = g_strdup("report.xlsx"),
        .kind = g_strdup("calls"),
        .sha256 = g_strdup("same"),
        .timezone = g_strdup("America/Chicago"),
        .from = 1767571200, /* 2026-01-05 00:00:00 on the wall */
        .to = -1,
        .received_at = FIXTURE_NOW,
    };
}

static bool add_file(struct db *db, const char *id, const char *agency_id, GError **error)
{
    struct store_file file = file_of(id, agency_id);
    bool ok = store_file_add(db, &file, error);
    store_file_clear(&file);
    return ok;
}

static void test_file(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    g_autoptr(GError) error = NULL;
    char *id = NULL;
    g_assert_true(store_file_find(fixture.db, fixture.first.id, "same", &id, &error));
    g_assert_null(id);
    g_assert_true(add_file(fixture.db, "f1", fixture.first.id, &error));
    g_assert_false(add_file(fixture.db, "f2", fixture.first.id, &error));
    fixture_expect(&error, ERROR_PERM, "UNIQUE");
    /* The same workbook is new for another agency. */
    g_assert_true(store_file_find(fixture.db, fixture.second.id, "same", &id, &error));
    g_assert_null(id);
    g_assert_true(add_file(fixture.db, "f2", fixture.second.id, &error));
    g_assert_true(store_file_find(fixture.db, fixture.first.id, "same", &id, &error));
    g_assert_cmpstr(id, ==, "f1");
    g_free(id);
    g_autofree char *from = fixture_text(fixture.db, "SELECT from_time FROM report_files");
    g_assert_cmpstr(from, ==, "2026-01-05T00:00:00");
    g_assert_cmpint(
        fixture_number(fixture.db, "SELECT count(*) FROM report_files WHERE to_time IS NULL"), ==,
        2);
    fixture_clear(&fixture);
}

static void expect_cover(const struct fixture *fixture, const char *agency_id, int32_t date,
                         int64_t seconds, int64_t until)
{
    g_autoptr(GError) error = NULL;
    struct store_cover covers[REPORT_SERIES_REPORTED];
    store_cover_calls(fixture->db, agency_id, date, covers, &error);
    g_assert_no_error(error);
    g_assert_cmpint(covers[REPORT_SERIES_CALLS].seconds, ==, seconds);
    g_assert_cmpint(covers[REPORT_SERIES_CALLS].until, ==, until);
    g_assert_cmpint(covers[REPORT_SERIES_LOG].seconds, ==, -1);
}

static void test_cover(void)
{
    static const struct {
        const char *sha256;
        enum store_source source;
        int64_t seconds;
        int64_t until;
        int64_t best_seconds;
        int64_t best_until;
    } steps[] = {
        {"a", STORE_USERS, 86400, 900, -1, -1},   {"z", STORE_CALLS_RECORDS, 86400, 900, -1, -1},
        {"b", STORE_CALLS, -1, -1, 0, -1},        {"c", STORE_CALLS, 0, 10, 0, 10},
        {"d", STORE_CALLS, 3600, 300, 3600, 300}, {"e", STORE_CALLS, 3600, 500, 3600, 500},
        {"f", STORE_CALLS, 3600, 400, 3600, 500}, {"g", STORE_CALLS, 86400, 450, 86400, 450},
    };
    struct fixture fixture;
    fixture_init(&fixture);
    g_autoptr(GError) error = NULL;
    const int32_t date = 20458;
    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
        struct store_file file = file_of(steps[i].sha256, fixture.first.id);
        g_free(file.sha256);
        file.sha256 = g_strdup(steps[i].sha256);
        g_assert_true(store_file_add(fixture.db, &file, &error));
        store_file_clear(&file);
        g_assert_true(store_cover_add(fixture.db, fixture.first.id, date, steps[i].source,
                                      steps[i].sha256, steps[i].seconds, steps[i].until, &error));
        expect_cover(&fixture, fixture.first.id, date, steps[i].best_seconds, steps[i].best_until);
        expect_cover(&fixture, fixture.first.id, date + 1, -1, -1);
        expect_cover(&fixture, fixture.second.id, date, -1, -1);
    }
    /* Not of another agency's file. */
    g_assert_false(
        store_cover_add(fixture.db, fixture.second.id, date, STORE_CALLS, "a", 1, 1, &error));
    fixture_expect(&error, ERROR_PERM, "FOREIGN KEY");
    fixture_clear(&fixture);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-message/log", test_log);
    g_test_add_func("/store-message/raw", test_raw);
    g_test_add_func("/store-message/raw-pieces", test_raw_pieces);
    g_test_add_func("/store-message/file", test_file);
    g_test_add_func("/store-message/cover", test_cover);
    return g_test_run();
}
