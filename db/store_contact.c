/*
 * See store_contact.h. A number in two contacts' hands is kept with both: which of them a call was
 * with cannot be known, and is not guessed.
 */
#include "db/store_contact.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/limits.h"
#include "db/store_impl.h"
#include "figures/phone.h"

#include <string.h>

#define SELECT_CONTACT "SELECT id, name, kind, email FROM contacts "

static const char *const kinds[] = {"prospect", "customer", "lead", NULL};

void store_contact_clear(struct store_contact *contact)
{
    g_free(contact->id);
    g_free(contact->name);
    g_free(contact->kind);
    g_free(contact->email);
    memset(contact, 0, sizeof *contact);
}

bool store_contact_kind_is_valid(const char *kind)
{
    return g_strv_contains(kinds, kind);
}

static void clear_contact(void *data)
{
    store_contact_clear(data);
}

static void read_contact(struct db_rows *rows, void *item)
{
    struct store_contact *contact = item;
    contact->id = store_column_copy(rows, 0);
    contact->name = store_column_copy(rows, 1);
    contact->kind = store_column_copy(rows, 2);
    contact->email = store_column_copy(rows, 3);
}

static char *fold(const char *text)
{
    return text != NULL ? g_utf8_casefold(text, -1) : NULL;
}

/* --- Finding --- */

static bool find_by_email(struct db *db, const char *agency_id, const char *email,
                          struct store_contact *found, bool *is_found, GError **error)
{
    static const char sql[] = SELECT_CONTACT "WHERE agency_id = $1 AND email_folded = $2";
    g_autofree char *folded = fold(email);
    return store_one(db, sql, DB_VALUES(db_text(agency_id), db_text(folded)), read_contact, found,
                     is_found, error);
}

static bool find_by_name(struct db *db, const char *agency_id, const char *name,
                         struct store_contact *found, bool *is_found, GError **error)
{
    static const char sql[] = SELECT_CONTACT "WHERE agency_id = $1 AND name_folded = $2 LIMIT 2";
    g_autofree char *folded = fold(name);
    g_autoptr(GArray) contacts = g_array_new(FALSE, FALSE, sizeof(struct store_contact));
    g_array_set_clear_func(contacts, clear_contact);
    if (!store_all(db, sql, DB_VALUES(db_text(agency_id), db_text(folded)), read_contact, contacts,
                   error))
        return false;
    if (contacts->len > 1)
        return error_perm(error, "several contacts are named %s: say which one by e-mail", name);
    *is_found = contacts->len == 1;
    if (*is_found) {
        struct store_contact *only = &g_array_index(contacts, struct store_contact, 0);
        *found = *only;
        memset(only, 0, sizeof *only);
    }
    return true;
}

bool store_contact_find(struct db *db, const char *agency_id, const char *word,
                        struct store_contact *contact, GError **error)
{
    static const char by_id[] = SELECT_CONTACT "WHERE agency_id = $1 AND id = $2";
    struct store_contact found = {0};
    bool is_found = false;
    g_autofree char *shown = g_utf8_make_valid(word, -1);
    if (!store_one(db, by_id, DB_VALUES(db_text(agency_id), db_text(shown)), read_contact, &found,
                   &is_found, error) ||
        (!is_found && !find_by_email(db, agency_id, shown, &found, &is_found, error)) ||
        (!is_found && !find_by_name(db, agency_id, shown, &found, &is_found, error)))
        return false;
    if (!is_found)
        return error_perm(error,
                          "there is no contact %s: give an id, an e-mail or the exact name, see "
                          "callmxctl contact list",
                          shown);
    *contact = found;
    return true;
}

/* --- Writing --- */

static bool check(const struct store_contact *contact, const char *phone, char **normal,
                  GError **error)
{
    if (contact->kind == NULL || !store_contact_kind_is_valid(contact->kind))
        return error_perm(error, "the kind of %s is not one of prospect, customer, lead",
                          contact->name);
    if (contact->email != NULL && strchr(contact->email, '@') == NULL)
        return error_perm(error, "the e-mail `%s` of %s is not an address", contact->email,
                          contact->name);
    char room[PHONE_SIZE];
    *normal = g_strdup(phone_normalize(phone, room));
    if (phone != NULL && (*normal == NULL || strlen(*normal) < 10))
        return error_perm(error, "`%s` of %s is not a phone number of ten digits or more", phone,
                          contact->name);
    return true;
}

