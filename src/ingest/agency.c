/*
 * See agency.h. A name in a report is kept once and has one address, so who it is is remembered by
 * that address, and looked up once for all the legs of a month.
 *
 * It owns what it has read, and trusts it until it is freed.
 */
#include "ingest/agency.h"

#include "base/hash.h"
#include "base/limits.h"
#include "db/store_contact.h"
#include "db/store_link.h"
#include "db/store_member.h"
#include "db/store_totals.h"
#include "figures/phone.h"
#include "ingest/agency_day.h"

#include <string.h>

/* Who a name is: with the extension that stood beside it. */
struct memo {
    const char *extension, *email; /* as asked */
    const char *member;            /* borrowed from people */
};

static void free_totals(void *totals)
{
    day_totals_clear(totals);
    g_free(totals);
}

static void free_day(void *day)
{
    agency_day_free(day);
}

struct ingest_agency *ingest_agency_new(struct db *db, const char *id, int64_t now, GError **error)
{
    AUTO(ingest_agency) agency = g_new0(struct ingest_agency, 1);
    agency->db = db;
    if (!store_agency_find(db, id, now, &agency->row, error))
        return NULL;
    agency->zone = day_zone_new(agency->row.timezone, error);
    if (agency->zone == NULL)
        return NULL;
    agency->people = store_member_index(db, agency->row.id, error);
    if (agency->people == NULL)
        return NULL;
    agency->members = store_member_list(db, agency->row.id, error);
    if (agency->members == NULL)
        return NULL;
    agency->leg_numbers = store_numbers_new(db, agency->row.id, error);
    if (agency->leg_numbers == NULL)
        return NULL;
    agency->numbers = store_contact_numbers(db, agency->row.id, error);
    if (agency->numbers == NULL)
        return NULL;
    agency->called = g_hash_table_new(NULL, NULL);
    agency->days = g_hash_table_new_full(NULL, NULL, NULL, free_day);
    agency->stale = g_hash_table_new(NULL, NULL);
    agency->fresh = g_hash_table_new_full(NULL, NULL, NULL, free_totals);
    agency->seen = g_hash_table_new_full(hash_text, g_str_equal, g_free, NULL);
    agency->memo = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    return g_steal_pointer(&agency);
}

void ingest_agency_free(struct ingest_agency *agency)
{
    if (agency == NULL)
        return;
    store_agency_clear(&agency->row);
    day_zone_free(agency->zone);
    person_index_free(agency->people);
    store_numbers_free(agency->leg_numbers);
    g_clear_pointer(&agency->days, g_hash_table_unref);
    g_clear_pointer(&agency->stale, g_hash_table_unref);
    g_clear_pointer(&agency->fresh, g_hash_table_unref);
    g_clear_pointer(&agency->seen, g_hash_table_unref);
    g_clear_pointer(&agency->memo, g_hash_table_unref);
    g_clear_pointer(&agency->members, g_array_unref);
    g_clear_pointer(&agency->numbers, g_hash_table_unref);
    g_clear_pointer(&agency->called, g_hash_table_unref);
    g_free(agency);
}

bool ingest_agency_touch(struct ingest_agency *agency, int32_t date, enum report_series series,
                         struct day_totals **fresh, GError **error)
{
    gpointer key = GINT_TO_POINTER(date * REPORT_SERIES_COUNT + (int)series);
    struct day_totals *totals = g_hash_table_lookup(agency->fresh, key);
    if (totals == NULL) {
        if (!g_hash_table_contains(agency->days, key)) {
            struct agency_day *day =
                agency_day_new(agency->db, agency->row.id, date, series, error);
            if (day == NULL)
                return false;
            g_hash_table_insert(agency->days, key, day);
        }
        totals = g_new(struct day_totals, 1);
        day_totals_init(totals);
        g_hash_table_insert(agency->fresh, key, totals);
    }
    if (fresh != NULL)
        *fresh = totals;
    return true;
}

static const char *meet(struct ingest_agency *agency, const char *name, const char *extension,
                        const char *email)
{
    const char *member = person_index_find_reported(agency->people, name, extension, email);
    if (member == NULL && name == NULL)
        return NULL;
    if (member != NULL && g_hash_table_contains(agency->seen, member))
        return member;
    char *who = g_strdup(member != NULL ? member : person_index_fold(agency->people, name));
    g_hash_table_insert(agency->seen, who, GINT_TO_POINTER(member != NULL));
    return member;
}

const char *ingest_agency_person(struct ingest_agency *agency, const char *name,
                                 const char *extension, const char *email)
{
    if (name == NULL)
        return meet(agency, NULL, extension, email);
    struct memo *memo = g_hash_table_lookup(agency->memo, name);
    if (memo != NULL && memo->extension == extension && memo->email == email)
        return memo->member;
    const char *member = meet(agency, name, extension, email);
    if (memo == NULL) {
        memo = g_new(struct memo, 1);
        g_hash_table_insert(agency->memo, (gpointer)(uintptr_t)name, memo);
    }
    *memo = (struct memo){.extension = extension, .email = email, .member = member};
    return member;
}

const char *ingest_agency_contact(struct ingest_agency *agency, const char *number)
{
    gpointer contact = NULL;
    if (number == NULL || g_hash_table_size(agency->numbers) == 0 ||
        g_hash_table_lookup_extended(agency->called, number, NULL, &contact))
        return contact;
    char room[PHONE_SIZE];
    const char *normal = phone_is_extension(number) ? NULL : phone_normalize(number, room);
    if (normal != NULL)
        contact = g_hash_table_lookup(agency->numbers, normal);
    g_hash_table_insert(agency->called, (gpointer)(uintptr_t)number, contact);
    return contact;
}

