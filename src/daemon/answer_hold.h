/*
 * Answers that are known and not to be heard yet. When an answer is given must not depend on what
 * it is: whoever asks for keys would learn from the time what the text does not tell.
 *
 * The asker is known by a ticket, because it may be gone by then.
 */
#ifndef CALLMX_DAEMON_ANSWER_HOLD_H
#define CALLMX_DAEMON_ANSWER_HOLD_H

#include "daemon/loop.h"

#include <stdint.h>

struct answer_hold;

typedef void answer_hold_fn(void *context, uint64_t ticket, int answer);

struct answer_hold *answer_hold_new(struct loop *loop, answer_hold_fn *give, void *context);

/* What is still held is given to nobody. */
void answer_hold_free(struct answer_hold *hold);

/* Gives the answer at `due`, in microseconds of g_get_monotonic_time(); soon if that is over. */
void answer_hold_add(struct answer_hold *hold, uint64_t ticket, int answer, int64_t due);

#endif
