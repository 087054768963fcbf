/* What the api_*.c share: reading a request, answering it. Private to src/api. */
#ifndef CALLMX_API_API_IMPL_H
#define CALLMX_API_API_IMPL_H

#include "api/api.h"

/* The document is given away. Both give true. */
bool api_reply(struct api_call *call, unsigned status, struct json *document);
bool api_refuse(struct api_call *call, unsigned status, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* What the path names was not found: `why`, which is taken, tells whether it is not there (404:
 * there is no such `what`; true) or could not be looked for (false, and it is the error). */
bool api_is_missing(struct api_call *call, const char *what, GError *why, GError **error);

/* Parameters of the query. What is not one of `names` (ended by NULL) is refused: false, answered.
 */
bool api_takes(struct api_call *call, const char *const *names);
const char *api_parameter(const struct api_call *call, const char *name);
/* False: it was refused. Without the parameter the value stays as it is. */
bool api_date(struct api_call *call, const char *name, int32_t *date);
bool api_limit(struct api_call *call, int64_t *limit);

/* Members of the body, which must be an object with no others than `names`. */
bool api_takes_body(struct api_call *call, const char *const *names);
/* NULL where it is absent or null; false: it was refused, being something else. Borrowed. */
bool api_text(struct api_call *call, const char *name, const char **text);
/* -1 where it is absent or null. */
bool api_number(struct api_call *call, const char *name, int64_t least, int64_t most,
                int64_t *number);
bool api_flag(struct api_call *call, const char *name, bool *flag);

/* --- the routes, by file --- */

/* api_figures.c */
api_fn api_get_agency, api_get_metrics, api_get_member_metrics, api_get_rings, api_get_coverage;
api_fn api_get_calls, api_get_unmatched, api_get_contacts, api_get_activities;
/* api_log.c */
api_fn api_get_log, api_get_log_entry, api_get_connection;
/* api_people.c */
api_fn api_get_members, api_add_member, api_change_member;
api_fn api_get_aliases, api_put_alias, api_drop_alias;
/* api_goals.c */
api_fn api_put_target, api_drop_target, api_put_sales, api_get_expectation, api_put_expectation;
/* api_secrets.c */
api_fn api_get_keys, api_add_key, api_disable_key;
api_fn api_get_tokens, api_add_token, api_revoke_token;
api_fn api_get_voip, api_add_voip, api_rotate_voip, api_disable_voip, api_map_voip;

#endif
