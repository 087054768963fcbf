/*
 * Calls rows. What is hard: a month has 188,000 of them, so that a row costs a few look-ups and no
 * allocation of its own.
 */
#include "report/calls.h"

#include "base/error.h"
#include "report/leg_set.h"

#include <string.h>

struct calls {
    struct leg_set *legs;
    int64_t imprecise;
};

struct calls *calls_new(struct report_file *file)
{
    struct calls *calls = g_new0(struct calls, 1);
    calls->legs = leg_set_new(file->legs);
    return calls;
}

void calls_free(struct calls *calls)
{
    if (calls == NULL)
        return;
    leg_set_free(calls->legs);
    g_free(calls);
}

/* Whether there is anything of a call in the row but a session id. */
static bool has_call(const struct row *row)
{
    return row->fields[FIELD_CALL_START] != NULL || row->fields[FIELD_DIRECTION] != NULL ||
           row->fields[FIELD_FROM_NUMBER] != NULL || row->fields[FIELD_TO_NUMBER] != NULL;
}

static int64_t legs_of(const struct report *report)
{
    int64_t legs = 0;
    for (guint i = 0; i < report->files->len; i++) {
        const struct report_file *file = g_ptr_array_index(report->files, i);
        legs += file->legs->len;
    }
    return legs;
}

static bool take_id(const struct row *row, struct report_leg *leg)
{
    const struct cell *cell = row->fields[FIELD_SESSION_ID];
    if (cell != NULL && cell_is_plain_id(cell)) {
        /* Nearly all are new, and those that are not are found by leg_set_add(). */
        leg->session_id = cell->shared != 0
                              ? row_text(row, FIELD_SESSION_ID)
                              : texts_add(row->report->strings, cell->text, cell->length);
        return true;
    }
    const char *reason = NULL;
    char id[LIMIT_SESSION_ID + 1];
    enum cell_answer answer = cell_session_id(cell, id, &leg->id_imprecise, &reason);
    if (answer == CELL_BAD)
        row_note(row, "%s \"%s\" %s: the row was left out",
                 columns_name(row->columns, FIELD_SESSION_ID), row_excerpt(row, FIELD_SESSION_ID),
                 reason);
    else if (answer == CELL_BLANK)
        row_note(row, "the %s is missing: the row was left out",
                 columns_name(row->columns, FIELD_SESSION_ID));
    if (answer != CELL_OK)
        return false;
    leg->session_id = report_text(row->report, id);
    return true;
}

/* The id and the start, without which there is no leg. False: skipped, with its note. */
static bool take_key(const struct row *row, struct report_leg *leg)
{
    if (!take_id(row, leg))
        return false;
    const char *reason = NULL;
    enum cell_answer answer =
        cell_datetime(row->fields[FIELD_CALL_START], &row->calendar, &leg->start, &reason);
    if (answer != CELL_OK) {
        if (answer == CELL_BAD)
            row_note(row, "%s \"%s\" %s: the row was left out",
                     columns_name(row->columns, FIELD_CALL_START),
                     row_excerpt(row, FIELD_CALL_START), reason);
        else
            row_note(row, "the %s is missing: the row was left out",
                     columns_name(row->columns, FIELD_CALL_START));
        return false;
    }
    return true;
}

/* A queue call's From Name is `<Queue> - <CALLER>`, and the queue's own name may hold ` - `. */
static const char *without_queue(const struct row *row, const char *from_name, const char *queue)
{
    if (from_name == NULL || queue == NULL || !g_str_has_prefix(from_name, queue))
        return from_name;
    const char *rest = from_name + strlen(queue);
    if (strcmp(rest, " -") == 0)
        return NULL;
    return g_str_has_prefix(rest, " - ")
               ? report_text_cut(row->report, rest + strlen(" - "), LIMIT_REPORT_TEXT)
               : from_name;
}

void calls_take_direction(const struct row *row, struct report_leg *leg)
{
    leg->call_type = labels_direction(row->labels, row_text(row, FIELD_DIRECTION));
    leg->direction = report_direction_parse(leg->call_type);
    if (leg->call_type == NULL)
        row_note(row, "the %s is missing: the row is kept without one",
                 columns_name(row->columns, FIELD_DIRECTION));
    else if (leg->direction == REPORT_DIRECTION_UNKNOWN)
        row_note(row, "%s \"%.40s\" is not known: the row is kept without one",
                 columns_name(row->columns, FIELD_DIRECTION), leg->call_type);
}

bool calls_add(struct calls *calls, const struct row *row, const struct report_leg *leg,
               GError **error)
{
    if (legs_of(row->report) >= LIMIT_REPORT_LEGS)
        return error_perm(error, "there are more than %d calls in one message", LIMIT_REPORT_LEGS);
    if (!leg_set_add(calls->legs, leg))
        row->file->duplicate_rows++;
    return true;
}

bool calls_take(struct calls *calls, const struct row *row, GError **error)
{
    struct report_file *file = row->file;
    char id[LIMIT_SESSION_ID + 1];
    bool imprecise;
    if (!has_call(row) &&
        cell_session_id(row->fields[FIELD_SESSION_ID], id, &imprecise, NULL) != CELL_OK)
        return true;

    struct report_leg leg = {.row = row->number, .sheet = row->sheet};
    file->call_rows++;
    if (!take_key(row, &leg)) {
        file->skipped_rows++;
        return true;
    }
    calls->imprecise += leg.id_imprecise;
    calls_take_direction(row, &leg);
    leg.queue = row_text(row, FIELD_QUEUE);
    leg.from_name = without_queue(row, row_text(row, FIELD_FROM_NAME), leg.queue);
    leg.from_number = row_text(row, FIELD_FROM_NUMBER);
    leg.to_name = row_text(row, FIELD_TO_NAME);
    leg.to_number = row_text(row, FIELD_TO_NUMBER);
    leg.result = labels_result(row->labels, row_text(row, FIELD_RESULT));
    leg.length = row_duration(row, FIELD_CALL_LENGTH, LIMIT_DURATION);
    leg.handle_time = row_duration(row, FIELD_HANDLE_TIME, LIMIT_DURATION);
    leg.raw_payload = row_payload(row, FIELD_HOP_ID);
    return calls_add(calls, row, &leg, error);
}

void calls_end_sheet(struct calls *calls, const struct row *row)
{
    static const enum field wanted[] = {FIELD_FROM_NAME,  FIELD_FROM_NUMBER, FIELD_TO_NAME,
                                        FIELD_TO_NUMBER,  FIELD_RESULT,      FIELD_CALL_LENGTH,
                                        FIELD_HANDLE_TIME};
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
        if (!row->columns->has[wanted[i]])
            report_note(row->report, row->file, row->sheet_name, 0,
                        "the column %s is missing: it is unknown for all calls",
                        columns_name(row->columns, wanted[i]));
    }
    if (calls->imprecise > 0)
        report_note(row->report, row->file, row->sheet_name, 0,
                    "%" G_GINT64_FORMAT " session ids are numbers of more than 15 digits: whoever "
                    "wrote the file may have lost the last ones, and calls may be taken for one",
                    calls->imprecise);
    calls->imprecise = 0;
}
