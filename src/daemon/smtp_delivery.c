/*
 * A message's way from its end to the reply: parser pool, store thread, and back to the client, if
 * it is still there. The message has one owner at each moment, and this file gives it from one to
 * the next.
 *
 * It knows no connection. A peer that has gone is told nothing, and what it sent is stored all the
 * same: it will come again, and find a duplicate.
 */
#include "daemon/log.h"
#include "daemon/smtp_server_impl.h"

/* A message that is with the pool or the store. */
struct pending {
    struct smtp_server *server;
    struct message *message;
    uint64_t ticket;
    bool reject_bad;
};

static void conclude(struct pending *pending, unsigned code, const char *text)
{
    struct smtp_server *server = pending->server;
    uint64_t ticket = pending->ticket;
    message_free(pending->message);
    g_free(pending);
    server->in_flight--;
    smtp_client_answer_message(server, ticket, code, text);
    smtp_server_check_drained(server);
}

static void log_result(const struct message *message, const struct ingest_result *result,
                       unsigned code, const char *text)
{
    log_event(LOG_LEVEL_INFO, "message", LOG_TEXT("id", message->id),
              LOG_TEXT("peer", message->peer), LOG_TEXT("sender", message->sender),
              LOG_INT("bytes", message->size),
              LOG_TEXT("verdict", report_verdict_name(result->verdict)),
              LOG_TEXT("reason", result->reason), LOG_INT("reply", code), LOG_TEXT("text", text),
              LOG_INT("took_ms", (g_get_monotonic_time() - message->received_monotonic) / 1000));
}

static void refuse(struct pending *pending, const GError *error)
{
    log_event(LOG_LEVEL_ERROR, "message-not-stored", LOG_TEXT("id", pending->message->id),
              LOG_TEXT("peer", pending->message->peer), LOG_TEXT("error", error->message));
    conclude(pending, 451, "4.3.0 the message could not be stored: try again later");
}

static void on_stored(void *context, struct message *message, const struct ingest_result *result,
                      const GError *error)
{
    struct pending *pending = context;
    pending->message = message;
    if (error != NULL) {
        refuse(pending, error);
        return;
    }
    if (result->is_for_nobody) {
        conclude(pending, 550, "5.1.1 no such recipient here");
        return;
    }
    unsigned code;
    g_autofree char *text = ingest_reply(message->id, result, pending->reject_bad, &code);
    log_result(message, result, code, text);
    conclude(pending, code, text);
}

static void on_parsed(void *context, struct report *report, const GError *error)
{
    struct pending *pending = context;
    store_thread_expect(pending->server->store, -1);
    if (error != NULL) {
        refuse(pending, error);
        return;
    }
    pending->message->report = report;
    store_thread_submit(pending->server->store, pending->message, on_stored, pending);
}

void smtp_delivery_begin(struct smtp_server *server, const struct settings *settings,
                         uint64_t ticket, struct message *message)
{
    struct pending *pending = g_new0(struct pending, 1);
    pending->server = server;
    pending->message = message;
    pending->ticket = ticket;
    pending->reject_bad = settings->reject_bad;
    server->in_flight++;
    if (!message_has_keys(message)) {
        store_thread_submit(server->store, message, on_stored, pending);
        return;
    }
    store_thread_expect(server->store, 1);
    parser_pool_submit(server->pool, message->fd, (size_t)message->size, on_parsed, pending);
}
