/*
 * The session: the conversations of test/smtp, each held turn by turn against its file, and then
 * with the input cut in every other way, which must change nothing; and what no conversation can
 * show of the interface.
 */
#include <glib.h>

#include <string.h>

#include "proto/smtp_session.h"
#include "test/smtp/conversation.h"

#ifndef CONVERSATIONS
#error "CONVERSATIONS must name the directory of the conversations"
#endif

static void assert_same(const struct conversation *conversation, const char *expected,
                        enum conversation_way way, gsize at)
{
    g_autofree char *trace = conversation_play(conversation, way, at);

    if (!g_str_equal(trace, expected))
        g_test_message("way %d, octet %" G_GSIZE_FORMAT, (int)way, at);
    g_assert_cmpstr(trace, ==, expected);
}

static void test_conversation(gconstpointer data)
{
    struct conversation *conversation = conversation_load(data);
    g_autofree char *trace = conversation_play(conversation, CONVERSATION_TURNS, 0);
    gsize size = conversation_size(conversation);

    conversation_check(conversation);
    for (gsize at = 1; at < size; at++)
        assert_same(conversation, trace, CONVERSATION_SPLIT, at);
    assert_same(conversation, trace, CONVERSATION_BYTES, 0);
    if (conversation_may_join(conversation))
        assert_same(conversation, trace, CONVERSATION_JOINED, 0);
    conversation_free(conversation);
}

static const char *const domains[] = {"calls.example", NULL};

static const struct smtp_session_config config = {
    .hostname = "mx.example.net",
    .domains = domains,
    .max_message_size = 1000,
    .max_rcpt_errors = 5,
    .max_errors = 10,
    .max_junk_commands = 100,
};

/* Feeds all and answers yes until `stop_at` is fetched, or nothing is left; says what was last. */
static enum smtp_action_kind run(struct smtp_session *session, const char *text,
                                 enum smtp_action_kind stop_at, struct smtp_action *action)
{
    gsize size = strlen(text);

    for (;;) {
        gsize taken;

        while (smtp_session_next(session, action) != SMTP_ACTION_NONE) {
            if (action->kind == stop_at)
                return stop_at;
            if (smtp_session_is_waiting(session))
                smtp_session_answer(session, SMTP_YES);
        }
        taken = smtp_session_feed(session, text, size);
        if (size == 0)
            return SMTP_ACTION_NONE;
        text += taken;
        size -= taken;
    }
}

static struct smtp_session *begin(void)
{
    struct smtp_session *session = smtp_session_new(&config);

    smtp_session_begin(session, false);
    return session;
}

#define ENVELOPE                                                                                   \
    "EHLO client.example\r\nMAIL FROM:<@route.example:\"A b\"@X.example> SIZE=7 BODY=8BITMIME\r\n" \
    "RCPT TO:<CALLS-Abc@calls.example>\r\nRCPT TO:<Postmaster>\r\n"                                \
    "RCPT TO:<abuse@calls.example>\r\nDATA\r\n"

static void test_envelope(void)
{
    struct smtp_session *session = begin();
    struct smtp_envelope envelope;
    struct smtp_action action;

    g_assert_cmpint(run(session, ENVELOPE, SMTP_ACTION_MESSAGE_BEGIN, &action), ==,
                    SMTP_ACTION_MESSAGE_BEGIN);
    smtp_session_envelope(session, &envelope);
    g_assert_cmpstr(envelope.helo, ==, "client.example");
    g_assert_cmpstr(envelope.reverse_path, ==, "\"A b\"@X.example");
    g_assert_true(envelope.esmtp && envelope.body_8bit && !envelope.tls);
    g_assert_cmpuint(envelope.recipient_count, ==, 3);
    g_assert_cmpint(envelope.recipients[0].kind, ==, SMTP_RECIPIENT_KEY);
    g_assert_cmpstr(envelope.recipients[0].address, ==, "calls-abc@calls.example");
    g_assert_cmpstr(envelope.recipients[0].key, ==, "abc");
    g_assert_cmpint(envelope.recipients[1].kind, ==, SMTP_RECIPIENT_POSTMASTER);
    g_assert_cmpstr(envelope.recipients[1].address, ==, "postmaster@calls.example");
    g_assert_cmpint(envelope.recipients[2].kind, ==, SMTP_RECIPIENT_ABUSE);
    smtp_session_free(session);
}

