/*
 * The runner of conversations: a reader of the files, and a player that holds a session against
 * them. The input is fed from blocks of exactly its size, so that the sanitizers see every octet
 * that is read beyond it, or after it had to be let go.
 */
#include "conversation.h"

#include <string.h>

#include "proto/smtp_session.h"

struct turn {
    GString *input;      /* owned */
    char *stop;          /* owned: stop with this text instead */
    GPtrArray *expected; /* owned: lines as in the file */
};

struct conversation {
    char *path;       /* owned */
    GPtrArray *turns; /* owned; the first has no input */
    struct smtp_session_config config;
    gboolean early;
    gboolean handshake_fails;
};

static const char *const domains[] = {"calls.example", "other.example", NULL};

/* --- The reader --- */

static struct turn *turn_new(void)
{
    struct turn *turn = g_new0(struct turn, 1);

    turn->input = g_string_new(NULL);
    turn->expected = g_ptr_array_new_with_free_func(g_free);
    return turn;
}

static void turn_free(void *data)
{
    struct turn *turn = data;

    g_string_free(turn->input, TRUE);
    g_free(turn->stop);
    g_ptr_array_unref(turn->expected);
    g_free(turn);
}

/* {text*n} */
static char *expand(const char *text)
{
    GString *expanded = g_string_new(NULL);

    while (*text != '\0') {
        const char *star = *text == '{' ? strchr(text, '*') : NULL;
        char *end = NULL;
        guint64 count = star != NULL ? g_ascii_strtoull(star + 1, &end, 10) : 0;

        if (end == NULL || *end != '}') {
            g_string_append_c(expanded, *text++);
            continue;
        }
        for (; count > 0; count--)
            g_string_append_len(expanded, text + 1, star - text - 1);
        text = end + 1;
    }
    return g_string_free(expanded, FALSE);
}

static void append_unescaped(GString *octets, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text != '\\') {
            g_string_append_c(octets, *text);
            continue;
        }
        switch (*++text) {
        case 'r':
            g_string_append_c(octets, '\r');
            break;
        case 'n':
            g_string_append_c(octets, '\n');
            break;
        case '0':
            g_string_append_c(octets, '\0');
            break;
        case '\\':
            g_string_append_c(octets, '\\');
            break;
        case 'x':
            g_assert_true(g_ascii_isxdigit(text[1]) && g_ascii_isxdigit(text[2]));
            g_string_append_c(
                octets, (char)(g_ascii_xdigit_value(text[1]) * 16 + g_ascii_xdigit_value(text[2])));
            text += 2;
            break;
        default:
            g_error("unknown escape in \"%s\"", text);
        }
    }
}

static void append_escaped(GString *line, const char *octets, gsize size)
{
    for (gsize i = 0; i < size; i++) {
        if (octets[i] == '\\')
            g_string_append(line, "\\\\");
        else if (octets[i] == '\r')
            g_string_append(line, "\\r");
        else if (octets[i] == '\n')
            g_string_append(line, "\\n");
        else if (octets[i] == '\0')
            g_string_append(line, "\\0");
        else if (octets[i] < ' ' || octets[i] > '~')
            g_string_append_printf(line, "\\x%02x", (guint)(guchar)octets[i]);
        else
            g_string_append_c(line, octets[i]);
    }
}

static void read_setting(struct conversation *conversation, const char *text)
{
    struct smtp_session_config *config = &conversation->config;
    const char *blank = strchr(text, ' ');
    guint value = blank != NULL ? (guint)g_ascii_strtoull(blank, NULL, 10) : 0;

    if (g_str_equal(text, "early"))
        conversation->early = TRUE;
    else if (g_str_equal(text, "handshake-fails"))
        conversation->handshake_fails = TRUE;
    else if (g_str_equal(text, "starttls"))
        config->starttls = true;
    else if (g_str_equal(text, "require-tls"))
        config->require_tls = true;
    else if (g_str_equal(text, "chunking"))
        config->chunking = true;
    else if (g_str_equal(text, "normalize-newlines"))
        config->normalize_newlines = true;
    else if (g_str_has_prefix(text, "max-messages "))
        config->max_messages = value;
    else if (g_str_has_prefix(text, "max-message-size "))
        config->max_message_size = value;
    else if (g_str_has_prefix(text, "max-rcpt-errors "))
        config->max_rcpt_errors = value;
    else if (g_str_has_prefix(text, "max-errors "))
        config->max_errors = value;
    else if (g_str_has_prefix(text, "max-junk-commands "))
        config->max_junk_commands = value;
    else
        g_error("%s: unknown setting \"%s\"", conversation->path, text);
}

