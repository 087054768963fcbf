/* What was read of a file, as JSON: the names and the meaning of every number. */
#include "ingest/summary.h"

#include <string.h>

static struct report_file *sample(struct report *report)
{
    static const struct report_leg legs[] = {
        {.session_id = "1", .direction = REPORT_INTERNAL, .length = 10, .result = "Answered"},
        {.session_id = "1", .direction = REPORT_INBOUND, .length = 20, .result = "Teleported"},
        {.session_id = "2", .direction = REPORT_INTERNAL, .length = 30, .result = "Missed"},
        {.session_id = "3", .direction = REPORT_OUTBOUND, .length = -1, .result = NULL},
        {.session_id = "4", .direction = REPORT_DIRECTION_UNKNOWN, .length = 5, .result = "Busy"},
        {.session_id = "5", .direction = REPORT_OUTBOUND, .length = 7, .result = "Teleported"},
        {.session_id = "5", .direction = REPORT_INBOUND, .length = 7, .result = "Answered"},
    };
    struct report_file *file = report_file_new(report);
    file->name = "Calls.xlsx";
    file->kind = "calls";
    file->verdict = REPORT_STORED;
    memset(file->sha256, 'a', 64);
    file->from = 1767571200;
    file->to = 1767657599;
    file->has_calls = true;
    file->call_rows = 9;
    file->duplicate_rows = 1;
    file->skipped_rows = 1;
    g_array_append_vals(file->legs, legs, G_N_ELEMENTS(legs));
    report_note(report, file, "Calls", 4, "no session id");
    return file;
}

static void test_counts(void)
{
    AUTO(report) report = report_new();
    struct summary_calls calls;
    summary_count(sample(report), &calls);
    g_assert_cmpint(calls.sessions, ==, 4);
    g_assert_cmpint(calls.inbound, ==, 2);
    g_assert_cmpint(calls.outbound, ==, 1);
    g_assert_cmpint(calls.internal_legs, ==, 2);
    g_assert_cmpint(calls.seconds, ==, 79);
}

static void add_leg(struct report *report, struct report_file *file, guint session,
                    enum report_direction direction)
{
    char id[16];
    g_snprintf(id, sizeof id, "48%u", session);
    struct report_leg leg = {
        .session_id = report_text(report, id), .direction = direction, .length = 1};
    g_array_append_val(file->legs, leg);
}

/* Legs of many sessions one among the other, in two files that share some: the best leg counts,
 * wherever it stands. */
static void test_many_sessions(void)
{
    enum { MANY = 3000 };
    static const enum report_direction directions[2][4] = {
        {REPORT_INTERNAL, REPORT_OUTBOUND, REPORT_INBOUND, REPORT_INTERNAL},
        {REPORT_INTERNAL, REPORT_INTERNAL, REPORT_OUTBOUND, REPORT_DIRECTION_UNKNOWN},
    };
    AUTO(report) report = report_new();
    for (guint which = 0; which < 2; which++) {
        struct report_file *file = report_file_new(report);
        file->has_calls = true;
        file->verdict = REPORT_STORED;
        for (guint leg = 0; leg < 2; leg++)
            for (guint i = 0; i < MANY; i++)
                add_leg(report, file, i + which * (MANY / 2 + 1), directions[leg][i % 4]);
    }
    g_autofree struct summary_calls *calls = summary_count_all(report);
    for (guint which = 0; which < 2; which++) {
        g_assert_cmpint(calls[which].sessions, ==, MANY / 4 * 3);
        g_assert_cmpint(calls[which].inbound, ==, MANY / 4);
        g_assert_cmpint(calls[which].outbound, ==, MANY / 4);
    }
    /* In both are 1501 to 2999, each of which is more than internal in one of them; of the 1501
     * that only one file has 376 are internal in the first, 375 in the second. */
    g_assert_cmpint(summary_sessions(report, calls), ==, 1499 + (1501 - 376) + (1501 - 375));
}

