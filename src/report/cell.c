/*
 * Numbers, counts, ids, durations and plain text; dates are in cell_date.c. What is hard about it:
 *
 * - ids of 18 digits and more do not fit a double. So whole numbers are expanded digit by digit
 * from their text, exponent and all.
 * - a duration as a number is a fraction of a day, and a column of seconds looks like one of days.
 *   Whole numbers above 1 are therefore refused.
 * - a double is compared before it is cast: casting what does not fit is undefined.
 */
#include "report/cell.h"

#include "base/ascii.h"
#include "report/cell_fold.h"

#include <math.h>
#include <string.h>

enum {
    SECONDS_OF_DAY = 86400,
    COUNT_MAX = 1000000000,
    WHOLE_DIGITS = 40,   /* the longest whole number that is expanded */
    EXPONENT_MAX = 1000, /* beyond it nothing is a whole number of WHOLE_DIGITS */
    EXACT_DIGITS = 15,   /* what a double keeps of any whole number */
    ID_DIGITS_MIN = 10,
    ID_DIGITS_MAX = 22,
    UUID_LENGTH = 36,
};

enum whole { WHOLE_OK, WHOLE_NOT_A_NUMBER, WHOLE_NEGATIVE, WHOLE_FRACTION, WHOLE_TOO_LARGE };

/* The digits of a whole number, without zeros before it ("0" is "0"), exactly. */
static enum whole expand_whole(const char *folded, char digits[WHOLE_DIGITS + 1])
{
    if (!cell_is_decimal(folded))
        return WHOLE_NOT_A_NUMBER;
    const char *p = folded + (*folded == '+' || *folded == '-');
    char all[FOLDED_SIZE];
    size_t count = 0, point = 0;
    bool seen_point = false;
    for (; *p != '\0' && *p != 'e'; p++) {
        if (*p == '.') {
            seen_point = true;
            continue;
        }
        all[count++] = *p;
        if (!seen_point)
            point = count;
    }
    int64_t exponent = *p == 'e' ? g_ascii_strtoll(p + 1, NULL, 10) : 0;
    exponent = CLAMP(exponent, -EXPONENT_MAX, EXPONENT_MAX);
    int64_t whole = (int64_t)point + exponent; /* how many digits stand before the point */
    size_t length = 0;
    for (int64_t i = 0; i < MAX(whole, (int64_t)count); i++) {
        char digit = i < (int64_t)count ? all[i] : '0';
        if (i >= whole && digit != '0')
            return WHOLE_FRACTION;
        if (i >= whole || (length == 0 && digit == '0'))
            continue;
        if (length == WHOLE_DIGITS)
            return WHOLE_TOO_LARGE;
        digits[length++] = digit;
    }
    if (length == 0)
        digits[length++] = '0';
    else if (*folded == '-')
        return WHOLE_NEGATIVE;
    digits[length] = '\0';
    return WHOLE_OK;
}

enum cell_answer cell_number(const struct cell *cell, double *value, const char **reason)
{
    char folded[FOLDED_SIZE];
    enum cell_answer answer = cell_fold(cell, folded, reason);
    if (answer != CELL_OK)
        return answer;
    if (!cell_is_decimal(folded))
        return cell_because(CELL_BAD, "is not a number", reason);
    double number = cell_decimal(folded);
    if (!isfinite(number))
        return cell_because(CELL_BAD, "is too large a number", reason);
    *value = number;
    return CELL_OK;
}

enum cell_answer cell_count(const struct cell *cell, int64_t *count, const char **reason)
{
    char folded[FOLDED_SIZE], digits[WHOLE_DIGITS + 1];
    enum cell_answer answer = cell_fold(cell, folded, reason);
    if (answer != CELL_OK)
        return answer;
    switch (expand_whole(folded, digits)) {
    case WHOLE_OK:
        break;
    case WHOLE_NOT_A_NUMBER:
        return cell_because(CELL_BAD, "is not a number", reason);
    case WHOLE_NEGATIVE:
        return cell_because(CELL_BAD, "is negative", reason);
    case WHOLE_FRACTION:
        return cell_because(CELL_BAD, "is not a whole number", reason);
    case WHOLE_TOO_LARGE:
        return cell_because(CELL_BAD, "is too large for a count", reason);
    }
    guint64 number;
    if (!g_ascii_string_to_unsigned(digits, 10, 0, COUNT_MAX, &number, NULL))
        return cell_because(CELL_BAD, "is too large for a count", reason);
    *count = (int64_t)number;
    return CELL_OK;
}

static bool is_uuid(const char *text)
{
    if (strlen(text) != UUID_LENGTH)
        return false;
    for (size_t i = 0; i < UUID_LENGTH; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_dash ? text[i] != '-' : !g_ascii_isxdigit(text[i]))
            return false;
    }
    return true;
}

static bool is_id_digits(const char *text)
{
    size_t length = strspn(text, G_CSET_DIGITS);
    return text[length] == '\0' && length >= ID_DIGITS_MIN && length <= ID_DIGITS_MAX;
}

enum cell_answer cell_session_id(const struct cell *cell, char id[LIMIT_SESSION_ID + 1],
                                 bool *imprecise, const char **reason)
{
    char folded[FOLDED_SIZE], digits[WHOLE_DIGITS + 1];
    enum cell_answer answer = cell_fold(cell, folded, reason);
    if (answer != CELL_OK)
        return answer;
    bool is_number = cell->kind == CELL_NUMBER;
    const char *text = folded;
    if (is_number && expand_whole(folded, digits) == WHOLE_OK)
        text = digits;
    if (!is_id_digits(text) && (is_number || !is_uuid(text)))
        return cell_because(CELL_BAD, "is not a session id: 10 to 22 digits, or a UUID", reason);
    g_strlcpy(id, text, LIMIT_SESSION_ID + 1);
    *imprecise = is_number && strlen(text) > EXACT_DIGITS;
    return CELL_OK;
}