/* The turn that the client's next line belongs to: a new one once the server has spoken. */
static struct turn *client_turn(struct conversation *conversation)
{
    struct turn *turn = g_ptr_array_index(conversation->turns, conversation->turns->len - 1);

    if (conversation->turns->len > 1 && turn->expected->len == 0 && turn->stop == NULL)
        return turn;
    turn = turn_new();
    g_ptr_array_add(conversation->turns, turn);
    return turn;
}

static void add_stop(struct conversation *conversation, const char *text)
{
    struct turn *turn = turn_new();

    turn->stop = g_strdup(text);
    g_ptr_array_add(conversation->turns, turn);
}

static void read_text(struct conversation *conversation, char kind, const char *text)
{
    g_autofree char *expanded = kind == 'C' || kind == 'R' || kind == 'M' ? expand(text) : NULL;
    struct turn *last = g_ptr_array_index(conversation->turns, conversation->turns->len - 1);

    if (kind == 'C')
        g_string_append_printf(client_turn(conversation)->input, "%s\r\n", expanded);
    else if (kind == 'R')
        append_unescaped(client_turn(conversation)->input, expanded);
    else
        g_ptr_array_add(last->expected,
                        g_strdup_printf("%c: %s", kind, expanded != NULL ? expanded : text));
}

/* `K: text` or `K*n: text` */
static void read_line(struct conversation *conversation, const char *line)
{
    char *end = NULL;
    guint64 count = line[1] == '*' ? g_ascii_strtoull(line + 2, &end, 10) : 1;
    const char *text = end != NULL ? end : line + 1;

    if (strchr("CRSAM", line[0]) == NULL || *text != ':')
        g_error("%s: not understood: \"%s\"", conversation->path, line);
    text += text[1] == ' ' ? 2 : 1;
    for (guint64 i = 1; i <= count; i++) {
        g_auto(GStrv) parts = g_strsplit(text, "#", -1);
        g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, i);
        g_autofree char *numbered = g_strjoinv(end != NULL ? number : "#", parts);

        read_text(conversation, line[0], numbered);
    }
}

struct conversation *conversation_load(const char *path)
{
    struct conversation *conversation = g_new0(struct conversation, 1);
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_file_get_contents(path, &text, NULL, &error))
        g_error("%s", error->message);
    conversation->path = g_strdup(path);
    conversation->turns = g_ptr_array_new_with_free_func(turn_free);
    g_ptr_array_add(conversation->turns, turn_new());
    conversation->config = (struct smtp_session_config){
        .hostname = "mx.example.net",
        .domains = domains,
        .max_message_size = 50000,
        .max_rcpt_errors = 5,
        .max_errors = 10,
        .max_junk_commands = 100,
    };
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        if (**line == '\0' || **line == '#')
            continue;
        if (g_str_has_prefix(*line, "set "))
            read_setting(conversation, *line + 4);
        else if (g_str_has_prefix(*line, "stop "))
            add_stop(conversation, *line + 5);
        else
            read_line(conversation, *line);
    }
    return conversation;
}

void conversation_free(struct conversation *conversation)
{
    g_ptr_array_unref(conversation->turns);
    g_free(conversation->path);
    g_free(conversation);
}

gsize conversation_size(const struct conversation *conversation)
{
    gsize size = 0;

    for (guint i = 0; i < conversation->turns->len; i++)
        size += ((struct turn *)g_ptr_array_index(conversation->turns, i))->input->len;
    return size;
}

