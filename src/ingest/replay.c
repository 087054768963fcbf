/* See replay.h. */
#include "ingest/replay.h"

#include "base/hash.h"
#include "db/store_link.h"
#include "db/store_metrics.h"
#include "ingest/ingest.h"

/* The figures of all days of some agencies at one moment. */
struct figures_of_agency {
    char *agency_id;
    GArray *days; /* of struct store_agency_metrics, ascending */
};

static void clear_day(void *data)
{
    store_agency_metrics_clear(data);
}

static void clear_agency(void *data)
{
    struct figures_of_agency *agency = data;
    g_free(agency->agency_id);
    g_array_unref(agency->days);
}

static GArray *read_days(struct db *db, const char *agency_id, GError **error)
{
    g_autoptr(GArray) dates = store_dates(db, agency_id, error);
    if (dates == NULL)
        return NULL;
    g_autoptr(GArray) days = g_array_new(FALSE, FALSE, sizeof(struct store_agency_metrics));
    g_array_set_clear_func(days, clear_day);
    for (guint i = 0; i < dates->len; i++) {
        struct store_agency_metrics day;
        if (!store_metrics_of_day(db, agency_id, g_array_index(dates, int32_t, i), &day, error))
            return NULL;
        g_array_append_val(days, day);
    }
    return g_steal_pointer(&days);
}

/* Of each agency that one of the messages went to. */
static GArray *read_figures(struct db *db, const struct replay_item *items, size_t count,
                            GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(hash_text, g_str_equal);
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(struct figures_of_agency));
    g_array_set_clear_func(all, clear_agency);
    for (size_t i = 0; i < count; i++) {
        for (guint j = 0; j < items[i].logs->len; j++) {
            const struct store_log *log = &g_array_index(items[i].logs, struct store_log, j);
            if (log->agency_id == NULL || !g_hash_table_add(seen, log->agency_id))
                continue;
            struct figures_of_agency one = {.days = read_days(db, log->agency_id, error)};
            if (one.days == NULL)
                return NULL;
            one.agency_id = g_strdup(log->agency_id);
            g_array_append_val(all, one);
        }
    }
    return g_steal_pointer(&all);
}

static int compare_dates(const struct store_agency_metrics *a, const struct store_agency_metrics *b)
{
    return (a->date > b->date) - (a->date < b->date);
}

/* Days in both lists, and those in one of them. */
static void compare_days(GArray *differences, const GArray *before, const GArray *after)
{
    guint i = 0, j = 0;
    while (i < before->len || j < after->len) {
        const struct store_agency_metrics *a =
            i < before->len ? &g_array_index(before, struct store_agency_metrics, i) : NULL;
        const struct store_agency_metrics *b =
            j < after->len ? &g_array_index(after, struct store_agency_metrics, j) : NULL;
        int order = a == NULL ? 1 : b == NULL ? -1 : compare_dates(a, b);
        verify_compare(differences, order <= 0 ? a : NULL, order >= 0 ? b : NULL);
        i += order <= 0;
        j += order >= 0;
    }
}

static bool compare_all(struct db *db, const GArray *before, GArray *differences, GError **error)
{
    for (guint i = 0; i < before->len; i++) {
        const struct figures_of_agency *one = &g_array_index(before, struct figures_of_agency, i);
        g_autoptr(GArray) after = read_days(db, one->agency_id, error);
        if (after == NULL)
            return false;
        compare_days(differences, one->days, after);
    }
    return true;
}

/* The message again, for one of its agencies. */
static bool apply(struct ingest *ingest, const struct replay_item *item,
                  const struct store_log *log, struct replay *replay, GError **error)
{
    const struct ingest_recipient recipient = {.address = log->recipient,
                                               .agency_id = log->agency_id};
    struct ingest_message message = {
        .channel = "replay",
        .sender = log->sender,
        .recipients = &recipient,
        .recipient_count = 1,
        .replay_of = log->id,
        .size = (size_t)MAX(log->bytes, 0),
        .sha256 = log->sha256,
        .received_at = log->received_at,
        .received_monotonic = g_get_monotonic_time(),
        .report = item->report,
    };
    id_new(message.id);
    struct ingest_result result = {0};
    bool is_done = ingest_apply(ingest, &message, &result, error);
    if (is_done) {
        struct replay_result one = {
            .id = g_strdup(log->id),
            .agency_id = g_strdup(log->agency_id),
            .before = g_strdup(log->verdict),
            .after = g_strdup(report_verdict_name(result.verdict)),
        };
        g_array_append_val(replay->results, one);
    }
    ingest_result_clear(&result);
    return is_done;
}

static bool apply_all(struct ingest *ingest, const struct replay_item *items, size_t count,
                      struct replay *replay, GError **error)
{
    for (size_t i = 0; i < count; i++) {
        for (guint j = 0; j < items[i].logs->len; j++) {
            const struct store_log *log = &g_array_index(items[i].logs, struct store_log, j);
            if (log->agency_id != NULL && log->replay_of == NULL &&
                !apply(ingest, &items[i], log, replay, error))
                return false;
        }
    }
    return ingest_compute(ingest, error);
}

static void clear_result(void *data)
{
    struct replay_result *result = data;
    g_free(result->id);
    g_free(result->agency_id);
    g_free(result->before);
    g_free(result->after);
}

bool replay_run(struct db *db, const struct replay_item *items, size_t count, bool dry,
                struct replay *replay, GError **error)
{
    *replay = (struct replay){
        .results = g_array_new(FALSE, FALSE, sizeof(struct replay_result)),
        .differences = verify_differences_new(),
    };
    g_array_set_clear_func(replay->results, clear_result);
    AUTO(ingest) ingest = ingest_new(db);
    if (!ingest_begin(ingest, error))
        return false;
    g_autoptr(GArray) before = read_figures(db, items, count, error);
    bool is_done = before != NULL && apply_all(ingest, items, count, replay, error) &&
                   compare_all(db, before, replay->differences, error);
    if (is_done && !dry)
        return ingest_commit(ingest, error);
    ingest_rollback(ingest);
    return is_done;
}

void replay_clear(struct replay *replay)
{
    g_clear_pointer(&replay->results, g_array_unref);
    g_clear_pointer(&replay->differences, g_array_unref);
}
