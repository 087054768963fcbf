/*
 * One peer: moves bytes between its connection and its session, does what the session asks for, and
 * keeps the deadlines of its talk; peer.c has what comes before and after. A client is freed in
 * client_free() alone, and pump() says whether it still lives.
 *
 * Deadlines: the header of a balancer and a TLS handshake within handshake-timeout; a command must
 * be whole within command-timeout, however its bytes drip; a message must come at data-min-rate,
 * measured anew whenever data-grace is over, so that nobody sends much at once and then holds the
 * room for it; a session must end within session-timeout. While we are the ones who keep the peer
 * waiting, no clock runs against it.
 */
#include "base/limits.h"
#include "daemon/balancer.h"
#include "daemon/counters.h"
#include "daemon/log.h"
#include "daemon/peer.h"
#include "daemon/smtp_server_impl.h"

#include <string.h>

enum { FLUSH_SECONDS = 10, LEAST_CHECK_MS = 50 };

#define STOPPING "4.3.2 the service is shutting down"

struct client {
    struct peer peer;           /* first */
    struct smtp_server *server; /* borrowed */
    struct smtp_config *config; /* a reference */
    uint64_t ticket;
    struct smtp_session *session; /* NULL until the peer is known */
    struct message *message;      /* while it arrives */
    bool is_quiet;                /* before the greeting: it must not talk yet */
    bool wants_tls;               /* the 220 is said: a handshake is next */
    bool is_cut;                  /* the reply under way is replaced by a 421 */
    unsigned refused;             /* recipients that the network has been charged with */
    int64_t began;                /* monotonic milliseconds, as the two below */
    int64_t waiting;              /* since we wait for a command */
    int64_t in_data;  /* since the rate of the message under way is measured; 0: there is none */
    int64_t received; /* octets since then, dots unstuffed, dropped ones too */
    int64_t asked;    /* when a key was asked about; monotonic microseconds */
    char *key;        /* the only recipient of the last message; NULL: there were others, or none */
    int64_t known;    /* until when it is taken as live; monotonic milliseconds */
};

static bool pump(struct client *client);
static void set_timer(struct client *client);

static const struct settings *settings_of(const struct client *client)
{
    return client->config->settings;
}

static struct client *client_of(struct peer *peer)
{
    return (struct client *)(void *)peer;
}

static void client_free(struct client *client)
{
    struct smtp_server *server = client->server;
    log_event(LOG_LEVEL_DEBUG, "session-ended",
              LOG_TEXT("peer", connection_peer(client->peer.connection)),
              LOG_INT("took_ms", peer_now() - client->began));
    g_hash_table_remove(server->clients, &client->ticket);
    message_free(client->message);
    smtp_session_free(client->session);
    g_free(client->key);
    peer_clear(&client->peer);
    smtp_config_unref(client->config);
    g_free(client);
    smtp_server_check_drained(server);
}

/* It has been greeted, and its session goes on. */
static bool is_talking(const struct client *client)
{
    return client->peer.state == PEER_TALKING && !client->is_quiet;
}

static struct client *find_client(struct smtp_server *server, uint64_t ticket)
{
    return g_hash_table_lookup(server->clients, &ticket);
}

/* --- what the session asks for --- */

static bool has_key(const struct smtp_envelope *envelope)
{
    for (size_t i = 0; i < envelope->recipient_count; i++)
        if (envelope->recipients[i].key != NULL)
            return true;
    return false;
}

static void note_key(struct client *client, const struct smtp_envelope *envelope)
{
    g_free(client->key);
    client->key = envelope->recipient_count == 1 ? g_strdup(envelope->recipients[0].key) : NULL;
    client->known = 0;
}

