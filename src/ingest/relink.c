/*
 * See relink.h. First all rows are looked at, then what differs is written: a table is not changed
 * under the query that walks it.
 */
#include "ingest/relink.h"

#include "base/texts.h"
#include "db/store_contact.h"
#include "db/store_link.h"
#include "db/store_totals.h"
#include "figures/day.h"
#include "figures/outcome.h"
#include "ingest/agency.h"

struct change {
    int64_t row; /* id of the leg, serial of the Users row */
    const char *member_id;
};

struct look {
    struct ingest_agency *agency;
    struct texts *texts; /* for what people are asked by: they are remembered by address */
    GHashTable *legs;    /* ids of the legs that change: one may be met twice */
    GArray *leg_changes, *user_changes; /* of struct change */
    GHashTable *dates;                  /* on which something changes */
};

static const char *person(struct look *look, const char *name, const char *extension,
                          const char *email)
{
    return ingest_agency_person(look->agency, texts_keep(look->texts, name),
                                texts_keep(look->texts, extension), texts_keep(look->texts, email));
}

static bool look_at_leg(void *context, const struct store_leg_link *link)
{
    struct look *look = context;
    const char *member = person(look, link->agent, link->extension, link->agent_email);
    if (g_strcmp0(member, link->member_id) == 0)
        return true;
    if (g_hash_table_add(look->legs, (gpointer)(uintptr_t)link->id)) {
        struct change change = {link->id, member};
        g_array_append_val(look->leg_changes, change);
        g_hash_table_add(look->dates, GINT_TO_POINTER(link->date));
    }
    return true;
}

static bool look_at_user(void *context, const struct store_user_link *link)
{
    struct look *look = context;
    const char *member = person(look, link->name, link->extension, link->email);
    if (g_strcmp0(member, link->member_id) == 0)
        return true;
    struct change change = {link->serial, member};
    g_array_append_val(look->user_changes, change);
    if (link->date != INT32_MIN)
        g_hash_table_add(look->dates, GINT_TO_POINTER(link->date));
    return true;
}

static void look_clear(struct look *look)
{
    ingest_agency_free(look->agency);
    texts_free(look->texts);
    g_hash_table_unref(look->legs);
    g_array_unref(look->leg_changes);
    g_array_unref(look->user_changes);
    g_hash_table_unref(look->dates);
}

/* To be cleared in any case. */
static bool look_at_all(struct look *look, struct db *db, const char *agency_id, int64_t now,
                        struct relink *relink, GError **error)
{
    *look = (struct look){
        .texts = texts_new(),
        .legs = g_hash_table_new(NULL, NULL),
        .leg_changes = g_array_new(FALSE, FALSE, sizeof(struct change)),
        .user_changes = g_array_new(FALSE, FALSE, sizeof(struct change)),
        .dates = g_hash_table_new(NULL, NULL),
    };
    look->agency = ingest_agency_new(db, agency_id, now, error);
    if (look->agency == NULL || !store_leg_link_each(db, agency_id, look_at_leg, look, error) ||
        !store_user_link_each(db, agency_id, look_at_user, look, error))
        return false;
    relink->legs = look->leg_changes->len;
    relink->users = look->user_changes->len;
    relink->days = g_hash_table_size(look->dates);
    return true;
}

static bool write_changes(const struct look *look, struct db *db, const char *agency_id,
                          GError **error)
{
    for (guint i = 0; i < look->leg_changes->len; i++) {
        const struct change *change = &g_array_index(look->leg_changes, struct change, i);
        if (!store_leg_link_put(db, look->agency->leg_numbers, change->row, change->member_id,
                                error))
            return false;
    }
    for (guint i = 0; i < look->user_changes->len; i++) {
        const struct change *change = &g_array_index(look->user_changes, struct change, i);
        if (!store_user_link_put(db, agency_id, change->row, change->member_id, error))
            return false;
    }
    GHashTableIter iter;
    gpointer date;
    g_hash_table_iter_init(&iter, look->dates);
    while (g_hash_table_iter_next(&iter, &date, NULL))
        if (!store_totals_drop(db, agency_id, GPOINTER_TO_INT(date), error))
            return false;
    return true;
}

