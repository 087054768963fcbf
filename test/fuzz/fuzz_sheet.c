/* The XML of a sheet by scan and by expat, which must not differ, nor a table of strings; and each
 * of its cells through every conversion. */
#include "report/cell.h"
#include "report/sheet.h"

#include <string.h>

static bool on_row(void *context, uint32_t row, const struct cell *cells, size_t count)
{
    GString *seen = context;
    g_autoptr(GString) text = g_string_new(NULL);
    for (size_t i = 0; i < count; i++) {
        double number;
        int64_t value = 0;
        bool imprecise;
        char id[LIMIT_SESSION_ID + 1];
        g_assert(row > 0 && g_utf8_validate(cells[i].text, (gssize)cells[i].length, NULL));
        g_string_append_printf(seen, "%u %u %d %d ", row, cells[i].column, (int)cells[i].kind,
                               (int)cells[i].shared);
        g_string_append_len(seen, cells[i].text, (gssize)cells[i].length);
        cell_number(&cells[i], &number, NULL);
        cell_count(&cells[i], &value, NULL);
        cell_session_id(&cells[i], id, &imprecise, NULL);
        cell_duration(&cells[i], LIMIT_DURATION, &value, NULL);
        struct cell_calendar calendar = {.is_1904 = row % 2 == 0, .order = row % 3};
        cell_datetime(&cells[i], &calendar, &value, NULL);
        cell_text(&cells[i], text, NULL);
    }
    return true;
}

static char *read_by(const uint8_t *data, size_t size, bool by_scan)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) seen = g_string_new(NULL);
    AUTO(shared_strings) strings = shared_strings_read(data, size, by_scan, &error);
    for (size_t i = 0, length; i < shared_strings_count(strings); i++)
        g_string_append_printf(seen, "%s|", shared_strings_at(strings, i, &length));
    if (!sheet_read(data, size, "fuzz", by_scan, strings, on_row, seen, strings ? &error : NULL))
        g_string_append_printf(seen, "failed");
    /* What expat notices first depends on how much of the document it was given at once. */
    const char *detail = error != NULL ? strstr(error->message, " is damaged: ") : NULL;
    g_string_append_len(seen, error != NULL ? error->message : "",
                        detail != NULL ? detail - error->message : -1);
    return g_strdup(seen->str);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *scanned = read_by(data, size, true);
    g_autofree char *parsed = read_by(data, size, false);
    g_assert_cmpstr(scanned, ==, parsed);
    return 0;
}
