/* The figures of a day: which source gives what, and that unknown is not zero. */
#include "figures/daily.h"

#include <string.h>

#define UNKNOWN REPORT_UNKNOWN
#define IN      REPORT_INBOUND
#define OUT     REPORT_OUTBOUND

enum { FULL = 86400, HALF = 43200, EVENING = 1000, NOON = 500 };

static const char *const both[] = {"ann", "bob"};

/* Bob: 1 answered in, 1 missed in, 1 answered out, 110 s of talk. Ann was only rung. */
static const struct call_leg calls[] = {
    {"1", "bob", "Bob", "Answered", 50, IN},
    {"1", "ann", "Ann", "Missed", UNKNOWN, IN},
    {"2", "bob", "Bob", "Missed", UNKNOWN, IN},
    {"3", "bob", "Bob", "Connected", 60, OUT},
    {"4", NULL, NULL, "Abandoned", UNKNOWN, IN},
    {"5", NULL, "Stranger", "Answered", 70, IN},
    {"6", "bob", "Bob", "Answered", 80, REPORT_INTERNAL},
};

/* Bob's row with all columns, and with those that are there by default. */
#define BOB_ALL(file, covered, until, order)                                                       \
    {                                                                                              \
        "bob", file, covered, until, order, 10, 6, 4, 3, 2, 1, 900                                 \
    }
#define BOB_FEW(file, covered, until, order)                                                       \
    {                                                                                              \
        "bob", file, covered, until, order, 10, 6, 4, UNKNOWN, UNKNOWN, UNKNOWN, 900               \
    }

/* A day as the tests write it: with the legs that its totals are counted from. */
struct day_input {
    const char *const *members;
    size_t member_count;
    bool has_calls;
    int64_t calls_covered, calls_covered_until;
    const struct call_leg *legs;
    size_t leg_count;
    const struct daily_user *users;
    size_t user_count;
};

static struct day_input input_of(int64_t calls_covered, const struct daily_user *users,
                                 size_t user_count)
{
    return (struct day_input){
        .members = both,
        .member_count = G_N_ELEMENTS(both),
        .has_calls = true,
        .calls_covered = calls_covered,
        .calls_covered_until = calls_covered == 0      ? UNKNOWN
                               : calls_covered == FULL ? EVENING
                                                       : NOON,
        .legs = calls,
        .leg_count = G_N_ELEMENTS(calls),
        .users = users,
        .user_count = user_count,
    };
}

static struct day_input without_calls(const struct daily_user *users, size_t user_count)
{
    struct day_input input = input_of(0, users, user_count);
    input.has_calls = false;
    input.legs = NULL;
    input.leg_count = 0;
    return input;
}

static void add_figures(GString *text, const char *name, const struct figures *figures,
                        unsigned basis, int64_t until)
{
    const char *basis_name = daily_basis_name(basis);
    g_string_append_printf(text, "%s: %d %d %d %d %d %d %s %d\n", name, (int)figures->total,
                           (int)figures->inbound, (int)figures->outbound, (int)figures->answered,
                           (int)figures->missed, (int)figures->talk_seconds,
                           basis_name != NULL ? basis_name : "-", (int)until);
}

/* "name: total inbound outbound answered missed talk basis covered_until", a line for each. */
static char *daily_text(const struct day_input *input)
{
    g_autofree struct call_leg *legs =
        g_memdup2(input->legs, input->leg_count * sizeof(struct call_leg));
    struct day_totals sessions;
    day_totals_init(&sessions);
    day_totals_count_all(&sessions, legs, input->leg_count);
    struct daily_input daily = {
        .members = input->members,
        .member_count = input->member_count,
        .has_calls = input->has_calls,
        .calls_covered = input->calls_covered,
        .calls_covered_until = input->calls_covered_until,
        .sessions = &sessions,
        .users = input->users,
        .user_count = input->user_count,
    };
    struct daily_result result;
    daily_compute(&daily, &result);
    day_totals_clear(&sessions);
    GString *text = g_string_new(NULL);
    add_figures(text, "agency", &result.agency, result.basis, result.covered_until);
    g_string_append_printf(text, "unmatched %d internal %d\n", (int)result.unmatched,
                           (int)result.internal);
    for (guint i = 0; i < result.members->len; i++) {
        const struct daily_member *member = &g_array_index(result.members, struct daily_member, i);
        add_figures(text, member->member_id, &member->figures, member->basis,
                    member->covered_until);
    }
    daily_result_clear(&result);
    return g_string_free(text, FALSE);
}

