/*
 * Rows of a worksheet as programs write them, by a scan instead of expat (xml_scan.h): numbers,
 * shared and inline texts, blanks. Everything else (formulas, rich text, errors, rows and cells out
 * of order, whatever is wrong) is left to sheet.c, which must give the same for all that is taken
 * here. For sheet.c only.
 */
#ifndef CALLMX_REPORT_SHEET_SCAN_H
#define CALLMX_REPORT_SHEET_SCAN_H

#include "report/shared_strings.h"
#include "report/workbook.h"
#include "report/xml.h"

struct sheet_scan;

struct sheet_scan *sheet_scan_new(const struct shared_strings *strings, workbook_row_fn *on_row,
                                  void *context);
void sheet_scan_free(struct sheet_scan *scan);
AUTO_DEFINE(sheet_scan, sheet_scan_free)

/* As xml_scanner's scan. *row is the last row that was read, and is set. The texts of cells lie in
 * the bytes, in the shared strings or in the scan itself. */
size_t sheet_scan_rows(struct sheet_scan *scan, struct xml *xml, const char *bytes, size_t size,
                       uint32_t *row);

#endif
