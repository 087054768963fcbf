/* Events of Ricochet: what is understood of one, and what becomes of the day. */
#include "ingest_fixture.h"

#include "db/store_contact.h"
#include "db/store_voip.h"
#include "ingest/relink.h"
#include "ingest/ricochet.h"
#include "ingest/verify.h"

#define FORM_1                                                                                     \
    "{\"id\":\"c1\",\"phone\":\"+1 (555) 010-0100\",\"to\":\"+1 (555) "                            \
    "010-0199\",\"outbound\":true,"                                                                \
    "\"Duration\":245,\"created_at\":\"2026-02-05T14:30:00Z\","                                    \
    "\"answered_at\":\"2026-02-05T14:30:05Z\",\"User's name\":\"Alice Example\","                  \
    "\"User's email\":\"alice@example.com\"}"

/* --- reading --- */

static char *read_text(const char *text, const char *map_text)
{
    g_autoptr(GError) error = NULL;
    AUTO(day_zone) zone = day_zone_new("America/Chicago", NULL);
    AUTO(json) event = json_read(text, strlen(text), &error);
    g_assert_no_error(error);
    AUTO(json) map = map_text != NULL ? json_parse(map_text) : NULL;
    if (ricochet_is_lead(event, map))
        return g_strdup("lead");
    struct ricochet_call call;
    char *told;
    if (ricochet_read(event, map, zone, &call, &error)) {
        char start[DAY_TIME_SIZE] = "-";
        if (call.start >= 0)
            day_time_text(call.start, start);
        const char *direction = report_direction_name(call.direction);
        told = g_strdup_printf("%s %s %s>%s %s %d %d %s %s %s", call.id,
                               direction != NULL ? direction : "-", call.phone, call.to, start,
                               (int)call.duration, call.answered, call.user_name, call.user_email,
                               call.extension);
    } else {
        told = g_strdup(error->message);
    }
    ricochet_call_clear(&call);
    return told;
}

