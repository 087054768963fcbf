/*
 * Dates and times out of cells. What is hard about it:
 *
 * - 03/04/2025 is read in the order that the report itself tells (labels.h), else with the month
 *   first, as RingCentral writes it; other orders are not guessed.
 * - the times are what the wall said: an offset from UTC would make them something else, so it is
 *   refused rather than dropped. A Z is written by some programs behind any time, and means
 * nothing.
 * - a serial number comes with an error in its tenth digit: it is rounded, never cut.
 */
#include "report/cell.h"

#include "report/cell_fold.h"

#include <math.h>
#include <string.h>

enum {
    SECONDS_OF_DAY = 86400,
    YEAR_MIN = 2000,
    YEAR_MAX = 2100,
    DAYS_1900_TO_1970 = 25569, /* from 1899-12-30, day 0 of the system that calls itself 1900 */
    DAYS_1900_TO_1904 = 1462,
    SERIAL_MAX = 100000, /* in the year 2173 */
};

#define NO_DATE   "is not a date such as 12/08/2025"
#define NO_TIME   "has no time such as 5:33:27 PM behind the date"
#define BAD_YEAR  "is not in the years 2000 to 2100"
#define BAD_CLOCK "has a time that does not exist"
#define BAD_DAY   "is a day that does not exist"

static const char *const WEEKDAYS[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
static const char *const MONTHS[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                     "jul", "aug", "sep", "oct", "nov", "dec"};

struct moment {
    int year, month, day;
    int hour, minute, second;
    bool has_time;
};

static int64_t days_from_civil(int year, int month, int day)
{
    /* The year begins in March, so that the leap day is its last. */
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t m = month <= 2 ? month + 9 : month - 3;
    return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}

static int days_in_month(int year, int month)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return DAYS[month - 1] + (month == 2 && leap);
}

/* Takes from `least` to `most` digits. */
static bool take_digits(const char **p, int least, int most, int *number)
{
    int n = 0, count = 0;
    for (; count < most && g_ascii_isdigit(**p); count++, (*p)++)
        n = n * 10 + (**p - '0');
    *number = n;
    return count >= least && !g_ascii_isdigit(**p);
}

static bool take(const char **p, const char *what)
{
    size_t length = strlen(what);
    if (**p != what[0] || strncmp(*p, what, length) != 0)
        return false;
    *p += length;
    return true;
}

/* Takes a word that begins with one of the names; its number, or -1. */
static int take_name(const char **p, const char *const *names, int count)
{
    for (int i = 0; i < count && g_ascii_isalpha(**p); i++) {
        if (!g_str_has_prefix(*p, names[i]))
            continue;
        while (g_ascii_isalpha(**p))
            (*p)++;
        return i;
    }
    return -1;
}

/* The rest of a date in numbers, behind its first one. */
static bool take_numbers(const char **p, int first, const struct cell_calendar *calendar,
                         struct moment *moment)
{
    const char separator[] = {calendar->separator != '\0' ? calendar->separator : '/', '\0'};
    bool year_first = calendar->order == CELL_YEAR_FIRST;
    int second, third;
    if (!take(p, separator) || !take_digits(p, 1, 2, &second) || !take(p, separator) ||
        !take_digits(p, year_first ? 1 : 4, year_first ? 2 : 4, &third))
        return false;
    bool day_first = calendar->order == CELL_DAY_FIRST;
    moment->year = year_first ? first : third;
    moment->month = year_first || day_first ? second : first;
    moment->day = year_first ? third : day_first ? first : second;
    return true;
}

static bool take_date(const char **p, const struct cell_calendar *calendar, struct moment *moment)
{
    if (take_name(p, WEEKDAYS, G_N_ELEMENTS(WEEKDAYS)) >= 0) {
        take(p, ",");
        take(p, " ");
    }
    int name = take_name(p, MONTHS, G_N_ELEMENTS(MONTHS));
    if (name >= 0) {
        moment->month = name + 1;
        take(p, ".");
        return take(p, " ") && take_digits(p, 1, 2, &moment->day) &&
               (take(p, ", ") || take(p, " ")) && take_digits(p, 4, 4, &moment->year);
    }
    int first;
    if (!take_digits(p, 1, 4, &first))
        return false;
    const char *behind = *p;
    moment->year = first;
    if (first >= 1000 && take(p, "-") && take_digits(p, 1, 2, &moment->month) && take(p, "-") &&
        take_digits(p, 1, 2, &moment->day))
        return true;
    *p = behind;
    return take_numbers(p, first, calendar, moment);
}