static void test_waiting(void)
{
    struct smtp_session *session = begin();
    struct smtp_action action;

    run(session, "HELO x\r\n", SMTP_ACTION_NONE, &action);
    g_assert_cmpint(run(session, "MAIL FROM:<> SIZE=7\r\n", SMTP_ACTION_SENDER, &action), ==,
                    SMTP_ACTION_SENDER);
    g_assert_cmpuint(action.declared_size, ==, 7);
    g_assert_true(smtp_session_is_waiting(session));
    g_assert_cmpuint(smtp_session_feed(session, "NOOP\r\n", 6), ==, 0);
    g_assert_cmpint(smtp_session_next(session, &action), ==, SMTP_ACTION_NONE);
    smtp_session_answer(session, SMTP_YES);
    g_assert_false(smtp_session_is_waiting(session));
    g_assert_cmpuint(smtp_session_feed(session, "NOOP\r\n", 6), ==, 0);
    g_assert_cmpint(smtp_session_next(session, &action), ==, SMTP_ACTION_REPLY);
    g_assert_cmpuint(action.reply_code, ==, 250);
    smtp_session_free(session);
}

static void test_in_message(void)
{
    struct smtp_session *session = begin();
    struct smtp_action action;

    run(session, ENVELOPE, SMTP_ACTION_MESSAGE_BEGIN, &action);
    g_assert_true(smtp_session_in_message(session));
    g_assert_cmpint(run(session, "a\nb\r\n", SMTP_ACTION_MESSAGE_DROP, &action), ==,
                    SMTP_ACTION_MESSAGE_DROP);
    run(session, "more\r\n", SMTP_ACTION_NONE, &action);
    g_assert_true(smtp_session_in_message(session));
    g_assert_cmpint(run(session, ".\r\n", SMTP_ACTION_CLOSE, &action), ==, SMTP_ACTION_CLOSE);
    g_assert_false(smtp_session_in_message(session));
    smtp_session_free(session);
}

/* Stopped before MESSAGE_BEGIN was fetched: there is nothing to drop. */
static void test_stop_before_message(void)
{
    struct smtp_session *session = begin();
    g_autofree char *text = NULL;
    struct smtp_action action;

    run(session, "HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\n", SMTP_ACTION_NONE, &action);
    g_assert_cmpuint(smtp_session_feed(session, "DATA\r\n", 6), ==, 6);
    smtp_session_stop(session, "4.3.1 No room");
    smtp_session_stop(session, "4.0.0 Not this one");
    g_assert_cmpint(smtp_session_next(session, &action), ==, SMTP_ACTION_REPLY);
    text = g_strndup(action.text, action.length);
    g_assert_cmpstr(text, ==, "421 4.3.1 No room\r\n");
    g_assert_cmpint(smtp_session_next(session, &action), ==, SMTP_ACTION_CLOSE);
    g_assert_cmpint(smtp_session_next(session, &action), ==, SMTP_ACTION_NONE);
    smtp_session_free(session);
}

/* Stopped by what MESSAGE_BEGIN led to: the 354 does not go out. */
static void test_stop_at_message_begin(void)
{
    struct smtp_session *session = begin();
    struct smtp_action action;

    run(session, ENVELOPE, SMTP_ACTION_MESSAGE_BEGIN, &action);
    smtp_session_stop(session, "4.3.1 No room");
    g_assert_cmpint(smtp_session_next(session, &action), ==, SMTP_ACTION_MESSAGE_DROP);
    g_assert_cmpint(smtp_session_next(session, &action), ==, SMTP_ACTION_REPLY);
    g_assert_cmpuint(action.reply_code, ==, 421);
    g_assert_cmpint(smtp_session_next(session, &action), ==, SMTP_ACTION_CLOSE);
    smtp_session_free(session);
}

