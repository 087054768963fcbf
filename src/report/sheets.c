/*
 * Each row goes to the reader of its sheet's kind. The kind is known when the header row has been
 * seen, which must be among the first rows; a sheet without one is not read on, so that a workbook
 * of something else costs little.
 */
#include "report/sheets.h"

#include "base/error.h"
#include "base/limits.h"
#include "report/call_log.h"
#include "report/calls.h"
#include "report/columns.h"
#include "report/filters.h"
#include "report/records.h"
#include "report/row.h"
#include "report/users.h"

struct sheets {
    struct report *report;
    struct report_file *file;
    const struct labels *labels;
    struct calls *calls;
    struct call_log *call_log;
    GPtrArray *kept; /* struct row's, for all sheets */
    GString *scratch;
    struct row_recent recent;
    struct users_totals totals;
    bool has_filters;
    enum sheet_kind calls_kind; /* of the sheet that has_calls is from */
    enum sheet_kind other;      /* the first kind that is recognised but not read */
    const char *near;           /* a sentence about a sheet that lacks one column */
    /* the sheet under way */
    bool is_left_out; /* the same calls in another form than in a sheet before it */
    struct records_head records;
    struct columns *columns;
    struct row row;
    GError *error;
};

struct sheets *sheets_new(struct report *report, struct report_file *file,
                          const struct labels *labels, bool is_1904)
{
    struct sheets *sheets = g_new0(struct sheets, 1);
    sheets->report = report;
    sheets->file = file;
    sheets->labels = labels;
    sheets->calls = calls_new(file);
    sheets->call_log = call_log_new(sheets->calls);
    sheets->kept = g_ptr_array_new();
    sheets->scratch = g_string_new(NULL);
    sheets->row = (struct row){
        .report = report,
        .file = file,
        .labels = labels,
        .calendar = {.is_1904 = is_1904},
        .scratch = sheets->scratch,
        .recent = &sheets->recent,
        .kept = sheets->kept,
    };
    labels_dates(labels, &sheets->row.calendar);
    return sheets;
}

void sheets_free(struct sheets *sheets)
{
    if (sheets == NULL)
        return;
    calls_free(sheets->calls);
    call_log_free(sheets->call_log);
    columns_free(sheets->columns);
    records_head_clear(&sheets->records);
    g_ptr_array_unref(sheets->kept);
    g_string_free(sheets->scratch, TRUE);
    g_clear_error(&sheets->error);
    g_free(sheets);
}

/* --- rows --- */

static bool is_calls(enum sheet_kind kind)
{
    return kind == SHEET_CALLS || kind == SHEET_CALLS_RECORDS || kind == SHEET_CALL_LOG;
}

/* False: the row is no header, or there is an error. */
static bool take_header(struct sheets *sheets, const struct cell *cells, size_t count)
{
    struct report_file *file = sheets->file;
    struct columns *columns = sheets->columns;
    struct row *row = &sheets->row;
    if (!columns_take_header(columns, row->sheet_name, cells, count))
        return false;
    row->sheet = file->sheets->len;
    const char *name = report_text_cut(sheets->report, row->sheet_name, LIMIT_REPORT_TEXT);
    g_ptr_array_add(file->sheets, (gpointer)(uintptr_t)texts_keep(sheets->report->strings,
                                                                  name != NULL ? name : ""));
    if (is_calls(columns->kind) && !file->has_calls) {
        file->has_calls = true;
        sheets->calls_kind = columns->kind;
    }
    sheets->is_left_out = is_calls(columns->kind) && columns->kind != sheets->calls_kind;
    if (sheets->is_left_out)
        report_note(sheets->report, file, name, 0,
                    "it tells calls in another form than a sheet before it: it was left out");
    file->has_users = file->has_users || columns->kind == SHEET_USERS;
    sheets->has_filters = sheets->has_filters || columns->kind == SHEET_FILTERS;
    if (columns->repeated != NULL)
        report_note(sheets->report, file, name, row->number,
                    "two columns are headed %s: the first one counts", columns->repeated);
    return columns->kind != SHEET_CALLS_RECORDS || sheets->is_left_out ||
           records_take_head(&sheets->records, row, &sheets->error);
}

