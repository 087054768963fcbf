/*
 * why: from the figures of a member's day back to mail, file, sheet and row: the rows of Users
 * reports and the legs that are that member's. `show` tells all about a message by its id, and
 * `show --raw` gives the mail itself.
 */
#include "ctl/command.h"
#include "ctl/ctl.h"

#include "ctl/output.h"
#include "db/store_calls.h"
#include "db/store_member.h"
#include "db/store_message.h"
#include "db/store_metrics.h"
#include "view/view.h"

#include <stdio.h>
#include <string.h>

struct why {
    struct ctl *ctl; /* borrowed */
    int32_t date;
    struct store_member member;
    struct json *users, *legs;               /* JSON only */
    struct output_table *user_table, *table; /* text only */
    GError *error;
};

/* The message and the name of the file; blank where it is unknown. */
static bool find_file(struct why *why, const char *file_id, struct store_file *file)
{
    bool found = false;
    *file = (struct store_file){0};
    return file_id == NULL ||
           store_file_read(why->ctl->db, why->ctl->agency.id, file_id, file, &found, &why->error);
}

static void set_source(struct json *object, const struct store_file *file, const char *sheet,
                       int64_t row)
{
    json_set_text(object, "source_log_id", file->log_id);
    json_set_text(object, "source_file_id", file->id);
    json_set_text(object, "source_file_name", file->name);
    json_set_text(object, "source_sheet", sheet);
    json_set_count(object, "source_row", row);
}

static void add_source(struct output_table *table, const struct store_file *file, const char *sheet,
                       int64_t row)
{
    output_table_text(table, file->name);
    output_table_text(table, sheet);
    output_table_count(table, row);
    output_table_text(table, file->log_id);
}

static bool on_user(void *context, const struct store_user *user)
{
    struct why *why = context;
    struct store_file file;
    if (g_strcmp0(user->matched_team_member_id, why->member.id) != 0)
        return true;
    if (!find_file(why, user->file_id, &file))
        return false;
    if (why->users != NULL) {
        struct json *object = json_object_new();
        json_set_text(object, "name", user->user.name);
        json_set_count(object, "total_calls", user->user.total_calls);
        json_set_count(object, "inbound_calls", user->user.inbound_calls);
        json_set_count(object, "outbound_calls", user->user.outbound_calls);
        json_set_count(object, "total_talk_seconds", user->user.handle_time);
        json_set_count(object, "covered_seconds", user->covered_seconds);
        view_time(object, "covered_until", user->covered_until);
        set_source(object, &file, user->sheet, user->user.row);
        json_append(why->users, object);
    } else {
        output_table_text(why->user_table, user->user.name);
        output_table_count(why->user_table, user->user.total_calls);
        output_table_count(why->user_table, user->user.inbound_calls);
        output_table_count(why->user_table, user->user.outbound_calls);
        output_table_duration(why->user_table, user->user.handle_time);
        output_table_duration(why->user_table, user->covered_seconds);
        add_source(why->user_table, &file, user->sheet, user->user.row);
    }
    store_file_clear(&file);
    return true;
}

static bool on_leg(void *context, const struct store_leg *leg)
{
    struct why *why = context;
    struct store_file file;
    if (g_strcmp0(leg->matched_team_member_id, why->member.id) != 0)
        return true;
    if (!find_file(why, leg->source_file_id, &file))
        return false;
    if (why->legs != NULL) {
        struct json *object = json_object_new();
        json_set_text(object, "provider", leg->provider);
        json_set_text(object, "external_call_id", leg->external_call_id);
        json_set_text(object, "leg", leg->leg);
        view_time(object, "call_started_at", leg->call_started_at);
        json_set_text(object, "direction", leg->direction);
        json_set_text(object, "result", leg->result);
        json_set_count(object, "talk_seconds", leg->talk_seconds);
        json_set_text(object, "agent", leg->agent);
        set_source(object, &file, leg->source_sheet, leg->source_row);
        json_append(why->legs, object);
    } else {
        char start[DAY_TIME_SIZE];
        /* The time on the agency's wall: civil time, written by the function for UTC. */
        day_time_text(day_zone_civil(why->ctl->zone, leg->call_started_at), start);
        g_autofree char *clock = g_strndup(start + DAY_DATE_SIZE, 8);
        output_table_text(why->table, clock);
        output_table_text(why->table, leg->external_call_id);
        output_table_text(why->table, leg->direction);
        output_table_text(why->table, leg->result);
        output_table_duration(why->table, leg->talk_seconds);
        add_source(why->table, &file, leg->source_sheet, leg->source_row);
    }
    store_file_clear(&file);
    return true;
}

static const struct store_member_metrics *find_metrics(const struct store_agency_metrics *day,
                                                       const char *member_id)
{
    for (guint i = 0; i < day->members->len; i++) {
        const struct store_member_metrics *member =
            &g_array_index(day->members, struct store_member_metrics, i);
        if (strcmp(member->team_member_id, member_id) == 0)
            return member;
    }
    return NULL;
}

