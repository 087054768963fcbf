/* Keys, tokens, dialers: what owners connect and disconnect. Secrets are told once, when made. */
#include "api/api_impl.h"

#include "base/limits.h"
#include "db/store_member.h"
#include "db/store_voip.h"
#include "ingest/ricochet.h"
#include "view/view.h"

#include <string.h>

static const char *const none[] = {NULL};

enum { WEEK = 7 * DAY_SECONDS };

/* "grace_seconds" of the body: how long the old secret lives on. False: it was refused. */
static bool read_grace(struct api_call *call, int64_t *until)
{
    int64_t grace;
    if (!api_number(call, "grace_seconds", 0, LIMIT_GRACE, &grace))
        return false;
    *until = call->now + (grace >= 0 ? grace : WEEK);
    return true;
}

/* --- keys --- */

bool api_get_keys(struct api_call *call, struct db *db, GError **error)
{
    if (!api_takes(call, none))
        return true;
    g_autoptr(GArray) keys = store_key_list(db, call->agency.id, error);
    if (keys == NULL)
        return false;
    struct json *array = json_array_new();
    for (guint i = 0; i < keys->len; i++)
        json_append(array,
                    view_key(&g_array_index(keys, struct store_key, i), call->domain, call->now));
    return api_reply(call, 200, array);
}

bool api_add_key(struct api_call *call, struct db *db, GError **error)
{
    static const char *const names[] = {"grace_seconds", NULL};
    int64_t until;
    struct store_key key = {0};
    if (!api_takes(call, none) || !api_takes_body(call, names) || !read_grace(call, &until))
        return true;
    bool is_done = store_key_add(db, call->agency.id, call->now, &key, error) &&
                   store_key_expire_others(db, call->agency.id, key.key, call->now, until, error);
    if (is_done) {
        struct json *object = view_key(&key, call->domain, call->now);
        view_time(object, "others_expire_at", until);
        api_reply(call, 201, object);
    }
    store_key_clear(&key);
    return is_done;
}

bool api_disable_key(struct api_call *call, struct db *db, GError **error)
{
    static const char *const names[] = {"key", NULL};
    const char *key;
    if (!api_takes(call, none) || !api_takes_body(call, names) || !api_text(call, "key", &key))
        return true;
    if (key == NULL)
        return api_refuse(call, 422, "key: it is missing");
    return store_key_disable(db, call->agency.id, key, call->now, error) &&
           api_reply(call, 204, NULL);
}

/* --- tokens --- */

bool api_get_tokens(struct api_call *call, struct db *db, GError **error)
{
    if (!api_takes(call, none))
        return true;
    g_autoptr(GArray) tokens = store_token_list(db, call->agency.id, error);
    if (tokens == NULL)
        return false;
    struct json *array = json_array_new();
    for (guint i = 0; i < tokens->len; i++)
        json_append(array, view_token(&g_array_index(tokens, struct store_token, i), call->now));
    return api_reply(call, 200, array);
}

bool api_add_token(struct api_call *call, struct db *db, GError **error)
{
    static const char *const names[] = {"role", "team_member_id", "expires_at", NULL};
    const char *role, *member_id, *expires;
    int64_t expires_at = -1;
    if (!api_takes(call, none) || !api_takes_body(call, names) || !api_text(call, "role", &role) ||
        !api_text(call, "team_member_id", &member_id) || !api_text(call, "expires_at", &expires))
        return true;
    if (role == NULL)
        return api_refuse(call, 422, "role: it is missing");
    if (expires != NULL && !day_time_parse(expires, &expires_at))
        return api_refuse(call, 422, "expires_at: it is not a time such as 2026-01-05T06:00:00Z");
    struct store_member member = {0};
    struct store_token token = {0};
    char *secret = NULL;
    bool is_done =
        (member_id == NULL || store_member_find(db, call->agency.id, member_id, &member, error)) &&
        store_token_add(db, call->agency.id, role, member.id, call->now, expires_at, &token,
                        &secret, error);
    if (is_done) {
        struct json *object = view_token(&token, call->now);
        json_set_text(object, "token", secret);
        api_reply(call, 201, object);
        explicit_bzero(secret, strlen(secret));
    }
    g_free(secret);
    store_token_clear(&token);
    store_member_clear(&member);
    return is_done;
}

