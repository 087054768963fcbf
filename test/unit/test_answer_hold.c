/* Answers that are held back: in the order of their times, never too soon, and none is lost. */
#include "daemon/answer_hold.h"

#include <glib.h>

enum { MOST = 16, STOP = 99, AGAIN = 50 };

struct given {
    struct loop *loop;
    struct answer_hold *hold;
    uint64_t tickets[MOST];
    int64_t due[MOST]; /* by ticket */
    size_t count;
};

static void give(void *context, uint64_t ticket, int answer)
{
    struct given *given = context;
    if (answer == STOP) {
        loop_stop(given->loop);
        return;
    }
    g_assert_cmpint(g_get_monotonic_time(), >=, given->due[ticket]);
    given->tickets[given->count++] = ticket;
    if (answer == AGAIN) {
        given->due[ticket + 1] = g_get_monotonic_time() + 2000;
        answer_hold_add(given->hold, ticket + 1, 0, given->due[ticket + 1]);
    }
}

static void add(struct given *given, uint64_t ticket, int answer, int64_t in)
{
    given->due[ticket] = g_get_monotonic_time() + in;
    answer_hold_add(given->hold, ticket, answer, given->due[ticket]);
}

static void test_order(void)
{
    AUTO(loop) loop = loop_new();
    struct given given = {.loop = loop};
    given.hold = answer_hold_new(loop, give, &given);
    add(&given, 3, 0, 30000);
    add(&given, 1, 0, 10000);
    add(&given, 0, 0, -10);
    add(&given, 2, 0, 20000);
    add(&given, 4, AGAIN, 40000);
    add(&given, 15, STOP, 90000);
    loop_run(loop);
    g_assert_cmpuint(given.count, ==, 6);
    for (size_t i = 0; i < given.count; i++)
        g_assert_cmpuint(given.tickets[i], ==, i);
    /* What is held when it ends is given to nobody. */
    add(&given, 7, 0, 1000000);
    answer_hold_free(given.hold);
    g_assert_cmpuint(given.count, ==, 6);
}

/* It is exact: an answer that is due in a fraction of a millisecond does not take one. */
static void test_exact(void)
{
    AUTO(loop) loop = loop_new();
    int64_t best = G_USEC_PER_SEC;
    for (int i = 0; i < 20; i++) {
        struct given given = {.loop = loop};
        given.hold = answer_hold_new(loop, give, &given);
        add(&given, 15, STOP, 100);
        loop_run(loop);
        int64_t late = g_get_monotonic_time() - given.due[15];
        g_assert_cmpint(late, >=, 0);
        best = MIN(best, late);
        answer_hold_free(given.hold);
    }
    g_assert_cmpint(best, <, 800);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/answer-hold/order", test_order);
    g_test_add_func("/answer-hold/exact", test_exact);
    return g_test_run();
}
