#include "db_fixture.h"

#include "db/store_member.h"
#include "db/store_metrics.h"

enum { DATE = 20458 }; /* 2026-01-05 */

static char *add_member(struct db *db, const char *agency_id, const char *name, const char *status)
{
    g_autoptr(GError) error = NULL;
    struct store_member member = {.name = g_strdup(name), .status = g_strdup(status)};
    store_member_add(db, agency_id, &member, &error);
    g_assert_no_error(error);
    char *id = g_steal_pointer(&member.id);
    store_member_clear(&member);
    return id;
}

static void expect_figures(const struct figures *figures, const struct figures *expected)
{
    g_assert_cmpint(figures->total, ==, expected->total);
    g_assert_cmpint(figures->inbound, ==, expected->inbound);
    g_assert_cmpint(figures->outbound, ==, expected->outbound);
    g_assert_cmpint(figures->answered, ==, expected->answered);
    g_assert_cmpint(figures->missed, ==, expected->missed);
    g_assert_cmpint(figures->talk_seconds, ==, expected->talk_seconds);
}

static const struct figures unknown = {-1, -1, -1, -1, -1, -1};

static struct daily_result result_of(const struct daily_member *members, guint count)
{
    struct daily_result result = {
        .agency = {10, 6, 4, 5, -1, 0},
        .unmatched = 2,
        .internal = -1,
        .covered_until = FIXTURE_NOW,
        .basis = DAILY_USERS | DAILY_CALLS,
        .members = g_array_new(FALSE, FALSE, sizeof(struct daily_member)),
    };
    g_array_append_vals(result.members, members, count);
    return result;
}

static void put(struct db *db, const char *agency_id, int32_t date, struct daily_result result)
{
    g_autoptr(GError) error = NULL;
    store_metrics_put(db, agency_id, date, &result, NULL, &error);
    g_assert_no_error(error);
    g_array_unref(result.members);
}

/* "name:total,talk,basis" of all that are listed, an asterisk for the inactive. */
static char *members_of(struct db *db, const char *agency_id, int32_t date,
                        struct store_agency_metrics *metrics)
{
    g_autoptr(GError) error = NULL;
    store_metrics_of_day(db, agency_id, date, metrics, &error);
    g_assert_no_error(error);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < metrics->members->len; i++) {
        const struct store_member_metrics *member =
            &g_array_index(metrics->members, struct store_member_metrics, i);
        g_assert_cmpint(member->date, ==, date);
        g_string_append_printf(text, "%s%s:%d,%d,%s ", member->name, member->active ? "" : "*",
                               (int)member->figures.total, (int)member->figures.talk_seconds,
                               member->basis != NULL ? member->basis : "-");
    }
    return g_string_free(text, FALSE);
}

static void expect_members(struct db *db, const char *agency_id, int32_t date, const char *expected)
{
    struct store_agency_metrics metrics = {0};
    g_autofree char *text = members_of(db, agency_id, date, &metrics);
    g_assert_cmpstr(text, ==, expected);
    store_agency_metrics_clear(&metrics);
}

