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

void store_thread_submit(struct store_thread *store, struct message *message, store_thread_fn *done,
                         void *context);

/* How many jobs wait. */
int64_t store_thread_waiting(struct store_thread *store);

/* An event of a dialer, into the same transactions. Everything in `event` is borrowed until `done`
 * is called in the loop's thread, with the result, or with NULL and an error. */
typedef void store_event_fn(void *context, const struct ingest_event_result *result,
                            const GError *error);
void store_thread_submit_event(struct store_thread *store, const struct ingest_event *event,
                               store_event_fn *done, void *context);

/* Anything else that writes: `change` is called in the store's thread in a transaction of its own,
 * which is committed if it says true; then `done` in the loop's thread. */
typedef bool store_change_fn(void *context, struct db *db, GError **error);
typedef void store_changed_fn(void *context, const GError *error);
void store_thread_change(struct store_thread *store, store_change_fn *change,
                         store_changed_fn *done, void *context);

#endif
