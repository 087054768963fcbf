/* The identity of a leg: content alone, in any order of the rows. */
#include "ingest/leg_key.h"

#include <string.h>

static struct report_leg leg(const char *session, const char *to_name, const char *result,
                             int64_t length, uint32_t row)
{
    return (struct report_leg){.session_id = session,
                               .direction = REPORT_INBOUND,
                               .from_number = "(555) 010-0001",
                               .to_number = "(555) 010-0002",
                               .to_name = to_name,
                               .result = result,
                               .queue = "Main Line",
                               .length = length,
                               .handle_time = REPORT_UNKNOWN,
                               .row = row};
}

static GArray *keys_of(const struct report_leg *legs, guint count)
{
    AUTO(report) report = report_new();
    struct report_file *file = report_file_new(report);
    g_autofree int64_t *starts = g_new0(int64_t, count);
    for (guint i = 0; i < count; i++)
        starts[i] = 1000;
    g_array_append_vals(file->legs, legs, count);
    AUTO(person_index) people = person_index_new();
    g_autoptr(GArray) keyed = leg_key_all(file, starts, people);
    GArray *keys = g_array_new(FALSE, TRUE, LEG_KEY_SIZE);
    for (guint i = 0; i < keyed->len; i++)
        g_array_append_vals(keys, g_array_index(keyed, struct keyed_leg, i).key, 1);
    return keys;
}

static const char *key_at(const GArray *keys, guint i)
{
    return keys->data + (gsize)i * LEG_KEY_SIZE;
}

static void test_order_of_rows(void)
{
    struct report_leg legs[] = {
        leg("1000000000001", "Alice Example", "Answered", 10, 2),
        leg("1000000000001", "Bob Example", "Missed", 10, 3),
        leg("1000000000000", "Bob Example", "Missed", 10, 4),
        leg("1000000000001", "Alice Example", "Answered", 5, 5),
    };
    struct report_leg turned[] = {legs[3], legs[2], legs[1], legs[0]};
    for (guint i = 0; i < 4; i++)
        turned[i].row = i + 2;
    g_autoptr(GArray) one = keys_of(legs, 4);
    g_autoptr(GArray) two = keys_of(turned, 4);
    for (guint i = 0; i < 4; i++)
        g_assert_cmpstr(key_at(one, i), ==, key_at(two, i));
}

static void test_equal_content_is_numbered(void)
{
    struct report_leg legs[] = {
        leg("1", "Alice Example", "Missed", 9, 2),
        leg("1", "Alice Example", "Answered", 9, 3),
        leg("1", "Alice Example", "Answered", 4, 4),
    };
    g_autoptr(GArray) keys = keys_of(legs, 3);
    for (guint i = 0; i < 3; i++) {
        g_autofree char *suffix = g_strdup_printf(".%u", i + 1);
        g_assert_true(g_str_has_suffix(key_at(keys, i), suffix));
        g_assert_cmpint(strncmp(key_at(keys, i), key_at(keys, 0), strlen("0123456789abcdef")), ==,
                        0);
    }
}

static void test_spelling_does_not_matter(void)
{
    struct report_leg original = leg("1", "Alice Example", "Answered", 9, 2);
    struct report_leg again = original;
    again.to_name = "ALICE \xc2\xa0"
                    "EXAMPLE";
    again.from_number = "+15550100001";
    again.result = "Missed";
    again.length = 12;
    again.row = 99;
    g_autoptr(GArray) one = keys_of(&original, 1);
    g_autoptr(GArray) two = keys_of(&again, 1);
    g_assert_cmpstr(key_at(one, 0), ==, key_at(two, 0));
}

static void test_content_matters(void)
{
    struct report_leg original = leg("1", "Alice Example", "Answered", 9, 2);
    struct report_leg others[] = {original, original, original, original, original};
    others[0].to_name = "Bob Example";
    others[1].from_number = "(555) 010-0009";
    others[2].to_number = NULL;
    others[3].direction = REPORT_OUTBOUND;
    others[4].queue = NULL;
    g_autoptr(GArray) one = keys_of(&original, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autoptr(GArray) two = keys_of(&others[i], 1);
        g_assert_cmpstr(key_at(one, 0), !=, key_at(two, 0));
    }
}

static void test_sessions_stand_together_in_order(void)
{
    static const char *const ids[] = {"48000000000012",
                                      "4800",
                                      "48000000000011",
                                      "4",
                                      "48000000000012",
                                      "480000000000110",
                                      "4800000000001\xc3\xa9",
                                      "48000000000012",
                                      "4800000000001",
                                      "x",
                                      "480000000000110000000000000009",
                                      "480000000000110000000000000001"};
    AUTO(report) report = report_new();
    AUTO(person_index) people = person_index_new();
    struct report_file *file = report_file_new(report);
    int64_t starts[G_N_ELEMENTS(ids)] = {0};
    for (guint round = 0; round < 2; round++) { /* without anything in common, and with */
        guint count = G_N_ELEMENTS(ids) - (round == 0 ? 0 : 3);
        g_array_set_size(file->legs, 0);
        for (guint i = 0; i < count; i++) {
            struct report_leg one = leg(ids[i], "Bob Example", "Missed", 1, i + 2);
            g_array_append_val(file->legs, one);
        }
        g_autoptr(GArray) keyed = leg_key_all(file, starts, people);
        for (guint i = 1; i < count; i++)
            g_assert_cmpint(strcmp(g_array_index(keyed, struct keyed_leg, i - 1).leg->session_id,
                                   g_array_index(keyed, struct keyed_leg, i).leg->session_id),
                            <=, 0);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/leg-key/order-of-rows", test_order_of_rows);
    g_test_add_func("/leg-key/equal-content-is-numbered", test_equal_content_is_numbered);
    g_test_add_func("/leg-key/spelling-does-not-matter", test_spelling_does_not_matter);
    g_test_add_func("/leg-key/content-matters", test_content_matters);
    g_test_add_func("/leg-key/sessions-stand-together-in-order",
                    test_sessions_stand_together_in_order);
    return g_test_run();
}