bool relink_people(struct db *db, const char *agency_id, int64_t now, struct relink *relink,
                   GError **error)
{
    struct look look;
    bool is_done = look_at_all(&look, db, agency_id, now, relink, error) &&
                   write_changes(&look, db, agency_id, error) &&
                   ingest_agency_compute_all(look.agency, error);
    look_clear(&look);
    return is_done;
}

bool relink_count(struct db *db, const char *agency_id, int64_t now, struct relink *relink,
                  GError **error)
{
    struct look look;
    bool is_done = look_at_all(&look, db, agency_id, now, relink, error);
    look_clear(&look);
    return is_done;
}

/* --- contacts --- */

struct contact_change {
    int64_t leg;
    const char *contact; /* as ingest_agency_contact() */
};

/* A call with a contact. */
struct activity {
    const char *contact, *provider, *session;
};

struct contact_look {
    struct ingest_agency *agency;
    struct texts *texts;
    /* Ids of legs that change, and of those with a shared number: a leg may be met twice. */
    GHashTable *changed, *shared;
    GArray *changes;    /* of struct contact_change */
    GArray *activities; /* of struct activity, one for each leg */
};

static void note_activity(struct contact_look *look, const struct store_leg_link *link,
                          const char *contact)
{
    struct activity activity = {
        .contact = contact,
        .provider = texts_keep(look->texts, link->provider),
        .session = texts_keep(look->texts, link->external_call_id),
    };
    g_array_append_val(look->activities, activity);
}

static bool look_at_number(void *context, const struct store_leg_link *link)
{
    struct contact_look *look = context;
    enum report_direction direction = report_direction_parse(link->direction);
    const char *number = outcome_other_number(direction, link->from_number, link->to_number);
    const char *contact = ingest_agency_contact(look->agency, texts_keep(look->texts, number));
    bool is_shared = contact != NULL && contact[0] == '\0';
    if (is_shared)
        g_hash_table_add(look->shared, (gpointer)(uintptr_t)link->id);
    else if (contact != NULL)
        note_activity(look, link, contact);
    if ((g_strcmp0(is_shared ? NULL : contact, link->prospect_id) == 0 &&
         is_shared == link->prospect_ambiguous) ||
        !g_hash_table_add(look->changed, (gpointer)(uintptr_t)link->id))
        return true;
    struct contact_change change = {link->id, contact};
    g_array_append_val(look->changes, change);
    return true;
}

static bool write_contacts(struct contact_look *look, struct db *db, const char *agency_id,
                           GError **error)
{
    for (guint i = 0; i < look->changes->len; i++) {
        const struct contact_change *change =
            &g_array_index(look->changes, struct contact_change, i);
        bool is_shared = change->contact != NULL && change->contact[0] == '\0';
        if (!store_leg_link_put_prospect(db, agency_id, change->leg,
                                         is_shared ? NULL : change->contact, is_shared, error))
            return false;
    }
    if (!store_activity_drop_all(db, agency_id, error))
        return false;
    for (guint i = 0; i < look->activities->len; i++) {
        const struct activity *activity = &g_array_index(look->activities, struct activity, i);
        if (!store_activity_put_stored(db, agency_id, activity->contact, activity->provider,
                                       activity->session, error))
            return false;
    }
    return true;
}

bool relink_contacts(struct db *db, const char *agency_id, int64_t now,
                     struct relink_contacts *relink, GError **error)
{
    struct contact_look look = {
        .texts = texts_new(),
        .changed = g_hash_table_new(NULL, NULL),
        .shared = g_hash_table_new(NULL, NULL),
        .changes = g_array_new(FALSE, FALSE, sizeof(struct contact_change)),
        .activities = g_array_new(FALSE, FALSE, sizeof(struct activity)),
    };
    look.agency = ingest_agency_new(db, agency_id, now, error);
    bool is_done = look.agency != NULL &&
                   store_leg_link_each(db, agency_id, look_at_number, &look, error) &&
                   write_contacts(&look, db, agency_id, error) &&
                   store_activity_count(db, agency_id, &relink->calls, error);
    relink->legs = look.changes->len;
    relink->ambiguous = g_hash_table_size(look.shared);
    ingest_agency_free(look.agency);
    texts_free(look.texts);
    g_hash_table_unref(look.changed);
    g_hash_table_unref(look.shared);
    g_array_unref(look.changes);
    g_array_unref(look.activities);
    return is_done;
}
