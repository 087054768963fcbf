#include "report/filters.h"

#include "base/error.h"
#include "report_rows.h"

static const char *const header[] = {"Sites", "Call Length From", "From Time", "To Time", NULL};

static const struct example {
    const char *name;
    const char *cells[5];
    int64_t from, to;
    const char *note;  /* a pattern */
    const char *error; /* a pattern */
} examples[] = {
    {"day",
     {"All", "=0.0", "01/05/2026 12:00:00 AM", "01/05/2026 11:59:59 PM"},
     1767571200,
     1767657599,
     NULL,
     NULL},
    {"length-as-text",
     {"", "00:00:00", "01/05/2026 12:00:00 AM", "01/06/2026 12:00:00 AM"},
     1767571200,
     1767657600,
     NULL,
     NULL},
    {"length-nonsense",
     {"", "No Limit", "01/05/2026 12:00:00 AM", "01/05/2026 12:00:00 AM"},
     1767571200,
     1767571200,
     NULL,
     NULL},
    {"serial", {"", "", "=46027", "=46027.5"}, 1767571200, 1767614400, NULL, NULL},
    {"no-to", {"", "", "01/05/2026 12:00:00 AM", ""}, -1, -1, "To Time is missing: *", NULL},
    {"bad-from", {"", "", "now", "01/05/2026 12:00:00 AM"}, -1, -1, "From Time \"now\" *", NULL},
    {"backwards",
     {"", "", "01/05/2026 12:00:00 AM", "01/04/2026 12:00:00 AM"},
     -1,
     -1,
     "the range ends before it begins*",
     NULL},
    {"years",
     {"", "", "01/05/2020 12:00:00 AM", "01/04/2026 12:00:00 AM"},
     -1,
     -1,
     NULL,
     "the report covers 2192 days*"},
};

static void test(gconstpointer data)
{
    const struct example *example = data;
    struct report_rows rows;
    g_autoptr(GError) error = NULL;
    report_rows_init(&rows, "Filters", header);
    bool is_good = filters_take(report_rows_next(&rows, 2, example->cells), &error);
    g_assert_cmpint(is_good, ==, example->error == NULL);
    if (example->error != NULL) {
        g_assert_error(error, CALLMX_ERROR, ERROR_PERM);
        g_assert_true(g_pattern_match_simple(example->error, error->message));
    }
    g_assert_cmpint(rows.file->from, ==, example->from);
    g_assert_cmpint(rows.file->to, ==, example->to);
    g_assert_cmpuint(rows.file->notes->len, ==, example->note != NULL);
    if (example->note != NULL)
        g_assert_true(g_pattern_match_simple(example->note, report_rows_note(&rows, 0)));
    report_rows_clear(&rows);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(examples); i++) {
        g_autofree char *path = g_strconcat("/filters/", examples[i].name, NULL);
        g_test_add_data_func(path, &examples[i], test);
    }
    return g_test_run();
}
