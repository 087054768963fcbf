/* What a parser process that has been taken over could send to the daemon. */
#include "daemon/report_wire.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    AUTO(report_wire_reader) reader = report_wire_reader_new();
    if (report_wire_feed(reader, bytes, size) == REPORT_WIRE_DONE)
        report_free(report_wire_take(reader));
    return 0;
}
