/*
 * Connections: listeners, and what they accept, as a stream of bytes with two ends. One callback
 * tells what happened; TLS is another layer beneath, which nothing above notices once it is there.
 *
 * With loop.c the only user of libevent. A connection is freed by connection_free() alone, and
 * never from inside this file.
 */
#ifndef CALLMX_DAEMON_CONNECTION_H
#define CALLMX_DAEMON_CONNECTION_H

#include "daemon/address.h"
#include "daemon/loop.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct connection;
struct listener;
struct ssl_st;

enum connection_event {
    CONNECTION_INPUT,   /* there are more bytes to look at */
    CONNECTION_DRAINED, /* all that was written has gone out */
    CONNECTION_SECURED, /* the handshake is over */
    CONNECTION_END,     /* the peer will send no more; it may still read; input may be left */
    CONNECTION_LOST,    /* nothing can be sent any more; before SECURED: the handshake failed */
};

typedef void connection_fn(void *context, enum connection_event event);

/* The peer, and its text. */
const struct address *connection_address(const struct connection *connection);
const char *connection_peer(const struct connection *connection);

/* Says who the peer really is, where a balancer told it. */
void connection_set_address(struct connection *connection, const struct address *address);

/* Says who is told from now on, and begins to read. */
void connection_set_handler(struct connection *connection, connection_fn *handler, void *context);

/* The first bytes that wait, in one piece; there may be more behind them. 0 if there are none. */
size_t connection_peek(struct connection *connection, const char **bytes);
/* All that wait, `most` of them at most, in one piece. */
size_t connection_peek_all(struct connection *connection, size_t most, const char **bytes);
void connection_consume(struct connection *connection, size_t size);
/* How many wait in all. */
size_t connection_waiting(const struct connection *connection);

void connection_write(struct connection *connection, const void *bytes, size_t size);
/* Octets written that have not gone out, and still may. */
size_t connection_unsent(const struct connection *connection);

/* Tells the peer that nothing more will come; it can still be read from. */
void connection_end_output(struct connection *connection);

/* Whether the peer has sent something already, read or not. */
bool connection_has_input(const struct connection *connection);

/* Begins the server's side of a handshake; takes `ssl`. What was written before goes out first, in
 * the clear; what waits is read as part of the handshake. SECURED or LOST follows. */
void connection_start_tls(struct connection *connection, struct ssl_st *ssl);

/* "TLSv1.3" and "TLS_AES_256_GCM_SHA384"; NULL without TLS. Why a handshake failed; "" if nobody
 * knows. Valid until the next call. */
const char *connection_tls_version(const struct connection *connection);
const char *connection_tls_cipher(const struct connection *connection);
const char *connection_tls_trouble(const struct connection *connection);

void connection_free(struct connection *connection);

/* Called for each accepted connection, which belongs to the callee. */
typedef void listener_fn(void *context, struct connection *connection);

/* Listens on "address:port" (settings.h), or on a socket that listens already and is taken over.
 * `busy` is the line, with CRLF, for peers that come when there is no descriptor left. Nothing is
 * accepted before listener_start(). NULL and an error that names the address. */
struct listener *listener_new(struct loop *loop, const char *address, const char *busy,
                              listener_fn *on_accept, void *context, GError **error);
struct listener *listener_new_fd(struct loop *loop, int fd, const char *busy,
                                 listener_fn *on_accept, void *context, GError **error);
void listener_start(struct listener *listener);
void listener_free(struct listener *listener);

#endif
