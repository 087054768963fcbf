/*
 * The addresses that a service listens on: a set that changes as a whole. What is to be opened is
 * opened first, so that a set which cannot be had changes nothing.
 */
#ifndef CALLMX_DAEMON_LISTENERS_H
#define CALLMX_DAEMON_LISTENERS_H

#include "daemon/connection.h"

struct listeners;

/* `busy` and the callback as in listener_new(). */
struct listeners *listeners_new(struct loop *loop, const char *busy, listener_fn *on_accept,
                                void *context);
void listeners_free(struct listeners *listeners);
AUTO_DEFINE(listeners, listeners_free)

/* Sockets that listen already, taken over; then the set is these, whatever addresses are wanted. */
bool listeners_take(struct listeners *listeners, const int *sockets, size_t count, GError **error);
bool listeners_are_inherited(const struct listeners *listeners);

/* Opens those of the addresses (NULL: none) that are not open yet. Nobody is served on them before
 * listeners_settle(), and listeners_abandon() closes them again. */
bool listeners_prepare(struct listeners *listeners, char *const *addresses, GError **error);
void listeners_abandon(struct listeners *listeners);

/* The set is what was prepared last: what is not in it is closed, what is new is served once
 * listeners_start() was called. */
void listeners_settle(struct listeners *listeners, char *const *addresses);
void listeners_start(struct listeners *listeners);

/* Closes all of them. */
void listeners_close(struct listeners *listeners);

#endif
