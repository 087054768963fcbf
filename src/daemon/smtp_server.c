/*
 * See smtp_server.h. A client can vanish at any moment while others (parser pool, store thread,
 * reader thread) still work for it, so nobody but this file holds a pointer to one: answers come
 * back with a ticket, and a ticket that is not in the table any more is answered by nobody. A
 * client is freed in client_free() alone, and pump() says whether it still lives.
 *
 * Deadlines: a command must be whole within command-timeout, however its bytes drip; a message must
 * come at data-min-rate, measured anew whenever data-grace is over, so that nobody sends much at
 * once and then holds the room for it; a session must end within session-timeout. While we
 * are the ones who keep the peer waiting, no clock runs against it.
 */
#include "daemon/smtp_server.h"

#include "base/limits.h"
#include "daemon/connection.h"
#include "daemon/log.h"
#include "daemon/message.h"
#include "proto/smtp_session.h"

#include <string.h>

enum {
    LINGER_MS = 2000, /* for the peer to take the last reply */
    FLUSH_MS = 10000, /* for it to read what is still to be sent */
    LEAST_CHECK_MS = 50,
    MOST_CHECK_MS = 5000,
};

#define STOPPING "4.3.2 the service is shutting down"

struct smtp_server {
    struct smtp_server_parts parts;
    struct smtp_session_config session_config;
    struct message_budget budget;
    GPtrArray *listeners;
    GHashTable *clients;  /* ticket -> struct client */
    GHashTable *networks; /* text -> number of clients */
    uint64_t last_ticket;
    uint64_t in_flight; /* messages handed to pool or store */
    bool draining;
    struct loop_source *drain_timer;
    loop_fn *drained;
    void *drained_context;
};

enum client_state {
    CLIENT_TALKING,
    CLIENT_FLUSHING,  /* the session is over; the last replies are on their way out */
    CLIENT_LINGERING, /* they are out; we wait for the peer to close first */
};

struct client {
    struct smtp_server *server; /* borrowed */
    uint64_t ticket;
    struct connection *connection;
    struct smtp_session *session;
    struct message *message; /* while it arrives */
    struct loop_source *timer;
    enum client_state state;
    bool at_end;      /* the peer will send no more */
    int64_t began;    /* monotonic milliseconds, as the two below */
    int64_t waiting;  /* since we wait for a command */
    int64_t in_data;  /* since the rate of the message under way is measured; 0: there is none */
    int64_t received; /* octets since then, dots unstuffed, dropped ones too */
};

/* A message that is with the pool or the store. */
struct pending {
    struct smtp_server *server;
    struct message *message;
    uint64_t ticket;
};

static bool pump(struct client *client);

static int64_t now_ms(void)
{
    return g_get_monotonic_time() / 1000;
}

static void check_drained(struct smtp_server *server)
{
    if (!server->draining || server->drained == NULL || server->in_flight > 0 ||
        g_hash_table_size(server->clients) > 0)
        return;
    loop_fn *drained = server->drained;
    server->drained = NULL;
    drained(server->drained_context);
}

static void count_network(struct smtp_server *server, const char *network, int change)
{
    int count = GPOINTER_TO_INT(g_hash_table_lookup(server->networks, network)) + change;
    if (count > 0)
        g_hash_table_insert(server->networks, g_strdup(network), GINT_TO_POINTER(count));
    else
        g_hash_table_remove(server->networks, network);
}

static void client_free(struct client *client)
{
    struct smtp_server *server = client->server;
    log_event(LOG_LEVEL_DEBUG, "session-ended",
              LOG_TEXT("peer", connection_peer(client->connection)),
              LOG_INT("took_ms", now_ms() - client->began));
    count_network(server, connection_network(client->connection), -1);
    g_hash_table_remove(server->clients, &client->ticket);
    message_free(client->message);
    smtp_session_free(client->session);
    connection_free(client->connection);
    loop_source_free(client->timer);
    g_free(client);
    check_drained(server);
}

/* --- what the session asks for --- */

static struct client *find_client(struct smtp_server *server, uint64_t ticket)
{
    return g_hash_table_lookup(server->clients, &ticket);
}

static void answer_message(struct client *client, unsigned code, const char *text)
{
    smtp_session_answer_message(client->session, code, text);
    client->waiting = now_ms();
    pump(client);
}

/* The message's way is over: the reply goes to the client, if it is still there. */
static void conclude(struct pending *pending, unsigned code, const char *text)
{
    struct smtp_server *server = pending->server;
    struct client *client = find_client(server, pending->ticket);
    message_free(pending->message);
    g_free(pending);
    server->in_flight--;
    if (client != NULL)
        answer_message(client, code, text);
    check_drained(server);
}

