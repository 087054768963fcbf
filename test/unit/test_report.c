/*
 * Whole mails and workbooks into reports. The workbooks come from test/report/ringcentral.py, made
 * when they are asked for; a mail is put together here.
 */
#include "report/report.h"

#include "base/limits.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define PRELUDE                                                                                    \
    "import sys, datetime as dt\n"                                                                 \
    "sys.path.insert(0, sys.argv[1])\n"                                                            \
    "import io, base64, zipfile\n"                                                                 \
    "import ringcentral as r, poi_container\n"                                                     \
    "def pack(*files):\n"                                                                          \
    "    out = io.BytesIO()\n"                                                                     \
    "    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:\n"                             \
    "        for name, data in files: z.writestr(name, data)\n"                                    \
    "    return out.getvalue()\n"                                                                  \
    "day = dt.datetime(2026, 1, 5)\n"                                                              \
    "end = dt.datetime(2026, 1, 5, 23, 59, 59)\n"                                                  \
    "legs = r.make_day(day.date(), 60)\n"                                                          \
    "def calls(**knobs): return r.calls_report(legs, day, end, **knobs)\n"                         \
    "def users(last=end, **knobs): return r.users_report(r.users_rows(legs, r.daybook.MEMBERS), "  \
    "day, last, **knobs)\n"                                                                        \
    "SHEET = 'xl/worksheets/sheet2.xml'\n"                                                         \
    "open(sys.argv[2], 'wb').write("

#define HEAD                                                                                       \
    "From: analytics.portal@ringcentral.com\r\n"                                                   \
    "Subject: Scheduled Reports from RingCentral\r\n"                                              \
    "Message-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n"
#define MIXED "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n"
#define BODY  "--b\r\nContent-Type: text/html\r\n\r\n<p>Subscription name: Daily &amp; more</p>\r\n"
#define END   "--b--\r\n"

static GHashTable *made; /* expression → its bytes */

/* The bytes that a python expression gives; each is asked for once. */
static GBytes *make(const char *expression)
{
    GBytes *known = g_hash_table_lookup(made, expression);
    if (known != NULL)
        return g_bytes_ref(known);
    g_autofree char *program = g_strconcat(PRELUDE, expression, ")\n", NULL);
    g_autofree char *path = NULL;
    g_autoptr(GError) error = NULL;
    int fd = g_file_open_tmp("callmx-test-XXXXXX", &path, &error);
    g_assert_no_error(error);
    close(fd);
    char python[] = "python3", dash_c[] = "-c", generator[] = GENERATOR;
    char *command[] = {python, dash_c, program, generator, path, NULL};
    gint status;
    g_spawn_sync(NULL, command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error);
    g_assert_no_error(error);
    g_assert_cmpint(status, ==, 0);
    char *bytes;
    gsize size;
    g_file_get_contents(path, &bytes, &size, &error);
    g_assert_no_error(error);
    g_unlink(path);
    known = g_bytes_new_take(bytes, size);
    g_hash_table_insert(made, g_strdup(expression), known);
    return g_bytes_ref(known);
}

static struct report *read_bytes(GBytes *bytes, enum report_input input, const char *name)
{
    gsize size;
    const void *data = g_bytes_get_data(bytes, &size);
    return report_read(data, size, input, name);
}

static struct report *read_text(const char *mail)
{
    return report_read(mail, strlen(mail), REPORT_INPUT_MAIL, NULL);
}

/* A part with the workbook, base64 in lines; `head` is its header without the encoding. */
static char *attach(const char *head, GBytes *workbook)
{
    gsize size;
    const guchar *bytes = g_bytes_get_data(workbook, &size);
    GString *part = g_string_new("--b\r\n");
    g_string_append_printf(part, "%sContent-Transfer-Encoding: base64\r\n\r\n", head);
    g_autofree char *digits = g_base64_encode(bytes, size);
    for (size_t i = 0; i < strlen(digits); i += 76) {
        g_string_append_len(part, digits + i, (gssize)MIN(76, strlen(digits) - i));
        g_string_append(part, "\r\n");
    }
    return g_string_free(part, FALSE);
}

static const struct report_file *file_at(const struct report *report, guint index)
{
    g_assert_cmpuint(report->files->len, >, index);
    return g_ptr_array_index(report->files, index);
}

static void assert_says(const char *text, const char *pattern)
{
    g_test_message("%s", text);
    g_assert_nonnull(text);
    g_assert_true(g_pattern_match_simple(pattern, text));
}

static int64_t seconds_of(const struct report_file *file)
{
    int64_t seconds = 0;
    for (guint i = 0; i < file->legs->len; i++) {
        const struct report_leg *leg = &g_array_index(file->legs, struct report_leg, i);
        seconds += MAX(leg->length, 0);
    }
    return seconds;
}

