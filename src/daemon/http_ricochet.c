/*
 * POST /ricochet/<secret>: an event of the dialer. The secret is looked up in the reader's thread,
 * the event is stored with others in one commit, and the answer goes out after it.
 *
 * A 4xx is for what a retry cannot mend, 503 for our own trouble. An unknown secret, one that was
 * disabled, and a missing token get the same answer.
 */
#include "base/error.h"
#include "base/limits.h"
#include "daemon/counters.h"
#include "daemon/http_server_impl.h"
#include "daemon/log.h"
#include "db/store_voip.h"
#include "ingest/ricochet.h"
#include "proto/http_form.h"

#include <string.h>

/* An event on its way, through both threads. */
struct event {
    struct http_server *server;
    uint64_t ticket;
    char *secret;    /* NULL: it came by the agency's id */
    char *agency_id; /* as told; NULL: it came by a secret */
    char *token;     /* of the header; NULL: none */
    struct json *body;
    struct store_voip voip;
    bool found, in_trouble;
    bool is_lead;
};

static void event_free(struct event *event)
{
    if (event->secret != NULL)
        explicit_bzero(event->secret, strlen(event->secret));
    if (event->token != NULL)
        explicit_bzero(event->token, strlen(event->token));
    g_free(event->secret);
    g_free(event->agency_id);
    g_free(event->token);
    json_free(event->body);
    store_voip_clear(&event->voip);
    g_free(event);
}

static void let_go(struct event *event)
{
    struct http_server *server = event->server;
    event_free(event);
    server->in_flight--;
    http_server_check_drained(server);
}

/* --- the body --- */

static struct json *read_form(const GByteArray *body)
{
    struct http_form form;
    struct json *object = NULL;
    if (http_form_read(&form, (const char *)body->data, body->len)) {
        object = json_object_new();
        for (size_t i = 0; i < form.count; i++)
            json_set_text(object, form.fields[i].name, form.fields[i].value);
    }
    http_form_clear(&form);
    return object;
}

/* NULL after a reply: what it is not. A type that is not said is looked for in the body. */
static struct json *read_body(struct exchange *exchange)
{
    const GByteArray *body = exchange->body;
    g_autoptr(GError) error = NULL;
    bool has_type = http_request_field(exchange->request, "content-type") != NULL;
    bool is_json =
        has_type ? exchange_has_type(exchange, HTTP_JSON) : body->len > 0 && body->data[0] == '{';
    if (has_type && !is_json && !exchange_has_type(exchange, HTTP_FORM)) {
        exchange_fail(exchange, 415, "the Content-Type must be " HTTP_JSON " or " HTTP_FORM);
        return NULL;
    }
    struct json *event =
        is_json ? json_read((const char *)body->data, body->len, &error) : read_form(body);
    if (event == NULL)
        exchange_fail(exchange, 400, "the body cannot be read: %s",
                      error != NULL ? error->message : "it is no form");
    else if (!json_holds_object(event))
        exchange_fail(exchange, 422, "the body is JSON, but no object");
    else
        return event;
    json_free(event);
    return NULL;
}

/* --- through the threads --- */

static void on_stored(void *context, const struct ingest_event_result *result, const GError *error)
{
    struct event *event = context;
    struct exchange *exchange = exchange_find(event->server, event->ticket);
    if (error != NULL)
        log_event(LOG_LEVEL_ERROR, "event-not-stored", LOG_TEXT("agency", event->voip.agency_id),
                  LOG_TEXT("error", error->message));
    if (exchange == NULL) {
        let_go(event);
        return;
    }
    if (error == NULL && !result->is_for_nobody)
        counter_add(result->refused != NULL ? COUNTER_EVENTS_REFUSED
                    : result->is_duplicate  ? COUNTER_EVENTS_DUPLICATE
                                            : COUNTER_EVENTS_NEW);
    if (error != NULL) {
        exchange_fail_error(exchange, error);
    } else if (result->is_for_nobody) {
        exchange_fail(exchange, 404, "there is nothing at this path");
    } else if (result->refused != NULL) {
        exchange_fail(exchange, 422, "%s", result->refused);
    } else {
        struct json *answer = json_object_new();
        json_set_bool(answer, "success", true);
        json_set_text(answer, "call_id", result->call_id);
        json_set_bool(answer, "matched_team_member", result->has_member);
        json_set_bool(answer, "matched_prospect", result->has_contact);
        if (result->is_duplicate)
            json_set_bool(answer, "duplicate", true);
        exchange_reply_json(exchange, 200, answer);
    }
    let_go(event);
}

