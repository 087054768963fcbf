/* Legs to sessions: results, directions, whose call it is, and that the order plays no part. */
#include "figures/totals.h"

#include <string.h>

#define UNKNOWN  REPORT_UNKNOWN
#define IN       REPORT_INBOUND
#define OUT      REPORT_OUTBOUND
#define INTERNAL REPORT_INTERNAL
#define BLANK    REPORT_DIRECTION_UNKNOWN

struct result_case {
    const char *result;
    enum outcome inbound, outbound, unknown;
    bool is_known;
};

static const struct result_case results[] = {
    {"Answered", OUTCOME_ANSWERED, OUTCOME_ANSWERED, OUTCOME_ANSWERED, true},
    {"Connected", OUTCOME_ANSWERED, OUTCOME_ANSWERED, OUTCOME_ANSWERED, true},
    {"Accepted", OUTCOME_ANSWERED, OUTCOME_ANSWERED, OUTCOME_ANSWERED, true},
    {"Call connected", OUTCOME_ANSWERED, OUTCOME_ANSWERED, OUTCOME_ANSWERED, true},
    {"Completed", OUTCOME_ANSWERED, OUTCOME_ANSWERED, OUTCOME_ANSWERED, true},
    {"Missed", OUTCOME_MISSED, OUTCOME_NEITHER, OUTCOME_NEITHER, true},
    {"VM/Missed", OUTCOME_MISSED, OUTCOME_NEITHER, OUTCOME_NEITHER, true},
    {"Voicemail", OUTCOME_MISSED, OUTCOME_NEITHER, OUTCOME_NEITHER, true},
    {"No Answer", OUTCOME_MISSED, OUTCOME_NEITHER, OUTCOME_NEITHER, true},
    {"Refused", OUTCOME_MISSED, OUTCOME_NEITHER, OUTCOME_NEITHER, true},
    {"Rejected", OUTCOME_MISSED, OUTCOME_NEITHER, OUTCOME_NEITHER, true},
    {"Abandoned", OUTCOME_MISSED, OUTCOME_NEITHER, OUTCOME_NEITHER, true},
    {"VM/Abandoned", OUTCOME_MISSED, OUTCOME_NEITHER, OUTCOME_NEITHER, true},
    {"IVR/Answered", OUTCOME_NEITHER, OUTCOME_NEITHER, OUTCOME_NEITHER, true},
    {"AIR/Answered", OUTCOME_NEITHER, OUTCOME_NEITHER, OUTCOME_NEITHER, true},
    {"Not Connected", OUTCOME_NEITHER, OUTCOME_NEITHER, OUTCOME_NEITHER, true},
    {"Park Off", OUTCOME_NEITHER, OUTCOME_NEITHER, OUTCOME_NEITHER, true},
    {"Busy", OUTCOME_NEITHER, OUTCOME_NEITHER, OUTCOME_NEITHER, true},
    {"Hang Up", OUTCOME_NEITHER, OUTCOME_NEITHER, OUTCOME_NEITHER, true},
    {"Missed with VM", OUTCOME_MISSED, OUTCOME_NEITHER, OUTCOME_NEITHER, true},
    {"Missed without VM", OUTCOME_MISSED, OUTCOME_NEITHER, OUTCOME_NEITHER, true},
    {"Answered elsewhere", OUTCOME_NEITHER, OUTCOME_NEITHER, OUTCOME_NEITHER, true},
    {"Transferred", OUTCOME_NEITHER, OUTCOME_NEITHER, OUTCOME_NEITHER, true},
    {NULL, OUTCOME_NEITHER, OUTCOME_NEITHER, OUTCOME_NEITHER, true},
    {"", OUTCOME_NEITHER, OUTCOME_NEITHER, OUTCOME_NEITHER, true},
    {" \u00a0", OUTCOME_NEITHER, OUTCOME_NEITHER, OUTCOME_NEITHER, true},
    {"  cALL\u00a0 \t connected ", OUTCOME_ANSWERED, OUTCOME_ANSWERED, OUTCOME_ANSWERED, true},
    {"vm/MISSED\n", OUTCOME_MISSED, OUTCOME_NEITHER, OUTCOME_NEITHER, true},
    /* words that only resemble */
    {"Answere", OUTCOME_NEITHER, OUTCOME_NEITHER, OUTCOME_NEITHER, false},
    {"Answered nowhere", OUTCOME_NEITHER, OUTCOME_NEITHER, OUTCOME_NEITHER, false},
    {"Call Connected OK", OUTCOME_NEITHER, OUTCOME_NEITHER, OUTCOME_NEITHER, false},
    {"Callconnected", OUTCOME_NEITHER, OUTCOME_NEITHER, OUTCOME_NEITHER, false},
    {"VM / Missed", OUTCOME_NEITHER, OUTCOME_NEITHER, OUTCOME_NEITHER, false},
    {"Verpasst", OUTCOME_NEITHER, OUTCOME_NEITHER, OUTCOME_NEITHER, false},
};

