/* What is remembered of networks: connections, guesses, lines in the log; and how much of it. */
#include "daemon/admission.h"

#include "base/limits.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };

static struct address v4(unsigned number)
{
    const unsigned char octets[4] = {10, (unsigned char)(number >> 16),
                                     (unsigned char)(number >> 8), (unsigned char)number};
    return address_make(4, octets);
}

static struct address v6(unsigned char network, unsigned char host)
{
    const unsigned char octets[16] = {0x20, 0x01, 0x0d, 0xb8, [7] = network, [15] = host};
    return address_make(6, octets);
}

static struct network *enter(struct admission *admission, struct address address, int64_t now)
{
    return admission_enter(admission, &address, now);
}

static void test_connections(void)
{
    struct admission *admission = admission_new();
    struct network *one = enter(admission, v4(1), 0);
    g_assert_true(enter(admission, v4(1), 0) == one);
    g_assert_cmpuint(network_connections(one), ==, 2);
    g_assert_cmpstr(network_name(one), ==, "10.0.0.1");
    g_assert_true(enter(admission, v4(2), 0) != one);
    struct network *six = enter(admission, v6(1, 1), 0);
    g_assert_true(enter(admission, v6(1, 2), 0) == six);
    g_assert_true(enter(admission, v6(2, 1), 0) != six);
    g_assert_cmpuint(network_connections(six), ==, 2);
    admission_leave(admission, one, 0);
    g_assert_cmpuint(network_connections(one), ==, 1);
    admission_free(admission);
}

static void test_guesses(void)
{
    const int64_t per_hour = 4;
    struct admission *admission = admission_new();
    struct network *network = enter(admission, v4(1), 0), *other = enter(admission, v4(2), 0);
    for (int i = 0; i < per_hour; i++) {
        g_assert_true(network_may_guess(network, per_hour, 0));
        network_has_guessed(network, per_hour, 0);
    }
    g_assert_false(network_may_guess(network, per_hour, 0));
    g_assert_true(network_may_guess(other, per_hour, 0));
    /* One comes back in a quarter of an hour, and only one. */
    g_assert_false(network_may_guess(network, per_hour, HOUR / 4 - 1));
    g_assert_true(network_may_guess(network, per_hour, HOUR / 4));
    network_has_guessed(network, per_hour, HOUR / 4);
    g_assert_false(network_may_guess(network, per_hour, HOUR / 4));
    /* It never holds more than it holds. */
    for (int i = 0; i < per_hour; i++) {
        g_assert_true(network_may_guess(network, per_hour, 100 * (int64_t)HOUR));
        network_has_guessed(network, per_hour, 100 * (int64_t)HOUR);
    }
    g_assert_false(network_may_guess(network, per_hour, 100 * (int64_t)HOUR));
    admission_free(admission);
}

/* A look at the clock every millisecond fills it as fast as one look in an hour. */
static void test_filling_in_small_steps(void)
{
    struct admission *admission = admission_new();
    struct network *network = enter(admission, v4(1), 0);
    network_has_guessed(network, 1, 0);
    for (int64_t now = 0; now < 2 * SECOND; now++)
        g_assert_false(network_may_guess(network, 1, now));
    for (int64_t now = 2 * SECOND; now < HOUR; now += 999)
        g_assert_false(network_may_guess(network, 1, now));
    g_assert_true(network_may_guess(network, 1, HOUR));
    admission_free(admission);
}

/* Leaving does not make a peer a new one. */
static void test_guesses_are_remembered(void)
{
    struct admission *admission = admission_new();
    struct network *network = enter(admission, v4(1), 0);
    network_has_guessed(network, 1, 0);
    admission_leave(admission, network, SECOND);
    network = enter(admission, v4(1), 2 * SECOND);
    g_assert_false(network_may_guess(network, 1, 2 * SECOND));
    admission_leave(admission, network, 2 * SECOND);
    network = enter(admission, v4(1), 2 * (int64_t)HOUR);
    g_assert_true(network_may_guess(network, 1, 2 * (int64_t)HOUR));
    admission_free(admission);
}

static unsigned log_many(struct network *network, unsigned times, int64_t now, unsigned *left_out)
{
    unsigned logged = 0, sum = 0;
    for (unsigned i = 0; i < times; i++) {
        logged += network_may_log(network, now, left_out);
        sum += *left_out;
    }
    *left_out = sum;
    return logged;
}

static void test_log(void)
{
    struct admission *admission = admission_new();
    struct network *network = enter(admission, v4(1), 0);
    unsigned left_out;
    g_assert_cmpuint(log_many(network, 100, 0, &left_out), ==, LIMIT_SMTP_REFUSALS_LOGGED);
    g_assert_cmpuint(left_out, ==, 0);
    g_assert_cmpuint(log_many(network, 10, MINUTE - 1, &left_out), ==, 0);
    /* The next minute begins with the number of the one before. */
    g_assert_cmpuint(log_many(network, 1, MINUTE, &left_out), ==, 1);
    g_assert_cmpuint(left_out, ==, 110 - LIMIT_SMTP_REFUSALS_LOGGED);
    g_assert_cmpuint(log_many(network, 1, MINUTE, &left_out), ==, 1);
    g_assert_cmpuint(left_out, ==, 0);
    admission_free(admission);
}

static void test_log_is_remembered(void)
{
    struct admission *admission = admission_new();
    unsigned left_out, logged = 0;
    for (int i = 0; i < 200; i++) {
        struct network *network = enter(admission, v4(1), i);
        logged += network_may_log(network, i, &left_out);
        admission_leave(admission, network, i);
    }
    g_assert_cmpuint(logged, ==, LIMIT_SMTP_REFUSALS_LOGGED);
    admission_free(admission);
}

/* However many networks guess, the table has its ceiling, and those that are connected stay. */
static void test_ceiling(void)
{
    struct admission *admission = admission_new();
    struct network *stays = enter(admission, v4(0), 0);
    network_has_guessed(stays, 1, 0);
    for (unsigned i = 1; i < 3 * LIMIT_SMTP_NETWORKS; i++) {
        struct network *network = enter(admission, v4(i), i);
        network_has_guessed(network, 1, i);
        admission_leave(admission, network, i);
        g_assert_cmpuint(admission_size(admission), <=, LIMIT_SMTP_NETWORKS);
    }
    g_assert_true(enter(admission, v4(0), 0) == stays);
    g_assert_false(network_may_guess(stays, 1, 0));
    admission_free(admission);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/admission/connections", test_connections);
    g_test_add_func("/admission/guesses", test_guesses);
    g_test_add_func("/admission/small-steps", test_filling_in_small_steps);
    g_test_add_func("/admission/guesses-remembered", test_guesses_are_remembered);
    g_test_add_func("/admission/log", test_log);
    g_test_add_func("/admission/log-remembered", test_log_is_remembered);
    g_test_add_func("/admission/ceiling", test_ceiling);
    return g_test_run();
}
