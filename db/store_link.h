/*
 * Who stored rows are linked to. That may change after them: somebody becomes a member or a
 * contact, or gets an alias. Whoever changes it looks at the rows again with these, in one
 * transaction, and has the figures of the days computed anew (ingest/relink.h).
 */
#ifndef CALLMX_DB_STORE_LINK_H
#define CALLMX_DB_STORE_LINK_H

#include "db/driver.h"
#include "db/store_numbers.h"

/* What a leg is linked by, and to whom. Texts are borrowed during the call. */
struct store_leg_link {
    int64_t id;
    int32_t date;
    const char *provider;
    const char *agent, *extension, *agent_email;
    const char *member_id;
    const char *external_call_id;
    int64_t started_at;
    const char *direction, *from_number, *to_number;
    const char *prospect_id; /* the contact on the other side */
    bool prospect_ambiguous;
};

/* Each leg of an agency, by the days; one that was moved to another day may come twice. */
typedef bool store_leg_link_fn(void *context, const struct store_leg_link *link);
bool store_leg_link_each(struct db *db, const char *agency_id, store_leg_link_fn *on_leg,
                         void *context, GError **error);
/* `member_id` NULL: nobody. PERM if it is no member of the agency. */
bool store_leg_link_put(struct db *db, const struct store_numbers *numbers, int64_t id,
                        const char *member_id, GError **error);

bool store_leg_link_put_prospect(struct db *db, const char *agency_id, int64_t id,
                                 const char *prospect_id, bool is_ambiguous, GError **error);

/* What is stored of a file: its sheets' sources and its legs. For reading it again. */
struct store_file_leg {
    int64_t id;
    int32_t date;
    char *provider, *external_call_id, *leg;
};

void store_file_leg_clear(struct store_file_leg *leg);
GArray *store_file_leg_list(struct db *db, const char *agency_id, const char *file_id,
                            GError **error);
/* With its place on a timeline, if nothing else keeps that. */
bool store_file_leg_drop(struct db *db, const char *agency_id, const struct store_file_leg *leg,
                         GError **error);
/* The source of a sheet of the file; 0 if it has none. */
bool store_file_source(struct db *db, const char *agency_id, const char *file_id, const char *sheet,
                       int64_t *id, GError **error);

/* The same of the rows of Users reports; `date` INT32_MIN: booked on no day. */
struct store_user_link {
    int64_t serial;
    int32_t date;
    const char *name, *extension, *email;
    const char *member_id;
};

typedef bool store_user_link_fn(void *context, const struct store_user_link *link);
bool store_user_link_each(struct db *db, const char *agency_id, store_user_link_fn *on_user,
                          void *context, GError **error);
bool store_user_link_put(struct db *db, const char *agency_id, int64_t serial,
                         const char *member_id, GError **error);

/* The dates about which anything is stored: calls, Users rows, coverage or figures. Ascending array
 * of int32_t. NULL on error. */
GArray *store_dates(struct db *db, const char *agency_id, GError **error);

#endif
