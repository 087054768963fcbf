/*
 * The figures of a day are computed from its sums, its Users rows and what is covered of it. The
 * sums are kept by adding each session that comes and taking away what it was before, which gives
 * what counting all calls of the day would give; a day whose sums were never stored is counted.
 */
#include "ingest/agency_day.h"

#include "base/id.h"
#include "base/texts.h"
#include "db/store_calls.h"
#include "db/store_member.h"
#include "db/store_message.h"
#include "db/store_metrics.h"
#include "db/store_totals.h"

#include <string.h>

struct agency_day *agency_day_new(struct db *db, const char *agency_id, int32_t date,
                                  enum report_series series, GError **error)
{
    struct agency_day *day = g_new0(struct agency_day, 1);
    const char *provider = store_provider(series);
    day->date = date;
    day->series = series;
    day_totals_init(&day->totals);
    bool found, any = false;
    if (!store_totals_find(db, agency_id, date, provider, &day->totals, &found, error) ||
        (!found && !store_leg_any(db, agency_id, date, provider, &any, error))) {
        agency_day_free(day);
        return NULL;
    }
    day->must_count = any;
    return day;
}

void agency_day_free(struct agency_day *day)
{
    if (day == NULL)
        return;
    day_totals_clear(&day->totals);
    if (day->has_result)
        daily_result_clear(&day->result);
    g_free(day);
}

void agency_day_add(struct agency_day *day, const struct day_totals *fresh)
{
    day_totals_add(&day->totals, fresh);
    day->is_touched = true;
}

/* --- all calls of a day, counted --- */

struct count {
    const char *provider;
    struct texts *texts;
    GArray *legs; /* of struct call_leg */
};

static bool add_leg(void *context, const struct store_leg *stored)
{
    struct count *count = context;
    if (strcmp(stored->provider, count->provider) != 0)
        return true;
    struct call_leg leg = {
        .session_id = texts_keep(count->texts, stored->external_call_id),
        .member_id = texts_keep(count->texts, stored->matched_team_member_id),
        .agent = texts_keep(count->texts, stored->agent),
        .result = texts_keep(count->texts, stored->result),
        .talk_seconds = stored->talk_seconds,
        .direction = report_direction_parse(stored->direction),
    };
    g_array_append_val(count->legs, leg);
    return true;
}

/* Into totals that are empty. */
static bool count_series(struct day_totals *totals, struct db *db, const char *agency_id,
                         int32_t date, enum report_series series, GError **error)
{
    AUTO(texts) texts = texts_new();
    g_autoptr(GArray) legs = g_array_new(FALSE, FALSE, sizeof(struct call_leg));
    struct count count = {.provider = store_provider(series), .texts = texts, .legs = legs};
    if (!store_leg_each(db, agency_id, date, add_leg, &count, error))
        return false;
    day_totals_count_all(totals, (struct call_leg *)(void *)legs->data, legs->len);
    return true;
}

static bool count_all(struct agency_day *day, struct db *db, const char *agency_id, GError **error)
{
    day_totals_clear(&day->totals);
    day_totals_init(&day->totals);
    if (!count_series(&day->totals, db, agency_id, day->date, day->series, error))
        return false;
    day->must_count = false;
    return true;
}

bool agency_day_count(struct agency_day *day, struct db *db, const char *agency_id, GError **error)
{
    return !day->must_count || count_all(day, db, agency_id, error);
}

bool agency_day_store(struct agency_day *day, struct db *db, const char *agency_id, GError **error)
{
    return agency_day_count(day, db, agency_id, error) &&
           store_totals_put(db, agency_id, day->date, store_provider(day->series), &day->totals,
                            error);
}

/* --- the rows of Users reports --- */

struct users {
    struct texts *texts;
    GArray *rows;       /* of struct daily_user */
    GHashTable *active; /* ids of their members; borrowed from texts */
};

/* Rows come in the order of arrival, those of one file together: a file has the place of its first
 * row. The time would not do: two files may be received in the same second. */
static int64_t order_of(const GArray *rows, const char *file_id)
{
    if (rows->len == 0)
        return 0;
    const struct daily_user *last = &g_array_index(rows, struct daily_user, rows->len - 1);
    return strcmp(last->file_id, file_id) == 0 ? last->order : rows->len;
}