static bool add(struct db *db, const char *agency_id, struct store_contact *contact, GError **error)
{
    static const char count[] = "SELECT COUNT(*) FROM contacts WHERE agency_id = $1";
    static const char sql[] =
        "INSERT INTO contacts (agency_id, id, name, name_folded, kind, email, email_folded) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)";
    int64_t known = 0;
    bool found;
    if (!store_one(db, count, DB_VALUES(db_text(agency_id)), store_read_int, &known, &found, error))
        return false;
    if (known >= LIMIT_CONTACTS)
        return error_perm(error, "the agency has %d contacts: more are not kept", LIMIT_CONTACTS);
    char id[ID_SIZE];
    id_new(id);
    g_free(contact->id);
    contact->id = g_strdup(id);
    g_autofree char *name = fold(contact->name);
    g_autofree char *email = fold(contact->email);
    return db_run(db, sql,
                  DB_VALUES(db_text(agency_id), db_text(id), db_text(contact->name), db_text(name),
                            db_text(contact->kind), db_text(contact->email), db_text(email)),
                  NULL, error);
}

static bool change(struct db *db, const char *agency_id, const struct store_contact *contact,
                   const struct store_contact *stored, bool *changed, GError **error)
{
    static const char sql[] = "UPDATE contacts SET name = $3, name_folded = $4, kind = $5, "
                              "email = $6, email_folded = $7 WHERE agency_id = $1 AND id = $2";
    const char *email = contact->email != NULL ? contact->email : stored->email;
    *changed = strcmp(contact->name, stored->name) != 0 ||
               strcmp(contact->kind, stored->kind) != 0 || g_strcmp0(email, stored->email) != 0;
    g_autofree char *name = fold(contact->name);
    g_autofree char *folded = fold(email);
    return !*changed ||
           db_run(db, sql,
                  DB_VALUES(db_text(agency_id), db_text(stored->id), db_text(contact->name),
                            db_text(name), db_text(contact->kind), db_text(email), db_text(folded)),
                  NULL, error);
}

struct work {
    const char *agency_id;
    struct store_contact *contact;
    const char *phone; /* normal, or NULL */
    bool is_added, is_changed;
};

static bool put(struct db *db, void *context, GError **error)
{
    static const char sql[] =
        "INSERT INTO contact_phones (agency_id, phone, contact_id) VALUES ($1, $2, $3) "
        "ON CONFLICT (agency_id, phone, contact_id) DO NOTHING";
    struct work *work = context;
    struct store_contact *contact = work->contact;
    struct store_contact stored = {0};
    if (contact->email != NULL
            ? !find_by_email(db, work->agency_id, contact->email, &stored, &work->is_changed, error)
            : !find_by_name(db, work->agency_id, contact->name, &stored, &work->is_changed, error))
        return false;
    work->is_added = !work->is_changed;
    bool is_done = true;
    if (work->is_added) {
        is_done = add(db, work->agency_id, contact, error);
    } else {
        is_done = change(db, work->agency_id, contact, &stored, &work->is_changed, error);
        g_free(contact->id);
        contact->id = g_steal_pointer(&stored.id);
    }
    store_contact_clear(&stored);
    int64_t added = 0;
    if (is_done && work->phone != NULL)
        is_done =
            db_run(db, sql,
                   DB_VALUES(db_text(work->agency_id), db_text(work->phone), db_text(contact->id)),
                   &added, error);
    work->is_changed |= added > 0;
    return is_done;
}

