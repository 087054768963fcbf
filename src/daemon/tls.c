/*
 * One SSL_CTX per certificate. The first is the one that connections begin with; when a client
 * names a host, its callback changes to another.
 *
 * It owns the contexts. A key is in memory nowhere else, and no error text has any of it. What is
 * hard: OpenSSL would ask a terminal for the password of a key that has one, so it is told that
 * there is none.
 */
#include "daemon/tls.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What tells a file from another one of the same name. */
struct stamp {
    struct timespec changed;
    off_t size;
    ino_t inode;
};

struct certificate {
    SSL_CTX *context;
    char *files[2]; /* certificate, key */
    struct stamp stamps[2];
    int64_t expires_at;
};

struct tls {
    gint references;
    GArray *certificates; /* of struct certificate */
};

static struct stamp stamp_of(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return (struct stamp){.size = -1};
    return (struct stamp){
        .changed = status.st_mtim, .size = status.st_size, .inode = status.st_ino};
}

static bool is_same(const struct stamp *a, const struct stamp *b)
{
    return a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec &&
           a->size == b->size && a->inode == b->inode;
}

static void certificate_clear(void *data)
{
    struct certificate *certificate = data;
    SSL_CTX_free(certificate->context);
    g_free(certificate->files[0]);
    g_free(certificate->files[1]);
}

/* The reason that OpenSSL gives, and an empty queue of its errors. What the system said comes first
 * in the queue, and is what helps. */
static const char *ssl_reason(void)
{
    unsigned long first = ERR_peek_error(), last = ERR_peek_last_error();
    const char *reason =
        ERR_SYSTEM_ERROR(first) ? g_strerror(ERR_GET_REASON(first)) : ERR_reason_error_string(last);
    ERR_clear_error();
    return reason != NULL ? reason : "unknown reason";
}

static int no_password(char *buffer, int size, int writing, void *context)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

static int choose(SSL *ssl, int *alert, void *context)
{
    (void)alert;
    const struct tls *tls = context;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (name == NULL)
        return SSL_TLSEXT_ERR_NOACK;
    for (guint i = 0; i < tls->certificates->len; i++) {
        SSL_CTX *other = g_array_index(tls->certificates, struct certificate, i).context;
        if (X509_check_host(SSL_CTX_get0_certificate(other), name, 0, 0, NULL) == 1) {
            SSL_set_SSL_CTX(ssl, other);
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *make_context(const char *service)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    g_assert(context != NULL);
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_max_early_data(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_session_id_context(context, (const unsigned char *)service,
                                   (unsigned)strlen(service));
    SSL_CTX_set_default_passwd_cb(context, no_password);
    return context;
}

/* Where the system refuses a file, OpenSSL knows no reason. */
static bool is_readable(const char *what, const char *path, GError **error)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        error_perm(error, "the %s %s cannot be read: %s", what, path,
                   fd < 0 ? g_strerror(errno) : "it is no file");
        if (fd >= 0)
            close(fd);
        return false;
    }
    close(fd);
    return true;
}

static bool load(struct certificate *certificate, GError **error)
{
    SSL_CTX *context = certificate->context;
    struct tm until;
    if (!is_readable("certificate", certificate->files[0], error) ||
        !is_readable("key", certificate->files[1], error))
        return false;
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context, certificate->files[0]) != 1)
        return error_perm(error, "the certificate %s cannot be read: %s", certificate->files[0],
                          ssl_reason());
    if (SSL_CTX_use_PrivateKey_file(context, certificate->files[1], SSL_FILETYPE_PEM) != 1)
        return error_perm(error,
                          "the key %s cannot be read, or is not the one of the certificate %s: %s",
                          certificate->files[1], certificate->files[0], ssl_reason());
    if (SSL_CTX_check_private_key(context) != 1)
        return error_perm(error, "the key %s is not the one of the certificate %s: %s",
                          certificate->files[1], certificate->files[0], ssl_reason());
    if (ASN1_TIME_to_tm(X509_get0_notAfter(SSL_CTX_get0_certificate(context)), &until) == 1)
        certificate->expires_at = timegm(&until);
    return true;
}

struct tls *tls_new(const char *service, char *const *certificates, char *const *keys,
                    GError **error)
{
    AUTO(tls) tls = g_new0(struct tls, 1);
    tls->references = 1;
    tls->certificates = g_array_new(FALSE, TRUE, sizeof(struct certificate));
    g_array_set_clear_func(tls->certificates, certificate_clear);
    for (size_t i = 0; certificates[i] != NULL; i++) {
        struct certificate one = {.context = make_context(service),
                                  .files = {g_strdup(certificates[i]), g_strdup(keys[i])}};
        for (size_t f = 0; f < G_N_ELEMENTS(one.files); f++)
            one.stamps[f] = stamp_of(one.files[f]);
        bool loaded = load(&one, error);
        g_array_append_val(tls->certificates, one);
        if (!loaded)
            return NULL;
    }
    SSL_CTX *first = g_array_index(tls->certificates, struct certificate, 0).context;
    SSL_CTX_set_tlsext_servername_callback(first, choose);
    SSL_CTX_set_tlsext_servername_arg(first, tls);
    return g_steal_pointer(&tls);
}

struct tls *tls_ref(struct tls *tls)
{
    g_atomic_int_inc(&tls->references);
    return tls;
}

void tls_unref(struct tls *tls)
{
    if (tls == NULL || !g_atomic_int_dec_and_test(&tls->references))
        return;
    g_array_unref(tls->certificates);
    g_free(tls);
}

bool tls_is_of(const struct tls *tls, char *const *certificates, char *const *keys)
{
    guint i = 0;
    for (; i < tls->certificates->len && certificates[i] != NULL; i++) {
        const struct certificate *one = &g_array_index(tls->certificates, struct certificate, i);
        if (strcmp(one->files[0], certificates[i]) != 0 || strcmp(one->files[1], keys[i]) != 0)
            return false;
    }
    return i == tls->certificates->len && certificates[i] == NULL;
}

bool tls_has_changed(const struct tls *tls)
{
    for (guint i = 0; i < tls->certificates->len; i++) {
        const struct certificate *one = &g_array_index(tls->certificates, struct certificate, i);
        for (size_t f = 0; f < G_N_ELEMENTS(one->files); f++) {
            struct stamp now = stamp_of(one->files[f]);
            if (!is_same(&now, &one->stamps[f]))
                return true;
        }
    }
    return false;
}

int64_t tls_expires_at(const struct tls *tls, const char **file)
{
    int64_t first = INT64_MAX;
    for (guint i = 0; i < tls->certificates->len; i++) {
        const struct certificate *one = &g_array_index(tls->certificates, struct certificate, i);
        if (one->expires_at >= first)
            continue;
        first = one->expires_at;
        *file = one->files[0];
    }
    return first;
}

struct ssl_st *tls_accept(const struct tls *tls)
{
    SSL *ssl = SSL_new(g_array_index(tls->certificates, struct certificate, 0).context);
    g_assert(ssl != NULL);
    return ssl;
}
