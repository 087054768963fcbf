/*
 * The sums of a day that are kept from mail to mail, against the same calls counted from nothing:
 * whatever comes in whatever order, in one transaction or in many, undone or not.
 */
#include "ingest_fixture.h"

#include "db/migrate.h"

enum { SESSIONS = 24, ROUNDS = 60, MOST_LEGS = 12 };

static void run_sql(struct db *db, const char *sql)
{
    g_autoptr(GError) error = NULL;
    db_run(db, sql, DB_NO_VALUES, NULL, &error);
    g_assert_no_error(error);
}

static const char *const kinds[] = {"calls", "calls", "calls-records", "call-log"};

static const char *pick(GRand *random, const char *const *texts, guint count)
{
    return texts[g_rand_int_range(random, 0, (gint32)count)];
}

/* A few legs of a few sessions, on two days and across the midnight between them, with a coverage
 * that may be anything: so that legs are new, known, better known, and sessions move. */
static struct report *random_report(GRand *random, guint number)
{
    static const char *const people[] = {"Alice Example", "Bob Example", "Zed Stranger", NULL};
    static const char *const results[] = {"Answered", "Missed", "Voicemail", "Busy"};
    static const enum report_direction directions[] = {REPORT_INBOUND, REPORT_OUTBOUND,
                                                       REPORT_INTERNAL, REPORT_DIRECTION_UNKNOWN};
    int64_t from = g_rand_boolean(random) ? JAN_5 : JAN_5 + 24 * HOUR;
    struct report *report = a_report(pick(random, kinds, G_N_ELEMENTS(kinds)), from,
                                     from + g_rand_int_range(random, 1, 48) * HOUR / 2, 'x');
    g_snprintf(file_of(report)->sha256, 65, "%064u", number);
    int legs = g_rand_int_range(random, 0, MOST_LEGS);
    for (int i = 0; i < legs; i++) {
        int session = g_rand_int_range(random, 0, SESSIONS);
        g_autofree char *id = g_strdup_printf("1000000000%03d", session);
        /* Three legs may be of one session; two that are equal in identity are told by number. */
        int64_t start = JAN_5 + 20 * HOUR + session * HOUR / 3 +
                        g_rand_int_range(random, 0, 3) * HOUR * (session % 2 == 0 ? 1 : 3);
        struct report_leg *leg =
            add_leg(report, report_text(report, id), directions[g_rand_int_range(random, 0, 4)],
                    pick(random, people, 4), pick(random, results, 4), start,
                    g_rand_int_range(random, 0, 100), g_rand_int_range(random, -1, 50));
        leg->queue = g_rand_boolean(random) ? "Sales" : NULL;
    }
    return report;
}

/* Everything that is kept of the days, as text. */
static char *days_text(struct corridor *corridor)
{
    static const char *const queries[] = {
        "SELECT group_concat(t, char(10)) FROM (SELECT date||' '||provider||' '||legs||' "
        "'||total||' "
        "'||inbound||' "
        "'||outbound||' '||answered||' '||missed||' '||unmatched||' '||internal||char(10)||members "
        "AS t FROM session_totals_daily ORDER BY date, provider)",
        "SELECT group_concat(t, char(10)) FROM (SELECT date||' '||team_member_id||' '||total_calls"
        "||' '||inbound_calls||' '||outbound_calls||' '||answered_calls||' '||missed_calls||' '"
        "||coalesce(total_talk_seconds,'-')||' '||basis||' '||coalesce(covered_until,'-') AS t "
        "FROM call_metrics_daily ORDER BY date, team_member_id)",
        "SELECT group_concat(t, char(10)) FROM (SELECT date||' '||coalesce(calls,'-')||' '"
        "||coalesce(inbound,'-')||' '||coalesce(outbound,'-')||' '||coalesce(answered,'-')||' '"
        "||coalesce(missed,'-')||' '||coalesce(talk_seconds,'-')||' '||coalesce(unmatched,'-')||' '"
        "||coalesce(internal,'-')||' '||basis||' '||coalesce(covered_until,'-') AS t "
        "FROM agency_metrics_daily ORDER BY date)",
    };
    GString *text = g_string_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(queries); i++) {
        g_autofree char *part = fixture_text(corridor->base.db, queries[i]);
        g_string_append_printf(text, "%s\n--\n", part != NULL ? part : "");
    }
    return g_string_free(text, FALSE);
}

