/*
 * Replies: the table holds what RFC 5321 and RFC 2034 ask of every line, and the builder lets
 * nothing out that they forbid.
 */
#include <glib.h>

#include <string.h>

#include "base/limits.h"
#include "proto/smtp_reply.h"

static void test_table(void)
{
    const char *before = "";

    for (int id = 0; id < SMTP_REPLY_COUNT; id++) {
        const char *text = smtp_reply_text((enum smtp_reply_id)id);
        gsize length;

        g_assert_nonnull(text);
        length = strlen(text);
        g_assert_cmpuint(length, <=, LIMIT_SMTP_REPLY_LINE);
        g_assert_true(g_regex_match_simple("^[245][0-9][0-9] [ -~]+\\r\\n$|^354 [ -~]+\\r\\n$",
                                           text, G_REGEX_DOLLAR_ENDONLY, 0));
        if (id != SMTP_REPLY_DATA) {
            g_assert_true(g_regex_match_simple("^... [245]\\.[0-9]\\.[0-9] ", text, 0, 0));
            g_assert_cmpint(text[0], ==, text[4]);
        }
        /* Sorted by both codes; the texts of one code stand as they read best. */
        g_assert_cmpint(strncmp(before, text, id == SMTP_REPLY_DATA ? 3 : 9), <=, 0);
        before = text;
    }
}

static void test_code(void)
{
    g_assert_cmpuint(smtp_reply_code(smtp_reply_text(SMTP_REPLY_OK)), ==, 250);
    g_assert_cmpuint(smtp_reply_code("421-4.7.0 x\r\n"), ==, 421);
}

static void test_lines(void)
{
    struct smtp_reply reply;
    g_autofree char *text = NULL;

    smtp_reply_begin(&reply, 250);
    smtp_reply_line(&reply, "mx.example.net");
    smtp_reply_line(&reply, "SIZE ");
    smtp_reply_number(&reply, 0);
    smtp_reply_add(&reply, " ");
    smtp_reply_number(&reply, UINT64_MAX);
    smtp_reply_line(&reply, "");
    text = smtp_reply_finish(&reply);
    g_assert_cmpstr(text, ==, "250-mx.example.net\r\n250-SIZE 0 18446744073709551615\r\n250 \r\n");
}

static void test_octets(void)
{
    char all[256];
    g_autofree char *text = NULL;

    for (int i = 1; i < 256; i++)
        all[i - 1] = (char)i;
    all[255] = '\0';
    text = smtp_reply_single(250, all);
    g_assert_cmpuint(strlen(text), ==, 4 + 255 + 2);
    for (int i = 1; i < 256; i++) {
        gboolean good = (i >= ' ' && i <= '~') || i == '\t';

        g_assert_cmpint(text[4 + i - 1], ==, good ? (char)i : '?');
    }
}

static void test_cut(void)
{
    struct smtp_reply reply;
    g_autofree char *fill = g_strnfill(LIMIT_SMTP_REPLY_LINE - 6, 'x');
    g_autofree char *more = g_strconcat(fill, "more", NULL);
    g_autofree char *expected = g_strdup_printf("554-%s\r\n554 %s\r\n", fill, fill);
    g_autofree char *text = NULL;

    smtp_reply_begin(&reply, 554);
    smtp_reply_line(&reply, more);
    smtp_reply_line(&reply, fill);
    smtp_reply_add(&reply, "x");
    smtp_reply_number(&reply, 1);
    text = smtp_reply_finish(&reply);
    g_assert_cmpstr(text, ==, expected);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/smtp_reply/table", test_table);
    g_test_add_func("/smtp_reply/code", test_code);
    g_test_add_func("/smtp_reply/lines", test_lines);
    g_test_add_func("/smtp_reply/octets", test_octets);
    g_test_add_func("/smtp_reply/cut", test_cut);
    return g_test_run();
}