bool cell_is_plain_id(const struct cell *cell)
{
    if (cell->kind != CELL_TEXT || cell->length < ID_DIGITS_MIN || cell->length > ID_DIGITS_MAX)
        return false;
    for (size_t i = 0; i < cell->length; i++)
        if (!g_ascii_isdigit(cell->text[i]))
            return false;
    return true;
}

/* Digits up to ':' or the end, into *number. Returns what follows them, or NULL. */
static const char *take_number(const char *p, int64_t *number)
{
    int64_t n = 0;
    const char *start = p;
    for (; g_ascii_isdigit(*p) && p - start < 9; p++)
        n = n * 10 + (*p - '0');
    *number = n;
    return p == start || g_ascii_isdigit(*p) ? NULL : p;
}

/* [h]h:mm:ss or m:ss, with a fraction or without. False if it is neither. */
static bool parse_clock(const char *folded, int64_t *seconds)
{
    int64_t parts[3];
    size_t count = 0;
    const char *p = folded;
    for (; count < 3; p++) {
        const char *start = p;
        p = take_number(p, &parts[count]);
        if (p == NULL)
            return false;
        /* All but the first are two digits below 60. */
        if (count > 0 && (p - start != 2 || parts[count] > 59))
            return false;
        count++;
        if (*p != ':')
            break;
    }
    if (count < 2)
        return false;
    int64_t total = 0;
    for (size_t i = 0; i < count; i++)
        total = total * 60 + parts[i];
    if (*p == '.') {
        const char *fraction = p + 1;
        p = fraction + strspn(fraction, G_CSET_DIGITS);
        if (p == fraction)
            return false;
        total += *fraction >= '5';
    }
    *seconds = total;
    return *p == '\0';
}

/* A fraction of a day. NULL, or why it is none. */
static const char *fraction_seconds(double days, int64_t limit, int64_t *seconds)
{
    if (days < 0)
        return "is negative";
    if (days > 1 && floor(days) >= days)
        return "is a whole number above 1: days or seconds, nobody can say";
    if (!(days * SECONDS_OF_DAY < (double)limit + 0.5))
        return "is too long";
    *seconds = llround(days * SECONDS_OF_DAY);
    return NULL;
}

enum cell_answer cell_duration(const struct cell *cell, int64_t limit, int64_t *seconds,
                               const char **reason)
{
    char folded[FOLDED_SIZE];
    double days;
    int64_t value = 0;
    if (cell_is_short_decimal(cell, &days) && fraction_seconds(days, limit, &value) == NULL) {
        *seconds = value;
        return cell_because(CELL_OK, NULL, reason);
    }
    enum cell_answer answer = cell_fold(cell, folded, reason);
    if (answer != CELL_OK)
        return answer;
    const char *bad = NULL;
    if (cell_is_decimal(folded))
        bad = fraction_seconds(cell_decimal(folded), limit, &value);
    else if (folded[0] == '-' && parse_clock(folded + 1, &value))
        bad = "is negative";
    else if (!parse_clock(folded, &value))
        bad = "is not a duration such as 0:05:23";
    else if (value > limit)
        bad = "is too long";
    if (bad != NULL)
        return cell_because(CELL_BAD, bad, reason);
    *seconds = value;
    return CELL_OK;
}

bool cell_is_plain(const struct cell *cell)
{
    const char *text = cell->text;
    size_t length = cell->length;
    return cell->kind == CELL_TEXT && length > 0 && text[0] != ' ' && text[length - 1] != ' ' &&
           ascii_is_printable(text, length);
}

enum cell_answer cell_text(const struct cell *cell, GString *text, const char **reason)
{
    cell_because(CELL_BLANK, NULL, reason);
    if (cell == NULL)
        return CELL_BLANK;
    if (cell->no_value)
        return cell_because(CELL_BLANK, "is a formula without a stored value", reason);
    if (cell->kind == CELL_ERROR)
        return cell_because(CELL_BAD, "is an error value", reason);
    char folded[FOLDED_SIZE], digits[WHOLE_DIGITS + 1];
    if (cell->kind == CELL_NUMBER && cell_fold(cell, folded, NULL) == CELL_OK &&
        expand_whole(folded, digits) == WHOLE_OK) {
        g_string_assign(text, digits);
        return CELL_OK;
    }
    g_string_truncate(text, 0);
    if (cell_is_plain(cell)) {
        g_string_append_len(text, cell->text, (gssize)cell->length);
        return CELL_OK;
    }
    size_t last = 0; /* where the text ends but for blanks */
    const char *end = cell->text + cell->length;
    for (const char *p = cell->text; p < end; p += g_utf8_skip[(guchar)*p]) {
        if (g_ascii_isgraph(*p)) {
            g_string_append_c(text, *p);
            last = text->len;
            continue;
        }
        gunichar c = g_utf8_get_char(p);
        if (g_unichar_type(c) == G_UNICODE_FORMAT)
            continue;
        if (!g_unichar_isspace(c) && !g_unichar_iscntrl(c)) {
            g_string_append_unichar(text, c);
            last = text->len;
        } else if (last > 0) {
            g_string_append_c(text, ' ');
        }
    }
    g_string_truncate(text, last);
    return last == 0 ? CELL_BLANK : CELL_OK;
}
