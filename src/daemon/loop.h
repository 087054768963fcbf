/*
 * The event loop: timers, signals, descriptors, and work posted from other threads. With
 * connection.c the only user of libevent. Everything but loop_post() belongs to the loop's thread.
 */
#ifndef CALLMX_DAEMON_LOOP_H
#define CALLMX_DAEMON_LOOP_H

#include "base/auto.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct event_base;

struct loop *loop_new(void);
void loop_free(struct loop *loop);
AUTO_DEFINE(loop, loop_free)

/* Runs until loop_stop(). */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* Lets `run(context)` be called by the loop, soon, in the order of posting. From any thread. What
 * is still posted when the loop is freed is not run. */
typedef void loop_fn(void *context);
void loop_post(struct loop *loop, loop_fn *run, void *context);

/* A timer, a signal, a descriptor that can be read, an alarm. Freeing one ends it; NULL is fine. */
struct loop_source;
struct loop_source *loop_timer_new(struct loop *loop, loop_fn *run, void *context);
struct loop_source *loop_signal_new(struct loop *loop, int number, loop_fn *run, void *context);
struct loop_source *loop_reader_new(struct loop *loop, int fd, loop_fn *run, void *context);
void loop_source_free(struct loop_source *source);
AUTO_DEFINE(loop_source, loop_source_free)

/* (Re)starts a timer; it fires once. */
void loop_timer_set(struct loop_source *timer, int64_t milliseconds);
void loop_timer_cancel(struct loop_source *timer);

/* A timer for short times: it fires at a moment of g_get_monotonic_time(), to the microsecond,
 * where the other is late by a few milliseconds. */
struct loop_source *loop_alarm_new(struct loop *loop, loop_fn *run, void *context);
void loop_alarm_set(struct loop_source *alarm, int64_t microseconds);

/* For connection.c. */
struct event_base *loop_base(struct loop *loop);

#endif
