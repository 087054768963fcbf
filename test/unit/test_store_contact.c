/* Contacts, their numbers, and the timelines that calls and imports give them. */
#include "db/store_contact.h"
#include "ingest/relink.h"
#include "ingest_fixture.h"

static char *put(struct corridor *corridor, const char *name, const char *kind, const char *phone,
                 const char *email, const char *says)
{
    g_autoptr(GError) error = NULL;
    struct store_contact contact = {
        .name = g_strdup(name), .kind = g_strdup(kind), .email = g_strdup(email)};
    bool added = false, changed = false;
    bool ok = store_contact_put(corridor->base.db, corridor->base.first.id, &contact, phone, &added,
                                &changed, &error);
    g_assert_true(ok == (says == NULL));
    if (!ok)
        fixture_expect(&error, ERROR_PERM, says);
    char *id = g_strdup(contact.id);
    store_contact_clear(&contact);
    return id;
}

static struct relink_contacts relink(struct corridor *corridor)
{
    g_autoptr(GError) error = NULL;
    struct relink_contacts result = {0};
    g_assert_true(db_begin(corridor->base.db, &error));
    g_assert_true(relink_contacts(corridor->base.db, corridor->base.first.id, corridor->clock,
                                  &result, &error));
    g_assert_true(db_commit(corridor->base.db, &error));
    ingest_free(corridor->ingest);
    corridor->ingest = ingest_new(corridor->base.db);
    return result;
}

/* The sessions of a timeline, the newest first: "3 1". */
static char *timeline(struct corridor *corridor, const char *contact_id)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) list =
        store_activity_list(corridor->base.db, corridor->base.first.id, contact_id, 100, &error);
    g_assert_no_error(error);
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < list->len; i++)
        g_string_append_printf(text, "%s%s/%s", i > 0 ? " " : "",
                               g_array_index(list, struct store_activity, i).external_call_id,
                               g_array_index(list, struct store_activity, i).result);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void expect_timeline(struct corridor *corridor, const char *contact_id, const char *expected)
{
    g_autofree char *text = timeline(corridor, contact_id);
    g_assert_cmpstr(text, ==, expected);
}

static void send_calls(struct corridor *corridor, char mark)
{
    struct report *report = a_report("calls", JAN_5, JAN_5 + 86400, mark);
    /* from (555) 010-0001 to (555) 010-0002 */
    add_leg(report, "1", REPORT_OUTBOUND, "Alice Example", "Connected", JAN_5 + 9 * HOUR, 70, 60);
    add_leg(report, "2", REPORT_INBOUND, "Bob Example", "Missed", JAN_5 + 10 * HOUR, 90, -1);
    add_leg(report, "2", REPORT_INBOUND, "Alice Example", "Answered", JAN_5 + 10 * HOUR, 90, 40);
    add_leg(report, "3", REPORT_INTERNAL, "Alice Example", "Answered", JAN_5 + 11 * HOUR, 9, 8);
    add_leg(report, "4", REPORT_OUTBOUND, "Alice Example", "Connected", JAN_5 + 12 * HOUR, 70, 60)
        ->to_number = "+1 555 010 0003";
    add_leg(report, "5", REPORT_OUTBOUND, "Alice Example", "Connected", JAN_5 + 13 * HOUR, 70, 60)
        ->to_number = "5550109";
    struct ingest_result result = send_report(corridor, report);
    ingest_result_clear(&result);
}

static void test_put(void)
{
    struct corridor corridor;
    corridor_init(&corridor);
    g_autofree char *dora = put(&corridor, "Dora Outside", "lead", "(555) 010-0002", NULL, NULL);
    g_autofree char *same = put(&corridor, "dora OUTSIDE", "customer", "555.010.0003", NULL, NULL);
    g_assert_cmpstr(dora, ==, same);
    g_autofree char *mail = put(&corridor, "Dora Outside", "lead", NULL, "d@example.com", NULL);
    g_assert_cmpstr(dora, !=, mail);
    g_autofree char *found = put(&corridor, "D. Outside", "lead", NULL, "D@Example.com", NULL);
    g_assert_cmpstr(found, ==, mail);
    g_free(put(&corridor, "X", "friend", NULL, NULL, "kind of X"));
    g_free(put(&corridor, "X", NULL, NULL, NULL, "kind of X"));
    g_free(put(&corridor, "X", "lead", "101", NULL, "`101` of X is not a phone number"));
    g_free(put(&corridor, "X", "lead", "5550109", NULL, "is not a phone number"));
    g_free(put(&corridor, "X", "lead", "call me", NULL, "is not a phone number"));
    g_free(put(&corridor, "X", "lead", NULL, "nobody", "not an address"));
    g_free(put(&corridor, "", "lead", NULL, NULL, "the name of the contact"));
    g_assert_cmpint(fixture_number(corridor.base.db, "SELECT count(*) FROM contact_phones"), ==, 2);
    corridor_clear(&corridor);
}