static void end_message(struct client *client)
{
    struct smtp_server *server = client->server;
    struct message *message = g_steal_pointer(&client->message);
    client->in_data = 0;
    if (message == NULL || message->over) {
        message_free(message);
        log_event(LOG_LEVEL_WARNING, "no-room",
                  LOG_TEXT("peer", connection_peer(client->peer.connection)),
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
    struct trace_hop hop = {.peer = connection_peer(client->peer.connection),
                            .hostname = settings_of(client)->hostname,
                            .tls_version = connection_tls_version(client->peer.connection),
                            .tls_cipher = connection_tls_cipher(client->peer.connection)};
    message_complete(message, &envelope, &hop);
    note_key(client, &envelope);
    smtp_delivery_begin(server, settings_of(client), client->ticket, message);
}

static void begin_message(struct client *client)
{
    client->message = message_new(&client->server->budget);
    client->in_data = peer_now();
    client->received = 0;
    set_timer(client);
}

static void give_answer(struct client *client, enum smtp_answer answer)
{
    smtp_session_answer(client->session, answer);
    set_timer(client);
    pump(client);
}

void smtp_client_answer_held(void *context, uint64_t ticket, int answer)
{
    struct client *client = find_client(context, ticket);
    if (client != NULL && is_talking(client))
        give_answer(client, (enum smtp_answer)answer);
}

/* The more recipients were refused, the longer any answer takes, a good one as long as a bad one:
 * guessing takes time, and the time tells nothing. */
static void on_key(void *context, uint64_t ticket, enum reader_answer answer)
{
    struct client *client = find_client(context, ticket);
    if (client == NULL || !is_talking(client))
        return;
    int64_t delay = settings_of(client)->rcpt_delay * smtp_session_refused(client->session);
    enum smtp_answer held = answer == READER_LIVE      ? SMTP_YES
                            : answer == READER_UNKNOWN ? SMTP_NO
                                                       : SMTP_LATER;
    answer_hold_add(client->server->hold, ticket, (int)held,
                    client->asked + delay * G_USEC_PER_SEC + LIMIT_SMTP_ANSWER_US +
                        g_random_int_range(0, LIMIT_SMTP_ANSWER_SPREAD_US));
}

/* Who sends one message after the other asks for the same key each time, and the commit of the last
 * one found it live. So will that of the next, or not: this yes may be a little old. */
static bool is_known(const struct client *client, const char *key)
{
    return peer_now() < client->known && strcmp(client->key, key) == 0;
}

static void ask_key(struct client *client, const char *key)
{
    if (is_known(client, key)) {
        smtp_session_answer(client->session, SMTP_YES);
        return;
    }
    client->asked = g_get_monotonic_time();
    if (!network_may_guess(client->peer.network, settings_of(client)->max_rcpt_errors_per_hour,
                           peer_now())) {
        smtp_session_stop(client->session,
                          "4.7.0 too many refused recipients from your network: try again later");
        client->is_cut = true;
        smtp_session_answer(client->session, SMTP_LATER);
        return;
    }
    reader_thread_ask(client->server->reader, key, client->ticket, on_key, client->server);
}

static void check_room(struct client *client, uint64_t declared)
{
    struct smtp_server *server = client->server;
    const struct message_budget *budget = &server->budget;
    bool fits = budget->used < budget->most && declared <= (uint64_t)(budget->most - budget->used);
    bool stays = disk_space_fits(&server->disk, (int64_t)MIN(declared, (uint64_t)INT64_MAX),
                                 settings_of(client)->min_free_space, peer_now());
    if (!stays && peer_may_log(client->peer.network))
        log_event(LOG_LEVEL_ERROR, "disk-low", LOG_TEXT("directory", server->disk.directory),
                  LOG_INT("free_bytes", server->disk.free_bytes),
                  LOG_INT("free_files", server->disk.free_files));
    smtp_session_answer(client->session, fits && stays ? SMTP_YES : SMTP_NO);
}

static void log_refusal(struct client *client, const struct smtp_action *action)
{
    if (!peer_may_log(client->peer.network))
        return;
    g_autofree char *line = g_strndup(action->text, action->length);
    g_strchomp(line);
    log_event(LOG_LEVEL_INFO, "refused", LOG_TEXT("peer", connection_peer(client->peer.connection)),
              LOG_INT("reply", action->reply_code), LOG_TEXT("text", line));
}

static void reply(struct client *client, const struct smtp_action *action)
{
    if (client->is_cut && action->reply_code != 421)
        return;
    connection_write(client->peer.connection, action->text, action->length);
    counter_add_code(COUNTER_SMTP_REPLIES, action->reply_code);
    client->waiting = peer_now();
    if (client->in_data != 0 && !smtp_session_in_message(client->session)) {
        client->in_data = 0;
        set_timer(client);
    }
    for (; client->refused < smtp_session_refused(client->session); client->refused++)
        network_has_guessed(client->peer.network, settings_of(client)->max_rcpt_errors_per_hour,
                            client->waiting);
    if (action->reply_code >= 400)
        log_refusal(client, action);
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
            ask_key(client, action.key);
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
            client->wants_tls = true;
            break;
        case SMTP_ACTION_CLOSE:
            return peer_close(&client->peer);
        case SMTP_ACTION_NONE:
            break;
        }
    }
    return true;
}