bool store_contact_put(struct db *db, const char *agency_id, struct store_contact *contact,
                       const char *phone, bool *added, bool *changed, GError **error)
{
    g_autofree char *name = store_clean_name("the name of the contact", contact->name, error);
    if (name == NULL)
        return false;
    g_free(contact->name);
    contact->name = g_steal_pointer(&name);
    g_autofree char *normal = NULL;
    if (!check(contact, phone, &normal, error))
        return false;
    struct work work = {.agency_id = agency_id, .contact = contact, .phone = normal};
    if (!store_in_transaction(db, put, &work, error))
        return false;
    *added = work.is_added;
    *changed = work.is_changed;
    return true;
}

/* --- Reading --- */

static void clear_phone(void *data)
{
    struct store_contact_phone *phone = data;
    store_contact_clear(&phone->contact);
    g_free(phone->phone);
}

static void read_phone(struct db_rows *rows, void *item)
{
    struct store_contact_phone *phone = item;
    read_contact(rows, &phone->contact);
    phone->phone = store_column_copy(rows, 4);
    phone->is_shared = db_column_int(rows, 5) > 1;
}

GArray *store_contact_list(struct db *db, const char *agency_id, GError **error)
{
    static const char sql[] =
        "SELECT c.id, c.name, c.kind, c.email, p.phone, (SELECT COUNT(*) FROM contact_phones o "
        "WHERE o.agency_id = p.agency_id AND o.phone = p.phone) "
        "FROM contacts c LEFT JOIN contact_phones p "
        "ON p.agency_id = c.agency_id AND p.contact_id = c.id "
        "WHERE c.agency_id = $1 ORDER BY c.name_folded, c.id, p.phone";
    g_autoptr(GArray) phones = g_array_new(FALSE, FALSE, sizeof(struct store_contact_phone));
    g_array_set_clear_func(phones, clear_phone);
    bool ok = store_all(db, sql, DB_VALUES(db_text(agency_id)), read_phone, phones, error);
    return ok ? g_steal_pointer(&phones) : NULL;
}

GHashTable *store_contact_numbers(struct db *db, const char *agency_id, GError **error)
{
    static const char sql[] = "SELECT phone, contact_id FROM contact_phones WHERE agency_id = $1";
    AUTO(db_rows) rows = db_query(db, sql, DB_VALUES(db_text(agency_id)), error);
    if (rows == NULL)
        return NULL;
    g_autoptr(GHashTable) numbers = g_hash_table_new_full(hash_text, g_str_equal, g_free, g_free);
    enum db_step step;
    while ((step = db_step(rows, error)) == DB_ROW) {
        const char *phone = db_column_text(rows, 0);
        bool is_shared = g_hash_table_contains(numbers, phone);
        g_hash_table_insert(numbers, g_strdup(phone),
                            g_strdup(is_shared ? "" : db_column_text(rows, 1)));
    }
    return step == DB_DONE ? g_steal_pointer(&numbers) : NULL;
}

/* --- The timeline --- */

bool store_activity_put(struct db *db, const char *agency_id, const char *contact_id,
                        const char *provider, const char *external_call_id, int64_t happened_at,
                        GError **error)
{
    static const char sql[] =
        "INSERT INTO contact_activities (agency_id, contact_id, provider, external_call_id, "
        "happened_at) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (agency_id, provider, external_call_id, contact_id) "
        "DO UPDATE SET happened_at = excluded.happened_at";
    struct store_text time;
    return db_run(db, sql,
                  DB_VALUES(db_text(agency_id), db_text(contact_id), db_text(provider),
                            db_text(external_call_id), store_time(&time, happened_at)),
                  NULL, error);
}

bool store_activity_put_stored(struct db *db, const char *agency_id, const char *contact_id,
                               const char *provider, const char *external_call_id, GError **error)
{
    static const char sql[] =
        "INSERT INTO contact_activities (agency_id, contact_id, provider, external_call_id, "
        "happened_at) SELECT $1, $2, $3, $4, MIN(call_started_at) FROM call_events "
        "WHERE agency_id = $1 AND provider = $3 AND external_call_id = $4 "
        "ON CONFLICT (agency_id, provider, external_call_id, contact_id) DO NOTHING";
    return db_run(db, sql,
                  DB_VALUES(db_text(agency_id), db_text(contact_id), db_text(provider),
                            db_text(external_call_id)),
                  NULL, error);
}

