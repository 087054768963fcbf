/*
 * member import: team members from a CSV file with a header.
 *
 * One transaction, all or nothing: a file that is half imported is harder to mend than one that
 * is not. So every line is tried, all that is wrong is told with its line number, and the commit
 * happens only if nothing was. It can be run again with the same file: store_member_put() knows a
 * member by e-mail, extension or name, and then changes instead of adding. That is also why two
 * lines about one member are an error: the second would silently undo the first.
 */
#include "ctl/command.h"
#include "ctl/ctl.h"

#include "base/csv.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"
#include "ctl/output.h"
#include "db/store_member.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *name;
    size_t place; /* in struct store_member */
} columns[] = {
    {"email", offsetof(struct store_member, email)},
    {"extension", offsetof(struct store_member, extension)},
    {"name", offsetof(struct store_member, name)},
    {"role", offsetof(struct store_member, role)},
    {"status", offsetof(struct store_member, status)},
};

enum { NO_COLUMN = -1 };

struct import {
    struct ctl *ctl; /* borrowed */
    const char *path;
    int fields[LIMIT_CSV_FIELDS]; /* index into columns of each field of a line */
    guint field_count;
    GHashTable *lines; /* member's id to the line (GSIZE_TO_POINTER) that was about it */
    struct json *errors;
    int64_t added, changed, unchanged;
};

static void add_error(struct import *import, size_t line, const char *text)
{
    struct json *object = json_object_new();
    json_set_int(object, "line", (int64_t)line);
    json_set_text(object, "text", text);
    json_append(import->errors, object);
    if (import->ctl->option[CTL_JSON] == NULL)
        ctl_complain(EX_DATAERR, "%s:%zu: %s", import->path, line, text);
}

static int column_of(const char *title)
{
    g_autofree char *copy = g_strdup(title);
    const char *name = g_strstrip(copy);
    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++)
        if (g_ascii_strcasecmp(name, columns[i].name) == 0)
            return (int)i;
    return NO_COLUMN;
}

static bool read_header(struct import *import, const GPtrArray *titles, GError **error)
{
    unsigned seen = 0;
    for (guint i = 0; i < titles->len; i++) {
        const char *title = g_ptr_array_index(titles, i);
        int column = column_of(title);
        if (column == NO_COLUMN)
            return error_perm(error,
                              "the header has a column \"%s\": known are name, email, extension, "
                              "role and status, with commas between them",
                              title);
        if ((seen & (1u << column)) != 0)
            return error_perm(error, "the header has the column %s twice", columns[column].name);
        seen |= 1u << column;
        import->fields[i] = column;
    }
    import->field_count = titles->len;
    int name = column_of("name");
    return (seen & (1u << name)) != 0 ||
           error_perm(error, "the header has no column name: the first line must be such as "
                             "name,email,extension");
}

/* Fills a member from a line; an empty field is NULL: not given. */
static bool read_member(const struct import *import, const GPtrArray *fields,
                        struct store_member *member, GError **error)
{
    if (fields->len != import->field_count)
        return error_perm(error, "the line has %u fields, the header has %u", fields->len,
                          import->field_count);
    for (guint i = 0; i < fields->len; i++) {
        char *text = g_strstrip(g_ptr_array_index(fields, i));
        char **place = (char **)(void *)((char *)member + columns[import->fields[i]].place);
        *place = *text != '\0' ? g_strdup(text) : NULL;
    }
    return true;
}

static bool put_member(struct import *import, struct store_member *member, size_t line,
                       GError **error)
{
    bool is_added = false, is_changed = false;
    const struct ctl *ctl = import->ctl;
    if (!store_member_put(ctl->db, ctl->agency.id, member, &is_added, &is_changed, error))
        return false;
    if (is_added)
        import->added++;
    else if (is_changed)
        import->changed++;
    else
        import->unchanged++;
    if (member->id == NULL)
        return true;
    size_t before = GPOINTER_TO_SIZE(g_hash_table_lookup(import->lines, member->id));
    if (before != 0)
        return error_perm(error, "this line is about the same member as line %zu", before);
    g_hash_table_insert(import->lines, g_strdup(member->id), GSIZE_TO_POINTER(line));
    return true;
}

