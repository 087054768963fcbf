/*
 * Zones as lists of spans with one offset, taken from GTimeZone when the zone is made, so that a
 * conversion is a short binary search. Dates by the civil calendar's own arithmetic.
 *
 * It owns the spans, the names and the zones it keeps. It never calls mktime, strftime or anything
 * else that looks at the process's zone or locale, and opens no file but those of the zone
 * database: the names come from strangers' workbooks.
 *
 * Hard about it: a time on the wall may have happened never or twice, midnight too; a day has 23
 * to 25 hours, and 0 on an island that crossed the date line.
 */
#include "figures/day.h"

#include "base/error.h"
#include "base/limits.h"

#include <stdio.h>
#include <string.h>

#define ZONE_DATABASE "/usr/share/zoneinfo"
#define TIME_MAX      INT64_C(253402300799) /* 9999-12-31 23:59:59 */
#define RULES_END     INT64_C(4102444800) /* 2100-01-01: GLib makes intervals for a thousand years */
#define DATE_MAX      2932896             /* 9999-12-31 */

enum {
    NAME_MAX_LENGTH = 64,
    END_OF_DAY = DAY_SECONDS - 60, /* 11:59 PM stands for midnight */
};

struct span {
    int64_t begin, end; /* utc; INT64_MIN and INT64_MAX at the ends of the list */
    int64_t offset;     /* what to add to utc to get civil time */
};

struct day_zone {
    char *name;
    GArray *spans; /* of struct span, ascending, without holes */
};

/* Zones made earlier, by name: finding the spans of one takes a millisecond, and every message asks
 * for the same few. */
static GMutex kept_lock;
static GHashTable *kept; /* of struct day_zone, each with a reference of its own */

/* Whether the name has the form of those in the zone database: all begin with a capital, while
 * what else lies there (`posix/`, `zone.tab`, `localtime`) begins with a small letter. */
static bool is_zone_name(const char *name)
{
    if (strlen(name) > NAME_MAX_LENGTH || !g_ascii_isupper(name[0]) || strstr(name, "//") != NULL)
        return false;
    for (const char *p = name; *p != '\0'; p++)
        if (!g_ascii_isalnum(*p) && strchr("_+-/", *p) == NULL)
            return false;
    return true;
}

/* GLib believes a file to be one of zones, and complains aloud if it is not. */
static bool is_zone_file(const char *name)
{
    g_autofree char *path = g_build_filename(ZONE_DATABASE, name, NULL);
    FILE *file = g_file_test(path, G_FILE_TEST_IS_REGULAR) ? fopen(path, "rbe") : NULL;
    if (file == NULL)
        return false;
    char magic[4] = "";
    bool is_zone = fread(magic, sizeof magic, 1, file) == 1 && memcmp(magic, "TZif", 4) == 0;
    fclose(file);
    return is_zone;
}

/* The first instant after `utc`, at which an interval with a higher number holds. */
static int64_t interval_end(GTimeZone *source, int64_t utc, int interval)
{
    int64_t low = utc;
    int64_t step = DAY_SECONDS;
    while (low + step < RULES_END &&
           g_time_zone_find_interval(source, G_TIME_TYPE_UNIVERSAL, low + step) == interval) {
        low += step;
        step *= 2;
    }
    int64_t high = MIN(low + step, RULES_END);
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (g_time_zone_find_interval(source, G_TIME_TYPE_UNIVERSAL, middle) == interval)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* The spans from 1970 on. What was before has the offset of the first. */
static GArray *read_spans(GTimeZone *source)
{
    GArray *spans = g_array_new(FALSE, FALSE, sizeof(struct span));
    struct span span = {.begin = INT64_MIN};
    int64_t utc = -2 * DAY_SECONDS;
    int last = g_time_zone_find_interval(source, G_TIME_TYPE_UNIVERSAL, RULES_END);
    for (;;) {
        int interval = g_time_zone_find_interval(source, G_TIME_TYPE_UNIVERSAL, utc);
        span.offset = g_time_zone_get_offset(source, interval);
        span.end = interval == last ? INT64_MAX : interval_end(source, utc, interval);
        g_array_append_val(spans, span);
        if (interval == last)
            return spans;
        span.begin = utc = span.end;
    }
}

static GTimeZone *open_source(const char *name, GError **error)
{
    GTimeZone *source = NULL;
    if (strcmp(name, "UTC") == 0) {
        source = g_time_zone_new_utc();
    } else if (!g_file_test(ZONE_DATABASE, G_FILE_TEST_IS_DIR)) {
        error_temp(error, "the zone database " ZONE_DATABASE " is missing: install tzdata");
        return NULL;
    } else if (is_zone_name(name) && is_zone_file(name)) {
        source = g_time_zone_new_identifier(name);
    }
    if (source == NULL) {
        g_autofree char *start = g_strndup(name, NAME_MAX_LENGTH);
        g_autofree char *shown = g_strescape(start, NULL);
        error_perm(error, "there is no time zone \"%s\": use an IANA name such as America/New_York",
                   shown);
    }
    return source;
}

static struct day_zone *find_kept(const char *name)
{
    g_mutex_lock(&kept_lock);
    struct day_zone *zone = kept != NULL ? g_hash_table_lookup(kept, name) : NULL;
    if (zone != NULL)
        g_atomic_rc_box_acquire(zone);
    g_mutex_unlock(&kept_lock);
    return zone;
}

/* Two threads may have made the same zone: the later one takes the place, both are good. */
static void keep(struct day_zone *zone)
{
    g_mutex_lock(&kept_lock);
    if (kept == NULL)
        kept = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)day_zone_free);
    if (g_hash_table_size(kept) < LIMIT_ZONES_KEPT)
        g_hash_table_replace(kept, zone->name, g_atomic_rc_box_acquire(zone));
    g_mutex_unlock(&kept_lock);
}

