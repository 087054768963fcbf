/*
 * See agency.h. A day is always computed from everything stored for it, never added to: that is
 * why the same thing twice changes nothing.
 */
#include "ingest/agency.h"

#include "base/hash.h"
#include "base/texts.h"
#include "db/store_calls.h"
#include "db/store_member.h"
#include "db/store_message.h"
#include "db/store_metrics.h"
#include "figures/daily.h"

#include <string.h>

bool ingest_agency_init(struct ingest_agency *agency, struct db *db, const char *id, int64_t now,
                        GError **error)
{
    memset(agency, 0, sizeof *agency);
    agency->db = db;
    if (!store_agency_find(db, id, now, &agency->row, error))
        return false;
    agency->zone = day_zone_new(agency->row.timezone, error);
    if (agency->zone == NULL)
        return false;
    agency->people = store_member_index(db, agency->row.id, error);
    agency->days = g_hash_table_new(NULL, NULL);
    agency->seen = g_hash_table_new_full(hash_text, g_str_equal, g_free, NULL);
    return agency->people != NULL;
}

void ingest_agency_clear(struct ingest_agency *agency)
{
    store_agency_clear(&agency->row);
    day_zone_free(agency->zone);
    person_index_free(agency->people);
    g_clear_pointer(&agency->days, g_hash_table_unref);
    g_clear_pointer(&agency->seen, g_hash_table_unref);
}

void ingest_agency_touch(struct ingest_agency *agency, int32_t date)
{
    g_hash_table_add(agency->days, GINT_TO_POINTER(date));
}

/* The extension that stands beside a name goes before the one in it: names drift. */
static const char *find_member(const struct person_index *people, const char *name,
                               const char *extension, const char *email)
{
    const char *member = person_index_find(people, NULL, extension, NULL);
    if (member == NULL && name != NULL && g_ascii_isdigit(name[0])) {
        g_autofree char *own = person_extension(name);
        member = person_index_find(people, NULL, own, NULL);
    }
    return member != NULL ? member : person_index_find(people, name, NULL, email);
}

const char *ingest_agency_person(struct ingest_agency *agency, const char *name,
                                 const char *extension, const char *email)
{
    const char *member = find_member(agency->people, name, extension, email);
    if (member == NULL && name == NULL)
        return NULL;
    if (member != NULL && g_hash_table_contains(agency->seen, member))
        return member;
    char *who = member != NULL ? g_strdup(member) : person_fold(name);
    g_hash_table_insert(agency->seen, who, GINT_TO_POINTER(member != NULL));
    return member;
}

/* What one day is computed from. Texts of rows live in `texts`. */
struct day {
    struct texts *texts;
    GArray *legs;       /* of struct call_leg */
    GArray *users;      /* of struct daily_user */
    GHashTable *active; /* ids of members with something on this day; borrowed from texts */
};

static const char *keep(struct day *day, const char *text)
{
    return texts_keep(day->texts, text);
}

static const char *keep_member(struct day *day, const char *id)
{
    const char *kept = keep(day, id);
    if (kept != NULL)
        g_hash_table_add(day->active, (gpointer)(uintptr_t)kept);
    return kept;
}

static bool add_leg(void *context, const struct store_leg *stored)
{
    struct day *day = context;
    struct call_leg leg = {
        .session_id = keep(day, stored->external_call_id),
        .member_id = keep_member(day, stored->matched_team_member_id),
        .agent = keep(day, stored->agent),
        .result = keep(day, stored->result),
        .talk_seconds = stored->talk_seconds,
        .direction = report_direction_parse(stored->direction),
    };
    g_array_append_val(day->legs, leg);
    return true;
}

/* Rows come in the order of arrival, those of one file together: a file has the place of its first
 * row. The time would not do: two files may be received in the same second. */
static int64_t order_of(const struct day *day, const char *file_id)
{
    if (day->users->len == 0)
        return 0;
    const struct daily_user *last =
        &g_array_index(day->users, struct daily_user, day->users->len - 1);
    return strcmp(last->file_id, file_id) == 0 ? last->order : day->users->len;
}

static bool add_user(void *context, const struct store_user *stored)
{
    struct day *day = context;
    const struct report_user *user = &stored->user;
    struct daily_user one = {
        .member_id = keep_member(day, stored->matched_team_member_id),
        .file_id = keep(day, stored->file_id),
        .covered_seconds = stored->covered_seconds,
        .covered_until = stored->covered_until,
        .order = order_of(day, stored->file_id),
        .total = user->total_calls,
        .inbound = user->inbound_calls,
        .outbound = user->outbound_calls,
        .answered_inbound = user->answered_inbound,
        .answered_outbound = user->answered_outbound,
        .missed = user->missed,
        .handle_time = user->handle_time,
    };
    g_array_append_val(day->users, one);
    return true;
}

static void day_clear(struct day *day)
{
    texts_free(day->texts);
    g_array_unref(day->legs);
    g_array_unref(day->users);
    g_hash_table_unref(day->active);
}

static bool compute(struct ingest_agency *agency, struct day *day, const GArray *members,
                    int32_t date, GError **error)
{
    const char *id = agency->row.id;
    int64_t covered, until;
    if (!store_leg_each(agency->db, id, date, add_leg, day, error) ||
        !store_user_each(agency->db, id, date, add_user, day, error) ||
        !store_cover_calls(agency->db, id, date, &covered, &until, error))
        return false;
    g_autoptr(GPtrArray) ids = g_ptr_array_new();
    for (guint i = 0; i < members->len; i++) {
        const struct store_member *member = &g_array_index(members, struct store_member, i);
        const char *kept = keep(day, member->id);
        if (strcmp(member->status, "active") == 0 || g_hash_table_contains(day->active, kept))
            g_ptr_array_add(ids, (gpointer)(uintptr_t)kept);
    }
    struct daily_input input = {
        .members = (const char *const *)ids->pdata,
        .member_count = ids->len,
        .has_calls = covered >= 0,
        .calls_covered = MAX(covered, 0),
        .calls_covered_until = until,
        .legs = (const struct call_leg *)(void *)day->legs->data,
        .leg_count = day->legs->len,
        .users = (const struct daily_user *)(void *)day->users->data,
        .user_count = day->users->len,
    };
    struct daily_result result;
    daily_compute(&input, &result);
    bool stored = store_metrics_put(agency->db, id, date, &result, error);
    daily_result_clear(&result);
    return stored;
}

bool ingest_agency_recompute(struct ingest_agency *agency, GError **error)
{
    if (g_hash_table_size(agency->days) == 0)
        return true;
    g_autoptr(GArray) members = store_member_list(agency->db, agency->row.id, error);
    if (members == NULL)
        return false;
    GHashTableIter iter;
    gpointer date;
    g_hash_table_iter_init(&iter, agency->days);
    while (g_hash_table_iter_next(&iter, &date, NULL)) {
        struct day day = {
            .texts = texts_new(),
            .legs = g_array_new(FALSE, FALSE, sizeof(struct call_leg)),
            .users = g_array_new(FALSE, FALSE, sizeof(struct daily_user)),
            .active = g_hash_table_new(NULL, NULL),
        };
        bool computed = compute(agency, &day, members, GPOINTER_TO_INT(date), error);
        day_clear(&day);
        if (!computed)
            return false;
    }
    return true;
}
