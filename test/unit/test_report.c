/* Reports themselves, and whole workbooks and CSV files into them: test_report_mail.c has the
 * mails. */
#include "report_fixture.h"

#include "base/limits.h"

static void test_words(void)
{
    for (int i = REPORT_STORED; i <= REPORT_FAILED; i++) {
        enum report_verdict verdict;
        g_assert_true(report_verdict_parse(report_verdict_name((enum report_verdict)i), &verdict));
        g_assert_cmpint(verdict, ==, i);
    }
    enum report_verdict verdict = REPORT_KEPT;
    g_assert_false(report_verdict_parse("", &verdict));
    g_assert_false(report_verdict_parse(NULL, &verdict));
    g_assert_cmpint(verdict, ==, REPORT_KEPT);
    g_assert_cmpint(report_direction_parse("ring OUT"), ==, REPORT_OUTBOUND);
    g_assert_cmpint(report_direction_parse(NULL), ==, REPORT_DIRECTION_UNKNOWN);
    g_assert_null(report_direction_name(REPORT_DIRECTION_UNKNOWN));
}

static void test_text(void)
{
    static const struct {
        const char *text;
        size_t limit;
        const char *kept;
    } examples[] = {
        {"plain", 10, "plain"},
        {"", 10, NULL},
        {" \t\xc2\xa0 ", 10, NULL},
        {"  two words \xc2\xa0", 20, "two words"},
        {"a\r\nb\x7f\xc2\x85", 20, "a  b"},
        {"\xe2\x80\xae"
         "evil",
         20, "evil"},
        {"abcdef", 3, "abc"},
        {"ab\xc3\xb6", 3, "ab"},
        {"abc   def", 5, "abc"},
        {"bad\xff", 20, "bad\xef\xbf\xbd"},
    };
    AUTO(report) report = report_new();
    for (size_t i = 0; i < G_N_ELEMENTS(examples); i++) {
        const char *kept = report_text_cut(report, examples[i].text, examples[i].limit);
        g_assert_cmpstr(kept, ==, examples[i].kept);
    }
    g_assert_null(report_text(report, NULL));
    g_assert_true(report_text(report, "x") == report_text(report, "x"));
}

static const struct bundle {
    const char *name;
    enum report_verdict files[4]; /* KEPT ends it */
    enum report_verdict whole;
} bundles[] = {
    {"stored", {REPORT_STORED, REPORT_STORED, REPORT_KEPT}, REPORT_STORED},
    {"one-failed", {REPORT_STORED, REPORT_FAILED, REPORT_KEPT}, REPORT_PARTIAL},
    {"one-other", {REPORT_NO_REPORT, REPORT_STORED, REPORT_KEPT}, REPORT_STORED},
    {"all-kinds", {REPORT_NO_REPORT, REPORT_STORED, REPORT_FAILED, REPORT_KEPT}, REPORT_PARTIAL},
    {"none", {REPORT_NO_REPORT, REPORT_FAILED, REPORT_KEPT}, REPORT_FAILED},
    {"others", {REPORT_NO_REPORT, REPORT_KEPT}, REPORT_NO_REPORT},
};

static void test_bundle(gconstpointer data)
{
    const struct bundle *bundle = data;
    AUTO(report) report = report_new();
    for (size_t i = 0; bundle->files[i] != REPORT_KEPT; i++) {
        struct report_file *file = report_file_new(report);
        file->verdict = bundle->files[i];
        file->name = "x";
        file->reason = bundle->files[i] == REPORT_STORED ? NULL : "It is so.";
    }
    report_conclude(report);
    g_assert_cmpint(report->verdict, ==, bundle->whole);
    g_assert_cmpint(report->reason != NULL, ==, bundle->whole != REPORT_STORED);
}

static void test_bare_workbook(gconstpointer data)
{
    g_autoptr(GBytes) bytes = make(data);
    AUTO(report) report = read_bytes(bytes, REPORT_INPUT_GUESS, "calls.xlsx");
    g_assert_cmpint(report->verdict, ==, REPORT_STORED);
    g_assert_cmpstr(file_at(report, 0)->name, ==, "calls.xlsx");
    assert_calls(file_at(report, 0));
}

