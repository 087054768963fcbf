/*
 * /healthz: the loop turns, or there would be no answer. /readyz: what is asked of us could be done
 * now; each part that is not so is named.
 */
#include "daemon/http_server_impl.h"

#include "daemon/log.h"
#include "daemon/peer.h"

void http_health_begin(struct exchange *exchange)
{
    struct json *document = json_object_new();
    json_set_text(document, "status", "ok");
    exchange_reply_json(exchange, 200, document);
}

/* --- readiness --- */

/* A question to the store thread, which is the one that writes. */
struct probe {
    struct http_server *server;
    uint64_t ticket;
};

static bool write_nothing(void *context, struct db *db, GError **error)
{
    (void)context;
    (void)db;
    (void)error;
    return true;
}

static void set_state(struct json *document, const char *name, bool is_good, bool *all)
{
    json_set_text(document, name, is_good ? "ok" : "failed");
    *all = *all && is_good;
}

static bool has_disk_space(struct exchange *exchange)
{
    return disk_space_fits(&exchange->server->disk, 0, exchange->config->settings->min_free_space,
                           peer_now());
}

static bool has_valid_certificate(const struct exchange *exchange)
{
    const struct tls *tls = exchange->config->tls;
    const char *file;
    return tls == NULL || tls_expires_at(tls, &file) > g_get_real_time() / G_USEC_PER_SEC;
}

static void on_probed(void *context, const GError *error)
{
    struct probe *probe = context;
    struct exchange *exchange = exchange_find(probe->server, probe->ticket);
    if (exchange != NULL) {
        size_t alive, waiting;
        bool all = !exchange->server->draining;
        struct json *document = json_object_new();
        parser_pool_count(exchange->server->pool, &alive, &waiting);
        set_state(document, "database", error == NULL, &all);
        set_state(document, "disk_space", has_disk_space(exchange), &all);
        set_state(document, "certificate", has_valid_certificate(exchange), &all);
        set_state(document, "parsers", alive > 0, &all);
        json_set_text(document, "status", all ? "ok" : "failed");
        exchange_reply_json(exchange, all ? 200 : 503, document);
    }
    g_free(probe);
}

void http_ready_begin(struct exchange *exchange)
{
    struct probe *probe = g_new(struct probe, 1);
    *probe = (struct probe){.server = exchange->server, .ticket = exchange->ticket};
    store_thread_change(exchange->server->store, write_nothing, on_probed, probe);
}
