/*
 * Certificates and their keys, read at one moment and good for as many connections as one likes.
 * Reference-counted: sessions under way finish on the certificates they began with, whatever is
 * read later. With base/sha256.c and connection.c the only user of OpenSSL.
 *
 * TLS 1.2 and 1.3, no renegotiation, no compression, no early data (RFC 8996, RFC 9325). Sessions
 * are resumed by tickets that no other service of ours would take.
 */
#ifndef CALLMX_DAEMON_TLS_H
#define CALLMX_DAEMON_TLS_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct tls;
struct ssl_st; /* OpenSSL's SSL */

/* Reads PEM files: each certificate with the chain behind it, and its key; both lists end with
 * NULL and are equally long. A client that names a host (SNI) gets the first certificate that is
 * for it, all others the first of all. `service` keeps tickets of two services apart. NULL and an
 * error that names the file. */
struct tls *tls_new(const char *service, char *const *certificates, char *const *keys,
                    GError **error);
struct tls *tls_ref(struct tls *tls);
void tls_unref(struct tls *tls);
AUTO_DEFINE(tls, tls_unref)

/* Whether it was read from these files. */
bool tls_is_of(const struct tls *tls, char *const *certificates, char *const *keys);

/* Whether one of the files is another than the one that was read: by time, size or inode. */
bool tls_has_changed(const struct tls *tls);

/* The end of the certificate that ends first, utc, and whose file it is (borrowed). */
int64_t tls_expires_at(const struct tls *tls, const char **file);

/* The server's side of a new connection; the caller frees it, or hands it on. */
struct ssl_st *tls_accept(const struct tls *tls);

#endif