/* AM or PM, if there is one; it turns the hour. False for 0 PM and 13 PM. */
static bool take_half(const char **p, struct moment *moment)
{
    take(p, " ");
    bool is_pm = **p == 'p';
    if (!take(p, "am") && !take(p, "pm") && !take(p, "a.m.") && !take(p, "p.m.") &&
        !take(p, "a. m.") && !take(p, "p. m."))
        return true;
    if (moment->hour < 1 || moment->hour > 12)
        return false;
    moment->hour = moment->hour % 12 + (is_pm ? 12 : 0);
    return true;
}

/* Takes a time; *round_up if its fraction of a second is a half or more. NULL, or the reason. */
static const char *take_time(const char **p, struct moment *moment, bool *round_up)
{
    *round_up = false;
    if (!take_digits(p, 1, 2, &moment->hour) || !take(p, ":") ||
        !take_digits(p, 2, 2, &moment->minute))
        return NO_TIME;
    if (take(p, ":")) {
        if (!take_digits(p, 2, 2, &moment->second))
            return NO_TIME;
        if (take(p, ".")) {
            *round_up = **p >= '5';
            *p += strspn(*p, G_CSET_DIGITS);
        }
    }
    if (!take_half(p, moment) || moment->hour > 23 || moment->minute > 59 || moment->second > 59)
        return BAD_CLOCK;
    take(p, "z");
    if (**p == '+' || **p == '-')
        return "has an offset from UTC: only times of the report's own zone are read";
    moment->has_time = true;
    return NULL;
}

/* NULL, or the reason. */
static const char *parse_text(const char *folded, const struct cell_calendar *calendar,
                              struct moment *moment, int64_t *civil)
{
    const char *p = folded;
    bool round_up = false;
    if (!take_date(&p, calendar, moment))
        return NO_DATE;
    if (moment->year < YEAR_MIN || moment->year > YEAR_MAX)
        return BAD_YEAR;
    if (moment->month < 1 || moment->month > 12 || moment->day < 1 ||
        moment->day > days_in_month(moment->year, moment->month))
        return BAD_DAY;
    if (*p != '\0') {
        if (!take(&p, "t") && !take(&p, ", ") && !take(&p, " "))
            return NO_TIME;
        const char *bad = take_time(&p, moment, &round_up);
        if (bad != NULL)
            return bad;
        if (*p != '\0')
            return "has more behind the time";
    }
    *civil = days_from_civil(moment->year, moment->month, moment->day) * SECONDS_OF_DAY +
             moment->hour * 3600 + moment->minute * 60 + moment->second + round_up;
    return NULL;
}

static const char *parse_serial(double serial, bool is_1904, int64_t *civil)
{
    if (!(serial >= 0 && serial < SERIAL_MAX))
        return BAD_YEAR;
    int64_t days = DAYS_1900_TO_1970 - (is_1904 ? DAYS_1900_TO_1904 : 0);
    int64_t seconds = (int64_t)floor(serial * SECONDS_OF_DAY + 0.5) - days * SECONDS_OF_DAY;
    if (seconds < days_from_civil(YEAR_MIN, 1, 1) * SECONDS_OF_DAY ||
        seconds >= days_from_civil(YEAR_MAX + 1, 1, 1) * SECONDS_OF_DAY)
        return BAD_YEAR;
    *civil = seconds;
    return NULL;
}

static enum cell_answer parse(const struct cell *cell, const struct cell_calendar *calendar,
                              bool needs_time, int64_t *civil, const char **reason)
{
    char folded[FOLDED_SIZE];
    double serial;
    int64_t value = 0;
    if (cell_is_short_decimal(cell, &serial) &&
        parse_serial(serial, calendar->is_1904, &value) == NULL) {
        *civil = value;
        return cell_because(CELL_OK, NULL, reason);
    }
    enum cell_answer answer = cell_fold(cell, folded, reason);
    if (answer != CELL_OK)
        return answer;
    struct moment moment = {0};
    const char *bad;
    if (cell_is_decimal(folded)) {
        bad = parse_serial(cell_decimal(folded), calendar->is_1904, &value);
    } else {
        bad = parse_text(folded, calendar, &moment, &value);
        if (bad == NULL && needs_time && !moment.has_time)
            bad = NO_TIME;
    }
    if (bad != NULL)
        return cell_because(CELL_BAD, bad, reason);
    *civil = value;
    return CELL_OK;
}

enum cell_answer cell_datetime(const struct cell *cell, const struct cell_calendar *calendar,
                               int64_t *civil, const char **reason)
{
    return parse(cell, calendar, true, civil, reason);
}

enum cell_answer cell_date(const struct cell *cell, const struct cell_calendar *calendar,
                           int64_t *civil, const char **reason)
{
    int64_t value;
    enum cell_answer answer = parse(cell, calendar, false, &value, reason);
    if (answer == CELL_OK)
        *civil = value - value % SECONDS_OF_DAY;
    return answer;
}
