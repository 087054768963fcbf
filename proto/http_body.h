/*
 * Where the body of a request ends: after so many octets, or after the last of its chunks (RFC
 * 9112, 7.1). The size of a chunk is bare hex digits, each chunk ends with CRLF; extensions and
 * trailers are read and forgotten.
 */
#ifndef CALLMX_PROTO_HTTP_BODY_H
#define CALLMX_PROTO_HTTP_BODY_H

#include "proto/http_request.h"

struct http_body {
    bool is_chunked;
    enum http_body_state {
        HTTP_BODY_SIZE,      /* digits of a chunk's size */
        HTTP_BODY_EXTENSION, /* the rest of that line */
        HTTP_BODY_DATA,
        HTTP_BODY_DATA_END, /* the CRLF behind a chunk */
        HTTP_BODY_TRAILER,
        HTTP_BODY_OVER,
    } state;
    uint64_t left;  /* octets of the chunk, or of the body */
    uint64_t most;  /* octets that may still come */
    size_t in_line; /* octets of the line before a chunk */
    bool has_digits, has_cr, has_blank;
    struct http_head trailer;
    struct http_fault fault;
};

/* The body of this request, of at most so many octets. */
void http_body_init(struct http_body *body, const struct http_request *request, uint64_t most);
void http_body_clear(struct http_body *body);

enum http_body_result {
    HTTP_BODY_MORE,  /* all was taken */
    HTTP_BODY_BYTES, /* *bytes[0 .. *length) is of the body; there may be more in what was fed */
    HTTP_BODY_END,
    HTTP_BODY_BAD, /* body->fault */
};

/* Takes some of the bytes; *taken says how many. *piece is part of them. */
enum http_body_result http_body_feed(struct http_body *body, const char *bytes, size_t size,
                                     size_t *taken, const char **piece, size_t *length);

#endif
