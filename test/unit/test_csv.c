/* Comma-separated values: fields, quotes, line ends and numbers, and what is refused. */
#include "base/csv.h"

#include "base/error.h"
#include "base/limits.h"

#include <string.h>

/* `expected`: a record in a line, "number:field|field"; a bad one is "number!". */
struct csv_case {
    const char *name;
    const char *text;
    const char *expected;
};

static const struct csv_case cases[] = {
    {"nothing", "", ""},
    {"one field", "a", "1:a\n"},
    {"three fields", "a,b,c\n", "1:a|b|c\n"},
    {"empty fields", ",,\n", "1:||\n"},
    {"empty last field without a line end", "a,", "1:a|\n"},
    {"blanks are kept", " a , b \n", "1: a | b \n"},
    {"CRLF", "a,b\r\nc,d\r\n", "1:a|b\n2:c|d\n"},
    {"CR alone", "a\rb\r", "1:a\n2:b\n"},
    {"mixed line ends", "a\r\nb\nc\rd", "1:a\n2:b\n3:c\n4:d\n"},
    {"empty lines are skipped and counted", "\n\na\r\n\r\nb\n\n", "3:a\n5:b\n"},
    {"byte order mark", "\xEF\xBB\xBFname,email\n", "1:name|email\n"},
    {"a mark alone", "\xEF\xBB\xBF", ""},
    {"quotes", "\"a\",\"b\"\n", "1:a|b\n"},
    {"empty quotes", "\"\",\"\"\n", "1:|\n"},
    {"a line of empty quotes is a record", "\"\"\n", "1:\n"},
    {"comma in quotes", "\"Doe, Jane\",x\n", "1:Doe, Jane|x\n"},
    {"doubled quotes", "\"say \"\"hi\"\"\",\"\"\"\"\n", "1:say \"hi\"|\"\n"},
    {"line ends in quotes count", "\"a\r\nb\nc\",d\r\ne\r\n", "1:a\r\nb\nc|d\n4:e\n"},
    {"quotes at the end of the text", "a,\"b\"", "1:a|b\n"},
    {"other scripts", "J\xC3\xBCrgen,\xE6\x9D\x8E\n", "1:J\xC3\xBCrgen|\xE6\x9D\x8E\n"},
    {"quote in a bare field", "a\"b,c\nd\n", "1!\n2:d\n"},
    {"text behind a quote", "\"a\"b,c\r\nd\r\n", "1!\n2:d\n"},
    {"blank behind a quote", "\"a\" ,c\n", "1!\n"},
    {"quote not closed: the next lines are read", "a\n\"b,c\nd\ne\n", "1:a\n2!\n3:d\n4:e\n"},
    {"quote not closed, doubled at the end", "\"a\"\"", "1!\n"},
    {"a lone quote", "\"", "1!\n"},
    {"bad line behind a long record", "\"a\nb\"\nc\"\nd\n", "1:a\nb\n3!\n4:d\n"},
};

static char *read_all(const char *text, size_t size)
{
    struct csv csv;
    g_autoptr(GError) error = NULL;
    bool is_open = csv_open(&csv, text, size, &error);
    g_assert_no_error(error);
    g_assert_true(is_open);
    g_autoptr(GPtrArray) fields = csv_fields_new();
    GString *found = g_string_new(NULL);
    for (;;) {
        size_t line = 0;
        enum csv_answer answer = csv_next(&csv, fields, &line, &error);
        if (answer == CSV_END)
            return g_string_free(found, FALSE);
        g_string_append_printf(found, "%zu%c", line, answer == CSV_RECORD ? ':' : '!');
        for (guint i = 0; answer == CSV_RECORD && i < fields->len; i++)
            g_string_append_printf(found, "%s%s", i > 0 ? "|" : "",
                                   (const char *)g_ptr_array_index(fields, i));
        g_string_append_c(found, '\n');
        g_assert_cmpint(answer == CSV_BAD, ==, error != NULL);
        g_assert_true(error == NULL || !error_is_temp(error));
        g_clear_error(&error);
    }
}