gboolean conversation_may_join(const struct conversation *conversation)
{
    for (guint i = 0; i < conversation->turns->len; i++) {
        if (((struct turn *)g_ptr_array_index(conversation->turns, i))->stop != NULL)
            return FALSE;
    }
    return !conversation->config.starttls;
}

/* --- The player --- */

struct player {
    const struct conversation *conversation;
    struct smtp_session *session;
    GString *trace;    /* everything */
    GPtrArray *seen;   /* of this turn: what the file tells of */
    GString *message;  /* chunks joined */
    const char *piece; /* what is being fed */
    gsize piece_size;
    gboolean has_chunks;
    gboolean is_closed;
};

static void note(struct player *player, char *line)
{
    g_string_append_printf(player->trace, "%s\n", line);
    g_ptr_array_add(player->seen, line);
}

static void note_reply(struct player *player, const struct smtp_action *action)
{
    g_autofree char *text = g_strndup(action->text, action->length);
    g_auto(GStrv) lines = g_strsplit(text, "\r\n", -1);
    guint count = g_strv_length(lines);

    g_assert_cmpuint(strlen(text), ==, action->length);
    g_assert_cmpuint(count, >=, 2);
    g_assert_cmpstr(lines[count - 1], ==, "");
    for (guint i = 0; i + 1 < count; i++) {
        g_assert_cmpuint(strlen(lines[i]), <=, 510);
        g_assert_cmpuint(g_ascii_strtoull(lines[i], NULL, 10), ==, action->reply_code);
        g_assert_cmpint(lines[i][3], ==, i + 2 < count ? '-' : ' ');
        for (const char *at = lines[i]; *at != '\0'; at++)
            g_assert_true(g_ascii_isprint(*at));
        note(player, g_strdup_printf("S: %s", lines[i]));
    }
}

static enum smtp_answer answer_for(struct player *player, const char *name)
{
    if (g_str_has_prefix(name, "later"))
        return SMTP_LATER;
    if (g_str_has_prefix(name, "stop"))
        smtp_session_stop(player->session, "4.3.2 Stopped");
    return g_str_has_prefix(name, "good") || g_str_has_prefix(name, "stop") ? SMTP_YES : SMTP_NO;
}

static void answer_sender(struct player *player, const struct smtp_action *action)
{
    struct smtp_envelope envelope;

    smtp_session_envelope(player->session, &envelope);
    g_string_append_printf(player->trace, "sender %s %" G_GUINT64_FORMAT "\n",
                           envelope.reverse_path, action->declared_size);
    if (g_str_has_prefix(envelope.reverse_path, "full"))
        smtp_session_answer(player->session, SMTP_NO);
    else if (answer_for(player, envelope.reverse_path) == SMTP_LATER)
        smtp_session_answer(player->session, SMTP_LATER);
    else
        smtp_session_answer(player->session, SMTP_YES);
}

static void note_envelope(struct player *player)
{
    struct smtp_envelope envelope;
    GString *line = g_string_new("A: message ");

    smtp_session_envelope(player->session, &envelope);
    g_string_append_printf(line, "<%s> ->", envelope.reverse_path);
    for (gsize i = 0; i < envelope.recipient_count; i++) {
        const struct smtp_recipient *recipient = &envelope.recipients[i];

        g_assert_true((recipient->kind == SMTP_RECIPIENT_KEY) == (recipient->key != NULL));
        g_string_append_printf(line, "%s %s", i > 0 ? "," : "", recipient->address);
    }
    g_string_append(line, envelope.esmtp ? " esmtp" : "");
    g_string_append(line, envelope.tls ? " tls" : "");
    g_string_append(line, envelope.body_8bit ? " 8bit" : "");
    g_string_append(line, envelope.smtputf8 ? " utf8" : "");
    note(player, g_string_free(line, FALSE));
}

/* The value of a line `Name: value` of the message, or NULL. */
static char *message_field(const GString *message, const char *name)
{
    const char *start = g_strstr_len(message->str, (gssize)message->len, name);

    return start == NULL ? NULL
                         : g_strndup(start + strlen(name), strcspn(start + strlen(name), "\r"));
}

