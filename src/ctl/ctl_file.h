/* What was read of a file, for report explain and show. */
#ifndef CALLMX_CTL_CTL_FILE_H
#define CALLMX_CTL_CTL_FILE_H

#include "base/json.h"

/* An empty line, then one object of summary_of_file() as lines of text. */
void ctl_file_print(const struct json *file);

#endif
