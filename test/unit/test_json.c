/* JSON as callmx writes it: order kept, unknown is null, broken UTF-8 repaired. */
#include "base/json.h"

static void test_object(void)
{
    AUTO(json) object = json_object_new();
    json_set_text(object, "name", "O\"Brien\n");
    json_set_text(object, "none", NULL);
    json_set_int(object, "large", INT64_MAX);
    json_set_count(object, "unknown", -1);
    json_set_count(object, "zero", 0);
    json_set_bool(object, "yes", true);
    struct json *list = json_array_new();
    json_append_text(list, "a");
    json_append(list, NULL);
    json_set(object, "list", list);
    g_autofree char *text = json_text(object);
    g_assert_cmpstr(text, ==,
                    "{\"name\":\"O\\\"Brien\\n\",\"none\":null,\"large\":9223372036854775807,"
                    "\"unknown\":null,\"zero\":0,\"yes\":true,\"list\":[\"a\",null]}");
}

static void test_repairs(void)
{
    AUTO(json) object = json_object_new();
    json_set_text(object, "bad", "a\xff");
    g_autofree char *text = json_text(object);
    g_assert_cmpstr(text, ==, "{\"bad\":\"a\xef\xbf\xbd\"}");
}

static void test_reading(void)
{
    AUTO(json) object = json_parse("{\"a\":\"x\",\"n\":7,\"l\":[1,{\"b\":\"y\"}]}");
    g_assert_nonnull(object);
    g_assert_cmpstr(json_member_text(object, "a"), ==, "x");
    g_assert_null(json_member_text(object, "n"));
    g_assert_cmpint(json_member_int(object, "n"), ==, 7);
    g_assert_cmpint(json_member_int(object, "a"), ==, -1);
    const struct json *list = json_member(object, "l");
    g_assert_cmpuint(json_length(list), ==, 2);
    g_assert_cmpstr(json_member_text(json_item(list, 1), "b"), ==, "y");
    g_assert_null(json_parse("{\"a\":"));
    g_assert_true(json_text_is_object("{}"));
    g_assert_false(json_text_is_object("[]"));
    g_assert_false(json_text_is_object("nonsense"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json/object", test_object);
    g_test_add_func("/json/repairs", test_repairs);
    g_test_add_func("/json/reading", test_reading);
    return g_test_run();
}
