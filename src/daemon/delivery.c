/* See delivery.h. */
#include "daemon/delivery.h"

#include "daemon/counters.h"
#include "daemon/log.h"

/* A message that is with the pool or the store. */
struct delivery {
    struct store_thread *store;
    struct message *message;
    uint64_t ticket;
    delivery_fn *done;
    void *context;
};

static void conclude(struct delivery *delivery, const struct ingest_result *result,
                     const GError *error)
{
    if (error != NULL)
        log_event(LOG_LEVEL_ERROR, "message-not-stored", LOG_TEXT("id", delivery->message->id),
                  LOG_TEXT("peer", delivery->message->peer), LOG_TEXT("error", error->message));
    struct message *message = delivery->message;
    if (error == NULL && !result->is_for_nobody && !result->is_used)
        counter_add_verdict(result->verdict);
    delivery->done(delivery->context, delivery->ticket, message, result, error);
    message_free(message);
    g_free(delivery);
}

static void on_stored(void *context, struct message *message, const struct ingest_result *result,
                      const GError *error)
{
    struct delivery *delivery = context;
    delivery->message = message;
    conclude(delivery, result, error);
}

static void on_parsed(void *context, struct report *report, const GError *error)
{
    struct delivery *delivery = context;
    counter_add_time(COUNTER_TIME_PARSE,
                     g_get_monotonic_time() - delivery->message->received_monotonic);
    if (error != NULL) {
        conclude(delivery, NULL, error);
        return;
    }
    delivery->message->report = report;
    store_thread_submit(delivery->store, delivery->message, on_stored, delivery);
}

void delivery_begin(struct parser_pool *pool, struct store_thread *store, struct message *message,
                    uint64_t ticket, delivery_fn *done, void *context)
{
    struct delivery *delivery = g_new(struct delivery, 1);
    *delivery = (struct delivery){
        .store = store, .message = message, .ticket = ticket, .done = done, .context = context};
    if (!message_has_agency(message)) {
        store_thread_submit(store, message, on_stored, delivery);
        return;
    }
    const struct parser_input input = {.bytes = message->bytes,
                                       .fd = message->fd,
                                       .size = (size_t)message->size,
                                       .kind = message->input,
                                       .name = message->file_name};
    parser_pool_submit(pool, &input, on_parsed, delivery);
}

void delivery_log(const struct message *message, const struct ingest_result *result, unsigned reply,
                  const char *text)
{
    log_event(LOG_LEVEL_INFO, "message", LOG_TEXT("id", message->id),
              LOG_TEXT("peer", message->peer), LOG_TEXT("sender", message->sender),
              LOG_INT("bytes", message->size),
              LOG_TEXT("verdict", report_verdict_name(result->verdict)),
              LOG_TEXT("reason", result->reason), LOG_INT("reply", reply), LOG_TEXT("text", text),
              LOG_INT("took_ms", (g_get_monotonic_time() - message->received_monotonic) / 1000));
}