static void assert_daily(struct day_input input, const char *expected)
{
    g_autofree char *text = daily_text(&input);
    g_assert_cmpstr(text, ==, expected);
}

static void test_basis_name(void)
{
    g_assert_null(daily_basis_name(0));
    g_assert_cmpstr(daily_basis_name(DAILY_USERS), ==, "users");
    g_assert_cmpstr(daily_basis_name(DAILY_CALLS), ==, "calls");
    g_assert_cmpstr(daily_basis_name(DAILY_USERS | DAILY_CALLS), ==, "users+calls");
    g_assert_cmpstr(daily_basis_name(DAILY_RICOCHET), ==, "ricochet");
    g_assert_cmpstr(daily_basis_name(DAILY_CALLS | DAILY_RICOCHET), ==, "calls+ricochet");
    g_assert_cmpstr(daily_basis_name(DAILY_USERS | DAILY_CALLS | DAILY_RICOCHET), ==,
                    "users+calls+ricochet");
}

static void test_calls_alone(void)
{
    assert_daily(input_of(FULL, NULL, 0), "agency: 4 3 1 2 2 110 calls 1000\n"
                                          "unmatched 1 internal 1\n"
                                          "ann: 1 1 0 0 1 0 calls 1000\n"
                                          "bob: 3 2 1 2 1 110 calls 1000\n");
}

static void test_users_alone(void)
{
    const struct daily_user users[] = {BOB_ALL("f", FULL, EVENING, 1),
                                       {"ann", "f", FULL, EVENING, 1, 5, 5, 0, 4, 0, 1, 300}};
    assert_daily(without_calls(users, 2), "agency: 15 11 4 9 2 1200 users 1000\n"
                                          "unmatched -1 internal -1\n"
                                          "ann: 5 5 0 4 1 300 users 1000\n"
                                          "bob: 10 6 4 5 1 900 users 1000\n");
}

/* Users totals overwritten by sums over Calls, or by a second provider: each source keeps its own
 * figures; one rule combines them */
static void test_users_totals_overwritten(void)
{
    const struct daily_user users[] = {BOB_ALL("f", FULL, EVENING, 1)};
    assert_daily(input_of(FULL, users, 1), "agency: 4 3 1 2 2 900 users+calls 1000\n"
                                           "unmatched 1 internal 1\n"
                                           "ann: 1 1 0 0 1 0 calls 1000\n"
                                           "bob: 10 6 4 5 1 900 users 1000\n");
}

/* Calls of half a day beside Users of a whole one: Bob's figures are those of Users, the agency's
 * still come from sessions. */
static void test_users_cover_more(void)
{
    const struct daily_user users[] = {BOB_FEW("f", FULL, EVENING, 1)};
    assert_daily(input_of(HALF, users, 1), "agency: 4 3 1 2 2 900 users+calls 500\n"
                                           "unmatched 1 internal 1\n"
                                           "ann: 1 1 0 0 1 0 calls 500\n"
                                           "bob: 10 6 4 2 1 900 users+calls 1000\n");
}

/* Answered and missed go by the columns, not by coverage. */
static void test_calls_cover_more(void)
{
    const struct daily_user users[] = {BOB_ALL("f", HALF, NOON, 1)};
    assert_daily(input_of(FULL, users, 1), "agency: 4 3 1 2 2 110 calls 1000\n"
                                           "unmatched 1 internal 1\n"
                                           "ann: 1 1 0 0 1 0 calls 1000\n"
                                           "bob: 3 2 1 5 1 110 users+calls 1000\n");
}

