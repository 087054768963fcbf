/*
 * The three header fields that say what a part of a mail is (RFC 2045, 2183), read strictly from
 * their raw bytes: Content-Type, Content-Disposition, Content-Transfer-Encoding.
 *
 * Only what mime_scan.h needs: the kind of the part and its boundary. Names of files and character
 * sets are GMime's business, behind the scan.
 */
#ifndef CALLMX_REPORT_MIME_FIELDS_H
#define CALLMX_REPORT_MIME_FIELDS_H

#include "base/limits.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* A piece of the mail; the bytes are the mail's. */
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

/* What the MIME fields of one header block say. Begin with {0}. */
struct mime_fields {
    bool has_type;
    bool has_disposition;
    bool has_encoding;
    bool is_encoded; /* base64, quoted-printable or something unknown */
    enum mime_kind kind;
    struct mime_span boundary; /* of a multipart: 1 to LIMIT_MAIL_BOUNDARY octets */
};

/* Takes one field, unless its name is none of the three. PERM if it cannot be read in one way
 * only: it is there twice, a parameter is there twice, a value is folded, a quote stays open… */
bool mime_fields_take(struct mime_fields *fields, struct mime_span name, struct mime_span value,
                      GError **error);

#endif
