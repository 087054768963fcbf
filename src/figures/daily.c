/*
 * The one rule that combines what the sources say of a day.
 *
 * It owns nothing but the array that it hands out. It never adds up two sources of one provider,
 * never turns an unknown figure into 0, and never overwrites what a Users report said with what
 * could be counted from calls.
 *
 * Hard about it: a source may lack a column, cover half a day, or have a range that nobody knows,
 * and each figure asks for itself which source may speak for it.
 */
#include "figures/daily.h"

#include "base/id.h"

#include <string.h>

/* What one source says of one member. */
struct source {
    unsigned basis;
    struct figures figures; /* each may be unknown */
    int64_t covered_seconds;
    int64_t covered_until;
};

static const struct figures unknown_figures = {REPORT_UNKNOWN, REPORT_UNKNOWN, REPORT_UNKNOWN,
                                               REPORT_UNKNOWN, REPORT_UNKNOWN, REPORT_UNKNOWN};

const char *daily_basis_name(unsigned basis)
{
    static const char *const names[] = {
        NULL,       "users",          "calls",          "users+calls",
        "ricochet", "users+ricochet", "calls+ricochet", "users+calls+ricochet",
    };
    g_assert(basis < G_N_ELEMENTS(names));
    return names[basis];
}

/* The sum, unknown if one part is. */
static int64_t add_strict(int64_t a, int64_t b)
{
    return a < 0 || b < 0 ? REPORT_UNKNOWN : a + b;
}

/* The sum of what is known. */
static int64_t add_known(int64_t a, int64_t b)
{
    if (a < 0)
        return b;
    return b < 0 ? a : a + b;
}

/* Rows by member, then file. */
static int compare_users(const void *a, const void *b)
{
    const struct daily_user *left = a;
    const struct daily_user *right = b;
    int order = strcmp(left->member_id, right->member_id);
    return order != 0 ? order : strcmp(left->file_id, right->file_id);
}

static void add_row(struct daily_user *sum, const struct daily_user *row)
{
    sum->total = add_strict(sum->total, row->total);
    sum->inbound = add_strict(sum->inbound, row->inbound);
    sum->outbound = add_strict(sum->outbound, row->outbound);
    sum->answered_inbound = add_strict(sum->answered_inbound, row->answered_inbound);
    sum->answered_outbound = add_strict(sum->answered_outbound, row->answered_outbound);
    sum->missed = add_strict(sum->missed, row->missed);
    sum->handle_time = add_strict(sum->handle_time, row->handle_time);
}

static bool is_better(const struct daily_user *a, const struct daily_user *b)
{
    if (a->covered_seconds != b->covered_seconds)
        return a->covered_seconds > b->covered_seconds;
    return a->order > b->order;
}

/* For each member the sum of that member's rows in the file that counts: a table of struct
 * daily_user by member id. */
static GHashTable *sum_users(const struct daily_user *users, size_t count)
{
    GHashTable *best = g_hash_table_new_full(id_hash, g_str_equal, NULL, g_free);
    if (count == 0)
        return best;
    g_autofree struct daily_user *rows = g_new(struct daily_user, count);
    memcpy(rows, users, count * sizeof *rows);
    qsort(rows, count, sizeof *rows, compare_users);
    for (size_t i = 0; i < count;) {
        struct daily_user sum = rows[i++];
        while (i < count && compare_users(&sum, &rows[i]) == 0)
            add_row(&sum, &rows[i++]);
        const struct daily_user *known = g_hash_table_lookup(best, sum.member_id);
        if (known == NULL || is_better(&sum, known)) {
            struct daily_user *kept = g_new(struct daily_user, 1);
            *kept = sum;
            g_hash_table_replace(best, (gpointer)(guintptr)sum.member_id, kept);
        }
    }
    return best;
}

static struct source source_of_users(const struct daily_user *user)
{
    struct source source = {.basis = DAILY_USERS, .figures = unknown_figures};
    if (user == NULL)
        return source;
    source.figures = (struct figures){
        .total = user->total,
        .inbound = user->inbound,
        .outbound = user->outbound,
        .answered = add_strict(user->answered_inbound, user->answered_outbound),
        .missed = user->missed,
        .talk_seconds = user->handle_time,
    };
    source.covered_seconds = user->covered_seconds;
    source.covered_until = user->covered_until;
    return source;
}

/* A report with an unknown range says nothing of those who have no call in it. */
static bool has_calls(const struct daily_input *input)
{
    return input->has_calls &&
           (input->calls_covered > 0 || (input->sessions != NULL && input->sessions->legs > 0));
}

