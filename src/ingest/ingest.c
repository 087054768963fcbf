/*
 * See ingest.h. For each agency of the mail: look up the key again, store its files, write the log
 * row. The raw bytes are stored once. What differs between agencies ends in the verdict `partial`.
 *
 * What is hard: agencies are kept from message to message, so whatever undoes something in the
 * database must undo it in them too. That is always all: savepoints would have the database copy
 * each page that a message touches, for the sake of the message that fails once in a year.
 */
#include "ingest/ingest.h"

#include "base/error.h"
#include "base/id.h"
#include "base/limits.h"
#include "db/store_agency.h"
#include "db/store_message.h"
#include "db/store_token.h"
#include "db/store_voip.h"
#include "ingest/agency.h"
#include "ingest/event.h"
#include "ingest/file.h"
#include "ingest/plausible.h"
#include "ingest/summary.h"

#include <string.h>

struct ingest {
    struct db *db;        /* borrowed */
    GHashTable *agencies; /* id -> struct ingest_agency, with what is known of them */
};

/* What one agency made of the message. */
struct outcome_of_agency {
    enum report_verdict verdict;
    char *reason;
    struct json *files;
    const struct summary_calls *calls; /* of the report's files; borrowed */
    int64_t new_sessions, matched, seen;
    GString *words; /* for note= */
};

static void say(GString *words, const char *word)
{
    if (strstr(words->str, word) == NULL)
        g_string_append_printf(words, "%s%s", words->len > 0 ? "," : "", word);
}

static void join_dates(struct ingest_result *result, const struct ingest_file *file)
{
    if (!file->has_dates)
        return;
    result->first_date =
        result->has_dates ? MIN(result->first_date, file->first_date) : file->first_date;
    result->last_date =
        result->has_dates ? MAX(result->last_date, file->last_date) : file->last_date;
    result->has_dates = true;
}

/* `stored` if anything new was stored and nothing failed; `duplicate` if all that can be read was
 * known; `partial` if something failed beside what could be read; else what the report says. */
static enum report_verdict verdict_of(const struct report *report, unsigned stored,
                                      unsigned duplicate, unsigned failed)
{
    if (stored + duplicate == 0)
        return report->verdict;
    if (failed > 0)
        return REPORT_PARTIAL;
    return stored > 0 ? REPORT_STORED : REPORT_DUPLICATE;
}

static void note_file(GString *words, const struct report_file *file,
                      const struct ingest_file *outcome)
{
    if (file->verdict == REPORT_FAILED)
        say(words, "file-failed");
    if (file->verdict == REPORT_NO_REPORT)
        say(words, "file-not-read");
    if (file->skipped_rows > 0)
        say(words, "rows-skipped");
    if (outcome->not_booked)
        say(words, "users-not-booked");
}

/* The file in the log entry; *warnings is its array of them, borrowed. */
static struct json *file_json(const struct report_file *file, const struct summary_calls *calls,
                              const struct ingest_file *outcome, struct json **warnings)
{
    struct json *object =
        summary_of_file(file, calls, outcome->verdict, outcome->reason, outcome->notes);
    *warnings = json_array_new();
    if (outcome->verdict == REPORT_STORED) {
        plausible_range(file, *warnings);
        plausible_sessions(outcome->sessions, outcome->long_sessions, outcome->most_legs,
                           *warnings);
        plausible_people(outcome->named, outcome->unmatched, *warnings);
    }
    json_set(object, "warnings", *warnings);
    return object;
}

/* Calls against Users, once all files are there. */
static bool compare_days(struct ingest_agency *agency, const struct ingest_result *result,
                         struct json *warnings, GError **error)
{
    if (!result->has_dates || result->last_date - result->first_date >= LIMIT_WARN_DAYS)
        return true;
    for (int32_t date = result->first_date; date <= result->last_date; date++)
        if (!plausible_day(agency, date, warnings, error))
            return false;
    return true;
}