static void test_put_and_read(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    const char *agency_id = fixture.first.id;
    g_autofree char *ann = add_member(fixture.db, agency_id, "Ann", "active");
    g_autofree char *bob = add_member(fixture.db, agency_id, "bob", "active");
    g_autofree char *cy = add_member(fixture.db, agency_id, "Cy", "inactive");
    g_autofree char *dan = add_member(fixture.db, agency_id, "Dan", "inactive");
    g_free(add_member(fixture.db, fixture.second.id, "Zoe", "active"));

    /* Nobody has reported: all is unknown, all who are active are listed. */
    struct store_agency_metrics metrics = {0};
    g_autofree char *before = members_of(fixture.db, agency_id, DATE, &metrics);
    g_assert_cmpstr(before, ==, "Ann:-1,-1,- bob:-1,-1,- ");
    expect_figures(&metrics.figures, &unknown);
    g_assert_cmpint(metrics.unmatched, ==, -1);
    g_assert_cmpint(metrics.internal, ==, -1);
    g_assert_null(metrics.basis);
    g_assert_cmpint(metrics.covered_until, ==, -1);
    store_agency_metrics_clear(&metrics);

    const struct daily_member members[] = {
        {ann, {7, 4, 3, 2, 1, 100}, DAILY_USERS, FIXTURE_NOW},
        {bob, {-1, -1, -1, -1, -1, -1}, 0, -1},
        {cy, {0, 0, 0, -1, -1, -1}, DAILY_CALLS, -1},
        {dan, {-1, -1, -1, -1, -1, -1}, 0, -1},
    };
    put(fixture.db, agency_id, DATE, result_of(members, G_N_ELEMENTS(members)));
    g_autofree char *after = members_of(fixture.db, agency_id, DATE, &metrics);
    g_assert_cmpstr(after, ==, "Ann:7,100,users bob:-1,-1,- Cy*:0,-1,calls ");
    const struct figures expected = {10, 6, 4, 5, -1, 0};
    expect_figures(&metrics.figures, &expected);
    g_assert_cmpint(metrics.date, ==, DATE);
    g_assert_cmpint(metrics.unmatched, ==, 2);
    g_assert_cmpint(metrics.internal, ==, -1);
    g_assert_cmpstr(metrics.basis, ==, "users+calls");
    g_assert_cmpint(metrics.covered_until, ==, FIXTURE_NOW);
    const struct store_member_metrics *first =
        &g_array_index(metrics.members, struct store_member_metrics, 0);
    const struct figures ann_figures = {7, 4, 3, 2, 1, 100};
    expect_figures(&first->figures, &ann_figures);
    g_assert_cmpstr(first->team_member_id, ==, ann);
    g_assert_cmpint(first->covered_until, ==, FIXTURE_NOW);
    store_agency_metrics_clear(&metrics);

    expect_members(fixture.db, fixture.second.id, DATE, "Zoe:-1,-1,- ");
    expect_members(fixture.db, agency_id, DATE + 1, "Ann:-1,-1,- bob:-1,-1,- ");
    g_assert_cmpint(fixture_number(fixture.db,
                                   "SELECT count(*) FROM agency_metrics_daily WHERE "
                                   "missed IS NULL AND internal IS NULL AND talk_seconds = 0"),
                    ==, 1);
    g_assert_cmpint(fixture_number(fixture.db, "SELECT count(*) FROM call_metrics_daily"), ==, 2);

    /* A day is replaced as a whole. */
    put(fixture.db, agency_id, DATE, result_of(members + 2, 1));
    expect_members(fixture.db, agency_id, DATE, "Ann:-1,-1,- bob:-1,-1,- Cy*:0,-1,calls ");
    fixture_clear(&fixture);
}

static void test_nothing_known(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    g_autofree char *ann = add_member(fixture.db, fixture.first.id, "Ann", "active");
    const struct daily_member members[] = {{ann, {1, 1, 0, 1, 0, 9}, DAILY_CALLS, -1}};
    put(fixture.db, fixture.first.id, DATE, result_of(members, 1));
    struct daily_result nothing = result_of(NULL, 0);
    nothing.agency = unknown;
    nothing.basis = 0;
    put(fixture.db, fixture.first.id, DATE, nothing);
    expect_members(fixture.db, fixture.first.id, DATE, "Ann:-1,-1,- ");
    g_assert_cmpint(fixture_number(fixture.db, "SELECT count(*) FROM agency_metrics_daily"), ==, 0);
    fixture_clear(&fixture);
}

static void test_last_date(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    g_autoptr(GError) error = NULL;
    bool found = true;
    int32_t date = 0;
    g_assert_true(store_metrics_last_date(fixture.db, fixture.first.id, &found, &date, &error));
    g_assert_false(found);
    put(fixture.db, fixture.first.id, DATE, result_of(NULL, 0));
    put(fixture.db, fixture.first.id, DATE - 5, result_of(NULL, 0));
    put(fixture.db, fixture.second.id, DATE + 9, result_of(NULL, 0));
    g_assert_true(store_metrics_last_date(fixture.db, fixture.first.id, &found, &date, &error));
    g_assert_true(found);
    g_assert_cmpint(date, ==, DATE);
    fixture_clear(&fixture);
}

/* A member of another agency: the whole day stays as it was. */
static void test_foreign_member(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    g_autoptr(GError) error = NULL;
    g_autofree char *ann = add_member(fixture.db, fixture.first.id, "Ann", "active");
    g_autofree char *foreign = add_member(fixture.db, fixture.second.id, "Zoe", "active");
    const struct daily_member good[] = {{ann, {7, 4, 3, 2, 1, 100}, DAILY_USERS, -1}};
    put(fixture.db, fixture.first.id, DATE, result_of(good, 1));
    const struct daily_member bad[] = {{foreign, {9, 9, 0, 9, 0, 9}, DAILY_USERS, -1}};
    struct daily_result result = result_of(bad, 1);
    g_assert_false(store_metrics_put(fixture.db, fixture.first.id, DATE, &result, NULL, &error));
    fixture_expect(&error, ERROR_PERM, "FOREIGN KEY");
    g_array_unref(result.members);
    expect_members(fixture.db, fixture.first.id, DATE, "Ann:7,100,users ");
    fixture_clear(&fixture);
}

