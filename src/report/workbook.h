/*
 * A workbook in the form of Office Open XML (ECMA-376, transitional and strict): which sheets it
 * has, what zone it was made in, and the cells of a sheet, row by row.
 *
 * It knows cells, not calls: what a column means is the business of columns.h and above. It trusts
 * no hint (dimension, spans, counts, file names): names come from the relationships, lengths from
 * what is there. Parts are found in any case of their names.
 *
 * Errors are PERM: the bytes are what they are. Only a lack of memory is TEMP.
 */
#ifndef CALLMX_REPORT_WORKBOOK_H
#define CALLMX_REPORT_WORKBOOK_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct workbook;

enum cell_kind {
    CELL_TEXT,   /* shared, inline or formula text, escapes decoded */
    CELL_NUMBER, /* text holds the digits as they stand in the file */
    CELL_BOOL,   /* text is "0" or "1" */
    CELL_ERROR,  /* #N/A and the like */
    CELL_DATE,   /* t="d": ISO 8601 */
};

/* A cell that is not blank. Blank are: no <v>, an empty one, an empty string, only white space. */
struct cell {
    uint32_t column; /* from 0 = A */
    enum cell_kind kind;
    const char *text; /* UTF-8, not NUL-terminated nor trimmed; borrowed, valid in the callback */
    size_t length;    /* of text, in bytes */
    uint32_t shared;  /* its number among the shared texts, from 1; 0: it is none of them */
    bool no_value;    /* a formula without a cached value: text is "" and the value unknown */
};

/* Opens a workbook over bytes that stay the caller's and must outlive it. What is wrong is told by
 * its bytes, in a sentence a person can act on ("This is an old .xls file: …"). `inflated` as in
 * container.h. NULL on error.
 */
struct workbook *workbook_open(const void *bytes, size_t size, size_t *inflated, GError **error);
void workbook_close(struct workbook *workbook);
AUTO_DEFINE(workbook, workbook_close)

/* The worksheets in the order of their tabs, hidden ones among them. */
size_t workbook_sheet_count(const struct workbook *workbook);
const char *workbook_sheet_name(const struct workbook *workbook, size_t sheet);

/* The IANA name in the custom property Timezone, or NULL. Not checked against a zone table, but it
 * has the form of a zone's name: no dots, no / at the start. */
const char *workbook_timezone(const struct workbook *workbook);

/* Whether it has that form. */
bool workbook_is_timezone(const char *name);

/* The custom property UserLocale, RingCentral's dictionary of labels, or NULL. */
const char *workbook_user_locale(const struct workbook *workbook);

/* Whether serial dates count from 1904-01-01. */
bool workbook_is_1904(const struct workbook *workbook);

/* Called for each row that has a cell that is not blank, in the order of the file. `row` from 1;
 * cells in ascending order of column; a formula without a value is not blank. Return false to stop
 * reading the sheet without an error. */
typedef bool workbook_row_fn(void *context, uint32_t row, const struct cell *cells, size_t count);

/* `sheet` is below the count. On an error rows may have been given to on_row before it. A sheet
 * that cannot be read leaves the others readable; reading one twice inflates it twice. */
bool workbook_read_sheet(struct workbook *workbook, size_t sheet, workbook_row_fn *on_row,
                         void *context, GError **error);

/* Before the first sheet: reads them by expat alone, slower and to the same cells, which is what
 * tests hold against the scanners. */
void workbook_by_expat(struct workbook *workbook);

/* While a sheet is read: the block in which its shared texts lie, each with a NUL behind it, for
 * who needs them longer than the workbook. Unref it; NULL if there are none. */
GBytes *workbook_shared_block(const struct workbook *workbook);

#endif
