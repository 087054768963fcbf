/* reconcile: what Calls and Users say of the same day, and where they differ. */
#include "ctl/command.h"
#include "ctl/ctl.h"

#include "ctl/output.h"
#include "ingest/reconcile.h"
#include "view/view.h"

static struct json *figures_json(const struct figures *figures)
{
    struct json *object = json_object_new();
    view_set_figures(object, figures);
    return object;
}

static void set_difference(struct json *object, const char *name, int64_t difference)
{
    if (difference == INT64_MIN)
        json_set_null(object, name);
    else
        json_set_int(object, name, difference);
}

static struct json *difference_json(const struct figures *difference)
{
    struct json *object = json_object_new();
    set_difference(object, "total_calls", difference->total);
    set_difference(object, "inbound_calls", difference->inbound);
    set_difference(object, "outbound_calls", difference->outbound);
    set_difference(object, "answered_calls", difference->answered);
    set_difference(object, "missed_calls", difference->missed);
    set_difference(object, "total_talk_seconds", difference->talk_seconds);
    return object;
}

static struct json *rows_json(const GArray *rows)
{
    struct json *array = json_array_new();
    for (guint i = 0; i < rows->len; i++) {
        const struct reconcile_row *row = &g_array_index(rows, struct reconcile_row, i);
        struct json *object = json_object_new();
        json_set_text(object, "team_member_id", row->member_id);
        json_set_text(object, "name", row->name);
        json_set(object, "users", figures_json(&row->users));
        json_set(object, "calls", figures_json(&row->calls));
        json_set_bool(object, "is_comparable", row->is_comparable);
        json_set(object, "difference", difference_json(&row->difference));
        json_append(array, object);
    }
    return array;
}

static void add_cell(struct output_table *table, int64_t users, int64_t calls, int64_t difference)
{
    g_autofree char *a = users >= 0 ? g_strdup_printf("%" G_GINT64_FORMAT, users) : g_strdup("-");
    g_autofree char *b = calls >= 0 ? g_strdup_printf("%" G_GINT64_FORMAT, calls) : g_strdup("-");
    g_autofree char *text = difference != INT64_MIN && difference != 0
                                ? g_strdup_printf("%s/%s (%+" G_GINT64_FORMAT ")", a, b, difference)
                                : g_strdup_printf("%s/%s", a, b);
    output_table_text(table, text);
}

static void print_rows(const GArray *rows)
{
    struct output_table *table = output_table_new((const char *const[]){
        "USERS/CALLS", ">CALLS", ">IN", ">OUT", ">ANSWERED", ">MISSED", ">TALK (S)", "", NULL});
    for (guint i = 0; i < rows->len; i++) {
        const struct reconcile_row *row = &g_array_index(rows, struct reconcile_row, i);
        const struct figures *a = &row->users, *b = &row->calls, *d = &row->difference;
        output_table_text(table, row->name);
        add_cell(table, a->total, b->total, d->total);
        add_cell(table, a->inbound, b->inbound, d->inbound);
        add_cell(table, a->outbound, b->outbound, d->outbound);
        add_cell(table, a->answered, b->answered, d->answered);
        add_cell(table, a->missed, b->missed, d->missed);
        add_cell(table, a->talk_seconds, b->talk_seconds, d->talk_seconds);
        output_table_text(table, !row->is_comparable ? "cover different parts of the day"
                                 : row->differs      ? "differ"
                                                     : "agree");
    }
    output_table_print(table, "neither Calls nor Users tell anything of this day");
}

int ctl_reconcile(struct ctl *ctl, char **words)
{
    int32_t date = 0;
    int code = ctl_open_agency(ctl, DB_READONLY, words[0]);
    if (code == EX_OK)
        code = ctl_date(ctl, &date);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) rows = reconcile_day(ctl->db, ctl->agency.id, date, &error);
    if (rows == NULL)
        return ctl_fail(error, EX_UNAVAILABLE);
    char day[DAY_DATE_SIZE];
    day_date_text(date, day);
    if (ctl->option[CTL_JSON] != NULL) {
        struct json *object = json_object_new();
        json_set_text(object, "date", day);
        json_set(object, "members", rows_json(rows));
        output_json(object);
    } else {
        output_line("%s, %s (%s)", ctl->agency.name, day, ctl->agency.timezone);
        print_rows(rows);
    }
    return EX_OK;
}
