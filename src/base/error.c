/*
 * The two classes of error as codes of one GError domain. It owns the domain's quark and nothing
 * else, and never writes to a log: whoever has the error decides whether it is told, and to whom.
 * An error of a domain that is not ours counts as ours, TEMP: a peer must not lose a mail for a
 * fault that we cannot name.
 */
#include "base/error.h"

G_DEFINE_QUARK(callmx_error, error)

static void G_GNUC_PRINTF(3, 0)
    set(GError **error, enum error_class class, const char *format, va_list args)
{
    if (error != NULL)
        *error = g_error_new_valist(CALLMX_ERROR, (gint) class, format, args);
}

bool error_temp(GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set(error, ERROR_TEMP, format, args);
    va_end(args);
    return false;
}

bool error_perm(GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set(error, ERROR_PERM, format, args);
    va_end(args);
    return false;
}

bool error_is_temp(const GError *error)
{
    return error->domain != CALLMX_ERROR || error->code == (gint)ERROR_TEMP;
}
