/* See verify.h. */
#include "ingest/verify.h"

#include "db/store_link.h"
#include "db/store_member.h"
#include "db/store_metrics.h"
#include "figures/day.h"
#include "ingest/agency_day.h"

#include <string.h>

static const struct {
    size_t place;
    const char *of_member, *of_agency; /* columns of call_metrics_daily, agency_metrics_daily */
} FIGURES[] = {
    {offsetof(struct figures, total), "total_calls", "calls"},
    {offsetof(struct figures, inbound), "inbound_calls", "inbound"},
    {offsetof(struct figures, outbound), "outbound_calls", "outbound"},
    {offsetof(struct figures, answered), "answered_calls", "answered"},
    {offsetof(struct figures, missed), "missed_calls", "missed"},
    {offsetof(struct figures, talk_seconds), "total_talk_seconds", "talk_seconds"},
};

static void clear_difference(void *data)
{
    struct verify_difference *difference = data;
    g_free(difference->member_id);
    g_free(difference->name);
    g_free(difference->stored);
    g_free(difference->computed);
}

GArray *verify_differences_new(void)
{
    GArray *differences = g_array_new(FALSE, FALSE, sizeof(struct verify_difference));
    g_array_set_clear_func(differences, clear_difference);
    return differences;
}

/* Whose figures are compared. */
struct whose {
    GArray *differences;
    int32_t date;
    const char *member_id, *name; /* NULL: the agency's */
};

static void compare_text(const struct whose *whose, const char *figure, const char *stored,
                         const char *computed)
{
    if (g_strcmp0(stored, computed) == 0)
        return;
    struct verify_difference difference = {
        .date = whose->date,
        .member_id = g_strdup(whose->member_id),
        .name = g_strdup(whose->name),
        .figure = figure,
        .stored = g_strdup(stored),
        .computed = g_strdup(computed),
    };
    g_array_append_val(whose->differences, difference);
}

static void compare_count(const struct whose *whose, const char *figure, int64_t stored,
                          int64_t computed)
{
    char a[24], b[24];
    g_snprintf(a, sizeof a, "%" G_GINT64_FORMAT, stored);
    g_snprintf(b, sizeof b, "%" G_GINT64_FORMAT, computed);
    compare_text(whose, figure, stored >= 0 ? a : NULL, computed >= 0 ? b : NULL);
}

static void compare_time(const struct whose *whose, int64_t stored, int64_t computed)
{
    char a[DAY_TIME_SIZE], b[DAY_TIME_SIZE];
    day_time_text(MAX(stored, 0), a);
    day_time_text(MAX(computed, 0), b);
    compare_text(whose, "covered_until", stored >= 0 ? a : NULL, computed >= 0 ? b : NULL);
}

static void compare_figures(const struct whose *whose, const struct figures *stored,
                            const struct figures *computed)
{
    for (size_t i = 0; i < G_N_ELEMENTS(FIGURES); i++) {
        int64_t a, b;
        memcpy(&a, (const char *)stored + FIGURES[i].place, sizeof a);
        memcpy(&b, (const char *)computed + FIGURES[i].place, sizeof b);
        compare_count(whose, whose->member_id != NULL ? FIGURES[i].of_member : FIGURES[i].of_agency,
                      a, b);
    }
}

static const struct store_member_metrics *find_stored(const struct store_agency_metrics *stored,
                                                      const char *member_id)
{
    for (guint i = 0; i < stored->members->len; i++) {
        const struct store_member_metrics *member =
            &g_array_index(stored->members, struct store_member_metrics, i);
        if (strcmp(member->team_member_id, member_id) == 0)
            return member;
    }
    return NULL;
}

static const struct daily_member *find_computed(const struct daily_result *computed,
                                                const char *member_id)
{
    for (guint i = 0; i < computed->members->len; i++) {
        const struct daily_member *member =
            &g_array_index(computed->members, struct daily_member, i);
        if (strcmp(member->member_id, member_id) == 0 && member->basis != 0)
            return member;
    }
    return NULL;
}

static void compare_members(struct verify *verify, int32_t date, const GArray *members,
                            const struct store_agency_metrics *stored,
                            const struct daily_result *computed)
{
    static const struct figures unknown = {-1, -1, -1, -1, -1, -1};
    for (guint i = 0; i < members->len; i++) {
        const struct store_member *member = &g_array_index(members, struct store_member, i);
        const struct store_member_metrics *a = find_stored(stored, member->id);
        const struct daily_member *b = find_computed(computed, member->id);
        struct whose whose = {verify->differences, date, member->id, member->name};
        compare_figures(&whose, a != NULL ? &a->figures : &unknown,
                        b != NULL ? &b->figures : &unknown);
        compare_text(&whose, "basis", a != NULL ? a->basis : NULL,
                     b != NULL ? daily_basis_name(b->basis) : NULL);
        compare_time(&whose, a != NULL ? a->covered_until : -1, b != NULL ? b->covered_until : -1);
    }
}

