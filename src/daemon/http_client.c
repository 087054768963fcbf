/*
 * One peer: moves bytes between its connection and its session, gives requests to their exchange,
 * and keeps the deadlines. A client is freed in client_free() alone, and pump() says whether it
 * still lives.
 *
 * Deadlines: a head must be whole within head-timeout, however its bytes drip; a body must come at
 * body-min-rate, measured anew whenever body-grace is over; between requests idle-timeout; and a
 * reply that nobody reads is not kept longer than that either. While we are the ones who keep the
 * peer waiting, no clock runs against it.
 */
#include "base/limits.h"
#include "daemon/balancer.h"
#include "daemon/counters.h"
#include "daemon/http_server_impl.h"
#include "daemon/log.h"
#include "daemon/peer.h"

#include <string.h>

enum { LEAST_CHECK_MS = 50 };

struct http_client {
    struct peer peer;           /* first */
    struct http_server *server; /* borrowed */
    struct http_config *config; /* a reference */
    uint64_t ticket;
    enum http_door door;
    struct http_session *session; /* NULL until the peer is known */
    struct exchange *exchange;    /* the request under way */
    enum http_phase phase;        /* of the session, as the clock that runs is for it */
    bool has_asked;               /* a request has been answered */
    bool is_acting;               /* the actions of the session are being fetched */
    int64_t since;    /* monotonic milliseconds: since the phase began, or its rate is measured */
    int64_t received; /* octets of a body since then */
};

static bool pump(struct http_client *client);
static void set_timer(struct http_client *client);

static const struct settings *settings_of(const struct http_client *client)
{
    return client->config->settings;
}

static struct http_client *client_of(struct peer *peer)
{
    return (struct http_client *)(void *)peer;
}

static void client_free(struct http_client *client)
{
    struct http_server *server = client->server;
    exchange_free(client->exchange);
    g_hash_table_remove(server->clients, &client->ticket);
    http_session_free(client->session);
    peer_clear(&client->peer);
    http_config_unref(client->config);
    g_free(client);
    http_server_check_drained(server);
}

/* --- the log --- */

/* What the session refused by itself: no exchange tells of it. */
static void log_refusal(struct http_client *client, const struct http_action *action)
{
    if (peer_may_log(client->peer.network))
        log_event(LOG_LEVEL_INFO, "request-refused",
                  LOG_TEXT("peer", connection_peer(client->peer.connection)),
                  LOG_INT("status", action->status), LOG_TEXT("error", action->why));
}

/* --- what the session asks for --- */

static void forget_exchange(struct http_client *client)
{
    exchange_free(g_steal_pointer(&client->exchange));
}

static void begin_exchange(struct http_client *client)
{
    forget_exchange(client);
    client->exchange =
        exchange_new(client, client->server, client->config, client->peer.connection,
                     client->peer.network, client->door, http_session_request(client->session));
    exchange_begin(client->exchange);
}

/* The session is over. False: the client is gone. */
static bool close_client(struct http_client *client)
{
    forget_exchange(client);
    return peer_close(&client->peer);
}

static void send_octets(struct http_client *client, const struct http_action *action)
{
    connection_write(client->peer.connection, action->octets, action->length);
    if (action->status != 0) {
        counter_add_code(COUNTER_HTTP_REPLIES, action->status);
        client->since = peer_now();
        if (!client->has_asked) {
            client->has_asked = true;
            set_timer(client);
        }
    }
    if (action->why != NULL)
        log_refusal(client, action);
    /* A reply ends its exchange; what was refused by the session had none, or is dropped already.
     */
    if (action->status != 0)
        forget_exchange(client);
}

/* Does what the session asks for until it asks for nothing. False: the client is gone. */
static bool act(struct http_client *client)
{
    struct http_action action;
    enum http_action_kind kind;
    client->is_acting = true;
    while ((kind = http_session_next(client->session, &action)) != HTTP_ACTION_NONE) {
        switch (kind) {
        case HTTP_ACTION_REQUEST:
            begin_exchange(client);
            break;
        case HTTP_ACTION_BODY:
            client->received += (int64_t)action.length;
            exchange_take(client->exchange, action.octets, action.length);
            break;
        case HTTP_ACTION_END:
            exchange_end(client->exchange);
            break;
        case HTTP_ACTION_DROP:
            forget_exchange(client);
            break;
        case HTTP_ACTION_SEND:
            send_octets(client, &action);
            break;
        case HTTP_ACTION_CLOSE:
            client->is_acting = false;
            return close_client(client);
        case HTTP_ACTION_NONE:
            break;
        }
    }
    client->is_acting = false;
    return true;
}