/* A row below the header. False: the sheet need not be read on, or there is an error. */
static bool take_row(struct sheets *sheets)
{
    struct row *row = &sheets->row;
    if (sheets->is_left_out)
        return false;
    switch (sheets->columns->kind) {
    case SHEET_CALLS:
    case SHEET_CALLS_RECORDS:
        return calls_take(sheets->calls, row, &sheets->error);
    case SHEET_CALL_LOG:
        return call_log_take(sheets->call_log, row, &sheets->error);
    case SHEET_USERS:
        return users_take(row, &sheets->error);
    case SHEET_KPIS:
        users_take_totals(row, &sheets->totals);
        return false;
    case SHEET_FILTERS:
        if (sheets->file->from == REPORT_UNKNOWN)
            filters_take(row, &sheets->error);
        return false;
    case SHEET_UNKNOWN:
    case SHEET_QOS:
    case SHEET_QUEUES:
    case SHEET_COMPANY_NUMBERS:
    case SHEET_GROUP_USERS:
        return false;
    }
    g_assert_not_reached();
}

bool sheets_row(void *context, uint32_t number, const struct cell *cells, size_t count)
{
    struct sheets *sheets = context;
    if (sheets->columns->kind != SHEET_UNKNOWN) {
        row_take(&sheets->row, number, cells, count);
        return take_row(sheets);
    }
    sheets->row.number = number;
    if (number > LIMIT_HEADER_ROWS)
        return false;
    if (take_header(sheets, cells, count))
        return true;
    records_take_above(&sheets->records, cells, count);
    return sheets->error == NULL && number < LIMIT_HEADER_ROWS;
}

/* --- a sheet --- */

void sheets_begin(struct sheets *sheets, const char *name)
{
    columns_free(sheets->columns);
    sheets->columns = columns_new(sheets->labels);
    records_head_clear(&sheets->records);
    sheets->is_left_out = false;
    sheets->row.columns = sheets->columns;
    sheets->row.sheet_name = name;
    sheets->row.number = 0;
}

static void remember_near(struct sheets *sheets)
{
    const struct columns *columns = sheets->columns;
    g_autofree char *near = g_strdup_printf(
        "The sheet \"%s\" looks like a %s report but has no column \"%s\": switch it on in "
        "RingCentral.",
        sheets->row.sheet_name, columns->near == SHEET_CALLS ? "Calls" : "Users",
        field_name(columns->missing));
    sheets->near = report_text_cut(sheets->report, near, LIMIT_REPORT_TEXT);
}

static void end_sheet(struct sheets *sheets)
{
    const struct columns *columns = sheets->columns;
    enum sheet_kind kind = columns->kind;
    if (sheets->is_left_out)
        return;
    if (kind == SHEET_UNKNOWN)
        kind = columns_kind_by_name(columns, sheets->row.sheet_name);
    switch (kind) {
    case SHEET_CALLS:
    case SHEET_CALLS_RECORDS:
        calls_end_sheet(sheets->calls, &sheets->row);
        break;
    case SHEET_CALL_LOG:
        call_log_end_sheet(sheets->call_log, &sheets->row);
        break;
    case SHEET_USERS:
        users_end_sheet(&sheets->row);
        break;
    case SHEET_FILTERS:
        break;
    case SHEET_UNKNOWN:
        if (columns->near != SHEET_UNKNOWN)
            remember_near(sheets);
        break;
    case SHEET_KPIS:
    case SHEET_QOS:
    case SHEET_QUEUES:
    case SHEET_COMPANY_NUMBERS:
    case SHEET_GROUP_USERS:
        /* KPIs stand beside other kinds: they name the workbook only if nothing else does. */
        if (sheets->other == SHEET_UNKNOWN || sheets->other == SHEET_KPIS)
            sheets->other = kind;
        break;
    }
}

