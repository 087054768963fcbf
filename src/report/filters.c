/*
 * The covered range: From Time and To Time of the sheet Filters, row 2. The rows behind it only go
 * on with lists of users and sites, and are not looked at.
 *
 * Without the range a day cannot be said to be covered, so that half a range is none. A range of
 * more than LIMIT_REPORT_DAYS fails the file: it would touch too many days at once.
 */
#include "report/filters.h"

#include "base/error.h"
#include "base/limits.h"

static bool take_time(const struct row *row, enum field field, int64_t *civil)
{
    const char *reason = NULL;
    switch (cell_datetime(row->fields[field], &row->calendar, civil, &reason)) {
    case CELL_OK:
        return true;
    case CELL_BLANK:
        row_note(row, "%s is missing: what the report covers is not known",
                 columns_name(row->columns, field));
        return false;
    case CELL_BAD:
        row_note(row, "%s \"%s\" %s: what the report covers is not known",
                 columns_name(row->columns, field), row_excerpt(row, field), reason);
        return false;
    }
    g_assert_not_reached();
}

bool filters_set_range(const struct row *row, int64_t from, int64_t to, GError **error)
{
    if (to < from) {
        row_note(row, "the range ends before it begins: what the report covers is not known");
        return true;
    }
    if (to - from > (int64_t)LIMIT_REPORT_DAYS * 86400)
        return error_perm(error,
                          "the report covers %" G_GINT64_FORMAT " days: more than %d are refused",
                          (to - from) / 86400 + 1, LIMIT_REPORT_DAYS);
    row->file->from = from;
    row->file->to = to;
    return true;
}

bool filters_take(const struct row *row, GError **error)
{
    int64_t from, to;
    bool has_from = take_time(row, FIELD_FROM_TIME, &from);
    bool has_to = take_time(row, FIELD_TO_TIME, &to);
    return !has_from || !has_to || filters_set_range(row, from, to, error);
}
