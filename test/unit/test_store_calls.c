#include "db_fixture.h"

#include "db/store_calls.h"
#include "db/store_member.h"
#include "db/store_message.h"

enum { DATE = 20458 }; /* 2026-01-05 */

/* A fixture with a member in each agency and a file in the first. */
struct calls_fixture {
    struct fixture base;
    char *ann;
    char *foreign;
};

static char *add_member(struct db *db, const char *agency_id, const char *name)
{
    g_autoptr(GError) error = NULL;
    struct store_member member = {.name = g_strdup(name)};
    store_member_add(db, agency_id, &member, &error);
    g_assert_no_error(error);
    char *id = g_steal_pointer(&member.id);
    store_member_clear(&member);
    return id;
}

static void calls_init(struct calls_fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    fixture_init(&fixture->base);
    fixture->ann = add_member(fixture->base.db, fixture->base.first.id, "Ann");
    fixture->foreign = add_member(fixture->base.db, fixture->base.second.id, "Zoe");
    struct store_file file = {
        .id = g_strdup("file"),
        .agency_id = g_strdup(fixture->base.first.id),
        .log_id = g_strdup("log"),
        .sha256 = g_strdup("x"),
        .from = -1,
        .to = -1,
        .received_at = FIXTURE_NOW,
    };
    store_file_add(fixture->base.db, &file, &error);
    g_assert_no_error(error);
    store_file_clear(&file);
}

static void calls_clear(struct calls_fixture *fixture)
{
    g_free(fixture->ann);
    g_free(fixture->foreign);
    fixture_clear(&fixture->base);
}

static struct store_leg leg_of(const char *agency_id, const char *call, const char *leg)
{
    return (struct store_leg){
        .agency_id = agency_id,
        .provider = "ringcentral",
        .external_call_id = call,
        .leg = leg,
        .call_date = DATE,
        .direction = "Inbound",
        .call_started_at = FIXTURE_NOW,
        .duration_seconds = 60,
        .talk_seconds = -1,
        .result = "Missed",
        .source_id = -1,
        .source_row = 2,
        .source_received_at = -1,
        .covered_seconds = 3600,
    };
}

/* A source, as the leg gets it. */
static void add_source(struct calls_fixture *fixture, struct store_leg *leg, const char *file,
                       int64_t received_at)
{
    g_autoptr(GError) error = NULL;
    struct store_call_source source = {.agency_id = leg->agency_id,
                                       .log_id = "log",
                                       .file_id = file,
                                       .sheet = "Calls",
                                       .received_at = received_at};
    g_assert_true(store_source_add(fixture->base.db, &source, &leg->source_id, &error));
    leg->source_log_id = source.log_id;
    leg->source_file_id = source.file_id;
    leg->source_sheet = source.sheet;
    leg->source_received_at = received_at;
}

static struct store_numbers *numbers_of(struct db *db, const char *agency_id)
{
    g_autoptr(GError) error = NULL;
    struct store_numbers *numbers = store_numbers_new(db, agency_id, &error);
    g_assert_no_error(error);
    return numbers;
}

static bool try_insert(struct calls_fixture *fixture, const struct store_leg *leg, GError **error)
{
    AUTO(store_numbers) numbers = numbers_of(fixture->base.db, leg->agency_id);
    AUTO(store_leg_writer) writer = store_leg_writer_new(fixture->base.db, numbers);
    return store_leg_writer_add(writer, leg, error) && store_leg_writer_end(writer, error);
}

static void insert(struct calls_fixture *fixture, const struct store_leg *leg)
{
    g_autoptr(GError) error = NULL;
    try_insert(fixture, leg, &error);
    g_assert_no_error(error);
}

struct seen {
    GString *text;
    guint stop_after;
    guint count;
};

static bool see_leg(void *context, const struct store_leg *leg)
{
    struct seen *seen = context;
    g_string_append_printf(seen->text, "%s/%s ", leg->external_call_id, leg->leg);
    return ++seen->count != seen->stop_after;
}

