/*
 * Team members and their aliases.
 *
 * Hard about it: a line of an import names a member by e-mail, else extension, else name. Where it
 * finds one by the first of these and the next belongs to somebody else, it is refused, not
 * merged: a wrong guess would give one person's calls to another.
 */
#include "db/store_member.h"

#include "base/error.h"
#include "base/id.h"
#include "base/limits.h"
#include "db/store_impl.h"
#include "figures/phone.h"

#include <string.h>

#define SELECT_MEMBER "SELECT id, name, email, extension, role, status FROM team_members "

static const char *const roles[] = {"owner", "key_employee", "manager", "staff", NULL};
static const char *const statuses[] = {"active", "inactive", NULL};

void store_member_clear(struct store_member *member)
{
    g_free(member->id);
    g_free(member->name);
    g_free(member->email);
    g_free(member->extension);
    g_free(member->role);
    g_free(member->status);
    memset(member, 0, sizeof *member);
}

static void clear_member(void *data)
{
    store_member_clear(data);
}

static void read_member(struct db_rows *rows, void *item)
{
    struct store_member *member = item;
    member->id = store_column_copy(rows, 0);
    member->name = store_column_copy(rows, 1);
    member->email = store_column_copy(rows, 2);
    member->extension = store_column_copy(rows, 3);
    member->role = store_column_copy(rows, 4);
    member->status = store_column_copy(rows, 5);
}

static GArray *member_array(void)
{
    GArray *members = g_array_new(FALSE, FALSE, sizeof(struct store_member));
    g_array_set_clear_func(members, clear_member);
    return members;
}

bool store_member_role_is_valid(const char *role)
{
    return g_strv_contains(roles, role);
}

bool store_member_status_is_valid(const char *status)
{
    return g_strv_contains(statuses, status);
}

/* --- Checking what a person typed --- */

/* Trimmed; NULL for NULL and for nothing but blanks. */
static char *trim(const char *text)
{
    char *clean = g_strdup(text);
    if (clean != NULL && g_strstrip(clean)[0] == '\0')
        g_clear_pointer(&clean, g_free);
    return clean;
}

static bool check_email(const char *email, GError **error)
{
    const char *at = strchr(email, '@');
    bool ok = strlen(email) <= LIMIT_NAME && g_utf8_validate(email, -1, NULL) && at != NULL &&
              at != email && at[1] != '\0' && strchr(at + 1, '@') == NULL;
    for (const char *p = email; ok && *p != '\0'; p++)
        ok = (unsigned char)*p > ' ' && *p != 0x7f;
    g_autofree char *shown = g_utf8_make_valid(email, -1);
    return ok || error_perm(error, "the e-mail `%s` is not an address", shown);
}

/* Copies what was given into `clean`, checked. */
static bool clean_member(const struct store_member *given, struct store_member *clean,
                         GError **error)
{
    clean->name = store_clean_name("the name of the member", given->name, error);
    if (clean->name == NULL)
        return false;
    clean->email = trim(given->email);
    clean->extension = trim(given->extension);
    clean->role = trim(given->role);
    clean->status = trim(given->status);
    if (clean->email != NULL && !check_email(clean->email, error))
        return false;
    if (clean->extension != NULL && !phone_is_extension(clean->extension)) {
        g_autofree char *shown = g_utf8_make_valid(clean->extension, -1);
        return error_perm(error, "the extension `%s` of %s is not a number of 2 to 8 digits", shown,
                          clean->name);
    }
    if (clean->role != NULL && !store_member_role_is_valid(clean->role))
        return error_perm(error, "the role of %s is not one of owner, key_employee, manager, staff",
                          clean->name);
    if (clean->status != NULL && !store_member_status_is_valid(clean->status))
        return error_perm(error, "the status of %s is neither active nor inactive", clean->name);
    return true;
}

static char *fold_email(const char *email)
{
    return email != NULL ? g_utf8_casefold(email, -1) : NULL;
}

/* --- Finding --- */

static bool find_by_email(struct db *db, const char *agency_id, const char *email,
                          struct store_member *found, bool *is_found, GError **error)
{
    static const char sql[] = SELECT_MEMBER "WHERE agency_id = $1 AND email_folded = $2";
    g_autofree char *folded = fold_email(email);
    return store_one(db, sql, DB_VALUES(db_text(agency_id), db_text(folded)), read_member, found,
                     is_found, error);
}

static bool find_by_extension(struct db *db, const char *agency_id, const char *extension,
                              struct store_member *found, bool *is_found, GError **error)
{
    static const char sql[] = SELECT_MEMBER "WHERE agency_id = $1 AND extension = $2";
    return store_one(db, sql, DB_VALUES(db_text(agency_id), db_text(extension)), read_member, found,
                     is_found, error);
}

