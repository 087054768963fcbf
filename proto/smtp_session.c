/*
 * The server's side of RFC 5321, as others see it: octets in, actions out. The verb table is in
 * smtp_verbs.c, BDAT in smtp_bdat.c, the state and its changes in smtp_state.h. The message itself
 * only passes through. It performs no I/O.
 *
 * What is hard: nothing may depend on how the input was split. Bytes are taken up to the first
 * action and no further, and no rule looks at what lies behind, but the one for STARTTLS.
 */
#include "proto/smtp_session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "proto/line.h"
#include "proto/memory.h"
#include "proto/smtp_bdat.h"
#include "proto/smtp_state.h"
#include "proto/smtp_verbs.h"

static size_t feed_command(struct smtp_session *session, const char *bytes, size_t size)
{
    const char *text;
    size_t length, taken;

    switch (line_feed(&session->line, bytes, size, &taken, &text, &length)) {
    case LINE_MORE:
        break;
    case LINE_READY:
        smtp_verbs_handle(session, text, length);
        line_clear(&session->line);
        session->input_waits = taken < size;
        break;
    case LINE_TOO_LONG:
        smtp_state_say_and_close(session, SMTP_REPLY_LONG_LINE);
        break;
    case LINE_BARE_CR:
    case LINE_BARE_LF:
    case LINE_NUL:
        smtp_state_say_and_close(session, SMTP_REPLY_BAD_LINE);
        break;
    }
    return taken;
}

/* The end of the message, true or given up for. */
static void end_message(struct smtp_session *session)
{
    static const enum smtp_reply_id replies[] = {
        [SMTP_DATA_LOOP] = SMTP_REPLY_LOOP,
        [SMTP_DATA_TOO_LARGE] = SMTP_REPLY_TOO_LARGE,
        [SMTP_DATA_NEWLINE] = SMTP_REPLY_BAD_NEWLINE,
    };
    enum smtp_data_fault fault = session->transaction.data.fault;
    bool is_cut = session->transaction.data.is_cut;

    if (fault == SMTP_DATA_GOOD) {
        smtp_state_push(session, SMTP_ACTION_MESSAGE_END);
        return;
    }
    smtp_state_reset(session);
    session->messages++;
    smtp_state_say(session, replies[fault]);
    if (fault == SMTP_DATA_NEWLINE || is_cut)
        smtp_state_close(session);
}

static size_t feed_message(struct smtp_session *session, const char *bytes, size_t size)
{
    struct smtp_action *chunk;
    const char *slice;
    size_t length, taken;

    switch (smtp_data_next(&session->transaction.data, bytes, size, &taken, &slice, &length)) {
    case SMTP_DATA_EVENT_MORE:
        break;
    case SMTP_DATA_EVENT_SLICE:
        chunk = smtp_state_push(session, SMTP_ACTION_MESSAGE_CHUNK);
        chunk->text = slice;
        chunk->length = length;
        break;
    case SMTP_DATA_EVENT_FAULT:
        smtp_state_push(session, SMTP_ACTION_MESSAGE_DROP);
        break;
    case SMTP_DATA_EVENT_END:
        end_message(session);
        break;
    }
    return taken;
}

/* Whether something stands before more input. */
static bool is_busy(const struct smtp_session *session)
{
    return session->queued > 0 || session->waiting != SMTP_ACTION_NONE || session->starttls ||
           session->stop_text != NULL;
}

struct smtp_session *smtp_session_new(const struct smtp_session_config *config)
{
    struct smtp_session *session = memory_new(sizeof *session);

    session->config = config;
    session->state = STATE_CONNECTED;
    line_init(&session->line);
    return session;
}

void smtp_session_free(struct smtp_session *session)
{
    if (session == NULL)
        return;
    smtp_state_forget(session);
    line_clear(&session->line);
    free(session->reply);
    free(session->stop_text);
    free(session);
}

void smtp_session_begin(struct smtp_session *session, bool input_waits)
{
    if (input_waits)
        smtp_state_say_and_close(session, SMTP_REPLY_EARLY_TALKER);
    else
        smtp_state_say_built(session, smtp_reply_greeting(session->config->hostname));
}

size_t smtp_session_feed(struct smtp_session *session, const char *bytes, size_t size)
{
    size_t taken = 0;

    while (taken < size && !is_busy(session) && session->state != STATE_CLOSED) {
        if (session->state == STATE_MESSAGE)
            taken += feed_message(session, bytes + taken, size - taken);
        else if (session->state == STATE_CHUNK)
            taken += smtp_bdat_feed(session, bytes + taken, size - taken);
        else
            taken += feed_command(session, bytes + taken, size - taken);
    }
    return session->state == STATE_CLOSED && !is_busy(session) ? size : taken;
}

/* STARTTLS, RFC 3207: what was sent before the handshake must not be read as if it came after. */
static void begin_tls(struct smtp_session *session)
{
    session->starttls = false;
    if (session->input_waits) {
        smtp_state_say_and_close(session, SMTP_REPLY_TLS_INPUT);
        return;
    }
    smtp_state_say(session, SMTP_REPLY_START_TLS);
    smtp_state_push(session, SMTP_ACTION_START_TLS);
}

static void stop_now(struct smtp_session *session)
{
    smtp_state_drop(session);
    session->starttls = false;
    smtp_state_say_built(session, smtp_reply_single(421, session->stop_text));
    smtp_state_close(session);
    free(session->stop_text);
    session->stop_text = NULL;
}

