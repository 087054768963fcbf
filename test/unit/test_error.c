/* The two classes of error, and what counts as which. */
#include "base/error.h"
#include "base/id.h"

#include <string.h>

static void test_classes(void)
{
    g_autoptr(GError) temp = NULL;
    g_autoptr(GError) perm = NULL;
    g_assert_false(error_temp(&temp, "the disk %s is full", "sda"));
    g_assert_false(error_perm(&perm, "row %d", 3));
    g_assert_cmpstr(temp->message, ==, "the disk sda is full");
    g_assert_cmpstr(perm->message, ==, "row 3");
    g_assert_true(error_is_temp(temp));
    g_assert_false(error_is_temp(perm));
    g_assert_false(error_perm(NULL, "nobody listens"));
}

static void test_foreign_is_ours(void)
{
    g_autoptr(GError) foreign = g_error_new_literal(G_FILE_ERROR, G_FILE_ERROR_NOENT, "gone");
    g_assert_true(error_is_temp(foreign));
}

static void test_id(void)
{
    char one[ID_SIZE], two[ID_SIZE];
    id_new(one);
    id_new(two);
    g_assert_cmpstr(one, !=, two);
    g_assert_true(id_is_valid(one));
    g_assert_cmpint(one[14], ==, '7');
    g_assert_nonnull(strchr("89ab", one[19]));
    g_usleep(2000);
    id_new(two);
    g_assert_cmpstr(one, <, two);
    g_assert_false(id_is_valid("6f1c"));
    g_assert_false(id_is_valid("zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/error/classes", test_classes);
    g_test_add_func("/error/foreign-is-ours", test_foreign_is_ours);
    g_test_add_func("/id/new", test_id);
    return g_test_run();
}