static void expect_legs(struct calls_fixture *fixture, const char *agency_id, int32_t date,
                        const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    struct seen seen = {.text = text};
    g_assert_true(store_leg_each(fixture->base.db, agency_id, date, see_leg, &seen, &error));
    g_assert_cmpstr(text->str, ==, expected);
}

static bool check_all_columns(void *context, const struct store_leg *leg)
{
    const struct store_leg *expected = context;
#define SAME_TEXT(field)   g_assert_cmpstr(leg->field, ==, expected->field)
#define SAME_NUMBER(field) g_assert_cmpint(leg->field, ==, expected->field)
    SAME_TEXT(agency_id);
    SAME_TEXT(provider);
    SAME_TEXT(external_call_id);
    SAME_TEXT(leg);
    SAME_NUMBER(call_date);
    SAME_TEXT(direction);
    SAME_TEXT(call_type);
    SAME_TEXT(from_number);
    SAME_TEXT(from_name);
    SAME_TEXT(to_number);
    SAME_TEXT(to_name);
    SAME_NUMBER(call_started_at);
    SAME_NUMBER(start_estimated);
    SAME_NUMBER(duration_seconds);
    SAME_NUMBER(talk_seconds);
    SAME_TEXT(result);
    SAME_TEXT(queue);
    SAME_TEXT(agent);
    SAME_TEXT(extension);
    SAME_TEXT(matched_team_member_id);
    SAME_TEXT(matched_prospect_id);
    SAME_NUMBER(prospect_ambiguous);
    SAME_NUMBER(source_id);
    SAME_TEXT(source_log_id);
    SAME_TEXT(source_file_id);
    SAME_TEXT(source_sheet);
    SAME_NUMBER(source_row);
    SAME_NUMBER(source_received_at);
    SAME_NUMBER(covered_seconds);
    SAME_TEXT(raw_payload);
#undef SAME_TEXT
#undef SAME_NUMBER
    return true;
}

static void test_all_columns(void)
{
    struct calls_fixture fixture;
    calls_init(&fixture);
    g_autoptr(GError) error = NULL;
    struct store_leg full = leg_of(fixture.base.first.id, "100", "a");
    full.call_type = "Ring out";
    full.from_number = "(555) 555-0100";
    full.from_name = "from";
    full.to_number = "(555) 555-0101";
    full.to_name = "to";
    full.start_estimated = true;
    full.talk_seconds = 0;
    full.queue = "queue";
    full.agent = "agent";
    full.extension = "101";
    full.matched_team_member_id = fixture.ann;
    full.matched_prospect_id = "prospect";
    add_source(&fixture, &full, "file", FIXTURE_NOW + 10);
    full.raw_payload = "{}";
    insert(&fixture, &full);
    struct store_leg bare = {
        .agency_id = fixture.base.first.id,
        .provider = "ringcentral",
        .external_call_id = "101",
        .leg = "b",
        .call_date = DATE + 1,
        .call_started_at = FIXTURE_NOW,
        .duration_seconds = -1,
        .talk_seconds = -1,
        .source_id = -1,
        .source_row = -1,
        .source_received_at = -1,
        .covered_seconds = -1,
    };
    insert(&fixture, &bare);
    struct db *db = fixture.base.db;
    const char *agency_id = fixture.base.first.id;
    g_assert_true(store_leg_each(db, agency_id, DATE, check_all_columns, &full, &error));
    g_assert_true(store_leg_each(db, agency_id, DATE + 1, check_all_columns, &bare, &error));
    /* Unknown is NULL, and nought is not. */
    g_assert_cmpint(fixture_number(db, "SELECT count(*) FROM call_events WHERE leg = 'b' AND "
                                       "duration_seconds IS NULL AND talk_seconds IS NULL AND "
                                       "covered_seconds IS NULL AND direction IS NULL"),
                    ==, 1);
    g_assert_cmpint(fixture_number(db, "SELECT talk_seconds FROM call_events WHERE leg = 'a'"), ==,
                    0);
    g_autofree char *written = fixture_text(
        db, "SELECT call_date || ' ' || call_started_at FROM call_events WHERE leg = 'a'");
    g_assert_cmpstr(written, ==, "2026-01-05 2026-01-05T17:32:12Z");
    calls_clear(&fixture);
}

