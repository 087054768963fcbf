/*
 * Sockets by way of libevent's bufferevents, TLS as a filter over one. What is hard: at the end of
 * a stream the input buffer can still hold bytes, so the end is told and the buffer stays; a filter
 * says that all is written when it is in the buffer beneath, so there the buffer beneath is
 * watched; and a process without descriptors cannot even refuse a peer, so each listener keeps one
 * back.
 *
 * In the clear, what one turn of the loop has written goes to the system at the end of the turn by
 * itself; the bufferevent, which would wait until the socket can be written, gets only what the
 * system did not take. And where libevent has read its 4 KB, the rest is read at once.
 */
#include "daemon/connection.h"

#include "base/error.h"
#include "base/limits.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LISTEN_BACKLOG = 1024, REST_MS = 1000, LIBEVENT_READS = 4096 };

struct connection {
    struct event_base *base;    /* borrowed */
    struct bufferevent *socket; /* the bytes on the wire */
    struct bufferevent *stream; /* the bytes of the peer: the same, or a filter that owns it */
    SSL *ssl;                   /* borrowed from the filter */
    struct event *drained;      /* of a filter: the socket's buffer has become empty */
    struct event *flushing;     /* at the end of this turn of the loop */
    GByteArray *unflushed;      /* in the clear: what was written in it; NULL: nothing */
    const char *trouble;        /* static */
    connection_fn *handler;
    void *context;
    struct address address;
    char peer[ADDRESS_TEXT_SIZE];
};

struct listener {
    struct loop *loop;
    struct evconnlistener *socket;
    struct loop_source *rest;
    int reserve; /* a descriptor kept back; -1: none */
    const char *busy;
    listener_fn *on_accept;
    void *context;
};

/* --- events --- */

/* An end or an error is met again by the bufferevent, whose business it is. */
static void read_more(struct connection *connection)
{
    struct evbuffer *input = bufferevent_get_input(connection->socket);
    size_t has = evbuffer_get_length(input);
    struct evbuffer_iovec piece;
    if (has < LIBEVENT_READS || has >= LIMIT_SMTP_INPUT_BUFFER)
        return;
    evbuffer_unfreeze(input, 0);
    if (evbuffer_reserve_space(input, (ev_ssize_t)(LIMIT_SMTP_INPUT_BUFFER - has), &piece, 1) ==
        1) {
        ssize_t got = recv(bufferevent_getfd(connection->socket), piece.iov_base,
                           LIMIT_SMTP_INPUT_BUFFER - has, MSG_DONTWAIT);
        piece.iov_len = got > 0 ? (size_t)got : 0;
        evbuffer_commit_space(input, &piece, 1);
    }
    evbuffer_freeze(input, 0);
}

static void on_read(struct bufferevent *stream, void *context)
{
    (void)stream;
    struct connection *connection = context;
    if (connection->ssl == NULL)
        read_more(connection);
    connection->handler(connection->context, CONNECTION_INPUT);
}

static void flush(struct connection *connection)
{
    GByteArray *bytes = connection->unflushed;
    if (bytes == NULL || bytes->len == 0)
        return;
    size_t sent = 0;
    if (evbuffer_get_length(bufferevent_get_output(connection->socket)) == 0) {
        ssize_t taken = send(bufferevent_getfd(connection->socket), bytes->data, bytes->len,
                             MSG_NOSIGNAL | MSG_DONTWAIT);
        sent = taken > 0 ? (size_t)taken : 0;
    }
    if (sent < bytes->len)
        bufferevent_write(connection->socket, bytes->data + sent, bytes->len - sent);
    /* A connection that is kept does not keep the room of its largest reply. */
    if (bytes->len > LIMIT_SMTP_OUTPUT_BUFFER)
        g_clear_pointer(&connection->unflushed, g_byte_array_unref);
    else
        g_byte_array_set_size(bytes, 0);
}

static void on_flush(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct connection *connection = context;
    flush(connection);
    if (connection_unsent(connection) == 0)
        connection->handler(connection->context, CONNECTION_DRAINED);
}

static void on_write(struct bufferevent *stream, void *context)
{
    (void)stream;
    struct connection *connection = context;
    if (connection->ssl == NULL || connection_unsent(connection) == 0)
        connection->handler(connection->context, CONNECTION_DRAINED);
}

static void on_drained(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct connection *connection = context;
    if (connection_unsent(connection) == 0)
        connection->handler(connection->context, CONNECTION_DRAINED);
}

static void on_socket_output(struct evbuffer *buffer, const struct evbuffer_cb_info *info,
                             void *context)
{
    struct connection *connection = context;
    if (info->n_deleted > 0 && evbuffer_get_length(buffer) == 0)
        event_active(connection->drained, EV_WRITE, 0);
}

static void note_trouble(struct connection *connection)
{
    unsigned long code = bufferevent_get_openssl_error(connection->stream);
    const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;
    if (reason != NULL)
        connection->trouble = reason;
    ERR_clear_error();
}

