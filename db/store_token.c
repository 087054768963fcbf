/* See store_token.h. */
#include "db/store_token.h"

#include "base/error.h"
#include "base/id.h"
#include "base/sha256.h"
#include "db/store_impl.h"
#include "db/store_member.h"
#include "db/store_secret.h"

#include <string.h>

void store_token_clear(struct store_token *token)
{
    g_free(token->id);
    g_free(token->agency_id);
    g_free(token->role);
    g_free(token->team_member_id);
    memset(token, 0, sizeof *token);
}

static void clear_token(void *data)
{
    store_token_clear(data);
}

bool store_token_add(struct db *db, const char *agency_id, const char *role, const char *member_id,
                     int64_t now, int64_t expires_at, struct store_token *token, char **secret,
                     GError **error)
{
    static const char sql[] =
        "INSERT INTO api_tokens (id, agency_id, token_hash, role, team_member_id, created_at, "
        "expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    if (!store_member_role_is_valid(role))
        return error_perm(error, "there is no role %s: owner, key_employee, manager, staff", role);
    char id[ID_SIZE], text[STORE_SECRET_SIZE];
    struct store_text created, expires;
    id_new(id);
    if (!store_secret_new(text, error))
        return false;
    g_autofree char *hash = store_secret_hash(text);
    if (!db_run(db, sql,
                DB_VALUES(db_text(id), db_text(agency_id), db_text(hash), db_text(role),
                          db_text(member_id), store_time(&created, now),
                          store_time(&expires, expires_at)),
                NULL, error))
        return false;
    *token = (struct store_token){
        .id = g_strdup(id),
        .agency_id = g_strdup(agency_id),
        .role = g_strdup(role),
        .team_member_id = g_strdup(member_id),
        .created_at = now,
        .expires_at = expires_at,
        .revoked_at = -1,
    };
    *secret = g_strdup(text);
    explicit_bzero(text, sizeof text);
    return true;
}

#define SELECT_TOKEN                                                                               \
    "SELECT id, agency_id, role, team_member_id, created_at, expires_at, revoked_at "              \
    "FROM api_tokens "

static void read_token(struct db_rows *rows, void *item)
{
    struct store_token *token = item;
    token->id = store_column_copy(rows, 0);
    token->agency_id = store_column_copy(rows, 1);
    token->role = store_column_copy(rows, 2);
    token->team_member_id = store_column_copy(rows, 3);
    token->created_at = store_column_time(rows, 4);
    token->expires_at = store_column_time(rows, 5);
    token->revoked_at = store_column_time(rows, 6);
}

GArray *store_token_list(struct db *db, const char *agency_id, GError **error)
{
    static const char sql[] = SELECT_TOKEN "WHERE agency_id = $1 ORDER BY serial DESC";
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(struct store_token));
    g_array_set_clear_func(list, clear_token);
    return store_all(db, sql, DB_VALUES(db_text(agency_id)), read_token, list, error)
               ? g_steal_pointer(&list)
               : NULL;
}

static void read_nothing(struct db_rows *rows, void *item)
{
    (void)rows;
    (void)item;
}

bool store_token_revoke(struct db *db, const char *agency_id, const char *id, int64_t now,
                        GError **error)
{
    static const char find[] = "SELECT 1 FROM api_tokens WHERE agency_id = $1 AND id = $2";
    static const char sql[] = "UPDATE api_tokens SET revoked_at = $3 "
                              "WHERE agency_id = $1 AND id = $2 AND revoked_at IS NULL";
    struct store_text at;
    bool found;
    if (!store_one(db, find, DB_VALUES(db_text(agency_id), db_text(id)), read_nothing, NULL, &found,
                   error))
        return false;
    if (!found)
        return error_perm(error, "there is no token %s", id);
    return db_run(db, sql, DB_VALUES(db_text(agency_id), db_text(id), store_time(&at, now)), NULL,
                  error);
}

bool store_token_find(struct db *db, const char *secret, int64_t now, struct store_token *token,
                      bool *found, GError **error)
{
    static const char sql[] = SELECT_TOKEN "WHERE token_hash = $1 AND revoked_at IS NULL "
                                           "AND (expires_at IS NULL OR expires_at > $2)";
    struct store_text live;
    g_autofree char *hash = store_secret_hash(secret);
    memset(token, 0, sizeof *token);
    return store_one(db, sql, DB_VALUES(db_text(hash), store_time(&live, now)), read_token, token,
                     found, error);
}

bool store_mailgun_token(struct db *db, const char *token, int64_t now, int64_t forget_before,
                         bool *is_new, GError **error)
{
    static const char forget[] = "DELETE FROM mailgun_tokens WHERE seen_at < $1";
    static const char sql[] = "INSERT INTO mailgun_tokens (token_hash, seen_at) VALUES ($1, $2) "
                              "ON CONFLICT (token_hash) DO NOTHING";
    struct store_text before, seen;
    int64_t changed = 0;
    g_autofree char *hash = sha256_text(token, strlen(token));
    if (!db_run(db, forget, DB_VALUES(store_time(&before, forget_before)), NULL, error) ||
        !db_run(db, sql, DB_VALUES(db_text(hash), store_time(&seen, now)), &changed, error))
        return false;
    *is_new = changed > 0;
    return true;
}
