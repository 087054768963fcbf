#include "report/calls.h"

#include "report_rows.h"

#include <string.h>

#define CELLS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const char *const header[] = {
    "Session Id", "From Name",   "From Number", "To Name",         "To Number",
    "Result",     "Call Length", "Handle Time", "Call Start Time", "Call Direction",
    "Queue",      "Mood",        NULL,
};

static const struct report_leg *leg_at(const struct report_rows *rows, guint index)
{
    g_assert_cmpuint(rows->file->legs->len, >, index);
    return &g_array_index(rows->file->legs, struct report_leg, index);
}

static void take(struct report_rows *rows, struct calls *calls, uint32_t number,
                 const char *const *cells)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(calls_take(calls, report_rows_next(rows, number, cells), &error));
    g_assert_no_error(error);
}

static void test_whole(void)
{
    struct report_rows rows;
    report_rows_init(&rows, "Calls", header);
    AUTO(calls) calls = calls_new(rows.file);
    take(&rows, calls, 2,
         CELLS("4240555000048", "Main - Line - Ann Caller", "(555) 010-0003", "Bob Agent",
               "(555) 010-0004", "Answered", "=0.0056", "=0.005497685185185185",
               "12/08/2025 5:33:27 PM", "Inbound", "Main - Line", "good"));
    const struct report_leg *leg = leg_at(&rows, 0);
    g_assert_cmpstr(leg->session_id, ==, "4240555000048");
    g_assert_cmpstr(leg->from_name, ==, "Ann Caller");
    g_assert_cmpstr(leg->queue, ==, "Main - Line");
    g_assert_cmpstr(leg->to_name, ==, "Bob Agent");
    g_assert_cmpstr(leg->result, ==, "Answered");
    g_assert_cmpstr(leg->call_type, ==, "Inbound");
    g_assert_cmpint(leg->direction, ==, REPORT_INBOUND);
    g_assert_cmpint(leg->length, ==, 484);
    g_assert_cmpint(leg->handle_time, ==, 475);
    g_assert_cmpint(leg->start, ==, 1765215207);
    g_assert_cmpuint(leg->row, ==, 2);
    g_assert_false(leg->id_imprecise);
    g_assert_cmpstr(leg->raw_payload, ==, "{\"Mood\":\"good\"}");
    g_assert_cmpuint(rows.file->notes->len, ==, 0);
    report_rows_clear(&rows);
}

/* A queue call rings three people: one id, three rows, three legs. */
static void test_every_leg_is_kept(void)
{
    struct report_rows rows;
    report_rows_init(&rows, "Calls", header);
    AUTO(calls) calls = calls_new(rows.file);
    const char *agents[] = {"Bob", "Eve", "Dan"};
    for (uint32_t i = 0; i < 3; i++)
        take(&rows, calls, 2 + i,
             CELLS("4240555000048", "Q - X", "1", agents[i], "2", i == 0 ? "Answered" : "Missed",
                   "", "", "12/08/2025 5:33:27 PM", "Inbound", "Q"));
    g_assert_cmpuint(rows.file->legs->len, ==, 3);
    g_assert_cmpint(rows.file->duplicate_rows, ==, 0);
    g_assert_cmpint(leg_at(&rows, 1)->length, ==, REPORT_UNKNOWN);
    g_assert_cmpint(leg_at(&rows, 1)->handle_time, ==, REPORT_UNKNOWN);
    report_rows_clear(&rows);
}

static void test_duplicates(void)
{
    struct report_rows rows;
    report_rows_init(&rows, "Calls", header);
    AUTO(calls) calls = calls_new(rows.file);
    for (uint32_t i = 0; i < 4; i++)
        take(&rows, calls, 2 + i,
             CELLS("4240555000048", "", "1", "", "2", "Missed", "", "", "12/08/2025 5:33:27 PM",
                   "Inbound", "", i == 3 ? "other" : ""));
    g_assert_cmpuint(rows.file->legs->len, ==, 2);
    g_assert_cmpint(rows.file->duplicate_rows, ==, 2);
    g_assert_cmpint(rows.file->call_rows, ==, 4);
    report_rows_clear(&rows);
}

static const struct skipped {
    const char *name;
    const char *cells[13];
    bool is_counted; /* false: the row is nothing */
    const char *note;
} skipped[] = {
    {"no-session",
     {"", "A", "1", "", "2", "", "", "", "12/08/2025 5:33:27 PM", "Inbound"},
     true,
     "the Session Id is missing: the row was left out"},
    {"bad-session",
     {"12x", "A", "1", "", "2", "", "", "", "12/08/2025 5:33:27 PM", "Inbound"},
     true,
     "Session Id \"12x\" *: the row was left out"},
    {"no-start",
     {"4240555000048", "A", "1", "", "2", "", "", "", "", "Inbound"},
     true,
     "the Call Start Time is missing: the row was left out"},
    {"session-alone",
     {"4240555000048"},
     true,
     "the Call Start Time is missing: the row was left out"},
    {"bad-start",
     {"4240555000048", "A", "1", "", "2", "", "", "", "yesterday", "Inbound"},
     true,
     "Call Start Time \"yesterday\" *: the row was left out"},
    {"total", {"Total", "", "", "", "", "", "=1.5"}, false, NULL},
    {"length-alone", {"", "", "", "", "", "", "=1.5"}, false, NULL},
    {"extra-alone", {"", "", "", "", "", "", "", "", "", "", "", "x"}, false, NULL},
};

