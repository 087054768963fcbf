/*
 * The API on the network: what reads goes to the reader's thread, what writes to the store's, in a
 * transaction of its own, and src/api answers there. An answer has an ETag, made of its octets: who
 * has it already is told so (304) instead.
 */
#include "base/limits.h"
#include "base/sha256.h"
#include "daemon/http_server_impl.h"
#include "daemon/log.h"

#include <string.h>

enum { ETAG_DIGITS = 32 };

/* A request on its way through a thread. What api_call borrows is in it. */
struct api_job {
    struct http_server *server;
    uint64_t ticket;
    struct api_call call;
    char *values[LIMIT_HTTP_PARAMETERS];
    char *query, *token, *public_url;
    struct json *body;
    char *answer; /* of one that reads: the document as text, made in the reader's thread */
    char tag[SHA256_HEX_SIZE];  /* of the answer */
    struct http_config *config; /* a reference */
};

static void job_free(struct api_job *job)
{
    for (size_t i = 0; i < LIMIT_HTTP_PARAMETERS; i++)
        g_free(job->values[i]);
    if (job->token != NULL)
        explicit_bzero(job->token, strlen(job->token));
    api_call_clear(&job->call);
    g_free(job->query);
    g_free(job->answer);
    g_free(job->token);
    g_free(job->public_url);
    json_free(job->body);
    http_config_unref(job->config);
    g_free(job);
}

/* --- the answer --- */

/* Whether If-None-Match names this tag, or any (RFC 9110, 13.1.2). */
static bool has_it(const struct http_request *request, const char *tag)
{
    const char *field = http_request_field(request, "if-none-match");
    return field != NULL && (strcmp(field, "*") == 0 || strstr(field, tag) != NULL);
}

static void reply_tagged(struct exchange *exchange, const struct api_job *job)
{
    g_autofree char *tag = g_strdup_printf("\"%.*s\"", ETAG_DIGITS, job->tag);
    g_autofree char *fields =
        g_strdup_printf("ETag: %s\r\nCache-Control: private, no-cache\r\n", tag);
    struct http_reply reply = {.status = job->call.status,
                               .content_type = HTTP_JSON,
                               .fields = fields,
                               .body = job->answer,
                               .length = strlen(job->answer)};
    if (has_it(exchange->request, tag))
        reply = (struct http_reply){.status = 304, .fields = fields};
    exchange_reply(exchange, &reply);
}

static void answer(struct exchange *exchange, struct api_job *job)
{
    struct api_call *call = &job->call;
    if (api_is_guess(call))
        exchange_has_guessed(exchange);
    if (call->status >= 400)
        exchange_fail(exchange, call->status, "%s", json_member_text(call->document, "error"));
    else if (job->answer != NULL)
        reply_tagged(exchange, job);
    else if (call->document == NULL)
        exchange_reply(exchange, &(struct http_reply){.status = call->status});
    else
        exchange_reply_json(exchange, call->status, g_steal_pointer(&call->document));
}

static void on_read(void *context)
{
    struct api_job *job = context;
    struct exchange *exchange = exchange_find(job->server, job->ticket);
    if (exchange != NULL)
        answer(exchange, job);
    job_free(job);
}

static void on_written(void *context, const GError *error)
{
    struct api_job *job = context;
    struct http_server *server = job->server;
    struct exchange *exchange = exchange_find(server, job->ticket);
    if (error != NULL)
        log_event(LOG_LEVEL_ERROR, "change-not-stored", LOG_TEXT("error", error->message));
    if (exchange != NULL && error != NULL)
        exchange_fail_error(exchange, error);
    else if (exchange != NULL)
        answer(exchange, job);
    job_free(job);
    server->in_flight--;
    http_server_check_drained(server);
}

/* --- in the threads --- */

static void run_reading(void *context, struct db *db)
{
    struct api_job *job = context;
    api_run(&job->call, db, job->token);
    if (job->call.status >= 400 || job->call.document == NULL)
        return;
    /* A list may be long: the loop has better things to do. */
    job->answer = json_text(job->call.document);
    sha256_hex(job->answer, strlen(job->answer), job->tag);
}

static bool run_writing(void *context, struct db *db, GError **error)
{
    struct api_job *job = context;
    (void)error;
    api_run(&job->call, db, job->token);
    return job->call.status < 400;
}

/* --- the request --- */

/* The body as JSON; one of nothing is an empty object. False: it was refused. */
static bool read_body(struct exchange *exchange, struct json **body)
{
    bool has_type = http_request_field(exchange->request, "content-type") != NULL;
    const GByteArray *octets = exchange->body;
    g_autoptr(GError) error = NULL;
    if (octets->len == 0) {
        *body = json_object_new();
        return true;
    }
    if (has_type && !exchange_has_type(exchange, HTTP_JSON)) {
        exchange_fail(exchange, 415, "the Content-Type must be " HTTP_JSON);
        return false;
    }
    *body = json_read((const char *)octets->data, octets->len, &error);
    if (*body == NULL)
        exchange_fail(exchange, 400, "the body cannot be read: %s", error->message);
    return *body != NULL;
}

static void begin(struct exchange *exchange)
{
    exchange_accept(exchange, exchange->api->writes ? LIMIT_HTTP_DOCUMENT : 0);
}

static void end(struct exchange *exchange)
{
    const struct api_route *route = exchange->api;
    struct json *body = NULL;
    if (!exchange_may_guess(exchange) || (route->writes && !read_body(exchange, &body)))
        return;
    struct api_job *job = g_new0(struct api_job, 1);
    const struct settings *settings = exchange->config->settings;
    job->server = exchange->server;
    job->ticket = exchange->ticket;
    job->config = http_config_ref(exchange->config);
    for (size_t i = 0; i < exchange->match.value_count; i++)
        job->values[i] = g_strdup(exchange->match.values[i]);
    job->query = g_strdup(exchange->request->query);
    job->token = g_strdup(exchange_token(exchange));
    job->public_url = settings_public_url(settings);
    job->body = body;
    job->call = (struct api_call){
        .route = route,
        .values = (const char *const *)job->values,
        .query = job->query,
        .body = job->body,
        .domain = settings->domains[0],
        .public_url = job->public_url,
        .now = g_get_real_time() / G_USEC_PER_SEC,
    };
    if (route->writes) {
        exchange->server->in_flight++;
        store_thread_change(exchange->server->store, run_writing, on_written, job);
    } else {
        reader_thread_run(exchange->server->reader, run_reading, on_read, job);
    }
}

const struct http_entry http_api_entry = {.begin = begin, .end = end};

void http_openapi_begin(struct exchange *exchange)
{
    struct http_reply reply = {.status = 200,
                               .content_type = HTTP_JSON,
                               .body = api_openapi,
                               .length = strlen(api_openapi)};
    exchange_reply(exchange, &reply);
}
