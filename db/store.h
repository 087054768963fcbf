/*
 * The database as a whole: opening it, its schema, transactions. The words of the domain are in
 * store_agency.h, store_member.h, store_message.h, store_calls.h, store_metrics.h.
 *
 * Times are UTC seconds in memory and ISO 8601 text in the database; dates are days from
 * 1970-01-01 in memory and text 2026-01-05 in the database. Unknown numbers are -1 in memory and
 * NULL in the database.
 *
 * What writes more than one row does so in the transaction that is open, or in one of its own if
 * none is. After an error inside a transaction roll it back, or back to its savepoint.
 */
#ifndef CALLMX_DB_STORE_H
#define CALLMX_DB_STORE_H

#include "db/driver.h"

/* Opens the database and, in the writing modes, brings its schema up to date. Refuses a database
 * whose migrations are not the ones this program knows (checksum), or newer. In DB_READONLY a
 * schema that is not up to date is an error that says so. */
struct db *store_open(const char *url, enum db_mode mode, GError **error);

/* Version of the schema that this program wants: the number of its last migration. */
int store_schema_version(void);

#endif
