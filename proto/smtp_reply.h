/*
 * The replies of the SMTP session. All texts stand in one table; what depends on the configuration
 * or comes from outside is built here, so that no line leaves that breaks RFC 5321, 4.2: three
 * digits, one line up to LIMIT_SMTP_REPLY_LINE octets, printable ASCII, CRLF.
 */
#ifndef CALLMX_PROTO_SMTP_REPLY_H
#define CALLMX_PROTO_SMTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order of their texts, which is the order of the table. */
enum smtp_reply_id {
    SMTP_REPLY_HELP,
    SMTP_REPLY_START_TLS,
    SMTP_REPLY_BYE,
    SMTP_REPLY_OK,
    SMTP_REPLY_SENDER_OK,
    SMTP_REPLY_RECIPIENT_OK,
    SMTP_REPLY_CANNOT_VERIFY,
    SMTP_REPLY_DATA,
    SMTP_REPLY_TOO_MANY_ERRORS,
    SMTP_REPLY_TOO_MANY_JUNK,
    SMTP_REPLY_TOO_MANY_MESSAGES,
    SMTP_REPLY_TOO_MANY_REFUSED,
    SMTP_REPLY_LATER,
    SMTP_REPLY_NO_ROOM,
    SMTP_REPLY_TOO_MANY_RECIPIENTS,
    SMTP_REPLY_TLS_FAILED,
    SMTP_REPLY_BAD_LINE,
    SMTP_REPLY_LONG_LINE,
    SMTP_REPLY_FOREIGN,
    SMTP_REPLY_UNKNOWN,
    SMTP_REPLY_BAD_RECIPIENT,
    SMTP_REPLY_BAD_SENDER,
    SMTP_REPLY_BAD_PARAMETER,
    SMTP_REPLY_BAD_CHUNK,
    SMTP_REPLY_TLS_INPUT,
    SMTP_REPLY_NO_ARGUMENT,
    SMTP_REPLY_HELLO_SYNTAX,
    SMTP_REPLY_MAIL_SYNTAX,
    SMTP_REPLY_RCPT_SYNTAX,
    SMTP_REPLY_NOT_DONE,
    SMTP_REPLY_NO_CHUNKS,
    SMTP_REPLY_TRANSACTION_OPEN,
    SMTP_REPLY_HELLO_FIRST,
    SMTP_REPLY_MAIL_FIRST,
    SMTP_REPLY_RCPT_FIRST,
    SMTP_REPLY_CHUNKS_ONLY,
    SMTP_REPLY_CHUNKS_OVER,
    SMTP_REPLY_TLS_ALREADY,
    SMTP_REPLY_TLS_FIRST,
    SMTP_REPLY_NO_SUCH_RECIPIENT,
    SMTP_REPLY_BAD_NEWLINE,
    SMTP_REPLY_NOT_SERVED,
    SMTP_REPLY_TOO_LARGE,
    SMTP_REPLY_NOT_ASCII,
    SMTP_REPLY_LOOP,
    SMTP_REPLY_EARLY_TALKER,
    SMTP_REPLY_NO_RECIPIENTS,
    SMTP_REPLY_UNKNOWN_PARAMETER,
    SMTP_REPLY_COUNT,
};

/* With CRLF, and with the enhanced status code (RFC 2034) where there must be one. Static. */
const char *smtp_reply_text(enum smtp_reply_id id);

/* The three digits that a reply begins with. */
unsigned smtp_reply_code(const char *reply);

/* Builds a reply of one line or more: begin(), for each line line() and add() or number() for
 * what follows on it, then finish(). A byte that may not stand in a reply becomes `?`; what is
 * beyond the end of a line is cut. */
struct smtp_reply {
    char *text;
    size_t length;
    size_t line; /* where the last line begins */
    unsigned code;
};

void smtp_reply_begin(struct smtp_reply *reply, unsigned code);
void smtp_reply_line(struct smtp_reply *reply, const char *text);
void smtp_reply_add(struct smtp_reply *reply, const char *text);
void smtp_reply_number(struct smtp_reply *reply, uint64_t number);

/* The reply, the caller's to free(3). There must have been a line. */
char *smtp_reply_finish(struct smtp_reply *reply);

/* A reply of one line in one call. */
char *smtp_reply_single(unsigned code, const char *text);

/* The greeting; and the answer to EHLO, which must name no extension that the verb table of
 * smtp_session.c does not know. */
char *smtp_reply_greeting(const char *hostname);
struct smtp_reply_offer {
    uint64_t max_message_size; /* octets */
    bool starttls;
    bool chunking;
};
char *smtp_reply_ehlo(const char *hostname, const struct smtp_reply_offer *offer);

#endif
