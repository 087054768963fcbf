/*
 * contact import, list, show: people outside, and the calls with them.
 *
 * Names and numbers of contacts are an agency's own; what comes from reports (results, directions)
 * is a stranger's, and passes the escaping of output.h.
 */
#include "ctl/command.h"
#include "ctl/ctl_import.h"

#include "ctl/output.h"
#include "db/store_contact.h"
#include "ingest/relink.h"
#include "view/view.h"

#include <string.h>

/* --- import --- */

enum column { NAME, KIND, PHONE, EMAIL };

static const char *const columns[] = {"name", "kind", "phone", "email", NULL};

static bool take(void *context, struct ctl *ctl, size_t line, char *const *fields,
                 enum ctl_imported *what, GError **error)
{
    (void)context;
    (void)line;
    struct store_contact contact = {
        .name = g_strdup(fields[NAME]),
        .kind = g_strdup(fields[KIND]),
        .email = g_strdup(fields[EMAIL]),
    };
    bool is_added = false, is_changed = false;
    bool is_good = store_contact_put(ctl->db, ctl->agency.id, &contact, fields[PHONE], &is_added,
                                     &is_changed, error);
    *what = is_added ? CTL_ADDED : is_changed ? CTL_CHANGED : CTL_UNCHANGED;
    store_contact_clear(&contact);
    return is_good;
}

static bool finish(void *context, struct ctl *ctl, int64_t *counts, GError **error)
{
    return counts[CTL_ADDED] + counts[CTL_CHANGED] == 0 ||
           relink_contacts(ctl->db, ctl->agency.id, ctl->now, context, error);
}

static void tell_json(void *context, struct json *object)
{
    const struct relink_contacts *relink = context;
    struct json *relinked = json_object_new();
    json_set_int(relinked, "legs", relink->legs);
    json_set_int(relinked, "calls", relink->calls);
    json_set_int(relinked, "ambiguous", relink->ambiguous);
    json_set(object, "relinked", relinked);
}

static void tell(void *context)
{
    const struct relink_contacts *relink = context;
    if (relink->legs > 0)
        output_line("%" G_GINT64_FORMAT " stored legs have another contact now; %" G_GINT64_FORMAT
                    " calls are on timelines",
                    relink->legs, relink->calls);
    if (relink->ambiguous > 0)
        output_line("%" G_GINT64_FORMAT " legs are with a number that several contacts share, and "
                    "on no timeline: callmxctl contact list marks them",
                    relink->ambiguous);
}

int ctl_contact_import(struct ctl *ctl, char **words)
{
    static const struct ctl_import form = {
        .columns = columns,
        .required = 1u << NAME | 1u << KIND | 1u << PHONE,
        .example = "name,kind,phone",
        .take = take,
        .finish = finish,
        .tell_json = tell_json,
        .tell = tell,
    };
    struct relink_contacts relink = {0};
    return ctl_import(ctl, words[0], words[1], &form, &relink);
}

/* --- list --- */

static void print_list(const GArray *list)
{
    struct output_table *table =
        output_table_new((const char *const[]){"NAME", "KIND", "PHONE", "SHARED", "EMAIL", NULL});
    for (guint i = 0; i < list->len; i++) {
        const struct store_contact_phone *one = &g_array_index(list, struct store_contact_phone, i);
        output_table_text(table, one->contact.name);
        output_table_text(table, one->contact.kind);
        output_table_text(table, one->phone);
        output_table_text(table, one->is_shared ? "yes" : "");
        output_table_text(table, one->contact.email);
    }
    output_table_print(table, "no contacts yet: callmxctl contact import AGENCY FILE.csv");
}

int ctl_contact_list(struct ctl *ctl, char **words)
{
    int code = ctl_open_agency(ctl, DB_READONLY, words[0]);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) list = store_contact_list(ctl->db, ctl->agency.id, &error);
    if (list == NULL)
        return ctl_fail(error, EX_UNAVAILABLE);
    if (ctl->option[CTL_JSON] != NULL)
        output_json(view_contacts(list));
    else
        print_list(list);
    return EX_OK;
}

/* --- show --- */

static void print_activities(const struct ctl *ctl, const GArray *list)
{
    struct output_table *table = output_table_new((const char *const[]){
        "WHEN", "DIRECTION", "RESULT", ">LENGTH", ">TALK", "MEMBER", "SESSION", NULL});
    for (guint i = 0; i < list->len; i++) {
        const struct store_activity *one = &g_array_index(list, struct store_activity, i);
        char when[DAY_TIME_SIZE];
        /* The time on the agency's wall: civil time, written by the function for UTC. */
        day_time_text(day_zone_civil(ctl->zone, one->happened_at), when);
        when[DAY_DATE_SIZE - 1] = ' ';
        when[DAY_TIME_SIZE - 2] = '\0';
        output_table_text(table, when);
        output_table_text(table, one->direction);
        output_table_text(table, one->result);
        output_table_duration(table, one->duration_seconds);
        output_table_duration(table, one->talk_seconds);
        output_table_text(table, one->member_name);
        output_table_text(table, one->external_call_id);
    }
    output_table_print(table, "no call with this contact is stored");
}

int ctl_contact_show(struct ctl *ctl, char **words)
{
    int64_t limit = 0;
    int code = ctl_open_agency(ctl, DB_READONLY, words[0]);
    if (code == EX_OK)
        code = ctl_limit(ctl, &limit);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    struct store_contact contact = {0};
    if (!store_contact_find(ctl->db, ctl->agency.id, words[1], &contact, &error))
        return ctl_fail(error, EX_NOUSER);
    g_autoptr(GArray) list =
        store_activity_list(ctl->db, ctl->agency.id, contact.id, limit, &error);
    if (list == NULL) {
        code = ctl_fail(error, EX_UNAVAILABLE);
    } else if (ctl->option[CTL_JSON] != NULL) {
        struct json *object = view_contact(&contact);
        json_set(object, "activities", view_activities(list));
        output_json(object);
    } else {
        output_field("name", contact.name);
        output_field("kind", contact.kind);
        output_field("email", contact.email);
        print_activities(ctl, list);
    }
    store_contact_clear(&contact);
    return code;
}
