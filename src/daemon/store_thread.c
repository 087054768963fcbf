/*
 * See store_thread.h. Group commit: the longer a commit takes, the more messages wait for the next
 * one, so the cost of an fsync is shared exactly when it matters. A failed BEGIN or COMMIT fails
 * the whole batch; every peer is told to try again, and trying again is harmless. Where it is not
 * the disk but a row that the database never takes, the messages are tried one by one, so that only
 * the one to blame is kept without its figures.
 */
#include "daemon/store_thread.h"

#include "base/error.h"
#include "base/limits.h"
#include "daemon/counters.h"
#include "daemon/log.h"
#include "daemon/parser_process.h"
#include "db/store_coverage.h"
#include "db/store_message.h"
#include "ingest/coverage.h"

#define PURGE_EVERY_USEC (60 * G_USEC_PER_SEC)

enum job_kind { JOB_MESSAGE, JOB_EVENT, JOB_CHANGE, JOB_END };

struct store_job {
    enum job_kind kind;
    GError *error;
    void *context;
    union {
        struct {
            struct message *message;
            struct ingest_result result;
            store_thread_fn *done;
        } mail;
        struct {
            struct ingest_event given;
            struct ingest_event_result result;
            store_event_fn *done;
        } event;
        struct {
            store_change_fn *run;
            store_changed_fn *done;
        } change;
    };
};

struct store_thread {
    struct loop *loop;
    struct db *db;
    struct checkpointer *checkpointer;
    struct ingest *ingest;
    int64_t retention;
    int64_t purge_due;  /* monotonic, microseconds */
    GAsyncQueue *queue; /* of struct store_job * */
    GThread *thread;
};

static void deliver(void *context)
{
    struct store_job *job = context;
    bool is_good = job->error == NULL;
    switch (job->kind) {
    case JOB_MESSAGE:
        job->mail.done(job->context, job->mail.message, is_good ? &job->mail.result : NULL,
                       job->error);
        ingest_result_clear(&job->mail.result);
        break;
    case JOB_EVENT:
        job->event.done(job->context, is_good ? &job->event.result : NULL, job->error);
        ingest_event_result_clear(&job->event.result);
        break;
    case JOB_CHANGE:
        job->change.done(job->context, job->error);
        break;
    case JOB_END:
        break;
    }
    g_clear_error(&job->error);
    g_free(job);
}

static bool apply_bytes(struct ingest *ingest, const struct message *message, const void *bytes,
                        struct ingest_result *result, GError **error)
{
    guint count = message->recipients->len;
    g_autofree struct ingest_recipient *recipients = g_new0(struct ingest_recipient, count + 1);
    if (message->agency_id != NULL)
        recipients[count].agency_id = message->agency_id;
    for (guint i = 0; i < count; i++) {
        const struct message_recipient *one =
            &g_array_index(message->recipients, struct message_recipient, i);
        recipients[i].address = one->address;
        recipients[i].key = one->key;
    }
    struct ingest_message given = {
        .channel = message->channel,
        .sender = message->sender,
        .recipients = recipients,
        .recipient_count = count + (message->agency_id != NULL),
        .token = message->token,
        .trace = message->trace,
        .bytes = bytes,
        .size = (size_t)message->size,
        .sha256 = message->sha256,
        .received_at = message->received_at,
        .received_monotonic = message->received_monotonic,
        .report = message->report,
    };
    g_strlcpy(given.id, message->id, sizeof given.id);
    return ingest_apply(ingest, &given, result, error);
}

static bool apply_message(struct ingest *ingest, struct store_job *job, GError **error)
{
    const struct message *message = job->mail.message;
    struct ingest_result *result = &job->mail.result;
    ingest_result_clear(result);
    const char *bytes = message_map(message, error);
    if (bytes == NULL)
        return false;
    bool ok = apply_bytes(ingest, message, bytes, result, error);
    message_unmap(message, bytes);
    return ok;
}

static bool apply_job(struct ingest *ingest, struct store_job *job, GError **error)
{
    if (job->kind == JOB_MESSAGE)
        return apply_message(ingest, job, error);
    ingest_event_result_clear(&job->event.result);
    return ingest_apply_event(ingest, &job->event.given, &job->event.result, error);
}

/* A report that the database will never take is kept like one that cannot be read: raw, and with
 * the reason. */
static void give_up_report(struct message *message, const GError *why)
{
    g_autofree char *reason =
        g_strdup_printf("it was read and could not be stored: %s", why->message);
    log_event(LOG_LEVEL_ERROR, "report-not-stored", LOG_TEXT("id", message->id),
              LOG_TEXT("error", why->message));
    report_free(message->report);
    message->report = parser_process_failure(reason);
}

