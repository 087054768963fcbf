/*
 * What the corridor knows of an agency: its zone, its people, and the days that something happened
 * to. It is kept from message to message, so that a message costs what is in it; whoever keeps it
 * must drop it when another program may have written to the database, and after a rollback.
 *
 * What a message changes is gathered apart until the message is done, and then added to its days.
 */
#ifndef CALLMX_INGEST_AGENCY_H
#define CALLMX_INGEST_AGENCY_H

#include "db/store_agency.h"
#include "db/store_numbers.h"
#include "figures/day.h"
#include "figures/person.h"
#include "figures/totals.h"
#include "report/report.h"

#include <glib.h>

struct ingest_agency {
    struct db *db; /* borrowed */
    struct store_agency row;
    struct day_zone *zone;
    struct person_index *people;
    GHashTable *numbers;               /* of contacts: store_contact_numbers() */
    struct store_numbers *leg_numbers; /* of the agency and its members in stored legs */
    GArray *members;                   /* of struct store_member */
    GHashTable *days;                  /* date and series -> struct agency_day */
    GHashTable *stale;                 /* dates from which something was taken away */
    GHashTable *fresh;  /* the same -> struct day_totals: what the message under way changed */
    GHashTable *seen;   /* of that message: names of people as folded text -> whether matched */
    GHashTable *memo;   /* of that message: address of a name -> who it is */
    GHashTable *called; /* of that message: address of a number -> its contact, "" or NULL */
};

/* On the heap. NULL and an error if it cannot be read. */
struct ingest_agency *ingest_agency_new(struct db *db, const char *id, int64_t now, GError **error);
void ingest_agency_free(struct ingest_agency *agency);
AUTO_DEFINE(ingest_agency, ingest_agency_free)

/* A day whose figures have to be computed again. Before anything is stored for it. What the
 * sessions of this message, which are of that series, add to it goes into *fresh (NULL if not
 * wanted), borrowed. */
bool ingest_agency_touch(struct ingest_agency *agency, int32_t date, enum report_series series,
                         struct day_totals **fresh, GError **error);

/* Who that is, or NULL; counted among the people seen if it is a member or has a name. Any argument
 * may be NULL. The id is borrowed. Texts must live until the message is done. */
const char *ingest_agency_person(struct ingest_agency *agency, const char *name,
                                 const char *extension, const char *email);

/* Whose number that is: a contact's id, borrowed; "" if several have it, NULL if nobody has.
 * Extensions are nobody's. The text must live until the message is done. */
const char *ingest_agency_contact(struct ingest_agency *agency, const char *number);

/* How many people of the message under way were met, and how many of them are members. */
void ingest_agency_people(const struct ingest_agency *agency, int64_t *seen, int64_t *matched);

/* Something was taken away from a day: all its sums are counted again at the end. */
void ingest_agency_recount(struct ingest_agency *agency, int32_t date);

/* What Calls and Users say of a day, with what the message under way has changed: array of struct
 * daily_pair (figures/daily.h), ids borrowed; empty where the sums of the day are yet to be
 * counted. NULL on error. */
GArray *ingest_agency_pairs(struct ingest_agency *agency, int32_t date, GError **error);

/* The message under way is done. */
void ingest_agency_keep(struct ingest_agency *agency);

/* Computes the touched days from what is stored now, and stores their figures. */
bool ingest_agency_finish(struct ingest_agency *agency, GError **error);

/* Computes the figures of all days anew, from what is stored now: after something has changed about
 * the people. Between messages. */
bool ingest_agency_compute_all(struct ingest_agency *agency, GError **error);

#endif