/* Another phase, another clock. */
static void look_at_phase(struct http_client *client)
{
    enum http_phase phase = http_session_phase(client->session);
    if (phase == client->phase)
        return;
    client->phase = phase;
    client->since = peer_now();
    client->received = 0;
    set_timer(client);
}

/* Moves bytes from the connection into the session until one of them has had enough. False: the
 * client is gone. */
static bool pump(struct http_client *client)
{
    http_server_set_date(client->server);
    while (client->peer.state == PEER_TALKING) {
        if (client->server->draining && http_session_phase(client->session) == HTTP_PHASE_IDLE)
            http_session_stop(client->session, 503, "the service is shutting down");
        if (!act(client))
            return false;
        if (client->peer.state != PEER_TALKING || http_session_is_waiting(client->session) ||
            connection_unsent(client->peer.connection) > LIMIT_SMTP_OUTPUT_BUFFER)
            break;
        const char *bytes;
        size_t size = connection_peek(client->peer.connection, &bytes);
        if (size == 0) {
            if (!client->peer.at_end)
                break;
            return close_client(client);
        }
        size_t taken = http_session_feed(client->session, bytes, size);
        if (!act(client))
            return false;
        connection_consume(client->peer.connection, taken);
    }
    if (client->peer.state == PEER_TALKING)
        look_at_phase(client);
    return true;
}

void http_client_accept_body(struct http_client *client, uint64_t max_body)
{
    http_session_accept(client->session, max_body);
    if (!client->is_acting)
        pump(client);
}

void http_client_reply(struct http_client *client, const struct http_reply *reply)
{
    http_server_set_date(client->server);
    /* It is told that this was the last. */
    if (client->server->draining && http_session_is_waiting(client->session))
        http_session_stop(client->session, 503, "the service is shutting down");
    http_session_reply(client->session, reply);
    if (!client->is_acting)
        pump(client);
}

/* --- deadlines --- */

/* How long the phase under way may still last, milliseconds. The first head is waited for as one
 * that has begun. */
static int64_t time_left(const struct http_client *client)
{
    const struct settings *settings = settings_of(client);
    int64_t patience = settings->http_idle_timeout;
    if (client->phase == HTTP_PHASE_HEAD || !client->has_asked)
        patience = settings->http_head_timeout;
    if (client->phase == HTTP_PHASE_BODY)
        patience = settings->http_body_grace;
    return client->since + patience * 1000 - peer_now();
}

/* A phase that has begun anew by the time it fires is no reason to set it again before. */
static void set_timer(struct http_client *client)
{
    loop_timer_set(client->peer.timer, MAX(time_left(client), LEAST_CHECK_MS));
}

/* What came since the last look at the rate. */
static bool is_too_slow(struct http_client *client)
{
    int64_t elapsed = MAX(peer_now() - client->since, 1);
    bool is_slow = client->received * 1000 / elapsed < settings_of(client)->http_body_min_rate;
    client->since = peer_now();
    client->received = 0;
    return is_slow;
}

static void check_deadlines(struct http_client *client)
{
    if (client->phase != HTTP_PHASE_ANSWER && time_left(client) > 0) {
        set_timer(client);
        return;
    }
    switch (client->phase) {
    case HTTP_PHASE_IDLE:
    case HTTP_PHASE_CLOSED:
        if (connection_unsent(client->peer.connection) > 0 && peer_is_reading(&client->peer)) {
            client->since = peer_now();
            set_timer(client);
            return;
        }
        http_session_stop(client->session, 408, "no request came in time");
        break;
    case HTTP_PHASE_HEAD:
        http_session_stop(client->session, 408, "the head of the request came too slowly");
        break;
    case HTTP_PHASE_BODY:
        if (!is_too_slow(client)) {
            set_timer(client);
            return;
        }
        http_session_stop(client->session, 408, "the body came too slowly");
        break;
    case HTTP_PHASE_ANSWER:
        return; /* the reply sets it again */
    }
    pump(client);
}

/* --- the beginning --- */

static const char *too_many(const struct http_client *client)
{
    const struct http_config *config = client->config;
    const struct settings *settings = config->settings;
    if (g_hash_table_size(client->server->clients) > config->max_connections)
        return "there are too many connections: try again later";
    /* All that come through a proxy of ours come from it. */
    if (network_connections(client->peer.network) > settings->http_max_connections_per_network &&
        !balancer_is_one(settings->http_proxy_from, connection_address(client->peer.connection)))
        return "there are too many connections from your network: try again later";
    return NULL;
}

