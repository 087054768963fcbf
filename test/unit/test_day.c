/* Days and zones: DST changes, midnights that never were, covered ranges, text forms. */
#include "figures/day.h"

#include "base/error.h"
#include "base/limits.h"

#include <string.h>

/* "2026-01-05 17:32:12" as civil seconds, or "…T…Z" as utc: the same number. */
static int64_t at(const char *text)
{
    g_autofree char *form = g_strdup_printf("%.10sT%.8sZ", text, text + 11);
    int64_t seconds;
    g_assert_true(day_time_parse(form, &seconds));
    return seconds;
}

static int32_t on(const char *text)
{
    int32_t date;
    g_assert_true(day_date_parse(text, &date));
    return date;
}

static struct day_zone *zone_of(const char *name)
{
    g_autoptr(GError) error = NULL;
    struct day_zone *zone = day_zone_new(name, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(day_zone_name(zone), ==, name);
    return zone;
}

static void assert_time(int64_t utc, const char *expected)
{
    char text[DAY_TIME_SIZE];
    day_time_text(utc, text);
    g_assert_cmpstr(text, ==, expected);
}

static void test_names(void)
{
    static const char *const good[] = {
        "UTC",     "America/New_York",       "Etc/GMT+5",  "America/Argentina/Buenos_Aires",
        "EST5EDT", "America/Port-au-Prince", "US/Eastern", "GB"};
    static const char *const bad[] = {"",
                                      "/etc/passwd",
                                      "../../etc/passwd",
                                      "America/../UTC",
                                      "America",
                                      "America/",
                                      "+05:00",
                                      "-5",
                                      "05:00",
                                      "UTC+5",
                                      "Nowhere",
                                      "/UTC",
                                      "/usr/share/zoneinfo/UTC",
                                      "utc",
                                      "zone.tab",
                                      "localtime",
                                      "right/UTC",
                                      "posix/America/New_York",
                                      "Z",
                                      " UTC",
                                      "UTC ",
                                      "America//New_York",
                                      "PST8PDT,M3.2.0,M11.1.0",
                                      "EST5",
                                      "\xff",
                                      "A\nB",
                                      "tzdata.zi",
                                      "leapseconds",
                                      "Eastern Time"};
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        AUTO(day_zone) zone = zone_of(good[i]);
        g_assert_nonnull(zone);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(day_zone_new(bad[i], &error));
        g_assert_error(error, CALLMX_ERROR, ERROR_PERM);
        g_assert_null(strpbrk(error->message, "\n\xff"));
    }
    char name[4096];
    memset(name, 'A', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    g_assert_null(day_zone_new(name, NULL));
}

struct zone_case {
    const char *zone, *civil, *utc;
    const char *back; /* civil time of that instant; NULL: the same */
};

static const struct zone_case conversions[] = {
    {"UTC", "2026-01-05 17:32:12", "2026-01-05T17:32:12Z", NULL},
    /* the change of spring: 02:00 to 03:00 */
    {"America/New_York", "2026-03-08 01:59:59", "2026-03-08T06:59:59Z", NULL},
    {"America/New_York", "2026-03-08 02:00:00", "2026-03-08T07:00:00Z", "2026-03-08 03:00:00"},
    {"America/New_York", "2026-03-08 02:30:00", "2026-03-08T07:30:00Z", "2026-03-08 03:30:00"},
    {"America/New_York", "2026-03-08 02:59:59", "2026-03-08T07:59:59Z", "2026-03-08 03:59:59"},
    {"America/New_York", "2026-03-08 03:00:00", "2026-03-08T07:00:00Z", NULL},
    {"America/New_York", "2025-03-09 02:30:00", "2025-03-09T07:30:00Z", "2025-03-09 03:30:00"},
    /* the change of autumn: 02:00 to 01:00 */
    {"America/New_York", "2025-11-02 00:59:59", "2025-11-02T04:59:59Z", NULL},
    {"America/New_York", "2025-11-02 01:00:00", "2025-11-02T05:00:00Z", NULL},
    {"America/New_York", "2025-11-02 01:30:00", "2025-11-02T05:30:00Z", NULL},
    {"America/New_York", "2025-11-02 02:00:00", "2025-11-02T07:00:00Z", NULL},
    {"America/New_York", "2026-11-01 01:30:00", "2026-11-01T05:30:00Z", NULL},
    {"America/Los_Angeles", "2025-03-09 02:30:00", "2025-03-09T10:30:00Z", "2025-03-09 03:30:00"},
    {"America/Los_Angeles", "2026-03-08 03:00:00", "2026-03-08T10:00:00Z", NULL},
    {"America/Los_Angeles", "2025-11-02 01:30:00", "2025-11-02T08:30:00Z", NULL},
    {"America/Los_Angeles", "2026-11-01 02:00:00", "2026-11-01T10:00:00Z", NULL},
    {"Europe/Berlin", "2025-03-30 02:30:00", "2025-03-30T01:30:00Z", "2025-03-30 03:30:00"},
    {"Europe/Berlin", "2025-10-26 02:30:00", "2025-10-26T00:30:00Z", NULL},
    {"Europe/Berlin", "2026-03-29 01:59:59", "2026-03-29T00:59:59Z", NULL},
    {"Europe/Berlin", "2026-03-29 03:00:00", "2026-03-29T01:00:00Z", NULL},
    {"Europe/Berlin", "2026-10-25 02:00:00", "2026-10-25T00:00:00Z", NULL},
    {"Europe/Berlin", "2026-10-25 03:00:00", "2026-10-25T02:00:00Z", NULL},
    /* no summer time */
    {"America/Phoenix", "2026-03-08 02:30:00", "2026-03-08T09:30:00Z", NULL},
    {"America/Phoenix", "2026-07-01 12:00:00", "2026-07-01T19:00:00Z", NULL},
    /* half an hour */
    {"Australia/Lord_Howe", "2026-04-05 01:29:59", "2026-04-04T14:29:59Z", NULL},
    {"Australia/Lord_Howe", "2026-04-05 01:45:00", "2026-04-04T14:45:00Z", NULL},
    {"Australia/Lord_Howe", "2026-04-05 02:00:00", "2026-04-04T15:30:00Z", NULL},
    {"Australia/Lord_Howe", "2025-10-05 02:15:00", "2025-10-04T15:45:00Z", "2025-10-05 02:45:00"},
    {"Australia/Lord_Howe", "2025-10-05 02:30:00", "2025-10-04T15:30:00Z", NULL},
    /* a midnight that never was */
    {"America/Sao_Paulo", "2018-11-04 00:00:00", "2018-11-04T03:00:00Z", "2018-11-04 01:00:00"},
    {"America/Sao_Paulo", "2018-11-04 00:30:00", "2018-11-04T03:30:00Z", "2018-11-04 01:30:00"},
    {"America/Sao_Paulo", "2018-02-17 23:30:00", "2018-02-18T01:30:00Z", NULL},
    {"America/Sao_Paulo", "2018-02-18 00:00:00", "2018-02-18T03:00:00Z", NULL},
    {"Africa/Cairo", "2026-04-24 00:30:00", "2026-04-23T22:30:00Z", "2026-04-24 01:30:00"},
    /* a day that never was */
    {"Pacific/Apia", "2011-12-29 23:59:59", "2011-12-30T09:59:59Z", NULL},
    {"Pacific/Apia", "2011-12-30 12:00:00", "2011-12-30T22:00:00Z", "2011-12-31 12:00:00"},
    {"Pacific/Apia", "2011-12-31 00:00:00", "2011-12-30T10:00:00Z", NULL},
    /* edges */
    {"America/New_York", "2025-12-31 23:59:59", "2026-01-01T04:59:59Z", NULL},
    {"Europe/Berlin", "2026-01-01 00:00:00", "2025-12-31T23:00:00Z", NULL},
    {"Pacific/Kiritimati", "2026-01-01 00:00:00", "2025-12-31T10:00:00Z", NULL},
    {"Asia/Kathmandu", "2024-02-29 00:00:00", "2024-02-28T18:15:00Z", NULL},
    {"America/New_York", "1970-01-01 00:00:00", "1970-01-01T05:00:00Z", NULL},
    {"America/New_York", "2037-07-01 00:00:00", "2037-07-01T04:00:00Z", NULL},
    {"America/New_York", "2099-07-01 00:00:00", "2099-07-01T04:00:00Z", NULL},
    {"America/New_York", "9999-12-31 12:00:00", "9999-12-31T17:00:00Z", NULL},
};

static void test_conversions(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(conversions); i++) {
        const struct zone_case *c = &conversions[i];
        AUTO(day_zone) zone = zone_of(c->zone);
        assert_time(day_zone_utc(zone, at(c->civil)), c->utc);
        g_assert_cmpint(day_zone_civil(zone, at(c->utc)), ==,
                        at(c->back != NULL ? c->back : c->civil));
    }
}

