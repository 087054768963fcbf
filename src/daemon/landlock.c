/*
 * Three bare system calls, for which the C library has no names. What the kernel's version does not
 * know must not be asked for, so every request is cut down to the version first; the constants of
 * later versions stand here, because the headers that we build with may be older than the kernel
 * that we run on.
 *
 * Moving and linking files between directories needs no right here: where Landlock is in force at
 * all, it is refused.
 */
#include "daemon/landlock.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of versions 3, 5, 4 and 6. */
#define RIGHT_TRUNCATE   (UINT64_C(1) << 14)
#define RIGHT_IOCTL      (UINT64_C(1) << 15)
#define RIGHT_CONNECT    (UINT64_C(1) << 1)
#define SCOPE_SIGNAL     (UINT64_C(1) << 1)
#define FIRST_WITH_REFER 2

#define RIGHTS_READ ((uint64_t)LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define RIGHTS_MAKE (LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE)
/* All of version 1: the first 13 bits. */
#define RIGHTS_FIRST ((UINT64_C(1) << 13) - 1)
/* What has a meaning for a file and not only for a directory. */
#define RIGHTS_FILE                                                                                \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |   \
     RIGHT_TRUNCATE)

/* struct landlock_ruleset_attr as of version 6; older kernels take its beginning. */
struct ruleset {
    uint64_t files, network, scopes;
};

struct landlock {
    int fd;
    int version;
    uint64_t handled;
};

static uint64_t handled_files(int version)
{
    uint64_t rights = RIGHTS_FIRST;
    if (version >= FIRST_WITH_REFER)
        rights |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= 3)
        rights |= RIGHT_TRUNCATE;
    if (version >= 5)
        rights |= RIGHT_IOCTL;
    return rights;
}

struct landlock *landlock_new(void)
{
    int version =
        (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1)
        return NULL;
    struct ruleset asked = {
        .files = handled_files(version),
        .network = version >= 4 ? RIGHT_CONNECT : 0,
        .scopes = version >= 6 ? SCOPE_SIGNAL : 0,
    };
    size_t size = version >= 6   ? sizeof asked
                  : version >= 4 ? offsetof(struct ruleset, scopes)
                                 : offsetof(struct ruleset, network);
    int fd = (int)syscall(SYS_landlock_create_ruleset, &asked, size, 0);
    if (fd < 0)
        return NULL;
    struct landlock *landlock = g_new0(struct landlock, 1);
    landlock->fd = fd;
    landlock->version = version;
    landlock->handled = asked.files;
    return landlock;
}

void landlock_free(struct landlock *landlock)
{
    if (landlock == NULL)
        return;
    close(landlock->fd);
    g_free(landlock);
}

int landlock_version(const struct landlock *landlock)
{
    return landlock->version;
}

static uint64_t rights_of(enum landlock_right right)
{
    switch (right) {
    case LANDLOCK_READ:
        return RIGHTS_READ;
    case LANDLOCK_WRITE:
        return RIGHTS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | RIGHT_TRUNCATE;
    case LANDLOCK_MAKE:
        return RIGHTS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | RIGHT_TRUNCATE | RIGHTS_MAKE;
    case LANDLOCK_EXECUTE:
        return LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE;
    }
    g_assert_not_reached();
}

void landlock_allow(struct landlock *landlock, const char *path, enum landlock_right right)
{
    int fd = open(path, O_PATH | O_CLOEXEC);
    struct stat file;
    if (fd < 0)
        return;
    struct landlock_path_beneath_attr rule = {
        .allowed_access = rights_of(right) & landlock->handled, .parent_fd = fd};
    if (fstat(fd, &file) == 0 && !S_ISDIR(file.st_mode))
        rule.allowed_access &= RIGHTS_FILE;
    /* It fails for places that no rule can be tied to, which then stay closed. */
    syscall(SYS_landlock_add_rule, landlock->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(fd);
}

bool landlock_enter(const struct landlock *landlock, GError **error)
{
    if (syscall(SYS_landlock_restrict_self, landlock->fd, 0) == 0)
        return true;
    return error_temp(error, "the list of files cannot be set (Landlock): %s", g_strerror(errno));
}
