/*
 * Names and values as a query and application/x-www-form-urlencoded have them: `a=1&b=two+words`.
 * Percent-encoding is undone in place; what is no UTF-8, or has a NUL in it, is refused.
 */
#ifndef CALLMX_PROTO_HTTP_FORM_H
#define CALLMX_PROTO_HTTP_FORM_H

#include "base/limits.h"

#include <stdbool.h>
#include <stddef.h>

struct http_form {
    char *text; /* owned: where names and values stand */
    struct http_form_field {
        const char *name, *value;
    } fields[LIMIT_HTTP_FORM_FIELDS];
    size_t count;
};

/* False: it is not well-formed, or has too many fields. Clear it in any case. */
bool http_form_read(struct http_form *form, const char *text, size_t length);
void http_form_clear(struct http_form *form);

/* The value of the first field of that name, or NULL. */
const char *http_form_value(const struct http_form *form, const char *name);

/* Undoes percent-encoding in one part of a path, in place. False if something is in it that no part
 * may hold: `/`, control characters, what is no UTF-8. */
bool http_form_decode_part(char *part);

#endif
