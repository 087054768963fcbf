/*
 * Rows of one table, stored many at a time: a statement for many rows costs half of one for each of
 * them, of which most is the way into the tables.
 */
#ifndef CALLMX_DB_STORE_ROWS_H
#define CALLMX_DB_STORE_ROWS_H

#include "db/driver.h"

enum { STORE_ROWS_SIZES = 3 };

/* A statement of its own for each number of rows: one static struct for each table, of which the
 * last two members are for store_rows_put() alone. */
struct store_rows {
    const char *head; /* "INSERT INTO t (a, b) VALUES " */
    const char *tail; /* " ON CONFLICT …", or "" */
    size_t columns;
    size_t sizes[STORE_ROWS_SIZES]; /* rows of a statement: the most first, 1 at last */
    char *texts[STORE_ROWS_SIZES];
    gsize is_made;
};

/* Stores `count` rows, values[row * columns + column], in this order. */
bool store_rows_put(struct db *db, struct store_rows *rows, const struct db_value *values,
                    size_t count, GError **error);

#endif
