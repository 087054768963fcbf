/*
 * callmxd: the command line, and what a process sets for itself before anything else. The rest is
 * in service.c; with --parser as its only argument it is a parser process instead.
 */
#include "base/limits.h"
#include "daemon/log.h"
#include "daemon/parser_process.h"
#include "daemon/sandbox.h"
#include "daemon/service.h"
#include "daemon/settings.h"

#include <fcntl.h>
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

static const char usage[] =
    "usage: callmxd [-c FILE] [-t]\n"
    "  -c, --config FILE   configuration (default " SETTINGS_DEFAULT_FILE ")\n"
    "  -t, --test          check the configuration and end\n"
    "  -V, --version       print the version and end\n"
    "  -h, --help          print this and end\n"
    "It stays in the foreground and logs to standard error. See callmxd(8).\n";

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

/* The heaps of the threads would be given back to the system and asked for again with each
 * message, and each time all processors wait for it. */
static void keep_memory(void)
{
    enum { KEPT = 4 * MIB, LARGE = 1 * MIB };
    mallopt(M_TRIM_THRESHOLD, KEPT);
    mallopt(M_MMAP_THRESHOLD, LARGE);
}

int main(int argc, char **argv)
{
    keep_memory();
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
    if (settings == NULL) {
        fprintf(stderr, "callmxd: %s\n", error->message);
        return EX_CONFIG;
    }
    if (test) {
        printf("callmxd: the configuration %s is good\n", path);
        return EX_OK;
    }
    /* The database holds what agencies keep to themselves. */
    umask(umask(027) | 027);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    sandbox_no_core();
    raise_descriptors();
    log_set_level(settings->log_level);
    return service_run(path, settings);
}