static void test_results(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(results); i++) {
        const struct result_case *c = &results[i];
        struct call_leg leg = {"1", NULL, NULL, c->result, UNKNOWN, REPORT_INBOUND};
        g_assert_cmpint(outcome_of_leg(&leg), ==, c->inbound);
        leg.direction = REPORT_OUTBOUND;
        g_assert_cmpint(outcome_of_leg(&leg), ==, c->outbound);
        leg.direction = REPORT_DIRECTION_UNKNOWN;
        g_assert_cmpint(outcome_of_leg(&leg), ==, c->unknown);
        leg.direction = REPORT_INTERNAL;
        g_assert_cmpint(outcome_of_leg(&leg), ==, OUTCOME_NEITHER);
        leg.talk_seconds = 10;
        g_assert_cmpint(outcome_of_leg(&leg), ==, OUTCOME_NEITHER);
        leg.direction = REPORT_INBOUND;
        g_assert_cmpint(outcome_of_leg(&leg), ==, OUTCOME_ANSWERED);
        leg.talk_seconds = 0;
        g_assert_cmpint(outcome_of_leg(&leg), ==, c->inbound);
        g_assert_cmpint(outcome_is_known(c->result), ==, c->is_known);
    }
}

static void test_talk_seconds(void)
{
    static const struct {
        enum report_direction direction;
        const char *result;
        int64_t length, handle_time, talk;
    } cases[] = {
        {IN, "Answered", 60, 50, 50},
        {IN, "Answered", 60, 0, 0},
        {IN, "Answered", 60, UNKNOWN, UNKNOWN},
        {IN, "Missed", 20, UNKNOWN, UNKNOWN},
        {IN, "Missed", 20, 7, 7},
        {OUT, "Connected", 60, UNKNOWN, 60},
        {OUT, " call CONNECTED", 60, UNKNOWN, 60},
        {OUT, "Connected", 60, 50, 50},
        {OUT, "Connected", UNKNOWN, UNKNOWN, UNKNOWN},
        {OUT, "Not Connected", 60, UNKNOWN, UNKNOWN},
        {OUT, NULL, 60, UNKNOWN, UNKNOWN},
        {INTERNAL, "Connected", 60, 50, UNKNOWN},
        {BLANK, "Connected", 60, UNKNOWN, UNKNOWN},
        {BLANK, "Connected", 60, 50, 50},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(outcome_talk_seconds(cases[i].direction, cases[i].result, cases[i].length,
                                             cases[i].handle_time),
                        ==, cases[i].talk);
}

static void test_agent(void)
{
    struct report_leg leg = {.direction = REPORT_INBOUND,
                             .from_name = "CALLER",
                             .from_number = "(555) 010-0003",
                             .to_name = "Bob Agent",
                             .to_number = "101"};
    g_assert_cmpstr(outcome_agent(&leg), ==, "Bob Agent");
    g_assert_cmpstr(outcome_agent_number(&leg), ==, "101");
    leg.direction = REPORT_OUTBOUND;
    g_assert_cmpstr(outcome_agent(&leg), ==, "CALLER");
    g_assert_cmpstr(outcome_agent_number(&leg), ==, "(555) 010-0003");
    leg.direction = REPORT_DIRECTION_UNKNOWN;
    g_assert_cmpstr(outcome_agent(&leg), ==, "Bob Agent");
    leg.direction = REPORT_INTERNAL;
    g_assert_cmpstr(outcome_agent(&leg), ==, "Bob Agent");

    leg.direction = REPORT_INBOUND;
    leg.queue = "Main Line";
    g_assert_cmpstr(outcome_agent(&leg), ==, "Bob Agent");
    leg.to_name = " main\u00a0LINE";
    g_assert_null(outcome_agent(&leg));
    g_assert_null(outcome_agent_number(&leg));
    leg.to_name = "Main Line 2";
    g_assert_cmpstr(outcome_agent(&leg), ==, "Main Line 2");
    leg.to_name = NULL;
    g_assert_null(outcome_agent(&leg));
    g_assert_cmpstr(outcome_agent_number(&leg), ==, "101");
    leg.to_name = " ";
    g_assert_null(outcome_agent(&leg));
    leg.to_number = NULL;
    g_assert_null(outcome_agent_number(&leg));
}

/* "total inbound outbound answered missed talk" */
static char *figures_text(const struct figures *figures)
{
    return g_strdup_printf("%d %d %d %d %d %d", (int)figures->total, (int)figures->inbound,
                           (int)figures->outbound, (int)figures->answered, (int)figures->missed,
                           (int)figures->talk_seconds);
}

/* Counts legs in any order. */
static void count_legs(const struct call_leg *legs, size_t count, struct day_totals *totals,
                       struct session_figures *figures)
{
    g_autofree struct call_leg *copy = g_memdup2(legs, count * sizeof *legs);
    day_totals_init(totals);
    day_totals_count_all(totals, copy, count);
    day_totals_figures(totals, figures);
}

/* All that was counted, in one line. */
static char *session_text(const struct session_figures *figures)
{
    GString *text = g_string_new(NULL);
    g_autofree char *agency = figures_text(&figures->agency);
    g_string_printf(text, "%s unmatched %d internal %d", agency, (int)figures->unmatched,
                    (int)figures->internal);
    for (guint i = 0; i < figures->members->len; i++) {
        const struct member_figures *member =
            &g_array_index(figures->members, struct member_figures, i);
        g_autofree char *own = figures_text(&member->figures);
        g_string_append_printf(text, "; %s %s", member->member_id, own);
    }
    return g_string_free(text, FALSE);
}

static char *count_text(const struct call_leg *legs, size_t count)
{
    struct session_figures figures;
    struct day_totals totals;
    count_legs(legs, count, &totals, &figures);
    char *text = session_text(&figures);
    session_figures_clear(&figures);
    day_totals_clear(&totals);
    return text;
}

struct count_case {
    const char *expected;
    struct call_leg legs[6]; /* up to the first without a session */
};

static void assert_counts(const struct count_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t legs = 0;
        while (legs < G_N_ELEMENTS(cases[i].legs) && cases[i].legs[legs].session_id != NULL)
            legs++;
        g_autofree char *text = count_text(cases[i].legs, legs);
        g_assert_cmpstr(text, ==, cases[i].expected);
    }
}

