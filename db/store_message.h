/* What was received: the log, the raw bytes, the workbooks in it and the days they cover. */
#ifndef CALLMX_DB_STORE_MESSAGE_H
#define CALLMX_DB_STORE_MESSAGE_H

#include "db/driver.h"
#include "report/report.h"

/* One row of email_ingest_logs: one accepted message, upload or replay for one agency. */
struct store_log {
    char *id;        /* of the message: the same for all its agencies */
    char *agency_id; /* NULL: mail to postmaster or abuse */
    char *channel;   /* smtp, upload, replay */
    char *sender;    /* reverse-path; "" is the null path; NULL: not a mail */
    char *recipient; /* the forward-path with its key */
    char *subject;
    char *message_id;
    char *link;         /* to the report, where a mail has that instead */
    char *replay_of;    /* of a replay: the message that was read again */
    char *subscription; /* RingCentral's name for what was subscribed to */
    char *sha256;       /* of the message as received, lower-case hex */
    char *verdict;
    char *files;         /* JSON array, one object per file */
    char *error_message; /* why, when the verdict is not stored */
    int64_t bytes;
    int64_t received_at;
    int64_t took_ms; /* from the end of the message to the moment before the commit */
};

void store_log_clear(struct store_log *log);
/* Once per message and agency (and nobody). It may come last in the transaction: nothing in the
 * database points at it but by value. */
bool store_log_add(struct db *db, const struct store_log *log, GError **error);

/* The last first, at most `limit` (from 1): of an agency by the time of arrival; agency_id NULL: of
 * all and of nobody, in the order of arrival, which differs where a clock was set back. Array of
 * struct store_log. */
GArray *store_log_list(struct db *db, const char *agency_id, int64_t limit, GError **error);

/* Of an agency, the last first: those behind the entry of this id (NULL: from the first on). */
GArray *store_log_page(struct db *db, const char *agency_id, const char *after, int64_t limit,
                       GError **error);

/* All rows of one message; an empty array if there is none. */
GArray *store_log_of_message(struct db *db, const char *id, GError **error);

/* What is to be replayed: messages for agencies, oldest first, that were received at or after
 * `since` and have this verdict (NULL: any). Each message once; array of char * with the ids. */
GPtrArray *store_log_select(struct db *db, const char *verdict, int64_t since, GError **error);

/* When the last report of each agency was received that could be read; -1: none was. A new array of
 * struct store_last_success, by id. */
struct store_last_success {
    char *agency_id;
    int64_t received_at;
};
GArray *store_last_success_list(struct db *db, GError **error);

/* How many mails to postmaster or abuse were kept since then. */
bool store_log_count_kept(struct db *db, int64_t since, int64_t *count, GError **error);

/* Raw bytes, kept apart from the log because they are dropped earlier. `trace`: our header fields
 * before the message (text with CRLF, or NULL). */
bool store_raw_add(struct db *db, const char *id, const char *trace, const void *bytes, size_t size,
                   int64_t received_at, GError **error);
/* *bytes is NULL (and true returned) if it is not there (any more). g_free both. */
bool store_raw_find(struct db *db, const char *id, char **trace, void **bytes, size_t *size,
                    GError **error);
/* Drops at most `limit` raw messages received before `before`. */
bool store_raw_purge(struct db *db, int64_t before, int64_t limit, int64_t *dropped,
                     GError **error);

/* A workbook that was read for an agency: (agency, sha256) is unique. */
struct store_file {
    char *id;
    char *agency_id;
    char *log_id;
    char *name;
    char *kind;
    char *sha256;
    char *timezone; /* the one it was read in */
    int64_t from,
        to; /* civil times as in the report, -1 unknown; store_file_read() leaves them so */
    int64_t received_at;
};

void store_file_clear(struct store_file *file);
bool store_file_add(struct db *db, const struct store_file *file, GError **error);
/* By its id; *found. Clear it. */
bool store_file_read(struct db *db, const char *agency_id, const char *id, struct store_file *file,
                     bool *found, GError **error);
/* *id is NULL (and true returned) if this workbook is new for the agency; g_free it. */
bool store_file_find(struct db *db, const char *agency_id, const char *sha256, char **id,
                     GError **error);

/* Takes back what a file told: its coverage and its Users rows; `dates` (of int32_t) gets the days
 * of both. What it is known as stays. */
bool store_file_forget(struct db *db, const char *agency_id, const char *file_id, GArray *dates,
                       GError **error);
/* After that: the file is as if it had never come. Its sheets' sources stay. */
bool store_file_drop(struct db *db, const char *agency_id, const char *file_id, GError **error);
/* Kind, zone and range of a file that was read again. */
bool store_file_update(struct db *db, const struct store_file *file, GError **error);

/* What a file covers of a day: once per file, day and source, after store_file_add(). Seconds of 0
 * or below: the range is unknown. */
enum store_source { STORE_CALLS, STORE_CALLS_RECORDS, STORE_CALL_LOG, STORE_USERS };

bool store_cover_add(struct db *db, const char *agency_id, int32_t date, enum store_source source,
                     const char *file_id, int64_t covered_seconds, int64_t covered_until,
                     GError **error);
/* The best coverage of a day by one series of calls: seconds is -1 if no report of it touches the
 * day, 0 if those that do have no known range; until -1 if unknown. */
struct store_cover {
    int64_t seconds;
    int64_t until;
};
bool store_cover_calls(struct db *db, const char *agency_id, int32_t date,
                       struct store_cover covers[REPORT_SERIES_REPORTED], GError **error);

#endif
