/*
 * Which leaf of a mail is a workbook, told by its bytes: a report comes as octet-stream, without a
 * name, or under a name that somebody changed. Only what its bytes do not explain is judged by its
 * name and type, so that a broken workbook is told from a picture.
 */
#ifndef CALLMX_REPORT_ATTACHMENT_H
#define CALLMX_REPORT_ATTACHMENT_H

#include "report/mime.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

enum attachment_kind {
    ATTACHMENT_OTHER,    /* a text, a picture, anything that is no report */
    ATTACHMENT_WORKBOOK, /* a workbook, or what its name says is one */
    ATTACHMENT_DOCUMENT, /* a zip file by its bytes, another document by its name */
    ATTACHMENT_CSV,
    ATTACHMENT_TNEF, /* Outlook's winmail.dat: whatever was attached is inside */
};

enum attachment_kind attachment_kind_of(const struct mime_part *part);

/* Whether bytes begin like a workbook: a zip file, or the container of old Office files. */
bool attachment_has_signature(const void *bytes, size_t size);

/* The content, strictly decoded; it may be borrowed from the mail's bytes. NULL on error: PERM,
 * with a fragment that says what is wrong and where. */
GBytes *attachment_decode(const struct mime_part *part, GError **error);

#endif
