/*
 * After people have changed: whose the stored calls and Users rows are, looked at again with the
 * members and aliases of now, and the figures of the days computed anew. What comes out is what
 * would have come out if the people had been so when the reports came.
 */
#ifndef CALLMX_INGEST_RELINK_H
#define CALLMX_INGEST_RELINK_H

#include "db/driver.h"

#include <glib.h>

struct relink {
    int64_t legs;  /* that are somebody else's now, or nobody's */
    int64_t users; /* rows of Users reports, the same */
    int64_t days;  /* on which they are */
};

/* In the transaction that is open. All days of the agency get their figures again: on a covered
 * day a new member has 0. */
bool relink_people(struct db *db, const char *agency_id, int64_t now, struct relink *relink,
                   GError **error);

/* The same after contacts have changed: whose number the other side of each leg has, and the
 * timelines. No figure comes of it. */
struct relink_contacts {
    int64_t legs;      /* with another contact than before, or none, or several now */
    int64_t calls;     /* on timelines now */
    int64_t ambiguous; /* legs with a number of several contacts */
};
bool relink_contacts(struct db *db, const char *agency_id, int64_t now,
                     struct relink_contacts *relink, GError **error);

/* How many rows it would link anew; changes nothing. */
bool relink_count(struct db *db, const char *agency_id, int64_t now, struct relink *relink,
                  GError **error);

#endif
