/*
 * Names of parts within a package (ECMA-376-2, 9 and annex A): what a relationship's target means,
 * and how a name of a stranger is shown.
 */
#ifndef CALLMX_REPORT_PART_NAME_H
#define CALLMX_REPORT_PART_NAME_H

#include <glib.h>

/* The part that `target` means when it stands in the relationships of the part `source` ("" for
 * the package itself): absolute from /, else relative to the source's folder; \ is /, %XX is
 * decoded, a fragment is cut off. Without a leading /. NULL if it leaves the package, is empty, or
 * holds a %00. g_free it. */
char *part_name_resolve(const char *source, const char *target);

/* The part that holds the relationships of `source`: xl/_rels/workbook.xml.rels. g_free it. */
char *part_name_relationships(const char *source);

/* The name in a form that can be shown: UTF-8, no control characters, cut at 100 characters.
 * g_free it. */
char *part_name_display(const char *name);

#endif
