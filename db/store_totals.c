/*
 * The sums of a day's sessions: one row for the agency, one for each member who had a part in them.
 * They can be counted again from the calls at any time, and are never the only place of anything.
 */
#include "db/store_totals.h"

#include "db/store_impl.h"

static void read_agency(struct db_rows *rows, void *item)
{
    struct day_totals *totals = item;
    totals->legs += db_column_int(rows, 0);
    totals->agency.total += db_column_int(rows, 1);
    totals->agency.inbound += db_column_int(rows, 2);
    totals->agency.outbound += db_column_int(rows, 3);
    totals->agency.answered += db_column_int(rows, 4);
    totals->agency.missed += db_column_int(rows, 5);
    totals->unmatched += db_column_int(rows, 6);
    totals->internal += db_column_int(rows, 7);
}

static void read_member(struct db_rows *rows, struct day_totals *totals)
{
    struct totals *member = day_totals_member(totals, db_column_text(rows, 0));
    member->total += db_column_int(rows, 1);
    member->inbound += db_column_int(rows, 2);
    member->outbound += db_column_int(rows, 3);
    member->answered += db_column_int(rows, 4);
    member->missed += db_column_int(rows, 5);
    member->talk_seconds += db_column_int(rows, 6);
    member->talk_known += db_column_int(rows, 7);
}

bool store_totals_find(struct db *db, const char *agency_id, int32_t date,
                       struct day_totals *totals, bool *found, GError **error)
{
    static const char agency[] =
        "SELECT legs, total, inbound, outbound, answered, missed, unmatched, internal "
        "FROM session_totals_daily WHERE agency_id = $1 AND date = $2";
    static const char members[] =
        "SELECT team_member_id, total, inbound, outbound, answered, missed, talk_seconds, "
        "talk_known FROM member_totals_daily WHERE agency_id = $1 AND date = $2";
    struct store_text day;
    if (!store_one(db, agency, DB_VALUES(db_text(agency_id), store_date(&day, date)), read_agency,
                   totals, found, error))
        return false;
    if (!*found)
        return true;
    AUTO(db_rows)
    rows = db_query(db, members, DB_VALUES(db_text(agency_id), store_date(&day, date)), error);
    if (rows == NULL)
        return false;
    enum db_step step;
    while ((step = db_step(rows, error)) == DB_ROW)
        read_member(rows, totals);
    return step == DB_DONE;
}

static bool put_agency(struct db *db, const char *agency_id, int32_t date,
                       const struct day_totals *totals, GError **error)
{
    static const char sql[] =
        "INSERT INTO session_totals_daily (agency_id, date, legs, total, inbound, outbound, "
        "answered, missed, unmatched, internal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
        "ON CONFLICT (agency_id, date) DO UPDATE SET legs = excluded.legs, "
        "total = excluded.total, inbound = excluded.inbound, outbound = excluded.outbound, "
        "answered = excluded.answered, missed = excluded.missed, "
        "unmatched = excluded.unmatched, internal = excluded.internal";
    const struct totals *agency = &totals->agency;
    struct store_text day;
    return db_run(db, sql,
                  DB_VALUES(db_text(agency_id), store_date(&day, date), db_int(totals->legs),
                            db_int(agency->total), db_int(agency->inbound),
                            db_int(agency->outbound), db_int(agency->answered),
                            db_int(agency->missed), db_int(totals->unmatched),
                            db_int(totals->internal)),
                  NULL, error);
}

static bool put_member(struct db *db, const char *agency_id, int32_t date, const char *member_id,
                       const struct totals *member, GError **error)
{
    static const char sql[] =
        "INSERT INTO member_totals_daily (agency_id, date, team_member_id, total, inbound, "
        "outbound, answered, missed, talk_seconds, talk_known) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
        "ON CONFLICT (agency_id, date, team_member_id) DO UPDATE SET total = excluded.total, "
        "inbound = excluded.inbound, outbound = excluded.outbound, answered = excluded.answered, "
        "missed = excluded.missed, talk_seconds = excluded.talk_seconds, "
        "talk_known = excluded.talk_known";
    struct store_text day;
    return db_run(db, sql,
                  DB_VALUES(db_text(agency_id), store_date(&day, date), db_text(member_id),
                            db_int(member->total), db_int(member->inbound),
                            db_int(member->outbound), db_int(member->answered),
                            db_int(member->missed), db_int(member->talk_seconds),
                            db_int(member->talk_known)),
                  NULL, error);
}

bool store_totals_put(struct db *db, const char *agency_id, int32_t date,
                      const struct day_totals *totals, const struct day_totals *changed,
                      GError **error)
{
    if (!put_agency(db, agency_id, date, totals, error))
        return false;
    GHashTableIter iter;
    gpointer id, member;
    g_hash_table_iter_init(&iter, totals->members);
    while (g_hash_table_iter_next(&iter, &id, &member))
        if ((changed == NULL || g_hash_table_contains(changed->members, id)) &&
            !put_member(db, agency_id, date, id, member, error))
            return false;
    return true;
}