/* All of them in one transaction, or none. *begun: it was to be had. */
static bool apply_batch(struct ingest *ingest, struct store_job **jobs, guint count, bool *begun,
                        GError **error)
{
    int64_t began = g_get_monotonic_time();
    *begun = ingest_begin(ingest, error);
    if (!*begun)
        return false;
    for (guint i = 0; i < count; i++) {
        if (!apply_job(ingest, jobs[i], error)) {
            ingest_rollback(ingest);
            return false;
        }
    }
    if (!ingest_commit(ingest, error))
        return false;
    counter_add_time(COUNTER_TIME_COMMIT, g_get_monotonic_time() - began);
    log_event(LOG_LEVEL_DEBUG, "committed", LOG_INT("messages", count),
              LOG_INT("took_ms", (g_get_monotonic_time() - began) / 1000));
    return true;
}

static void fail_job(struct store_job *job, const GError *error)
{
    log_event(LOG_LEVEL_ERROR, "commit-failed",
              LOG_TEXT("id", job->kind == JOB_MESSAGE ? job->mail.message->id : NULL),
              LOG_TEXT("error", error->message));
    job->error = g_error_copy(error);
}

/* One message; where its report can never be stored, without it. */
static void apply_alone(struct ingest *ingest, struct store_job *job)
{
    g_autoptr(GError) error = NULL;
    bool begun;
    if (apply_batch(ingest, &job, 1, &begun, &error))
        return;
    if (!error_is_temp(error) && job->kind == JOB_MESSAGE && job->mail.message->report != NULL) {
        give_up_report(job->mail.message, error);
        g_clear_error(&error);
        if (apply_batch(ingest, &job, 1, &begun, &error))
            return;
    }
    fail_job(job, error);
}

static void run_batch(struct store_thread *store, GPtrArray *batch)
{
    g_autoptr(GError) error = NULL;
    struct store_job **jobs = (struct store_job **)batch->pdata;
    bool begun = true;
    if (batch->len == 1) {
        apply_alone(store->ingest, jobs[0]);
    } else if (!apply_batch(store->ingest, jobs, batch->len, &begun, &error)) {
        /* Where another program holds the database, one wait for all of them is enough. */
        for (guint i = 0; i < batch->len; i++) {
            if (begun)
                apply_alone(store->ingest, jobs[i]);
            else
                fail_job(jobs[i], error);
        }
    }
    for (guint i = 0; i < batch->len; i++)
        loop_post(store->loop, deliver, jobs[i]);
    g_ptr_array_set_size(batch, 0);
    g_clear_error(&error);
    if (checkpointer_tell(store->checkpointer, db_log_pages(store->db)) &&
        !db_checkpoint(store->db, &error))
        log_event(LOG_LEVEL_ERROR, "checkpoint-failed", LOG_TEXT("error", error->message));
}

/* Few at a time, so that no message waits long for it; sooner again when there was more. */
static void purge(struct store_thread *store)
{
    store->purge_due = g_get_monotonic_time() + PURGE_EVERY_USEC;
    int64_t before = g_get_real_time() / G_USEC_PER_SEC - store->retention;
    int64_t dropped = 0;
    g_autoptr(GError) error = NULL;
    if (store->retention == 0)
        return;
    if (!store_raw_purge(store->db, before, LIMIT_RAW_PURGE_BATCH, &dropped, &error))
        log_event(LOG_LEVEL_ERROR, "purge-failed", LOG_TEXT("error", error->message));
    else if (dropped > 0)
        log_event(LOG_LEVEL_INFO, "raw-messages-dropped", LOG_INT("messages", dropped));
    if (dropped == LIMIT_RAW_PURGE_BATCH)
        store->purge_due = g_get_monotonic_time() + G_USEC_PER_SEC;
}

static void say_overdue(void *context, const struct store_agency *agency,
                        const struct coverage_day *day)
{
    (void)context;
    char date[DAY_DATE_SIZE];
    day_date_text(day->date, date);
    log_event(LOG_LEVEL_WARNING, "report-overdue", LOG_TEXT("agency", agency->id),
              LOG_TEXT("date", date), LOG_TEXT("state", coverage_state_name(day->state)));
}

