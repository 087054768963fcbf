/*
 * Agencies. Their keys are in store_key.c.
 *
 * A name may be taken once, whatever its case, because people give names where programs give ids.
 * An agency is made together with its first key: without one nothing could reach it.
 */
#include "db/store_agency.h"

#include "base/error.h"
#include "base/id.h"
#include "db/store_impl.h"

#include <string.h>

/* With $1 the time at which a key must be live. */
#define SELECT_AGENCY                                                                              \
    "SELECT a.id, a.name, a.timezone, a.created_at, "                                              \
    "(SELECT k.key FROM ingest_keys k WHERE k.agency_id = a.id AND k.disabled_at IS NULL "         \
    "AND (k.expires_at IS NULL OR k.expires_at > $1) "                                             \
    "ORDER BY k.created_at DESC, k.serial DESC LIMIT 1) FROM agencies a "

void store_agency_clear(struct store_agency *agency)
{
    g_free(agency->id);
    g_free(agency->name);
    g_free(agency->timezone);
    g_free(agency->key);
    memset(agency, 0, sizeof *agency);
}

static void clear_agency(void *data)
{
    store_agency_clear(data);
}

static void read_agency(struct db_rows *rows, void *item)
{
    struct store_agency *agency = item;
    agency->id = store_column_copy(rows, 0);
    agency->name = store_column_copy(rows, 1);
    agency->timezone = store_column_copy(rows, 2);
    agency->created_at = store_column_time(rows, 3);
    agency->key = store_column_copy(rows, 4);
}

/* Without case, and with letters that look the same made the same. */
static char *fold(const char *name)
{
    g_autofree char *lower = g_utf8_casefold(name, -1);
    return g_utf8_normalize(lower, -1, G_NORMALIZE_NFKC);
}

static void read_text(struct db_rows *rows, void *item)
{
    *(char **)item = store_column_copy(rows, 0);
}

static bool insert_agency(struct db *db, void *context, GError **error)
{
    static const char find[] = "SELECT name FROM agencies WHERE name_folded = $1";
    static const char insert[] = "INSERT INTO agencies (id, name, name_folded, timezone, "
                                 "created_at, number) VALUES ($1, $2, $3, $4, $5, "
                                 "(SELECT COALESCE(MAX(number), 0) + 1 FROM agencies))";
    struct store_agency *agency = context;
    g_autofree char *folded = fold(agency->name);
    g_autofree char *other = NULL;
    bool taken = false;
    if (!store_one(db, find, DB_VALUES(db_text(folded)), read_text, &other, &taken, error))
        return false;
    if (taken)
        return error_perm(error, "there is an agency named %s already", other);

    struct store_text created;
    struct store_key key = {0};
    if (!db_run(db, insert,
                DB_VALUES(db_text(agency->id), db_text(agency->name), db_text(folded),
                          db_text(agency->timezone), store_time(&created, agency->created_at)),
                NULL, error) ||
        !store_key_add(db, agency->id, agency->created_at, &key, error))
        return false;
    agency->key = g_steal_pointer(&key.key);
    store_key_clear(&key);
    return true;
}

bool store_agency_add(struct db *db, const char *name, const char *zone_name, int64_t now,
                      struct store_agency *agency, GError **error)
{
    g_autofree char *clean = store_clean_name("the name of the agency", name, error);
    if (clean == NULL)
        return false;
    if (id_is_valid(clean))
        return error_perm(error, "%s cannot be the name of an agency: it has the form of an id",
                          clean);
    AUTO(day_zone) zone = day_zone_new(zone_name, error);
    if (zone == NULL)
        return false;

    char id[ID_SIZE];
    id_new(id);
    struct store_agency made = {
        .id = g_strdup(id),
        .name = g_steal_pointer(&clean),
        .timezone = g_strdup(zone_name),
        .created_at = now,
    };
    if (!store_in_transaction(db, insert_agency, &made, error)) {
        store_agency_clear(&made);
        return false;
    }
    *agency = made;
    return true;
}

bool store_agency_find(struct db *db, const char *id_or_name, int64_t now,
                       struct store_agency *agency, GError **error)
{
    static const char by_id[] = SELECT_AGENCY "WHERE a.id = $2";
    static const char by_name[] = SELECT_AGENCY "WHERE a.name = $2";
    struct store_text live;
    struct store_agency found = {0};
    bool is_found = false;
    if (!store_one(db, by_id, DB_VALUES(store_time(&live, now), db_text(id_or_name)), read_agency,
                   &found, &is_found, error))
        return false;
    if (!is_found && !store_one(db, by_name, DB_VALUES(store_time(&live, now), db_text(id_or_name)),
                                read_agency, &found, &is_found, error))
        return false;
    if (!is_found)
        return error_perm(error, "there is no agency `%s`", id_or_name);
    *agency = found;
    return true;
}

GArray *store_agency_list(struct db *db, int64_t now, GError **error)
{
    static const char sql[] = SELECT_AGENCY "ORDER BY a.name_folded";
    struct store_text live;
    g_autoptr(GArray) agencies = g_array_new(FALSE, FALSE, sizeof(struct store_agency));
    g_array_set_clear_func(agencies, clear_agency);
    bool ok = store_all(db, sql, DB_VALUES(store_time(&live, now)), read_agency, agencies, error);
    return ok ? g_steal_pointer(&agencies) : NULL;
}
