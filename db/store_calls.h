/* Legs of calls, and the rows of Users reports. */
#ifndef CALLMX_DB_STORE_CALLS_H
#define CALLMX_DB_STORE_CALLS_H

#include "db/driver.h"
#include "db/store_numbers.h"
#include "report/report.h"

/* The name of a series of calls as a provider: "ringcentral", "ringcentral-records",
 * "ringcentral-log", "ricochet". */
const char *store_provider(enum report_series series);

/* One row of call_events. The texts are borrowed. */
struct store_leg {
    const char *agency_id; /* read with the leg; written is the one of the numbers */
    const char *provider;  /* store_provider() */
    const char *external_call_id;
    const char *leg;       /* names the leg within its session by its content: ingest/leg_key.h */
    int32_t call_date;     /* local day on which the session's first leg starts */
    const char *direction; /* Inbound, Outbound, Internal, or NULL */
    const char *call_type;
    const char *from_number, *from_name;
    const char *to_number, *to_name;
    int64_t call_started_at; /* utc */
    bool start_estimated;
    int64_t duration_seconds;
    int64_t talk_seconds;
    const char *result;
    const char *queue;
    const char *agent;       /* name of our side, or NULL: outcome_agent() */
    const char *extension;   /* of our side, as far as the leg tells */
    const char *agent_email; /* the same; events tell it */
    const char *matched_team_member_id;
    const char *matched_prospect_id; /* the contact on the other side */
    bool prospect_ambiguous;         /* its number is that of several contacts */
    int64_t id;                      /* read with the leg: the order in which legs were stored */
    int64_t source_id;               /* from store_source_add(); -1: unknown */
    int64_t source_row;
    /* of the source; read with the leg, not written with it */
    const char *source_log_id;
    const char *source_file_id;
    const char *source_sheet;
    int64_t source_received_at;
    int64_t covered_seconds; /* of the leg's day, by the report that wrote it */
    const char *raw_payload;
};

/* A sheet of a file from which legs are. Texts are borrowed. */
struct store_call_source {
    const char *agency_id, *log_id, *file_id, *sheet;
    int64_t received_at;
};

bool store_source_add(struct db *db, const struct store_call_source *source, int64_t *id,
                      GError **error);

/* What is stored of the legs of one session. */
struct store_known_leg {
    char *leg;
    int32_t call_date;
    int64_t call_started_at;
    int64_t covered_seconds;
    int64_t source_received_at;
    char *member_id; /* of the matched team member, or NULL */
    char *result;
    int64_t talk_seconds;
    char *direction;
    bool has_agent;
    char *file_id; /* of the source */
};

/* Sessions of one agency and provider, looked up one after the other in the order of strcmp(3) over
 * their ids: where many in a row are not known, one look tells it of all of them. For as long as
 * nobody stores sessions ahead of it. */
struct store_session_walk;

struct store_session_walk *store_session_walk_new(struct db *db, const char *agency_id,
                                                  const char *provider);
void store_session_walk_free(struct store_session_walk *walk);
AUTO_DEFINE(store_session_walk, store_session_walk_free)

/* The legs of the session, borrowed until the next call: array of struct store_known_leg in the
 * order of strcmp(3) over `leg`. NULL on error. An id before the last one costs a look. */
const GArray *store_session_walk_to(struct store_session_walk *walk, const char *external_call_id,
                                    GError **error);

/* Stores legs that are not there yet, best day by day, in a transaction: they are found by their
 * day after the end alone, and after an error some of them may be there. */
struct store_leg_writer;

/* The numbers are borrowed. */
struct store_leg_writer *store_leg_writer_new(struct db *db, const struct store_numbers *numbers);
void store_leg_writer_free(struct store_leg_writer *writer);
AUTO_DEFINE(store_leg_writer, store_leg_writer_free)

/* The texts are borrowed until the end, because legs are stored many at a time. PERM, then or
 * later, if the leg is there, or the member is not of the agency. */
bool store_leg_writer_add(struct store_leg_writer *writer, const struct store_leg *leg,
                          GError **error);
bool store_leg_writer_end(struct store_leg_writer *writer, GError **error);

/* Result, lengths, talk time, extension, person, prospect, source, coverage and raw_payload of a
 * leg that is there (PERM if it is not). */
bool store_leg_update(struct db *db, const struct store_numbers *numbers,
                      const struct store_leg *leg, GError **error);
/* The day on which a session is stored and the start of its first leg; *found. */
bool store_session_first(struct db *db, const char *agency_id, const char *provider,
                         const char *external_call_id, int32_t *date, int64_t *first, bool *found,
                         GError **error);
/* Puts all legs of a session on another day. */
bool store_session_move(struct db *db, const char *agency_id, const char *provider,
                        const char *external_call_id, int32_t date, GError **error);

/* Whether any leg of a provider is stored for a day. */
bool store_leg_any(struct db *db, const char *agency_id, int32_t date, const char *provider,
                   bool *any, GError **error);

/* Calls `on_leg` for each leg of the sessions of a day (all days: date INT32_MIN), ordered by
 * start, session, leg. The leg is borrowed during the call. Return false to stop. */
typedef bool store_leg_fn(void *context, const struct store_leg *leg);
bool store_leg_each(struct db *db, const char *agency_id, int32_t date, store_leg_fn *on_leg,
                    void *context, GError **error);

/* The same for those legs of a day that stand behind a place in that order (NULL: all of them). */
struct store_leg_place {
    int64_t call_started_at; /* utc */
    const char *external_call_id, *leg;
};
bool store_leg_each_from(struct db *db, const char *agency_id, int32_t date,
                         const struct store_leg_place *place, store_leg_fn *on_leg, void *context,
                         GError **error);

/* Rows of a Users report. `date` INT32_MIN: not booked on a day. */
struct store_user {
    const char *agency_id;
    const char *file_id;
    int32_t date;
    int64_t covered_seconds;
    int64_t covered_until;
    int64_t received_at;
    const char *matched_team_member_id;
    const char *sheet;
    struct report_user user; /* as reported */
};

/* After store_file_add() of its file. `user.sheet` is not stored: `sheet` is. */
bool store_user_add(struct db *db, const struct store_user *user, GError **error);

/* Rows booked on a day that are matched to a member, in the order in which they came. */
typedef bool store_user_fn(void *context, const struct store_user *user);
bool store_user_each(struct db *db, const char *agency_id, int32_t date, store_user_fn *on_user,
                     void *context, GError **error);

/* Whether there are rows of Users reports that are booked on a day. */
bool store_user_any(struct db *db, const char *agency_id, int32_t date, bool *any, GError **error);

/* Names that are nobody's: of legs and of Users rows without a member, grouped by the spelling. */
struct store_unmatched {
    char *name;
    char *extension;
    int64_t legs;                  /* 0 if it stands in Users reports only */
    int64_t days;                  /* on which it stands */
    int32_t first_date, last_date; /* INT32_MIN if on no day */
};
void store_unmatched_clear(struct store_unmatched *unmatched);
/* Most legs first, then by name. Array of struct store_unmatched. */
GArray *store_unmatched_list(struct db *db, const char *agency_id, GError **error);

#endif