static void test_unique_per_agency(void)
{
    struct calls_fixture fixture;
    calls_init(&fixture);
    g_autoptr(GError) error = NULL;
    struct store_leg leg = leg_of(fixture.base.first.id, "100", "a");
    insert(&fixture, &leg);
    g_assert_false(try_insert(&fixture, &leg, &error));
    fixture_expect(&error, ERROR_PERM, "UNIQUE constraint failed: legs");
    leg.leg = "b";
    insert(&fixture, &leg);
    leg.leg = "a";
    leg.provider = "ricochet";
    insert(&fixture, &leg);
    leg.provider = "ringcentral";
    leg.agency_id = fixture.base.second.id;
    insert(&fixture, &leg);
    /* A member of another agency is nobody here. */
    leg.leg = "c";
    leg.matched_team_member_id = fixture.ann;
    g_assert_false(try_insert(&fixture, &leg, &error));
    fixture_expect(&error, ERROR_PERM, "there is no member");
    static const char number[] = "UPDATE legs SET member_number = 2";
    g_assert_false(db_run(fixture.base.db, number, DB_NO_VALUES, NULL, &error));
    fixture_expect(&error, ERROR_PERM, "FOREIGN KEY");
    expect_legs(&fixture, fixture.base.first.id, DATE, "100/a 100/a 100/b ");
    expect_legs(&fixture, fixture.base.second.id, DATE, "100/a ");
    calls_clear(&fixture);
}

/* They count from 1, in the database and in each agency. */
static void test_numbers(void)
{
    struct calls_fixture fixture;
    calls_init(&fixture);
    g_autoptr(GError) error = NULL;
    struct db *db = fixture.base.db;
    g_autofree char *bob = add_member(db, fixture.base.first.id, "Bob");
    AUTO(store_numbers) first = numbers_of(db, fixture.base.first.id);
    AUTO(store_numbers) second = numbers_of(db, fixture.base.second.id);
    g_assert_cmpint(first->agency, ==, 1);
    g_assert_cmpint(second->agency, ==, 2);
    const struct {
        const struct store_numbers *numbers;
        const char *member_id;
        int64_t number;
    } cases[] = {
        {first, fixture.ann, 1},
        {first, bob, 2},
        {first, NULL, -1},
        {second, fixture.foreign, 1},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        int64_t number;
        g_assert_true(store_numbers_member(cases[i].numbers, cases[i].member_id, &number, &error));
        g_assert_cmpint(number, ==, cases[i].number);
    }
    g_assert_null(store_numbers_new(db, "nobody", &error));
    fixture_expect(&error, ERROR_PERM, "there is no agency nobody");
    calls_clear(&fixture);
}

static void test_order_and_stop(void)
{
    struct calls_fixture fixture;
    calls_init(&fixture);
    g_autoptr(GError) error = NULL;
    static const struct {
        const char *call, *leg;
        int date, start;
    } legs[] = {{"102", "a", 0, 5},
                {"101", "b", 0, 5},
                {"101", "a", 0, 5},
                {"109", "a", 0, 1},
                {"100", "a", 1, 0}};
    for (gsize i = 0; i < G_N_ELEMENTS(legs); i++) {
        struct store_leg leg = leg_of(fixture.base.first.id, legs[i].call, legs[i].leg);
        leg.call_date += legs[i].date;
        leg.call_started_at += legs[i].start;
        insert(&fixture, &leg);
    }
    expect_legs(&fixture, fixture.base.first.id, DATE, "109/a 101/a 101/b 102/a ");
    expect_legs(&fixture, fixture.base.first.id, INT32_MIN, "100/a 109/a 101/a 101/b 102/a ");
    expect_legs(&fixture, fixture.base.first.id, DATE + 2, "");
    expect_legs(&fixture, fixture.base.second.id, INT32_MIN, "");
    g_autoptr(GString) text = g_string_new(NULL);
    struct seen seen = {.text = text, .stop_after = 2};
    g_assert_true(
        store_leg_each(fixture.base.db, fixture.base.first.id, DATE, see_leg, &seen, &error));
    g_assert_cmpstr(text->str, ==, "109/a 101/a ");
    calls_clear(&fixture);
}

