/*
 * agency add, list, show: tenants and the addresses that their reports go to.
 *
 * They print addresses, and so keys, in full, because an administrator has to hand them on; nothing
 * else in callmxctl does but the commands for keys. `add` is the one command that makes a database
 * where there is none.
 */
#include "ctl/command.h"
#include "ctl/ctl.h"

#include "ctl/ctl_key.h"
#include "ctl/output.h"
#include "db/store_member.h"
#include "view/view.h"

static struct json *agency_json(const struct ctl *ctl, const struct store_agency *agency)
{
    g_autofree char *address = ctl_address(ctl, agency->key);
    struct json *object = json_object_new();
    json_set_text(object, "id", agency->id);
    json_set_text(object, "name", agency->name);
    json_set_text(object, "timezone", agency->timezone);
    json_set_text(object, "address", address);
    return object;
}

static void print_agency(const struct ctl *ctl, const struct store_agency *agency)
{
    g_autofree char *address = ctl_address(ctl, agency->key);
    output_field("id", agency->id);
    output_field("name", agency->name);
    output_field("timezone", agency->timezone);
    output_field("address", address);
}

static bool add_agency(struct ctl *ctl, const char *name, const char *zone_name, GError **error)
{
    return db_begin(ctl->db, error) &&
           store_agency_add(ctl->db, name, zone_name, ctl->now, &ctl->agency, error) &&
           db_commit(ctl->db, error);
}

int ctl_agency_add(struct ctl *ctl, char **words)
{
    const char *zone_name = ctl->option[CTL_TIMEZONE];
    if (zone_name == NULL)
        return ctl_complain(EX_USAGE, "agency add wants --timezone ZONE, such as America/Chicago");
    g_autoptr(GError) error = NULL;
    /* Before the database is opened, so that the likeliest mistake does not make one. */
    AUTO(day_zone) zone = day_zone_new(zone_name, &error);
    if (zone == NULL)
        return ctl_fail(error, EX_DATAERR);
    int code = ctl_open(ctl, DB_CREATE);
    if (code != EX_OK)
        return code;
    if (!add_agency(ctl, words[0], zone_name, &error))
        return ctl_fail(error, EX_DATAERR);
    if (ctl->option[CTL_JSON] != NULL)
        output_json(agency_json(ctl, &ctl->agency));
    else
        print_agency(ctl, &ctl->agency);
    return EX_OK;
}

int ctl_agency_list(struct ctl *ctl, char **words)
{
    (void)words;
    int code = ctl_open(ctl, DB_READONLY);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) agencies = store_agency_list(ctl->db, ctl->now, &error);
    if (agencies == NULL)
        return ctl_fail(error, EX_UNAVAILABLE);
    if (ctl->option[CTL_JSON] != NULL) {
        struct json *array = json_array_new();
        for (guint i = 0; i < agencies->len; i++)
            json_append(array, agency_json(ctl, &g_array_index(agencies, struct store_agency, i)));
        output_json(array);
        return EX_OK;
    }
    struct output_table *table =
        output_table_new((const char *const[]){"NAME", "TIMEZONE", "ID", "ADDRESS", NULL});
    for (guint i = 0; i < agencies->len; i++) {
        const struct store_agency *agency = &g_array_index(agencies, struct store_agency, i);
        g_autofree char *address = ctl_address(ctl, agency->key);
        output_table_text(table, agency->name);
        output_table_text(table, agency->timezone);
        output_table_text(table, agency->id);
        output_table_text(table, address);
    }
    output_table_print(table, "no agencies yet: callmxctl agency add NAME --timezone ZONE");
    return EX_OK;
}

static int64_t count_active(const GArray *members)
{
    int64_t count = 0;
    for (guint i = 0; i < members->len; i++) {
        const struct store_member *member = &g_array_index(members, struct store_member, i);
        count += g_strcmp0(member->status, "active") == 0;
    }
    return count;
}

int ctl_agency_show(struct ctl *ctl, char **words)
{
    int code = ctl_open_agency(ctl, DB_READONLY, words[0]);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) keys = store_key_list(ctl->db, ctl->agency.id, &error);
    if (keys == NULL)
        return ctl_fail(error, EX_UNAVAILABLE);
    g_autoptr(GArray) members = store_member_list(ctl->db, ctl->agency.id, &error);
    if (members == NULL)
        return ctl_fail(error, EX_UNAVAILABLE);
    if (ctl->option[CTL_JSON] != NULL) {
        struct json *object = agency_json(ctl, &ctl->agency);
        view_time(object, "created_at", ctl->agency.created_at);
        json_set_int(object, "active_members", count_active(members));
        json_set(object, "keys", ctl_key_json(ctl, keys));
        output_json(object);
        return EX_OK;
    }
    print_agency(ctl, &ctl->agency);
    output_field_time("created", ctl->agency.created_at);
    output_field_count("members", count_active(members));
    puts("");
    ctl_key_print(ctl, keys);
    return EX_OK;
}
