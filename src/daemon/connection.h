/*
 * Connections: a listener, and what it accepts, as a stream of bytes with two ends. One callback
 * tells what happened; there is a place beneath for TLS, which nothing above will notice.
 *
 * With loop.c the only user of libevent. A connection is freed by connection_free() alone, and
 * never from inside this file.
 */
#ifndef CALLMX_DAEMON_CONNECTION_H
#define CALLMX_DAEMON_CONNECTION_H

#include "daemon/loop.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct connection;
struct listener;

enum connection_event {
    CONNECTION_INPUT,   /* there are more bytes to look at */
    CONNECTION_DRAINED, /* all that was written has gone out */
    CONNECTION_END,     /* the peer will send no more; it may still read; input may be left */
    CONNECTION_LOST,    /* nothing can be sent any more */
};

typedef void connection_fn(void *context, enum connection_event event);

enum { CONNECTION_ADDRESS_SIZE = 64 };

/* The peer as text without port, "192.0.2.1" or "2001:db8::1"; and the network it counts for:
 * the /32 of IPv4, the /64 of IPv6. */
const char *connection_peer(const struct connection *connection);
const char *connection_network(const struct connection *connection);

/* Says who is told from now on. */
void connection_set_handler(struct connection *connection, connection_fn *handler, void *context);

/* The first bytes that wait, in one piece; there may be more behind them. 0 if there are none. */
size_t connection_peek(struct connection *connection, const char **bytes);
void connection_consume(struct connection *connection, size_t size);
/* How many wait in all. */
size_t connection_waiting(const struct connection *connection);

void connection_write(struct connection *connection, const void *bytes, size_t size);
/* Octets written that have not gone out. */
size_t connection_unsent(const struct connection *connection);

/* Tells the peer that nothing more will come; it can still be read from. */
void connection_end_output(struct connection *connection);

/* Whether the peer has sent something already, read or not. */
bool connection_has_input(const struct connection *connection);

void connection_free(struct connection *connection);

/* Called for each accepted connection, which belongs to the callee. */
typedef void listener_fn(void *context, struct connection *connection);

/* Listens on "address:port" (settings.h). NULL and an error that names it. */
struct listener *listener_new(struct loop *loop, const char *address, listener_fn *on_accept,
                              void *context, GError **error);
void listener_free(struct listener *listener);

#endif
