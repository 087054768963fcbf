/*
 * The header fields that say what a part of a mail is (RFC 2045, 2183), read strictly from their
 * raw bytes: Content-Type, Content-Disposition, Content-Transfer-Encoding. Beside them those of a
 * mail that are kept: Subject, Message-ID, From.
 *
 * Nothing is decoded here. A value in which every reader sees the same octets is given out as it
 * stands; whatever else there is (RFC 2231, RFC 2047, 8 bit, folding, comments) is only told to be
 * odd, and is GMime's business, in mime.c.
 */
#ifndef CALLMX_REPORT_MIME_FIELDS_H
#define CALLMX_REPORT_MIME_FIELDS_H

#include "base/limits.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* A piece of the mail; the bytes are the mail's. NULL: not given. */
struct mime_span {
    const char *bytes;
    size_t length;
};

bool mime_span_is(struct mime_span span, const char *text); /* without regard to case */
struct mime_span mime_span_trim(struct mime_span span);     /* blanks, tabs, CR, LF */

enum mime_kind {
    MIME_LEAF,
    MIME_MULTIPART,
    MIME_DIGEST,  /* a multipart whose parts are messages where they do not say otherwise */
    MIME_MESSAGE, /* a whole mail within the mail */
};

/* What the fields of one header block say. Begin with {0}. A `value` is all that stands behind the
 * colon, with the ends of its lines. */
struct mime_fields {
    enum mime_kind kind;
    struct mime_span boundary; /* of a multipart: 1 to LIMIT_MAIL_BOUNDARY octets */
    bool is_encoded;           /* base64, quoted-printable or something unknown */

    struct mime_span type_value;
    bool is_type_odd;      /* then `type`, `name` and `charset` are not to be relied on */
    struct mime_span type; /* "Text/Plain" */
    struct mime_span name; /* of a file */
    struct mime_span charset;

    struct mime_span disposition_value;
    bool is_disposition_odd;      /* then `disposition` and `filename` are not to be relied on */
    struct mime_span disposition; /* "attachment" */
    struct mime_span filename;

    struct mime_span encoding_value;
    struct mime_span subject_value, message_id_value, from_value; /* the first of each */
};

/* Takes one field, whose name is not empty; most are none of those above. PERM if it cannot be read
 * in one way only: it is there twice, a parameter is there twice, a value is folded, a quote stays
 * open… */
bool mime_fields_take(struct mime_fields *fields, struct mime_span name, struct mime_span value,
                      GError **error);

#endif
