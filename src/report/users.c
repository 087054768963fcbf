/*
 * Users rows. Their numbers are sums over the covered range, which stands in Filters alone; a
 * figure whose column is not there is unknown, not zero.
 */
#include "report/users.h"

#include "base/error.h"
#include "base/limits.h"

/* Of one person over the longest range that a file may cover. */
#define LIMIT_HANDLE_TIME ((int64_t)LIMIT_REPORT_DAYS * 86400)

static int64_t users_of(const struct report *report)
{
    int64_t users = 0;
    for (guint i = 0; i < report->files->len; i++) {
        const struct report_file *file = g_ptr_array_index(report->files, i);
        users += file->users->len;
    }
    return users;
}

static bool has_person(const struct row *row)
{
    return row->fields[FIELD_NAME] != NULL || row->fields[FIELD_EXTENSION] != NULL ||
           row->fields[FIELD_EMAIL] != NULL;
}

bool users_take(const struct row *row, GError **error)
{
    if (!has_person(row)) {
        if (row->fields[FIELD_TOTAL_CALLS] != NULL)
            row_note(row, "the row names nobody: it was left out");
        return true;
    }
    if (users_of(row->report) >= LIMIT_REPORT_USERS)
        return error_perm(error, "there are more than %d people in one message",
                          LIMIT_REPORT_USERS);
    struct report_user user = {
        .name = row_text(row, FIELD_NAME),
        .status = labels_status(row->labels, row_text(row, FIELD_STATUS)),
        .extension = row_text(row, FIELD_EXTENSION),
        .email = row_text(row, FIELD_EMAIL),
        .total_calls = row_number(row, FIELD_TOTAL_CALLS),
        .inbound_calls = row_number(row, FIELD_INBOUND),
        .outbound_calls = row_number(row, FIELD_OUTBOUND),
        .answered_inbound = row_number(row, FIELD_ANSWERED_IN),
        .answered_outbound = row_number(row, FIELD_ANSWERED_OUT),
        .missed = row_number(row, FIELD_MISSED),
        .handle_time = row_duration(row, FIELD_HANDLE_TIME, LIMIT_HANDLE_TIME),
        .handle_time_inbound = row_duration(row, FIELD_HANDLE_IN, LIMIT_HANDLE_TIME),
        .handle_time_outbound = row_duration(row, FIELD_HANDLE_OUT, LIMIT_HANDLE_TIME),
        .raw_payload = row_payload(row, FIELD_NONE),
        .row = row->number,
        .sheet = row->sheet,
    };
    row->file->user_rows++;
    g_array_append_val(row->file->users, user);
    return true;
}

void users_end_sheet(const struct row *row)
{
    static const enum field wanted[] = {FIELD_INBOUND, FIELD_OUTBOUND, FIELD_HANDLE_TIME};
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
        if (!row->columns->has[wanted[i]])
            report_note(row->report, row->file, row->sheet_name, 0,
                        "the column %s is missing: it is unknown for everybody",
                        columns_name(row->columns, wanted[i]));
    }
}

void users_take_totals(const struct row *row, struct users_totals *totals)
{
    if (totals->sheet != NULL)
        return;
    *totals = (struct users_totals){
        .sheet = report_text_cut(row->report, row->sheet_name, LIMIT_REPORT_TEXT),
        .row = row->number,
        .calls = row_number(row, FIELD_TOTAL_CALLS),
        .inbound = row_number(row, FIELD_INBOUND),
        .outbound = row_number(row, FIELD_OUTBOUND),
    };
}

static void check(struct report *report, struct report_file *file,
                  const struct users_totals *totals, enum field field, int64_t total, int64_t sum)
{
    if (total != REPORT_UNKNOWN && sum != REPORT_UNKNOWN && total != sum)
        report_note(report, file, totals->sheet, totals->row,
                    "%s is %" G_GINT64_FORMAT ", but the sum over Users is %" G_GINT64_FORMAT,
                    field_name(field), total, sum);
}

static int64_t add(int64_t sum, int64_t value)
{
    return sum == REPORT_UNKNOWN || value == REPORT_UNKNOWN ? REPORT_UNKNOWN : sum + value;
}

void users_check_totals(struct report *report, struct report_file *file,
                        const struct users_totals *totals)
{
    int64_t calls = 0, inbound = 0, outbound = 0;
    if (totals->sheet == NULL || !file->has_users)
        return;
    for (guint i = 0; i < file->users->len; i++) {
        const struct report_user *user = &g_array_index(file->users, struct report_user, i);
        calls = add(calls, user->total_calls);
        inbound = add(inbound, user->inbound_calls);
        outbound = add(outbound, user->outbound_calls);
    }
    check(report, file, totals, FIELD_TOTAL_CALLS, totals->calls, calls);
    check(report, file, totals, FIELD_INBOUND, totals->inbound, inbound);
    check(report, file, totals, FIELD_OUTBOUND, totals->outbound, outbound);
}
