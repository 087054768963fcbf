/*
 * Limits are set as hard ones: the process cannot raise them again. The order is that of trust:
 * first what forbids new rights, then what takes resources away, at last the system calls, because
 * behind them no limit could be set.
 *
 * It never undoes anything, and is called once, before the first byte of a stranger is looked at.
 *
 * What is hard about the daemon's part: it starts this program anew for each parser process, for as
 * long as it runs, so the dynamic linker, the libraries and the character sets must stay readable,
 * where they are and where an update of the system puts them.
 */
#include "daemon/sandbox.h"

#include "base/error.h"
#include "base/limits.h"
#include "daemon/landlock.h"
#include "daemon/system_calls.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* Those in which mail is written, beside UTF-8, UTF-16, UTF-32 and ASCII, which are built in. */
static const char *const charsets[] = {
    "BIG5",         "BIG5-HKSCS",   "CP866",        "CP932",        "CP949",        "EUC-JP",
    "EUC-KR",       "GB18030",      "GB2312",       "GBK",          "ISO-2022-JP",  "ISO-2022-KR",
    "ISO-8859-1",   "ISO-8859-2",   "ISO-8859-3",   "ISO-8859-4",   "ISO-8859-5",   "ISO-8859-6",
    "ISO-8859-7",   "ISO-8859-8",   "ISO-8859-9",   "ISO-8859-10",  "ISO-8859-13",  "ISO-8859-14",
    "ISO-8859-15",  "ISO-8859-16",  "KOI8-R",       "KOI8-U",       "MACINTOSH",    "SHIFT_JIS",
    "TIS-620",      "UTF-16",       "UTF-32",       "UTF-7",        "WINDOWS-1250", "WINDOWS-1251",
    "WINDOWS-1252", "WINDOWS-1253", "WINDOWS-1254", "WINDOWS-1255", "WINDOWS-1256", "WINDOWS-1257",
    "WINDOWS-1258", "WINDOWS-874",
};

void sandbox_prepare(void)
{
    /* Left open: what is closed may be unloaded. */
    static GIConv loaded[G_N_ELEMENTS(charsets)];
    for (size_t i = 0; i < G_N_ELEMENTS(charsets); i++)
        if (loaded[i] == NULL)
            loaded[i] = g_iconv_open("UTF-8", charsets[i]);
}

static bool limit(int resource, const char *name, rlim_t most, GError **error)
{
    struct rlimit both = {.rlim_cur = most, .rlim_max = most};
    if (setrlimit((__rlimit_resource_t)resource, &both) == 0)
        return true;
    return error_temp(error, "the limit on %s cannot be set: %s", name, g_strerror(errno));
}

static bool no_new_privileges(GError **error)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
        return true;
    return error_temp(error, "privileges cannot be given up: %s", g_strerror(errno));
}

bool sandbox_enter(int64_t memory, int socket, GError **error)
{
    sandbox_no_core();
    if (!no_new_privileges(error))
        return false;
    if (!SANDBOX_HAS_SANITIZER && !limit(RLIMIT_AS, "memory", (rlim_t)memory, error))
        return false;
    return limit(RLIMIT_CORE, "core files", 0, error) && limit(RLIMIT_FSIZE, "files", 0, error) &&
           limit(RLIMIT_NOFILE, "descriptors", LIMIT_PARSER_DESCRIPTORS, error) &&
           limit(RLIMIT_NPROC, "processes", 0, error) && system_calls_for_parser(socket, error);
}

/* --- The daemon --- */

/* The directory of a file, and the one that it is in when the links on its way are followed. */
static void allow_around(struct landlock *landlock, const char *file, enum landlock_right right)
{
    g_autofree char *named = g_path_get_dirname(file);
    landlock_allow(landlock, named, right);
    char *real = realpath(file, NULL);
    if (real == NULL)
        return;
    g_autofree char *holder = g_path_get_dirname(real);
    landlock_allow(landlock, holder, right);
    free(real);
}

/* Where each library is that we run with: a parser process will need the same. */
static int allow_object(struct dl_phdr_info *object, size_t size, void *context)
{
    (void)size;
    struct landlock *landlock = context;
    if (object->dlpi_name != NULL && object->dlpi_name[0] == '/')
        allow_around(landlock, object->dlpi_name, LANDLOCK_READ);
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &object->dlpi_phdr[i];
        if (header->p_type == PT_INTERP)
            landlock_allow(landlock, (const char *)(object->dlpi_addr + header->p_vaddr),
                           LANDLOCK_EXECUTE);
    }
    return 0;
}

static bool enter_landlock(const char *database, const char *const *readable, int *version,
                           GError **error)
{
    /* What libraries read, and where certificates live, for the day on which there is one. */
    static const char *const system[] = {
        "/dev/urandom", "/etc/ld.so.cache",    "/etc/letsencrypt", "/etc/localtime",
        "/etc/ssl",     "/etc/timezone",       "/run/credentials", "/sys/devices/system/cpu",
        "/usr/lib",     "/usr/share/zoneinfo",
    };
    AUTO(landlock) landlock = landlock_new();
    *version = landlock != NULL ? landlock_version(landlock) : 0;
    if (landlock == NULL)
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(system); i++)
        landlock_allow(landlock, system[i], LANDLOCK_READ);
    if (g_getenv("TZDIR") != NULL)
        landlock_allow(landlock, g_getenv("TZDIR"), LANDLOCK_READ);
    if (SANDBOX_HAS_SANITIZER)
        landlock_allow(landlock, "/", LANDLOCK_READ);
    dl_iterate_phdr(allow_object, landlock);
    landlock_allow(landlock, "/proc/self/exe", LANDLOCK_EXECUTE);
    landlock_allow(landlock, "/dev/null", LANDLOCK_WRITE);
    for (; *readable != NULL; readable++)
        allow_around(landlock, *readable, LANDLOCK_READ);
    allow_around(landlock, database, LANDLOCK_MAKE);
    return landlock_enter(landlock, error);
}

bool sandbox_enter_daemon(const char *database, const char *const *readable, int *landlock,
                          GError **error)
{
    /* SQLite spills what is large into files without a name: where it may make some, not in /tmp.
     */
    g_autofree char *directory = g_path_get_dirname(database);
    g_setenv("SQLITE_TMPDIR", directory, TRUE);
    return no_new_privileges(error) && enter_landlock(database, readable, landlock, error) &&
           system_calls_for_daemon(error);
}

bool sandbox_hides(const char *file)
{
    /* Landlock has a say when a file is opened, not when its mode is looked at. */
    if (access(file, R_OK) != 0)
        return false;
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0)
        close(fd);
    return fd < 0 && errno == EACCES;
}

void sandbox_no_core(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    /* The leak checker of a sanitized build must be able to look at its own process. */
    prctl(PR_SET_DUMPABLE, SANDBOX_HAS_SANITIZER, 0, 0, 0);
}
