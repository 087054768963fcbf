/*
 * Limits are set as hard ones: the process cannot raise them again. The order is that of trust:
 * first what forbids new rights, then what takes resources away.
 *
 * It never undoes anything, and is called once, before the first byte of a stranger is looked at.
 */
#include "daemon/sandbox.h"

#include "base/error.h"
#include "base/limits.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static bool limit(int resource, const char *name, rlim_t most, GError **error)
{
    struct rlimit both = {.rlim_cur = most, .rlim_max = most};
    if (setrlimit((__rlimit_resource_t)resource, &both) == 0)
        return true;
    return error_temp(error, "the limit on %s cannot be set: %s", name, g_strerror(errno));
}

bool sandbox_enter(int64_t memory, GError **error)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return error_temp(error, "privileges cannot be given up: %s", g_strerror(errno));
    if (!SANDBOX_HAS_SANITIZER && !limit(RLIMIT_AS, "memory", (rlim_t)memory, error))
        return false;
    return limit(RLIMIT_CORE, "core files", 0, error) && limit(RLIMIT_FSIZE, "files", 0, error) &&
           limit(RLIMIT_NOFILE, "descriptors", LIMIT_PARSER_DESCRIPTORS, error);
}

void sandbox_no_core(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
