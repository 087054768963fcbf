/*
 * The corridor on a real database: the same thing twice, in any order, for several agencies, and
 * each way in which others got their figures wrong.
 */
#include "ingest_fixture.h"

#include "base/limits.h"

#define DAY_END (JAN_5 + 24 * HOUR - 1)

static struct report *three_calls(char mark)
{
    struct report *report = a_report("calls", JAN_5, DAY_END, mark);
    add_leg(report, "1000000000001", REPORT_INBOUND, "Alice Example", "Answered", JAN_5 + 9 * HOUR,
            100, 90);
    add_leg(report, "1000000000001", REPORT_INBOUND, "Bob Example", "Missed", JAN_5 + 9 * HOUR, 100,
            REPORT_UNKNOWN);
    add_leg(report, "1000000000002", REPORT_OUTBOUND, "Bob Example", "Call connected",
            JAN_5 + 10 * HOUR, 60, REPORT_UNKNOWN);
    add_leg(report, "1000000000003", REPORT_INTERNAL, "Bob Example", "Answered", JAN_5 + 11 * HOUR,
            30, 20);
    return report;
}

static void check_three_calls(struct corridor *corridor)
{
    struct figures agency = figures_of(corridor, 5, NULL);
    g_assert_cmpint(agency.total, ==, 2);
    g_assert_cmpint(agency.answered, ==, 2);
    g_assert_cmpint(agency.missed, ==, 0);
    g_assert_cmpint(agency.talk_seconds, ==, 150);
    struct figures bob = figures_of(corridor, 5, "Bob Example");
    g_assert_cmpint(bob.total, ==, 2);
    g_assert_cmpint(bob.inbound, ==, 1);
    g_assert_cmpint(bob.missed, ==, 1);
    g_assert_cmpint(bob.talk_seconds, ==, 60);
}

static void test_path(struct corridor *corridor, const void *unused)
{
    (void)unused;
    struct ingest_result result = send_report(corridor, three_calls('a'));
    unsigned code;
    g_autofree char *reply = ingest_reply("ID", &result, true, &code);
    g_assert_cmpuint(code, ==, 250);
    g_assert_cmpstr(reply, ==, "2.0.0 ID stored calls=2 new=2 people=2/2 date=2026-01-05");
    ingest_result_clear(&result);
    check_three_calls(corridor);
    g_assert_cmpint(fixture_number(corridor->base.db, "SELECT count(*) FROM raw_messages"), ==, 1);
    g_assert_cmpint(fixture_number(corridor->base.db, "SELECT count(*) FROM email_ingest_logs"), ==,
                    1);
}

static void test_twice(struct corridor *corridor, const void *unused)
{
    (void)unused;
    expect_verdict(send_report(corridor, three_calls('a')), REPORT_STORED);
    struct ingest_result again = send_report(corridor, three_calls('a'));
    g_assert_cmpint(again.new_calls, ==, 0);
    g_assert_cmpint(again.people_matched, ==, 2);
    expect_verdict(again, REPORT_DUPLICATE);
    /* Saved again by another program: other bytes, the same calls. */
    struct ingest_result resaved = send_report(corridor, three_calls('b'));
    g_assert_cmpint(resaved.new_calls, ==, 0);
    expect_verdict(resaved, REPORT_STORED);
    check_three_calls(corridor);
    g_assert_cmpint(fixture_number(corridor->base.db, "SELECT count(*) FROM call_events"), ==, 4);
}

/* The same session as a report until noon knows it, and as the report of the whole day does. */
static struct report *partial(void)
{
    struct report *report = a_report("calls", JAN_5, JAN_5 + 12 * HOUR, 'p');
    add_leg(report, "1000000000001", REPORT_INBOUND, "Alice Example", "Missed", JAN_5 + 11 * HOUR,
            5, REPORT_UNKNOWN);
    return report;
}