/* What TLS has said is written now or never: nobody waits for it any more. */
static void write_out(struct connection *connection)
{
    struct evbuffer *output = bufferevent_get_output(connection->socket);
    evbuffer_unfreeze(output, 1);
    evbuffer_write(output, bufferevent_getfd(connection->socket));
    evbuffer_freeze(output, 1);
}

static void on_other(struct bufferevent *stream, short what, void *context)
{
    (void)stream;
    struct connection *connection = context;
    enum connection_event event = CONNECTION_LOST;
    if (connection->ssl != NULL)
        note_trouble(connection);
    if ((what & BEV_EVENT_CONNECTED) != 0)
        event = CONNECTION_SECURED;
    else if ((what & BEV_EVENT_EOF) != 0 && (what & BEV_EVENT_ERROR) == 0 &&
             (connection->ssl == NULL || SSL_is_init_finished(connection->ssl)))
        event = CONNECTION_END;
    else if (connection->ssl != NULL)
        write_out(connection); /* why it was refused: an alert */
    connection->handler(connection->context, event);
}

/* --- a connection --- */

static struct connection *connection_new(struct loop *loop, evutil_socket_t fd,
                                         const struct sockaddr *name)
{
    struct connection *connection = g_new0(struct connection, 1);
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connection->base = loop_base(loop);
    connection->socket = bufferevent_socket_new(connection->base, fd,
                                                BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
    g_assert(connection->socket != NULL);
    connection->stream = connection->socket;
    struct address address = address_of_socket(name);
    connection_set_address(connection, &address);
    return connection;
}

void connection_set_address(struct connection *connection, const struct address *address)
{
    connection->address = *address;
    address_text(address, connection->peer);
}

const struct address *connection_address(const struct connection *connection)
{
    return &connection->address;
}

const char *connection_peer(const struct connection *connection)
{
    return connection->peer;
}

/* Lets the stream read, LIMIT_SMTP_INPUT_BUFFER octets ahead at most. */
static void listen_to(struct connection *connection)
{
    bufferevent_setcb(connection->stream, on_read, on_write, on_other, connection);
    bufferevent_setwatermark(connection->stream, EV_READ, 0, LIMIT_SMTP_INPUT_BUFFER);
    bufferevent_set_max_single_read(connection->stream, LIMIT_SMTP_INPUT_BUFFER);
    bufferevent_enable(connection->stream, EV_READ | EV_WRITE);
}

void connection_set_handler(struct connection *connection, connection_fn *handler, void *context)
{
    connection->handler = handler;
    connection->context = context;
    listen_to(connection);
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

size_t connection_peek_all(struct connection *connection, size_t most, const char **bytes)
{
    struct evbuffer *input = bufferevent_get_input(connection->stream);
    size_t size = MIN(evbuffer_get_length(input), most);
    if (size == 0)
        return 0;
    *bytes = (const char *)evbuffer_pullup(input, (ev_ssize_t)size);
    return size;
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
    if (connection->ssl != NULL) {
        bufferevent_write(connection->stream, bytes, size);
        return;
    }
    if (connection->unflushed == NULL)
        connection->unflushed = g_byte_array_new();
    if (connection->flushing == NULL)
        connection->flushing = event_new(connection->base, -1, 0, on_flush, connection);
    g_byte_array_append(connection->unflushed, bytes, (guint)size);
    event_active(connection->flushing, EV_WRITE, 0);
}

/* When the socket meets an end and an error in one turn, a filter tells only of the end: what was
 * written then stays where it is for ever, and is not to be waited for. */
static bool can_write(const struct connection *connection)
{
    return (bufferevent_get_enabled(connection->socket) & EV_WRITE) != 0;
}

size_t connection_unsent(const struct connection *connection)
{
    if (!can_write(connection))
        return 0;
    size_t unsent = evbuffer_get_length(bufferevent_get_output(connection->stream));
    if (connection->unflushed != NULL)
        unsent += connection->unflushed->len;
    if (connection->ssl != NULL)
        unsent += evbuffer_get_length(bufferevent_get_output(connection->socket));
    return unsent;
}

/* TLS has a word of its own for it. */
static void say_goodbye(struct connection *connection)
{
    if (!SSL_is_init_finished(connection->ssl))
        return;
    SSL_shutdown(connection->ssl);
    ERR_clear_error();
    write_out(connection);
}

void connection_end_output(struct connection *connection)
{
    flush(connection);
    if (connection->ssl != NULL)
        say_goodbye(connection);
    shutdown(bufferevent_getfd(connection->socket), SHUT_WR);
}

bool connection_has_input(const struct connection *connection)
{
    int unread = 0;
    if (ioctl(bufferevent_getfd(connection->socket), FIONREAD, &unread) != 0)
        unread = 0;
    return unread > 0 || connection_waiting(connection) > 0;
}

void connection_start_tls(struct connection *connection, struct ssl_st *ssl)
{
    flush(connection);
    ERR_clear_error();
    connection->stream = bufferevent_openssl_filter_new(
        connection->base, connection->socket, ssl, BUFFEREVENT_SSL_ACCEPTING,
        BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
    g_assert(connection->stream != NULL);
    connection->ssl = ssl;
    connection->trouble = "";
    bufferevent_openssl_set_allow_dirty_shutdown(connection->stream, 1);
    connection->drained = event_new(connection->base, -1, 0, on_drained, connection);
    evbuffer_add_cb(bufferevent_get_output(connection->socket), on_socket_output, connection);
    listen_to(connection);
}

const char *connection_tls_version(const struct connection *connection)
{
    return connection->ssl != NULL ? SSL_get_version(connection->ssl) : NULL;
}

const char *connection_tls_cipher(const struct connection *connection)
{
    return connection->ssl != NULL ? SSL_get_cipher_name(connection->ssl) : NULL;
}

const char *connection_tls_trouble(const struct connection *connection)
{
    return connection->trouble != NULL ? connection->trouble : "";
}

void connection_free(struct connection *connection)
{
    if (connection == NULL)
        return;
    if (connection->drained != NULL) {
        evbuffer_remove_cb(bufferevent_get_output(connection->socket), on_socket_output,
                           connection);
        event_free(connection->drained);
    }
    if (connection->flushing != NULL)
        event_free(connection->flushing);
    if (connection->unflushed != NULL)
        g_byte_array_unref(connection->unflushed);
    bufferevent_free(connection->stream);
    g_free(connection);
}

/* --- listeners --- */

static void on_accept(struct evconnlistener *socket, evutil_socket_t fd, struct sockaddr *name,
                      int length, void *context)
{
    (void)socket;
    (void)length;
    struct listener *listener = context;
    listener->on_accept(listener->context, connection_new(listener->loop, fd, name));
}

static int reserve_descriptor(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* No descriptor is left: the one kept back serves to refuse a peer in words, and the others wait
 * in the queue of the system while the listener rests. Without the rest it would spin. */
static void on_accept_error(struct evconnlistener *socket, void *context)
{
    struct listener *listener = context;
    int reason = errno;
    if ((reason == EMFILE || reason == ENFILE) && listener->reserve >= 0) {
        close(listener->reserve);
        int fd = accept4(evconnlistener_get_fd(socket), NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            send(fd, listener->busy, strlen(listener->busy), MSG_NOSIGNAL | MSG_DONTWAIT);
            close(fd);
        }
        listener->reserve = reserve_descriptor();
    }
    evconnlistener_disable(socket);
    loop_timer_set(listener->rest, REST_MS);
}

static void on_rested(void *context)
{
    struct listener *listener = context;
    if (listener->reserve < 0)
        listener->reserve = reserve_descriptor();
    evconnlistener_enable(listener->socket);
}

static struct listener *listener_make(struct loop *loop, const char *busy, listener_fn *accepted,
                                      void *context)
{
    struct listener *listener = g_new0(struct listener, 1);
    listener->loop = loop;
    listener->busy = busy;
    listener->on_accept = accepted;
    listener->context = context;
    listener->rest = loop_timer_new(loop, on_rested, listener);
    listener->reserve = reserve_descriptor();
    return listener;
}

enum { LISTENER_FLAGS = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_DISABLED };

struct listener *listener_new(struct loop *loop, const char *address, const char *busy,
                              listener_fn *accepted, void *context, GError **error)
{
    struct sockaddr_storage name;
    int length = sizeof name;
    memset(&name, 0, sizeof name);
    if (evutil_parse_sockaddr_port(address, (struct sockaddr *)&name, &length) != 0) {
        error_perm(error, "\"%s\" is not an address with a port to listen on", address);
        return NULL;
    }
    struct listener *listener = listener_make(loop, busy, accepted, context);
    unsigned flags = LISTENER_FLAGS | LEV_OPT_REUSEABLE;
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

struct listener *listener_new_fd(struct loop *loop, int fd, const char *busy, listener_fn *accepted,
                                 void *context, GError **error)
{
    struct listener *listener = listener_make(loop, busy, accepted, context);
    listener->socket =
        evconnlistener_new(loop_base(loop), on_accept, listener, LISTENER_FLAGS, 0, fd);
    if (listener->socket == NULL) {
        error_temp(error, "cannot listen on the inherited socket %d: %s", fd, g_strerror(errno));
        listener_free(listener);
        return NULL;
    }
    evconnlistener_set_error_cb(listener->socket, on_accept_error);
    return listener;
}

void listener_start(struct listener *listener)
{
    evconnlistener_enable(listener->socket);
}

void listener_free(struct listener *listener)
{
    if (listener == NULL)
        return;
    if (listener->socket != NULL)
        evconnlistener_free(listener->socket);
    if (listener->reserve >= 0)
        close(listener->reserve);
    loop_source_free(listener->rest);
    g_free(listener);
}
