/* People outside the agency, their numbers, and the timeline of calls with them. */
#ifndef CALLMX_DB_STORE_CONTACT_H
#define CALLMX_DB_STORE_CONTACT_H

#include "db/driver.h"

struct store_contact {
    char *id;
    char *name;
    char *kind;  /* prospect, customer, lead */
    char *email; /* NULL: none */
};

void store_contact_clear(struct store_contact *contact);

bool store_contact_kind_is_valid(const char *kind);

/* Adds the contact or, if one of the agency has the same e-mail, else, where none is given, the
 * same name (case folded), changes that one: an e-mail of NULL stays as it was. `phone` (in any
 * form; may be NULL) becomes one of its numbers. Fills contact->id. PERM for what is no name, kind,
 * e-mail or phone number (an extension is none), and if several contacts have the name. */
bool store_contact_put(struct db *db, const char *agency_id, struct store_contact *contact,
                       const char *phone, bool *added, bool *changed, GError **error);

/* By id, e-mail (case folded) or exact name: PERM "there is no contact …", and if several have the
 * name. */
bool store_contact_find(struct db *db, const char *agency_id, const char *word,
                        struct store_contact *contact, GError **error);

/* A contact with one of its numbers (NULL: it has none). */
struct store_contact_phone {
    struct store_contact contact;
    char *phone;
    bool is_shared; /* it is another contact's, too: calls with it are nobody's */
};

/* By name: a new array of struct store_contact_phone. */
GArray *store_contact_list(struct db *db, const char *agency_id, GError **error);

/* The numbers of an agency: normal form -> the contact's id, "" for a number of several contacts.
 * NULL on error. */
GHashTable *store_contact_numbers(struct db *db, const char *agency_id, GError **error);

/* A call with a contact: one row of contact_activities, however often it is put. */
bool store_activity_put(struct db *db, const char *agency_id, const char *contact_id,
                        const char *provider, const char *external_call_id, int64_t happened_at,
                        GError **error);
/* The same at the start of the session's first leg as it is stored. */
bool store_activity_put_stored(struct db *db, const char *agency_id, const char *contact_id,
                               const char *provider, const char *external_call_id, GError **error);
/* All activities of a session get this time. */
bool store_activity_move(struct db *db, const char *agency_id, const char *provider,
                         const char *external_call_id, int64_t happened_at, GError **error);
/* A session is on no timeline any more. */
bool store_activity_drop(struct db *db, const char *agency_id, const char *provider,
                         const char *external_call_id, GError **error);
bool store_activity_count(struct db *db, const char *agency_id, int64_t *count, GError **error);
bool store_activity_drop_all(struct db *db, const char *agency_id, GError **error);

/* A call of the timeline, told by its best leg: an answered one before others, then the longest. */
struct store_activity {
    char *provider, *external_call_id;
    int64_t happened_at; /* utc */
    char *direction, *result;
    int64_t duration_seconds, talk_seconds;
    char *member_name; /* of the leg's team member, or NULL */
};

/* The newest first, at most `limit`: a new array of struct store_activity. */
GArray *store_activity_list(struct db *db, const char *agency_id, const char *contact_id,
                            int64_t limit, GError **error);

#endif