static struct source source_of_calls(const struct daily_input *input,
                                     const struct member_figures *member)
{
    struct source source = {.basis = DAILY_CALLS, .figures = unknown_figures};
    if (!has_calls(input) || (member == NULL && input->calls_covered <= 0))
        return source;
    source.figures = member != NULL ? member->figures : (struct figures){0};
    source.covered_seconds = input->calls_covered;
    source.covered_until = input->calls_covered_until;
    return source;
}

/* The figure from the first source that knows it; `basis` gets that source's bit. */
static int64_t choose(int64_t first, unsigned first_basis, int64_t second, unsigned second_basis,
                      unsigned *basis)
{
    if (first >= 0) {
        *basis |= first_basis;
        return first;
    }
    if (second >= 0) {
        *basis |= second_basis;
        return second;
    }
    return REPORT_UNKNOWN;
}

/* Whether the source tells any of the figures that go by coverage. Calls that cover anything do. */
static bool has_say(const struct source *source)
{
    const struct figures *figures = &source->figures;
    return figures->total >= 0 || figures->inbound >= 0 || figures->outbound >= 0 ||
           figures->talk_seconds >= 0;
}

/* One member's figures. `talk_basis` gets the source of the talk time. */
static struct daily_member combine(const char *member_id, const struct source *users,
                                   const struct source *calls, unsigned *talk_basis)
{
    bool users_first = has_say(users) && users->covered_seconds >= calls->covered_seconds;
    const struct source *a = users_first ? users : calls;
    const struct source *b = users_first ? calls : users;
    struct daily_member member = {.member_id = member_id, .covered_until = REPORT_UNKNOWN};
    struct figures *to = &member.figures;
    bool b_may = b->covered_seconds >= a->covered_seconds;
    const struct figures *x = &a->figures;
    const struct figures *y = b_may ? &b->figures : &unknown_figures;

    to->total = choose(x->total, a->basis, y->total, b->basis, &member.basis);
    to->inbound = choose(x->inbound, a->basis, y->inbound, b->basis, &member.basis);
    to->outbound = choose(x->outbound, a->basis, y->outbound, b->basis, &member.basis);
    to->answered = choose(users->figures.answered, users->basis, calls->figures.answered,
                          calls->basis, &member.basis);
    to->missed = choose(users->figures.missed, users->basis, calls->figures.missed, calls->basis,
                        &member.basis);
    *talk_basis = 0;
    to->talk_seconds = choose(x->talk_seconds, a->basis, y->talk_seconds, b->basis, talk_basis);
    member.basis |= *talk_basis;
    if (to->total >= 0)
        member.covered_until = x->total >= 0 ? a->covered_until : b->covered_until;
    return member;
}

static void add_member(struct figures *sum, const struct figures *figures)
{
    sum->total = add_known(sum->total, figures->total);
    sum->inbound = add_known(sum->inbound, figures->inbound);
    sum->outbound = add_known(sum->outbound, figures->outbound);
    sum->answered = add_known(sum->answered, figures->answered);
    sum->missed = add_known(sum->missed, figures->missed);
    sum->talk_seconds = add_known(sum->talk_seconds, figures->talk_seconds);
}

/* Id -> struct member_figures, all borrowed. */
static GHashTable *index_sessions(const struct session_figures *sessions)
{
    GHashTable *calls = g_hash_table_new(id_hash, g_str_equal);
    for (guint i = 0; i < sessions->members->len; i++) {
        struct member_figures *member = &g_array_index(sessions->members, struct member_figures, i);
        g_hash_table_insert(calls, (gpointer)(guintptr)member->member_id, member);
    }
    return calls;
}

/* The figures of all members, in the order of the input, and what they add up to. Gives the
 * sources of their talk times. */
static unsigned compute_members(const struct daily_input *input,
                                const struct session_figures *sessions, struct daily_result *result)
{
    g_autoptr(GHashTable) users = sum_users(input->users, input->user_count);
    g_autoptr(GHashTable) calls = index_sessions(sessions);
    unsigned talk_basis = 0;
    for (size_t i = 0; i < input->member_count; i++) {
        const char *id = input->members[i];
        struct source by_users = source_of_users(g_hash_table_lookup(users, id));
        struct source by_calls = source_of_calls(input, g_hash_table_lookup(calls, id));
        unsigned own_talk_basis;
        struct daily_member member = combine(id, &by_users, &by_calls, &own_talk_basis);
        g_array_append_val(result->members, member);
        add_member(&result->agency, &member.figures);
        talk_basis |= own_talk_basis;
        result->basis |= member.basis;
        int64_t until = member.covered_until;
        if (until >= 0 && (result->covered_until < 0 || until < result->covered_until))
            result->covered_until = until;
    }
    return talk_basis;
}

