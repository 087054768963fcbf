/* The rows of a file as callmx understands them, for report explain --rows. */
#ifndef CALLMX_CTL_CTL_ROWS_H
#define CALLMX_CTL_CTL_ROWS_H

#include "base/json.h"
#include "report/report.h"

/* For each file an object of "legs" and "users", with an object for each row: unknown values are
 * null. */
struct json *ctl_rows_json(const struct report *report);

/* The same of one file, as tables. */
void ctl_rows_print(const struct report_file *file);

#endif
