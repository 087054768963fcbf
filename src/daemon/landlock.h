/*
 * Landlock: the kernel's own list of the files that a process may touch, for the thread that calls
 * and all that it starts, for good. What is not on the list cannot be opened, whatever its mode.
 *
 * Made in three steps: landlock_new(), landlock_allow() for each place, landlock_enter(). The
 * kernel ties a rule to the file or directory that is there at that time; a directory stands for
 * all that is below it, now and later.
 */
#ifndef CALLMX_DAEMON_LANDLOCK_H
#define CALLMX_DAEMON_LANDLOCK_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>

struct landlock;

enum landlock_right {
    LANDLOCK_READ,    /* read files, list directories */
    LANDLOCK_WRITE,   /* read and write files that exist */
    LANDLOCK_MAKE,    /* read, write, make and remove files */
    LANDLOCK_EXECUTE, /* read and execute files */
};

/* NULL without an error: this kernel has no Landlock, or it is switched off. */
struct landlock *landlock_new(void);
void landlock_free(struct landlock *landlock);
AUTO_DEFINE(landlock, landlock_free)

/* The kernel's version of it. */
int landlock_version(const struct landlock *landlock);

/* A path that is not there is passed over: nothing can be opened there anyway. */
void landlock_allow(struct landlock *landlock, const char *path, enum landlock_right right);

/* From here on. Needs no_new_privs. Besides files it forbids connections over TCP (version 4 on)
 * and signals to processes outside (version 6 on). */
bool landlock_enter(const struct landlock *landlock, GError **error);

#endif
