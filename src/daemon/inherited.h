/*
 * Sockets that whoever started us has bound already, sd_listen_fds(3): LISTEN_FDS of them, from
 * descriptor 3 on, for the process LISTEN_PID.
 */
#ifndef CALLMX_DAEMON_INHERITED_H
#define CALLMX_DAEMON_INHERITED_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

enum { INHERITED_FIRST = 3, INHERITED_MOST = 64 };

/* Takes LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES out of the environment. *count is 0 if there are
 * none or they are meant for another process. Otherwise each must be a TCP socket that listens; it
 * becomes close-on-exec and non-blocking, and the caller's. */
bool inherited_sockets(int sockets[INHERITED_MOST], size_t *count, GError **error);

#endif
