/* Figures, rings and coverage as documents: see view.h. */
#include "view/view.h"

#include "figures/outcome.h"

void view_set_figures(struct json *object, const struct figures *figures)
{
    json_set_count(object, "total_calls", figures->total);
    json_set_count(object, "inbound_calls", figures->inbound);
    json_set_count(object, "outbound_calls", figures->outbound);
    json_set_count(object, "answered_calls", figures->answered);
    json_set_count(object, "missed_calls", figures->missed);
    json_set_count(object, "total_talk_seconds", figures->talk_seconds);
}

struct json *view_member_metrics(const struct store_member_metrics *member)
{
    struct json *object = json_object_new();
    json_set_text(object, "team_member_id", member->team_member_id);
    json_set_text(object, "name", member->name);
    json_set_text(object, "status", member->active ? "active" : "inactive");
    view_date(object, "date", member->date);
    view_set_figures(object, &member->figures);
    json_set_text(object, "basis", member->basis);
    view_time(object, "covered_until", member->covered_until);
    return object;
}

struct json *view_day_metrics(const struct store_agency_metrics *day)
{
    struct json *agency = json_object_new();
    view_date(agency, "date", day->date);
    json_set_count(agency, "calls", day->figures.total);
    json_set_count(agency, "inbound", day->figures.inbound);
    json_set_count(agency, "outbound", day->figures.outbound);
    json_set_count(agency, "answered", day->figures.answered);
    json_set_count(agency, "missed", day->figures.missed);
    json_set_count(agency, "talk_seconds", day->figures.talk_seconds);
    json_set_count(agency, "unmatched", day->unmatched);
    json_set_text(agency, "basis", day->basis);
    view_time(agency, "covered_until", day->covered_until);
    struct json *members = json_array_new();
    for (guint i = 0; i < day->members->len; i++)
        json_append(members, view_member_metrics(
                                 &g_array_index(day->members, struct store_member_metrics, i)));
    struct json *object = json_object_new();
    json_set(object, "agency", agency);
    json_set(object, "members", members);
    return object;
}

struct json *view_target(const struct store_target *target)
{
    struct json *object = json_object_new();
    json_set_count(object, "outbound_calls", target->outbound_calls);
    json_set_count(object, "talk_minutes", target->talk_minutes);
    json_set_count(object, "sold_items", target->sold_items);
    return object;
}

struct json *view_ring(const struct store_ring *ring)
{
    struct json *object = json_object_new();
    json_set_text(object, "team_member_id", ring->member_id);
    json_set_text(object, "name", ring->name);
    json_set_count(object, "outbound_calls", ring->outbound_calls);
    json_set_count(object, "talk_minutes", ring->talk_minutes);
    json_set_count(object, "sold_items", ring->sold_items);
    json_set_count(object, "sold_policies", ring->sold_policies);
    json_set_count(object, "sold_premium_cents", ring->sold_premium_cents);
    json_set(object, "targets", view_target(&ring->target));
    return object;
}

struct json *view_coverage_day(const struct coverage_day *day)
{
    struct json *object = json_object_new();
    view_date(object, "date", day->date);
    json_set_text(object, "state", coverage_state_name(day->state));
    view_time(object, "covered_until", day->until);
    view_time(object, "due_at", day->due);
    json_set_bool(object, "is_overdue", day->is_overdue);
    json_set_text(object, "sources", day->sources);
    return object;
}

struct json *view_expectation(const struct store_expectation *expectation)
{
    bool is_none = expectation->days == 0;
    g_autofree char *days = is_none ? NULL : coverage_days_text(expectation->days);
    g_autofree char *by = is_none ? NULL
                                  : g_strdup_printf("%02d:%02d", expectation->due_minute / 60,
                                                    expectation->due_minute % 60);
    struct json *object = json_object_new();
    json_set_text(object, "days", days);
    json_set_text(object, "by", by);
    view_date(object, "since", is_none ? INT32_MIN : expectation->since);
    return object;
}
