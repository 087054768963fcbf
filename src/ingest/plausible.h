/*
 * What of a stored report is hard to believe: told as warnings on its log entry, with the numbers.
 * Nothing is dropped or changed because of them.
 *
 * A warning is {"kind","count","of","text"}:
 *   outside-range  legs that start outside what the Filters sheet covers, of all legs
 *   many-legs      sessions with more than LIMIT_WARN_LEGS legs, of all sessions
 *   unmatched      legs that name somebody who is no member, of those that name anybody
 *   calls-users    calls by Users, of those by Calls, for a member and a day that both cover alike,
 *                  where they differ by more than LIMIT_WARN_CALLS and a tenth; with "name", "date"
 */
#ifndef CALLMX_INGEST_PLAUSIBLE_H
#define CALLMX_INGEST_PLAUSIBLE_H

#include "base/json.h"
#include "ingest/agency.h"

/* Each adds to the array `warnings`, or does not. The legs against the range: */
void plausible_range(const struct report_file *file, struct json *warnings);

/* How many sessions there are, how many of them have many legs, and the most that one has. */
void plausible_sessions(int64_t sessions, int64_t many, int64_t most, struct json *warnings);

/* Of legs that name somebody: how many, and how many of them nobody who is a member. */
void plausible_people(int64_t named, int64_t unmatched, struct json *warnings);

/* Compares Calls with Users on a day, with what the message under way adds to it. */
bool plausible_day(struct ingest_agency *agency, int32_t date, struct json *warnings,
                   GError **error);

#endif
