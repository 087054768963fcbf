/* Who the peer is behind proxies: believed of those who are listed, from the last one back. */
#include <glib.h>

#include "daemon/balancer.h"

static void test_forwarded(void)
{
    static const struct {
        const char *from, *field, *peer;
    } cases[] = {
        {"10.0.0.1", "192.0.2.1", "192.0.2.1"},
        {"10.0.0.1", "203.0.113.9, 192.0.2.1", "192.0.2.1"},
        {"10.0.0.1", "192.0.2.1, 10.0.0.7", "192.0.2.1"},
        {"10.0.0.1", " 192.0.2.1 ,10.0.0.7 , 10.9.9.9", "192.0.2.1"},
        {"10.0.0.1", "2001:db8::1", "2001:db8::1"},
        {"2001:db8:1::5", "192.0.2.1", "192.0.2.1"},
        {"10.0.0.1", "10.0.0.2", "10.0.0.2"},
        {"10.0.0.1", "", "10.0.0.1"},
        {"10.0.0.1", "unknown", "10.0.0.1"},
        {"10.0.0.1", "192.0.2.1, unknown", "10.0.0.1"},
        {"10.0.0.1", "192.0.2.1, unknown, 10.0.0.2", "10.0.0.2"},
        {"10.0.0.1", "192.0.2.0/24", "10.0.0.1"},
        {"10.0.0.1", "192.0.2.1:8080", "10.0.0.1"},
        {"203.0.113.5", "192.0.2.1", "203.0.113.5"},
    };
    g_autoptr(GArray) ranges = g_array_new(FALSE, FALSE, sizeof(struct address_range));
    struct address_range range;
    g_assert_true(address_range_parse("10.0.0.0/8", &range, NULL));
    g_array_append_val(ranges, range);
    g_assert_true(address_range_parse("2001:db8:1::/48", &range, NULL));
    g_array_append_val(ranges, range);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char text[ADDRESS_TEXT_SIZE];
        struct address_range from;
        g_assert_true(address_range_parse(cases[i].from, &from, NULL));
        struct address peer = balancer_forwarded(ranges, &from.address, cases[i].field);
        address_text(&peer, text);
        g_assert_cmpstr(text, ==, cases[i].peer);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/balancer/forwarded", test_forwarded);
    return g_test_run();
}