/* The second hour of the overlap is another instant with the same time on the wall. */
static void test_overlap_second(void)
{
    AUTO(day_zone) zone = zone_of("America/New_York");
    g_assert_cmpint(day_zone_civil(zone, at("2025-11-02T06:30:00Z")), ==,
                    at("2025-11-02 01:30:00"));
    g_assert_cmpint(day_zone_civil(zone, at("2025-11-02T06:00:00Z")), ==,
                    at("2025-11-02 01:00:00"));
}

static const char *const some_zones[] = {"UTC",
                                         "America/New_York",
                                         "Europe/Berlin",
                                         "Australia/Lord_Howe",
                                         "Africa/Cairo",
                                         "Africa/Casablanca",
                                         "America/Sao_Paulo",
                                         "Asia/Kolkata",
                                         "America/St_Johns",
                                         "Pacific/Apia",
                                         "America/Havana",
                                         "Asia/Tehran"};

/* For any instant: GTimeZone says the same, and back and forth comes to it or to the first of two.
 */
static void test_any_instant(void)
{
    for (size_t z = 0; z < G_N_ELEMENTS(some_zones); z++) {
        AUTO(day_zone) zone = zone_of(some_zones[z]);
        g_autoptr(GTimeZone) source = g_time_zone_new_identifier(some_zones[z]);
        for (int i = 0; i < 3000; i++) {
            int64_t utc = (int64_t)g_test_rand_int_range(0, G_MAXINT32);
            int interval = g_time_zone_find_interval(source, G_TIME_TYPE_UNIVERSAL, utc);
            int64_t civil = day_zone_civil(zone, utc);
            g_assert_cmpint(civil - utc, ==, g_time_zone_get_offset(source, interval));
            int64_t first = day_zone_utc(zone, civil);
            g_assert_cmpint(first, <=, utc);
            g_assert_cmpint(day_zone_civil(zone, first), ==, civil);
        }
    }
}