static struct report *full(void)
{
    struct report *report = a_report("calls", JAN_5, DAY_END, 'f');
    add_leg(report, "1000000000001", REPORT_INBOUND, "Alice Example", "Answered", JAN_5 + 11 * HOUR,
            300, 280);
    return report;
}

static void test_more_of_the_day_wins(struct corridor *corridor, const void *full_first)
{
    expect_verdict(send_report(corridor, full_first != NULL ? full() : partial()), REPORT_STORED);
    expect_verdict(send_report(corridor, full_first != NULL ? partial() : full()), REPORT_STORED);
    struct figures alice = figures_of(corridor, 5, "Alice Example");
    g_assert_cmpint(alice.total, ==, 1);
    g_assert_cmpint(alice.answered, ==, 1);
    g_assert_cmpint(alice.missed, ==, 0);
    g_assert_cmpint(alice.talk_seconds, ==, 280);
}

/* The same calls told by two or three of RingCentral's reports, in the order given: the one that
 * counts is that which covers most of the day, else Calls before Calls_Records before the Call Log.
 */
static const struct series_case {
    const char *name;
    struct {
        const char *kind; /* NULL: no more */
        int hours;        /* covered; 0: unknown */
        int calls;
    } files[3];
    int64_t counted;
} series_cases[] = {
    {"calls-then-records", {{"calls", 24, 3}, {"calls-records", 24, 2}}, 3},
    {"records-then-calls", {{"calls-records", 24, 2}, {"calls", 24, 3}}, 3},
    {"half-calls", {{"calls", 12, 1}, {"calls-records", 24, 2}}, 2},
    {"half-records", {{"calls-records", 12, 1}, {"calls", 24, 3}}, 3},
    {"half-calls-again", {{"calls-records", 24, 2}, {"calls", 12, 1}}, 2},
    {"log-alone", {{"call-log", 0, 4}}, 4},
    {"log-and-calls", {{"call-log", 0, 4}, {"calls", 24, 3}}, 3},
    {"log-twice", {{"call-log", 0, 1}, {"call-log", 0, 4}}, 4},
    {"calls-and-log", {{"calls", 0, 3}, {"call-log", 0, 4}}, 3},
    {"all", {{"call-log", 0, 4}, {"calls-records", 24, 2}, {"calls", 24, 3}}, 3},
};

static void test_series(struct corridor *corridor, const void *data)
{
    const struct series_case *c = data;
    for (size_t i = 0; i < G_N_ELEMENTS(c->files) && c->files[i].kind != NULL; i++) {
        bool is_known = c->files[i].hours > 0;
        struct report *report =
            a_report(c->files[i].kind, is_known ? JAN_5 : -1,
                     is_known ? JAN_5 + c->files[i].hours * HOUR - 1 : -1, (char)('a' + i));
        for (int call = 0; call < c->files[i].calls; call++) {
            g_autofree char *id = g_strdup_printf("100000000000%d", call);
            add_leg(report, report_text(report, id), REPORT_OUTBOUND, "Alice Example", "Connected",
                    JAN_5 + (9 + call / 2) * HOUR + call * 60, 60, 50);
        }
        expect_verdict(send_report(corridor, report), REPORT_STORED);
    }
    struct figures alice = figures_of(corridor, 5, "Alice Example");
    g_assert_cmpint(alice.total, ==, c->counted);
    g_assert_cmpint(alice.outbound, ==, c->counted);
    g_assert_cmpint(alice.talk_seconds, ==, c->counted * 50);
    g_assert_cmpint(figures_of(corridor, 5, NULL).total, ==, c->counted);
}

