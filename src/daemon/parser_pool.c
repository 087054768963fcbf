/*
 * See parser_pool.h. What is hard: a process can be gone at any moment, before, in and after a
 * job, and we learn of it only from its socket. So there is one place, bury(), where a process
 * ends, whatever the reason, and one, settle(), where a job does.
 */
#include "daemon/parser_pool.h"

#include "base/error.h"
#include "base/limits.h"
#include "daemon/counters.h"
#include "daemon/log.h"
#include "daemon/report_wire.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TRIES = 3, RESPAWN_MS = 1000, YOUNG_USEC = 1000000, QUEUE_CHECK_MS = 1000 };

struct job {
    struct parser_input input;
    parser_pool_fn *done;
    void *context;
    int64_t since; /* monotonic, microseconds */
    int tries;
};

struct worker {
    struct parser_pool *pool;
    struct parser_process process;
    bool alive;
    bool stale;      /* its limits are those before a reload */
    bool late;       /* killed by us for its deadline */
    int served;      /* jobs */
    int64_t born;    /* monotonic, microseconds */
    struct job *job; /* NULL: idle */
    struct report_wire_reader *reader;
    struct loop_source *readable;
    struct loop_source *timer; /* deadline while alive, respawn while not */
};

struct parser_pool {
    struct loop *loop;
    struct parser_limits limits;
    struct worker *workers; /* LIMIT_PARSER_PROCESSES of them, which never move */
    size_t wanted;          /* the first so many are to be alive, the others not */
    GQueue waiting;         /* of struct job * */
    GArray *leaving;        /* of pid_t: told to end, not yet waited for */
    struct loop_source *queue_timer;
    char *buffer; /* LIMIT_FRAME_BYTES, for reading */
};

static void dispatch(struct parser_pool *pool);
static void on_readable(void *context);

static void settle(struct job *job, struct report *report, const GError *error)
{
    job->done(job->context, report, error);
    g_free(job);
}

static bool start(struct worker *worker, GError **error)
{
    if (!parser_process_spawn(&worker->pool->limits, &worker->process, error))
        return false;
    worker->alive = true;
    worker->stale = false;
    worker->late = false;
    worker->served = 0;
    worker->born = g_get_monotonic_time();
    worker->readable =
        loop_reader_new(worker->pool->loop, worker->process.socket, on_readable, worker);
    return true;
}

static bool is_wanted(const struct worker *worker)
{
    return (size_t)(worker - worker->pool->workers) < worker->pool->wanted;
}

static void restart(struct worker *worker)
{
    g_autoptr(GError) error = NULL;
    if (!is_wanted(worker) || start(worker, &error))
        return;
    log_event(LOG_LEVEL_ERROR, "parser-not-started", LOG_TEXT("error", error->message));
    loop_timer_set(worker->timer, RESPAWN_MS);
}

/* Takes the process down and says what waitpid() said. */
static int bury(struct worker *worker)
{
    loop_source_free(g_steal_pointer(&worker->readable));
    loop_timer_cancel(worker->timer);
    close(worker->process.socket);
    kill(-worker->process.pid, SIGKILL); /* its group: whatever it may have started, too */
    int status = 0;
    while (waitpid(worker->process.pid, &status, 0) < 0 && errno == EINTR)
        continue;
    worker->alive = false;
    report_wire_reader_free(g_steal_pointer(&worker->reader));
    return status;
}

/* One that has served well ends by itself when its socket is closed, and nobody waits for that. */
static void retire(struct worker *worker)
{
    loop_source_free(g_steal_pointer(&worker->readable));
    loop_timer_cancel(worker->timer);
    close(worker->process.socket);
    g_array_append_val(worker->pool->leaving, worker->process.pid);
    worker->alive = false;
}

static void reap(struct parser_pool *pool, int options)
{
    for (guint i = pool->leaving->len; i > 0; i--) {
        pid_t gone = waitpid(g_array_index(pool->leaving, pid_t, i - 1), NULL, options);
        if (gone != 0)
            g_array_remove_index_fast(pool->leaving, i - 1);
    }
}

/* A process is gone, or not to be trusted any more: `why` (NULL: it is gone by itself). */
static void lose(struct worker *worker, const char *why)
{
    struct parser_pool *pool = worker->pool;
    bool late = worker->late;
    bool young = g_get_monotonic_time() - worker->born < YOUNG_USEC;
    int pid = (int)worker->process.pid;
    struct job *job = g_steal_pointer(&worker->job);
    if (job != NULL)
        counter_add(COUNTER_PARSERS_LOST);
    int status = bury(worker);
    g_autofree char *reason = late          ? parser_process_lateness(&pool->limits)
                              : why != NULL ? g_strdup(why)
                                            : parser_process_epitaph(status);
    log_event(LOG_LEVEL_WARNING, "parser-gone", LOG_INT("pid", pid), LOG_TEXT("reason", reason),
              LOG_INT("had_job", job != NULL));
    bool from_outside = !late && why == NULL && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    if (job != NULL && from_outside && job->tries < TRIES)
        g_queue_push_head(&pool->waiting, job);
    else if (job != NULL)
        settle(job, parser_process_failure(reason), NULL);
    if (young)
        loop_timer_set(worker->timer, RESPAWN_MS);
    else
        restart(worker);
    dispatch(pool);
}

static void on_timer(void *context)
{
    struct worker *worker = context;
    if (worker->alive) {
        worker->late = true;
        lose(worker, NULL);
    } else {
        restart(worker);
        dispatch(worker->pool);
    }
}

