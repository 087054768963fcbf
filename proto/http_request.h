/*
 * The head of an HTTP request: request line and fields, RFC 9112 and 9110, from bytes that come as
 * they like. Strict where two readers could see two requests in the same bytes (request smuggling):
 *
 *   lines end with CRLF and nothing else; NUL and other controls are nowhere
 *   no blank before the colon, no line that continues another (obs-fold), no empty name
 *   one Host, at most one Content-Length of bare digits, or `Transfer-Encoding: chunked`, never
 * both
 *
 * It holds memory only while a head is on its way or in use.
 */
#ifndef CALLMX_PROTO_HTTP_REQUEST_H
#define CALLMX_PROTO_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_field {
    const char *name; /* lower case */
    const char *value;
};

/* Everything is borrowed from the head that it was read by. */
struct http_request {
    const char *method; /* a token, as sent: methods are case-sensitive */
    const char *path;   /* begins with `/`; percent-encoded as sent, but well-formed */
    const char *query;  /* behind `?`, the same; NULL: none */
    const char *host;   /* of the field; "" in an HTTP/1.0 request without it */
    const struct http_field *fields;
    size_t field_count;
    uint64_t content_length; /* octets; 0 without the field */
    bool has_length;
    bool is_chunked;
    bool is_old;        /* HTTP/1.0 */
    bool wants_close;   /* Connection: close, or HTTP/1.0 */
    bool wants_to_know; /* Expect: 100-continue */
};

/* Why a request is refused: a status code and a sentence that names what is wrong. */
struct http_fault {
    unsigned status;
    const char *why; /* a constant */
};

struct http_head {
    char *text; /* owned: the lines read so far, each ended by NUL */
    size_t length, room;
    size_t line;                  /* where the line under way begins */
    uint16_t method, path, query; /* places in the text; query 0: none */
    struct http_place {
        uint16_t name, value;
    } * places;                /* owned: of the fields, in the text */
    struct http_field *fields; /* owned; when it is READY */
    size_t field_count;
    size_t octets; /* fed so far */
    bool has_cr;   /* the last octet was a CR */
    bool has_empty_line, has_request_line;
    struct http_fault fault;
    struct http_request request;
};

enum http_head_result {
    HTTP_HEAD_MORE,  /* all was taken, and it goes on */
    HTTP_HEAD_READY, /* head->request is filled in */
    HTTP_HEAD_BAD,   /* head->fault says why; nothing behind it can be trusted */
};

void http_head_init(struct http_head *head);
void http_head_clear(struct http_head *head);

/* Takes bytes up to the end of the head; *taken says how many. */
enum http_head_result http_head_feed(struct http_head *head, const char *bytes, size_t size,
                                     size_t *taken);

/* Whether any octet of a request has come. */
bool http_head_has_begun(const struct http_head *head);

/* The same for the fields behind the last chunk, which are read and forgotten: no request line. */
void http_head_init_trailer(struct http_head *head);

/* The value of the first field of that name (lower case), or NULL. */
const char *http_request_field(const struct http_request *request, const char *name);

#endif
