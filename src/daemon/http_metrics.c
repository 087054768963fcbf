/*
 * /metrics in the text format of Prometheus, version 0.0.4, on a listener of its own: it tells
 * everybody who can reach it how much comes in, so it is kept inside. It has no names, keys or
 * addresses; agencies stand in it by their ids, if at all.
 */
#include "daemon/counters.h"
#include "daemon/http_server_impl.h"
#include "daemon/log.h"
#include "db/store_message.h"

#define TEXT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* A look at the database, through the reader's thread. */
struct scrape {
    struct http_server *server;
    uint64_t ticket;
    GArray *agencies; /* of struct store_last_success; NULL: not asked for, or trouble */
};

static void head(GString *text, const char *name, const char *type, const char *help)
{
    g_string_append_printf(text, "# HELP callmx_%s %s\n# TYPE callmx_%s %s\n", name, help, name,
                           type);
}

static void single(GString *text, const char *name, const char *type, const char *help,
                   uint64_t value)
{
    head(text, name, type, help);
    g_string_append_printf(text, "callmx_%s %" G_GUINT64_FORMAT "\n", name, (guint64)value);
}

static void codes(GString *text, const char *name, const char *label, const char *help,
                  enum counter_codes set)
{
    head(text, name, "counter", help);
    for (unsigned code = COUNTER_CODE_LEAST; code < COUNTER_CODE_MOST; code++)
        if (counter_code(set, code) > 0)
            g_string_append_printf(text, "callmx_%s{%s=\"%u\"} %" G_GUINT64_FORMAT "\n", name,
                                   label, code, (guint64)counter_code(set, code));
}

static void verdicts(GString *text)
{
    head(text, "messages_total", "counter",
         "Mails and uploads that were stored, by their verdict.");
    for (int verdict = REPORT_STORED; verdict <= REPORT_FAILED; verdict++)
        g_string_append_printf(text,
                               "callmx_messages_total{verdict=\"%s\"} %" G_GUINT64_FORMAT "\n",
                               report_verdict_name((enum report_verdict)verdict),
                               (guint64)counter_verdict((enum report_verdict)verdict));
}

static void events(GString *text)
{
    static const struct {
        enum counter counter;
        const char *outcome;
    } outcomes[] = {{COUNTER_EVENTS_NEW, "new"},
                    {COUNTER_EVENTS_DUPLICATE, "duplicate"},
                    {COUNTER_EVENTS_REFUSED, "refused"},
                    {COUNTER_EVENTS_IGNORED, "ignored"}};
    head(text, "events_total", "counter", "Events of dialers, by what became of them.");
    for (size_t i = 0; i < G_N_ELEMENTS(outcomes); i++)
        g_string_append_printf(text, "callmx_events_total{outcome=\"%s\"} %" G_GUINT64_FORMAT "\n",
                               outcomes[i].outcome, (guint64)counter_value(outcomes[i].counter));
}

static void histogram(GString *text, const char *name, const char *help, enum counter_time time)
{
    struct counter_histogram told;
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    counter_histogram(time, &told);
    head(text, name, "histogram", help);
    for (size_t i = 0; i < COUNTER_BUCKETS; i++)
        g_string_append_printf(
            text, "callmx_%s_bucket{le=\"%s\"} %" G_GUINT64_FORMAT "\n", name,
            g_ascii_formatd(number, sizeof number, "%g", (double)counter_bounds[i] / 1e6),
            (guint64)told.buckets[i]);
    g_string_append_printf(text,
                           "callmx_%s_bucket{le=\"+Inf\"} %" G_GUINT64_FORMAT
                           "\ncallmx_%s_sum %s\ncallmx_%s_count %" G_GUINT64_FORMAT "\n",
                           name, (guint64)told.count, name,
                           g_ascii_formatd(number, sizeof number, "%.6f", (double)told.sum / 1e6),
                           name, (guint64)told.count);
}

