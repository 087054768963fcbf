/* The keyed hash: the same text the same value, and no collisions where g_str_hash() has them. */
#include "base/hash.h"

#include <string.h>

enum { PAIRS = 12 };

/* 2^PAIRS texts with one value of g_str_hash(): "aa" and "b@" have the same. */
static void colliding(unsigned number, char text[2 * PAIRS + 1])
{
    for (unsigned i = 0; i < PAIRS; i++)
        memcpy(text + 2 * i, (number >> i & 1) != 0 ? "aa" : "b@", 2);
    text[2 * PAIRS] = '\0';
}

static void test_collisions(void)
{
    char first[2 * PAIRS + 1], text[2 * PAIRS + 1];
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    colliding(0, first);
    for (unsigned i = 0; i < 1U << PAIRS; i++) {
        colliding(i, text);
        g_assert_cmpuint(g_str_hash(text), ==, g_str_hash(first));
        g_hash_table_add(seen, GUINT_TO_POINTER(hash_text(text)));
    }
    g_assert_cmpuint(g_hash_table_size(seen), >, (1U << PAIRS) - 20);
}

static void test_same(void)
{
    for (size_t length = 0; length < 40; length++) {
        g_autofree char *one = g_strnfill(length, 'x');
        g_autofree char *two = g_strdup(one);
        g_assert_cmpuint(hash_text(one), ==, hash_text(two));
        g_autofree char *longer = g_strconcat(one, "x", NULL);
        g_assert_cmpuint(hash_text(one), !=, hash_text(longer));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hash/collisions", test_collisions);
    g_test_add_func("/hash/same", test_same);
    return g_test_run();
}
