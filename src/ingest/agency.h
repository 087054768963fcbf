/*
 * What the corridor knows of the agency it works for while one message passes: its zone, its
 * people, and the days that have to be computed again at the end.
 */
#ifndef CALLMX_INGEST_AGENCY_H
#define CALLMX_INGEST_AGENCY_H

#include "db/store_agency.h"
#include "figures/day.h"
#include "figures/person.h"
#include "report/report.h"

#include <glib.h>

struct ingest_agency {
    struct db *db; /* borrowed */
    struct store_agency row;
    struct day_zone *zone;
    struct person_index *people;
    GHashTable *days; /* touched dates, as pointers */
    GHashTable *seen; /* names of people as folded text -> whether matched */
};

bool ingest_agency_init(struct ingest_agency *agency, struct db *db, const char *id, int64_t now,
                        GError **error);
void ingest_agency_clear(struct ingest_agency *agency);

/* A day to be computed again. */
void ingest_agency_touch(struct ingest_agency *agency, int32_t date);

/* Who that is, or NULL; counted among the people seen if it is a member or has a name. Any argument
 * may be NULL. The id is borrowed. */
const char *ingest_agency_person(struct ingest_agency *agency, const char *name,
                                 const char *extension, const char *email);

/* Computes the touched days from what is stored now, and stores their figures. */
bool ingest_agency_recompute(struct ingest_agency *agency, GError **error);

#endif
