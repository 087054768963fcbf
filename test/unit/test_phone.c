/* Phone numbers: every spelling of one number gives one form, and what is none gives nothing. */
#include "figures/phone.h"

#include <glib.h>

struct number_case {
    const char *text;
    const char *normal; /* NULL: no number */
};

static const struct number_case numbers[] = {
    {"(555) 010-0001", "5550100001"},
    {"555-010-0001", "5550100001"},
    {"5550100001", "5550100001"},
    {"1 555 010 0001", "5550100001"},
    {"15550100001", "5550100001"},
    {"+1 555 010 0001", "5550100001"},
    {"+1 (555) 010-0001", "5550100001"},
    {"(+1) 555.010.0001", "5550100001"},
    {"001 555 010 0001", "5550100001"},
    {"\u202a+1\u00a0555\u2011010\u20110001\u202c", "5550100001"},
    {"(555) 010-0001 x12", "5550100001"},
    {"(555) 010-0001 ext. 12", "5550100001"},
    {"(555) 010-0001#12", "5550100001"},
    {"+44 20 7946 0000", "+442079460000"},
    {"+44 (0)20 7946 0000", "+442079460000"},
    {"011 44 20 7946 0000", "+442079460000"},
    {"00 44 20 7946 0000", "+442079460000"},
    {"442079460000", "+442079460000"},
    {"+49 30 123456", "+4930123456"},
    {"+1 555 010", "+1555010"},
    {"101", "101"},
    {"7750001", "7750001"},
    {"0101", "0101"},
    {"0010", "0010"},
    {"0112345678", "0112345678"},
    {"555-0100", "5550100"},
    {"123456789", "123456789"},
    {"123456789012345", "+123456789012345"},
    {"1234567890123456", NULL},
    {"+1234567890123456", NULL},
    {"12345678901234567890123456789012345678901234567890", NULL},
    {"Anonymous", NULL},
    {"1-800-FLOWERS", NULL},
    {"ext 12", NULL},
    {"+", NULL},
    {"()", NULL},
    {"", NULL},
    {NULL, NULL},
};

static void test_normalize(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        char room[PHONE_SIZE];
        const char *normal = phone_normalize(numbers[i].text, room);
        g_assert_cmpstr(normal, ==, numbers[i].normal);
    }
}

/* What is normal stays as it is, so that stored numbers can go through it again. */
static void test_normalize_again(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        char room[PHONE_SIZE];
        const char *again = phone_normalize(numbers[i].normal, room);
        g_assert_cmpstr(again, ==, numbers[i].normal);
    }
}

static void test_extension(void)
{
    static const char *const yes[] = {"10", "101", "7750001", "12345678", "00"};
    static const char *const no[] = {"1",    "123456789", "",     " 101",
                                     "101 ", "10a",       "+101", "5550100001"};
    for (size_t i = 0; i < G_N_ELEMENTS(yes); i++)
        g_assert_true(phone_is_extension(yes[i]));
    for (size_t i = 0; i < G_N_ELEMENTS(no); i++)
        g_assert_false(phone_is_extension(no[i]));
    g_assert_false(phone_is_extension(NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/phone/normalize", test_normalize);
    g_test_add_func("/phone/normalize-again", test_normalize_again);
    g_test_add_func("/phone/extension", test_extension);
    return g_test_run();
}
