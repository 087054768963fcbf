/* One workbook for one agency: its legs and Users rows into the tables, its days touched. */
#ifndef CALLMX_INGEST_FILE_H
#define CALLMX_INGEST_FILE_H

#include "ingest/agency.h"

/* What came of a file. Clear with ingest_file_clear(). */
struct ingest_file {
    enum report_verdict verdict; /* STORED, DUPLICATE, or the report's own NO_REPORT or FAILED */
    char *reason;
    GPtrArray *notes;     /* of char *: what the agency's zone or the range had to do with it */
    int64_t new_sessions; /* not known before, without internal ones */
    bool has_dates;       /* covered range, or where it is unknown the days of its calls */
    int32_t first_date, last_date;
    int64_t sessions, long_sessions, most_legs; /* those with more than LIMIT_WARN_LEGS legs */
    int64_t named, unmatched; /* legs that name somebody, and those of them who are no members */
    bool not_booked;          /* a Users report that stands for no single day */
};

/* `again`: a workbook that is known is read again, and what it told before is replaced: it keeps
 * its time, its legs theirs where they are the same, and what it does not tell any more is dropped.
 */
bool ingest_file_store(struct ingest_agency *agency, const struct report_file *file,
                       const char *log_id, int64_t received_at, bool again,
                       struct ingest_file *result, GError **error);
void ingest_file_clear(struct ingest_file *result);

#endif