/* The days of any zone follow each other without holes, and each begins with its own date. */
static void test_days_follow(void)
{
    for (size_t z = 0; z < G_N_ELEMENTS(some_zones); z++) {
        AUTO(day_zone) zone = zone_of(some_zones[z]);
        for (int32_t date = on("2005-01-01"); date < on("2030-01-01"); date++) {
            int64_t begin = day_zone_begin(zone, date);
            int64_t length = day_zone_begin(zone, date + 1) - begin;
            if (length == 0) /* the one that never was */
                continue;
            g_assert_cmpint(length, >=, 22 * 3600);
            g_assert_cmpint(length, <=, 26 * 3600);
            g_assert_cmpint(day_zone_date(zone, begin), ==, date);
            g_assert_cmpint(day_zone_date(zone, begin - 1), <, date);
        }
    }
}

/* local times stored as UTC: evening calls on the wrong day */
static void test_evening_calls(void)
{
    AUTO(day_zone) zone = zone_of("America/Los_Angeles");
    int64_t utc = day_zone_utc(zone, at("2026-01-05 17:32:12"));
    assert_time(utc, "2026-01-06T01:32:12Z");
    g_assert_cmpint(day_zone_date(zone, utc), ==, on("2026-01-05"));
    AUTO(day_zone) east = zone_of("Asia/Kolkata");
    g_assert_cmpint(day_zone_date(east, at("2026-01-05T20:00:00Z")), ==, on("2026-01-06"));
}