static void test_zip_of_two(void)
{
    g_autoptr(GBytes) bytes = make("pack(('__MACOSX/._c.xlsx', b'x'), ('read me.txt', b'x'), "
                                   "('a/c.xlsx', calls()), ('u.XLSX', users()))");
    AUTO(report) report = read_bytes(bytes, REPORT_INPUT_GUESS, "both.zip");
    g_assert_cmpint(report->verdict, ==, REPORT_STORED);
    g_assert_cmpuint(report->files->len, ==, 2);
    assert_calls(file_at(report, 0));
    g_assert_cmpstr(file_at(report, 0)->name, ==, "c.xlsx");
    g_assert_cmpstr(file_at(report, 1)->kind, ==, "users");
    /* It is the workbook that is known again, not what is around it. */
    g_autoptr(GBytes) bare = make("calls()");
    AUTO(report) alone = read_bytes(bare, REPORT_INPUT_GUESS, NULL);
    g_assert_cmpstr(file_at(report, 0)->sha256, ==, file_at(alone, 0)->sha256);
}

/* Calls_Records: the same legs under other headers. */
static void test_records(void)
{
    g_autoptr(GBytes) bytes = make("r.records_report(list(dict.fromkeys(legs)), day, end)");
    g_autoptr(GBytes) bare = make("calls()");
    AUTO(report) report = read_bytes(bytes, REPORT_INPUT_GUESS, NULL);
    AUTO(report) other = read_bytes(bare, REPORT_INPUT_GUESS, NULL);
    const struct report_file *file = file_at(report, 0), *calls = file_at(other, 0);
    g_assert_cmpstr(file->kind, ==, "calls-records");
    g_assert_cmpstr(file->timezone, ==, "America/New_York");
    g_assert_cmpint(file->from, ==, calls->from);
    g_assert_cmpint(file->to, ==, calls->to);
    g_assert_cmpuint(file->notes->len, ==, 0);
    g_assert_cmpuint(file->legs->len, ==, calls->legs->len);
    for (guint i = 0; i < file->legs->len; i++) {
        const struct report_leg *a = &g_array_index(file->legs, struct report_leg, i);
        const struct report_leg *b = &g_array_index(calls->legs, struct report_leg, i);
        g_assert_cmpstr(a->session_id, ==, b->session_id);
        g_assert_cmpint(a->start, ==, b->start);
        g_assert_cmpint(a->length, ==, b->length);
        g_assert_cmpint(a->handle_time, ==, b->handle_time);
        g_assert_cmpint((int)a->direction, ==, (int)b->direction);
        g_assert_cmpstr(a->to_number, ==, b->to_number);
        g_assert_nonnull(strstr(a->raw_payload, "\"Hop Id\":\""));
    }
}

/* Dates alone: the whole of the last day. And what the head may say that helps nobody. */
static void test_records_head(void)
{
    static const struct {
        const char *head;
        int64_t seconds; /* covered; 0: unknown */
        const char *zone;
        guint notes;
    } cases[] = {
        {"['Start Date', '01/05/2026'], ['End Date', '01/06/2026'], ['TimeZone', "
         "'America/Chicago']",
         2 * 86400 - 1, "America/Chicago", 0},
        {"['Start Date: 01/05/2026 12:00:00 AM'], ['End Date: 01/05/2026 6:00:00 PM'], "
         "['Time Zone: America/Chicago (GMT-6)']",
         18 * 3600, "America/Chicago", 0},
        {"['Start Date', '01/05/2026'], ['TimeZone', 'Eastern Time (US)']", 0, NULL, 4},
        {"['Start Date', 'a week ago'], ['End Date', 'today']", 0, NULL, 4},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *expression = g_strdup_printf(
            "r.build([('Calls_Records', [['Widget Name', 'x'], %s, r.RECORDS_HEADER])], None)",
            cases[i].head);
        g_autoptr(GBytes) bytes = make(expression);
        AUTO(report) report = read_bytes(bytes, REPORT_INPUT_GUESS, NULL);
        const struct report_file *file = file_at(report, 0);
        for (guint n = 0; n < file->notes->len; n++)
            g_test_message("%s", g_array_index(file->notes, struct report_note, n).text);
        g_assert_cmpstr(file->kind, ==, "calls-records");
        g_assert_cmpint(file->from, ==, cases[i].seconds > 0 ? 1767571200 : -1);
        g_assert_cmpint(file->from < 0 ? 0 : file->to - file->from, ==, cases[i].seconds);
        g_assert_cmpstr(file->timezone, ==, cases[i].zone);
        g_assert_cmpuint(file->notes->len, ==, cases[i].notes);
    }
}

