/*
 * The sheets of a workbook, one after the other, each row to the reader of its sheet's kind. The
 * kind is known when the header row has been seen, which must be among the first rows; a sheet
 * without one is not read on, so that a workbook of something else costs little.
 */
#include "report/report_workbook.h"

#include "base/error.h"
#include "base/limits.h"
#include "report/calls.h"
#include "report/columns.h"
#include "report/filters.h"
#include "report/row.h"
#include "report/users.h"
#include "report/workbook.h"

struct reading {
    struct report *report;
    struct report_file *file;
    struct workbook *workbook;
    struct calls *calls;
    GPtrArray *kept; /* struct row's, for all sheets */
    struct users_totals totals;
    bool has_filters;
    enum sheet_kind other; /* the first kind that is recognised but not read */
    const char *near;      /* a sentence about a sheet that lacks one column */
    /* the sheet under way */
    struct columns *columns;
    struct row row;
    GError *error;
};

static bool begin_sheet(struct reading *reading, const struct cell *cells, size_t count)
{
    struct report_file *file = reading->file;
    struct columns *columns = reading->columns;
    if (!columns_take_header(columns, reading->row.sheet_name, cells, count))
        return false;
    reading->row.sheet = file->sheets->len;
    const char *name = report_text_cut(reading->report, reading->row.sheet_name, LIMIT_REPORT_TEXT);
    g_ptr_array_add(file->sheets, (gpointer)(uintptr_t)texts_keep(reading->report->strings,
                                                                  name != NULL ? name : ""));
    file->has_calls = file->has_calls || columns->kind == SHEET_CALLS;
    file->has_users = file->has_users || columns->kind == SHEET_USERS;
    reading->has_filters = reading->has_filters || columns->kind == SHEET_FILTERS;
    if (columns->repeated != NULL)
        report_note(reading->report, file, name, reading->row.number,
                    "two columns are headed %s: the first one counts", columns->repeated);
    return true;
}

/* A row below the header. False: the sheet need not be read on, or there is an error. */
static bool take_row(struct reading *reading)
{
    struct row *row = &reading->row;
    switch (reading->columns->kind) {
    case SHEET_CALLS:
        return calls_take(reading->calls, row, &reading->error);
    case SHEET_USERS:
        return users_take(row, &reading->error);
    case SHEET_KPIS:
        users_take_totals(row, &reading->totals);
        return false;
    case SHEET_FILTERS:
        if (reading->file->from == REPORT_UNKNOWN)
            filters_take(row, &reading->error);
        return false;
    case SHEET_UNKNOWN:
    case SHEET_CALLS_RECORDS:
    case SHEET_QOS:
    case SHEET_QUEUES:
    case SHEET_COMPANY_NUMBERS:
    case SHEET_GROUP_USERS:
        return false;
    }
    g_assert_not_reached();
}

static bool on_row(void *context, uint32_t number, const struct cell *cells, size_t count)
{
    struct reading *reading = context;
    if (reading->columns->kind == SHEET_UNKNOWN) {
        reading->row.number = number;
        return number <= LIMIT_HEADER_ROWS &&
               (begin_sheet(reading, cells, count) || number < LIMIT_HEADER_ROWS);
    }
    row_take(&reading->row, number, cells, count);
    return take_row(reading);
}

static void remember_near(struct reading *reading)
{
    const struct columns *columns = reading->columns;
    g_autofree char *near = g_strdup_printf(
        "The sheet \"%s\" looks like a %s report but has no column \"%s\": switch it on in "
        "RingCentral.",
        reading->row.sheet_name, columns->near == SHEET_CALLS ? "Calls" : "Users",
        field_name(columns->missing));
    reading->near = report_text_cut(reading->report, near, LIMIT_REPORT_TEXT);
}

static void end_sheet(struct reading *reading)
{
    const struct columns *columns = reading->columns;
    enum sheet_kind kind = columns->kind;
    if (kind == SHEET_UNKNOWN)
        kind = columns_kind_by_name(reading->row.sheet_name);
    switch (kind) {
    case SHEET_CALLS:
        calls_end_sheet(reading->calls, &reading->row);
        break;
    case SHEET_USERS:
        users_end_sheet(&reading->row);
        break;
    case SHEET_FILTERS:
        break;
    case SHEET_UNKNOWN:
        if (columns->near != SHEET_UNKNOWN)
            remember_near(reading);
        break;
    case SHEET_KPIS:
    case SHEET_CALLS_RECORDS:
    case SHEET_QOS:
    case SHEET_QUEUES:
    case SHEET_COMPANY_NUMBERS:
    case SHEET_GROUP_USERS:
        /* KPIs stand beside other kinds: they name the workbook only if nothing else does. */
        if (reading->other == SHEET_UNKNOWN || reading->other == SHEET_KPIS)
            reading->other = kind;
        break;
    }
}

