/*
 * See http_server.h, and http_server_impl.h for who does what. This file has what is there once:
 * listeners, the settings in force, the certificates, the end.
 *
 * As in smtp_server.c, the settings in force are an object with references, made whole before
 * anything changes.
 */
#include "daemon/http_server.h"

#include "base/error.h"
#include "base/limits.h"
#include "daemon/certificates.h"
#include "daemon/http_server_impl.h"
#include "daemon/log.h"
#include "daemon/peer.h"

#include <string.h>
#include <sys/resource.h>

#define BUSY_LINE                                                                                  \
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

enum {
    KEY_LEAST = 16, /* octets of Mailgun's key: less is none */
    KEY_MOST = 256,
    SHARE = 4, /* of the descriptors, one of so many stays for mail */
};

/* --- settings in force --- */

/* SMTP goes first: a mail that finds no descriptor is worse than a page. */
static int64_t connections_possible(const struct settings *settings)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        limit.rlim_cur > INT32_MAX)
        return settings->http_max_connections;
    int64_t possible = (int64_t)(limit.rlim_cur - limit.rlim_cur / SHARE);
    return MIN(MAX(possible, 1), settings->http_max_connections);
}

static bool read_mailgun_key(const struct settings *settings, char **key, GError **error)
{
    g_autoptr(GError) why = NULL;
    gsize size = 0;
    *key = NULL;
    if (settings->mailgun_key_file == NULL)
        return true;
    const char *path = settings->mailgun_key_file[0];
    if (!g_file_get_contents(path, key, &size, &why))
        return error_perm(error, "[mailgun] signing-key-file: %s", why->message);
    g_strstrip(*key);
    if (strlen(*key) >= KEY_LEAST && strlen(*key) <= KEY_MOST)
        return true;
    explicit_bzero(*key, size);
    g_clear_pointer(key, g_free);
    return error_perm(error, "[mailgun] signing-key-file: %s holds no key of %d to %d characters",
                      path, KEY_LEAST, KEY_MOST);
}

/* `old`: what is in force, NULL at the start. */
static struct http_config *config_new(struct http_server *server, struct settings *settings,
                                      const struct http_config *old, GError **error)
{
    struct tls *tls;
    char *key;
    if (!certificates_read("callmx-http", settings, old != NULL ? old->tls : NULL, &tls, error))
        return NULL;
    if (!read_mailgun_key(settings, &key, error)) {
        tls_unref(tls);
        return NULL;
    }
    struct http_config *config = g_new0(struct http_config, 1);
    config->references = 1;
    config->settings = settings_ref(settings);
    config->tls = tls;
    config->mailgun_key = key;
    config->max_connections = connections_possible(settings);
    config->session = (struct http_session_config){
        .date = server->date, .max_requests = (unsigned)settings->http_max_requests};
    return config;
}

struct http_config *http_config_ref(struct http_config *config)
{
    config->references++;
    return config;
}

void http_config_unref(struct http_config *config)
{
    if (config == NULL || --config->references > 0)
        return;
    if (config->mailgun_key != NULL)
        explicit_bzero(config->mailgun_key, strlen(config->mailgun_key));
    g_free(config->mailgun_key);
    tls_unref(config->tls);
    settings_unref(config->settings);
    g_free(config);
}

static void use_config(struct http_server *server, struct http_config *config)
{
    http_config_unref(server->config);
    server->config = config;
    server->tls_failed = false;
}

/* Certificates are renewed by others, who need not know that we exist. */
static void look_at_certificates(struct http_server *server)
{
    if (server->config->tls == NULL || !tls_has_changed(server->config->tls))
        return;
    g_autoptr(GError) error = NULL;
    struct http_config *config =
        config_new(server, server->config->settings, server->config, &error);
    if (config != NULL) {
        use_config(server, config);
    } else if (!server->tls_failed) {
        server->tls_failed = true;
        log_event(LOG_LEVEL_ERROR, "certificate-not-read", LOG_TEXT("error", error->message));
    }
}

static void on_minute(void *context)
{
    struct http_server *server = context;
    loop_timer_set(server->minute_timer, LIMIT_TLS_CHECK * 1000);
    admission_sweep(server->admission, peer_now(), peer_log_left_out);
    look_at_certificates(server);
}

void http_server_set_date(struct http_server *server)
{
    int64_t now = g_get_real_time() / G_USEC_PER_SEC;
    if (now == server->date_second)
        return;
    server->date_second = now;
    g_autoptr(GDateTime) moment = g_date_time_new_from_unix_utc(now);
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    g_snprintf(server->date, sizeof server->date, "%s, %02d %s %04d %02d:%02d:%02d GMT",
               days[g_date_time_get_day_of_week(moment) - 1], g_date_time_get_day_of_month(moment),
               months[g_date_time_get_month(moment) - 1], g_date_time_get_year(moment),
               g_date_time_get_hour(moment), g_date_time_get_minute(moment),
               g_date_time_get_second(moment));
}