/* Two of one name are PERM: nobody can tell whom it means. */
static bool find_by_name(struct db *db, const char *agency_id, const char *name,
                         struct store_member *found, bool *is_found, GError **error)
{
    static const char sql[] = SELECT_MEMBER "WHERE agency_id = $1 AND name = $2";
    g_autoptr(GArray) members = member_array();
    if (!store_all(db, sql, DB_VALUES(db_text(agency_id), db_text(name)), read_member, members,
                   error))
        return false;
    if (members->len > 1)
        return error_perm(error, "%u members are named %s: say which one by e-mail or extension",
                          members->len, name);
    *is_found = members->len == 1;
    if (*is_found) {
        struct store_member *only = &g_array_index(members, struct store_member, 0);
        *found = *only;
        memset(only, 0, sizeof *only);
    }
    return true;
}

/* PERM if the e-mail or the extension belongs to another member than `own_id` (NULL: to any). */
static bool check_taken(struct db *db, const char *agency_id, const char *own_id,
                        const struct store_member *member, GError **error)
{
    struct store_member other = {0};
    bool found = false;
    bool ok = true;
    if (member->email != NULL) {
        ok = find_by_email(db, agency_id, member->email, &other, &found, error);
        if (ok && found && g_strcmp0(other.id, own_id) != 0)
            ok = error_perm(error, "the e-mail %s of %s belongs to %s already", member->email,
                            member->name, other.name);
        store_member_clear(&other);
    }
    if (ok && member->extension != NULL) {
        ok = find_by_extension(db, agency_id, member->extension, &other, &found, error);
        if (ok && found && g_strcmp0(other.id, own_id) != 0)
            ok = error_perm(error, "the extension %s of %s belongs to %s already",
                            member->extension, member->name, other.name);
        store_member_clear(&other);
    }
    return ok;
}

/* --- Writing --- */

struct member_work {
    const char *agency_id;
    const char *id;              /* of the one to be changed; NULL: not known */
    struct store_member *member; /* checked */
    bool is_added;
    bool is_changed;
};

static bool insert_member(struct db *db, void *context, GError **error)
{
    static const char sql[] = "INSERT INTO team_members (agency_id, id, name, email, email_folded, "
                              "extension, role, status, agency_number, number) "
                              "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, "
                              "(SELECT number FROM agencies WHERE id = $1), "
                              "(SELECT COALESCE(MAX(number), 0) + 1 FROM team_members "
                              "WHERE agency_id = $1))";
    struct member_work *work = context;
    struct store_member *member = work->member;
    if (!check_taken(db, work->agency_id, NULL, member, error))
        return false;
    char id[ID_SIZE];
    id_new(id);
    g_autofree char *folded = fold_email(member->email);
    if (!db_run(db, sql,
                DB_VALUES(db_text(work->agency_id), db_text(id), db_text(member->name),
                          db_text(member->email), db_text(folded), db_text(member->extension),
                          db_text(member->role != NULL ? member->role : "staff"),
                          db_text(member->status != NULL ? member->status : "active")),
                NULL, error))
        return false;
    member->id = g_strdup(id);
    work->is_added = true;
    work->is_changed = true;
    return true;
}

/* Overwrites what is given. True in the result if that changes anything. */
static bool merge(char **stored, const char *given)
{
    if (given == NULL || g_strcmp0(*stored, given) == 0)
        return false;
    g_free(*stored);
    *stored = g_strdup(given);
    return true;
}

static bool update_member(struct db *db, struct member_work *work, struct store_member *stored,
                          GError **error)
{
    static const char sql[] = "UPDATE team_members SET name = $3, email = $4, email_folded = $5, "
                              "extension = $6, role = $7, status = $8 "
                              "WHERE agency_id = $1 AND id = $2";
    const struct store_member *given = work->member;
    if (!check_taken(db, work->agency_id, stored->id, given, error))
        return false;
    bool changed = merge(&stored->name, given->name);
    changed |= merge(&stored->email, given->email);
    changed |= merge(&stored->extension, given->extension);
    changed |= merge(&stored->role, given->role);
    changed |= merge(&stored->status, given->status);
    work->is_changed = changed;
    if (!changed)
        return true;
    g_autofree char *folded = fold_email(stored->email);
    return db_run(db, sql,
                  DB_VALUES(db_text(work->agency_id), db_text(stored->id), db_text(stored->name),
                            db_text(stored->email), db_text(folded), db_text(stored->extension),
                            db_text(stored->role), db_text(stored->status)),
                  NULL, error);
}