static void test_known_update_move(void)
{
    struct calls_fixture fixture;
    calls_init(&fixture);
    g_autoptr(GError) error = NULL;
    struct db *db = fixture.base.db;
    const char *agency_id = fixture.base.first.id;
    struct store_leg leg = leg_of(agency_id, "100", "b");
    leg.agent = "Ann A";
    leg.matched_prospect_id = "prospect";
    insert(&fixture, &leg);
    struct store_leg second = leg_of(agency_id, "100", "a");
    add_source(&fixture, &second, "file", FIXTURE_NOW + 10);
    insert(&fixture, &second);
    struct store_leg foreign = leg_of(fixture.base.second.id, "100", "c");
    insert(&fixture, &foreign);

    AUTO(store_session_walk) walk = store_session_walk_new(db, agency_id, "ringcentral");
    const GArray *known = store_session_walk_to(walk, "100", &error);
    g_assert_no_error(error);
    g_assert_cmpuint(known->len, ==, 2);
    const struct store_known_leg *first = &g_array_index(known, struct store_known_leg, 0);
    g_assert_cmpstr(first->leg, ==, "a");
    g_assert_cmpint(first->call_date, ==, DATE);
    g_assert_cmpint(first->call_started_at, ==, FIXTURE_NOW);
    g_assert_cmpint(first->covered_seconds, ==, 3600);
    g_assert_cmpint(first->source_received_at, ==, FIXTURE_NOW + 10);
    AUTO(store_session_walk) other = store_session_walk_new(db, agency_id, "ricochet");
    g_assert_cmpuint(store_session_walk_to(other, "100", &error)->len, ==, 0);

    AUTO(store_numbers) numbers = numbers_of(db, agency_id);
    struct store_leg better = leg;
    better.result = "Answered";
    better.duration_seconds = 70;
    better.talk_seconds = 50;
    better.matched_team_member_id = fixture.ann;
    better.extension = "101";
    better.matched_prospect_id = NULL;
    better.prospect_ambiguous = true;
    better.covered_seconds = 86400;
    add_source(&fixture, &better, "other", FIXTURE_NOW + 20);
    better.source_row = 9;
    better.raw_payload = "{\"Hold\":\"1\"}";
    g_assert_true(store_leg_update(db, numbers, &better, &error));
    g_assert_true(store_session_move(db, agency_id, "ringcentral", "100", DATE - 1, &error));
    better.call_date = DATE - 1;
    g_assert_cmpint(fixture_number(db, "SELECT count(*) FROM call_events WHERE leg = 'a' AND "
                                       "result = 'Missed' AND call_date = '2026-01-04'"),
                    ==, 1);
    fixture_script(db, "DELETE FROM legs WHERE leg = 'a'");
    g_assert_true(store_leg_each(db, agency_id, DATE - 1, check_all_columns, &better, &error));
    expect_legs(&fixture, agency_id, DATE, "");
    expect_legs(&fixture, fixture.base.second.id, DATE, "100/c ");

    better.leg = "nothing";
    g_assert_false(store_leg_update(db, numbers, &better, &error));
    fixture_expect(&error, ERROR_PERM, "there is no leg nothing of call 100");
    calls_clear(&fixture);
}

static bool count_leg(void *context, const struct store_leg *leg)
{
    (void)leg;
    ++*(int64_t *)context;
    return true;
}

