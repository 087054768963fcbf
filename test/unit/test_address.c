/* Addresses: what a peer is called, what it counts for, and the ranges of a setting. */
#include "daemon/address.h"

#include "base/error.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static struct address parse(const char *text)
{
    unsigned char octets[16];
    if (inet_pton(AF_INET, text, octets) == 1)
        return address_make(4, octets);
    g_assert_cmpint(inet_pton(AF_INET6, text, octets), ==, 1);
    return address_make(6, octets);
}

/* An address, how it is written, and its network. */
static const struct {
    const char *given, *text, *network;
} names[] = {
    {"192.0.2.1", "192.0.2.1", "192.0.2.1"},
    {"::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1"},
    {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"},
    {"2001:DB8:0:0::1", "2001:db8::1", "2001:db8::"},
    {"::1", "::1", "::"},
    {"::192.0.2.1", "::192.0.2.1", "::"},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
     "ffff:ffff:ffff:ffff::"},
};

static void test_names(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        char text[ADDRESS_TEXT_SIZE];
        struct address address = parse(names[i].given), network = address_network(&address);
        address_text(&address, text);
        g_assert_cmpstr(text, ==, names[i].text);
        address_text(&network, text);
        g_assert_cmpstr(text, ==, names[i].network);
    }
}

static void test_of_socket(void)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(25)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    struct sockaddr local = {.sa_family = AF_UNIX};
    char text[ADDRESS_TEXT_SIZE];
    inet_pton(AF_INET, "192.0.2.1", &v4.sin_addr);
    struct address address = address_of_socket((const struct sockaddr *)&v4);
    address_text(&address, text);
    g_assert_cmpstr(text, ==, "192.0.2.1");
    inet_pton(AF_INET6, "::ffff:192.0.2.1", &v6.sin6_addr);
    address = address_of_socket((const struct sockaddr *)&v6);
    g_assert_cmpint(address.family, ==, 4);
    inet_pton(AF_INET6, "2001:db8::1", &v6.sin6_addr);
    address = address_of_socket((const struct sockaddr *)&v6);
    g_assert_cmpint(address.family, ==, 6);
    address = address_of_socket(&local);
    address_text(&address, text);
    g_assert_cmpstr(text, ==, "unknown");
}

/* A range, and addresses within (before the NULL) and without. */
static const struct {
    const char *range;
    const char *within[4], *without[4];
} ranges[] = {
    {"192.0.2.0/24", {"192.0.2.0", "192.0.2.255"}, {"192.0.3.0", "192.0.1.255", "::c000:200"}},
    {"192.0.2.7", {"192.0.2.7", "::ffff:192.0.2.7"}, {"192.0.2.6", "192.0.2.8"}},
    {"192.0.2.128/25", {"192.0.2.128", "192.0.2.255"}, {"192.0.2.127"}},
    {"192.0.2.6/31", {"192.0.2.6", "192.0.2.7"}, {"192.0.2.5", "192.0.2.8"}},
    {"0.0.0.0/0", {"0.0.0.0", "255.255.255.255"}, {"::", "2001:db8::1"}},
    {"128.0.0.0/1", {"128.0.0.0", "255.0.0.1"}, {"127.255.255.255"}},
    {"2001:db8::/32", {"2001:db8::", "2001:db8:ffff::1"}, {"2001:db9::", "32.1.13.184"}},
    {"2001:db8::1", {"2001:db8::1"}, {"2001:db8::2", "2001:db8::"}},
    {"fe00::/9", {"fe00::1", "fe7f::1"}, {"fe80::1", "fd00::1"}},
    {"::/0", {"::1", "2001:db8::1"}, {"192.0.2.1"}},
};

static void test_ranges(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ranges); i++) {
        g_autoptr(GError) error = NULL;
        struct address_range range;
        g_assert_true(address_range_parse(ranges[i].range, &range, &error));
        g_assert_no_error(error);
        g_test_message("%s", ranges[i].range);
        for (size_t k = 0; k < 4 && ranges[i].within[k] != NULL; k++) {
            struct address address = parse(ranges[i].within[k]);
            g_assert_true(address_range_has(&range, &address));
        }
        for (size_t k = 0; k < 4 && ranges[i].without[k] != NULL; k++) {
            struct address address = parse(ranges[i].without[k]);
            g_assert_false(address_range_has(&range, &address));
        }
    }
}

static const char *const mistakes[] = {
    "",
    "/",
    "x",
    "192.0.2",
    "192.0.2.0/",
    "192.0.2.1/33",
    "192.0.2.1/-1",
    "192.0.2.0/24/24",
    "192.0.2.1/24",
    "192.0.2.0/ 24",
    "192.0.2.0/24x",
    "2001:db8::/129",
    "2001:db8::1/64",
    "[2001:db8::1]",
    "localhost",
    "192.0.2.0/99999999999999999999",
    "192.0.2.0/+24",
};

static void test_mistakes(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autoptr(GError) error = NULL;
        struct address_range range;
        g_test_message("%s", mistakes[i]);
        g_assert_false(address_range_parse(mistakes[i], &range, &error));
        g_assert_nonnull(strstr(error->message, mistakes[i]));
        g_assert_false(error_is_temp(error));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/address/names", test_names);
    g_test_add_func("/address/of-socket", test_of_socket);
    g_test_add_func("/address/ranges", test_ranges);
    g_test_add_func("/address/mistakes", test_mistakes);
    return g_test_run();
}
