/*
 * The words of a report in its own language. RingCentral puts the whole dictionary of its labels
 * into each workbook (custom property UserLocale), so that a report in German can be read without a
 * guess: its headers, the names of its sheets, its results and directions, and the order of its
 * dates.
 *
 * The dictionary is `Locale(en_US,Filters(…),…)`: elements with commas between them, known by their
 * places, counted from 0. An element is a list by place, `Filters(Search String,Users,…)`, or a map
 * by symbol, `HashMap(Symbol(CALL_LENGTH) -> Call Length, …)`. A symbol means another label in
 * another element. It is a stranger's text like any other: what is not in this form is not there.
 */
#ifndef CALLMX_REPORT_LABELS_H
#define CALLMX_REPORT_LABELS_H

#include "base/auto.h"
#include "report/cell.h"
#include "report/columns.h"

#include <stdbool.h>

struct labels;

/* Reads a dictionary; NULL if the text (may be NULL) is none. Labels beyond LIMIT_LABELS are left
 * out. */
struct labels *labels_new(const char *user_locale);
void labels_free(struct labels *labels);
AUTO_DEFINE(labels, labels_free)

/* One header of the report's language. A label that stands for two fields of one kind is in none.
 */
struct label {
    enum sheet_kind kind; /* Calls, Users or Filters; KPIs has those of Users */
    enum field field;     /* FIELD_NONE: a column that has none */
    char *folded;         /* as columns_fold() has it */
};

/* The labels of headers, in no order; `labels` may be NULL: none. Borrowed. */
const struct label *labels_headers(const struct labels *labels, size_t *count);

/* What a sheet of that (folded) name is, of the kinds that are not read: SHEET_QUEUES,
 * SHEET_COMPANY_NUMBERS, SHEET_GROUP_USERS, else SHEET_UNKNOWN. */
enum sheet_kind labels_kind_by_name(const struct labels *labels, const char *folded);

/* The word as an English report has it: "Angenommen" → "Answered". The word itself where the
 * dictionary does not have it, and for `labels` of NULL. Borrowed. */
const char *labels_result(const struct labels *labels, const char *word);
const char *labels_direction(const struct labels *labels, const char *word);
const char *labels_status(const struct labels *labels, const char *word);

/* The order and separator of dates; *calendar is left alone where they are not told. */
void labels_dates(const struct labels *labels, struct cell_calendar *calendar);

#endif