/* It may talk: the first head is to be there in time. */
static void begin(struct http_client *client)
{
    client->since = peer_now();
    set_timer(client);
    pump(client);
}

/* Nobody is waited for: the refusal goes out, and that is all. */
static void turn_away(struct http_client *client, const char *why)
{
    g_autofree char *body = http_reply_error_body(why);
    struct http_reply reply = {.status = 503,
                               .content_type = HTTP_JSON,
                               .fields = "Retry-After: 60\r\n",
                               .body = body,
                               .length = strlen(body)};
    struct http_reply_manner manner = {.date = client->server->date, .closes = true};
    size_t length;
    http_server_set_date(client->server);
    char *octets = http_reply_octets(&reply, &manner, &length);
    if (client->door != HTTP_DOOR_TLS)
        connection_write(client->peer.connection, octets, length);
    free(octets);
    if (peer_may_log(client->peer.network))
        log_event(LOG_LEVEL_INFO, "connection-refused",
                  LOG_TEXT("peer", connection_peer(client->peer.connection)),
                  LOG_TEXT("error", why));
    close_client(client);
}

/* The peer is known: is there room for it? */
static void admit(struct peer *peer)
{
    struct http_client *client = client_of(peer);
    client->session = http_session_new(&client->config->session);
    const char *why = too_many(client);
    if (why != NULL)
        turn_away(client, why);
    else if (client->door == HTTP_DOOR_TLS)
        peer_start_tls(peer, client->config->tls);
    else
        begin(client);
}

/* --- events --- */

static void on_secured(struct peer *peer)
{
    begin(client_of(peer));
}

static void on_input(struct peer *peer, enum connection_event event)
{
    (void)event;
    pump(client_of(peer));
}

static void on_timer(struct peer *peer)
{
    check_deadlines(client_of(peer));
}

static void on_end(struct peer *peer)
{
    client_free(client_of(peer));
}

static const struct peer_protocol protocol = {
    .admit = admit,
    .secured = on_secured,
    .input = on_input,
    .timer = on_timer,
    .end = on_end,
};

static void accept_at(struct http_server *server, struct connection *connection,
                      enum http_door door)
{
    struct http_client *client = g_new0(struct http_client, 1);
    counter_add(COUNTER_HTTP_CONNECTIONS);
    client->server = server;
    client->config = http_config_ref(server->config);
    client->ticket = ++server->last_ticket;
    client->door = door;
    g_hash_table_insert(server->clients, &client->ticket, client);
    const struct settings *settings = settings_of(client);
    client->peer.protocol = &protocol;
    client->peer.admission = server->admission;
    client->peer.handshake_timeout = settings->handshake_timeout;
    client->peer.flush_timeout = settings->http_idle_timeout;
    peer_init(&client->peer, server->loop, connection);
    peer_begin(&client->peer,
               settings->http_proxy_protocol && door != HTTP_DOOR_METRICS &&
                   balancer_is_one(settings->http_proxy_from, connection_address(connection)));
}

void http_client_accept_plain(void *context, struct connection *connection)
{
    accept_at(context, connection, HTTP_DOOR_PLAIN);
}

void http_client_accept_tls(void *context, struct connection *connection)
{
    accept_at(context, connection, HTTP_DOOR_TLS);
}

void http_client_accept_metrics(void *context, struct connection *connection)
{
    accept_at(context, connection, HTTP_DOOR_METRICS);
}

/* --- all of them --- */

void http_client_free_all(struct http_server *server)
{
    g_autoptr(GList) clients = g_hash_table_get_values(server->clients);
    for (GList *item = clients; item != NULL; item = item->next)
        client_free(item->data);
}

static void stop(struct http_client *client, bool hard)
{
    switch (client->peer.state) {
    case PEER_HEADER:
    case PEER_SHAKING:
        client_free(client);
        break;
    case PEER_TALKING:
        if (hard)
            http_session_stop(client->session, 503, "the service is shutting down");
        pump(client);
        break;
    case PEER_FLUSHING:
    case PEER_LINGERING:
        break;
    }
}

void http_client_stop_all(struct http_server *server, bool hard)
{
    g_autoptr(GList) clients = g_hash_table_get_values(server->clients);
    for (GList *item = clients; item != NULL; item = item->next)
        stop(item->data, hard);
}
