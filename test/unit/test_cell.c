#include "report/cell.h"

#include "report/cell_fold.h"

#include <math.h>
#include <string.h>

static const struct cell_calendar calendar_1900, calendar_1904 = {.is_1904 = true};

/* T: text; N: number; D: date; E: error; B: bool; F: formula without a value; -: no cell */
static const struct cell *make(char kind, const char *text)
{
    static struct cell cell;
    static const char LETTERS[] = "TNBED"; /* in the order of enum cell_kind */
    if (kind == '-')
        return NULL;
    const char *place = strchr(LETTERS, kind);
    cell.kind = place == NULL ? CELL_NUMBER : (enum cell_kind)(place - LETTERS);
    cell.text = text;
    cell.length = strlen(text);
    cell.no_value = kind == 'F';
    return &cell;
}

static void check(const char *text, enum cell_answer got, enum cell_answer wanted,
                  const char *reason)
{
    if (got != wanted)
        g_error("'%s': answer %d instead of %d", text, (int)got, (int)wanted);
    if ((got == CELL_BAD) != (reason != NULL))
        g_error("'%s': reason %s with answer %d", text, reason, (int)got);
}

static void test_number(void)
{
    static const struct {
        const char *text;
        double value;
    } GOOD[] = {
        {"54.0", 54},  {"-3", -3},     {"2.662037037037037E-4", 2.662037037037037e-4},
        {" 7 ", 7},    {"+.5", .5},    {"5.", 5},
        {"1e3", 1000}, {"1E+3", 1000}, {"\n0.1\t", .1},
        {"-0", 0},     {"1e-400", 0},  {"45826.3361458333300007", 45826.33614583333},
    };
    static const char *const BAD[] = {"INF",   "-inf",  "NaN",   "0x10",  "1,5", "1,234",
                                      "1e",    "e5",    ".",     "1e400", "1 2", "--1",
                                      "1.2.3", "12abc", "1e5.0", "+",     "٣"};
    const char *reason;
    enum cell_answer answer;
    double value;
    for (size_t i = 0; i < G_N_ELEMENTS(GOOD); i++) {
        for (const char *kind = "NT"; *kind != '\0'; kind++) {
            answer = cell_number(make(*kind, GOOD[i].text), &value, &reason);
            check(GOOD[i].text, answer, CELL_OK, reason);
            g_assert_cmpfloat_with_epsilon(value, GOOD[i].value, 1e-9);
        }
    }
    for (size_t i = 0; i < G_N_ELEMENTS(BAD); i++) {
        answer = cell_number(make('N', BAD[i]), &value, &reason);
        check(BAD[i], answer, CELL_BAD, reason);
    }
    g_autofree char *nines = g_strnfill(32767, '9');
    answer = cell_number(make('N', nines), &value, &reason);
    check("999...", answer, CELL_BAD, reason);
}

static void test_blank(void)
{
    int64_t number = 42;
    double value = 42;
    bool imprecise = true;
    char id[LIMIT_SESSION_ID + 1] = "kept";
    const char *reason = "";
    static const struct {
        char kind;
        const char *text;
    } BLANKS[] = {{'-', ""}, {'T', ""}, {'T', " \t\r\n"}, {'T', "\u00A0\u202F\u3000\u200B\uFEFF"}};
    for (size_t i = 0; i < G_N_ELEMENTS(BLANKS); i++) {
        const struct cell *cell = make(BLANKS[i].kind, BLANKS[i].text);
        g_assert_cmpint(cell_number(cell, &value, &reason), ==, CELL_BLANK);
        g_assert_null(reason);
        g_assert_cmpint(cell_count(cell, &number, &reason), ==, CELL_BLANK);
        g_assert_cmpint(cell_duration(cell, 100, &number, NULL), ==, CELL_BLANK);
        g_assert_cmpint(cell_datetime(cell, &calendar_1900, &number, &reason), ==, CELL_BLANK);
        g_assert_cmpint(cell_session_id(cell, id, &imprecise, &reason), ==, CELL_BLANK);
    }
    g_assert_cmpint(number, ==, 42);
    g_assert_cmpstr(id, ==, "kept");
    g_assert_cmpint(cell_count(make('F', ""), &number, &reason), ==, CELL_BLANK);
    g_assert_nonnull(reason);
    g_assert_cmpint(cell_count(make('E', "#N/A"), &number, &reason), ==, CELL_BAD);
    g_assert_cmpint(cell_count(make('B', "1"), &number, &reason), ==, CELL_BAD);
}

