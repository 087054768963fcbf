/*
 * The table of rules, test/smtp/rfc.table: each row is played with its octets whole, split at every
 * place, and one by one, and must give the same replies and end in the same state each time.
 */
#include <glib.h>

#include <string.h>

#include "proto/smtp_session.h"

#ifndef TABLE
#error "TABLE must name the table of rules"
#endif

enum { RULE, WHERE, BEFORE, OCTETS, REPLIES, AFTER, COLUMNS };

static const char *const domains[] = {"calls.example", NULL};

struct player {
    struct smtp_session *session;
    GString *replies; /* first lines, joined by `/` */
    gboolean is_closed;
};

/* {text*n}; `#` in it is the number, from 1. */
static char *expand(const char *text)
{
    GString *out = g_string_new(NULL);

    for (const char *at = text; *at != '\0'; at++) {
        const char *star = *at == '{' ? strchr(at, '*') : NULL;
        char *end = NULL;
        guint64 count = star != NULL ? g_ascii_strtoull(star + 1, &end, 10) : 0;

        if (end == NULL || *end != '}') {
            g_string_append_c(out, *at);
            continue;
        }
        for (guint64 i = 1; i <= count; i++) {
            g_autofree char *body = g_strndup(at + 1, (gsize)(star - at - 1));
            g_auto(GStrv) parts = g_strsplit(body, "#", -1);
            g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, i);
            g_autofree char *numbered = g_strjoinv(number, parts);

            g_string_append(out, numbered);
        }
        at = end;
    }
    return g_string_free(out, FALSE);
}

static GString *unescape(const char *text)
{
    GString *out = g_string_new(NULL);

    for (; *text != '\0'; text++) {
        const char *at = *text == '\\' ? strchr("r\rn\n0", text[1]) : NULL;

        if (*text != '\\') {
            g_string_append_c(out, *text);
        } else if (text[1] == 'x') {
            g_string_append_c(
                out, (char)(g_ascii_xdigit_value(text[2]) * 16 + g_ascii_xdigit_value(text[3])));
            text += 3;
        } else {
            g_string_append_c(out, text[1] == '0' ? '\0' : at != NULL ? at[1] : text[1]);
            text++;
        }
    }
    return out;
}

static enum smtp_answer answer(const char *name)
{
    if (g_str_has_prefix(name, "later"))
        return SMTP_LATER;
    return g_str_has_prefix(name, "good") ? SMTP_YES : SMTP_NO;
}

static void act(struct player *player)
{
    struct smtp_action action;
    struct smtp_envelope envelope;

    while (smtp_session_next(player->session, &action) != SMTP_ACTION_NONE) {
        switch (action.kind) {
        case SMTP_ACTION_REPLY:
            g_string_append_printf(player->replies, "%s%.*s", player->replies->len > 0 ? "/" : "",
                                   (int)strcspn(action.text, "\r"), action.text);
            break;
        case SMTP_ACTION_SENDER:
            smtp_session_envelope(player->session, &envelope);
            smtp_session_answer(player->session, g_str_has_prefix(envelope.reverse_path, "full")
                                                     ? SMTP_NO
                                                     : SMTP_YES);
            break;
        case SMTP_ACTION_RECIPIENT:
            smtp_session_answer(player->session, answer(action.key));
            break;
        case SMTP_ACTION_MESSAGE_END:
            smtp_session_answer_message(player->session, 250, "2.0.0 stored");
            break;
        case SMTP_ACTION_START_TLS:
            smtp_session_answer(player->session, SMTP_YES);
            break;
        case SMTP_ACTION_CLOSE:
            player->is_closed = TRUE;
            break;
        case SMTP_ACTION_MESSAGE_BEGIN:
        case SMTP_ACTION_MESSAGE_CHUNK:
        case SMTP_ACTION_MESSAGE_DROP:
        case SMTP_ACTION_NONE:
            break;
        }
    }
}

static void feed(struct player *player, const char *octets, gsize size)
{
    for (gsize at = 0; at < size && !player->is_closed;) {
        gsize taken = smtp_session_feed(player->session, octets + at, size - at);

        at += taken;
        act(player);
    }
}

static void say(struct player *player, const char *line)
{
    g_string_truncate(player->replies, 0);
    feed(player, line, strlen(line));
}

