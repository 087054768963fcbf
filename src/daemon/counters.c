/* See counters.h: one set for the process, because it tells of the process. */
#include "daemon/counters.h"

#include <glib.h>
#include <stdatomic.h>

enum { CODES = COUNTER_CODE_MOST - COUNTER_CODE_LEAST, VERDICTS = REPORT_FAILED + 1 };

const int64_t counter_bounds[COUNTER_BUCKETS] = {
    1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 5000000, 30000000, 300000000};

static atomic_uint_fast64_t counters[COUNTER_COUNT];
static atomic_uint_fast64_t codes[COUNTER_CODES_COUNT][CODES];
static atomic_uint_fast64_t verdicts[VERDICTS];

static struct {
    atomic_uint_fast64_t buckets[COUNTER_BUCKETS]; /* each its own */
    atomic_uint_fast64_t count, sum;
} times[COUNTER_TIME_COUNT];

static void add(atomic_uint_fast64_t *counter, uint64_t more)
{
    atomic_fetch_add_explicit(counter, more, memory_order_relaxed);
}

static uint64_t value(const atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void counter_add(enum counter counter)
{
    add(&counters[counter], 1);
}

void counter_add_code(enum counter_codes set, unsigned code)
{
    if (code >= COUNTER_CODE_LEAST && code < COUNTER_CODE_MOST)
        add(&codes[set][code - COUNTER_CODE_LEAST], 1);
}

void counter_add_verdict(enum report_verdict verdict)
{
    add(&verdicts[verdict], 1);
}

void counter_add_time(enum counter_time time, int64_t microseconds)
{
    size_t bucket = 0;
    int64_t took = MAX(microseconds, 0);
    while (bucket < COUNTER_BUCKETS && took > counter_bounds[bucket])
        bucket++;
    if (bucket < COUNTER_BUCKETS)
        add(&times[time].buckets[bucket], 1);
    add(&times[time].count, 1);
    add(&times[time].sum, (uint64_t)took);
}

uint64_t counter_value(enum counter counter)
{
    return value(&counters[counter]);
}

uint64_t counter_code(enum counter_codes set, unsigned code)
{
    return value(&codes[set][code - COUNTER_CODE_LEAST]);
}

uint64_t counter_verdict(enum report_verdict verdict)
{
    return value(&verdicts[verdict]);
}

/* The count is that of all of them: it may not be less than a bucket, whatever is counted
 * meanwhile. */
void counter_histogram(enum counter_time time, struct counter_histogram *histogram)
{
    uint64_t below = 0;
    for (size_t i = 0; i < COUNTER_BUCKETS; i++) {
        below += value(&times[time].buckets[i]);
        histogram->buckets[i] = below;
    }
    histogram->count = MAX(value(&times[time].count), below);
    histogram->sum = value(&times[time].sum);
}
