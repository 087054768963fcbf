/*
 * The way through a mail: its header blocks and where their contents lie, found in its raw bytes
 * under hard caps (base/limits.h, LIMIT_MAIL_…). The only reader of a mail's structure.
 *
 * It never chooses silently where a mail can be read in two ways, which is how one mail is made to
 * look harmless to one reader and not to the next: such a mail is refused. What passes is small,
 * shallow and has one meaning.
 */
#ifndef CALLMX_REPORT_MIME_SCAN_H
#define CALLMX_REPORT_MIME_SCAN_H

#include "report/mime_fields.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* One header block, and what it is the header of. */
struct mime_block {
    struct mime_fields fields;
    unsigned forwards;        /* mails within the mail around it */
    struct mime_span content; /* of a leaf: without the end of the line before a boundary */
};

/* Whether the mail keeps the limits and is unambiguous, in each of its header blocks, inner ones
 * too. PERM with a sentence for a person. One pass; nothing but `blocks` grows with the mail, and
 * that with its parts.
 *
 * Appends the struct mime_block of the mail to `blocks` (NULL: not asked for), in the order of
 * their headers, the outermost first. A message/rfc822 is one block, and the mail in it the next,
 * if there is one. On error some may have been appended. All spans are borrowed from `bytes`. */
bool mime_scan(const void *bytes, size_t size, GArray *blocks, GError **error);

#endif