static void test_count(void)
{
    static const struct count_case cases[] = {
        {"0 0 0 0 0 -1 unmatched 0 internal 0", {{0}}},
        {"1 1 0 1 0 -1 unmatched 0 internal 0; bob 1 1 0 1 0 50",
         {{"1", "bob", "Bob", "Answered", 50, IN}}},
        {"1 0 1 1 0 -1 unmatched 0 internal 0; bob 1 0 1 1 0 60",
         {{"1", "bob", "Bob", "Connected", 60, OUT}}},
        {"1 0 1 0 0 -1 unmatched 0 internal 0; bob 1 0 1 0 0 0",
         {{"1", "bob", "Bob", "Missed", UNKNOWN, OUT}}},
        /* two calls of one member, another's beside them */
        {"3 2 1 2 1 -1 unmatched 0 internal 0; ann 1 1 0 0 1 0; bob 2 1 1 2 0 110",
         {{"1", "bob", "Bob", "Answered", 50, IN},
          {"2", "bob", "Bob", "Connected", 60, OUT},
          {"3", "ann", "Ann", "Missed", UNKNOWN, IN}}},
        /* a session is inbound if any leg is; a member goes by that member's own legs */
        {"1 1 0 1 0 -1 unmatched 0 internal 0; ann 1 0 1 1 0 9; bob 1 1 0 0 1 0",
         {{"1", "ann", "Ann", "Connected", 9, OUT}, {"1", "bob", "Bob", "Missed", UNKNOWN, IN}}},
        /* answered goes before missed, of the same member too */
        {"1 1 0 1 0 -1 unmatched 0 internal 0; bob 1 1 0 1 0 50",
         {{"1", "bob", "Bob", "Missed", UNKNOWN, IN}, {"1", "bob", "Bob", "Answered", 50, IN}}},
        /* a talk time answers, whatever the word */
        {"1 1 0 1 0 -1 unmatched 0 internal 0; bob 1 1 0 1 0 5",
         {{"1", "bob", "Bob", "VM/Missed", 5, IN}}},
        /* nobody named: abandoned in the queue, answered by the IVR */
        {"2 2 0 0 1 -1 unmatched 0 internal 0",
         {{"1", NULL, NULL, "Abandoned", UNKNOWN, IN},
          {"2", NULL, NULL, "IVR/Answered", UNKNOWN, IN}}},
        /* a stranger's leg beside a member's, or beside one of nobody */
        {"1 1 0 1 0 -1 unmatched 1 internal 0; bob 1 1 0 0 1 0",
         {{"1", "bob", "Bob", "Missed", UNKNOWN, IN},
          {"1", NULL, "Stranger", "Answered", 50, IN},
          {"2", NULL, NULL, "IVR/Answered", UNKNOWN, IN},
          {"2", NULL, "Stranger", "Answered", 50, IN}}},
        /* talk: the sum of what is known; unknown if nothing is; 0 without answered calls */
        {"2 2 0 2 0 -1 unmatched 0 internal 0; bob 2 2 0 2 0 50",
         {{"1", "bob", "Bob", "Answered", 50, IN}, {"2", "bob", "Bob", "Answered", UNKNOWN, IN}}},
        {"2 2 0 1 1 -1 unmatched 0 internal 0; bob 2 2 0 1 1 -1",
         {{"1", "bob", "Bob", "Answered", UNKNOWN, IN}, {"2", "bob", "Bob", "Missed", 0, IN}}},
        {"1 1 0 1 0 -1 unmatched 0 internal 0; bob 1 1 0 1 0 0",
         {{"1", "bob", "Bob", "Answered", 0, IN}}},
    };
    assert_counts(cases, G_N_ELEMENTS(cases));
}