bool api_revoke_token(struct api_call *call, struct db *db, GError **error)
{
    GError *why = NULL;
    if (!api_takes(call, none))
        return true;
    if (!store_token_revoke(db, call->agency.id, call->values[1], call->now, &why))
        return api_is_missing(call, "token", why, error);
    return api_reply(call, 204, NULL);
}

/* --- dialers --- */

bool api_get_voip(struct api_call *call, struct db *db, GError **error)
{
    if (!api_takes(call, none))
        return true;
    g_autoptr(GArray) list = store_voip_list(db, call->agency.id, error);
    if (list == NULL)
        return false;
    struct json *array = json_array_new();
    for (guint i = 0; i < list->len; i++)
        json_append(array, view_voip(&g_array_index(list, struct store_voip, i)));
    return api_reply(call, 200, array);
}

bool api_add_voip(struct api_call *call, struct db *db, GError **error)
{
    static const char *const names[] = {"provider", "header_token", NULL};
    const char *provider;
    bool with_header;
    struct store_voip_secrets secrets = {0};
    if (!api_takes(call, none) || !api_takes_body(call, names) ||
        !api_text(call, "provider", &provider) || !api_flag(call, "header_token", &with_header))
        return true;
    if (provider == NULL)
        return api_refuse(call, 422, "provider: it is missing");
    bool is_done =
        store_voip_add(db, call->agency.id, provider, with_header, call->now, &secrets, error) &&
        api_reply(call, 201, view_voip_secrets(provider, &secrets, call->public_url));
    store_voip_secrets_clear(&secrets);
    return is_done;
}

bool api_rotate_voip(struct api_call *call, struct db *db, GError **error)
{
    static const char *const names[] = {"grace_seconds", NULL};
    int64_t until;
    struct store_voip_secrets secrets = {0};
    if (!api_takes(call, none) || !api_takes_body(call, names) || !read_grace(call, &until))
        return true;
    bool is_done =
        store_voip_rotate(db, call->agency.id, call->values[1], until, &secrets, error) &&
        api_reply(call, 201, view_voip_secrets(call->values[1], &secrets, call->public_url));
    store_voip_secrets_clear(&secrets);
    return is_done;
}

bool api_disable_voip(struct api_call *call, struct db *db, GError **error)
{
    if (!api_takes(call, none))
        return true;
    return store_voip_disable(db, call->agency.id, call->values[1], error) &&
           api_reply(call, 204, NULL);
}

struct map {
    struct api_call *call;
    bool is_good;
};

static void check_field(void *context, const char *name, const struct json *value)
{
    struct map *map = context;
    (void)value;
    const char *text = json_member_text(map->call->body, name);
    if (!map->is_good)
        return;
    map->is_good =
        ricochet_is_field(name) && text != NULL && text[0] != '\0' && strlen(text) <= LIMIT_NAME;
    if (!map->is_good)
        api_refuse(map->call, 422,
                   "%s: it is no field, or what it is called is no text of 1 to %d "
                   "octets",
                   name, LIMIT_NAME);
}

bool api_map_voip(struct api_call *call, struct db *db, GError **error)
{
    struct map map = {.call = call, .is_good = true};
    if (!api_takes(call, none))
        return true;
    if (!json_holds_object(call->body))
        return api_refuse(call, 422, "the body must be a JSON object");
    json_each_member(call->body, check_field, &map);
    if (!map.is_good)
        return true;
    g_autofree char *text = json_text(call->body);
    bool is_empty = strcmp(text, "{}") == 0;
    return store_voip_map(db, call->agency.id, call->values[1], is_empty ? NULL : text, error) &&
           api_reply(call, 204, NULL);
}