static void test_skipped(gconstpointer data)
{
    const struct skipped *example = data;
    struct report_rows rows;
    report_rows_init(&rows, "Calls", header);
    AUTO(calls) calls = calls_new(rows.file);
    take(&rows, calls, 7, example->cells);
    g_assert_cmpuint(rows.file->legs->len, ==, 0);
    g_assert_cmpint(rows.file->call_rows, ==, example->is_counted);
    g_assert_cmpint(rows.file->skipped_rows, ==, example->is_counted);
    g_assert_cmpuint(rows.file->notes->len, ==, example->is_counted);
    if (example->note != NULL) {
        const struct report_note *note = &g_array_index(rows.file->notes, struct report_note, 0);
        g_assert_true(g_pattern_match_simple(example->note, note->text));
        g_assert_cmpuint(note->row, ==, 7);
        g_assert_cmpstr(note->sheet, ==, "Calls");
    }
    report_rows_clear(&rows);
}

static const struct doubtful {
    const char *name;
    const char *cells[13];
    const char *note; /* a pattern */
    enum report_direction direction;
    const char *from_name;
} doubtful[] = {
    {"bad-length",
     {"4240555000048", "A", "1", "", "2", "", "soon", "", "12/08/2025 5:33:27 PM", "Inbound"},
     "Call Length \"soon\" *: it is taken as unknown",
     REPORT_INBOUND,
     "A"},
    {"bad-direction",
     {"4240555000048", "A", "1", "", "2", "", "", "", "12/08/2025 5:33:27 PM", "Sideways"},
     "Call Direction \"Sideways\" is not known*",
     REPORT_DIRECTION_UNKNOWN,
     "A"},
    {"no-direction",
     {"4240555000048", "A", "1", "", "2", "", "", "", "12/08/2025 5:33:27 PM"},
     "the Call Direction is missing*",
     REPORT_DIRECTION_UNKNOWN,
     "A"},
    {"ring-out",
     {"4240555000048", "A", "1", "", "2", "", "", "", "12/08/2025 5:33:27 PM", "Ring out"},
     NULL,
     REPORT_OUTBOUND,
     "A"},
    {"call-out",
     {"4240555000048", "A", "1", "", "2", "", "", "", "12/08/2025 5:33:27 PM", "CALL OUT"},
     NULL,
     REPORT_OUTBOUND,
     "A"},
    {"queue-alone",
     {"4240555000048", "Q -", "1", "", "2", "", "", "", "12/08/2025 5:33:27 PM", "Inbound", "Q"},
     NULL,
     REPORT_INBOUND,
     NULL},
    {"queue-is-no-prefix",
     {"4240555000048", "Quick - X", "1", "", "2", "", "", "", "12/08/2025 5:33:27 PM", "Inbound",
      "Q"},
     NULL,
     REPORT_INBOUND,
     "Quick - X"},
    {"controls",
     {"4240555000048", "A\x1b[31m\nB", "1", "", "2", "", "", "", "12/08/2025 5:33:27 PM",
      "Inbound"},
     NULL,
     REPORT_INBOUND,
     "A [31m B"},
};

static void test_doubtful(gconstpointer data)
{
    const struct doubtful *example = data;
    struct report_rows rows;
    report_rows_init(&rows, "Calls", header);
    AUTO(calls) calls = calls_new(rows.file);
    take(&rows, calls, 7, example->cells);
    const struct report_leg *leg = leg_at(&rows, 0);
    g_assert_cmpint(leg->direction, ==, example->direction);
    g_assert_cmpstr(leg->from_name, ==, example->from_name);
    g_assert_cmpint(leg->length, ==, REPORT_UNKNOWN);
    g_assert_cmpint(rows.file->skipped_rows, ==, 0);
    g_assert_cmpuint(rows.file->notes->len, ==, example->note != NULL);
    if (example->note != NULL)
        g_assert_true(g_pattern_match_simple(example->note, report_rows_note(&rows, 0)));
    report_rows_clear(&rows);
}

