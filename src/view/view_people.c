/* Members, keys, tokens and integrations: see view.h. */
#include "view/view.h"

struct json *view_member(const struct store_member *member)
{
    struct json *object = json_object_new();
    json_set_text(object, "id", member->id);
    json_set_text(object, "name", member->name);
    json_set_text(object, "email", member->email);
    json_set_text(object, "extension", member->extension);
    json_set_text(object, "role", member->role);
    json_set_text(object, "status", member->status);
    return object;
}

struct json *view_alias(const char *name, const char *member_id, const char *member_name)
{
    struct json *object = json_object_new();
    json_set_text(object, "name", name);
    json_set_text(object, "team_member_id", member_id);
    json_set_text(object, "member_name", member_name);
    return object;
}

struct json *view_relink(const struct relink *relink)
{
    struct json *object = json_object_new();
    json_set_int(object, "legs", relink->legs);
    json_set_int(object, "users", relink->users);
    json_set_int(object, "days", relink->days);
    return object;
}

const char *view_key_state(const struct store_key *key, int64_t now)
{
    if (key->disabled_at >= 0)
        return "disabled";
    if (key->expires_at < 0)
        return "live";
    return key->expires_at <= now ? "expired" : "expiring";
}

struct json *view_key(const struct store_key *key, const char *domain, int64_t now)
{
    g_autofree char *address = g_strdup_printf("calls-%s@%s", key->key, domain);
    struct json *object = json_object_new();
    json_set_text(object, "key", key->key);
    json_set_text(object, "address", address);
    json_set_text(object, "state", view_key_state(key, now));
    view_time(object, "created_at", key->created_at);
    view_time(object, "expires_at", key->expires_at);
    view_time(object, "disabled_at", key->disabled_at);
    return object;
}

const char *view_token_state(const struct store_token *token, int64_t now)
{
    if (token->revoked_at >= 0)
        return "revoked";
    return token->expires_at >= 0 && token->expires_at <= now ? "expired" : "live";
}

struct json *view_token(const struct store_token *token, int64_t now)
{
    struct json *object = json_object_new();
    json_set_text(object, "id", token->id);
    json_set_text(object, "role", token->role);
    json_set_text(object, "team_member_id", token->team_member_id);
    json_set_text(object, "state", view_token_state(token, now));
    view_time(object, "created_at", token->created_at);
    view_time(object, "expires_at", token->expires_at);
    view_time(object, "revoked_at", token->revoked_at);
    return object;
}

struct json *view_voip(const struct store_voip *voip)
{
    struct json *object = json_object_new();
    json_set_text(object, "id", voip->id);
    json_set_text(object, "provider", voip->provider);
    json_set_bool(object, "is_active", voip->is_active);
    json_set_bool(object, "has_header_token", voip->has_header);
    json_set(object, "field_map", voip->field_map != NULL ? json_parse(voip->field_map) : NULL);
    view_time(object, "created_at", voip->created_at);
    view_time(object, "previous_until", voip->previous_until);
    view_time(object, "last_sync_at", voip->last_sync_at);
    json_set_text(object, "last_sync_error", voip->last_sync_error);
    return object;
}

struct json *view_voip_secrets(const char *provider, const struct store_voip_secrets *secrets,
                               const char *public_url)
{
    g_autofree char *url = g_strdup_printf("%s/%s/%s", public_url != NULL ? public_url : "",
                                           provider, secrets->secret);
    struct json *object = json_object_new();
    json_set_text(object, "provider", provider);
    json_set_text(object, "url", url);
    json_set_text(object, "secret", secrets->secret);
    if (secrets->header_token != NULL)
        json_set_text(object, "header_token", secrets->header_token);
    return object;
}