static void log_result(const struct message *message, const struct ingest_result *result,
                       unsigned code, const char *text)
{
    log_event(LOG_LEVEL_INFO, "message", LOG_TEXT("id", message->id),
              LOG_TEXT("peer", message->peer), LOG_TEXT("sender", message->sender),
              LOG_INT("bytes", message->size),
              LOG_TEXT("verdict", report_verdict_name(result->verdict)),
              LOG_TEXT("reason", result->reason), LOG_INT("reply", code), LOG_TEXT("text", text),
              LOG_INT("took_ms", (g_get_monotonic_time() - message->received_monotonic) / 1000));
}

static void refuse(struct pending *pending, const GError *error)
{
    log_event(LOG_LEVEL_ERROR, "message-not-stored", LOG_TEXT("id", pending->message->id),
              LOG_TEXT("peer", pending->message->peer), LOG_TEXT("error", error->message));
    conclude(pending, 451, "4.3.0 the message could not be stored: try again later");
}

static void on_stored(void *context, struct message *message, const struct ingest_result *result,
                      const GError *error)
{
    struct pending *pending = context;
    pending->message = message;
    if (error != NULL) {
        refuse(pending, error);
        return;
    }
    if (result->is_for_nobody) {
        conclude(pending, 550, "5.1.1 no such recipient here");
        return;
    }
    unsigned code;
    g_autofree char *text =
        ingest_reply(message->id, result, pending->server->parts.settings->reject_bad, &code);
    log_result(message, result, code, text);
    conclude(pending, code, text);
}

static void on_parsed(void *context, struct report *report, const GError *error)
{
    struct pending *pending = context;
    if (error != NULL) {
        refuse(pending, error);
        return;
    }
    pending->message->report = report;
    store_thread_submit(pending->server->parts.store, pending->message, on_stored, pending);
}

static bool has_key(const struct smtp_envelope *envelope)
{
    for (size_t i = 0; i < envelope->recipient_count; i++)
        if (envelope->recipients[i].key != NULL)
            return true;
    return false;
}

static void end_message(struct client *client)
{
    struct smtp_server *server = client->server;
    struct message *message = g_steal_pointer(&client->message);
    client->in_data = 0;
    if (message == NULL || message->over) {
        message_free(message);
        log_event(LOG_LEVEL_WARNING, "no-room",
                  LOG_TEXT("peer", connection_peer(client->connection)),
                  LOG_INT("used", server->budget.used));
        smtp_session_answer_message(client->session, 452,
                                    "4.3.1 no room for this message now: try again later");
        return;
    }
    struct smtp_envelope envelope;
    smtp_session_envelope(client->session, &envelope);
    if (!has_key(&envelope) && message->size > (int64_t)LIMIT_SMTP_KEPT) {
        message_free(message);
        smtp_session_answer_message(client->session, 552,
                                    "5.3.4 too large for a mail to postmaster or abuse");
        return;
    }
    message_complete(message, &envelope, connection_peer(client->connection),
                     server->parts.settings->hostname);
    struct pending *pending = g_new0(struct pending, 1);
    pending->server = server;
    pending->message = message;
    pending->ticket = client->ticket;
    server->in_flight++;
    if (message_has_keys(message))
        parser_pool_submit(server->parts.pool, message->fd, (size_t)message->size, on_parsed,
                           pending);
    else
        store_thread_submit(server->parts.store, message, on_stored, pending);
}

static void begin_message(struct client *client)
{
    const struct settings *settings = client->server->parts.settings;
    g_autoptr(GError) error = NULL;
    client->message = message_new(&client->server->budget, &error);
    if (client->message == NULL)
        log_event(LOG_LEVEL_ERROR, "no-message", LOG_TEXT("error", error->message));
    client->in_data = now_ms();
    client->received = 0;
    loop_timer_set(client->timer, MIN(settings->data_grace * 1000, MOST_CHECK_MS));
}

static void on_key(void *context, uint64_t ticket, enum reader_answer answer)
{
    struct client *client = find_client(context, ticket);
    if (client == NULL || client->state != CLIENT_TALKING)
        return;
    smtp_session_answer(client->session, answer == READER_LIVE      ? SMTP_YES
                                         : answer == READER_UNKNOWN ? SMTP_NO
                                                                    : SMTP_LATER);
    pump(client);
}

static void check_room(struct client *client, uint64_t declared)
{
    const struct message_budget *budget = &client->server->budget;
    bool fits = budget->used < budget->most && declared <= (uint64_t)(budget->most - budget->used);
    smtp_session_answer(client->session, fits ? SMTP_YES : SMTP_NO);
}