static bool add_user(void *context, const struct store_user *stored)
{
    struct users *users = context;
    const struct report_user *user = &stored->user;
    struct daily_user one = {
        .member_id = texts_keep(users->texts, stored->matched_team_member_id),
        .file_id = texts_keep(users->texts, stored->file_id),
        .covered_seconds = stored->covered_seconds,
        .covered_until = stored->covered_until,
        .order = order_of(users->rows, stored->file_id),
        .total = user->total_calls,
        .inbound = user->inbound_calls,
        .outbound = user->outbound_calls,
        .answered_inbound = user->answered_inbound,
        .answered_outbound = user->answered_outbound,
        .missed = user->missed,
        .handle_time = user->handle_time,
    };
    g_hash_table_add(users->active, (gpointer)(uintptr_t)one.member_id);
    g_array_append_val(users->rows, one);
    return true;
}

static bool has_calls(const struct day_totals *totals, const char *member_id)
{
    const struct totals *own = g_hash_table_lookup(totals->members, member_id);
    return own != NULL && own->total > 0;
}

/* Those who are active, and others with something on this day; borrowed from `members`. */
static GPtrArray *members_of_day(const struct agency_day *day, const GArray *members,
                                 const struct users *users, const struct day_totals *events)
{
    GPtrArray *ids = g_ptr_array_new();
    for (guint i = 0; i < members->len; i++) {
        const struct store_member *member = &g_array_index(members, struct store_member, i);
        if (strcmp(member->status, "active") == 0 || has_calls(&day->totals, member->id) ||
            has_calls(events, member->id) || g_hash_table_contains(users->active, member->id))
            g_ptr_array_add(ids, member->id);
    }
    return ids;
}

/* Which series of calls counts: the one that covers more of the day; at equal coverage the one that
 * tells more, which is their order. *others: whether another one touches the day, too. */
static enum report_series choose(const struct store_cover covers[REPORT_SERIES_REPORTED],
                                 bool *others)
{
    int best = 0, touching = 0;
    for (int i = 0; i < REPORT_SERIES_REPORTED; i++) {
        touching += covers[i].seconds >= 0;
        if (covers[i].seconds > covers[best].seconds)
            best = i;
    }
    *others = touching > 1;
    return (enum report_series)best;
}

/* What is stored about a day, beside its sums. */
struct stored {
    struct texts *texts;
    struct users users;
    struct store_cover covers[REPORT_SERIES_REPORTED];
    struct day_totals events; /* the dialer's */
    bool has_events;          /* or had: there are sums of them */
};

static void stored_clear(struct stored *stored)
{
    day_totals_clear(&stored->events);
    g_array_unref(stored->users.rows);
    g_hash_table_unref(stored->users.active);
    texts_free(stored->texts);
}

/* To be cleared in any case. */
static bool stored_read(struct stored *stored, struct db *db, const char *agency_id, int32_t date,
                        GError **error)
{
    stored->texts = texts_new();
    stored->users = (struct users){
        .texts = stored->texts,
        .rows = g_array_new(FALSE, FALSE, sizeof(struct daily_user)),
        .active = g_hash_table_new(id_hash, g_str_equal),
    };
    day_totals_init(&stored->events);
    return store_user_each(db, agency_id, date, add_user, &stored->users, error) &&
           store_cover_calls(db, agency_id, date, stored->covers, error) &&
           store_totals_find(db, agency_id, date, store_provider(REPORT_SERIES_RICOCHET),
                             &stored->events, &stored->has_events, error);
}

/* What is computed from; `ids` are the members of the day. */
static struct daily_input input_of(const struct agency_day *day, const GPtrArray *ids,
                                   const struct stored *stored)
{
    const struct store_cover *cover = &stored->covers[day->series];
    return (struct daily_input){
        .members = (const char *const *)ids->pdata,
        .member_count = ids->len,
        .has_calls = cover->seconds >= 0,
        .calls_covered = MAX(cover->seconds, 0),
        .calls_covered_until = cover->until,
        .sessions = &day->totals,
        .users = (const struct daily_user *)(void *)stored->users.rows->data,
        .user_count = stored->users.rows->len,
        .events = &stored->events,
    };
}

