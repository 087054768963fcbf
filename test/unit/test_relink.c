/* People change after the calls: whose they are, and the figures of the days, follow. */
#include "ingest/relink.h"
#include "ingest/verify.h"
#include "ingest_fixture.h"

static void expect_clean(struct corridor *corridor)
{
    g_autoptr(GError) error = NULL;
    struct verify verify;
    g_assert_true(verify_agency(corridor->base.db, corridor->base.first.id, corridor->clock,
                                &verify, &error));
    for (guint i = 0; i < verify.differences->len; i++) {
        const struct verify_difference *one =
            &g_array_index(verify.differences, struct verify_difference, i);
        g_test_message("%d %s %s: %s, not %s", one->date, one->name != NULL ? one->name : "agency",
                       one->figure, one->stored, one->computed);
    }
    g_assert_true(verify_is_clean(&verify));
    verify_clear(&verify);
}

static struct relink relink(struct corridor *corridor)
{
    g_autoptr(GError) error = NULL;
    struct relink result = {0};
    g_assert_true(db_begin(corridor->base.db, &error));
    g_assert_true(relink_people(corridor->base.db, corridor->base.first.id, corridor->clock,
                                &result, &error));
    g_assert_true(db_commit(corridor->base.db, &error));
    /* What the corridor keeps is of before. */
    ingest_free(corridor->ingest);
    corridor->ingest = ingest_new(corridor->base.db);
    return result;
}

static void put_alias(struct corridor *corridor, const char *name, const char *member_id)
{
    g_autoptr(GError) error = NULL;
    struct store_member member = {.id = (char *)(uintptr_t)member_id};
    store_alias_put(corridor->base.db, corridor->base.first.id, name, &member, &error);
    g_assert_no_error(error);
}

static void send_calls(struct corridor *corridor)
{
    struct report *report = a_report("calls", JAN_5, JAN_5 + 86400, 'a');
    add_leg(report, "1", REPORT_OUTBOUND, "Alice Example", "Connected", JAN_5 + 9 * HOUR, 70, 60);
    add_leg(report, "2", REPORT_OUTBOUND, "Al Example", "Connected", JAN_5 + 10 * HOUR, 80, 70);
    add_leg(report, "3", REPORT_INBOUND, "Yuri Stranger", "Answered", JAN_5 + 11 * HOUR, 90, 80);
    add_leg(report, "3", REPORT_INBOUND, "Bob Example", "Missed", JAN_5 + 11 * HOUR, 90, -1);
    add_leg(report, "4", REPORT_INBOUND, "Yuri Stranger", "Answered", JAN_5 + 12 * HOUR, 30, 20);
    expect_verdict(send_report(corridor, report), REPORT_STORED);
    struct report *users = a_report("users", JAN_5 + 86400, JAN_5 + 2 * 86400, 'b');
    add_user(users, "Alice Example", 5, 2, 300);
    add_user(users, "Al Example", 3, 1, 100);
    expect_verdict(send_report(corridor, users), REPORT_STORED);
}

static void test_alias(void)
{
    struct corridor corridor;
    corridor_init(&corridor);
    send_calls(&corridor);
    g_assert_cmpint(figures_of(&corridor, 5, "Alice Example").outbound, ==, 1);
    g_assert_cmpint(figures_of(&corridor, 5, NULL).total, ==, 2);
    expect_clean(&corridor);
    put_alias(&corridor, "AL  example", corridor.alice);
    struct relink result = relink(&corridor);
    g_assert_cmpint(result.legs, ==, 1);
    g_assert_cmpint(result.users, ==, 1);
    g_assert_cmpint(result.days, ==, 2);
    g_assert_cmpint(figures_of(&corridor, 5, "Alice Example").outbound, ==, 2);
    g_assert_cmpint(figures_of(&corridor, 5, NULL).total, ==, 3);
    /* Two rows of one person are added up. */
    g_assert_cmpint(figures_of(&corridor, 6, "Alice Example").total, ==, 8);
    expect_clean(&corridor);
    /* Again: nothing is left to do. */
    result = relink(&corridor);
    g_assert_cmpint(result.legs + result.users + result.days, ==, 0);
    /* A mail that comes later finds what was changed. */
    struct report *report = a_report("calls", JAN_5, JAN_5 + 86400, 'c');
    add_leg(report, "5", REPORT_OUTBOUND, "al example", "Connected", JAN_5 + 13 * HOUR, 70, 60);
    expect_verdict(send_report(&corridor, report), REPORT_STORED);
    g_assert_cmpint(figures_of(&corridor, 5, "Alice Example").outbound, ==, 3);
    expect_clean(&corridor);
    corridor_clear(&corridor);
}

