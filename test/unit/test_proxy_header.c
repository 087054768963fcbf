/* The PROXY header: each is offered whole and octet by octet; what it is may not depend on that. */
#include <glib.h>

#include <string.h>

#include "base/limits.h"
#include "proto/proxy_header.h"

#define V2(command, family, high, low) "\r\n\r\n\0\r\nQUIT\n" command family high low
#define TCP4                           "\x01\x02\x03\x04\x05\x06\x07\x08\x04\x01\x00\x19"

/* All prefixes must be MORE, but that a bad one may be told early. */
static enum proxy_header_result parse(const char *bytes, gsize size, gsize *taken,
                                      struct proxy_header *header)
{
    enum proxy_header_result result = proxy_header_parse(bytes, size, taken, header);

    for (gsize cut = 0; cut < size; cut++) {
        g_autofree char *copy = g_memdup2(bytes, MAX(cut, 1));
        struct proxy_header other;
        gsize other_taken = 0;
        enum proxy_header_result early = proxy_header_parse(copy, cut, &other_taken, &other);

        if (early == PROXY_HEADER_MORE)
            continue;
        g_assert_cmpint(early, ==, result);
        if (early == PROXY_HEADER_READY) {
            g_assert_cmpuint(other_taken, ==, *taken);
            g_assert_cmpuint(cut, >=, *taken);
        }
    }
    return result;
}

static char *text_of(const struct proxy_header *header)
{
    GString *text = g_string_new(header->is_local ? "local" : "");

    if (header->family != 0)
        g_string_append_printf(text, "%d ", header->family);
    for (int i = 0; i < (header->family == 4 ? 4 : header->family == 6 ? 16 : 0); i++)
        g_string_append_printf(text, "%02x", header->address[i]);
    if (header->family != 0)
        g_string_append_printf(text, " %u", header->port);
    return g_string_free(text, FALSE);
}

static const struct {
    const char *bytes;
    gsize size; /* of the header; what follows is the peer's */
    const char *expected;
} good[] = {
    {"PROXY TCP4 192.0.2.1 192.0.2.2 1025 25\r\nEHLO", 40, "4 c0000201 1025"},
    {"PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n", 44, "4 00000000 0"},
    {"PROXY TCP6 2001:db8::1 ::1 1 2\r\n", 32, "6 20010db8000000000000000000000001 1"},
    {"PROXY TCP6 :: 1:2:3:4:5:6:7:8 1 2\r\n", 35, "6 00000000000000000000000000000000 1"},
    {"PROXY TCP6 1:2:3:4:5:6:7:8 :: 1 2\r\n", 35, "6 00010002000300040005000600070008 1"},
    {"PROXY TCP6 1:: ABCD:ef01:: 1 2\r\n", 32, "6 00010000000000000000000000000000 1"},
    {"PROXY UNKNOWN\r\n", 15, ""},
    {"PROXY UNKNOWN ffff::1 whatever it is\r\n", 38, ""},
    {V2("\x21", "\x11", "\0", "\x0c") TCP4 "EHLO", 28, "4 01020304 1025"},
    {V2("\x21", "\x11", "\0", "\x10") TCP4 "\x03\0\x01x", 32, "4 01020304 1025"},
    {V2("\x20", "\x00", "\0", "\0"), 16, "local"},
    {V2("\x20", "\x11", "\0", "\x0c") TCP4, 28, "local"},
    {V2("\x21", "\x00", "\0", "\0"), 16, ""},
    {V2("\x21", "\x31", "\0", "\x02") "ab", 18, ""},
};

