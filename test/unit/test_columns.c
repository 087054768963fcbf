#include "report/columns.h"

#include "base/limits.h"

#include <string.h>

static const struct folding {
    const char *header;
    const char *folded;
} foldings[] = {
    {"Session Id", "session id"},
    {"  % Missed (w/VM) ", "% missed (w/vm)"},
    {"Call\xc2\xa0Start\nTime", "call start time"},
    {"Call  \t Length", "call length"},
    {"\xef\xbb\xbfResult\xe2\x80\x8b", "result"},
    {"# Inbound", "# inbound"},
    {"", ""},
    {" \xc2\xa0 ", ""},
};

static void test_fold(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(foldings); i++) {
        g_autofree char *folded = columns_fold(foldings[i].header);
        g_assert_cmpstr(folded, ==, foldings[i].folded);
    }
}

static const struct matching {
    enum sheet_kind kind;
    const char *header;
    bool is_known;
    enum field field;
} matchings[] = {
    {SHEET_CALLS, "call length", true, FIELD_CALL_LENGTH},
    {SHEET_CALLS, "call lengt", true, FIELD_CALL_LENGTH},
    {SHEET_CALLS, "from nam", true, FIELD_FROM_NAME},
    {SHEET_CALLS, "from n", false, FIELD_NONE}, /* name or number */
    {SHEET_CALLS, "call ", false, FIELD_NONE},  /* too short */
    {SHEET_CALLS, "resul", false, FIELD_NONE},  /* too short */
    {SHEET_CALLS, "name", false, FIELD_NONE},   /* within "to name" */
    {SHEET_CALLS, "call length 2", false, FIELD_NONE},
    {SHEET_CALLS, "total handle time", false, FIELD_NONE},
    {SHEET_USERS, "total handle time", true, FIELD_HANDLE_TIME},
    {SHEET_USERS, "total handle time (in)", true, FIELD_HANDLE_IN},
    {SHEET_USERS, "total handle time (i", true, FIELD_HANDLE_IN},
    {SHEET_USERS, "total handle time (", false, FIELD_NONE},
    {SHEET_USERS, "total call", false, FIELD_NONE}, /* calls or call length */
    {SHEET_USERS, "# inbound", true, FIELD_INBOUND},
    {SHEET_USERS, "% inbound", true, FIELD_NONE},
    {SHEET_USERS, "# missed (w", true, FIELD_MISSED},
    {SHEET_USERS, "# missed (", false, FIELD_NONE},
    {SHEET_USERS, "ext", true, FIELD_EXTENSION},
    {SHEET_USERS, "extension", true, FIELD_EXTENSION},
    {SHEET_FILTERS, "from time", true, FIELD_FROM_TIME},
    {SHEET_UNKNOWN, "from time", false, FIELD_NONE},
};

static void test_match(void)
{
    AUTO(columns) columns = columns_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(matchings); i++) {
        enum field field = FIELD_NONE;
        g_test_message("%s", matchings[i].header);
        g_assert_cmpint(columns_match(columns, matchings[i].kind, matchings[i].header, &field), ==,
                        matchings[i].is_known);
        g_assert_cmpint(field, ==, matchings[i].field);
    }
}

static const struct heading {
    const char *name;
    const char *sheet;
    const char *header[14];
    enum sheet_kind kind;
    enum sheet_kind near;
} headings[] = {
    {"calls", "Calls", {"Session Id", "Call Start Time", "Call Direction"}, SHEET_CALLS, 0},
    {"calls-any-order",
     "x",
     {"Call Direction", "", "Mood", "CALL START TIME", "session id"},
     SHEET_CALLS,
     0},
    {"calls-cut", "Calls", {"Session I", "Call Start Tim", "Call Directio"}, SHEET_CALLS, 0},
    {"calls-without-direction",
     "Calls",
     {"Session Id", "Call Start Time"},
     SHEET_UNKNOWN,
     SHEET_CALLS},
    {"users", "Users", {"Name", "User Status", "Ext", "Total Calls"}, SHEET_USERS, 0},
    {"users-extension", "Users", {"Name", "Extension", "Total Calls"}, SHEET_USERS, 0},
    {"users-without-ext", "Users", {"Name", "Total Calls"}, SHEET_UNKNOWN, SHEET_USERS},
    {"queues-like-users", "Queues", {"Name", "Ext", "Total Calls"}, SHEET_QUEUES, 0},
    {"queues-almost", "Queues", {"Name", "Total Calls"}, SHEET_UNKNOWN, SHEET_UNKNOWN},
    {"filters", "Filters", {"Sites", "From Time", "To Time"}, SHEET_FILTERS, 0},
    {"kpis", "KPIs", {"Total Calls", "# Inbound", "# Outbound"}, SHEET_KPIS, 0},
    {"records",
     "Calls_Records",
     {"From Name", "Date-Time", "Length", "Call Id", "Hop Id"},
     SHEET_CALLS_RECORDS,
     0},
    {"qos", "Calls", {"Session Id", "MOS", "Jitter"}, SHEET_QOS, 0},
    {"prose", "Calls", {"The calls of this week"}, SHEET_UNKNOWN, SHEET_UNKNOWN},
    {"other", "Calls", {"Direction", "From", "To", "Date"}, SHEET_UNKNOWN, SHEET_UNKNOWN},
};

