/* Who is meant: the order of the keys, folding, and that a doubtful spelling is nobody's. */
#include "figures/person.h"

#include <glib.h>

struct fold_case {
    const char *name;
    const char *folded;
};

static const struct fold_case folds[] = {
    {"Bob Agent", "bob agent"},
    {"  BOB \t  agent\n", "bob agent"},
    {"Bob\u00a0Agent", "bob agent"},
    {"Bob\u202f\u2009Agent", "bob agent"},
    {"\ufeffBob\u200b Agent\u200e", "bob agent"},
    {"\u200bBob \u200b Agent", "bob agent"},
    {"Jose\u0301 A\u0301lvarez", "jos\u00e9 \u00e1lvarez"},
    {"JOS\u00c9 \u00c1lvarez", "jos\u00e9 \u00e1lvarez"},
    {"\uff22\uff4f\uff42 \uff21gent", "bob agent"},
    {"Stra\u00dfe", "strasse"},
    {"101 - Bob Agent", "bob agent"},
    {"101-Bob Agent", "bob agent"},
    {"775-Name", "name"},
    {"775 \u2013 Name", "name"},
    {"775\u2011Name", "name"},
    {"775 -Name", "name"},
    {"101 - 102 - Bob", "bob"},
    {"Bob Agent (555) 010-0001", "bob agent"},
    {"Bob Agent +1 555 010 0001", "bob agent"},
    {"Bob Agent +15550100001", "bob agent"},
    {"Bob Agent - 555-010-0001", "bob agent"},
    {"Bob Agent, 555.010.0001", "bob agent"},
    {"Bob Agent 15550100001", "bob agent"},
    {"Bob Agent 1-555-010-0001", "bob agent"},
    {"Bob Agent 1(555) 010-0001", "bob agent"},
    {"Bob Agent(555) 010-0001", "bob agent"},
    {"Bob Agent 555-0100", "bob agent"},
    {"Bob Agent +44 20 7946 0000", "bob agent"},
    {"101 - Bob Agent (555) 010-0001", "bob agent"},
    {"Bob Agent (555) 010-0001 (555) 010-0002", "bob agent"},
    /* names that hold digits */
    {"24-7 Support", "24-7 support"},
    {"7-Eleven", "7-eleven"},
    {"Office 2", "office 2"},
    {"Office 2 (555) 010-0001", "office 2"},
    {"Office 1 (555) 010-0001", "office 1"},
    {"Bob 12345678", "bob 12345678"},
    {"Smith-Jones", "smith-jones"},
    {"Unit A5550100001", "unit a5550100001"},
    /* nothing but an extension or a number is the name then */
    {"101 -", "101 -"},
    {"(555) 010-0001", "(555) 010-0001"},
    {"101 - (555) 010-0001", "101 - (555) 010-0001"},
    {"", ""},
    {" \u00a0\u200b", ""},
    {NULL, ""},
    {"Bob \xff", "bob \ufffd"},
};

static void test_fold(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(folds); i++) {
        g_autofree char *folded = person_fold(folds[i].name);
        g_assert_cmpstr(folded, ==, folds[i].folded);
        g_autofree char *again = person_fold(folded);
        g_assert_cmpstr(again, ==, folded);
    }
}

