/* See peer.h. A peer is freed by its protocol alone, from end(); whoever calls what may end it does
 * nothing with it afterwards. */
#include "daemon/peer.h"

#include "daemon/balancer.h"
#include "daemon/log.h"

enum { LINGER_MS = 2000 /* for the peer to take the last reply */ };

int64_t peer_now(void)
{
    return g_get_monotonic_time() / 1000;
}

/* --- the log --- */

void peer_log_left_out(const char *network, unsigned count)
{
    log_event(LOG_LEVEL_INFO, "refusals-not-logged", LOG_TEXT("network", network),
              LOG_INT("count", count));
}

bool peer_may_log(struct network *network)
{
    unsigned left_out;
    if (!network_may_log(network, peer_now(), &left_out))
        return false;
    if (left_out > 0)
        peer_log_left_out(network_name(network), left_out);
    return true;
}

static void log_tls_failure(const struct peer *peer, const char *reason)
{
    if (peer_may_log(peer->network))
        log_event(LOG_LEVEL_INFO, "tls-failed", LOG_TEXT("peer", connection_peer(peer->connection)),
                  LOG_TEXT("reason", reason));
}

/* --- the beginning --- */

static void admit(struct peer *peer)
{
    peer->network =
        admission_enter(peer->admission, connection_address(peer->connection), peer_now());
    peer->state = PEER_TALKING;
    peer->protocol->admit(peer);
}

/* What a balancer says goes before all else, and is believed: it is one of ours. */
static void read_header(struct peer *peer)
{
    switch (balancer_read_header(peer->connection)) {
    case BALANCER_MORE:
        if (peer->at_end)
            peer->protocol->end(peer);
        break;
    case BALANCER_BAD:
        peer->protocol->end(peer);
        break;
    case BALANCER_DONE:
        admit(peer);
        break;
    }
}

void peer_begin(struct peer *peer, bool has_header)
{
    if (has_header)
        loop_timer_set(peer->timer, peer->handshake_timeout * 1000);
    else
        admit(peer);
}

void peer_start_tls(struct peer *peer, const struct tls *tls)
{
    peer->state = PEER_SHAKING;
    loop_timer_set(peer->timer, peer->handshake_timeout * 1000);
    connection_start_tls(peer->connection, tls_accept(tls));
}

static void end_handshake(struct peer *peer, bool secured)
{
    struct connection *connection = peer->connection;
    if (!secured) {
        log_tls_failure(peer, connection_tls_trouble(connection));
        peer->protocol->end(peer);
        return;
    }
    log_event(LOG_LEVEL_DEBUG, "tls", LOG_TEXT("peer", connection_peer(connection)),
              LOG_TEXT("version", connection_tls_version(connection)),
              LOG_TEXT("cipher", connection_tls_cipher(connection)));
    peer->state = PEER_TALKING;
    peer->protocol->secured(peer);
}

/* --- the end --- */

bool peer_close(struct peer *peer)
{
    peer->state = PEER_FLUSHING;
    peer->unsent = connection_unsent(peer->connection);
    loop_timer_set(peer->timer, peer->flush_timeout * 1000);
    if (peer->unsent > 0)
        return true;
    if (peer->at_end) {
        peer->protocol->end(peer);
        return false;
    }
    peer->state = PEER_LINGERING;
    connection_end_output(peer->connection);
    loop_timer_set(peer->timer, LINGER_MS);
    return true;
}

bool peer_is_reading(struct peer *peer)
{
    size_t before = peer->unsent;
    peer->unsent = connection_unsent(peer->connection);
    return peer->unsent == 0 || peer->unsent < before || before == 0;
}

/* --- events --- */

static void on_timer(void *context)
{
    struct peer *peer = context;
    switch (peer->state) {
    case PEER_TALKING:
        peer->protocol->timer(peer);
        break;
    case PEER_HEADER:
        log_event(LOG_LEVEL_WARNING, "proxy-header-late",
                  LOG_TEXT("peer", connection_peer(peer->connection)));
        peer->protocol->end(peer);
        break;
    case PEER_SHAKING:
        log_tls_failure(peer, "the handshake took too long");
        peer->protocol->end(peer);
        break;
    case PEER_FLUSHING:
        if (peer_is_reading(peer))
            loop_timer_set(peer->timer, peer->flush_timeout * 1000);
        else
            peer->protocol->end(peer);
        break;
    case PEER_LINGERING:
        peer->protocol->end(peer);
        break;
    }
}

/* Nothing can be sent any more. In TLS 1.3 a peer that does not like our certificate says so after
 * the handshake. */
static void lose(struct peer *peer)
{
    const char *trouble = connection_tls_trouble(peer->connection);
    if (trouble[0] != '\0')
        log_tls_failure(peer, trouble);
    peer->protocol->end(peer);
}

static void on_connection(void *context, enum connection_event event)
{
    struct peer *peer = context;
    peer->at_end = peer->at_end || event == CONNECTION_END;
    if (peer->state == PEER_SHAKING) {
        if (event == CONNECTION_SECURED || event == CONNECTION_LOST || peer->at_end)
            end_handshake(peer, event == CONNECTION_SECURED);
        return;
    }
    if (event == CONNECTION_LOST) {
        lose(peer);
        return;
    }
    switch (peer->state) {
    case PEER_HEADER:
        read_header(peer);
        break;
    case PEER_TALKING:
        peer->protocol->input(peer, event);
        break;
    case PEER_FLUSHING:
        connection_consume(peer->connection, connection_waiting(peer->connection));
        if (event == CONNECTION_DRAINED)
            peer_close(peer);
        break;
    case PEER_LINGERING:
        connection_consume(peer->connection, connection_waiting(peer->connection));
        if (peer->at_end)
            peer->protocol->end(peer);
        break;
    case PEER_SHAKING:
        break;
    }
}

void peer_init(struct peer *peer, struct loop *loop, struct connection *connection)
{
    peer->connection = connection;
    peer->timer = loop_timer_new(loop, on_timer, peer);
    peer->state = PEER_HEADER;
    connection_set_handler(connection, on_connection, peer);
}

void peer_clear(struct peer *peer)
{
    if (peer->network != NULL)
        admission_leave(peer->admission, peer->network, peer_now());
    connection_free(peer->connection);
    loop_source_free(peer->timer);
}
