/*
 * The sums of a day's sessions: one row, in which the members who had a part in them have a line
 * each. They can be counted again from the calls at any time, and are never the only place of
 * anything.
 */
#include "db/store_totals.h"

#include "base/ascii.h"
#include "base/error.h"
#include "db/store_impl.h"

#include <string.h>

enum { MEMBER_SUMS = 7 };

/* A row of the table on its way. */
struct reading {
    struct day_totals *totals;
    bool is_bad;
};

/* The sums of a member, in the order of a line. */
static void list(struct totals *member, int64_t *sums[MEMBER_SUMS])
{
    int64_t *const all[MEMBER_SUMS] = {&member->total,     &member->inbound, &member->outbound,
                                       &member->answered,  &member->missed,  &member->talk_seconds,
                                       &member->talk_known};
    memcpy(sums, all, sizeof all);
}

/* Adds a line to its member; false if it is none. */
static bool read_line(struct day_totals *totals, char *line)
{
    int64_t *sums[MEMBER_SUMS];
    char *at = strchr(line, ' ');
    if (at == NULL)
        return false;
    *at++ = '\0';
    list(day_totals_member(totals, line), sums);
    for (size_t i = 0; i < MEMBER_SUMS; i++) {
        char *end;
        *sums[i] += g_ascii_strtoll(at, &end, 10);
        if (end == at || *end != (i + 1 < MEMBER_SUMS ? ' ' : '\0'))
            return false;
        at = end + 1;
    }
    return true;
}

static void read_day(struct db_rows *rows, void *item)
{
    struct reading *reading = item;
    struct day_totals *totals = reading->totals;
    totals->legs += db_column_int(rows, 0);
    totals->agency.total += db_column_int(rows, 1);
    totals->agency.inbound += db_column_int(rows, 2);
    totals->agency.outbound += db_column_int(rows, 3);
    totals->agency.answered += db_column_int(rows, 4);
    totals->agency.missed += db_column_int(rows, 5);
    totals->unmatched += db_column_int(rows, 6);
    totals->internal += db_column_int(rows, 7);
    g_auto(GStrv) lines = g_strsplit(db_column_text(rows, 8), "\n", 0);
    for (size_t i = 0; lines[i] != NULL; i++)
        if (lines[i][0] != '\0' && !read_line(totals, lines[i]))
            reading->is_bad = true;
}

bool store_totals_find(struct db *db, const char *agency_id, int32_t date, const char *provider,
                       struct day_totals *totals, bool *found, GError **error)
{
    static const char sql[] =
        "SELECT legs, total, inbound, outbound, answered, missed, unmatched, internal, members "
        "FROM session_totals_daily WHERE agency_id = $1 AND date = $2 AND provider = $3";
    struct store_text day;
    struct reading reading = {.totals = totals};
    if (!store_one(db, sql,
                   DB_VALUES(db_text(agency_id), store_date(&day, date), db_text(provider)),
                   read_day, &reading, found, error))
        return false;
    if (reading.is_bad)
        return error_temp(error,
                          "the database %s has sums of a day that make no sense: delete the "
                          "row of %s in session_totals_daily, and they are counted again",
                          db_name(db), day.text);
    return true;
}

static int compare(const void *left, const void *right)
{
    const char *const *a = left;
    const char *const *b = right;
    return strcmp(*a, *b);
}

/* The lines of all members with a session, by id. */
static GString *write_lines(const struct day_totals *totals)
{
    guint count;
    g_autofree gpointer *ids = g_hash_table_get_keys_as_array(totals->members, &count);
    qsort(ids, count, sizeof *ids, compare);
    GString *lines = g_string_sized_new(count * 64UL);
    char room[ASCII_DECIMAL_SIZE];
    for (guint i = 0; i < count; i++) {
        int64_t *sums[MEMBER_SUMS];
        struct totals *member = g_hash_table_lookup(totals->members, ids[i]);
        if (member->total == 0)
            continue;
        list(member, sums);
        g_string_append(lines, ids[i]);
        for (size_t j = 0; j < MEMBER_SUMS; j++) {
            g_string_append_c(lines, ' ');
            g_string_append(lines, ascii_decimal(*sums[j], room));
        }
        g_string_append_c(lines, '\n');
    }
    return lines;
}

bool store_totals_put(struct db *db, const char *agency_id, int32_t date, const char *provider,
                      const struct day_totals *totals, GError **error)
{
    static const char sql[] =
        "INSERT INTO session_totals_daily (agency_id, date, provider, legs, total, inbound, "
        "outbound, answered, missed, unmatched, internal, members) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
        "ON CONFLICT (agency_id, date, provider) DO UPDATE SET legs = excluded.legs, "
        "total = excluded.total, inbound = excluded.inbound, outbound = excluded.outbound, "
        "answered = excluded.answered, missed = excluded.missed, "
        "unmatched = excluded.unmatched, internal = excluded.internal, "
        "members = excluded.members";
    const struct totals *agency = &totals->agency;
    g_autoptr(GString) lines = write_lines(totals);
    struct store_text day;
    return db_run(db, sql,
                  DB_VALUES(db_text(agency_id), store_date(&day, date), db_text(provider),
                            db_int(totals->legs), db_int(agency->total), db_int(agency->inbound),
                            db_int(agency->outbound), db_int(agency->answered),
                            db_int(agency->missed), db_int(totals->unmatched),
                            db_int(totals->internal), db_text(lines->str)),
                  NULL, error);
}

bool store_totals_drop(struct db *db, const char *agency_id, int32_t date, GError **error)
{
    static const char sql[] = "DELETE FROM session_totals_daily WHERE agency_id = $1 AND date = $2";
    struct store_text day;
    return db_run(db, sql, DB_VALUES(db_text(agency_id), store_date(&day, date)), NULL, error);
}
