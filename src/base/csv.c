/*
 * Comma-separated values, RFC 4180.
 *
 * A cursor over text in memory; it owns nothing but the fields it hands out. Hard about it: a
 * record can go over several lines, so the line that an error names must be counted inside quotes
 * too, and after an error the next record is looked for at the next line end, quotes or not, or
 * one stray quote would swallow the rest of the file without a word about it.
 */
#include "base/csv.h"

#include "base/error.h"
#include "base/limits.h"

#include <string.h>

bool csv_open(struct csv *csv, const char *text, size_t size, GError **error)
{
    static const char mark[] = "\xEF\xBB\xBF";
    if (size > LIMIT_CSV_BYTES)
        return error_perm(error, "the file is larger than %lu bytes", LIMIT_CSV_BYTES);
    if (!g_utf8_validate(text, (gssize)size, NULL))
        return error_perm(error, "the file is not UTF-8 text: save it as \"CSV UTF-8\"");
    bool has_mark = size >= 3 && memcmp(text, mark, 3) == 0;
    *csv = (struct csv){
        .at = text + (has_mark ? 3 : 0), .end = text + size, .line = 1, .separator = ','};
    return true;
}

void csv_guess_separator(struct csv *csv)
{
    enum { LOOKED_AT = 4096 };
    static const char SEPARATORS[] = ",;\t";
    size_t counts[sizeof SEPARATORS] = {0}, best = 0;
    bool is_quoted = false;
    const char *end = csv->at + MIN(csv->end - csv->at, LOOKED_AT);
    for (const char *p = csv->at; p < end; p++) {
        const char *found = *p != '\0' ? strchr(SEPARATORS, *p) : NULL;
        is_quoted = is_quoted != (*p == '"');
        if (found != NULL && !is_quoted)
            counts[found - SEPARATORS]++;
    }
    for (size_t i = 1; SEPARATORS[i] != '\0'; i++)
        if (counts[i] > counts[best])
            best = i;
    csv->separator = SEPARATORS[best];
}

GPtrArray *csv_fields_new(void)
{
    return g_ptr_array_new_with_free_func(g_free);
}

static bool is_line_end(const struct csv *csv)
{
    return csv->at < csv->end && (*csv->at == '\n' || *csv->at == '\r');
}

static void skip_line_end(struct csv *csv)
{
    bool is_pair = *csv->at == '\r' && csv->at + 1 < csv->end && csv->at[1] == '\n';
    csv->at += is_pair ? 2 : 1;
    csv->line++;
}

/* Takes a field in quotes, from behind the first quote to behind the last. */
static bool take_quoted(struct csv *csv, GString *field, GError **error)
{
    bool is_closed = false;
    while (csv->at < csv->end && !is_closed) {
        const char *begin = csv->at;
        if (is_line_end(csv))
            skip_line_end(csv);
        else
            csv->at++;
        if (*begin == '"' && csv->at < csv->end && *csv->at == '"')
            begin = csv->at++;
        else if (*begin == '"')
            is_closed = true;
        if (!is_closed)
            g_string_append_len(field, begin, csv->at - begin);
    }
    if (!is_closed)
        return error_perm(error, "a quote is opened and not closed");
    if (csv->at < csv->end && *csv->at != csv->separator && !is_line_end(csv))
        return error_perm(error, "there is text behind a closing quote");
    return true;
}

static bool take_bare(struct csv *csv, GString *field, GError **error)
{
    const char *begin = csv->at;
    while (csv->at < csv->end && *csv->at != csv->separator && !is_line_end(csv)) {
        if (*csv->at == '"')
            return error_perm(error, "there is a quote in a field that does not begin with one");
        csv->at++;
    }
    g_string_append_len(field, begin, csv->at - begin);
    return true;
}

static bool take_record(struct csv *csv, GPtrArray *fields, GError **error)
{
    for (;;) {
        g_autoptr(GString) field = g_string_new(NULL);
        bool is_quoted = csv->at < csv->end && *csv->at == '"';
        if (is_quoted)
            csv->at++;
        if (!(is_quoted ? take_quoted(csv, field, error) : take_bare(csv, field, error)))
            return false;
        if (fields->len == LIMIT_CSV_FIELDS)
            return error_perm(error, "there are more than %d fields", LIMIT_CSV_FIELDS);
        g_ptr_array_add(fields, g_strndup(field->str, field->len));
        if (csv->at == csv->end)
            return true;
        if (*csv->at != csv->separator) {
            skip_line_end(csv);
            return true;
        }
        csv->at++;
    }
}

enum csv_answer csv_next(struct csv *csv, GPtrArray *fields, size_t *line, GError **error)
{
    g_ptr_array_set_size(fields, 0);
    while (is_line_end(csv))
        skip_line_end(csv);
    if (csv->at == csv->end)
        return CSV_END;
    const struct csv begin = *csv;
    *line = begin.line;
    if (take_record(csv, fields, error))
        return CSV_RECORD;
    *csv = begin;
    while (csv->at < csv->end && !is_line_end(csv))
        csv->at++;
    if (csv->at < csv->end)
        skip_line_end(csv);
    return CSV_BAD;
}
