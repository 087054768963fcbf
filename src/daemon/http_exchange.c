/*
 * One request from its head to its reply: which route it is for, who really asks, what it is told.
 *
 * Each request that is refused has one line in the log, a few in a minute for one network; the
 * others are told of at level debug. Paths are not in it: a secret may stand in one. The route is.
 */
#include "base/error.h"
#include "base/limits.h"
#include "daemon/balancer.h"
#include "daemon/http_server_impl.h"
#include "daemon/log.h"
#include "daemon/peer.h"
#include "proto/http_form.h"

#include <string.h>

static const struct settings *settings_of(const struct exchange *exchange)
{
    return exchange->config->settings;
}

/* --- who asks --- */

/* All of them: a proxy may add a field of its own behind what the peer has sent. g_free it; NULL:
 * there is none. */
static char *forwarded_for(const struct http_request *request)
{
    GString *all = NULL;
    for (size_t i = 0; i < request->field_count; i++) {
        if (strcmp(request->fields[i].name, "x-forwarded-for") != 0)
            continue;
        if (all == NULL)
            all = g_string_new(request->fields[i].value);
        else
            g_string_append_printf(all, ",%s", request->fields[i].value);
    }
    return all != NULL ? g_string_free(all, FALSE) : NULL;
}

/* Behind a proxy of ours the peer is whom it tells, and counts for its own network. */
static void find_peer(struct exchange *exchange, struct connection *connection,
                      struct network *network)
{
    const GArray *proxies = settings_of(exchange)->http_proxy_from;
    g_autofree char *forwarded = forwarded_for(exchange->request);
    exchange->address = *connection_address(connection);
    exchange->network = network;
    if (forwarded != NULL && !settings_of(exchange)->http_proxy_protocol &&
        balancer_is_one(proxies, &exchange->address)) {
        exchange->address = balancer_forwarded(proxies, &exchange->address, forwarded);
        exchange->network =
            admission_enter(exchange->server->admission, &exchange->address, peer_now());
        exchange->has_entered = true;
    }
    address_text(&exchange->address, exchange->peer);
}

const char *exchange_token(const struct exchange *exchange)
{
    static const char scheme[] = "bearer ";
    const char *field = http_request_field(exchange->request, "authorization");
    if (field != NULL && g_ascii_strncasecmp(field, scheme, sizeof scheme - 1) == 0)
        return field + sizeof scheme - 1 + strspn(field + sizeof scheme - 1, " ");
    return http_request_field(exchange->request, "x-callmx-token");
}

bool exchange_has_type(const struct exchange *exchange, const char *type)
{
    const char *field = http_request_field(exchange->request, "content-type");
    size_t length = strlen(type);
    return field != NULL && g_ascii_strncasecmp(field, type, length) == 0 &&
           strchr("; \t", field[length]) != NULL;
}

char *exchange_parameter(const struct exchange *exchange, const char *name)
{
    const char *query = exchange->request->query;
    struct http_form form;
    char *value = NULL;
    if (query == NULL)
        return NULL;
    if (http_form_read(&form, query, strlen(query)))
        value = g_strdup(http_form_value(&form, name));
    http_form_clear(&form);
    return value;
}

bool exchange_may_guess(struct exchange *exchange)
{
    if (network_may_guess(exchange->network, settings_of(exchange)->http_max_auth_errors_per_hour,
                          peer_now()))
        return true;
    exchange_fail(exchange, 429,
                  "too many wrong secrets or tokens from your network: try again later");
    return false;
}

void exchange_has_guessed(struct exchange *exchange)
{
    network_has_guessed(exchange->network, settings_of(exchange)->http_max_auth_errors_per_hour,
                        peer_now());
}

/* --- its life --- */

static void find_route(struct exchange *exchange, enum http_door door)
{
    const struct http_request *request = exchange->request;
    size_t count;
    const struct http_entry *entries = http_entries(door, &count);
    enum http_found found = http_route_find(entries, count, sizeof entries[0], request->method,
                                            request->path, &exchange->match);
    if (found == HTTP_FOUND)
        exchange->entry = &entries[exchange->match.route];
    if (found != HTTP_NO_ROUTE || door == HTTP_DOOR_METRICS)
        return;
    http_match_clear(&exchange->match);
    if (http_route_find(api_routes, api_route_count, sizeof api_routes[0], request->method,
                        request->path, &exchange->match) != HTTP_FOUND)
        return;
    exchange->entry = &http_api_entry;
    exchange->api = &api_routes[exchange->match.route];
}

struct exchange *exchange_new(struct http_client *client, struct http_server *server,
                              struct http_config *config, struct connection *connection,
                              struct network *network, enum http_door door,
                              const struct http_request *request)
{
    struct exchange *exchange = g_new0(struct exchange, 1);
    exchange->client = client;
    exchange->server = server;
    exchange->config = http_config_ref(config);
    exchange->ticket = ++server->last_ticket;
    exchange->request = request;
    exchange->began = g_get_monotonic_time();
    g_hash_table_insert(server->exchanges, &exchange->ticket, exchange);
    find_peer(exchange, connection, network);
    find_route(exchange, door);
    return exchange;
}