static void test_count(void)
{
    static const struct {
        const char *text;
        int64_t value; /* -1: bad */
    } CASES[] = {
        {"54.0", 54},
        {"54", 54},
        {"0", 0},
        {"0.0", 0},
        {"-0.0", 0},
        {"5.4E1", 54},
        {"54000E-3", 54},
        {"007", 7},
        {"1E9", 1000000000},
        {"54.5", -1},
        {"-1", -1},
        {"1E10", -1},
        {"1,234", -1},
        {"many", -1},
        {"1000000001", -1},
        {"1E-400", -1},
        {"1E400", -1},
        {"0E400", 0},
        {"5.4E0", -1},
        {"99999999999999999999999999999999999999999999", -1},
        {"1E99999999999999999999999", -1},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        const char *reason;
        int64_t value = -1;
        enum cell_answer answer = cell_count(make('N', CASES[i].text), &value, &reason);
        check(CASES[i].text, answer, CASES[i].value < 0 ? CELL_BAD : CELL_OK, reason);
        g_assert_cmpint(value, ==, CASES[i].value);
    }
}

static void test_session_id(void)
{
    static const struct {
        char kind;
        const char *text;
        const char *id; /* NULL: bad */
        bool imprecise;
    } CASES[] = {
        {'T', "4248054000183", "4248054000183", false},
        {'T', " 1234567890 ", "1234567890", false},
        {'T', "1234567890123456789012", "1234567890123456789012", false},
        {'T', "0123456789", "0123456789", false},
        {'T', "123456789", NULL, false},
        {'T', "12345678901234567890123", NULL, false},
        {'T', "7539991000000269e3", NULL, false},
        {'T', "A1B2C3D4-0000-4111-8222-333344445555", "a1b2c3d4-0000-4111-8222-333344445555",
         false},
        {'T', "A1B2C3D4-0000-4111-8222-33334444555", NULL, false},
        {'T', "A1B2C3D4-0000-4111-8222-33334444555G", NULL, false},
        {'T', "Total", NULL, false},
        {'N', "4.7E12", "4700000000000", false},
        {'N', "4.712345678901E12", "4712345678901", false},
        {'N', "4248054000183.0", "4248054000183", false},
        {'N', "999999999999999", "999999999999999", false},
        {'N', "1234567890123456", "1234567890123456", true},
        {'N', "7.539991000000269E+18", "7539991000000269000", true},
        {'N', "7539991000000269001", "7539991000000269001", true},
        {'N', "12345678901234567890123", NULL, false},
        {'N', "4248054000183.5", NULL, false},
        {'N', "-4248054000183", NULL, false},
        {'N', "17", NULL, false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        const char *reason;
        char id[LIMIT_SESSION_ID + 1] = "";
        bool imprecise = false;
        enum cell_answer answer =
            cell_session_id(make(CASES[i].kind, CASES[i].text), id, &imprecise, &reason);
        check(CASES[i].text, answer, CASES[i].id == NULL ? CELL_BAD : CELL_OK, reason);
        g_assert_cmpstr(id, ==, CASES[i].id == NULL ? "" : CASES[i].id);
        g_assert_cmpint(imprecise, ==, CASES[i].imprecise);
    }
}

static void test_duration(void)
{
    static const struct {
        char kind;
        const char *text;
        int64_t seconds; /* -1: bad */
    } CASES[] = {
        {'N', "2.662037037037037E-4", 23},
        {'N', "0", 0},
        {'N', "0.0", 0},
        {'N', "0.0056", 484},
        {'N', "1.0", 86400},
        {'N', "1.5", 129600},
        {'N', "0.99999999", 86400},
        {'N', "10.00001", -1},
        {'N', "137", -1},
        {'N', "137.0", -1},
        {'N', "2", -1},
        {'N', "-0.001", -1},
        {'N', "1E308", -1},
        {'N', "1E999", -1},
        {'N', "9.999999999999", 864000},
        {'T', "00:00:00", 0},
        {'T', "0:05:23", 323},
        {'T', "00:05:23", 323},
        {'T', "26:00:01", 93601},
        {'T', "5:23", 323},
        {'T', "05:23", 323},
        {'T', "90:00", 5400},
        {'T', "240:00:00", 864000},
        {'T', "240:00:01", -1},
        {'T', "-0:05:23", -1},
        {'T', "0:60:00", -1},
        {'T', "0:5:23", -1},
        {'T', "0:05:60", -1},
        {'T', "5:2", -1},
        {'T', "1:2:3:4", -1},
        {'T', "5", -1},
        {'T', ":23", -1},
        {'T', "0:05:23 AM", -1},
        {'T', "0:05:23.4", 323},
        {'T', "0:05:23.5", 324},
        {'T', "0:05:23.", -1},
        {'T', "5 min", -1},
        {'T', "In Progress", -1},
        {'T', "0.0056", 484},
        {'T', " 0:05:23\u00A0", 323},
        {'T', "9999999999:00:00", -1},
        {'T', "0:05:", -1},
        {'T', "NaN", -1},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        const char *reason;
        int64_t seconds = -1;
        enum cell_answer answer =
            cell_duration(make(CASES[i].kind, CASES[i].text), LIMIT_DURATION, &seconds, &reason);
        check(CASES[i].text, answer, CASES[i].seconds < 0 ? CELL_BAD : CELL_OK, reason);
        g_assert_cmpint(seconds, ==, CASES[i].seconds);
    }
    int64_t seconds;
    g_assert_cmpint(cell_duration(make('N', "10.5"), 20 * 86400, &seconds, NULL), ==, CELL_OK);
    g_assert_cmpint(seconds, ==, 907200);
}

/* Every second of a day, as Java writes its fraction, comes back. */
static void test_duration_seconds(void)
{
    for (int second = 0; second < 86400; second++) {
        char text[G_ASCII_DTOSTR_BUF_SIZE];
        int64_t got = -1;
        g_ascii_dtostr(text, sizeof text, second / 86400.0);
        g_assert_cmpint(cell_duration(make('N', text), 86400, &got, NULL), ==, CELL_OK);
        g_assert_cmpint(got, ==, second);
    }
}

static void test_datetime(void)
{
    static const struct {
        char kind;
        const char *text;
        const char *iso; /* NULL: bad */
    } CASES[] = {
        {'T', "12/08/2025 5:33:27 PM", "2025-12-08T17:33:27Z"},
        {'T', "12/08/2025 05:33:27 AM", "2025-12-08T05:33:27Z"},
        {'T', "1/5/2026 12:00:00 AM", "2026-01-05T00:00:00Z"},
        {'T', "1/5/2026 12:00:00 PM", "2026-01-05T12:00:00Z"},
        {'T', "01/05/2026 11:59:59 PM", "2026-01-05T23:59:59Z"},
        {'T', "12/08/2025 17:33:27", "2025-12-08T17:33:27Z"},
        {'T', "12/08/2025 17:33", "2025-12-08T17:33:00Z"},
        {'T', "12/08/2025 5:33 pm", "2025-12-08T17:33:00Z"},
        {'T', "12/08/2025 5:33pm", "2025-12-08T17:33:00Z"},
        {'T', "12/08/2025\u00A05:33:27\u202FPM", "2025-12-08T17:33:27Z"},
        {'T', "\u200E12/08/2025, 5:33:27 p.m. ", "2025-12-08T17:33:27Z"},
        {'T', "Tue 03/04/2025 1:05 PM", "2025-03-04T13:05:00Z"},
        {'T', "Tuesday, 03/04/2025 1:05 PM", "2025-03-04T13:05:00Z"},
        {'T', "Mar 4, 2025 1:05:09 PM", "2025-03-04T13:05:09Z"},
        {'T', "Mar 4, 2025, 1:05:09\u202FPM", "2025-03-04T13:05:09Z"},
        {'T', "September 30 2025 1:05 AM", "2025-09-30T01:05:00Z"},
        {'T', "2025-12-08T17:33:27", "2025-12-08T17:33:27Z"},
        {'D', "2025-12-08T17:33:27Z", "2025-12-08T17:33:27Z"},
        {'D', "2025-12-08 17:33:27.499Z", "2025-12-08T17:33:27Z"},
        {'D', "2025-12-31T23:59:59.5", "2026-01-01T00:00:00Z"},
        {'T', "2024-02-29 00:00:00", "2024-02-29T00:00:00Z"},
        {'T', "2000-01-01 00:00:00", "2000-01-01T00:00:00Z"},
        {'T', "2100-12-31 23:59:59", "2100-12-31T23:59:59Z"},
        {'N', "45999.7315625", "2025-12-08T17:33:27Z"},
        {'N', "45826.3361458333", "2025-06-18T08:04:03Z"},
        {'N', "45826.3361458333300007", "2025-06-18T08:04:03Z"},
        {'N', "36526", "2000-01-01T00:00:00Z"},
        {'N', "4.6E4", "2025-12-09T00:00:00Z"},
        {'N', "36525.99999", NULL}, /* 1999-12-31 23:59:59 */
        {'N', "73416", NULL},       /* 2101-01-01 */
        {'N', "1E300", NULL},
        {'N', "-1", NULL},
        {'T', "12/08/2025", NULL},
        {'T', "12/08/25 5:33:27 PM", NULL},
        {'T', "13/08/2025 5:33:27 PM", NULL},
        {'T', "02/29/2025 5:33:27 PM", NULL},
        {'T', "02/29/2100 5:33:27 PM", NULL},
        {'T', "12/00/2025 5:33:27 PM", NULL},
        {'T', "12/08/2025 13:33:27 PM", NULL},
        {'T', "12/08/2025 0:33:27 PM", NULL},
        {'T', "12/08/2025 24:00:00", NULL},
        {'T', "12/08/2025 5:60:27 PM", NULL},
        {'T', "12/08/2025 5:33:60 PM", NULL},
        {'T', "12/08/2025 5:3:27 PM", NULL},
        {'T', "12/08/2025 5 PM", NULL},
        {'T', "12/08/2025 5:33:27 PM EST", NULL},
        {'T', "08.12.2025 17:33:27", NULL},
        {'T', "12-08-2025 17:33:27", NULL},
        {'T', "1999-12-31 23:59:59", NULL},
        {'T', "2101-01-01 00:00:00", NULL},
        {'T', "-0001-11-30 00:00:00", NULL},
        {'T', "2025-12-08T17:33:27+01:00", NULL},
        {'T', "2025-12-08T17:33:27-05:00", NULL},
        {'T', "17:33:27", NULL},
        {'T', "12/08/20255:33:27 PM", NULL},
        {'T', "yesterday", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        const char *reason;
        int64_t civil = 0;
        enum cell_answer answer =
            cell_datetime(make(CASES[i].kind, CASES[i].text), &calendar_1900, &civil, &reason);
        check(CASES[i].text, answer, CASES[i].iso == NULL ? CELL_BAD : CELL_OK, reason);
        if (CASES[i].iso == NULL)
            continue;
        g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(civil);
        g_autofree char *iso = g_date_time_format_iso8601(time);
        g_assert_cmpstr(iso, ==, CASES[i].iso);
    }
    int64_t one, two;
    g_assert_cmpint(cell_datetime(make('N', "45999.7315625"), &calendar_1900, &one, NULL), ==,
                    CELL_OK);
    g_assert_cmpint(cell_datetime(make('N', "44537.7315625"), &calendar_1904, &two, NULL), ==,
                    CELL_OK);
    g_assert_cmpint(one, ==, two);
}

static void test_date(void)
{
    static const char *const SAME[] = {"12/08/2025",     "12/08/2025 5:33:27 PM",
                                       "Mon 12/08/2025", "2025-12-08",
                                       "45999.7",        "Dec 8, 2025"};
    for (size_t i = 0; i < G_N_ELEMENTS(SAME); i++) {
        int64_t civil = 0;
        g_assert_cmpint(cell_date(make('T', SAME[i]), &calendar_1900, &civil, NULL), ==, CELL_OK);
        g_assert_cmpint(civil, ==, INT64_C(1765152000));
    }
}

/* Each day of the years 2000 to 2100 against GLib's calendar. */
static void test_calendar(void)
{
    g_autoptr(GDate) date = g_date_new_dmy(1, G_DATE_JANUARY, 2000);
    for (int64_t day = 10957; g_date_get_year(date) <= 2100; day++, g_date_add_days(date, 1)) {
        char text[32];
        int64_t civil = 0;
        g_snprintf(text, sizeof text, "%d/%d/%d", (int)g_date_get_month(date),
                   (int)g_date_get_day(date), (int)g_date_get_year(date));
        g_assert_cmpint(cell_date(make('T', text), &calendar_1900, &civil, NULL), ==, CELL_OK);
        g_assert_cmpint(civil, ==, day * 86400);
    }
}

static void test_text(void)
{
    static const struct {
        char kind;
        const char *text;
        const char *plain; /* NULL: blank */
    } CASES[] = {
        {'T', " Bob  Agent ", "Bob  Agent"},
        {'T', "\u00A0Bob\u00A0Agent\u202F", "Bob Agent"},
        {'T', "Bob\r\nAgent\t", "Bob  Agent"},
        {'T', "Bob\u202EAgent\u200B\x01", "BobAgent"},
        {'T', "\u200B\u00A0", NULL},
        {'T', "101.0", "101.0"},
        {'N', "101.0", "101"},
        {'N', "1.5550100001E10", "15550100001"},
        {'N', "1.5", "1.5"},
        {'B', "1", "1"},
    };
    g_autoptr(GString) text = g_string_new("before");
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        const char *reason;
        enum cell_answer answer = cell_text(make(CASES[i].kind, CASES[i].text), text, &reason);
        check(CASES[i].text, answer, CASES[i].plain == NULL ? CELL_BLANK : CELL_OK, reason);
        if (CASES[i].plain != NULL)
            g_assert_cmpstr(text->str, ==, CASES[i].plain);
    }
    g_assert_cmpint(cell_text(make('E', "#N/A"), text, NULL), ==, CELL_BAD);
}

/* The short way gives what the long one would, to the last bit, or declines. */
static void test_short_decimal(void)
{
    static const char *const DECLINED[] = {"",
                                           ".",
                                           "1.2.3",
                                           "-1",
                                           "+1",
                                           "1e",
                                           "1e-",
                                           "e3",
                                           "1e3.",
                                           "1e23",
                                           "1e-23",
                                           "1e003",
                                           "0.00000000000000000000001e9",
                                           "000000000000000000000000000000001e3",
                                           " 1",
                                           "1,5",
                                           "90071992547409910",
                                           "0.00000000000000000000000",
                                           "0.000000000000000000000000000000000000000001"};
    double value = -1;
    for (size_t i = 0; i < G_N_ELEMENTS(DECLINED); i++)
        g_assert_false(cell_is_short_decimal(make('N', DECLINED[i]), &value));
    g_assert_false(cell_is_short_decimal(make('T', "1"), &value));
    g_assert_false(cell_is_short_decimal(NULL, &value));
    g_assert_true(cell_is_short_decimal(make('N', "0.0000000000000000000001"), &value));
    g_assert_true(value == 1e-22);
    for (int i = 0; i < 100000; i++) {
        char text[64];
        int size = g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT,
                              (gint64)(g_test_rand_double() * 9e15));
        int point = g_test_rand_int_range(0, size + 1);
        memmove(text + point + 1, text + point, (size_t)(size - point) + 1);
        text[point] = '.';
        g_assert_true(cell_is_short_decimal(make('N', text), &value));
        g_assert_true(value == g_ascii_strtod(text, NULL));
        g_snprintf(text, sizeof text, "%.16g", g_test_rand_double() * 1e15);
        size = (int)strlen(text);
        g_snprintf(text + size, sizeof text - (size_t)size, "%c%d", i % 2 ? 'e' : 'E',
                   g_test_rand_int_range(-9, 23));
        if (cell_is_short_decimal(make('N', text), &value))
            g_assert_true(value == g_ascii_strtod(text, NULL));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cell/number", test_number);
    g_test_add_func("/cell/number/short", test_short_decimal);
    g_test_add_func("/cell/blank", test_blank);
    g_test_add_func("/cell/count", test_count);
    g_test_add_func("/cell/session-id", test_session_id);
    g_test_add_func("/cell/duration", test_duration);
    g_test_add_func("/cell/duration/every-second", test_duration_seconds);
    g_test_add_func("/cell/datetime", test_datetime);
    g_test_add_func("/cell/date", test_date);
    g_test_add_func("/cell/date/calendar", test_calendar);
    g_test_add_func("/cell/text", test_text);
    return g_test_run();
}
