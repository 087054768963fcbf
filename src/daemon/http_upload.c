/*
 * POST /api/v1/agencies/{agency}/reports: a workbook as the body, or several as
 * multipart/form-data.
 *
 * The token is looked at before the body is taken. What comes goes into the message's memory as it
 * comes, and from there the way of a mail: parser process, store thread, commit. A multipart body
 * gets the two header fields that make a mail of it, so that it is taken apart in the parser
 * process and nowhere else, and can be replayed as it was kept. The answer is the entry of the log.
 */
#include "daemon/delivery.h"
#include "daemon/http_server_impl.h"
#include "daemon/log.h"
#include "daemon/peer.h"
#include "db/store_message.h"
#include "view/view.h"

#include <string.h>

/* A question about an upload, to the reader's thread. */
struct upload {
    struct http_server *server;
    uint64_t ticket;
    struct api_call call; /* whether the token may upload; then the log entry */
    char *agency_id, *token;
    const char *values[1];
    /* of the answer */
    char id[ID_SIZE];
    enum report_verdict verdict;
    struct json *entry;
};

static void upload_free(void *data)
{
    struct upload *upload = data;
    if (upload->token != NULL)
        explicit_bzero(upload->token, strlen(upload->token));
    api_call_clear(&upload->call);
    g_free(upload->agency_id);
    g_free(upload->token);
    json_free(upload->entry);
    g_free(upload);
}

/* --- the room for it --- */

/* The message that the body goes into. False: there is no room, and that was the reply. */
static bool make_message(struct exchange *exchange)
{
    struct http_server *server = exchange->server;
    int64_t declared = (int64_t)exchange->request->content_length;
    bool fits = server->budget->used + declared <= server->budget->most &&
                disk_space_fits(&server->disk, declared, exchange->config->settings->min_free_space,
                                peer_now());
    if (fits) {
        exchange->message = message_new(server->budget);
        return true;
    }
    log_event(LOG_LEVEL_WARNING, "no-room", LOG_TEXT("peer", exchange->peer),
              LOG_INT("used", server->budget->used));
    exchange_fail(exchange, 503, "there is no room for it now: try again later");
    return false;
}

/* The fields that make a mail of a multipart body; g_free it. */
static char *head_of(const char *content_type)
{
    return g_strdup_printf("MIME-Version: 1.0\r\nContent-Type: %s\r\n\r\n", content_type);
}

size_t http_upload_head_size(const char *content_type)
{
    g_autofree char *head = head_of(content_type);
    return strlen(head);
}

static void write_head(struct exchange *exchange)
{
    g_autofree char *head = head_of(http_request_field(exchange->request, "content-type"));
    message_append(exchange->message, head, strlen(head));
}

bool http_upload_open(struct exchange *exchange)
{
    if (!make_message(exchange))
        return false;
    if (exchange_has_type(exchange, HTTP_MULTIPART))
        write_head(exchange);
    exchange_accept(exchange, (uint64_t)exchange->config->settings->http_max_upload_size);
    return true;
}

void http_upload_take(struct exchange *exchange, const char *octets, size_t length)
{
    message_append(exchange->message, octets, length);
    if (exchange->message->over)
        exchange_fail(exchange, 503, "there is no room for it now: try again later");
}

/* --- may it? --- */

static void ask(void *context, struct db *db)
{
    struct upload *upload = context;
    api_run(&upload->call, db, upload->token);
}

static void on_asked(void *context)
{
    struct upload *upload = context;
    struct exchange *exchange = exchange_find(upload->server, upload->ticket);
    if (exchange == NULL) {
        upload_free(upload);
    } else if (upload->call.status >= 400) {
        if (api_is_guess(&upload->call))
            exchange_has_guessed(exchange);
        exchange_fail(exchange, upload->call.status, "%s",
                      json_member_text(upload->call.document, "error"));
        upload_free(upload);
    } else {
        exchange->state = upload;
        exchange->free_state = upload_free;
        http_upload_open(exchange);
    }
}

void http_upload_begin(struct exchange *exchange)
{
    if (!exchange_may_guess(exchange))
        return;
    struct upload *upload = g_new0(struct upload, 1);
    upload->server = exchange->server;
    upload->ticket = exchange->ticket;
    upload->agency_id = g_strdup(exchange->match.values[0]);
    upload->token = g_strdup(exchange_token(exchange));
    upload->values[0] = upload->agency_id;
    upload->call = (struct api_call){.route = &api_upload_route,
                                     .values = upload->values,
                                     .now = g_get_real_time() / G_USEC_PER_SEC};
    reader_thread_run(exchange->server->reader, ask, on_asked, upload);
}

/* --- the body is there --- */

/* The entry as it stands in the database, which is what any later look at it gives. */
static void read_entry(void *context, struct db *db)
{
    struct upload *upload = context;
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) logs = store_log_of_message(db, upload->id, &error);
    if (logs == NULL || logs->len == 0)
        return;
    upload->entry = json_object_new();
    view_log(upload->entry, &g_array_index(logs, struct store_log, 0));
}

/* Something new is there; all of it was known; it was kept, and could not be read. */
static unsigned status_of(enum report_verdict verdict)
{
    switch (verdict) {
    case REPORT_STORED:
    case REPORT_PARTIAL:
        return 201;
    case REPORT_DUPLICATE:
    case REPORT_KEPT:
        return 200;
    case REPORT_LINK_ONLY:
    case REPORT_NO_REPORT:
    case REPORT_FAILED:
        return 422;
    }
    g_assert_not_reached();
}

static void on_entry(void *context)
{
    struct upload *upload = context;
    struct exchange *exchange = exchange_find(upload->server, upload->ticket);
    unsigned status = status_of(upload->verdict);
    if (exchange != NULL && upload->entry == NULL) {
        exchange_fail_later(exchange);
    } else if (exchange != NULL) {
        if (status >= 400)
            json_set_text(upload->entry, "error", json_member_text(upload->entry, "error_message"));
        exchange_reply_json(exchange, status, g_steal_pointer(&upload->entry));
    }
    upload_free(upload);
}

static void on_done(void *context, uint64_t ticket, const struct message *message,
                    const struct ingest_result *result, const GError *error)
{
    struct http_server *server = context;
    struct exchange *exchange = exchange_find(server, ticket);
    if (error == NULL)
        delivery_log(message, result, status_of(result->verdict), NULL);
    if (exchange != NULL && error != NULL) {
        exchange_fail_error(exchange, error);
    } else if (exchange != NULL) {
        struct upload *upload = g_new0(struct upload, 1);
        upload->server = server;
        upload->ticket = ticket;
        upload->verdict = result->verdict;
        g_strlcpy(upload->id, message->id, sizeof upload->id);
        reader_thread_run(server->reader, read_entry, on_entry, upload);
    }
    server->in_flight--;
    http_server_check_drained(server);
}

void http_upload_end(struct exchange *exchange)
{
    const struct upload *upload = exchange->state;
    struct message *message = g_steal_pointer(&exchange->message);
    g_autofree char *name = exchange_parameter(exchange, "name");
    if (message->size == 0) {
        message_free(message);
        exchange_fail(exchange, 422, "the body is empty");
        return;
    }
    message_complete_upload(
        message, upload->call.agency.id, exchange->peer,
        exchange_has_type(exchange, HTTP_MULTIPART) ? REPORT_INPUT_MAIL : REPORT_INPUT_GUESS, name);
    exchange->server->in_flight++;
    delivery_begin(exchange->server->pool, exchange->server->store, message, exchange->ticket,
                   on_done, exchange->server);
}
