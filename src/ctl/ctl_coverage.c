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

#include <string.h>

static const char *const weekdays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

enum { DAYS = 7, ALL_DAYS = 127, DEFAULT_DUE = 9 * 60 };

/* --- agency expect --- */

static int find_day(const char *word)
{
    for (int i = 0; i < DAYS; i++)
        if (g_ascii_strcasecmp(word, weekdays[i]) == 0)
            return i;
    return -1;
}

/* One of the parts between commas: a day, or two with a dash between them. */
static bool read_part(const char *part, unsigned *days)
{
    g_auto(GStrv) ends = g_strsplit(part, "-", 2);
    if (ends[0] == NULL)
        return false;
    int first = find_day(ends[0]);
    int last = ends[1] != NULL ? find_day(ends[1]) : first;
    if (first < 0 || last < 0)
        return false;
    *days |= 1u << last;
    for (int i = first; i != last; i = (i + 1) % DAYS)
        *days |= 1u << i;
    return true;
}

static bool read_days(const char *text, unsigned *days)
{
    *days = 0;
    if (g_ascii_strcasecmp(text, "none") == 0)
        return true;
    if (g_ascii_strcasecmp(text, "all") == 0) {
        *days = ALL_DAYS;
        return true;
    }
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);
    for (size_t i = 0; parts[i] != NULL; i++)
        if (!read_part(parts[i], days))
            return false;
    return *days != 0;
}

/* 09:00 or 9:00. */
static bool read_clock(const char *text, int *minute)
{
    g_auto(GStrv) parts = g_strsplit(text, ":", 2);
    guint64 hours, minutes;
    if (parts[0] == NULL || parts[1] == NULL || strlen(parts[1]) != 2 ||
        !g_ascii_string_to_unsigned(parts[0], 10, 0, 23, &hours, NULL) ||
        !g_ascii_string_to_unsigned(parts[1], 10, 0, 59, &minutes, NULL))
        return false;
    *minute = (int)(hours * 60 + minutes);
    return true;
}

static char *days_text(unsigned days)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (int i = 0; i < DAYS; i++)
        if ((days & (1u << i)) != 0)
            g_string_append_printf(text, "%s%s", text->len > 0 ? "," : "", weekdays[i]);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void tell_expectation(const struct ctl *ctl, const struct store_expectation *expectation)
{
    char since[DAY_DATE_SIZE];
    day_date_text(expectation->since, since);
    g_autofree char *days = days_text(expectation->days);
    g_autofree char *by =
        g_strdup_printf("%02d:%02d", expectation->due_minute / 60, expectation->due_minute % 60);
    bool is_none = expectation->days == 0;
    if (ctl->option[CTL_JSON] != NULL) {
        struct json *object = json_object_new();
        json_set_text(object, "days", is_none ? NULL : days);
        json_set_text(object, "by", is_none ? NULL : by);
        json_set_text(object, "since", is_none ? NULL : since);
        output_json(object);
    } else if (is_none) {
        output_line("no reports are expected");
    } else {
        output_line("the reports of %s are due on the day after by %s (%s), from %s on", days, by,
                    ctl->agency.timezone, since);
    }
}

static int read_expectation(const struct ctl *ctl, struct store_expectation *expectation)
{
    const char *days = ctl->option[CTL_DAYS], *by = ctl->option[CTL_BY];
    expectation->due_minute = DEFAULT_DUE;
    if (days == NULL)
        return ctl_complain(EX_USAGE, "agency expect wants --days: mon-fri, mon,wed, all or none");
    if (!read_days(days, &expectation->days))
        return ctl_complain(EX_USAGE, "--days %s: write mon-fri, mon,wed,fri, all or none", days);
    if (by != NULL && !read_clock(by, &expectation->due_minute))
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

static struct json *day_json(const struct coverage_day *day)
{
    char date[DAY_DATE_SIZE];
    day_date_text(day->date, date);
    struct json *object = json_object_new();
    json_set_text(object, "date", date);
    json_set_text(object, "state", coverage_state_name(day->state));
    output_json_time(object, "covered_until", day->until);
    output_json_time(object, "due_at", day->due);
    json_set_bool(object, "is_overdue", day->is_overdue);
    json_set_text(object, "sources", day->sources);
    return object;
}

static void add_row(const struct day_zone *zone, struct output_table *table,
                    const struct coverage_day *day)
{
    char until[DAY_TIME_SIZE];
    output_table_date(table, day->date);
    output_table_text(table, weekdays[((day->date + 3) % DAYS + DAYS) % DAYS]);
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
            json_append(array, day_json(day));
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
        struct json *object = day_json(day);
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
