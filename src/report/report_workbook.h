/* One workbook into one struct report_file: which sheets are there and who reads their rows. */
#ifndef CALLMX_REPORT_REPORT_WORKBOOK_H
#define CALLMX_REPORT_REPORT_WORKBOOK_H

#include "report/report.h"

#include <stddef.h>

/* Fills everything of `file` but name, sha256 and bytes, verdict and reason among it. What cannot
 * be read to its end leaves no rows: a file is there as a whole or not at all. */
void report_workbook_read(struct report *report, struct report_file *file, const void *bytes,
                          size_t size);

#endif