/* missing data shown as 0: unknown is not zero, anywhere */
static void test_missing_data(void)
{
    /* nobody reported */
    assert_daily(without_calls(NULL, 0), "agency: -1 -1 -1 -1 -1 -1 - -1\n"
                                         "unmatched -1 internal -1\n"
                                         "ann: -1 -1 -1 -1 -1 -1 - -1\n"
                                         "bob: -1 -1 -1 -1 -1 -1 - -1\n");
    /* a covered day without calls */
    struct day_input quiet = input_of(FULL, NULL, 0);
    quiet.leg_count = 0;
    assert_daily(quiet, "agency: 0 0 0 0 0 0 calls 1000\n"
                        "unmatched 0 internal 0\n"
                        "ann: 0 0 0 0 0 0 calls 1000\n"
                        "bob: 0 0 0 0 0 0 calls 1000\n");
    /* calls in a report whose range is unknown: Ann has none, which says nothing of her */
    struct day_input ranged = input_of(0, NULL, 0);
    ranged.legs = &calls[2];
    ranged.leg_count = 2;
    assert_daily(ranged, "agency: 2 1 1 1 1 60 calls -1\n"
                         "unmatched 0 internal 0\n"
                         "ann: -1 -1 -1 -1 -1 -1 - -1\n"
                         "bob: 2 1 1 1 1 60 calls -1\n");
    ranged.leg_count = 0;
    assert_daily(ranged, "agency: -1 -1 -1 -1 -1 -1 - -1\n"
                         "unmatched -1 internal -1\n"
                         "ann: -1 -1 -1 -1 -1 -1 - -1\n"
                         "bob: -1 -1 -1 -1 -1 -1 - -1\n");
    /* nobody whose talk time is known */
    const struct call_leg answered[] = {{"1", "bob", "Bob", "Answered", UNKNOWN, IN}};
    struct day_input silent = input_of(0, NULL, 0);
    silent.legs = answered;
    silent.leg_count = 1;
    assert_daily(silent, "agency: 1 1 0 1 0 -1 calls -1\n"
                         "unmatched 0 internal 0\n"
                         "ann: -1 -1 -1 -1 -1 -1 - -1\n"
                         "bob: 1 1 0 1 0 -1 calls -1\n");
}

/* answered and missed written as 0 from Users files that lack the columns */
static void test_lacking_columns(void)
{
    const struct daily_user users[] = {BOB_FEW("f", FULL, EVENING, 1)};
    assert_daily(without_calls(users, 1), "agency: 10 6 4 -1 -1 900 users 1000\n"
                                          "unmatched -1 internal -1\n"
                                          "ann: -1 -1 -1 -1 -1 -1 - -1\n"
                                          "bob: 10 6 4 -1 -1 900 users 1000\n");
    assert_daily(input_of(FULL, users, 1), "agency: 4 3 1 2 2 900 users+calls 1000\n"
                                           "unmatched 1 internal 1\n"
                                           "ann: 1 1 0 0 1 0 calls 1000\n"
                                           "bob: 10 6 4 2 1 900 users+calls 1000\n");
    /* one of the two columns that make up answered is not enough */
    struct daily_user one[] = {BOB_ALL("f", FULL, EVENING, 1)};
    one[0].answered_outbound = UNKNOWN;
    assert_daily(without_calls(one, 1), "agency: 10 6 4 -1 1 900 users 1000\n"
                                        "unmatched -1 internal -1\n"
                                        "ann: -1 -1 -1 -1 -1 -1 - -1\n"
                                        "bob: 10 6 4 -1 1 900 users 1000\n");
}

