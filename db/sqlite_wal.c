/*
 * A VFS as https://sqlite.org/vfs.html has it: the default one, but for files of a log.
 *
 * What was written and is not in the file yet is one run of octets, `gathered`. Whatever asks for
 * something other than to make it longer gets it written first, so the file is as the library left
 * it at each call that could see a difference. If the writing fails, the run is given up: it was
 * part of a transaction whose commit fails with it, and the library writes over that place.
 */
#include "db/sqlite_wal.h"

#include "base/limits.h"

#include <assert.h>
#include <glib.h>
#include <sqlite3.h>
#include <stdalign.h>
#include <string.h>

/* The library's VFS takes what is longer for a full disk. */
static_assert(LIMIT_DB_LOG_GATHERED <= 0x1ffff, "more than one call of the system takes");

struct log_file {
    sqlite3_file base; /* what the library sees: first */
    unsigned char *gathered;
    size_t size;                                  /* of `gathered`, in octets */
    sqlite3_int64 at;                             /* where in the file it begins */
    alignas(sqlite3_int64) unsigned char inner[]; /* the library's own, as it aligns files */
};

static sqlite3_vfs *own; /* the library's */

static struct log_file *log_of(sqlite3_file *file)
{
    return (struct log_file *)file;
}

static sqlite3_file *inner_of(sqlite3_file *file)
{
    return (sqlite3_file *)(void *)log_of(file)->inner;
}

static int write_gathered(sqlite3_file *file)
{
    struct log_file *log = log_of(file);
    sqlite3_file *inner = inner_of(file);
    size_t size = log->size;
    log->size = 0;
    return size == 0 ? SQLITE_OK
                     : inner->pMethods->xWrite(inner, log->gathered, (int)size, log->at);
}

static int log_write(sqlite3_file *file, const void *octets, int size, sqlite3_int64 at)
{
    struct log_file *log = log_of(file);
    sqlite3_file *inner = inner_of(file);
    bool follows = at == log->at + (sqlite3_int64)log->size;
    bool fits = (size_t)size <= LIMIT_DB_LOG_GATHERED - log->size;
    if (!follows || !fits) {
        int code = write_gathered(file);
        if (code != SQLITE_OK)
            return code;
    }
    if ((size_t)size > LIMIT_DB_LOG_GATHERED)
        return inner->pMethods->xWrite(inner, octets, size, at);
    if (log->gathered == NULL)
        log->gathered = g_malloc(LIMIT_DB_LOG_GATHERED);
    if (log->size == 0)
        log->at = at;
    memcpy(log->gathered + log->size, octets, (size_t)size);
    log->size += (size_t)size;
    return SQLITE_OK;
}

static int log_read(sqlite3_file *file, void *octets, int size, sqlite3_int64 at)
{
    sqlite3_file *inner = inner_of(file);
    int code = write_gathered(file);
    return code != SQLITE_OK ? code : inner->pMethods->xRead(inner, octets, size, at);
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    sqlite3_file *inner = inner_of(file);
    int code = write_gathered(file);
    return code != SQLITE_OK ? code : inner->pMethods->xTruncate(inner, size);
}

static int log_sync(sqlite3_file *file, int flags)
{
    sqlite3_file *inner = inner_of(file);
    int code = write_gathered(file);
    return code != SQLITE_OK ? code : inner->pMethods->xSync(inner, flags);
}

static int log_size(sqlite3_file *file, sqlite3_int64 *size)
{
    sqlite3_file *inner = inner_of(file);
    int code = write_gathered(file);
    return code != SQLITE_OK ? code : inner->pMethods->xFileSize(inner, size);
}

/* What is gathered and was not synced is of no transaction that was committed. */
static int log_close(sqlite3_file *file)
{
    sqlite3_file *inner = inner_of(file);
    g_free(log_of(file)->gathered);
    return inner->pMethods->xClose(inner);
}

static int log_lock(sqlite3_file *file, int level)
{
    sqlite3_file *inner = inner_of(file);
    return inner->pMethods->xLock(inner, level);
}

static int log_unlock(sqlite3_file *file, int level)
{
    sqlite3_file *inner = inner_of(file);
    return inner->pMethods->xUnlock(inner, level);
}

static int log_is_reserved(sqlite3_file *file, int *is_reserved)
{
    sqlite3_file *inner = inner_of(file);
    return inner->pMethods->xCheckReservedLock(inner, is_reserved);
}

static int log_control(sqlite3_file *file, int operation, void *argument)
{
    sqlite3_file *inner = inner_of(file);
    return inner->pMethods->xFileControl(inner, operation, argument);
}

static int log_sector_size(sqlite3_file *file)
{
    sqlite3_file *inner = inner_of(file);
    return inner->pMethods->xSectorSize(inner);
}

static int log_characteristics(sqlite3_file *file)
{
    sqlite3_file *inner = inner_of(file);
    return inner->pMethods->xDeviceCharacteristics(inner);
}

/* Version 1: shared and mapped memory are the database file's. */
static const sqlite3_io_methods log_methods = {
    .iVersion = 1,
    .xClose = log_close,
    .xRead = log_read,
    .xWrite = log_write,
    .xTruncate = log_truncate,
    .xSync = log_sync,
    .xFileSize = log_size,
    .xLock = log_lock,
    .xUnlock = log_unlock,
    .xCheckReservedLock = log_is_reserved,
    .xFileControl = log_control,
    .xSectorSize = log_sector_size,
    .xDeviceCharacteristics = log_characteristics,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                    int *flags_out)
{
    (void)vfs;
    if ((flags & SQLITE_OPEN_WAL) == 0)
        return own->xOpen(own, name, file, flags, flags_out);
    struct log_file *log = log_of(file);
    memset(log, 0, sizeof *log);
    inner_of(file)->pMethods = NULL;
    int code = own->xOpen(own, name, inner_of(file), flags, flags_out);
    /* The library closes what has methods, also after an error. */
    if (inner_of(file)->pMethods != NULL)
        log->base.pMethods = &log_methods;
    return code;
}

bool sqlite_wal_register(void)
{
    static sqlite3_vfs vfs;
    own = sqlite3_vfs_find(NULL);
    if (own == NULL)
        return false;
    /* A copy: its functions look at nothing in it but what is the same here. */
    vfs = *own;
    vfs.zName = SQLITE_WAL_VFS;
    vfs.szOsFile = (int)sizeof(struct log_file) + own->szOsFile;
    vfs.xOpen = vfs_open;
    return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK;
}
