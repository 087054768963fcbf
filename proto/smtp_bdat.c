/*
 * The octets of a chunk come whatever is said about them, so they are taken in any case; where
 * their number is not known, nothing behind them can be told from content, and the session ends. No
 * dot is taken away, and newlines are what the sender made them.
 */
#include "proto/smtp_bdat.h"

#include "base/limits.h"

/* Part of the message came by BDAT: the envelope is complete. */
bool smtp_bdat_is_used(const struct smtp_session *session)
{
    return session->transaction.has_chunks || session->transaction.is_over;
}

/* A chunk of the transaction is refused: what came of the message is of no use any more. */
static void drop_refused_chunks(struct smtp_session *session)
{
    if ((session->chunk.after & (STATE_SENDER | STATE_RECIPIENTS)) == 0)
        return;
    session->transaction.is_over = true;
    smtp_state_drop(session);
}

/* All octets of a chunk are there, and what is to be said of them is said. */
static void end_chunk(struct smtp_session *session)
{
    enum smtp_reply_id fault = session->chunk.fault;
    struct smtp_reply reply;

    session->state = session->chunk.after;
    if (fault != 0) {
        if (session->chunk.is_last)
            smtp_state_reset(session);
        smtp_state_refuse(session, fault);
        return;
    }
    if (session->chunk.is_last) {
        session->state = STATE_MESSAGE;
        smtp_state_push(session, SMTP_ACTION_MESSAGE_END);
        return;
    }
    smtp_reply_begin(&reply, 250);
    smtp_reply_line(&reply, "2.0.0 ");
    smtp_reply_number(&reply, session->transaction.data.octets);
    smtp_reply_add(&reply, " octets so far");
    smtp_state_say_built(session, smtp_reply_finish(&reply));
}

/* What is wrong with a chunk before its first octet; 0 if nothing is. */
static enum smtp_reply_id chunk_fault(const struct smtp_session *session, uint64_t octets)
{
    uint64_t room = session->config->max_message_size - session->transaction.data.octets;

    if (session->state == STATE_CONNECTED || session->state == STATE_GREETED)
        return smtp_state_wrong_order(session->state);
    if (session->config->require_tls && !session->tls)
        return SMTP_REPLY_TLS_FIRST;
    if (session->state == STATE_SENDER)
        return smtp_state_no_recipients(session);
    if (session->transaction.is_over)
        return SMTP_REPLY_CHUNKS_OVER;
    return octets > room ? SMTP_REPLY_TOO_LARGE : 0;
}

/* RFC 3030, 2. The octets come whatever is said about them, so they are taken in any case, and
 * where it is not known how many they are, nothing behind them can be. */
void smtp_bdat_command(struct smtp_session *session, const struct smtp_command *command)
{
    uint64_t octets;
    bool last;

    if (!session->config->chunking) {
        smtp_state_say_and_close(session, SMTP_REPLY_NO_CHUNKS);
        return;
    }
    if (!smtp_command_bdat(command, &octets, &last)) {
        smtp_state_say_and_close(session, SMTP_REPLY_BAD_CHUNK);
        return;
    }
    if (octets > LIMIT_SMTP_DISCARD && octets > session->config->max_message_size) {
        smtp_state_drop(session);
        smtp_state_say_and_close(session, SMTP_REPLY_TOO_LARGE);
        return;
    }
    if (!session->transaction.has_chunks)
        smtp_data_init(&session->transaction.data, session->config->max_message_size, false);
    session->chunk.left = octets;
    session->chunk.is_last = last;
    session->chunk.fault = chunk_fault(session, octets);
    session->chunk.after = session->state;
    session->state = STATE_CHUNK;
    if (session->chunk.fault != 0)
        drop_refused_chunks(session);
    else if (!session->transaction.has_chunks)
        smtp_state_push(session, SMTP_ACTION_MESSAGE_BEGIN);
    session->transaction.has_chunks = session->transaction.has_chunks || session->chunk.fault == 0;
    if (octets == 0)
        end_chunk(session);
}

static void push_chunk(struct smtp_session *session, const char *bytes, size_t size)
{
    struct smtp_action *action = smtp_state_push(session, SMTP_ACTION_MESSAGE_CHUNK);

    action->text = bytes;
    action->length = size;
}

/* The octets before a fault are told like all others, so that it is found at the same octet however
 * the input was split; those behind it are thrown away. */
size_t smtp_bdat_feed(struct smtp_session *session, const char *bytes, size_t size)
{
    struct smtp_data *data = &session->transaction.data;

    if (size > session->chunk.left)
        size = (size_t)session->chunk.left;
    if (session->chunk.fault == 0) {
        if (data->fault == SMTP_DATA_GOOD)
            size = smtp_data_count(data, bytes, size);
        else
            size = 0;
        if (size == 0) {
            session->chunk.fault =
                data->fault == SMTP_DATA_LOOP ? SMTP_REPLY_LOOP : SMTP_REPLY_TOO_LARGE;
            drop_refused_chunks(session);
            return 0;
        }
        push_chunk(session, bytes, size);
    }
    session->chunk.left -= size;
    if (session->chunk.left == 0)
        end_chunk(session);
    return size;
}
