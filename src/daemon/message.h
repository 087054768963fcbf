/*
 * A message on its way, a mail or an upload: its bytes while they arrive, whom it is for, and what
 * came of it. It has one owner at a time: the session that brings it, then the parser pool's job,
 * then the store thread, and each frees it with message_free(). The octets of all messages together
 * have a ceiling.
 *
 * A message of up to LIMIT_MESSAGE_SMALL octets is kept in memory, and a larger one in a memfd,
 * from which parser and store thread map it.
 */
#ifndef CALLMX_DAEMON_MESSAGE_H
#define CALLMX_DAEMON_MESSAGE_H

#include "base/sha256.h"
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
    char *bytes;                   /* of a small one, never NULL at its end; NULL: they are in fd */
    int fd;                        /* memfd; -1: there is none */
    int64_t size;                  /* octets */
    bool over;                     /* bytes were dropped: there was no room */
    struct sha256 *hash;           /* of them so far; NULL at its end */
    char sha256[SHA256_HEX_SIZE];  /* then */
    char *peer;                    /* address of the client */
    char *sender;                  /* reverse-path */
    GArray *recipients;            /* of struct message_recipient */
    char *trace;                   /* our header fields */
    int64_t received_at;           /* utc, at the end of the message */
    int64_t received_monotonic;
    struct report *report; /* NULL: not read */
    const char *channel;   /* as in the log: "smtp", "upload", "mailgun" */
    char *agency_id;       /* of an upload, which has no recipients; NULL: a mail */
    enum report_input input;
    char *file_name; /* of an upload; NULL: none was told */
    char *token;     /* good once: struct ingest_message; NULL: none */
    bool reject_bad; /* bad-report = reject, when it came */
};

struct message *message_new(struct message_budget *budget);
void message_free(struct message *message);
AUTO_DEFINE(message, message_free)

/* Adds octets; past the ceiling, or where there is no memfd to be had, they are dropped and `over`
 * is set. */
void message_append(struct message *message, const char *bytes, size_t size);

/* At its end: takes the envelope over, notes the time, seals the bytes and writes the trace. */
void message_complete(struct message *message, const struct smtp_envelope *envelope,
                      const struct trace_hop *hop);

/* The same of an upload for an agency; `file_name` NULL: none. */
void message_complete_upload(struct message *message, const char *agency_id, const char *peer,
                             enum report_input input, const char *file_name);

/* The same of a mail by way of Mailgun, to one key; `token` as in struct message. The peer is set.
 */
void message_complete_mailgun(struct message *message, const char *sender, const char *address,
                              const char *key, const char *token);

/* One recipient more, before message_complete(). */
void message_add_recipient(struct message *message, const char *address, const char *key);

/* Its octets, `size` of them, when nothing is added any more; to be given back with
 * message_unmap(). NULL if they cannot be mapped, or there are none and it is not complete yet. */
const char *message_map(const struct message *message, GError **error);
void message_unmap(const struct message *message, const char *bytes);

/* Whether anybody but postmaster is to get it. */
bool message_has_agency(const struct message *message);

#endif
