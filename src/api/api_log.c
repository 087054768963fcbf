/* What was received, and whether anything comes. Keys are in none of it. */
#include "api/api_impl.h"

#include "base/id.h"
#include "db/store_coverage.h"
#include "db/store_message.h"
#include "db/store_voip.h"
#include "view/view.h"

#include <string.h>

static struct json *entry(const struct store_log *log)
{
    struct json *object = json_object_new();
    view_log(object, log);
    return object;
}

bool api_get_log(struct api_call *call, struct db *db, GError **error)
{
    static const char *const names[] = {"limit", "cursor", NULL};
    int64_t limit;
    const char *cursor = api_parameter(call, "cursor");
    if (!api_takes(call, names) || !api_limit(call, &limit))
        return true;
    if (cursor != NULL && !id_is_valid(cursor))
        return api_refuse(call, 422, "cursor: it is none of those that were given out");
    g_autoptr(GArray) list = store_log_page(db, call->agency.id, cursor, limit + 1, error);
    if (list == NULL)
        return false;
    struct json *entries = json_array_new();
    bool has_more = list->len > (guint)limit;
    guint count = has_more ? (guint)limit : list->len;
    for (guint i = 0; i < count; i++)
        json_append(entries, entry(&g_array_index(list, struct store_log, i)));
    struct json *object = json_object_new();
    json_set(object, "entries", entries);
    json_set_text(object, "next_cursor",
                  has_more ? g_array_index(list, struct store_log, count - 1).id : NULL);
    return api_reply(call, 200, object);
}

bool api_get_log_entry(struct api_call *call, struct db *db, GError **error)
{
    static const char *const none[] = {NULL};
    if (!api_takes(call, none))
        return true;
    g_autoptr(GArray) list = store_log_of_message(db, call->values[1], error);
    if (list == NULL)
        return false;
    for (guint i = 0; i < list->len; i++) {
        const struct store_log *log = &g_array_index(list, struct store_log, i);
        if (g_strcmp0(log->agency_id, call->agency.id) == 0)
            return api_reply(call, 200, entry(log));
    }
    return api_refuse(call, 404, "there is no such entry");
}

/* The keys that are good, and the last message that came, whatever was made of it. */
static bool set_reports(struct api_call *call, struct db *db, struct json *object, GError **error)
{
    g_autoptr(GArray) keys = store_key_list(db, call->agency.id, error);
    g_autoptr(GArray) last =
        keys != NULL ? store_log_page(db, call->agency.id, NULL, 1, error) : NULL;
    if (last == NULL)
        return false;
    int64_t live = 0;
    for (guint i = 0; i < keys->len; i++) {
        const char *state = view_key_state(&g_array_index(keys, struct store_key, i), call->now);
        live += strcmp(state, "live") == 0 || strcmp(state, "expiring") == 0;
    }
    struct json *reports = json_object_new();
    json_set_int(reports, "live_keys", live);
    const struct store_log *log = last->len > 0 ? &g_array_index(last, struct store_log, 0) : NULL;
    view_time(reports, "last_received_at", log != NULL ? log->received_at : -1);
    json_set_text(reports, "last_verdict", log != NULL ? log->verdict : NULL);
    json_set_text(reports, "last_log_id", log != NULL ? log->id : NULL);
    json_set(object, "reports", reports);
    return true;
}

bool api_get_connection(struct api_call *call, struct db *db, GError **error)
{
    static const char *const none[] = {NULL};
    if (!api_takes(call, none))
        return true;
    g_autoptr(GArray) list = store_voip_list(db, call->agency.id, error);
    if (list == NULL)
        return false;
    AUTO(json) object = json_object_new();
    if (!set_reports(call, db, object, error))
        return false;
    struct json *voip = json_array_new();
    for (guint i = 0; i < list->len; i++) {
        const struct store_voip *one = &g_array_index(list, struct store_voip, i);
        struct json *item = json_object_new();
        json_set_text(item, "provider", one->provider);
        json_set_bool(item, "is_active", one->is_active);
        view_time(item, "last_sync_at", one->last_sync_at);
        json_set_text(item, "last_sync_error", one->last_sync_error);
        json_append(voip, item);
    }
    json_set(object, "voip", voip);
    return api_reply(call, 200, g_steal_pointer(&object));
}