static bool store_files(struct ingest_agency *agency, const struct ingest_message *message,
                        struct outcome_of_agency *outcome, struct ingest_result *result,
                        GError **error)
{
    unsigned stored = 0, duplicate = 0, failed = 0;
    struct json *warnings = NULL;
    outcome->files = json_array_new();
    for (guint i = 0; i < message->report->files->len; i++) {
        const struct report_file *file = g_ptr_array_index(message->report->files, i);
        struct ingest_file one;
        bool is_replay = message->replay_of != NULL;
        bool done = ingest_file_store(agency, file, is_replay ? message->replay_of : message->id,
                                      message->received_at, is_replay, &one, error);
        if (done) {
            stored += one.verdict == REPORT_STORED;
            duplicate += one.verdict == REPORT_DUPLICATE;
            failed += one.verdict == REPORT_FAILED;
            outcome->new_sessions += one.new_sessions;
            note_file(outcome->words, file, &one);
            join_dates(result, &one);
            json_append(outcome->files, file_json(file, &outcome->calls[i], &one, &warnings));
        }
        ingest_file_clear(&one);
        if (!done)
            return false;
    }
    if (stored > 0 && !compare_days(agency, result, warnings, error))
        return false;
    outcome->verdict = verdict_of(message->report, stored, duplicate, failed);
    if (outcome->verdict != REPORT_STORED && outcome->verdict != REPORT_DUPLICATE)
        outcome->reason = g_strdup(message->report->reason);
    return true;
}

static bool write_log(struct db *db, const struct ingest_message *message, const char *agency_id,
                      const char *recipient, const struct outcome_of_agency *outcome,
                      GError **error)
{
    const struct report *report = message->report;
    bool is_mail = message->sender != NULL;
    g_autofree char *files = outcome->files != NULL ? json_text(outcome->files) : g_strdup("[]");
    const char *sender = is_mail || report == NULL ? message->sender : report->mail_from;
    struct store_log row = {
        .id = (char *)(uintptr_t)message->id,
        .agency_id = (char *)(uintptr_t)agency_id,
        .channel = (char *)(uintptr_t)message->channel,
        .sender = (char *)(uintptr_t)sender,
        .recipient = (char *)(uintptr_t)recipient,
        .subject = report != NULL ? (char *)(uintptr_t)report->subject : NULL,
        .message_id = report != NULL ? (char *)(uintptr_t)report->message_id : NULL,
        .link = report != NULL ? (char *)(uintptr_t)report->link : NULL,
        .subscription = report != NULL ? (char *)(uintptr_t)report->subscription : NULL,
        .replay_of = (char *)(uintptr_t)message->replay_of,
        .sha256 = (char *)(uintptr_t)message->sha256,
        .verdict = (char *)(uintptr_t)report_verdict_name(outcome->verdict),
        .files = files,
        .error_message = outcome->reason,
        .bytes = (int64_t)message->size,
        .received_at = message->received_at,
        .took_ms = (g_get_monotonic_time() - message->received_monotonic) / 1000,
    };
    return store_log_add(db, &row, error);
}

static bool serve_agency(struct ingest_agency *agency, const struct ingest_message *message,
                         const char *recipient, struct outcome_of_agency *outcome,
                         struct ingest_result *result, GError **error)
{
    if (!store_files(agency, message, outcome, result, error))
        return false;
    ingest_agency_people(agency, &outcome->seen, &outcome->matched);
    return write_log(agency->db, message, agency->row.id, recipient, outcome, error);
}

static void merge(struct ingest_result *result, struct outcome_of_agency *outcome, bool first)
{
    if (first) {
        result->verdict = outcome->verdict;
        result->reason = g_strdup(outcome->reason);
    } else if (result->verdict != outcome->verdict) {
        result->verdict = REPORT_PARTIAL;
    }
    result->new_calls += outcome->new_sessions;
    result->people_matched += outcome->matched;
    result->people_seen += outcome->seen;
    if (outcome->words->len > 0 && result->note == NULL)
        result->note = g_strdup(outcome->words->str);
}

