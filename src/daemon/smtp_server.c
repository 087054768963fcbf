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
#include "daemon/log.h"
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

static void warn_of_expiry(const struct tls *tls)
{
    const char *file = NULL;
    int64_t left = tls_expires_at(tls, &file) - g_get_real_time() / G_USEC_PER_SEC;
    if (left <= 0)
        log_event(LOG_LEVEL_WARNING, "certificate-expired", LOG_TEXT("file", file));
}

/* The certificates of the settings: those that are in memory, if their files are the same. */
static bool read_tls(const struct settings *settings, struct tls *old, struct tls **tls,
                     GError **error)
{
    *tls = NULL;
    if (settings->tls_certificate == NULL)
        return true;
    if (old != NULL && tls_is_of(old, settings->tls_certificate, settings->tls_key) &&
        !tls_has_changed(old)) {
        *tls = tls_ref(old);
        return true;
    }
    *tls = tls_new("callmx-smtp", settings->tls_certificate, settings->tls_key, error);
    if (*tls != NULL)
        warn_of_expiry(*tls);
    return *tls != NULL;
}

/* `old`: what is in force, NULL at the start. */
static struct smtp_config *config_new(struct settings *settings, const struct smtp_config *old,
                                      GError **error)
{
    struct tls *tls;
    if (!read_tls(settings, old != NULL ? old->tls : NULL, &tls, error))
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
    admission_sweep(server->admission, smtp_now_ms(), smtp_client_log_left_out);
    look_at_certificates(server);
}

/* --- listeners --- */

static GHashTable *listener_table(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)listener_free);
}

/* Opens those addresses that are not open yet, into `opened`. */
static bool open_listeners(struct smtp_server *server, char *const *addresses, GHashTable *opened,
                           GError **error)
{
    for (char *const *address = addresses; *address != NULL; address++) {
        if (g_hash_table_contains(server->listeners, *address) ||
            g_hash_table_contains(opened, *address))
            continue;
        struct listener *listener =
            listener_new(server->loop, *address, BUSY_LINE, smtp_client_accept, server, error);
        if (listener == NULL)
            return false;
        g_hash_table_insert(opened, g_strdup(*address), listener);
    }
    return true;
}

static gboolean is_unwanted(gpointer address, gpointer listener, gpointer wanted)
{
    (void)listener;
    return !g_strv_contains(wanted, address);
}

static gboolean start_one(gpointer address, gpointer listener, gpointer server)
{
    listener_start(listener);
    g_hash_table_insert(((struct smtp_server *)server)->listeners, address, listener);
    return TRUE;
}

static bool take_sockets(struct smtp_server *server, const int *sockets, size_t count,
                         GError **error)
{
    for (size_t i = 0; i < count; i++) {
        struct listener *listener =
            listener_new_fd(server->loop, sockets[i], BUSY_LINE, smtp_client_accept, server, error);
        if (listener == NULL)
            return false;
        g_hash_table_insert(server->listeners, g_strdup_printf("inherited %d", sockets[i]),
                            listener);
    }
    server->has_inherited = true;
    return true;
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
    server->listeners = listener_table();
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
    bool opened = parts->socket_count > 0
                      ? take_sockets(server, parts->sockets, parts->socket_count, error)
                      : open_listeners(server, parts->settings->listen, server->listeners, error);
    return opened ? g_steal_pointer(&server) : NULL;
}

void smtp_server_attach(struct smtp_server *server, struct parser_pool *pool,
                        struct store_thread *store, struct reader_thread *reader)
{
    server->pool = pool;
    server->store = store;
    server->reader = reader;
    loop_timer_set(server->minute_timer, LIMIT_TLS_CHECK * 1000);
    GHashTableIter iter;
    gpointer listener;
    g_hash_table_iter_init(&iter, server->listeners);
    while (g_hash_table_iter_next(&iter, NULL, &listener))
        listener_start(listener);
}

bool smtp_server_reload(struct smtp_server *server, struct settings *settings, GError **error)
{
    struct smtp_config *config = config_new(settings, server->config, error);
    if (config == NULL)
        return false;
    g_autoptr(GHashTable) opened = listener_table();
    if (!server->has_inherited && !open_listeners(server, settings->listen, opened, error)) {
        smtp_config_unref(config);
        return false;
    }
    use_config(server, config);
    if (server->has_inherited)
        return true;
    g_hash_table_foreach_remove(server->listeners, is_unwanted, settings->listen);
    g_hash_table_foreach_steal(opened, start_one, server);
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
    g_hash_table_unref(server->listeners);
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
    g_hash_table_remove_all(server->listeners);
    loop_timer_set(server->drain_timer, LIMIT_SMTP_DRAIN * 1000);
    smtp_client_stop_all(server, false);
    smtp_server_check_drained(server);
}
