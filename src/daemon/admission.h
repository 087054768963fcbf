/*
 * What is remembered of the networks that peers come from (the /32 of IPv4, the /64 of IPv6), so
 * that one of them cannot take what is there for all: connections, guesses at recipients, lines in
 * the log. Bounded: LIMIT_SMTP_NETWORKS; those about whom there is nothing to remember go first.
 *
 * Times are monotonic milliseconds.
 */
#ifndef CALLMX_DAEMON_ADMISSION_H
#define CALLMX_DAEMON_ADMISSION_H

#include "daemon/address.h"

#include <stdint.h>

struct admission;
struct network;

struct admission *admission_new(void);
void admission_free(struct admission *admission);

/* One more connection from the network of this peer. Borrowed until the same is left. */
struct network *admission_enter(struct admission *admission, const struct address *peer,
                                int64_t now);
void admission_leave(struct admission *admission, struct network *network, int64_t now);

/* Once a minute: reports those whose lines were left out and whose minute is over, and forgets
 * those about whom there is nothing to remember. */
typedef void admission_fn(const char *network, unsigned left_out);
void admission_sweep(struct admission *admission, int64_t now, admission_fn *report);

/* How many networks are remembered. */
size_t admission_size(const struct admission *admission);

const char *network_name(const struct network *network);
unsigned network_connections(const struct network *network);

/* Refused recipients: a bucket that holds `per_hour` of them and fills again in an hour. Whether
 * there is still one left; and the taking of one. */
bool network_may_guess(struct network *network, int64_t per_hour, int64_t now);
void network_has_guessed(struct network *network, int64_t per_hour, int64_t now);

/* Whether a line about a refusal may be logged. When it may again, *left_out is the number of
 * those that were not since the last one. */
bool network_may_log(struct network *network, int64_t now, unsigned *left_out);

#endif
