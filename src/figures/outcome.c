/*
 * What one leg says: its result, its talk time, and whose it is. Words are compared after folding
 * case and white space, without a copy, because this is asked of every leg of a month.
 *
 * It owns nothing and keeps nothing. What legs say together is totals.c.
 */
#include "figures/outcome.h"

#include "figures/phone.h"

#include <string.h>

enum { RESULT_SIZE = 24 }; /* longer than any word we know, with the NUL */

struct result_word {
    const char *word; /* folded */
    enum outcome outcome;
};

static const struct result_word result_words[] = {
    {"answered", OUTCOME_ANSWERED},
    {"connected", OUTCOME_ANSWERED},
    {"accepted", OUTCOME_ANSWERED},
    {"call connected", OUTCOME_ANSWERED},
    {"completed", OUTCOME_ANSWERED},
    {"missed", OUTCOME_MISSED},
    {"vm/missed", OUTCOME_MISSED},
    {"voicemail", OUTCOME_MISSED},
    {"no answer", OUTCOME_MISSED},
    {"refused", OUTCOME_MISSED},
    {"rejected", OUTCOME_MISSED},
    {"abandoned", OUTCOME_MISSED},
    {"vm/abandoned", OUTCOME_MISSED},
    {"ivr/answered", OUTCOME_NEITHER},
    {"air/answered", OUTCOME_NEITHER},
    {"not connected", OUTCOME_NEITHER},
    {"park off", OUTCOME_NEITHER},
    {"busy", OUTCOME_NEITHER},
    {"hang up", OUTCOME_NEITHER},
    /* of Calls_Records */
    {"missed with vm", OUTCOME_MISSED},
    {"missed without vm", OUTCOME_MISSED},
    {"transferred", OUTCOME_NEITHER},
    {"disconnected", OUTCOME_NEITHER},
    {"forwarded", OUTCOME_NEITHER},
    {"overflowed", OUTCOME_NEITHER},
    {"answered elsewhere", OUTCOME_NEITHER},
    {"other", OUTCOME_NEITHER},
};

/* The next character with its case folded, ' ' for any run of white space, 0 at the end, before
 * which white space does not count. */
static gunichar next_folded(const char **place)
{
    const char *p = *place;
    if (g_ascii_isgraph(*p)) { /* nearly all are, and need no tables */
        ++*place;
        return (guchar)g_ascii_tolower(*p);
    }
    gunichar c = g_utf8_get_char(p);
    bool blank = false;
    while (c != 0 && g_unichar_isspace(c)) {
        blank = true;
        p = g_utf8_find_next_char(p, NULL);
        c = g_utf8_get_char(p);
    }
    if (c != 0 && !blank) {
        p = g_utf8_find_next_char(p, NULL);
        c = g_unichar_tolower(c);
    }
    *place = p;
    return c != 0 && blank ? ' ' : c;
}

static const char *skip_blanks(const char *text)
{
    while (!g_ascii_isgraph(*text) && g_unichar_isspace(g_utf8_get_char(text)))
        text = g_utf8_find_next_char(text, NULL);
    return text;
}

static bool is_same(const char *a, const char *b)
{
    a = skip_blanks(a);
    b = skip_blanks(b);
    gunichar c;
    do {
        c = next_folded(&a);
        if (c != next_folded(&b))
            return false;
    } while (c != 0);
    return true;
}

static const struct result_word *find_word(const char *result)
{
    char folded[RESULT_SIZE];
    const char *place = skip_blanks(result);
    for (size_t i = 0; i < RESULT_SIZE; i++) {
        gunichar c = next_folded(&place);
        if (c >= 0x80)
            return NULL;
        folded[i] = (char)c;
        if (c == 0)
            break;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(result_words); i++)
        if (folded[0] == result_words[i].word[0] &&
            strncmp(folded, result_words[i].word, RESULT_SIZE) == 0)
            return &result_words[i];
    return NULL;
}

static enum outcome outcome_of_result(const char *result)
{
    const struct result_word *word = result != NULL ? find_word(result) : NULL;
    return word != NULL ? word->outcome : OUTCOME_NEITHER;
}

enum outcome outcome_of_leg(const struct call_leg *leg)
{
    if (leg->direction == REPORT_INTERNAL)
        return OUTCOME_NEITHER;
    if (leg->talk_seconds > 0)
        return OUTCOME_ANSWERED;
    enum outcome outcome = outcome_of_result(leg->result);
    if (outcome == OUTCOME_MISSED && leg->direction != REPORT_INBOUND)
        return OUTCOME_NEITHER;
    return outcome;
}

bool outcome_is_known(const char *result)
{
    return result == NULL || *skip_blanks(result) == '\0' || find_word(result) != NULL;
}

int64_t outcome_talk_seconds(enum report_direction direction, const char *result, int64_t length,
                             int64_t handle_time)
{
    if (direction == REPORT_INTERNAL)
        return REPORT_UNKNOWN;
    if (handle_time >= 0)
        return handle_time;
    if (direction == REPORT_OUTBOUND && outcome_of_result(result) == OUTCOME_ANSWERED)
        return length;
    return REPORT_UNKNOWN;
}

static const char *our_name(const struct report_leg *leg)
{
    return leg->direction == REPORT_OUTBOUND ? leg->from_name : leg->to_name;
}

static bool is_queue(const char *name, const struct report_leg *leg)
{
    return name != NULL && leg->queue != NULL && is_same(name, leg->queue);
}

const char *outcome_agent(const struct report_leg *leg)
{
    const char *name = our_name(leg);
    return name == NULL || *skip_blanks(name) == '\0' || is_queue(name, leg) ? NULL : name;
}

const char *outcome_agent_number(const struct report_leg *leg)
{
    if (is_queue(our_name(leg), leg))
        return NULL;
    return leg->direction == REPORT_OUTBOUND ? leg->from_number : leg->to_number;
}

const char *outcome_other_number(enum report_direction direction, const char *from, const char *to)
{
    const char *number = direction == REPORT_OUTBOUND ? to : from;
    return direction == REPORT_INTERNAL || phone_is_extension(number) ? NULL : number;
}