bool store_activity_move(struct db *db, const char *agency_id, const char *provider,
                         const char *external_call_id, int64_t happened_at, GError **error)
{
    static const char sql[] = "UPDATE contact_activities SET happened_at = $4 "
                              "WHERE agency_id = $1 AND provider = $2 AND external_call_id = $3";
    struct store_text time;
    return db_run(db, sql,
                  DB_VALUES(db_text(agency_id), db_text(provider), db_text(external_call_id),
                            store_time(&time, happened_at)),
                  NULL, error);
}

bool store_activity_drop(struct db *db, const char *agency_id, const char *provider,
                         const char *external_call_id, GError **error)
{
    static const char sql[] = "DELETE FROM contact_activities WHERE agency_id = $1 "
                              "AND provider = $2 AND external_call_id = $3";
    return db_run(db, sql,
                  DB_VALUES(db_text(agency_id), db_text(provider), db_text(external_call_id)), NULL,
                  error);
}

bool store_activity_count(struct db *db, const char *agency_id, int64_t *count, GError **error)
{
    static const char sql[] = "SELECT COUNT(*) FROM contact_activities WHERE agency_id = $1";
    bool found;
    return store_one(db, sql, DB_VALUES(db_text(agency_id)), store_read_int, count, &found, error);
}

bool store_activity_drop_all(struct db *db, const char *agency_id, GError **error)
{
    static const char sql[] = "DELETE FROM contact_activities WHERE agency_id = $1";
    return db_run(db, sql, DB_VALUES(db_text(agency_id)), NULL, error);
}

static void clear_activity(void *data)
{
    struct store_activity *activity = data;
    g_free(activity->provider);
    g_free(activity->external_call_id);
    g_free(activity->direction);
    g_free(activity->result);
    g_free(activity->member_name);
}

static void read_activity(struct db_rows *rows, void *item)
{
    struct store_activity *activity = item;
    activity->provider = store_column_copy(rows, 0);
    activity->external_call_id = store_column_copy(rows, 1);
    activity->happened_at = store_column_time(rows, 2);
    activity->direction = store_column_copy(rows, 3);
    activity->result = store_column_copy(rows, 4);
    activity->duration_seconds = db_column_count(rows, 5);
    activity->talk_seconds = db_column_count(rows, 6);
    activity->member_name = store_column_copy(rows, 7);
}

GArray *store_activity_list(struct db *db, const char *agency_id, const char *contact_id,
                            int64_t limit, GError **error)
{
    static const char sql[] =
        "SELECT a.provider, a.external_call_id, a.happened_at, e.direction, e.result, "
        "e.duration_seconds, e.talk_seconds, m.name "
        "FROM (SELECT * FROM contact_activities WHERE agency_id = $1 AND contact_id = $2 "
        "ORDER BY happened_at DESC, external_call_id LIMIT $3) AS a JOIN call_events AS e "
        "ON e.agency_id = a.agency_id AND e.provider = a.provider "
        "AND e.external_call_id = a.external_call_id AND e.leg = (SELECT b.leg FROM call_events b "
        "WHERE b.agency_id = a.agency_id AND b.provider = a.provider "
        "AND b.external_call_id = a.external_call_id AND b.matched_prospect_id = a.contact_id "
        "ORDER BY COALESCE(b.talk_seconds, -1) DESC, b.result IN ('Answered', 'Connected') DESC, "
        "COALESCE(b.duration_seconds, -1) DESC, b.leg LIMIT 1) "
        "LEFT JOIN team_members m ON m.agency_id = e.agency_id "
        "AND m.id = e.matched_team_member_id ORDER BY a.happened_at DESC, a.external_call_id";
    g_autoptr(GArray) activities = g_array_new(FALSE, FALSE, sizeof(struct store_activity));
    g_array_set_clear_func(activities, clear_activity);
    bool ok = store_all(db, sql, DB_VALUES(db_text(agency_id), db_text(contact_id), db_int(limit)),
                        read_activity, activities, error);
    return ok ? g_steal_pointer(&activities) : NULL;
}