/* Forgets all sums and figures, and lets each day be counted from its calls. */
static void count_again(struct corridor *corridor, guint number)
{
    run_sql(corridor->base.db, "DELETE FROM session_totals_daily");
    run_sql(corridor->base.db, "DELETE FROM call_metrics_daily");
    run_sql(corridor->base.db, "DELETE FROM agency_metrics_daily");
    ingest_free(corridor->ingest);
    corridor->ingest = ingest_new(corridor->base.db);
    for (int i = 0; i < 12; i++) {
        int day = i / 3 - 1;
        struct report *report =
            a_report(kinds[i % 3 + 1], JAN_5 + day * 24 * HOUR, JAN_5 + day * 24 * HOUR + 1, 'c');
        g_snprintf(file_of(report)->sha256, 65, "%c%063u", 'a' + i, number);
        struct ingest_result result = send_report(corridor, report);
        ingest_result_clear(&result);
    }
}

static void test_same_as_counted(struct corridor *corridor, const void *unused)
{
    (void)unused;
    for (guint32 seed = 1; seed <= 4; seed++) {
        g_autoptr(GRand) random = g_rand_new_with_seed(seed);
        /* The days must be there before, with some coverage, for the texts to be comparable. */
        count_again(corridor, seed * 1000000);
        for (guint i = 0; i < ROUNDS; i++) {
            struct ingest_result result =
                send_report(corridor, random_report(random, seed * 1000 + i));
            ingest_result_clear(&result);
            if (i % 6 != 0)
                continue;
            g_autofree char *kept = days_text(corridor);
            count_again(corridor, seed * 1000000 + i + 1);
            g_autofree char *counted = days_text(corridor);
            g_assert_cmpstr(kept, ==, counted);
        }
        g_assert_cmpint(fixture_number(corridor->base.db, "SELECT count(*) FROM call_events"), >,
                        40);
    }
}

static struct ingest_message a_message(struct corridor *corridor,
                                       const struct ingest_recipient *recipient,
                                       const struct report *report)
{
    struct ingest_message message = {
        .channel = "smtp",
        .sender = "reports@example.com",
        .recipients = recipient,
        .recipient_count = 1,
        .bytes = "raw",
        .size = 3,
        .sha256 = "0000000000000000000000000000000000000000000000000000000000000000",
        .received_at = corridor->clock++,
        .received_monotonic = g_get_monotonic_time(),
        .report = report,
    };
    id_new(message.id);
    return message;
}

/* Four messages, the last of which cannot be stored, undo each other in one transaction; those
 * before it are then stored as if nothing had been. */
static void test_one_of_a_batch_fails(struct corridor *corridor, const void *unused)
{
    (void)unused;
    g_autoptr(GError) error = NULL;
    struct ingest_recipient recipient = {.address = "calls-x@ingest.example.com",
                                         .key = corridor->base.first.key};
    char first_id[ID_SIZE];
    g_assert_true(ingest_begin(corridor->ingest, &error));
    for (int i = 0; i < 7; i++) {
        AUTO(report) report = a_report("calls", JAN_5, JAN_5 + 24 * HOUR - 1, (char)('a' + i % 4));
        g_autofree char *id = g_strdup_printf("10000000000%d", i % 4);
        add_leg(report, id, REPORT_INBOUND, "Alice Example", "Answered", JAN_5 + 9 * HOUR, 100, 90);
        struct ingest_message message = a_message(corridor, &recipient, report);
        /* The second of two messages of one id is refused when its calls are stored already. */
        if (i == 0)
            memcpy(first_id, message.id, ID_SIZE);
        if (i == 3)
            memcpy(message.id, first_id, ID_SIZE);
        struct ingest_result result;
        g_assert_cmpint(ingest_apply(corridor->ingest, &message, &result, &error), ==, i != 3);
        g_assert_cmpint(error != NULL, ==, i == 3);
        g_clear_error(&error);
        ingest_result_clear(&result);
        if (i == 3) {
            g_assert_cmpint(fixture_number(corridor->base.db, "SELECT count(*) FROM call_events"),
                            ==, 0);
            g_assert_true(ingest_begin(corridor->ingest, &error));
        }
    }
    g_assert_true(ingest_commit(corridor->ingest, &error));
    g_assert_cmpint(figures_of(corridor, 5, "Alice Example").total, ==, 3);
    g_assert_cmpint(fixture_number(corridor->base.db, "SELECT count(*) FROM call_events"), ==, 3);
}

