/*
 * A message's way from its end to what came of it: parser pool, store thread, and back to whoever
 * brought it, if it is still there. The message has one owner at each moment, and this gives it
 * from one to the next.
 *
 * It knows no connection. A peer that has gone is told nothing, and what it sent is stored all the
 * same: it will come again, and find a duplicate.
 */
#ifndef CALLMX_DAEMON_DELIVERY_H
#define CALLMX_DAEMON_DELIVERY_H

#include "daemon/parser_pool.h"
#include "daemon/store_thread.h"

/* Called once in the loop's thread: with the result, or NULL and an error, which was logged. The
 * message is freed after it. */
typedef void delivery_fn(void *context, uint64_t ticket, const struct message *message,
                         const struct ingest_result *result, const GError *error);

/* Takes the message, which is complete. */
void delivery_begin(struct parser_pool *pool, struct store_thread *store, struct message *message,
                    uint64_t ticket, delivery_fn *done, void *context);

/* One line about what came of it: `reply` and `text` are what the peer was told. */
void delivery_log(const struct message *message, const struct ingest_result *result, unsigned reply,
                  const char *text);

#endif
