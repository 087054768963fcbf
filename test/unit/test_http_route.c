/* Routes and forms: what is found, what is undone of their encoding, what is refused. */
#include <glib.h>

#include <string.h>

#include "proto/http_form.h"
#include "proto/http_route.h"

static const struct {
    struct http_route route;
    int mark;
} routes[] = {
    {{"GET", "/"}, 0},         {{"GET", "/a/{one}"}, 1},
    {{"POST", "/a/{one}"}, 2}, {{"GET", "/a/{one}/b/{two}"}, 3},
    {{"DELETE", "/a/all"}, 4},
};

/* "1 value value", "405 allow" or "404". */
static char *find(const char *method, const char *path)
{
    struct http_match match;
    enum http_found found =
        http_route_find(routes, G_N_ELEMENTS(routes), sizeof routes[0], method, path, &match);
    GString *text = g_string_new(NULL);
    if (found == HTTP_FOUND) {
        g_string_append_printf(text, "%d", routes[match.route].mark);
        for (size_t i = 0; i < match.value_count; i++)
            g_string_append_printf(text, " %s", match.values[i]);
    } else {
        g_string_append_printf(text, found == HTTP_NO_METHOD ? "405 %s" : "404", match.allow);
    }
    http_match_clear(&match);
    return g_string_free(text, FALSE);
}

static void test_find(void)
{
    static const struct {
        const char *method, *path, *expected;
    } cases[] = {
        {"GET", "/", "0"},
        {"HEAD", "/", "0"},
        {"POST", "/", "405 GET, HEAD, OPTIONS"},
        {"GET", "/a/b", "1 b"},
        {"POST", "/a/b", "2 b"},
        {"DELETE", "/a/all", "4"},
        {"DELETE", "/a/b", "405 GET, HEAD, POST, OPTIONS"},
        {"OPTIONS", "/a/all", "405 GET, HEAD, POST, DELETE, OPTIONS"},
        {"get", "/a/b", "405 GET, HEAD, POST, OPTIONS"},
        {"GET", "/a/x/b/y%20z", "3 x y z"},
        {"GET", "/%61/Zo%C3%AB", "1 Zo\xc3\xab"},
        {"GET", "/a/", "404"},
        {"GET", "/a", "404"},
        {"GET", "/a/b/", "404"},
        {"GET", "//a/b", "404"},
        {"GET", "/A/b", "404"},
        {"GET", "/a/b%2Fb/b/c", "404"},
        {"GET", "/a/%0a", "404"},
        {"GET", "/a/%ff", "404"},
        {"GET", "/a/%c0%af", "404"},
        {"GET", "/a/b+c", "1 b+c"},
        {"GET", "/a/x/c/y", "404"},
        {"GET", "/a/x/b/y/z", "404"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *found = find(cases[i].method, cases[i].path);
        g_assert_cmpstr(found, ==, cases[i].expected);
    }
}

static void test_form(void)
{
    struct http_form form;
    static const char text[] = "a=1&b=two+w%6Frds&&c&d==%3D&a=2&%C3%A4=";
    g_assert_true(http_form_read(&form, text, strlen(text)));
    g_assert_cmpuint(form.count, ==, 6);
    g_assert_cmpstr(http_form_value(&form, "a"), ==, "1");
    g_assert_cmpstr(http_form_value(&form, "b"), ==, "two words");
    g_assert_cmpstr(http_form_value(&form, "c"), ==, "");
    g_assert_cmpstr(http_form_value(&form, "d"), ==, "==");
    g_assert_cmpstr(http_form_value(&form, "\xc3\xa4"), ==, "");
    g_assert_null(http_form_value(&form, "e"));
    http_form_clear(&form);
    g_assert_true(http_form_read(&form, "", 0));
    g_assert_cmpuint(form.count, ==, 0);
    http_form_clear(&form);
}

static void test_bad_form(void)
{
    static const char *const bad[] = {
        "a=%",         "a=%1",    "a=%zz",          "%00=1",          "a=\xff",
        "a=%80",       "a=%c3",   "a=%ed%a0%80",    "a=%f4%90%80%80", "a=%f5%80%80%80",
        "a=%e0%80%80", "%c1%80=", "a=%f0%80%80%80",
    };
    struct http_form form;
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_false(http_form_read(&form, bad[i], strlen(bad[i])));
        http_form_clear(&form);
    }
    g_assert_false(http_form_read(&form, "a\0b", 3));
    http_form_clear(&form);
    g_autofree char *many = g_strnfill((LIMIT_HTTP_FORM_FIELDS + 1) * 2, '&');
    for (size_t i = 0; i <= LIMIT_HTTP_FORM_FIELDS; i++)
        many[i * 2] = 'a';
    g_assert_false(http_form_read(&form, many, strlen(many)));
    http_form_clear(&form);
    g_assert_true(http_form_read(&form, many, strlen(many) - 2));
    http_form_clear(&form);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http_route/find", test_find);
    g_test_add_func("/http_route/form", test_form);
    g_test_add_func("/http_route/bad-form", test_bad_form);
    return g_test_run();
}
