/* Any bytes as a mail: scan, GMime, decoding, and whatever workbook comes out of it. */
#include "report/report.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(report) report = report_read(data, size, REPORT_INPUT_MAIL, NULL);
    g_assert(report->verdict == REPORT_STORED || report->reason != NULL);
    return 0;
}
