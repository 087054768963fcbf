/*
 * Command lines taken apart: verbs, foreign protocols, MAIL and RCPT with their parameters.
 */
#include <glib.h>

#include <string.h>

#include "proto/smtp_command.h"

/* Which case it is, should it fail. */
static void tell(const char *text)
{
    g_autofree char *escaped = g_strescape(text, NULL);

    g_test_message("%s", escaped);
}

static const struct split {
    const char *line;
    const char *word;
    const char *argument;
} splits[] = {
    {"NOOP", "NOOP", ""},
    {"noop  x y ", "noop", "x y"},
    {"HELO\tname\t", "HELO", "name"},
    {"DATA \t ", "DATA", ""},
    {"", "", ""},
    {"   ", "", ""},
    {" NOOP", "", "NOOP"},
};

static void test_split(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(splits); i++) {
        struct smtp_command command;
        g_autofree char *word = NULL;
        g_autofree char *argument = NULL;

        smtp_command_split(splits[i].line, strlen(splits[i].line), &command);
        word = g_strndup(command.word, command.word_length);
        argument = g_strndup(command.argument, command.argument_length);
        g_assert_cmpstr(word, ==, splits[i].word);
        g_assert_cmpstr(argument, ==, splits[i].argument);
    }
}

static void test_verb(void)
{
    struct smtp_command command;

    smtp_command_split("rSeT", 4, &command);
    g_assert_true(smtp_command_is_verb(&command, "RSET"));
    g_assert_false(smtp_command_is_verb(&command, "RSE"));
    g_assert_false(smtp_command_is_verb(&command, "RSETT"));
}

static const struct foreign {
    const char *line;
    gboolean foreign;
} foreigners[] = {
    {"GET / HTTP/1.1", TRUE},
    {"get /", TRUE},
    {"POST", TRUE},
    {"PUT /x", TRUE},
    {"HEAD /", TRUE},
    {"CONNECT a:25", TRUE},
    {"OPTIONS *", TRUE},
    {"DELETE /", TRUE},
    {"PATCH /", TRUE},
    {"TRACE /", TRUE},
    {"PRI * HTTP/2.0", TRUE},
    {"\x16\x03\x01", TRUE},
    {"NO\xc3\xb6P", TRUE},
    {"\x7f", TRUE},
    {"GETS", FALSE},
    {"GE", FALSE},
    {"", FALSE},
    {"XYZZY \x01", FALSE},
};

static void test_foreign(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(foreigners); i++) {
        struct smtp_command command;

        tell(foreigners[i].line);
        smtp_command_split(foreigners[i].line, strlen(foreigners[i].line), &command);
        g_assert_cmpint(smtp_command_is_foreign(&command), ==, foreigners[i].foreign);
    }
}

static void check_hello(const char *name, gboolean expected)
{
    g_autofree char *line = g_strdup_printf("EHLO %s", name);
    struct smtp_command command;

    tell(line);
    smtp_command_split(line, strlen(line), &command);
    g_assert_cmpint(smtp_command_is_hello(&command), ==, expected);
}

static void test_hello(void)
{
    g_autofree char *longest = g_strnfill(255, 'x');
    g_autofree char *too_long = g_strnfill(256, 'x');

    check_hello("mail.example.com", TRUE);
    check_hello("[192.0.2.1]", TRUE);
    check_hello("MY_PC", TRUE);
    check_hello(longest, TRUE);
    check_hello(too_long, FALSE);
    check_hello("", FALSE);
    check_hello("two words", FALSE);
    check_hello("b\xc3\xbcro", FALSE);
    check_hello("a\x1b", FALSE);
}