/* What Users does not tell comes from Calls of the same coverage, never from half a day. */
static void test_other_source_fills_in(void)
{
    struct daily_user users[] = {BOB_ALL("f", FULL, EVENING, 1)};
    users[0].handle_time = UNKNOWN;
    users[0].inbound = UNKNOWN;
    assert_daily(input_of(FULL, users, 1), "agency: 4 3 1 2 2 110 calls 1000\n"
                                           "unmatched 1 internal 1\n"
                                           "ann: 1 1 0 0 1 0 calls 1000\n"
                                           "bob: 10 2 4 5 1 110 users+calls 1000\n");
    assert_daily(input_of(HALF, users, 1), "agency: 4 3 1 2 2 0 calls 500\n"
                                           "unmatched 1 internal 1\n"
                                           "ann: 1 1 0 0 1 0 calls 500\n"
                                           "bob: 10 -1 4 5 1 -1 users 1000\n");
    /* covered_until is of the source that gave the total */
    users[0].total = UNKNOWN;
    users[0].covered_until = NOON;
    assert_daily(input_of(FULL, users, 1), "agency: 4 3 1 2 2 110 calls 1000\n"
                                           "unmatched 1 internal 1\n"
                                           "ann: 1 1 0 0 1 0 calls 1000\n"
                                           "bob: 3 2 4 5 1 110 users+calls 1000\n");
    /* a row that tells none of the figures does not silence the calls */
    users[0].outbound = UNKNOWN;
    assert_daily(input_of(HALF, users, 1), "agency: 4 3 1 2 2 110 calls 500\n"
                                           "unmatched 1 internal 1\n"
                                           "ann: 1 1 0 0 1 0 calls 500\n"
                                           "bob: 3 2 1 5 1 110 users+calls 500\n");
}

static void test_rows_of_one_member(void)
{
    struct daily_user users[] = {BOB_ALL("f", FULL, EVENING, 1),
                                 {"ann", "f", FULL, EVENING, 1, 5, 5, 0, 4, 0, 1, 300},
                                 {"bob", "f", FULL, EVENING, 1, 2, 1, 1, 1, 1, 0, 50}};
    assert_daily(without_calls(users, 3), "agency: 17 12 5 11 2 1250 users 1000\n"
                                          "unmatched -1 internal -1\n"
                                          "ann: 5 5 0 4 1 300 users 1000\n"
                                          "bob: 12 7 5 7 1 950 users 1000\n");
    /* a part that is unknown makes the sum unknown */
    users[2].handle_time = UNKNOWN;
    users[2].answered_inbound = UNKNOWN;
    assert_daily(without_calls(users, 3), "agency: 17 12 5 4 2 300 users 1000\n"
                                          "unmatched -1 internal -1\n"
                                          "ann: 5 5 0 4 1 300 users 1000\n"
                                          "bob: 12 7 5 -1 1 -1 users 1000\n");
}

static void test_several_files(void)
{
    /* more coverage counts, whatever came last */
    struct daily_user users[] = {{"bob", "b", HALF, NOON, 9, 4, 3, 1, 2, 1, 0, 400},
                                 BOB_ALL("a", FULL, EVENING, 1)};
    static const char *const of_whole_day = "agency: 10 6 4 5 1 900 users 1000\n"
                                            "unmatched -1 internal -1\n"
                                            "ann: -1 -1 -1 -1 -1 -1 - -1\n"
                                            "bob: 10 6 4 5 1 900 users 1000\n";
    assert_daily(without_calls(users, 2), of_whole_day);
    /* at equal coverage the later one */
    users[0].covered_seconds = FULL;
    assert_daily(without_calls(users, 2), "agency: 4 3 1 3 0 400 users 500\n"
                                          "unmatched -1 internal -1\n"
                                          "ann: -1 -1 -1 -1 -1 -1 - -1\n"
                                          "bob: 4 3 1 3 0 400 users 500\n");
    users[0].order = 0;
    assert_daily(without_calls(users, 2), of_whole_day);
    /* members whose best files differ: the sum reaches as far as all of them */
    users[0] = (struct daily_user){"ann", "b", HALF, NOON, 9, 4, 3, 1, 2, 1, 0, 400};
    assert_daily(without_calls(users, 2), "agency: 14 9 5 8 1 1300 users 500\n"
                                          "unmatched -1 internal -1\n"
                                          "ann: 4 3 1 3 0 400 users 500\n"
                                          "bob: 10 6 4 5 1 900 users 1000\n");
}

