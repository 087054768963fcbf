/*
 * The rows of RingCentral's older Call Log (a CSV file) into legs:
 * `Direction,From,To,Extension,Name,Date,Time,Action Result,Duration`, in newer ones with `Type`,
 * `Forwarded To`, `Action` and `Result Description`. Extension is our side, Name the other one.
 *
 * It has no session id, and one or more rows for a call. Rows with the same From, To and time are
 * one session; so is a row with neither From nor To, and the one above it. The id that stands for
 * it is a UUID made of just these, so that the same call has the same id in each file. Faxes and
 * messages are no calls.
 */
#ifndef CALLMX_REPORT_CALL_LOG_H
#define CALLMX_REPORT_CALL_LOG_H

#include "report/calls.h"
#include "report/row.h"

#include <glib.h>
#include <stdbool.h>

/* The Call Log sheets of one file; `calls` is borrowed. */
struct call_log;

struct call_log *call_log_new(struct calls *calls);
void call_log_free(struct call_log *log);

/* As calls_take() and calls_end_sheet(). */
bool call_log_take(struct call_log *log, const struct row *row, GError **error);
void call_log_end_sheet(struct call_log *log, const struct row *row);

#endif