struct day_zone *day_zone_new(const char *name, GError **error)
{
    struct day_zone *zone = find_kept(name);
    if (zone != NULL)
        return zone;
    g_autoptr(GTimeZone) source = open_source(name, error);
    if (source == NULL)
        return NULL;
    zone = g_atomic_rc_box_new0(struct day_zone);
    zone->name = g_strdup(name);
    zone->spans = read_spans(source);
    keep(zone);
    return zone;
}

static void clear(void *data)
{
    struct day_zone *zone = data;
    g_free(zone->name);
    g_array_unref(zone->spans);
}

void day_zone_free(struct day_zone *zone)
{
    if (zone != NULL)
        g_atomic_rc_box_release_full(zone, clear);
}

const char *day_zone_name(const struct day_zone *zone)
{
    return zone->name;
}

static const struct span *span_at(const struct day_zone *zone, guint i)
{
    return &g_array_index(zone->spans, struct span, i);
}

/* The number of the span that an instant lies in. */
static guint find_span(const struct day_zone *zone, int64_t utc)
{
    guint low = 0, high = zone->spans->len - 1;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (utc < span_at(zone, middle)->end)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The span in which the wall first shows `civil`. If it never does, the span before the gap: by
 * its offset the instant is then at its end or later. */
static const struct span *first_span(const struct day_zone *zone, int64_t civil)
{
    /* No offset is a whole day, so that no earlier span can hold it. */
    for (guint i = find_span(zone, civil - DAY_SECONDS);; i++) {
        const struct span *span = span_at(zone, i);
        if (civil - span->offset < span->end)
            return span;
        const struct span *next = span_at(zone, i + 1);
        if (civil - next->offset < next->begin)
            return span;
    }
}

int64_t day_zone_utc(const struct day_zone *zone, int64_t civil)
{
    return civil - first_span(zone, civil)->offset;
}

int64_t day_zone_civil(const struct day_zone *zone, int64_t utc)
{
    return utc + span_at(zone, find_span(zone, utc))->offset;
}

static int64_t floor_days(int64_t seconds)
{
    int64_t days = seconds / DAY_SECONDS;
    return seconds % DAY_SECONDS < 0 ? days - 1 : days;
}

int32_t day_zone_date(const struct day_zone *zone, int64_t utc)
{
    return (int32_t)floor_days(day_zone_civil(zone, utc));
}

int64_t day_zone_begin(const struct day_zone *zone, int32_t date)
{
    int64_t midnight = (int64_t)date * DAY_SECONDS;
    const struct span *span = first_span(zone, midnight);
    return MIN(midnight - span->offset, span->end);
}

/* A time on the wall at which a range begins or ends: midnight is the begin of a day, even if the
 * wall never showed it. */
static int64_t range_instant(const struct day_zone *zone, int64_t civil)
{
    if (civil % DAY_SECONDS == 0)
        return day_zone_begin(zone, (int32_t)(civil / DAY_SECONDS));
    return day_zone_utc(zone, civil);
}

/* 11:59 PM and later mean the end of that day. */
static int64_t range_end(int64_t to)
{
    int64_t of_day = to - floor_days(to) * DAY_SECONDS;
    return of_day >= END_OF_DAY ? to - of_day + DAY_SECONDS : to;
}

bool day_cover_split(const struct day_zone *zone, const struct day_zone *file_zone, int64_t from,
                     int64_t to, GArray **covers, GError **error)
{
    if (from < 0 || to < 0 || from > TIME_MAX || to > TIME_MAX)
        return error_perm(error, "the report covers a time outside the years 1970 to 9999");
    if (to < from)
        return error_perm(error, "the report's To Time lies before its From Time");
    int64_t begin = range_instant(file_zone, from);
    int64_t end = range_instant(file_zone, range_end(to));
    if ((end - begin) / DAY_SECONDS > LIMIT_REPORT_DAYS)
        return error_perm(error, "the report covers more than %d days", LIMIT_REPORT_DAYS);

    g_autoptr(GArray) days = g_array_new(FALSE, FALSE, sizeof(struct day_cover));
    /* By counting days: where the wall goes back over midnight, an instant after the begin of one
     * day may show the day before. */
    for (int32_t date = day_zone_date(zone, begin); begin < end; date++) {
        int64_t next = day_zone_begin(zone, date + 1);
        if (next <= begin)
            continue;
        struct day_cover cover = {.date = date, .until = MIN(next, end)};
        cover.seconds = cover.until - begin;
        g_array_append_val(days, cover);
        begin = cover.until;
    }
    if (days->len > LIMIT_REPORT_DAYS)
        return error_perm(error, "the report covers more than %d days", LIMIT_REPORT_DAYS);
    *covers = g_steal_pointer(&days);
    return true;
}

bool day_of_range(int64_t from, int64_t to, int32_t *date, bool *full)
{
    if (from < 0 || to < from || to > TIME_MAX)
        return false;
    int64_t end = range_end(to);
    int64_t next = (from / DAY_SECONDS + 1) * DAY_SECONDS;
    if (end == from || end > next)
        return false;
    *date = (int32_t)(from / DAY_SECONDS);
    *full = end == next;
    return true;
}

/* A day of the calendar. */
struct calendar {
    int year, month, day;
};

enum {
    DAYS_OF_400_YEARS = 146097,
    DAYS_TO_1970 = 719468, /* from 0000-03-01 */
};

/* Years are counted from March, so that the leap day is the last of its year. */
static struct calendar calendar_of(int32_t date)
{
    int days = CLAMP(date, 0, DATE_MAX) + DAYS_TO_1970;
    int era = days / DAYS_OF_400_YEARS;
    int day_of_era = days % DAYS_OF_400_YEARS;
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month = (5 * day_of_year + 2) / 153;
    int day = day_of_year - (153 * month + 2) / 5 + 1;
    int year = era * 400 + year_of_era + (month >= 10 ? 1 : 0);
    return (struct calendar){year, month < 10 ? month + 3 : month - 9, day};
}

static int32_t date_of(struct calendar calendar)
{
    int year = calendar.month > 2 ? calendar.year : calendar.year - 1;
    int month = calendar.month > 2 ? calendar.month - 3 : calendar.month + 9;
    int year_of_era = year % 400;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
                     (153 * month + 2) / 5 + calendar.day - 1;
    return year / 400 * DAYS_OF_400_YEARS + day_of_era - DAYS_TO_1970;
}

/* The form that both texts share: digits stand where it has a 0, all else as it is. */
static const char time_form[] = "0000-00-00T00:00:00Z";

static int digits_value(const char *text, size_t count)
{
    int value = 0;
    for (size_t i = 0; i < count; i++)
        value = value * 10 + (text[i] - '0');
    return value;
}

static void put_digits(char *text, size_t count, int value)
{
    for (size_t i = count; i-- > 0; value /= 10)
        text[i] = (char)('0' + value % 10);
}

static bool has_form(const char *text, size_t length)
{
    if (strlen(text) != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (time_form[i] == '0' ? !g_ascii_isdigit(text[i]) : text[i] != time_form[i])
            return false;
    return true;
}

static void put_date(int32_t date, char *text)
{
    struct calendar calendar = calendar_of(date);
    put_digits(text, 4, calendar.year);
    put_digits(text + 5, 2, calendar.month);
    put_digits(text + 8, 2, calendar.day);
}

/* The ten characters at `text` are known to have the form. */
static bool read_date(const char *text, int32_t *date)
{
    struct calendar calendar = {digits_value(text, 4), digits_value(text + 5, 2),
                                digits_value(text + 8, 2)};
    if (calendar.year < 1970 || calendar.month < 1 || calendar.month > 12 || calendar.day < 1 ||
        calendar.day > 31)
        return false;
    int32_t days = date_of(calendar);
    if (calendar_of(days).day != calendar.day)
        return false;
    *date = days;
    return true;
}

void day_date_text(int32_t date, char text[DAY_DATE_SIZE])
{
    memcpy(text, time_form, DAY_DATE_SIZE - 1);
    text[DAY_DATE_SIZE - 1] = '\0';
    put_date(date, text);
}

bool day_date_parse(const char *text, int32_t *date)
{
    return has_form(text, DAY_DATE_SIZE - 1) && read_date(text, date);
}

void day_time_text(int64_t utc, char text[DAY_TIME_SIZE])
{
    int64_t seconds = CLAMP(utc, 0, TIME_MAX);
    int of_day = (int)(seconds % DAY_SECONDS);
    memcpy(text, time_form, DAY_TIME_SIZE);
    put_date((int32_t)(seconds / DAY_SECONDS), text);
    put_digits(text + 11, 2, of_day / 3600);
    put_digits(text + 14, 2, of_day / 60 % 60);
    put_digits(text + 17, 2, of_day % 60);
}

bool day_time_parse(const char *text, int64_t *utc)
{
    int32_t date;
    if (!has_form(text, DAY_TIME_SIZE - 1) || !read_date(text, &date))
        return false;
    int hour = digits_value(text + 11, 2);
    int minute = digits_value(text + 14, 2);
    int second = digits_value(text + 17, 2);
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *utc = (int64_t)date * DAY_SECONDS + hour * 3600 + minute * 60 + second;
    return true;
}