static bool put_member(struct db *db, void *context, GError **error)
{
    struct member_work *work = context;
    struct store_member *member = work->member;
    struct store_member stored = {0};
    bool found = false;
    if (member->email != NULL &&
        !find_by_email(db, work->agency_id, member->email, &stored, &found, error))
        return false;
    if (!found && member->extension != NULL &&
        !find_by_extension(db, work->agency_id, member->extension, &stored, &found, error))
        return false;
    if (!found && !find_by_name(db, work->agency_id, member->name, &stored, &found, error))
        return false;
    if (!found)
        return insert_member(db, work, error);
    bool ok = update_member(db, work, &stored, error);
    member->id = g_steal_pointer(&stored.id);
    store_member_clear(&stored);
    return ok;
}

static bool write_member(struct db *db, struct member_work *work, store_work_fn *write,
                         struct store_member *member, GError **error)
{
    struct store_member clean = {0};
    work->member = &clean;
    bool ok = clean_member(member, &clean, error) && store_in_transaction(db, write, work, error);
    if (ok) {
        g_free(member->id);
        member->id = g_steal_pointer(&clean.id);
    }
    store_member_clear(&clean);
    return ok;
}

bool store_member_add(struct db *db, const char *agency_id, struct store_member *member,
                      GError **error)
{
    struct member_work work = {.agency_id = agency_id};
    return write_member(db, &work, insert_member, member, error);
}

bool store_member_put(struct db *db, const char *agency_id, struct store_member *member,
                      bool *added, bool *changed, GError **error)
{
    struct member_work work = {.agency_id = agency_id};
    if (!write_member(db, &work, put_member, member, error))
        return false;
    *added = work.is_added;
    *changed = work.is_changed;
    return true;
}

static bool change_member(struct db *db, void *context, GError **error)
{
    static const char sql[] = SELECT_MEMBER "WHERE agency_id = $1 AND id = $2";
    struct member_work *work = context;
    struct store_member stored = {0};
    bool found;
    bool ok = store_one(db, sql, DB_VALUES(db_text(work->agency_id), db_text(work->id)),
                        read_member, &stored, &found, error);
    if (ok && !found)
        ok = error_perm(error, "there is no member %s", work->id);
    ok = ok && update_member(db, work, &stored, error);
    store_member_clear(&stored);
    return ok;
}

bool store_member_change(struct db *db, const char *agency_id, const struct store_member *member,
                         GError **error)
{
    struct store_member known = {0};
    if (!store_member_find(db, agency_id, member->id, &known, error))
        return false;
    struct member_work work = {.agency_id = agency_id, .id = member->id};
    struct store_member given = *member;
    given.id = NULL;
    if (given.name == NULL)
        given.name = known.name;
    bool ok = write_member(db, &work, change_member, &given, error);
    g_free(given.id);
    store_member_clear(&known);
    return ok;
}

/* --- Reading --- */

GArray *store_member_list(struct db *db, const char *agency_id, GError **error)
{
    static const char sql[] = SELECT_MEMBER "WHERE agency_id = $1 ORDER BY lower(name), name, id";
    g_autoptr(GArray) members = member_array();
    bool ok = store_all(db, sql, DB_VALUES(db_text(agency_id)), read_member, members, error);
    return ok ? g_steal_pointer(&members) : NULL;
}

const char *store_member_name(const GArray *members, const char *id)
{
    for (guint i = 0; id != NULL && i < members->len; i++) {
        const struct store_member *member = &g_array_index(members, struct store_member, i);
        if (strcmp(member->id, id) == 0)
            return member->name;
    }
    return NULL;
}

static bool find_by_id(struct db *db, const char *agency_id, const char *id,
                       struct store_member *found, bool *is_found, GError **error)
{
    static const char sql[] = SELECT_MEMBER "WHERE agency_id = $1 AND id = $2";
    return store_one(db, sql, DB_VALUES(db_text(agency_id), db_text(id)), read_member, found,
                     is_found, error);
}

bool store_member_find(struct db *db, const char *agency_id, const char *word,
                       struct store_member *member, GError **error)
{
    struct store_member found = {0};
    bool is_found = false;
    if (!find_by_id(db, agency_id, word, &found, &is_found, error) ||
        (!is_found && !find_by_email(db, agency_id, word, &found, &is_found, error)) ||
        (!is_found && !find_by_name(db, agency_id, word, &found, &is_found, error)))
        return false;
    if (!is_found) {
        g_autofree char *shown = g_utf8_make_valid(word, -1);
        return error_perm(error,
                          "there is no member %s: give an id, an e-mail or the exact name, see "
                          "callmxctl member list",
                          shown);
    }
    *member = found;
    return true;
}

/* --- Aliases --- */

void store_alias_clear(struct store_alias *alias)
{
    g_free(alias->name);
    g_free(alias->member_id);
    g_free(alias->member_name);
    memset(alias, 0, sizeof *alias);
}

static void clear_alias(void *data)
{
    store_alias_clear(data);
}

