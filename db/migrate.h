/*
 * The schema's history: a list of scripts, each applied once, in order, in a transaction of its
 * own, and noted in schema_migrations with the SHA-256 of its text.
 *
 * A database whose history is not the beginning of the list (another text, a version that the
 * list does not have) is refused with PERM: this program does not know what is in it.
 */
#ifndef CALLMX_DB_MIGRATE_H
#define CALLMX_DB_MIGRATE_H

#include "db/driver.h"

struct migration {
    int version;      /* from 1, without gaps */
    const char *name; /* "calls" of 0001_calls.sql */
    const char *sql;  /* without transactions of its own */
};

/* The lists that are built into the program (migrations/embed.py), one per dialect. */
extern const struct migration migrations_sqlite[];
extern const size_t migrations_sqlite_count;

/* The list for the dialect of this database. */
const struct migration *migrate_list(const struct db *db, size_t *count);

/* Compares the history with the list, changes nothing. *version is the last one applied, 0 for an
 * empty database. */
bool migrate_check(struct db *db, const struct migration *list, size_t count, int *version,
                   GError **error);

/* Applies what is missing; `now` is noted. Several programs may do this at once. */
bool migrate_run(struct db *db, const struct migration *list, size_t count, int64_t now,
                 GError **error);

#endif
