/*
 * Any order and any repetition of a set of reports ends in the same figures, and they are what the
 * calls come to. The reports are made by chance from what really happened on three days: parts of
 * days and whole ones, Calls and Users, several days in one, copies saved again, replays.
 */
#include "ingest/verify.h"
#include "ingest_fixture.h"

enum { DAYS = 3, SESSIONS = 60, REPORTS = 10, ROUNDS = 12, ORDERS = 5 };

static const char *const PEOPLE[] = {"Alice Example", "Bob Example", "Yuri Stranger", NULL};

/* A leg as it is at its end. What a report that was made while the call went on says of it differs:
 * it has no lengths yet. */
struct event {
    char session[16];
    enum report_direction direction;
    const char *agent, *result;
    int64_t start, length, handle_time;
};

/* A report: what it covers, and of which kind it is. */
struct plan {
    bool is_users;
    int64_t from, to;
    int64_t received_at;
    char mark;
    bool is_copy; /* of the one before: the same rows in another order, another file */
};

static GArray *make_events(GRand *chance)
{
    static const enum report_direction directions[] = {REPORT_INBOUND, REPORT_OUTBOUND,
                                                       REPORT_INTERNAL};
    static const char *const results[] = {"Answered", "Missed", "VM/Missed", "Connected"};
    GArray *events = g_array_new(FALSE, TRUE, sizeof(struct event));
    for (int i = 0; i < SESSIONS; i++) {
        int64_t start = JAN_5 + g_rand_int_range(chance, 0, DAYS * 86400);
        int legs = g_rand_int_range(chance, 1, 5);
        for (int j = 0; j < legs; j++) {
            struct event event = {
                .direction = directions[g_rand_int_range(chance, 0, 3)],
                .agent = PEOPLE[g_rand_int_range(chance, 0, G_N_ELEMENTS(PEOPLE))],
                .result = results[g_rand_int_range(chance, 0, 4)],
                /* Some legs are equal in all that names them, some begin on the next day. */
                .start = start + (g_rand_boolean(chance) ? 0 : g_rand_int_range(chance, 0, 40000)),
                .length = g_rand_int_range(chance, 0, 300),
                .handle_time = -1,
            };
            if (event.result[0] == 'A' && g_rand_boolean(chance))
                event.handle_time = g_rand_int_range(chance, 0, 300);
            g_snprintf(event.session, sizeof event.session, "%d", 1000 + i);
            g_array_append_val(events, event);
        }
    }
    return events;
}

static struct plan make_plan(GRand *chance, int number)
{
    struct plan plan = {.is_users = g_rand_int_range(chance, 0, 3) == 0,
                        .mark = (char)('a' + number),
                        .received_at = FIXTURE_NOW + 1000 * number};
    int day = g_rand_int_range(chance, 0, DAYS);
    int days = plan.is_users ? 1 : g_rand_int_range(chance, 1, DAYS - day + 1);
    plan.from = JAN_5 + day * 86400;
    plan.to = plan.from + days * 86400;
    if (g_rand_boolean(chance))
        plan.to -= g_rand_int_range(chance, 1, 24) * HOUR;
    return plan;
}

static void put_calls(struct report *report, const struct plan *plan, const GArray *events)
{
    for (guint i = 0; i < events->len; i++) {
        guint at = plan->is_copy ? events->len - 1 - i : i;
        const struct event *event = &g_array_index(events, struct event, at);
        if (event->start < plan->from || event->start >= plan->to)
            continue;
        /* A call of the last hour of what is covered is not over yet. */
        bool is_over = event->start < plan->to - HOUR || plan->to % 86400 == 0;
        add_leg(report, event->session, event->direction, event->agent, event->result, event->start,
                is_over ? event->length : -1, is_over ? event->handle_time : -1);
    }
}

static void put_users(struct report *report, const struct plan *plan, const GArray *events)
{
    for (size_t p = 0; p + 1 < G_N_ELEMENTS(PEOPLE); p++) {
        int64_t legs = 0;
        for (guint i = 0; i < events->len; i++) {
            const struct event *event = &g_array_index(events, struct event, i);
            legs += event->start >= plan->from && event->start < plan->to &&
                    g_strcmp0(event->agent, PEOPLE[p]) == 0;
        }
        add_user(report, PEOPLE[p], legs, legs / 2, legs * 10);
    }
}

static struct report *make_report(const struct plan *plan, const GArray *events)
{
    struct report *report =
        a_report(plan->is_users ? "users" : "calls", plan->from, plan->to, plan->mark);
    if (plan->is_users)
        put_users(report, plan, events);
    else
        put_calls(report, plan, events);
    return report;
}

static void replay_plan(struct corridor *corridor, const struct plan *plan, const GArray *events)
{
    corridor->clock = plan->received_at;
    replay_report(corridor, make_report(plan, events));
}

static void send_plan(struct corridor *corridor, const struct plan *plan, const GArray *events)
{
    struct report *report = make_report(plan, events);
    corridor->clock = plan->received_at;
    struct ingest_result result = send_report(corridor, report);
    ingest_result_clear(&result);
}

