/*
 * Command lines: each stream whole and split at every octet must give the same lines and the same
 * fault at the same octet.
 */
#include <glib.h>

#include <string.h>

#include "base/limits.h"
#include "proto/line.h"

struct sample {
    const char *name;
    const char *stream;
    gsize size;
    const char *expected; /* lines in [], the fault, and how many octets were taken up to it */
};

#define STREAM(text) text, sizeof text - 1

static const struct sample samples[] = {
    {"two", STREAM("NOOP\r\nQUIT\r\n"), "[NOOP][QUIT]"},
    {"empty", STREAM("\r\n\r\n"), "[][]"},
    {"unfinished", STREAM("NOOP\r\nQUIT"), "[NOOP]"},
    {"unfinished-cr", STREAM("NOOP\r"), ""},
    {"bare-lf", STREAM("NOOP\r\nA\nB\r\n"), "[NOOP]lf 8"},
    {"first-lf", STREAM("\nB\r\n"), "lf 1"},
    {"bare-cr", STREAM("A\rB\r\n"), "cr 3"},
    {"two-cr", STREAM("A\r\r\n"), "cr 3"},
    {"nul", STREAM("A\0\r\n"), "nul 2"},
    {"cr-nul", STREAM("A\r\0\n"), "cr 3"},
    {"any-other", STREAM("\x01\x7f\xff \t\r\n"), "[\x01\x7f\xff \t]"},
};

static const char *const faults[] = {
    [LINE_TOO_LONG] = "long",
    [LINE_BARE_CR] = "cr",
    [LINE_BARE_LF] = "lf",
    [LINE_NUL] = "nul",
};

/* Feeds a copy of just this size; false after a fault. */
static gboolean feed(struct line *line, const char *bytes, gsize size, gsize *total, GString *trace)
{
    while (size > 0) {
        g_autofree char *piece = g_memdup2(bytes, size);
        const char *text;
        gsize length, taken;
        enum line_result result = line_feed(line, piece, size, &taken, &text, &length);

        *total += taken;
        bytes += taken;
        size -= taken;
        if (result == LINE_MORE) {
            g_assert_cmpuint(size, ==, 0);
        } else if (result == LINE_READY) {
            g_string_append_printf(trace, "[%.*s]", (int)length, text);
            line_clear(line);
            g_assert_null(line->held);
        } else {
            g_string_append_printf(trace, "%s %" G_GSIZE_FORMAT, faults[result], *total);
            return FALSE;
        }
    }
    return TRUE;
}

static char *split_at(const char *stream, gsize size, gsize at)
{
    struct line line;
    GString *trace = g_string_new(NULL);
    gsize total = 0;

    line_init(&line);
    if (feed(&line, stream, at, &total, trace))
        feed(&line, stream + at, size - at, &total, trace);
    line_clear(&line);
    return g_string_free(trace, FALSE);
}

static char *byte_by_byte(const char *stream, gsize size)
{
    struct line line;
    GString *trace = g_string_new(NULL);
    gsize total = 0;

    line_init(&line);
    for (gsize i = 0; i < size; i++) {
        if (!feed(&line, stream + i, 1, &total, trace))
            break;
    }
    line_clear(&line);
    return g_string_free(trace, FALSE);
}

static void check(const char *stream, gsize size, const char *expected)
{
    g_autofree char *bytes = byte_by_byte(stream, size);

    g_assert_cmpstr(bytes, ==, expected);
    for (gsize at = 0; at < size; at++) {
        g_autofree char *trace = split_at(stream, size, at);

        g_assert_cmpstr(trace, ==, expected);
    }
}

static void test_sample(gconstpointer data)
{
    const struct sample *sample = data;

    check(sample->stream, sample->size, sample->expected);
}

static void test_ceiling(void)
{
    g_autofree char *fill = g_strnfill(LIMIT_SMTP_COMMAND_LINE - 2, 'x');
    g_autofree char *longest = g_strdup_printf("%s\r\n", fill);
    g_autofree char *too_long = g_strdup_printf("%sx\r\n", fill);
    g_autofree char *expected = g_strdup_printf("[%s]", fill);
    g_autofree char *fault = g_strdup_printf("long %d", LIMIT_SMTP_COMMAND_LINE);

    check(longest, strlen(longest), expected);
    check(too_long, strlen(too_long), fault);
}

/* What is whole in the input is not copied, and a session that waits holds nothing. */
static void test_no_copy(void)
{
    static const char stream[] = "NOOP\r\nQU";
    struct line line;
    const char *text;
    gsize length, taken;

    line_init(&line);
    g_assert_cmpint(line_feed(&line, stream, 8, &taken, &text, &length), ==, LINE_READY);
    g_assert_true(text == stream);
    g_assert_null(line.held);
    g_assert_cmpint(line_feed(&line, stream + 6, 2, &taken, &text, &length), ==, LINE_MORE);
    g_assert_nonnull(line.held);
    line_clear(&line);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
        g_autofree char *name = g_strdup_printf("/line/sample/%s", samples[i].name);

        g_test_add_data_func(name, &samples[i], test_sample);
    }
    g_test_add_func("/line/ceiling", test_ceiling);
    g_test_add_func("/line/no_copy", test_no_copy);
    return g_test_run();
}
