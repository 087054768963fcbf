/*
 * The corridor: one message or upload, already read into a report, becomes log entry, raw bytes,
 * calls and figures. Whoever brings it (SMTP, an upload, later a webhook and replay) comes
 * through here, so that the same thing twice changes nothing, by whatever door.
 *
 *     ingest_begin(ingest, &error)
 *     ingest_apply(ingest, &message, &result, &error)    as many as there are
 *     ingest_commit(ingest, &error)
 *
 * All messages between begin and commit are one transaction, and the figures of the days they
 * touched are computed once, at its end. A message that fails undoes them all: whoever brings
 * several tries them again one by one. An error is our trouble in any class: TEMP may pass, PERM is
 * a row that the database does not take.
 *
 * What is read of agencies and their people is kept from one transaction to the next, and dropped
 * as soon as any other connection has written to the database.
 */
#ifndef CALLMX_INGEST_INGEST_H
#define CALLMX_INGEST_INGEST_H

#include "base/auto.h"
#include "base/id.h"
#include "base/json.h"
#include "db/driver.h"
#include "report/report.h"

/* Where a message is to go. Texts are borrowed. */
struct ingest_recipient {
    const char *address;   /* forward-path; NULL for an upload */
    const char *key;       /* looked up again in this transaction: it may have been disabled */
    const char *agency_id; /* for an upload: whose it is; key is NULL then. Both NULL: postmaster */
};

struct ingest_message {
    char id[ID_SIZE];
    const char *channel; /* "smtp", "upload", "mailgun", "replay" */
    const char *sender;  /* reverse-path; NULL for an upload */
    const struct ingest_recipient *recipients;
    size_t recipient_count;
    const char *replay_of; /* the message that this one is, read again: its bytes are kept already,
                            * and known workbooks are read again. NULL: a message of its own */
    const char *token; /* by which it came, good once: where it was used before nothing is stored.
                        * NULL: none */
    const char *trace; /* our header fields; NULL for an upload */
    const void *bytes; /* as received */
    size_t size;
    const char *sha256;          /* of bytes */
    int64_t received_at;         /* utc */
    int64_t received_monotonic;  /* g_get_monotonic_time() at the end of the message */
    const struct report *report; /* NULL if there is no agency to read it for */
};

/* What came of it, over all agencies. */
struct ingest_result {
    enum report_verdict verdict;
    char *reason;      /* NULL for stored, duplicate and kept */
    int64_t calls;     /* sessions without internal ones, of one agency; -1: no Calls in it */
    int64_t new_calls; /* of them, those not known before; summed over agencies */
    int64_t people_matched, people_seen;
    bool has_dates;
    int32_t first_date, last_date;
    bool is_for_nobody; /* every key of it has died meanwhile: nothing was stored */
    bool is_used;       /* its token was used before: nothing was stored */
    char *note; /* short words joined with commas for what was left out; NULL: nothing was */
};

void ingest_result_clear(struct ingest_result *result);

struct ingest;

/* `db` is borrowed and must outlive it. */
struct ingest *ingest_new(struct db *db);
void ingest_free(struct ingest *ingest);
AUTO_DEFINE(ingest, ingest_free)

bool ingest_begin(struct ingest *ingest, GError **error);

/* False: nothing of the whole transaction is stored, and it is over. */
bool ingest_apply(struct ingest *ingest, const struct ingest_message *message,
                  struct ingest_result *result, GError **error);

/* A call that a dialer told: everything is borrowed. */
struct ingest_event {
    const char *integration_id; /* looked up again in this transaction: it may have been disabled */
    const char *agency_id;
    const char *field_map; /* store_voip.h */
    const struct json *event;
    int64_t received_at; /* utc */
};

struct ingest_event_result {
    char call_id[ID_SIZE];
    bool is_for_nobody; /* the integration is disabled: nothing was stored */
    bool is_duplicate;  /* the call was known: it has been changed, if anything new was told */
    bool has_member, has_contact;
    char *refused; /* why it cannot be stored, naming the field: nothing of it was; NULL: it was */
};

void ingest_event_result_clear(struct ingest_event_result *result);

/* False: nothing of the whole transaction is stored, and it is over. */
bool ingest_apply_event(struct ingest *ingest, const struct ingest_event *event,
                        struct ingest_event_result *result, GError **error);

/* Forgets what is kept of agencies: somebody else has written on this connection. */
void ingest_forget(struct ingest *ingest);

/* Computes the figures of the days that were touched, before the commit, which does it too. */
bool ingest_compute(struct ingest *ingest, GError **error);

/* False: nothing of the whole transaction is stored, and it is over. */
bool ingest_commit(struct ingest *ingest, GError **error);
void ingest_rollback(struct ingest *ingest);

/* The line after the reply code, with the enhanced status code first:
 * "2.0.0 <id> stored calls=293 new=290 people=9/9 date=2026-01-05". `reject_bad` is the setting
 * bad-report = reject: no-report and failed get 554. g_free it. */
char *ingest_reply(const char *id, const struct ingest_result *result, bool reject_bad,
                   unsigned *code);

#endif