void ingest_agency_people(const struct ingest_agency *agency, int64_t *seen, int64_t *matched)
{
    GHashTableIter iter;
    gpointer is_member;
    g_hash_table_iter_init(&iter, agency->seen);
    *seen = *matched = 0;
    while (g_hash_table_iter_next(&iter, NULL, &is_member)) {
        ++*seen;
        *matched += GPOINTER_TO_INT(is_member);
    }
}

GArray *ingest_agency_pairs(struct ingest_agency *agency, int32_t date, GError **error)
{
    enum report_series series;
    if (!agency_day_choose(agency->db, agency->row.id, date, &series, error))
        return NULL;
    gpointer key = GINT_TO_POINTER(date * REPORT_SERIES_COUNT + (int)series);
    const struct agency_day *kept = g_hash_table_lookup(agency->days, key);
    struct agency_day *own =
        kept == NULL ? agency_day_new(agency->db, agency->row.id, date, series, error) : NULL;
    if (kept == NULL && own == NULL)
        return NULL;
    const struct agency_day *day = kept != NULL ? kept : own;
    /* Sums that are to be counted at the end are not known yet. */
    if (day->must_count || g_hash_table_contains(agency->stale, GINT_TO_POINTER(date))) {
        agency_day_free(own);
        return g_array_new(FALSE, FALSE, sizeof(struct daily_pair));
    }
    struct agency_day sum = {.date = date, .series = series};
    const struct day_totals *fresh = g_hash_table_lookup(agency->fresh, key);
    day_totals_init(&sum.totals);
    day_totals_add(&sum.totals, &day->totals);
    if (fresh != NULL)
        day_totals_add(&sum.totals, fresh);
    GArray *pairs = agency_day_pairs(&sum, agency->db, agency->row.id, agency->members, error);
    day_totals_clear(&sum.totals);
    agency_day_free(own);
    return pairs;
}

void ingest_agency_keep(struct ingest_agency *agency)
{
    GHashTableIter iter;
    gpointer day, totals;
    g_hash_table_iter_init(&iter, agency->fresh);
    while (g_hash_table_iter_next(&iter, &day, &totals))
        agency_day_add(g_hash_table_lookup(agency->days, day), totals);
    g_hash_table_remove_all(agency->fresh);
    g_hash_table_remove_all(agency->seen);
    g_hash_table_remove_all(agency->memo);
    g_hash_table_remove_all(agency->called);
}

/* The sums of all series first: which of them counts is decided by all. */
static bool compute_day(struct ingest_agency *agency, int32_t date, GError **error)
{
    bool is_done = true;
    for (int series = REPORT_SERIES_COUNT - 1; is_done && series >= 0; series--) {
        struct agency_day *day =
            agency_day_new(agency->db, agency->row.id, date, (enum report_series)series, error);
        is_done = day != NULL &&
                  (!day->must_count || agency_day_store(day, agency->db, agency->row.id, error)) &&
                  (series > 0 ||
                   agency_day_finish(day, agency->db, agency->row.id, agency->members, error));
        agency_day_free(day);
    }
    return is_done;
}

void ingest_agency_recount(struct ingest_agency *agency, int32_t date)
{
    g_hash_table_add(agency->stale, GINT_TO_POINTER(date));
}

/* What is kept of these days is wrong. */
static bool compute_stale(struct ingest_agency *agency, GError **error)
{
    GHashTableIter iter;
    gpointer date;
    if (g_hash_table_size(agency->stale) == 0)
        return true;
    g_hash_table_iter_init(&iter, agency->stale);
    while (g_hash_table_iter_next(&iter, &date, NULL))
        if (!store_totals_drop(agency->db, agency->row.id, GPOINTER_TO_INT(date), error) ||
            !compute_day(agency, GPOINTER_TO_INT(date), error))
            return false;
    g_hash_table_remove_all(agency->stale);
    g_hash_table_remove_all(agency->days);
    return true;
}

/* First all sums, then the figures, for which those of another series may be asked. */
bool ingest_agency_finish(struct ingest_agency *agency, GError **error)
{
    GHashTableIter iter;
    gpointer day;
    g_hash_table_iter_init(&iter, agency->days);
    while (g_hash_table_iter_next(&iter, NULL, &day)) {
        const struct agency_day *touched = day;
        if (touched->is_touched && !agency_day_store(day, agency->db, agency->row.id, error))
            return false;
    }
    g_hash_table_iter_init(&iter, agency->days);
    while (g_hash_table_iter_next(&iter, NULL, &day)) {
        const struct agency_day *touched = day;
        if (touched->is_touched &&
            !agency_day_finish(day, agency->db, agency->row.id, agency->members, error))
            return false;
    }
    if (g_hash_table_size(agency->days) > LIMIT_DAYS_KEPT)
        g_hash_table_remove_all(agency->days);
    return compute_stale(agency, error);
}

bool ingest_agency_compute_all(struct ingest_agency *agency, GError **error)
{
    g_autoptr(GArray) dates = store_dates(agency->db, agency->row.id, error);
    if (dates == NULL)
        return false;
    for (guint i = 0; i < dates->len; i++)
        if (!compute_day(agency, g_array_index(dates, int32_t, i), error))
            return false;
    g_hash_table_remove_all(agency->days);
    return true;
}
