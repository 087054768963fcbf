/*
 * What the session does in more than one place: queue an action, say a reply, count what is wrong,
 * end a transaction. It owns nothing beyond the session that it is given.
 *
 * What is hard: a transaction half reset is how servers mix two mails up, so there is one function
 * that ends one, smtp_state_reset(), and no member of it is cleared anywhere else.
 */
#include "proto/smtp_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Every end of a transaction comes here, whatever ended it. */
void smtp_state_reset(struct smtp_session *session)
{
    smtp_recipient_list_clear(&session->transaction.accepted);
    smtp_recipient_clear(&session->transaction.candidate);
    free(session->transaction.reverse_path);
    memset(&session->transaction, 0, sizeof session->transaction);
    if ((session->state & (STATE_SENDER | STATE_RECIPIENTS | STATE_MESSAGE)) != 0)
        session->state = STATE_GREETED;
}

struct smtp_action *smtp_state_push(struct smtp_session *session, enum smtp_action_kind kind)
{
    struct smtp_action *action = &session->queue[session->queued];

    assert(session->queued < SMTP_STATE_QUEUE);
    session->queued++;
    *action = (struct smtp_action){.kind = kind};
    return action;
}

/* A message that came in part by BDAT has an end that its sender decides: a command. */
void smtp_state_drop(struct smtp_session *session)
{
    if (session->transaction.has_begun && !session->transaction.has_dropped)
        smtp_state_push(session, SMTP_ACTION_MESSAGE_DROP);
}

/* Forgets the transaction, and what the client said of itself. */
void smtp_state_forget(struct smtp_session *session)
{
    smtp_state_reset(session);
    free(session->helo);
    session->helo = NULL;
    session->esmtp = false;
    session->state = STATE_CONNECTED;
}

static void push_reply(struct smtp_session *session, const char *text)
{
    struct smtp_action *action = smtp_state_push(session, SMTP_ACTION_REPLY);

    action->text = text;
    action->length = strlen(text);
    action->reply_code = smtp_reply_code(text);
}

void smtp_state_say(struct smtp_session *session, enum smtp_reply_id id)
{
    push_reply(session, smtp_reply_text(id));
}

/* Takes the text over. */
void smtp_state_say_built(struct smtp_session *session, char *text)
{
    free(session->reply);
    session->reply = text;
    session->reply_fetched = false;
    push_reply(session, text);
}

void smtp_state_close(struct smtp_session *session)
{
    smtp_state_push(session, SMTP_ACTION_CLOSE);
    line_clear(&session->line);
    session->state = STATE_CLOSED;
}

void smtp_state_say_and_close(struct smtp_session *session, enum smtp_reply_id id)
{
    smtp_state_say(session, id);
    smtp_state_close(session);
}

/* A 5yz reply to a command; the one too many is 421. */
void smtp_state_refuse(struct smtp_session *session, enum smtp_reply_id id)
{
    if (++session->errors > session->config->max_errors)
        smtp_state_say_and_close(session, SMTP_REPLY_TOO_MANY_ERRORS);
    else
        smtp_state_say(session, id);
}

void smtp_state_refuse_recipient(struct smtp_session *session, enum smtp_reply_id id)
{
    session->transaction.has_refused = true;
    if (++session->rcpt_errors > session->config->max_rcpt_errors)
        smtp_state_say_and_close(session, SMTP_REPLY_TOO_MANY_REFUSED);
    else
        smtp_state_say(session, id);
}

/* Commands that bring no mail nearer. False: this was one too many, and all is said. */
bool smtp_state_count_junk(struct smtp_session *session)
{
    if (++session->junk <= session->config->max_junk_commands)
        return true;
    smtp_state_say_and_close(session, SMTP_REPLY_TOO_MANY_JUNK);
    return false;
}

/* The candidate becomes a recipient. */
void smtp_state_accept(struct smtp_session *session)
{
    smtp_recipient_list_add(&session->transaction.accepted, &session->transaction.candidate);
    session->state = STATE_RECIPIENTS;
    smtp_state_say(session, SMTP_REPLY_RECIPIENT_OK);
}

enum smtp_reply_id smtp_state_no_recipients(const struct smtp_session *session)
{
    return session->transaction.has_refused ? SMTP_REPLY_NO_RECIPIENTS : SMTP_REPLY_RCPT_FIRST;
}

/* What to do first, for a command that came in the wrong state. */
enum smtp_reply_id smtp_state_wrong_order(enum smtp_state state)
{
    if (state == STATE_CONNECTED)
        return SMTP_REPLY_HELLO_FIRST;
    return state == STATE_GREETED ? SMTP_REPLY_MAIL_FIRST : SMTP_REPLY_TRANSACTION_OPEN;
}