static void compute(const struct agency_day *day, const GArray *members,
                    const struct stored *stored, struct daily_result *result)
{
    g_autoptr(GPtrArray) ids = members_of_day(day, members, &stored->users, &stored->events);
    struct daily_input input = input_of(day, ids, stored);
    daily_compute(&input, result);
}

static bool compute_and_put(struct agency_day *day, struct db *db, const char *agency_id,
                            const GArray *members, const struct stored *stored,
                            const struct daily_result *before, GError **error)
{
    struct daily_result result;
    compute(day, members, stored, &result);
    bool is_stored = store_metrics_put(db, agency_id, day->date, &result, before, error);
    if (day->has_result)
        daily_result_clear(&day->result);
    day->result = result;
    day->has_result = true;
    return is_stored;
}

/* The figures by the sums of another series. */
static bool compute_by(enum report_series series, int32_t date, struct db *db,
                       const char *agency_id, const GArray *members, const struct stored *stored,
                       GError **error)
{
    struct agency_day *other = agency_day_new(db, agency_id, date, series, error);
    bool is_done = other != NULL && agency_day_count(other, db, agency_id, error) &&
                   compute_and_put(other, db, agency_id, members, stored, NULL, error);
    agency_day_free(other);
    return is_done;
}

static void forget_result(struct agency_day *day)
{
    if (day->has_result)
        daily_result_clear(&day->result);
    day->has_result = false;
}

bool agency_day_finish(struct agency_day *day, struct db *db, const char *agency_id,
                       const GArray *members, GError **error)
{
    struct stored stored;
    bool is_done = stored_read(&stored, db, agency_id, day->date, error);
    if (is_done) {
        bool others;
        enum report_series series = choose(stored.covers, &others);
        bool is_ours = series == day->series;
        others = others || stored.has_events;
        /* Another series may have stored figures since. */
        if (others || !is_ours)
            forget_result(day);
        is_done = is_ours ? compute_and_put(day, db, agency_id, members, &stored,
                                            day->has_result ? &day->result : NULL, error)
                          : compute_by(series, day->date, db, agency_id, members, &stored, error);
        if (others || !is_ours)
            forget_result(day);
    }
    stored_clear(&stored);
    if (is_done)
        day->is_touched = false;
    return is_done;
}

bool agency_day_recount(struct db *db, const char *agency_id, int32_t date, const GArray *members,
                        struct daily_result *result, GError **error)
{
    struct stored stored;
    bool is_done = stored_read(&stored, db, agency_id, date, error);
    if (is_done) {
        bool others;
        struct agency_day day = {.date = date, .series = choose(stored.covers, &others)};
        day_totals_init(&day.totals);
        day_totals_clear(&stored.events);
        day_totals_init(&stored.events);
        is_done = count_all(&day, db, agency_id, error) &&
                  count_series(&stored.events, db, agency_id, date, REPORT_SERIES_RICOCHET, error);
        if (is_done)
            compute(&day, members, &stored, result);
        day_totals_clear(&day.totals);
    }
    stored_clear(&stored);
    return is_done;
}

GArray *agency_day_pairs(const struct agency_day *day, struct db *db, const char *agency_id,
                         const GArray *members, GError **error)
{
    struct stored stored;
    GArray *pairs = NULL;
    if (stored_read(&stored, db, agency_id, day->date, error)) {
        g_autoptr(GPtrArray) ids = members_of_day(day, members, &stored.users, &stored.events);
        struct daily_input input = input_of(day, ids, &stored);
        pairs = daily_pairs(&input);
    }
    stored_clear(&stored);
    return pairs;
}

bool agency_day_choose(struct db *db, const char *agency_id, int32_t date,
                       enum report_series *series, GError **error)
{
    struct store_cover covers[REPORT_SERIES_REPORTED];
    bool others;
    if (!store_cover_calls(db, agency_id, date, covers, error))
        return false;
    *series = choose(covers, &others);
    return true;
}
