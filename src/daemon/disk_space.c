/*
 * Twice the size, because a message passes through the write-ahead log on its way home. The answer
 * of statvfs(3) comes from memory on the local file systems that a write-ahead log needs anyway.
 */
#include "daemon/disk_space.h"

#include <glib.h>
#include <sys/statvfs.h>

enum { FRESH_MS = 1000, LEAST_FILES = 4 };

void disk_space_init(struct disk_space *space, const char *file)
{
    *space = (struct disk_space){.directory = g_path_get_dirname(file)};
}

void disk_space_clear(struct disk_space *space)
{
    g_clear_pointer(&space->directory, g_free);
}

static void look(struct disk_space *space)
{
    struct statvfs status;
    space->free_bytes = space->free_files = INT64_MAX;
    if (statvfs(space->directory, &status) != 0)
        return;
    space->free_bytes = (int64_t)MIN(status.f_bavail, (guint64)(INT64_MAX / status.f_frsize)) *
                        (int64_t)status.f_frsize;
    if (status.f_files > 0) /* some have no limit and say 0 */
        space->free_files = (int64_t)MIN(status.f_favail, (guint64)INT64_MAX);
}

bool disk_space_fits(struct disk_space *space, int64_t size, int64_t reserve, int64_t now)
{
    if (space->checked_at == 0 || now - space->checked_at >= FRESH_MS) {
        look(space);
        space->checked_at = MAX(now, 1);
    }
    int64_t wanted = size <= (INT64_MAX - reserve) / 2 ? 2 * size + reserve : INT64_MAX;
    return space->free_bytes >= wanted && space->free_files >= LEAST_FILES;
}
