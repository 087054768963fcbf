/*
 * calls and unmatched: the legs behind the figures of a day, and the names in them that are
 * nobody's.
 *
 * What stands here comes from strangers' workbooks: every text goes through the escaping of
 * output.h before it reaches a terminal. Columns bear the names of the table call_events.
 */
#include "ctl/command.h"
#include "ctl/ctl.h"

#include "ctl/output.h"
#include "db/store_calls.h"
#include "db/store_member.h"

#include <stdio.h>

struct listing {
    const struct ctl *ctl;      /* borrowed */
    const GArray *members;      /* borrowed; of struct store_member; text only */
    struct json *array;         /* JSON only */
    struct output_table *table; /* text only */
};

/* The columns of call_events, under their names. */
static struct json *leg_json(const struct store_leg *leg)
{
    char date[DAY_DATE_SIZE];
    day_date_text(leg->call_date, date);
    struct json *object = json_object_new();
    json_set_text(object, "agency_id", leg->agency_id);
    json_set_text(object, "provider", leg->provider);
    json_set_text(object, "external_call_id", leg->external_call_id);
    json_set_text(object, "leg", leg->leg);
    json_set_text(object, "call_date", date);
    json_set_text(object, "direction", leg->direction);
    json_set_text(object, "call_type", leg->call_type);
    json_set_text(object, "from_number", leg->from_number);
    json_set_text(object, "from_name", leg->from_name);
    json_set_text(object, "to_number", leg->to_number);
    json_set_text(object, "to_name", leg->to_name);
    output_json_time(object, "call_started_at", leg->call_started_at);
    json_set_bool(object, "start_estimated", leg->start_estimated);
    json_set_count(object, "duration_seconds", leg->duration_seconds);
    json_set_count(object, "talk_seconds", leg->talk_seconds);
    json_set_text(object, "result", leg->result);
    json_set_text(object, "queue", leg->queue);
    json_set_text(object, "agent", leg->agent);
    json_set_text(object, "extension", leg->extension);
    json_set_text(object, "matched_team_member_id", leg->matched_team_member_id);
    json_set_text(object, "matched_prospect_id", leg->matched_prospect_id);
    json_set_bool(object, "prospect_ambiguous", leg->prospect_ambiguous);
    json_set_text(object, "source_log_id", leg->source_log_id);
    json_set_text(object, "source_file_id", leg->source_file_id);
    json_set_text(object, "source_sheet", leg->source_sheet);
    json_set_count(object, "source_row", leg->source_row);
    output_json_time(object, "source_received_at", leg->source_received_at);
    json_set_count(object, "covered_seconds", leg->covered_seconds);
    json_set(object, "raw_payload", leg->raw_payload != NULL ? json_parse(leg->raw_payload) : NULL);
    return object;
}

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
        json_append(listing->array, leg_json(leg));
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

/* A name may stand in Users reports alone that are booked on no day. */
static void set_date(struct json *object, const char *name, int32_t date)
{
    char text[DAY_DATE_SIZE];
    if (date == INT32_MIN) {
        json_set_null(object, name);
        return;
    }
    day_date_text(date, text);
    json_set_text(object, name, text);
}

static struct json *unmatched_json(const struct store_unmatched *unmatched)
{
    struct json *object = json_object_new();
    json_set_text(object, "name", unmatched->name);
    json_set_text(object, "extension", unmatched->extension);
    json_set_int(object, "legs", unmatched->legs);
    json_set_int(object, "days", unmatched->days);
    set_date(object, "first_date", unmatched->first_date);
    set_date(object, "last_date", unmatched->last_date);
    return object;
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
        json_append(array, unmatched_json(&g_array_index(list, struct store_unmatched, i)));
    output_json(array);
    return EX_OK;
}
