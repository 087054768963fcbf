/* What a value looks like in a log line: nothing hostile, no key in full. */
#include "daemon/log.h"

#include "base/limits.h"

#include <string.h>

static const struct {
    const char *text, *line;
} values[] = {
    {"plain-1.2:3/4@5", "plain-1.2:3/4@5"},
    {"", "\"\""},
    {"two words", "\"two words\""},
    {"a\r\nlevel=error", "\"a\\x0d\\x0alevel=error\""},
    {"say \"no\"", "\"say \\x22no\\x22\""},
    {"back\\slash", "\"back\\x5cslash\""},
    {"\033[31mred", "\"\\x1b[31mred\""},
    {"caf\xc3\xa9", "\"caf\\xc3\\xa9\""},
    {"a=b", "\"a=b\""},
    {"calls-abcdefghijklmnopqrstuvwxyz@ingest.example.com", "calls-abcd***@ingest.example.com"},
    {"<CALLS-ABCDEFGHIJKLMNOPQRSTUVWXYZ@x>", "<CALLS-ABCD***@x>"},
    {"calls-abcd@x", "calls-abcd@x"},
    {"x calls-abcdefgh calls-ijklmnop", "\"x calls-abcd*** calls-ijkl***\""},
};

static void test_values(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autoptr(GString) line = g_string_new(NULL);
        log_append_value(line, values[i].text);
        g_assert_cmpstr(line->str, ==, values[i].line);
    }
}

static void test_cut(void)
{
    g_autofree char *text = g_strnfill(10 * LIMIT_LOG_FIELD, 'x');
    g_autoptr(GString) line = g_string_new(NULL);
    log_append_value(line, text);
    g_assert_cmpuint(line->len, ==, LIMIT_LOG_FIELD + strlen("\"...\""));
    g_assert_true(g_str_has_suffix(line->str, "x...\""));
}

static void print_lines(void)
{
    log_set_level("warning");
    log_event(LOG_LEVEL_INFO, "not-this-one", LOG_INT("n", 1));
    log_event(LOG_LEVEL_ERROR, "this-one", LOG_TEXT("left-out", NULL), LOG_TEXT("a", "b c"),
              LOG_INT("n", -5));
}

static void test_line(void)
{
    if (g_test_subprocess()) {
        print_lines();
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr("time=2*Z level=error event=this-one a=\"b c\" n=-5\n");
    g_test_trap_assert_stderr_unmatched("*not-this-one*");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/log/values", test_values);
    g_test_add_func("/log/cut", test_cut);
    g_test_add_func("/log/line", test_line);
    return g_test_run();
}
