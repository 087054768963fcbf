/*
 * calls and unmatched: the legs behind the figures of a day, and the names in them that are
 * nobody's.
 *
 * What stands here comes from strangers' workbooks: every text goes through the escaping of
 * output.h before it reaches a terminal. Columns bear the names of the view call_events.
 */
#include "ctl/command.h"
#include "ctl/ctl.h"

#include "ctl/output.h"
#include "db/store_calls.h"
#include "db/store_member.h"
#include "view/view.h"

#include <stdio.h>

struct listing {
    const struct ctl *ctl;      /* borrowed */
    const GArray *members;      /* borrowed; of struct store_member; text only */
    struct json *array;         /* JSON only */
    struct output_table *table; /* text only */
};

static void add_row(struct listing *listing, const struct store_leg *leg)
{
    struct output_table *table = listing->table;
    char start[DAY_TIME_SIZE];
    /* The time on the agency's wall: civil time, written by the function for UTC. */
    day_time_text(day_zone_civil(listing->ctl->zone, leg->call_started_at), start);
    g_autofree char *clock = g_strndup(start + DAY_DATE_SIZE, 8);
    output_table_text(table, clock);
    output_table_text(table, leg->direction != NULL ? leg->direction : leg->call_type);
    output_table_text(table, leg->from_name != NULL ? leg->from_name : leg->from_number);
    output_table_text(table, leg->to_name != NULL ? leg->to_name : leg->to_number);
    output_table_text(table, leg->result);
    output_table_duration(table, leg->duration_seconds);
    output_table_duration(table, leg->talk_seconds);
    output_table_text(table, leg->queue);
    output_table_text(table, store_member_name(listing->members, leg->matched_team_member_id));
    output_table_text(table, leg->external_call_id);
}

static bool on_leg(void *context, const struct store_leg *leg)
{
    struct listing *listing = context;
    if (listing->array != NULL)
        json_append(listing->array, view_leg(leg));
    else
        add_row(listing, leg);
    return true;
}

static struct output_table *new_table(void)
{
    return output_table_new((const char *const[]){"START", "DIRECTION", "FROM", "TO", "RESULT",
                                                  ">LENGTH", ">TALK", "QUEUE", "MEMBER", "SESSION",
                                                  NULL});
}

int ctl_calls(struct ctl *ctl, char **words)
{
    int code = ctl_open_agency(ctl, DB_READONLY, words[0]);
    int32_t date = 0;
    if (code == EX_OK)
        code = ctl_date(ctl, &date);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) members = store_member_list(ctl->db, ctl->agency.id, &error);
    if (members == NULL)
        return ctl_fail(error, EX_UNAVAILABLE);
    bool wants_json = ctl->option[CTL_JSON] != NULL;
    AUTO(json) array = wants_json ? json_array_new() : NULL;
    AUTO(output_table) table = wants_json ? NULL : new_table();
    struct listing listing = {.ctl = ctl, .members = members, .array = array, .table = table};
    if (!store_leg_each(ctl->db, ctl->agency.id, date, on_leg, &listing, &error))
        return ctl_fail(error, EX_UNAVAILABLE);
    if (wants_json) {
        output_json(g_steal_pointer(&array));
        return EX_OK;
    }
    char day[DAY_DATE_SIZE];
    day_date_text(date, day);
    output_line("%s, %s (%s)", ctl->agency.name, day, ctl->agency.timezone);
    output_table_print(g_steal_pointer(&table), "no calls are stored of this day");
    return EX_OK;
}

static void print_unmatched(const GArray *list)
{
    struct output_table *table = output_table_new(
        (const char *const[]){"NAME", "EXTENSION", ">LEGS", ">DAYS", "FIRST", "LAST", NULL});
    for (guint i = 0; i < list->len; i++) {
        const struct store_unmatched *unmatched = &g_array_index(list, struct store_unmatched, i);
        output_table_text(table, unmatched->name);
        output_table_text(table, unmatched->extension);
        output_table_count(table, unmatched->legs);
        output_table_count(table, unmatched->days);
        output_table_date(table, unmatched->first_date);
        output_table_date(table, unmatched->last_date);
    }
    output_table_print(table, "everybody in the reports is a member");
}

int ctl_unmatched(struct ctl *ctl, char **words)
{
    int code = ctl_open_agency(ctl, DB_READONLY, words[0]);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) list = store_unmatched_list(ctl->db, ctl->agency.id, &error);
    if (list == NULL)
        return ctl_fail(error, EX_UNAVAILABLE);
    if (ctl->option[CTL_JSON] == NULL) {
        print_unmatched(list);
        return EX_OK;
    }
    struct json *array = json_array_new();
    for (guint i = 0; i < list->len; i++)
        json_append(array, view_unmatched(&g_array_index(list, struct store_unmatched, i)));
    output_json(array);
    return EX_OK;
}
