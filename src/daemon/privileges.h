/*
 * From root to the user that the daemon is to be, and no way back. In two steps, because the user
 * database must be read before the sandbox closes it, and addresses below port 1024 are bound in
 * between.
 */
#ifndef CALLMX_DAEMON_PRIVILEGES_H
#define CALLMX_DAEMON_PRIVILEGES_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

struct identity {
    char *name; /* of the user that the process will be, or is already */
    uid_t user;
    gid_t group;
    gid_t *groups; /* all that the user is in, `group` among them */
    size_t group_count;
    bool change; /* there is something to do: we are root and are to be another */
};

/* Looks up the user, and the group if it is not the user's own; NULL for both: stay who we are. An
 * error if there is no such user or group, or if we would have to be root to become it. */
bool identity_find(const char *user, const char *group, struct identity *identity, GError **error);
void identity_clear(struct identity *identity);

/* Becomes that user for good: all ids, all groups, no capability, no new privileges. While the
 * process has one thread. It tries to come back, and fails if it can. */
bool privileges_drop(const struct identity *identity, GError **error);

/* Whether the user that we are now can use a database file and its directory; the error says which
 * of the two cannot be used, by whom, and what to do. Makes nothing. */
bool privileges_check_database(const char *path, GError **error);

#endif
