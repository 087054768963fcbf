/*
 * The transfer encodings of MIME (RFC 2045, 6), decoded strictly: what is not exactly as the RFC
 * has it is an error that says where, because a workbook with one octet missing is not a workbook
 * and lenient decoders each guess another one.
 */
#ifndef CALLMX_REPORT_BASE64_H
#define CALLMX_REPORT_BASE64_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Base64: the alphabet, CR, LF, blank and tab only; padding where it is due, once, and nothing but
 * white space behind it. Appends to `out`; PERM on error, with what could be decoded in `out`. */
bool base64_decode(const void *bytes, size_t size, GByteArray *out, GError **error);

/* Quoted-printable: `=XX`, soft line breaks, blanks at the end of a line dropped. An `=` before
 * anything else is an error, as is a control character. */
bool quoted_printable_decode(const void *bytes, size_t size, GByteArray *out, GError **error);

#endif
