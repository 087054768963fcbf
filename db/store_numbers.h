/*
 * The numbers by which stored legs name their agency and their member. Of legs there are millions,
 * and the ids are UUIDs as text. Rows are written by number, and read by id from the view
 * call_events; nobody outside this room sees a number.
 *
 * A number never changes and is never given to another. Who keeps them must read them again when a
 * member may have been added.
 */
#ifndef CALLMX_DB_STORE_NUMBERS_H
#define CALLMX_DB_STORE_NUMBERS_H

#include "db/driver.h"

struct store_numbers {
    char *agency_id;
    int64_t agency;
    GHashTable *members; /* id -> number, in the pointer */
};

/* On the heap. NULL with PERM if there is no such agency. */
struct store_numbers *store_numbers_new(struct db *db, const char *agency_id, GError **error);
void store_numbers_free(struct store_numbers *numbers);
AUTO_DEFINE(store_numbers, store_numbers_free)

/* *number is -1 for NULL. PERM if it is no member of the agency. */
bool store_numbers_member(const struct store_numbers *numbers, const char *member_id,
                          int64_t *number, GError **error);

#endif