static void test_internal(void)
{
    static const struct count_case cases[] = {
        {"0 0 0 0 0 -1 unmatched 0 internal 1", {{"1", "bob", "Bob", "Answered", 50, INTERNAL}}},
        {"0 0 0 0 0 -1 unmatched 0 internal 1",
         {{"1", NULL, "Stranger", "Answered", UNKNOWN, INTERNAL}}},
        /* an internal leg within a call: counted for the agency alone, never by its outcome */
        {"1 1 0 0 1 -1 unmatched 0 internal 0; bob 1 1 0 0 1 0",
         {{"1", "bob", "Bob", "Missed", UNKNOWN, IN},
          {"1", "ann", "Ann", "Answered", 50, INTERNAL}}},
        {"1 1 0 1 0 -1 unmatched 0 internal 0",
         {{"1", NULL, "Stranger", "Answered", 50, IN},
          {"1", "ann", "Ann", "Answered", 50, INTERNAL}}},
        {"1 0 1 1 0 -1 unmatched 0 internal 0; bob 1 0 1 1 0 9",
         {{"1", "bob", "Bob", "Connected", 9, OUT}, {"1", "bob", "Bob", "Answered", 7, INTERNAL}}},
    };
    assert_counts(cases, G_N_ELEMENTS(cases));
}

