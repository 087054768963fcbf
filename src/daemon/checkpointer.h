/*
 * The thread that brings the write-ahead log home to the database file (a checkpoint) while the
 * store thread goes on committing: half of all that is written, and nobody's answer waits for it.
 *
 * The log can begin anew only when all of it is home and nobody is writing. So the store thread
 * does the last piece itself, between two transactions, when little is left of a long log; and
 * whatever is left when it is twice as long: large commits always leave more than little behind.
 */
#ifndef CALLMX_DAEMON_CHECKPOINTER_H
#define CALLMX_DAEMON_CHECKPOINTER_H

#include "base/auto.h"
#include "db/driver.h"

struct checkpointer;

/* `db` is a connection of its own that may write, and closed by it. */
struct checkpointer *checkpointer_new(struct db *db);

/* Waits for a checkpoint under way. NULL is fine. */
void checkpointer_free(struct checkpointer *checkpointer);
AUTO_DEFINE(checkpointer, checkpointer_free)

/* After each commit, in the committer's thread: the log now has so many pages (db_log_pages()).
 * True: the committer is to call db_checkpoint() now. It waits for a checkpoint under way only when
 * the log is twice too long: a disk that cannot follow slows the answers down, not the log up. */
bool checkpointer_tell(struct checkpointer *checkpointer, int64_t pages);

#endif