/* The same calls in two forms in one workbook: the first one counts. */
static void test_two_forms(void)
{
    g_autoptr(GBytes) bytes =
        make("r.build([('Calls', [r.CALLS_HEADER] + [r.call_row(leg) for leg in legs[:3]]), "
             "('Calls_Records', [r.RECORDS_HEADER, ['A'] * 23])])");
    AUTO(report) report = read_bytes(bytes, REPORT_INPUT_GUESS, NULL);
    const struct report_file *file = file_at(report, 0);
    g_assert_cmpstr(file->kind, ==, "calls");
    g_assert_cmpuint(file->legs->len, ==, 3);
    g_assert_cmpint(file->call_rows, ==, 3);
    const struct report_note *note = &g_array_index(file->notes, struct report_note, 0);
    assert_says(note->text, "*in another form*left out");
    g_assert_cmpstr(note->sheet, ==, "Calls_Records");
}

/* A Call Log that a spreadsheet program has saved: dates and times are numbers. Faxes are no calls.
 */
static void test_call_log_in_a_workbook(void)
{
    g_autoptr(GBytes) bytes = make(
        "r.build([('Log', [['Type'] + r.LOG_HEADER, "
        "['Voice', 'Incoming', '5550100200', '5550100100', '101', 'X', 46027, 0.5, 'Accepted', "
        "'0:01:00'], ['Fax', 'Incoming', '1', '2', '101', 'X', 46027, 0.5, 'Received', "
        "'0:01:00']])], None)");
    AUTO(report) report = read_bytes(bytes, REPORT_INPUT_GUESS, NULL);
    const struct report_file *file = file_at(report, 0);
    g_assert_cmpstr(file->kind, ==, "call-log");
    g_assert_cmpuint(file->legs->len, ==, 1);
    g_assert_cmpint(file->call_rows, ==, 1);
    g_assert_cmpint(g_array_index(file->legs, struct report_leg, 0).start, ==,
                    1767571200 + 12 * 3600);
    assert_says(g_array_index(file->notes, struct report_note, 0).text, "1 rows of faxes*");
}

