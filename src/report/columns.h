/*
 * Which kind of sheet this is, and what stands in which column. Both are told by the header row:
 * users choose the columns and their order, and sheets of other reports have the same names.
 *
 * Headers are compared after folding case and all kinds of white space; punctuation is kept, for
 * `# Inbound` and `% Inbound` differ in nothing else. A header that was cut off (`Call Lengt`) is
 * accepted when it is the beginning of exactly one known header; never one that merely contains it.
 * Known are the English headers and those of the workbook's own dictionary (labels.h).
 */
#ifndef CALLMX_REPORT_COLUMNS_H
#define CALLMX_REPORT_COLUMNS_H

#include "base/auto.h"
#include "report/workbook.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sheet_kind {
    SHEET_UNKNOWN,
    SHEET_CALLS,
    SHEET_USERS,
    SHEET_FILTERS,
    SHEET_KPIS,          /* the totals of Users */
    SHEET_CALLS_RECORDS, /* Business Analytics: one row for each hop of a call */
    SHEET_CALL_LOG,      /* the older Call Log, a CSV file */
    /* recognised and named, not read: */
    SHEET_QOS,
    SHEET_QUEUES,
    SHEET_COMPANY_NUMBERS,
    SHEET_GROUP_USERS,
};

enum field {
    FIELD_NONE, /* a column without a place of its own in a struct report_leg or report_user */
    FIELD_SESSION_ID,
    FIELD_FROM_NAME,
    FIELD_FROM_NUMBER,
    FIELD_TO_NAME,
    FIELD_TO_NUMBER,
    FIELD_RESULT,
    FIELD_CALL_LENGTH,
    FIELD_CALL_START,
    FIELD_DIRECTION,
    FIELD_QUEUE,
    FIELD_HANDLE_TIME,
    FIELD_NAME,
    FIELD_STATUS,
    FIELD_EXTENSION,
    FIELD_EMAIL,
    FIELD_TOTAL_CALLS,
    FIELD_INBOUND,
    FIELD_OUTBOUND,
    FIELD_ANSWERED_IN,
    FIELD_ANSWERED_OUT,
    FIELD_MISSED,
    FIELD_HANDLE_IN,
    FIELD_HANDLE_OUT,
    FIELD_FROM_TIME,
    FIELD_TO_TIME,
    FIELD_HOP_ID,
    FIELD_TYPE, /* of a Call Log, as the next two */
    FIELD_DATE,
    FIELD_TIME,
    FIELD_MOS,
    FIELD_COUNT,
};

/* The field as a Calls or Users report heads it: "Call Start Time". */
const char *field_name(enum field field);

/* As in struct report_file's kind: "calls", "queues", "calls-records"; NULL for unknown. */
const char *sheet_kind_name(enum sheet_kind kind);

struct labels;

struct columns {
    const struct labels *labels; /* of the workbook; NULL: it has none */
    enum sheet_kind kind;
    bool has[FIELD_COUNT];
    GArray *fields;   /* of enum field, by column */
    GPtrArray *names; /* of char *: the header as it stands, by column; no two are equal */
    char *repeated;   /* a header that two columns have; the first one counts. NULL: none */
    /* While the kind is unknown: a row that would have been the header of `near` if it had had
     * `missing` too. */
    enum sheet_kind near;
    enum field missing;
};

/* `labels` may be NULL; they must outlive the columns. */
struct columns *columns_new(const struct labels *labels);
void columns_free(struct columns *columns);
AUTO_DEFINE(columns, columns_free)

/* Whether this row is a header; then kind, fields and names are set. */
bool columns_take_header(struct columns *columns, const char *sheet_name, const struct cell *cells,
                         size_t count);

/* The field of a column, FIELD_NONE for one behind the header's end. */
enum field columns_field(const struct columns *columns, uint32_t column);

/* The header of the field as it stands in the sheet; as it should stand there if the sheet does not
 * have it. Borrowed. */
const char *columns_name(const struct columns *columns, enum field field);

/* What a sheet without a known header is by its name alone: one of the kinds that are not read, or
 * SHEET_UNKNOWN. */
enum sheet_kind columns_kind_by_name(const struct columns *columns, const char *sheet_name);

/* A header as it is compared; g_free it. */
char *columns_fold(const char *header);

/* The field that a folded header means in a sheet of that kind. False if it is not a known one. */
bool columns_match(const struct columns *columns, enum sheet_kind kind, const char *folded,
                   enum field *field);

#endif
