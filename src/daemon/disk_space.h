/*
 * Whether there is room on the disk for one more message: asked before MAIL is accepted, so that a
 * peer is told to come back (452) before it has sent anything.
 */
#ifndef CALLMX_DAEMON_DISK_SPACE_H
#define CALLMX_DAEMON_DISK_SPACE_H

#include <stdbool.h>
#include <stdint.h>

struct disk_space {
    char *directory;    /* of the database */
    int64_t checked_at; /* monotonic milliseconds; 0: never */
    int64_t free_bytes; /* for us; INT64_MAX: nobody knows */
    int64_t free_files;
};

void disk_space_init(struct disk_space *space, const char *file);
void disk_space_clear(struct disk_space *space);

/* Whether twice `size` octets fit and leave `reserve` bytes free. The file system is asked once a
 * second at most; one that does not answer the question is taken to have room. */
bool disk_space_fits(struct disk_space *space, int64_t size, int64_t reserve, int64_t now);

#endif
