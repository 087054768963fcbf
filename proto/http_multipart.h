/*
 * The parts of a multipart/form-data body that is there as a whole (RFC 7578, RFC 2046, 5.1): names
 * and contents, without a copy. Strict: what does not begin and end with its boundary is none.
 */
#ifndef CALLMX_PROTO_HTTP_MULTIPART_H
#define CALLMX_PROTO_HTTP_MULTIPART_H

#include "base/limits.h"

#include <stdbool.h>
#include <stddef.h>

struct http_multipart {
    char delimiter[LIMIT_MAIL_BOUNDARY + 5]; /* CRLF, `--`, boundary */
    size_t delimiter_length;
    const char *at, *end; /* what is left of the body; borrowed */
    unsigned parts;
};

/* `type` is the Content-Type of the request. False: it is no multipart/form-data with a boundary,
 * or the body does not begin with that. */
bool http_multipart_init(struct http_multipart *multipart, const char *type, const char *body,
                         size_t length);

struct http_part {
    char name[LIMIT_HTTP_PART_NAME]; /* of the field */
    bool has_file_name;
    const char *content; /* part of the body */
    size_t length;
};

enum http_part_result { HTTP_PART, HTTP_PART_NONE /* that was all */, HTTP_PART_BAD };

enum http_part_result http_multipart_next(struct http_multipart *multipart, struct http_part *part);

#endif
