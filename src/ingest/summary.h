/*
 * What was read of a file, as people and programs see it: in `report explain`, and as `files` of a
 * log entry. One object:
 *
 *   {"name","kind","sha256","bytes","verdict","reason","timezone","from","to",
 *    "calls":{"rows","legs","sessions","internal","duplicates","skipped","inbound","outbound",
 *             "seconds","unknown_results":{"<result>":<legs>}},
 *    "users":{"rows"},
 *    "notes":[{"sheet","row","text"}],"notes_left_out"}
 *
 * rows counts data rows; legs and internal count legs; sessions, inbound and outbound count
 * sessions without internal ones; duplicates counts rows equal in every column; seconds is the sum
 * of Call Length over legs. calls or users is null if the workbook has no such sheet. from and to
 * are times on the wall: "2026-01-05T00:00:00".
 */
#ifndef CALLMX_INGEST_SUMMARY_H
#define CALLMX_INGEST_SUMMARY_H

#include "base/json.h"
#include "report/report.h"

/* What the legs of a file come to. */
struct summary_calls {
    int64_t sessions; /* without internal ones */
    int64_t inbound, outbound;
    int64_t internal_legs;
    int64_t seconds; /* sum of the known Call Lengths */
};

void summary_count(const struct report_file *file, struct summary_calls *calls);

/* The same of each file of a report, in the order of its files; g_free it. */
struct summary_calls *summary_count_all(const struct report *report);

/* The object of one file, whose legs come to `calls`. `verdict` and `reason` stand in place of the
 * file's own (it may have been known already); `notes` (of char *, may be NULL) are added to those
 * of the file. */
struct json *summary_of_file(const struct report_file *file, const struct summary_calls *calls,
                             enum report_verdict verdict, const char *reason,
                             const GPtrArray *notes);

/* {"verdict","reason","files":[…]} and, of a mail, "subject","message_id","link","subscription". */
struct json *summary_of_report(const struct report *report);

/* Sessions of all files that can be stored, each once, without internal ones; unknown if no file
 * has a Calls sheet. `calls` are summary_count_all()'s. */
int64_t summary_sessions(const struct report *report, const struct summary_calls *calls);

/* Why the Users rows of a file stand for no single day, a sentence; NULL if they do, or if there
 * are none. It is a note of the file. */
const char *summary_not_booked(const struct report_file *file);

#endif
