/*
 * The rows of a Calls sheet into legs, and those of Calls_Records, which have other headers. Every
 * leg is kept: a queue call has one row per agent rung, all with one session id, and what became of
 * the call is not decided here.
 *
 * A row is left out, with a note, only when its session or its start is not known; a row that has
 * neither a session nor anything else of a call (phantom rows, totals) is nothing. Rows equal in
 * every column are one leg and a counted duplicate.
 */
#ifndef CALLMX_REPORT_CALLS_H
#define CALLMX_REPORT_CALLS_H

#include "base/auto.h"
#include "report/row.h"

#include <glib.h>
#include <stdbool.h>

/* The Calls sheets of one file, which is borrowed. */
struct calls;

struct calls *calls_new(struct report_file *file);
void calls_free(struct calls *calls);
AUTO_DEFINE(calls, calls_free)

/* Takes a row, already in `row`. PERM when the message has more than LIMIT_REPORT_LEGS. */
bool calls_take(struct calls *calls, const struct row *row, GError **error);

/* For the readers of other rows of calls: the direction, as the report and as we call it; and a leg
 * that is complete, unless a row equal in every column was there before. */
void calls_take_direction(const struct row *row, struct report_leg *leg);
bool calls_add(struct calls *calls, const struct row *row, const struct report_leg *leg,
               GError **error);

/* At the end of each sheet: notes what is told once for all rows. */
void calls_end_sheet(struct calls *calls, const struct row *row);

#endif
