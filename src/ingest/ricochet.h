/*
 * What an event of Ricochet says. There is no form that all customers share: the body is a template
 * that each of them makes. Two forms are known by their keys, and an agency may tell what its own
 * names mean (a map: our name of a field -> theirs).
 *
 *   field        form 1            form 2
 *   id           id                call_id
 *   phone        phone                            the number on the left of the call
 *   to           to                               and on its right
 *   outbound     outbound          call_type      1 to 6 outbound, 7 and 10 inbound
 *   duration     Duration          call_duration  seconds, or [h:]mm:ss; the talk time
 *   created_at   created_at        current_date (YYYYMMDD) and current_time
 *   answered_at  answered_at                      answered when it is set, or the duration is > 0
 *   user_name    User's name
 *   user_email   User's email
 *   extension                      extension
 *
 * Numbers may be text; "" and null say nothing. What cannot be read is refused, naming the field.
 * Lead events, which tell of no call, are known by `uniqueIdentifier` or a nested `customer`.
 */
#ifndef CALLMX_INGEST_RICOCHET_H
#define CALLMX_INGEST_RICOCHET_H

#include "base/json.h"
#include "figures/day.h"
#include "report/report.h"

struct ricochet_call {
    char *id;
    enum report_direction direction; /* unknown if it is not told */
    char *call_type;                 /* as told, of form 2 */
    char *phone, *to;
    char *user_name, *user_email, *extension;
    int64_t start;    /* utc; REPORT_UNKNOWN: not told, or outside the years 2000 to 2100 */
    int64_t duration; /* seconds; REPORT_UNKNOWN: not told */
    bool answered;
};

void ricochet_call_clear(struct ricochet_call *call);

/* Whether a field of ours, for a map, has this name. */
bool ricochet_is_field(const char *name);

/* Whether the object tells of a lead, and of no call. */
bool ricochet_is_lead(const struct json *event, const struct json *map);

/* Times without an offset are in `zone`. `map` NULL: none. False with a PERM error that names the
 * field. Clear the call in any case. */
bool ricochet_read(const struct json *event, const struct json *map, const struct day_zone *zone,
                   struct ricochet_call *call, GError **error);

/* What is known of a call when an event tells of it again: a new object of the members of `before`
 * (NULL: none) and of `event` that say something, those of `event` first. Nested ones are left out.
 * With `keeps_start` the time of the call stays as it is in `before`. */
struct json *ricochet_merge(const struct json *before, const struct json *event,
                            const struct json *map, bool keeps_start);

#endif
