/*
 * Numbers as people and exchanges write them, brought to one form so that they can be compared.
 *
 * It never guesses a country: a national number is taken for one of +1, the only plan in which
 * RingCentral writes numbers without a plus. Hard about it is what surrounds the digits: trunk
 * zeros in parentheses, dialling prefixes, extensions behind the number, and invisible characters
 * that come with copied text.
 */
#include "figures/phone.h"

#include <glib.h>
#include <string.h>

enum {
    EXTENSION_MIN = 2,
    EXTENSION_MAX = 8,
    NATIONAL = 10, /* digits of a number in the plan of +1 */
    E164_MAX = PHONE_SIZE - 2,
    DIGITS_SIZE = 32, /* prefix, number, NUL */
};

/* What is dialled before a country code, from +1 and from most others. No country code and no
 * area code of +1 begins with 0, so that these cannot be anything else. */
static const char *const prefixes[] = {"011", "00"};

/* The digits of the text, without a trunk zero in parentheses. False: it is no number. */
static bool collect(const char *text, char digits[DIGITS_SIZE], bool *plus)
{
    size_t count = 0;
    *plus = false;
    for (const char *p = text; *p != '\0'; p++) {
        if (g_ascii_isdigit(*p)) {
            if (count + 1 == DIGITS_SIZE)
                return false;
            digits[count++] = *p;
        } else if (*p == '+' && count == 0) {
            *plus = true;
        } else if (*plus && count > 0 && g_str_has_prefix(p, "(0)")) {
            p += 2;
        } else if (count > 0 && (*p == '#' || g_ascii_tolower(*p) == 'x' ||
                                 g_ascii_strncasecmp(p, "ext", 3) == 0)) {
            break;
        } else if (g_ascii_isalpha(*p)) {
            return false;
        }
    }
    digits[count] = '\0';
    return count > 0;
}

const char *phone_normalize(const char *number, char room[PHONE_SIZE])
{
    char digits[DIGITS_SIZE];
    bool plus;
    if (number == NULL || !collect(number, digits, &plus))
        return NULL;
    const char *rest = digits;
    for (size_t i = 0; !plus && i < G_N_ELEMENTS(prefixes); i++) {
        size_t prefix = strlen(prefixes[i]);
        if (g_str_has_prefix(digits, prefixes[i]) && strlen(digits) > NATIONAL) {
            rest += prefix;
            plus = true;
        }
    }
    size_t count = strlen(rest);
    if (count > E164_MAX)
        return NULL;
    char *at = room;
    if (count == NATIONAL + 1 && rest[0] == '1') {
        rest++;
        count--;
    } else if (plus || (count > NATIONAL && rest[0] != '0')) {
        *at++ = '+';
    }
    memcpy(at, rest, count + 1);
    return room;
}

bool phone_is_extension(const char *number)
{
    if (number == NULL)
        return false;
    size_t count = strspn(number, "0123456789");
    return number[count] == '\0' && count >= EXTENSION_MIN && count <= EXTENSION_MAX;
}