/* It works on a connection that only reads, and inside a transaction. */
static void test_reader(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    g_autoptr(GError) error = NULL;
    g_autofree char *ann = add_member(fixture.db, fixture.first.id, "Ann", "active");
    const struct daily_member members[] = {{ann, {7, 4, 3, 2, 1, 100}, DAILY_USERS, -1}};
    AUTO(db) reader = fixture_open(&fixture, DB_READONLY);
    g_assert_true(db_begin(fixture.db, &error));
    put(fixture.db, fixture.first.id, DATE, result_of(members, 1));
    expect_members(fixture.db, fixture.first.id, DATE, "Ann:7,100,users ");
    expect_members(reader, fixture.first.id, DATE, "Ann:-1,-1,- ");
    g_assert_true(db_commit(fixture.db, &error));
    expect_members(reader, fixture.first.id, DATE, "Ann:7,100,users ");
    g_assert_false(db_is_in_transaction(reader));
    db_close(g_steal_pointer(&reader));
    fixture_clear(&fixture);
}

/* Members are stored many at a time; where a row is there it is changed, and only if it has to be.
 */
static void test_many(void)
{
    enum { MEMBERS = 107 };
    static const char sum[] = "SELECT sum(total_calls * talk) FROM (SELECT total_calls, "
                              "total_talk_seconds AS talk FROM call_metrics_daily)";
    static const char until[] = "SELECT count(*) FROM call_metrics_daily "
                                "WHERE covered_until = strftime('%Y-%m-%dT%H:%M:%SZ', "
                                "'2026-01-05T17:32:12Z', total_talk_seconds || ' seconds')";
    struct fixture fixture;
    fixture_init(&fixture);
    g_autoptr(GError) error = NULL;
    struct daily_member members[MEMBERS];
    char *ids[MEMBERS];
    int64_t expected = 0;
    for (int i = 0; i < MEMBERS; i++) {
        g_autofree char *name = g_strdup_printf("Member %d", i);
        ids[i] = add_member(fixture.db, fixture.first.id, name, "active");
        members[i] =
            (struct daily_member){ids[i], {i, i, 0, 0, 0, i}, DAILY_CALLS, FIXTURE_NOW + i};
        expected += (int64_t)i * i;
    }
    struct daily_result before = result_of(members, MEMBERS);
    g_assert_true(store_metrics_put(fixture.db, fixture.first.id, DATE, &before, NULL, &error));
    g_assert_cmpint(fixture_number(fixture.db, sum), ==, expected);
    g_assert_cmpint(fixture_number(fixture.db, until), ==, MEMBERS);

    /* Behind our back, to be seen again: what does not change is not written. */
    fixture_script(fixture.db, "UPDATE call_metrics_daily SET missed_calls = 7");
    for (int i = 0; i < MEMBERS; i += 2) {
        members[i].figures.talk_seconds += 1000;
        members[i].covered_until += 1000;
        expected += (int64_t)i * 1000;
    }
    struct daily_result after = result_of(members, MEMBERS);
    g_assert_true(store_metrics_put(fixture.db, fixture.first.id, DATE, &after, &before, &error));
    g_assert_cmpint(fixture_number(fixture.db, sum), ==, expected);
    g_assert_cmpint(fixture_number(fixture.db, until), ==, MEMBERS);
    g_assert_cmpint(fixture_number(fixture.db, "SELECT count(*) FROM call_metrics_daily "
                                               "WHERE missed_calls = 7"),
                    ==, MEMBERS / 2);
    g_array_unref(before.members);
    g_array_unref(after.members);
    for (int i = 0; i < MEMBERS; i++)
        g_free(ids[i]);
    fixture_clear(&fixture);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-metrics/put-and-read", test_put_and_read);
    g_test_add_func("/store-metrics/many", test_many);
    g_test_add_func("/store-metrics/nothing-known", test_nothing_known);
    g_test_add_func("/store-metrics/last-date", test_last_date);
    g_test_add_func("/store-metrics/foreign-member", test_foreign_member);
    g_test_add_func("/store-metrics/reader", test_reader);
    return g_test_run();
}