static void test_evening_call(struct corridor *corridor, const void *unused)
{
    (void)unused;
    struct report *report = a_report("calls", JAN_5, DAY_END, 'a');
    add_leg(report, "1000000000001", REPORT_OUTBOUND, "Alice Example", "Call connected",
            JAN_5 + 23 * HOUR + 1800, 60, 55);
    expect_verdict(send_report(corridor, report), REPORT_STORED);
    g_assert_cmpint(figures_of(corridor, 5, "Alice Example").total, ==, 1);
    g_assert_cmpint(figures_of(corridor, 6, "Alice Example").total, ==, -1);
    g_autofree char *start =
        fixture_text(corridor->base.db, "SELECT call_started_at FROM call_events");
    g_assert_cmpstr(start, ==, "2026-01-06T05:30:00Z");
}

static void test_workbook_zone(struct corridor *corridor, const void *unused)
{
    (void)unused;
    struct report *report = a_report("calls", JAN_5, DAY_END, 'a');
    file_of(report)->timezone = "Pacific/Auckland";
    add_leg(report, "1000000000001", REPORT_OUTBOUND, "Alice Example", "Call connected",
            JAN_5 + 9 * HOUR, 60, 55);
    expect_verdict(send_report(corridor, report), REPORT_STORED);
    /* 9:00 in Auckland is 14:00 of the day before in Chicago. */
    g_assert_cmpint(figures_of(corridor, 4, "Alice Example").total, ==, 1);
    g_assert_cmpint(figures_of(corridor, 5, "Alice Example").total, ==, 0);
    report = a_report("calls", JAN_5 + 24 * HOUR, DAY_END + 24 * HOUR, 'b');
    file_of(report)->timezone = "Mars/Olympus";
    expect_verdict(send_report(corridor, report), REPORT_STORED);
    g_assert_cmpint(figures_of(corridor, 6, "Alice Example").total, ==, 0);
}

/* A session that begins before midnight belongs to that day, whichever report comes first. */
static void test_over_midnight(struct corridor *corridor, const void *second_first)
{
    struct report *before = a_report("calls", JAN_5, DAY_END, 'a');
    add_leg(before, "1000000000001", REPORT_INBOUND, "Alice Example", "Answered",
            JAN_5 + 24 * HOUR - 60, 100, 90);
    struct report *after = a_report("calls", JAN_5 + 24 * HOUR, DAY_END + 24 * HOUR, 'b');
    add_leg(after, "1000000000001", REPORT_INBOUND, "Bob Example", "Answered",
            JAN_5 + 24 * HOUR + 60, 100, 80);
    expect_verdict(send_report(corridor, second_first != NULL ? after : before), REPORT_STORED);
    struct ingest_result second = send_report(corridor, second_first != NULL ? before : after);
    g_assert_cmpint(second.new_calls, ==, 0);
    expect_verdict(second, REPORT_STORED);
    g_assert_cmpint(figures_of(corridor, 5, NULL).total, ==, 1);
    g_assert_cmpint(figures_of(corridor, 5, NULL).talk_seconds, ==, 170);
    g_assert_cmpint(figures_of(corridor, 6, NULL).total, ==, 0);
    g_assert_cmpint(figures_of(corridor, 6, "Bob Example").total, ==, 0);
}

static void test_users_over_calls(struct corridor *corridor, const void *unused)
{
    (void)unused;
    expect_verdict(send_report(corridor, three_calls('a')), REPORT_STORED);
    struct report *users = a_report("users", JAN_5, DAY_END, 'u');
    add_user(users, "101 - Alice Example", 7, 5, 900);
    expect_verdict(send_report(corridor, users), REPORT_STORED);
    struct figures alice = figures_of(corridor, 5, "Alice Example");
    g_assert_cmpint(alice.total, ==, 7);
    g_assert_cmpint(alice.outbound, ==, 2);
    g_assert_cmpint(alice.talk_seconds, ==, 900);
    g_assert_cmpint(alice.answered, ==, 1); /* Users lacks the column: from the calls */
    g_assert_cmpint(figures_of(corridor, 5, "Bob Example").total, ==, 2);
    g_assert_cmpint(figures_of(corridor, 5, NULL).total, ==, 2);
}