/* What the generator says must come out of its 60 rows. */
static void assert_calls(const struct report_file *file)
{
    g_autoptr(GBytes) facts = make("('%(rows)d %(legs)d %(duplicates)d %(seconds)d' % "
                                   "r.daybook.expected(legs, r.daybook.MEMBERS)).encode()");
    gsize size;
    const char *text = g_bytes_get_data(facts, &size);
    g_autofree char *expected = g_strndup(text, size);
    g_autofree char *found =
        g_strdup_printf("%" G_GINT64_FORMAT " %u %" G_GINT64_FORMAT " %" G_GINT64_FORMAT,
                        file->call_rows, file->legs->len, file->duplicate_rows, seconds_of(file));
    g_assert_cmpstr(found, ==, expected);
    g_assert_cmpstr(file->kind, ==, "calls");
    g_assert_cmpint(file->verdict, ==, REPORT_STORED);
    g_assert_null(file->reason);
    g_assert_cmpstr(file->timezone, ==, "America/New_York");
    g_assert_cmpint(file->from, ==, 1767571200);
    g_assert_cmpint(file->to, ==, 1767657599);
    g_assert_cmpint(file->skipped_rows, ==, 0);
    g_assert_cmpuint(file->notes->len, ==, 0);
    g_assert_cmpuint(strlen(file->sha256), ==, 64);
    const struct report_leg *leg = &g_array_index(file->legs, struct report_leg, 0);
    const char *sheet = g_ptr_array_index(file->sheets, leg->sheet);
    g_assert_true(strcmp(sheet, "Calls") == 0 || strcmp(sheet, "Anrufe") == 0);
    g_assert_cmpuint(leg->row, ==, 2);
}

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

static void test_bundle_mail(void)
{
    g_autoptr(GBytes) calls = make("calls()");
    g_autoptr(GBytes) users = make("users()");
    g_autofree char *first = attach("Content-Type: application/octet-stream\r\n", calls);
    g_autofree char *second =
        attach("Content-Type: application/x;\r\n name*=utf-8''%C3%BC.xlsx\r\n", users);
    g_autofree char *third = attach("Content-Type: a/b; name=\"copy.xlsx\"\r\n", calls);
    g_autofree char *mail = g_strconcat(HEAD MIXED BODY, first, second, third, END, NULL);
    AUTO(report) report = read_text(mail);
    g_assert_cmpint(report->verdict, ==, REPORT_STORED);
    g_assert_null(report->reason);
    g_assert_cmpstr(report->subject, ==, "Scheduled Reports from RingCentral");
    g_assert_cmpstr(report->message_id, ==, "<1@example.com>");
    g_assert_cmpstr(report->mail_from, ==, "analytics.portal@ringcentral.com");
    g_assert_cmpstr(report->subscription, ==, "Daily & more");
    g_assert_cmpuint(report->files->len, ==, 2);
    const struct report_file *file = file_at(report, 0);
    g_assert_cmpstr(file->name, ==, "report.xlsx");
    g_assert_cmpuint(file->notes->len, ==, 1);
    assert_says(g_array_index(file->notes, struct report_note, 0).text, "*\"copy.xlsx\"*");
    g_assert_cmpuint(file->bytes, ==, g_bytes_get_size(calls));
    g_autofree char *sha256 = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, calls);
    g_assert_cmpstr(file->sha256, ==, sha256);
    g_assert_cmpstr(file_at(report, 1)->name, ==, "\xc3\xbc.xlsx");
    g_assert_cmpstr(file_at(report, 1)->kind, ==, "users");
}

static void test_forwarded(void)
{
    g_autoptr(GBytes) calls = make("calls()");
    g_autofree char *part = attach("Content-Type: image/png; name=photo.png\r\n", calls);
    g_autofree char *once = g_strconcat(
        "Subject: FW: report\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\r\nsee"
        "\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n" HEAD MIXED BODY,
        part, END "--o--\r\n", NULL);
    AUTO(report) report = read_text(once);
    g_assert_cmpint(report->verdict, ==, REPORT_STORED);
    g_assert_cmpstr(report->subject, ==, "FW: report");
    g_assert_cmpstr(report->subscription, ==, "Daily & more");
    g_assert_cmpstr(file_at(report, 0)->name, ==, "photo.png");
    assert_calls(file_at(report, 0));

    g_autofree char *twice =
        g_strconcat("Subject: FW: FW\r\nContent-Type: message/rfc822\r\n\r\n", once, NULL);
    AUTO(report) deep = read_text(twice);
    g_assert_cmpint(deep->verdict, ==, REPORT_NO_REPORT);
    assert_says(deep->reason, "A mail was forwarded within a forwarded mail*");

    /* A .eml file, out of a mail box. */
    g_autofree char *saved = g_strconcat("From x Mon Jan  5 2026\n", once, NULL);
    AUTO(report) guessed = report_read(saved, strlen(saved), REPORT_INPUT_GUESS, "x.eml");
    g_assert_cmpint(guessed->verdict, ==, REPORT_STORED);
    assert_calls(file_at(guessed, 0));
}