/* Legs are stored many at a time: however many a report has, each is there with what is its own. */
static void test_many(void)
{
    enum { MOST = 207 }; /* on two days, of which each is stored by itself */
    struct calls_fixture fixture;
    calls_init(&fixture);
    g_autoptr(GError) error = NULL;
    struct db *db = fixture.base.db;
    char ids[MOST][8], names[MOST][8];
    AUTO(store_numbers) numbers = numbers_of(db, fixture.base.first.id);
    for (int count = 0; count <= MOST; count++) {
        AUTO(store_leg_writer) writer = store_leg_writer_new(db, numbers);
        for (int i = 0; i < count; i++) {
            g_snprintf(ids[i], sizeof ids[i], "%d-%d", count, i);
            g_snprintf(names[i], sizeof names[i], "n%d", i);
            struct store_leg leg = leg_of(fixture.base.first.id, ids[i], "a");
            leg.call_date = DATE + (i > count / 2);
            leg.call_started_at = FIXTURE_NOW + i;
            leg.duration_seconds = i;
            leg.from_name = i % 3 == 0 ? NULL : names[i];
            leg.source_row = i;
            g_assert_true(store_leg_writer_add(writer, &leg, &error));
        }
        g_assert_true(store_leg_writer_end(writer, &error));
    }
    static const char good[] =
        "WITH seen AS (SELECT *, substr(external_call_id, 1, instr(external_call_id, '-') - 1) + 0 "
        "AS count FROM call_events) "
        "SELECT count(*) FROM seen WHERE external_call_id = count || '-' || source_row "
        "AND call_date = date('2026-01-05', (source_row > count / 2) || ' days') "
        "AND call_started_at = strftime('%Y-%m-%dT%H:%M:%SZ', '2026-01-05T17:32:12Z', "
        "source_row || ' seconds') "
        "AND duration_seconds = source_row AND result = 'Missed' "
        "AND from_name IS CASE WHEN source_row % 3 = 0 THEN NULL ELSE 'n' || source_row END";
    g_assert_cmpint(fixture_number(db, good), ==, MOST * (MOST + 1) / 2);
    g_assert_cmpint(fixture_number(db, "SELECT max(id) FROM legs"), ==, MOST * (MOST + 1) / 2);

    AUTO(store_leg_writer) writer = store_leg_writer_new(db, numbers);
    struct store_leg again = leg_of(fixture.base.first.id, "207-3", "a");
    g_assert_true(store_leg_writer_add(writer, &again, &error));
    g_assert_false(store_leg_writer_end(writer, &error));
    fixture_expect(&error, ERROR_PERM, "UNIQUE");
    calls_clear(&fixture);
}

/* However sessions are stored and moved about, each day has its legs, each of them once. */
static void test_days(void)
{
    enum { LEGS = 120, DAYS = 5, MOVES = 400 };
    struct calls_fixture fixture;
    calls_init(&fixture);
    g_autoptr(GError) error = NULL;
    struct db *db = fixture.base.db;
    int32_t days[LEGS];
    char ids[LEGS][8];
    for (int i = 0; i < LEGS;) {
        bool is_first = g_test_rand_bit();
        const char *agency_id = is_first ? fixture.base.first.id : fixture.base.second.id;
        AUTO(store_numbers) numbers = numbers_of(db, agency_id);
        AUTO(store_leg_writer) writer = store_leg_writer_new(db, numbers);
        for (int count = g_test_rand_int_range(1, 10); i < LEGS && count > 0; i++, count--) {
            g_snprintf(ids[i], sizeof ids[i], "%d%03d", is_first ? 1 : 2, i);
            struct store_leg leg = leg_of(agency_id, ids[i], "a");
            leg.call_date = days[i] = DATE + g_test_rand_int_range(0, DAYS);
            g_assert_true(store_leg_writer_add(writer, &leg, &error));
        }
        g_assert_true(store_leg_writer_end(writer, &error));
    }
    for (int move = 0; move < MOVES; move++) {
        int i = g_test_rand_int_range(0, LEGS);
        for (int agency = 1; agency <= 2; agency++) {
            g_autofree char *id = g_strdup_printf("%d%03d", agency, i);
            g_assert_true(
                store_session_move(db, agency == 1 ? fixture.base.first.id : fixture.base.second.id,
                                   "ringcentral", id, DATE + (int32_t)(move % DAYS), &error));
        }
        days[i] = DATE + move % DAYS;
        int32_t day = DATE + g_test_rand_int_range(0, DAYS);
        int64_t wanted = 0, seen = 0;
        for (int j = 0; j < LEGS; j++)
            wanted += days[j] == day;
        g_assert_true(store_leg_each(db, fixture.base.first.id, day, count_leg, &seen, &error));
        g_assert_true(store_leg_each(db, fixture.base.second.id, day, count_leg, &seen, &error));
        g_assert_cmpint(seen, ==, wanted);
    }
    calls_clear(&fixture);
}

