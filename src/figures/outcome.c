/*
 * Sessions are found by sorting pointers to the legs by session and member: each session is then
 * one run, each member's part of it a run within, and the order in which legs came plays no part.
 *
 * It owns nothing but the array of members that it hands out, and never takes one leg of a session
 * for the whole: a queue call has a leg for each phone that rang, and only one of them answered.
 *
 * Hard about it are two questions that look like one: what became of the session, and what became
 * of it for each of those who were rung.
 */
#include "figures/outcome.h"

#include <stdlib.h>
#include <string.h>

enum { RESULT_SIZE = 16 }; /* longer than any word we know, with the NUL */

struct result_word {
    const char *word; /* folded */
    enum outcome outcome;
};

static const struct result_word result_words[] = {
    {"answered", OUTCOME_ANSWERED},    {"connected", OUTCOME_ANSWERED},
    {"accepted", OUTCOME_ANSWERED},    {"call connected", OUTCOME_ANSWERED},
    {"completed", OUTCOME_ANSWERED},   {"missed", OUTCOME_MISSED},
    {"vm/missed", OUTCOME_MISSED},     {"voicemail", OUTCOME_MISSED},
    {"no answer", OUTCOME_MISSED},     {"refused", OUTCOME_MISSED},
    {"rejected", OUTCOME_MISSED},      {"abandoned", OUTCOME_MISSED},
    {"vm/abandoned", OUTCOME_MISSED},  {"ivr/answered", OUTCOME_NEITHER},
    {"air/answered", OUTCOME_NEITHER}, {"not connected", OUTCOME_NEITHER},
    {"park off", OUTCOME_NEITHER},     {"busy", OUTCOME_NEITHER},
    {"hang up", OUTCOME_NEITHER},
};

/* The next character with its case folded, ' ' for any run of white space, 0 at the end, before
 * which white space does not count. */
static gunichar next_folded(const char **place)
{
    const char *p = *place;
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
    while (g_unichar_isspace(g_utf8_get_char(text)))
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
        if (strncmp(folded, result_words[i].word, RESULT_SIZE) == 0)
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

/* What some legs of one session say together: all of them, or those of one member. */
struct tally {
    bool has_inbound, has_outbound, has_unknown; /* a leg of that direction */
    bool has_member, has_name;
    enum outcome outcome; /* the best of the legs */
    bool is_talk_known;   /* of an answered leg */
    int64_t talk_seconds;
};

static void tally_leg(struct tally *tally, const struct call_leg *leg, enum outcome outcome)
{
    tally->has_inbound |= leg->direction == REPORT_INBOUND;
    tally->has_outbound |= leg->direction == REPORT_OUTBOUND;
    tally->has_unknown |= leg->direction == REPORT_DIRECTION_UNKNOWN;
    tally->has_member |= leg->member_id != NULL;
    tally->has_name |= leg->agent != NULL;
    tally->outcome = MAX(tally->outcome, outcome);
    if (outcome == OUTCOME_ANSWERED && leg->talk_seconds >= 0) {
        tally->is_talk_known = true;
        tally->talk_seconds += leg->talk_seconds;
    }
}

static bool is_internal(const struct tally *tally)
{
    return !tally->has_inbound && !tally->has_outbound && !tally->has_unknown;
}

/* Talk time apart: whether it is known is decided over all sessions. */
static void add_session(struct figures *figures, const struct tally *tally)
{
    figures->total++;
    if (tally->has_inbound)
        figures->inbound++;
    else if (tally->has_outbound)
        figures->outbound++;
    if (tally->outcome == OUTCOME_ANSWERED)
        figures->answered++;
    else if (tally->outcome == OUTCOME_MISSED)
        figures->missed++;
}

/* One member's part of one session. While counting, the talk time in `figures` is unknown until a
 * known one is met. */
static void add_member(GHashTable *members, const struct call_leg *leg, const struct tally *tally)
{
    if (is_internal(tally))
        return;
    struct member_figures *member = g_hash_table_lookup(members, leg->member_id);
    if (member == NULL) {
        member = g_new0(struct member_figures, 1);
        member->member_id = leg->member_id;
        member->figures.talk_seconds = REPORT_UNKNOWN;
        /* The table only looks at the key. */
        g_hash_table_insert(members, (gpointer)(guintptr)leg->member_id, member);
    }
    add_session(&member->figures, tally);
    if (tally->is_talk_known)
        member->figures.talk_seconds = MAX(member->figures.talk_seconds, 0) + tally->talk_seconds;
}

static int compare_legs(const void *a, const void *b)
{
    const struct call_leg *left = *(const struct call_leg *const *)a;
    const struct call_leg *right = *(const struct call_leg *const *)b;
    int order = strcmp(left->session_id, right->session_id);
    return order != 0 ? order : g_strcmp0(left->member_id, right->member_id);
}

static int compare_members(const void *a, const void *b)
{
    const struct member_figures *left = a;
    const struct member_figures *right = b;
    return strcmp(left->member_id, right->member_id);
}

/* Counts the session that begins at legs[0]; gives the number of its legs. */
static size_t count_session(const struct call_leg *const *legs, size_t count, GHashTable *members,
                            struct session_figures *result)
{
    struct tally session = {.outcome = OUTCOME_NEITHER};
    struct tally own = {.outcome = OUTCOME_NEITHER};
    size_t i = 0;
    while (i < count && strcmp(legs[i]->session_id, legs[0]->session_id) == 0) {
        const struct call_leg *leg = legs[i];
        enum outcome outcome = outcome_of_leg(leg);
        tally_leg(&session, leg, outcome);
        tally_leg(&own, leg, outcome);
        i++;
        bool is_last = i == count || compare_legs(&leg, &legs[i]) != 0;
        if (is_last && leg->member_id != NULL)
            add_member(members, leg, &own);
        if (is_last)
            own = (struct tally){.outcome = OUTCOME_NEITHER};
    }
    if (is_internal(&session))
        result->internal++;
    else if (session.has_member || !session.has_name)
        add_session(&result->agency, &session);
    else
        result->unmatched++;
    return i;
}

void outcome_count(const struct call_leg *legs, size_t count, struct session_figures *result)
{
    g_autofree const struct call_leg **sorted = g_new(const struct call_leg *, count);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &legs[i];
    if (count > 1)
        qsort(sorted, count, sizeof(const struct call_leg *), compare_legs);

    *result = (struct session_figures){.agency.talk_seconds = REPORT_UNKNOWN};
    g_autoptr(GHashTable) members = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    for (size_t i = 0; i < count;)
        i += count_session(sorted + i, count - i, members, result);

    result->members = g_array_new(FALSE, FALSE, sizeof(struct member_figures));
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, members);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        struct member_figures member = *(struct member_figures *)value;
        if (member.figures.answered == 0)
            member.figures.talk_seconds = 0;
        g_array_append_val(result->members, member);
    }
    g_array_sort(result->members, compare_members);
}

void session_figures_clear(struct session_figures *figures)
{
    g_clear_pointer(&figures->members, g_array_unref);
}