static struct json *figures_json(const struct store_member_metrics *member)
{
    struct json *object = json_object_new();
    view_set_figures(object, &member->figures);
    json_set_text(object, "basis", member->basis);
    view_time(object, "covered_until", member->covered_until);
    return object;
}

static void print_figures(const struct store_member_metrics *member)
{
    struct output_table *table = output_table_new((const char *const[]){
        ">CALLS", ">IN", ">OUT", ">ANSWERED", ">MISSED", ">TALK", "BASIS", NULL});
    output_table_count(table, member->figures.total);
    output_table_count(table, member->figures.inbound);
    output_table_count(table, member->figures.outbound);
    output_table_count(table, member->figures.answered);
    output_table_count(table, member->figures.missed);
    output_table_duration(table, member->figures.talk_seconds);
    output_table_text(table, member->basis);
    output_table_print(table, "");
}

static void tell_json(struct why *why, const struct store_member_metrics *member)
{
    char date[DAY_DATE_SIZE];
    day_date_text(why->date, date);
    struct json *object = json_object_new();
    json_set_text(object, "date", date);
    json_set_text(object, "team_member_id", why->member.id);
    json_set_text(object, "name", why->member.name);
    json_set(object, "figures", member != NULL ? figures_json(member) : NULL);
    json_set(object, "users", g_steal_pointer(&why->users));
    json_set(object, "legs", g_steal_pointer(&why->legs));
    output_json(object);
}

static void tell(struct why *why, const struct store_member_metrics *member)
{
    char date[DAY_DATE_SIZE];
    day_date_text(why->date, date);
    output_line("%s, %s (%s)", why->member.name, date, why->ctl->agency.timezone);
    if (member != NULL)
        print_figures(member);
    else
        output_line("there are no figures of this day");
    puts("");
    output_line("from Users reports");
    output_table_print(g_steal_pointer(&why->user_table), "no row is this member's");
    puts("");
    output_line("from calls");
    output_table_print(g_steal_pointer(&why->table), "no leg is this member's");
}

/* Figures, rows and legs as they were at one moment. */
static bool read_all(struct why *why, struct store_agency_metrics *day)
{
    struct ctl *ctl = why->ctl;
    const char *agency_id = ctl->agency.id;
    return db_begin_snapshot(ctl->db, &why->error) &&
           store_metrics_of_day(ctl->db, agency_id, why->date, day, &why->error) &&
           store_user_each(ctl->db, agency_id, why->date, on_user, why, &why->error) &&
           why->error == NULL &&
           store_leg_each(ctl->db, agency_id, why->date, on_leg, why, &why->error) &&
           why->error == NULL;
}

static int explain(struct why *why)
{
    struct store_agency_metrics day = {0};
    bool is_read = read_all(why, &day);
    db_rollback(why->ctl->db);
    if (is_read && why->users != NULL)
        tell_json(why, find_metrics(&day, why->member.id));
    else if (is_read)
        tell(why, find_metrics(&day, why->member.id));
    if (day.members != NULL)
        store_agency_metrics_clear(&day);
    return is_read ? EX_OK : ctl_fail(why->error, EX_UNAVAILABLE);
}

static void why_init(struct why *why)
{
    static const char *const of_users[] = {"NAME",         ">CALLS",   ">IN",  ">OUT",
                                           ">HANDLE TIME", ">COVERED", "FILE", "SHEET",
                                           ">ROW",         "MESSAGE",  NULL};
    static const char *const of_legs[] = {"START", "SESSION", "DIRECTION", "RESULT",  ">TALK",
                                          "FILE",  "SHEET",   ">ROW",      "MESSAGE", NULL};
    if (why->ctl->option[CTL_JSON] != NULL) {
        why->users = json_array_new();
        why->legs = json_array_new();
    } else {
        why->user_table = output_table_new(of_users);
        why->table = output_table_new(of_legs);
    }
}

static void why_clear(struct why *why)
{
    store_member_clear(&why->member);
    json_free(why->users);
    json_free(why->legs);
    output_table_free(why->user_table);
    output_table_free(why->table);
    g_clear_error(&why->error);
}

int ctl_why(struct ctl *ctl, char **words)
{
    struct why why = {.ctl = ctl};
    int code = ctl_open_agency(ctl, DB_READONLY, words[0]);
    if (code == EX_OK)
        code = ctl_date(ctl, &why.date);
    if (code != EX_OK)
        return code;
    why_init(&why);
    if (!store_member_find(ctl->db, ctl->agency.id, words[1], &why.member, &why.error))
        code = ctl_fail(why.error, EX_NOUSER);
    else
        code = explain(&why);
    why_clear(&why);
    return code;
}