/* Walks in order and out of it, over what is there and what is not, and over what it stores itself:
 * always what a fresh look would find. */
static void test_walk(void)
{
    struct calls_fixture fixture;
    calls_init(&fixture);
    g_autoptr(GError) error = NULL;
    struct db *db = fixture.base.db;
    const char *agency_id = fixture.base.first.id;
    static const char *const stored[] = {"103", "105", "1050", "107"};
    for (size_t i = 0; i < G_N_ELEMENTS(stored); i++) {
        struct store_leg leg = leg_of(agency_id, stored[i], "a");
        insert(&fixture, &leg);
    }
    struct store_leg foreign = leg_of(fixture.base.second.id, "104", "a");
    insert(&fixture, &foreign);
    static const struct {
        const char *id;
        guint legs;
    } steps[] = {
        {"101", 0},  {"102", 0}, {"103", 1}, {"104", 0},  {"105", 1},  {"1049", 0},
        {"1050", 1}, {"106", 0}, {"107", 1}, {"108", 0},  {"109", 0},  {"103", 1},
        {"103", 1},  {"104", 0}, {"100", 0}, {"1055", 0}, {"1060", 0}, {"107", 1},
    };
    AUTO(store_session_walk) walk = store_session_walk_new(db, agency_id, "ringcentral");
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        const GArray *known = store_session_walk_to(walk, steps[i].id, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(known->len, ==, steps[i].legs);
        if (known->len > 0)
            g_assert_cmpstr(g_array_index(known, struct store_known_leg, 0).leg, ==, "a");
    }
    struct store_leg leg = leg_of(agency_id, "200", "a");
    g_assert_cmpuint(store_session_walk_to(walk, "200", &error)->len, ==, 0);
    insert(&fixture, &leg);
    g_assert_cmpuint(store_session_walk_to(walk, "200", &error)->len, ==, 1);
    calls_clear(&fixture);
}

static struct store_user user_of(const char *agency_id, const char *name, int64_t total)
{
    return (struct store_user){
        .agency_id = agency_id,
        .file_id = "file",
        .date = DATE,
        .covered_seconds = 86400,
        .covered_until = FIXTURE_NOW,
        .received_at = FIXTURE_NOW + 1,
        .sheet = "Users",
        .user = {.name = name,
                 .total_calls = total,
                 .inbound_calls = -1,
                 .outbound_calls = 0,
                 .answered_inbound = 3,
                 .answered_outbound = 4,
                 .missed = -1,
                 .handle_time = 100,
                 .handle_time_inbound = 60,
                 .handle_time_outbound = 40,
                 .row = 7},
    };
}

static bool see_user(void *context, const struct store_user *row)
{
    g_string_append_printf(context, "%s=%d ", row->user.name, (int)row->user.total_calls);
    g_assert_cmpint(row->date, ==, DATE);
    g_assert_cmpint(row->covered_seconds, ==, 86400);
    g_assert_cmpint(row->covered_until, ==, FIXTURE_NOW);
    g_assert_cmpint(row->received_at, ==, FIXTURE_NOW + 1);
    g_assert_cmpstr(row->file_id, ==, "file");
    g_assert_cmpstr(row->sheet, ==, "Users");
    g_assert_nonnull(row->matched_team_member_id);
    const struct report_user *user = &row->user;
    g_assert_null(user->email);
    g_assert_cmpint(user->inbound_calls, ==, -1);
    g_assert_cmpint(user->outbound_calls, ==, 0);
    g_assert_cmpint(user->answered_inbound, ==, 3);
    g_assert_cmpint(user->answered_outbound, ==, 4);
    g_assert_cmpint(user->missed, ==, -1);
    g_assert_cmpint(user->handle_time, ==, 100);
    g_assert_cmpint(user->handle_time_inbound, ==, 60);
    g_assert_cmpint(user->handle_time_outbound, ==, 40);
    g_assert_cmpuint(user->row, ==, 7);
    return true;
}