static void test_users_of_several_days(struct corridor *corridor, const void *unused)
{
    (void)unused;
    struct report *users = a_report("users", JAN_5, DAY_END + 6 * 24 * HOUR, 'u');
    add_user(users, "Alice Example", 70, 50, 9000);
    struct ingest_result result = send_report(corridor, users);
    unsigned code;
    g_autofree char *reply = ingest_reply("ID", &result, false, &code);
    g_assert_cmpstr(reply, ==,
                    "2.0.0 ID stored people=1/1 date=2026-01-05..2026-01-11 note=users-not-booked");
    expect_verdict(result, REPORT_STORED);
    for (int day = 5; day <= 11; day++)
        g_assert_cmpint(figures_of(corridor, day, "Alice Example").total, ==, -1);
    g_assert_cmpint(fixture_number(corridor->base.db, "SELECT count(*) FROM user_reports"), ==, 1);
    g_autofree char *files = fixture_text(corridor->base.db, "SELECT files FROM email_ingest_logs");
    g_assert_nonnull(strstr(files, "several days"));
}

static void test_unknown_range(struct corridor *corridor, const void *unused)
{
    (void)unused;
    struct report *report = three_calls('a');
    file_of(report)->from = file_of(report)->to = REPORT_UNKNOWN;
    struct ingest_result result = send_report(corridor, report);
    g_assert_true(result.has_dates);
    expect_verdict(result, REPORT_STORED);
    check_three_calls(corridor);
    struct report *users = a_report("users", REPORT_UNKNOWN, REPORT_UNKNOWN, 'u');
    add_user(users, "Alice Example", 70, 50, 9000);
    expect_verdict(send_report(corridor, users), REPORT_STORED);
    g_assert_cmpint(figures_of(corridor, 5, "Alice Example").total, ==, 1);
}

/* Two Users reports of one day, received in the same second: the later one counts. */
static void test_users_in_one_second(struct corridor *corridor, const void *unused)
{
    (void)unused;
    for (int i = 0; i < 10; i++) {
        struct report *users = a_report("users", JAN_5, DAY_END, (char)('a' + i));
        add_user(users, "Alice Example", i, i, 10 * i);
        corridor->clock = FIXTURE_NOW;
        expect_verdict(send_report(corridor, users), REPORT_STORED);
        g_assert_cmpint(figures_of(corridor, 5, "Alice Example").total, ==, i);
    }
}

