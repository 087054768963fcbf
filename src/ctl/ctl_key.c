/*
 * key disable, list, rotate: the secrets in the addresses of an agency.
 *
 * They print keys in full, because an administrator has to hand them on. Rotation makes the new key
 * first and lets the old ones live on for a while, so that no report is lost between the two.
 */
#include "ctl/ctl_key.h"

#include "base/limits.h"
#include "ctl/command.h"
#include "ctl/output.h"
#include "view/view.h"

#include <string.h>

struct json *ctl_key_json(const struct ctl *ctl, const GArray *keys)
{
    struct json *array = json_array_new();
    for (guint i = 0; i < keys->len; i++)
        json_append(array, view_key(&g_array_index(keys, struct store_key, i),
                                    ctl->settings->domains[0], ctl->now));
    return array;
}

void ctl_key_print(const struct ctl *ctl, const GArray *keys)
{
    struct output_table *table = output_table_new(
        (const char *const[]){"STATE", "CREATED", "EXPIRES", "DISABLED", "ADDRESS", NULL});
    for (guint i = 0; i < keys->len; i++) {
        const struct store_key *key = &g_array_index(keys, struct store_key, i);
        g_autofree char *address = ctl_address(ctl, key->key);
        output_table_text(table, view_key_state(key, ctl->now));
        output_table_time(table, key->created_at);
        output_table_time(table, key->expires_at);
        output_table_time(table, key->disabled_at);
        output_table_text(table, address);
    }
    output_table_print(table, "no keys: callmxctl key rotate AGENCY makes one");
}

int ctl_key_list(struct ctl *ctl, char **words)
{
    int code = ctl_open_agency(ctl, DB_READONLY, words[0]);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) keys = store_key_list(ctl->db, ctl->agency.id, &error);
    if (keys == NULL)
        return ctl_fail(error, EX_UNAVAILABLE);
    if (ctl->option[CTL_JSON] != NULL)
        output_json(ctl_key_json(ctl, keys));
    else
        ctl_key_print(ctl, keys);
    return EX_OK;
}

static bool rotate(struct ctl *ctl, int64_t expires_at, struct store_key *key, GError **error)
{
    return db_begin(ctl->db, error) &&
           store_key_add(ctl->db, ctl->agency.id, ctl->now, key, error) &&
           store_key_expire_others(ctl->db, ctl->agency.id, key->key, ctl->now, expires_at,
                                   error) &&
           db_commit(ctl->db, error);
}

int ctl_key_rotate(struct ctl *ctl, char **words)
{
    int64_t grace;
    int code = ctl_time_option(ctl, CTL_GRACE, "--grace", 7 * (int64_t)DAY_SECONDS, &grace);
    if (code == EX_OK)
        code = ctl_open_agency(ctl, DB_WRITE, words[0]);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    struct store_key key = {0};
    int64_t expires_at = ctl->now + grace;
    if (!rotate(ctl, expires_at, &key, &error)) {
        code = ctl_fail(error, EX_UNAVAILABLE);
    } else if (ctl->option[CTL_JSON] != NULL) {
        struct json *object = view_key(&key, ctl->settings->domains[0], ctl->now);
        view_time(object, "others_expire_at", expires_at);
        output_json(object);
    } else {
        g_autofree char *address = ctl_address(ctl, key.key);
        output_field("address", address);
        output_field_time("others until", expires_at);
    }
    store_key_clear(&key);
    return code;
}

/* A key may be given as it is, or as the address in which it stands. */
static char *key_of(const char *text)
{
    g_autofree char *key = g_ascii_strdown(text, -1);
    char *at = strchr(key, '@');
    if (at != NULL)
        *at = '\0';
    return g_strdup(g_str_has_prefix(key, "calls-") ? key + strlen("calls-") : key);
}

int ctl_key_disable(struct ctl *ctl, char **words)
{
    int code = ctl_open(ctl, DB_WRITE);
    if (code != EX_OK)
        return code;
    g_autofree char *key = key_of(words[0]);
    g_autoptr(GError) error = NULL;
    bool is_done = db_begin(ctl->db, &error) &&
                   store_key_disable(ctl->db, NULL, key, ctl->now, &error) &&
                   db_commit(ctl->db, &error);
    if (!is_done)
        return ctl_fail(error, EX_NOUSER);
    if (ctl->option[CTL_JSON] != NULL) {
        struct json *object = json_object_new();
        json_set_text(object, "key", key);
        json_set_text(object, "state", "disabled");
        output_json(object);
    } else {
        output_line("%s receives nothing any more", key);
    }
    return EX_OK;
}
