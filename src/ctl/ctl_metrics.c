/*
 * metrics: the figures of a day or of a range of days. A range is a list of days, never a sum: what
 * is unknown on one of them would be lost in it.
 */
#include "ctl/command.h"
#include "ctl/ctl.h"

#include "base/limits.h"
#include "ctl/output.h"
#include "db/store_metrics.h"
#include "view/view.h"

static void add_row(struct output_table *table, const char *name, const struct figures *figures,
                    const char *basis)
{
    output_table_text(table, name);
    output_table_count(table, figures->total);
    output_table_count(table, figures->inbound);
    output_table_count(table, figures->outbound);
    output_table_count(table, figures->answered);
    output_table_count(table, figures->missed);
    output_table_duration(table, figures->talk_seconds);
    output_table_text(table, basis);
}

static void print_day(const struct ctl *ctl, const struct store_agency_metrics *day)
{
    char date[DAY_DATE_SIZE];
    day_date_text(day->date, date);
    output_line("%s, %s (%s)", ctl->agency.name, date, ctl->agency.timezone);
    struct output_table *table = output_table_new((const char *const[]){
        "NAME", ">CALLS", ">IN", ">OUT", ">ANSWERED", ">MISSED", ">TALK", "BASIS", NULL});
    for (guint i = 0; i < day->members->len; i++) {
        const struct store_member_metrics *member =
            &g_array_index(day->members, struct store_member_metrics, i);
        g_autofree char *name =
            member->active ? NULL : g_strdup_printf("%s (inactive)", member->name);
        add_row(table, name != NULL ? name : member->name, &member->figures, member->basis);
    }
    add_row(table, "= agency", &day->figures, day->basis);
    output_table_print(table, "");
    if (day->basis == NULL)
        output_line("nobody reported this day");
    if (day->unmatched > 0)
        output_line("%" G_GINT64_FORMAT " more calls are of people who are not members: callmxctl "
                    "unmatched lists them",
                    day->unmatched);
    if (day->covered_until >= 0 && day->covered_until < day_zone_begin(ctl->zone, day->date + 1)) {
        char until[DAY_TIME_SIZE];
        day_time_text(day_zone_civil(ctl->zone, day->covered_until), until);
        output_line("reported until %.5s only", until + DAY_DATE_SIZE);
    }
}

/* The days that were asked for: one, or those of the range. */
static int find_range(struct ctl *ctl, int32_t *first, int32_t *last)
{
    int code = EX_OK;
    if (ctl->option[CTL_FROM] == NULL) {
        code = ctl_date(ctl, first);
        *last = *first;
        return code;
    }
    code = ctl_date_option(ctl, CTL_FROM, first);
    if (code == EX_OK)
        code = ctl_date_option(ctl, CTL_TO, last);
    if (code != EX_OK)
        return code;
    if (*last < *first || *last - *first >= LIMIT_REPORT_DAYS)
        return ctl_complain(EX_USAGE,
                            "--from %s --to %s is not a range of 1 to %d days: give the first "
                            "day, then the last",
                            ctl->option[CTL_FROM], ctl->option[CTL_TO], LIMIT_REPORT_DAYS);
    return EX_OK;
}

static int show_day(struct ctl *ctl, int32_t date, struct json **json)
{
    g_autoptr(GError) error = NULL;
    struct store_agency_metrics day = {0};
    if (!store_metrics_of_day(ctl->db, ctl->agency.id, date, &day, &error))
        return ctl_fail(error, EX_UNAVAILABLE);
    if (json != NULL)
        *json = view_day_metrics(&day);
    else
        print_day(ctl, &day);
    store_agency_metrics_clear(&day);
    return EX_OK;
}

static int show_range(struct ctl *ctl, int32_t first, int32_t last)
{
    bool wants_json = ctl->option[CTL_JSON] != NULL;
    AUTO(json) array = json_array_new();
    for (int32_t date = first; date <= last; date++) {
        struct json *day = NULL;
        if (!wants_json && date > first)
            puts("");
        int code = show_day(ctl, date, wants_json ? &day : NULL);
        if (code != EX_OK)
            return code;
        if (wants_json)
            json_append(array, day);
    }
    if (wants_json)
        output_json(g_steal_pointer(&array));
    return EX_OK;
}

int ctl_metrics(struct ctl *ctl, char **words)
{
    bool has_from = ctl->option[CTL_FROM] != NULL;
    if (has_from != (ctl->option[CTL_TO] != NULL))
        return ctl_complain(EX_USAGE, "a range wants both --from D and --to D");
    if (has_from && ctl->option[CTL_DATE] != NULL)
        return ctl_complain(EX_USAGE, "--date is one day and --from --to a range: take one of "
                                      "them");
    int code = ctl_open_agency(ctl, DB_READONLY, words[0]);
    int32_t first = 0, last = 0;
    if (code == EX_OK)
        code = find_range(ctl, &first, &last);
    if (code != EX_OK)
        return code;
    if (has_from)
        return show_range(ctl, first, last);
    struct json *day = NULL;
    bool wants_json = ctl->option[CTL_JSON] != NULL;
    code = show_day(ctl, first, wants_json ? &day : NULL);
    if (code == EX_OK && wants_json)
        output_json(day);
    return code;
}
