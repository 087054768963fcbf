/*
 * Puts the parts together in the order in which they may exist: what needs root before root is
 * given up, the sandbox before the first byte of a stranger, processes before threads, because a
 * sandbox holds for one thread and those that it starts. Takes them apart in the reverse order, so
 * the store thread commits what it has before it goes.
 *
 * Root without another user to become is refused where it would be dangerous, on the ports of the
 * Internet, and only warned of where somebody tries things out.
 */
#include "daemon/service.h"

#include "base/error.h"
#include "base/limits.h"
#include "daemon/http_server.h"
#include "daemon/inherited.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/notify.h"
#include "daemon/parser_pool.h"
#include "daemon/privileges.h"
#include "daemon/reader_thread.h"
#include "daemon/sandbox.h"
#include "daemon/smtp_server.h"
#include "daemon/store_thread.h"
#include "db/store.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum {
    DRAIN_MS = 60000 /* for all that is under way when we are told to end */,
    ROOT_PORTS = 1024
};

struct service {
    char *path;
    struct settings *settings; /* those in force */
    int sockets[INHERITED_MOST];
    size_t socket_count; /* inherited */
    struct notify *notify;
    struct loop *loop;
    struct smtp_server *server;
    struct http_server *http;
    struct parser_pool *pool;
    struct checkpointer *checkpointer;
    struct store_thread *store;
    struct reader_thread *reader;      /* for SMTP */
    struct reader_thread *http_reader; /* for HTTP */
    int draining;                      /* servers */
    struct loop_source *on_signal[3];
    struct loop_source *drain_timer;
    int landlock; /* its version */
    bool ending;
};

static int complain(const GError *error, int code)
{
    fprintf(stderr, "callmxd: %s\n", error->message);
    return code;
}

static int complain_by_class(const GError *error)
{
    return complain(error, error_is_temp(error) ? EX_TEMPFAIL : EX_CONFIG);
}

static size_t process_count(const struct settings *settings)
{
    int64_t wanted = settings->parser_processes;
    if (wanted == 0)
        wanted = sysconf(_SC_NPROCESSORS_ONLN);
    return (size_t)CLAMP(wanted, 1, LIMIT_PARSER_PROCESSES);
}

static struct parser_limits parser_limits(const struct settings *settings)
{
    return (struct parser_limits){.deadline = settings->parser_deadline,
                                  .memory = settings->parser_memory};
}

static const char *database_file(const struct settings *settings)
{
    return strchr(settings->database, ':') + 1;
}

/* --- The signals --- */

static void on_end(void *context)
{
    struct service *service = context;
    loop_stop(service->loop);
}

static void on_drained(void *context)
{
    struct service *service = context;
    if (--service->draining == 0)
        loop_stop(service->loop);
}

static void on_terminate(void *context)
{
    struct service *service = context;
    if (service->ending) {
        loop_stop(service->loop);
        return;
    }
    service->ending = true;
    log_event(LOG_LEVEL_INFO, "stopping", LOG_INT("pid", getpid()));
    notify_stopping(service->notify, DRAIN_MS / 1000);
    loop_timer_set(service->drain_timer, DRAIN_MS);
    service->draining = 2;
    smtp_server_drain(service->server, on_drained, service);
    http_server_drain(service->http, on_drained, service);
}

/* Keys whose new value counts from the next start on, joined with commas; NULL: none of them has
 * changed. */
static char *waiting_for_restart(const struct service *service, const struct settings *wanted)
{
    const struct settings *now = service->settings;
    const struct {
        const char *key;
        bool differs;
    } keys[] = {
        {"server.database", strcmp(now->database, wanted->database) != 0},
        {"server.user", g_strcmp0(now->user, wanted->user) != 0},
        {"server.group", g_strcmp0(now->group, wanted->group) != 0},
        {"retention.raw", now->raw_retention != wanted->raw_retention},
        {"smtp.listen",
         service->socket_count > 0 &&
             !g_strv_equal((const char *const *)now->listen, (const char *const *)wanted->listen)},
    };
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        if (keys[i].differs)
            g_ptr_array_add(names, (char *)(uintptr_t)keys[i].key);
    if (names->len == 0)
        return NULL;
    g_ptr_array_add(names, NULL);
    return g_strjoinv(",", (char **)names->pdata);
}

