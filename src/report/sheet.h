/*
 * The XML of one worksheet (ECMA-376-1, 18.3), row by row. workbook.h is the way in; this is the
 * seam for it and for the fuzzer.
 */
#ifndef CALLMX_REPORT_SHEET_H
#define CALLMX_REPORT_SHEET_H

#include "report/shared_strings.h"
#include "report/workbook.h"

/* Reads the sheet; rows as in workbook_read_sheet(). `name` is for errors. `by_scan` false: by
 * expat alone, which gives the same rows and errors and is slower. Rows may have been given to
 * on_row before an error. */
bool sheet_read(const void *bytes, size_t size, const char *name, bool by_scan,
                const struct shared_strings *strings, workbook_row_fn *on_row, void *context,
                GError **error);

#endif
