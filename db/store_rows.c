/* See store_rows.h. */
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

/* It is kept for ever: prepared statements are found by the address of their text. */
static const char *text_of(struct store_rows *rows, size_t count)
{
    char *text = g_atomic_pointer_get(&rows->texts[count]);
    if (text != NULL)
        return text;
    text = make_text(rows, count);
    if (!g_atomic_pointer_compare_and_exchange(&rows->texts[count], NULL, text))
        g_free(text);
    return g_atomic_pointer_get(&rows->texts[count]);
}

/* How many of so many rows are stored next. A statement is kept prepared for each number, and one
 * for many rows is large: of these there are few. */
static size_t step(size_t count)
{
    enum { SMALL = 25, HALF = STORE_ROWS_MOST / 2 };
    return count >= STORE_ROWS_MOST ? STORE_ROWS_MOST : count >= HALF ? HALF : MIN(count, SMALL);
}

bool store_rows_put(struct db *db, struct store_rows *rows, const struct db_value *values,
                    size_t count, GError **error)
{
    while (count > 0) {
        size_t some = step(count);
        if (!db_run(db, text_of(rows, some), values, some * rows->columns, NULL, error))
            return false;
        values += some * rows->columns;
        count -= some;
    }
    return true;
}
