/*
 * Text for people and JSON for programs.
 *
 * Hard about it: nearly everything shown here was written by strangers, and a terminal obeys
 * escape sequences and marks of writing direction. So text is escaped at this one place, as late
 * as can be, and the width of a column is counted in cells of the terminal, not in bytes.
 */
#include "ctl/output.h"

#include "figures/day.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool is_harmless(gunichar character)
{
    enum { ZERO_WIDTH_NON_JOINER = 0x200C, ZERO_WIDTH_JOINER = 0x200D };
    if (character == ZERO_WIDTH_NON_JOINER || character == ZERO_WIDTH_JOINER)
        return true;
    GUnicodeType type = g_unichar_type(character);
    return type != G_UNICODE_CONTROL && type != G_UNICODE_FORMAT &&
           type != G_UNICODE_LINE_SEPARATOR && type != G_UNICODE_PARAGRAPH_SEPARATOR;
}

char *output_escape(const char *text)
{
    if (text == NULL)
        return g_strdup("-");
    GString *safe = g_string_new(NULL);
    while (*text != '\0') {
        gunichar character = g_utf8_get_char_validated(text, -1);
        bool is_invalid = character == (gunichar)-1 || character == (gunichar)-2;
        const char *next = is_invalid ? text + 1 : g_utf8_find_next_char(text, NULL);
        if (is_invalid)
            g_string_append_printf(safe, "\\x%02x", (unsigned char)*text);
        else if (character == '\\')
            g_string_append(safe, "\\\\");
        else if (is_harmless(character))
            g_string_append_len(safe, text, next - text);
        else
            g_string_append_printf(safe, character < 0x80 ? "\\x%02x" : "\\u{%04x}", character);
        text = next;
    }
    return g_string_free(safe, FALSE);
}

char *output_duration(int64_t seconds)
{
    if (seconds < 0)
        return g_strdup("-");
    return g_strdup_printf("%" PRId64 ":%02d:%02d", seconds / 3600, (int)(seconds / 60 % 60),
                           (int)(seconds % 60));
}

char *output_short_key(const char *key)
{
    return key == NULL ? NULL : g_strdup_printf("%.4s…", key);
}

char *output_short_address(const char *address)
{
    static const char prefix[] = "calls-";
    if (address == NULL)
        return NULL;
    /* The local part may be quoted: "calls-…"@domain. */
    const char *key = address + (*address == '"' ? 1 : 0);
    if (g_ascii_strncasecmp(key, prefix, sizeof prefix - 1) != 0)
        return g_strdup(address);
    const char *at = strrchr(address, '@');
    return g_strdup_printf("calls-%.4s…%s", key + sizeof prefix - 1, at != NULL ? at : "");
}

void output_json(struct json *document)
{
    g_autofree char *text = json_text_pretty(document);
    puts(text);
    json_free(document);
}

void output_line(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *safe = output_escape(text);
    puts(safe);
}

void output_field(const char *name, const char *value)
{
    g_autofree char *safe = output_escape(value);
    printf("%-12s %s\n", name, safe);
}

void output_field_count(const char *name, int64_t count)
{
    if (count < 0)
        printf("%-12s -\n", name);
    else
        printf("%-12s %" PRId64 "\n", name, count);
}

void output_field_time(const char *name, int64_t utc)
{
    char text[DAY_TIME_SIZE] = "-";
    if (utc >= 0)
        day_time_text(utc, text);
    printf("%-12s %s\n", name, text);
}

struct output_table {
    size_t columns;
    GPtrArray *cells; /* of char *, the titles first */
};

struct output_table *output_table_new(const char *const *titles)
{
    struct output_table *table = g_new0(struct output_table, 1);
    table->cells = g_ptr_array_new_with_free_func(g_free);
    for (; titles[table->columns] != NULL; table->columns++)
        g_ptr_array_add(table->cells, g_strdup(titles[table->columns]));
    return table;
}

void output_table_free(struct output_table *table)
{
    if (table == NULL)
        return;
    g_ptr_array_unref(table->cells);
    g_free(table);
}

void output_table_text(struct output_table *table, const char *text)
{
    g_ptr_array_add(table->cells, output_escape(text));
}

void output_table_count(struct output_table *table, int64_t count)
{
    g_ptr_array_add(table->cells, count < 0 ? g_strdup("-") : g_strdup_printf("%" PRId64, count));
}

void output_table_duration(struct output_table *table, int64_t seconds)
{
    g_ptr_array_add(table->cells, output_duration(seconds));
}

void output_table_time(struct output_table *table, int64_t utc)
{
    char text[DAY_TIME_SIZE] = "-";
    if (utc >= 0)
        day_time_text(utc, text);
    g_ptr_array_add(table->cells, g_strdup(text));
}

void output_table_date(struct output_table *table, int32_t date)
{
    char text[DAY_DATE_SIZE] = "-";
    if (date != INT32_MIN)
        day_date_text(date, text);
    g_ptr_array_add(table->cells, g_strdup(text));
}

static int width_of(const char *text)
{
    int width = 0;
    for (; *text != '\0'; text = g_utf8_find_next_char(text, NULL)) {
        gunichar character = g_utf8_get_char(text);
        if (!g_unichar_iszerowidth(character))
            width += g_unichar_iswide(character) ? 2 : 1;
    }
    return width;
}

static const char *cell_of(const struct output_table *table, size_t index)
{
    const char *cell = g_ptr_array_index(table->cells, index);
    return index < table->columns && *cell == '>' ? cell + 1 : cell;
}

static void print_row(const struct output_table *table, size_t first, const int *widths)
{
    for (size_t column = 0; column < table->columns; column++) {
        const char *cell = cell_of(table, first + column);
        const char *title = g_ptr_array_index(table->cells, column);
        int blanks = widths[column] - width_of(cell);
        bool is_last = column + 1 == table->columns;
        if (*title == '>')
            printf("%*s%s", blanks, "", cell);
        else
            printf("%s%*s", cell, is_last ? 0 : blanks, "");
        fputs(is_last ? "\n" : "  ", stdout);
    }
}

void output_table_print(struct output_table *table, const char *if_empty)
{
    g_assert(table->cells->len % table->columns == 0);
    if (table->cells->len == table->columns) {
        puts(if_empty);
        output_table_free(table);
        return;
    }
    g_autofree int *widths = g_new0(int, table->columns);
    for (size_t i = 0; i < table->cells->len; i++) {
        int width = width_of(cell_of(table, i));
        widths[i % table->columns] = MAX(widths[i % table->columns], width);
    }
    for (size_t first = 0; first < table->cells->len; first += table->columns)
        print_row(table, first, widths);
    output_table_free(table);
}
