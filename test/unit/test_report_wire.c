/* The stream between a parser process and the daemon: whole, in pieces, broken anywhere. */
#include "daemon/report_wire.h"

#include "base/limits.h"

#include <string.h>

static bool collect(void *context, const void *bytes, size_t size)
{
    g_byte_array_append(context, bytes, (guint)size);
    return true;
}

static struct report *sample(void)
{
    struct report *report = report_new();
    report->verdict = REPORT_PARTIAL;
    report->reason = report_text(report, "one file could not be read");
    report->subject = report_text(report, "Scheduled Reports");
    struct report_file *file = report_file_new(report);
    file->name = report_text(report, "Calls.xlsx");
    file->kind = report_text(report, "calls+users");
    memset(file->sha256, 'a', 64);
    file->verdict = REPORT_STORED;
    file->timezone = report_text(report, "America/New_York");
    file->from = 1767571200;
    file->to = 1767657599;
    file->call_rows = 2;
    file->has_calls = file->has_users = true;
    g_ptr_array_add(file->sheets, (gpointer)(uintptr_t)report_text(report, "Calls"));
    struct report_leg leg = {
        .session_id = report_text(report, "1234567890123"),
        .direction = REPORT_INBOUND,
        .from_name = report_text(report, "Zo\xc3\xab Example"),
        .start = 1767600000,
        .length = 61,
        .handle_time = REPORT_UNKNOWN,
        .raw_payload = report_text(report, "{\"Cost\":\"0.1\"}"),
        .row = 2,
    };
    g_array_append_val(file->legs, leg);
    struct report_user user = {.name = report_text(report, "Alice Example"),
                               .total_calls = 3,
                               .inbound_calls = REPORT_UNKNOWN,
                               .row = 2};
    g_array_append_val(file->users, user);
    report_note(report, file, "Calls", 3, "row %d has no session id", 3);
    return report;
}

static GByteArray *stream(const struct report *report)
{
    GByteArray *bytes = g_byte_array_new();
    g_assert_true(report_wire_write(report, collect, bytes));
    return bytes;
}

static void check_same(const struct report *report)
{
    g_assert_cmpint(report->verdict, ==, REPORT_PARTIAL);
    g_assert_cmpstr(report->subject, ==, "Scheduled Reports");
    g_assert_null(report->link);
    g_assert_cmpuint(report->files->len, ==, 1);
    const struct report_file *file = g_ptr_array_index(report->files, 0);
    g_assert_cmpstr(file->name, ==, "Calls.xlsx");
    g_assert_cmpint(file->to, ==, 1767657599);
    const struct report_leg *leg = &g_array_index(file->legs, struct report_leg, 0);
    g_assert_cmpstr(leg->session_id, ==, "1234567890123");
    g_assert_cmpstr(leg->from_name, ==, "Zo\xc3\xab Example");
    g_assert_cmpint(leg->handle_time, ==, REPORT_UNKNOWN);
    const struct report_user *user = &g_array_index(file->users, struct report_user, 0);
    g_assert_cmpint(user->total_calls, ==, 3);
    g_assert_cmpint(user->inbound_calls, ==, REPORT_UNKNOWN);
    g_assert_cmpuint(file->notes->len, ==, 1);
}

static void test_whole_and_split(void)
{
    AUTO(report) report = sample();
    g_autoptr(GByteArray) bytes = stream(report);
    for (guint cut = 0; cut <= bytes->len; cut++) {
        AUTO(report_wire_reader) reader = report_wire_reader_new();
        enum report_wire_state state = report_wire_feed(reader, bytes->data, cut);
        if (cut < bytes->len) {
            g_assert_cmpint(state, ==, REPORT_WIRE_MORE);
            state = report_wire_feed(reader, bytes->data + cut, bytes->len - cut);
        }
        g_assert_cmpint(state, ==, REPORT_WIRE_DONE);
        AUTO(report) copy = report_wire_take(reader);
        check_same(copy);
    }
}

/* Any one octet changed gives a report or BAD or MORE, never a crash: the sanitizers watch. And
 * what is accepted is within the limits. */
static void test_every_octet_broken(void)
{
    AUTO(report) report = sample();
    g_autoptr(GByteArray) bytes = stream(report);
    unsigned bad = 0;
    for (guint at = 0; at < bytes->len; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            bytes->data[at] ^= (guint8)(1U << bit);
            AUTO(report_wire_reader) reader = report_wire_reader_new();
            bad += report_wire_feed(reader, bytes->data, bytes->len) == REPORT_WIRE_BAD;
            bytes->data[at] ^= (guint8)(1U << bit);
        }
    }
    g_assert_cmpuint(bad, >, bytes->len);
}

static void expect_bad(struct report *report)
{
    g_autoptr(GByteArray) bytes = stream(report);
    AUTO(report_wire_reader) reader = report_wire_reader_new();
    g_assert_cmpint(report_wire_feed(reader, bytes->data, bytes->len), ==, REPORT_WIRE_BAD);
    report_free(report);
}

