/*
 * What systemd (or whoever set NOTIFY_SOCKET) is told about us: one datagram with lines KEY=VALUE,
 * sd_notify(3), without its library. Without NOTIFY_SOCKET nothing happens. A message that cannot
 * be delivered is lost: we would not do anything else because of it.
 *
 * The watchdog is fed by the event loop alone, so a loop that hangs is seen and the daemon is
 * started anew. The store thread is no part of it: while it waits for a disk or for another program
 * that holds the database, a new start would help nobody and would cut off sessions that go on.
 */
#ifndef CALLMX_DAEMON_NOTIFY_H
#define CALLMX_DAEMON_NOTIFY_H

#include "daemon/loop.h"

#include <glib.h>

struct notify;

/* Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID and takes them out of the environment. NULL
 * and an error if NOTIFY_SOCKET is neither a path nor an abstract name. */
struct notify *notify_new(GError **error);
void notify_free(struct notify *notify);
AUTO_DEFINE(notify, notify_free)

/* Begins to send WATCHDOG=1 every half of WATCHDOG_USEC, if that is meant for this process. */
void notify_watchdog(struct notify *notify, struct loop *loop);

void notify_ready(struct notify *notify, const char *status);
/* With MONOTONIC_USEC; notify_ready() follows when it is over, well or not. */
void notify_reloading(struct notify *notify);
/* `seconds`: how long the end may take. */
void notify_stopping(struct notify *notify, int64_t seconds);

#endif