/* In which state it is, by what it answers; the session is of no use afterwards. */
static const char *state_of(struct player *player)
{
    if (player->is_closed)
        return "closed";
    say(player, "MAIL FROM:<probe@b.example>\r\n");
    if (g_str_has_prefix(player->replies->str, "250") ||
        g_str_has_prefix(player->replies->str, "530"))
        return "greeted";
    if (g_str_has_prefix(player->replies->str, "503 5.5.1 Send EHLO"))
        return "start";
    say(player, "DATA\r\n");
    if (g_str_has_prefix(player->replies->str, "354"))
        return "rcpt";
    return g_str_has_prefix(player->replies->str, "503 5.5.1 This mail comes") ? "chunks"
                                                                               : "sender";
}

static void prepare(struct player *player, const char *before)
{
    smtp_session_begin(player->session, FALSE);
    act(player);
    if (!g_str_has_prefix(before, "start"))
        say(player, "EHLO client.example\r\n");
    if (g_str_has_prefix(before, "tls"))
        say(player, "STARTTLS\r\n");
    if (g_str_has_prefix(before, "sender") || g_str_has_prefix(before, "rcpt"))
        say(player, "MAIL FROM:<a@sender.example>\r\n");
    if (g_str_has_prefix(before, "rcpt"))
        say(player, "RCPT TO:<calls-good@calls.example>\r\n");
    g_string_truncate(player->replies, 0);
}

/* Pieces end before the octet number `split`; 0: one octet each. */
static void play(char *const *row, const GString *octets, gsize split, GString *replies,
                 const char **after)
{
    const struct smtp_session_config config = {
        .hostname = "mx.example.net",
        .domains = domains,
        .max_message_size = 50000,
        .max_rcpt_errors = 5,
        .max_errors = 10,
        .max_junk_commands = 100,
        .starttls = strstr(row[BEFORE], "+starttls") != NULL || strstr(row[BEFORE], "+require"),
        .require_tls = strstr(row[BEFORE], "+require") != NULL,
        .chunking = strstr(row[BEFORE], "+chunking") != NULL,
    };
    struct player player = {.session = smtp_session_new(&config), .replies = replies};

    prepare(&player, row[BEFORE]);
    if (split == 0) {
        for (gsize i = 0; i < octets->len; i++)
            feed(&player, octets->str + i, 1);
    } else {
        feed(&player, octets->str, MIN(split, octets->len));
        if (split < octets->len)
            feed(&player, octets->str + split, octets->len - split);
    }
    GString *probe = g_string_new(NULL);
    player.replies = probe;
    *after = state_of(&player);
    g_string_free(probe, TRUE);
    smtp_session_free(player.session);
}

static void check(char *const *row, const GString *octets, gsize split)
{
    g_autoptr(GString) replies = g_string_new(NULL);
    g_autofree char *wanted = expand(row[REPLIES]);
    g_auto(GStrv) expected = g_strsplit(wanted, "/", -1);
    const char *after;

    play(row, octets, split, replies, &after);
    g_auto(GStrv) said = g_strsplit(replies->str, "/", -1);
    gboolean good =
        g_strv_length(said) == g_strv_length(expected) && strcmp(after, row[AFTER]) == 0;

    for (guint i = 0; good && expected[i] != NULL; i++)
        good = g_str_has_prefix(said[i], expected[i]);
    if (!good)
        g_error("%s (%s), split at %" G_GSIZE_FORMAT ": got \"%s\" and state %s, not \"%s\" and %s",
                row[RULE], row[WHERE], split, replies->str, after, wanted, row[AFTER]);
}

static void test_row(gconstpointer data)
{
    char *const *row = data;
    g_autofree char *text = expand(row[OCTETS]);
    g_autoptr(GString) octets = unescape(text);
    /* What is long is long in its middle. */
    gsize step = MAX(octets->len / 1000, 1);

    check(row, octets, octets->len);
    for (gsize split = 1; split < octets->len; split += step)
        check(row, octets, split);
    check(row, octets, 0);
}

int main(int argc, char **argv)
{
    g_autofree char *text = NULL;
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);

    g_test_init(&argc, &argv, NULL);
    g_assert_true(g_file_get_contents(TABLE, &text, NULL, NULL));
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++) {
        if (lines[i][0] == '\0' || lines[i][0] == '#')
            continue;
        char **row = g_strsplit(lines[i], "|", -1);
        g_assert_cmpuint(g_strv_length(row), ==, COLUMNS);
        for (guint column = 0; column < COLUMNS; column++)
            g_strstrip(row[column]);
        g_ptr_array_add(rows, row);
        g_autofree char *name = g_strdup_printf("/smtp-rfc/%u %s", i + 1, row[RULE]);
        for (char *at = name + 10; *at != '\0'; at++)
            *at = *at == '/' ? ' ' : *at;
        g_test_add_data_func(name, row, test_row);
    }
    g_assert_cmpuint(rows->len, >, 70);
    return g_test_run();
}