/* Everything before it has been consumed: what comes now is the handshake. */
static void start_tls(struct client *client)
{
    client->wants_tls = false;
    peer_start_tls(&client->peer, client->config->tls);
}

/* Moves bytes from the connection into the session until one of them has had enough. False: the
 * client is gone. */
static bool pump(struct client *client)
{
    while (is_talking(client)) {
        if (client->server->draining && !smtp_session_in_message(client->session))
            smtp_session_stop(client->session, STOPPING);
        if (!act(client))
            return false;
        if (!is_talking(client) || smtp_session_is_waiting(client->session) ||
            connection_unsent(client->peer.connection) > LIMIT_SMTP_OUTPUT_BUFFER)
            break;
        const char *bytes;
        size_t size = connection_peek(client->peer.connection, &bytes);
        if (size == 0) {
            if (!client->peer.at_end)
                break;
            return peer_close(&client->peer);
        }
        size_t taken = smtp_session_feed(client->session, bytes, size);
        smtp_session_input_waits(client->session,
                                 connection_waiting(client->peer.connection) > taken);
        if (client->in_data != 0 && client->message == NULL)
            client->received += (int64_t)taken;
        if (!act(client))
            return false;
        connection_consume(client->peer.connection, taken);
        if (client->wants_tls)
            start_tls(client);
    }
    return true;
}

void smtp_client_answer_message(struct smtp_server *server, uint64_t ticket, unsigned code,
                                const char *text)
{
    struct client *client = find_client(server, ticket);
    if (client == NULL || !is_talking(client))
        return;
    smtp_session_answer_message(client->session, code, text);
    client->waiting = peer_now();
    if (code == 250 && client->key != NULL)
        client->known = client->waiting + LIMIT_SMTP_KEY_MEMORY * 1000;
    set_timer(client);
    pump(client);
}

/* --- deadlines --- */

/* For the next of them that may be due. One that has moved to later by then is no reason to set it
 * anew: an idle session has nothing to do until it has been idle for too long. */
static void set_timer(struct client *client)
{
    const struct settings *settings = settings_of(client);
    int64_t now = peer_now();
    int64_t next = client->began + settings->session_timeout * 1000;
    if (client->in_data == 0)
        next = MIN(next, client->waiting + settings->command_timeout * 1000);
    else
        next = MIN(next, client->in_data + settings->data_grace * 1000);
    loop_timer_set(client->peer.timer, MAX(next - now, LEAST_CHECK_MS));
}