static void compare_day(struct verify *verify, int32_t date, const GArray *members,
                        const struct store_agency_metrics *stored,
                        const struct daily_result *computed)
{
    struct whose agency = {.differences = verify->differences, .date = date};
    compare_figures(&agency, &stored->figures, &computed->agency);
    compare_count(&agency, "unmatched", stored->unmatched, computed->unmatched);
    compare_count(&agency, "internal", stored->internal, computed->internal);
    compare_text(&agency, "basis", stored->basis, daily_basis_name(computed->basis));
    compare_time(&agency, stored->covered_until, computed->covered_until);
    compare_members(verify, date, members, stored, computed);
}

/* A day of which nothing is known. */
static const struct store_agency_metrics nothing = {
    .figures = {-1, -1, -1, -1, -1, -1},
    .unmatched = -1,
    .internal = -1,
    .covered_until = -1,
};

/* The members of one state in the other. Those of `to` that are in `from` too are left out if
 * `only_new`. */
static void compare_states(GArray *differences, const struct store_agency_metrics *from,
                           const struct store_agency_metrics *to, bool only_new)
{
    static const struct store_member_metrics unknown = {
        .figures = {-1, -1, -1, -1, -1, -1},
        .covered_until = -1,
    };
    for (guint i = 0; from->members != NULL && i < from->members->len; i++) {
        const struct store_member_metrics *a =
            &g_array_index(from->members, struct store_member_metrics, i);
        const struct store_member_metrics *b =
            to->members != NULL ? find_stored(to, a->team_member_id) : NULL;
        if (only_new && b != NULL)
            continue;
        const struct store_member_metrics *stored = only_new ? &unknown : a;
        const struct store_member_metrics *computed = only_new ? a : b != NULL ? b : &unknown;
        struct whose whose = {differences, from->date, a->team_member_id, a->name};
        compare_figures(&whose, &stored->figures, &computed->figures);
        compare_text(&whose, "basis", stored->basis, computed->basis);
        compare_time(&whose, stored->covered_until, computed->covered_until);
    }
}

void verify_compare(GArray *differences, const struct store_agency_metrics *stored,
                    const struct store_agency_metrics *computed)
{
    const struct store_agency_metrics *a = stored != NULL ? stored : &nothing;
    const struct store_agency_metrics *b = computed != NULL ? computed : &nothing;
    struct whose agency = {.differences = differences,
                           .date = stored != NULL ? stored->date : computed->date};
    compare_figures(&agency, &a->figures, &b->figures);
    compare_count(&agency, "unmatched", a->unmatched, b->unmatched);
    compare_count(&agency, "internal", a->internal, b->internal);
    compare_text(&agency, "basis", a->basis, b->basis);
    compare_time(&agency, a->covered_until, b->covered_until);
    compare_states(differences, a, b, false);
    compare_states(differences, b, a, true);
}

static bool verify_day(struct verify *verify, struct db *db, const char *agency_id, int32_t date,
                       const GArray *members, GError **error)
{
    struct store_agency_metrics stored;
    struct daily_result computed;
    if (!agency_day_recount(db, agency_id, date, members, &computed, error))
        return false;
    bool is_read = store_metrics_of_day(db, agency_id, date, &stored, error);
    if (is_read) {
        compare_day(verify, date, members, &stored, &computed);
        store_agency_metrics_clear(&stored);
    }
    daily_result_clear(&computed);
    verify->days++;
    return is_read;
}

static bool verify_all(struct verify *verify, struct db *db, const char *agency_id, int64_t now,
                       GError **error)
{
    g_autoptr(GArray) dates = store_dates(db, agency_id, error);
    g_autoptr(GArray) members = dates != NULL ? store_member_list(db, agency_id, error) : NULL;
    if (members == NULL || !relink_count(db, agency_id, now, &verify->relink, error))
        return false;
    for (guint i = 0; i < dates->len; i++)
        if (!verify_day(verify, db, agency_id, g_array_index(dates, int32_t, i), members, error))
            return false;
    return true;
}

bool verify_agency(struct db *db, const char *agency_id, int64_t now, struct verify *verify,
                   GError **error)
{
    *verify = (struct verify){.differences = verify_differences_new()};
    bool own = !db_is_in_transaction(db);
    bool is_done =
        (!own || db_begin_snapshot(db, error)) && verify_all(verify, db, agency_id, now, error);
    if (own)
        db_rollback(db);
    return is_done;
}

void verify_clear(struct verify *verify)
{
    g_clear_pointer(&verify->differences, g_array_unref);
}

bool verify_is_clean(const struct verify *verify)
{
    return verify->differences->len == 0 && verify->relink.legs == 0 && verify->relink.users == 0;
}