static void answer_message(struct player *player)
{
    const GString *message = player->message;
    g_autofree char *answer = message_field(message, "X-Answer: ");
    g_autofree char *stop = message_field(message, "X-Stop: ");
    const char *at = message->str;
    const char *end = at + message->len;

    note_envelope(player);
    while (at < end) {
        const char *newline = memchr(at, '\n', (gsize)(end - at));
        GString *line = g_string_new("M: ");

        /* Only chunks of BDAT may have newlines of another kind, or none at the end. */
        bool is_line = newline != NULL && newline > at && newline[-1] == '\r';
        const char *stop_at = is_line ? newline - 1 : newline != NULL ? newline + 1 : end;

        g_assert_true(is_line || player->conversation->config.chunking);
        append_escaped(line, at, (gsize)(stop_at - at));
        if (!is_line)
            g_string_append(line, " (no CRLF)");
        note(player, g_string_free(line, FALSE));
        at = is_line ? newline + 1 : stop_at;
    }
    g_assert_true(smtp_session_in_message(player->session));
    if (stop != NULL)
        smtp_session_stop(player->session, stop);
    if (answer != NULL)
        smtp_session_answer_message(player->session, (guint)g_ascii_strtoull(answer, NULL, 10),
                                    answer + 4);
    else
        smtp_session_answer_message(player->session, 250, "2.0.0 stored");
    g_assert_false(smtp_session_in_message(player->session));
}

static void note_chunk(struct player *player, const struct smtp_action *action)
{
    bool is_fed = action->text >= player->piece &&
                  action->text + action->length <= player->piece + player->piece_size;

    g_assert_true(is_fed || player->conversation->config.normalize_newlines);
    g_assert_cmpuint(action->length, >, 0);
    g_string_append_len(player->message, action->text, (gssize)action->length);
    player->has_chunks = TRUE;
}

/* Chunks are told joined, when something else follows. */
static void flush_chunks(struct player *player)
{
    if (!player->has_chunks)
        return;
    player->has_chunks = FALSE;
    g_string_append(player->trace, "chunk ");
    append_escaped(player->trace, player->message->str, player->message->len);
    g_string_append_c(player->trace, '\n');
}

static void perform(struct player *player, const struct smtp_action *action)
{
    g_assert_false(player->is_closed);
    if (action->kind != SMTP_ACTION_MESSAGE_CHUNK)
        flush_chunks(player);
    switch (action->kind) {
    case SMTP_ACTION_REPLY:
        note_reply(player, action);
        break;
    case SMTP_ACTION_SENDER:
        answer_sender(player, action);
        break;
    case SMTP_ACTION_RECIPIENT:
        g_string_append_printf(player->trace, "recipient %s\n", action->key);
        smtp_session_answer(player->session, answer_for(player, action->key));
        break;
    case SMTP_ACTION_MESSAGE_BEGIN:
        g_string_append(player->trace, "begin\n");
        g_string_truncate(player->message, 0);
        break;
    case SMTP_ACTION_MESSAGE_CHUNK:
        note_chunk(player, action);
        break;
    case SMTP_ACTION_MESSAGE_END:
        answer_message(player);
        break;
    case SMTP_ACTION_MESSAGE_DROP:
        note(player, g_strdup("A: drop"));
        break;
    case SMTP_ACTION_START_TLS:
        note(player, g_strdup("A: tls"));
        smtp_session_answer(player->session,
                            player->conversation->handshake_fails ? SMTP_NO : SMTP_YES);
        break;
    case SMTP_ACTION_CLOSE:
        note(player, g_strdup("A: close"));
        player->is_closed = TRUE;
        break;
    case SMTP_ACTION_NONE:
        g_assert_not_reached();
    }
}

static gboolean drain(struct player *player)
{
    struct smtp_action action;
    gboolean any = FALSE;

    while (smtp_session_next(player->session, &action) != SMTP_ACTION_NONE) {
        perform(player, &action);
        any = TRUE;
    }
    g_assert_false(smtp_session_is_waiting(player->session));
    return any;
}

