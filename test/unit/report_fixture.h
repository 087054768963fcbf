/*
 * Whole mails and workbooks for the tests of reports. The workbooks come from
 * test/report/ringcentral.py, made when they are asked for; a mail is put together from pieces.
 */
#ifndef CALLMX_TEST_REPORT_FIXTURE_H
#define CALLMX_TEST_REPORT_FIXTURE_H

#include "report/report.h"

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
static inline GBytes *make(const char *expression)
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

static inline struct report *read_bytes(GBytes *bytes, enum report_input input, const char *name)
{
    gsize size;
    const void *data = g_bytes_get_data(bytes, &size);
    return report_read(data, size, input, name);
}

static inline struct report *read_text(const char *mail)
{
    return report_read(mail, strlen(mail), REPORT_INPUT_MAIL, NULL);
}

/* A part with the workbook, base64 in lines; `head` is its header without the encoding. */
static inline char *attach(const char *head, GBytes *workbook)
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

static inline const struct report_file *file_at(const struct report *report, guint index)
{
    g_assert_cmpuint(report->files->len, >, index);
    return g_ptr_array_index(report->files, index);
}

static inline void assert_says(const char *text, const char *pattern)
{
    g_test_message("%s", text);
    g_assert_nonnull(text);
    g_assert_true(g_pattern_match_simple(pattern, text));
}

static inline int64_t seconds_of(const struct report_file *file)
{
    int64_t seconds = 0;
    for (guint i = 0; i < file->legs->len; i++) {
        const struct report_leg *leg = &g_array_index(file->legs, struct report_leg, i);
        seconds += MAX(leg->length, 0);
    }
    return seconds;
}

/* What the generator says must come out of its 60 rows. */
static inline void assert_calls(const struct report_file *file)
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

#endif