static struct report_leg *leg_of(struct report *report)
{
    struct report_file *file = g_ptr_array_index(report->files, 0);
    return &g_array_index(file->legs, struct report_leg, 0);
}

static void test_lies(void)
{
    struct report *report = sample();
    leg_of(report)->session_id = NULL;
    expect_bad(report);
    report = sample();
    leg_of(report)->from_name = "a\r\nb";
    expect_bad(report);
    report = sample();
    leg_of(report)->from_name = "\xff";
    expect_bad(report);
    report = sample();
    leg_of(report)->sheet = 7;
    expect_bad(report);
    report = sample();
    leg_of(report)->length = INT64_MAX;
    expect_bad(report);
    report = sample();
    leg_of(report)->raw_payload = "{not json";
    expect_bad(report);
    report = sample();
    ((struct report_file *)g_ptr_array_index(report->files, 0))->sha256[3] = 'X';
    expect_bad(report);
    report = sample();
    ((struct report_file *)g_ptr_array_index(report->files, 0))->sha256[0] = '\0';
    expect_bad(report);
    report = sample();
    for (int i = 0; i < LIMIT_REPORT_FILES; i++)
        report_file_new(report)->name = "One.xlsx";
    expect_bad(report);
}

/* An attachment that could not be decoded has no checksum. */
static void test_no_checksum(void)
{
    AUTO(report) report = sample();
    struct report_file *file = g_ptr_array_index(report->files, 0);
    file->verdict = REPORT_FAILED;
    file->sha256[0] = '\0';
    g_autoptr(GByteArray) bytes = stream(report);
    AUTO(report_wire_reader) reader = report_wire_reader_new();
    g_assert_cmpint(report_wire_feed(reader, bytes->data, bytes->len), ==, REPORT_WIRE_DONE);
}

/* A text that comes again is sent as a number: the note's sheet, which the file has named. */
static void test_again(void)
{
    AUTO(report) report = sample();
    g_autoptr(GByteArray) bytes = stream(report);
    guint at = 0, found = 0;
    for (guint i = 0; i + 4 <= bytes->len; i++) {
        if (bytes->data[i + 3] == 0x80 && bytes->data[i + 2] == 0 && bytes->data[i + 1] == 0) {
            at = i;
            found++;
        }
    }
    g_assert_cmpuint(found, ==, 1);
    bytes->data[at] = 0xff; /* none of so many */
    AUTO(report_wire_reader) reader = report_wire_reader_new();
    g_assert_cmpint(report_wire_feed(reader, bytes->data, bytes->len), ==, REPORT_WIRE_BAD);

    /* What is too long for a name is no name because it was sent before. */
    g_autofree char *link = g_strnfill(LIMIT_REPORT_TEXT + 1, 'x');
    report->link = link;
    g_array_index(((struct report_file *)report->files->pdata[0])->users, struct report_user, 0)
        .name = link;
    g_autoptr(GByteArray) other = stream(report);
    AUTO(report_wire_reader) second = report_wire_reader_new();
    g_assert_cmpint(report_wire_feed(second, other->data, other->len), ==, REPORT_WIRE_BAD);
}

static bool count_only(void *context, const void *bytes, size_t size)
{
    report_wire_feed(context, bytes, size);
    return true;
}

/* Valid frames without an end: the reader has enough before memory has. */
static void test_endless(void)
{
    AUTO(report) report = sample();
    struct report_file *file = g_ptr_array_index(report->files, 0);
    g_autofree char *filler = g_strnfill(LIMIT_REPORT_PAYLOAD - 20, 'x');
    g_autofree char *long_payload = g_strdup_printf("{\"a\":\"%s\"}", filler);
    struct report_leg leg = g_array_index(file->legs, struct report_leg, 0);
    leg.raw_payload = long_payload;
    for (unsigned i = 0; i < LIMIT_WIRE_BYTES / LIMIT_REPORT_PAYLOAD + 100; i++)
        g_array_append_val(file->legs, leg);
    AUTO(report_wire_reader) reader = report_wire_reader_new();
    report_wire_write(report, count_only, reader);
    g_assert_cmpint(report_wire_feed(reader, "", 0), ==, REPORT_WIRE_BAD);
}

static void test_trailing(void)
{
    AUTO(report) report = sample();
    g_autoptr(GByteArray) bytes = stream(report);
    g_byte_array_append(bytes, (const guint8 *)"x", 1);
    AUTO(report_wire_reader) reader = report_wire_reader_new();
    g_assert_cmpint(report_wire_feed(reader, bytes->data, bytes->len), ==, REPORT_WIRE_BAD);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/report-wire/whole-and-split", test_whole_and_split);
    g_test_add_func("/report-wire/every-octet-broken", test_every_octet_broken);
    g_test_add_func("/report-wire/lies", test_lies);
    g_test_add_func("/report-wire/no-checksum", test_no_checksum);
    g_test_add_func("/report-wire/again", test_again);
    g_test_add_func("/report-wire/endless", test_endless);
    g_test_add_func("/report-wire/trailing", test_trailing);
    return g_test_run();
}