/* In a transaction of its own: who holds the database is not waited for longer than by a mail. */
static void look_for_overdue(struct store_thread *store)
{
    g_autoptr(GError) error = NULL;
    int64_t now = g_get_real_time() / G_USEC_PER_SEC;
    bool any = false;
    if (store_expectation_any(store->db, &any, &error) && !any)
        return;
    if (any && db_begin(store->db, &error) &&
        coverage_tell_overdue(store->db, now, say_overdue, NULL, &error) &&
        db_commit(store->db, &error))
        return;
    db_rollback(store->db);
    log_event(LOG_LEVEL_ERROR, "overdue-not-looked-for", LOG_TEXT("error", error->message));
}

/* What a message weighs: nobody should wait long for the large one of another. */
static uint64_t row_count(const struct report *report)
{
    uint64_t rows = 0;
    for (guint i = 0; report != NULL && i < report->files->len; i++) {
        const struct report_file *file = g_ptr_array_index(report->files, i);
        rows += file->legs->len + file->users->len;
    }
    return rows;
}

/* In a transaction of its own, and nothing of it stays if it fails. */
static void run_change(struct store_thread *store, struct store_job *job)
{
    bool is_done = db_begin(store->db, &job->error) &&
                   job->change.run(job->context, store->db, &job->error) &&
                   db_commit(store->db, &job->error);
    if (!is_done)
        db_rollback(store->db);
    ingest_forget(store->ingest);
    loop_post(store->loop, deliver, job);
}

static bool is_batched(const struct store_job *job)
{
    return job->kind == JOB_MESSAGE || job->kind == JOB_EVENT;
}

static void *run(void *context)
{
    struct store_thread *store = context;
    g_autoptr(GPtrArray) batch = g_ptr_array_new();
    bool ending = false;
    while (!ending) {
        int64_t quiet = MAX(store->purge_due - g_get_monotonic_time(), 1);
        struct store_job *job = g_async_queue_timeout_pop(store->queue, (guint64)quiet);
        uint64_t rows = 0;
        for (; job != NULL && is_batched(job); job = g_async_queue_try_pop(store->queue)) {
            g_ptr_array_add(batch, job);
            rows += job->kind == JOB_MESSAGE ? row_count(job->mail.message->report) : 1;
            if (batch->len == LIMIT_COMMIT_BATCH || rows >= LIMIT_COMMIT_ROWS) {
                job = NULL;
                break;
            }
        }
        if (batch->len > 0)
            run_batch(store, batch);
        ending = job != NULL && job->kind == JOB_END;
        if (ending)
            g_free(job);
        else if (job != NULL)
            run_change(store, job); /* it is the loop's from here on */
        if (g_get_monotonic_time() >= store->purge_due) {
            purge(store);
            look_for_overdue(store);
        }
    }
    ingest_free(store->ingest);
    db_close(store->db);
    return NULL;
}

struct store_thread *store_thread_new(struct loop *loop, struct db *db,
                                      struct checkpointer *checkpointer, int64_t retention)
{
    struct store_thread *store = g_new0(struct store_thread, 1);
    db_leave_checkpoints(db);
    store->checkpointer = checkpointer;
    store->loop = loop;
    store->db = db;
    store->ingest = ingest_new(db);
    store->retention = retention;
    store->purge_due = g_get_monotonic_time();
    store->queue = g_async_queue_new();
    store->thread = g_thread_new("store", run, store);
    return store;
}

int64_t store_thread_waiting(struct store_thread *store)
{
    return MAX(g_async_queue_length(store->queue), 0);
}

static struct store_job *job_new(enum job_kind kind, void *context)
{
    struct store_job *job = g_new0(struct store_job, 1);
    job->kind = kind;
    job->context = context;
    return job;
}

void store_thread_submit(struct store_thread *store, struct message *message, store_thread_fn *done,
                         void *context)
{
    struct store_job *job = job_new(JOB_MESSAGE, context);
    job->mail.message = message;
    job->mail.done = done;
    g_async_queue_push(store->queue, job);
}

void store_thread_submit_event(struct store_thread *store, const struct ingest_event *event,
                               store_event_fn *done, void *context)
{
    struct store_job *job = job_new(JOB_EVENT, context);
    job->event.given = *event;
    job->event.done = done;
    g_async_queue_push(store->queue, job);
}

void store_thread_change(struct store_thread *store, store_change_fn *change,
                         store_changed_fn *done, void *context)
{
    struct store_job *job = job_new(JOB_CHANGE, context);
    job->change.run = change;
    job->change.done = done;
    g_async_queue_push(store->queue, job);
}

void store_thread_free(struct store_thread *store)
{
    if (store == NULL)
        return;
    g_async_queue_push(store->queue, job_new(JOB_END, NULL));
    g_thread_join(store->thread);
    g_async_queue_unref(store->queue);
    g_free(store);
}
