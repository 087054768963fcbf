/*
 * Which of a table's routes a request is for.
 *
 * A path is compared part by part, each part after its percent-encoding is undone; `{name}` in a
 * route stands for any one part that is not empty. A part that would hold a `/` or a control
 * character, or is no UTF-8, is no part of anything.
 */
#ifndef CALLMX_PROTO_HTTP_ROUTE_H
#define CALLMX_PROTO_HTTP_ROUTE_H

#include "base/limits.h"

#include <stdbool.h>
#include <stddef.h>

struct http_route {
    const char *method; /* GET stands for HEAD, too */
    const char *path;   /* "/api/v1/agencies/{agency}/calls" */
};

struct http_match {
    size_t route;                              /* index in the table */
    const char *values[LIMIT_HTTP_PARAMETERS]; /* of its {…}, in their order; owned by `text` */
    size_t value_count;
    char *text;  /* owned */
    char *allow; /* owned: "GET, HEAD, OPTIONS", when there is a route but not for the method */
};

enum http_found {
    HTTP_FOUND,
    HTTP_NO_METHOD, /* 405, or 204 for OPTIONS: match->allow */
    HTTP_NO_ROUTE,  /* 404 */
};

/* `routes` are `count` structs of `stride` octets that begin with a struct http_route. Clear the
 * match in any case. */
enum http_found http_route_find(const void *routes, size_t count, size_t stride, const char *method,
                                const char *path, struct http_match *match);
void http_match_clear(struct http_match *match);

#endif
