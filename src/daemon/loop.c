/*
 * A thin cover over libevent's loop, so that no other file needs to know it. The way in for other
 * threads is a queue and an eventfd: one wake-up serves all that was posted.
 */
#include "daemon/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <glib.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct posted {
    loop_fn *run;
    void *context;
};

struct loop {
    struct event_base *base;
    GAsyncQueue *posted; /* of struct posted */
    int wake;            /* eventfd */
    gint is_woken;       /* it has been written to since the queue was last looked at */
    struct loop_source *wake_reader;
};

struct loop_source {
    struct event *event;
    int alarm; /* timerfd; -1: it is no alarm */
    loop_fn *run;
    void *context;
};

static void on_event(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct loop_source *source = context;
    source->run(source->context);
}

static struct loop_source *source_new(struct loop *loop, int fd, short what, loop_fn *run,
                                      void *context)
{
    struct loop_source *source = g_new0(struct loop_source, 1);
    source->alarm = -1;
    source->run = run;
    source->context = context;
    source->event = event_new(loop->base, fd, what, on_event, source);
    g_assert(source->event != NULL);
    return source;
}

struct loop_source *loop_timer_new(struct loop *loop, loop_fn *run, void *context)
{
    return source_new(loop, -1, 0, run, context);
}

struct loop_source *loop_signal_new(struct loop *loop, int number, loop_fn *run, void *context)
{
    struct loop_source *source = source_new(loop, number, EV_SIGNAL | EV_PERSIST, run, context);
    event_add(source->event, NULL);
    return source;
}

struct loop_source *loop_reader_new(struct loop *loop, int fd, loop_fn *run, void *context)
{
    struct loop_source *source = source_new(loop, fd, EV_READ | EV_PERSIST, run, context);
    event_add(source->event, NULL);
    return source;
}

void loop_source_free(struct loop_source *source)
{
    if (source == NULL)
        return;
    event_free(source->event);
    if (source->alarm >= 0)
        close(source->alarm);
    g_free(source);
}

void loop_timer_set(struct loop_source *timer, int64_t milliseconds)
{
    struct timeval after = {.tv_sec = milliseconds / 1000, .tv_usec = (milliseconds % 1000) * 1000};
    event_add(timer->event, &after);
}

void loop_timer_cancel(struct loop_source *timer)
{
    event_del(timer->event);
}

static void on_alarm(evutil_socket_t fd, short what, void *context)
{
    (void)what;
    struct loop_source *source = context;
    uint64_t count;
    if (read(fd, &count, sizeof count) == (ssize_t)sizeof count)
        source->run(source->context);
}

struct loop_source *loop_alarm_new(struct loop *loop, loop_fn *run, void *context)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    struct loop_source *source = g_new0(struct loop_source, 1);
    source->alarm = fd;
    source->run = run;
    source->context = context;
    source->event = event_new(loop->base, fd, EV_READ | EV_PERSIST, on_alarm, source);
    g_assert(fd >= 0 && source->event != NULL);
    event_add(source->event, NULL);
    return source;
}

void loop_alarm_set(struct loop_source *alarm, int64_t microseconds)
{
    struct itimerspec at = {.it_value = {.tv_sec = microseconds / G_USEC_PER_SEC,
                                         .tv_nsec = microseconds % G_USEC_PER_SEC * 1000}};
    timerfd_settime(alarm->alarm, TFD_TIMER_ABSTIME, &at, NULL);
}

static void run_posted(void *context)
{
    struct loop *loop = context;
    uint64_t count;
    ssize_t got = read(loop->wake, &count, sizeof count);
    (void)got;
    g_atomic_int_set(&loop->is_woken, 0);
    struct posted *posted;
    while ((posted = g_async_queue_try_pop(loop->posted)) != NULL) {
        posted->run(posted->context);
        g_free(posted);
    }
}

void loop_post(struct loop *loop, loop_fn *run, void *context)
{
    struct posted *posted = g_new(struct posted, 1);
    posted->run = run;
    posted->context = context;
    g_async_queue_push(loop->posted, posted);
    if (!g_atomic_int_compare_and_exchange(&loop->is_woken, 0, 1))
        return;
    uint64_t one = 1;
    ssize_t written;
    do
        written = write(loop->wake, &one, sizeof one);
    while (written < 0 && errno == EINTR);
}

struct loop *loop_new(void)
{
    struct loop *loop = g_new0(struct loop, 1);
    loop->base = event_base_new();
    loop->posted = g_async_queue_new_full(g_free);
    loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    g_assert(loop->base != NULL && loop->wake >= 0);
    loop->wake_reader = loop_reader_new(loop, loop->wake, run_posted, loop);
    return loop;
}

void loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;
    loop_source_free(loop->wake_reader);
    /* What libevent has put off until its next turn, the end of a connection say, is done now. */
    for (int turn = 0; turn < 3; turn++)
        event_base_loop(loop->base, EVLOOP_NONBLOCK);
    close(loop->wake);
    g_async_queue_unref(loop->posted);
    event_base_free(loop->base);
    libevent_global_shutdown();
    g_free(loop);
}

void loop_run(struct loop *loop)
{
    event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
}

void loop_stop(struct loop *loop)
{
    event_base_loopbreak(loop->base);
}

struct event_base *loop_base(struct loop *loop)
{
    return loop->base;
}