static void look_up(void *context, struct db *db)
{
    struct event *event = context;
    g_autoptr(GError) error = NULL;
    int64_t now = g_get_real_time() / G_USEC_PER_SEC;
    event->in_trouble = event->secret != NULL
                            ? !store_voip_by_secret(db, event->secret, event->token, now,
                                                    &event->voip, &event->found, &error)
                            : !store_voip_by_agency(db, event->agency_id, event->token,
                                                    &event->voip, &event->found, &error);
    if (event->in_trouble) {
        log_event(LOG_LEVEL_ERROR, "look-up-failed", LOG_TEXT("error", error->message));
        return;
    }
    AUTO(json)
    map = event->found && event->voip.field_map != NULL ? json_parse(event->voip.field_map) : NULL;
    event->is_lead = ricochet_is_lead(event->body, map);
}

/* Leads are told of by the same template engine; they are no calls. */
static void ignore_lead(struct exchange *exchange, const struct event *event)
{
    struct json *answer = json_object_new();
    json_set_bool(answer, "success", true);
    json_set_text(answer, "ignored", "lead");
    counter_add(COUNTER_EVENTS_IGNORED);
    log_event(LOG_LEVEL_INFO, "event-ignored", LOG_TEXT("agency", event->voip.agency_id),
              LOG_TEXT("kind", "lead"));
    exchange_reply_json(exchange, 200, answer);
}

static void on_looked_up(void *context)
{
    struct event *event = context;
    struct http_server *server = event->server;
    struct exchange *exchange = exchange_find(server, event->ticket);
    if (exchange != NULL && event->in_trouble) {
        exchange_fail_later(exchange);
    } else if (exchange != NULL && !event->found) {
        exchange_has_guessed(exchange);
        exchange_fail(exchange, 404, "there is nothing at this path");
    } else if (exchange != NULL && event->is_lead) {
        ignore_lead(exchange, event);
    } else if (exchange != NULL) {
        struct ingest_event given = {.integration_id = event->voip.id,
                                     .agency_id = event->voip.agency_id,
                                     .field_map = event->voip.field_map,
                                     .event = event->body,
                                     .received_at = g_get_real_time() / G_USEC_PER_SEC};
        store_thread_submit_event(server->store, &given, on_stored, event);
        return;
    }
    let_go(event);
}

/* --- the request --- */

void http_ricochet_begin(struct exchange *exchange)
{
    exchange_accept(exchange, LIMIT_HTTP_EVENT);
}

void http_ricochet_end(struct exchange *exchange)
{
    bool has_secret = exchange->match.value_count > 0;
    g_autofree char *agency_id = has_secret ? NULL : exchange_parameter(exchange, "agency_id");
    if (!exchange_may_guess(exchange))
        return;
    if (!has_secret && (agency_id == NULL || exchange_token(exchange) == NULL)) {
        exchange_has_guessed(exchange);
        exchange_fail(exchange, 401,
                      "without a secret in the path it takes ?agency_id= and a token in "
                      "X-Callmx-Token");
        return;
    }
    struct json *body = read_body(exchange);
    if (body == NULL)
        return;
    struct event *event = g_new0(struct event, 1);
    event->server = exchange->server;
    event->ticket = exchange->ticket;
    event->secret = has_secret ? g_strdup(exchange->match.values[0]) : NULL;
    event->agency_id = g_steal_pointer(&agency_id);
    event->token = g_strdup(exchange_token(exchange));
    event->body = body;
    exchange->server->in_flight++;
    reader_thread_run(exchange->server->reader, look_up, on_looked_up, event);
}
