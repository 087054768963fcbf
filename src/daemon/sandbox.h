/*
 * What a process gives up before it looks at a stranger's bytes, for good.
 *
 * A parser process: memory, descriptors, core files, new privileges, files, processes of its own,
 * and all system calls but the few that reading a report needs (system_calls.h).
 *
 * The daemon: new privileges, the calls that no mail exchanger needs, and every file but its own
 * (landlock.h, where the kernel has it).
 */
#ifndef CALLMX_DAEMON_SANDBOX_H
#define CALLMX_DAEMON_SANDBOX_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Whether this build has AddressSanitizer, which needs terabytes of address space for its shadow,
 * and standard error for its reports. */
#if defined(__SANITIZE_ADDRESS__)
#define SANDBOX_HAS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANDBOX_HAS_SANITIZER 1
#endif
#endif
#ifndef SANDBOX_HAS_SANITIZER
#define SANDBOX_HAS_SANITIZER 0
#endif

/* Loads the character sets that mails are written in: behind sandbox_enter() no file can be opened
 * any more, and a text in a set that is not loaded is read as UTF-8 with marks for what is not. */
void sandbox_prepare(void);

/* For a parser process whose only way out is `socket`. `memory`: bytes of address space. Under
 * AddressSanitizer the address space is not limited (its shadow alone is terabytes) and the list
 * of system calls is a looser one. */
bool sandbox_enter(int64_t memory, int socket, GError **error);

/* For the daemon, while it has one thread. `database`: the file, in whose directory SQLite makes
 * others. `readable`: files (a NULL-terminated list) that may be read again, also when they have
 * been replaced: their directories may be read, as may those where certificates usually live.
 * *landlock tells the version of the kernel's
 * Landlock, 0 where there is none. */
bool sandbox_enter_daemon(const char *database, const char *const *readable, int *landlock,
                          GError **error);

/* Whether it is the sandbox, not the mode of the file, that keeps us from reading it. */
bool sandbox_hides(const char *file);

/* Keeps secrets of this process out of core files and away from debuggers. For the processes that
 * hold keys. */
void sandbox_no_core(void);

#endif
