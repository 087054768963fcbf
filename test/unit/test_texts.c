/* Texts kept once, and digests seen once, however many there are. */
#include "base/texts.h"
#include "report/digest_set.h"

#include <glib.h>
#include <string.h>

enum { MANY = 100000 };

static void test_kept_once(void)
{
    AUTO(texts) texts = texts_new();
    g_autofree const char **kept = g_new0(const char *, MANY);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < MANY; i++) {
            char text[32];
            g_snprintf(text, sizeof text, "text %d", i);
            const char *one = texts_keep(texts, text);
            g_assert_true(one != text && strcmp(one, text) == 0);
            g_assert_true(round == 0 || one == kept[i]);
            kept[i] = one;
        }
    }
    g_assert_null(texts_keep(texts, NULL));
    g_assert_cmpstr(texts_keep(texts, ""), ==, "");
    g_assert_true(texts_keep_octets(texts, "text 77 and more", 7) == kept[77]);
    const char *again = texts_add(texts, "text 5", 6);
    g_assert_true(again != kept[5] && strcmp(again, kept[5]) == 0);
}

static void test_digests(void)
{
    struct digest_set *set = digest_set_new();
    unsigned char digest[SHA256_SIZE];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < MANY; i++) {
            sha256_octets(&i, sizeof i, digest);
            g_assert_cmpint(digest_set_add(set, digest), ==, round == 0);
        }
    }
    /* Those that are alike in half of what is kept are two all the same. */
    digest[15] ^= 1;
    g_assert_true(digest_set_add(set, digest));
    digest[0] ^= 1;
    g_assert_true(digest_set_add(set, digest));
    g_assert_false(digest_set_add(set, digest));
    digest_set_free(set);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/texts/kept-once", test_kept_once);
    g_test_add_func("/texts/digests", test_digests);
    return g_test_run();
}
