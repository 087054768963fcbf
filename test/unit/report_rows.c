#include "report_rows.h"

#include <string.h>

static void set_cells(GArray *cells, const char *const *texts)
{
    g_array_set_size(cells, 0);
    for (uint32_t column = 0; texts[column] != NULL; column++) {
        const char *text = texts[column];
        bool is_number = text[0] == '=';
        struct cell cell = {
            .column = column,
            .kind = is_number ? CELL_NUMBER : CELL_TEXT,
            .text = text + is_number,
            .length = strlen(text + is_number),
        };
        if (cell.length > 0)
            g_array_append_val(cells, cell);
    }
}

void report_rows_init(struct report_rows *rows, const char *sheet_name, const char *const *header)
{
    *rows = (struct report_rows){
        .report = report_new(),
        .columns = columns_new(NULL),
        .cells = g_array_new(FALSE, FALSE, sizeof(struct cell)),
    };
    rows->file = report_file_new(rows->report);
    set_cells(rows->cells, header);
    g_assert_true(columns_take_header(rows->columns, sheet_name,
                                      (const struct cell *)(const void *)rows->cells->data,
                                      rows->cells->len));
    rows->row = (struct row){
        .report = rows->report,
        .file = rows->file,
        .columns = rows->columns,
        .sheet_name = sheet_name,
        .scratch = g_string_new(NULL),
        .recent = g_new0(struct row_recent, 1),
        .kept = g_ptr_array_new(),
    };
}

void report_rows_clear(struct report_rows *rows)
{
    g_string_free(rows->row.scratch, TRUE);
    g_free(rows->row.recent);
    g_ptr_array_unref(rows->row.kept);
    columns_free(rows->columns);
    g_array_unref(rows->cells);
    report_free(rows->report);
}

const struct row *report_rows_next(struct report_rows *rows, uint32_t number,
                                   const char *const *texts)
{
    set_cells(rows->cells, texts);
    row_take(&rows->row, number, (const struct cell *)(const void *)rows->cells->data,
             rows->cells->len);
    return &rows->row;
}

const char *report_rows_note(const struct report_rows *rows, guint index)
{
    if (index >= rows->file->notes->len)
        return NULL;
    return g_array_index(rows->file->notes, struct report_note, index).text;
}
