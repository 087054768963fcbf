/*
 * Whether the stored figures are what the stored calls and Users rows come to. Everything is
 * counted again, without the sums that are kept, with the people of now; nothing is changed.
 */
#ifndef CALLMX_INGEST_VERIFY_H
#define CALLMX_INGEST_VERIFY_H

#include "db/driver.h"
#include "ingest/relink.h"

#include <glib.h>

struct verify_difference {
    int32_t date;
    char *member_id;         /* NULL: the agency's figure */
    char *name;              /* of the member */
    const char *figure;      /* as the tables call it: "total_calls", "talk_seconds" */
    char *stored, *computed; /* as text; NULL: unknown */
};

struct verify {
    int64_t days;         /* that were looked at */
    GArray *differences;  /* of struct verify_difference, by date; the agency's before members' */
    struct relink relink; /* rows that are linked to other people than those of now */
};

/* Clear it in any case. The connection may be read-only; all is read in one state. */
bool verify_agency(struct db *db, const char *agency_id, int64_t now, struct verify *verify,
                   GError **error);
void verify_clear(struct verify *verify);

/* An empty array of struct verify_difference. */
GArray *verify_differences_new(void);

/* Adds in what two states of one day differ: `stored` and `computed`. One of them may be NULL:
 * nothing was known. */
struct store_agency_metrics;
void verify_compare(GArray *differences, const struct store_agency_metrics *stored,
                    const struct store_agency_metrics *computed);

/* No difference, and no row with another owner. */
bool verify_is_clean(const struct verify *verify);

#endif