static bool are_open(char *const *files, GError **error)
{
    for (; files != NULL && *files != NULL; files++)
        if (sandbox_hides(*files))
            return error_perm(error,
                              "%s is in a directory that was not open to the daemon when it "
                              "started: start it anew, or put the file beside the configuration",
                              *files);
    return true;
}

/* Whatever can fail comes first, and the server changes everything or nothing. */
static bool reload(struct service *service, GError **error)
{
    AUTO(settings) wanted = settings_load(service->path, error);
    if (wanted == NULL || !are_open(wanted->tls_certificate, error) ||
        !are_open(wanted->tls_key, error) || !are_open(wanted->mailgun_key_file, error) ||
        !http_server_prepare(service->http, wanted, error))
        return false;
    if (!smtp_server_reload(service->server, wanted, error)) {
        http_server_abandon(service->http);
        return false;
    }
    http_server_settle(service->http);
    g_autofree char *waiting = waiting_for_restart(service, wanted);
    struct parser_limits limits = parser_limits(wanted);
    parser_pool_reload(service->pool, process_count(wanted), &limits);
    log_set_level(wanted->log_level);
    log_event(LOG_LEVEL_INFO, "reloaded", LOG_TEXT("file", service->path));
    if (waiting != NULL)
        log_event(LOG_LEVEL_WARNING, "needs-restart", LOG_TEXT("keys", waiting));
    /* What is in force of the keys that wait is what we started with. */
    if (waiting == NULL) {
        settings_unref(service->settings);
        service->settings = g_steal_pointer(&wanted);
    }
    return true;
}

static void on_reload(void *context)
{
    struct service *service = context;
    if (service->ending)
        return;
    g_autoptr(GError) error = NULL;
    notify_reloading(service->notify);
    if (reload(service, &error)) {
        notify_ready(service->notify, "ready");
        return;
    }
    log_event(LOG_LEVEL_ERROR, "reload-failed", LOG_TEXT("error", error->message));
    notify_ready(service->notify, "ready, with the old configuration: the new one is wrong");
}

/* --- The start --- */

/* Whether an address is one of those that only root can listen on. */
static bool has_root_port(char *const *addresses)
{
    for (; addresses != NULL && *addresses != NULL; addresses++) {
        const char *colon = strrchr(*addresses, ':');
        if (colon != NULL && g_ascii_strtoull(colon + 1, NULL, 10) < ROOT_PORTS)
            return true;
    }
    return false;
}

static bool may_be_root(const struct service *service, GError **error)
{
    const struct settings *settings = service->settings;
    bool is_service = service->socket_count > 0 || has_root_port(settings->listen) ||
                      has_root_port(settings->http_listen) ||
                      has_root_port(settings->http_listen_tls);
    if (geteuid() != 0 || settings->user != NULL || !is_service)
        return true;
    return error_perm(error,
                      "%s: it would serve the Internet as root: name the user that it is to "
                      "become, as [server] user; `user = root` if that is what you want",
                      service->path);
}

/* Everything that may need root: at its end we have become the user that we stay. */
static int start_as_root(struct service *service)
{
    g_autoptr(GError) error = NULL;
    const struct settings *settings = service->settings;
    struct identity identity;
    if (!inherited_sockets(service->sockets, &service->socket_count, &error) ||
        (service->notify = notify_new(&error)) == NULL || !may_be_root(service, &error) ||
        !identity_find(settings->user, settings->group, &identity, &error))
        return complain_by_class(error);
    service->loop = loop_new();
    struct smtp_server_parts parts = {.loop = service->loop,
                                      .settings = service->settings,
                                      .sockets = service->sockets,
                                      .socket_count = service->socket_count};
    service->server = smtp_server_new(&parts, &error);
    if (service->server != NULL)
        service->http = http_server_new(service->loop, service->settings,
                                        smtp_server_budget(service->server), &error);
    bool dropped = service->http != NULL && privileges_drop(&identity, &error);
    identity_clear(&identity);
    if (!dropped)
        return complain(error, service->http == NULL ? EX_UNAVAILABLE : EX_OSERR);
    return EX_OK;
}

static void add_all(GPtrArray *list, char *const *names)
{
    for (; names != NULL && *names != NULL; names++)
        g_ptr_array_add(list, *names);
}

