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

struct question {
    char *key; /* NULL: the order to end */
    uint64_t ticket;
    enum reader_answer answer;
    reader_fn *done;
    void *context;
};

struct reader_thread {
    struct loop *loop;
    struct db *db;
    GAsyncQueue *queue; /* of struct question * */
    GThread *thread;
};

static void deliver(void *context)
{
    struct question *question = context;
    question->done(question->context, question->ticket, question->answer);
    g_free(question->key);
    g_free(question);
}

static enum reader_answer look_up(struct db *db, const char *key)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *agency_id = NULL;
    if (!store_key_agency(db, key, g_get_real_time() / G_USEC_PER_SEC, &agency_id, &error)) {
        log_event(LOG_LEVEL_ERROR, "look-up-failed", LOG_TEXT("error", error->message));
        return READER_TROUBLE;
    }
    return agency_id != NULL ? READER_LIVE : READER_UNKNOWN;
}

static void *run(void *context)
{
    struct reader_thread *reader = context;
    for (;;) {
        struct question *question = g_async_queue_pop(reader->queue);
        if (question->key == NULL) {
            g_free(question);
            break;
        }
        question->answer = look_up(reader->db, question->key);
        loop_post(reader->loop, deliver, question);
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

void reader_thread_ask(struct reader_thread *reader, const char *key, uint64_t ticket,
                       reader_fn *done, void *context)
{
    struct question *question = g_new0(struct question, 1);
    question->key = g_strdup(key);
    question->ticket = ticket;
    question->done = done;
    question->context = context;
    g_async_queue_push(reader->queue, question);
}

void reader_thread_free(struct reader_thread *reader)
{
    if (reader == NULL)
        return;
    g_async_queue_push(reader->queue, g_new0(struct question, 1));
    g_thread_join(reader->thread);
    g_async_queue_unref(reader->queue);
    g_free(reader);
}
