/*
 * voip add, disable, list, map, rotate: dialers that post their calls to the HTTP listener.
 *
 * The URL of a dialer has its secret in it, and is shown once: only a hash is stored.
 */
#include "ctl/command.h"
#include "ctl/ctl.h"

#include "base/limits.h"
#include "ctl/output.h"
#include "ingest/ricochet.h"
#include "view/view.h"

#include <string.h>

static void tell_secrets(const struct ctl *ctl, const char *provider,
                         const struct store_voip_secrets *secrets)
{
    g_autofree char *public_url = settings_public_url(ctl->settings);
    struct json *object = view_voip_secrets(provider, secrets, public_url);
    if (ctl->option[CTL_JSON] != NULL) {
        output_json(object);
        return;
    }
    output_field("provider", provider);
    output_field("url", json_member_text(object, "url"));
    if (secrets->header_token != NULL) {
        g_autofree char *header = g_strdup_printf("X-Callmx-Token: %s", secrets->header_token);
        output_field("header", header);
    }
    if (public_url == NULL)
        output_line("there is no HTTP listener yet: [http] listen and public-url of the "
                    "configuration tell where the path is to be found");
    output_line("this is the only time that the URL is shown");
    json_free(object);
}

int ctl_voip_add(struct ctl *ctl, char **words)
{
    int code = ctl_open_agency(ctl, DB_WRITE, words[0]);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    struct store_voip_secrets secrets = {0};
    if (store_voip_add(ctl->db, ctl->agency.id, words[1], ctl->option[CTL_HEADER_TOKEN] != NULL,
                       ctl->now, &secrets, &error))
        tell_secrets(ctl, words[1], &secrets);
    else
        code = ctl_fail(error, EX_DATAERR);
    store_voip_secrets_clear(&secrets);
    return code;
}

int ctl_voip_rotate(struct ctl *ctl, char **words)
{
    int64_t grace;
    int code = ctl_time_option(ctl, CTL_GRACE, "--grace", 7 * (int64_t)DAY_SECONDS, &grace);
    if (code == EX_OK)
        code = ctl_open_agency(ctl, DB_WRITE, words[0]);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    struct store_voip_secrets secrets = {0};
    if (store_voip_rotate(ctl->db, ctl->agency.id, words[1], ctl->now + grace, &secrets, &error))
        tell_secrets(ctl, words[1], &secrets);
    else
        code = ctl_fail(error, EX_DATAERR);
    store_voip_secrets_clear(&secrets);
    return code;
}

int ctl_voip_disable(struct ctl *ctl, char **words)
{
    int code = ctl_open_agency(ctl, DB_WRITE, words[0]);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    if (!store_voip_disable(ctl->db, ctl->agency.id, words[1], &error))
        return ctl_fail(error, EX_DATAERR);
    if (ctl->option[CTL_JSON] != NULL) {
        struct json *object = json_object_new();
        json_set_text(object, "provider", words[1]);
        json_set_bool(object, "is_active", false);
        output_json(object);
    } else {
        output_line("%s is disabled: callmxctl voip rotate gives it a new URL", words[1]);
    }
    return EX_OK;
}

int ctl_voip_list(struct ctl *ctl, char **words)
{
    int code = ctl_open_agency(ctl, DB_READONLY, words[0]);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) list = store_voip_list(ctl->db, ctl->agency.id, &error);
    if (list == NULL)
        return ctl_fail(error, EX_UNAVAILABLE);
    AUTO(json) array = json_array_new();
    AUTO(output_table)
    table = output_table_new(
        (const char *const[]){"PROVIDER", "ACTIVE", "CREATED", "LAST CALL", "LAST REFUSAL", NULL});
    for (guint i = 0; i < list->len; i++) {
        const struct store_voip *voip = &g_array_index(list, struct store_voip, i);
        json_append(array, view_voip(voip));
        output_table_text(table, voip->provider);
        output_table_text(table, voip->is_active ? "yes" : "no");
        output_table_time(table, voip->created_at);
        output_table_time(table, voip->last_sync_at);
        output_table_text(table, voip->last_sync_error);
    }
    if (ctl->option[CTL_JSON] != NULL)
        output_json(g_steal_pointer(&array));
    else
        output_table_print(g_steal_pointer(&table),
                           "no dialers: callmxctl voip add AGENCY ricochet");
    return EX_OK;
}

/* FIELD=NAME: our name of a field, and theirs. */
static int read_map(char *const *words, struct json *map)
{
    for (; *words != NULL; words++) {
        const char *equals = strchr(*words, '=');
        if (equals == NULL || equals[1] == '\0' || strlen(equals + 1) > LIMIT_NAME)
            return ctl_complain(EX_USAGE, "%s is not FIELD=NAME", *words);
        g_autofree char *field = g_strndup(*words, (gsize)(equals - *words));
        if (!ricochet_is_field(field))
            return ctl_complain(EX_USAGE, "there is no field %s: callmxctl(8) lists them", field);
        json_set_text(map, field, equals + 1);
    }
    return EX_OK;
}

int ctl_voip_map(struct ctl *ctl, char **words)
{
    AUTO(json) map = json_object_new();
    int code = read_map(words + 2, map);
    if (code == EX_OK)
        code = ctl_open_agency(ctl, DB_WRITE, words[0]);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = words[2] != NULL ? json_text(map) : NULL;
    if (!store_voip_map(ctl->db, ctl->agency.id, words[1], text, &error))
        return ctl_fail(error, EX_DATAERR);
    if (ctl->option[CTL_JSON] != NULL) {
        struct json *object = json_object_new();
        json_set_text(object, "provider", words[1]);
        json_set(object, "field_map", words[2] != NULL ? g_steal_pointer(&map) : NULL);
        output_json(object);
    } else {
        output_line(words[2] != NULL ? "%s: events are read with these names"
                                     : "%s: events are read with the usual names",
                    words[1]);
    }
    return EX_OK;
}
