/* Tokens of the API: who may read and change what of one agency. */
#ifndef CALLMX_DB_STORE_TOKEN_H
#define CALLMX_DB_STORE_TOKEN_H

#include "db/driver.h"

struct store_token {
    char *id;
    char *agency_id;
    char *role;           /* as of a member: store_member.h */
    char *team_member_id; /* whose it is, or NULL */
    int64_t created_at;
    int64_t expires_at; /* -1: never */
    int64_t revoked_at; /* -1: it was not */
};

void store_token_clear(struct store_token *token);

/* Makes one; *secret is shown once and g_freed: only its hash is stored. `expires_at` -1: never.
 * `member_id` NULL: nobody's. PERM if there is no such role. Fills in `token`. */
bool store_token_add(struct db *db, const char *agency_id, const char *role, const char *member_id,
                     int64_t now, int64_t expires_at, struct store_token *token, char **secret,
                     GError **error);

/* The newest first: a new array of struct store_token. NULL on error. */
GArray *store_token_list(struct db *db, const char *agency_id, GError **error);

/* By its id; PERM if the agency has no such token. Revoked twice it stays as it was. */
bool store_token_revoke(struct db *db, const char *agency_id, const char *id, int64_t now,
                        GError **error);

/* The one that this secret is, if it is good at `now`; *found. Clear it then. */
bool store_token_find(struct db *db, const char *secret, int64_t now, struct store_token *token,
                      bool *found, GError **error);

/* A token that Mailgun signed a mail with: *is_new unless it was seen before. In the transaction
 * that stores the mail. Those that were seen before `forget_before` are forgotten. */
bool store_mailgun_token(struct db *db, const char *token, int64_t now, int64_t forget_before,
                         bool *is_new, GError **error);

#endif
