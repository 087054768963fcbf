/*
 * The certificates of the settings as one service has them: read when it starts, when it is told
 * to, and when their files change.
 */
#ifndef CALLMX_DAEMON_CERTIFICATES_H
#define CALLMX_DAEMON_CERTIFICATES_H

#include "daemon/settings.h"
#include "daemon/tls.h"

/* *tls: a new reference; `old` again if its files are the same and have not changed; NULL if the
 * settings name none. `service` as in tls_new(). One that has expired is warned of. */
bool certificates_read(const char *service, const struct settings *settings, struct tls *old,
                       struct tls **tls, GError **error);

#endif