static void add_user(struct calls_fixture *fixture, const struct store_user *user)
{
    g_autoptr(GError) error = NULL;
    store_user_add(fixture->base.db, user, &error);
    g_assert_no_error(error);
}

static void test_users(void)
{
    struct calls_fixture fixture;
    calls_init(&fixture);
    g_autoptr(GError) error = NULL;
    const char *agency_id = fixture.base.first.id;
    struct store_user row = user_of(agency_id, "Zed", 5);
    row.matched_team_member_id = fixture.ann;
    add_user(&fixture, &row);
    row.user.name = "Ann";
    row.user.total_calls = -1;
    add_user(&fixture, &row);
    row.user.name = "Of no day";
    row.date = INT32_MIN;
    add_user(&fixture, &row);
    row.date = DATE;
    row.user.name = "Stranger";
    row.matched_team_member_id = NULL;
    add_user(&fixture, &row);
    row.agency_id = fixture.base.second.id;
    g_assert_false(store_user_add(fixture.base.db, &row, &error));
    fixture_expect(&error, ERROR_PERM, "FOREIGN KEY");

    g_autoptr(GString) text = g_string_new(NULL);
    g_assert_true(store_user_each(fixture.base.db, agency_id, DATE, see_user, text, &error));
    g_assert_true(
        store_user_each(fixture.base.db, fixture.base.second.id, DATE, see_user, text, &error));
    g_assert_cmpstr(text->str, ==, "Zed=5 Ann=-1 ");
    g_assert_cmpint(fixture_number(fixture.base.db,
                                   "SELECT count(*) FROM user_reports WHERE missed IS NULL AND "
                                   "inbound_calls IS NULL AND outbound_calls = 0"),
                    ==, 4);
    calls_clear(&fixture);
}

static void test_unmatched(void)
{
    struct calls_fixture fixture;
    calls_init(&fixture);
    g_autoptr(GError) error = NULL;
    const char *agency_id = fixture.base.first.id;
    static const struct {
        const char *call, *agent, *extension;
        int day;
        bool matched;
    } legs[] = {
        {"1", "Bob", NULL, 0, false}, {"2", "Bob", "102", 3, false}, {"3", "Bob", NULL, 1, false},
        {"4", "Ann", "101", 0, true}, {"5", NULL, "103", 0, false},  {"6", "Cy", "104", 2, false},
        {"7", "bob", NULL, 0, false},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(legs); i++) {
        struct store_leg leg = leg_of(agency_id, legs[i].call, "a");
        leg.agent = legs[i].agent;
        leg.extension = legs[i].extension;
        leg.call_date = DATE + legs[i].day;
        leg.matched_team_member_id = legs[i].matched ? fixture.ann : NULL;
        insert(&fixture, &leg);
    }
    struct store_leg foreign = leg_of(fixture.base.second.id, "1", "a");
    foreign.agent = "Foreign";
    insert(&fixture, &foreign);
    struct store_user row = user_of(agency_id, "Cy", 5);
    row.date = DATE - 4;
    add_user(&fixture, &row);
    row.user.name = "Only a user";
    row.user.extension = "105";
    row.date = INT32_MIN;
    add_user(&fixture, &row);

    g_autoptr(GArray) names = store_unmatched_list(fixture.base.db, agency_id, &error);
    g_assert_no_error(error);
    static const struct {
        const char *name, *extension;
        int legs, days;
        int32_t first, last;
    } expected[] = {
        {"Bob", "102", 3, 3, DATE, DATE + 3},
        {"Cy", "104", 1, 2, DATE - 4, DATE + 2},
        {"bob", NULL, 1, 1, DATE, DATE},
        {"Only a user", "105", 0, 0, INT32_MIN, INT32_MIN},
    };
    g_assert_cmpuint(names->len, ==, G_N_ELEMENTS(expected));
    for (guint i = 0; i < names->len; i++) {
        const struct store_unmatched *name = &g_array_index(names, struct store_unmatched, i);
        g_assert_cmpstr(name->name, ==, expected[i].name);
        g_assert_cmpstr(name->extension, ==, expected[i].extension);
        g_assert_cmpint(name->legs, ==, expected[i].legs);
        g_assert_cmpint(name->days, ==, expected[i].days);
        g_assert_cmpint(name->first_date, ==, expected[i].first);
        g_assert_cmpint(name->last_date, ==, expected[i].last);
    }
    calls_clear(&fixture);
}