static void read_alias(struct db_rows *rows, void *item)
{
    struct store_alias *alias = item;
    alias->name = store_column_copy(rows, 0);
    alias->member_id = store_column_copy(rows, 1);
    alias->member_name = store_column_copy(rows, 2);
}

GArray *store_alias_list(struct db *db, const char *agency_id, GError **error)
{
    static const char sql[] =
        "SELECT a.name, m.id, m.name FROM member_aliases a JOIN team_members m "
        "ON m.agency_id = a.agency_id AND m.id = a.team_member_id "
        "WHERE a.agency_id = $1 ORDER BY a.name";
    g_autoptr(GArray) aliases = g_array_new(FALSE, FALSE, sizeof(struct store_alias));
    g_array_set_clear_func(aliases, clear_alias);
    bool ok = store_all(db, sql, DB_VALUES(db_text(agency_id)), read_alias, aliases, error);
    return ok ? g_steal_pointer(&aliases) : NULL;
}

/* Takes away the aliases that are the same after folding. */
static bool drop_aliases(struct db *db, const char *agency_id, const char *name, bool *dropped,
                         GError **error)
{
    static const char sql[] = "DELETE FROM member_aliases WHERE agency_id = $1 AND name = $2";
    g_autoptr(GArray) aliases = store_alias_list(db, agency_id, error);
    g_autofree char *folded = person_fold(name);
    *dropped = false;
    for (guint i = 0; aliases != NULL && i < aliases->len; i++) {
        const struct store_alias *alias = &g_array_index(aliases, struct store_alias, i);
        g_autofree char *other = person_fold(alias->name);
        if (strcmp(other, folded) != 0)
            continue;
        if (!db_run(db, sql, DB_VALUES(db_text(agency_id), db_text(alias->name)), NULL, error))
            return false;
        *dropped = true;
    }
    return aliases != NULL;
}

struct alias_work {
    const char *agency_id;
    const char *name; /* checked */
    const struct store_member *member;
};

static bool put_alias(struct db *db, void *context, GError **error)
{
    static const char sql[] =
        "INSERT INTO member_aliases (agency_id, name, team_member_id) VALUES ($1, $2, $3)";
    const struct alias_work *work = context;
    bool dropped;
    if (!drop_aliases(db, work->agency_id, work->name, &dropped, error) ||
        !db_run(db, sql,
                DB_VALUES(db_text(work->agency_id), db_text(work->name), db_text(work->member->id)),
                NULL, error))
        return false;
    AUTO(person_index) people = store_member_index(db, work->agency_id, error);
    if (people == NULL)
        return false;
    const char *found = person_index_find(people, work->name, NULL, NULL);
    return g_strcmp0(found, work->member->id) == 0 ||
           error_perm(error,
                      "the alias %s would have no effect: it is the name of another member, and "
                      "names go before aliases",
                      work->name);
}

bool store_alias_put(struct db *db, const char *agency_id, const char *name,
                     const struct store_member *member, GError **error)
{
    g_autofree char *clean = store_clean_name("the alias", name, error);
    struct alias_work work = {.agency_id = agency_id, .name = clean, .member = member};
    return clean != NULL && store_in_transaction(db, put_alias, &work, error);
}

bool store_alias_drop(struct db *db, const char *agency_id, const char *name, GError **error)
{
    bool dropped;
    if (!drop_aliases(db, agency_id, name, &dropped, error))
        return false;
    g_autofree char *shown = g_utf8_make_valid(name, -1);
    return dropped || error_perm(error, "there is no alias %s", shown);
}

/* --- People --- */

static bool add_aliases(struct db *db, const char *agency_id, struct person_index *people,
                        GError **error)
{
    static const char sql[] = "SELECT name, team_member_id FROM member_aliases "
                              "WHERE agency_id = $1 ORDER BY name";
    AUTO(db_rows) rows = db_query(db, sql, DB_VALUES(db_text(agency_id)), error);
    if (rows == NULL)
        return false;
    enum db_step step;
    while ((step = db_step(rows, error)) == DB_ROW)
        person_index_add_alias(people, db_column_text(rows, 0), db_column_text(rows, 1));
    return step == DB_DONE;
}

struct person_index *store_member_index(struct db *db, const char *agency_id, GError **error)
{
    g_autoptr(GArray) members = store_member_list(db, agency_id, error);
    if (members == NULL)
        return NULL;
    AUTO(person_index) people = person_index_new();
    for (guint i = 0; i < members->len; i++) {
        const struct store_member *member = &g_array_index(members, struct store_member, i);
        person_index_add(people, member->id, member->name, member->email, member->extension);
    }
    return add_aliases(db, agency_id, people, error) ? g_steal_pointer(&people) : NULL;
}
