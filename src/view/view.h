/*
 * Stored things as JSON documents: what callmxctl prints with --json and what the API answers is
 * made here, so that the two cannot differ. Members have the names of the database's columns; what
 * is unknown is null. Times are UTC text, dates local ones.
 *
 * Each function makes a new object; nothing is kept of its arguments.
 */
#ifndef CALLMX_VIEW_VIEW_H
#define CALLMX_VIEW_VIEW_H

#include "base/json.h"
#include "db/store_agency.h"
#include "db/store_calls.h"
#include "db/store_contact.h"
#include "db/store_coverage.h"
#include "db/store_member.h"
#include "db/store_message.h"
#include "db/store_metrics.h"
#include "db/store_sales.h"
#include "db/store_token.h"
#include "db/store_voip.h"
#include "ingest/coverage.h"
#include "ingest/relink.h"

/* Members of an object: a time (utc seconds), null below zero; a date, null for INT32_MIN. */
void view_time(struct json *object, const char *name, int64_t utc);
void view_date(struct json *object, const char *name, int32_t date);

/* --- figures --- */

/* Members under the names of call_metrics_daily. */
void view_set_figures(struct json *object, const struct figures *figures);
struct json *view_member_metrics(const struct store_member_metrics *member);
/* {"agency":{…},"members":[…]} */
struct json *view_day_metrics(const struct store_agency_metrics *day);
struct json *view_target(const struct store_target *target);
struct json *view_ring(const struct store_ring *ring);
struct json *view_coverage_day(const struct coverage_day *day);
struct json *view_expectation(const struct store_expectation *expectation);

/* --- calls --- */

struct json *view_leg(const struct store_leg *leg);
struct json *view_unmatched(const struct store_unmatched *unmatched);
struct json *view_contact(const struct store_contact *contact);
/* Arrays of struct store_contact_phone and store_activity: new arrays. */
struct json *view_contacts(const GArray *list);
struct json *view_activities(const GArray *list);

/* --- people and secrets --- */

struct json *view_member(const struct store_member *member);
struct json *view_alias(const char *name, const char *member_id, const char *member_name);
/* {"legs","users","days"} */
struct json *view_relink(const struct relink *relink);

/* "live", "expiring", "expired", "disabled" */
const char *view_key_state(const struct store_key *key, int64_t now);
/* With the key in full: for those who have to hand it on. */
struct json *view_key(const struct store_key *key, const char *domain, int64_t now);
/* "live", "expired", "revoked" */
const char *view_token_state(const struct store_token *token, int64_t now);
struct json *view_token(const struct store_token *token, int64_t now);
struct json *view_voip(const struct store_voip *voip);
/* {"provider","url","secret"}, and "header_token" where one is asked for: shown once. */
struct json *view_voip_secrets(const char *provider, const struct store_voip_secrets *secrets,
                               const char *public_url);

/* --- the log --- */

/* The members of a log entry that do not depend on who asks. */
void view_log(struct json *object, const struct store_log *log);
/* Its files: an array. */
struct json *view_log_files(const struct store_log *log);

#endif