static void test_unknown_direction(void)
{
    static const struct count_case cases[] = {
        {"1 0 0 1 0 -1 unmatched 0 internal 0; bob 1 0 0 1 0 50",
         {{"1", "bob", "Bob", "Answered", 50, BLANK}}},
        {"1 0 0 0 0 -1 unmatched 0 internal 0; bob 1 0 0 0 0 0",
         {{"1", "bob", "Bob", "Missed", UNKNOWN, BLANK}}},
        {"0 0 0 0 0 -1 unmatched 1 internal 0",
         {{"1", NULL, "Stranger", "Missed", UNKNOWN, BLANK}}},
        {"1 0 0 0 0 -1 unmatched 0 internal 0",
         {{"1", "bob", "Bob", "Answered", UNKNOWN, INTERNAL},
          {"1", NULL, NULL, NULL, UNKNOWN, BLANK}}},
        {"1 1 0 1 0 -1 unmatched 0 internal 0; ann 1 1 0 0 1 0; bob 1 0 0 1 0 -1",
         {{"1", "bob", "Bob", "Answered", UNKNOWN, BLANK},
          {"1", "ann", "Ann", "Missed", UNKNOWN, IN}}},
    };
    assert_counts(cases, G_N_ELEMENTS(cases));
}

/* keep-first de-duplication on Session Id lost the answered leg: keep every leg */
static void test_lost_answered_leg(void)
{
    static const struct count_case cases[] = {
        {"1 1 0 1 0 -1 unmatched 0 internal 0; ann 1 1 0 0 1 0; bob 1 1 0 1 0 475; carl 1 1 0 0 1 "
         "0",
         {{"048", "ann", "Ann", "Missed", UNKNOWN, IN},
          {"048", "bob", "Bob", "Answered", 475, IN},
          {"048", "carl", "Carl", "Missed", UNKNOWN, IN}}},
    };
    assert_counts(cases, G_N_ELEMENTS(cases));
}

/* thousands of calls of nobody in the agency inflated totals */
static void test_calls_of_nobody(void)
{
    enum { STRANGERS = 3000 };
    g_autofree struct call_leg *legs = g_new0(struct call_leg, STRANGERS + 1);
    g_autoptr(GStringChunk) texts = g_string_chunk_new(4096);
    for (int i = 0; i < STRANGERS; i++) {
        g_autofree char *id = g_strdup_printf("9%d", i);
        legs[i] = (struct call_leg){.session_id = g_string_chunk_insert(texts, id),
                                    .agent = "Stranger",
                                    .result = i % 2 == 0 ? "Answered" : "Missed",
                                    .talk_seconds = UNKNOWN,
                                    .direction = REPORT_INBOUND};
    }
    legs[STRANGERS] = (struct call_leg){"1", "bob", "Bob", "Answered", 50, REPORT_INBOUND};
    g_autofree char *text = count_text(legs, STRANGERS + 1);
    g_assert_cmpstr(text, ==, "1 1 0 1 0 -1 unmatched 3000 internal 0; bob 1 1 0 1 0 50");
}

static const char *pick(const char *const *words, int count)
{
    return words[g_test_rand_int_range(0, count)];
}

static void random_legs(struct call_leg *legs, size_t count)
{
    static const char *const sessions[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"};
    static const char *const members[] = {"ann", "bob", "carl", NULL, NULL};
    static const char *const words[] = {"Answered", "Missed",    "Abandoned", "IVR/Answered",
                                        "Busy",     "Connected", "Strange",   NULL};
    for (size_t i = 0; i < count; i++) {
        const char *member = pick(members, G_N_ELEMENTS(members));
        legs[i] = (struct call_leg){
            .session_id = pick(sessions, G_N_ELEMENTS(sessions)),
            .member_id = member,
            .agent = member != NULL || g_test_rand_bit() ? "Name" : NULL,
            .result = pick(words, G_N_ELEMENTS(words)),
            .talk_seconds = g_test_rand_int_range(-1, 3),
            .direction = (enum report_direction)g_test_rand_int_range(0, REPORT_INTERNAL + 1),
        };
    }
}

static void shuffle(struct call_leg *legs, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = (size_t)g_test_rand_int_range(0, (gint32)i);
        struct call_leg leg = legs[i - 1];
        legs[i - 1] = legs[other];
        legs[other] = leg;
    }
}