static void test_end_of_sheet(void)
{
    static const char *const short_header[] = {"Session Id", "Call Start Time", "Call Direction",
                                               "From Name",  "From Number",     "To Name",
                                               "To Number",  "Result",          NULL};
    struct report_rows rows;
    report_rows_init(&rows, "Calls", short_header);
    AUTO(calls) calls = calls_new(rows.file);
    take(&rows, calls, 2, CELLS("=7539991000000269000", "12/08/2025 5:33:27 PM", "Inbound"));
    take(&rows, calls, 3, CELLS("=7539991000000270000", "12/08/2025 5:33:27 PM", "Inbound"));
    calls_end_sheet(calls, &rows.row);
    g_assert_true(leg_at(&rows, 0)->id_imprecise);
    g_assert_cmpstr(leg_at(&rows, 0)->session_id, ==, "7539991000000269000");
    g_assert_cmpuint(rows.file->notes->len, ==, 3);
    g_assert_true(g_pattern_match_simple("*column Call Length*", report_rows_note(&rows, 0)));
    g_assert_true(g_pattern_match_simple("*column Handle Time*", report_rows_note(&rows, 1)));
    g_assert_true(g_pattern_match_simple("2 session ids*", report_rows_note(&rows, 2)));
    report_rows_clear(&rows);
}

/* Long texts are cut at the edge of a character, wherever they go. */
static void test_long_text(void)
{
    struct report_rows rows;
    report_rows_init(&rows, "Calls", header);
    AUTO(calls) calls = calls_new(rows.file);
    g_autoptr(GString) text = g_string_new("x");
    for (int i = 0; i < LIMIT_REPORT_TEXT; i++)
        g_string_append(text, "\xc3\xb6");
    take(&rows, calls, 2,
         CELLS("4240555000048", text->str, "1", "", "2", "", "", "", "12/08/2025 5:33:27 PM",
               "Inbound", "", text->str));
    const struct report_leg *leg = leg_at(&rows, 0);
    g_assert_cmpuint(strlen(leg->from_name), ==, LIMIT_REPORT_TEXT - 1);
    g_assert_true(g_utf8_validate(leg->from_name, -1, NULL));
    g_assert_cmpuint(strlen(leg->raw_payload), ==,
                     strlen("{\"Mood\":\"\"}") + LIMIT_REPORT_TEXT - 1);
    g_assert_true(g_utf8_validate(leg->raw_payload, -1, NULL));
    report_rows_clear(&rows);
}

/* A month: many rows must not cost more each than few. */
static void test_many(void)
{
    struct report_rows rows;
    report_rows_init(&rows, "Calls", header);
    AUTO(calls) calls = calls_new(rows.file);
    for (uint32_t i = 0; i < 50000; i++) {
        g_autofree char *id = g_strdup_printf("42%08u", i / 2);
        take(&rows, calls, 2 + i,
             CELLS(id, "Same Name", "1", "", "2", "Missed", "", "", "12/08/2025 5:33:27 PM",
                   "Inbound"));
    }
    g_assert_cmpuint(rows.file->legs->len, ==, 25000);
    g_assert_cmpint(rows.file->duplicate_rows, ==, 25000);
    g_assert_true(leg_at(&rows, 0)->from_name == leg_at(&rows, 24999)->from_name);
    report_rows_clear(&rows);
}

static void test_notes_have_an_end(void)
{
    struct report_rows rows;
    report_rows_init(&rows, "Calls", header);
    AUTO(calls) calls = calls_new(rows.file);
    for (uint32_t i = 0; i < LIMIT_REPORT_NOTES + 5; i++)
        take(&rows, calls, 2 + i, CELLS("", "", "1", "", "2"));
    g_assert_cmpuint(rows.file->notes->len, ==, LIMIT_REPORT_NOTES);
    g_assert_cmpint(rows.file->notes_left_out, ==, 5);
    g_assert_cmpint(rows.file->skipped_rows, ==, LIMIT_REPORT_NOTES + 5);
    report_rows_clear(&rows);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/calls/whole", test_whole);
    g_test_add_func("/calls/every-leg-is-kept", test_every_leg_is_kept);
    g_test_add_func("/calls/duplicates", test_duplicates);
    for (size_t i = 0; i < G_N_ELEMENTS(skipped); i++) {
        g_autofree char *path = g_strconcat("/calls/skipped/", skipped[i].name, NULL);
        g_test_add_data_func(path, &skipped[i], test_skipped);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(doubtful); i++) {
        g_autofree char *path = g_strconcat("/calls/doubtful/", doubtful[i].name, NULL);
        g_test_add_data_func(path, &doubtful[i], test_doubtful);
    }
    g_test_add_func("/calls/end-of-sheet", test_end_of_sheet);
    g_test_add_func("/calls/long-text", test_long_text);
    g_test_add_func("/calls/many", test_many);
    g_test_add_func("/calls/notes-have-an-end", test_notes_have_an_end);
    return g_test_run();
}
