/*
 * Sockets by way of libevent's bufferevents. What is hard: at the end of a stream the input buffer
 * can still hold bytes, so the end is told and the buffer stays; and running out of descriptors
 * makes a listener spin, so it rests for a second instead.
 */
#include "daemon/connection.h"

#include "base/error.h"
#include "base/limits.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>

enum { LISTEN_BACKLOG = 1024, REST_MS = 1000 };

struct connection {
    struct bufferevent *stream;
    connection_fn *handler;
    void *context;
    char peer[CONNECTION_ADDRESS_SIZE];
    char network[CONNECTION_ADDRESS_SIZE];
};

struct listener {
    struct loop *loop;
    struct evconnlistener *socket;
    struct loop_source *rest;
    listener_fn *on_accept;
    void *context;
};

static void on_read(struct bufferevent *stream, void *context)
{
    (void)stream;
    struct connection *connection = context;
    connection->handler(connection->context, CONNECTION_INPUT);
}

static void on_write(struct bufferevent *stream, void *context)
{
    (void)stream;
    struct connection *connection = context;
    connection->handler(connection->context, CONNECTION_DRAINED);
}

static void on_other(struct bufferevent *stream, short what, void *context)
{
    (void)stream;
    struct connection *connection = context;
    bool end = (what & BEV_EVENT_EOF) != 0 && (what & BEV_EVENT_ERROR) == 0;
    connection->handler(connection->context, end ? CONNECTION_END : CONNECTION_LOST);
}

static void name_peer(struct connection *connection, const struct sockaddr *address)
{
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof v6);
        if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
            inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], connection->peer,
                      sizeof connection->peer);
            memcpy(connection->network, connection->peer, sizeof connection->network);
            return;
        }
        inet_ntop(AF_INET6, &v6.sin6_addr, connection->peer, sizeof connection->peer);
        memset(&v6.sin6_addr.s6_addr[8], 0, 8);
        inet_ntop(AF_INET6, &v6.sin6_addr, connection->network, sizeof connection->network);
        return;
    }
    struct sockaddr_in v4;
    memcpy(&v4, address, sizeof v4);
    inet_ntop(AF_INET, &v4.sin_addr, connection->peer, sizeof connection->peer);
    memcpy(connection->network, connection->peer, sizeof connection->network);
}

static struct connection *connection_new(struct loop *loop, evutil_socket_t fd,
                                         const struct sockaddr *address)
{
    struct connection *connection = g_new0(struct connection, 1);
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connection->stream = bufferevent_socket_new(loop_base(loop), fd,
                                                BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
    g_assert(connection->stream != NULL);
    name_peer(connection, address);
    return connection;
}

void connection_set_handler(struct connection *connection, connection_fn *handler, void *context)
{
    connection->handler = handler;
    connection->context = context;
    bufferevent_setcb(connection->stream, on_read, on_write, on_other, connection);
    bufferevent_setwatermark(connection->stream, EV_READ, 0, LIMIT_SMTP_INPUT_BUFFER);
    bufferevent_set_max_single_read(connection->stream, LIMIT_SMTP_INPUT_BUFFER);
    bufferevent_enable(connection->stream, EV_READ | EV_WRITE);
}

const char *connection_peer(const struct connection *connection)
{
    return connection->peer;
}

const char *connection_network(const struct connection *connection)
{
    return connection->network;
}

size_t connection_peek(struct connection *connection, const char **bytes)
{
    struct evbuffer_iovec piece;
    struct evbuffer *input = bufferevent_get_input(connection->stream);
    if (evbuffer_peek(input, -1, NULL, &piece, 1) < 1)
        return 0;
    *bytes = piece.iov_base;
    return piece.iov_len;
}

void connection_consume(struct connection *connection, size_t size)
{
    evbuffer_drain(bufferevent_get_input(connection->stream), size);
}

size_t connection_waiting(const struct connection *connection)
{
    return evbuffer_get_length(bufferevent_get_input(connection->stream));
}

void connection_write(struct connection *connection, const void *bytes, size_t size)
{
    bufferevent_write(connection->stream, bytes, size);
}

size_t connection_unsent(const struct connection *connection)
{
    return evbuffer_get_length(bufferevent_get_output(connection->stream));
}

void connection_end_output(struct connection *connection)
{
    shutdown(bufferevent_getfd(connection->stream), SHUT_WR);
}

bool connection_has_input(const struct connection *connection)
{
    int unread = 0;
    if (ioctl(bufferevent_getfd(connection->stream), FIONREAD, &unread) != 0)
        unread = 0;
    return unread > 0 || connection_waiting(connection) > 0;
}

void connection_free(struct connection *connection)
{
    if (connection == NULL)
        return;
    bufferevent_free(connection->stream);
    g_free(connection);
}

static void on_accept(struct evconnlistener *socket, evutil_socket_t fd, struct sockaddr *address,
                      int length, void *context)
{
    (void)socket;
    (void)length;
    struct listener *listener = context;
    listener->on_accept(listener->context, connection_new(listener->loop, fd, address));
}

static void on_accept_error(struct evconnlistener *socket, void *context)
{
    struct listener *listener = context;
    evconnlistener_disable(socket);
    loop_timer_set(listener->rest, REST_MS);
}

static void on_rested(void *context)
{
    struct listener *listener = context;
    evconnlistener_enable(listener->socket);
}

struct listener *listener_new(struct loop *loop, const char *address, listener_fn *accepted,
                              void *context, GError **error)
{
    struct sockaddr_storage name;
    int length = sizeof name;
    memset(&name, 0, sizeof name);
    if (evutil_parse_sockaddr_port(address, (struct sockaddr *)&name, &length) != 0) {
        error_perm(error, "\"%s\" is not an address with a port to listen on", address);
        return NULL;
    }
    struct listener *listener = g_new0(struct listener, 1);
    listener->loop = loop;
    listener->on_accept = accepted;
    listener->context = context;
    listener->rest = loop_timer_new(loop, on_rested, listener);
    unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE;
    if (name.ss_family == AF_INET6)
        flags |= LEV_OPT_BIND_IPV6ONLY;
    listener->socket = evconnlistener_new_bind(loop_base(loop), on_accept, listener, flags,
                                               LISTEN_BACKLOG, (struct sockaddr *)&name, length);
    if (listener->socket == NULL) {
        error_temp(error, "cannot listen on %s: %s", address, g_strerror(errno));
        listener_free(listener);
        return NULL;
    }
    evconnlistener_set_error_cb(listener->socket, on_accept_error);
    return listener;
}

void listener_free(struct listener *listener)
{
    if (listener == NULL)
        return;
    if (listener->socket != NULL)
        evconnlistener_free(listener->socket);
    loop_source_free(listener->rest);
    g_free(listener);
}