static void test_any_order(void)
{
    struct call_leg legs[40];
    for (int round = 0; round < 500; round++) {
        size_t count = (size_t)g_test_rand_int_range(1, G_N_ELEMENTS(legs));
        random_legs(legs, count);
        g_autofree char *before = count_text(legs, count);
        shuffle(legs, count);
        g_autofree char *after = count_text(legs, count);
        g_assert_cmpstr(after, ==, before);
    }
}

/* What holds whatever the legs are. */
static void assert_sane(const struct figures *figures)
{
    g_assert_cmpint(figures->inbound + figures->outbound, <=, figures->total);
    g_assert_cmpint(figures->answered + figures->missed, <=, figures->total);
    g_assert_cmpint(figures->missed, <=, figures->inbound);
}

static void test_any_legs(void)
{
    struct call_leg legs[40];
    for (int round = 0; round < 500; round++) {
        size_t count = (size_t)g_test_rand_int_range(1, G_N_ELEMENTS(legs));
        random_legs(legs, count);
        g_autoptr(GHashTable) sessions = g_hash_table_new(g_str_hash, g_str_equal);
        for (size_t i = 0; i < count; i++)
            g_hash_table_add(sessions, (gpointer)(guintptr)legs[i].session_id);
        struct session_figures figures;
        struct day_totals totals;
        count_legs(legs, count, &totals, &figures);
        assert_sane(&figures.agency);
        g_assert_cmpint(figures.agency.total + figures.unmatched + figures.internal, ==,
                        g_hash_table_size(sessions));
        for (guint i = 0; i < figures.members->len; i++) {
            const struct member_figures *member =
                &g_array_index(figures.members, struct member_figures, i);
            assert_sane(&member->figures);
            g_assert_cmpint(member->figures.total, <=, figures.agency.total);
            g_assert_cmpint(member->figures.answered, <=, figures.agency.answered);
            if (i > 0)
                g_assert_cmpint(strcmp(member[-1].member_id, member->member_id), <, 0);
        }
        session_figures_clear(&figures);
        day_totals_clear(&totals);
    }
}

/* The legs of a large account's month at once, in no order. */
static void test_speed(void)
{
    enum { LEGS = 200000 };
    g_autofree struct call_leg *legs = g_new0(struct call_leg, LEGS);
    g_autoptr(GStringChunk) texts = g_string_chunk_new(65536);
    for (int i = 0; i < LEGS; i++) {
        g_autofree char *id = g_strdup_printf("4831%09d", i * 7919 % LEGS / 3);
        legs[i] = (struct call_leg){.session_id = g_string_chunk_insert(texts, id),
                                    .member_id = i % 3 == 0 ? "ann" : "bob",
                                    .agent = "Name",
                                    .result = i % 2 == 0 ? "Park Off" : "VM/Missed",
                                    .talk_seconds = UNKNOWN,
                                    .direction = REPORT_INBOUND};
    }
    gint64 started = g_get_monotonic_time();
    struct session_figures figures;
    struct day_totals totals;
    count_legs(legs, LEGS, &totals, &figures);
    gint64 took = g_get_monotonic_time() - started;
    g_test_message("200,000 legs: %" G_GINT64_FORMAT " us", took);
    g_assert_cmpint(figures.agency.total, ==, (LEGS + 2) / 3);
    session_figures_clear(&figures);
    day_totals_clear(&totals);
    g_assert_cmpint(took, <, 5000000); /* a loaded machine with sanitizers */
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/outcome/results", test_results);
    g_test_add_func("/outcome/talk-seconds", test_talk_seconds);
    g_test_add_func("/outcome/agent", test_agent);
    g_test_add_func("/outcome/count", test_count);
    g_test_add_func("/outcome/internal", test_internal);
    g_test_add_func("/outcome/unknown-direction", test_unknown_direction);
    g_test_add_func("/outcome/keep-first-lost-the-answered-leg", test_lost_answered_leg);
    g_test_add_func("/outcome/calls-of-nobody-inflated-totals", test_calls_of_nobody);
    g_test_add_func("/outcome/any-order", test_any_order);
    g_test_add_func("/outcome/any-legs", test_any_legs);
    g_test_add_func("/outcome/speed", test_speed);
    return g_test_run();
}
