/*
 * The state of one SMTP session, and every change of it that more than one command makes. For
 * smtp_session.c, smtp_verbs.c and smtp_bdat.c alone: to all others a session is smtp_session.h.
 */
#ifndef CALLMX_PROTO_SMTP_STATE_H
#define CALLMX_PROTO_SMTP_STATE_H

#include "proto/line.h"
#include "proto/smtp_data.h"
#include "proto/smtp_recipient.h"
#include "proto/smtp_reply.h"
#include "proto/smtp_session.h"

enum { SMTP_STATE_QUEUE = 3 }; /* actions that one octet can bring */

/* One bit each: the verb table has sets of them. */
enum smtp_state {
    STATE_CONNECTED = 1,  /* no EHLO or HELO yet, or none since TLS */
    STATE_GREETED = 2,    /* no transaction is open */
    STATE_SENDER = 4,     /* MAIL was accepted, no recipient yet */
    STATE_RECIPIENTS = 8, /* at least one recipient was accepted */
    STATE_MESSAGE = 16,   /* behind the 354: octets of a message, until its end was answered */
    STATE_CHUNK = 32,     /* behind BDAT: so many octets of a message, or to be thrown away */
    STATE_CLOSED = 64,    /* the close is ready or was fetched: whatever comes is ignored */
};

struct smtp_session {
    const struct smtp_session_config *config; /* borrowed */
    enum smtp_state state;
    struct line line;

    /* Actions that wait to be fetched. */
    struct smtp_action queue[SMTP_STATE_QUEUE];
    size_t queued;
    enum smtp_action_kind waiting; /* the one that waits for its answer, or NONE */
    char *reply;                   /* owned: the text of the reply in the queue, if not constant */
    bool reply_fetched;
    bool starttls;    /* STARTTLS was said: next() decides */
    bool input_waits; /* bytes wait behind it */
    char *stop_text;  /* owned: smtp_session_stop() was called */

    /* Of the session. */
    char *helo; /* owned; NULL before EHLO or HELO */
    bool esmtp;
    bool tls;
    unsigned rcpt_errors;
    unsigned errors;
    unsigned junk;
    unsigned messages; /* that came to their end */

    /* The octets behind BDAT, while the state is STATE_CHUNK. */
    struct {
        uint64_t left;
        enum smtp_state after;    /* the state to go back to */
        enum smtp_reply_id fault; /* what is said at their end; 0: nothing is wrong */
        bool is_last;
    } chunk;

    /* Of the transaction: see smtp_state_reset(). */
    struct {
        char *reverse_path; /* owned */
        struct smtp_recipient_list accepted;
        struct smtp_recipient candidate; /* its key is being looked up */
        struct smtp_data data;
        bool body_8bit;
        bool binary;
        bool smtputf8;
        bool has_chunks;  /* BDAT was said: DATA may not be */
        bool is_over;     /* one of the chunks was refused: so are those that follow */
        bool has_refused; /* a recipient was refused */
        bool has_begun;   /* MESSAGE_BEGIN was fetched */
        bool has_dropped; /* MESSAGE_DROP was fetched */
    } transaction;
};

/* Every end of a transaction comes here, whatever ended it. */
void smtp_state_reset(struct smtp_session *session);

/* Forgets the transaction, and what the client said of itself. */
void smtp_state_forget(struct smtp_session *session);

/* A message of which something was told already is to be forgotten. Before smtp_state_reset(). */
void smtp_state_drop(struct smtp_session *session);

/* An action to be fetched, behind those that wait already. */
struct smtp_action *smtp_state_push(struct smtp_session *session, enum smtp_action_kind kind);

void smtp_state_say(struct smtp_session *session, enum smtp_reply_id id);
void smtp_state_say_built(struct smtp_session *session, char *text); /* takes the text over */
void smtp_state_close(struct smtp_session *session);
void smtp_state_say_and_close(struct smtp_session *session, enum smtp_reply_id id);

/* A 5yz reply to a command, to a recipient; the one too many is 421 and the close. */
void smtp_state_refuse(struct smtp_session *session, enum smtp_reply_id id);
void smtp_state_refuse_recipient(struct smtp_session *session, enum smtp_reply_id id);

/* Commands that bring no mail nearer. False: this was one too many, and all is said. */
bool smtp_state_count_junk(struct smtp_session *session);

/* The candidate becomes a recipient. */
void smtp_state_accept(struct smtp_session *session);

/* What is said to a message without recipients, and to a command that came in the wrong state. */
enum smtp_reply_id smtp_state_no_recipients(const struct smtp_session *session);
enum smtp_reply_id smtp_state_wrong_order(enum smtp_state state);

#endif