static void test_call_log(void)
{
    static const char *const expressions[] = {
        /* The last one has a title above. */
        "b'Direction,From,To,Extension,Name,Date,Time,Action Result,Duration\\r\\n",
        "b'\\xef\\xbb\\xbfCall Log\\n\\nDirection;From;To;Extension;Name;Date;Time;Action "
        "Result;Duration\\n",
    };
    static const char rows[] =
        "Incoming,5550100200,5550100100,101 - Alice Example,\"CALLER, A\",Mon 01/05/2026,9:15 AM,"
        "Accepted,0:01:23\\n"
        "Outgoing,,,102,,Mon 01/05/2026,9:15 AM,Missed,0:00:07\\n"
        "Outgoing,5550100100,5550100300,103,Caller B,01/05/2026,17:20:01,Call connected,1:00:00\\n"
        "Incoming,5550100200,,101,,yesterday,9:15 AM,Missed,0\\n"
        "Incoming,5550100200,,101\"x\\n";
    for (size_t i = 0; i < G_N_ELEMENTS(expressions); i++) {
        g_autofree char *expression =
            i == 0 ? g_strconcat(expressions[i], rows, "'", NULL)
                   : g_strconcat(expressions[i], "'+b'", rows,
                                 "'.replace(b', A',b' A').replace(b',',b';')", NULL);
        g_autoptr(GBytes) bytes = make(expression);
        AUTO(report) report = read_bytes(bytes, REPORT_INPUT_GUESS, "log.csv");
        const struct report_file *file = file_at(report, 0);
        g_assert_cmpint(file->verdict, ==, REPORT_STORED);
        g_assert_cmpstr(file->kind, ==, "call-log");
        g_assert_cmpint(file->call_rows, ==, 5);
        g_assert_cmpint(file->skipped_rows, ==, 2);
        g_assert_cmpuint(file->legs->len, ==, 3);
        const struct report_leg *legs = (const struct report_leg *)(const void *)file->legs->data;
        g_assert_cmpstr(legs[0].to_name, ==, "101 - Alice Example");
        g_assert_cmpstr(legs[0].from_name, ==, i == 0 ? "CALLER, A" : "CALLER A");
        g_assert_cmpstr(legs[0].to_number, ==, "5550100100");
        g_assert_cmpint(legs[0].length, ==, 83);
        g_assert_cmpint(legs[0].start, ==, 1767571200 + 9 * 3600 + 15 * 60);
        /* The second row is a further leg of the same call, in its direction. */
        g_assert_cmpstr(legs[1].session_id, ==, legs[0].session_id);
        g_assert_cmpint((int)legs[1].direction, ==, REPORT_INBOUND);
        g_assert_cmpstr(legs[1].to_number, ==, "102");
        g_assert_cmpstr(legs[2].from_number, ==, "103");
        g_assert_cmpstr(legs[2].to_name, ==, "Caller B");
        g_assert_nonnull(strstr(legs[2].raw_payload, "5550100100"));
        g_assert_cmpint(legs[2].start, ==, 1767571200 + 17 * 3600 + 20 * 60 + 1);
    }
}

static void test_users_of_days(void)
{
    g_autoptr(GBytes) bytes = make("users(dt.datetime(2026, 1, 7, 23, 59, 59))");
    AUTO(report) report = read_bytes(bytes, REPORT_INPUT_GUESS, NULL);
    const struct report_file *file = file_at(report, 0);
    g_assert_cmpint(report->verdict, ==, REPORT_STORED);
    g_assert_cmpstr(file->kind, ==, "users");
    g_assert_cmpstr(file->name, ==, "report.xlsx");
    g_assert_cmpint(file->to - file->from, ==, 3 * 86400 - 1);
    g_assert_cmpuint(file->users->len, ==, 9);
    g_assert_cmpint(file->user_rows, ==, 9);
    g_assert_cmpuint(file->notes->len, ==, 0); /* the sums agree with the KPIs */
}

