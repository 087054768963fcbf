/*
 * The legs of a file, each once: finds the row that is equal to an earlier one in every column.
 * Legs are compared as they were read, so that 54 and 54.0 are the same length; where they stand
 * plays no part but for the sheet.
 */
#ifndef CALLMX_REPORT_LEG_SET_H
#define CALLMX_REPORT_LEG_SET_H

#include "base/auto.h"
#include "report/report.h"

#include <glib.h>
#include <stdbool.h>

struct leg_set;

/* `legs` are those of a struct report_file, borrowed; only leg_set_add() may add to them. */
struct leg_set *leg_set_new(GArray *legs);
void leg_set_free(struct leg_set *set);
AUTO_DEFINE(leg_set, leg_set_free)

/* Appends the leg to the legs, unless an equal one is there: false. Legs of one session have the
 * same session id, not only an equal one. */
bool leg_set_add(struct leg_set *set, const struct report_leg *leg);

#endif