/* Contacts before the calls, and after: the same timelines. */
static void test_both_ways(void)
{
    for (int before = 0; before < 2; before++) {
        struct corridor corridor;
        corridor_init(&corridor);
        if (before == 0)
            send_calls(&corridor, 'a');
        g_autofree char *from = put(&corridor, "From", "lead", "(555) 010-0001", NULL, NULL);
        g_autofree char *to = put(&corridor, "To", "prospect", "1-555-010-0002", NULL, NULL);
        g_autofree char *other = put(&corridor, "Other", "customer", "5550100003", NULL, NULL);
        if (before == 0) {
            struct relink_contacts result = relink(&corridor);
            g_assert_cmpint(result.legs, ==, 4);
            g_assert_cmpint(result.calls, ==, 3);
        } else {
            ingest_free(corridor.ingest);
            corridor.ingest = ingest_new(corridor.base.db);
            send_calls(&corridor, 'a');
        }
        expect_timeline(&corridor, from, "2/Answered");
        expect_timeline(&corridor, to, "1/Connected");
        expect_timeline(&corridor, other, "4/Connected");
        /* The same calls in another file: still one row each. */
        send_calls(&corridor, 'b');
        g_assert_cmpint(fixture_number(corridor.base.db, "SELECT count(*) FROM contact_activities"),
                        ==, 3);
        struct relink_contacts again = relink(&corridor);
        g_assert_cmpint(again.legs, ==, 0);
        corridor_clear(&corridor);
    }
}

static void test_shared_number(void)
{
    struct corridor corridor;
    corridor_init(&corridor);
    send_calls(&corridor, 'a');
    g_autofree char *one = put(&corridor, "One", "lead", "(555) 010-0002", NULL, NULL);
    relink(&corridor);
    expect_timeline(&corridor, one, "1/Connected");
    g_autofree char *two = put(&corridor, "Two", "lead", "(555) 010-0002", NULL, NULL);
    struct relink_contacts result = relink(&corridor);
    g_assert_cmpint(result.ambiguous, ==, 1);
    g_assert_cmpint(result.calls, ==, 0);
    expect_timeline(&corridor, one, "");
    expect_timeline(&corridor, two, "");
    static const char marked[] = "SELECT count(*) FROM call_events WHERE prospect_ambiguous = 1 "
                                 "AND matched_prospect_id IS NULL";
    g_assert_cmpint(fixture_number(corridor.base.db, marked), ==, 1);
    /* A call that comes later is marked, too. */
    struct report *report = a_report("calls", JAN_5 + 86400, JAN_5 + 2 * 86400, 'c');
    add_leg(report, "9", REPORT_OUTBOUND, "Alice Example", "Connected", JAN_5 + 33 * HOUR, 7, 6);
    struct ingest_result later = send_report(&corridor, report);
    ingest_result_clear(&later);
    g_assert_cmpint(fixture_number(corridor.base.db, marked), ==, 2);
    corridor_clear(&corridor);
}

/* A session has the place of its first leg, also when that comes last. */
static void test_first_leg(void)
{
    struct corridor corridor;
    corridor_init(&corridor);
    g_free(put(&corridor, "To", "prospect", "(555) 010-0002", NULL, NULL));
    for (int part = 0; part < 2; part++) {
        struct report *report = a_report("calls", JAN_5, JAN_5 + 86400, part == 0 ? 'a' : 'b');
        add_leg(report, "1", REPORT_OUTBOUND, "Alice Example", "Connected",
                JAN_5 + (10 - part) * HOUR, 70, 60);
        struct ingest_result result = send_report(&corridor, report);
        ingest_result_clear(&result);
        g_autofree char *when =
            fixture_text(corridor.base.db, "SELECT happened_at FROM contact_activities");
        g_assert_cmpstr(when, ==, part == 0 ? "2026-01-05T16:00:00Z" : "2026-01-05T15:00:00Z");
    }
    relink(&corridor);
    g_autofree char *when =
        fixture_text(corridor.base.db, "SELECT happened_at FROM contact_activities");
    g_assert_cmpstr(when, ==, "2026-01-05T15:00:00Z");
    corridor_clear(&corridor);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-contact/put", test_put);
    g_test_add_func("/store-contact/both-ways", test_both_ways);
    g_test_add_func("/store-contact/shared-number", test_shared_number);
    g_test_add_func("/store-contact/first-leg", test_first_leg);
    return g_test_run();
}
