/*
 * What a cell means: number, count, session id, duration, date and time. Pure conversions, without
 * locale, zone or clock. What a column holds is decided by its header, so the caller chooses the
 * conversion; the cell's own kind only says how the value is written.
 *
 * Each has three answers. CELL_BAD comes with a reason: a piece of a sentence about the value, such
 * as "is not a number", static, to be put behind the column's name and the cell's text. Nothing is
 * guessed: what has two meanings is bad. On BLANK and BAD the result is left as it was.
 *
 * A cell of NULL is blank, and so is a formula without a stored value; for that one *reason is set
 * to say so, else a BLANK has the reason NULL. `reason` itself may be NULL.
 */
#ifndef CALLMX_REPORT_CELL_H
#define CALLMX_REPORT_CELL_H

#include "base/limits.h"
#include "report/workbook.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum cell_answer {
    CELL_OK,
    CELL_BLANK,
    CELL_BAD,
};

enum cell_date_order {
    CELL_MONTH_FIRST,
    CELL_DAY_FIRST,
    CELL_YEAR_FIRST,
};

/* How dates are written. All zeros are RingCentral's own in English: 12/08/2025, the 8th. */
struct cell_calendar {
    bool is_1904; /* serial numbers count from 1904-01-01 */
    enum cell_date_order order;
    char separator; /* of dates in numbers; 0 is / */
};

/* A decimal number as in xsd:double: 54.0, -3, 2.662037037037037E-4. Not INF, NaN, hex or 1,234. */
enum cell_answer cell_number(const struct cell *cell, double *value, const char **reason);

/* A count: a whole number from 0 to 10^9, written 54, 54.0 or 5.4E1. */
enum cell_answer cell_count(const struct cell *cell, int64_t *count, const char **reason);

/* A session id: text of 10 to 22 digits, or a UUID (made lower case); or a number, whose digits are
 * taken from its text and never go through a double. *imprecise: the number has more than 15
 * digits, so whoever wrote the file may have lost some. */
enum cell_answer cell_session_id(const struct cell *cell, char id[LIMIT_SESSION_ID + 1],
                                 bool *imprecise, const char **reason);

/* A duration in seconds, from 0 to `limit`. A number is a fraction of a day, rounded to the second;
 * a whole number above 1 is bad, because it might as well be seconds. Text is [h]h:mm:ss or m:ss
 * (mm:ss), hours and minutes without an upper end, a fraction of a second rounded. */
enum cell_answer cell_duration(const struct cell *cell, int64_t limit, int64_t *seconds,
                               const char **reason);

/* A date with a time, as civil time (report.h). Years 2000 to 2100.
 *   12/08/2025 5:33:27 PM     in the calendar's order and with its separator; 12 or 24 h; seconds
 * may be missing; any blank Tue 03/04/2025 1:05 PM    a weekday before it is skipped Mar 4, 2025
 * 1:05:09 PM 2025-12-08T17:33:27.5Z    T or a blank; the Z is ignored; any other offset is bad
 *   45999.7315625             a serial number of either system, rounded to the second
 * A date alone is bad. */
enum cell_answer cell_datetime(const struct cell *cell, const struct cell_calendar *calendar,
                               int64_t *civil, const char **reason);

/* The same for a date, with or without a time: midnight of that day. */
enum cell_answer cell_date(const struct cell *cell, const struct cell_calendar *calendar,
                           int64_t *civil, const char **reason);

/* Whether it is text that cell_text() would leave as it is: printable ASCII without blanks at its
 * ends. */
bool cell_is_plain(const struct cell *cell);

/* Whether it is text that cell_session_id() would leave as it is: 10 to 22 digits. */
bool cell_is_plain_id(const struct cell *cell);

/* The cell as plain text into *text (replaced): trimmed of all kinds of blanks, control characters
 * and line ends made a blank each. A whole number loses its ".0" and exponent: an extension or
 * phone number that was written as a number is "101". CELL_BAD only for an error value (#N/A). */
enum cell_answer cell_text(const struct cell *cell, GString *text, const char **reason);

#endif
