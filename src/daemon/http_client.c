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

#include <string.h>

enum {
    LINGER_MS = 2000, /* for the peer to take the last reply */
    LEAST_CHECK_MS = 50,
};

enum client_state {
    CLIENT_HEADER,  /* a balancer is to say who the peer is */
    CLIENT_SHAKING, /* a TLS handshake is under way */
    CLIENT_TALKING,
    CLIENT_FLUSHING,  /* the session is over; the last reply is on its way out */
    CLIENT_LINGERING, /* it is out; we wait for the peer to close first */
};

struct http_client {
    struct http_server *server; /* borrowed */
    struct http_config *config; /* a reference */
    uint64_t ticket;
    enum http_door door;
    struct connection *connection;
    struct network *network;      /* NULL until the peer is known */
    struct http_session *session; /* NULL until then */
    struct exchange *exchange;    /* the request under way */
    struct loop_source *timer;
    enum client_state state;
    enum http_phase phase; /* of the session, as the clock that runs is for it */
    bool has_asked;        /* a request has been answered */
    bool at_end;           /* the peer will send no more */
    bool is_acting;        /* the actions of the session are being fetched */
    int64_t since;    /* monotonic milliseconds: since the phase began, or its rate is measured */
    int64_t received; /* octets of a body since then */
    size_t unsent;    /* octets at the last look */
};

static bool pump(struct http_client *client);
static void set_timer(struct http_client *client);

static int64_t now_ms(void)
{
    return g_get_monotonic_time() / 1000;
}

static const struct settings *settings_of(const struct http_client *client)
{
    return client->config->settings;
}

static void client_free(struct http_client *client)
{
    struct http_server *server = client->server;
    exchange_free(client->exchange);
    if (client->network != NULL)
        admission_leave(server->admission, client->network, now_ms());
    g_hash_table_remove(server->clients, &client->ticket);
    http_session_free(client->session);
    connection_free(client->connection);
    loop_source_free(client->timer);
    http_config_unref(client->config);
    g_free(client);
    http_server_check_drained(server);
}

/* --- the log --- */

void http_client_log_left_out(const char *network, unsigned count)
{
    log_event(LOG_LEVEL_INFO, "refusals-not-logged", LOG_TEXT("network", network),
              LOG_INT("count", count));
}

bool http_client_may_log(struct network *network)
{
    unsigned left_out;
    if (!network_may_log(network, now_ms(), &left_out))
        return false;
    if (left_out > 0)
        http_client_log_left_out(network_name(network), left_out);
    return true;
}

/* What the session refused by itself: no exchange tells of it. */
static void log_refusal(struct http_client *client, const struct http_action *action)
{
    if (http_client_may_log(client->network))
        log_event(LOG_LEVEL_INFO, "request-refused",
                  LOG_TEXT("peer", connection_peer(client->connection)),
                  LOG_INT("status", action->status), LOG_TEXT("error", action->why));
}

static void log_tls_failure(struct http_client *client, const char *reason)
{
    if (client->network == NULL || http_client_may_log(client->network))
        log_event(LOG_LEVEL_INFO, "tls-failed",
                  LOG_TEXT("peer", connection_peer(client->connection)),
                  LOG_TEXT("reason", reason));
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
        exchange_new(client, client->server, client->config, client->connection, client->network,
                     client->door, http_session_request(client->session));
    exchange_begin(client->exchange);
}

/* The session is over: flush, then linger until the peer has closed, so that it gets the last reply
 * even with bytes of its own still on the way. False: the client is gone. */
static bool close_client(struct http_client *client)
{
    forget_exchange(client);
    client->state = CLIENT_FLUSHING;
    client->unsent = connection_unsent(client->connection);
    loop_timer_set(client->timer, settings_of(client)->http_idle_timeout * 1000);
    if (client->unsent > 0)
        return true;
    if (client->at_end) {
        client_free(client);
        return false;
    }
    client->state = CLIENT_LINGERING;
    connection_end_output(client->connection);
    loop_timer_set(client->timer, LINGER_MS);
    return true;
}

