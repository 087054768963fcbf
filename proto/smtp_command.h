/*
 * A command line taken apart: RFC 5321, 4.1. The verb, what stands behind it, and the arguments of
 * MAIL and RCPT with their parameters. Which verb may come when is smtp_session's business.
 */
#ifndef CALLMX_PROTO_SMTP_COMMAND_H
#define CALLMX_PROTO_SMTP_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/smtp_address.h"

/* Parts of the line it was split from. */
struct smtp_command {
    const char *word;
    size_t word_length;
    const char *argument; /* without blanks at either end */
    size_t argument_length;
};

void smtp_command_split(const char *line, size_t length, struct smtp_command *command);

bool smtp_command_is_verb(const struct smtp_command *command, const char *verb);

/* The peer speaks another protocol: the first word is a method of HTTP or not even text. */
bool smtp_command_is_foreign(const struct smtp_command *command);

/* Whether the argument may be the name in EHLO or HELO, and stand in our Received field: one word
 * of printable ASCII, LIMIT_SMTP_DOMAIN octets at most. */
bool smtp_command_is_hello(const struct smtp_command *command);

enum smtp_command_result {
    SMTP_COMMAND_OK,
    SMTP_COMMAND_BAD_SYNTAX,  /* not FROM: or TO:, or no path behind it, or more than parameters */
    SMTP_COMMAND_BAD_ADDRESS, /* a path, but not a good one */
    SMTP_COMMAND_NOT_ASCII,   /* an address with octets beyond ASCII, without SMTPUTF8 */
    SMTP_COMMAND_BAD_PARAMETER,     /* a parameter said twice, or with a value it cannot have */
    SMTP_COMMAND_UNKNOWN_PARAMETER, /* 555 */
};

struct smtp_mail {
    struct smtp_address address;
    uint64_t size; /* SIZE=, RFC 1870; 0 if not said, UINT64_MAX if that or more */
    bool has_size;
    bool has_body;
    bool body_8bit; /* BODY=8BITMIME, RFC 6152, or the next */
    bool binary;    /* BODY=BINARYMIME, RFC 3030 */
    bool smtputf8;  /* SMTPUTF8, RFC 6531 */
};

/* The arguments of MAIL and RCPT. Blanks behind the colon are tolerated. RCPT knows no parameter;
 * whether an address beyond ASCII is good there is a question of the MAIL before it. Unless OK,
 * what is pointed to is in no particular state. */
enum smtp_command_result smtp_command_mail(const struct smtp_command *command,
                                           struct smtp_mail *mail);
enum smtp_command_result smtp_command_rcpt(const struct smtp_command *command,
                                           struct smtp_address *address);

/* The argument of BDAT, RFC 3030, 2: `octets [LAST]`. More than UINT64_MAX octets are that many.
 * False: what comes behind the line cannot be told from commands. */
bool smtp_command_bdat(const struct smtp_command *command, uint64_t *octets, bool *last);

#endif
