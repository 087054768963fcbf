/*
 * Changing the user, once. Groups go first, because only root can change them; then the group, then
 * the user, each as all three of its ids, so that no saved one is left to come back to.
 *
 * What is hard: each call can succeed and do less than was asked for, so at the end the ids are
 * read back, and the way back to root is tried.
 */
#include "daemon/privileges.h"

#include "base/error.h"
#include "daemon/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { GROUPS_AT_FIRST = 64 };

static bool find_group(const char *name, gid_t *group, GError **error)
{
    errno = 0;
    const struct group *found = getgrnam(name);
    if (found == NULL && errno != 0)
        return error_temp(error, "the group \"%s\" cannot be looked up: %s", name,
                          g_strerror(errno));
    if (found == NULL)
        return error_perm(error, "there is no group \"%s\": make it, or change [server] group",
                          name);
    *group = found->gr_gid;
    return true;
}

static void find_groups(struct identity *identity)
{
    int count = GROUPS_AT_FIRST;
    identity->groups = g_new0(gid_t, (gsize)count);
    if (getgrouplist(identity->name, identity->group, identity->groups, &count) < 0) {
        identity->groups = g_renew(gid_t, identity->groups, (gsize)count);
        getgrouplist(identity->name, identity->group, identity->groups, &count);
    }
    identity->group_count = (size_t)count;
}

static bool find_user(const char *user, const char *group, struct identity *identity,
                      GError **error)
{
    errno = 0;
    const struct passwd *found = getpwnam(user);
    if (found == NULL && errno != 0)
        return error_temp(error, "the user \"%s\" cannot be looked up: %s", user,
                          g_strerror(errno));
    if (found == NULL)
        return error_perm(error, "there is no user \"%s\": make it, or change [server] user", user);
    identity->name = g_strdup(user);
    identity->user = found->pw_uid;
    identity->group = found->pw_gid;
    if (group != NULL && !find_group(group, &identity->group, error))
        return false;
    find_groups(identity);
    return true;
}

bool identity_find(const char *user, const char *group, struct identity *identity, GError **error)
{
    struct identity found = {.user = geteuid(), .group = getegid()};
    if (user == NULL) {
        const struct passwd *own = getpwuid(found.user);
        found.name = own != NULL ? g_strdup(own->pw_name)
                                 : g_strdup_printf("with the number %u", (unsigned)found.user);
        *identity = found;
        return true;
    }
    if (!find_user(user, group, &found, error)) {
        identity_clear(&found);
        return false;
    }
    found.change = geteuid() == 0 && (found.user != 0 || group != NULL);
    if (geteuid() != 0 &&
        (found.user != geteuid() || (group != NULL && found.group != getegid()))) {
        identity_clear(&found);
        return error_perm(error,
                          "only root can become the user \"%s\"%s%s of the configuration: start it "
                          "as root or as that user, or take [server] user and group out",
                          user, group != NULL ? " and the group " : "", group != NULL ? group : "");
    }
    *identity = found;
    return true;
}

void identity_clear(struct identity *identity)
{
    g_free(identity->name);
    g_free(identity->groups);
    memset(identity, 0, sizeof *identity);
}

static bool fail(const char *name, const char *step, GError **error)
{
    return error_temp(error, "the daemon cannot become the user %s: %s: %s", name, step,
                      g_strerror(errno));
}

/* The bare call, which libcap would make for us. */
static bool clear_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0, 0, 0}};
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    return syscall(SYS_capset, &header, none) == 0;
}

static bool change(const struct identity *identity, GError **error)
{
    if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) != 0)
        return fail(identity->name, "capabilities", error);
    if (setgroups(identity->group_count, identity->groups) != 0)
        return fail(identity->name, "groups", error);
    if (setresgid(identity->group, identity->group, identity->group) != 0)
        return fail(identity->name, "group", error);
    if (setresuid(identity->user, identity->user, identity->user) != 0)
        return fail(identity->name, "user", error);
    return true;
}

static bool is_gone_for_good(const struct identity *identity)
{
    uid_t users[3];
    gid_t groups[3];
    if (getresuid(&users[0], &users[1], &users[2]) != 0 ||
        getresgid(&groups[0], &groups[1], &groups[2]) != 0)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(users); i++)
        if (users[i] != identity->user || groups[i] != identity->group)
            return false;
    return identity->user == 0 ||
           (setresuid((uid_t)-1, 0, (uid_t)-1) != 0 && setgroups(0, NULL) != 0);
}

bool privileges_drop(const struct identity *identity, GError **error)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail(identity->name, "no new privileges", error);
    if (identity->change && !change(identity, error))
        return false;
    if (identity->user != 0 && !clear_capabilities())
        return fail(identity->name, "capabilities", error);
    if (identity->change && !is_gone_for_good(identity)) {
        errno = EPERM;
        return fail(identity->name, "the way back to root is open", error);
    }
    /* The kernel has reset this with the user. */
    sandbox_no_core();
    return true;
}

bool privileges_check_database(const char *path, GError **error)
{
    g_autofree char *directory = g_path_get_dirname(path);
    const struct passwd *own = getpwuid(geteuid());
    const char *who = own != NULL ? own->pw_name : "of the daemon";
    if (access(directory, F_OK) == 0 && access(directory, R_OK | W_OK | X_OK) != 0)
        return error_perm(error,
                          "the database %s cannot be used: the user %s may not write in the "
                          "directory %s (%s): chown %s %s",
                          path, who, directory, g_strerror(errno), who, directory);
    static const char *const files[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *file = g_strconcat(path, files[i], NULL);
        if (access(file, F_OK) == 0 && access(file, R_OK | W_OK) != 0)
            return error_perm(error,
                              "the database %s cannot be used: the user %s may not write the file "
                              "%s (%s): chown %s %s",
                              path, who, file, g_strerror(errno), who, file);
    }
    return true;
}
