/* Any bytes as a mail: scan, GMime, decoding, and whatever workbook comes out of it. */
#include "report/report.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__asan_default_options(void);

/* GMime 3.2.13 loses a few octets on a malformed address of a forwarded mail: not ours to mend. */
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(report) report = report_read(data, size, REPORT_INPUT_MAIL, NULL);
    g_assert(report->verdict == REPORT_STORED || report->reason != NULL);
    return 0;
}
