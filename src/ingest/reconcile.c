/* See reconcile.h. */
#include "ingest/reconcile.h"

#include "db/store_calls.h"
#include "db/store_member.h"
#include "ingest/agency_day.h"

static void clear_row(void *data)
{
    struct reconcile_row *row = data;
    g_free(row->member_id);
    g_free(row->name);
}

static int64_t difference(int64_t users, int64_t calls, bool *differs)
{
    if (users < 0 || calls < 0)
        return INT64_MIN;
    *differs |= users != calls;
    return users - calls;
}

static bool tells_anything(const struct figures *figures)
{
    return figures->total >= 0 || figures->inbound >= 0 || figures->outbound >= 0 ||
           figures->answered >= 0 || figures->missed >= 0 || figures->talk_seconds >= 0;
}

static void add_row(GArray *rows, const struct daily_pair *pair, const char *name)
{
    const struct figures *a = &pair->users, *b = &pair->calls;
    if (!tells_anything(a) && !tells_anything(b))
        return;
    struct reconcile_row row = {
        .member_id = g_strdup(pair->member_id),
        .name = g_strdup(name),
        .users = *a,
        .calls = *b,
        .is_comparable = tells_anything(a) && tells_anything(b) && pair->users_covered > 0 &&
                         pair->users_covered == pair->calls_covered,
    };
    bool differs = false;
    row.difference = (struct figures){
        .total = difference(a->total, b->total, &differs),
        .inbound = difference(a->inbound, b->inbound, &differs),
        .outbound = difference(a->outbound, b->outbound, &differs),
        .answered = difference(a->answered, b->answered, &differs),
        .missed = difference(a->missed, b->missed, &differs),
        .talk_seconds = difference(a->talk_seconds, b->talk_seconds, &differs),
    };
    row.differs = differs && row.is_comparable;
    g_array_append_val(rows, row);
}

/* The sums of the series that counts, as they are kept; counted where they are not. */
static GArray *pairs_of_day(struct db *db, const char *agency_id, int32_t date,
                            const GArray *members, GError **error)
{
    enum report_series series;
    if (!agency_day_choose(db, agency_id, date, &series, error))
        return NULL;
    struct agency_day *day = agency_day_new(db, agency_id, date, series, error);
    GArray *pairs = NULL;
    if (day != NULL && agency_day_count(day, db, agency_id, error))
        pairs = agency_day_pairs(day, db, agency_id, members, error);
    agency_day_free(day);
    return pairs;
}

GArray *reconcile_day(struct db *db, const char *agency_id, int32_t date, GError **error)
{
    g_autoptr(GArray) members = store_member_list(db, agency_id, error);
    g_autoptr(GArray) pairs =
        members != NULL ? pairs_of_day(db, agency_id, date, members, error) : NULL;
    if (pairs == NULL)
        return NULL;
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(struct reconcile_row));
    g_array_set_clear_func(rows, clear_row);
    for (guint i = 0; i < pairs->len; i++) {
        const struct daily_pair *pair = &g_array_index(pairs, struct daily_pair, i);
        add_row(rows, pair, store_member_name(members, pair->member_id));
    }
    return rows;
}