static void reply(struct client *client, const struct smtp_action *action)
{
    connection_write(client->connection, action->text, action->length);
    client->waiting = now_ms();
    if (!smtp_session_in_message(client->session))
        client->in_data = 0;
    if (action->reply_code < 400)
        return;
    g_autofree char *line = g_strndup(action->text, action->length);
    g_strchomp(line);
    log_event(LOG_LEVEL_INFO, "refused", LOG_TEXT("peer", connection_peer(client->connection)),
              LOG_INT("reply", action->reply_code), LOG_TEXT("text", line));
}

/* The session is over: flush, then linger until the peer has closed, so that it gets the last
 * reply even with bytes of its own still on the way. False: the client is gone. */
static bool close_client(struct client *client)
{
    client->state = CLIENT_FLUSHING;
    loop_timer_set(client->timer, FLUSH_MS);
    if (connection_unsent(client->connection) > 0)
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

/* Does what the session asks for until it asks for nothing. False: the client is gone. */
static bool act(struct client *client)
{
    struct smtp_action action;
    enum smtp_action_kind kind;
    while ((kind = smtp_session_next(client->session, &action)) != SMTP_ACTION_NONE) {
        switch (kind) {
        case SMTP_ACTION_REPLY:
            reply(client, &action);
            break;
        case SMTP_ACTION_SENDER:
            check_room(client, action.declared_size);
            break;
        case SMTP_ACTION_RECIPIENT:
            reader_thread_ask(client->server->parts.reader, action.key, client->ticket, on_key,
                              client->server);
            break;
        case SMTP_ACTION_MESSAGE_BEGIN:
            begin_message(client);
            break;
        case SMTP_ACTION_MESSAGE_CHUNK:
            client->received += (int64_t)action.length;
            if (client->message != NULL)
                message_append(client->message, action.text, action.length);
            break;
        case SMTP_ACTION_MESSAGE_END:
            end_message(client);
            break;
        case SMTP_ACTION_MESSAGE_DROP:
            message_free(g_steal_pointer(&client->message));
            break;
        case SMTP_ACTION_START_TLS:
            smtp_session_answer(client->session, SMTP_NO);
            break;
        case SMTP_ACTION_CLOSE:
            return close_client(client);
        case SMTP_ACTION_NONE:
            break;
        }
    }
    return true;
}

/* Moves bytes from the connection into the session until one of them has had enough. False: the
 * client is gone. */
static bool pump(struct client *client)
{
    while (client->state == CLIENT_TALKING) {
        if (client->server->draining && !smtp_session_in_message(client->session))
            smtp_session_stop(client->session, STOPPING);
        if (!act(client))
            return false;
        if (client->state != CLIENT_TALKING || smtp_session_is_waiting(client->session) ||
            connection_unsent(client->connection) > LIMIT_SMTP_OUTPUT_BUFFER)
            break;
        const char *bytes;
        size_t size = connection_peek(client->connection, &bytes);
        if (size == 0) {
            if (!client->at_end)
                break;
            return close_client(client);
        }
        size_t taken = smtp_session_feed(client->session, bytes, size);
        if (client->in_data != 0 && client->message == NULL)
            client->received += (int64_t)taken;
        if (!act(client))
            return false;
        connection_consume(client->connection, taken);
    }
    return true;
}

/* --- deadlines --- */

static const char *overdue(struct client *client, int64_t now)
{
    const struct settings *settings = client->server->parts.settings;
    if (smtp_session_is_waiting(client->session))
        return NULL;
    if (now - client->began >= settings->session_timeout * 1000)
        return "4.4.2 the session has taken too long";
    if (client->in_data == 0)
        return now - client->waiting >= settings->command_timeout * 1000
                   ? "4.4.2 no command came in time"
                   : NULL;
    int64_t elapsed = now - client->in_data;
    if (elapsed < settings->data_grace * 1000)
        return NULL;
    if (client->received * 1000 / elapsed < settings->data_min_rate)
        return "4.4.2 the message comes too slowly";
    client->in_data = now;
    client->received = 0;
    return NULL;
}

static void on_timer(void *context)
{
    struct client *client = context;
    const struct settings *settings = client->server->parts.settings;
    if (client->state != CLIENT_TALKING) {
        client_free(client);
        return;
    }
    int64_t now = now_ms();
    const char *why = overdue(client, now);
    if (why != NULL) {
        smtp_session_stop(client->session, why);
        pump(client);
        return;
    }
    int64_t next = settings->session_timeout * 1000 - (now - client->began);
    if (client->in_data == 0)
        next = MIN(next, settings->command_timeout * 1000 - (now - client->waiting));
    else
        next = MIN(next, settings->data_grace * 1000 - (now - client->in_data));
    loop_timer_set(client->timer, CLAMP(next, LEAST_CHECK_MS, MOST_CHECK_MS));
}

/* --- connections --- */

static void on_connection(void *context, enum connection_event event)
{
    struct client *client = context;
    if (event == CONNECTION_LOST) {
        client_free(client);
        return;
    }
    client->at_end = client->at_end || event == CONNECTION_END;
    switch (client->state) {
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
    }
}

/* Why a new connection is not served, or NULL. */
static const char *too_many(struct smtp_server *server, const char *network)
{
    const struct settings *settings = server->parts.settings;
    if (g_hash_table_size(server->clients) > settings->max_connections)
        return "4.7.0 too many connections: try again later";
    if (GPOINTER_TO_INT(g_hash_table_lookup(server->networks, network)) >
        settings->max_connections_per_network)
        return "4.7.0 too many connections from your network: try again later";
    return NULL;
}

static void on_accept(void *context, struct connection *connection)
{
    struct smtp_server *server = context;
    struct client *client = g_new0(struct client, 1);
    client->server = server;
    client->ticket = ++server->last_ticket;
    client->connection = connection;
    client->session = smtp_session_new(&server->session_config);
    client->timer = loop_timer_new(server->parts.loop, on_timer, client);
    client->began = client->waiting = now_ms();
    g_hash_table_insert(server->clients, &client->ticket, client);
    count_network(server, connection_network(connection), 1);
    log_event(LOG_LEVEL_DEBUG, "session-began", LOG_TEXT("peer", connection_peer(connection)));
    connection_set_handler(connection, on_connection, client);
    loop_timer_set(client->timer, LEAST_CHECK_MS);
    const char *why = too_many(server, connection_network(connection));
    if (why != NULL)
        smtp_session_stop(client->session, why);
    else
        smtp_session_begin(client->session, connection_has_input(connection));
    pump(client);
}

/* What has not arrived by now was promised to nobody. */
static void on_drain_over(void *context)
{
    struct smtp_server *server = context;
    g_autoptr(GList) clients = g_hash_table_get_values(server->clients);
    for (GList *item = clients; item != NULL; item = item->next) {
        struct client *client = item->data;
        if (client->state != CLIENT_TALKING || smtp_session_is_waiting(client->session))
            continue;
        smtp_session_stop(client->session, STOPPING);
        pump(client);
    }
}

struct smtp_server *smtp_server_new(const struct smtp_server_parts *parts, GError **error)
{
    const struct settings *settings = parts->settings;
    AUTO(smtp_server) server = g_new0(struct smtp_server, 1);
    server->parts = *parts;
    server->session_config = (struct smtp_session_config){
        .hostname = settings->hostname,
        .domains = (const char *const *)settings->domains,
        .max_message_size = (uint64_t)settings->max_message_size,
        .max_rcpt_errors = (unsigned)settings->max_rcpt_errors,
        .max_errors = (unsigned)settings->max_errors,
        .max_junk_commands = (unsigned)settings->max_junk_commands,
    };
    server->budget.most = settings->message_memory;
    server->clients = g_hash_table_new(g_int64_hash, g_int64_equal);
    server->networks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    server->drain_timer = loop_timer_new(parts->loop, on_drain_over, server);
    server->listeners = g_ptr_array_new_with_free_func((GDestroyNotify)listener_free);
    for (char **address = settings->listen; *address != NULL; address++) {
        struct listener *listener = listener_new(parts->loop, *address, on_accept, server, error);
        if (listener == NULL)
            return NULL;
        g_ptr_array_add(server->listeners, listener);
    }
    return g_steal_pointer(&server);
}

void smtp_server_free(struct smtp_server *server)
{
    if (server == NULL)
        return;
    server->drained = NULL;
    g_autoptr(GList) clients = g_hash_table_get_values(server->clients);
    for (GList *item = clients; item != NULL; item = item->next)
        client_free(item->data);
    loop_source_free(server->drain_timer);
    g_ptr_array_unref(server->listeners);
    g_hash_table_unref(server->clients);
    g_hash_table_unref(server->networks);
    g_free(server);
}

void smtp_server_drain(struct smtp_server *server, loop_fn *done, void *context)
{
    server->draining = true;
    server->drained = done;
    server->drained_context = context;
    g_ptr_array_set_size(server->listeners, 0);
    loop_timer_set(server->drain_timer, LIMIT_SMTP_DRAIN * 1000);
    g_autoptr(GList) clients = g_hash_table_get_values(server->clients);
    for (GList *item = clients; item != NULL; item = item->next)
        pump(item->data);
    check_drained(server);
}
