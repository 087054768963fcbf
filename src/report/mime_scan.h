/*
 * The hard caps on a mail, asked of its raw bytes before any MIME library sees one of them.
 *
 * GMime's address parser descends once per group and overflows its stack on a 200 KB field `To:`;
 * it has no limit on parts, boundaries or fields. It also chooses silently where a mail can be read
 * in two ways, which is how one mail is made to look harmless to one reader and not to the next.
 * Both are settled here: what passes is small, shallow and has one meaning.
 */
#ifndef CALLMX_REPORT_MIME_SCAN_H
#define CALLMX_REPORT_MIME_SCAN_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Whether the mail keeps the limits (base/limits.h, LIMIT_MAIL_…) and is unambiguous: in each of
 * its header blocks, inner ones too. PERM with a sentence for a person. One pass, no allocation
 * that grows with the mail. */
bool mime_scan(const void *bytes, size_t size, GError **error);

#endif