/* To be cleared. */
static void figure_sessions(const struct daily_input *input, struct session_figures *sessions)
{
    struct day_totals none;
    day_totals_init(&none);
    day_totals_figures(has_calls(input) && input->sessions != NULL ? input->sessions : &none,
                       sessions);
    day_totals_clear(&none);
}

GArray *daily_pairs(const struct daily_input *input)
{
    struct session_figures sessions;
    figure_sessions(input, &sessions);
    g_autoptr(GHashTable) users = sum_users(input->users, input->user_count);
    g_autoptr(GHashTable) calls = index_sessions(&sessions);
    GArray *pairs = g_array_new(FALSE, FALSE, sizeof(struct daily_pair));
    for (size_t i = 0; i < input->member_count; i++) {
        const char *id = input->members[i];
        struct source by_users = source_of_users(g_hash_table_lookup(users, id));
        struct source by_calls = source_of_calls(input, g_hash_table_lookup(calls, id));
        struct daily_pair pair = {
            .member_id = id,
            .users = by_users.figures,
            .calls = by_calls.figures,
            .users_covered = MAX(by_users.covered_seconds, 0),
            .calls_covered = MAX(by_calls.covered_seconds, 0),
        };
        g_array_append_val(pairs, pair);
    }
    session_figures_clear(&sessions);
    return pairs;
}

/* A figure with what the events add to it; `has_base`: something is known beside them. */
static int64_t add_beside(bool has_base, int64_t base, int64_t events)
{
    return has_base ? add_strict(base, events) : events;
}

static void add_figures_beside(bool has_base, struct figures *base, const struct figures *events)
{
    base->total = add_beside(has_base, base->total, events->total);
    base->inbound = add_beside(has_base, base->inbound, events->inbound);
    base->outbound = add_beside(has_base, base->outbound, events->outbound);
    base->answered = add_beside(has_base, base->answered, events->answered);
    base->missed = add_beside(has_base, base->missed, events->missed);
    base->talk_seconds = add_beside(has_base, base->talk_seconds, events->talk_seconds);
}

/* Ricochet's calls: those of members to the members, all to the agency. */
static void add_events(const struct daily_input *input, struct daily_result *result)
{
    struct session_figures events;
    if (input->events == NULL || input->events->legs == 0)
        return;
    day_totals_figures(input->events, &events);
    g_autoptr(GHashTable) calls = index_sessions(&events);
    int64_t talk_seconds = events.members->len == 0 ? 0 : REPORT_UNKNOWN;
    for (guint i = 0; i < result->members->len; i++) {
        struct daily_member *member = &g_array_index(result->members, struct daily_member, i);
        const struct member_figures *own = g_hash_table_lookup(calls, member->member_id);
        if (own == NULL)
            continue;
        add_figures_beside(member->basis != 0, &member->figures, &own->figures);
        talk_seconds = add_known(talk_seconds, own->figures.talk_seconds);
        member->basis |= DAILY_RICOCHET;
    }
    events.agency.talk_seconds = talk_seconds;
    add_figures_beside(result->basis != 0, &result->agency, &events.agency);
    result->unmatched = add_known(result->unmatched, events.unmatched);
    result->basis |= DAILY_RICOCHET;
    session_figures_clear(&events);
}

void daily_compute(const struct daily_input *input, struct daily_result *result)
{
    struct session_figures sessions;
    figure_sessions(input, &sessions);
    *result = (struct daily_result){
        .agency = unknown_figures,
        .unmatched = REPORT_UNKNOWN,
        .internal = REPORT_UNKNOWN,
        .covered_until = REPORT_UNKNOWN,
        .members = g_array_new(FALSE, FALSE, sizeof(struct daily_member)),
    };
    unsigned talk_basis = compute_members(input, &sessions, result);
    if (has_calls(input)) {
        int64_t talk_seconds = result->agency.talk_seconds;
        result->agency = sessions.agency;
        result->agency.talk_seconds = talk_seconds;
        result->unmatched = sessions.unmatched;
        result->internal = sessions.internal;
        result->covered_until = input->calls_covered_until;
        result->basis = DAILY_CALLS | talk_basis;
    }
    session_figures_clear(&sessions);
    add_events(input, result);
}

void daily_result_clear(struct daily_result *result)
{
    g_clear_pointer(&result->members, g_array_unref);
}
