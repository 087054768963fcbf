/*
 * The rows of a file, field by field, before any of them is anybody's: no member, no zone, no day.
 * The names are those of struct report_leg and struct report_user.
 *
 * It owns nothing. Texts for people pass output.h, which escapes what a stranger wrote.
 */
#include "ctl/ctl_rows.h"

#include "ctl/output.h"
#include "figures/day.h"

static struct json *leg_json(const struct report_file *file, const struct report_leg *leg)
{
    char start[DAY_TIME_SIZE];
    day_time_text(leg->start, start);
    start[DAY_TIME_SIZE - 2] = '\0'; /* it is on the wall, not in UTC */
    struct json *object = json_object_new();
    json_set_text(object, "session_id", leg->session_id);
    json_set_bool(object, "id_imprecise", leg->id_imprecise);
    json_set_text(object, "direction", report_direction_name(leg->direction));
    json_set_text(object, "call_type", leg->call_type);
    json_set_text(object, "from_name", leg->from_name);
    json_set_text(object, "from_number", leg->from_number);
    json_set_text(object, "to_name", leg->to_name);
    json_set_text(object, "to_number", leg->to_number);
    json_set_text(object, "result", leg->result);
    json_set_text(object, "queue", leg->queue);
    json_set_text(object, "start", start);
    json_set_count(object, "length", leg->length);
    json_set_count(object, "handle_time", leg->handle_time);
    json_set_text(object, "sheet", g_ptr_array_index(file->sheets, leg->sheet));
    json_set_count(object, "row", leg->row);
    json_set(object, "raw_payload", leg->raw_payload != NULL ? json_parse(leg->raw_payload) : NULL);
    return object;
}

static struct json *user_json(const struct report_file *file, const struct report_user *user)
{
    struct json *object = json_object_new();
    json_set_text(object, "name", user->name);
    json_set_text(object, "status", user->status);
    json_set_text(object, "extension", user->extension);
    json_set_text(object, "email", user->email);
    json_set_count(object, "total_calls", user->total_calls);
    json_set_count(object, "inbound_calls", user->inbound_calls);
    json_set_count(object, "outbound_calls", user->outbound_calls);
    json_set_count(object, "answered_inbound", user->answered_inbound);
    json_set_count(object, "answered_outbound", user->answered_outbound);
    json_set_count(object, "missed", user->missed);
    json_set_count(object, "handle_time", user->handle_time);
    json_set_count(object, "handle_time_inbound", user->handle_time_inbound);
    json_set_count(object, "handle_time_outbound", user->handle_time_outbound);
    json_set_text(object, "sheet", g_ptr_array_index(file->sheets, user->sheet));
    json_set_count(object, "row", user->row);
    json_set(object, "raw_payload",
             user->raw_payload != NULL ? json_parse(user->raw_payload) : NULL);
    return object;
}

static struct json *file_json(const struct report_file *file)
{
    struct json *object = json_object_new(), *legs = json_array_new(), *users = json_array_new();
    for (guint i = 0; i < file->legs->len; i++)
        json_append(legs, leg_json(file, &g_array_index(file->legs, struct report_leg, i)));
    for (guint i = 0; i < file->users->len; i++)
        json_append(users, user_json(file, &g_array_index(file->users, struct report_user, i)));
    json_set(object, "legs", legs);
    json_set(object, "users", users);
    return object;
}

struct json *ctl_rows_json(const struct report *report)
{
    struct json *files = json_array_new();
    for (guint i = 0; i < report->files->len; i++)
        json_append(files, file_json(g_ptr_array_index(report->files, i)));
    return files;
}

static void print_legs(const struct report_file *file)
{
    struct output_table *table = output_table_new((const char *const[]){
        ">ROW", "START", "DIRECTION", "FROM", "FROM NUMBER", "TO", "TO NUMBER", "RESULT", ">LENGTH",
        ">HANDLE", "QUEUE", "SESSION", NULL});
    for (guint i = 0; i < file->legs->len; i++) {
        const struct report_leg *leg = &g_array_index(file->legs, struct report_leg, i);
        char start[DAY_TIME_SIZE];
        day_time_text(leg->start, start);
        start[DAY_DATE_SIZE - 1] = ' ';
        start[DAY_TIME_SIZE - 2] = '\0';
        output_table_count(table, leg->row);
        output_table_text(table, start);
        output_table_text(table, leg->call_type);
        output_table_text(table, leg->from_name);
        output_table_text(table, leg->from_number);
        output_table_text(table, leg->to_name);
        output_table_text(table, leg->to_number);
        output_table_text(table, leg->result);
        output_table_duration(table, leg->length);
        output_table_duration(table, leg->handle_time);
        output_table_text(table, leg->queue);
        output_table_text(table, leg->session_id);
    }
    output_table_print(table, "there are no calls in it");
}

static void print_users(const struct report_file *file)
{
    struct output_table *table = output_table_new(
        (const char *const[]){">ROW", "NAME", "EXT", ">CALLS", ">IN", ">OUT", ">ANSWERED IN",
                              ">ANSWERED OUT", ">MISSED", ">HANDLE", NULL});
    for (guint i = 0; i < file->users->len; i++) {
        const struct report_user *user = &g_array_index(file->users, struct report_user, i);
        output_table_count(table, user->row);
        output_table_text(table, user->name);
        output_table_text(table, user->extension);
        output_table_count(table, user->total_calls);
        output_table_count(table, user->inbound_calls);
        output_table_count(table, user->outbound_calls);
        output_table_count(table, user->answered_inbound);
        output_table_count(table, user->answered_outbound);
        output_table_count(table, user->missed);
        output_table_duration(table, user->handle_time);
    }
    output_table_print(table, "there are no people in it");
}

void ctl_rows_print(const struct report_file *file)
{
    if (file->has_calls)
        print_legs(file);
    if (file->has_users)
        print_users(file);
}