static void agencies(GString *text, const GArray *list)
{
    head(text, "agency_last_success_timestamp_seconds", "gauge",
         "When the last report of an agency came that could be read.");
    for (guint i = 0; i < list->len; i++) {
        const struct store_last_success *one = &g_array_index(list, struct store_last_success, i);
        if (one->received_at >= 0)
            g_string_append_printf(
                text,
                "callmx_agency_last_success_timestamp_seconds{agency=\"%s\"} %" G_GINT64_FORMAT
                "\n",
                one->agency_id, one->received_at);
    }
}

static void write_all(GString *text, struct http_server *server)
{
    size_t alive, waiting;
    parser_pool_count(server->pool, &alive, &waiting);
    head(text, "build_info", "gauge", "Which version this is.");
    g_string_append(text, "callmx_build_info{version=\"" CALLMX_VERSION "\"} 1\n");
    single(text, "smtp_sessions_total", "counter", "SMTP sessions that began.",
           counter_value(COUNTER_SMTP_SESSIONS));
    codes(text, "smtp_replies_total", "code", "Replies of SMTP, by their code.",
          COUNTER_SMTP_REPLIES);
    single(text, "http_connections_total", "counter", "HTTP connections that were accepted.",
           counter_value(COUNTER_HTTP_CONNECTIONS));
    single(text, "http_connections", "gauge", "HTTP connections that are open.",
           g_hash_table_size(server->clients));
    codes(text, "http_replies_total", "status", "Replies of HTTP, by their status.",
          COUNTER_HTTP_REPLIES);
    verdicts(text);
    events(text);
    single(text, "parsers", "gauge", "Parser processes that are there.", alive);
    single(text, "parsers_lost_total", "counter", "Parser processes that died in a job.",
           counter_value(COUNTER_PARSERS_LOST));
    single(text, "parser_queue", "gauge", "Messages that wait for a parser process.", waiting);
    single(text, "store_queue", "gauge", "Messages, events and changes that wait for the database.",
           (uint64_t)store_thread_waiting(server->store));
    single(text, "message_memory_bytes", "gauge", "Octets of the messages under way.",
           (uint64_t)server->budget->used);
    histogram(text, "reply_seconds", "From the end of DATA to its reply.", COUNTER_TIME_REPLY);
    histogram(text, "parse_seconds", "From the end of a message to its report.",
              COUNTER_TIME_PARSE);
    histogram(text, "commit_seconds", "Transactions, from their beginning to their commit.",
              COUNTER_TIME_COMMIT);
}

static void reply(struct exchange *exchange, const GArray *list)
{
    g_autoptr(GString) text = g_string_new(NULL);
    write_all(text, exchange->server);
    if (list != NULL)
        agencies(text, list);
    exchange_reply(exchange, &(struct http_reply){.status = 200,
                                                  .content_type = TEXT_TYPE,
                                                  .body = text->str,
                                                  .length = text->len});
}

static void look(void *context, struct db *db)
{
    struct scrape *scrape = context;
    g_autoptr(GError) error = NULL;
    scrape->agencies = store_last_success_list(db, &error);
    if (scrape->agencies == NULL)
        log_event(LOG_LEVEL_ERROR, "look-up-failed", LOG_TEXT("error", error->message));
}

static void on_looked(void *context)
{
    struct scrape *scrape = context;
    struct exchange *exchange = exchange_find(scrape->server, scrape->ticket);
    if (exchange != NULL)
        reply(exchange, scrape->agencies);
    g_clear_pointer(&scrape->agencies, g_array_unref);
    g_free(scrape);
}

void http_metrics_begin(struct exchange *exchange)
{
    if (!exchange->config->settings->metrics_agencies) {
        reply(exchange, NULL);
        return;
    }
    struct scrape *scrape = g_new0(struct scrape, 1);
    scrape->server = exchange->server;
    scrape->ticket = exchange->ticket;
    reader_thread_run(exchange->server->reader, look, on_looked, scrape);
}
