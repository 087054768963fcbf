/*
 * Days and zones: which instant a time on the wall was, and which local day it belongs to.
 *
 *   civil    seconds from 1970-01-01 00:00:00 to the time on the wall, taken as if it were UTC
 *   utc      seconds of Unix time
 *   date     days from 1970-01-01 to a local day
 *
 * A civil time inside the gap of a DST change is read with the offset before the change, so that
 * it moves forward; one in the overlap is the first of the two.
 */
#ifndef CALLMX_FIGURES_DAY_H
#define CALLMX_FIGURES_DAY_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define DAY_SECONDS 86400

enum { DAY_DATE_SIZE = 11, DAY_TIME_SIZE = 21 }; /* 2026-01-05, 2026-01-05T17:32:12Z, NUL */

/* Never changes once it is made; any number of threads may ask it. */
struct day_zone;

/* A zone by its IANA name, or NULL with a PERM error if there is no such zone (TEMP if there is no
 * zone database). `UTC` needs no database. Names that leave it (`/etc/passwd`, `../x`), offsets
 * (`+05:00`) and the files in it that are no zones by name (`localtime`, `right/…`) are refused.
 * Summer time is known to the end of 2099. They are read
 * once per zone and process: a newer zone database counts from the next start on. */
struct day_zone *day_zone_new(const char *name, GError **error);
void day_zone_free(struct day_zone *zone);
AUTO_DEFINE(day_zone, day_zone_free)
const char *day_zone_name(const struct day_zone *zone);

int64_t day_zone_utc(const struct day_zone *zone, int64_t civil);
int64_t day_zone_civil(const struct day_zone *zone, int64_t utc);

/* The local day of an instant, and the first instant of a local day: where midnight falls into a
 * gap, the end of the gap. */
int32_t day_zone_date(const struct day_zone *zone, int64_t utc);
int64_t day_zone_begin(const struct day_zone *zone, int32_t date);

/* What a report covers of one local day. */
struct day_cover {
    int32_t date;
    int64_t seconds; /* of the day that are covered; elapsed ones: 82,800 on a day of 23 hours */
    int64_t until;   /* utc: end of what is covered; the begin of the next day if to its end */
};

/* Splits a covered range, civil times in `file_zone`, into the days of `zone`. A range that ends
 * at 11:59 PM or later covers that day to its end. Fills an array of struct day_cover, ascending;
 * g_array_unref it. A range of nothing (`to` equal to `from` after that) gives an empty array.
 * PERM if `to` lies before `from`, one of them outside the years 1970 to 9999, or there are more
 * than LIMIT_REPORT_DAYS. */
bool day_cover_split(const struct day_zone *zone, const struct day_zone *file_zone, int64_t from,
                     int64_t to, GArray **covers, GError **error);

/* The one local day that a range of a Users report stands for, in its own zone: true if it lies
 * within one day (to 12:00 AM of the next at most) and is not a range of nothing. `full` says
 * whether it is covered to its end. */
bool day_of_range(int64_t from, int64_t to, int32_t *date, bool *full);

/* Text forms. Parsing takes exactly these and years 1970 to 9999. What lies outside these years
 * is written as the nearest that does not. */
void day_date_text(int32_t date, char text[DAY_DATE_SIZE]);
bool day_date_parse(const char *text, int32_t *date);
void day_time_text(int64_t utc, char text[DAY_TIME_SIZE]);
bool day_time_parse(const char *text, int64_t *utc);

#endif
