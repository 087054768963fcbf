/*
 * member add, alias, unalias, aliases, list: the people whose calls are counted. The import from a
 * file is in ctl_member_import.c.
 *
 * What may be a name, an e-mail or an extension is the store's business; this file asks, and prints
 * what came of it.
 */
#include "ctl/command.h"
#include "ctl/ctl.h"

#include "ctl/output.h"
#include "db/store_member.h"
#include "ingest/relink.h"
#include "view/view.h"

static bool add_member(struct ctl *ctl, struct store_member *member, struct relink *relink,
                       GError **error)
{
    return db_begin(ctl->db, error) && store_member_add(ctl->db, ctl->agency.id, member, error) &&
           relink_people(ctl->db, ctl->agency.id, ctl->now, relink, error) &&
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
    struct relink relink = {0};
    if (!add_member(ctl, &member, &relink, &error)) {
        code = ctl_fail(error, EX_DATAERR);
    } else if (ctl->option[CTL_JSON] != NULL) {
        struct json *object = view_member(&member);
        json_set(object, "relinked", view_relink(&relink));
        output_json(object);
    } else {
        output_field("id", member.id);
        output_field("name", member.name);
        output_field("email", member.email);
        output_field("extension", member.extension);
        output_field("role", member.role);
        ctl_relink_print(&relink);
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
            json_append(array, view_member(&g_array_index(members, struct store_member, i)));
        output_json(array);
    } else {
        print_members(members);
    }
    return EX_OK;
}

/* --- aliases --- */

static bool put_alias(struct ctl *ctl, const char *name, const char *word,
                      struct store_member *member, struct relink *relink, GError **error)
{
    return db_begin(ctl->db, error) &&
           store_member_find(ctl->db, ctl->agency.id, word, member, error) &&
           store_alias_put(ctl->db, ctl->agency.id, name, member, error) &&
           relink_people(ctl->db, ctl->agency.id, ctl->now, relink, error) &&
           db_commit(ctl->db, error);
}

int ctl_member_alias(struct ctl *ctl, char **words)
{
    int code = ctl_open_agency(ctl, DB_WRITE, words[0]);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    struct store_member member = {0};
    struct relink relink = {0};
    if (!put_alias(ctl, words[1], words[2], &member, &relink, &error)) {
        code = ctl_fail(error, EX_DATAERR);
    } else if (ctl->option[CTL_JSON] != NULL) {
        struct json *object = view_alias(words[1], member.id, member.name);
        json_set(object, "relinked", view_relink(&relink));
        output_json(object);
    } else {
        output_line("%s is %s", words[1], member.name);
        ctl_relink_print(&relink);
    }
    store_member_clear(&member);
    return code;
}

static bool drop_alias(struct ctl *ctl, const char *name, struct relink *relink, GError **error)
{
    return db_begin(ctl->db, error) && store_alias_drop(ctl->db, ctl->agency.id, name, error) &&
           relink_people(ctl->db, ctl->agency.id, ctl->now, relink, error) &&
           db_commit(ctl->db, error);
}

int ctl_member_unalias(struct ctl *ctl, char **words)
{
    int code = ctl_open_agency(ctl, DB_WRITE, words[0]);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    struct relink relink = {0};
    if (!drop_alias(ctl, words[1], &relink, &error))
        return ctl_fail(error, EX_DATAERR);
    if (ctl->option[CTL_JSON] != NULL) {
        struct json *object = view_alias(words[1], NULL, NULL);
        json_set(object, "relinked", view_relink(&relink));
        output_json(object);
    } else {
        output_line("%s is no alias any more", words[1]);
        ctl_relink_print(&relink);
    }
    return EX_OK;
}

int ctl_member_aliases(struct ctl *ctl, char **words)
{
    int code = ctl_open_agency(ctl, DB_READONLY, words[0]);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) aliases = store_alias_list(ctl->db, ctl->agency.id, &error);
    if (aliases == NULL)
        return ctl_fail(error, EX_UNAVAILABLE);
    bool wants_json = ctl->option[CTL_JSON] != NULL;
    AUTO(json) array = json_array_new();
    AUTO(output_table)
    table = output_table_new((const char *const[]){"NAME AS REPORTED", "MEMBER", NULL});
    for (guint i = 0; i < aliases->len; i++) {
        const struct store_alias *alias = &g_array_index(aliases, struct store_alias, i);
        json_append(array, view_alias(alias->name, alias->member_id, alias->member_name));
        output_table_text(table, alias->name);
        output_table_text(table, alias->member_name);
    }
    if (wants_json)
        output_json(g_steal_pointer(&array));
    else
        output_table_print(g_steal_pointer(&table),
                           "no aliases: callmxctl member alias AGENCY \"NAME\" MEMBER");
    return EX_OK;
}
