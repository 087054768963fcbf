/*
 * A value stands in the cell behind its label, or in the same cell behind a colon: both are taken.
 * The zone counts only if it is the name of one; `Eastern Time` is the name of several.
 */
#include "report/records.h"

#include "base/limits.h"
#include "report/filters.h"

#include <string.h>

enum { SECONDS_OF_DAY = 86400 };

void records_head_clear(struct records_head *head)
{
    g_free(head->start);
    g_free(head->end);
    g_free(head->timezone);
    *head = (struct records_head){0};
}

static char **place_of(struct records_head *head, const char *folded)
{
    const struct {
        const char *label;
        char **place;
    } places[] = {
        {"start date", &head->start},   {"end date", &head->end},
        {"timezone", &head->timezone},  {"time zone", &head->timezone},
        {"start date:", &head->start},  {"end date:", &head->end},
        {"timezone:", &head->timezone}, {"time zone:", &head->timezone},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++)
        if (strcmp(places[i].label, folded) == 0)
            return places[i].place;
    return NULL;
}

/* The first one counts. */
static void set(char **place, const char *text, size_t length)
{
    if (place == NULL || *place != NULL || length == 0 || length > LIMIT_REPORT_TEXT / 4)
        return;
    *place = g_strndup(text, length);
}

void records_take_above(struct records_head *head, const struct cell *cells, size_t count)
{
    for (size_t i = 0; i < MIN(count, 8); i++) {
        const struct cell *cell = &cells[i];
        if (cell->kind != CELL_TEXT || cell->length > LIMIT_REPORT_TEXT / 4)
            continue;
        g_autofree char *label = g_strndup(cell->text, cell->length);
        g_autofree char *folded = columns_fold(label);
        char **place = place_of(head, folded);
        if (place != NULL && i + 1 < count)
            set(place, cells[i + 1].text, cells[i + 1].length);
        char *colon = place == NULL ? strchr(label, ':') : NULL;
        if (colon == NULL)
            continue;
        g_autofree char *before = g_strndup(label, (gsize)(colon - label));
        g_autofree char *folded_before = columns_fold(before);
        set(place_of(head, folded_before), colon + 1, strlen(colon + 1));
    }
}

/* A date with a time, or a date alone, of which *is_day is told. */
static bool read_time(const struct row *row, const char *name, const char *text, int64_t *civil,
                      bool *is_day)
{
    *is_day = false;
    if (text == NULL) {
        row_note(row, "there is no %s above the header: what the report covers is not known", name);
        return false;
    }
    struct cell cell = {.kind = CELL_TEXT, .text = text, .length = strlen(text)};
    const char *reason = NULL;
    if (cell_datetime(&cell, &row->calendar, civil, NULL) == CELL_OK)
        return true;
    *is_day = cell_date(&cell, &row->calendar, civil, &reason) == CELL_OK;
    if (!*is_day)
        row_note(row, "%s \"%.40s\" %s: what the report covers is not known", name, text,
                 reason != NULL ? reason : "is blank");
    return *is_day;
}

static bool take_range(const struct records_head *head, const struct row *row, GError **error)
{
    int64_t from, to;
    bool is_day;
    bool has_from = read_time(row, "Start Date", head->start, &from, &is_day);
    bool has_to = read_time(row, "End Date", head->end, &to, &is_day);
    if (!has_from || !has_to)
        return true;
    return filters_set_range(row, from, is_day ? to + SECONDS_OF_DAY - 1 : to, error);
}

static void take_timezone(const struct records_head *head, const struct row *row)
{
    if (head->timezone == NULL || row->file->timezone != NULL)
        return;
    g_autofree char *name = g_strstrip(g_strdup(head->timezone));
    name[strcspn(name, " (,;")] = '\0';
    if (workbook_is_timezone(name) && strchr(name, '/') != NULL)
        row->file->timezone = report_text_cut(row->report, name, LIMIT_REPORT_TEXT);
    else
        row_note(row, "TimeZone \"%.60s\" is not the name of one zone, as America/New_York is",
                 head->timezone);
}

bool records_take_head(const struct records_head *head, const struct row *row, GError **error)
{
    take_timezone(head, row);
    return take_range(head, row, error);
}