static const struct mail {
    const char *line;
    enum smtp_command_result result;
    guint64 size;
    gboolean body_8bit;
} mails[] = {
    {"MAIL FROM:<>", SMTP_COMMAND_OK, 0, FALSE},
    {"mail from: \t<a@b>", SMTP_COMMAND_OK, 0, FALSE},
    {"MAIL FROM:<a@b> SIZE=0", SMTP_COMMAND_OK, 0, FALSE},
    {"MAIL FROM:<a@b> size=123 body=8bitmime", SMTP_COMMAND_OK, 123, TRUE},
    {"MAIL FROM:<a@b> BODY=7BIT SIZE=7", SMTP_COMMAND_OK, 7, FALSE},
    {"MAIL FROM:<a@b> SIZE=18446744073709551614", SMTP_COMMAND_OK, UINT64_MAX - 1, FALSE},
    {"MAIL FROM:<a@b> SIZE=18446744073709551616", SMTP_COMMAND_OK, UINT64_MAX, FALSE},
    {"MAIL FROM:<a@b> SIZE=99999999999999999999", SMTP_COMMAND_OK, UINT64_MAX, FALSE},
    {"MAIL FROM:<a@b> SIZE=000000000000000000001", SMTP_COMMAND_BAD_PARAMETER, 0, FALSE},
    {"MAIL FROM:<a@b> SIZE=1x", SMTP_COMMAND_BAD_PARAMETER, 0, FALSE},
    {"MAIL FROM:<a@b> SIZE=+1", SMTP_COMMAND_BAD_PARAMETER, 0, FALSE},
    {"MAIL FROM:<a@b> SIZE", SMTP_COMMAND_BAD_PARAMETER, 0, FALSE},
    {"MAIL FROM:<a@b> SIZE=1 SIZE=2", SMTP_COMMAND_BAD_PARAMETER, 0, FALSE},
    {"MAIL FROM:<a@b> BODY=7BIT BODY=7BIT", SMTP_COMMAND_BAD_PARAMETER, 0, FALSE},
    {"MAIL FROM:<a@b> BODY=8BIT", SMTP_COMMAND_BAD_PARAMETER, 0, FALSE},
    {"MAIL FROM:<a@b> BODY", SMTP_COMMAND_BAD_PARAMETER, 0, FALSE},
    {"MAIL FROM:<a@b> SIZES=1", SMTP_COMMAND_UNKNOWN_PARAMETER, 0, FALSE},
    {"MAIL FROM:<a@b> RET=HDRS", SMTP_COMMAND_UNKNOWN_PARAMETER, 0, FALSE},
    {"MAIL FROM:<a@b> X-y-1", SMTP_COMMAND_UNKNOWN_PARAMETER, 0, FALSE},
    {"MAIL FROM:<a@b> SIZE=", SMTP_COMMAND_BAD_SYNTAX, 0, FALSE},
    {"MAIL FROM:<a@b> =1", SMTP_COMMAND_BAD_SYNTAX, 0, FALSE},
    {"MAIL FROM:<a@b> -x", SMTP_COMMAND_BAD_SYNTAX, 0, FALSE},
    {"MAIL FROM:<a@b> SIZE=1=2", SMTP_COMMAND_BAD_SYNTAX, 0, FALSE},
    {"MAIL FROM:<a@b> A=\xe9", SMTP_COMMAND_BAD_SYNTAX, 0, FALSE},
    {"MAIL FROM:<a@b>SIZE=1", SMTP_COMMAND_BAD_SYNTAX, 0, FALSE},
    {"MAIL FROM:<a@b>>", SMTP_COMMAND_BAD_SYNTAX, 0, FALSE},
    {"MAIL FROM:", SMTP_COMMAND_BAD_SYNTAX, 0, FALSE},
    {"MAIL FROM", SMTP_COMMAND_BAD_SYNTAX, 0, FALSE},
    {"MAIL", SMTP_COMMAND_BAD_SYNTAX, 0, FALSE},
    {"MAIL FROM :<a@b>", SMTP_COMMAND_BAD_SYNTAX, 0, FALSE},
    {"MAIL TO:<a@b>", SMTP_COMMAND_BAD_SYNTAX, 0, FALSE},
    {"MAIL FROM:a@b", SMTP_COMMAND_BAD_ADDRESS, 0, FALSE},
    {"MAIL FROM:<a@b", SMTP_COMMAND_BAD_ADDRESS, 0, FALSE},
    {"MAIL FROM:<a\x01@b>", SMTP_COMMAND_BAD_ADDRESS, 0, FALSE},
    {"MAIL FROM:<\xc3\xa9@b>", SMTP_COMMAND_NOT_ASCII, 0, FALSE},
};

static void test_mail(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(mails); i++) {
        struct smtp_command command;
        struct smtp_mail mail;

        tell(mails[i].line);
        smtp_command_split(mails[i].line, strlen(mails[i].line), &command);
        g_assert_cmpint(smtp_command_mail(&command, &mail), ==, mails[i].result);
        if (mails[i].result == SMTP_COMMAND_OK) {
            g_assert_cmpuint(mail.size, ==, mails[i].size);
            g_assert_cmpint(mail.body_8bit, ==, mails[i].body_8bit);
        }
    }
}

static const struct rcpt {
    const char *line;
    enum smtp_command_result result;
} rcpts[] = {
    {"RCPT TO:<a@b>", SMTP_COMMAND_OK},
    {"rcpt to: <Postmaster>", SMTP_COMMAND_OK},
    {"RCPT TO:<a@b> NOTIFY=NEVER", SMTP_COMMAND_UNKNOWN_PARAMETER},
    {"RCPT TO:<a@b> SIZE=1", SMTP_COMMAND_UNKNOWN_PARAMETER},
    {"RCPT TO:<a@b> ?", SMTP_COMMAND_BAD_SYNTAX},
    {"RCPT FROM:<a@b>", SMTP_COMMAND_BAD_SYNTAX},
    {"RCPT TO:", SMTP_COMMAND_BAD_SYNTAX},
    {"RCPT TO:a@b", SMTP_COMMAND_BAD_ADDRESS},
    {"RCPT TO:<a@b\xff>", SMTP_COMMAND_NOT_ASCII},
};

static void test_rcpt(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rcpts); i++) {
        struct smtp_command command;
        struct smtp_address address;

        tell(rcpts[i].line);
        smtp_command_split(rcpts[i].line, strlen(rcpts[i].line), &command);
        g_assert_cmpint(smtp_command_rcpt(&command, &address), ==, rcpts[i].result);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/smtp_command/split", test_split);
    g_test_add_func("/smtp_command/verb", test_verb);
    g_test_add_func("/smtp_command/foreign", test_foreign);
    g_test_add_func("/smtp_command/hello", test_hello);
    g_test_add_func("/smtp_command/mail", test_mail);
    g_test_add_func("/smtp_command/rcpt", test_rcpt);
    return g_test_run();
}