static void send_octets(struct http_client *client, const struct http_action *action)
{
    connection_write(client->connection, action->octets, action->length);
    if (action->status != 0) {
        counter_add_code(COUNTER_HTTP_REPLIES, action->status);
        client->since = now_ms();
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
    client->since = now_ms();
    client->received = 0;
    set_timer(client);
}

/* Moves bytes from the connection into the session until one of them has had enough. False: the
 * client is gone. */
static bool pump(struct http_client *client)
{
    http_server_set_date(client->server);
    while (client->state == CLIENT_TALKING) {
        if (client->server->draining && http_session_phase(client->session) == HTTP_PHASE_IDLE)
            http_session_stop(client->session, 503, "the service is shutting down");
        if (!act(client))
            return false;
        if (client->state != CLIENT_TALKING || http_session_is_waiting(client->session) ||
            connection_unsent(client->connection) > LIMIT_SMTP_OUTPUT_BUFFER)
            break;
        const char *bytes;
        size_t size = connection_peek(client->connection, &bytes);
        if (size == 0) {
            if (!client->at_end)
                break;
            return close_client(client);
        }
        size_t taken = http_session_feed(client->session, bytes, size);
        if (!act(client))
            return false;
        connection_consume(client->connection, taken);
    }
    if (client->state == CLIENT_TALKING)
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
    return client->since + patience * 1000 - now_ms();
}

/* A phase that has begun anew by the time it fires is no reason to set it again before. */
static void set_timer(struct http_client *client)
{
    loop_timer_set(client->timer, MAX(time_left(client), LEAST_CHECK_MS));
}

/* What came since the last look at the rate. */
static bool is_too_slow(struct http_client *client)
{
    int64_t elapsed = MAX(now_ms() - client->since, 1);
    bool is_slow = client->received * 1000 / elapsed < settings_of(client)->http_body_min_rate;
    client->since = now_ms();
    client->received = 0;
    return is_slow;
}

/* Whether the peer takes what it was sent. */
static bool is_reading(struct http_client *client)
{
    size_t before = client->unsent;
    client->unsent = connection_unsent(client->connection);
    return client->unsent == 0 || client->unsent < before || before == 0;
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
        if (connection_unsent(client->connection) > 0 && is_reading(client)) {
            client->since = now_ms();
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
    if (network_connections(client->network) > settings->http_max_connections_per_network &&
        !balancer_is_one(settings->http_proxy_from, connection_address(client->connection)))
        return "there are too many connections from your network: try again later";
    return NULL;
}

/* It may talk: the first head is to be there in time. */
static void begin(struct http_client *client)
{
    client->state = CLIENT_TALKING;
    client->since = now_ms();
    set_timer(client);
    pump(client);
}

static void shake_hands(struct http_client *client)
{
    client->state = CLIENT_SHAKING;
    loop_timer_set(client->timer, settings_of(client)->handshake_timeout * 1000);
    connection_start_tls(client->connection, tls_accept(client->config->tls));
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
        connection_write(client->connection, octets, length);
    free(octets);
    if (http_client_may_log(client->network))
        log_event(LOG_LEVEL_INFO, "connection-refused",
                  LOG_TEXT("peer", connection_peer(client->connection)), LOG_TEXT("error", why));
    close_client(client);
}

/* The peer is known: is there room for it? */
static void admit(struct http_client *client)
{
    client->network = admission_enter(client->server->admission,
                                      connection_address(client->connection), now_ms());
    client->session = http_session_new(&client->config->session);
    const char *why = too_many(client);
    if (why != NULL)
        turn_away(client, why);
    else if (client->door == HTTP_DOOR_TLS)
        shake_hands(client);
    else
        begin(client);
}

static void read_header(struct http_client *client)
{
    switch (balancer_read_header(client->connection)) {
    case BALANCER_MORE:
        if (client->at_end)
            client_free(client);
        break;
    case BALANCER_BAD:
        client_free(client);
        break;
    case BALANCER_DONE:
        admit(client);
        break;
    }
}

/* --- events --- */

static void on_timer(void *context)
{
    struct http_client *client = context;
    switch (client->state) {
    case CLIENT_TALKING:
        check_deadlines(client);
        break;
    case CLIENT_HEADER:
        log_event(LOG_LEVEL_WARNING, "proxy-header-late",
                  LOG_TEXT("peer", connection_peer(client->connection)));
        client_free(client);
        break;
    case CLIENT_SHAKING:
        log_tls_failure(client, "the handshake took too long");
        client_free(client);
        break;
    case CLIENT_FLUSHING:
        if (!is_reading(client)) {
            client_free(client);
            break;
        }
        loop_timer_set(client->timer, settings_of(client)->http_idle_timeout * 1000);
        break;
    case CLIENT_LINGERING:
        client_free(client);
        break;
    }
}

static void end_handshake(struct http_client *client, bool secured)
{
    if (secured) {
        begin(client);
        return;
    }
    log_tls_failure(client, connection_tls_trouble(client->connection));
    client_free(client);
}

static void on_connection(void *context, enum connection_event event)
{
    struct http_client *client = context;
    client->at_end = client->at_end || event == CONNECTION_END;
    if (client->state == CLIENT_SHAKING) {
        if (event == CONNECTION_SECURED || event == CONNECTION_LOST || client->at_end)
            end_handshake(client, event == CONNECTION_SECURED);
        return;
    }
    if (event == CONNECTION_LOST) {
        client_free(client);
        return;
    }
    switch (client->state) {
    case CLIENT_HEADER:
        read_header(client);
        break;
    case CLIENT_TALKING:
        pump(client);
        break;
    case CLIENT_FLUSHING:
        connection_consume(client->connection, connection_waiting(client->connection));
        if (event == CONNECTION_DRAINED)
            close_client(client);
        break;
    case CLIENT_LINGERING:
        connection_consume(client->connection, connection_waiting(client->connection));
        if (client->at_end)
            client_free(client);
        break;
    case CLIENT_SHAKING:
        break;
    }
}

static void accept_at(struct http_server *server, struct connection *connection,
                      enum http_door door)
{
    struct http_client *client = g_new0(struct http_client, 1);
    counter_add(COUNTER_HTTP_CONNECTIONS);
    client->server = server;
    client->config = http_config_ref(server->config);
    client->ticket = ++server->last_ticket;
    client->door = door;
    client->connection = connection;
    client->timer = loop_timer_new(server->loop, on_timer, client);
    client->state = CLIENT_HEADER;
    g_hash_table_insert(server->clients, &client->ticket, client);
    connection_set_handler(connection, on_connection, client);
    if (settings_of(client)->http_proxy_protocol && door != HTTP_DOOR_METRICS &&
        balancer_is_one(settings_of(client)->http_proxy_from, connection_address(connection)))
        loop_timer_set(client->timer, settings_of(client)->handshake_timeout * 1000);
    else
        admit(client);
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
    switch (client->state) {
    case CLIENT_HEADER:
    case CLIENT_SHAKING:
        client_free(client);
        break;
    case CLIENT_TALKING:
        if (hard)
            http_session_stop(client->session, 503, "the service is shutting down");
        pump(client);
        break;
    case CLIENT_FLUSHING:
    case CLIENT_LINGERING:
        break;
    }
}

void http_client_stop_all(struct http_server *server, bool hard)
{
    g_autoptr(GList) clients = g_hash_table_get_values(server->clients);
    for (GList *item = clients; item != NULL; item = item->next)
        stop(item->data, hard);
}
