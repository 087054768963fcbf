/*
 * See file.h. The order matters: coverage first, because a leg is written by the report that
 * covers more of its day; then the legs, session by session, because the day of a session is that
 * of its first leg, stored or new; then the Users rows.
 */
#include "ingest/file.h"

#include "base/error.h"
#include "base/id.h"
#include "base/limits.h"
#include "db/store_calls.h"
#include "db/store_contact.h"
#include "db/store_link.h"
#include "db/store_message.h"
#include "figures/outcome.h"
#include "figures/phone.h"
#include "ingest/leg_key.h"
#include "ingest/reread.h"
#include "ingest/summary.h"

#include <stdlib.h>
#include <string.h>

/* What is needed while one file passes. */
struct passage {
    struct ingest_agency *agency;
    const struct report_file *file;
    enum report_series series; /* of its calls */
    struct ingest_file *result;
    struct day_zone *zone; /* the one the file is read in; may be the agency's, borrowed */
    const char *log_id;
    char file_id[ID_SIZE];
    int64_t received_at;
    GArray *covers;     /* of struct day_cover: of Calls, in the agency's days */
    GHashTable *booked; /* dates that have a row of coverage */
    int64_t *sources;   /* by sheet: store_leg's source_id; 0: none yet */
    struct store_session_walk *walk;
    struct store_leg_writer *writer;
    const GArray *known;   /* of struct store_known_leg: the session under way */
    GArray *session;       /* of struct call_leg, for reuse: the session as it is stored */
    struct reread *reread; /* NULL: the file is new */
};

