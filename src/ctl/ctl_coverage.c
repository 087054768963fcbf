/*
 * agency expect, coverage, overdue: which days are reported, and which should be.
 *
 * A word for days is written as people do: `mon-fri`, `mon,wed,fri`, `all`, `none`.
 */
#include "ctl/command.h"
#include "ctl/ctl.h"

#include "base/limits.h"
#include "ctl/output.h"
#include "db/store_coverage.h"
#include "ingest/coverage.h"
#include "view/view.h"

#include <string.h>

/* --- agency expect --- */

static void tell_expectation(const struct ctl *ctl, const struct store_expectation *expectation)
{
    char since[DAY_DATE_SIZE];
    if (ctl->option[CTL_JSON] != NULL) {
        output_json(view_expectation(expectation));
        return;
    }
    if (expectation->days == 0) {
        output_line("no reports are expected");
        return;
    }
    day_date_text(expectation->since, since);
    g_autofree char *days = coverage_days_text(expectation->days);
    output_line("the reports of %s are due on the day after by %02d:%02d (%s), from %s on", days,
                expectation->due_minute / 60, expectation->due_minute % 60, ctl->agency.timezone,
                since);
}

static int read_expectation(const struct ctl *ctl, struct store_expectation *expectation)
{
    const char *days = ctl->option[CTL_DAYS], *by = ctl->option[CTL_BY];
    expectation->due_minute = COVERAGE_DEFAULT_DUE;
    if (days == NULL)
        return ctl_complain(EX_USAGE, "agency expect wants --days: mon-fri, mon,wed, all or none");
    if (!coverage_days_parse(days, &expectation->days))
        return ctl_complain(EX_USAGE, "--days %s: write mon-fri, mon,wed,fri, all or none", days);
    if (by != NULL && !coverage_clock_parse(by, &expectation->due_minute))
        return ctl_complain(EX_USAGE, "--by %s is not a time of day: write it as 09:00", by);
    return EX_OK;
}

int ctl_agency_expect(struct ctl *ctl, char **words)
{
    struct store_expectation expectation = {0};
    int code = read_expectation(ctl, &expectation);
    if (code == EX_OK)
        code = ctl_open_agency(ctl, DB_WRITE, words[0]);
    if (code != EX_OK)
        return code;
    expectation.since = day_zone_date(ctl->zone, ctl->now);
    if (ctl->option[CTL_FROM] != NULL)
        code = ctl_date_option(ctl, CTL_FROM, &expectation.since);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    if (!store_expectation_put(ctl->db, ctl->agency.id, &expectation, &error))
        return ctl_fail(error, EX_UNAVAILABLE);
    tell_expectation(ctl, &expectation);
    return EX_OK;
}

/* --- coverage --- */

static void add_row(const struct day_zone *zone, struct output_table *table,
                    const struct coverage_day *day)
{
    char until[DAY_TIME_SIZE];
    output_table_date(table, day->date);
    output_table_text(table, coverage_weekday(day->date));
    output_table_text(table, coverage_state_name(day->state));
    /* The time on the agency's wall: civil time, written by the function for UTC. */
    day_time_text(day_zone_civil(zone, MAX(day->until, 0)), until);
    g_autofree char *clock = g_strndup(until + DAY_DATE_SIZE, 5);
    output_table_text(table, day->state == COVERAGE_PARTIAL && day->until >= 0 ? clock : NULL);
    output_table_text(table, day->sources);
}

static int read_range(struct ctl *ctl, int32_t *first, int32_t *last)
{
    enum { FOUR_WEEKS = 28 };
    *last = day_zone_date(ctl->zone, ctl->now);
    int code = EX_OK;
    if (ctl->option[CTL_TO] != NULL)
        code = ctl_date_option(ctl, CTL_TO, last);
    *first = *last - FOUR_WEEKS + 1;
    if (code == EX_OK && ctl->option[CTL_FROM] != NULL)
        code = ctl_date_option(ctl, CTL_FROM, first);
    if (code == EX_OK && (*last < *first || *last - *first >= LIMIT_REPORT_DAYS))
        code = ctl_complain(EX_USAGE, "from --from to --to there must be 1 to %d days",
                            LIMIT_REPORT_DAYS);
    return code;
}

