/*
 * What was read of a file, counted and put into JSON. The counts are of the file alone: who is a
 * member, and on which day a call falls, plays no part here.
 *
 * It owns nothing. A session is found by its id over all legs, in any order; which direction it has
 * is decided by the best of them, as in figures/outcome.h.
 */
#include "ingest/summary.h"

#include "base/hash.h"
#include "figures/day.h"
#include "figures/outcome.h"

#include <string.h>

/* What is seen of a session. */
enum { HAS_INBOUND = 1, HAS_OUTBOUND = 2, HAS_UNKNOWN = 4 };

struct session {
    const char *id;
    guint hash;
    unsigned marks;
};

/* Each session once, found again by an open table: there is one for nearly every leg. */
struct sessions {
    struct session *all;
    size_t count;
    uint32_t *places; /* index + 1 in `all`; 0: free */
    size_t mask;      /* of places: a power of two less one, and no more than half are taken */
};

static void sessions_init(struct sessions *sessions, size_t legs)
{
    size_t capacity = 2;
    while (capacity < 2 * legs)
        capacity *= 2;
    *sessions = (struct sessions){
        .all = g_new(struct session, legs),
        .places = g_new0(uint32_t, capacity),
        .mask = capacity - 1,
    };
}

static void sessions_clear(struct sessions *sessions)
{
    g_free(sessions->all);
    g_free(sessions->places);
}

static struct session *session_of(struct sessions *sessions, const char *id)
{
    guint hash = hash_text(id);
    for (size_t i = hash & sessions->mask;; i = (i + 1) & sessions->mask) {
        if (sessions->places[i] == 0) {
            struct session *session = &sessions->all[sessions->count++];
            sessions->places[i] = (uint32_t)sessions->count;
            *session = (struct session){.id = id, .hash = hash};
            return session;
        }
        struct session *session = &sessions->all[sessions->places[i] - 1];
        if (session->hash == hash && strcmp(session->id, id) == 0)
            return session;
    }
}

static unsigned mark_of(enum report_direction direction)
{
    switch (direction) {
    case REPORT_INBOUND:
        return HAS_INBOUND;
    case REPORT_OUTBOUND:
        return HAS_OUTBOUND;
    case REPORT_DIRECTION_UNKNOWN:
        return HAS_UNKNOWN;
    case REPORT_INTERNAL:
        break;
    }
    return 0;
}

static void mark_sessions(const struct report_file *file, struct sessions *sessions)
{
    for (guint i = 0; i < file->legs->len; i++) {
        const struct report_leg *leg = &g_array_index(file->legs, struct report_leg, i);
        session_of(sessions, leg->session_id)->marks |= mark_of(leg->direction);
    }
}

static void count_sessions(const struct sessions *sessions, struct summary_calls *calls)
{
    for (size_t i = 0; i < sessions->count; i++) {
        unsigned marks = sessions->all[i].marks;
        calls->sessions += marks != 0;
        if ((marks & HAS_INBOUND) != 0)
            calls->inbound++;
        else if ((marks & HAS_OUTBOUND) != 0)
            calls->outbound++;
    }
}

void summary_count(const struct report_file *file, struct summary_calls *calls)
{
    *calls = (struct summary_calls){0};
    struct sessions sessions;
    sessions_init(&sessions, file->legs->len);
    mark_sessions(file, &sessions);
    count_sessions(&sessions, calls);
    sessions_clear(&sessions);
    for (guint i = 0; i < file->legs->len; i++) {
        const struct report_leg *leg = &g_array_index(file->legs, struct report_leg, i);
        calls->internal_legs += leg->direction == REPORT_INTERNAL;
        calls->seconds += MAX(leg->length, 0);
    }
}

struct summary_calls *summary_count_all(const struct report *report)
{
    struct summary_calls *calls = g_new0(struct summary_calls, report->files->len + 1);
    for (guint i = 0; i < report->files->len; i++)
        summary_count(g_ptr_array_index(report->files, i), &calls[i]);
    return calls;
}

/* In several files there may be the same session. */
static int64_t sessions_of_several(const struct report *report)
{
    struct sessions sessions;
    struct summary_calls sum = {0};
    size_t legs = 0;
    for (guint i = 0; i < report->files->len; i++)
        legs += ((const struct report_file *)g_ptr_array_index(report->files, i))->legs->len;
    sessions_init(&sessions, legs);
    for (guint i = 0; i < report->files->len; i++) {
        const struct report_file *file = g_ptr_array_index(report->files, i);
        if (file->has_calls && file->verdict == REPORT_STORED)
            mark_sessions(file, &sessions);
    }
    count_sessions(&sessions, &sum);
    sessions_clear(&sessions);
    return sum.sessions;
}

int64_t summary_sessions(const struct report *report, const struct summary_calls *calls)
{
    int64_t sessions = REPORT_UNKNOWN;
    unsigned count = 0;
    for (guint i = 0; i < report->files->len; i++) {
        const struct report_file *file = g_ptr_array_index(report->files, i);
        if (!file->has_calls || file->verdict != REPORT_STORED)
            continue;
        sessions = calls[i].sessions;
        count++;
    }
    return count > 1 ? sessions_of_several(report) : sessions;
}