static void note(struct ingest_file *result, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void note(struct ingest_file *result, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_ptr_array_add(result->notes, g_strdup_vprintf(format, args));
    va_end(args);
}

static void add_date(struct ingest_file *result, int32_t date)
{
    result->first_date = result->has_dates ? MIN(result->first_date, date) : date;
    result->last_date = result->has_dates ? MAX(result->last_date, date) : date;
    result->has_dates = true;
}

/* The workbook's own zone, else the agency's. *owned is what has to be freed. */
static struct day_zone *zone_of(struct passage *passage, struct day_zone **owned)
{
    const char *name = passage->file->timezone;
    const char *ours = day_zone_name(passage->agency->zone);
    if (name == NULL || strcmp(name, ours) == 0)
        return passage->agency->zone;
    *owned = day_zone_new(name, NULL);
    if (*owned != NULL)
        return *owned;
    note(passage->result, "the workbook's Timezone \"%s\" is no zone: its times were read in %s",
         name, ours);
    return passage->agency->zone;
}

/* The days that a range touches, for the reply. */
static void range_dates(struct passage *passage)
{
    g_autoptr(GArray) covers = NULL;
    if (passage->file->from < 0 ||
        !day_cover_split(passage->agency->zone, passage->zone, passage->file->from,
                         passage->file->to, &covers, NULL))
        return;
    for (guint i = 0; i < covers->len; i++)
        add_date(passage->result, g_array_index(covers, struct day_cover, i).date);
}

/* --- Calls --- */

static bool book(struct passage *passage, const struct day_cover *cover, GError **error)
{
    if (!g_hash_table_add(passage->booked, GINT_TO_POINTER(cover->date)))
        return true;
    /* The sources of calls have the order of the series. */
    return ingest_agency_touch(passage->agency, cover->date, passage->series, NULL, error) &&
           store_cover_add(passage->agency->db, passage->agency->row.id, cover->date,
                           (enum store_source)passage->series, passage->file_id, cover->seconds,
                           cover->until, error);
}

static bool book_calls(struct passage *passage, GError **error)
{
    const struct report_file *file = passage->file;
    g_autoptr(GError) why = NULL;
    if (file->from < 0)
        return true;
    g_clear_pointer(&passage->covers, g_array_unref);
    if (!day_cover_split(passage->agency->zone, passage->zone, file->from, file->to,
                         &passage->covers, &why)) {
        note(passage->result, "the covered range is not used: %s", why->message);
        passage->covers = g_array_new(FALSE, FALSE, sizeof(struct day_cover));
        return true;
    }
    for (guint i = 0; i < passage->covers->len; i++) {
        const struct day_cover *cover = &g_array_index(passage->covers, struct day_cover, i);
        add_date(passage->result, cover->date);
        if (!book(passage, cover, error))
            return false;
    }
    return true;
}

static int64_t covered_seconds(const struct passage *passage, int32_t date)
{
    for (guint i = 0; i < passage->covers->len; i++) {
        const struct day_cover *cover = &g_array_index(passage->covers, struct day_cover, i);
        if (cover->date == date)
            return cover->seconds;
    }
    return 0;
}

/* The number beside our side's name, if it is an extension. */
static const char *extension_of(const struct report_leg *leg)
{
    const char *number = outcome_agent_number(leg);
    return number != NULL && phone_is_extension(number) ? number : NULL;
}

/* As ingest_agency_contact(), of the leg's other side. */
static const char *contact_of(struct passage *passage, const struct report_leg *leg)
{
    return ingest_agency_contact(
        passage->agency, outcome_other_number(leg->direction, leg->from_number, leg->to_number));
}

static void fill_leg(struct passage *passage, const struct keyed_leg *keyed, int32_t call_date,
                     struct store_leg *row)
{
    const struct report_leg *leg = keyed->leg;
    const char *agent = outcome_agent(leg);
    const char *extension = extension_of(leg);
    const char *contact = contact_of(passage, leg);
    *row = (struct store_leg){
        .provider = store_provider(passage->series),
        .external_call_id = leg->session_id,
        .leg = keyed->key,
        .call_date = call_date,
        .direction = report_direction_name(leg->direction),
        .call_type = leg->call_type,
        .from_number = leg->from_number,
        .from_name = leg->from_name,
        .to_number = leg->to_number,
        .to_name = leg->to_name,
        .call_started_at = keyed->start,
        .duration_seconds = leg->length,
        .talk_seconds =
            outcome_talk_seconds(leg->direction, leg->result, leg->length, leg->handle_time),
        .result = leg->result,
        .queue = leg->queue,
        .agent = agent,
        .extension = extension,
        .matched_team_member_id = ingest_agency_person(passage->agency, agent, extension, NULL),
        .matched_prospect_id = contact != NULL && contact[0] != '\0' ? contact : NULL,
        .prospect_ambiguous = contact != NULL && contact[0] == '\0',
        .source_id = passage->sources[leg->sheet],
        .source_row = leg->row,
        .covered_seconds =
            covered_seconds(passage, day_zone_date(passage->agency->zone, keyed->start)),
        .raw_payload = leg->raw_payload,
    };
}

static int compare_known(const void *key, const void *known)
{
    return strcmp(key, ((const struct store_known_leg *)known)->leg);
}

/* They come in the order of their names; a hostile session has many. */
static const struct store_known_leg *find_known(const GArray *known, const char *key)
{
    if (known->len == 0)
        return NULL;
    return bsearch(key, known->data, known->len, sizeof(struct store_known_leg), compare_known);
}

/* A leg as the figures see it, stored or to be stored. */
static struct call_leg leg_of_known(const struct store_known_leg *known, const char *session_id)
{
    return (struct call_leg){
        .session_id = session_id,
        .member_id = known->member_id,
        .agent = known->has_agent ? "" : NULL,
        .result = known->result,
        .talk_seconds = known->talk_seconds,
        .direction = report_direction_parse(known->direction),
    };
}

static struct call_leg leg_of_row(const struct store_leg *row, enum report_direction direction)
{
    return (struct call_leg){
        .session_id = row->external_call_id,
        .member_id = row->matched_team_member_id,
        .agent = row->agent,
        .result = row->result,
        .talk_seconds = row->talk_seconds,
        .direction = direction,
    };
}

/* The sheet has a row among the sources when its first leg is stored. */
static bool add_source(struct passage *passage, uint32_t sheet, GError **error)
{
    struct ingest_agency *agency = passage->agency;
    if (passage->sources[sheet] != 0)
        return true;
    struct store_call_source source = {
        .agency_id = agency->row.id,
        .log_id = passage->log_id,
        .file_id = passage->file_id,
        .sheet = g_ptr_array_index(passage->file->sheets, sheet),
        .received_at = passage->received_at,
    };
    if (passage->reread != NULL &&
        !store_file_source(agency->db, agency->row.id, passage->file_id, source.sheet,
                           &passage->sources[sheet], error))
        return false;
    return passage->sources[sheet] != 0 ||
           store_source_add(agency->db, &source, &passage->sources[sheet], error);
}

/* Stores a leg, and notes in passage->session what the session then is. */
static bool put_leg(struct passage *passage, const struct keyed_leg *keyed, int32_t date,
                    GError **error)
{
    struct store_leg row;
    if (!add_source(passage, keyed->leg->sheet, error))
        return false;
    fill_leg(passage, keyed, date, &row);
    passage->result->named += row.agent != NULL;
    passage->result->unmatched += row.agent != NULL && row.matched_team_member_id == NULL;
    struct call_leg leg = leg_of_row(&row, keyed->leg->direction);
    const struct store_known_leg *known = find_known(passage->known, keyed->key);
    if (known == NULL) {
        g_array_append_val(passage->session, leg);
        return store_leg_writer_add(passage->writer, &row, error);
    }
    bool is_own = passage->reread != NULL && g_strcmp0(known->file_id, passage->file_id) == 0;
    if (!is_own && (row.covered_seconds < known->covered_seconds ||
                    (row.covered_seconds == known->covered_seconds &&
                     passage->received_at < known->source_received_at)))
        return true;
    gsize place = (gsize)(known - (const struct store_known_leg *)(void *)passage->known->data);
    g_array_index(passage->session, struct call_leg, place) = leg;
    return store_leg_update(passage->agency->db, passage->agency->leg_numbers, &row, error);
}

/* Of the session's first leg, stored or new. */
static int64_t first_start(const struct passage *passage, const struct keyed_leg *legs, guint count)
{
    int64_t first = INT64_MAX;
    for (guint i = 0; i < count; i++)
        first = MIN(first, legs[i].start);
    for (guint i = 0; i < passage->known->len; i++)
        first =
            MIN(first, g_array_index(passage->known, struct store_known_leg, i).call_started_at);
    return first;
}

/* The day of a session: that of its first leg, stored or new. Legs stored under another day move.
 */
static bool place_session(struct passage *passage, const struct keyed_leg *legs, guint count,
                          int32_t *date, struct day_totals **totals, GError **error)
{
    bool moves = false;
    *date = day_zone_date(passage->agency->zone, first_start(passage, legs, count));
    if (!ingest_agency_touch(passage->agency, *date, passage->series, totals, error))
        return false;
    for (guint i = 0; i < passage->known->len; i++)
        moves |= g_array_index(passage->known, struct store_known_leg, i).call_date != *date;
    return !moves || store_session_move(passage->agency->db, passage->agency->row.id,
                                        store_provider(passage->series), legs[0].leg->session_id,
                                        *date, error);
}

/* Takes the session as it was stored off its day, before anything of it changes. All its legs are
 * on one day. */
static bool take_away_known(struct passage *passage, const char *session_id, GError **error)
{
    struct day_totals *totals;
    g_array_set_size(passage->session, 0);
    if (passage->known->len == 0)
        return true;
    for (guint i = 0; i < passage->known->len; i++) {
        struct call_leg leg =
            leg_of_known(&g_array_index(passage->known, struct store_known_leg, i), session_id);
        g_array_append_val(passage->session, leg);
    }
    int32_t date = g_array_index(passage->known, struct store_known_leg, 0).call_date;
    if (!ingest_agency_touch(passage->agency, date, passage->series, &totals, error))
        return false;
    g_autofree struct call_leg *legs =
        g_memdup2(passage->session->data, passage->session->len * sizeof(struct call_leg));
    day_totals_count(totals, legs, passage->session->len, -1);
    return true;
}

/* The session on the timelines of its contacts, at the start of its first leg. */
static bool put_activities(struct passage *passage, const struct keyed_leg *legs, guint count,
                           GError **error)
{
    struct ingest_agency *agency = passage->agency;
    const char *provider = store_provider(passage->series);
    const char *session_id = legs[0].leg->session_id;
    if (g_hash_table_size(agency->numbers) == 0)
        return true;
    int64_t first = first_start(passage, legs, count);
    const char *before = NULL;
    for (guint i = 0; i < count; i++) {
        const char *contact = contact_of(passage, legs[i].leg);
        if (contact == NULL || contact[0] == '\0' || contact == before)
            continue;
        if (!store_activity_put(agency->db, agency->row.id, contact, provider, session_id, first,
                                error))
            return false;
        before = contact;
    }
    return passage->known->len == 0 ||
           store_activity_move(agency->db, agency->row.id, provider, session_id, first, error);
}

static bool is_internal(const struct keyed_leg *legs, guint count)
{
    for (guint i = 0; i < count; i++)
        if (legs[i].leg->direction != REPORT_INTERNAL)
            return false;
    return true;
}

static bool put_session(struct passage *passage, const struct keyed_leg *legs, guint count,
                        GError **error)
{
    int32_t date;
    struct day_totals *totals;
    const char *session_id = legs[0].leg->session_id;
    passage->result->sessions++;
    passage->result->long_sessions += count > LIMIT_WARN_LEGS;
    passage->result->most_legs = MAX(passage->result->most_legs, (int64_t)count);
    passage->known = store_session_walk_to(passage->walk, session_id, error);
    if (passage->known == NULL || !take_away_known(passage, session_id, error) ||
        !place_session(passage, legs, count, &date, &totals, error))
        return false;
    if (passage->known->len == 0 && !is_internal(legs, count))
        passage->result->new_sessions++;
    for (guint i = 0; i < count; i++)
        if (!put_leg(passage, &legs[i], date, error))
            return false;
    if (!put_activities(passage, legs, count, error))
        return false;
    day_totals_count(totals, (struct call_leg *)(void *)passage->session->data,
                     passage->session->len, 1);
    struct day_cover unknown = {.date = date, .until = REPORT_UNKNOWN};
    if (passage->file->from < 0)
        add_date(passage->result, date);
    return book(passage, &unknown, error);
}

/* Legs of one session, from legs[at] on. */
struct group {
    guint at, count;
    int32_t date; /* of the first of them */
};

static int compare_groups(const void *left, const void *right)
{
    const struct group *a = left, *b = right;
    if (a->date != b->date)
        return a->date < b->date ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

/* The sessions in the order in which they are stored: day by day, and by their ids. */
static GArray *group(const struct passage *passage, const GArray *keyed)
{
    const struct keyed_leg *legs = (const struct keyed_leg *)(const void *)keyed->data;
    GArray *groups = g_array_new(FALSE, FALSE, sizeof(struct group));
    bool is_in_order = true;
    int32_t before = INT32_MIN;
    for (guint at = 0, end; at < keyed->len; at = end) {
        int64_t first = legs[at].start;
        for (end = at + 1;
             end < keyed->len && strcmp(legs[end].leg->session_id, legs[at].leg->session_id) == 0;
             end++)
            first = MIN(first, legs[end].start);
        struct group one = {at, end - at, day_zone_date(passage->agency->zone, first)};
        g_array_append_val(groups, one);
        is_in_order = is_in_order && before <= one.date;
        before = one.date;
    }
    if (!is_in_order) /* a report of one day is */
        g_array_sort(groups, compare_groups);
    return groups;
}

static bool put_calls(struct passage *passage, GError **error)
{
    const struct report_file *file = passage->file;
    g_autofree int64_t *starts = g_new(int64_t, file->legs->len);
    for (guint i = 0; i < file->legs->len; i++)
        starts[i] =
            day_zone_utc(passage->zone, g_array_index(file->legs, struct report_leg, i).start);
    g_autoptr(GArray) keyed = leg_key_all(file, starts, passage->agency->people);
    if (passage->reread != NULL &&
        !reread_drop(passage->reread, store_provider(passage->series), keyed, error))
        return false;
    g_autoptr(GArray) groups = group(passage, keyed);
    for (guint i = 0; i < groups->len; i++) {
        const struct group *one = &g_array_index(groups, struct group, i);
        if (!put_session(passage, &g_array_index(keyed, struct keyed_leg, one->at), one->count,
                         error))
            return false;
    }
    return store_leg_writer_end(passage->writer, error);
}

/* --- Users --- */

/* The day on which a Users report is booked, and what it covers of it; false if there is none. */
static bool users_day(struct passage *passage, struct day_cover *cover)
{
    const struct report_file *file = passage->file;
    g_autoptr(GArray) covers = NULL;
    if (summary_not_booked(file) != NULL ||
        !day_cover_split(passage->zone, passage->zone, file->from, file->to, &covers, NULL) ||
        covers->len != 1)
        return false;
    *cover = g_array_index(covers, struct day_cover, 0);
    if (strcmp(day_zone_name(passage->zone), day_zone_name(passage->agency->zone)) != 0)
        note(passage->result,
             "the Users rows were made in %s, not in the agency's %s: they were booked on their "
             "own date",
             day_zone_name(passage->zone), day_zone_name(passage->agency->zone));
    return true;
}

static bool put_users(struct passage *passage, GError **error)
{
    const struct report_file *file = passage->file;
    struct ingest_agency *agency = passage->agency;
    struct day_cover cover = {
        .date = INT32_MIN, .seconds = REPORT_UNKNOWN, .until = REPORT_UNKNOWN};
    bool booked = users_day(passage, &cover);
    passage->result->not_booked = !booked;
    if (!booked)
        range_dates(passage);
    if (booked) {
        add_date(passage->result, cover.date);
        if (!ingest_agency_touch(agency, cover.date, REPORT_SERIES_CALLS, NULL, error) ||
            !store_cover_add(agency->db, agency->row.id, cover.date, STORE_USERS, passage->file_id,
                             cover.seconds, cover.until, error))
            return false;
    }
    for (guint i = 0; i < file->users->len; i++) {
        const struct report_user *user = &g_array_index(file->users, struct report_user, i);
        struct store_user row = {
            .agency_id = agency->row.id,
            .file_id = passage->file_id,
            .date = cover.date,
            .covered_seconds = cover.seconds,
            .covered_until = cover.until,
            .received_at = passage->received_at,
            .matched_team_member_id =
                ingest_agency_person(agency, user->name, user->extension, user->email),
            .sheet = g_ptr_array_index(file->sheets, user->sheet),
            .user = *user,
        };
        if (!store_user_add(agency->db, &row, error))
            return false;
    }
    return true;
}

/* Sees the people of a file that is not stored again, so that they can be counted. */
static void meet_people(struct ingest_agency *agency, const struct report_file *file)
{
    for (guint i = 0; i < file->legs->len; i++) {
        const struct report_leg *leg = &g_array_index(file->legs, struct report_leg, i);
        ingest_agency_person(agency, outcome_agent(leg), extension_of(leg), NULL);
    }
    for (guint i = 0; i < file->users->len; i++) {
        const struct report_user *user = &g_array_index(file->users, struct report_user, i);
        ingest_agency_person(agency, user->name, user->extension, user->email);
    }
}

/* --- the file --- */

static bool add_file_row(struct passage *passage, GError **error)
{
    const struct report_file *file = passage->file;
    struct store_file row = {
        .id = passage->file_id,
        .agency_id = passage->agency->row.id,
        .log_id = (char *)(uintptr_t)passage->log_id,
        .name = (char *)(uintptr_t)file->name,
        .kind = (char *)(uintptr_t)file->kind,
        .sha256 = (char *)(uintptr_t)file->sha256,
        .timezone = (char *)(uintptr_t)day_zone_name(passage->zone),
        .from = file->from,
        .to = file->to,
        .received_at = passage->received_at,
    };
    return passage->reread != NULL ? store_file_update(passage->agency->db, &row, error)
                                   : store_file_add(passage->agency->db, &row, error);
}

static bool put_all(struct passage *passage, GError **error)
{
    const struct report_file *file = passage->file;
    return add_file_row(passage, error) &&
           (file->has_calls
                ? book_calls(passage, error) && put_calls(passage, error)
                : passage->reread == NULL || reread_drop(passage->reread, NULL, NULL, error)) &&
           (!file->has_users || put_users(passage, error));
}

static bool put_file(struct passage *passage, GError **error)
{
    struct ingest_agency *agency = passage->agency;
    passage->covers = g_array_new(FALSE, FALSE, sizeof(struct day_cover));
    passage->booked = g_hash_table_new(NULL, NULL);
    passage->sources = g_new0(int64_t, passage->file->sheets->len);
    passage->walk =
        store_session_walk_new(agency->db, agency->row.id, store_provider(passage->series));
    passage->writer = store_leg_writer_new(agency->db, agency->leg_numbers);
    passage->session = g_array_new(FALSE, FALSE, sizeof(struct call_leg));
    bool stored = put_all(passage, error);
    g_array_unref(passage->covers);
    g_hash_table_unref(passage->booked);
    g_free(passage->sources);
    store_session_walk_free(passage->walk);
    store_leg_writer_free(passage->writer);
    g_array_unref(passage->session);
    return stored;
}

/* The file as it is known; its time stays what it was. */
static bool open_known(struct passage *passage, const char *id, GError **error)
{
    struct store_file known;
    bool found;
    if (!store_file_read(passage->agency->db, passage->agency->row.id, id, &known, &found, error))
        return false;
    passage->received_at = known.received_at;
    store_file_clear(&known);
    g_strlcpy(passage->file_id, id, sizeof passage->file_id);
    passage->reread = reread_new(passage->agency, id, error);
    return passage->reread != NULL;
}

/* It was a report when it was read first, and is none now. */
static bool drop_file(struct passage *passage, GError **error)
{
    return reread_drop(passage->reread, NULL, NULL, error) &&
           store_file_drop(passage->agency->db, passage->agency->row.id, passage->file_id, error);
}

bool ingest_file_store(struct ingest_agency *agency, const struct report_file *file,
                       const char *log_id, int64_t received_at, bool again,
                       struct ingest_file *result, GError **error)
{
    *result = (struct ingest_file){.verdict = file->verdict, .reason = g_strdup(file->reason)};
    result->notes = g_ptr_array_new_with_free_func(g_free);
    bool is_good = file->verdict == REPORT_STORED;
    if (!is_good && (!again || file->sha256[0] == '\0'))
        return true;
    struct passage passage = {.agency = agency,
                              .file = file,
                              .series = report_series_of(file),
                              .result = result,
                              .log_id = log_id,
                              .received_at = received_at};
    g_autofree char *known_id = NULL;
    if (!store_file_find(agency->db, agency->row.id, file->sha256, &known_id, error))
        return false;
    if (!is_good && known_id == NULL)
        return true;
    AUTO(day_zone) own_zone = NULL;
    passage.zone = zone_of(&passage, &own_zone);
    if (known_id != NULL && !again) {
        result->verdict = REPORT_DUPLICATE;
        meet_people(agency, file);
        range_dates(&passage);
        return true;
    }
    id_new(passage.file_id);
    bool is_open = known_id == NULL || open_known(&passage, known_id, error);
    bool stored = is_open && (is_good ? put_file(&passage, error) : drop_file(&passage, error)) &&
                  (passage.reread == NULL || reread_settle(passage.reread, error));
    reread_free(passage.reread);
    return stored;
}

void ingest_file_clear(struct ingest_file *result)
{
    g_free(result->reason);
    g_clear_pointer(&result->notes, g_ptr_array_unref);
}
