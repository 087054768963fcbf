/*
 * How SQLite's write-ahead log gets to its file: gathered.
 *
 * The library writes the header and the page of each frame by themselves, which is about a hundred
 * calls of the system for the commit of a few reports. Here they are put together, and go out
 * in one call before the log is synced. Nothing else changes: all other files, and all but the
 * writing of this one, are the library's own (its default VFS).
 *
 * The fact it rests on: with synchronous=FULL the library syncs the log before it tells other
 * connections of the frames of a commit, so nobody looks for them in the file earlier than that. A
 * connection that is opened with this VFS must have that setting before it writes in WAL mode.
 */
#ifndef CALLMX_DB_SQLITE_WAL_H
#define CALLMX_DB_SQLITE_WAL_H

#include <stdbool.h>

/* The name for sqlite3_open_v2(). */
#define SQLITE_WAL_VFS "callmx"

/* Makes the name known to the library, once in a process and before the name is used; false if the
 * library has no VFS of its own. */
bool sqlite_wal_register(void);

#endif
