/*
 * A mail taken apart: who, what about, and its leaves (the parts that are not made of parts). Where
 * they lie is mime_scan.h's business; values that are more than plain ASCII are decoded here, by
 * GMime, whose only user this is. Contents stay raw slices of the caller's bytes: decoding an
 * attachment is base64.h's business, because GMime's own decoder drops what it does not like.
 *
 * One forwarded mail (message/rfc822) within the mail is opened and its leaves listed; one within
 * that is not, and is only counted.
 */
#ifndef CALLMX_REPORT_MIME_H
#define CALLMX_REPORT_MIME_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct mime_block;

enum mime_encoding {
    MIME_PLAIN, /* 7bit, 8bit, binary, or none given */
    MIME_BASE64,
    MIME_QUOTED_PRINTABLE,
    MIME_UNKNOWN_ENCODING,
};

/* Text is UTF-8, as decoded; it may hold control characters. NULL: not given. */
struct mime_part {
    char *name;          /* of the file: RFC 2231 or 2047 decoded */
    char *type;          /* "application/octet-stream", lower case; "text/plain" by default */
    char *encoding_name; /* as given, for an error */
    enum mime_encoding encoding;
    bool is_attachment;  /* its Content-Disposition says so */
    const void *content; /* raw, borrowed from the mail's bytes */
    size_t size;
    bool is_text;                   /* text/plain or text/html, and no attachment */
    const struct mime_block *block; /* its header; borrowed from the mail */
};

struct mime_mail {
    char *subject;
    char *message_id; /* with its angle brackets */
    char *from;       /* the header field, decoded */
    GPtrArray *parts; /* of struct mime_part *, in the order of the mail */
    size_t unopened;  /* mails forwarded within a forwarded mail */
    GArray *blocks;   /* of struct mime_block: mime_scan.h */
};

/* Loads GMime's tables; once is enough, mime_read() does it too. */
void mime_prepare(void);

/* Takes a mail apart. `bytes` must outlive the result, which the caller
 * frees with mime_mail_free(). NULL on error: PERM, with a sentence. */
struct mime_mail *mime_read(const void *bytes, size_t size, GError **error);
void mime_mail_free(struct mime_mail *mail);
AUTO_DEFINE(mime_mail, mime_mail_free)

/* The text of a part that is one: the first LIMIT_MAIL_TEXT octets of its content, decoded, in
 * UTF-8. Lenient: what cannot be decoded is replaced or left out. g_free it; NULL: it has none. */
char *mime_part_text(const struct mime_part *part);

#endif
