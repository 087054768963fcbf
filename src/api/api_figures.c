/* What is read: figures, calls, contacts, names that are nobody's. */
#include "api/api_impl.h"

#include "base/limits.h"
#include "db/store_contact.h"
#include "db/store_metrics.h"
#include "ingest/coverage.h"
#include "view/view.h"

#include <string.h>

bool api_get_agency(struct api_call *call, struct db *db, GError **error)
{
    static const char *const none[] = {NULL};
    (void)db;
    (void)error;
    if (!api_takes(call, none))
        return true;
    struct json *object = json_object_new();
    json_set_text(object, "id", call->agency.id);
    json_set_text(object, "name", call->agency.name);
    json_set_text(object, "timezone", call->agency.timezone);
    view_time(object, "created_at", call->agency.created_at);
    return api_reply(call, 200, object);
}

/* --- days --- */

static bool last_day(struct api_call *call, struct db *db, int32_t *date, GError **error)
{
    bool found;
    if (!store_metrics_last_date(db, call->agency.id, &found, date, error))
        return false;
    if (!found)
        *date = day_zone_date(call->zone, call->now);
    return true;
}

/* One day, or a range of them; without any the last day with figures. False: it was refused, or
 * there was an error. */
static bool read_days(struct api_call *call, struct db *db, int32_t *first, int32_t *last,
                      bool *is_range, GError **error)
{
    static const char *const names[] = {"date", "from", "to", NULL};
    const char *from = api_parameter(call, "from"), *to = api_parameter(call, "to");
    *is_range = from != NULL || to != NULL;
    if (!api_takes(call, names) || !api_date(call, "from", first) || !api_date(call, "to", last))
        return false;
    if (*is_range && (from == NULL || to == NULL || api_parameter(call, "date") != NULL)) {
        api_refuse(call, 400, "from, to: a range has both, and no date beside them");
        return false;
    }
    if (*is_range && (*last < *first || *last - *first >= LIMIT_REPORT_DAYS)) {
        api_refuse(call, 422, "from, to: it is no range of 1 to %d days", LIMIT_REPORT_DAYS);
        return false;
    }
    if (*is_range)
        return true;
    if (api_parameter(call, "date") == NULL && !last_day(call, db, first, error))
        return false;
    bool is_good = api_date(call, "date", first);
    *last = *first;
    return is_good;
}

/* Makes something of a day; NULL: there is nothing to be told of it. */
typedef struct json *day_fn(const struct api_call *call, const struct store_agency_metrics *day);

static bool reply_days(struct api_call *call, struct db *db, day_fn *tell, GError **error)
{
    int32_t first = 0, last = 0;
    bool is_range;
    if (!read_days(call, db, &first, &last, &is_range, error))
        return *error == NULL;
    AUTO(json) array = json_array_new();
    struct json *only = NULL;
    for (int32_t date = first; date <= last; date++) {
        struct store_agency_metrics day;
        if (!store_metrics_of_day(db, call->agency.id, date, &day, error))
            return false;
        only = tell(call, &day);
        if (is_range && only != NULL)
            json_append(array, only);
        store_agency_metrics_clear(&day);
    }
    return api_reply(call, 200, is_range ? g_steal_pointer(&array) : only);
}

static struct json *tell_day(const struct api_call *call, const struct store_agency_metrics *day)
{
    (void)call;
    return view_day_metrics(day);
}

bool api_get_metrics(struct api_call *call, struct db *db, GError **error)
{
    return reply_days(call, db, tell_day, error);
}

/* On a day on which the member is not listed, nothing is known of that member. */
static struct json *tell_member(const struct api_call *call, const struct store_agency_metrics *day)
{
    for (guint i = 0; i < day->members->len; i++) {
        const struct store_member_metrics *member =
            &g_array_index(day->members, struct store_member_metrics, i);
        if (strcmp(member->team_member_id, call->values[1]) == 0)
            return view_member_metrics(member);
    }
    struct store_member_metrics unknown = {
        .team_member_id = (char *)(uintptr_t)call->values[1],
        .date = day->date,
        .figures = {-1, -1, -1, -1, -1, -1},
        .covered_until = -1,
    };
    return view_member_metrics(&unknown);
}

/* False: there is no such member, which was answered, or there was an error. */
static bool has_member(struct api_call *call, struct db *db, GError **error)
{
    g_autoptr(GArray) members = store_member_list(db, call->agency.id, error);
    if (members == NULL)
        return false;
    if (store_member_name(members, call->values[1]) != NULL)
        return true;
    api_refuse(call, 404, "there is no such member");
    return false;
}

bool api_get_member_metrics(struct api_call *call, struct db *db, GError **error)
{
    if (!has_member(call, db, error))
        return *error == NULL;
    return reply_days(call, db, tell_member, error);
}

bool api_get_rings(struct api_call *call, struct db *db, GError **error)
{
    static const char *const names[] = {"date", NULL};
    int32_t date = 0;
    if (!last_day(call, db, &date, error))
        return false;
    if (!api_takes(call, names) || !api_date(call, "date", &date))
        return true;
    g_autoptr(GArray) rings = store_ring_list(db, call->agency.id, date, error);
    if (rings == NULL)
        return false;
    struct json *array = json_array_new();
    for (guint i = 0; i < rings->len; i++)
        json_append(array, view_ring(&g_array_index(rings, struct store_ring, i)));
    struct json *object = json_object_new();
    view_date(object, "date", date);
    json_set(object, "members", array);
    return api_reply(call, 200, object);
}

