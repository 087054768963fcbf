/*
 * What the store_*.c share: the forms that values have in the database, arrays of results, and
 * transactions of their own. Private to db/.
 */
#ifndef CALLMX_DB_STORE_IMPL_H
#define CALLMX_DB_STORE_IMPL_H

#include "db/driver.h"
#include "figures/day.h"

/* Room for the text of a time, date, or civil time, which a value borrows. */
struct store_text {
    char text[DAY_TIME_SIZE];
};

/* A time below zero is unknown: NULL. So is a date of INT32_MIN. */
struct db_value store_time(struct store_text *room, int64_t utc);
struct db_value store_civil(struct store_text *room, int64_t civil);
struct db_value store_date(struct store_text *room, int32_t date);

/* NULL gives -1, and INT32_MIN for a date. */
int64_t store_column_time(struct db_rows *rows, int column);
int32_t store_column_date(struct db_rows *rows, int column);

/* A copy; NULL for NULL. */
char *store_column_copy(struct db_rows *rows, int column);

/* Runs a query of one row at most. *found tells whether there is one; `read` takes it. */
typedef void store_read_fn(struct db_rows *rows, void *item);
bool store_one(struct db *db, const char *sql, const struct db_value *values, size_t count,
               store_read_fn *read, void *item, bool *found, GError **error);

/* A store_read_fn: the first column, an integer, into an int64_t. */
void store_read_int(struct db_rows *rows, void *item);

/* Appends all rows of a query to `items`, each cleared to zero first and then filled by `read`. */
bool store_all(struct db *db, const char *sql, const struct db_value *values, size_t count,
               store_read_fn *read, GArray *items, GError **error);

/* Those legs, in a statement whose $1 is the id of an agency: of the table, not of the view. */
#define STORE_LEG_OF_AGENCY "agency_number = (SELECT number FROM agencies WHERE id = $1)"

/* Runs `work` in the transaction that is open, or in one of its own. */
typedef bool store_work_fn(struct db *db, void *context, GError **error);
bool store_in_transaction(struct db *db, store_work_fn *work, void *context, GError **error);

/* A name for people, trimmed; g_free it. NULL with a PERM error that calls it `what` if it is
 * empty, too long, not UTF-8 or has control characters in it. */
char *store_clean_name(const char *what, const char *name, GError **error);

#endif