static const struct {
    const char *bytes;
    gsize size;
} bad[] = {
#define BAD(text)                                                                                  \
    {                                                                                              \
        text, sizeof text - 1                                                                      \
    }
    BAD("EHLO client.example\r\n"),
    BAD("PROXY\r\n"),
    BAD("proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n"),
    BAD("PROXY TCP5 192.0.2.1 192.0.2.2 1 2\r\n"),
    BAD("PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n"),
    BAD("PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n"),
    BAD("PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n"),
    BAD("PROXY TCP4 192.0.2.256 192.0.2.2 1 2\r\n"),
    BAD("PROXY TCP4 192.0.2 192.0.2.2 1 2\r\n"),
    BAD("PROXY TCP4 192.0.2.1.1 192.0.2.2 1 2\r\n"),
    BAD("PROXY TCP4 192.0.02.1 192.0.2.2 1 2\r\n"),
    BAD("PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n"),
    BAD("PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n"),
    BAD("PROXY TCP4 192.0.2.1 192.0.2.2 +1 2\r\n"),
    BAD("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n\n"),
    BAD("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\rx"),
    BAD("PROXY TCP6 192.0.2.1 ::1 1 2\r\n"),
    BAD("PROXY TCP6 1:2:3:4:5:6:7 ::1 1 2\r\n"),
    BAD("PROXY TCP6 1:2:3:4:5:6:7:8:9 ::1 1 2\r\n"),
    BAD("PROXY TCP6 1::2::3 ::1 1 2\r\n"),
    BAD("PROXY TCP6 12345:: ::1 1 2\r\n"),
    BAD("PROXY TCP6 :1:2:3:4:5:6:7:8 ::1 1 2\r\n"),
    BAD("PROXY TCP6 1:2:3:4:5:6:7: ::1 1 2\r\n"),
    BAD("PROXY TCP6 g:: ::1 1 2\r\n"),
    BAD("PROXY UNKNOWNED\r\n"),
    BAD("PROXY UNKNOWN "
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n"),
    BAD(V2("\x11", "\x11", "\0", "\x0c") TCP4),
    BAD(V2("\x22", "\x11", "\0", "\x0c") TCP4),
    BAD(V2("\x21", "\x11", "\0", "\x0b") TCP4),
    BAD(V2("\x21", "\x21", "\0", "\x0c") TCP4),
    BAD(V2("\x21", "\x11", "\xff", "\xff") TCP4),
};

static void test_good(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        struct proxy_header header;
        gsize taken = 0;
        g_autofree char *text = NULL;

        g_test_message("good %" G_GSIZE_FORMAT ": %s", i, good[i].bytes);
        g_assert_cmpint(parse(good[i].bytes, good[i].size, &taken, &header), ==,
                        PROXY_HEADER_READY);
        g_assert_cmpuint(taken, ==, good[i].size);
        text = text_of(&header);
        g_assert_cmpstr(text, ==, good[i].expected);
    }
}

static void test_bad(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        struct proxy_header header;
        gsize taken;

        g_test_message("bad %" G_GSIZE_FORMAT ": %s", i, bad[i].bytes);
        g_assert_cmpint(parse(bad[i].bytes, bad[i].size, &taken, &header), ==, PROXY_HEADER_BAD);
    }
}

/* What follows the header is not looked at, and a header may be long, but not for ever. */
static void test_length(void)
{
    g_autofree char *bytes = g_malloc0(LIMIT_PROXY_HEADER + 16);
    struct proxy_header header;
    gsize taken;

    memcpy(bytes, V2("\x21", "\x11", "\x0f", "\xf0") TCP4, 28);
    g_assert_cmpint(proxy_header_parse(bytes, LIMIT_PROXY_HEADER - 1, &taken, &header), ==,
                    PROXY_HEADER_MORE);
    g_assert_cmpint(proxy_header_parse(bytes, LIMIT_PROXY_HEADER, &taken, &header), ==,
                    PROXY_HEADER_READY);
    g_assert_cmpuint(taken, ==, LIMIT_PROXY_HEADER);
    bytes[15] = '\xf1';
    g_assert_cmpint(proxy_header_parse(bytes, LIMIT_PROXY_HEADER, &taken, &header), ==,
                    PROXY_HEADER_BAD);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/proxy-header/good", test_good);
    g_test_add_func("/proxy-header/bad", test_bad);
    g_test_add_func("/proxy-header/length", test_length);
    return g_test_run();
}
