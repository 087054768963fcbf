/* The container: open, then every part of it by name, and the same bytes as a workbook. */
#include "base/limits.h"
#include "report/container.h"
#include "report/signature.h"
#include "report/workbook.h"

static bool on_row(void *context, uint32_t row, const struct cell *cells, size_t count)
{
    (void)context;
    g_assert(row > 0 && count > 0 &&
             g_utf8_validate(cells[count - 1].text, (gssize)cells[count - 1].length, NULL));
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(container) container = container_open(data, size, NULL, NULL);
    for (size_t i = 0; container != NULL && i < container_count(container); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) part =
            container_read(container, container_name(container, i), MIB, &error);
        g_assert((part == NULL) == (error != NULL));
    }
    if (container != NULL)
        g_assert(signature_of_container(container) != NULL);
    AUTO(workbook) workbook = workbook_open(data, size, NULL, NULL);
    for (size_t i = 0; workbook != NULL && i < workbook_sheet_count(workbook); i++)
        workbook_read_sheet(workbook, i, on_row, NULL, NULL);
    return 0;
}