static const struct bad {
    const char *name;
    const char *expression;
    enum report_verdict verdict;
    const char *kind;
    const char *reason; /* a pattern */
} bads[] = {
    {"not-a-zip", "b'hello this is no workbook'", REPORT_FAILED, NULL, "*"},
    {"other-csv", "b'Item;Price\\nApple;3\\n'", REPORT_NO_REPORT, "csv", "This is a text file*"},
    {"truncated", "calls(truncate=0.5)", REPORT_FAILED, NULL, "*"},
    {"wrong-crc", "calls(wrong_crc=SHEET)", REPORT_FAILED, NULL, "*"},
    {"doctype", "calls(doctype=SHEET)", REPORT_FAILED, NULL, "*DOCTYPE*"},
    {"second-sheet-broken",
     "r.build([('Calls', [r.CALLS_HEADER] + [r.call_row(leg) for leg in legs]), "
     "('Users', [['Name']])], doctype=SHEET)",
     REPORT_FAILED, NULL, "*DOCTYPE*"},
    {"bomb", "calls(bomb=(SHEET, 140 << 20))", REPORT_FAILED, NULL, "*"},
    {"encrypted", "calls(encrypted=True)", REPORT_FAILED, NULL, "*"},
    {"zip-in-a-zip", "pack(('a.xlsx', pack(('b.xlsx', calls()))))", REPORT_FAILED, NULL,
     "This is a zip file within a zip file*"},
    {"zip-of-others", "pack(('a.txt', b'hello'))", REPORT_FAILED, NULL,
     "This is a zip file without a workbook*"},
    {"zip-of-a-broken-one", "pack(('a.xlsx', calls(truncate=0.5)))", REPORT_FAILED, NULL,
     "*is cut off*"},
    {"base64-twice", "base64.b64encode(base64.b64encode(calls()))", REPORT_FAILED, NULL, "*"},
    {"base64-cut", "base64.b64encode(calls())[:-3]", REPORT_FAILED, NULL,
     "*still in base64, and damaged*"},
    {"no-direction", "r.build([('Calls', [['Session Id', 'Call Start Time'], ['1', '2']])])",
     REPORT_FAILED, NULL, "*no column \"Call Direction\"*"},
    {"years", "r.calls_report(legs, dt.datetime(2020, 1, 1), end)", REPORT_FAILED, NULL,
     "The report covers 2197 days: *."},
    {"queues",
     "r.build([('KPIs', [['Total Calls', '# Inbound'], [1, 1]]), "
     "('Queues', [['Name', 'Ext', 'Total Calls'], ['Q', '9', 1]])])",
     REPORT_NO_REPORT, "queues", "This is a Queues report*"},
    {"company-numbers", "r.build([('Company Numbers', [['Number'], ['1']])])", REPORT_NO_REPORT,
     "company-numbers", "This is a Company Numbers report*"},
    {"kpis", "r.build([('KPIs', [['Total Calls', '# Inbound'], [1, 1]])])", REPORT_NO_REPORT,
     "kpis", "This is a report with KPIs alone*"},
    {"qos", "r.build([('Calls', [['Session Id', 'MOS', 'Jitter'], ['1', 4, 1]])])",
     REPORT_NO_REPORT, "qos", "*QoS*"},
    {"other", "r.build([('Sheet1', [['Fruit', 'Price'], ['Apple', 1]])])", REPORT_NO_REPORT, NULL,
     "None of its sheets*"},
};

static void test_bad(gconstpointer data)
{
    const struct bad *bad = data;
    g_autoptr(GBytes) bytes = make(bad->expression);
    AUTO(report) report = read_bytes(bytes, REPORT_INPUT_GUESS, "x.xlsx");
    const struct report_file *file = file_at(report, 0);
    g_assert_cmpint(report->verdict, ==, bad->verdict);
    g_assert_cmpint(file->verdict, ==, bad->verdict);
    g_assert_cmpstr(file->kind, ==, bad->kind);
    assert_says(file->reason, bad->reason);
    g_assert_cmpstr(report->reason, ==, file->reason);
    g_assert_cmpuint(file->legs->len, ==, 0);
    g_assert_cmpint(file->call_rows, ==, 0);

    /* Beside a good one it changes nothing but its own part. */
    g_autoptr(GBytes) good = make("calls()");
    g_autofree char *first = attach("Content-Type: a/b; name=x.xlsx\r\n", bytes);
    g_autofree char *second = attach("Content-Type: a/b; name=good.xlsx\r\n", good);
    g_autofree char *mail = g_strconcat(HEAD MIXED, first, second, END, NULL);
    AUTO(report) bundle = read_text(mail);
    g_assert_cmpint(bundle->verdict, ==,
                    bad->verdict == REPORT_FAILED ? REPORT_PARTIAL : REPORT_STORED);
    g_assert_cmpint(file_at(bundle, 0)->verdict, ==, bad->verdict);
    assert_calls(file_at(bundle, 1));
}

