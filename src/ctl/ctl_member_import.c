/*
 * member import: team members from a CSV file.
 *
 * It can be run again with the same file: store_member_put() knows a member by e-mail, extension or
 * name, and then changes instead of adding. That is also why two lines about one member are an
 * error: the second would silently undo the first.
 */
#include "ctl/command.h"
#include "ctl/ctl_import.h"

#include "base/error.h"
#include "base/hash.h"
#include "db/store_member.h"
#include "ingest/relink.h"
#include "view/view.h"

enum column { NAME, EMAIL, EXTENSION, ROLE, STATUS };

static const char *const columns[] = {"name", "email", "extension", "role", "status", NULL};

struct import {
    GHashTable *lines; /* member's id to the line (GSIZE_TO_POINTER) that was about it */
    struct relink relink;
};

static bool put(struct import *import, struct ctl *ctl, struct store_member *member, size_t line,
                enum ctl_imported *what, GError **error)
{
    bool is_added = false, is_changed = false;
    if (!store_member_put(ctl->db, ctl->agency.id, member, &is_added, &is_changed, error))
        return false;
    *what = is_added ? CTL_ADDED : is_changed ? CTL_CHANGED : CTL_UNCHANGED;
    if (member->id == NULL)
        return true;
    size_t before = GPOINTER_TO_SIZE(g_hash_table_lookup(import->lines, member->id));
    if (before != 0)
        return error_perm(error, "this line is about the same member as line %zu", before);
    g_hash_table_insert(import->lines, g_strdup(member->id), GSIZE_TO_POINTER(line));
    return true;
}

static bool take(void *context, struct ctl *ctl, size_t line, char *const *fields,
                 enum ctl_imported *what, GError **error)
{
    struct store_member member = {
        .name = g_strdup(fields[NAME]),
        .email = g_strdup(fields[EMAIL]),
        .extension = g_strdup(fields[EXTENSION]),
        .role = g_strdup(fields[ROLE]),
        .status = g_strdup(fields[STATUS]),
    };
    bool is_good = put(context, ctl, &member, line, what, error);
    store_member_clear(&member);
    return is_good;
}

static bool finish(void *context, struct ctl *ctl, int64_t *counts, GError **error)
{
    struct import *import = context;
    return counts[CTL_ADDED] + counts[CTL_CHANGED] == 0 ||
           relink_people(ctl->db, ctl->agency.id, ctl->now, &import->relink, error);
}

static void tell_json(void *context, struct json *object)
{
    const struct import *import = context;
    json_set(object, "relinked", view_relink(&import->relink));
}

static void tell(void *context)
{
    const struct import *import = context;
    ctl_relink_print(&import->relink);
}

int ctl_member_import(struct ctl *ctl, char **words)
{
    static const struct ctl_import form = {
        .columns = columns,
        .required = 1u << NAME,
        .example = "name,email,extension",
        .take = take,
        .finish = finish,
        .tell_json = tell_json,
        .tell = tell,
    };
    g_autoptr(GHashTable) lines = g_hash_table_new_full(hash_text, g_str_equal, g_free, NULL);
    struct import import = {.lines = lines};
    return ctl_import(ctl, words[0], words[1], &form, &import);
}
