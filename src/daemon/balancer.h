/*
 * Balancers and proxies in front of us: who they are is set, and what they say of the peer is
 * believed of nobody else.
 */
#ifndef CALLMX_DAEMON_BALANCER_H
#define CALLMX_DAEMON_BALANCER_H

#include "daemon/connection.h"

/* Whether an address is in one of the ranges (array of struct address_range). */
bool balancer_is_one(const GArray *ranges, const struct address *address);

/* The header of the PROXY protocol, which goes before all else. DONE: the connection has the
 * address that it tells. BAD was logged. */
enum balancer_header { BALANCER_MORE, BALANCER_DONE, BALANCER_BAD };
enum balancer_header balancer_read_header(struct connection *connection);

/* X-Forwarded-For: each proxy has added whom it was asked by, so the peer is the last one that is
 * no proxy of ours. `from` is whom we are asked by; what is not in the ranges is believed nothing.
 */
struct address balancer_forwarded(const GArray *ranges, const struct address *from,
                                  const char *forwarded_for);

#endif