void exchange_free(struct exchange *exchange)
{
    if (exchange == NULL)
        return;
    g_hash_table_remove(exchange->server->exchanges, &exchange->ticket);
    if (exchange->has_entered)
        admission_leave(exchange->server->admission, exchange->network, peer_now());
    if (exchange->free_state != NULL)
        exchange->free_state(exchange->state);
    g_clear_pointer(&exchange->body, g_byte_array_unref);
    message_free(exchange->message);
    http_match_clear(&exchange->match);
    http_config_unref(exchange->config);
    g_free(exchange);
}

struct exchange *exchange_find(struct http_server *server, uint64_t ticket)
{
    struct exchange *exchange = g_hash_table_lookup(server->exchanges, &ticket);
    return exchange != NULL && !exchange->is_over ? exchange : NULL;
}

void exchange_begin(struct exchange *exchange)
{
    const char *allow = exchange->match.allow;
    if (exchange->entry != NULL) {
        exchange->entry->begin(exchange);
        return;
    }
    if (allow == NULL) {
        exchange_fail(exchange, 404, "there is nothing at this path");
        return;
    }
    g_autofree char *fields = g_strdup_printf("Allow: %s\r\n", allow);
    if (strcmp(exchange->request->method, "OPTIONS") == 0) {
        exchange_reply(exchange, &(struct http_reply){.status = 204, .fields = fields});
        return;
    }
    g_autofree char *body = http_reply_error_body("this path does not take this method");
    struct http_reply reply = {.status = 405,
                               .content_type = HTTP_JSON,
                               .fields = fields,
                               .body = body,
                               .length = strlen(body)};
    exchange_reply(exchange, &reply);
}

void exchange_accept(struct exchange *exchange, uint64_t max_body)
{
    http_client_accept_body(exchange->client, max_body);
}

void exchange_take(struct exchange *exchange, const char *octets, size_t length)
{
    if (exchange->is_over)
        return;
    if (exchange->entry->take != NULL) {
        exchange->entry->take(exchange, octets, length);
        return;
    }
    if (exchange->body == NULL)
        exchange->body = g_byte_array_new();
    g_byte_array_append(exchange->body, (const guint8 *)octets, (guint)length);
}

void exchange_end(struct exchange *exchange)
{
    if (exchange->is_over)
        return;
    if (exchange->body == NULL)
        exchange->body = g_byte_array_new();
    exchange->entry->end(exchange);
}

/* --- replies --- */

static const char *route_name(const struct exchange *exchange)
{
    if (exchange->api != NULL)
        return exchange->api->route.path;
    return exchange->entry != NULL ? exchange->entry->route.path : "-";
}

static void log_reply(struct exchange *exchange, const struct http_reply *reply, const char *why)
{
    bool is_refusal = reply->status >= 400;
    if (is_refusal && !peer_may_log(exchange->network))
        return;
    log_event(is_refusal ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG,
              is_refusal ? "request-refused" : "request", LOG_TEXT("peer", exchange->peer),
              LOG_TEXT("method", exchange->request->method),
              LOG_TEXT("route", route_name(exchange)), LOG_INT("status", reply->status),
              LOG_TEXT("error", why),
              LOG_INT("took_ms", (g_get_monotonic_time() - exchange->began) / 1000));
}

static void reply_and_log(struct exchange *exchange, const struct http_reply *reply,
                          const char *why)
{
    log_reply(exchange, reply, why);
    exchange->is_over = true;
    http_client_reply(exchange->client, reply);
}

void exchange_reply(struct exchange *exchange, const struct http_reply *reply)
{
    reply_and_log(exchange, reply, NULL);
}

static void reply_document(struct exchange *exchange, unsigned status, struct json *document,
                           const char *fields, const char *why)
{
    g_autofree char *body = json_text(document);
    struct http_reply reply = {.status = status,
                               .content_type = HTTP_JSON,
                               .fields = fields,
                               .body = body,
                               .length = strlen(body)};
    reply_and_log(exchange, &reply, why);
    json_free(document);
}

void exchange_reply_json(struct exchange *exchange, unsigned status, struct json *document)
{
    reply_document(exchange, status, document, NULL, NULL);
}

/* What a client that may come again is told besides. */
static const char *fields_of(unsigned status)
{
    if (status == 401)
        return "WWW-Authenticate: Bearer\r\n";
    return status == 429 || status == 503 ? "Retry-After: 60\r\n" : NULL;
}

void exchange_fail(struct exchange *exchange, unsigned status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *why = g_strdup_vprintf(format, args);
    va_end(args);
    struct json *document = json_object_new();
    json_set_text(document, "error", why);
    reply_document(exchange, status, document, fields_of(status), why);
}

void exchange_fail_later(struct exchange *exchange)
{
    exchange_fail(exchange, 503, "it could not be done now: try again later");
}

/* What the database will never take is a mistake of ours: who asked cannot mend it. */
void exchange_fail_error(struct exchange *exchange, const GError *error)
{
    if (error_is_temp(error))
        exchange_fail_later(exchange);
    else
        exchange_fail(exchange, 500, "it could not be done, and the log of the server says why");
}
