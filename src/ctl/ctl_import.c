/* See ctl_import.h. */
#include "ctl/ctl_import.h"

#include "base/csv.h"
#include "base/error.h"
#include "base/limits.h"
#include "ctl/output.h"

#include <string.h>

enum { NO_COLUMN = -1 };

struct run {
    struct ctl *ctl; /* borrowed, as the next three */
    const char *path;
    const struct ctl_import *import;
    void *context;
    int columns[LIMIT_CSV_FIELDS]; /* of each field of a line */
    guint field_count;
    struct json *errors;
    int64_t counts[CTL_UNCHANGED + 1];
};

static void add_error(struct run *run, size_t line, const char *text)
{
    struct json *object = json_object_new();
    json_set_int(object, "line", (int64_t)line);
    json_set_text(object, "text", text);
    json_append(run->errors, object);
    if (run->ctl->option[CTL_JSON] == NULL)
        ctl_complain(EX_DATAERR, "%s:%zu: %s", run->path, line, text);
}

static int column_of(const struct ctl_import *import, const char *title)
{
    g_autofree char *copy = g_strdup(title);
    const char *name = g_strstrip(copy);
    for (int i = 0; import->columns[i] != NULL; i++)
        if (g_ascii_strcasecmp(name, import->columns[i]) == 0)
            return i;
    return NO_COLUMN;
}

static bool read_header(struct run *run, const GPtrArray *titles, GError **error)
{
    const char *const *columns = run->import->columns;
    g_autofree char *known = g_strjoinv(", ", (char **)(uintptr_t)columns);
    unsigned seen = 0;
    for (guint i = 0; i < titles->len; i++) {
        const char *title = g_ptr_array_index(titles, i);
        int column = column_of(run->import, title);
        if (column == NO_COLUMN)
            return error_perm(error,
                              "the header has a column \"%s\": known are %s, with commas between "
                              "them",
                              title, known);
        if ((seen & (1u << column)) != 0)
            return error_perm(error, "the header has the column %s twice", columns[column]);
        seen |= 1u << column;
        run->columns[i] = column;
    }
    run->field_count = titles->len;
    for (int i = 0; columns[i] != NULL; i++)
        if ((run->import->required & ~seen & (1u << i)) != 0)
            return error_perm(error,
                              "the header has no column %s: the first line must be such as %s",
                              columns[i], run->import->example);
    return true;
}

static bool take_line(struct run *run, const GPtrArray *fields, size_t line, GError **error)
{
    char *values[LIMIT_CSV_FIELDS] = {NULL};
    if (fields->len != run->field_count)
        return error_perm(error, "the line has %u fields, the header has %u", fields->len,
                          run->field_count);
    for (guint i = 0; i < fields->len; i++) {
        char *text = g_strstrip(g_ptr_array_index(fields, i));
        values[run->columns[i]] = *text != '\0' ? text : NULL;
    }
    enum ctl_imported what = CTL_UNCHANGED;
    if (!run->import->take(run->context, run->ctl, line, values, &what, error))
        return false;
    run->counts[what]++;
    return true;
}

/* Goes through the file. False only for what ends it at once: an error of class TEMP. */
static bool take_lines(struct run *run, struct csv *csv, GError **error)
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
            take_line(run, fields, line, &wrong);
        else if (answer == CSV_RECORD)
            has_header = read_header(run, fields, &wrong);
        if (wrong != NULL && error_is_temp(wrong)) {
            g_propagate_error(error, g_steal_pointer(&wrong));
            return false;
        }
        if (wrong != NULL)
            add_error(run, line, wrong->message);
        if (!has_header)
            return true;
    }
    if (!has_header) {
        g_autofree char *text = g_strdup_printf(
            "the file is empty: the first line must be such as %s", run->import->example);
        add_error(run, 1, text);
    }
    return true;
}

static bool take_all(struct run *run, struct csv *csv, GError **error)
{
    struct db *db = run->ctl->db;
    if (!db_begin(db, error))
        return false;
    if (!take_lines(run, csv, error)) {
        db_rollback(db);
        return false;
    }
    if (json_length(run->errors) == 0)
        return run->import->finish(run->context, run->ctl, run->counts, error) &&
               db_commit(db, error);
    db_rollback(db);
    memset(run->counts, 0, sizeof run->counts);
    return true;
}

static int tell(struct run *run)
{
    size_t wrong = json_length(run->errors);
    if (run->ctl->option[CTL_JSON] != NULL) {
        struct json *object = json_object_new();
        json_set_int(object, "added", run->counts[CTL_ADDED]);
        json_set_int(object, "changed", run->counts[CTL_CHANGED]);
        json_set_int(object, "unchanged", run->counts[CTL_UNCHANGED]);
        if (run->import->tell_json != NULL)
            run->import->tell_json(run->context, object);
        json_set(object, "errors", g_steal_pointer(&run->errors));
        output_json(object);
    } else if (wrong == 0) {
        output_line("%" G_GINT64_FORMAT " added, %" G_GINT64_FORMAT " changed, %" G_GINT64_FORMAT
                    " unchanged",
                    run->counts[CTL_ADDED], run->counts[CTL_CHANGED], run->counts[CTL_UNCHANGED]);
        if (run->import->tell != NULL)
            run->import->tell(run->context);
    }
    if (wrong == 0)
        return EX_OK;
    return ctl_complain(EX_DATAERR, "%s: %zu wrong %s: nothing was imported", run->path, wrong,
                        wrong == 1 ? "line" : "lines");
}

int ctl_import(struct ctl *ctl, const char *agency, const char *path,
               const struct ctl_import *import, void *context)
{
    int code = ctl_open_agency(ctl, DB_WRITE, agency);
    if (code != EX_OK)
        return code;
    g_autoptr(GByteArray) bytes = NULL;
    code = ctl_read_file(path, LIMIT_CSV_BYTES, &bytes);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    struct csv csv;
    if (!csv_open(&csv, (const char *)bytes->data, bytes->len, &error))
        return ctl_complain(EX_DATAERR, "%s: %s", path, error->message);
    struct run run = {
        .ctl = ctl, .path = path, .import = import, .context = context, .errors = json_array_new()};
    code = take_all(&run, &csv, &error) ? tell(&run) : ctl_fail(error, EX_UNAVAILABLE);
    json_free(run.errors);
    return code;
}