static void test_alias_taken_away(void)
{
    struct corridor corridor;
    corridor_init(&corridor);
    g_autoptr(GError) error = NULL;
    put_alias(&corridor, "Yuri Stranger", corridor.bob);
    send_calls(&corridor);
    g_assert_cmpint(figures_of(&corridor, 5, "Bob Example").answered, ==, 2);
    g_assert_true(
        store_alias_drop(corridor.base.db, corridor.base.first.id, "yuri STRANGER", &error));
    struct relink result = relink(&corridor);
    g_assert_cmpint(result.legs, ==, 2);
    g_assert_cmpint(figures_of(&corridor, 5, "Bob Example").answered, ==, 0);
    g_assert_cmpint(figures_of(&corridor, 5, "Bob Example").missed, ==, 1);
    expect_clean(&corridor);
    g_assert_false(
        store_alias_drop(corridor.base.db, corridor.base.first.id, "Yuri Stranger", &error));
    fixture_expect(&error, ERROR_PERM, "there is no alias Yuri Stranger");
    corridor_clear(&corridor);
}

static void test_alias_without_effect(void)
{
    struct corridor corridor;
    corridor_init(&corridor);
    g_autoptr(GError) error = NULL;
    struct store_member alice = {.id = corridor.alice};
    g_assert_false(
        store_alias_put(corridor.base.db, corridor.base.first.id, "bob  example", &alice, &error));
    fixture_expect(&error, ERROR_PERM, "would have no effect");
    g_autoptr(GArray) aliases = store_alias_list(corridor.base.db, corridor.base.first.id, &error);
    g_assert_cmpuint(aliases->len, ==, 0);
    corridor_clear(&corridor);
}

/* On a day that is covered a new member has 0, and what was a stranger's is theirs. */
static void test_new_member(void)
{
    struct corridor corridor;
    corridor_init(&corridor);
    send_calls(&corridor);
    g_free(corridor_member(&corridor, "Carol Example", NULL));
    struct relink result = relink(&corridor);
    g_assert_cmpint(result.legs, ==, 0);
    g_assert_cmpint(figures_of(&corridor, 5, "Carol Example").total, ==, 0);
    g_assert_cmpint(figures_of(&corridor, 6, "Carol Example").total, ==, REPORT_UNKNOWN);
    expect_clean(&corridor);
    g_free(corridor_member(&corridor, "Yuri Stranger", NULL));
    result = relink(&corridor);
    g_assert_cmpint(result.legs, ==, 2);
    g_assert_cmpint(figures_of(&corridor, 5, "Yuri Stranger").answered, ==, 2);
    g_assert_cmpint(figures_of(&corridor, 5, NULL).answered, ==, 3);
    expect_clean(&corridor);
    /* A second one of the name: nobody can tell whose they are. */
    g_free(corridor_member(&corridor, "Yuri Stranger", "105"));
    result = relink(&corridor);
    g_assert_cmpint(result.legs, ==, 2);
    g_assert_cmpint(figures_of(&corridor, 5, NULL).answered, ==, 2);
    expect_clean(&corridor);
    corridor_clear(&corridor);
}

static void test_inactive(void)
{
    struct corridor corridor;
    corridor_init(&corridor);
    send_calls(&corridor);
    fixture_script(corridor.base.db, "UPDATE team_members SET status = 'inactive'");
    relink(&corridor);
    /* Who has calls keeps the figures; who has none has no row any more. */
    g_assert_cmpint(figures_of(&corridor, 5, "Alice Example").outbound, ==, 1);
    g_assert_cmpint(figures_of(&corridor, 6, "Bob Example").total, ==, -2);
    expect_clean(&corridor);
    corridor_clear(&corridor);
}

static guint count_differences(struct corridor *corridor, const char *figure, int64_t *legs)
{
    g_autoptr(GError) error = NULL;
    struct verify verify;
    guint count = 0;
    g_assert_true(verify_agency(corridor->base.db, corridor->base.first.id, corridor->clock,
                                &verify, &error));
    for (guint i = 0; i < verify.differences->len; i++)
        count += strcmp(g_array_index(verify.differences, struct verify_difference, i).figure,
                        figure) == 0;
    *legs = verify.relink.legs;
    verify_clear(&verify);
    return count;
}

