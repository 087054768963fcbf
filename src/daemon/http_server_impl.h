/*
 * What the http_*.c share, and nobody else: the server, its clients, the requests under way, and
 * who calls whom.
 *
 *   http_server.c    listeners, certificates, settings in force, reload, drain
 *   http_client.c    one peer: bytes between its connection and its session, deadlines
 *   http_exchange.c  one request: its route, its body, its answer, its line in the log
 *   http_routes.c    which routes there are
 *   the others       what a route does
 *
 * A client can vanish while others still work for it, so whoever works in another thread keeps the
 * ticket of the exchange, and asks for it again when the answer is there.
 */
#ifndef CALLMX_DAEMON_HTTP_SERVER_IMPL_H
#define CALLMX_DAEMON_HTTP_SERVER_IMPL_H

#include "api/api.h"
#include "base/json.h"
#include "daemon/admission.h"
#include "daemon/connection.h"
#include "daemon/disk_space.h"
#include "daemon/http_server.h"
#include "daemon/listeners.h"
#include "daemon/tls.h"
#include "proto/http_route.h"
#include "proto/http_session.h"

enum { HTTP_DATE_SIZE = 30 };

/* The settings in force for those who came while they were: counted by references. */
struct http_config {
    gint references;
    struct settings *settings;
    struct tls *tls;   /* NULL: none */
    char *mailgun_key; /* NULL: none */
    int64_t max_connections;
    struct http_session_config session;
};

/* What a connection may ask: those of the metrics listener are for the metrics alone. */
enum http_door { HTTP_DOOR_PLAIN, HTTP_DOOR_TLS, HTTP_DOOR_METRICS, HTTP_DOOR_COUNT };

struct http_server {
    struct loop *loop;
    struct parser_pool *pool;
    struct store_thread *store;
    struct reader_thread *reader;
    struct message_budget *budget;
    struct http_config *config;   /* for those who come now */
    struct http_config *prepared; /* NULL: none */
    struct disk_space disk;
    struct admission *admission;
    struct listeners *listeners[HTTP_DOOR_COUNT];
    GHashTable *clients;   /* ticket -> struct http_client */
    GHashTable *exchanges; /* ticket -> struct exchange */
    uint64_t last_ticket;
    uint64_t in_flight; /* messages and events handed to pool or store */
    char date[HTTP_DATE_SIZE];
    int64_t date_second; /* utc: of `date` */
    bool draining;
    struct loop_source *drain_timer;
    struct loop_source *minute_timer;
    bool tls_failed; /* the files that changed last were no good: said once */
    loop_fn *drained;
    void *drained_context;
};

struct http_client;

struct http_config *http_config_ref(struct http_config *config);
void http_config_unref(struct http_config *config);
void http_server_check_drained(struct http_server *server);
/* The text of Date: is that of now. */
void http_server_set_date(struct http_server *server);

/* http_client.c: listener_fns, one for each door */
void http_client_accept_plain(void *server, struct connection *connection);
void http_client_accept_tls(void *server, struct connection *connection);
void http_client_accept_metrics(void *server, struct connection *connection);
void http_client_free_all(struct http_server *server);
void http_client_stop_all(struct http_server *server, bool hard);

/* --- a request under way --- */

struct exchange;

/* What answers requests for a path. */
struct http_entry {
    struct http_route route;
    /* The head is there: exchange_accept(), or a reply, now or later. */
    void (*begin)(struct exchange *exchange);
    /* So much of the body; NULL: it is collected in exchange->body. */
    void (*take)(struct exchange *exchange, const char *octets, size_t length);
    /* The body was all: a reply, now or later. */
    void (*end)(struct exchange *exchange);
};

/* Those of one door; the API has a table of its own (api/api.h). */
const struct http_entry *http_entries(enum http_door door, size_t *count);

