/*
 * SMTP on the network: joins connections and sessions (proto/smtp_session.h), and carries each
 * message to the parser pool, on to the store thread, and the verdict back as the reply to DATA.
 *
 * Deadlines, caps and the budget of memory live here, because a session has no clock and knows no
 * other session. Everything belongs to the loop's thread.
 */
#ifndef CALLMX_DAEMON_SMTP_SERVER_H
#define CALLMX_DAEMON_SMTP_SERVER_H

#include "daemon/loop.h"
#include "daemon/message.h"
#include "daemon/parser_pool.h"
#include "daemon/reader_thread.h"
#include "daemon/settings.h"
#include "daemon/store_thread.h"

struct smtp_server;

struct smtp_server_parts {
    struct loop *loop;         /* borrowed; must outlive the server */
    struct settings *settings; /* the server takes a reference of its own */
    const int *sockets;        /* that listen already and are used instead of the settings' */
    size_t socket_count;       /* addresses, if there are any; taken over */
};

/* Binds all addresses and reads the certificates: what may need root. NULL and an error if one of
 * them cannot be had. Nobody is served before smtp_server_attach(). */
struct smtp_server *smtp_server_new(const struct smtp_server_parts *parts, GError **error);
void smtp_server_free(struct smtp_server *server);
AUTO_DEFINE(smtp_server, smtp_server_free)

/* Gives it what it works with (borrowed, must outlive it), and begins to serve. */
void smtp_server_attach(struct smtp_server *server, struct parser_pool *pool,
                        struct store_thread *store, struct reader_thread *reader);

/* The octets of all messages under way: for others who bring some. */
struct message_budget *smtp_server_budget(struct smtp_server *server);

/* Other settings, all or nothing: on an error everything stays as it was. New addresses are bound,
 * certificates read again; sessions under way go on under what they began with. Takes a reference
 * of its own. The database is not changed, nor are inherited sockets. */
bool smtp_server_reload(struct smtp_server *server, struct settings *settings, GError **error);

/* Stops listening, tells idle sessions 421, gives messages under way LIMIT_SMTP_DRAIN seconds to
 * arrive and whatever they need to be answered, then calls `done` once. */
void smtp_server_drain(struct smtp_server *server, loop_fn *done, void *context);

#endif