int ctl_coverage(struct ctl *ctl, char **words)
{
    int32_t first = 0, last = 0;
    int code = ctl_open_agency(ctl, DB_READONLY, words[0]);
    if (code == EX_OK)
        code = read_range(ctl, &first, &last);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) list =
        coverage_list(ctl->db, &ctl->agency, ctl->zone, first, last, ctl->now, &error);
    if (list == NULL)
        return ctl_fail(error, EX_UNAVAILABLE);
    bool wants_json = ctl->option[CTL_JSON] != NULL;
    AUTO(json) array = json_array_new();
    AUTO(output_table)
    table = output_table_new((const char *const[]){"DATE", "", "STATE", "UNTIL", "SOURCES", NULL});
    for (guint i = 0; i < list->len; i++) {
        const struct coverage_day *day = &g_array_index(list, struct coverage_day, i);
        if (wants_json)
            json_append(array, view_coverage_day(day));
        else
            add_row(ctl->zone, table, day);
    }
    if (wants_json)
        output_json(g_steal_pointer(&array));
    else
        output_table_print(g_steal_pointer(&table), "");
    return EX_OK;
}

/* --- overdue --- */

struct overdue {
    struct json *array;
    struct output_table *table;
    guint count;
};

static int list_agency(struct ctl *ctl, const struct store_agency *agency, struct overdue *overdue)
{
    g_autoptr(GError) error = NULL;
    AUTO(day_zone) zone = day_zone_new(agency->timezone, &error);
    g_autoptr(GArray) days =
        zone != NULL ? coverage_overdue(ctl->db, agency, zone, ctl->now, &error) : NULL;
    if (days == NULL)
        return ctl_fail(error, EX_UNAVAILABLE);
    for (guint i = 0; i < days->len; i++) {
        const struct coverage_day *day = &g_array_index(days, struct coverage_day, i);
        struct json *object = view_coverage_day(day);
        json_set_text(object, "agency_id", agency->id);
        json_set_text(object, "name", agency->name);
        json_append(overdue->array, object);
        output_table_text(overdue->table, agency->name);
        add_row(zone, overdue->table, day);
        overdue->count++;
    }
    return EX_OK;
}

static int list_all(struct ctl *ctl, struct overdue *overdue)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) agencies = store_agency_list(ctl->db, ctl->now, &error);
    if (agencies == NULL)
        return ctl_fail(error, EX_UNAVAILABLE);
    int code = EX_OK;
    for (guint i = 0; code == EX_OK && i < agencies->len; i++)
        code = list_agency(ctl, &g_array_index(agencies, struct store_agency, i), overdue);
    return code;
}

int ctl_overdue(struct ctl *ctl, char **words)
{
    int code =
        words[0] != NULL ? ctl_open_agency(ctl, DB_READONLY, words[0]) : ctl_open(ctl, DB_READONLY);
    if (code != EX_OK)
        return code;
    AUTO(json) array = json_array_new();
    AUTO(output_table)
    table = output_table_new(
        (const char *const[]){"AGENCY", "DATE", "", "STATE", "UNTIL", "SOURCES", NULL});
    struct overdue overdue = {.array = array, .table = table};
    code = words[0] != NULL ? list_agency(ctl, &ctl->agency, &overdue) : list_all(ctl, &overdue);
    if (code != EX_OK)
        return code;
    if (ctl->option[CTL_JSON] != NULL)
        output_json(g_steal_pointer(&array));
    else
        output_table_print(g_steal_pointer(&table), "no report is overdue");
    return overdue.count == 0 ? EX_OK : CTL_NOT_AS_WANTED;
}