static int enter_sandbox(struct service *service)
{
    g_autoptr(GError) error = NULL;
    const struct settings *settings = service->settings;
    const char *file = database_file(settings);
    if (!privileges_check_database(file, &error))
        return complain(error, EX_CONFIG);
    g_autoptr(GPtrArray) readable = g_ptr_array_new();
    add_all(readable, (char *const[]){service->path, NULL});
    add_all(readable, settings->tls_certificate);
    add_all(readable, settings->tls_key);
    add_all(readable, settings->mailgun_key_file);
    g_ptr_array_add(readable, NULL);
    if (!sandbox_enter_daemon(file, (const char *const *)readable->pdata, &service->landlock,
                              &error))
        return complain(error, EX_OSERR);
    return EX_OK;
}

static int start_parts(struct service *service)
{
    g_autoptr(GError) error = NULL;
    const struct settings *settings = service->settings;
    struct parser_limits limits = parser_limits(settings);
    AUTO(db) writer = store_open(settings->database, DB_CREATE, &error);
    if (writer == NULL)
        return complain_by_class(error);
    AUTO(db) read_only = store_open(settings->database, DB_READONLY, &error);
    if (read_only == NULL)
        return complain(error, EX_TEMPFAIL);
    AUTO(db) for_http = store_open(settings->database, DB_READONLY, &error);
    if (for_http == NULL)
        return complain(error, EX_TEMPFAIL);
    AUTO(db) second = store_open(settings->database, DB_WRITE, &error);
    if (second == NULL)
        return complain(error, EX_TEMPFAIL);
    service->pool = parser_pool_new(service->loop, process_count(settings), &limits, &error);
    if (service->pool == NULL)
        return complain(error, EX_OSERR);
    service->checkpointer = checkpointer_new(g_steal_pointer(&second));
    service->store = store_thread_new(service->loop, g_steal_pointer(&writer),
                                      service->checkpointer, settings->raw_retention);
    service->reader = reader_thread_new(service->loop, g_steal_pointer(&read_only));
    service->http_reader = reader_thread_new(service->loop, g_steal_pointer(&for_http));
    smtp_server_attach(service->server, service->pool, service->store, service->reader);
    http_server_attach(service->http, service->pool, service->store, service->http_reader);
    return EX_OK;
}

static void serve(struct service *service)
{
    static const struct {
        int number;
        loop_fn *run;
    } signals[] = {{SIGTERM, on_terminate}, {SIGINT, on_terminate}, {SIGHUP, on_reload}};
    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++)
        service->on_signal[i] =
            loop_signal_new(service->loop, signals[i].number, signals[i].run, service);
    service->drain_timer = loop_timer_new(service->loop, on_end, service);
    const struct settings *settings = service->settings;
    g_autofree char *listen =
        service->socket_count > 0 ? g_strdup("inherited") : g_strjoinv(",", settings->listen);
    if (geteuid() == 0 && settings->user == NULL)
        log_event(LOG_LEVEL_WARNING, "running-as-root",
                  LOG_TEXT("advice", "name a user as [server] user"));
    g_autofree char *http = settings_http_listen(settings);
    log_event(LOG_LEVEL_INFO, "ready", LOG_TEXT("version", CALLMX_VERSION),
              LOG_INT("pid", getpid()), LOG_TEXT("listen", listen), LOG_TEXT("http", http),
              LOG_INT("parsers", (int64_t)process_count(settings)), LOG_INT("uid", geteuid()),
              LOG_INT("landlock", service->landlock));
    notify_watchdog(service->notify, service->loop);
    notify_ready(service->notify, "ready");
    loop_run(service->loop);
}

static void service_clear(struct service *service)
{
    for (size_t i = 0; i < G_N_ELEMENTS(service->on_signal); i++)
        loop_source_free(service->on_signal[i]);
    loop_source_free(service->drain_timer);
    http_server_free(service->http);
    smtp_server_free(service->server);
    reader_thread_free(service->http_reader);
    reader_thread_free(service->reader);
    store_thread_free(service->store);
    checkpointer_free(service->checkpointer);
    parser_pool_free(service->pool);
    notify_free(service->notify);
    loop_free(service->loop);
    settings_unref(service->settings);
    g_free(service->path);
}

int service_run(const char *path, struct settings *settings)
{
    struct service service = {.path = g_strdup(path), .settings = settings_ref(settings)};
    int code = start_as_root(&service);
    if (code == EX_OK)
        code = enter_sandbox(&service);
    if (code == EX_OK)
        code = start_parts(&service);
    if (code == EX_OK) {
        serve(&service);
        log_event(LOG_LEVEL_INFO, "stopped", LOG_INT("pid", getpid()));
    }
    service_clear(&service);
    return code;
}
