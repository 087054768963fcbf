/*
 * The records of a CSV file as the rows of one sheet: each field that is not blank is a cell of
 * text. The number of a row is that of the line on which its record begins.
 */
#include "report/report_csv.h"

#include "base/csv.h"
#include "base/error.h"
#include "base/limits.h"
#include "report/sheets.h"

#include <string.h>

#define SHEET_NAME "CSV"

/* Fills `cells` from the record's fields. */
static void take_cells(const GPtrArray *fields, GArray *cells)
{
    g_array_set_size(cells, 0);
    for (guint i = 0; i < fields->len; i++) {
        const char *text = g_ptr_array_index(fields, i);
        size_t length = strlen(text);
        bool is_blank = true;
        for (const char *p = text; *p != '\0' && is_blank; p = g_utf8_find_next_char(p, NULL))
            is_blank = g_unichar_isspace(g_utf8_get_char(p));
        struct cell cell = {.column = i, .kind = CELL_TEXT, .text = text, .length = length};
        if (!is_blank)
            g_array_append_val(cells, cell);
    }
}

/* False on an error. */
static bool read_records(struct report *report, struct report_file *file, struct csv *csv,
                         struct sheets *sheets, GError **error)
{
    g_autoptr(GPtrArray) fields = csv_fields_new();
    g_autoptr(GArray) cells = g_array_new(FALSE, FALSE, sizeof(struct cell));
    sheets_begin(sheets, SHEET_NAME);
    for (;;) {
        size_t line = 0;
        g_autoptr(GError) wrong = NULL;
        enum csv_answer answer = csv_next(csv, fields, &line, &wrong);
        if (answer == CSV_END || line > LIMIT_SHEET_ROWS)
            break;
        if (answer == CSV_BAD) {
            report_note(report, file, SHEET_NAME, (uint32_t)line, "%s: the line was left out",
                        wrong->message);
            file->call_rows++;
            file->skipped_rows++;
            continue;
        }
        take_cells(fields, cells);
        if (cells->len > 0 &&
            !sheets_row(sheets, (uint32_t)line, (const struct cell *)(const void *)cells->data,
                        cells->len))
            break;
    }
    return sheets_end(sheets, error);
}

void report_csv_read(struct report *report, struct report_file *file, const void *bytes,
                     size_t size)
{
    struct csv csv;
    g_autoptr(GError) error = NULL;
    if (!csv_open(&csv, bytes, size, &error)) {
        sheets_fail(report, file, error->message);
        return;
    }
    csv_guess_separator(&csv);
    AUTO(sheets) sheets = sheets_new(report, file, NULL, false);
    if (!read_records(report, file, &csv, sheets, &error)) {
        sheets_fail(report, file, error->message);
        return;
    }
    sheets_conclude(sheets);
    if (file->verdict == REPORT_STORED)
        return;
    file->kind = "csv";
    file->reason =
        report_text(report, "This is a text file (CSV) with none of the columns that are "
                            "read: in RingCentral choose Excel (.xlsx) for the report.");
}
