/* See http_body.h. Octet by octet between the chunks, and whole pieces inside them. */
#include "proto/http_body.h"

#include "base/limits.h"
#include "proto/ascii.h"

#include <string.h>

enum { MOST_DIGITS = 12 /* of the size of a chunk: far beyond any limit of a body */ };

void http_body_init(struct http_body *body, const struct http_request *request, uint64_t most)
{
    memset(body, 0, sizeof *body);
    body->is_chunked = request->is_chunked;
    body->most = most;
    body->left = request->content_length;
    body->state = body->is_chunked  ? HTTP_BODY_SIZE
                  : body->left == 0 ? HTTP_BODY_OVER
                                    : HTTP_BODY_DATA;
}

void http_body_clear(struct http_body *body)
{
    http_head_clear(&body->trailer);
}

static bool fault(struct http_body *body, unsigned status, const char *why)
{
    body->fault = (struct http_fault){.status = status, .why = why};
    return false;
}

/* CR, then LF, and neither without the other. *ends: the LF has come. */
static bool take_newline(struct http_body *body, char c, bool *ends)
{
    *ends = body->has_cr && c == '\n';
    if (body->has_cr != (c == '\n'))
        return fault(body, 400, "a line of a chunk does not end with CRLF");
    body->has_cr = c == '\r';
    return true;
}

static bool end_of_size(struct http_body *body)
{
    if (!body->has_digits)
        return fault(body, 400, "the size of a chunk is missing");
    if (body->left > body->most)
        return fault(body, 413, "the body is too large");
    if (body->left == 0) {
        http_head_init_trailer(&body->trailer);
        body->state = HTTP_BODY_TRAILER;
    } else {
        body->state = HTTP_BODY_DATA;
    }
    return true;
}

/* One octet of the line before a chunk: digits, and perhaps blanks and `;` and what else is there.
 */
static bool take_size(struct http_body *body, char c)
{
    bool ends;
    if (++body->in_line > LIMIT_HTTP_CHUNK_LINE)
        return fault(body, 400, "the line before a chunk is too long");
    if (!take_newline(body, c, &ends))
        return false;
    if (ends)
        return body->has_blank && body->state == HTTP_BODY_SIZE
                   ? fault(body, 400, "there is a blank behind the size of a chunk")
                   : end_of_size(body);
    if (c == '\r')
        return true;
    if (body->state == HTTP_BODY_EXTENSION)
        return ascii_is_graph(c) || ascii_is_blank(c) || ascii_is_8bit(c) ||
               fault(body, 400, "there are control characters behind the size of a chunk");
    if (body->has_digits && ascii_is_blank(c)) {
        body->has_blank = true;
        return true;
    }
    if (body->has_digits && c == ';') {
        body->state = HTTP_BODY_EXTENSION;
        return true;
    }
    int digit = ascii_hex(c);
    if (digit < 0 || body->has_blank)
        return fault(body, 400, "the size of a chunk is no hexadecimal number");
    if (body->in_line > MOST_DIGITS)
        return fault(body, 413, "the size of a chunk is beyond any limit");
    body->left = body->left * 16 + (unsigned)digit;
    body->has_digits = true;
    return true;
}

static bool take_end_of_data(struct http_body *body, char c)
{
    bool ends;
    if (!take_newline(body, c, &ends) || (!ends && c != '\r'))
        return fault(body, 400, "a chunk is longer than its size says");
    if (ends) {
        body->state = HTTP_BODY_SIZE;
        body->in_line = 0;
        body->has_digits = body->has_blank = false;
    }
    return true;
}

/* Octets of the body itself. */
static void take_data(struct http_body *body, size_t size, size_t *length)
{
    *length = body->left < size ? (size_t)body->left : size;
    body->left -= *length;
    body->most -= *length;
    if (body->left == 0)
        body->state = body->is_chunked ? HTTP_BODY_DATA_END : HTTP_BODY_OVER;
}

static enum http_body_result take_trailer(struct http_body *body, const char *bytes, size_t size,
                                          size_t *taken)
{
    switch (http_head_feed(&body->trailer, bytes, size, taken)) {
    case HTTP_HEAD_MORE:
        return HTTP_BODY_MORE;
    case HTTP_HEAD_READY:
        body->state = HTTP_BODY_OVER;
        return HTTP_BODY_END;
    case HTTP_HEAD_BAD:
        break;
    }
    body->fault = body->trailer.fault;
    return HTTP_BODY_BAD;
}

enum http_body_result http_body_feed(struct http_body *body, const char *bytes, size_t size,
                                     size_t *taken, const char **piece, size_t *length)
{
    *taken = 0;
    if (!body->is_chunked && body->left > body->most) {
        fault(body, 413, "the body is too large");
        return HTTP_BODY_BAD;
    }
    while (*taken < size && body->state != HTTP_BODY_OVER) {
        bool is_good = true;
        if (body->state == HTTP_BODY_TRAILER) {
            size_t used;
            enum http_body_result result = take_trailer(body, bytes + *taken, size - *taken, &used);
            *taken += used;
            return result;
        }
        if (body->state == HTTP_BODY_DATA) {
            *piece = bytes + *taken;
            take_data(body, size - *taken, length);
            *taken += *length;
            return HTTP_BODY_BYTES;
        }
        is_good = body->state == HTTP_BODY_DATA_END ? take_end_of_data(body, bytes[*taken])
                                                    : take_size(body, bytes[*taken]);
        ++*taken;
        if (!is_good)
            return HTTP_BODY_BAD;
    }
    return body->state == HTTP_BODY_OVER ? HTTP_BODY_END : HTTP_BODY_MORE;
}