/* By extension first, beside the name or in it, and without any name; then by the name. */
static void test_who_it_is(struct corridor *corridor, const void *unused)
{
    (void)unused;
    static const struct {
        const char *name, *number;
        bool is_bob;
    } cases[] = {
        {"Alice Example", "102", true},
        {"101 - Alice Example", "102", true},
        {"102 - Somebody", NULL, true},
        {"102 - Alice Example", "62264101", true},
        {NULL, "102", true},
        {"Bob Example", "62264101", true},
        {"bob  EXAMPLE", NULL, true},
        {"Bob", NULL, false},
        {"Stranger Example", "199", false},
        {NULL, "199", false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct report *report = a_report("calls", JAN_5, DAY_END, (char)('a' + i));
        g_autofree char *session = g_strdup_printf("10000000000%02zu", i);
        struct report_leg *leg = add_leg(report, session, REPORT_INBOUND, cases[i].name, "Missed",
                                         JAN_5 + 9 * HOUR, 10, REPORT_UNKNOWN);
        leg->to_number = cases[i].number;
        int64_t before = MAX(figures_of(corridor, 5, "Bob Example").total, 0);
        expect_verdict(send_report(corridor, report), REPORT_STORED);
        g_assert_cmpint(figures_of(corridor, 5, "Bob Example").total, ==, before + cases[i].is_bob);
        g_assert_cmpint(figures_of(corridor, 5, "Alice Example").total, ==, 0);
    }
}

/* Two workbooks of one mail with the same session: one call. */
static void test_two_workbooks(struct corridor *corridor, const void *unused)
{
    (void)unused;
    struct report *report = three_calls('a');
    struct report_file *again = report_file_new(report);
    const struct report_file *first = file_of(report);
    again->name = "Again.xlsx";
    again->verdict = REPORT_STORED;
    again->has_calls = true;
    again->from = first->from;
    again->to = first->to;
    memset(again->sha256, 'b', 64);
    g_ptr_array_add(again->sheets, (gpointer)(uintptr_t) "Sheet");
    g_array_append_vals(again->legs, first->legs->data, first->legs->len);
    struct ingest_result result = send_report(corridor, report);
    g_assert_cmpint(result.calls, ==, 2);
    g_assert_cmpint(result.new_calls, ==, 2);
    expect_verdict(result, REPORT_STORED);
    check_three_calls(corridor);
}

/* A leg that is internal says nothing of its member where the covered range is unknown. */
static void test_internal_alone(struct corridor *corridor, const void *unused)
{
    (void)unused;
    struct report *report = a_report("calls", REPORT_UNKNOWN, REPORT_UNKNOWN, 'a');
    add_leg(report, "1000000000001", REPORT_INTERNAL, "Alice Example", "Answered", JAN_5 + 9 * HOUR,
            10, 5);
    expect_verdict(send_report(corridor, report), REPORT_STORED);
    g_assert_cmpint(figures_of(corridor, 5, "Alice Example").total, ==, -1);
}

static void test_two_agencies(struct corridor *corridor, const void *unused)
{
    (void)unused;
    g_autoptr(GError) error = NULL;
    AUTO(report) report = three_calls('a');
    struct ingest_recipient both[] = {{.address = "a", .key = corridor->base.first.key},
                                      {.address = "b", .key = corridor->base.second.key},
                                      {.address = "c", .key = corridor->base.first.key}};
    struct ingest_result result;
    send_to(corridor, report, both, 3, &result, &error);
    g_assert_no_error(error);
    g_assert_cmpint(result.new_calls, ==, 4);
    g_assert_cmpint(result.people_matched, ==, 2);
    g_assert_cmpint(result.people_seen, ==, 4);
    expect_verdict(result, REPORT_STORED);
    struct ingest_recipient third = {.address = "a", .key = corridor->base.first.key};
    g_assert_cmpint(fixture_number(corridor->base.db, "SELECT count(*) FROM call_events"), ==, 8);
    g_assert_cmpint(fixture_number(corridor->base.db, "SELECT count(*) FROM raw_messages"), ==, 1);
    g_assert_cmpint(fixture_number(corridor->base.db, "SELECT count(*) FROM email_ingest_logs"), ==,
                    2);
    /* New for one, known to the other: partial. */
    AUTO(report) other = three_calls('b');
    send_to(corridor, other, &third, 1, &result, &error);
    expect_verdict(result, REPORT_STORED);
    send_to(corridor, other, both, 2, &result, &error);
    g_assert_no_error(error);
    expect_verdict(result, REPORT_PARTIAL);
}

static void test_dead_key(struct corridor *corridor, const void *unused)
{
    (void)unused;
    g_autoptr(GError) error = NULL;
    AUTO(report) report = three_calls('a');
    store_key_disable(corridor->base.db, NULL, corridor->base.first.key, corridor->clock, &error);
    g_assert_no_error(error);
    struct ingest_recipient dead = {.address = "a", .key = corridor->base.first.key};
    struct ingest_result result;
    g_assert_true(send_to(corridor, report, &dead, 1, &result, &error));
    g_assert_true(result.is_for_nobody);
    ingest_result_clear(&result);
    g_assert_cmpint(fixture_number(corridor->base.db, "SELECT count(*) FROM call_events"), ==, 0);
    g_assert_cmpint(fixture_number(corridor->base.db, "SELECT count(*) FROM raw_messages"), ==, 0);
}

static void test_postmaster(struct corridor *corridor, const void *unused)
{
    (void)unused;
    g_autoptr(GError) error = NULL;
    struct ingest_recipient postmaster = {.address = "postmaster@ingest.example.com"};
    struct ingest_result result;
    send_to(corridor, NULL, &postmaster, 1, &result, &error);
    g_assert_no_error(error);
    unsigned code;
    g_autofree char *reply = ingest_reply("ID", &result, true, &code);
    g_assert_cmpstr(reply, ==, "2.0.0 ID kept");
    g_assert_cmpuint(code, ==, 250);
    ingest_result_clear(&result);
    g_assert_cmpint(fixture_number(corridor->base.db, "SELECT count(*) FROM raw_messages"), ==, 1);
}

static void test_postmaster_is_bounded(struct corridor *corridor, const void *unused)
{
    (void)unused;
    g_autoptr(GError) error = NULL;
    struct ingest_recipient to[] = {{.address = "postmaster@ingest.example.com"},
                                    {.address = "a", .key = corridor->base.first.key}};
    struct ingest_result result;
    corridor->clock = FIXTURE_NOW;
    for (int i = 0; i < LIMIT_SMTP_KEPT_PER_DAY; i++) {
        g_assert_true(send_to(corridor, NULL, to, 1, &result, &error));
        ingest_result_clear(&result);
    }
    g_assert_false(send_to(corridor, NULL, to, 1, &result, &error));
    g_assert_true(error_is_temp(error));
    ingest_result_clear(&result);
    g_clear_error(&error);
    /* Beside a key it is one more log row, and always taken. */
    AUTO(report) report = three_calls('a');
    g_assert_true(send_to(corridor, report, to, 2, &result, &error));
    expect_verdict(result, REPORT_STORED);
    corridor->clock = FIXTURE_NOW + 2 * 86400;
    g_assert_true(send_to(corridor, NULL, to, 1, &result, &error));
    expect_verdict(result, REPORT_KEPT);
}

/* A session of very many legs costs no more a leg than others do. */
static void test_long_session(struct corridor *corridor, const void *unused)
{
    (void)unused;
    for (int pass = 0; pass < 2; pass++) {
        struct report *report = a_report("calls", JAN_5, DAY_END, (char)('a' + pass));
        for (int i = 0; i < 5000; i++)
            add_leg(report, "1000000000001", REPORT_INBOUND, "Alice Example", "Missed",
                    JAN_5 + 9 * HOUR + i, 10, REPORT_UNKNOWN);
        expect_verdict(send_report(corridor, report), REPORT_STORED);
    }
    g_assert_cmpint(fixture_number(corridor->base.db, "SELECT count(*) FROM call_events"), ==,
                    5000);
    g_assert_cmpint(figures_of(corridor, 5, "Alice Example").total, ==, 1);
}

static void test_unread(struct corridor *corridor, const void *unused)
{
    (void)unused;
    static const struct {
        enum report_verdict verdict;
        bool reject;
        unsigned code;
        const char *reply;
    } cases[] = {
        {REPORT_FAILED, false, 250, "2.6.0 ID failed why it is so"},
        {REPORT_FAILED, true, 554, "5.6.0 ID failed why it is so"},
        {REPORT_NO_REPORT, false, 250, "2.6.0 ID no-report why it is so"},
        {REPORT_NO_REPORT, true, 554, "5.6.0 ID no-report why it is so"},
        {REPORT_LINK_ONLY, false, 250, "2.6.0 ID link-only why it is so"},
        {REPORT_LINK_ONLY, true, 250, "2.6.0 ID link-only why it is so"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct report *report = report_new();
        report->verdict = cases[i].verdict;
        report->reason = report_text(report, "why it is so");
        struct ingest_result result = send_report(corridor, report);
        unsigned code;
        g_autofree char *reply = ingest_reply("ID", &result, cases[i].reject, &code);
        g_assert_cmpuint(code, ==, cases[i].code);
        g_assert_cmpstr(reply, ==, cases[i].reply);
        ingest_result_clear(&result);
    }
    g_assert_cmpint(fixture_number(corridor->base.db, "SELECT count(*) FROM raw_messages"), ==,
                    G_N_ELEMENTS(cases));
}

static void test_partly_failed(struct corridor *corridor, const void *unused)
{
    (void)unused;
    struct report *report = three_calls('a');
    struct report_file *broken = report_file_new(report);
    broken->name = "Users.xlsx";
    broken->verdict = REPORT_FAILED;
    broken->reason = "a wrong checksum";
    struct ingest_result result = send_report(corridor, report);
    g_assert_cmpstr(result.note, ==, "file-failed");
    expect_verdict(result, REPORT_PARTIAL);
    check_three_calls(corridor);
}

static void test_nobody_of_ours(struct corridor *corridor, const void *unused)
{
    (void)unused;
    g_autoptr(GError) error = NULL;
    struct report *report = three_calls('a');
    add_leg(report, "1000000000009", REPORT_INBOUND, "Stranger Example", "Answered",
            JAN_5 + 15 * HOUR, 50, 40);
    struct ingest_result result = send_report(corridor, report);
    g_assert_cmpint(result.people_matched, ==, 2);
    g_assert_cmpint(result.people_seen, ==, 3);
    g_assert_cmpint(result.calls, ==, 3);
    expect_verdict(result, REPORT_STORED);
    check_three_calls(corridor);
    g_autoptr(GArray) unmatched =
        store_unmatched_list(corridor->base.db, corridor->base.first.id, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(unmatched->len, ==, 1);
    g_assert_cmpstr(g_array_index(unmatched, struct store_unmatched, 0).name, ==,
                    "Stranger Example");
}

static void set_up(struct corridor *corridor, const void *unused)
{
    (void)unused;
    corridor_init(corridor);
}

static void tear_down(struct corridor *corridor, const void *unused)
{
    (void)unused;
    corridor_clear(corridor);
}

static void add(const char *path, const void *data, void (*test)(struct corridor *, const void *))
{
    g_test_add(path, struct corridor, data, set_up, test, tear_down);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/ingest/path", NULL, test_path);
    add("/ingest/twice", NULL, test_twice);
    add("/ingest/partial-then-full", NULL, test_more_of_the_day_wins);
    add("/ingest/full-then-partial", "", test_more_of_the_day_wins);
    for (size_t i = 0; i < G_N_ELEMENTS(series_cases); i++) {
        g_autofree char *path = g_strconcat("/ingest/series/", series_cases[i].name, NULL);
        add(path, &series_cases[i], test_series);
    }
    add("/ingest/evening-call", NULL, test_evening_call);
    add("/ingest/workbook-zone", NULL, test_workbook_zone);
    add("/ingest/over-midnight", NULL, test_over_midnight);
    add("/ingest/over-midnight-backwards", "", test_over_midnight);
    add("/ingest/users-over-calls", NULL, test_users_over_calls);
    add("/ingest/users-of-several-days", NULL, test_users_of_several_days);
    add("/ingest/unknown-range", NULL, test_unknown_range);
    add("/ingest/users-in-one-second", NULL, test_users_in_one_second);
    add("/ingest/who-it-is", NULL, test_who_it_is);
    add("/ingest/two-workbooks", NULL, test_two_workbooks);
    add("/ingest/internal-alone", NULL, test_internal_alone);
    add("/ingest/two-agencies", NULL, test_two_agencies);
    add("/ingest/dead-key", NULL, test_dead_key);
    add("/ingest/postmaster", NULL, test_postmaster);
    add("/ingest/postmaster-is-bounded", NULL, test_postmaster_is_bounded);
    add("/ingest/long-session", NULL, test_long_session);
    add("/ingest/unread", NULL, test_unread);
    add("/ingest/partly-failed", NULL, test_partly_failed);
    add("/ingest/nobody-of-ours", NULL, test_nobody_of_ours);
    return g_test_run();
}