/* What was not decided before the queue was empty. */
static void refill(struct smtp_session *session)
{
    if (session->stop_text != NULL && session->state != STATE_CLOSED)
        stop_now(session);
    else if (session->starttls)
        begin_tls(session);
}

static bool must_wait(enum smtp_action_kind kind)
{
    return kind == SMTP_ACTION_SENDER || kind == SMTP_ACTION_RECIPIENT ||
           kind == SMTP_ACTION_MESSAGE_END || kind == SMTP_ACTION_START_TLS;
}

enum smtp_action_kind smtp_session_next(struct smtp_session *session, struct smtp_action *action)
{
    *action = (struct smtp_action){.kind = SMTP_ACTION_NONE};
    if (session->reply_fetched) {
        free(session->reply);
        session->reply = NULL;
        session->reply_fetched = false;
    }
    if (session->waiting != SMTP_ACTION_NONE)
        return SMTP_ACTION_NONE;
    if (session->queued == 0)
        refill(session);
    if (session->queued == 0)
        return SMTP_ACTION_NONE;
    *action = session->queue[0];
    session->queued--;
    memmove(session->queue, session->queue + 1, session->queued * sizeof session->queue[0]);
    if (must_wait(action->kind))
        session->waiting = action->kind;
    if (action->kind == SMTP_ACTION_MESSAGE_BEGIN)
        session->transaction.has_begun = true;
    /* One that was over before this was fetched has left nothing to be dropped again. */
    if (action->kind == SMTP_ACTION_MESSAGE_DROP)
        session->transaction.has_dropped = session->transaction.has_begun;
    session->reply_fetched = action->text != NULL && action->text == session->reply;
    return action->kind;
}

bool smtp_session_is_waiting(const struct smtp_session *session)
{
    return session->waiting != SMTP_ACTION_NONE;
}

static void answer_sender(struct smtp_session *session, enum smtp_answer answer)
{
    if (answer == SMTP_YES) {
        session->state = STATE_SENDER;
        smtp_state_say(session, SMTP_REPLY_SENDER_OK);
        return;
    }
    smtp_state_reset(session);
    smtp_state_say(session, answer == SMTP_NO ? SMTP_REPLY_NO_ROOM : SMTP_REPLY_LATER);
}

static void answer_recipient(struct smtp_session *session, enum smtp_answer answer)
{
    if (answer == SMTP_YES) {
        smtp_state_accept(session);
    } else if (answer == SMTP_NO) {
        smtp_state_refuse_recipient(session, SMTP_REPLY_NO_SUCH_RECIPIENT);
    } else {
        session->transaction.has_refused = true;
        smtp_state_say(session, SMTP_REPLY_LATER);
    }
}

/* After a handshake that failed nobody knows where in the stream they are. */
static void answer_tls(struct smtp_session *session, enum smtp_answer answer)
{
    if (answer != SMTP_YES) {
        smtp_state_say_and_close(session, SMTP_REPLY_TLS_FAILED);
        return;
    }
    smtp_state_forget(session);
    session->tls = true;
}

void smtp_session_answer(struct smtp_session *session, enum smtp_answer answer)
{
    enum smtp_action_kind waiting = session->waiting;

    assert(waiting != SMTP_ACTION_NONE && waiting != SMTP_ACTION_MESSAGE_END);
    session->waiting = SMTP_ACTION_NONE;
    if (waiting == SMTP_ACTION_SENDER)
        answer_sender(session, answer);
    else if (waiting == SMTP_ACTION_RECIPIENT)
        answer_recipient(session, answer);
    else
        answer_tls(session, answer);
}

void smtp_session_answer_message(struct smtp_session *session, unsigned code, const char *text)
{
    assert(session->waiting == SMTP_ACTION_MESSAGE_END);
    assert(code / 100 == 2 || code / 100 == 4 || code / 100 == 5);
    session->waiting = SMTP_ACTION_NONE;
    smtp_state_say_built(session, smtp_reply_single(code, text));
    smtp_state_reset(session);
    session->junk = 0;
    session->messages++;
    if (code == 421)
        smtp_state_close(session);
}

void smtp_session_stop(struct smtp_session *session, const char *text)
{
    if (session->state == STATE_CLOSED || session->stop_text != NULL)
        return;
    session->stop_text = memory_string(text, strlen(text));
    /* What is ready of a message half received is of no use: the 354, a chunk. */
    if ((session->state == STATE_MESSAGE || session->state == STATE_CHUNK) &&
        session->waiting == SMTP_ACTION_NONE)
        session->queued = 0;
}

bool smtp_session_in_message(const struct smtp_session *session)
{
    return session->transaction.has_begun && !(session->transaction.is_over) &&
           session->state != STATE_CLOSED;
}

unsigned smtp_session_refused(const struct smtp_session *session)
{
    return session->rcpt_errors;
}

void smtp_session_input_waits(struct smtp_session *session, bool waits)
{
    session->input_waits = session->input_waits || waits;
}

void smtp_session_envelope(const struct smtp_session *session, struct smtp_envelope *envelope)
{
    *envelope = (struct smtp_envelope){
        .helo = session->helo != NULL ? session->helo : "",
        .esmtp = session->esmtp,
        .tls = session->tls,
        .body_8bit = session->transaction.body_8bit,
        .smtputf8 = session->transaction.smtputf8,
        .reverse_path =
            session->transaction.reverse_path != NULL ? session->transaction.reverse_path : "",
        .recipients = session->transaction.accepted.recipients,
        .recipient_count = session->transaction.accepted.count,
    };
}