static void finish(struct worker *worker)
{
    struct report *report = report_wire_take(worker->reader);
    report_wire_reader_free(g_steal_pointer(&worker->reader));
    loop_timer_cancel(worker->timer);
    struct job *job = g_steal_pointer(&worker->job);
    if (++worker->served == LIMIT_PARSER_JOBS || worker->stale || !is_wanted(worker)) {
        retire(worker);
        restart(worker);
    }
    settle(job, report, NULL);
    dispatch(worker->pool);
}

static void on_readable(void *context)
{
    struct worker *worker = context;
    char *buffer = worker->pool->buffer;
    ssize_t got = recv(worker->process.socket, buffer, LIMIT_FRAME_BYTES, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        lose(worker, NULL);
        return;
    }
    enum report_wire_state state = REPORT_WIRE_BAD;
    if (worker->job != NULL)
        state = report_wire_feed(worker->reader, buffer, (size_t)got);
    if (state == REPORT_WIRE_BAD)
        lose(worker, "the parser process gave an answer that is no report");
    else if (state == REPORT_WIRE_DONE)
        finish(worker);
}

static struct worker *idle_worker(struct parser_pool *pool)
{
    for (size_t i = 0; i < pool->wanted; i++)
        if (pool->workers[i].alive && pool->workers[i].job == NULL)
            return &pool->workers[i];
    return NULL;
}

static void dispatch(struct parser_pool *pool)
{
    struct worker *worker;
    while (!g_queue_is_empty(&pool->waiting) && (worker = idle_worker(pool)) != NULL) {
        struct job *job = g_queue_pop_head(&pool->waiting);
        g_autoptr(GError) error = NULL;
        job->tries++;
        worker->job = job;
        worker->reader = report_wire_reader_new();
        if (!parser_process_send(&worker->process, &pool->limits, &job->input, &error)) {
            lose(worker, NULL);
            return;
        }
        loop_timer_set(worker->timer, pool->limits.deadline * 1000);
    }
}

/* The queue is in the order of waiting, so only its head can have waited too long. */
static void check_queue(void *context)
{
    struct parser_pool *pool = context;
    int64_t oldest = g_get_monotonic_time() - LIMIT_PARSER_WAIT * G_USEC_PER_SEC;
    struct job *job;
    while ((job = g_queue_peek_head(&pool->waiting)) != NULL && job->since < oldest) {
        g_queue_pop_head(&pool->waiting);
        g_autoptr(GError) error = NULL;
        error_temp(&error, "no parser process was free in time");
        settle(job, NULL, error);
    }
    reap(pool, WNOHANG);
    loop_timer_set(pool->queue_timer, QUEUE_CHECK_MS);
}

void parser_pool_count(const struct parser_pool *pool, size_t *alive, size_t *waiting)
{
    *alive = 0;
    for (size_t i = 0; i < LIMIT_PARSER_PROCESSES; i++)
        *alive += pool->workers[i].alive;
    *waiting = g_queue_get_length((GQueue *)(uintptr_t)&pool->waiting);
}

void parser_pool_submit(struct parser_pool *pool, const struct parser_input *input,
                        parser_pool_fn *done, void *context)
{
    struct job *job = g_new0(struct job, 1);
    job->input = *input;
    job->done = done;
    job->context = context;
    job->since = g_get_monotonic_time();
    g_queue_push_tail(&pool->waiting, job);
    dispatch(pool);
}

struct parser_pool *parser_pool_new(struct loop *loop, size_t processes,
                                    const struct parser_limits *limits, GError **error)
{
    AUTO(parser_pool) pool = g_new0(struct parser_pool, 1);
    pool->loop = loop;
    pool->limits = *limits;
    pool->buffer = g_malloc(LIMIT_FRAME_BYTES);
    g_queue_init(&pool->waiting);
    pool->leaving = g_array_new(FALSE, FALSE, sizeof(pid_t));
    pool->queue_timer = loop_timer_new(loop, check_queue, pool);
    loop_timer_set(pool->queue_timer, QUEUE_CHECK_MS);
    pool->workers = g_new0(struct worker, LIMIT_PARSER_PROCESSES);
    pool->wanted = processes;
    for (size_t i = 0; i < LIMIT_PARSER_PROCESSES; i++) {
        pool->workers[i].pool = pool;
        pool->workers[i].timer = loop_timer_new(loop, on_timer, &pool->workers[i]);
    }
    for (size_t i = 0; i < processes; i++)
        if (!start(&pool->workers[i], error))
            return NULL;
    return g_steal_pointer(&pool);
}

void parser_pool_reload(struct parser_pool *pool, size_t processes,
                        const struct parser_limits *limits)
{
    bool changed = limits->memory != pool->limits.memory;
    pool->limits = *limits;
    pool->wanted = processes;
    for (size_t i = 0; i < LIMIT_PARSER_PROCESSES; i++) {
        struct worker *worker = &pool->workers[i];
        worker->stale = worker->alive && (worker->stale || changed);
        if (worker->alive && worker->job == NULL && (worker->stale || !is_wanted(worker)))
            retire(worker);
        if (!worker->alive) {
            loop_timer_cancel(worker->timer);
            restart(worker);
        }
    }
    dispatch(pool);
}

void parser_pool_free(struct parser_pool *pool)
{
    if (pool == NULL)
        return;
    for (size_t i = 0; pool->workers != NULL && i < LIMIT_PARSER_PROCESSES; i++) {
        struct worker *worker = &pool->workers[i];
        if (worker->alive)
            bury(worker);
        g_free(worker->job);
        loop_source_free(worker->timer);
    }
    for (guint i = 0; i < pool->leaving->len; i++)
        kill(g_array_index(pool->leaving, pid_t, i), SIGKILL);
    reap(pool, 0);
    g_array_unref(pool->leaving);
    g_queue_clear_full(&pool->waiting, g_free);
    loop_source_free(pool->queue_timer);
    g_free(pool->workers);
    g_free(pool->buffer);
    g_free(pool);
}