/* thousands of calls of nobody in the agency inflated totals */
static void test_calls_of_nobody(void)
{
    struct day_input input = input_of(FULL, NULL, 0);
    input.legs = &calls[5];
    input.leg_count = 1;
    assert_daily(input, "agency: 0 0 0 0 0 0 calls 1000\n"
                        "unmatched 1 internal 0\n"
                        "ann: 0 0 0 0 0 0 calls 1000\n"
                        "bob: 0 0 0 0 0 0 calls 1000\n");
}

static void test_no_members(void)
{
    struct day_input input = input_of(FULL, NULL, 0);
    input.members = NULL;
    input.member_count = 0;
    input.legs = &calls[4];
    input.leg_count = 2;
    assert_daily(input, "agency: 1 1 0 0 1 -1 calls 1000\n"
                        "unmatched 1 internal 0\n");
}

static struct daily_user random_user(void)
{
    static const char *const files[] = {"a", "b", "c"};
    static const int64_t covered[] = {FULL, HALF, FULL};
    int file = g_test_rand_int_range(0, 3);
    struct daily_user user = {
        .member_id = both[g_test_rand_int_range(0, 2)],
        .file_id = files[file],
        .covered_seconds = covered[file],
        .covered_until = covered[file],
        .order = file,
        .total = g_test_rand_int_range(-1, 9),
        .inbound = g_test_rand_int_range(-1, 9),
        .outbound = g_test_rand_int_range(-1, 9),
        .answered_inbound = g_test_rand_int_range(-1, 9),
        .answered_outbound = g_test_rand_int_range(-1, 9),
        .missed = g_test_rand_int_range(-1, 9),
        .handle_time = g_test_rand_int_range(-1, 900),
    };
    return user;
}

/* Legs and rows in another order give the same figures. */
static void test_any_order(void)
{
    for (int round = 0; round < 500; round++) {
        struct daily_user users[8], users_turned[G_N_ELEMENTS(users)];
        struct call_leg legs_turned[G_N_ELEMENTS(calls)];
        gint32 turn = g_test_rand_int_range(0, G_N_ELEMENTS(users));
        for (gint32 i = 0; i < (gint32)G_N_ELEMENTS(users); i++) {
            users[i] = random_user();
            users_turned[G_N_ELEMENTS(users) - 1 - (gsize)((i + turn) % 8)] = users[i];
        }
        for (size_t i = 0; i < G_N_ELEMENTS(calls); i++)
            legs_turned[G_N_ELEMENTS(calls) - 1 - (i + (size_t)turn) % G_N_ELEMENTS(calls)] =
                calls[i];
        static const int64_t covered[] = {0, HALF, FULL};
        struct day_input input =
            input_of(covered[g_test_rand_int_range(0, 3)], users, G_N_ELEMENTS(users));
        g_autofree char *before = daily_text(&input);
        input.users = users_turned;
        input.legs = legs_turned;
        g_autofree char *after = daily_text(&input);
        g_assert_cmpstr(after, ==, before);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/daily/basis-name", test_basis_name);
    g_test_add_func("/daily/calls-alone", test_calls_alone);
    g_test_add_func("/daily/users-alone", test_users_alone);
    g_test_add_func("/daily/users-totals-overwritten-by-calls", test_users_totals_overwritten);
    g_test_add_func("/daily/users-cover-more", test_users_cover_more);
    g_test_add_func("/daily/calls-cover-more", test_calls_cover_more);
    g_test_add_func("/daily/missing-data-shown-as-0", test_missing_data);
    g_test_add_func("/daily/answered-0-from-users-without-the-columns", test_lacking_columns);
    g_test_add_func("/daily/other-source-fills-in", test_other_source_fills_in);
    g_test_add_func("/daily/rows-of-one-member", test_rows_of_one_member);
    g_test_add_func("/daily/several-files", test_several_files);
    g_test_add_func("/daily/calls-of-nobody-inflated-totals", test_calls_of_nobody);
    g_test_add_func("/daily/no-members", test_no_members);
    g_test_add_func("/daily/any-order", test_any_order);
    return g_test_run();
}
