/*
 * Questions in a queue, answers posted to the loop. One thread, one read-only connection: a slow
 * look-up delays other look-ups, never the network.
 *
 * It knows no session. An asker may be gone when its answer comes, so an answer carries a ticket,
 * and the loop finds out whether anybody still holds it.
 */
#include "daemon/reader_thread.h"

#include "daemon/log.h"
#include "db/store_agency.h"

/* Something to be done: the order to end has no work. */
struct job {
    reader_work_fn *work;
    loop_fn *done;
    void *context;
};

struct reader_thread {
    struct loop *loop;
    struct db *db;
    GAsyncQueue *queue; /* of struct job * */
    GThread *thread;
};

static void deliver(void *context)
{
    struct job *job = context;
    job->done(job->context);
    g_free(job);
}

static void *run(void *context)
{
    struct reader_thread *reader = context;
    for (;;) {
        struct job *job = g_async_queue_pop(reader->queue);
        if (job->work == NULL) {
            g_free(job);
            break;
        }
        job->work(job->context, reader->db);
        loop_post(reader->loop, deliver, job);
    }
    db_close(reader->db);
    return NULL;
}

struct reader_thread *reader_thread_new(struct loop *loop, struct db *db)
{
    struct reader_thread *reader = g_new0(struct reader_thread, 1);
    reader->loop = loop;
    reader->db = db;
    reader->queue = g_async_queue_new();
    reader->thread = g_thread_new("reader", run, reader);
    return reader;
}

void reader_thread_run(struct reader_thread *reader, reader_work_fn *work, loop_fn *done,
                       void *context)
{
    struct job *job = g_new(struct job, 1);
    *job = (struct job){.work = work, .done = done, .context = context};
    g_async_queue_push(reader->queue, job);
}

/* --- whose key? --- */

struct question {
    char *key;
    uint64_t ticket;
    enum reader_answer answer;
    reader_fn *done;
    void *context;
};

static void look_up(void *context, struct db *db)
{
    struct question *question = context;
    g_autoptr(GError) error = NULL;
    g_autofree char *agency_id = NULL;
    if (store_key_agency(db, question->key, g_get_real_time() / G_USEC_PER_SEC, &agency_id,
                         &error)) {
        question->answer = agency_id != NULL ? READER_LIVE : READER_UNKNOWN;
    } else {
        log_event(LOG_LEVEL_ERROR, "look-up-failed", LOG_TEXT("error", error->message));
        question->answer = READER_TROUBLE;
    }
}

static void answer(void *context)
{
    struct question *question = context;
    question->done(question->context, question->ticket, question->answer);
    g_free(question->key);
    g_free(question);
}

void reader_thread_ask(struct reader_thread *reader, const char *key, uint64_t ticket,
                       reader_fn *done, void *context)
{
    struct question *question = g_new0(struct question, 1);
    question->key = g_strdup(key);
    question->ticket = ticket;
    question->done = done;
    question->context = context;
    reader_thread_run(reader, look_up, answer, question);
}

void reader_thread_free(struct reader_thread *reader)
{
    if (reader == NULL)
        return;
    g_async_queue_push(reader->queue, g_new0(struct job, 1));
    g_thread_join(reader->thread);
    g_async_queue_unref(reader->queue);
    g_free(reader);
}
