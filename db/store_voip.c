/* See store_voip.h. */
#include "db/store_voip.h"

#include "base/error.h"
#include "base/id.h"
#include "db/store_impl.h"
#include "db/store_secret.h"

#include <string.h>

void store_voip_clear(struct store_voip *voip)
{
    g_free(voip->id);
    g_free(voip->agency_id);
    g_free(voip->provider);
    g_free(voip->field_map);
    g_free(voip->last_sync_error);
    memset(voip, 0, sizeof *voip);
}

static void clear_voip(void *data)
{
    store_voip_clear(data);
}

static void clear_secret(char **secret)
{
    if (*secret != NULL)
        explicit_bzero(*secret, strlen(*secret));
    g_clear_pointer(secret, g_free);
}

void store_voip_secrets_clear(struct store_voip_secrets *secrets)
{
    clear_secret(&secrets->secret);
    clear_secret(&secrets->header_token);
}

static bool make(bool with_header, struct store_voip_secrets *secrets, GError **error)
{
    char secret[STORE_SECRET_SIZE], token[STORE_SECRET_SIZE];
    if (!store_secret_new(secret, error) || !store_secret_new(token, error))
        return false;
    *secrets = (struct store_voip_secrets){.secret = g_strdup(secret),
                                           .header_token = with_header ? g_strdup(token) : NULL};
    explicit_bzero(secret, sizeof secret);
    explicit_bzero(token, sizeof token);
    return true;
}

static void read_text(struct db_rows *rows, void *item)
{
    *(char **)item = store_column_copy(rows, 0);
}

static bool no_such(const char *provider, GError **error)
{
    return error_perm(error, "there is no integration of %s: callmxctl voip add makes one",
                      provider);
}

bool store_voip_add(struct db *db, const char *agency_id, const char *provider, bool with_header,
                    int64_t now, struct store_voip_secrets *secrets, GError **error)
{
    static const char find[] =
        "SELECT id FROM voip_integrations WHERE agency_id = $1 AND provider = $2";
    static const char sql[] =
        "INSERT INTO voip_integrations (id, agency_id, provider, secret_hash, header_hash, "
        "is_active, created_at) VALUES ($1, $2, $3, $4, $5, 1, $6)";
    if (strcmp(provider, STORE_RICOCHET) != 0)
        return error_perm(error, "there is no provider %s: callmx takes calls of " STORE_RICOCHET,
                          provider);
    bool found;
    g_autofree char *known = NULL;
    if (!store_one(db, find, DB_VALUES(db_text(agency_id), db_text(provider)), read_text, &known,
                   &found, error))
        return false;
    if (found)
        return error_perm(error,
                          "the agency has an integration of %s already: callmxctl voip rotate "
                          "gives it another secret",
                          provider);
    if (!make(with_header, secrets, error))
        return false;
    char id[ID_SIZE];
    struct store_text created;
    id_new(id);
    g_autofree char *hash = store_secret_hash(secrets->secret);
    g_autofree char *header = with_header ? store_secret_hash(secrets->header_token) : NULL;
    return db_run(db, sql,
                  DB_VALUES(db_text(id), db_text(agency_id), db_text(provider), db_text(hash),
                            db_text(header), store_time(&created, now)),
                  NULL, error);
}

static void read_has_header(struct db_rows *rows, void *item)
{
    *(bool *)item = db_column_int(rows, 0) != 0;
}

bool store_voip_rotate(struct db *db, const char *agency_id, const char *provider,
                       int64_t old_until, struct store_voip_secrets *secrets, GError **error)
{
    static const char find[] = "SELECT header_hash IS NOT NULL FROM voip_integrations "
                               "WHERE agency_id = $1 AND provider = $2";
    static const char sql[] =
        "UPDATE voip_integrations SET previous_hash = CASE is_active WHEN 1 THEN secret_hash END, "
        "previous_until = $3, secret_hash = $4, header_hash = $5, is_active = 1 "
        "WHERE agency_id = $1 AND provider = $2";
    bool found, has_header = false;
    if (!store_one(db, find, DB_VALUES(db_text(agency_id), db_text(provider)), read_has_header,
                   &has_header, &found, error))
        return false;
    if (!found)
        return no_such(provider, error);
    if (!make(has_header, secrets, error))
        return false;
    struct store_text until;
    g_autofree char *hash = store_secret_hash(secrets->secret);
    g_autofree char *header = has_header ? store_secret_hash(secrets->header_token) : NULL;
    return db_run(db, sql,
                  DB_VALUES(db_text(agency_id), db_text(provider), store_time(&until, old_until),
                            db_text(hash), db_text(header)),
                  NULL, error);
}

