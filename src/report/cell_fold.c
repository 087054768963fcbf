/*
 * Blanks come in many kinds from writers' locales: NBSP, and U+202F before AM and PM since ICU 72.
 * Numbers are read here and nowhere else, by a grammar of our own and without the locale.
 */
#include "report/cell_fold.h"

#include "base/ascii.h"

#include <string.h>

enum { SHORT = 32 }; /* octets of a number with an exponent */

enum cell_answer cell_because(enum cell_answer answer, const char *text, const char **reason)
{
    if (reason != NULL)
        *reason = text;
    return answer;
}

enum cell_answer cell_fold(const struct cell *cell, char folded[FOLDED_SIZE], const char **reason)
{
    cell_because(CELL_BLANK, NULL, reason);
    if (cell == NULL)
        return CELL_BLANK;
    if (cell->no_value)
        return cell_because(CELL_BLANK, "is a formula without a stored value", reason);
    if (cell->kind == CELL_ERROR)
        return cell_because(CELL_BAD, "is an error value", reason);
    if (cell->kind == CELL_BOOL)
        return cell_because(CELL_BAD, "is true or false", reason);
    size_t length = 0;
    bool gap = false;
    const char *end = cell->text + cell->length;
    for (const char *p = cell->text; p < end; p += g_utf8_skip[(guchar)*p]) {
        /* Nearly all of a month is ASCII, which needs no tables. */
        if (g_ascii_isgraph(*p)) {
            if (length + 8 > FOLDED_SIZE)
                return cell_because(CELL_BAD, "is far too long", reason);
            if (gap)
                folded[length++] = ' ';
            gap = false;
            folded[length++] = ascii_lower(*p);
            continue;
        }
        gunichar c = g_utf8_get_char(p);
        if (g_unichar_isspace(c) || g_unichar_iscntrl(c)) {
            gap = length > 0;
            continue;
        }
        if (g_unichar_type(c) == G_UNICODE_FORMAT)
            continue;
        if (length + 8 > FOLDED_SIZE)
            return cell_because(CELL_BAD, "is far too long", reason);
        if (gap)
            folded[length++] = ' ';
        gap = false;
        length += (size_t)g_unichar_to_utf8(c < 0x80 ? (guchar)g_ascii_tolower((gchar)c) : c,
                                            folded + length);
    }
    folded[length] = '\0';
    return length == 0 ? CELL_BLANK : CELL_OK;
}

static const char *skip_digits(const char *p)
{
    while (g_ascii_isdigit(*p))
        p++;
    return p;
}

bool cell_is_decimal(const char *folded)
{
    const char *p = folded;
    if (*p == '+' || *p == '-')
        p++;
    const char *whole = p;
    p = skip_digits(p);
    bool has_digits = p > whole;
    if (*p == '.') {
        const char *part = ++p;
        p = skip_digits(p);
        has_digits = has_digits || p > part;
    }
    if (!has_digits)
        return false;
    if (*p == 'e') {
        p++;
        if (*p == '+' || *p == '-')
            p++;
        const char *exponent = p;
        p = skip_digits(p);
        if (p == exponent)
            return false;
    }
    return *p == '\0';
}

/* The value of eight digits at once; false if not all of them are digits. */
static bool eight_digits(const char *text, uint32_t *value)
{
    uint64_t word;
    memcpy(&word, text, sizeof word);
    word = GUINT64_FROM_LE(word);
    /* An octet is a digit if its high half is 3, also with 6 added to it. */
    const uint64_t high = UINT64_C(0xf0f0f0f0f0f0f0f0), threes = UINT64_C(0x3030303030303030);
    if ((word & high) != threes || ((word + UINT64_C(0x0606060606060606)) & high) != threes)
        return false;
    word -= threes;
    word = word * 10 + (word >> 8); /* pairs, in every other octet */
    word = ((word & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064) +
            ((word >> 16) & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001)) >>
           32;
    *value = (uint32_t)word;
    return true;
}

/* Takes digits behind those that *digits holds; returns where they end, or NULL if there are more
 * than a double holds. */
static const char *take_digits(const char *p, const char *end, uint64_t *digits)
{
    const uint64_t most = (UINT64_C(1) << 53) / 10 - 1;
    uint32_t eight;
    while (end - p >= 8 && *digits <= 9999999 && eight_digits(p, &eight)) {
        *digits = *digits * 100000000 + eight;
        p += 8;
    }
    for (; p < end && g_ascii_isdigit(*p); p++) {
        if (*digits > most)
            return NULL;
        *digits = *digits * 10 + (uint64_t)(*p - '0');
    }
    return p;
}

/* Takes E-4 and the like, up to the end; false if it is not that. */
static bool take_exponent(const char *p, const char *end, int *exponent)
{
    if (*p != 'E' && *p != 'e')
        return false;
    p++;
    bool is_negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    const char *from = p;
    int number = 0;
    for (; p < end && g_ascii_isdigit(*p) && p - from < 2; p++)
        number = number * 10 + (*p - '0');
    *exponent = is_negative ? -number : number;
    return p == end && p > from;
}

bool cell_is_short_decimal(const struct cell *cell, double *value)
{
    /* Whole numbers to 2^53 and powers of ten to 10^22 are doubles, so that their quotient is
     * rounded once, as strtod() does it, and so is their product. */
    static const double POWERS[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const int most = G_N_ELEMENTS(POWERS) - 1;
    if (cell == NULL || cell->kind != CELL_NUMBER || cell->no_value)
        return false;
    const char *text = cell->text, *end = text + cell->length;
    uint64_t digits = 0;
    const char *point = take_digits(text, end, &digits), *behind = point;
    size_t count = point != NULL ? (size_t)(point - text) : 0, fraction = 0;
    if (point != NULL && point < end && *point == '.') {
        behind = take_digits(point + 1, end, &digits);
        fraction = behind != NULL ? (size_t)(behind - point - 1) : 0;
    }
    if (behind == NULL || count + fraction == 0 || fraction > (size_t)most)
        return false;
    int exponent = 0;
    if (behind < end && (cell->length > SHORT || !take_exponent(behind, end, &exponent)))
        return false;
    int places = (int)fraction - exponent;
    if (places > most || places < -most)
        return false;
    *value = places < 0 ? (double)digits * POWERS[-places] : (double)digits / POWERS[places];
    return true;
}

double cell_decimal(const char *folded)
{
    return g_ascii_strtod(folded, NULL);
}
