/*
 * member add, list: the people whose calls are counted. The import from a file is in
 * ctl_member_import.c.
 *
 * What may be a name, an e-mail or an extension is the store's business; this file asks, and prints
 * what came of it.
 */
#include "ctl/command.h"
#include "ctl/ctl.h"

#include "ctl/output.h"
#include "db/store_member.h"

static struct json *member_json(const struct store_member *member)
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

static bool add_member(struct ctl *ctl, struct store_member *member, GError **error)
{
    return db_begin(ctl->db, error) && store_member_add(ctl->db, ctl->agency.id, member, error) &&
           db_commit(ctl->db, error);
}

int ctl_member_add(struct ctl *ctl, char **words)
{
    int code = ctl_open_agency(ctl, DB_WRITE, words[0]);
    if (code != EX_OK)
        return code;
    const char *role = ctl->option[CTL_ROLE];
    struct store_member member = {.name = g_strstrip(g_strdup(words[1])),
                                  .email = g_strdup(ctl->option[CTL_EMAIL]),
                                  .extension = g_strdup(ctl->option[CTL_EXTENSION]),
                                  .role = g_strdup(role != NULL ? role : "staff"),
                                  .status = g_strdup("active")};
    g_autoptr(GError) error = NULL;
    if (!add_member(ctl, &member, &error)) {
        code = ctl_fail(error, EX_DATAERR);
    } else if (ctl->option[CTL_JSON] != NULL) {
        output_json(member_json(&member));
    } else {
        output_field("id", member.id);
        output_field("name", member.name);
        output_field("email", member.email);
        output_field("extension", member.extension);
        output_field("role", member.role);
    }
    store_member_clear(&member);
    return code;
}

static void print_members(const GArray *members)
{
    struct output_table *table = output_table_new(
        (const char *const[]){"NAME", "EXTENSION", "EMAIL", "ROLE", "STATUS", "ID", NULL});
    for (guint i = 0; i < members->len; i++) {
        const struct store_member *member = &g_array_index(members, struct store_member, i);
        output_table_text(table, member->name);
        output_table_text(table, member->extension);
        output_table_text(table, member->email);
        output_table_text(table, member->role);
        output_table_text(table, member->status);
        output_table_text(table, member->id);
    }
    output_table_print(table, "no members yet: callmxctl member add AGENCY NAME");
}

int ctl_member_list(struct ctl *ctl, char **words)
{
    int code = ctl_open_agency(ctl, DB_READONLY, words[0]);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) members = store_member_list(ctl->db, ctl->agency.id, &error);
    if (members == NULL)
        return ctl_fail(error, EX_UNAVAILABLE);
    if (ctl->option[CTL_JSON] != NULL) {
        struct json *array = json_array_new();
        for (guint i = 0; i < members->len; i++)
            json_append(array, member_json(&g_array_index(members, struct store_member, i)));
        output_json(array);
    } else {
        print_members(members);
    }
    return EX_OK;
}