bool sheets_end(struct sheets *sheets, GError **error)
{
    if (sheets->error != NULL) {
        g_propagate_error(error, g_steal_pointer(&sheets->error));
        return false;
    }
    end_sheet(sheets);
    return true;
}

/* --- the file --- */

/* Errors are fragments; a reason stands by itself. */
static const char *sentence(struct report *report, const char *fragment)
{
    g_autoptr(GString) text = g_string_new(fragment);
    text->str[0] = g_ascii_toupper(text->str[0]);
    if (text->len > 0 && text->str[text->len - 1] != '.')
        g_string_append_c(text, '.');
    return report_text_cut(report, text->str, LIMIT_REPORT_TEXT);
}

void sheets_fail(struct report *report, struct report_file *file, const char *reason)
{
    file->verdict = REPORT_FAILED;
    file->reason = sentence(report, reason);
    g_array_set_size(file->legs, 0);
    g_array_set_size(file->users, 0);
    file->call_rows = file->duplicate_rows = file->skipped_rows = file->user_rows = 0;
    file->has_calls = file->has_users = false;
    file->from = file->to = REPORT_UNKNOWN;
}

/* Why a file that could be read is none of ours. */
static void set_other(struct sheets *sheets)
{
    static const char *const reasons[] = {
        [SHEET_UNKNOWN] = "None of its sheets has the columns of a Calls or Users report of "
                          "RingCentral, in English or in the language that the file tells.",
        [SHEET_KPIS] = "This is a report with KPIs alone: only Calls and Users are read.",
        [SHEET_QOS] = "This is a report on quality of service (QoS): only Calls and Users are "
                      "read.",
        [SHEET_QUEUES] = "This is a Queues report: only Calls and Users are read.",
        [SHEET_COMPANY_NUMBERS] = "This is a Company Numbers report: only Calls and Users are "
                                  "read.",
        [SHEET_GROUP_USERS] = "This is a Group Users report: only Calls and Users are read.",
    };
    struct report_file *file = sheets->file;
    if (sheets->near != NULL && sheets->other == SHEET_UNKNOWN) {
        sheets_fail(sheets->report, file, sheets->near);
        return;
    }
    file->verdict = REPORT_NO_REPORT;
    file->kind = sheet_kind_name(sheets->other);
    file->reason = report_text(sheets->report, reasons[sheets->other]);
}

static void note_what_is_missing(struct sheets *sheets)
{
    struct report_file *file = sheets->file;
    if (!sheets->has_filters && file->from == REPORT_UNKNOWN)
        report_note(sheets->report, file, NULL, 0,
                    sheets->calls_kind == SHEET_CALL_LOG
                        ? "a Call Log does not tell what days it covers"
                        : "there is no Filters sheet: what days the report covers is not known");
    if (file->timezone == NULL)
        report_note(sheets->report, file, NULL, 0,
                    "the workbook names no time zone: its times are taken in the agency's");
    if (sheets->near != NULL)
        report_note(sheets->report, file, NULL, 0, "%s", sheets->near);
}

void sheets_conclude(struct sheets *sheets)
{
    struct report_file *file = sheets->file;
    if (!file->has_calls && !file->has_users) {
        set_other(sheets);
        return;
    }
    file->verdict = REPORT_STORED;
    bool is_both = file->has_calls && file->has_users && sheets->calls_kind == SHEET_CALLS;
    file->kind = is_both           ? "calls+users"
                 : file->has_calls ? sheet_kind_name(sheets->calls_kind)
                                   : "users";
    users_check_totals(sheets->report, file, &sheets->totals);
    note_what_is_missing(sheets);
}
