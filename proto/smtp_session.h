/*
 * One SMTP session, the server's side of RFC 5321: bytes in, actions out. It performs no I/O,
 * reads no clock, writes no log, and calls nobody back: nothing can free it from inside itself.
 *
 *     smtp_session_begin(s, input_waits);
 *     for (;;) {
 *         while ((kind = smtp_session_next(s, &action)) != SMTP_ACTION_NONE)
 *             do what it says; some kinds wait: nothing comes after them until the answer
 *         feed it what the peer sent next
 *     }
 *
 * Standing property: any split of the input gives the same actions (chunks of a message joined).
 * Two rules look at what waits in the caller's buffer and are its only exceptions: bytes there
 * before the greeting, and bytes behind STARTTLS.
 *
 * Replies come in the order of the commands (RFC 2920). Every one carries an enhanced status code
 * (RFC 2034) but the greeting, the answers to EHLO and HELO, and 354. Nothing of what a client said
 * is repeated in a reply.
 */
#ifndef CALLMX_PROTO_SMTP_SESSION_H
#define CALLMX_PROTO_SMTP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct smtp_session;

/* Borrowed by every session made with it; it must outlive them. */
struct smtp_session_config {
    const char *hostname;       /* of the greeting */
    const char *const *domains; /* served, lower case; ends with NULL */
    uint64_t max_message_size;  /* octets; said in EHLO's SIZE */
    unsigned max_rcpt_errors;   /* refused recipients before 421 4.7.0 */
    unsigned max_errors;        /* other 5yz replies to commands before it */
    unsigned max_junk_commands; /* NOOP, RSET, VRFY, HELP and the like, since the last message */
    unsigned max_messages;      /* of one session, then 421 4.7.0; 0: no limit */
    bool starttls;              /* offer STARTTLS */
    bool require_tls;           /* no mail without it: 530 5.7.0 (RFC 3207, 4) */
    bool chunking;              /* offer CHUNKING and BINARYMIME, take BDAT (RFC 3030) */
    bool normalize_newlines;    /* a bare CR or LF in DATA becomes CRLF, instead of 550; it ends
                                   nothing: only CRLF.CRLF does */
};

enum smtp_action_kind {
    SMTP_ACTION_NONE,          /* feed more; or, after CLOSE, nothing ever again */
    SMTP_ACTION_REPLY,         /* send text[0 .. length): whole lines with CRLF */
    SMTP_ACTION_SENDER,        /* WAITS. MAIL FROM: is there room for declared_size octets? */
    SMTP_ACTION_RECIPIENT,     /* WAITS. RCPT TO with a key: is it a live one? */
    SMTP_ACTION_MESSAGE_BEGIN, /* a message follows; the envelope is complete. The 354 is next;
                                  with BDAT there is none */
    SMTP_ACTION_MESSAGE_CHUNK, /* text[0 .. length) of it, dots unstuffed, lines ended by CRLF */
    SMTP_ACTION_MESSAGE_END,   /* WAITS. all of it is there: answer with the reply to DATA */
    SMTP_ACTION_MESSAGE_DROP,  /* forget the message under way: it is refused for the wire */
    SMTP_ACTION_START_TLS,     /* WAITS. the reply before is the 220: shake hands, then say so */
    SMTP_ACTION_CLOSE,         /* send what is there, then close */
};

struct smtp_action {
    enum smtp_action_kind kind;
    const char
        *text; /* REPLY: borrowed until the next call; CHUNK: part of what was fed, or static */
    size_t length;
    unsigned reply_code;    /* REPLY: 250, 550, …: for the log */
    const char *key;        /* RECIPIENT: the key in lower case, not yet checked in any way */
    uint64_t declared_size; /* SENDER: of SIZE=, 0 if not said */
};

enum smtp_recipient_kind {
    SMTP_RECIPIENT_KEY,        /* calls-<key>@ a served domain */
    SMTP_RECIPIENT_POSTMASTER, /* postmaster@ a served domain, or bare <Postmaster> */
    SMTP_RECIPIENT_ABUSE,      /* abuse@ a served domain */
};

struct smtp_recipient {
    enum smtp_recipient_kind kind;
    char *address; /* local-part@domain, lower case and unquoted */
    char *key;     /* NULL unless KEY */
};

/* What the session knows of the transaction and the client. Borrowed from the session; the
 * recipients are the accepted ones, each once. Valid until the next call of next() or feed(). */
struct smtp_envelope {
    const char *helo; /* the name the client gave: one word of printable ASCII, or "" */
    bool esmtp;       /* EHLO, not HELO */
    bool tls;
    bool body_8bit;           /* BODY=8BITMIME or BINARYMIME was said */
    bool smtputf8;            /* SMTPUTF8 was said (RFC 6531) */
    const char *reverse_path; /* as written, without angle brackets and route; "" is null */
    const struct smtp_recipient *recipients;
    size_t recipient_count;
};

struct smtp_session *smtp_session_new(const struct smtp_session_config *config);
void smtp_session_free(struct smtp_session *session);

/* Starts it: the greeting becomes ready, or 554 5.5.1 and the close if the peer talked first. */
void smtp_session_begin(struct smtp_session *session, bool input_waits);

/* Offers bytes from the peer. Returns how many were taken: all, or fewer when an action is ready
 * that must be fetched first (0 while an action waits for its answer). Offer the rest again.
 * `bytes` must stay as it is until next() has given SMTP_ACTION_NONE or feed() is called again. */
size_t smtp_session_feed(struct smtp_session *session, const char *bytes, size_t size);

/* The next action, also filled into *action. NONE while one waits. */
enum smtp_action_kind smtp_session_next(struct smtp_session *session, struct smtp_action *action);

/* Whether the action fetched last still waits for its answer. */
bool smtp_session_is_waiting(const struct smtp_session *session);

enum smtp_answer {
    SMTP_YES,
    SMTP_NO,    /* RECIPIENT: 550 5.1.1. SENDER: 452 4.3.1. START_TLS: 454 4.7.0 and the close */
    SMTP_LATER, /* 451 4.3.0: our own trouble. START_TLS: as NO */
};

/* The answer to SENDER, RECIPIENT or START_TLS. */
void smtp_session_answer(struct smtp_session *session, enum smtp_answer answer);

/* The answer to MESSAGE_END: a reply code of class 2, 4 or 5 and one line of text that begins with
 * the enhanced status code. Bytes that may not stand in a reply are made `?`; what is too long for
 * a reply line is cut. The transaction ends with it. 421 closes. */
void smtp_session_answer_message(struct smtp_session *session, unsigned code, const char *text);

/* Ends the session from outside: 421 with this text (enhanced code first) and the close, now if it
 * waits for a command, else when the answer under way is out. A message half received is dropped
 * at once. For deadlines, shutting down and a lack of room. */
void smtp_session_stop(struct smtp_session *session, const char *text);

/* Whether a message is under way: between MESSAGE_BEGIN and the answer to MESSAGE_END, or, after
 * MESSAGE_DROP, the reply at its end. Also between two BDATs of one message. */
bool smtp_session_in_message(const struct smtp_session *session);

/* How many recipients were refused so far: who guesses at them waits longer each time. */
unsigned smtp_session_refused(const struct smtp_session *session);

/* STARTTLS: the caller tells whether bytes wait behind it before it fetches the next action. What
 * feed() was offered and did not take is known already. May be said after any feed(). */
void smtp_session_input_waits(struct smtp_session *session, bool waits);

void smtp_session_envelope(const struct smtp_session *session, struct smtp_envelope *envelope);

#endif
