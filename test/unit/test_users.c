#include "report/users.h"

#include "report_rows.h"

#define CELLS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const char *const header[] = {
    "Name",       "User Status",       "Ext",       "Total Calls",     "# Inbound",
    "# Outbound", "Total Handle Time", "% Inbound", "# Answered (in)", "# Missed (w/VM) ",
    NULL,
};

static void take(struct report_rows *rows, uint32_t number, const char *const *cells)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(users_take(report_rows_next(rows, number, cells), &error));
    g_assert_no_error(error);
}

static const struct report_user *user_at(const struct report_rows *rows, guint index)
{
    g_assert_cmpuint(rows->file->users->len, >, index);
    return &g_array_index(rows->file->users, struct report_user, index);
}

static void test_whole(void)
{
    struct report_rows rows;
    report_rows_init(&rows, "Users", header);
    take(&rows, 2,
         CELLS("Ann Example", "Active", "=101.0", "=54.0", "=20", "=34", "=1.5", "=0.37", "=7.0",
               ""));
    const struct report_user *user = user_at(&rows, 0);
    g_assert_cmpstr(user->name, ==, "Ann Example");
    g_assert_cmpstr(user->status, ==, "Active");
    g_assert_cmpstr(user->extension, ==, "101");
    g_assert_null(user->email);
    g_assert_cmpint(user->total_calls, ==, 54);
    g_assert_cmpint(user->inbound_calls, ==, 20);
    g_assert_cmpint(user->outbound_calls, ==, 34);
    g_assert_cmpint(user->handle_time, ==, 129600);
    g_assert_cmpint(user->answered_inbound, ==, 7);
    g_assert_cmpint(user->answered_outbound, ==, REPORT_UNKNOWN);
    g_assert_cmpint(user->missed, ==, REPORT_UNKNOWN);
    g_assert_cmpint(user->handle_time_inbound, ==, REPORT_UNKNOWN);
    g_assert_cmpstr(user->raw_payload, ==, "{\"% Inbound\":\"0.37\"}");
    g_assert_cmpuint(rows.file->notes->len, ==, 0);
    report_rows_clear(&rows);
}

static void test_two_rows_stay_two(void)
{
    struct report_rows rows;
    report_rows_init(&rows, "Users", header);
    take(&rows, 2, CELLS("Ann Example", "", "101", "=1"));
    take(&rows, 3, CELLS("Ann Example", "", "101", "=0"));
    g_assert_cmpuint(rows.file->users->len, ==, 2);
    g_assert_cmpint(rows.file->user_rows, ==, 2);
    g_assert_cmpint(user_at(&rows, 1)->total_calls, ==, 0);
    report_rows_clear(&rows);
}

static void test_doubtful(void)
{
    struct report_rows rows;
    report_rows_init(&rows, "Users", header);
    take(&rows, 2, CELLS("Ann Example", "", "101", "many", "=-1"));
    take(&rows, 3, CELLS("", "", "", "=55"));
    take(&rows, 4, CELLS("", "Active"));
    g_assert_cmpint(user_at(&rows, 0)->total_calls, ==, REPORT_UNKNOWN);
    g_assert_cmpint(user_at(&rows, 0)->inbound_calls, ==, REPORT_UNKNOWN);
    g_assert_cmpuint(rows.file->users->len, ==, 1);
    g_assert_cmpuint(rows.file->notes->len, ==, 3);
    g_assert_true(g_pattern_match_simple("Total Calls \"many\" *", report_rows_note(&rows, 0)));
    g_assert_true(g_pattern_match_simple("# Inbound \"-1\" *", report_rows_note(&rows, 1)));
    g_assert_cmpstr(report_rows_note(&rows, 2), ==, "the row names nobody: it was left out");
    report_rows_clear(&rows);
}

static void test_missing_columns(void)
{
    static const char *const short_header[] = {"Name", "Extension", "Total Calls", "# Inbound",
                                               NULL};
    struct report_rows rows;
    report_rows_init(&rows, "Users", short_header);
    users_end_sheet(&rows.row);
    g_assert_cmpuint(rows.file->notes->len, ==, 2);
    g_assert_true(g_pattern_match_simple("*# Outbound*", report_rows_note(&rows, 0)));
    g_assert_true(g_pattern_match_simple("*Total Handle Time*", report_rows_note(&rows, 1)));
    report_rows_clear(&rows);
}

static void test_totals(void)
{
    struct report_rows rows;
    struct users_totals totals = {0};
    report_rows_init(&rows, "Users", header);
    rows.file->has_users = true;
    take(&rows, 2, CELLS("Ann Example", "", "101", "=5", "=2", "=3"));
    take(&rows, 3, CELLS("Bob Example", "", "102", "=7", "=3", ""));
    users_check_totals(rows.report, rows.file, &totals);
    g_assert_cmpuint(rows.file->notes->len, ==, 0);
    users_take_totals(report_rows_next(&rows, 2, CELLS("", "", "", "=12", "=6", "=9")), &totals);
    users_check_totals(rows.report, rows.file, &totals);
    g_assert_cmpuint(rows.file->notes->len, ==, 1);
    g_assert_cmpstr(report_rows_note(&rows, 0), ==, "# Inbound is 6, but the sum over Users is 5");
    report_rows_clear(&rows);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/users/whole", test_whole);
    g_test_add_func("/users/two-rows-stay-two", test_two_rows_stay_two);
    g_test_add_func("/users/doubtful", test_doubtful);
    g_test_add_func("/users/missing-columns", test_missing_columns);
    g_test_add_func("/users/totals", test_totals);
    return g_test_run();
}