static struct ingest_agency *agency_of(struct ingest *ingest, const char *id, int64_t now,
                                       GError **error)
{
    struct ingest_agency *agency = g_hash_table_lookup(ingest->agencies, id);
    if (agency != NULL)
        return agency;
    agency = ingest_agency_new(ingest->db, id, now, error);
    if (agency != NULL)
        g_hash_table_insert(ingest->agencies, g_strdup(id), agency);
    return agency;
}

static bool apply_agency(struct ingest *ingest, const struct ingest_message *message,
                         const struct summary_calls *calls, const char *id, const char *recipient,
                         struct ingest_result *result, bool first, GError **error)
{
    struct outcome_of_agency outcome = {.words = g_string_new(NULL), .calls = calls};
    struct ingest_agency *agency = agency_of(ingest, id, message->received_at, error);
    bool done = agency != NULL && serve_agency(agency, message, recipient, &outcome, result, error);
    if (done)
        merge(result, &outcome, first);
    g_free(outcome.reason);
    json_free(outcome.files);
    g_string_free(outcome.words, TRUE);
    return done;
}

/* Anybody may write to postmaster, so what is kept of it must not fill the disk. */
static bool has_room_for_kept(struct db *db, int64_t now, GError **error)
{
    int64_t count;
    if (!store_log_count_kept(db, now - DAY_SECONDS, &count, error))
        return false;
    if (count >= LIMIT_SMTP_KEPT_PER_DAY)
        return error_temp(error, "%d mails to postmaster or abuse were kept within a day: no more",
                          LIMIT_SMTP_KEPT_PER_DAY);
    return true;
}

static bool apply_postmaster(struct db *db, const struct ingest_message *message,
                             const char *recipient, struct ingest_result *result, GError **error)
{
    struct outcome_of_agency outcome = {.verdict = REPORT_KEPT};
    result->verdict = REPORT_KEPT;
    return write_log(db, message, NULL, recipient, &outcome, error);
}

/* The agency of a recipient: given, or that of its key; NULL if the key has died meanwhile. */
static bool find_agency(struct db *db, const struct ingest_recipient *recipient, int64_t now,
                        char **id, GError **error)
{
    *id = g_strdup(recipient->agency_id);
    return *id != NULL || store_key_agency(db, recipient->key, now, id, error);
}

/* Each agency once, however many of its keys the mail names. */
static bool apply_keys(struct ingest *ingest, const struct ingest_message *message,
                       const struct summary_calls *calls, struct ingest_result *result,
                       guint *agencies, GError **error)
{
    g_autoptr(GHashTable) done = g_hash_table_new_full(id_hash, g_str_equal, g_free, NULL);
    for (size_t i = 0; i < message->recipient_count; i++) {
        const struct ingest_recipient *recipient = &message->recipients[i];
        char *id = NULL;
        if (recipient->key == NULL && recipient->agency_id == NULL)
            continue;
        if (!find_agency(ingest->db, recipient, message->received_at, &id, error))
            return false;
        if (id == NULL || !g_hash_table_add(done, id))
            continue;
        if (!apply_agency(ingest, message, calls, id, recipient->address, result,
                          g_hash_table_size(done) == 1, error))
            return false;
    }
    *agencies = g_hash_table_size(done);
    return true;
}

static bool apply(struct ingest *ingest, const struct ingest_message *message,
                  struct ingest_result *result, GError **error)
{
    struct db *db = ingest->db;
    const struct report *report = message->report;
    bool is_new = true;
    if (message->token != NULL &&
        !store_mailgun_token(db, message->token, message->received_at,
                             message->received_at - LIMIT_MAILGUN_MEMORY, &is_new, error))
        return false;
    result->is_used = !is_new;
    if (result->is_used)
        return true;
    g_autofree struct summary_calls *calls = report != NULL ? summary_count_all(report) : NULL;
    result->calls = report != NULL ? summary_sessions(report, calls) : REPORT_UNKNOWN;
    const struct ingest_recipient *postmaster = NULL;
    for (size_t i = 0; i < message->recipient_count && postmaster == NULL; i++)
        if (message->recipients[i].key == NULL && message->recipients[i].agency_id == NULL)
            postmaster = &message->recipients[i];
    guint agencies = 0;
    if (!apply_keys(ingest, message, calls, result, &agencies, error))
        return false;
    result->is_for_nobody = agencies == 0 && postmaster == NULL;
    if (result->is_for_nobody)
        return true;
    if (agencies == 0 && !has_room_for_kept(db, message->received_at, error))
        return false;
    struct ingest_result kept = {0};
    if (postmaster != NULL &&
        !apply_postmaster(db, message, postmaster->address, agencies == 0 ? result : &kept, error))
        return false;
    return message->replay_of != NULL ||
           store_raw_add(db, message->id, message->trace, message->bytes, message->size,
                         message->received_at, error);
}

