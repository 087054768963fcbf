/* All cells of a workbook as text, by the scanners or by expat alone: what tests compare. */
#ifndef CALLMX_TEST_CELLS_H
#define CALLMX_TEST_CELLS_H

#include "report/workbook.h"

#include <string.h>

static inline bool cells_on_row(void *context, uint32_t row, const struct cell *cells, size_t count)
{
    GString *text = context;
    for (size_t i = 0; i < count; i++) {
        g_assert_true(g_utf8_validate(cells[i].text, (gssize)cells[i].length, NULL));
        g_string_append_printf(text, "%u %u %d %d ", row, cells[i].column, (int)cells[i].kind,
                               cells[i].no_value);
        g_string_append_len(text, cells[i].text, (gssize)cells[i].length);
        g_string_append_c(text, '\n');
    }
    return true;
}

/* With the error behind them, if there is one, but for the place in the XML at which it was
 * noticed: that depends on how much of the document expat was given at once. g_free it. */
static inline char *cells_text(const void *bytes, size_t size, bool by_expat)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    AUTO(workbook) workbook = workbook_open(bytes, size, NULL, &error);
    if (workbook != NULL && by_expat)
        workbook_by_expat(workbook);
    for (size_t i = 0; workbook != NULL && error == NULL && i < workbook_sheet_count(workbook);
         i++) {
        g_string_append_printf(text, "sheet %s\n", workbook_sheet_name(workbook, i));
        workbook_read_sheet(workbook, i, cells_on_row, text, &error);
    }
    const char *detail = error != NULL ? strstr(error->message, " is damaged: ") : NULL;
    g_string_append_len(text, error != NULL ? error->message : "",
                        detail != NULL ? detail - error->message : -1);
    return g_strdup(text->str);
}

#endif
