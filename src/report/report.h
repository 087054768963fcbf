/*
 * A report: what one mail, or one workbook, says. Bytes in, struct report out; no socket, no SQL,
 * no log, no clock, no file. The same bytes give the same report.
 *
 * Nothing is guessed and nothing is lost in silence: each row that was left out or is doubtful has
 * a note with sheet and row, each file that could not be read has its reason.
 *
 * Units and forms
 *   civil time   seconds from 1970-01-01 00:00:00 to the time on the wall, as if the wall were in
 *                UTC. Which instant that is depends on a zone: figures/day.h.
 *   durations    seconds
 *   unknown      REPORT_UNKNOWN (-1) for numbers, NULL for text. Unknown is not zero.
 *   text         UTF-8 without control characters, trimmed, never "": an empty cell is NULL. It is
 *                owned by the report and lives as long as it.
 */
#ifndef CALLMX_REPORT_REPORT_H
#define CALLMX_REPORT_REPORT_H

#include "base/auto.h"
#include "base/texts.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPORT_UNKNOWN (INT64_C(-1))

/* What came of a message or of one file in it. The report core itself gives only STORED (can be
 * read, may be stored), PARTIAL, LINK_ONLY, NO_REPORT and FAILED. */
enum report_verdict {
    REPORT_STORED,
    REPORT_PARTIAL,   /* some files failed, or it is not the same for all agencies */
    REPORT_DUPLICATE, /* all files were known */
    REPORT_KEPT,      /* mail to postmaster or abuse */
    REPORT_LINK_ONLY, /* a link to the report instead of the report */
    REPORT_NO_REPORT, /* nothing that could be a report, or a kind that callmx does not read */
    REPORT_FAILED,    /* could not be read; the reason says why */
};

/* The field's name of it, as in replies, in the database and in JSON: "stored", "link-only". */
const char *report_verdict_name(enum report_verdict verdict);
bool report_verdict_parse(const char *name, enum report_verdict *verdict);

enum report_direction {
    REPORT_DIRECTION_UNKNOWN,
    REPORT_INBOUND,
    REPORT_OUTBOUND, /* `Ring out` and `Call out` too */
    REPORT_INTERNAL,
};

/* "Inbound", "Outbound", "Internal"; NULL for unknown. */
const char *report_direction_name(enum report_direction direction);
enum report_direction report_direction_parse(const char *name);

/* What calls are from. The session ids and rows of RingCentral's reports differ, so that the same
 * call cannot be known again from one in the other: each has its own sums, and one of them counts.
 * A dialer's events are other calls, which count beside them. */
enum report_series {
    REPORT_SERIES_CALLS,
    REPORT_SERIES_RECORDS,  /* Calls_Records of Business Analytics */
    REPORT_SERIES_LOG,      /* the older Call Log */
    REPORT_SERIES_REPORTED, /* so many are reports */
    REPORT_SERIES_RICOCHET = REPORT_SERIES_REPORTED,
    REPORT_SERIES_COUNT,
};

/* One row of a Calls sheet: one leg of a session. */
struct report_leg {
    const char *session_id; /* digits as in the file, or a UUID; never NULL */
    enum report_direction direction;
    const char *call_type; /* the report's own word for the direction */
    const char *from_name; /* without the queue's name before it */
    const char *from_number;
    const char *to_name;
    const char *to_number;
    const char *result;
    const char *queue;
    int64_t start;           /* civil time; never unknown: such a row is skipped with a note */
    int64_t length;          /* Call Length */
    int64_t handle_time;     /* Handle Time */
    const char *raw_payload; /* JSON object {header: text} of the cells without a field here */
    uint32_t row;            /* in the sheet, from 1 */
    uint32_t sheet;          /* index into the file's sheets */
    bool id_imprecise;       /* the session id was a number of more than 15 digits */
};

/* One row of a Users sheet: one person over the covered range. */
struct report_user {
    const char *name;
    const char *status;
    const char *extension;
    const char *email;
    int64_t total_calls;
    int64_t inbound_calls;
    int64_t outbound_calls;
    int64_t answered_inbound;  /* # Answered (in) */
    int64_t answered_outbound; /* # Answered (out) */
    int64_t missed;            /* # Missed (w/VM) */
    int64_t handle_time;       /* seconds */
    int64_t handle_time_inbound;
    int64_t handle_time_outbound;
    const char *raw_payload; /* as in struct report_leg */
    uint32_t row;
    uint32_t sheet;
};