static void test_raw_octets(void)
{
    g_autoptr(GBytes) calls = make("calls()");
    g_autoptr(GByteArray) mail = g_byte_array_new();
    static const char head[] = HEAD MIXED "--b\r\nContent-Type: application/x\r\n"
                                          "Content-Transfer-Encoding: binary\r\n\r\n";
    gsize size;
    const guint8 *bytes = g_bytes_get_data(calls, &size);
    g_byte_array_append(mail, (const guint8 *)head, sizeof head - 1);
    g_byte_array_append(mail, bytes, (guint)size);
    g_byte_array_append(mail, (const guint8 *)"\r\n" END, strlen("\r\n" END));
    AUTO(report) report = report_read(mail->data, mail->len, REPORT_INPUT_MAIL, NULL);
    g_assert_cmpint(report->verdict, ==, REPORT_STORED);
    assert_calls(file_at(report, 0));
}

static const struct mail {
    const char *name;
    const char *mail;
    enum report_verdict verdict;
    const char *reason; /* a pattern */
    size_t files;
} mails[] = {
    {"empty", "", REPORT_NO_REPORT, "The mail has no attachment*", 0},
    {"text", HEAD "\r\nhello\r\n", REPORT_NO_REPORT, "The mail has no attachment*", 0},
    {"picture",
     HEAD MIXED "--b\r\nContent-Disposition: attachment; filename=cat.png\r\n\r\nGIF89\r\n" END,
     REPORT_NO_REPORT, "The mail has 1 attachment, but no workbook*\"cat.png\"*", 0},
    {"tnef", HEAD MIXED "--b\r\nContent-Type: application/ms-tnef\r\n\r\nx\r\n" END,
     REPORT_NO_REPORT, "*winmail.dat*", 0},
    {"csv", HEAD MIXED "--b\r\nContent-Type: text/csv; name=x.csv\r\n\r\na,b\r\n" END,
     REPORT_NO_REPORT, "This is a text file (CSV)*", 1},
    {"document",
     HEAD MIXED "--b\r\nContent-Type: a/b; name=x.docx\r\n"
                "Content-Transfer-Encoding: base64\r\n\r\nUEsDBAAA\r\n" END,
     REPORT_NO_REPORT, "This is a document*", 1},
    {"link",
     HEAD "Content-Type: text/html\r\n\r\n<p>Subscription name: Daily</p>"
          "<a href=\"https://analytics.ringcentral.com/reports/7?a=1&amp;b=2\">x</a>",
     REPORT_LINK_ONLY, "The mail has a link*", 0},
    {"damaged",
     HEAD MIXED "--b\r\nContent-Type: a/b; name=x.xlsx\r\n"
                "Content-Transfer-Encoding: base64\r\n\r\nUEsDBA!A\r\n" END,
     REPORT_FAILED, "The attachment was damaged on its way: *0x21 in its line 1*", 1},
    {"cut",
     HEAD MIXED "--b\r\nContent-Type: application/octet-stream\r\n"
                "Content-Transfer-Encoding: base64\r\n\r\nUEsDBBQACA\r\n" END,
     REPORT_FAILED, "The attachment was damaged on its way: *cut off*", 1},
    {"more-behind",
     HEAD MIXED "--b\r\nContent-Type: a/b; name=x.xlsx\r\n"
                "Content-Transfer-Encoding: base64\r\n\r\nUEsDBA==\r\nUEsDBA==\r\n" END,
     REPORT_FAILED, "*behind its padding in line 2*", 1},
    {"unknown-encoding",
     HEAD MIXED "--b\r\nContent-Type: a/b; name=x.xlsx\r\n"
                "Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin\r\n" END,
     REPORT_FAILED, "*\"x-uuencode\" is not known*", 1},
    {"text-as-workbook",
     HEAD MIXED "--b\r\nContent-Type: application/vnd.ms-excel\r\n\r\n<html><table>\r\n" END,
     REPORT_FAILED, "*", 1},
    {"type-twice", "Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\n", REPORT_FAILED,
     "The mail was not read: the field Content-Type stands twice in one header.", 0},
};

