/*
 * The sheets of one file on their way into it: which kind each is, who reads its rows, and at the
 * end what the file is by all of them. It is told the rows and does not ask where they are from: a
 * workbook or a CSV file.
 */
#ifndef CALLMX_REPORT_SHEETS_H
#define CALLMX_REPORT_SHEETS_H

#include "base/auto.h"
#include "report/labels.h"
#include "report/report.h"
#include "report/workbook.h"

#include <glib.h>
#include <stdbool.h>

struct sheets;

/* Report and file are borrowed, labels too (NULL: none); they must outlive the sheets. */
struct sheets *sheets_new(struct report *report, struct report_file *file,
                          const struct labels *labels, bool is_1904);
void sheets_free(struct sheets *sheets);
AUTO_DEFINE(sheets, sheets_free)

/* Between these stand the rows of one sheet. The name is borrowed until the end. */
void sheets_begin(struct sheets *sheets, const char *name);
/* A workbook_row_fn. False: this sheet need not be read on, or there is an error, which
 * sheets_end() gives. */
bool sheets_row(void *sheets, uint32_t number, const struct cell *cells, size_t count);
bool sheets_end(struct sheets *sheets, GError **error);

/* Sets verdict, kind and reason of the file, and notes what is missing. */
void sheets_conclude(struct sheets *sheets);

/* The file could not be read to its end: takes all rows away. `reason` is a fragment. */
void sheets_fail(struct report *report, struct report_file *file, const char *reason);

#endif
