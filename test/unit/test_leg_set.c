/* Legs kept once: in sessions of one leg and of thousands, told apart by every field. */
#include "report/leg_set.h"

#include <string.h>

enum { MANY = 5000 };

static const struct report_leg plain = {
    .session_id = "1000000000001",
    .call_type = "Inbound",
    .from_name = "Caller",
    .from_number = "1",
    .to_name = "Alice",
    .to_number = "2",
    .result = "Answered",
    .queue = "Sales",
    .start = 1000,
    .length = 20,
    .handle_time = 10,
    .raw_payload = "{}",
    .row = 2,
};

/* Two legs that differ in one field are two, whether the session has few legs or many. */
static void test_fields(gconstpointer filling)
{
    g_autoptr(GArray) legs = g_array_new(FALSE, FALSE, sizeof(struct report_leg));
    AUTO(leg_set) set = leg_set_new(legs);
    for (int i = 0; i < GPOINTER_TO_INT(filling); i++) {
        struct report_leg other = plain;
        other.start = 5000 + i;
        g_assert_true(leg_set_add(set, &other));
    }
    struct report_leg changed[12];
    for (size_t i = 0; i < G_N_ELEMENTS(changed); i++)
        changed[i] = plain;
    changed[1].call_type = "Internal";
    changed[2].from_name = NULL;
    changed[3].from_number = "3";
    changed[4].to_name = "Alic";
    changed[5].to_number = NULL;
    changed[6].result = "Missed";
    changed[7].queue = NULL;
    changed[8].start++;
    changed[9].length = REPORT_UNKNOWN;
    changed[10].handle_time = REPORT_UNKNOWN;
    changed[11].raw_payload = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(changed); i++) {
        g_test_message("change %zu", i);
        g_assert_true(leg_set_add(set, &changed[i]));
    }
    guint count = legs->len;
    for (size_t i = 0; i < G_N_ELEMENTS(changed); i++) {
        /* Equal texts at other addresses, in another row. */
        g_autofree char *name = g_strdup(changed[i].to_name);
        struct report_leg again = changed[i];
        again.to_name = name;
        again.row = 99;
        g_assert_false(leg_set_add(set, &again));
    }
    g_assert_cmpuint(legs->len, ==, count);
}

/* What was there before a session became long is known after it. */
static void test_long_session(void)
{
    g_autoptr(GArray) legs = g_array_new(FALSE, FALSE, sizeof(struct report_leg));
    AUTO(leg_set) set = leg_set_new(legs);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < MANY; i++) {
            struct report_leg leg = plain;
            leg.length = i;
            g_assert_cmpint(leg_set_add(set, &leg), ==, round == 0);
        }
    }
    g_assert_cmpuint(legs->len, ==, MANY);
}

/* A leg that comes again behind as many others as there may be. */
static void test_again_at_any_length(void)
{
    for (int count = 1; count <= 40; count++) {
        g_autoptr(GArray) legs = g_array_new(FALSE, FALSE, sizeof(struct report_leg));
        AUTO(leg_set) set = leg_set_new(legs);
        for (int i = 0; i < 2 * count; i++) {
            struct report_leg leg = plain;
            leg.length = i % count;
            g_assert_cmpint(leg_set_add(set, &leg), ==, i < count);
        }
    }
}

static void test_many_sessions(void)
{
    g_autoptr(GArray) legs = g_array_new(FALSE, FALSE, sizeof(struct report_leg));
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    AUTO(leg_set) set = leg_set_new(legs);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < MANY; i++) {
            struct report_leg leg = plain;
            char *id = g_strdup_printf("1000000000%d", i);
            g_ptr_array_add(ids, id);
            leg.session_id = id;
            leg.length = round == 2 ? 1 : round;
            g_assert_cmpint(leg_set_add(set, &leg), ==, round < 2);
        }
    }
    g_assert_cmpuint(legs->len, ==, 2 * MANY);
    /* One text for all legs of a session. */
    for (guint i = 0; i < MANY; i++)
        g_assert_true(g_array_index(legs, struct report_leg, i).session_id ==
                      g_array_index(legs, struct report_leg, i + MANY).session_id);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/leg_set/fields/few", GINT_TO_POINTER(0), test_fields);
    g_test_add_data_func("/leg_set/fields/at-the-edge", GINT_TO_POINTER(10), test_fields);
    g_test_add_data_func("/leg_set/fields/many", GINT_TO_POINTER(100), test_fields);
    g_test_add_func("/leg_set/long-session", test_long_session);
    g_test_add_func("/leg_set/again", test_again_at_any_length);
    g_test_add_func("/leg_set/many-sessions", test_many_sessions);
    return g_test_run();
}
