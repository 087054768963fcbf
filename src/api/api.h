/*
 * The API: a request as data, answered from the database. No socket, no thread, no clock: whoever
 * brings a request has read it (proto/), says what time it is, and calls api_run() where the
 * connection is.
 *
 * Whose figures a request may see is decided in one place, api_run(): by the token alone. An agency
 * in the path that is not the token's is not there.
 */
#ifndef CALLMX_API_API_H
#define CALLMX_API_API_H

#include "base/json.h"
#include "db/store_agency.h"
#include "db/store_token.h"
#include "figures/day.h"
#include "proto/http_form.h"
#include "proto/http_route.h"

#include <glib.h>

enum api_right {
    API_READ, /* all roles */
    API_OWN,  /* owners */
};

struct api_call;

/* Answers by api_reply() or api_refuse(), whose value it gives. False and an error: PERM is what
 * the request asks for (422), TEMP our trouble (503). */
typedef bool api_fn(struct api_call *call, struct db *db, GError **error);

struct api_route {
    struct http_route route; /* its first {…} is the agency */
    enum api_right right;
    bool writes;
    api_fn *run;
};

extern const struct api_route api_routes[];
extern const size_t api_route_count;

/* Whether an upload may be brought: answers 204. */
extern const struct api_route api_upload_route;

struct api_call {
    /* given; borrowed */
    const struct api_route *route;
    const char *const *values; /* of the path's {…}, decoded: the agency first */
    const char *query;         /* NULL: none */
    const struct json *body;   /* NULL: none */
    const char *domain;        /* of addresses */
    const char *public_url;    /* NULL: none */
    int64_t now;

    /* found by api_run() */
    struct store_token token;
    struct store_agency agency;
    struct day_zone *zone;
    struct http_form form; /* of the query */

    /* the answer */
    unsigned status;
    struct json *document;
};

/* Finds out whose token it is (NULL: there is none), whether it may, and answers. In the
 * transaction that is open, or in a snapshot of its own; what is refused (status of 400 and more)
 * is to be rolled back. `call` is given with its first part filled in and the rest zero; clear it
 * afterwards. */
void api_run(struct api_call *call, struct db *db, const char *token);
void api_call_clear(struct api_call *call);

/* Whether the token was the reason for the refusal: somebody may be guessing. */
bool api_is_guess(const struct api_call *call);

/* The description of all routes, OpenAPI 3, as JSON text. */
extern const char api_openapi[];

#endif