/* A member whom another program adds is known to the next message. */
static void test_others_write(struct corridor *corridor, const void *unused)
{
    (void)unused;
    g_autoptr(GError) error = NULL;
    struct report *before = a_report("calls", JAN_5, JAN_5 + 24 * HOUR - 1, 'a');
    add_leg(before, "100000000001", REPORT_INBOUND, "Carol Example", "Answered", JAN_5 + 9 * HOUR,
            100, 90);
    struct ingest_result result = send_report(corridor, before);
    g_assert_cmpint(result.people_matched, ==, 0);
    ingest_result_clear(&result);

    AUTO(db) other = fixture_open(&corridor->base, DB_WRITE);
    struct store_member carol = {.name = g_strdup("Carol Example")};
    g_assert_true(store_member_add(other, corridor->base.first.id, &carol, &error));
    store_member_clear(&carol);

    struct report *after = a_report("calls", JAN_5, JAN_5 + 24 * HOUR - 1, 'b');
    add_leg(after, "100000000002", REPORT_INBOUND, "Carol Example", "Answered", JAN_5 + 9 * HOUR,
            100, 90);
    result = send_report(corridor, after);
    g_assert_cmpint(result.people_matched, ==, 1);
    ingest_result_clear(&result);
    g_assert_cmpint(figures_of(corridor, 5, "Carol Example").total, ==, 1);
}

/* A database that an earlier callmx filled has calls and no sums: they are kept, and counted when
 * something next happens to their day. */
