/* See reread.h. */
#include "ingest/reread.h"

#include "base/hash.h"
#include "db/store_calls.h"
#include "db/store_contact.h"
#include "db/store_link.h"
#include "db/store_message.h"
#include "ingest/leg_key.h"

struct reread {
    struct ingest_agency *agency; /* borrowed */
    GArray *told;                 /* of struct store_file_leg */
    GHashTable *gone;             /* of them, those that are dropped */
};

struct reread *reread_new(struct ingest_agency *agency, const char *file_id, GError **error)
{
    const char *agency_id = agency->row.id;
    g_autoptr(GArray) dates = g_array_new(FALSE, FALSE, sizeof(int32_t));
    if (!store_file_forget(agency->db, agency_id, file_id, dates, error))
        return NULL;
    for (guint i = 0; i < dates->len; i++)
        ingest_agency_recount(agency, g_array_index(dates, int32_t, i));
    GArray *told = store_file_leg_list(agency->db, agency_id, file_id, error);
    if (told == NULL)
        return NULL;
    struct reread *reread = g_new0(struct reread, 1);
    reread->agency = agency;
    reread->told = told;
    reread->gone = g_hash_table_new(NULL, NULL);
    return reread;
}

void reread_free(struct reread *reread)
{
    if (reread == NULL)
        return;
    g_hash_table_unref(reread->gone);
    g_array_unref(reread->told);
    g_free(reread);
}

bool reread_drop(struct reread *reread, const char *provider, const GArray *keyed, GError **error)
{
    struct ingest_agency *agency = reread->agency;
    g_autoptr(GHashTable) tells = g_hash_table_new_full(hash_text, g_str_equal, g_free, NULL);
    for (guint i = 0; keyed != NULL && i < keyed->len; i++) {
        const struct keyed_leg *leg = &g_array_index(keyed, struct keyed_leg, i);
        g_hash_table_add(tells,
                         g_strdup_printf("%s %s %s", provider, leg->leg->session_id, leg->key));
    }
    for (guint i = 0; i < reread->told->len; i++) {
        struct store_file_leg *leg = &g_array_index(reread->told, struct store_file_leg, i);
        g_autofree char *key =
            g_strdup_printf("%s %s %s", leg->provider, leg->external_call_id, leg->leg);
        if (g_hash_table_contains(tells, key))
            continue;
        g_hash_table_add(reread->gone, leg);
        ingest_agency_recount(agency, leg->date);
        if (!store_file_leg_drop(agency->db, agency->row.id, leg, error))
            return false;
    }
    return true;
}

static bool settle(struct ingest_agency *agency, const struct store_file_leg *gone, GError **error)
{
    const char *agency_id = agency->row.id, *session_id = gone->external_call_id;
    int32_t before;
    int64_t first;
    bool found;
    if (!store_session_first(agency->db, agency_id, gone->provider, session_id, &before, &first,
                             &found, error))
        return false;
    if (!found)
        return true;
    int32_t date = day_zone_date(agency->zone, first);
    if (date != before) {
        ingest_agency_recount(agency, before);
        ingest_agency_recount(agency, date);
        if (!store_session_move(agency->db, agency_id, gone->provider, session_id, date, error))
            return false;
    }
    return store_activity_move(agency->db, agency_id, gone->provider, session_id, first, error);
}

bool reread_settle(struct reread *reread, GError **error)
{
    GHashTableIter iter;
    gpointer leg;
    g_hash_table_iter_init(&iter, reread->gone);
    while (g_hash_table_iter_next(&iter, &leg, NULL))
        if (!settle(reread->agency, leg, error))
            return false;
    return true;
}
