/*
 * One alarm for all: it is set for the first that is due. What is held is sorted by time, since the
 * waits are of every length, from microseconds to seconds.
 */
#include "daemon/answer_hold.h"

#include <glib.h>

struct held {
    int64_t due;
    uint64_t ticket;
    int answer;
};

struct answer_hold {
    struct loop_source *alarm;
    answer_hold_fn *give;
    void *context;
    GSequence *held; /* of struct held *, sorted by due */
};

static int compare(gconstpointer a, gconstpointer b, gpointer unused)
{
    (void)unused;
    const struct held *one = a, *other = b;
    return one->due < other->due ? -1 : one->due > other->due;
}

static struct held *first(struct answer_hold *hold)
{
    GSequenceIter *begin = g_sequence_get_begin_iter(hold->held);
    return g_sequence_iter_is_end(begin) ? NULL : g_sequence_get(begin);
}

/* Giving one may add others. */
static void on_alarm(void *context)
{
    struct answer_hold *hold = context;
    int64_t now = g_get_monotonic_time();
    struct held *next;
    while ((next = first(hold)) != NULL && next->due <= now) {
        struct held due = *next;
        g_sequence_remove(g_sequence_get_begin_iter(hold->held));
        hold->give(hold->context, due.ticket, due.answer);
    }
    if (next != NULL)
        loop_alarm_set(hold->alarm, next->due);
}

struct answer_hold *answer_hold_new(struct loop *loop, answer_hold_fn *give, void *context)
{
    struct answer_hold *hold = g_new0(struct answer_hold, 1);
    hold->alarm = loop_alarm_new(loop, on_alarm, hold);
    hold->give = give;
    hold->context = context;
    hold->held = g_sequence_new(g_free);
    return hold;
}

void answer_hold_free(struct answer_hold *hold)
{
    if (hold == NULL)
        return;
    loop_source_free(hold->alarm);
    g_sequence_free(hold->held);
    g_free(hold);
}

void answer_hold_add(struct answer_hold *hold, uint64_t ticket, int answer, int64_t due)
{
    struct held *held = g_new(struct held, 1);
    *held = (struct held){.due = due, .ticket = ticket, .answer = answer};
    g_sequence_insert_sorted(hold->held, held, compare, NULL);
    if (first(hold) == held)
        loop_alarm_set(hold->alarm, due);
}
