/* The XML of a sheet, and each of its cells through every conversion. */
#include "report/cell.h"
#include "report/sheet.h"

static bool on_row(void *context, uint32_t row, const struct cell *cells, size_t count)
{
    GString *text = context;
    g_assert(row > 0 && count > 0);
    for (size_t i = 0; i < count; i++) {
        double number;
        int64_t value;
        bool imprecise;
        char id[LIMIT_SESSION_ID + 1];
        g_assert(g_utf8_validate(cells[i].text, (gssize)cells[i].length, NULL));
        cell_number(&cells[i], &number, NULL);
        cell_count(&cells[i], &value, NULL);
        cell_session_id(&cells[i], id, &imprecise, NULL);
        cell_duration(&cells[i], LIMIT_DURATION, &value, NULL);
        cell_datetime(&cells[i], row % 2 == 0, &value, NULL);
        cell_text(&cells[i], text, NULL);
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GString) text = g_string_new(NULL);
    AUTO(shared_strings) strings = shared_strings_read(data, size, true, NULL);
    sheet_read(data, size, "fuzz", true, strings, on_row, text, NULL);
    return 0;
}