/* Feeds input[0 .. size); `more` tells whether the client has sent more than that. */
static void feed(struct player *player, const char *input, gsize size, gboolean more)
{
    while (size > 0) {
        g_autofree char *piece = g_memdup2(input, size);
        gsize taken;

        player->piece = piece;
        player->piece_size = size;
        taken = smtp_session_feed(player->session, piece, size);
        smtp_session_input_waits(player->session, more);
        g_assert_cmpuint(taken, <=, size);
        g_assert_true(drain(player) || taken > 0);
        input += taken;
        size -= taken;
    }
}

static void player_init(struct player *player, const struct conversation *conversation)
{
    *player = (struct player){
        .conversation = conversation,
        .session = smtp_session_new(&conversation->config),
        .trace = g_string_new(NULL),
        .seen = g_ptr_array_new_with_free_func(g_free),
        .message = g_string_new(NULL),
    };
    smtp_session_begin(player->session, conversation->early);
    drain(player);
}

static char *player_clear(struct player *player)
{
    flush_chunks(player);
    smtp_session_free(player->session);
    g_ptr_array_unref(player->seen);
    g_string_free(player->message, TRUE);
    return g_string_free(player->trace, FALSE);
}

/* Cuts one turn as the way says; `before` octets were sent before it. */
static void play_turn(struct player *player, const struct turn *turn, enum conversation_way way,
                      gsize at, gsize before)
{
    const char *input = turn->input->str;
    gsize size = turn->input->len;

    if (turn->stop != NULL) {
        smtp_session_stop(player->session, turn->stop);
        drain(player);
    } else if (way == CONVERSATION_BYTES) {
        for (gsize i = 0; i < size; i++)
            feed(player, input + i, 1, i + 1 < size);
    } else if (way == CONVERSATION_SPLIT && at > before && at < before + size) {
        feed(player, input, at - before, TRUE);
        feed(player, input + (at - before), size - (at - before), FALSE);
    } else {
        feed(player, input, size, FALSE);
    }
}

char *conversation_play(const struct conversation *conversation, enum conversation_way way,
                        gsize at)
{
    struct turn *all = turn_new();
    struct player player;
    gsize before = 0;

    player_init(&player, conversation);
    for (guint i = 1; i < conversation->turns->len; i++) {
        const struct turn *turn = g_ptr_array_index(conversation->turns, i);

        g_string_append_len(all->input, turn->input->str, (gssize)turn->input->len);
        if (way != CONVERSATION_JOINED)
            play_turn(&player, turn, way, at, before);
        before += turn->input->len;
    }
    if (way == CONVERSATION_JOINED)
        play_turn(&player, all, way, at, 0);
    turn_free(all);
    return player_clear(&player);
}

static gboolean is_match(const char *pattern, const char *line)
{
    gsize length = strlen(pattern);

    if (pattern[0] == 'S' && pattern[length - 1] == '*')
        return strncmp(pattern, line, length - 1) == 0;
    return g_str_equal(pattern, line);
}

static void compare(const struct conversation *conversation, guint number, const struct turn *turn,
                    const GPtrArray *seen)
{
    guint count = MAX(turn->expected->len, seen->len);

    for (guint i = 0; i < count; i++) {
        const char *pattern =
            i < turn->expected->len ? g_ptr_array_index(turn->expected, i) : "nothing";
        const char *line = i < seen->len ? g_ptr_array_index(seen, i) : "nothing";

        if (!is_match(pattern, line))
            g_error("%s, turn %u, line %u:\nexpected %s\n     got %s", conversation->path, number,
                    i + 1, pattern, line);
    }
}

void conversation_check(const struct conversation *conversation)
{
    struct player player;

    player_init(&player, conversation);
    for (guint i = 0; i < conversation->turns->len; i++) {
        const struct turn *turn = g_ptr_array_index(conversation->turns, i);

        play_turn(&player, turn, CONVERSATION_TURNS, 0, 0);
        compare(conversation, i, turn, player.seen);
        g_ptr_array_set_size(player.seen, 0);
    }
    g_free(player_clear(&player));
}
