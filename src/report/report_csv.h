/* One CSV file into one struct report_file: RingCentral's Call Log, or a sheet that somebody saved
 * so. */
#ifndef CALLMX_REPORT_REPORT_CSV_H
#define CALLMX_REPORT_REPORT_CSV_H

#include "report/report.h"

#include <stddef.h>

/* As report_workbook_read(). A record that is no CSV is left out with a note. */
void report_csv_read(struct report *report, struct report_file *file, const void *bytes,
                     size_t size);

#endif
