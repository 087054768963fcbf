/*
 * See smtp_server.h, and smtp_server_impl.h for who does what. This file has what is there once:
 * listeners, the settings in force, the certificates, the end.
 *
 * What is hard: settings change while sessions go on, so those in force are an object with
 * references, made whole before anything changes, and each client holds the one it began with.
 */
#include "daemon/smtp_server.h"

#include "base/error.h"
#include "base/limits.h"
#include "daemon/certificates.h"
#include "daemon/log.h"
#include "daemon/peer.h"
#include "daemon/smtp_server_impl.h"

#include <string.h>
#include <sys/resource.h>

#define BUSY_LINE "421 4.3.2 no room for another connection: try again later\r\n"

/* --- settings in force --- */

/* Not more connections than there are descriptors for. */
static int64_t connections_possible(const struct settings *settings)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        limit.rlim_cur > INT32_MAX)
        return settings->max_connections;
    int64_t possible = MAX((int64_t)limit.rlim_cur - LIMIT_SMTP_DESCRIPTORS_KEPT, 1);
    if (possible < settings->max_connections)
        log_event(LOG_LEVEL_WARNING, "max-connections-lowered",
                  LOG_INT("wanted", settings->max_connections), LOG_INT("possible", possible),
                  LOG_INT("descriptors", (int64_t)limit.rlim_cur));
    return MIN(possible, settings->max_connections);
}

/* `old`: what is in force, NULL at the start. */
static struct smtp_config *config_new(struct settings *settings, const struct smtp_config *old,
                                      GError **error)
{
    struct tls *tls;
    if (!certificates_read("callmx-smtp", settings, old != NULL ? old->tls : NULL, &tls, error))
        return NULL;
    struct smtp_config *config = g_new0(struct smtp_config, 1);
    config->references = 1;
    config->settings = settings_ref(settings);
    config->tls = tls;
    config->max_connections = connections_possible(settings);
    config->session = (struct smtp_session_config){
        .hostname = settings->hostname,
        .domains = (const char *const *)settings->domains,
        .max_message_size = (uint64_t)settings->max_message_size,
        .max_rcpt_errors = (unsigned)settings->max_rcpt_errors,
        .max_errors = (unsigned)settings->max_errors,
        .max_junk_commands = (unsigned)settings->max_junk_commands,
        .max_messages = (unsigned)settings->max_messages,
        .starttls = tls != NULL,
        .require_tls = settings->require_tls,
        .chunking = settings->chunking,
        .normalize_newlines = settings->normalize_newlines,
    };
    return config;
}

struct smtp_config *smtp_config_ref(struct smtp_config *config)
{
    config->references++;
    return config;
}

void smtp_config_unref(struct smtp_config *config)
{
    if (config == NULL || --config->references > 0)
        return;
    tls_unref(config->tls);
    settings_unref(config->settings);
    g_free(config);
}

static void use_config(struct smtp_server *server, struct smtp_config *config)
{
    smtp_config_unref(server->config);
    server->config = config;
    server->budget.most = config->settings->message_memory;
    server->tls_failed = false;
}

/* Certificates are renewed by others, who need not know that we exist. */
static void look_at_certificates(struct smtp_server *server)
{
    if (server->config->tls == NULL || !tls_has_changed(server->config->tls))
        return;
    g_autoptr(GError) error = NULL;
    struct smtp_config *config = config_new(server->config->settings, server->config, &error);
    if (config != NULL) {
        use_config(server, config);
        log_event(LOG_LEVEL_INFO, "certificate-read-again", LOG_TEXT("reason", "file-changed"));
    } else if (!server->tls_failed) {
        server->tls_failed = true;
        log_event(LOG_LEVEL_ERROR, "certificate-not-read", LOG_TEXT("error", error->message));
    }
}

static void on_minute(void *context)
{
    struct smtp_server *server = context;
    loop_timer_set(server->minute_timer, LIMIT_TLS_CHECK * 1000);
    admission_sweep(server->admission, peer_now(), peer_log_left_out);
    look_at_certificates(server);
}

/* --- the server --- */

void smtp_server_check_drained(struct smtp_server *server)
{
    if (!server->draining || server->drained == NULL || server->in_flight > 0 ||
        g_hash_table_size(server->clients) > 0)
        return;
    loop_fn *drained = server->drained;
    server->drained = NULL;
    drained(server->drained_context);
}

/* What has not arrived by now was promised to nobody. */
static void on_drain_over(void *context)
{
    smtp_client_stop_all(context, true);
}

struct smtp_server *smtp_server_new(const struct smtp_server_parts *parts, GError **error)
{
    AUTO(smtp_server) server = g_new0(struct smtp_server, 1);
    server->loop = parts->loop;
    server->listeners = listeners_new(parts->loop, BUSY_LINE, smtp_client_accept, server);
    server->clients = g_hash_table_new(g_int64_hash, g_int64_equal);
    server->admission = admission_new();
    server->hold = answer_hold_new(parts->loop, smtp_client_answer_held, server);
    server->drain_timer = loop_timer_new(parts->loop, on_drain_over, server);
    server->minute_timer = loop_timer_new(parts->loop, on_minute, server);
    disk_space_init(&server->disk, strchr(parts->settings->database, ':') + 1);
    struct smtp_config *config = config_new(parts->settings, NULL, error);
    if (config == NULL)
        return NULL;
    use_config(server, config);
    char *const *addresses = parts->settings->listen;
    if (parts->socket_count > 0
            ? !listeners_take(server->listeners, parts->sockets, parts->socket_count, error)
            : !listeners_prepare(server->listeners, addresses, error))
        return NULL;
    listeners_settle(server->listeners, addresses);
    return g_steal_pointer(&server);
}

void smtp_server_attach(struct smtp_server *server, struct parser_pool *pool,
                        struct store_thread *store, struct reader_thread *reader)
{
    server->pool = pool;
    server->store = store;
    server->reader = reader;
    loop_timer_set(server->minute_timer, LIMIT_TLS_CHECK * 1000);
    listeners_start(server->listeners);
}

struct message_budget *smtp_server_budget(struct smtp_server *server)
{
    return &server->budget;
}

bool smtp_server_reload(struct smtp_server *server, struct settings *settings, GError **error)
{
    struct smtp_config *config = config_new(settings, server->config, error);
    if (config == NULL)
        return false;
    if (!listeners_prepare(server->listeners, settings->listen, error)) {
        smtp_config_unref(config);
        return false;
    }
    use_config(server, config);
    listeners_settle(server->listeners, settings->listen);
    return true;
}

void smtp_server_free(struct smtp_server *server)
{
    if (server == NULL)
        return;
    server->drained = NULL;
    smtp_client_free_all(server);
    loop_source_free(server->drain_timer);
    loop_source_free(server->minute_timer);
    listeners_free(server->listeners);
    g_hash_table_unref(server->clients);
    admission_free(server->admission);
    answer_hold_free(server->hold);
    disk_space_clear(&server->disk);
    smtp_config_unref(server->config);
    g_free(server);
}

void smtp_server_drain(struct smtp_server *server, loop_fn *done, void *context)
{
    server->draining = true;
    server->drained = done;
    server->drained_context = context;
    listeners_close(server->listeners);
    loop_timer_set(server->drain_timer, LIMIT_SMTP_DRAIN * 1000);
    smtp_client_stop_all(server, false);
    smtp_server_check_drained(server);
}
