/*
 * Rows of one table, stored many at a time: a statement for many rows costs about half of what one
 * for each of them does.
 */
#ifndef CALLMX_DB_STORE_ROWS_H
#define CALLMX_DB_STORE_ROWS_H

#include "db/driver.h"

enum { STORE_ROWS_MOST = 100 }; /* in a statement */

/* One static struct for each table. Its statements are made when they are needed, and `texts` is
 * for store_rows_put() alone. */
struct store_rows {
    const char *head; /* "INSERT INTO t (a, b) VALUES " */
    const char *tail; /* " ON CONFLICT …", or "" */
    size_t columns;
    char *texts[STORE_ROWS_MOST + 1]; /* by the number of rows */
};

/* Stores `count` rows, values[row * columns + column], in this order. After an error some of them
 * may be there. */
bool store_rows_put(struct db *db, struct store_rows *rows, const struct db_value *values,
                    size_t count, GError **error);

#endif
