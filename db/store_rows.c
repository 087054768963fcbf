/* See store_rows.h. What is left of the rows by one size is stored by the next. */
#include "db/store_rows.h"

static char *make_text(const struct store_rows *rows, size_t count)
{
    GString *sql = g_string_new(rows->head);
    for (size_t i = 0; i < count * rows->columns; i++) {
        const char *before = i % rows->columns > 0 ? ", " : i > 0 ? "), (" : "(";
        g_string_append_printf(sql, "%s$%zu", before, i + 1);
    }
    g_string_append_c(sql, ')');
    g_string_append(sql, rows->tail);
    return g_string_free(sql, FALSE);
}

/* Once, and for ever: prepared statements are found by the address of their text. */
static void make_texts(struct store_rows *rows)
{
    if (!g_once_init_enter(&rows->is_made))
        return;
    for (size_t i = 0; i < STORE_ROWS_SIZES; i++)
        rows->texts[i] = make_text(rows, rows->sizes[i]);
    g_once_init_leave(&rows->is_made, 1);
}

bool store_rows_put(struct db *db, struct store_rows *rows, const struct db_value *values,
                    size_t count, GError **error)
{
    make_texts(rows);
    size_t done = 0;
    for (size_t i = 0; i < STORE_ROWS_SIZES; i++)
        for (; count - done >= rows->sizes[i]; done += rows->sizes[i])
            if (!db_run(db, rows->texts[i], &values[done * rows->columns],
                        rows->sizes[i] * rows->columns, NULL, error))
                return false;
    return true;
}
