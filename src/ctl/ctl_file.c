/*
 * What was read of a file, for people: for `report explain` and `show`.
 *
 * It is made from the JSON object of ingest/summary.h, so that text and JSON cannot tell different
 * things. It owns nothing, and prints text from workbooks only by way of output.h.
 */
#include "ctl/ctl_file.h"

#include "ctl/output.h"

#include <stdio.h>

static void print_calls(const struct json *calls)
{
    static const char *const counts[] = {"rows",     "legs",     "sessions",   "inbound",
                                         "outbound", "internal", "duplicates", "skipped"};
    g_autoptr(GString) text = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(counts); i++)
        g_string_append_printf(text, "%s%" G_GINT64_FORMAT " %s", i > 0 ? ", " : "",
                               json_member_int(calls, counts[i]), counts[i]);
    g_autofree char *seconds = output_duration(json_member_int(calls, "seconds"));
    g_string_append_printf(text, ", %s long", seconds);
    output_field("calls", text->str);
}

static void print_note(const struct json *note)
{
    const char *sheet = json_member_text(note, "sheet");
    int64_t row = json_member_int(note, "row");
    g_autoptr(GString) line = g_string_new("note");
    if (sheet != NULL)
        g_string_append_printf(line, " %s", sheet);
    if (row > 0)
        g_string_append_printf(line, " row %" G_GINT64_FORMAT, row);
    const char *text = json_member_text(note, "text");
    g_string_append_printf(line, "%s %s", sheet != NULL ? ":" : "", text != NULL ? text : "-");
    output_line("%s", line->str);
}

static void print_warning(const struct json *warning)
{
    const char *text = json_member_text(warning, "text");
    output_line("warning: %s", text != NULL ? text : "-");
}

void ctl_file_print(const struct json *file)
{
    const char *reason = json_member_text(file, "reason");
    puts("");
    output_field("file", json_member_text(file, "name"));
    output_field("kind", json_member_text(file, "kind"));
    output_field("verdict", json_member_text(file, "verdict"));
    if (reason != NULL)
        output_field("reason", reason);
    output_field("timezone", json_member_text(file, "timezone"));
    output_field("from", json_member_text(file, "from"));
    output_field("to", json_member_text(file, "to"));
    const struct json *calls = json_member(file, "calls");
    if (json_member_int(calls, "rows") >= 0)
        print_calls(calls);
    const struct json *users = json_member(file, "users");
    if (json_member_int(users, "rows") >= 0)
        output_field_count("users", json_member_int(users, "rows"));
    const struct json *notes = json_member(file, "notes");
    for (size_t i = 0; i < json_length(notes); i++)
        print_note(json_item(notes, i));
    int64_t more = json_member_int(file, "notes_left_out");
    if (more > 0)
        output_line("note and %" G_GINT64_FORMAT " more", more);
    const struct json *warnings = json_member(file, "warnings");
    for (size_t i = 0; i < json_length(warnings); i++)
        print_warning(json_item(warnings, i));
}