static void test_begin(void)
{
    static const struct zone_case cases[] = {
        {"America/New_York", "2026-01-05", "2026-01-05T05:00:00Z", NULL},
        {"America/New_York", "2026-03-08", "2026-03-08T05:00:00Z", NULL},
        {"America/New_York", "2026-03-09", "2026-03-09T04:00:00Z", NULL},
        {"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", NULL},
        {"America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z", NULL},
        {"Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z", NULL},
        {"America/Havana", "2025-11-02", "2025-11-02T04:00:00Z", NULL},
        {"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", NULL},
        {"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", NULL},
        {"Asia/Kathmandu", "2026-01-01", "2025-12-31T18:15:00Z", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        AUTO(day_zone) zone = zone_of(cases[i].zone);
        assert_time(day_zone_begin(zone, on(cases[i].civil)), cases[i].utc);
    }
}

struct cover_case {
    const char *zone, *file_zone, *from, *to;
    const char *covers; /* "date seconds until", one after the other */
};

static const struct cover_case covered[] = {
    {"America/New_York", "America/New_York", "2026-01-05 00:00:00", "2026-01-05 23:59:59",
     "2026-01-05 86400 2026-01-06T05:00:00Z\n"},
    {"America/New_York", "America/New_York", "2026-01-05 00:00:00", "2026-01-05 23:59:00",
     "2026-01-05 86400 2026-01-06T05:00:00Z\n"},
    {"America/New_York", "America/New_York", "2026-01-05 00:00:00", "2026-01-06 00:00:00",
     "2026-01-05 86400 2026-01-06T05:00:00Z\n"},
    {"America/New_York", "America/New_York", "2026-01-05 00:00:00", "2026-01-05 23:58:59",
     "2026-01-05 86339 2026-01-06T04:58:59Z\n"},
    {"America/New_York", "America/New_York", "2026-01-05 08:00:00", "2026-01-05 12:30:00",
     "2026-01-05 16200 2026-01-05T17:30:00Z\n"},
    {"America/New_York", "America/New_York", "2026-03-08 00:00:00", "2026-03-08 23:59:59",
     "2026-03-08 82800 2026-03-09T04:00:00Z\n"},
    {"America/New_York", "America/New_York", "2025-11-02 00:00:00", "2025-11-02 23:59:59",
     "2025-11-02 90000 2025-11-03T05:00:00Z\n"},
    {"America/Sao_Paulo", "America/Sao_Paulo", "2018-11-04 00:00:00", "2018-11-04 23:59:59",
     "2018-11-04 82800 2018-11-05T02:00:00Z\n"},
    {"America/Sao_Paulo", "America/Sao_Paulo", "2018-11-03 00:00:00", "2018-11-04 00:00:00",
     "2018-11-03 86400 2018-11-04T03:00:00Z\n"},
    {"America/New_York", "America/New_York", "2025-12-31 12:00:00", "2026-01-01 12:00:00",
     "2025-12-31 43200 2026-01-01T05:00:00Z\n2026-01-01 43200 2026-01-01T17:00:00Z\n"},
    /* a report in another zone than the agency's */
    {"America/Los_Angeles", "America/New_York", "2026-01-05 00:00:00", "2026-01-05 23:59:59",
     "2026-01-04 10800 2026-01-05T08:00:00Z\n2026-01-05 75600 2026-01-06T05:00:00Z\n"},
    {"Pacific/Apia", "Pacific/Apia", "2011-12-29 00:00:00", "2011-12-31 23:59:59",
     "2011-12-29 86400 2011-12-30T10:00:00Z\n2011-12-31 86400 2011-12-31T10:00:00Z\n"},
    /* the wall goes back over midnight: 00:01 to 23:01 of the day before */
    {"America/St_Johns", "UTC", "2010-11-07 02:29:30", "2010-11-07 03:30:00",
     "2010-11-06 30 2010-11-07T02:30:00Z\n2010-11-07 3600 2010-11-07T03:30:00Z\n"},
    {"America/St_Johns", "UTC", "2010-11-07 02:45:00", "2010-11-07 03:30:00",
     "2010-11-07 2700 2010-11-07T03:30:00Z\n"},
    /* ranges of nothing */
    {"UTC", "UTC", "2026-01-05 00:00:00", "2026-01-05 00:00:00", ""},
    {"UTC", "UTC", "2026-01-05 10:00:00", "2026-01-05 10:00:00", ""},
    {"America/New_York", "America/New_York", "2026-03-08 02:30:00", "2026-03-08 03:00:00", ""},
    {"UTC", "UTC", "2026-01-05 23:59:00", "2026-01-05 23:59:00",
     "2026-01-05 60 2026-01-06T00:00:00Z\n"},
};

static char *covers_text(const GArray *covers)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < covers->len; i++) {
        const struct day_cover *cover = &g_array_index(covers, struct day_cover, i);
        char date[DAY_DATE_SIZE], until[DAY_TIME_SIZE];
        day_date_text(cover->date, date);
        day_time_text(cover->until, until);
        g_string_append_printf(text, "%s %" G_GINT64_FORMAT " %s\n", date, cover->seconds, until);
    }
    return g_string_free(text, FALSE);
}

