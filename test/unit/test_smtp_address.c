/*
 * Paths: a table of good and bad ones, and the ceilings.
 */
#include <glib.h>

#include <string.h>

#include "proto/smtp_address.h"

/* Which case it is, should it fail. */
static void tell(const char *text)
{
    g_autofree char *escaped = g_strescape(text, NULL);

    g_test_message("%s", escaped);
}

static const struct good {
    const char *path;
    const char *local_part;
    const char *domain;
    const char *mailbox;
    gsize rest; /* octets behind the path */
} good[] = {
    {"<>", "", "", "", 0},
    {"<> SIZE=1", "", "", "", 7},
    {"<a@b>", "a", "b", "a@b", 0},
    {"<a@b>x", "a", "b", "a@b", 1},
    {"<First.Last@Example.COM>", "First.Last", "example.com", "First.Last@Example.COM", 0},
    {"<a+b=c_d!#$%&'*-/?^`{|}~@b>", "a+b=c_d!#$%&'*-/?^`{|}~", "b", "a+b=c_d!#$%&'*-/?^`{|}~@b", 0},
    {"<Postmaster>", "Postmaster", "", "Postmaster", 0},
    {"<\"postMASTER\">", "postMASTER", "", "\"postMASTER\"", 0},
    {"<\"a b\"@c>", "a b", "c", "\"a b\"@c", 0},
    {"<\"a\\\"\\\\b\"@c>", "a\"\\b", "c", "\"a\\\"\\\\b\"@c", 0},
    {"<\"a>b@c\"@d>", "a>b@c", "d", "\"a>b@c\"@d", 0},
    {"<\"a..b.\"@c>", "a..b.", "c", "\"a..b.\"@c", 0},
    {"<\"ca\\lls\"@c>", "calls", "c", "\"ca\\lls\"@c", 0},
    {"<@r:a@b>", "a", "b", "a@b", 0},
    {"<@r1.example,@[192.0.2.1]:a@b>", "a", "b", "a@b", 0},
    {"<@r:Postmaster>", "Postmaster", "", "Postmaster", 0},
    {"<a@[192.0.2.1]>", "a", "[192.0.2.1]", "a@[192.0.2.1]", 0},
    {"<a@[IPv6:2001:DB8::1]>", "a", "[ipv6:2001:db8::1]", "a@[IPv6:2001:DB8::1]", 0},
    {"<a@b-c.d--e.f_g.1>", "a", "b-c.d--e.f_g.1", "a@b-c.d--e.f_g.1", 0},
};

static const char *const bad[] = {
    "",
    "<",
    ">",
    "a@b",
    " <a@b>",
    "<a@b",
    "<a@>",
    "<@b>",
    "<@>",
    "<a>",
    "<postmaster",
    "<a@b c>",
    "<a b@c>",
    "<.a@b>",
    "<a.@b>",
    "<a..b@c>",
    "<a@.b>",
    "<a@b.>",
    "<a@b..c>",
    "<a@-b>",
    "<a@b->",
    "<a@b-.c>",
    "<a@b.-c>",
    "<a@b@c>",
    "<\"\"@b>",
    "<\"a@b>",
    "<\"a\"b@c>",
    "<a\"b\"@c>",
    "<\"a\\\"@b>",
    "<\"a\\",
    "<a@[]>",
    "<a@[192.0.2.1>",
    "<a@192.0.2.1]>",
    "<a@[1]2>",
    "<a@[[1]]>",
    "<@r>",
    "<@r:>",
    "<@r,:a@b>",
    "<@r,s:a@b>",
    "<@r a@b>",
    "<@r:@s:a@b>",
    "<a(c)@b>",
    "<a@(c)b>",
    "<a@b,c@d>",
    "<<a@b>>",
    "<a\t@b>",
    "<a\x01@b>",
    "<\"a\x1f\"@b>",
    "<\"\\\x07\"@b>",
    "<a@b\x7f>",
    "<a@b\r>",
    "<a@[1\x01]>",
    "<\"a\tb\"@c>",
    "< a@b>",
    "<a@b >",
    "<,a@b>",
    "<:a@b>",
};

static const char *const not_ascii[] = {
    "\xc3<a@b>",    "<j\xf6rg@b>",    "<a@b\xfc\x63her.example>",
    "<\"\xe9\"@b>", "<\"\\\xe9\"@b>", "<a@[\xe9]>",
    "<@r\xe9:a@b>", "<\xff@",         "<a\x80",
    "<a@b\xc2>",
};

/* From a block of just that size. */
static enum smtp_address_result parse(const char *path, gsize *used, struct smtp_address *address)
{
    gsize size = strlen(path);
    g_autofree char *copy = g_memdup2(path, size);
    enum smtp_address_result result = smtp_address_parse(copy, size, used, address);

    /* What it points to is in the copy: let it point into the path. */
    if (result == SMTP_ADDRESS_OK)
        address->mailbox = path + (address->mailbox - copy);
    return result;
}

