/*
 * What a parser process gives up before it looks at a stranger's bytes: memory, descriptors, core
 * files, new privileges. The list of system calls it may still make will be
 * narrowed in this same place.
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

/* For the process that calls it, for good. `memory`: bytes of address space. Under AddressSanitizer
 * the address space is not limited: its shadow alone is terabytes. */
bool sandbox_enter(int64_t memory, GError **error);

/* Keeps secrets of this process out of core files. For the processes that hold keys. */
void sandbox_no_core(void);

#endif
