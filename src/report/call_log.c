/*
 * What is hard about it: a row says of itself neither which call it belongs to nor when that call
 * began. So the last row that did is kept, and the rows below it that do not are its further legs:
 * of its direction and between its numbers, whatever way the switch dialled them.
 */
#include "report/call_log.h"

#include "base/sha256.h"

#include <string.h>

enum { SECONDS_OF_DAY = 86400 };

struct call_log {
    struct calls *calls;
    struct report_leg call; /* the last row that has a From or To; session_id NULL: none yet */
    int64_t others;         /* rows of faxes and messages */
};

struct call_log *call_log_new(struct calls *calls)
{
    struct call_log *log = g_new0(struct call_log, 1);
    log->calls = calls;
    return log;
}

void call_log_free(struct call_log *log)
{
    g_free(log);
}

static bool is_call(const struct row *row)
{
    const char *type = row_text(row, FIELD_TYPE);
    return type == NULL || g_ascii_strcasecmp(type, "voice") == 0;
}

/* Date and Time are two cells: of text, which are joined, or numbers of a spreadsheet program. */
static enum cell_answer read_start(const struct row *row, int64_t *start, const char **reason)
{
    const struct cell *date = row->fields[FIELD_DATE], *time = row->fields[FIELD_TIME];
    *reason = NULL;
    if (date == NULL || time == NULL)
        return CELL_BLANK;
    if (time->kind == CELL_NUMBER) {
        int64_t seconds, day;
        enum cell_answer answer = cell_date(date, &row->calendar, &day, reason);
        if (answer == CELL_OK)
            answer = cell_duration(time, SECONDS_OF_DAY - 1, &seconds, reason);
        if (answer == CELL_OK)
            *start = day + seconds;
        return answer;
    }
    g_autoptr(GString) both = g_string_new_len(date->text, (gssize)date->length);
    g_string_append_c(both, ' ');
    g_string_append_len(both, time->text, (gssize)time->length);
    struct cell cell = {.kind = CELL_TEXT, .text = both->str, .length = both->len};
    return cell_datetime(&cell, &row->calendar, start, reason);
}

/* The start, without which there is no leg. */
static bool take_start(const struct row *row, struct report_leg *leg)
{
    const char *reason;
    switch (read_start(row, &leg->start, &reason)) {
    case CELL_OK:
        return true;
    case CELL_BLANK:
        row_note(row, "the Date or Time is missing: the row was left out");
        return false;
    case CELL_BAD:
        row_note(row, "Date \"%s\" with its Time %s: the row was left out",
                 row_excerpt(row, FIELD_DATE), reason);
        return false;
    }
    g_assert_not_reached();
}

static void append_digits(GString *text, const char *number)
{
    for (const char *p = number != NULL ? number : ""; *p != '\0'; p++)
        if (g_ascii_isalnum(*p))
            g_string_append_c(text, *p);
    g_string_append_c(text, '|');
}

/* A UUID of version 8 (RFC 9562): its bits are ours, and the same for the same call. */
static const char *make_id(const struct row *row, const struct report_leg *leg)
{
    g_autoptr(GString) content = g_string_new("call-log|");
    append_digits(content, leg->from_number);
    append_digits(content, leg->to_number);
    g_string_append_printf(content, "%" G_GINT64_FORMAT, leg->start);
    char hex[SHA256_HEX_SIZE];
    sha256_hex(content->str, content->len, hex);
    g_autofree char *id =
        g_strdup_printf("%.8s-%.4s-8%.3s-a%.3s-%.12s", hex, hex + 8, hex + 12, hex + 15, hex + 18);
    return report_text(row->report, id);
}

/* `101 - Alice Example` and `Alice Example` are the name of our side. `101` is its extension, for
 * which the number of the line makes room; the field of that number, else FIELD_NONE. */
static enum field take_extension(const struct row *row, struct report_leg *leg)
{
    const char *extension = row_text(row, FIELD_EXTENSION);
    bool is_outbound = leg->direction == REPORT_OUTBOUND;
    if (extension == NULL)
        return FIELD_NONE;
    if (extension[strspn(extension, G_CSET_DIGITS)] != '\0') {
        *(is_outbound ? &leg->from_name : &leg->to_name) = extension;
        return FIELD_NONE;
    }
    *(is_outbound ? &leg->from_number : &leg->to_number) = extension;
    return is_outbound ? FIELD_FROM_NUMBER : FIELD_TO_NUMBER;
}

static enum field take_sides(const struct row *row, struct report_leg *leg)
{
    const char *other = row_text(row, FIELD_NAME);
    if (leg->direction == REPORT_OUTBOUND)
        leg->to_name = other;
    else
        leg->from_name = other;
    return take_extension(row, leg);
}

/* Which call the row is of. False: nobody can say. */
static bool take_call(struct call_log *log, const struct row *row, struct report_leg *leg)
{
    leg->from_number = row_text(row, FIELD_FROM_NUMBER);
    leg->to_number = row_text(row, FIELD_TO_NUMBER);
    if (leg->from_number != NULL || leg->to_number != NULL) {
        calls_take_direction(row, leg);
        leg->session_id = make_id(row, leg);
        log->call = *leg;
        return true;
    }
    if (log->call.session_id == NULL) {
        row_note(row, "neither From nor To is there, nor a call above: the row was left out");
        return false;
    }
    leg->session_id = log->call.session_id;
    leg->direction = log->call.direction;
    leg->call_type = log->call.call_type;
    leg->from_number = log->call.from_number;
    leg->to_number = log->call.to_number;
    return true;
}

bool call_log_take(struct call_log *log, const struct row *row, GError **error)
{
    if (row->fields[FIELD_DATE] == NULL && row->fields[FIELD_DIRECTION] == NULL)
        return true;
    if (!is_call(row)) {
        log->others++;
        return true;
    }
    struct report_leg leg = {.row = row->number, .sheet = row->sheet};
    row->file->call_rows++;
    if (!take_start(row, &leg) || !take_call(log, row, &leg)) {
        row->file->skipped_rows++;
        return true;
    }
    enum field replaced = take_sides(row, &leg);
    leg.result = row_text(row, FIELD_RESULT);
    leg.length = row_duration(row, FIELD_CALL_LENGTH, LIMIT_DURATION);
    leg.handle_time = REPORT_UNKNOWN;
    leg.raw_payload = row_payload(row, replaced);
    return calls_add(log->calls, row, &leg, error);
}

void call_log_end_sheet(struct call_log *log, const struct row *row)
{
    if (log->others > 0)
        report_note(row->report, row->file, row->sheet_name, 0,
                    "%" G_GINT64_FORMAT " rows of faxes and messages were left out", log->others);
    report_note(
        row->report, row->file, row->sheet_name, 0,
        "a Call Log has no session ids: rows with the same numbers and time are one call, and "
        "the talk time of inbound calls is not known");
    log->others = 0;
}
