/* What is done to texts of a report octet by octet, at each place of a word and behind it. */
#include "base/ascii.h"

#include <glib.h>

static void test_printable(void)
{
    char text[20];
    for (size_t length = 0; length <= sizeof text; length++) {
        for (size_t at = 0; at < length; at++) {
            for (int octet = 0; octet < 256; octet++) {
                memset(text, octet % 2 == 0 ? ' ' : '~', sizeof text);
                text[at] = (char)octet;
                g_assert_cmpint(ascii_is_printable(text, length), ==, octet >= ' ' && octet <= '~');
            }
        }
        memset(text, '\xff', sizeof text);
        memset(text, '0', length); /* what stands behind it plays no part */
        g_assert_true(ascii_is_printable(text, length));
    }
    /* Two next to each other, of which one borrows from the other. */
    for (int low = 0; low < 256; low++) {
        for (int high = 0; high < 256; high++) {
            char word[] = {'a', (char)low, (char)high, 'a', 'a', 'a', 'a', 'a'};
            g_assert_cmpint(ascii_is_printable(word, sizeof word), ==,
                            low >= ' ' && low <= '~' && high >= ' ' && high <= '~');
        }
    }
}

static void test_lower(void)
{
    for (int octet = 0; octet < 256; octet++)
        g_assert_cmpint(ascii_lower((char)octet), ==, g_ascii_tolower((char)octet));
}

static void test_decimal(void)
{
    static const int64_t numbers[] = {0,   1,         -1,        9,         10,        -10,
                                      100, 999999999, INT32_MIN, INT32_MAX, INT64_MIN, INT64_MAX};
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        char room[ASCII_DECIMAL_SIZE];
        g_autofree char *expected = g_strdup_printf("%" G_GINT64_FORMAT, numbers[i]);
        g_assert_cmpstr(ascii_decimal(numbers[i], room), ==, expected);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ascii/printable", test_printable);
    g_test_add_func("/ascii/lower", test_lower);
    g_test_add_func("/ascii/decimal", test_decimal);
    return g_test_run();
}
