/*
 * The path of MAIL and RCPT: RFC 5321, 4.1.2. `<>`, `<Postmaster>`, `<local-part@domain>`; the
 * domain may be an address literal. A source route is read and dropped (appendix C). All ways of
 * quoting a local part are the same name. Printable ASCII, or UTF-8 (RFC 6531, 3.3), of which the
 * caller is told: it is good only where SMTPUTF8 was said.
 */
#ifndef CALLMX_PROTO_SMTP_ADDRESS_H
#define CALLMX_PROTO_SMTP_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/limits.h"

struct smtp_address {
    char local_part[LIMIT_SMTP_PATH + 1]; /* unquoted, case kept; "" for <> */
    char domain[LIMIT_SMTP_DOMAIN + 1];   /* lower case; "" for <> and <Postmaster> */
    const char *mailbox;                  /* as written, quotes and all; part of the input */
    size_t mailbox_length;
    bool is_utf8; /* there are octets beyond ASCII in it */
};

enum smtp_address_result {
    SMTP_ADDRESS_OK,
    SMTP_ADDRESS_BAD,       /* syntax, size, or a control character: 501 5.1.3 or 5.1.7 */
    SMTP_ADDRESS_NOT_ASCII, /* octets beyond ASCII that are not UTF-8: 553 5.6.7 */
};

/* Reads the path that text[0 .. size) begins with; *used is its length with the angle brackets.
 * The first octet that may not stand where it stands decides about the result. The limits are
 * LIMIT_SMTP_PATH and LIMIT_SMTP_DOMAIN; a sender's local part may be longer than
 * LIMIT_SMTP_LOCAL_PART (bounce addresses are), a recipient's is for the caller to ask. */
enum smtp_address_result smtp_address_parse(const char *text, size_t size, size_t *used,
                                            struct smtp_address *address);

#endif
