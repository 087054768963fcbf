/* Forms in parts: what is found in them, and what is none. */
#include <glib.h>

#include <string.h>

#include "proto/http_multipart.h"

#define TYPE "multipart/form-data; boundary=b"
#define PART(name, content)                                                                        \
    "\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" content "\r\n--b"

/* "name=content name:file=content", or with "bad" at its end; "none" for what is no form at all. */
static char *read_text(const char *type, const char *body, size_t length)
{
    struct http_multipart multipart;
    struct http_part part;
    enum http_part_result result;
    GString *text = g_string_new(NULL);
    /* A copy of its own, so that a read behind its end is seen. */
    g_autofree char *copy = g_memdup2(body, MAX(length, 1));
    if (!http_multipart_init(&multipart, type, copy, length))
        return g_string_free(g_string_append(text, "none"), FALSE);
    while ((result = http_multipart_next(&multipart, &part)) == HTTP_PART) {
        g_string_append_printf(text, "%s%s=", part.name, part.has_file_name ? ":file" : "");
        g_string_append_len(text, part.content, (gssize)part.length);
        g_string_append_c(text, ' ');
    }
    g_string_append(text, result == HTTP_PART_BAD ? "bad" : "");
    g_strchomp(text->str);
    return g_string_free(text, FALSE);
}

static void test_parts(void)
{
    static const struct {
        const char *type, *body, *expected;
    } cases[] = {
        {TYPE, "--b--", ""},
        {TYPE, "--b" PART("a", "1") PART("b", "") "--\r\nbehind", "a=1 b="},
        {TYPE, "--b" PART("a", "line\r\n-- line\r\n--c\r\nline") "--",
         "a=line\r\n-- line\r\n--c\r\nline"},
        {"Multipart/Form-Data; charset=x; Boundary=\"b\"", "--b" PART("a", "1") "--", "a=1"},
        {TYPE,
         "--b\r\nContent-Type: x/y\r\ncontent-disposition: form-data; filename=\"a;name=z\"; "
         "name=f\r\n\r\n\r\n--b--",
         "f:file="},
        {TYPE,
         "--b\r\nContent-Disposition: form-data; name=\"a\"; filename*=utf-8''x\r\n\r\n1\r\n--b--",
         "a:file=1"},
        /* refused */
        {"multipart/mixed; boundary=b", "--b--", "none"},
        {"multipart/form-data", "--b--", "none"},
        {"multipart/form-data; boundary=", "--b--", "none"},
        {TYPE, "", "none"},
        {TYPE, "\r\n--b--", "none"},
        {TYPE, "--c--", "none"},
        {TYPE, "--b", "bad"},
        {TYPE, "--b\r\n", "bad"},
        {TYPE, "--bx\r\n", "bad"},
        {TYPE, "--b" PART("a", "1"), "a=1 bad"},
        {TYPE, "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1", "bad"},
        {TYPE, "--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--", "bad"},
        {TYPE, "--b\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n1\r\n--b--", "bad"},
        {TYPE, "--b\r\n\r\n1\r\n--b--", "bad"},
        {TYPE, "--b\nContent-Disposition: form-data; name=\"a\"\n\n1\n--b--", "bad"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *told = read_text(cases[i].type, cases[i].body, strlen(cases[i].body));
        g_assert_cmpstr(told, ==, cases[i].expected);
    }
}

static void test_limits(void)
{
    g_autofree char *name = g_strnfill(LIMIT_HTTP_PART_NAME, 'n');
    g_autofree char *named = g_strdup_printf(
        "--b\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n1\r\n--b--", name);
    g_autofree char *told = read_text(TYPE, named, strlen(named));
    g_assert_cmpstr(told, ==, "bad");
    g_autofree char *filling = g_strnfill(LIMIT_HTTP_PART_HEAD, 'x');
    g_autofree char *long_head = g_strdup_printf("--b\r\nA: %s\r\nContent-Disposition: form-data; "
                                                 "name=\"a\"\r\n\r\n1\r\n--b--",
                                                 filling);
    g_autofree char *of_long_head = read_text(TYPE, long_head, strlen(long_head));
    g_assert_cmpstr(of_long_head, ==, "bad");
    GString *many = g_string_new("--b");
    for (size_t i = 0; i <= LIMIT_MAIL_PARTS; i++)
        g_string_append(many, PART("a", ""));
    g_string_append(many, "--");
    g_autofree char *of_many = read_text(TYPE, many->str, many->len);
    g_assert_true(g_str_has_suffix(of_many, "bad"));
    g_string_free(many, TRUE);
    g_autofree char *boundary = g_strnfill(LIMIT_MAIL_BOUNDARY + 1, 'b');
    g_autofree char *type = g_strconcat("multipart/form-data; boundary=", boundary, NULL);
    g_autofree char *of_long = read_text(type, "--b--", 5);
    g_assert_cmpstr(of_long, ==, "none");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http_multipart/parts", test_parts);
    g_test_add_func("/http_multipart/limits", test_limits);
    return g_test_run();
}
