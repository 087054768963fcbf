/* Dialers that post their calls to an agency, and the secrets by which they are known. */
#ifndef CALLMX_DB_STORE_VOIP_H
#define CALLMX_DB_STORE_VOIP_H

#include "db/driver.h"

#define STORE_RICOCHET "ricochet"

struct store_voip {
    char *id;
    char *agency_id;
    char *provider;
    char *field_map; /* JSON object: our name of a field -> the agency's; NULL: none */
    bool has_header; /* a header must bring a token, too */
    bool is_active;
    int64_t created_at;
    int64_t
        previous_until;    /* the secret before the last rotation is good until then; -1: none is */
    int64_t last_sync_at;  /* of the last event that was stored; -1: there was none */
    char *last_sync_error; /* why the last event was refused; NULL: it was not */
};

void store_voip_clear(struct store_voip *voip);

/* What is shown once: only hashes of them are stored. */
struct store_voip_secrets {
    char *secret;
    char *header_token; /* NULL: none is asked for */
};

void store_voip_secrets_clear(struct store_voip_secrets *secrets);

/* PERM if the agency has one of that provider already, or there is no such provider. */
bool store_voip_add(struct db *db, const char *agency_id, const char *provider, bool with_header,
                    int64_t now, struct store_voip_secrets *secrets, GError **error);

/* A new secret, and a new token where one is asked for; the old secret is good until `old_until`,
 * the old token is not. It is active again. PERM if there is no such integration. */
bool store_voip_rotate(struct db *db, const char *agency_id, const char *provider,
                       int64_t old_until, struct store_voip_secrets *secrets, GError **error);

/* PERM if there is no such integration. Disabled twice it stays so. */
bool store_voip_disable(struct db *db, const char *agency_id, const char *provider, GError **error);

/* `map` NULL: none. PERM if there is no such integration. */
bool store_voip_map(struct db *db, const char *agency_id, const char *provider, const char *map,
                    GError **error);

/* All of an agency: a new array of struct store_voip. NULL on error. */
GArray *store_voip_list(struct db *db, const char *agency_id, GError **error);

/* The active one that a secret, or an agency's id, stands for. *found; clear it then. `token` is
 * what the header brought (NULL: nothing): where one is asked for it must be the right one, and by
 * an agency's id nothing is found that asks for none. */
bool store_voip_by_secret(struct db *db, const char *secret, const char *token, int64_t now,
                          struct store_voip *voip, bool *found, GError **error);
bool store_voip_by_agency(struct db *db, const char *agency_id, const char *token,
                          struct store_voip *voip, bool *found, GError **error);

/* Whether it is still there and active. */
bool store_voip_is_active(struct db *db, const char *id, bool *active, GError **error);

/* The last event was stored (`why` NULL), or refused. */
bool store_voip_note(struct db *db, const char *id, int64_t now, const char *why, GError **error);

#endif