static void test_extension(void)
{
    static const struct fold_case cases[] = {
        {"101 - Name", "101"},
        {"775-Name", "775"},
        {" 0101 \u2013 Name", "0101"},
        {"\uff11\uff10\uff11 - Name", "101"},
        {"7-Eleven", NULL},
        {"24-7 Support", NULL},
        {"123456789 - Name", NULL},
        {"555-010-0001", NULL},
        {"101 -", NULL},
        {"101", NULL},
        {"Name - 101", NULL},
        {"", NULL},
        {NULL, NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *extension = person_extension(cases[i].name);
        g_assert_cmpstr(extension, ==, cases[i].folded);
    }
}

static struct person_index *agency(void)
{
    struct person_index *index = person_index_new();
    person_index_add(index, "bob", "Bob Agent", "bob@example.com", "101");
    person_index_add(index, "ann", "Ann Agent", "Ann@Example.com", " 102\u00a0");
    person_index_add(index, "maria1", "Maria Garcia", NULL, "103");
    person_index_add(index, "maria2", "104 - maria  GARCIA", NULL, "104");
    person_index_add(index, "desk1", "First Desk", "desk@example.com", "110");
    person_index_add(index, "desk2", "Second Desk", "desk@example.com", "110");
    person_index_add(index, "bare", "Bare Name", NULL, NULL);
    person_index_add_alias(index, "Bobby (555) 010-0009", "bob");
    person_index_add_alias(index, "Ann Agent", "bob"); /* an exact name goes before it */
    person_index_add_alias(index, "Front", "bob");
    person_index_add_alias(index, "FRONT", "ann");
    person_index_add_alias(index, "same", "ann");
    person_index_add_alias(index, "Same", "ann");
    return index;
}

struct find_case {
    const char *name, *extension, *email;
    const char *id;
};

static void test_find(void)
{
    static const struct find_case cases[] = {
        {"bob AGENT", NULL, NULL, "bob"},
        {"101 - Bob Agent", NULL, NULL, "bob"},
        {NULL, "101", NULL, "bob"},
        {NULL, "\u00a0 101 ", NULL, "bob"},
        {NULL, "102", NULL, "ann"},
        {NULL, NULL, " ANN@example.COM", "ann"},
        {"BOBBY", NULL, NULL, "bob"},
        {"Same", NULL, NULL, "ann"},
        {"Bare Name", "(555) 010-0003", "", "bare"},
        /* the order */
        {"Ann Agent", "101", "ann@example.com", "bob"},
        {"Bob Agent", NULL, "ann@example.com", "ann"},
        {"Ann Agent", NULL, NULL, "ann"},
        {"Ann Agent", "999", "nobody@example.com", "ann"},
        /* a spelling that fits two fits nobody; the next key may tell them apart */
        {"Maria Garcia", NULL, NULL, NULL},
        {"Maria Garcia", "103", NULL, "maria1"},
        {NULL, "110", NULL, NULL},
        {NULL, NULL, "desk@example.com", NULL},
        {"Second Desk", "110", "desk@example.com", "desk2"},
        {"Front", NULL, NULL, NULL},
        /* not an extension */
        {NULL, "0101", NULL, NULL},
        {NULL, "101x", NULL, NULL},
        {NULL, "1 01", NULL, NULL},
        {NULL, "101101101", NULL, NULL},
        {NULL, "", NULL, NULL},
        {"", NULL, NULL, NULL},
        {NULL, NULL, NULL, NULL},
    };
    AUTO(person_index) index = agency();
    for (size_t round = 0; round < 2; round++) /* from the memo, the second time */
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
            g_assert_cmpstr(
                person_index_find(index, cases[i].name, cases[i].extension, cases[i].email), ==,
                cases[i].id);
}

/* Of a row in a report: the extension beside the name, the one in it, the e-mail, the name. */
static void test_find_reported(void)
{
    static const struct find_case cases[] = {
        {"102 - Bob Agent", NULL, NULL, "ann"},
        {"102-Bob Agent", "101", NULL, "bob"},
        {"102 - Bob Agent", "999", "bob@example.com", "ann"},
        {"999 - Bob Agent", NULL, "ann@example.com", "ann"},
        {"999 - Bob Agent", NULL, NULL, "bob"},
        {"110 - Bob Agent", NULL, NULL, "bob"}, /* the extension of two is nobody's */
        {"104 - Maria Garcia", NULL, NULL, "maria2"},
        {"\u00a0103 - Mari\u0101 Garcia", NULL, NULL, "maria1"},
        {"24-7 Support", NULL, NULL, NULL},
        {"102", NULL, NULL, NULL},
        {NULL, "101", "ann@example.com", "bob"},
        {NULL, NULL, "ann@example.com", "ann"},
        {NULL, NULL, NULL, NULL},
    };
    AUTO(person_index) index = agency();
    for (size_t round = 0; round < 2; round++)
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
            g_assert_cmpstr(person_index_find_reported(index, cases[i].name, cases[i].extension,
                                                       cases[i].email),
                            ==, cases[i].id);
    g_assert_cmpstr(person_index_fold(index, "102 -  Bob AGENT"), ==, "bob agent");
    g_assert_cmpstr(person_index_fold(index, ""), ==, "");
}

/* names matched by substring: exact after folding; extension and e-mail first; aliases */
static void test_names_matched_by_substring(void)
{
    static const char *const spellings[] = {"Bob",        "Agent",      "Bob Agen",
                                            "ob Agent",   "Bob Agent2", "Bob Agent - Main",
                                            "Bo b Agent", "Name"};
    AUTO(person_index) index = agency();
    for (size_t i = 0; i < G_N_ELEMENTS(spellings); i++)
        g_assert_null(person_index_find(index, spellings[i], "10", "ob@example.com"));
}

/* One member who is added twice, or has an alias that is the name, is still one. */
static void test_same_member_twice(void)
{
    AUTO(person_index) index = person_index_new();
    person_index_add(index, "bob", "Bob Agent", "bob@example.com", "101");
    person_index_add(index, "bob", "bob agent", "BOB@example.com", "101 ");
    person_index_add_alias(index, "Bob Agent", "bob");
    g_assert_cmpstr(person_index_find(index, "Bob Agent", NULL, NULL), ==, "bob");
    g_assert_cmpstr(person_index_find(index, NULL, "101", NULL), ==, "bob");
    g_assert_cmpstr(person_index_find(index, NULL, NULL, "bob@example.com"), ==, "bob");
}

static void test_added_later(void)
{
    AUTO(person_index) index = person_index_new();
    g_assert_null(person_index_find(index, "Bob Agent", NULL, NULL));
    person_index_add(index, "bob", "Bob Agent", NULL, NULL);
    g_assert_cmpstr(person_index_find(index, "Bob Agent", NULL, NULL), ==, "bob");
    g_assert_null(person_index_find(index, "Bobby", NULL, NULL));
    person_index_add_alias(index, "Bobby", "bob");
    g_assert_cmpstr(person_index_find(index, "Bobby", NULL, NULL), ==, "bob");
    person_index_add(index, "other", "Bob Agent", NULL, NULL);
    g_assert_null(person_index_find(index, "Bob Agent", NULL, NULL));
}

/* More spellings than the memo holds. */
static void test_many_spellings(void)
{
    AUTO(person_index) index = agency();
    for (int i = 0; i < 25000; i++) {
        g_autofree char *name = g_strdup_printf("Caller %d", i);
        g_assert_null(person_index_find(index, name, "(555) 010-0001", NULL));
    }
    g_assert_cmpstr(person_index_find(index, "Bob Agent", NULL, NULL), ==, "bob");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/person/fold", test_fold);
    g_test_add_func("/person/extension", test_extension);
    g_test_add_func("/person/find", test_find);
    g_test_add_func("/person/find-reported", test_find_reported);
    g_test_add_func("/person/names-matched-by-substring", test_names_matched_by_substring);
    g_test_add_func("/person/same-member-twice", test_same_member_twice);
    g_test_add_func("/person/added-later", test_added_later);
    g_test_add_func("/person/many-spellings", test_many_spellings);
    return g_test_run();
}