static void test_json(void)
{
    AUTO(report) report = report_new();
    const struct report_file *file = sample(report);
    g_autoptr(GPtrArray) notes = g_ptr_array_new();
    g_ptr_array_add(notes, (gpointer)(uintptr_t) "one more");
    struct summary_calls calls;
    summary_count(file, &calls);
    AUTO(json) object = summary_of_file(file, &calls, REPORT_DUPLICATE, "known already", notes);
    g_autofree char *text = json_text(object);
    g_autofree char *sha256 = g_strnfill(64, 'a');
    g_autofree char *expected = g_strdup_printf(
        "{\"name\":\"Calls.xlsx\",\"kind\":\"calls\",\"sha256\":\"%s\",\"bytes\":0,"
        "\"verdict\":\"duplicate\",\"reason\":\"known already\",\"timezone\":null,"
        "\"from\":\"2026-01-05T00:00:00\",\"to\":\"2026-01-05T23:59:59\","
        "\"calls\":{\"rows\":9,\"legs\":7,\"sessions\":4,\"internal\":2,\"duplicates\":1,"
        "\"skipped\":1,\"inbound\":2,\"outbound\":1,\"seconds\":79,"
        "\"unknown_results\":{\"Teleported\":2}},\"users\":null,"
        "\"notes\":[{\"sheet\":\"Calls\",\"row\":4,\"text\":\"no session id\"},"
        "{\"sheet\":null,\"row\":null,\"text\":\"one more\"}],\"notes_left_out\":0}",
        sha256);
    g_assert_cmpstr(text, ==, expected);
}

static void test_unknown_is_null(void)
{
    AUTO(report) report = report_new();
    struct report_file *file = report_file_new(report);
    file->name = "Users.xlsx";
    file->has_users = true;
    struct summary_calls calls;
    summary_count(file, &calls);
    AUTO(json) object = summary_of_file(file, &calls, REPORT_STORED, NULL, NULL);
    g_autofree char *text = json_text(object);
    g_assert_nonnull(
        strstr(text, "\"from\":null,\"to\":null,\"calls\":null,\"users\":{\"rows\":0}"));
}

static void test_not_booked(void)
{
    static const struct {
        int64_t from, to;
        const char *words;
    } cases[] = {
        {1767571200, 1767657599, NULL},
        {1767571200, 1767657600, NULL},
        {1767571200, 1767744000, "several days"},
        {REPORT_UNKNOWN, REPORT_UNKNOWN, "no Filters sheet"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        AUTO(report) report = report_new();
        struct report_file *file = report_file_new(report);
        file->name = "Users.xlsx";
        file->from = cases[i].from;
        file->to = cases[i].to;
        g_assert_null(summary_not_booked(file));
        file->has_users = true;
        struct summary_calls calls;
        summary_count(file, &calls);
        AUTO(json) object = summary_of_file(file, &calls, REPORT_STORED, NULL, NULL);
        g_autofree char *text = json_text(object);
        if (cases[i].words == NULL)
            g_assert_nonnull(strstr(text, "\"notes\":[]"));
        else
            g_assert_nonnull(strstr(text, cases[i].words));
    }
}

static void test_report(void)
{
    AUTO(report) report = report_new();
    report->verdict = REPORT_LINK_ONLY;
    report->reason = report_text(report, "a link");
    report->link = report_text(report, "https://analytics.example.com/reports/1");
    AUTO(json) object = summary_of_report(report);
    g_autofree char *text = json_text(object);
    g_assert_cmpstr(text, ==,
                    "{\"verdict\":\"link-only\",\"reason\":\"a link\",\"subject\":null,"
                    "\"message_id\":null,\"link\":\"https://analytics.example.com/reports/1\","
                    "\"subscription\":null,\"files\":[]}");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/summary/counts", test_counts);
    g_test_add_func("/summary/many-sessions", test_many_sessions);
    g_test_add_func("/summary/json", test_json);
    g_test_add_func("/summary/unknown-is-null", test_unknown_is_null);
    g_test_add_func("/summary/not-booked", test_not_booked);
    g_test_add_func("/summary/report", test_report);
    return g_test_run();
}
