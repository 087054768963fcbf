/*
 * The first step of every conversion of cell.h: a cell's text in a form that grammars can be held
 * against. For cell.c and cell_date.c only.
 */
#ifndef CALLMX_REPORT_CELL_FOLD_H
#define CALLMX_REPORT_CELL_FOLD_H

#include "report/cell.h"

enum { FOLDED_SIZE = 128 };

/* Sets *reason if the caller wants it, and returns `answer`. */
enum cell_answer cell_because(enum cell_answer answer, const char *text, const char **reason);

/* The text trimmed, in lower case (ASCII), each run of blanks of any kind made one space,
 * characters without width left out. BLANK and BAD as in cell.h; BAD also if it is longer than
 * FOLDED_SIZE, for error values and for booleans. */
enum cell_answer cell_fold(const struct cell *cell, char folded[FOLDED_SIZE], const char **reason);

/* Whether the folded text is a number as in xsd:double. */
bool cell_is_decimal(const char *folded);

/* The short way for nearly all numbers: whether the cell is one of digits and perhaps a point, few
 * enough that the value is exact without further ado. */
bool cell_is_short_decimal(const struct cell *cell, double *value);

/* The number in a text that cell_is_decimal(); infinite if it is too large. */
double cell_decimal(const char *folded);

#endif
