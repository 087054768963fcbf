/* Members and aliases: changing them links the stored calls anew, in the same transaction. */
#include "api/api_impl.h"

#include "db/store_member.h"
#include "ingest/relink.h"
#include "view/view.h"

#include <string.h>

static const char *const none[] = {NULL};

bool api_get_members(struct api_call *call, struct db *db, GError **error)
{
    if (!api_takes(call, none))
        return true;
    g_autoptr(GArray) list = store_member_list(db, call->agency.id, error);
    if (list == NULL)
        return false;
    struct json *array = json_array_new();
    for (guint i = 0; i < list->len; i++)
        json_append(array, view_member(&g_array_index(list, struct store_member, i)));
    return api_reply(call, 200, array);
}

static bool relinked(struct api_call *call, struct db *db, unsigned status, struct json *object,
                     GError **error)
{
    struct relink relink = {0};
    if (!relink_people(db, call->agency.id, call->now, &relink, error)) {
        json_free(object);
        return false;
    }
    json_set(object, "relinked", view_relink(&relink));
    return api_reply(call, status, object);
}

/* What the body says of a member; cleared by the caller. False: it was refused. */
static bool read_member(struct api_call *call, struct store_member *member)
{
    static const char *const names[] = {"name", "email", "extension", "role", "status", NULL};
    const char *name, *email, *extension, *role, *status;
    if (!api_takes(call, none) || !api_takes_body(call, names) || !api_text(call, "name", &name) ||
        !api_text(call, "email", &email) || !api_text(call, "extension", &extension) ||
        !api_text(call, "role", &role) || !api_text(call, "status", &status))
        return false;
    *member = (struct store_member){
        .name = g_strdup(name),
        .email = g_strdup(email),
        .extension = g_strdup(extension),
        .role = g_strdup(role),
        .status = g_strdup(status),
    };
    return true;
}

bool api_add_member(struct api_call *call, struct db *db, GError **error)
{
    struct store_member member = {0};
    if (!read_member(call, &member))
        return true;
    if (member.name == NULL) {
        store_member_clear(&member);
        return api_refuse(call, 422, "name: it is missing");
    }
    bool is_done = store_member_add(db, call->agency.id, &member, error);
    char *id = g_strdup(member.id);
    store_member_clear(&member);
    is_done = is_done && store_member_find(db, call->agency.id, id, &member, error) &&
              relinked(call, db, 201, view_member(&member), error);
    g_free(id);
    store_member_clear(&member);
    return is_done;
}

bool api_change_member(struct api_call *call, struct db *db, GError **error)
{
    struct store_member member = {0}, known = {0};
    GError *why = NULL;
    if (!read_member(call, &member))
        return true;
    bool is_done;
    if (!store_member_find(db, call->agency.id, call->values[1], &known, &why)) {
        is_done = api_is_missing(call, "member", why, error);
    } else {
        member.id = g_strdup(known.id);
        store_member_clear(&known);
        is_done = store_member_change(db, call->agency.id, &member, error) &&
                  store_member_find(db, call->agency.id, member.id, &known, error) &&
                  relinked(call, db, 200, view_member(&known), error);
    }
    store_member_clear(&member);
    store_member_clear(&known);
    return is_done;
}

/* --- aliases --- */

bool api_get_aliases(struct api_call *call, struct db *db, GError **error)
{
    if (!api_takes(call, none))
        return true;
    g_autoptr(GArray) list = store_alias_list(db, call->agency.id, error);
    if (list == NULL)
        return false;
    struct json *array = json_array_new();
    for (guint i = 0; i < list->len; i++) {
        const struct store_alias *alias = &g_array_index(list, struct store_alias, i);
        json_append(array, view_alias(alias->name, alias->member_id, alias->member_name));
    }
    return api_reply(call, 200, array);
}

bool api_put_alias(struct api_call *call, struct db *db, GError **error)
{
    static const char *const names[] = {"team_member_id", NULL};
    const char *id;
    if (!api_takes(call, none) || !api_takes_body(call, names) ||
        !api_text(call, "team_member_id", &id))
        return true;
    if (id == NULL)
        return api_refuse(call, 422, "team_member_id: it is missing");
    struct store_member member = {0};
    bool is_done =
        store_member_find(db, call->agency.id, id, &member, error) &&
        store_alias_put(db, call->agency.id, call->values[1], &member, error) &&
        relinked(call, db, 200, view_alias(call->values[1], member.id, member.name), error);
    store_member_clear(&member);
    return is_done;
}

bool api_drop_alias(struct api_call *call, struct db *db, GError **error)
{
    GError *why = NULL;
    if (!api_takes(call, none))
        return true;
    if (!store_alias_drop(db, call->agency.id, call->values[1], &why))
        return api_is_missing(call, "alias", why, error);
    return relinked(call, db, 200, view_alias(call->values[1], NULL, NULL), error);
}