static void test_database_of_the_first_schema(struct corridor *corridor, const void *unused)
{
    (void)unused;
    static const char calls[] =
        "INSERT INTO agencies VALUES ('a', 'A', 'a', 'America/Chicago', '2026-01-05T00:00:00Z');"
        "INSERT INTO team_members VALUES ('a', 'm', 'Mia Example', NULL, NULL, NULL, 'staff', "
        "'active');"
        "INSERT INTO agencies VALUES ('b', 'B', 'b', 'America/Chicago', '2026-01-05T00:00:00Z');"
        "INSERT INTO team_members VALUES ('b', 'n', 'Nora Example', NULL, NULL, NULL, 'staff', "
        "'active'), ('a', 'k', 'Kim Example', NULL, NULL, NULL, 'staff', 'active'), "
        "('b', 'o', 'Otto Example', NULL, NULL, NULL, 'staff', 'active');"
        "INSERT INTO call_events (agency_id, provider, external_call_id, leg, call_date, "
        "call_started_at, start_estimated, matched_team_member_id) VALUES "
        "('b', 'ringcentral', '1', 'x.1', '2026-01-05', '2026-01-05T15:00:00Z', 0, 'o'), "
        "('b', 'ringcentral', '2', 'x.1', '2026-01-05', '2026-01-05T15:00:00Z', 0, NULL), "
        "('b', 'ringcentral', '3', 'x.1', '2026-01-05', '2026-01-05T15:00:00Z', 0, 'n');"
        "INSERT INTO call_events (agency_id, provider, external_call_id, leg, call_date, "
        "direction, "
        "call_started_at, start_estimated, result, agent, matched_team_member_id, talk_seconds, "
        "source_log_id, source_file_id, source_sheet, source_row, source_received_at) "
        "VALUES ('a', 'ringcentral', '1', 'x.1', '2026-01-05', 'Inbound', '2026-01-05T15:00:00Z', "
        "0, 'Answered', 'Mia Example', 'm', 90, 'log', 'file', 'Calls', 2, "
        "'2026-01-06T08:00:00Z'), "
        "('a', 'ringcentral', '2', 'x.1', '2026-01-05', 'Outbound', '2026-01-05T16:00:00Z', 0, "
        "'Busy', 'Mia Example', 'm', NULL, 'log', 'file', 'Calls', 3, '2026-01-06T08:00:00Z');"
        "INSERT INTO raw_messages VALUES ('z', '2026-01-06T08:00:00Z', NULL, x'01'), "
        "('b', '2026-01-06T09:00:00Z', NULL, x'02');"
        "INSERT INTO report_files (agency_id, id, log_id, sha256, received_at) "
        "VALUES ('b', 'f', 'log', 'x', '2026-01-06T08:00:00Z');"
        "INSERT INTO report_days VALUES ('b', '2026-01-04', 'users', 'f', 86400, NULL), "
        "('b', '2026-01-04', 'calls', 'f', 3600, '2026-01-04T06:00:00Z');";
    g_autoptr(GError) error = NULL;
    struct fixture old;
    fixture_directory(&old);
    old.db = db_open(old.url, DB_CREATE, &error);
    g_assert_no_error(error);
    g_assert_true(migrate_run(old.db, migrations_sqlite, 1, FIXTURE_NOW, &error));
    fixture_script(old.db, calls);
    db_close(old.db);
    old.db = fixture_open(&old, DB_WRITE);
    g_autofree char *members =
        fixture_text(old.db, "SELECT group_concat(agency_id || external_call_id || "
                             "COALESCE(matched_team_member_id, '-')) FROM call_events");
    g_assert_cmpstr(members, ==, "b1o,b2-,b3n,a1m,a2m");
    g_autofree char *numbers =
        fixture_text(old.db, "SELECT group_concat(id || agency_number || number) FROM "
                             "(SELECT * FROM team_members ORDER BY id)");
    g_assert_cmpstr(numbers, ==, "k12,m11,n21,o22");
    g_autofree char *sources = fixture_text(
        old.db, "SELECT count(*)||' '||min(log_id||file_id||sheet||received_at)||' '||"
                "group_concat(source_row) FROM call_events AS e JOIN call_sources AS s "
                "ON s.id = e.source_id AND s.agency_id = e.agency_id");
    g_assert_cmpstr(sources, ==, "2 logfileCalls2026-01-06T08:00:00Z 2,3");
    g_assert_cmpint(fixture_number(old.db, "SELECT count(*) FROM call_sources"), ==, 1);
    g_autofree char *raw = fixture_text(old.db, "SELECT group_concat(id||serial||hex(bytes)) "
                                                "FROM (SELECT * FROM raw_messages ORDER BY id)");
    g_assert_cmpstr(raw, ==, "b202,z101");

    g_autofree char *days = fixture_text(
        old.db, "SELECT group_concat(date||source||file_id||covered_seconds||"
                "COALESCE(covered_until, '-')) FROM (SELECT * FROM report_days ORDER BY source)");
    g_assert_cmpstr(days, ==, "2026-01-04callsf36002026-01-04T06:00:00Z,2026-01-04usersf86400-");

    AUTO(ingest) ingest = ingest_new(old.db);
    AUTO(report) report = a_report("calls", JAN_5, JAN_5 + 24 * HOUR - 1, 'a');
    add_leg(report, "3", REPORT_INBOUND, "Mia Example", "Missed", JAN_5 + 9 * HOUR, 10, -1);
    const struct ingest_recipient recipient = {.agency_id = "a"};
    struct ingest_message message = a_message(corridor, &recipient, report);
    struct ingest_result result;
    g_assert_true(ingest_begin(ingest, &error));
    g_assert_true(ingest_apply(ingest, &message, &result, &error));
    ingest_result_clear(&result);
    g_assert_true(ingest_commit(ingest, &error));
    g_autofree char *figures = fixture_text(
        old.db, "SELECT total_calls||' '||inbound_calls||' '||outbound_calls||' '||answered_calls"
                "||' '||missed_calls||' '||total_talk_seconds FROM call_metrics_daily "
                "WHERE team_member_id = 'm'");
    g_assert_cmpstr(figures, ==, "3 2 1 1 1 90");
    fixture_clear(&old);
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

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/agency-day/same-as-counted", struct corridor, NULL, set_up, test_same_as_counted,
               tear_down);
    g_test_add("/agency-day/one-of-a-batch-fails", struct corridor, NULL, set_up,
               test_one_of_a_batch_fails, tear_down);
    g_test_add("/agency-day/database-of-the-first-schema", struct corridor, NULL, set_up,
               test_database_of_the_first_schema, tear_down);
    g_test_add("/agency-day/others-write", struct corridor, NULL, set_up, test_others_write,
               tear_down);
    return g_test_run();
}
