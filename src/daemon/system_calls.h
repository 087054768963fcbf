/*
 * Which system calls a process may still make: seccomp lists, for good, for the thread that calls
 * and all that it starts. The only room for libseccomp.
 */
#ifndef CALLMX_DAEMON_SYSTEM_CALLS_H
#define CALLMX_DAEMON_SYSTEM_CALLS_H

#include <glib.h>
#include <stdbool.h>

/* For a parser process, whose only descriptor is `socket`: it may use memory, read from and write
 * to that socket, close what came over it, and end. What a library does without need (it looks for
 * a file) fails with an error number; everything else kills the process with SIGSYS.
 *
 * With AddressSanitizer, which reads files and at its end traces its own process, it is the other
 * way round: all is allowed but sockets, programs, processes of its own, and writing files. */
bool system_calls_for_parser(int socket, GError **error);

/* For the daemon and all its children: what no mail exchanger ever does (trace, mount, load code
 * into the kernel, …) fails with EPERM. */
bool system_calls_for_daemon(GError **error);

#endif
