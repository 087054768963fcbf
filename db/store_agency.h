/* Agencies and the keys under which they receive mail. */
#ifndef CALLMX_DB_STORE_AGENCY_H
#define CALLMX_DB_STORE_AGENCY_H

#include "db/driver.h"

struct store_agency {
    char *id;
    char *name;
    char *timezone; /* IANA */
    int64_t created_at;
    char *key; /* its newest live key, or NULL */
};

void store_agency_clear(struct store_agency *agency);

/* Makes an agency and its first key; a name may be taken once (case folded). PERM if it is, if it
 * is no name (empty, too long, control characters, the form of an id), or there is no such zone. */
bool store_agency_add(struct db *db, const char *name, const char *zone_name, int64_t now,
                      struct store_agency *agency, GError **error);

/* By id or exact name; PERM "there is no agency …" */
bool store_agency_find(struct db *db, const char *id_or_name, int64_t now,
                       struct store_agency *agency, GError **error);

/* All, by name: a new array of struct store_agency with a clear function. NULL on error. */
GArray *store_agency_list(struct db *db, int64_t now, GError **error);

struct store_key {
    char *key; /* store_secret.h */
    int64_t created_at;
    int64_t expires_at;  /* -1: never */
    int64_t disabled_at; /* -1: not disabled */
};

void store_key_clear(struct store_key *key);

/* A new key from the system's random source. */
bool store_key_add(struct db *db, const char *agency_id, int64_t now, struct store_key *key,
                   GError **error);

/* Lets all live keys of the agency but `except` expire at `expires_at`, if they live longer. What
 * has expired by `now` stays as it is. */
bool store_key_expire_others(struct db *db, const char *agency_id, const char *except, int64_t now,
                             int64_t expires_at, GError **error);

/* PERM if there is no such key, or it is not of this agency (NULL: of any). A key disabled twice
 * stays as it was. */
bool store_key_disable(struct db *db, const char *agency_id, const char *key, int64_t now,
                       GError **error);

GArray *store_key_list(struct db *db, const char *agency_id, GError **error);

/* Whose key it is, if it is live at `now`. *agency_id is NULL (and true returned) for unknown,
 * expired and disabled keys alike; g_free it. Case does not matter, as in any address. Found by the
 * SHA-256 of the key, so that how long it takes says nothing about the key. */
bool store_key_agency(struct db *db, const char *key, int64_t now, char **agency_id,
                      GError **error);

#endif
