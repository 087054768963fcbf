/*
 * Replies of HTTP/1.1 as octets (RFC 9112, 4 and 6): status line, fields, body, with the length of
 * the body always said. No chunks, no clock: who knows the time gives it as text.
 */
#ifndef CALLMX_PROTO_HTTP_REPLY_H
#define CALLMX_PROTO_HTTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>

/* Media types. */
#define HTTP_JSON      "application/json"
#define HTTP_FORM      "application/x-www-form-urlencoded"
#define HTTP_MULTIPART "multipart/form-data"

struct http_reply {
    unsigned status;
    const char *content_type; /* NULL: there is no body */
    const char *fields;       /* others, each line with its CRLF; NULL: none */
    const char *body;
    size_t length; /* octets of the body */
};

struct http_reply_manner {
    const char *date; /* "Sat, 21 Nov 2026 15:00:00 GMT"; NULL: not said */
    bool is_head;     /* the answer to HEAD: the body's length, and no body */
    bool closes;      /* Connection: close */
};

/* The octets, *length of them; free(3) it. */
char *http_reply_octets(const struct http_reply *reply, const struct http_reply_manner *manner,
                        size_t *length);

/* The words behind a status code: "Not Found". */
const char *http_reply_reason(unsigned status);

/* {"error":"<why>"}; free(3) it. What JSON would have to escape becomes `?` or is left out: for
 * texts of our own. */
char *http_reply_error_body(const char *why);

#endif