/* --- the server --- */

static char *const *addresses_of(const struct settings *settings, enum http_door door)
{
    switch (door) {
    case HTTP_DOOR_PLAIN:
        return settings->http_listen;
    case HTTP_DOOR_TLS:
        return settings->http_listen_tls;
    case HTTP_DOOR_METRICS:
        return settings->metrics_listen;
    case HTTP_DOOR_COUNT:
        break;
    }
    g_assert_not_reached();
}

static bool prepare_listeners(struct http_server *server, const struct settings *settings,
                              GError **error)
{
    for (int door = 0; door < HTTP_DOOR_COUNT; door++)
        if (!listeners_prepare(server->listeners[door],
                               addresses_of(settings, (enum http_door)door), error))
            return false;
    return true;
}

bool http_server_prepare(struct http_server *server, struct settings *settings, GError **error)
{
    http_server_abandon(server);
    server->prepared = config_new(server, settings, server->config, error);
    if (server->prepared != NULL && prepare_listeners(server, settings, error))
        return true;
    http_server_abandon(server);
    return false;
}

void http_server_settle(struct http_server *server)
{
    for (int door = 0; door < HTTP_DOOR_COUNT; door++)
        listeners_settle(server->listeners[door],
                         addresses_of(server->prepared->settings, (enum http_door)door));
    use_config(server, g_steal_pointer(&server->prepared));
}

void http_server_abandon(struct http_server *server)
{
    for (int door = 0; door < HTTP_DOOR_COUNT; door++)
        listeners_abandon(server->listeners[door]);
    http_config_unref(g_steal_pointer(&server->prepared));
}

void http_server_check_drained(struct http_server *server)
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
    http_client_stop_all(context, true);
}

struct http_server *http_server_new(struct loop *loop, struct settings *settings,
                                    struct message_budget *budget, GError **error)
{
    static listener_fn *const on_accept[HTTP_DOOR_COUNT] = {
        http_client_accept_plain, http_client_accept_tls, http_client_accept_metrics};
    AUTO(http_server) server = g_new0(struct http_server, 1);
    server->loop = loop;
    server->budget = budget;
    for (int door = 0; door < HTTP_DOOR_COUNT; door++)
        server->listeners[door] = listeners_new(loop, BUSY_LINE, on_accept[door], server);
    server->clients = g_hash_table_new(g_int64_hash, g_int64_equal);
    server->exchanges = g_hash_table_new(g_int64_hash, g_int64_equal);
    server->admission = admission_new();
    server->drain_timer = loop_timer_new(loop, on_drain_over, server);
    server->minute_timer = loop_timer_new(loop, on_minute, server);
    disk_space_init(&server->disk, strchr(settings->database, ':') + 1);
    if (!http_server_prepare(server, settings, error))
        return NULL;
    http_server_settle(server);
    return g_steal_pointer(&server);
}

void http_server_attach(struct http_server *server, struct parser_pool *pool,
                        struct store_thread *store, struct reader_thread *reader)
{
    server->pool = pool;
    server->store = store;
    server->reader = reader;
    loop_timer_set(server->minute_timer, LIMIT_TLS_CHECK * 1000);
    for (int door = 0; door < HTTP_DOOR_COUNT; door++)
        listeners_start(server->listeners[door]);
}

void http_server_free(struct http_server *server)
{
    if (server == NULL)
        return;
    server->drained = NULL;
    http_client_free_all(server);
    loop_source_free(server->drain_timer);
    loop_source_free(server->minute_timer);
    http_config_unref(server->prepared);
    http_config_unref(server->config);
    for (int door = 0; door < HTTP_DOOR_COUNT; door++)
        listeners_free(server->listeners[door]);
    g_hash_table_unref(server->clients);
    g_hash_table_unref(server->exchanges);
    admission_free(server->admission);
    disk_space_clear(&server->disk);
    g_free(server);
}

void http_server_drain(struct http_server *server, loop_fn *done, void *context)
{
    server->draining = true;
    server->drained = done;
    server->drained_context = context;
    for (int door = 0; door < HTTP_DOOR_COUNT; door++)
        listeners_close(server->listeners[door]);
    loop_timer_set(server->drain_timer, LIMIT_SMTP_DRAIN * 1000);
    http_client_stop_all(server, false);
    http_server_check_drained(server);
}
