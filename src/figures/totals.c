/*
 * Sums over sessions. The legs of one session are sorted by member: each member's part of it is
 * then a run, and the order in which legs came plays no part.
 *
 * It owns the table of members. It never takes one leg of a session for the whole: a queue call has
 * a leg for each phone that rang, and only one of them answered.
 *
 * Hard about it are two questions that look like one: what became of the session, and what became
 * of it for each of those who were rung.
 */
#include "figures/totals.h"

#include "base/id.h"

#include <stdlib.h>
#include <string.h>

/* What some legs of one session say together: all of them, or those of one member. */
struct tally {
    bool has_inbound, has_outbound, has_unknown; /* a leg of that direction */
    bool has_member, has_name;
    enum outcome outcome; /* the best of the legs */
    bool is_talk_known;   /* of an answered leg */
    int64_t talk_seconds;
};

void day_totals_init(struct day_totals *totals)
{
    *totals = (struct day_totals){
        .members = g_hash_table_new_full(id_hash, g_str_equal, g_free, g_free),
    };
}

void day_totals_clear(struct day_totals *totals)
{
    g_clear_pointer(&totals->members, g_hash_table_unref);
}

struct totals *day_totals_member(struct day_totals *totals, const char *member_id)
{
    struct totals *member = g_hash_table_lookup(totals->members, member_id);
    if (member == NULL) {
        member = g_new0(struct totals, 1);
        g_hash_table_insert(totals->members, g_strdup(member_id), member);
    }
    return member;
}

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

static void add_session(struct totals *totals, const struct tally *tally, int sign)
{
    totals->total += sign;
    if (tally->has_inbound)
        totals->inbound += sign;
    else if (tally->has_outbound)
        totals->outbound += sign;
    if (tally->outcome == OUTCOME_ANSWERED)
        totals->answered += sign;
    else if (tally->outcome == OUTCOME_MISSED)
        totals->missed += sign;
}

static void add_member(struct day_totals *totals, const char *member_id, const struct tally *tally,
                       int sign)
{
    if (is_internal(tally))
        return;
    struct totals *member = day_totals_member(totals, member_id);
    add_session(member, tally, sign);
    if (tally->is_talk_known) {
        member->talk_known += sign;
        member->talk_seconds += sign * tally->talk_seconds;
    }
}

static int compare_members(const void *a, const void *b)
{
    return g_strcmp0(((const struct call_leg *)a)->member_id,
                     ((const struct call_leg *)b)->member_id);
}

void day_totals_count(struct day_totals *totals, struct call_leg *legs, size_t count, int sign)
{
    struct tally session = {.outcome = OUTCOME_NEITHER};
    struct tally own = {.outcome = OUTCOME_NEITHER};
    if (count > 1)
        qsort(legs, count, sizeof *legs, compare_members);
    for (size_t i = 0; i < count; i++) {
        enum outcome outcome = outcome_of_leg(&legs[i]);
        tally_leg(&session, &legs[i], outcome);
        tally_leg(&own, &legs[i], outcome);
        if (i + 1 < count && compare_members(&legs[i], &legs[i + 1]) == 0)
            continue;
        if (legs[i].member_id != NULL)
            add_member(totals, legs[i].member_id, &own, sign);
        own = (struct tally){.outcome = OUTCOME_NEITHER};
    }
    totals->legs += sign * (int64_t)count;
    if (count == 0)
        return;
    if (is_internal(&session))
        totals->internal += sign;
    else if (session.has_member || !session.has_name)
        add_session(&totals->agency, &session, sign);
    else
        totals->unmatched += sign;
}

static int compare_sessions(const void *a, const void *b)
{
    return strcmp(((const struct call_leg *)a)->session_id,
                  ((const struct call_leg *)b)->session_id);
}

void day_totals_count_all(struct day_totals *totals, struct call_leg *legs, size_t count)
{
    if (count > 1)
        qsort(legs, count, sizeof *legs, compare_sessions);
    for (size_t at = 0, end; at < count; at = end) {
        end = at + 1;
        while (end < count && compare_sessions(&legs[at], &legs[end]) == 0)
            end++;
        day_totals_count(totals, &legs[at], end - at, 1);
    }
}

static void add_totals(struct totals *to, const struct totals *from)
{
    to->total += from->total;
    to->inbound += from->inbound;
    to->outbound += from->outbound;
    to->answered += from->answered;
    to->missed += from->missed;
    to->talk_seconds += from->talk_seconds;
    to->talk_known += from->talk_known;
}

void day_totals_add(struct day_totals *totals, const struct day_totals *from)
{
    totals->legs += from->legs;
    totals->unmatched += from->unmatched;
    totals->internal += from->internal;
    add_totals(&totals->agency, &from->agency);
    GHashTableIter iter;
    gpointer id, member;
    g_hash_table_iter_init(&iter, from->members);
    while (g_hash_table_iter_next(&iter, &id, &member))
        add_totals(day_totals_member(totals, id), member);
}

static struct figures figures_of(const struct totals *totals)
{
    return (struct figures){
        .total = totals->total,
        .inbound = totals->inbound,
        .outbound = totals->outbound,
        .answered = totals->answered,
        .missed = totals->missed,
        .talk_seconds =
            totals->answered > 0 && totals->talk_known == 0 ? REPORT_UNKNOWN : totals->talk_seconds,
    };
}

static int compare_figures(const void *a, const void *b)
{
    return strcmp(((const struct member_figures *)a)->member_id,
                  ((const struct member_figures *)b)->member_id);
}

void day_totals_figures(const struct day_totals *totals, struct session_figures *figures)
{
    *figures = (struct session_figures){
        .agency = figures_of(&totals->agency),
        .unmatched = totals->unmatched,
        .internal = totals->internal,
        .members = g_array_new(FALSE, FALSE, sizeof(struct member_figures)),
    };
    figures->agency.talk_seconds = REPORT_UNKNOWN;
    GHashTableIter iter;
    gpointer id, member;
    g_hash_table_iter_init(&iter, totals->members);
    while (g_hash_table_iter_next(&iter, &id, &member)) {
        struct member_figures one = {.member_id = id, .figures = figures_of(member)};
        /* A member whose last session was taken away has none, like one who never had any. */
        if (one.figures.total > 0)
            g_array_append_val(figures->members, one);
    }
    g_array_sort(figures->members, compare_figures);
}

void session_figures_clear(struct session_figures *figures)
{
    g_clear_pointer(&figures->members, g_array_unref);
}