bool api_get_coverage(struct api_call *call, struct db *db, GError **error)
{
    enum { FOUR_WEEKS = 28 };
    static const char *const names[] = {"from", "to", NULL};
    int32_t last = day_zone_date(call->zone, call->now);
    if (!api_takes(call, names) || !api_date(call, "to", &last))
        return true;
    int32_t first = last - FOUR_WEEKS + 1;
    if (!api_date(call, "from", &first))
        return true;
    if (last < first || last - first >= LIMIT_REPORT_DAYS)
        return api_refuse(call, 422, "from, to: it is no range of 1 to %d days", LIMIT_REPORT_DAYS);
    g_autoptr(GArray) days =
        coverage_list(db, &call->agency, call->zone, first, last, call->now, error);
    if (days == NULL)
        return false;
    struct json *array = json_array_new();
    for (guint i = 0; i < days->len; i++)
        json_append(array, view_coverage_day(&g_array_index(days, struct coverage_day, i)));
    return api_reply(call, 200, array);
}

/* --- calls --- */

struct page {
    struct json *calls;
    int64_t left;
    GString *cursor; /* the place of the last leg; where there is another behind it */
    bool has_more;
};

static bool add_leg(void *context, const struct store_leg *leg)
{
    struct page *page = context;
    page->has_more = page->left == 0;
    if (page->has_more)
        return false;
    page->left--;
    json_append(page->calls, view_leg(leg));
    g_string_printf(page->cursor, "%" G_GINT64_FORMAT " %s %s", leg->call_started_at, leg->leg,
                    leg->external_call_id);
    return true;
}

/* "<start> <leg> <session>" in base64: for nobody to take apart but us. */
static bool read_cursor(struct api_call *call, char **text, struct store_leg_place *place)
{
    const char *cursor = api_parameter(call, "cursor");
    gsize size = 0;
    *text = NULL;
    if (cursor == NULL)
        return true;
    *text = (char *)g_base64_decode(cursor, &size);
    *text = g_realloc(*text, size + 1);
    (*text)[size] = '\0';
    char *leg = strchr(*text, ' ');
    char *session = leg != NULL ? strchr(leg + 1, ' ') : NULL;
    if (session != NULL && g_utf8_validate(*text, -1, NULL)) {
        *leg++ = *session++ = '\0';
        *place = (struct store_leg_place){.call_started_at = g_ascii_strtoll(*text, NULL, 10),
                                          .external_call_id = session,
                                          .leg = leg};
        return true;
    }
    api_refuse(call, 422, "cursor: it is none of those that were given out");
    return false;
}

bool api_get_calls(struct api_call *call, struct db *db, GError **error)
{
    static const char *const names[] = {"date", "limit", "cursor", NULL};
    int32_t date = 0;
    int64_t limit;
    g_autofree char *text = NULL;
    struct store_leg_place place = {0};
    if (!last_day(call, db, &date, error))
        return false;
    if (!api_takes(call, names) || !api_date(call, "date", &date) || !api_limit(call, &limit) ||
        !read_cursor(call, &text, &place))
        return true;
    AUTO(json) calls = json_array_new();
    g_autoptr(GString) cursor = g_string_new(NULL);
    struct page page = {.calls = calls, .left = limit, .cursor = cursor};
    if (!store_leg_each_from(db, call->agency.id, date, text != NULL ? &place : NULL, add_leg,
                             &page, error))
        return false;
    g_autofree char *next =
        page.has_more ? g_base64_encode((const guchar *)cursor->str, cursor->len) : NULL;
    struct json *object = json_object_new();
    view_date(object, "date", date);
    json_set(object, "calls", g_steal_pointer(&calls));
    json_set_text(object, "next_cursor", next);
    return api_reply(call, 200, object);
}

bool api_get_unmatched(struct api_call *call, struct db *db, GError **error)
{
    static const char *const none[] = {NULL};
    if (!api_takes(call, none))
        return true;
    g_autoptr(GArray) list = store_unmatched_list(db, call->agency.id, error);
    if (list == NULL)
        return false;
    struct json *array = json_array_new();
    for (guint i = 0; i < list->len; i++)
        json_append(array, view_unmatched(&g_array_index(list, struct store_unmatched, i)));
    return api_reply(call, 200, array);
}

/* --- contacts --- */

bool api_get_contacts(struct api_call *call, struct db *db, GError **error)
{
    static const char *const none[] = {NULL};
    if (!api_takes(call, none))
        return true;
    g_autoptr(GArray) list = store_contact_list(db, call->agency.id, error);
    return list != NULL && api_reply(call, 200, view_contacts(list));
}

bool api_get_activities(struct api_call *call, struct db *db, GError **error)
{
    static const char *const names[] = {"limit", NULL};
    int64_t limit;
    struct store_contact contact = {0};
    GError *why = NULL;
    if (!api_takes(call, names) || !api_limit(call, &limit))
        return true;
    if (!store_contact_find(db, call->agency.id, call->values[1], &contact, &why))
        return api_is_missing(call, "contact", why, error);
    g_autoptr(GArray) list = store_activity_list(db, call->agency.id, contact.id, limit, error);
    struct json *object = view_contact(&contact);
    store_contact_clear(&contact);
    if (list == NULL) {
        json_free(object);
        return false;
    }
    json_set(object, "activities", view_activities(list));
    return api_reply(call, 200, object);
}
