/*
 * What came of a message as the reply to DATA.
 */
#include "daemon/counters.h"
#include "daemon/delivery.h"
#include "daemon/smtp_server_impl.h"

static void conclude(struct smtp_server *server, uint64_t ticket, unsigned code, const char *text)
{
    server->in_flight--;
    smtp_client_answer_message(server, ticket, code, text);
    smtp_server_check_drained(server);
}

static void on_done(void *context, uint64_t ticket, const struct message *message,
                    const struct ingest_result *result, const GError *error)
{
    struct smtp_server *server = context;
    counter_add_time(COUNTER_TIME_REPLY, g_get_monotonic_time() - message->received_monotonic);
    if (error != NULL) {
        conclude(server, ticket, 451, "4.3.0 the message could not be stored: try again later");
        return;
    }
    if (result->is_for_nobody) {
        conclude(server, ticket, 550, "5.1.1 no such recipient here");
        return;
    }
    unsigned code;
    g_autofree char *text = ingest_reply(message->id, result, message->reject_bad, &code);
    delivery_log(message, result, code, text);
    conclude(server, ticket, code, text);
}

void smtp_delivery_begin(struct smtp_server *server, const struct settings *settings,
                         uint64_t ticket, struct message *message)
{
    message->reject_bad = settings->reject_bad;
    server->in_flight++;
    delivery_begin(server->pool, server->store, message, ticket, on_done, server);
}