/* What is asked at each mail goes by an index that begins with the agency. */
/* The plan in one line, its steps apart by "; ". */
static char *plan_of(struct db *db, const char *sql)
{
    g_autoptr(GError) error = NULL;
    AUTO(db_rows) rows = db_query(db, sql, DB_NO_VALUES, &error);
    g_assert_no_error(error);
    GString *plan = g_string_new(NULL);
    while (db_step(rows, &error) == DB_ROW)
        g_string_append_printf(plan, "%s; ", db_column_text(rows, 3));
    return g_string_free(plan, FALSE);
}

static void test_plans(void)
{
    static const struct {
        const char *sql;
        const char *plan;
    } cases[] = {
        {"EXPLAIN QUERY PLAN SELECT leg FROM call_events WHERE agency_id = 'a' AND "
         "provider = 'p' AND external_call_id = 'c' ORDER BY leg",
         "sqlite_autoindex_legs_1 (agency_number=? AND provider=? AND external_call_id=?)"},
        {"EXPLAIN QUERY PLAN SELECT leg FROM call_spans AS p CROSS JOIN call_events AS e WHERE "
         "p.agency_id = 'a' AND p.date = 'd' AND e.id BETWEEN p.first_id AND p.last_id AND "
         "e.agency_id || '' = 'a' AND e.call_date = 'd'",
         "SEARCH p USING PRIMARY KEY (agency_id=? AND date=?); "
         "SEARCH l USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
        {"EXPLAIN QUERY PLAN SELECT agent, MAX(extension), COUNT(*), MIN(call_date) "
         "FROM legs WHERE agency_number = (SELECT number FROM agencies WHERE id = 'a') AND "
         "member_number IS NULL AND "
         "agent IS NOT NULL GROUP BY agent",
         "COVERING INDEX legs_unmatched (agency_number=?"},
        {"EXPLAIN QUERY PLAN SELECT * FROM email_ingest_logs WHERE agency_id = 'a' "
         "ORDER BY received_at DESC, serial DESC LIMIT 5",
         "email_ingest_logs_by_agency (agency_id=?)"},
    };
    struct calls_fixture fixture;
    calls_init(&fixture);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *plan = plan_of(fixture.base.db, cases[i].sql);
        if (strstr(plan, cases[i].plan) == NULL)
            g_error("`%s` is not the plan `%s`", plan, cases[i].plan);
    }
    calls_clear(&fixture);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-calls/all-columns", test_all_columns);
    g_test_add_func("/store-calls/unique-per-agency", test_unique_per_agency);
    g_test_add_func("/store-calls/numbers", test_numbers);
    g_test_add_func("/store-calls/order-and-stop", test_order_and_stop);
    g_test_add_func("/store-calls/known-update-move", test_known_update_move);
    g_test_add_func("/store-calls/walk", test_walk);
    g_test_add_func("/store-calls/many", test_many);
    g_test_add_func("/store-calls/days", test_days);
    g_test_add_func("/store-calls/users", test_users);
    g_test_add_func("/store-calls/unmatched", test_unmatched);
    g_test_add_func("/store-calls/plans", test_plans);
    return g_test_run();
}
