/* Targets, sales, and the days of which a report is expected. */
#include "api/api_impl.h"

#include "base/limits.h"
#include "db/store_coverage.h"
#include "db/store_member.h"
#include "db/store_sales.h"
#include "ingest/coverage.h"
#include "view/view.h"

#include <string.h>

static const char *const none[] = {NULL};

/* --- targets --- */

/* The member in the path; none for the agency's own. False: it was refused, or there was an error.
 */
static bool read_member(struct api_call *call, struct db *db, struct store_member *member,
                        GError **error)
{
    GError *why = NULL;
    bool is_agency = strstr(call->route->route.path, "{member}") == NULL;
    if (is_agency || store_member_find(db, call->agency.id, call->values[1], member, &why))
        return true;
    api_is_missing(call, "member", why, error);
    return false;
}

bool api_put_target(struct api_call *call, struct db *db, GError **error)
{
    static const char *const names[] = {"outbound_calls", "talk_minutes", "sold_items", NULL};
    struct store_target target;
    struct store_member member = {0};
    if (!api_takes(call, none) || !api_takes_body(call, names) ||
        !api_number(call, "outbound_calls", 1, LIMIT_TARGET, &target.outbound_calls) ||
        !api_number(call, "talk_minutes", 1, LIMIT_TARGET, &target.talk_minutes) ||
        !api_number(call, "sold_items", 1, LIMIT_TARGET, &target.sold_items))
        return true;
    if (!read_member(call, db, &member, error))
        return *error == NULL;
    bool is_done = store_target_put(db, call->agency.id, member.id, &target, error) &&
                   api_reply(call, 200, view_target(&target));
    store_member_clear(&member);
    return is_done;
}

bool api_drop_target(struct api_call *call, struct db *db, GError **error)
{
    struct store_member member = {0};
    bool dropped;
    if (!api_takes(call, none))
        return true;
    if (!read_member(call, db, &member, error))
        return *error == NULL;
    bool is_done = store_target_drop(db, call->agency.id, member.id, &dropped, error);
    store_member_clear(&member);
    return is_done && (dropped ? api_reply(call, 204, NULL)
                               : api_refuse(call, 404, "there is no target of its own"));
}

/* --- sales --- */

bool api_put_sales(struct api_call *call, struct db *db, GError **error)
{
    static const char *const names[] = {"team_member_id", "sale_date",     "items",
                                        "policies",       "premium_cents", NULL};
    const char *id, *date;
    struct store_sale sale = {0};
    struct store_member member = {0};
    bool is_added, is_changed;
    if (!api_takes(call, none) || !api_takes_body(call, names) ||
        !api_text(call, "team_member_id", &id) || !api_text(call, "sale_date", &date) ||
        !api_number(call, "items", 0, LIMIT_TARGET, &sale.items) ||
        !api_number(call, "policies", 0, LIMIT_TARGET, &sale.policies) ||
        !api_number(call, "premium_cents", 0, LIMIT_PREMIUM, &sale.premium_cents))
        return true;
    if (id == NULL)
        return api_refuse(call, 422, "team_member_id: it is missing");
    if (date == NULL || !day_date_parse(date, &sale.date))
        return api_refuse(call, 422, "sale_date: it is not a date such as 2026-01-05");
    bool is_done = store_member_find(db, call->agency.id, id, &member, error);
    sale.member_id = member.id;
    is_done = is_done && store_sale_put(db, call->agency.id, &sale, &is_added, &is_changed, error);
    if (is_done) {
        struct json *object = json_object_new();
        json_set_text(object, "team_member_id", member.id);
        view_date(object, "sale_date", sale.date);
        json_set_count(object, "items", sale.items);
        json_set_count(object, "policies", sale.policies);
        json_set_count(object, "premium_cents", sale.premium_cents);
        api_reply(call, is_added ? 201 : 200, object);
    }
    store_member_clear(&member);
    return is_done;
}

/* --- expected days --- */

bool api_get_expectation(struct api_call *call, struct db *db, GError **error)
{
    struct store_expectation expectation = {0};
    if (!api_takes(call, none))
        return true;
    return store_expectation_find(db, call->agency.id, &expectation, error) &&
           api_reply(call, 200, view_expectation(&expectation));
}

bool api_put_expectation(struct api_call *call, struct db *db, GError **error)
{
    static const char *const names[] = {"days", "by", "since", NULL};
    struct store_expectation expectation = {.due_minute = COVERAGE_DEFAULT_DUE};
    const char *days, *by, *since;
    if (!api_takes(call, none) || !api_takes_body(call, names) || !api_text(call, "days", &days) ||
        !api_text(call, "by", &by) || !api_text(call, "since", &since))
        return true;
    if (days == NULL || !coverage_days_parse(days, &expectation.days))
        return api_refuse(call, 422, "days: write mon-fri, mon,wed,fri, all or none");
    if (by != NULL && !coverage_clock_parse(by, &expectation.due_minute))
        return api_refuse(call, 422, "by: it is not a time of day such as 09:00");
    expectation.since = day_zone_date(call->zone, call->now);
    if (since != NULL && !day_date_parse(since, &expectation.since))
        return api_refuse(call, 422, "since: it is not a date such as 2026-01-05");
    return store_expectation_put(db, call->agency.id, &expectation, error) &&
           api_reply(call, 200, view_expectation(&expectation));
}
