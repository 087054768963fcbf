/*
 * The parser processes of the daemon: as many as set, jobs in the order in which they came.
 *
 *   deadline missed, or died by its own doing   the job's report is FAILED with that reason
 *   killed from outside (SIGKILL, not by us)    the job is tried again, three times in all
 *   no process free within LIMIT_PARSER_WAIT    the job comes back with a TEMP error
 *
 * A process that is gone is replaced at once; one that died within its first second, after a
 * second; and each after LIMIT_PARSER_JOBS jobs, so that one who got into it quietly does not see
 * the mails of others for ever. Everything belongs to the loop's thread.
 */
#ifndef CALLMX_DAEMON_PARSER_POOL_H
#define CALLMX_DAEMON_PARSER_POOL_H

#include "daemon/loop.h"
#include "daemon/parser_process.h"

struct parser_pool;

/* Starts the processes, LIMIT_PARSER_PROCESSES at most; NULL if one of them cannot be started. */
struct parser_pool *parser_pool_new(struct loop *loop, size_t processes,
                                    const struct parser_limits *limits, GError **error);

/* So many processes with these limits from now on. Jobs under way end under the limits that they
 * began with; a process whose limits are old, or that is one too many, ends when it is idle. */
void parser_pool_reload(struct parser_pool *pool, size_t processes,
                        const struct parser_limits *limits);

/* Ends the processes. Jobs under way are forgotten: their callbacks are not called. */
void parser_pool_free(struct parser_pool *pool);
AUTO_DEFINE(parser_pool, parser_pool_free)

/* Called once per job: with the report, which is the callee's, or with NULL and an error. */
typedef void parser_pool_fn(void *context, struct report *report, const GError *error);

/* What the input points to is borrowed until the callback. */
void parser_pool_submit(struct parser_pool *pool, const struct parser_input *input,
                        parser_pool_fn *done, void *context);

/* Processes that are there, and jobs that wait for one. */
void parser_pool_count(const struct parser_pool *pool, size_t *alive, size_t *waiting);

#endif
