/* Certificates and keys from files: which go together, which have changed, and how mistakes are
 * told. */
#include "daemon/tls.h"

#include "base/error.h"

#include <glib/gstdio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <utime.h>

struct files {
    char *folder;
    char *certificates[3], *keys[3];
};

static void write_pair(const char *certificate, const char *key, const char *name, long days)
{
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    X509 *x509 = X509_new();
    X509_NAME *subject = X509_get_subject_name(x509);
    g_autofree char *alternative = g_strconcat("DNS:", name, NULL);
    X509_EXTENSION *names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, alternative);
    g_assert_true(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                             (const unsigned char *)name, -1, -1, 0) == 1);
    X509_set_version(x509, 2);
    X509_set_issuer_name(x509, subject);
    X509_gmtime_adj(X509_getm_notBefore(x509), -86400L * 100);
    X509_gmtime_adj(X509_getm_notAfter(x509), 86400L * days);
    X509_add_ext(x509, names, -1);
    X509_set_pubkey(x509, pair);
    g_assert_cmpint(X509_sign(x509, pair, EVP_sha256()), >, 0);
    FILE *file = fopen(certificate, "w");
    g_assert_true(PEM_write_X509(file, x509) == 1);
    fclose(file);
    file = fopen(key, "w");
    g_assert_true(PEM_write_PrivateKey(file, pair, NULL, NULL, 0, NULL, NULL) == 1);
    fclose(file);
    X509_EXTENSION_free(names);
    X509_free(x509);
    EVP_PKEY_free(pair);
}

static void set_up(struct files *files, gconstpointer unused)
{
    (void)unused;
    files->folder = g_dir_make_tmp("callmx-XXXXXX", NULL);
    for (int i = 0; i < 2; i++) {
        files->certificates[i] = g_strdup_printf("%s/%d.pem", files->folder, i);
        files->keys[i] = g_strdup_printf("%s/%d.key", files->folder, i);
    }
    write_pair(files->certificates[0], files->keys[0], "mx.example.com", 30);
    write_pair(files->certificates[1], files->keys[1], "*.example.org", -1);
}

static void tear_down(struct files *files, gconstpointer unused)
{
    (void)unused;
    for (int i = 0; i < 2; i++) {
        g_unlink(files->certificates[i]);
        g_unlink(files->keys[i]);
        g_free(files->certificates[i]);
        g_free(files->keys[i]);
    }
    g_assert_cmpint(g_rmdir(files->folder), ==, 0);
    g_free(files->folder);
}

static void test_files(struct files *files, gconstpointer unused)
{
    (void)unused;
    g_autoptr(GError) error = NULL;
    AUTO(tls) tls = tls_new("test", files->certificates, files->keys, &error);
    g_assert_no_error(error);
    const char *file = NULL;
    g_assert_cmpint(tls_expires_at(tls, &file), <, g_get_real_time() / G_USEC_PER_SEC);
    g_assert_cmpstr(file, ==, files->certificates[1]);
    char *fewer[] = {files->certificates[0], NULL}, *others[] = {files->certificates[1], NULL};
    g_assert_true(tls_is_of(tls, files->certificates, files->keys));
    g_assert_false(tls_is_of(tls, fewer, files->keys));
    g_assert_false(tls_is_of(tls, files->certificates, (char *[]){files->keys[0], fewer[0], NULL}));
    AUTO(tls) one = tls_new("test", fewer, files->keys, &error);
    g_assert_no_error(error);
    g_assert_false(tls_is_of(one, others, files->keys));
    g_assert_false(tls_is_of(one, files->certificates, files->keys));
}

