/*
 * What the daemon has done since it started, for /metrics. Any thread may count; reading them is
 * taking them as they are at that moment, one by one.
 */
#ifndef CALLMX_DAEMON_COUNTERS_H
#define CALLMX_DAEMON_COUNTERS_H

#include "report/report.h"

#include <stdint.h>

enum counter {
    COUNTER_SMTP_SESSIONS,
    COUNTER_HTTP_CONNECTIONS,
    COUNTER_EVENTS_NEW, /* of dialers: the calls that they told, as they ended */
    COUNTER_EVENTS_DUPLICATE,
    COUNTER_EVENTS_REFUSED,
    COUNTER_EVENTS_IGNORED,
    COUNTER_PARSERS_LOST, /* that died, or were killed, in a job */
    COUNTER_COUNT,
};

enum counter_codes { COUNTER_SMTP_REPLIES, COUNTER_HTTP_REPLIES, COUNTER_CODES_COUNT };

/* How long things took. */
enum counter_time {
    COUNTER_TIME_REPLY,  /* from the end of DATA to its reply */
    COUNTER_TIME_PARSE,  /* from the end of a message to its report: waiting for a process, too */
    COUNTER_TIME_COMMIT, /* of one transaction, from its beginning */
    COUNTER_TIME_COUNT,
};

enum { COUNTER_CODE_LEAST = 100, COUNTER_CODE_MOST = 600, COUNTER_BUCKETS = 12 };

void counter_add(enum counter counter);
void counter_add_code(enum counter_codes codes, unsigned code);
void counter_add_verdict(enum report_verdict verdict);
void counter_add_time(enum counter_time time, int64_t microseconds);

uint64_t counter_value(enum counter counter);
uint64_t counter_code(enum counter_codes codes, unsigned code);
uint64_t counter_verdict(enum report_verdict verdict);

/* Upper ends of the buckets, in microseconds, ascending; what is longer than all of them is counted
 * in `count` alone. */
extern const int64_t counter_bounds[COUNTER_BUCKETS];

struct counter_histogram {
    uint64_t buckets[COUNTER_BUCKETS]; /* at most so long: each has those below it in it */
    uint64_t count;
    uint64_t sum; /* microseconds */
};

void counter_histogram(enum counter_time time, struct counter_histogram *histogram);

#endif
