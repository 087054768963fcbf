/*
 * HTTP on the network: joins connections and sessions (proto/http_session.h), and gives each
 * request to the route that it is for. Deadlines and caps live here, as in smtp_server.h; so do the
 * rules of who the peer is behind a proxy. Everything belongs to the loop's thread.
 */
#ifndef CALLMX_DAEMON_HTTP_SERVER_H
#define CALLMX_DAEMON_HTTP_SERVER_H

#include "daemon/loop.h"
#include "daemon/message.h"
#include "daemon/parser_pool.h"
#include "daemon/reader_thread.h"
#include "daemon/settings.h"
#include "daemon/store_thread.h"

struct http_server;

/* Binds all addresses, reads the certificates and Mailgun's key: what may need root. `budget` is
 * that of SMTP, and borrowed. NULL and an error if one of them cannot be had. Nobody is served
 * before http_server_attach(). */
struct http_server *http_server_new(struct loop *loop, struct settings *settings,
                                    struct message_budget *budget, GError **error);
void http_server_free(struct http_server *server);
AUTO_DEFINE(http_server, http_server_free)

/* Gives it what it works with (borrowed, must outlive it), and begins to serve. */
void http_server_attach(struct http_server *server, struct parser_pool *pool,
                        struct store_thread *store, struct reader_thread *reader);

/* Other settings, all or nothing: what can fail is prepared first, and then settled, or abandoned.
 */
bool http_server_prepare(struct http_server *server, struct settings *settings, GError **error);
void http_server_settle(struct http_server *server);
void http_server_abandon(struct http_server *server);

/* As smtp_server_drain(). */
void http_server_drain(struct http_server *server, loop_fn *done, void *context);

#endif
