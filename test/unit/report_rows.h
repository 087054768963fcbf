/* Rows of a sheet from string tables, for the tests of those who read rows. */
#ifndef CALLMX_TEST_REPORT_ROWS_H
#define CALLMX_TEST_REPORT_ROWS_H

#include "report/row.h"

struct report_rows {
    struct report *report;
    struct report_file *file;
    struct columns *columns;
    struct row row;
    GArray *cells;
};

/* A sheet with this header (NULL-terminated), which must be a known one. */
void report_rows_init(struct report_rows *rows, const char *sheet_name, const char *const *header);
void report_rows_clear(struct report_rows *rows);

/* Fills rows->row. Up to NULL; "" is blank; `=54.0` is the number 54.0. */
const struct row *report_rows_next(struct report_rows *rows, uint32_t number,
                                   const char *const *texts);

/* The text of a note, or NULL. */
const char *report_rows_note(const struct report_rows *rows, guint index);

#endif