static void test_mail(gconstpointer data)
{
    const struct mail *mail = data;
    AUTO(report) report = read_text(mail->mail);
    g_assert_cmpint(report->verdict, ==, mail->verdict);
    assert_says(report->reason, mail->reason);
    g_assert_cmpuint(report->files->len, ==, mail->files);
    if (mail->verdict == REPORT_LINK_ONLY) {
        g_assert_cmpstr(report->link, ==, "https://analytics.ringcentral.com/reports/7?a=1&b=2");
        g_assert_cmpstr(report->subscription, ==, "Daily");
    }
}

static void assert_refused(const GString *mail, const char *pattern)
{
    AUTO(report) report = report_read(mail->str, mail->len, REPORT_INPUT_MAIL, NULL);
    g_assert_cmpint(report->verdict, ==, REPORT_FAILED);
    assert_says(report->reason, pattern);
    g_assert_cmpuint(report->files->len, ==, 0);
}

static void test_hostile(void)
{
    g_autoptr(GString) mail = g_string_new(HEAD "To: ");
    for (int i = 0; i < 100000; i++)
        g_string_append(mail, "a:");
    g_string_append(mail, "\r\n\r\nbody\r\n");
    assert_refused(mail, "The mail was not read: the field To has 100000 address groups: *");

    g_string_assign(mail, HEAD MIXED);
    for (int i = 0; i < 1000000; i++)
        g_string_append(mail, "--b\r\n");
    assert_refused(mail, "*more than 100 parts.");

    g_string_assign(mail, HEAD);
    for (int i = 0; i < 1000; i++)
        g_string_append_printf(mail, "Content-Type: a/%s; boundary=x%d\r\n\r\n--x%d\r\n", "b", i,
                               i);
    AUTO(report) flat = report_read(mail->str, mail->len, REPORT_INPUT_MAIL, NULL);
    g_assert_cmpint(flat->verdict, ==, REPORT_NO_REPORT);

    g_string_assign(mail, HEAD);
    for (int i = 0; i < 1000; i++)
        g_string_append_printf(mail, "Content-Type: multipart/x; boundary=x%dx\r\n\r\n--x%dx\r\n",
                               i, i);
    assert_refused(mail, "*nested deeper than 10 levels.");
}

static void test_many_attachments(void)
{
    for (int count = LIMIT_MAIL_ATTACHMENTS; count <= LIMIT_MAIL_ATTACHMENTS + 1; count++) {
        g_autoptr(GString) mail = g_string_new(HEAD MIXED);
        for (int i = 0; i < count; i++)
            g_string_append_printf(mail, "--b\r\nContent-Type: a/b; name=\"%d.xlsx\"\r\n\r\n%d\r\n",
                                   i, i);
        g_string_append(mail, END);
        if (count > LIMIT_MAIL_ATTACHMENTS) {
            assert_refused(mail, "*it has 21 attachments, more than 20*");
            continue;
        }
        AUTO(report) report = report_read(mail->str, mail->len, REPORT_INPUT_MAIL, NULL);
        g_assert_cmpuint(report->files->len, ==, LIMIT_MAIL_ATTACHMENTS);
    }
}

/* The same bytes, the same report; and a cut mail is still only a mail. */
static void test_cut(void)
{
    g_autoptr(GBytes) calls = make("calls()");
    g_autofree char *part = attach("Content-Type: a/b; name=x.xlsx\r\n", calls);
    g_autofree char *mail = g_strconcat(HEAD MIXED BODY, part, END, NULL);
    size_t whole = strlen(mail);
    for (size_t size = 0; size < whole; size += whole / 50 + 1) {
        g_autofree char *piece = g_memdup2(mail, size);
        AUTO(report)
        report = report_read(piece != NULL ? piece : "", size, REPORT_INPUT_MAIL, NULL);
        g_assert_cmpint(report->verdict, !=, REPORT_STORED);
        g_assert_nonnull(report->reason);
    }
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
    g_test_add_func("/report/mail/bundle", test_bundle_mail);
    g_test_add_func("/report/mail/forwarded", test_forwarded);
    g_test_add_func("/report/mail/raw-octets", test_raw_octets);
    for (size_t i = 0; i < G_N_ELEMENTS(mails); i++) {
        g_autofree char *path = g_strconcat("/report/mail/", mails[i].name, NULL);
        g_test_add_data_func(path, &mails[i], test_mail);
    }
    g_test_add_func("/report/mail/hostile", test_hostile);
    g_test_add_func("/report/mail/many-attachments", test_many_attachments);
    g_test_add_func("/report/mail/cut-anywhere", test_cut);
    int status = g_test_run();
    g_hash_table_unref(made);
    return status;
}