const char *summary_not_booked(const struct report_file *file)
{
    int32_t date;
    bool full;
    if (!file->has_users)
        return NULL;
    if (file->from < 0)
        return "there is no Filters sheet with From Time and To Time, so it is not known for "
               "which day the Users rows are: no day was booked";
    if (!day_of_range(file->from, file->to, &date, &full))
        return "the Users rows are sums over several days or over none, so they are kept but "
               "not booked on a day: send a daily report";
    return NULL;
}

static struct json *unknown_results(const struct report_file *file)
{
    g_autoptr(GHashTable) counts = g_hash_table_new(hash_text, g_str_equal);
    g_autoptr(GHashTable) known = g_hash_table_new(NULL, NULL); /* by address: there are few */
    for (guint i = 0; i < file->legs->len; i++) {
        const char *result = g_array_index(file->legs, struct report_leg, i).result;
        if (g_hash_table_contains(known, result))
            continue;
        if (outcome_is_known(result)) {
            g_hash_table_add(known, (gpointer)(uintptr_t)result);
            continue;
        }
        gpointer name = (gpointer)(uintptr_t)result;
        int count = GPOINTER_TO_INT(g_hash_table_lookup(counts, name));
        g_hash_table_insert(counts, name, GINT_TO_POINTER(count + 1));
    }
    struct json *object = json_object_new();
    g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(counts), (GCompareFunc)g_strcmp0);
    for (const GList *item = names; item != NULL; item = item->next)
        json_set_int(object, item->data, GPOINTER_TO_INT(g_hash_table_lookup(counts, item->data)));
    return object;
}

static struct json *calls_object(const struct report_file *file, const struct summary_calls *calls)
{
    if (!file->has_calls)
        return NULL;
    struct json *object = json_object_new();
    json_set_int(object, "rows", file->call_rows);
    json_set_int(object, "legs", file->legs->len);
    json_set_int(object, "sessions", calls->sessions);
    json_set_int(object, "internal", calls->internal_legs);
    json_set_int(object, "duplicates", file->duplicate_rows);
    json_set_int(object, "skipped", file->skipped_rows);
    json_set_int(object, "inbound", calls->inbound);
    json_set_int(object, "outbound", calls->outbound);
    json_set_int(object, "seconds", calls->seconds);
    json_set(object, "unknown_results", unknown_results(file));
    return object;
}

static struct json *users_object(const struct report_file *file)
{
    if (!file->has_users)
        return NULL;
    struct json *object = json_object_new();
    json_set_int(object, "rows", file->user_rows);
    return object;
}

static void add_note(struct json *notes, const char *sheet, uint32_t row, const char *text)
{
    struct json *note = json_object_new();
    json_set_text(note, "sheet", sheet);
    if (row > 0)
        json_set_int(note, "row", row);
    else
        json_set_null(note, "row");
    json_set_text(note, "text", text);
    json_append(notes, note);
}

static struct json *notes_array(const struct report_file *file, const GPtrArray *more)
{
    struct json *notes = json_array_new();
    for (guint i = 0; i < file->notes->len; i++) {
        const struct report_note *note = &g_array_index(file->notes, struct report_note, i);
        add_note(notes, note->sheet, note->row, note->text);
    }
    if (summary_not_booked(file) != NULL)
        add_note(notes, NULL, 0, summary_not_booked(file));
    for (guint i = 0; more != NULL && i < more->len; i++)
        add_note(notes, NULL, 0, g_ptr_array_index(more, i));
    return notes;
}

static void set_civil(struct json *object, const char *name, int64_t civil)
{
    char text[DAY_TIME_SIZE];
    if (civil < 0) {
        json_set_null(object, name);
        return;
    }
    day_time_text(civil, text);
    text[DAY_TIME_SIZE - 2] = '\0'; /* a time on the wall has no zone */
    json_set_text(object, name, text);
}

struct json *summary_of_file(const struct report_file *file, const struct summary_calls *calls,
                             enum report_verdict verdict, const char *reason,
                             const GPtrArray *notes)
{
    struct json *object = json_object_new();
    json_set_text(object, "name", file->name);
    json_set_text(object, "kind", file->kind);
    json_set_text(object, "sha256", file->sha256[0] != '\0' ? file->sha256 : NULL);
    json_set_int(object, "bytes", (int64_t)file->bytes);
    json_set_text(object, "verdict", report_verdict_name(verdict));
    json_set_text(object, "reason", reason);
    json_set_text(object, "timezone", file->timezone);
    set_civil(object, "from", file->from);
    set_civil(object, "to", file->to);
    json_set(object, "calls", calls_object(file, calls));
    json_set(object, "users", users_object(file));
    json_set(object, "notes", notes_array(file, notes));
    json_set_int(object, "notes_left_out", file->notes_left_out);
    return object;
}

struct json *summary_of_report(const struct report *report)
{
    struct json *object = json_object_new();
    json_set_text(object, "verdict", report_verdict_name(report->verdict));
    json_set_text(object, "reason", report->reason);
    json_set_text(object, "subject", report->subject);
    json_set_text(object, "message_id", report->message_id);
    json_set_text(object, "link", report->link);
    json_set_text(object, "subscription", report->subscription);
    struct json *files = json_array_new();
    g_autofree struct summary_calls *calls = summary_count_all(report);
    for (guint i = 0; i < report->files->len; i++) {
        const struct report_file *file = g_ptr_array_index(report->files, i);
        json_append(files, summary_of_file(file, &calls[i], file->verdict, file->reason, NULL));
    }
    json_set(object, "files", files);
    return object;
}
