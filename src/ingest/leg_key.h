/*
 * The identity of a leg within its session, taken from its content: start, direction, both numbers,
 * agent, queue. The row's place in the sheet plays no part, nor do result and lengths, which may
 * still change. Legs of a session that are equal in all of this are numbered in the order of
 * (Call Length, Result).
 */
#ifndef CALLMX_INGEST_LEG_KEY_H
#define CALLMX_INGEST_LEG_KEY_H

#include "figures/person.h"
#include "report/report.h"

#include <glib.h>
#include <stdint.h>

enum { LEG_KEY_SIZE = 28 }; /* 16 hex digits, ".", the number, NUL */

/* A leg with its identity; the leg is borrowed from the report. */
struct keyed_leg {
    const struct report_leg *leg;
    int64_t start; /* utc */
    char key[LEG_KEY_SIZE];
    uint64_t order; /* a piece of the session's id, for sorting */
};

/* The legs of a file, sorted by session and identity: the legs of one session stand together.
 * `starts` are their starts in utc, in the order of file->legs; `people` remembers how names fold
 * (figures/person.h), and who they are plays no part. A new array of struct keyed_leg. */
GArray *leg_key_all(const struct report_file *file, const int64_t *starts,
                    const struct person_index *people);

#endif