static void test_read(void)
{
    static const struct {
        const char *event, *map, *expected;
    } cases[] = {
        {FORM_1, NULL,
         "c1 Outbound +1 (555) 010-0100>+1 (555) 010-0199 2026-02-05T14:30:00Z 245 1 Alice Example "
         "alice@example.com (null)"},
        {"{\"user_id\":7,\"lead_id\":\"\",\"call_id\":901,\"call_duration\":\"61\",\"call_type\":"
         "\"3\","
         "\"current_date\":\"20260205\",\"current_time\":\"08:30:00\",\"extension\":\"101\"}",
         NULL, "901 Outbound (null)>(null) 2026-02-05T14:30:00Z 61 1 (null) (null) 101"},
        {"{\"call_id\":\"1\",\"call_type\":7}", NULL,
         "1 Inbound (null)>(null) - -1 0 (null) (null) (null)"},
        {"{\"call_id\":\"1\",\"call_type\":10,\"call_duration\":\"\"}", NULL,
         "1 Inbound (null)>(null) - -1 0 (null) (null) (null)"},
        {"{\"call_id\":\"1\",\"call_type\":8}", NULL,
         "1 - (null)>(null) - -1 0 (null) (null) (null)"},
        /* what is said in other ways */
        {"{\"id\":1,\"outbound\":\"false\",\"Duration\":\"0\",\"answered_at\":null}", NULL,
         "1 Inbound (null)>(null) - 0 0 (null) (null) (null)"},
        {"{\"id\":\" x \",\"outbound\":0,\"Duration\":\"1:02:03\"}", NULL,
         "x Inbound (null)>(null) - 3723 1 (null) (null) (null)"},
        {"{\"id\":1.5,\"Duration\":12.9}", NULL, "1.5 - (null)>(null) - 12 1 (null) (null) (null)"},
        {"{\"id\":1,\"answered_at\":\"2026-02-05\"}", NULL,
         "1 - (null)>(null) - -1 1 (null) (null) (null)"},
        {"{\"id\":1,\"User's name\":\"A\\u0007\\nB\"}", NULL,
         "1 - (null)>(null) - -1 0 A  B (null) (null)"},
        /* times: with an offset, on the wall, and those that are none */
        {"{\"id\":1,\"created_at\":\"2026-02-05T14:30:00-05:00\"}", NULL,
         "1 - (null)>(null) 2026-02-05T19:30:00Z -1 0 (null) (null) (null)"},
        {"{\"id\":1,\"created_at\":\"2026-02-05 14:30:00\"}", NULL,
         "1 - (null)>(null) 2026-02-05T20:30:00Z -1 0 (null) (null) (null)"},
        {"{\"id\":1,\"created_at\":\"02/05/2026 2:30 PM\"}", NULL,
         "1 - (null)>(null) 2026-02-05T20:30:00Z -1 0 (null) (null) (null)"},
        {"{\"call_id\":1,\"current_date\":\"20260205\",\"current_time\":\"143000\"}", NULL,
         "1 - (null)>(null) 2026-02-05T20:30:00Z -1 0 (null) (null) (null)"},
        {"{\"id\":1,\"created_at\":\"-0001-11-30 00:00:00\"}", NULL,
         "1 - (null)>(null) - -1 0 (null) (null) (null)"},
        {"{\"id\":1,\"created_at\":\"1999-12-31T23:59:59Z\"}", NULL,
         "1 - (null)>(null) - -1 0 (null) (null) (null)"},
        {"{\"id\":1,\"created_at\":\"2101-01-01T00:00:00Z\"}", NULL,
         "1 - (null)>(null) - -1 0 (null) (null) (null)"},
        {"{\"id\":1,\"created_at\":\"yesterday\"}", NULL,
         "1 - (null)>(null) - -1 0 (null) (null) (null)"},
        /* names of the agency's own */
        {"{\"CallID\":\"9\",\"secs\":\"5\",\"dir\":\"Inbound\",\"Duration\":\"7\"}",
         "{\"id\":\"CallID\",\"duration\":\"secs\",\"outbound\":\"dir\"}",
         "9 Inbound (null)>(null) - 5 1 (null) (null) (null)"},
        {"{\"CallID\":\"9\"}", NULL, "id: the id of the call is missing"},
        /* leads */
        {"{\"uniqueIdentifier\":\"l1\",\"status\":\"New\",\"customer\":{\"name\":\"A\"}}", NULL,
         "lead"},
        {"{\"customer\":{\"name\":\"A\"}}", NULL, "lead"},
        /* refused */
        {"{}", NULL, "id: the id of the call is missing"},
        {"{\"id\":\"\",\"call_id\":null}", NULL, "id: the id of the call is missing"},
        {"{\"id\":{\"a\":1}}", NULL, "id: the id of the call is missing"},
        {"{\"id\":1,\"Duration\":-5}", NULL, "Duration: it is below zero"},
        {"{\"id\":1,\"Duration\":\"soon\"}", NULL, "Duration: it is no number of seconds"},
        {"{\"id\":1,\"Duration\":\"0x10\"}", NULL, "Duration: it is no number of seconds"},
        {"{\"id\":1,\"Duration\":\"inf\"}", NULL, "Duration: it is no number of seconds"},
        {"{\"id\":1,\"Duration\":\"5 s\"}", NULL, "Duration: it is no number of seconds"},
        {"{\"id\":1,\"Duration\":1e9}", NULL, "Duration: no call lasts more than 864000 seconds"},
        {"{\"call_id\":1,\"call_duration\":\"x\"}", NULL,
         "call_duration: it is no number of seconds"},
        {"{\"call_id\":1,\"call_type\":\"out\"}", NULL, "call_type: it is no number"},
        {"{\"id\":1,\"outbound\":\"maybe\"}", NULL, "outbound: it is neither true nor false"},
        {"{\"id\":1,\"secs\":\"x\"}", "{\"duration\":\"secs\"}",
         "secs: it is no number of seconds"},
        {"{\"id\":\"0123456789012345678901234567890123456789012345678901234567890123x\"}", NULL,
         "id: it has more than 64 octets"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *told = read_text(cases[i].event, cases[i].map);
        g_assert_cmpstr(told, ==, cases[i].expected);
    }
    g_assert_true(ricochet_is_field("duration"));
    g_assert_false(ricochet_is_field("Duration"));
}

/* --- storing --- */

struct door {
    struct corridor corridor;
    char *integration;
};

static void door_init(struct door *door)
{
    g_autoptr(GError) error = NULL;
    struct store_voip_secrets secrets;
    corridor_init(&door->corridor);
    struct db *db = door->corridor.base.db;
    const char *agency = door->corridor.base.first.id;
    store_voip_add(db, agency, STORE_RICOCHET, false, FIXTURE_NOW, &secrets, &error);
    g_assert_no_error(error);
    store_voip_secrets_clear(&secrets);
    g_autoptr(GArray) list = store_voip_list(db, agency, &error);
    door->integration = g_strdup(g_array_index(list, struct store_voip, 0).id);
}

static void door_clear(struct door *door)
{
    g_free(door->integration);
    corridor_clear(&door->corridor);
}

/* Applies without a commit; "new", "again", "refused …", "nobody", with "+member +contact". */
static char *apply(struct door *door, const char *text)
{
    g_autoptr(GError) error = NULL;
    AUTO(json) event = json_read(text, strlen(text), &error);
    g_assert_no_error(error);
    struct ingest_event given = {.integration_id = door->integration,
                                 .agency_id = door->corridor.base.first.id,
                                 .event = event,
                                 .received_at = door->corridor.clock};
    struct ingest_event_result result;
    ingest_apply_event(door->corridor.ingest, &given, &result, &error);
    g_assert_no_error(error);
    char *told = result.is_for_nobody ? g_strdup("nobody")
                 : result.refused != NULL
                     ? g_strdup_printf("refused %s", result.refused)
                     : g_strdup_printf("%s%s%s", result.is_duplicate ? "again" : "new",
                                       result.has_member ? " +member" : "",
                                       result.has_contact ? " +contact" : "");
    ingest_event_result_clear(&result);
    return told;
}

static void begin(struct door *door)
{
    g_autoptr(GError) error = NULL;
    ingest_begin(door->corridor.ingest, &error);
    g_assert_no_error(error);
}

static void commit(struct door *door)
{
    g_autoptr(GError) error = NULL;
    ingest_commit(door->corridor.ingest, &error);
    g_assert_no_error(error);
}

static char *tell(struct door *door, const char *text)
{
    begin(door);
    char *told = apply(door, text);
    commit(door);
    return told;
}

#define TELLS(door, text, expected)                                                                \
    do {                                                                                           \
        g_autofree char *told_ = tell(door, text);                                                 \
        g_assert_cmpstr(told_, ==, expected);                                                      \
    } while (0)

/* Total, inbound, outbound, answered, missed, talk, basis: of a member, or of the agency. What is
 * kept must be what counting all gives. */
static char *day_of(struct door *door, const char *date_text, const char *member_id)
{
    g_autoptr(GError) error = NULL;
    struct store_agency_metrics day;
    struct db *db = door->corridor.base.db;
    int32_t date;
    g_assert_true(day_date_parse(date_text, &date));
    store_metrics_of_day(db, door->corridor.base.first.id, date, &day, &error);
    g_assert_no_error(error);
    const struct figures *figures = &day.figures;
    const char *basis = day.basis;
    for (guint i = 0; member_id != NULL && i < day.members->len; i++) {
        const struct store_member_metrics *member =
            &g_array_index(day.members, struct store_member_metrics, i);
        if (strcmp(member->team_member_id, member_id) == 0) {
            figures = &member->figures;
            basis = member->basis;
        }
    }
    char *text = g_strdup_printf("%d %d %d %d %d %d %s", (int)figures->total, (int)figures->inbound,
                                 (int)figures->outbound, (int)figures->answered,
                                 (int)figures->missed, (int)figures->talk_seconds, basis);
    store_agency_metrics_clear(&day);
    struct verify verify;
    g_assert_true(verify_agency(db, door->corridor.base.first.id, FIXTURE_NOW, &verify, &error));
    g_assert_no_error(error);
    g_assert_true(verify_is_clean(&verify));
    verify_clear(&verify);
    return text;
}

#define FIGURES(door, date, member, expected)                                                      \
    do {                                                                                           \
        g_autofree char *figures_ = day_of(door, date, member);                                    \
        g_assert_cmpstr(figures_, ==, expected);                                                   \
    } while (0)

#define CALL(id, outbound, duration, created, name)                                                \
    "{\"id\":\"" id "\",\"phone\":\"5550100001\",\"to\":\"5550100002\",\"outbound\":" outbound     \
    ",\"Duration\":" duration ",\"created_at\":\"" created "\",\"User's name\":\"" name "\"}"

static void test_day(void)
{
    struct door door;
    door_init(&door);
    const char *alice = door.corridor.alice;
    TELLS(&door, CALL("a", "true", "60", "2026-02-05T14:30:00Z", "Alice Example"), "new +member");
    TELLS(&door, CALL("b", "false", "30", "2026-02-05T14:31:00Z", "alice example"), "new +member");
    TELLS(&door, CALL("c", "false", "0", "2026-02-05T14:32:00Z", "Alice Example"), "new +member");
    TELLS(&door, CALL("d", "true", "0", "2026-02-05T14:33:00Z", "Alice Example"), "new +member");
    TELLS(&door, CALL("e", "true", "10", "2026-02-05T14:34:00Z", "Nobody Known"), "new");
    FIGURES(&door, "2026-02-05", alice, "4 2 2 2 1 90 ricochet");
    FIGURES(&door, "2026-02-05", door.corridor.bob, "-1 -1 -1 -1 -1 -1 (null)");
    FIGURES(&door, "2026-02-05", NULL, "4 2 2 2 1 90 ricochet");
    /* the evening of the day before, in Chicago */
    TELLS(&door, CALL("f", "true", "5", "2026-02-05T05:59:59Z", "Alice Example"), "new +member");
    FIGURES(&door, "2026-02-04", alice, "1 0 1 1 0 5 ricochet");
    door_clear(&door);
}

/* The same again changes nothing; more of it changes the call; nothing wipes what is known. */
static void test_again(void)
{
    struct door door;
    door_init(&door);
    const char *alice = door.corridor.alice, *bob = door.corridor.bob;
    TELLS(&door, CALL("a", "true", "60", "2026-02-05T14:30:00Z", "Alice Example"), "new +member");
    TELLS(&door, CALL("a", "true", "60", "2026-02-05T14:30:00Z", "Alice Example"), "again +member");
    FIGURES(&door, "2026-02-05", alice, "1 0 1 1 0 60 ricochet");
    TELLS(&door, "{\"id\":\"a\",\"Duration\":\"\",\"outbound\":null,\"User's name\":\"\"}",
          "again +member");
    FIGURES(&door, "2026-02-05", alice, "1 0 1 1 0 60 ricochet");
    TELLS(&door, "{\"id\":\"a\",\"Duration\":90}", "again +member");
    FIGURES(&door, "2026-02-05", alice, "1 0 1 1 0 90 ricochet");
    TELLS(&door, "{\"id\":\"a\",\"User's name\":\"Bob Example\"}", "again +member");
    FIGURES(&door, "2026-02-05", alice, "-1 -1 -1 -1 -1 -1 (null)");
    FIGURES(&door, "2026-02-05", bob, "1 0 1 1 0 90 ricochet");
    /* a time that is known stays; one that was a guess does not */
    TELLS(&door, "{\"id\":\"a\",\"created_at\":\"2026-02-07T14:30:00Z\"}", "again +member");
    FIGURES(&door, "2026-02-05", bob, "1 0 1 1 0 90 ricochet");
    TELLS(&door, "{\"id\":\"g\",\"outbound\":true,\"Duration\":1,\"User's name\":\"Bob Example\"}",
          "new +member");
    char arrival[DAY_DATE_SIZE];
    AUTO(day_zone) zone = day_zone_new("America/Chicago", NULL);
    day_date_text(day_zone_date(zone, door.corridor.clock), arrival);
    FIGURES(&door, arrival, bob, "1 0 1 1 0 1 ricochet");
    TELLS(&door, "{\"id\":\"g\",\"created_at\":\"2026-02-05T15:30:00Z\"}", "again +member");
    FIGURES(&door, "2026-02-05", bob, "2 0 2 2 0 91 ricochet");
    FIGURES(&door, arrival, bob, "-1 -1 -1 -1 -1 -1 (null)");
    g_assert_cmpint(fixture_number(door.corridor.base.db, "SELECT COUNT(*) FROM call_events"), ==,
                    2);
    door_clear(&door);
}

/* One transaction with several, among them one that cannot be read. */
static void test_batch(void)
{
    struct door door;
    door_init(&door);
    begin(&door);
    g_autofree char *one =
        apply(&door, CALL("a", "true", "60", "2026-02-05T14:30:00Z", "Alice Example"));
    g_autofree char *two = apply(&door, "{\"id\":\"a\",\"Duration\":-1}");
    g_autofree char *three =
        apply(&door, CALL("a", "true", "61", "2026-02-05T14:30:00Z", "Alice Example"));
    commit(&door);
    g_assert_cmpstr(one, ==, "new +member");
    g_assert_cmpstr(two, ==, "refused Duration: it is below zero");
    g_assert_cmpstr(three, ==, "again +member");
    FIGURES(&door, "2026-02-05", door.corridor.alice, "1 0 1 1 0 61 ricochet");
    g_autoptr(GError) error = NULL;
    TELLS(&door, "{\"id\":\"b\",\"Duration\":-1}", "refused Duration: it is below zero");
    g_autoptr(GArray) list =
        store_voip_list(door.corridor.base.db, door.corridor.base.first.id, &error);
    g_assert_cmpstr(g_array_index(list, struct store_voip, 0).last_sync_error, ==,
                    "Duration: it is below zero");
    g_assert_cmpint(g_array_index(list, struct store_voip, 0).last_sync_at, ==,
                    door.corridor.clock);
    store_voip_disable(door.corridor.base.db, door.corridor.base.first.id, STORE_RICOCHET, &error);
    TELLS(&door, "{\"id\":\"c\"}", "nobody");
    door_clear(&door);
}

/* Beside RingCentral's figures, never over them; what is unknown there stays unknown. */
static void test_beside(void)
{
    struct door door;
    door_init(&door);
    const char *alice = door.corridor.alice;
    struct report *calls = a_report("calls", JAN_5, JAN_5 + 24 * HOUR - 60, 'c');
    add_leg(calls, "1000000000001", REPORT_OUTBOUND, "Alice Example", "Call connected",
            JAN_5 + 9 * HOUR, 100, 80);
    TELLS(&door, CALL("a", "true", "60", "2026-01-05T15:00:00Z", "Alice Example"), "new +member");
    FIGURES(&door, "2026-01-05", alice, "1 0 1 1 0 60 ricochet");
    expect_verdict(send_report(&door.corridor, calls), REPORT_STORED);
    FIGURES(&door, "2026-01-05", alice, "2 0 2 2 0 140 calls+ricochet");
    FIGURES(&door, "2026-01-05", door.corridor.bob, "0 0 0 0 0 0 calls");
    FIGURES(&door, "2026-01-05", NULL, "2 0 2 2 0 140 calls+ricochet");
    TELLS(&door, CALL("b", "false", "0", "2026-01-05T16:00:00Z", "Alice Example"), "new +member");
    FIGURES(&door, "2026-01-05", alice, "3 1 2 2 1 140 calls+ricochet");

    struct report *users = a_report("users", JAN_5 + 24 * HOUR, JAN_5 + 48 * HOUR - 60, 'u');
    add_user(users, "Alice Example", 5, 2, 300);
    expect_verdict(send_report(&door.corridor, users), REPORT_STORED);
    FIGURES(&door, "2026-01-06", alice, "5 2 3 -1 -1 300 users");
    TELLS(&door, CALL("c", "true", "10", "2026-01-06T15:00:00Z", "Alice Example"), "new +member");
    FIGURES(&door, "2026-01-06", alice, "6 2 4 -1 -1 310 users+ricochet");
    door_clear(&door);
}

/* Told again is a call that is not the last of its day, nor in the last stretch of it. */
static void test_again_in_the_middle(void)
{
    struct door door;
    door_init(&door);
    const char *alice = door.corridor.alice;
    TELLS(&door, CALL("a", "true", "60", "2026-02-05T14:30:00Z", "Alice Example"), "new +member");
    TELLS(&door, CALL("b", "true", "30", "2026-02-05T15:30:00Z", "Alice Example"), "new +member");
    TELLS(&door, "{\"id\":\"a\",\"Duration\":61}", "again +member");
    FIGURES(&door, "2026-02-05", alice, "2 0 2 2 0 91 ricochet");
    TELLS(&door, CALL("c", "true", "5", "2026-02-06T15:30:00Z", "Alice Example"), "new +member");
    TELLS(&door, CALL("d", "true", "7", "2026-02-05T16:30:00Z", "Alice Example"), "new +member");
    TELLS(&door, "{\"id\":\"a\",\"Duration\":62}", "again +member");
    TELLS(&door, "{\"id\":\"b\",\"Duration\":32}", "again +member");
    FIGURES(&door, "2026-02-05", alice, "3 0 3 3 0 101 ricochet");
    FIGURES(&door, "2026-02-06", alice, "1 0 1 1 0 5 ricochet");
    door_clear(&door);
}

/* People and contacts may come after the events. */
static void test_relink(void)
{
    struct door door;
    door_init(&door);
    g_autoptr(GError) error = NULL;
    struct db *db = door.corridor.base.db;
    const char *agency = door.corridor.base.first.id;
    TELLS(&door, FORM_1, "new +member");
    TELLS(&door,
          "{\"id\":\"z\",\"outbound\":true,\"to\":\"5550100199\",\"Duration\":7,"
          "\"created_at\":\"2026-02-05T14:30:00Z\",\"User's email\":\"ZOE@example.com\"}",
          "new");
    FIGURES(&door, "2026-02-05", NULL, "1 0 1 1 0 245 ricochet");
    struct store_member zoe = {.name = g_strdup("Zoe Example"),
                               .email = g_strdup("zoe@example.com")};
    struct relink relink;
    g_assert_true(store_member_add(db, agency, &zoe, &error));
    g_assert_true(relink_people(db, agency, FIXTURE_NOW, &relink, &error));
    g_assert_cmpint(relink.legs, ==, 1);
    FIGURES(&door, "2026-02-05", zoe.id, "1 0 1 1 0 7 ricochet");
    FIGURES(&door, "2026-02-05", NULL, "2 0 2 2 0 252 ricochet");
    store_member_clear(&zoe);

    struct store_contact contact = {.name = g_strdup("Carl Example"), .kind = g_strdup("lead")};
    bool added, changed;
    g_assert_true(
        store_contact_put(db, agency, &contact, "(555) 010-0199", &added, &changed, &error));
    struct relink_contacts contacts;
    g_assert_true(relink_contacts(db, agency, FIXTURE_NOW, &contacts, &error));
    g_assert_cmpint(contacts.calls, ==, 2);
    ingest_forget(door.corridor.ingest);
    TELLS(&door, FORM_1, "again +member +contact");
    /* another number: off the timeline */
    TELLS(&door, "{\"id\":\"z\",\"to\":\"5550100177\"}", "again +member");
    g_autoptr(GArray) activities = store_activity_list(db, agency, contact.id, 10, &error);
    g_assert_cmpuint(activities->len, ==, 1);
    g_assert_cmpint(g_array_index(activities, struct store_activity, 0).talk_seconds, ==, 245);
    store_contact_clear(&contact);
    door_clear(&door);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ricochet/read", test_read);
    g_test_add_func("/ricochet/day", test_day);
    g_test_add_func("/ricochet/again", test_again);
    g_test_add_func("/ricochet/again-in-the-middle", test_again_in_the_middle);
    g_test_add_func("/ricochet/batch", test_batch);
    g_test_add_func("/ricochet/beside", test_beside);
    g_test_add_func("/ricochet/relink", test_relink);
    return g_test_run();
}
