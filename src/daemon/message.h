/*
 * A message on its way: its bytes in a memfd while they arrive, its envelope, and what came of it.
 * It has one owner at a time: the SMTP session, then the parser pool's job, then the store thread,
 * and each frees it with message_free(). The octets of all messages together have a ceiling.
 */
#ifndef CALLMX_DAEMON_MESSAGE_H
#define CALLMX_DAEMON_MESSAGE_H

#include "daemon/trace.h"
#include "ingest/ingest.h"
#include "proto/smtp_session.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* The ceiling over all messages under way. Touched by the loop's thread alone. */
struct message_budget {
    int64_t used, most; /* octets */
};

struct message_recipient {
    char *address;
    char *key; /* NULL: postmaster or abuse */
};

struct message {
    char id[ID_SIZE];
    struct message_budget *budget; /* borrowed */
    int fd;                        /* memfd */
    int64_t size;                  /* octets in it */
    bool over;                     /* bytes were dropped: there was no room */
    char *peer;                    /* address of the client */
    char *sender;                  /* reverse-path */
    GArray *recipients;            /* of struct message_recipient */
    char *trace;                   /* our header fields */
    int64_t received_at;           /* utc, at the end of the message */
    int64_t received_monotonic;
    struct report *report; /* NULL: not read */
};

/* NULL if there is no memfd to be had. */
struct message *message_new(struct message_budget *budget, GError **error);
void message_free(struct message *message);
AUTO_DEFINE(message, message_free)

/* Adds octets; past the ceiling they are dropped and `over` is set. */
void message_append(struct message *message, const char *bytes, size_t size);

/* At its end: takes the envelope over, notes the time, seals the bytes and writes the trace. */
void message_complete(struct message *message, const struct smtp_envelope *envelope,
                      const struct trace_hop *hop);

/* Whether anybody but postmaster is to get it. */
bool message_has_keys(const struct message *message);

#endif
