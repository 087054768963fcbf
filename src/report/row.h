/*
 * One data row on its way into a report: its cells found by field, converted by cell.h, and what
 * could not be converted noted with sheet and row. For calls.c, users.c and filters.c.
 */
#ifndef CALLMX_REPORT_ROW_H
#define CALLMX_REPORT_ROW_H

#include "report/cell.h"
#include "report/columns.h"
#include "report/labels.h"
#include "report/report.h"
#include "report/workbook.h"

/* Texts that were kept last, each at a place that its octets give: names, results and queues come
 * again and again, and are then found without a hash that strangers cannot foresee. All zeros to
 * begin with. */
enum { ROW_RECENT = 256 };
struct row_recent {
    struct {
        const char *text; /* the report's; NULL: free */
        size_t length;
    } places[ROW_RECENT];
};

struct row {
    /* the sheet's; all borrowed */
    struct report *report;
    struct report_file *file;
    const struct columns *columns;
    const struct labels *labels; /* NULL: none */
    const char *sheet_name;
    uint32_t sheet; /* index into the file's sheets */
    struct cell_calendar calendar;
    GString *scratch; /* for anybody */
    struct row_recent *recent;
    GPtrArray *kept; /* by the number of a shared text: what row_text() made of it, or NULL; the
                      * workbook's */
    /* the row's own */
    uint32_t number;
    const struct cell *cells;
    size_t count;
    const struct cell *fields[FIELD_COUNT]; /* NULL: blank, or no such column */
    bool has_other;                         /* a cell whose column has no field */
};

/* Takes the next row of the sheet: sets what is the row's own. */
void row_take(struct row *row, uint32_t number, const struct cell *cells, size_t count);

/* The field's value, or unknown (NULL, REPORT_UNKNOWN) where it is blank, and where it cannot be
 * read, which is noted. */
const char *row_text(const struct row *row, enum field field);
int64_t row_number(const struct row *row, enum field field);
int64_t row_duration(const struct row *row, enum field field, int64_t limit);

/* JSON of the cells whose columns have no field, and of those of the field `also` (FIELD_NONE: of
 * no other); NULL if there are none. */
const char *row_payload(const struct row *row, enum field also);

/* What a cell says, short enough for a note; in row->scratch, valid until its next use. */
const char *row_excerpt(const struct row *row, enum field field);

void row_note(const struct row *row, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
