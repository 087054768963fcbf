/*
 * The daemon as a whole, from its settings to its exit code: what is made in which order, and with
 * which rights; the signals; the end.
 *
 *   as root, if we are      look up the user, bind the addresses, read the key of the certificate
 *   as that user            close the sandbox, open the database, start processes, then threads
 *   SIGHUP                  read the configuration again, all or nothing
 *   SIGTERM, SIGINT         finish what is under way; a second one ends at once
 */
#ifndef CALLMX_DAEMON_SERVICE_H
#define CALLMX_DAEMON_SERVICE_H

#include "daemon/settings.h"

/* `path` is where the settings came from, and come from again at SIGHUP. Runs until a signal ends
 * it; the exit code, of sysexits(3). What went wrong at the start stands on standard error. */
int service_run(const char *path, struct settings *settings);

#endif
