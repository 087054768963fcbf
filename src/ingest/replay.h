/*
 * Replay: kept messages are read again with the code of today, and what they told before is
 * replaced, in one transaction. Which figures change by it is known before the commit, so that it
 * can be asked without one.
 */
#ifndef CALLMX_INGEST_REPLAY_H
#define CALLMX_INGEST_REPLAY_H

#include "db/driver.h"
#include "db/store_message.h"
#include "ingest/verify.h"
#include "report/report.h"

/* A message that is to be replayed, as it was logged: once for each agency. */
struct replay_item {
    GArray *logs;          /* of struct store_log */
    struct report *report; /* what is read of it now */
};

/* What came of it for one agency. */
struct replay_result {
    char *id; /* of the message */
    char *agency_id;
    char *before, *after; /* verdicts */
};

struct replay {
    GArray *results;     /* of struct replay_result */
    GArray *differences; /* of struct verify_difference: stored is before, computed after */
};

/* Clear it in any case. With `dry` nothing is changed. Messages in the order of arrival. */
bool replay_run(struct db *db, const struct replay_item *items, size_t count, bool dry,
                struct replay *replay, GError **error);
void replay_clear(struct replay *replay);

#endif