static size_t make_cells(const char *const *texts, size_t room, struct cell *cells)
{
    size_t count = 0;
    for (size_t i = 0; i < room && texts[i] != NULL; i++) {
        if (texts[i][0] != '\0')
            cells[count++] =
                (struct cell){.column = (uint32_t)i, .text = texts[i], .length = strlen(texts[i])};
    }
    return count;
}

static void test_heading(gconstpointer data)
{
    const struct heading *heading = data;
    struct cell cells[14];
    size_t count = make_cells(heading->header, G_N_ELEMENTS(heading->header), cells);
    AUTO(columns) columns = columns_new(NULL);
    bool is_header = columns_take_header(columns, heading->sheet, cells, count);
    g_assert_cmpint(is_header, ==, heading->kind != SHEET_UNKNOWN);
    g_assert_cmpint(columns->kind, ==, heading->kind);
    g_assert_cmpint(columns->near, ==, heading->near);
}

static void test_fields(void)
{
    static const char *const header[] = {
        "Session Id", "Mood", "Call Start Time", "Call Direction", "Mood", "Result", "Result"};
    struct cell cells[7];
    AUTO(columns) columns = columns_new(NULL);
    size_t count = make_cells(header, G_N_ELEMENTS(header), cells);
    g_assert_true(columns_take_header(columns, "Calls", cells, count));
    g_assert_cmpint(columns_field(columns, 0), ==, FIELD_SESSION_ID);
    g_assert_cmpint(columns_field(columns, 1), ==, FIELD_NONE);
    g_assert_cmpint(columns_field(columns, 5), ==, FIELD_RESULT);
    g_assert_cmpint(columns_field(columns, 6), ==, FIELD_NONE);
    g_assert_cmpint(columns_field(columns, 7), ==, FIELD_NONE);
    g_assert_cmpint(columns_field(columns, UINT32_MAX), ==, FIELD_NONE);
    g_assert_cmpstr(columns->repeated, ==, "Result");
    g_assert_cmpstr(g_ptr_array_index(columns->names, 1), ==, "Mood");
    g_assert_cmpstr(g_ptr_array_index(columns->names, 4), ==, "Mood (column E)");
    g_assert_true(columns->has[FIELD_RESULT]);
    g_assert_false(columns->has[FIELD_QUEUE]);
}

static void test_wide_row(void)
{
    g_autofree struct cell *cells = g_new0(struct cell, LIMIT_SHEET_COLUMNS);
    for (uint32_t i = 0; i < LIMIT_SHEET_COLUMNS; i++)
        cells[i] = (struct cell){.column = i, .text = "Session Id", .length = 10};
    AUTO(columns) columns = columns_new(NULL);
    g_assert_false(columns_take_header(columns, "Calls", cells, LIMIT_SHEET_COLUMNS));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/columns/fold", test_fold);
    g_test_add_func("/columns/match", test_match);
    for (size_t i = 0; i < G_N_ELEMENTS(headings); i++) {
        g_autofree char *path = g_strconcat("/columns/header/", headings[i].name, NULL);
        g_test_add_data_func(path, &headings[i], test_heading);
    }
    g_test_add_func("/columns/fields", test_fields);
    g_test_add_func("/columns/wide-row", test_wide_row);
    return g_test_run();
}
