/*
 * The sheets of a workbook, one after the other. A workbook of which one sheet cannot be read is
 * not read at all.
 */
#include "report/report_workbook.h"

#include "base/error.h"
#include "base/limits.h"
#include "report/sheets.h"
#include "report/workbook.h"

static bool read_sheets(struct workbook *workbook, struct sheets *sheets, GError **error)
{
    for (size_t i = 0; i < workbook_sheet_count(workbook); i++) {
        sheets_begin(sheets, workbook_sheet_name(workbook, i));
        if (!workbook_read_sheet(workbook, i, sheets_row, sheets, error) ||
            !sheets_end(sheets, error))
            return false;
    }
    return true;
}

void report_workbook_read(struct report *report, struct report_file *file, const void *bytes,
                          size_t size)
{
    g_autoptr(GError) error = NULL;
    AUTO(workbook) workbook = workbook_open(bytes, size, &report->inflated, &error);
    if (workbook == NULL) {
        sheets_fail(report, file, error->message);
        return;
    }
    file->timezone = report_text_cut(report, workbook_timezone(workbook), LIMIT_REPORT_TEXT);
    AUTO(labels) labels = labels_new(workbook_user_locale(workbook));
    AUTO(sheets) sheets = sheets_new(report, file, labels, workbook_is_1904(workbook));
    bool is_read = read_sheets(workbook, sheets, &error);
    /* row_text() points into it. */
    GBytes *block = workbook_shared_block(workbook);
    if (block != NULL)
        g_ptr_array_add(report->blocks, block);
    if (is_read)
        sheets_conclude(sheets);
    else
        sheets_fail(report, file, error->message);
}