static void test_cover(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(covered); i++) {
        const struct cover_case *c = &covered[i];
        AUTO(day_zone) zone = zone_of(c->zone);
        AUTO(day_zone) file_zone = zone_of(c->file_zone);
        g_autoptr(GArray) covers = NULL;
        g_autoptr(GError) error = NULL;
        g_assert_true(day_cover_split(zone, file_zone, at(c->from), at(c->to), &covers, &error));
        g_assert_no_error(error);
        g_autofree char *text = covers_text(covers);
        g_assert_cmpstr(text, ==, c->covers);
    }
}

static void test_cover_refused(void)
{
    AUTO(day_zone) zone = zone_of("America/New_York");
    int64_t day = at("2026-01-05 00:00:00");
    const int64_t ranges[][2] = {
        {day, day - 1},
        {-1, -1},
        {-1, day},
        {day, G_MAXINT64},
        {G_MININT64, day},
        {day, day + (LIMIT_REPORT_DAYS + 1) * (int64_t)DAY_SECONDS},
        {day + 3600, day + LIMIT_REPORT_DAYS * (int64_t)DAY_SECONDS + 3600},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(ranges); i++) {
        g_autoptr(GError) error = NULL;
        GArray *covers = NULL;
        g_assert_false(day_cover_split(zone, zone, ranges[i][0], ranges[i][1], &covers, &error));
        g_assert_error(error, CALLMX_ERROR, ERROR_PERM);
        g_assert_null(covers);
    }
    g_autoptr(GArray) most = NULL;
    g_assert_true(day_cover_split(zone, zone, day, day + LIMIT_REPORT_DAYS * (int64_t)DAY_SECONDS,
                                  &most, NULL));
    g_assert_cmpuint(most->len, ==, LIMIT_REPORT_DAYS);
}

/* The pieces of any range add up to its whole, in order and each within its day. */
static void test_cover_any_range(void)
{
    for (int i = 0; i < 2000; i++) {
        int last = G_N_ELEMENTS(some_zones);
        AUTO(day_zone) zone = zone_of(some_zones[g_test_rand_int_range(0, last)]);
        AUTO(day_zone) file_zone = zone_of("UTC");
        int64_t from = at("2008-01-01 00:00:00") + g_test_rand_int_range(0, 600000000);
        int64_t to = (from + g_test_rand_int_range(0, 20 * DAY_SECONDS)) / 3600 * 3600;
        if (to < from)
            continue;
        g_autoptr(GArray) covers = NULL;
        g_assert_true(day_cover_split(zone, file_zone, from, to, &covers, NULL));
        int64_t place = from;
        for (guint d = 0; d < covers->len; d++) {
            const struct day_cover *cover = &g_array_index(covers, struct day_cover, d);
            g_assert_cmpint(cover->seconds, >, 0);
            g_assert_cmpint(place, >=, day_zone_begin(zone, cover->date));
            place += cover->seconds;
            g_assert_cmpint(place, ==, cover->until);
            g_assert_cmpint(place, <=, day_zone_begin(zone, cover->date + 1));
        }
        g_assert_cmpint(place, ==, to);
    }
}

struct range_case {
    const char *from, *to;
    const char *date; /* NULL: more than one day, or nothing */
    bool full;
};

