/*
 * A parser process: reads reports for a parent that trusts it with nothing. It is this program
 * executed anew (/proc/self/exe --parser) with a socket as descriptor 3, so that it inherits
 * neither memory nor descriptors of a process that holds keys and a database; a program that
 * spawns one must call parser_process_main() first thing in main() when argv[1] is "--parser".
 *
 * A job is one message on the socket: a head, and behind it the bytes, if they are few, or with it
 * the sealed memfd that has them. The answer is the report as a stream of frames: report_wire.h.
 */
#ifndef CALLMX_DAEMON_PARSER_PROCESS_H
#define CALLMX_DAEMON_PARSER_PROCESS_H

#include "report/report.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define PARSER_PROCESS_ARGUMENT "--parser"

struct parser_limits {
    int64_t deadline; /* seconds for one job, of wall clock and of CPU */
    int64_t memory;   /* bytes of address space */
};

struct parser_process {
    pid_t pid;
    int socket;          /* owned; the parent's end, non-blocking, close-on-exec */
    size_t room;         /* octets of a job's bytes that it takes at once */
    int64_t limited_at;  /* monotonic, microseconds: when its CPU time was limited; 0: never */
    int64_t limited_for; /* for this deadline */
};

/* What is to be read. All of it is borrowed. */
struct parser_input {
    const void *bytes; /* NULL: they are in fd, if there are any */
    int fd;            /* a sealed memfd */
    size_t size;       /* octets */
    enum report_input kind;
    const char *name; /* of the file; NULL: none */
};

/* The child's side: serves jobs on descriptor 3 until the parent closes it. The exit code. */
int parser_process_main(void);

bool parser_process_spawn(const struct parser_limits *limits, struct parser_process *process,
                          GError **error);

/* Hands over a job to a process that has none, and gives it its share of CPU time. */
bool parser_process_send(struct parser_process *process, const struct parser_limits *limits,
                         const struct parser_input *input, GError **error);

/* For a program without a loop: reads one report in a child and waits for it. A child that dies
 * or misses the deadline gives a report with the verdict FAILED and that reason; NULL and an error
 * only if no child could be had. */
struct report *parser_process_read(const struct parser_limits *limits,
                                   const struct parser_input *input, GError **error);

/* Why a child is gone, in words, from what waitpid() said; and that it was too slow. g_free them.
 */
char *parser_process_epitaph(int status);
char *parser_process_lateness(const struct parser_limits *limits);

/* A report with the verdict FAILED and this reason. */
struct report *parser_process_failure(const char *reason);

#endif