static void test_doubtful_rows(void)
{
    g_autoptr(GBytes) bytes =
        make("r.calls_report([['4240555000048', 'A', '1', None, '2', 'Missed', 0.001, None, "
             "'12/08/2025 5:33:27 PM', 'Inbound', None], [None, 'B', '1'], [None, 'Total'], "
             "['4240555000048', 'A', '1', None, '2', 'Missed', 'x', None, "
             "'12/08/2025 5:33:27 PM', 'Inbound', None]], day, end, timezone=None)");
    AUTO(report) report = read_bytes(bytes, REPORT_INPUT_GUESS, NULL);
    const struct report_file *file = file_at(report, 0);
    g_assert_cmpint(file->verdict, ==, REPORT_STORED);
    g_assert_cmpuint(file->legs->len, ==, 2);
    g_assert_cmpint(file->call_rows, ==, 3);
    g_assert_cmpint(file->skipped_rows, ==, 1);
    g_assert_cmpuint(file->notes->len, ==, 3);
    const struct report_note *note = &g_array_index(file->notes, struct report_note, 0);
    g_assert_cmpstr(note->sheet, ==, "Calls");
    g_assert_cmpuint(note->row, ==, 3);
    assert_says(note->text, "the Session Id is missing*");
    g_assert_cmpuint(note[1].row, ==, 5);
    g_assert_null(note[2].sheet);
    assert_says(note[2].text, "*no time zone*");
}

/* The header may stand a little down, with columns in any order and one more. */
static void test_other_columns(void)
{
    g_autoptr(GBytes) bytes =
        make("r.build([('Anrufe', [['A report'], ['Mood', 'Call Directio', 'Call Start Time ', "
             "'SESSION ID'], ['good', 'Ring out', '12/08/2025 17:33', '4240555000048']])])");
    AUTO(report) report = read_bytes(bytes, REPORT_INPUT_GUESS, NULL);
    const struct report_file *file = file_at(report, 0);
    g_assert_cmpuint(file->legs->len, ==, 1);
    const struct report_leg *leg = &g_array_index(file->legs, struct report_leg, 0);
    g_assert_cmpstr(leg->raw_payload, ==, "{\"Mood\":\"good\"}");
    g_assert_cmpstr(leg->call_type, ==, "Ring out");
    g_assert_cmpint(leg->direction, ==, REPORT_OUTBOUND);
    g_assert_cmpuint(leg->row, ==, 3);
    g_assert_cmpint(file->from, ==, REPORT_UNKNOWN);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    made = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
    g_test_add_func("/report/words", test_words);
    g_test_add_func("/report/text", test_text);
    for (size_t i = 0; i < G_N_ELEMENTS(bundles); i++) {
        g_autofree char *path = g_strconcat("/report/bundle/", bundles[i].name, NULL);
        g_test_add_data_func(path, &bundles[i], test_bundle);
    }
    g_test_add_data_func("/report/workbook/as-mailed", "calls()", test_bare_workbook);
    g_test_add_data_func("/report/workbook/saved-again", "calls(shared_strings=True)",
                         test_bare_workbook);
    g_test_add_data_func("/report/workbook/german", "calls(language='de')", test_bare_workbook);
    g_test_add_data_func("/report/workbook/base64", "base64.b64encode(calls())",
                         test_bare_workbook);
    g_test_add_data_func("/report/workbook/base64-lines", "base64.encodebytes(calls())",
                         test_bare_workbook);
    g_test_add_data_func("/report/workbook/zip", "pack(('folder/calls.xlsx', calls()))",
                         test_bare_workbook);
    g_test_add_func("/report/workbook/zip-of-two", test_zip_of_two);
    g_test_add_func("/report/workbook/records", test_records);
    g_test_add_func("/report/workbook/records-head", test_records_head);
    g_test_add_func("/report/workbook/two-forms", test_two_forms);
    g_test_add_func("/report/workbook/call-log", test_call_log);
    g_test_add_func("/report/workbook/call-log-saved-again", test_call_log_in_a_workbook);
    g_test_add_func("/report/workbook/users-of-days", test_users_of_days);
    g_test_add_func("/report/workbook/doubtful-rows", test_doubtful_rows);
    g_test_add_func("/report/workbook/other-columns", test_other_columns);
    for (size_t i = 0; i < G_N_ELEMENTS(bads); i++) {
        g_autofree char *path = g_strconcat("/report/bad/", bads[i].name, NULL);
        g_test_add_data_func(path, &bads[i], test_bad);
    }
    int status = g_test_run();
    g_hash_table_unref(made);
    return status;
}
