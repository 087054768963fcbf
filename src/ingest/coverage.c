/* See coverage.h. */
#include "ingest/coverage.h"

#include "base/limits.h"
#include "db/store_coverage.h"

#include <string.h>

const char *coverage_state_name(enum coverage_state state)
{
    static const char *const names[] = {
        [COVERAGE_FULL] = "full",
        [COVERAGE_PARTIAL] = "partial",
        [COVERAGE_MISSING] = "missing",
        [COVERAGE_DUE] = "due",
        [COVERAGE_NOT_EXPECTED] = "not-expected",
    };
    return names[state];
}

static void clear_day(void *data)
{
    g_free(((struct coverage_day *)data)->sources);
}

static GArray *new_list(void)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(struct coverage_day));
    g_array_set_clear_func(list, clear_day);
    return list;
}

/* 1970-01-01 was a Thursday. */
static unsigned weekday_bit(int32_t date)
{
    return 1u << (((date + 3) % 7 + 7) % 7);
}

static int64_t due_of(const struct store_expectation *expectation, const struct day_zone *zone,
                      int32_t date)
{
    if (expectation->days == 0 || date < expectation->since ||
        (expectation->days & weekday_bit(date)) == 0)
        return -1;
    int64_t civil = (int64_t)(date + 1) * DAY_SECONDS + expectation->due_minute * INT64_C(60);
    return day_zone_utc(zone, civil);
}

/* Takes the rows of its date from rows[*at] on. */
static void join_rows(struct coverage_day *day, const GArray *rows, guint *at,
                      const struct day_zone *zone)
{
    int64_t length = day_zone_begin(zone, day->date + 1) - day_zone_begin(zone, day->date);
    int64_t best = -1;
    g_autoptr(GString) sources = g_string_new(NULL);
    for (; *at < rows->len; ++*at) {
        const struct store_covered *row = &g_array_index(rows, struct store_covered, *at);
        if (row->date != day->date)
            break;
        g_string_append_printf(sources, "%s%s", sources->len > 0 ? "+" : "", row->source);
        if (row->seconds <= best)
            continue;
        best = row->seconds;
        day->until = row->seconds > 0 ? row->until : -1;
    }
    if (best < 0)
        return;
    day->state = best >= length ? COVERAGE_FULL : COVERAGE_PARTIAL;
    day->sources = g_string_free(g_steal_pointer(&sources), FALSE);
}

GArray *coverage_list(struct db *db, const struct store_agency *agency, const struct day_zone *zone,
                      int32_t first, int32_t last, int64_t now, GError **error)
{
    struct store_expectation expectation;
    if (!store_expectation_find(db, agency->id, &expectation, error))
        return NULL;
    g_autoptr(GArray) rows = store_covered_list(db, agency->id, first, last, error);
    if (rows == NULL)
        return NULL;
    GArray *list = new_list();
    guint at = 0;
    for (int32_t date = first; date <= last; date++) {
        struct coverage_day day = {.date = date, .until = -1};
        day.due = due_of(&expectation, zone, date);
        day.state = day.due < 0     ? COVERAGE_NOT_EXPECTED
                    : day.due > now ? COVERAGE_DUE
                                    : COVERAGE_MISSING;
        join_rows(&day, rows, &at, zone);
        day.is_overdue = day.due >= 0 && day.due <= now && day.state != COVERAGE_FULL;
        g_array_append_val(list, day);
    }
    return list;
}

GArray *coverage_overdue(struct db *db, const struct store_agency *agency,
                         const struct day_zone *zone, int64_t now, GError **error)
{
    struct store_expectation expectation;
    if (!store_expectation_find(db, agency->id, &expectation, error))
        return NULL;
    int32_t last = day_zone_date(zone, now) - 1;
    int32_t first = MAX(expectation.since, last - LIMIT_REPORT_DAYS + 1);
    if (expectation.days == 0 || first > last)
        return new_list();
    g_autoptr(GArray) all = coverage_list(db, agency, zone, first, last, now, error);
    if (all == NULL)
        return NULL;
    GArray *overdue = new_list();
    for (guint i = 0; i < all->len; i++) {
        struct coverage_day *day = &g_array_index(all, struct coverage_day, i);
        if (!day->is_overdue)
            continue;
        g_array_append_val(overdue, *day);
        day->sources = NULL;
    }
    return overdue;
}

static bool tell_agency(struct db *db, const struct store_agency *agency, int64_t now,
                        coverage_overdue_fn *on_day, void *context, GError **error)
{
    AUTO(day_zone) zone = day_zone_new(agency->timezone, error);
    g_autoptr(GArray) days = zone != NULL ? coverage_overdue(db, agency, zone, now, error) : NULL;
    for (guint i = 0; days != NULL && i < days->len; i++) {
        const struct coverage_day *day = &g_array_index(days, struct coverage_day, i);
        bool is_new;
        if (!store_overdue_note(db, agency->id, day->date, &is_new, error))
            return false;
        if (is_new)
            on_day(context, agency, day);
    }
    return days != NULL;
}

bool coverage_tell_overdue(struct db *db, int64_t now, coverage_overdue_fn *on_day, void *context,
                           GError **error)
{
    g_autoptr(GArray) agencies = store_agency_list(db, now, error);
    if (agencies == NULL)
        return false;
    for (guint i = 0; i < agencies->len; i++)
        if (!tell_agency(db, &g_array_index(agencies, struct store_agency, i), now, on_day, context,
                         error))
            return false;
    return true;
}

/* --- words for days --- */

enum { DAYS = 7, ALL_DAYS = 127 };

static const char *const weekdays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

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

bool coverage_days_parse(const char *text, unsigned *days)
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
bool coverage_clock_parse(const char *text, int *minute)
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

char *coverage_days_text(unsigned days)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (int i = 0; i < DAYS; i++)
        if ((days & (1u << i)) != 0)
            g_string_append_printf(text, "%s%s", text->len > 0 ? "," : "", weekdays[i]);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

const char *coverage_weekday(int32_t date)
{
    return weekdays[((date + 3) % DAYS + DAYS) % DAYS];
}