static void assert_ranges(const struct range_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int32_t date = 0;
        bool full = false;
        bool one = day_of_range(at(cases[i].from), at(cases[i].to), &date, &full);
        g_assert_cmpint(one, ==, cases[i].date != NULL);
        if (one) {
            g_assert_cmpint(date, ==, on(cases[i].date));
            g_assert_cmpint(full, ==, cases[i].full);
        }
    }
}

static void test_range(void)
{
    static const struct range_case cases[] = {
        {"2026-01-05 00:00:00", "2026-01-05 23:59:59", "2026-01-05", true},
        {"2026-01-05 00:00:00", "2026-01-05 23:59:00", "2026-01-05", true},
        {"2026-01-05 00:00:00", "2026-01-06 00:00:00", "2026-01-05", true},
        {"2026-01-05 00:00:00", "2026-01-05 23:58:59", "2026-01-05", false},
        {"2026-01-05 00:00:00", "2026-01-05 14:03:11", "2026-01-05", false},
        {"2026-01-05 08:00:00", "2026-01-05 23:59:59", "2026-01-05", true},
        {"2026-01-05 00:00:00", "2026-01-05 00:00:00", NULL, false},
        {"2026-01-05 12:00:00", "2026-01-05 11:00:00", NULL, false},
    };
    int32_t date;
    bool full;
    assert_ranges(cases, G_N_ELEMENTS(cases));
    g_assert_false(day_of_range(-1, -1, &date, &full));
    g_assert_false(day_of_range(0, G_MAXINT64, &date, &full));
}

/* a report of several days booked on one day */
static void test_several_days(void)
{
    static const struct range_case cases[] = {
        {"2026-01-05 00:00:00", "2026-01-06 00:00:01", NULL, false},
        {"2026-01-05 00:00:00", "2026-01-06 23:59:59", NULL, false},
        {"2026-01-01 00:00:00", "2026-01-31 23:59:59", NULL, false},
        {"2026-01-05 12:00:00", "2026-01-06 12:00:00", NULL, false},
    };
    assert_ranges(cases, G_N_ELEMENTS(cases));
    AUTO(day_zone) zone = zone_of("America/New_York");
    g_autoptr(GArray) covers = NULL;
    g_assert_true(day_cover_split(zone, zone, at("2026-01-01 00:00:00"), at("2026-01-31 23:59:59"),
                                  &covers, NULL));
    g_assert_cmpuint(covers->len, ==, 31);
}

/* Monday's job took Sunday's mail: by the covered range, which alone is asked for here */
static void test_mondays_job(void)
{
    static const struct range_case cases[] = {
        {"2026-01-04 00:00:00", "2026-01-04 23:59:59", "2026-01-04", true},
        {"2026-01-05 00:00:00", "2026-01-05 06:03:00", "2026-01-05", false},
    };
    assert_ranges(cases, G_N_ELEMENTS(cases));
}

