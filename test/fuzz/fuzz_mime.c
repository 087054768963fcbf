/* Any bytes as a mail: the structure and values that GMime would find, too, and whatever workbook
 * comes out of it. */
#include "../report/mime_oracle.h"
#include "report/report.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *difference = mime_oracle_differs(data, size);
    g_assert_cmpstr(difference, ==, NULL);
    AUTO(report) report = report_read(data, size, REPORT_INPUT_MAIL, NULL);
    g_assert(report->verdict == REPORT_STORED || report->reason != NULL);
    return 0;
}