static const char *overdue(struct client *client, int64_t now)
{
    const struct settings *settings = settings_of(client);
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

static void check_deadlines(struct client *client)
{
    if (smtp_session_is_waiting(client->session))
        return; /* the answer sets it again */
    const char *why = overdue(client, peer_now());
    if (why == NULL) {
        set_timer(client);
        return;
    }
    smtp_session_stop(client->session, why);
    pump(client);
}

/* --- the beginning --- */

static const char *too_many(const struct client *client)
{
    const struct smtp_config *config = client->config;
    if (g_hash_table_size(client->server->clients) > config->max_connections)
        return "4.7.0 too many connections: try again later";
    if (network_connections(client->peer.network) > config->settings->max_connections_per_network)
        return "4.7.0 too many connections from your network: try again later";
    return NULL;
}

static void greet(struct client *client)
{
    client->is_quiet = false;
    client->waiting = peer_now();
    set_timer(client);
    smtp_session_begin(client->session, connection_has_input(client->peer.connection));
    pump(client);
}

/* The peer is known: is there room for it? */
static void admit(struct peer *peer)
{
    struct client *client = client_of(peer);
    client->session = smtp_session_new(&client->config->session);
    log_event(LOG_LEVEL_DEBUG, "session-began",
              LOG_TEXT("peer", connection_peer(client->peer.connection)));
    const char *why = too_many(client);
    if (why != NULL) {
        client->waiting = peer_now();
        smtp_session_stop(client->session, why);
        pump(client);
    } else if (settings_of(client)->greeting_delay > 0 &&
               !connection_has_input(client->peer.connection)) {
        client->is_quiet = true;
        loop_timer_set(client->peer.timer, settings_of(client)->greeting_delay * 1000);
    } else {
        greet(client);
    }
}

/* --- events --- */

static void on_timer(struct peer *peer)
{
    struct client *client = client_of(peer);
    if (client->is_quiet)
        greet(client);
    else
        check_deadlines(client);
}

static void on_secured(struct peer *peer)
{
    struct client *client = client_of(peer);
    client->waiting = peer_now();
    set_timer(client);
    smtp_session_answer(client->session, SMTP_YES);
    pump(client);
}

static void on_input(struct peer *peer, enum connection_event event)
{
    struct client *client = client_of(peer);
    if (!client->is_quiet)
        pump(client);
    else if (event != CONNECTION_DRAINED)
        greet(client);
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

void smtp_client_accept(void *context, struct connection *connection)
{
    struct smtp_server *server = context;
    struct client *client = g_new0(struct client, 1);
    counter_add(COUNTER_SMTP_SESSIONS);
    client->server = server;
    client->config = smtp_config_ref(server->config);
    client->ticket = ++server->last_ticket;
    client->began = client->waiting = peer_now();
    g_hash_table_insert(server->clients, &client->ticket, client);
    client->peer.protocol = &protocol;
    client->peer.admission = server->admission;
    client->peer.handshake_timeout = settings_of(client)->handshake_timeout;
    client->peer.flush_timeout = FLUSH_SECONDS;
    peer_init(&client->peer, server->loop, connection);
    peer_begin(&client->peer,
               balancer_is_one(settings_of(client)->proxy_from, connection_address(connection)));
}

/* --- all of them --- */

void smtp_client_free_all(struct smtp_server *server)
{
    g_autoptr(GList) clients = g_hash_table_get_values(server->clients);
    for (GList *item = clients; item != NULL; item = item->next)
        client_free(item->data);
}

static void stop(struct client *client, bool hard)
{
    switch (client->peer.state) {
    case PEER_HEADER:
    case PEER_SHAKING:
        client_free(client);
        break;
    case PEER_TALKING:
        if (hard && !client->is_quiet && !smtp_session_is_waiting(client->session))
            smtp_session_stop(client->session, STOPPING);
        client->is_quiet = false;
        pump(client);
        break;
    case PEER_FLUSHING:
    case PEER_LINGERING:
        break;
    }
}

void smtp_client_stop_all(struct smtp_server *server, bool hard)
{
    g_autoptr(GList) clients = g_hash_table_get_values(server->clients);
    for (GList *item = clients; item != NULL; item = item->next)
        stop(item->data, hard);
}