static void test_text(void)
{
    static const char *const dates[] = {"1970-01-01", "1999-12-31", "2000-02-29", "2024-02-29",
                                        "2026-01-05", "2100-02-28", "2100-03-01", "9999-12-31"};
    static const char *const bad_dates[] = {
        "",           "1969-12-31", "2026-1-05",   "2026-01-5",   "2026-13-01",
        "2026-00-01", "2026-01-00", "2026-01-32",  "2026-02-29",  "2100-02-29",
        "2026-04-31", "2026/01/05", "2026-01-05 ", " 2026-01-05", "2026-01-05T",
        "+026-01-05", "0000-00-00", "20260105"};
    static const char *const times[] = {"1970-01-01T00:00:00Z", "2026-01-05T17:32:12Z",
                                        "9999-12-31T23:59:59Z"};
    static const char *const bad_times[] = {"",
                                            "2026-01-05",
                                            "2026-01-05T17:32:12",
                                            "2026-01-05 17:32:12Z",
                                            "2026-01-05T24:00:00Z",
                                            "2026-01-05T17:60:00Z",
                                            "2026-01-05T17:32:60Z",
                                            "2026-01-05t17:32:12Z",
                                            "2026-01-05T17:32:12z",
                                            "2026-02-30T17:32:12Z",
                                            "2026-01-05T17:32:12.0Z"};
    for (size_t i = 0; i < G_N_ELEMENTS(dates); i++) {
        char text[DAY_DATE_SIZE];
        day_date_text(on(dates[i]), text);
        g_assert_cmpstr(text, ==, dates[i]);
    }
    int32_t date;
    int64_t utc;
    for (size_t i = 0; i < G_N_ELEMENTS(bad_dates); i++)
        g_assert_false(day_date_parse(bad_dates[i], &date));
    for (size_t i = 0; i < G_N_ELEMENTS(times); i++) {
        g_assert_true(day_time_parse(times[i], &utc));
        assert_time(utc, times[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad_times); i++)
        g_assert_false(day_time_parse(bad_times[i], &utc));
    g_assert_cmpint(on("1970-01-01"), ==, 0);
    g_assert_cmpint(on("2026-01-05"), ==, 20458);
    g_assert_cmpint(on("9999-12-31"), ==, 2932896);
}

/* Every day up to 2100 and some beyond: text and number agree, with GLib's calendar too. */
static void test_text_all(void)
{
    GDate expected;
    g_date_clear(&expected, 1);
    g_date_set_dmy(&expected, 1, G_DATE_JANUARY, 1970);
    for (int32_t date = 0; date < 2932896; date++, g_date_add_days(&expected, 1)) {
        if (date > 50000 && date % 97 != 0)
            continue;
        char text[DAY_DATE_SIZE], by_glib[DAY_DATE_SIZE];
        day_date_text(date, text);
        g_date_strftime(by_glib, sizeof by_glib, "%Y-%m-%d", &expected);
        g_assert_cmpstr(text, ==, by_glib);
        g_assert_cmpint(on(text), ==, date);
    }
}

static void test_text_outside(void)
{
    char date[DAY_DATE_SIZE];
    day_date_text(-1, date);
    g_assert_cmpstr(date, ==, "1970-01-01");
    day_date_text(G_MAXINT32, date);
    g_assert_cmpstr(date, ==, "9999-12-31");
    assert_time(-1, "1970-01-01T00:00:00Z");
    assert_time(G_MAXINT64, "9999-12-31T23:59:59Z");
}

/* 200,000 rows of a month in no order, of one that holds a change. */
static void test_speed(void)
{
    AUTO(day_zone) zone = zone_of("America/New_York");
    int64_t month = at("2026-03-01 00:00:00");
    int64_t sum = 0;
    gint64 started = g_get_monotonic_time();
    for (int i = 0; i < 200000; i++) {
        int64_t civil = month + (int64_t)i * 7919 % (31 * DAY_SECONDS);
        sum += day_zone_date(zone, day_zone_utc(zone, civil)) - civil / DAY_SECONDS;
    }
    gint64 took = g_get_monotonic_time() - started;
    g_test_message("200,000 conversions there and back: %" G_GINT64_FORMAT " us", took);
    g_assert_cmpint(sum, ==, 0);
    g_assert_cmpint(took, <, 1000000); /* a loaded machine with sanitizers; 20,000 is usual */
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/day/names", test_names);
    g_test_add_func("/day/conversions", test_conversions);
    g_test_add_func("/day/overlap-second", test_overlap_second);
    g_test_add_func("/day/any-instant", test_any_instant);
    g_test_add_func("/day/days-follow", test_days_follow);
    g_test_add_func("/day/evening-calls-on-the-wrong-day", test_evening_calls);
    g_test_add_func("/day/begin", test_begin);
    g_test_add_func("/day/cover", test_cover);
    g_test_add_func("/day/cover-refused", test_cover_refused);
    g_test_add_func("/day/cover-any-range", test_cover_any_range);
    g_test_add_func("/day/range", test_range);
    g_test_add_func("/day/several-days-booked-on-one", test_several_days);
    g_test_add_func("/day/mondays-job-took-sundays-mail", test_mondays_job);
    g_test_add_func("/day/text", test_text);
    g_test_add_func("/day/text-all", test_text_all);
    g_test_add_func("/day/text-outside", test_text_outside);
    g_test_add_func("/day/speed", test_speed);
    return g_test_run();
}
