/* See certificates.h. */
#include "daemon/certificates.h"

#include "daemon/log.h"

static void warn_of_expiry(const struct tls *tls)
{
    const char *file = NULL;
    int64_t left = tls_expires_at(tls, &file) - g_get_real_time() / G_USEC_PER_SEC;
    if (left <= 0)
        log_event(LOG_LEVEL_WARNING, "certificate-expired", LOG_TEXT("file", file));
}

bool certificates_read(const char *service, const struct settings *settings, struct tls *old,
                       struct tls **tls, GError **error)
{
    *tls = NULL;
    if (settings->tls_certificate == NULL)
        return true;
    if (old != NULL && tls_is_of(old, settings->tls_certificate, settings->tls_key) &&
        !tls_has_changed(old)) {
        *tls = tls_ref(old);
        return true;
    }
    *tls = tls_new(service, settings->tls_certificate, settings->tls_key, error);
    if (*tls != NULL)
        warn_of_expiry(*tls);
    return *tls != NULL;
}
