/*
 * The store thread: owner of the only write connection of the daemon. It takes whatever is
 * waiting, commits it in one transaction, and only then lets the answers go out: 250 means
 * committed. Where one message fails, all of its transaction are tried again one by one, so that it
 * takes no other with it.
 *
 * Once a minute it drops raw messages whose time of retention is over, and says in the log, once
 * for each, which reports are overdue.
 */
#ifndef CALLMX_DAEMON_STORE_THREAD_H
#define CALLMX_DAEMON_STORE_THREAD_H

#include "daemon/checkpointer.h"
#include "daemon/loop.h"
#include "daemon/message.h"

struct store_thread;

/* `db` is the thread's from here on, and closed by it; the checkpointer is told of its commits, and
 * must outlive it. `retention`: seconds raw messages are
 * kept; 0 keeps them for ever. */
struct store_thread *store_thread_new(struct loop *loop, struct db *db,
                                      struct checkpointer *checkpointer, int64_t retention);

/* Commits what was handed over, then ends. Answers that the loop has not fetched are lost. */
void store_thread_free(struct store_thread *store);
AUTO_DEFINE(store_thread, store_thread_free)

/* Called in the loop's thread, once per message: with the result, or with NULL and an error. The
 * message is the callee's again. */
typedef void store_thread_fn(void *context, struct message *message,
                             const struct ingest_result *result, const GError *error);

/* So many messages more, or fewer, are being read and may soon be submitted: a commit of a few
 * waits a moment for them. In the loop's thread. */
void store_thread_expect(struct store_thread *store, int messages);

void store_thread_submit(struct store_thread *store, struct message *message, store_thread_fn *done,
                         void *context);

#endif