static void test_verify_finds(void)
{
    static const struct {
        const char *sql, *figure;
        guint count;
        int64_t legs;
    } cases[] = {
        {"UPDATE agency_metrics_daily SET missed = missed + 1", "missed", 1, 0},
        {"UPDATE agency_metrics_daily SET unmatched = NULL", "unmatched", 1, 0},
        {"UPDATE agency_metrics_daily SET basis = 'x'", "basis", 2, 0},
        {"UPDATE call_metrics_daily SET total_talk_seconds = 0 WHERE total_talk_seconds > 0",
         "total_talk_seconds", 2, 0},
        {"DELETE FROM call_metrics_daily", "total_calls", 3, 0},
        {"DELETE FROM legs WHERE external_call_id = '1'", "outbound", 1, 0},
        {"DELETE FROM user_reports", "basis", 2, 0},
        {"UPDATE legs SET member_number = NULL WHERE external_call_id = '1'", "outbound_calls", 1,
         1},
        {"UPDATE call_metrics_daily SET covered_until = '2026-01-05T00:00:00Z'", "covered_until", 3,
         0},
        {"INSERT INTO agency_metrics_daily (agency_id, date, calls, basis) "
         "SELECT id, '2026-02-01', 7, 'calls' FROM agencies WHERE name = 'First Agency'",
         "calls", 1, 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct corridor corridor;
        corridor_init(&corridor);
        send_calls(&corridor);
        expect_clean(&corridor);
        fixture_script(corridor.base.db, cases[i].sql);
        int64_t legs;
        g_test_message("%s", cases[i].sql);
        g_assert_cmpuint(count_differences(&corridor, cases[i].figure, &legs), ==, cases[i].count);
        g_assert_cmpint(legs, ==, cases[i].legs);
        corridor_clear(&corridor);
    }
}

/* Read again, a workbook tells other calls of another day: nothing of the first reading is left. */
static void test_read_again(void)
{
    struct corridor corridor;
    corridor_init(&corridor);
    send_calls(&corridor);
    struct report *users = a_report("users", JAN_5, JAN_5 + 86400, 'c');
    add_user(users, "Bob Example", 9, 4, 900);
    expect_verdict(send_report(&corridor, users), REPORT_STORED);
    g_assert_cmpint(figures_of(&corridor, 5, "Bob Example").total, ==, 9);
    struct report *report = a_report("calls", JAN_5 + 2 * 86400, JAN_5 + 3 * 86400, 'a');
    add_leg(report, "7", REPORT_OUTBOUND, "Alice Example", "Connected", JAN_5 + 50 * HOUR, 70, 60);
    replay_report(&corridor, report);
    g_assert_cmpint(figures_of(&corridor, 5, "Alice Example").total, ==, REPORT_UNKNOWN);
    g_assert_cmpint(figures_of(&corridor, 5, "Bob Example").total, ==, 9);
    g_assert_cmpint(figures_of(&corridor, 7, "Alice Example").outbound, ==, 1);
    expect_clean(&corridor);
    g_assert_cmpint(fixture_number(corridor.base.db, "SELECT count(*) FROM call_events"), ==, 1);
    g_assert_cmpint(fixture_number(corridor.base.db, "SELECT count(*) FROM report_files"), ==, 3);
    /* The other way: what was Users rows is no report any more. */
    users = a_report("users", JAN_5, JAN_5 + 86400, 'c');
    users->verdict = file_of(users)->verdict = REPORT_NO_REPORT;
    replay_report(&corridor, users);
    g_assert_cmpint(figures_of(&corridor, 5, "Bob Example").total, ==, REPORT_UNKNOWN);
    expect_clean(&corridor);
    /* And when it is one after all, it is new. */
    users = a_report("users", JAN_5, JAN_5 + 86400, 'c');
    add_user(users, "Bob Example", 8, 4, 900);
    expect_verdict(send_report(&corridor, users), REPORT_STORED);
    g_assert_cmpint(figures_of(&corridor, 5, "Bob Example").total, ==, 8);
    expect_clean(&corridor);
    corridor_clear(&corridor);
}

/* A call that began the evening before lies on that day, though its workbook covers another. */
static void test_read_again_without_a_moved_call(void)
{
    struct corridor corridor;
    corridor_init(&corridor);
    struct report *report = a_report("calls", JAN_5 + 86400, JAN_5 + 2 * 86400, 'b');
    add_leg(report, "1", REPORT_OUTBOUND, "Bob Example", "Connected", JAN_5 + 25 * HOUR, 70, 60);
    expect_verdict(send_report(&corridor, report), REPORT_STORED);
    report = a_report("calls", JAN_5, JAN_5 + 86400, 'a');
    add_leg(report, "1", REPORT_OUTBOUND, "Alice Example", "Connected", JAN_5 + 23 * HOUR, 70, 60);
    expect_verdict(send_report(&corridor, report), REPORT_STORED);
    g_assert_cmpint(figures_of(&corridor, 5, "Bob Example").outbound, ==, 1);
    replay_report(&corridor, a_report("calls", JAN_5 + 86400, JAN_5 + 2 * 86400, 'b'));
    g_assert_cmpint(figures_of(&corridor, 5, "Bob Example").outbound, ==, 0);
    g_assert_cmpint(figures_of(&corridor, 5, "Alice Example").outbound, ==, 1);
    expect_clean(&corridor);
    corridor_clear(&corridor);
}

/* The zone was misread: what was an evening call is on the next day, and nothing holds it back. */
static void test_read_again_in_another_zone(void)
{
    struct corridor corridor;
    corridor_init(&corridor);
    for (int again = 0; again < 2; again++) {
        struct report *report = a_report("calls", JAN_5, JAN_5 + 2 * 86400, 'a');
        file_of(report)->timezone = again ? "America/Los_Angeles" : "America/Chicago";
        add_leg(report, "1", REPORT_OUTBOUND, "Alice Example", "Connected", JAN_5 + 23 * HOUR, 7,
                6);
        add_leg(report, "2", REPORT_OUTBOUND, "Bob Example", "Connected", JAN_5 + 9 * HOUR, 7, 6);
        if (again)
            replay_report(&corridor, report);
        else
            expect_verdict(send_report(&corridor, report), REPORT_STORED);
        g_assert_cmpint(figures_of(&corridor, 5, "Alice Example").outbound, ==, again ? 0 : 1);
        g_assert_cmpint(figures_of(&corridor, 6, "Alice Example").outbound, ==, again ? 1 : 0);
        g_assert_cmpint(figures_of(&corridor, 5, "Bob Example").outbound, ==, 1);
        expect_clean(&corridor);
    }
    g_assert_cmpint(fixture_number(corridor.base.db, "SELECT count(*) FROM call_events"), ==, 2);
    corridor_clear(&corridor);
}

/* The first leg of a call goes; the one that another workbook told is the first now. */
static void test_first_leg_goes(void)
{
    struct corridor corridor;
    corridor_init(&corridor);
    struct report *report = a_report("calls", JAN_5, JAN_5 + 86400, 'a');
    add_leg(report, "1", REPORT_OUTBOUND, "Alice Example", "Connected", JAN_5 + 23 * HOUR, 70, 60);
    expect_verdict(send_report(&corridor, report), REPORT_STORED);
    report = a_report("calls", JAN_5 + 86400, JAN_5 + 2 * 86400, 'b');
    add_leg(report, "1", REPORT_OUTBOUND, "Bob Example", "Connected", JAN_5 + 25 * HOUR, 70, 60);
    expect_verdict(send_report(&corridor, report), REPORT_STORED);
    g_assert_cmpint(figures_of(&corridor, 5, "Bob Example").outbound, ==, 1);
    replay_report(&corridor, a_report("calls", JAN_5, JAN_5 + 86400, 'a'));
    g_assert_cmpint(figures_of(&corridor, 5, "Bob Example").outbound, ==, 0);
    g_assert_cmpint(figures_of(&corridor, 6, "Bob Example").outbound, ==, 1);
    expect_clean(&corridor);
    corridor_clear(&corridor);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/relink/alias", test_alias);
    g_test_add_func("/relink/alias-taken-away", test_alias_taken_away);
    g_test_add_func("/relink/alias-without-effect", test_alias_without_effect);
    g_test_add_func("/relink/new-member", test_new_member);
    g_test_add_func("/relink/inactive", test_inactive);
    g_test_add_func("/relink/verify-finds", test_verify_finds);
    g_test_add_func("/relink/read-again", test_read_again);
    g_test_add_func("/relink/read-again-without-a-moved-call",
                    test_read_again_without_a_moved_call);
    g_test_add_func("/relink/read-again-in-another-zone", test_read_again_in_another_zone);
    g_test_add_func("/relink/first-leg-goes", test_first_leg_goes);
    return g_test_run();
}
