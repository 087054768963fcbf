/*
 * callmxd: puts the parts together in the order in which they may exist (processes before threads,
 * the database before those who use it), runs the loop, and takes them apart again.
 */
#include "base/error.h"
#include "base/limits.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/parser_pool.h"
#include "daemon/reader_thread.h"
#include "daemon/sandbox.h"
#include "daemon/settings.h"
#include "daemon/smtp_server.h"
#include "daemon/store_thread.h"
#include "db/store.h"

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

enum { DRAIN_MS = 60000 }; /* for messages under way when we are told to end */

struct daemon {
    struct loop *loop;
    struct smtp_server *server;
    struct loop_source *drain_timer;
    bool ending;
};

static const char usage[] =
    "usage: callmxd [-c FILE] [-t]\n"
    "  -c, --config FILE   configuration (default " SETTINGS_DEFAULT_FILE ")\n"
    "  -t, --test          check the configuration and end\n"
    "  -V, --version       print the version and end\n"
    "  -h, --help          print this and end\n"
    "It stays in the foreground and logs to standard error. See callmxd(8).\n";

static void on_end(void *context)
{
    struct daemon *daemon = context;
    loop_stop(daemon->loop);
}

/* The first signal ends it in order, a second one at once. */
static void on_terminate(void *context)
{
    struct daemon *daemon = context;
    if (daemon->ending) {
        loop_stop(daemon->loop);
        return;
    }
    daemon->ending = true;
    log_event(LOG_LEVEL_INFO, "stopping", LOG_INT("pid", getpid()));
    loop_timer_set(daemon->drain_timer, DRAIN_MS);
    smtp_server_drain(daemon->server, on_end, daemon);
}

static void raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* Without them the first socket would become standard error, and the log would go to a peer. */
static void open_standard_descriptors(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO)
        close(fd);
}

static size_t process_count(const struct settings *settings)
{
    int64_t wanted = settings->parser_processes;
    if (wanted == 0)
        wanted = sysconf(_SC_NPROCESSORS_ONLN);
    return (size_t)CLAMP(wanted, 1, LIMIT_PARSER_PROCESSES);
}

static int complain(const GError *error, int code)
{
    fprintf(stderr, "callmxd: %s\n", error->message);
    return code;
}

static void serve(struct daemon *daemon, const struct settings *settings)
{
    struct loop_source *signals[] = {
        loop_signal_new(daemon->loop, SIGTERM, on_terminate, daemon),
        loop_signal_new(daemon->loop, SIGINT, on_terminate, daemon),
    };
    daemon->drain_timer = loop_timer_new(daemon->loop, on_end, daemon);
    g_autofree char *listen = g_strjoinv(",", settings->listen);
    log_event(LOG_LEVEL_INFO, "ready", LOG_TEXT("version", CALLMX_VERSION),
              LOG_INT("pid", getpid()), LOG_TEXT("listen", listen),
              LOG_INT("parsers", (int64_t)process_count(settings)));
    loop_run(daemon->loop);
    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++)
        loop_source_free(signals[i]);
    loop_source_free(daemon->drain_timer);
}

/* The order of these declarations is the order of starting; the end of the block takes everything
 * apart in the reverse one, so the store thread commits what it has before it goes. */
static int run(const struct settings *settings)
{
    g_autoptr(GError) error = NULL;
    AUTO(loop) loop = loop_new();
    struct parser_limits limits = {.deadline = settings->parser_deadline,
                                   .memory = settings->parser_memory};
    AUTO(db) writer = store_open(settings->database, DB_CREATE, &error);
    if (writer == NULL)
        return complain(error, error_is_temp(error) ? EX_TEMPFAIL : EX_CONFIG);
    AUTO(db) read_only = store_open(settings->database, DB_READONLY, &error);
    if (read_only == NULL)
        return complain(error, EX_TEMPFAIL);
    AUTO(parser_pool) pool = parser_pool_new(loop, process_count(settings), &limits, &error);
    if (pool == NULL)
        return complain(error, EX_OSERR);
    AUTO(store_thread)
    store = store_thread_new(loop, g_steal_pointer(&writer), settings->raw_retention);
    AUTO(reader_thread) reader = reader_thread_new(loop, g_steal_pointer(&read_only));
    struct smtp_server_parts parts = {loop, settings, pool, store, reader};
    AUTO(smtp_server) server = smtp_server_new(&parts, &error);
    if (server == NULL)
        return complain(error, EX_UNAVAILABLE);
    struct daemon daemon = {.loop = loop, .server = server};
    serve(&daemon, settings);
    log_event(LOG_LEVEL_INFO, "stopped", LOG_INT("pid", getpid()));
    return EX_OK;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], PARSER_PROCESS_ARGUMENT) == 0)
        return parser_process_main();
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"test", no_argument, NULL, 't'},
        {"version", no_argument, NULL, 'V'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const char *path = SETTINGS_DEFAULT_FILE;
    bool test = false;
    int option;
    while ((option = getopt_long(argc, argv, "c:tVh", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            path = optarg;
            break;
        case 't':
            test = true;
            break;
        case 'V':
            printf("callmxd %s\n", CALLMX_VERSION);
            return EX_OK;
        case 'h':
            fputs(usage, stdout);
            return EX_OK;
        default:
            fputs(usage, stderr);
            return EX_USAGE;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "callmxd: unexpected argument \"%s\"\n%s", argv[optind], usage);
        return EX_USAGE;
    }
    open_standard_descriptors();
    g_autoptr(GError) error = NULL;
    AUTO(settings) settings = settings_load(path, &error);
    if (settings == NULL)
        return complain(error, EX_CONFIG);
    if (test) {
        printf("callmxd: the configuration %s is good\n", path);
        return EX_OK;
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    sandbox_no_core();
    raise_descriptors();
    log_set_level(settings->log_level);
    return run(settings);
}
