/* See plausible.h. */
#include "ingest/plausible.h"

#include "base/limits.h"
#include "db/store_calls.h"
#include "db/store_member.h"
#include "figures/daily.h"
#include "ingest/agency_day.h"

static struct json *add(struct json *warnings, const char *kind, int64_t count, int64_t of,
                        const char *text)
{
    struct json *warning = json_object_new();
    json_set_text(warning, "kind", kind);
    json_set_int(warning, "count", count);
    json_set_int(warning, "of", of);
    json_set_text(warning, "text", text);
    json_append(warnings, warning);
    return warning;
}

void plausible_range(const struct report_file *file, struct json *warnings)
{
    int64_t outside = 0;
    if (file->from < 0)
        return;
    for (guint i = 0; i < file->legs->len; i++) {
        int64_t start = g_array_index(file->legs, struct report_leg, i).start;
        /* To Time names the last minute, which is covered to its end. */
        outside += start < file->from || start >= file->to + 60;
    }
    if (outside == 0)
        return;
    g_autofree char *text =
        g_strdup_printf("%" G_GINT64_FORMAT " of %u legs start outside the range of the report",
                        outside, file->legs->len);
    add(warnings, "outside-range", outside, file->legs->len, text);
}

void plausible_sessions(int64_t sessions, int64_t many, int64_t most, struct json *warnings)
{
    if (many == 0)
        return;
    g_autofree char *text =
        g_strdup_printf("%" G_GINT64_FORMAT " sessions have more than %d legs, one has "
                        "%" G_GINT64_FORMAT,
                        many, LIMIT_WARN_LEGS, most);
    add(warnings, "many-legs", many, sessions, text);
}

void plausible_people(int64_t named, int64_t unmatched, struct json *warnings)
{
    if (unmatched * 100 <= named * LIMIT_WARN_UNMATCHED_PERCENT)
        return;
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
                                            " legs that name somebody name nobody who is a "
                                            "member: callmxctl unmatched lists them",
                                            unmatched, named);
    add(warnings, "unmatched", unmatched, named, text);
}

static void compare(const struct ingest_agency *agency, int32_t date, const struct daily_pair *pair,
                    struct json *warnings)
{
    int64_t users = pair->users.total, calls = pair->calls.total;
    int64_t most = MAX(users, calls), difference = most - MIN(users, calls);
    if (users < 0 || calls < 0 || pair->users_covered <= 0 ||
        pair->users_covered != pair->calls_covered || difference <= LIMIT_WARN_CALLS ||
        difference * 10 <= most)
        return;
    char day[DAY_DATE_SIZE];
    day_date_text(date, day);
    const char *name = store_member_name(agency->members, pair->member_id);
    g_autofree char *text =
        g_strdup_printf("%s on %s: Users tells of %" G_GINT64_FORMAT " calls, Calls of "
                        "%" G_GINT64_FORMAT ": see callmxctl reconcile",
                        name, day, users, calls);
    struct json *warning = add(warnings, "calls-users", users, calls, text);
    json_set_text(warning, "name", name);
    json_set_text(warning, "date", day);
}

bool plausible_day(struct ingest_agency *agency, int32_t date, struct json *warnings,
                   GError **error)
{
    bool any = false;
    if (!store_user_any(agency->db, agency->row.id, date, &any, error))
        return false;
    if (!any)
        return true;
    g_autoptr(GArray) pairs = ingest_agency_pairs(agency, date, error);
    for (guint i = 0; pairs != NULL && i < pairs->len; i++)
        compare(agency, date, &g_array_index(pairs, struct daily_pair, i), warnings);
    return pairs != NULL;
}