static bool read_sheet(struct reading *reading, size_t sheet, GError **error)
{
    AUTO(columns) columns = columns_new();
    g_autoptr(GString) scratch = g_string_new(NULL);
    reading->columns = columns;
    reading->row = (struct row){
        .report = reading->report,
        .file = reading->file,
        .columns = columns,
        .sheet_name = workbook_sheet_name(reading->workbook, sheet),
        .is_1904 = workbook_is_1904(reading->workbook),
        .scratch = scratch,
        .kept = reading->kept,
    };
    if (!workbook_read_sheet(reading->workbook, sheet, on_row, reading, error)) {
        g_clear_error(&reading->error);
        return false;
    }
    if (reading->error != NULL) {
        g_propagate_error(error, g_steal_pointer(&reading->error));
        return false;
    }
    end_sheet(reading);
    return true;
}

static bool read_sheets(struct reading *reading, const void *bytes, size_t size, GError **error)
{
    AUTO(workbook) workbook = workbook_open(bytes, size, error);
    if (workbook == NULL)
        return false;
    reading->workbook = workbook;
    reading->file->timezone =
        report_text_cut(reading->report, workbook_timezone(workbook), LIMIT_REPORT_TEXT);
    bool ok = true;
    for (size_t i = 0; ok && i < workbook_sheet_count(workbook); i++)
        ok = read_sheet(reading, i, error);
    /* row_text() points into it. */
    GBytes *block = workbook_shared_block(workbook);
    if (block != NULL)
        g_ptr_array_add(reading->report->blocks, block);
    return ok;
}

/* Errors are fragments; a reason stands by itself. */
static const char *sentence(struct report *report, const char *fragment)
{
    g_autoptr(GString) text = g_string_new(fragment);
    text->str[0] = g_ascii_toupper(text->str[0]);
    if (text->len > 0 && text->str[text->len - 1] != '.')
        g_string_append_c(text, '.');
    return report_text_cut(report, text->str, LIMIT_REPORT_TEXT);
}

static void set_failed(struct report *report, struct report_file *file, const char *reason)
{
    file->verdict = REPORT_FAILED;
    file->reason = sentence(report, reason);
    g_array_set_size(file->legs, 0);
    g_array_set_size(file->users, 0);
    file->call_rows = file->duplicate_rows = file->skipped_rows = file->user_rows = 0;
    file->has_calls = file->has_users = false;
    file->from = file->to = REPORT_UNKNOWN;
}

/* Why a workbook that could be read is none of ours. */
static void set_other(struct reading *reading)
{
    static const char *const reasons[] = {
        [SHEET_UNKNOWN] = "None of the workbook's sheets has the columns of a Calls or Users "
                          "report of RingCentral in English.",
        [SHEET_KPIS] = "This is a report with KPIs alone: only Calls and Users are read.",
        [SHEET_CALLS_RECORDS] = "This is a Calls_Records report of Business Analytics, which is "
                                "not read yet: subscribe to the Calls report.",
        [SHEET_QOS] = "This is a report on quality of service (QoS): only Calls and Users are "
                      "read.",
        [SHEET_QUEUES] = "This is a Queues report: only Calls and Users are read.",
        [SHEET_COMPANY_NUMBERS] = "This is a Company Numbers report: only Calls and Users are "
                                  "read.",
        [SHEET_GROUP_USERS] = "This is a Group Users report: only Calls and Users are read.",
    };
    struct report_file *file = reading->file;
    if (reading->near != NULL && reading->other == SHEET_UNKNOWN) {
        set_failed(reading->report, file, reading->near);
        return;
    }
    file->verdict = REPORT_NO_REPORT;
    file->kind = sheet_kind_name(reading->other);
    file->reason = report_text(reading->report, reasons[reading->other]);
}

static void note_what_is_missing(struct reading *reading)
{
    struct report_file *file = reading->file;
    if (!reading->has_filters)
        report_note(reading->report, file, NULL, 0,
                    "there is no Filters sheet: what days the report covers is not known");
    if (file->timezone == NULL)
        report_note(reading->report, file, NULL, 0,
                    "the workbook names no time zone: its times are taken in the agency's");
    if (reading->near != NULL)
        report_note(reading->report, file, NULL, 0, "%s", reading->near);
}

void report_workbook_read(struct report *report, struct report_file *file, const void *bytes,
                          size_t size)
{
    AUTO(calls) calls = calls_new();
    g_autoptr(GPtrArray) kept = g_ptr_array_new();
    struct reading reading = {.report = report, .file = file, .calls = calls, .kept = kept};
    g_autoptr(GError) error = NULL;
    if (!read_sheets(&reading, bytes, size, &error)) {
        set_failed(report, file, error->message);
        return;
    }
    if (!file->has_calls && !file->has_users) {
        set_other(&reading);
        return;
    }
    file->verdict = REPORT_STORED;
    file->kind = file->has_calls && file->has_users ? "calls+users"
                 : file->has_calls                  ? "calls"
                                                    : "users";
    users_check_totals(report, file, &reading.totals);
    note_what_is_missing(&reading);
}