static void test_good(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        struct smtp_address address;
        g_autofree char *mailbox = NULL;
        gsize used = 0;

        tell(good[i].path);
        g_assert_cmpint(parse(good[i].path, &used, &address), ==, SMTP_ADDRESS_OK);
        mailbox = g_strndup(address.mailbox, address.mailbox_length);
        g_assert_cmpstr(address.local_part, ==, good[i].local_part);
        g_assert_cmpstr(address.domain, ==, good[i].domain);
        g_assert_cmpstr(mailbox, ==, good[i].mailbox);
        g_assert_cmpuint(used, ==, strlen(good[i].path) - good[i].rest);
    }
}

static void test_bad(void)
{
    struct smtp_address address;
    gsize used;

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        tell(bad[i]);
        g_assert_cmpint(parse(bad[i], &used, &address), ==, SMTP_ADDRESS_BAD);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(not_ascii); i++) {
        tell(not_ascii[i]);
        g_assert_cmpint(parse(not_ascii[i], &used, &address), ==, SMTP_ADDRESS_NOT_ASCII);
    }
}

/* Well-formed UTF-8 is read, and told; what only looks like it is not. */
static void test_utf8(void)
{
    static const char *const wide[] = {
        "<j\xc3\xb6rg@b>",      "<a@b\xc3\xbc.example>", "<\"\xe2\x82\xac a\"@b>",
        "<\xf0\x9f\x98\x80@b>", "<\xc2\xa0@b>",          "<\xed\x9f\xbf@\xf4\x8f\xbf\xbf.b>"};
    static const char *const false_ones[] = {"<\xc0\xaf@b>",
                                             "<\xc1\xbf@b>",
                                             "<\xe0\x9f\xbf@b>",
                                             "<\xed\xa0\x80@b>",
                                             "<\xf0\x8f\xbf\xbf@b>",
                                             "<\xf4\x90\x80\x80@b>",
                                             "<\xf5\x80\x80\x80@b>",
                                             "<\xc2\x80@b>",
                                             "<\xc3@b>",
                                             "<\xe2\x82@b>",
                                             "<\x80@b>"};
    struct smtp_address address;
    gsize used;

    for (gsize i = 0; i < G_N_ELEMENTS(wide); i++) {
        tell(wide[i]);
        g_assert_cmpint(parse(wide[i], &used, &address), ==, SMTP_ADDRESS_OK);
        g_assert_true(address.is_utf8);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(false_ones); i++) {
        tell(false_ones[i]);
        g_assert_cmpint(parse(false_ones[i], &used, &address), ==, SMTP_ADDRESS_NOT_ASCII);
    }
    g_assert_cmpint(parse("<a@b>", &used, &address), ==, SMTP_ADDRESS_OK);
    g_assert_false(address.is_utf8);
}

/* A path cut off anywhere is bad, not read beyond. */
static void test_cut(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        gsize whole = strlen(good[i].path) - good[i].rest;

        for (gsize size = 0; size < whole; size++) {
            g_autofree char *cut = g_strndup(good[i].path, size);
            struct smtp_address address;
            gsize used;

            g_assert_cmpint(parse(cut, &used, &address), ==, SMTP_ADDRESS_BAD);
        }
    }
}

static void check_size(const char *format, gsize filled, gsize total, gboolean expected)
{
    g_autofree char *fill = g_strnfill(filled, 'x');
    g_auto(GStrv) parts = g_strsplit(format, "%", -1);
    g_autofree char *path = g_strjoinv(fill, parts);
    struct smtp_address address;
    gsize used;

    g_assert_cmpuint(strlen(path), ==, total);
    g_assert_cmpint(parse(path, &used, &address), ==,
                    expected ? SMTP_ADDRESS_OK : SMTP_ADDRESS_BAD);
}

static void test_sizes(void)
{
    check_size("<%@b>", LIMIT_SMTP_PATH - 4, LIMIT_SMTP_PATH, TRUE);
    check_size("<%@b>", LIMIT_SMTP_PATH - 3, LIMIT_SMTP_PATH + 1, FALSE);
    check_size("<\"%\"@b>", LIMIT_SMTP_PATH - 6, LIMIT_SMTP_PATH, TRUE);
    check_size("<\"%\"@b>", LIMIT_SMTP_PATH - 5, LIMIT_SMTP_PATH + 1, FALSE);
    check_size("<a@%>", LIMIT_SMTP_PATH - 4, LIMIT_SMTP_PATH, TRUE);
    check_size("<a@%>", LIMIT_SMTP_PATH - 3, LIMIT_SMTP_PATH + 1, FALSE);
    check_size("<a@[%]>", LIMIT_SMTP_PATH - 6, LIMIT_SMTP_PATH, TRUE);
    check_size("<@%:a@b>", LIMIT_SMTP_PATH - 7, LIMIT_SMTP_PATH, TRUE);
    check_size("<@%:a@b>", LIMIT_SMTP_PATH - 6, LIMIT_SMTP_PATH + 1, FALSE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/smtp_address/good", test_good);
    g_test_add_func("/smtp_address/bad", test_bad);
    g_test_add_func("/smtp_address/utf8", test_utf8);
    g_test_add_func("/smtp_address/cut", test_cut);
    g_test_add_func("/smtp_address/sizes", test_sizes);
    return g_test_run();
}
