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