/* A drop that was ready but not fetched is not lost by a stop. */
static void test_stop_at_drop(void)
{
    struct smtp_session *session = begin();
    struct smtp_action action;

    run(session, ENVELOPE "text", SMTP_ACTION_NONE, &action);
    smtp_session_feed(session, "\n", 1);
    smtp_session_stop(session, "4.4.2 Too slow");
    g_assert_cmpint(smtp_session_next(session, &action), ==, SMTP_ACTION_MESSAGE_DROP);
    g_assert_cmpint(smtp_session_next(session, &action), ==, SMTP_ACTION_REPLY);
    g_assert_cmpint(smtp_session_next(session, &action), ==, SMTP_ACTION_CLOSE);
    smtp_session_free(session);
}

static void test_closed(void)
{
    struct smtp_session *session = begin();
    struct smtp_action action;

    g_assert_cmpint(run(session, "QUIT\r\n", SMTP_ACTION_CLOSE, &action), ==, SMTP_ACTION_CLOSE);
    g_assert_cmpuint(smtp_session_feed(session, "NOOP\r\nNOOP", 10), ==, 10);
    g_assert_cmpint(smtp_session_next(session, &action), ==, SMTP_ACTION_NONE);
    smtp_session_stop(session, "4.3.2 Bye");
    g_assert_cmpint(smtp_session_next(session, &action), ==, SMTP_ACTION_NONE);
    smtp_session_free(session);
    smtp_session_free(NULL);
}

/* Bytes behind STARTTLS that the caller alone knows of; and that they are asked for there only. */
static void test_input_waits(void)
{
    struct smtp_session_config with_tls = config;
    struct smtp_session *session;
    struct smtp_action action;

    with_tls.starttls = true;
    session = smtp_session_new(&with_tls);
    smtp_session_begin(session, false);
    smtp_session_input_waits(session, true);
    run(session, "EHLO x\r\n", SMTP_ACTION_NONE, &action);
    smtp_session_input_waits(session, true);
    g_assert_cmpuint(smtp_session_feed(session, "STARTTLS\r\n", 10), ==, 10);
    g_assert_cmpint(smtp_session_next(session, &action), ==, SMTP_ACTION_REPLY);
    g_assert_cmpuint(action.reply_code, ==, 220);
    smtp_session_free(session);

    session = smtp_session_new(&with_tls);
    smtp_session_begin(session, false);
    run(session, "EHLO x\r\n", SMTP_ACTION_NONE, &action);
    g_assert_cmpuint(smtp_session_feed(session, "STARTTLS\r\n", 10), ==, 10);
    smtp_session_input_waits(session, true);
    g_assert_cmpint(smtp_session_next(session, &action), ==, SMTP_ACTION_REPLY);
    g_assert_cmpuint(action.reply_code, ==, 501);
    g_assert_cmpint(smtp_session_next(session, &action), ==, SMTP_ACTION_CLOSE);
    smtp_session_free(session);
}

static void add_conversations(void)
{
    g_autoptr(GError) error = NULL;
    GDir *dir = g_dir_open(CONVERSATIONS, 0, &error);
    const char *name;
    guint count = 0;

    g_assert_no_error(error);
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *test = g_strdup_printf("/smtp_session/conversation/%s", name);

        if (!g_str_has_suffix(name, ".txt"))
            continue;
        g_test_add_data_func_full(test, g_build_filename(CONVERSATIONS, name, NULL),
                                  test_conversation, g_free);
        count++;
    }
    g_dir_close(dir);
    g_assert_cmpuint(count, >=, 25);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/smtp_session/envelope", test_envelope);
    g_test_add_func("/smtp_session/waiting", test_waiting);
    g_test_add_func("/smtp_session/in_message", test_in_message);
    g_test_add_func("/smtp_session/stop_before_message", test_stop_before_message);
    g_test_add_func("/smtp_session/stop_at_message_begin", test_stop_at_message_begin);
    g_test_add_func("/smtp_session/stop_at_drop", test_stop_at_drop);
    g_test_add_func("/smtp_session/closed", test_closed);
    g_test_add_func("/smtp_session/input_waits", test_input_waits);
    add_conversations();
    return g_test_run();
}
