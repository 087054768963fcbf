/*
 * What smtp_server.c, smtp_client.c and smtp_delivery.c share, and nobody else: the server, its
 * clients, and who calls whom.
 *
 *   smtp_server.c    listeners, certificates, settings in force, reload, drain
 *   smtp_client.c    one peer: bytes between its connection and its session, deadlines
 *   smtp_delivery.c  a message from its end to the reply: parser pool, store thread
 *
 * A client can vanish at any moment while others still work for it, so nobody but smtp_client.c
 * keeps a pointer to one: answers come back with a ticket, and one that is not in the table any
 * more is answered by nobody.
 */
#ifndef CALLMX_DAEMON_SMTP_SERVER_IMPL_H
#define CALLMX_DAEMON_SMTP_SERVER_IMPL_H

#include "daemon/admission.h"
#include "daemon/answer_hold.h"
#include "daemon/disk_space.h"
#include "daemon/listeners.h"
#include "daemon/message.h"
#include "daemon/smtp_server.h"
#include "daemon/tls.h"
#include "proto/smtp_session.h"

/* The settings in force for those who came while they were: counted by references. */
struct smtp_config {
    gint references;
    struct settings *settings;
    struct tls *tls; /* NULL: none */
    struct smtp_session_config session;
    int64_t max_connections; /* as set, or what the descriptors allow */
};

struct smtp_server {
    struct loop *loop;
    struct parser_pool *pool;
    struct store_thread *store;
    struct reader_thread *reader;
    struct smtp_config *config; /* for those who come now */
    struct message_budget budget;
    struct disk_space disk;
    struct admission *admission;
    struct answer_hold *hold; /* answers to recipients that are not to be heard yet */
    struct listeners *listeners;
    GHashTable *clients; /* ticket -> struct client */
    uint64_t last_ticket;
    uint64_t in_flight; /* messages handed to pool or store */
    bool draining;
    struct loop_source *drain_timer;
    struct loop_source *minute_timer;
    bool tls_failed; /* the files that changed last were no good: said once */
    loop_fn *drained;
    void *drained_context;
};

struct client;

struct smtp_config *smtp_config_ref(struct smtp_config *config);
void smtp_config_unref(struct smtp_config *config);

/* smtp_server.c: tells whoever waits for the end of the drain, if this was the last. */
void smtp_server_check_drained(struct smtp_server *server);

/* smtp_client.c */
void smtp_client_accept(void *server, struct connection *connection);    /* a listener_fn */
void smtp_client_answer_held(void *server, uint64_t ticket, int answer); /* an answer_hold_fn */
void smtp_client_free_all(struct smtp_server *server);
/* Every client is told to end: all but those in a message; with `hard` these too, unless their
 * message is there and only the answer is to come. */
void smtp_client_stop_all(struct smtp_server *server, bool hard);
/* The answer to a message; nothing if the client has gone. */
void smtp_client_answer_message(struct smtp_server *server, uint64_t ticket, unsigned code,
                                const char *text);

/* smtp_delivery.c: takes the message, whose trace and envelope are complete. The answer comes by
 * smtp_client_answer_message(). */
void smtp_delivery_begin(struct smtp_server *server, const struct settings *settings,
                         uint64_t ticket, struct message *message);

#endif
