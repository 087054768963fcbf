/*
 * A reader thread: owner of a read-only connection, on which it answers questions while the session
 * that asked simply waits. SMTP has one for its keys and HTTP another, so that a long list which
 * somebody asks for delays no mail.
 */
#ifndef CALLMX_DAEMON_READER_THREAD_H
#define CALLMX_DAEMON_READER_THREAD_H

#include "daemon/loop.h"
#include "db/driver.h"

#include <stdint.h>

struct reader_thread;

/* `db` is the thread's from here on, and closed by it. */
struct reader_thread *reader_thread_new(struct loop *loop, struct db *db);
void reader_thread_free(struct reader_thread *reader);
AUTO_DEFINE(reader_thread, reader_thread_free)

enum reader_answer { READER_LIVE, READER_UNKNOWN, READER_TROUBLE };

/* Called in the loop's thread, once per question, with its ticket. */
typedef void reader_fn(void *context, uint64_t ticket, enum reader_answer answer);

/* Asks whether `key` is a live one. The answer finds its asker by the ticket, not by a pointer:
 * the asker may be gone by then. */
void reader_thread_ask(struct reader_thread *reader, const char *key, uint64_t ticket,
                       reader_fn *done, void *context);

/* Any other question: `work` is called in the reader's thread, then `done` in the loop's. */
typedef void reader_work_fn(void *context, struct db *db);
void reader_thread_run(struct reader_thread *reader, reader_work_fn *work, loop_fn *done,
                       void *context);

#endif