static void free_agency(void *agency)
{
    ingest_agency_free(agency);
}

struct ingest *ingest_new(struct db *db)
{
    struct ingest *ingest = g_new0(struct ingest, 1);
    ingest->db = db;
    ingest->agencies = g_hash_table_new_full(id_hash, g_str_equal, g_free, free_agency);
    return ingest;
}

void ingest_free(struct ingest *ingest)
{
    if (ingest == NULL)
        return;
    g_hash_table_unref(ingest->agencies);
    g_free(ingest);
}

bool ingest_begin(struct ingest *ingest, GError **error)
{
    bool others_wrote;
    if (!db_begin(ingest->db, error))
        return false;
    if (!db_others_wrote(ingest->db, &others_wrote, error)) {
        db_rollback(ingest->db);
        return false;
    }
    if (others_wrote || g_hash_table_size(ingest->agencies) > LIMIT_AGENCIES_KEPT)
        g_hash_table_remove_all(ingest->agencies);
    return true;
}

/* The message is done: what it changed is added to its days. */
static void keep_all(struct ingest *ingest)
{
    GHashTableIter iter;
    gpointer agency;
    g_hash_table_iter_init(&iter, ingest->agencies);
    while (g_hash_table_iter_next(&iter, NULL, &agency))
        ingest_agency_keep(agency);
}

bool ingest_apply(struct ingest *ingest, const struct ingest_message *message,
                  struct ingest_result *result, GError **error)
{
    memset(result, 0, sizeof *result);
    if (!apply(ingest, message, result, error)) {
        ingest_rollback(ingest);
        return false;
    }
    keep_all(ingest);
    return true;
}

bool ingest_apply_event(struct ingest *ingest, const struct ingest_event *event,
                        struct ingest_event_result *result, GError **error)
{
    bool active;
    memset(result, 0, sizeof *result);
    struct ingest_agency *agency = agency_of(ingest, event->agency_id, event->received_at, error);
    if (agency == NULL ||
        !store_voip_is_active(ingest->db, event->integration_id, &active, error)) {
        ingest_rollback(ingest);
        return false;
    }
    result->is_for_nobody = !active;
    if (active && !event_store(agency, event, result, error)) {
        ingest_rollback(ingest);
        return false;
    }
    keep_all(ingest);
    return true;
}

void ingest_event_result_clear(struct ingest_event_result *result)
{
    g_clear_pointer(&result->refused, g_free);
}

void ingest_forget(struct ingest *ingest)
{
    g_hash_table_remove_all(ingest->agencies);
}

void ingest_rollback(struct ingest *ingest)
{
    g_hash_table_remove_all(ingest->agencies);
    db_rollback(ingest->db);
}

bool ingest_compute(struct ingest *ingest, GError **error)
{
    GHashTableIter iter;
    gpointer agency;
    g_hash_table_iter_init(&iter, ingest->agencies);
    while (g_hash_table_iter_next(&iter, NULL, &agency))
        if (!ingest_agency_finish(agency, error))
            return false;
    return true;
}

bool ingest_commit(struct ingest *ingest, GError **error)
{
    if (!ingest_compute(ingest, error)) {
        ingest_rollback(ingest);
        return false;
    }
    if (db_commit(ingest->db, error))
        return true;
    g_hash_table_remove_all(ingest->agencies);
    return false;
}

void ingest_result_clear(struct ingest_result *result)
{
    g_clear_pointer(&result->reason, g_free);
    g_clear_pointer(&result->note, g_free);
}