bool store_voip_disable(struct db *db, const char *agency_id, const char *provider, GError **error)
{
    static const char sql[] = "UPDATE voip_integrations SET is_active = 0, previous_hash = NULL "
                              "WHERE agency_id = $1 AND provider = $2";
    int64_t changed = 0;
    return db_run(db, sql, DB_VALUES(db_text(agency_id), db_text(provider)), &changed, error) &&
           (changed > 0 || no_such(provider, error));
}

bool store_voip_map(struct db *db, const char *agency_id, const char *provider, const char *map,
                    GError **error)
{
    static const char sql[] =
        "UPDATE voip_integrations SET field_map = $3 WHERE agency_id = $1 AND provider = $2";
    int64_t changed = 0;
    return db_run(db, sql, DB_VALUES(db_text(agency_id), db_text(provider), db_text(map)), &changed,
                  error) &&
           (changed > 0 || no_such(provider, error));
}

#define SELECT_VOIP                                                                                \
    "SELECT id, agency_id, provider, field_map, header_hash IS NOT NULL, is_active, created_at, "  \
    "CASE WHEN previous_hash IS NOT NULL THEN previous_until END, last_sync_at, "                  \
    "last_sync_error FROM voip_integrations "

static void read_voip(struct db_rows *rows, void *item)
{
    struct store_voip *voip = item;
    voip->id = store_column_copy(rows, 0);
    voip->agency_id = store_column_copy(rows, 1);
    voip->provider = store_column_copy(rows, 2);
    voip->field_map = store_column_copy(rows, 3);
    voip->has_header = db_column_int(rows, 4) != 0;
    voip->is_active = db_column_int(rows, 5) != 0;
    voip->created_at = store_column_time(rows, 6);
    voip->previous_until = store_column_time(rows, 7);
    voip->last_sync_at = store_column_time(rows, 8);
    voip->last_sync_error = store_column_copy(rows, 9);
}

GArray *store_voip_list(struct db *db, const char *agency_id, GError **error)
{
    static const char sql[] = SELECT_VOIP "WHERE agency_id = $1 ORDER BY provider";
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(struct store_voip));
    g_array_set_clear_func(list, clear_voip);
    return store_all(db, sql, DB_VALUES(db_text(agency_id)), read_voip, list, error)
               ? g_steal_pointer(&list)
               : NULL;
}

bool store_voip_by_secret(struct db *db, const char *secret, const char *token, int64_t now,
                          struct store_voip *voip, bool *found, GError **error)
{
    static const char sql[] =
        SELECT_VOIP "WHERE (secret_hash = $1 OR (previous_hash = $1 AND previous_until > $3)) "
                    "AND is_active = 1 AND (header_hash IS NULL OR header_hash = $2)";
    struct store_text live;
    g_autofree char *hash = store_secret_hash(secret);
    g_autofree char *header = store_secret_hash(token != NULL ? token : "");
    memset(voip, 0, sizeof *voip);
    return store_one(db, sql, DB_VALUES(db_text(hash), db_text(header), store_time(&live, now)),
                     read_voip, voip, found, error);
}

bool store_voip_by_agency(struct db *db, const char *agency_id, const char *token,
                          struct store_voip *voip, bool *found, GError **error)
{
    static const char sql[] =
        SELECT_VOIP "WHERE agency_id = $1 AND is_active = 1 AND header_hash = $2";
    g_autofree char *header = store_secret_hash(token != NULL ? token : "");
    memset(voip, 0, sizeof *voip);
    return store_one(db, sql, DB_VALUES(db_text(agency_id), db_text(header)), read_voip, voip,
                     found, error);
}

static void read_nothing(struct db_rows *rows, void *item)
{
    (void)rows;
    (void)item;
}

bool store_voip_is_active(struct db *db, const char *id, bool *active, GError **error)
{
    static const char sql[] = "SELECT 1 FROM voip_integrations WHERE id = $1 AND is_active = 1";
    return store_one(db, sql, DB_VALUES(db_text(id)), read_nothing, NULL, active, error);
}

bool store_voip_note(struct db *db, const char *id, int64_t now, const char *why, GError **error)
{
    static const char stored[] = "UPDATE voip_integrations SET last_sync_at = $2, "
                                 "last_sync_error = NULL WHERE id = $1";
    static const char refused[] = "UPDATE voip_integrations SET last_sync_error = $2 WHERE id = $1";
    struct store_text at;
    if (why != NULL)
        return db_run(db, refused, DB_VALUES(db_text(id), db_text(why)), NULL, error);
    return db_run(db, stored, DB_VALUES(db_text(id), store_time(&at, now)), NULL, error);
}
