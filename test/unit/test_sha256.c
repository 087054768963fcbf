/* SHA-256 in all its forms, by the vectors of FIPS 180-4 and RFC 4231. */
#include "base/sha256.h"

#include <glib.h>
#include <string.h>

#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void test_pieces(void)
{
    char hex[SHA256_HEX_SIZE];
    sha256_hex("abc", 3, hex);
    g_assert_cmpstr(hex, ==, ABC);
    struct sha256 *state = sha256_new();
    sha256_add(state, "a", 1);
    sha256_add(state, "", 0);
    sha256_add(state, "bc", 2);
    sha256_end(state, hex);
    g_assert_cmpstr(hex, ==, ABC);
    sha256_end(sha256_new(), NULL);
    sha256_end(NULL, NULL);
    for (size_t digits = 0; digits < SHA256_HEX_SIZE; digits++) {
        sha256_digits("abc", 3, digits, hex);
        g_assert_cmpuint(strlen(hex), ==, digits);
        g_assert_true(g_str_has_prefix(ABC, hex));
    }
}

static void test_hmac(void)
{
    static const char text[] = "what do ya want for nothing?";
    char hex[SHA256_HEX_SIZE];
    sha256_hmac_hex("Jefe", text, strlen(text), hex);
    g_assert_cmpstr(hex, ==, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    g_assert_true(sha256_is_equal("abc", "abd", 2));
    g_assert_false(sha256_is_equal("abc", "abd", 3));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sha256/pieces", test_pieces);
    g_test_add_func("/sha256/hmac", test_hmac);
    return g_test_run();
}
