/*
 * The two classes of error that every layer of callmx reports, because they are SMTP's own
 * question: may the peer try again?
 *
 *   TEMP  ours: disk, database, memory ceiling, shutting down. Trying again can help. (4yz)
 *   PERM  theirs: the bytes, the name, the key. Trying the same again never helps. (5yz)
 *
 * The text of an error is a whole sentence fragment that can be shown to a person as it is: it
 * names the thing and what is wrong with it, without a newline and without the name of a C
 * function. A function that returns an error does not log it; only daemon and ctl log.
 */
#ifndef CALLMX_BASE_ERROR_H
#define CALLMX_BASE_ERROR_H

#include <glib.h>
#include <stdbool.h>

#define CALLMX_ERROR (error_quark())

enum error_class {
    ERROR_TEMP,
    ERROR_PERM,
};

GQuark error_quark(void);

/* Both set *error (NULL is fine) and return false, so that a caller can
 * `return error_perm(error, "…")`. */
bool error_temp(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
bool error_perm(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* True for an error of our domain in class TEMP, and for any error of another domain: what we
 * do not know is our fault, not the peer's. */
bool error_is_temp(const GError *error);

#endif
