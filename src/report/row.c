/*
 * Rows into fields, and doubts into notes. A cell that cannot be read costs its own value, never
 * the row: what a missing value means for the row is decided by calls.c and users.c.
 */
#include "report/row.h"

#include "base/json.h"
#include "base/limits.h"

#include <string.h>

enum { EXCERPT = 40 }; /* octets of a cell that a note repeats */

void row_take(struct row *row, uint32_t number, const struct cell *cells, size_t count)
{
    row->number = number;
    row->cells = cells;
    row->count = count;
    row->has_other = false;
    memset(row->fields, 0, sizeof row->fields);
    for (size_t i = 0; i < count; i++) {
        enum field field = columns_field(row->columns, cells[i].column);
        if (field != FIELD_NONE)
            row->fields[field] = &cells[i];
        else
            row->has_other = true;
    }
}

void row_note(const struct row *row, const char *format, ...)
{
    if (row->file->notes->len >= LIMIT_REPORT_NOTES) {
        row->file->notes_left_out++;
        return;
    }
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    report_note(row->report, row->file, row->sheet_name, row->number, "%s", text);
}

const char *row_excerpt(const struct row *row, enum field field)
{
    const struct cell *cell = row->fields[field];
    g_string_truncate(row->scratch, 0);
    if (cell != NULL)
        g_string_append_len(row->scratch, cell->text, (gssize)MIN(cell->length, EXCERPT));
    return row->scratch->str;
}

static void note_unread(const struct row *row, enum field field, const char *reason)
{
    row_note(row, "%s \"%s\" %s: it is taken as unknown", columns_name(row->columns, field),
             row_excerpt(row, field), reason);
}

/* BAD is noted, and so is a blank that has a reason (a formula without its value). */
static bool is_read(const struct row *row, enum field field, enum cell_answer answer,
                    const char *reason)
{
    if (answer != CELL_OK && reason != NULL)
        note_unread(row, field, reason);
    return answer == CELL_OK;
}

/* The first and last octets and the length tell most texts of a sheet apart. */
static size_t place_of(const char *text, size_t length)
{
    uint64_t first = 0, last = 0;
    size_t part = MIN(length, sizeof first);
    memcpy(&first, text, part);
    memcpy(&last, text + length - part, part);
    return (size_t)(((first ^ last * 3 ^ length) * UINT64_C(0x9e3779b97f4a7c15)) >> 56);
}

/* What was made of a text that is kept as it is; NULL if it is not among the last ones. */
static const char *find_recent(const struct row *row, const struct cell *cell)
{
    G_STATIC_ASSERT(ROW_RECENT == 256);
    size_t place = place_of(cell->text, cell->length);
    bool is_there = row->recent->places[place].length == cell->length &&
                    row->recent->places[place].text != NULL &&
                    memcmp(row->recent->places[place].text, cell->text, cell->length) == 0;
    return is_there ? row->recent->places[place].text : NULL;
}

static const char *remember(const struct row *row, const struct cell *cell, const char *kept)
{
    size_t place = place_of(cell->text, cell->length);
    row->recent->places[place].text = kept;
    row->recent->places[place].length = cell->length;
    return kept;
}

static bool is_as_it_was(const struct cell *cell, const char *kept)
{
    return kept != NULL && strlen(kept) == cell->length &&
           memcmp(kept, cell->text, cell->length) == 0;
}

static const char *read_text(const struct row *row, enum field field, const struct cell *cell)
{
    if (cell->kind == CELL_TEXT && cell->shared == 0 && cell->length > 0) {
        const char *recent = find_recent(row, cell);
        if (recent != NULL)
            return recent;
    }
    if (cell_is_plain(cell) && cell->length <= LIMIT_REPORT_TEXT) {
        if (cell->shared != 0)
            return cell->text; /* its block is the report's in the end */
        return remember(row, cell,
                        texts_keep_octets(row->report->strings, cell->text, cell->length));
    }
    const char *reason = NULL;
    enum cell_answer answer = cell_text(cell, row->scratch, &reason);
    if (!is_read(row, field, answer, reason))
        return NULL;
    const char *kept = report_text_cut(row->report, row->scratch->str, LIMIT_REPORT_TEXT);
    if (cell->kind == CELL_TEXT && cell->shared == 0 && is_as_it_was(cell, kept))
        remember(row, cell, kept);
    return kept;
}

const char *row_text(const struct row *row, enum field field)
{
    const struct cell *cell = row->fields[field];
    if (cell == NULL)
        return NULL;
    if (cell->shared == 0)
        return read_text(row, field, cell);
    if (cell->shared >= row->kept->len)
        g_ptr_array_set_size(row->kept, (gint)(cell->shared + cell->shared / 2 + 1));
    gpointer *kept = &row->kept->pdata[cell->shared];
    if (*kept == NULL)
        *kept = (gpointer)(guintptr)read_text(row, field, cell);
    return *kept;
}

int64_t row_number(const struct row *row, enum field field)
{
    int64_t number = REPORT_UNKNOWN;
    const char *reason = NULL;
    enum cell_answer answer = cell_count(row->fields[field], &number, &reason);
    return is_read(row, field, answer, reason) ? number : REPORT_UNKNOWN;
}

int64_t row_duration(const struct row *row, enum field field, int64_t limit)
{
    int64_t seconds = REPORT_UNKNOWN;
    const char *reason = NULL;
    enum cell_answer answer = cell_duration(row->fields[field], limit, &seconds, &reason);
    return is_read(row, field, answer, reason) ? seconds : REPORT_UNKNOWN;
}

/* The header above a column that has no field, or a made-up name where there is none. */
static const char *name_of(const struct row *row, uint32_t column, char made[static 24])
{
    const char *name =
        column < row->columns->names->len ? g_ptr_array_index(row->columns->names, column) : NULL;
    if (name != NULL && name[0] != '\0')
        return name;
    g_snprintf(made, 24, "column %u", column + 1);
    return made;
}

/* At the edge of a character. */
static void cut(GString *text, size_t limit)
{
    if (text->len <= limit)
        return;
    while (limit > 0 && ((unsigned char)text->str[limit] & 0xc0) == 0x80)
        limit--;
    g_string_truncate(text, limit);
}

const char *row_payload(const struct row *row, enum field also)
{
    if (!row->has_other && row->fields[also] == NULL)
        return NULL;
    struct json *payload = NULL;
    size_t size = 0;
    for (size_t i = 0; i < row->count; i++) {
        const struct cell *cell = &row->cells[i];
        char made[24];
        enum field field = columns_field(row->columns, cell->column);
        if ((field != FIELD_NONE && field != also) ||
            cell_text(cell, row->scratch, NULL) != CELL_OK)
            continue;
        cut(row->scratch, LIMIT_REPORT_TEXT);
        const char *text = row->scratch->str;
        const char *name = name_of(row, cell->column, made);
        /* In JSON an octet takes up to six. */
        size += 6 * (strlen(name) + strlen(text)) + 8;
        if (size > LIMIT_REPORT_PAYLOAD) {
            row_note(row, "the columns from \"%.40s\" on were left out of the row: too much text",
                     name);
            break;
        }
        if (payload == NULL)
            payload = json_object_new();
        json_set_text(payload, name, text);
    }
    if (payload == NULL)
        return NULL;
    g_autofree char *text = json_text(payload);
    json_free(payload);
    return report_text(row->report, text);
}