/* All that a figure could be read from, in an order of its own. */
static char *dump(struct corridor *corridor)
{
    static const char *const queries[] = {
        "SELECT group_concat(quote(date) || quote(calls) || quote(inbound) || quote(outbound) || "
        "quote(answered) || quote(missed) || quote(talk_seconds) || quote(unmatched) || "
        "quote(internal) || quote(basis) || quote(covered_until), char(10)) "
        "FROM (SELECT * FROM agency_metrics_daily ORDER BY agency_id, date)",
        "SELECT group_concat(quote(d.date) || quote(m.name) || quote(total_calls) || "
        "quote(inbound_calls) || quote(outbound_calls) || quote(answered_calls) || "
        "quote(missed_calls) || quote(total_talk_seconds) || quote(basis) || "
        "quote(covered_until), char(10)) FROM (SELECT * FROM call_metrics_daily "
        "ORDER BY date, team_member_id) d JOIN team_members m ON m.id = d.team_member_id",
        "SELECT group_concat(external_call_id || leg || call_date || quote(duration_seconds) || "
        "quote(talk_seconds) || quote(result), char(10)) "
        "FROM (SELECT * FROM call_events ORDER BY external_call_id, leg)",
    };
    g_autoptr(GString) text = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(queries); i++) {
        g_autofree char *part = fixture_text(corridor->base.db, queries[i]);
        g_string_append_printf(text, "%s\n\n", part != NULL ? part : "");
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void expect_clean(struct corridor *corridor)
{
    g_autoptr(GError) error = NULL;
    struct verify verify;
    g_assert_true(verify_agency(corridor->base.db, corridor->base.first.id, corridor->clock,
                                &verify, &error));
    g_assert_cmpuint(verify.differences->len, ==, 0);
    g_assert_true(verify_is_clean(&verify));
    verify_clear(&verify);
}

static void shuffle(GRand *chance, guint *order, guint count)
{
    for (guint i = count; i > 1; i--) {
        guint other = (guint)g_rand_int_range(chance, 0, (gint)i);
        guint swap = order[i - 1];
        order[i - 1] = order[other];
        order[other] = swap;
    }
}

/* Somebody is found to be a member, with what is stored and what comes. */
static void put_alias(struct corridor *corridor)
{
    g_autoptr(GError) error = NULL;
    struct db *db = corridor->base.db;
    const char *agency_id = corridor->base.first.id;
    struct store_member alice = {0};
    struct relink relink;
    g_assert_true(db_begin(db, &error));
    g_assert_true(store_member_find(db, agency_id, "Alice Example", &alice, &error));
    g_assert_true(store_alias_put(db, agency_id, "Yuri Stranger", &alice, &error));
    g_assert_true(relink_people(db, agency_id, corridor->clock, &relink, &error));
    g_assert_true(db_commit(db, &error));
    store_member_clear(&alice);
    ingest_free(corridor->ingest);
    corridor->ingest = ingest_new(db);
}

/* Each report once or twice, in some order, and an alias somewhere among them. */
static char *send_all(GRand *chance, const struct plan *plans, const GArray *events)
{
    struct corridor corridor;
    corridor_init(&corridor);
    /* Members made by chance would be listed by chance. */
    fixture_script(corridor.base.db, "UPDATE team_members SET id = replace(lower(name), ' ', '-')");
    ingest_free(corridor.ingest);
    corridor.ingest = ingest_new(corridor.base.db);
    guint order[2 * REPORTS];
    guint count = 0;
    for (guint i = 0; i < REPORTS; i++) {
        order[count++] = i;
        if (g_rand_int_range(chance, 0, 3) == 0)
            order[count++] = i;
    }
    shuffle(chance, order, count);
    guint alias_at = (guint)g_rand_int_range(chance, 0, (gint)count);
    for (guint i = 0; i < count; i++) {
        if (i == alias_at)
            put_alias(&corridor);
        send_plan(&corridor, &plans[order[i]], events);
        if (g_rand_int_range(chance, 0, 4) == 0)
            replay_plan(&corridor, &plans[order[g_rand_int_range(chance, 0, (gint)i + 1)]], events);
        if (g_rand_int_range(chance, 0, 4) == 0)
            expect_clean(&corridor);
    }
    expect_clean(&corridor);
    char *text = dump(&corridor);
    corridor_clear(&corridor);
    return text;
}

static void test_any_order(void)
{
    for (guint32 round = 0; round < ROUNDS; round++) {
        g_autoptr(GRand) chance = g_rand_new_with_seed(round);
        g_autoptr(GArray) events = make_events(chance);
        struct plan plans[REPORTS];
        for (int i = 0; i < REPORTS; i++) {
            plans[i] = make_plan(chance, i);
            if (i > 0 && !plans[i - 1].is_users && g_rand_int_range(chance, 0, 3) == 0) {
                plans[i] = plans[i - 1];
                plans[i].mark = (char)('a' + i);
                plans[i].is_copy = !plans[i - 1].is_copy;
                plans[i].received_at += 500;
            }
        }
        g_autofree char *first = send_all(chance, plans, events);
        for (int i = 1; i < ORDERS; i++) {
            g_autofree char *other = send_all(chance, plans, events);
            if (strcmp(first, other) != 0)
                g_test_message("round %u:\n%s\n%s", round, first, other);
            g_assert_cmpstr(first, ==, other);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/order/any-order", test_any_order);
    return g_test_run();
}
