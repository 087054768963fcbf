/*
 * Reports made by hand and sent through the corridor, for the tests of ingest/. The first agency of
 * the database fixture is in America/Chicago and has Alice (101) and Bob (102).
 */
#ifndef CALLMX_TEST_INGEST_FIXTURE_H
#define CALLMX_TEST_INGEST_FIXTURE_H

#include "db/store_calls.h"
#include "db/store_member.h"
#include "db/store_message.h"
#include "db/store_metrics.h"
#include "db_fixture.h"
#include "figures/day.h"
#include "ingest/ingest.h"

#define JAN_5 INT64_C(1767571200) /* civil: 2026-01-05 00:00:00 */
#define HOUR  INT64_C(3600)

struct corridor {
    struct fixture base;
    struct ingest *ingest;
    char *alice, *bob; /* ids */
    int64_t clock;     /* when the next message is received */
};

static inline char *corridor_member(struct corridor *corridor, const char *name,
                                    const char *extension)
{
    g_autoptr(GError) error = NULL;
    struct store_member member = {.name = g_strdup(name), .extension = g_strdup(extension)};
    store_member_add(corridor->base.db, corridor->base.first.id, &member, &error);
    g_assert_no_error(error);
    char *id = g_strdup(member.id);
    store_member_clear(&member);
    return id;
}

static inline void corridor_init(struct corridor *corridor)
{
    fixture_init(&corridor->base);
    corridor->ingest = ingest_new(corridor->base.db);
    corridor->alice = corridor_member(corridor, "Alice Example", "101");
    corridor->bob = corridor_member(corridor, "Bob Example", "102");
    corridor->clock = FIXTURE_NOW + 86400;
}

static inline void corridor_clear(struct corridor *corridor)
{
    ingest_free(corridor->ingest);
    g_free(corridor->alice);
    g_free(corridor->bob);
    fixture_clear(&corridor->base);
}

/* A report with one file of this kind, covering [from, to]; `mark` makes its checksum. */
static inline struct report *a_report(const char *kind, int64_t from, int64_t to, char mark)
{
    struct report *report = report_new();
    struct report_file *file = report_file_new(report);
    report->verdict = file->verdict = REPORT_STORED;
    file->name = "Report.xlsx";
    file->kind = kind;
    file->from = from;
    file->to = to;
    file->has_calls = strstr(kind, "call") != NULL;
    file->has_users = strstr(kind, "users") != NULL;
    memset(file->sha256, mark, 64);
    g_ptr_array_add(file->sheets, (gpointer)(uintptr_t) "Sheet");
    return report;
}

static inline struct report_file *file_of(struct report *report)
{
    return g_ptr_array_index(report->files, 0);
}

static inline struct report_leg *add_leg(struct report *report, const char *session,
                                         enum report_direction direction, const char *agent,
                                         const char *result, int64_t start, int64_t length,
                                         int64_t handle_time)
{
    struct report_file *file = file_of(report);
    struct report_leg leg = {.session_id = session,
                             .direction = direction,
                             .result = result,
                             .from_number = "(555) 010-0001",
                             .to_number = "(555) 010-0002",
                             .start = start,
                             .length = length,
                             .handle_time = handle_time,
                             .row = file->legs->len + 2};
    if (direction == REPORT_OUTBOUND)
        leg.from_name = agent;
    else
        leg.to_name = agent;
    g_array_append_val(file->legs, leg);
    file->call_rows++;
    return &g_array_index(file->legs, struct report_leg, file->legs->len - 1);
}

static inline void add_user(struct report *report, const char *name, int64_t total, int64_t inbound,
                            int64_t handle_time)
{
    struct report_file *file = file_of(report);
    struct report_user user = {.name = name,
                               .total_calls = total,
                               .inbound_calls = inbound,
                               .outbound_calls = total - inbound,
                               .answered_inbound = REPORT_UNKNOWN,
                               .answered_outbound = REPORT_UNKNOWN,
                               .missed = REPORT_UNKNOWN,
                               .handle_time = handle_time,
                               .handle_time_inbound = REPORT_UNKNOWN,
                               .handle_time_outbound = REPORT_UNKNOWN,
                               .row = file->users->len + 2};
    g_array_append_val(file->users, user);
    file->user_rows++;
}

/* One message to these recipients, in a transaction of its own. */
static inline bool send_to(struct corridor *corridor, const struct report *report,
                           const struct ingest_recipient *recipients, size_t count,
                           struct ingest_result *result, GError **error)
{
    struct ingest_message message = {
        .channel = "smtp",
        .sender = "reports@example.com",
        .recipients = recipients,
        .recipient_count = count,
        .trace = "Return-Path: <reports@example.com>\r\n",
        .bytes = "raw",
        .size = 3,
        .sha256 = "0000000000000000000000000000000000000000000000000000000000000000",
        .received_at = corridor->clock++,
        .received_monotonic = g_get_monotonic_time(),
        .report = report,
    };
    id_new(message.id);
    g_assert_true(ingest_begin(corridor->ingest, error));
    return ingest_apply(corridor->ingest, &message, result, error) &&
           ingest_commit(corridor->ingest, error);
}

/* To the first agency; the report is freed. */
static inline struct ingest_result send_report(struct corridor *corridor, struct report *report)
{
    g_autoptr(GError) error = NULL;
    struct ingest_result result;
    struct ingest_recipient recipient = {.address = "calls-x@ingest.example.com",
                                         .key = corridor->base.first.key};
    send_to(corridor, report, &recipient, 1, &result, &error);
    g_assert_no_error(error);
    report_free(report);
    return result;
}

/* A report of the first agency, as a replay reads it now; the report is freed. */
static inline void replay_report(struct corridor *corridor, struct report *report)
{
    g_autoptr(GError) error = NULL;
    struct ingest_recipient recipient = {.agency_id = corridor->base.first.id};
    struct ingest_message message = {
        .channel = "replay",
        .recipients = &recipient,
        .recipient_count = 1,
        .replay_of = "a message",
        .received_at = corridor->clock++,
        .received_monotonic = g_get_monotonic_time(),
        .report = report,
    };
    struct ingest_result result;
    id_new(message.id);
    g_assert_true(ingest_begin(corridor->ingest, &error));
    ingest_apply(corridor->ingest, &message, &result, &error);
    g_assert_no_error(error);
    g_assert_true(ingest_commit(corridor->ingest, &error));
    ingest_result_clear(&result);
    report_free(report);
}

static inline void expect_verdict(struct ingest_result result, enum report_verdict verdict)
{
    g_assert_cmpstr(report_verdict_name(result.verdict), ==, report_verdict_name(verdict));
    ingest_result_clear(&result);
}

/* The figures of one member on a day of January 2026; -2 in total if the member is not listed. */
static inline struct figures figures_of(struct corridor *corridor, int day, const char *name)
{
    g_autoptr(GError) error = NULL;
    struct store_agency_metrics metrics;
    int32_t date = (int32_t)(JAN_5 / DAY_SECONDS) + day - 5;
    store_metrics_of_day(corridor->base.db, corridor->base.first.id, date, &metrics, &error);
    g_assert_no_error(error);
    struct figures found = {.total = -2};
    if (name == NULL)
        found = metrics.figures;
    for (guint i = 0; name != NULL && i < metrics.members->len; i++) {
        const struct store_member_metrics *member =
            &g_array_index(metrics.members, struct store_member_metrics, i);
        if (strcmp(member->name, name) == 0)
            found = member->figures;
    }
    store_agency_metrics_clear(&metrics);
    return found;
}

#endif