/* Something skipped or doubtful. */
struct report_note {
    const char *sheet; /* NULL: the file as a whole */
    uint32_t row;      /* 0: the sheet as a whole */
    const char *text;
};

/* One workbook. */
struct report_file {
    const char *name; /* as attached; "report.xlsx" if it has none */
    const char *kind; /* "calls", "users", "calls+users", "calls-records", "call-log"; a name of
                       * what else it is; NULL unknown */
    char sha256[65];  /* of the workbook's bytes, lower-case hex; "" if they could not be decoded */
    uint64_t bytes;
    enum report_verdict verdict; /* STORED, NO_REPORT or FAILED */
    const char *reason;          /* a sentence, when it is not STORED */
    const char *timezone;        /* the workbook's own IANA name */
    int64_t from, to;  /* civil times of Filters: From Time and To Time, or both unknown */
    GPtrArray *sheets; /* of const char *: names of the sheets read, borrowed from the report */
    GArray *legs;      /* of struct report_leg: rows equal in every column once; in sheet order */
    GArray *users;     /* of struct report_user, in sheet order */
    GArray *notes;     /* of struct report_note, at most LIMIT_REPORT_NOTES */
    int64_t notes_left_out; /* how many more there were */
    int64_t call_rows;      /* data rows of Calls, skipped ones and duplicates among them */
    int64_t duplicate_rows; /* rows equal to an earlier one in every column */
    int64_t skipped_rows;   /* rows of Calls that are not in legs; each has a note */
    int64_t user_rows;      /* data rows of Users */
    bool has_calls;         /* there is a Calls sheet, with rows or without */
    bool has_users;
};

struct report {
    enum report_verdict verdict;
    const char *reason;       /* a sentence, when the verdict is not STORED */
    const char *subject;      /* of the mail, decoded; NULL for a bare workbook */
    const char *message_id;   /* with its angle brackets */
    const char *mail_from;    /* the header field From, decoded */
    const char *link;         /* link-only: where the report is to be fetched */
    const char *subscription; /* RingCentral's Subscription name */
    GPtrArray *files;         /* of struct report_file *, in the order of the mail */
    struct texts *strings;    /* where the text of the report lives */
    GPtrArray *blocks;        /* of GBytes *, in which the rest of it does */
    size_t inflated;          /* bytes, while it is read; container.h */
};

enum report_input {
    REPORT_INPUT_MAIL,  /* a whole message, as after DATA */
    REPORT_INPUT_GUESS, /* a file: a mail if it begins like one, else a workbook */
};

/* Reads `size` bytes. `name` (may be NULL) is what a bare workbook is called. Never fails: what
 * cannot be read is a report that says so. Free the result with report_free(). */
struct report *report_read(const void *bytes, size_t size, enum report_input input,
                           const char *name);

/* Loads what reading needs from the system (GMime's tables of character sets). report_read() does
 * it too; a process that gives up its rights does it before. */
void report_prepare(void);

/* An empty report or file (all unknown, verdict FAILED without a reason), for those who fill one:
 * the reader, and the decoder of a parser process's answer. The file belongs to the report. */
struct report *report_new(void);
struct report_file *report_file_new(struct report *report);
void report_free(struct report *report);
AUTO_DEFINE(report, report_free)

/* Copies text into the report; equal texts are kept once. NULL and "" give NULL. */
const char *report_text(struct report *report, const char *text);

/* The same for text from outside, in the form promised above: made valid UTF-8, control characters
 * and line ends a blank each, marks that turn the direction of writing dropped, trimmed, and cut at
 * `limit` octets, at the edge of a character. */
const char *report_text_cut(struct report *report, const char *text, size_t limit);

/* By the file's kind. */
enum report_series report_series_of(const struct report_file *file);

/* Adds a note; `row` 0 and `sheet` NULL as in struct report_note. */
void report_note(struct report *report, struct report_file *file, const char *sheet, uint32_t row,
                 const char *format, ...) G_GNUC_PRINTF(5, 6);

/* Sets verdict and reason of the whole from those of the files: STORED if one is and none failed,
 * PARTIAL if some are and some failed, FAILED before NO_REPORT if none is. A Queues workbook beside
 * a Calls workbook is thus no fault of the mail. Leaves a report without files alone. */
void report_conclude(struct report *report);

#endif