struct exchange {
    struct http_server *server; /* borrowed */
    struct http_client *client; /* borrowed; its owner */
    struct http_config *config; /* a reference */
    uint64_t ticket;
    const struct http_entry *entry; /* NULL: there is no such route */
    const struct api_route *api;    /* of the API; NULL: another one */
    struct http_match match;
    const struct http_request *request; /* borrowed from the session */
    struct address address;             /* of the true peer */
    char peer[ADDRESS_TEXT_SIZE];
    struct network *network; /* of the peer */
    bool has_entered;        /* the network was entered for this request */
    bool is_over;            /* it has its reply */
    GByteArray *body;
    struct message *message; /* owned: what is uploaded */
    void *state;             /* of the route; freed with free_state */
    void (*free_state)(void *state);
    int64_t began; /* monotonic microseconds */
};

/* http_client.c: the request that its session has fetched. The exchange is made, routed and begun.
 */
struct exchange *exchange_new(struct http_client *client, struct http_server *server,
                              struct http_config *config, struct connection *connection,
                              struct network *network, enum http_door door,
                              const struct http_request *request);
void exchange_begin(struct exchange *exchange);
void exchange_take(struct exchange *exchange, const char *octets, size_t length);
void exchange_end(struct exchange *exchange);
void exchange_free(struct exchange *exchange);

/* For routes. The exchange of a ticket, or NULL if its client has gone or it has its reply. */
struct exchange *exchange_find(struct http_server *server, uint64_t ticket);

/* Takes the body, of at most so many octets. */
void exchange_accept(struct exchange *exchange, uint64_t max_body);

/* Replies; nothing may be done with the exchange afterwards. `document` is given away. */
void exchange_reply(struct exchange *exchange, const struct http_reply *reply);
void exchange_reply_json(struct exchange *exchange, unsigned status, struct json *document);
void exchange_fail(struct exchange *exchange, unsigned status, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/* 503: our own trouble, which may pass; and by the class of an error 503 or 500. */
void exchange_fail_later(struct exchange *exchange);
void exchange_fail_error(struct exchange *exchange, const GError *error);

/* Whether the peer's network may still guess at secrets; if not, 429 was the reply. And that it has
 * guessed wrong. */
bool exchange_may_guess(struct exchange *exchange);
void exchange_has_guessed(struct exchange *exchange);

/* Whether the body is said to be of this media type, whatever its parameters. */
bool exchange_has_type(const struct exchange *exchange, const char *type);

/* A parameter of the query, for routes that take one; g_free it. NULL: it is not there. */
char *exchange_parameter(const struct exchange *exchange, const char *name);

/* "Authorization: Bearer …", or X-Callmx-Token; NULL: neither. Borrowed from the request. */
const char *exchange_token(const struct exchange *exchange);

/* http_client.c, for http_exchange.c */
void http_client_accept_body(struct http_client *client, uint64_t max_body);
void http_client_reply(struct http_client *client, const struct http_reply *reply);

/* --- routes --- */

/* http_ricochet.c */
void http_ricochet_begin(struct exchange *exchange);
void http_ricochet_end(struct exchange *exchange);

/* http_api.c: `exchange->api` says what it is about */
extern const struct http_entry http_api_entry;
void http_openapi_begin(struct exchange *exchange);

/* http_upload.c */
void http_upload_begin(struct exchange *exchange);
void http_upload_take(struct exchange *exchange, const char *octets, size_t length);
void http_upload_end(struct exchange *exchange);
/* Makes the message that the body goes into, and accepts it. False after a reply. */
bool http_upload_open(struct exchange *exchange);
/* Octets before the body of a multipart upload in its message. */
size_t http_upload_head_size(const char *content_type);

/* http_mailgun.c */
void http_mailgun_begin(struct exchange *exchange);
void http_mailgun_take(struct exchange *exchange, const char *octets, size_t length);
void http_mailgun_end(struct exchange *exchange);

/* http_metrics.c */
void http_metrics_begin(struct exchange *exchange);

/* http_health.c */
void http_health_begin(struct exchange *exchange);
void http_ready_begin(struct exchange *exchange);

#endif