static void test_case(const void *data)
{
    const struct csv_case *it = data;
    size_t size = strlen(it->text);
    /* A copy without a NUL behind it, so that a sanitizer sees one byte too many. */
    g_autofree char *text = g_memdup2(it->text, size > 0 ? size : 1);
    g_autofree char *found = read_all(text, size);
    g_assert_cmpstr(found, ==, it->expected);
}

/* Any prefix of any text ends, with line numbers that never go back. */
static void test_prefixes(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        for (size_t size = 0; size <= strlen(cases[i].text); size++) {
            g_autofree char *text = g_memdup2(cases[i].text, size > 0 ? size : 1);
            if (!g_utf8_validate(text, (gssize)size, NULL))
                continue;
            struct csv csv;
            g_assert_true(csv_open(&csv, text, size, NULL));
            g_autoptr(GPtrArray) fields = csv_fields_new();
            size_t before = 0, line = 0;
            while (csv_next(&csv, fields, &line, NULL) != CSV_END) {
                g_assert_cmpuint(line, >, before);
                before = line;
            }
            g_assert_true(csv.at == csv.end);
        }
}

static void assert_refused(const char *text, size_t size, const char *word)
{
    struct csv csv;
    g_autoptr(GError) error = NULL;
    g_assert_false(csv_open(&csv, text, size, &error));
    g_assert_error(error, CALLMX_ERROR, ERROR_PERM);
    g_assert_nonnull(strstr(error->message, word));
}

static void test_not_text(void)
{
    assert_refused("a\xFF", 2, "UTF-8");
    assert_refused("a\0b", 3, "UTF-8");
    assert_refused("\xFF\xFE"
                   "a\0",
                   4, "UTF-8");
}

static void test_ceilings(void)
{
    size_t size = LIMIT_CSV_BYTES;
    g_autofree char *text = g_malloc(size + 1);
    memset(text, 'a', size + 1);
    struct csv csv;
    g_assert_true(csv_open(&csv, text, size, NULL));
    assert_refused(text, size + 1, "larger");

    g_autoptr(GPtrArray) fields = csv_fields_new();
    g_autoptr(GError) error = NULL;
    size_t line = 0;
    memset(text, ',', LIMIT_CSV_FIELDS);
    g_assert_true(csv_open(&csv, text, LIMIT_CSV_FIELDS - 1, NULL));
    g_assert_cmpint(csv_next(&csv, fields, &line, &error), ==, CSV_RECORD);
    g_assert_cmpuint(fields->len, ==, LIMIT_CSV_FIELDS);
    g_assert_true(csv_open(&csv, text, LIMIT_CSV_FIELDS, NULL));
    g_assert_cmpint(csv_next(&csv, fields, &line, &error), ==, CSV_BAD);
    g_assert_error(error, CALLMX_ERROR, ERROR_PERM);
}

static void test_separator(void)
{
    static const struct {
        const char *text;
        char separator;
    } CASES[] = {
        {"a,b;c,d\n", ','},         {"a;b;c\n1,5;2,5;3\n", ';'}, {"a\tb\tc, d\n", '\t'},
        {"\"a;b;c;d\",e,f\n", ','}, {"A title\n\na;b;c\n", ';'}, {"", ','},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        struct csv csv;
        g_assert_true(csv_open(&csv, CASES[i].text, strlen(CASES[i].text), NULL));
        csv_guess_separator(&csv);
        g_test_message("%s", CASES[i].text);
        g_assert_cmpint(csv.separator, ==, CASES[i].separator);
    }
    struct csv csv;
    size_t line;
    g_autoptr(GPtrArray) fields = csv_fields_new();
    g_assert_true(csv_open(&csv, "a;\"b;c\"\n", 8, NULL));
    csv_guess_separator(&csv);
    g_assert_cmpint(csv_next(&csv, fields, &line, NULL), ==, CSV_RECORD);
    g_assert_cmpuint(fields->len, ==, 2);
    g_assert_cmpstr(g_ptr_array_index(fields, 1), ==, "b;c");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/csv/%s", cases[i].name);
        g_test_add_data_func(path, &cases[i], test_case);
    }
    g_test_add_func("/csv/prefixes", test_prefixes);
    g_test_add_func("/csv/not text", test_not_text);
    g_test_add_func("/csv/separator", test_separator);
    g_test_add_func("/csv/ceilings", test_ceilings);
    return g_test_run();
}