static bool import_line(struct import *import, const GPtrArray *fields, size_t line, GError **error)
{
    struct store_member member = {0};
    bool is_good =
        read_member(import, fields, &member, error) && put_member(import, &member, line, error);
    store_member_clear(&member);
    return is_good;
}

/* Goes through the file. False only for what ends it at once: an error of class TEMP. */
static bool import_lines(struct import *import, struct csv *csv, GError **error)
{
    g_autoptr(GPtrArray) fields = csv_fields_new();
    bool has_header = false;
    for (;;) {
        size_t line = csv->line;
        g_autoptr(GError) wrong = NULL;
        enum csv_answer answer = csv_next(csv, fields, &line, &wrong);
        if (answer == CSV_END)
            break;
        if (answer == CSV_RECORD && has_header)
            import_line(import, fields, line, &wrong);
        else if (answer == CSV_RECORD)
            has_header = read_header(import, fields, &wrong);
        if (wrong != NULL && error_is_temp(wrong)) {
            g_propagate_error(error, g_steal_pointer(&wrong));
            return false;
        }
        if (wrong != NULL)
            add_error(import, line, wrong->message);
        if (!has_header)
            return true;
    }
    if (!has_header)
        add_error(import, 1, "the file is empty: the first line must be name,email,extension");
    return true;
}

static bool import_all(struct import *import, struct csv *csv, GError **error)
{
    struct db *db = import->ctl->db;
    if (!db_begin(db, error))
        return false;
    if (!import_lines(import, csv, error)) {
        db_rollback(db);
        return false;
    }
    if (json_length(import->errors) == 0)
        return db_commit(db, error);
    db_rollback(db);
    import->added = import->changed = import->unchanged = 0;
    return true;
}

static int tell(struct import *import)
{
    size_t wrong = json_length(import->errors);
    if (import->ctl->option[CTL_JSON] != NULL) {
        struct json *object = json_object_new();
        json_set_int(object, "added", import->added);
        json_set_int(object, "changed", import->changed);
        json_set_int(object, "unchanged", import->unchanged);
        json_set(object, "errors", g_steal_pointer(&import->errors));
        output_json(object);
    } else if (wrong == 0) {
        output_line("%" G_GINT64_FORMAT " added, %" G_GINT64_FORMAT " changed, %" G_GINT64_FORMAT
                    " unchanged",
                    import->added, import->changed, import->unchanged);
    }
    if (wrong == 0)
        return EX_OK;
    return ctl_complain(EX_DATAERR, "%s: %zu wrong %s: nothing was imported", import->path, wrong,
                        wrong == 1 ? "line" : "lines");
}

int ctl_member_import(struct ctl *ctl, char **words)
{
    int code = ctl_open_agency(ctl, DB_WRITE, words[0]);
    if (code != EX_OK)
        return code;
    g_autoptr(GByteArray) bytes = NULL;
    code = ctl_read_file(words[1], LIMIT_CSV_BYTES, &bytes);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    struct csv csv;
    if (!csv_open(&csv, (const char *)bytes->data, bytes->len, &error))
        return ctl_complain(EX_DATAERR, "%s: %s", words[1], error->message);
    g_autoptr(GHashTable) lines = g_hash_table_new_full(hash_text, g_str_equal, g_free, NULL);
    struct import import = {
        .ctl = ctl, .path = words[1], .lines = lines, .errors = json_array_new()};
    code = import_all(&import, &csv, &error) ? tell(&import) : ctl_fail(error, EX_UNAVAILABLE);
    json_free(import.errors);
    return code;
}
