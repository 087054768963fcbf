/* Team members of an agency, and the names by which reports call them. */
#ifndef CALLMX_DB_STORE_MEMBER_H
#define CALLMX_DB_STORE_MEMBER_H

#include "db/driver.h"
#include "figures/person.h"

struct store_member {
    char *id;
    char *name;
    char *email;     /* NULL: none */
    char *extension; /* NULL: none */
    char *role;      /* owner, key_employee, manager, staff */
    char *status;    /* active, inactive */
};

void store_member_clear(struct store_member *member);

bool store_member_role_is_valid(const char *role);
bool store_member_status_is_valid(const char *status);

/* Adds a member; fills member->id and touches no other field. Blanks around the fields are taken
 * off, "" is NULL. role NULL is staff, status NULL is active. PERM, naming the field, for what is
 * no name, e-mail, extension (2 to 8 digits), role or status, and if the agency has a member with
 * this extension or e-mail (case folded) already, naming it. */
bool store_member_add(struct db *db, const char *agency_id, struct store_member *member,
                      GError **error);

/* Adds the member or, if one of the agency has the same e-mail, else extension, else exact name,
 * changes that one: what is NULL in `member` stays as it was. `added` tells which, `changed`
 * whether anything did; fills member->id. PERM as above, and if several members have the name that
 * alone is given. */
bool store_member_put(struct db *db, const char *agency_id, struct store_member *member,
                      bool *added, bool *changed, GError **error);

/* Changes the member of this id (PERM: there is none): what is NULL in `member` stays as it was.
 * PERM as above. */
bool store_member_change(struct db *db, const char *agency_id, const struct store_member *member,
                         GError **error);

/* All of an agency by name, inactive ones too: a new array of struct store_member. */
GArray *store_member_list(struct db *db, const char *agency_id, GError **error);

/* The name of one of such an array, borrowed; NULL if it is not in it, or for NULL. */
const char *store_member_name(const GArray *members, const char *id);

/* By id, e-mail (case folded) or exact name: PERM "there is no member …", and if several have the
 * name. */
bool store_member_find(struct db *db, const char *agency_id, const char *word,
                       struct store_member *member, GError **error);

struct store_alias {
    char *name; /* as reports spell it */
    char *member_id;
    char *member_name;
};

void store_alias_clear(struct store_alias *alias);

/* Lets a spelling mean a member. It takes the place of an alias that is the same after folding;
 * PERM if it would have no effect, because it is the name or the extension of somebody else. */
bool store_alias_put(struct db *db, const char *agency_id, const char *name,
                     const struct store_member *member, GError **error);

/* PERM if there is no such alias. */
bool store_alias_drop(struct db *db, const char *agency_id, const char *name, GError **error);

/* By name: a new array of struct store_alias. */
GArray *store_alias_list(struct db *db, const char *agency_id, GError **error);

/* Members and aliases, ready to be asked. NULL on error. */
struct person_index *store_member_index(struct db *db, const char *agency_id, GError **error);

#endif
