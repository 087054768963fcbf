/*
 * The keys under which agencies receive mail: bearer secrets, 130 bits from the system's random
 * source. They are shown again (an address is asked for more than once), so they are kept as they
 * are; they are looked up by their SHA-256 alone, so that the time it takes tells nothing.
 */
#include "db/store_agency.h"

#include "base/error.h"
#include "db/store_impl.h"
#include "db/store_secret.h"

#include <string.h>

void store_key_clear(struct store_key *key)
{
    g_free(key->key);
    memset(key, 0, sizeof *key);
}

static void clear_key(void *data)
{
    store_key_clear(data);
}

static void read_key(struct db_rows *rows, void *item)
{
    struct store_key *key = item;
    key->key = store_column_copy(rows, 0);
    key->created_at = store_column_time(rows, 1);
    key->expires_at = store_column_time(rows, 2);
    key->disabled_at = store_column_time(rows, 3);
}

bool store_key_add(struct db *db, const char *agency_id, int64_t now, struct store_key *key,
                   GError **error)
{
    static const char sql[] = "INSERT INTO ingest_keys (key_hash, key, agency_id, created_at) "
                              "VALUES ($1, $2, $3, $4)";
    char text[STORE_SECRET_SIZE];
    if (!store_secret_new(text, error))
        return false;
    g_autofree char *hash = store_secret_hash(text);
    struct store_text created;
    if (!db_run(
            db, sql,
            DB_VALUES(db_text(hash), db_text(text), db_text(agency_id), store_time(&created, now)),
            NULL, error))
        return false;
    *key = (struct store_key){
        .key = g_strdup(text), .created_at = now, .expires_at = -1, .disabled_at = -1};
    return true;
}

bool store_key_expire_others(struct db *db, const char *agency_id, const char *except, int64_t now,
                             int64_t expires_at, GError **error)
{
    static const char sql[] = "UPDATE ingest_keys SET expires_at = $4 WHERE agency_id = $1 "
                              "AND key_hash <> $2 AND disabled_at IS NULL AND (expires_at IS NULL "
                              "OR (expires_at > $3 AND expires_at > $4))";
    g_autofree char *hash = store_secret_hash(except);
    struct store_text live;
    struct store_text end;
    return db_run(db, sql,
                  DB_VALUES(db_text(agency_id), db_text(hash), store_time(&live, now),
                            store_time(&end, expires_at)),
                  NULL, error);
}

static void read_nothing(struct db_rows *rows, void *item)
{
    (void)rows;
    (void)item;
}

bool store_key_disable(struct db *db, const char *agency_id, const char *key, int64_t now,
                       GError **error)
{
    static const char find[] = "SELECT 1 FROM ingest_keys WHERE key_hash = $1 "
                               "AND ($2 IS NULL OR agency_id = $2)";
    static const char update[] = "UPDATE ingest_keys SET disabled_at = $3 WHERE key_hash = $1 "
                                 "AND ($2 IS NULL OR agency_id = $2) AND disabled_at IS NULL";
    g_autofree char *hash = store_secret_hash(key);
    struct store_text at;
    int64_t changed = 0;
    if (!db_run(db, update, DB_VALUES(db_text(hash), db_text(agency_id), store_time(&at, now)),
                &changed, error))
        return false;
    if (changed > 0)
        return true;
    bool found = false;
    if (!store_one(db, find, DB_VALUES(db_text(hash), db_text(agency_id)), read_nothing, NULL,
                   &found, error))
        return false;
    return found || error_perm(error, "there is no key %.6s…", key);
}

GArray *store_key_list(struct db *db, const char *agency_id, GError **error)
{
    static const char sql[] = "SELECT key, created_at, expires_at, disabled_at FROM ingest_keys "
                              "WHERE agency_id = $1 ORDER BY created_at DESC, serial DESC";
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(struct store_key));
    g_array_set_clear_func(keys, clear_key);
    bool ok = store_all(db, sql, DB_VALUES(db_text(agency_id)), read_key, keys, error);
    return ok ? g_steal_pointer(&keys) : NULL;
}

static void read_agency_id(struct db_rows *rows, void *item)
{
    *(char **)item = store_column_copy(rows, 0);
}

bool store_key_agency(struct db *db, const char *key, int64_t now, char **agency_id, GError **error)
{
    static const char sql[] = "SELECT agency_id FROM ingest_keys WHERE key_hash = $1 "
                              "AND disabled_at IS NULL AND (expires_at IS NULL OR expires_at > $2)";
    g_autofree char *hash = store_secret_hash(key);
    struct store_text live;
    char *found_id = NULL;
    bool found = false;
    if (!store_one(db, sql, DB_VALUES(db_text(hash), store_time(&live, now)), read_agency_id,
                   &found_id, &found, error))
        return false;
    *agency_id = found_id;
    return true;
}