static void test_change(struct files *files, gconstpointer unused)
{
    (void)unused;
    AUTO(tls) tls = tls_new("test", files->certificates, files->keys, NULL);
    AUTO(tls) kept = tls_ref(tls);
    g_assert_false(tls_has_changed(tls));
    struct utimbuf times = {.actime = 1, .modtime = 1};
    g_assert_cmpint(g_utime(files->keys[1], &times), ==, 0);
    g_assert_true(tls_has_changed(tls));
    AUTO(tls) again = tls_new("test", files->certificates, files->keys, NULL);
    g_assert_false(tls_has_changed(again));
    g_autofree char *away = g_strconcat(files->certificates[0], ".away", NULL);
    g_assert_cmpint(g_rename(files->certificates[0], away), ==, 0);
    g_assert_true(tls_has_changed(again));
    g_assert_cmpint(g_rename(away, files->certificates[0]), ==, 0);
    g_assert_false(tls_has_changed(again));
    /* A connection outlives what it was made from. */
    SSL *ssl = tls_accept(kept);
    tls_unref(g_steal_pointer(&tls));
    tls_unref(g_steal_pointer(&kept));
    g_assert_cmpint(SSL_version(ssl), >=, TLS1_2_VERSION);
    g_assert_true((SSL_get_options(ssl) & SSL_OP_NO_RENEGOTIATION) != 0);
    g_assert_true((SSL_get_options(ssl) & SSL_OP_NO_COMPRESSION) != 0);
    g_assert_cmpuint(SSL_get_max_early_data(ssl), ==, 0);
    g_assert_cmpint(SSL_get_min_proto_version(ssl), ==, TLS1_2_VERSION);
    SSL_free(ssl);
}

/* Two ends in memory; gives the name of the certificate that the client sees. */
static char *shake_hands(const struct tls *tls, const char *name)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *client = SSL_new(context), *server = tls_accept(tls);
    BIO *one, *other;
    g_assert_true(BIO_new_bio_pair(&one, 0, &other, 0) == 1);
    SSL_set_bio(client, one, one);
    SSL_set_bio(server, other, other);
    g_autofree char *host = g_strdup(name);
    if (host != NULL)
        SSL_set_tlsext_host_name(client, host);
    SSL_set_connect_state(client);
    SSL_set_accept_state(server);
    for (int i = 0; i < 10; i++) {
        SSL_do_handshake(client);
        SSL_do_handshake(server);
    }
    g_assert_true(SSL_is_init_finished(client) && SSL_is_init_finished(server));
    char text[100];
    X509_NAME_get_text_by_NID(X509_get_subject_name(SSL_get0_peer_certificate(client)),
                              NID_commonName, text, sizeof text);
    SSL_free(client);
    SSL_free(server);
    SSL_CTX_free(context);
    return g_strdup(text);
}

static void test_names(struct files *files, gconstpointer unused)
{
    (void)unused;
    static const struct {
        const char *name, *certificate;
    } cases[] = {
        {NULL, "mx.example.com"},
        {"mx.example.com", "mx.example.com"},
        {"MX.example.org", "*.example.org"},
        {"a.b.example.org", "mx.example.com"},
        {"unknown.example", "mx.example.com"},
    };
    AUTO(tls) tls = tls_new("test", files->certificates, files->keys, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *found = shake_hands(tls, cases[i].name);
        g_assert_cmpstr(found, ==, cases[i].certificate);
    }
}

static void test_mistakes(struct files *files, gconstpointer unused)
{
    (void)unused;
    char absent[] = "/nonexistent/mx.pem";
    struct {
        char *certificate, *key;
        const char *words[2];
    } cases[] = {
        {absent, files->keys[0], {"/nonexistent/mx.pem", "No such file"}},
        {files->certificates[0], absent, {"/nonexistent/mx.pem", "No such file"}},
        {files->certificates[0], files->keys[1], {files->keys[1], "not the one"}},
        {files->keys[0], files->keys[0], {files->keys[0], "certificate"}},
        {files->certificates[0], files->certificates[0], {files->certificates[0], "key"}},
        {files->folder, files->keys[0], {files->folder, "no file"}},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        char *certificates[] = {files->certificates[1], cases[i].certificate, NULL};
        char *keys[] = {files->keys[1], cases[i].key, NULL};
        g_assert_null(tls_new("test", certificates, keys, &error));
        g_test_message("%s", error->message);
        g_assert_false(error_is_temp(error));
        g_assert_nonnull(strstr(error->message, cases[i].words[0]));
        g_assert_nonnull(strstr(error->message, cases[i].words[1]));
    }
}

#define ADD(path, test) g_test_add(path, struct files, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/tls/files", test_files);
    ADD("/tls/change", test_change);
    ADD("/tls/names", test_names);
    ADD("/tls/mistakes", test_mistakes);
    return g_test_run();
}
