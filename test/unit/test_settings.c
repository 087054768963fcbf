/* The configuration file: what it gives, and that every mistake is named. */
#include "daemon/settings.h"

#include "base/error.h"

#include <glib/gstdio.h>
#include <string.h>

#define GOOD                                                                                       \
    "[server]\nhostname = MX.example.com\ndatabase = sqlite:/tmp/x.db\n"                           \
    "[smtp]\ndomains = ingest.example.com, Calls.Example.org\n"

static struct settings *load(const char *text, GError **error)
{
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("callmx-XXXXXX.conf", &path, NULL);
    g_assert_cmpint(fd, >=, 0);
    g_close(fd, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    struct settings *settings = settings_load(path, error);
    g_unlink(path);
    return settings;
}

static void test_defaults(void)
{
    g_autoptr(GError) error = NULL;
    AUTO(settings) settings = load(GOOD, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(settings->hostname, ==, "mx.example.com");
    g_assert_cmpstr(settings->domains[1], ==, "calls.example.org");
    g_assert_cmpstr(settings->listen[1], ==, "[::]:25");
    g_assert_cmpint(settings->max_message_size, ==, 100 << 20);
    g_assert_cmpint(settings->command_timeout, ==, 300);
    g_assert_cmpint(settings->raw_retention, ==, 30 * 86400);
    g_assert_false(settings->reject_bad);
    g_assert_cmpstr(settings->log_level, ==, "info");
    g_assert_false(settings->chunking);
    g_assert_false(settings->normalize_newlines);
    g_assert_cmpuint(settings->proxy_from->len, ==, 0);
    g_assert_cmpint(settings->min_free_space, ==, 64 << 20);
    g_assert_cmpint(settings->max_messages, ==, 1000);
    g_assert_cmpint(settings->max_rcpt_errors_per_hour, ==, 200);
    g_assert_cmpint(settings->greeting_delay, ==, 0);
    g_assert_cmpint(settings->rcpt_delay, ==, 1);
    g_assert_cmpint(settings->handshake_timeout, ==, 15);
    g_assert_null(settings->tls_certificate);
    g_assert_null(settings->tls_key);
    g_assert_false(settings->require_tls);
}

static void test_tls(void)
{
    g_autoptr(GError) error = NULL;
    AUTO(settings)
    settings = load(GOOD "bare-newline = normalize\nchunking = yes\n"
                         "proxy-from = 192.0.2.0/24, 2001:db8::1\n"
                         "[tls]\ncertificate = /etc/a.pem, /etc/b.pem\n"
                         "key = /etc/a.key, /etc/b.key\nrequire-tls = yes\n",
                    &error);
    g_assert_no_error(error);
    g_assert_true(settings->chunking && settings->normalize_newlines && settings->require_tls);
    g_assert_cmpuint(settings->proxy_from->len, ==, 2);
    g_assert_cmpuint(g_array_index(settings->proxy_from, struct address_range, 0).bits, ==, 24);
    g_assert_cmpstr(settings->tls_certificate[1], ==, "/etc/b.pem");
    g_assert_cmpstr(settings->tls_key[0], ==, "/etc/a.key");
    g_assert_null(settings->tls_key[2]);
}

static void test_http(void)
{
    g_autoptr(GError) error = NULL;
    AUTO(settings) none = load(GOOD, &error);
    g_assert_no_error(error);
    g_assert_null(none->http_listen);
    g_assert_null(settings_public_url(none));
    g_assert_null(settings_http_listen(none));
    g_assert_cmpint(none->http_head_timeout, ==, 15);
    g_assert_cmpint(none->http_idle_timeout, ==, 60);
    g_assert_cmpint(none->http_body_min_rate, ==, 500);
    g_assert_true(none->metrics_agencies);
    AUTO(settings)
    some = load(GOOD "[http]\nlisten = 127.0.0.1:8080, [::1]:8080\nproxy-from = 127.0.0.1\n"
                     "[mailgun]\nsigning-key-file = /etc/callmx/mailgun.key\n",
                &error);
    g_assert_no_error(error);
    g_autofree char *own = settings_public_url(some);
    g_assert_cmpstr(own, ==, "http://127.0.0.1:8080");
    g_autofree char *listen = settings_http_listen(some);
    g_assert_cmpstr(listen, ==, "127.0.0.1:8080,[::1]:8080");
    g_assert_cmpstr(some->mailgun_key_file[0], ==, "/etc/callmx/mailgun.key");
    AUTO(settings)
    tls = load(GOOD "[http]\nlisten-tls = 0.0.0.0:443\npublic-url = https://calls.example.com/x//\n"
                    "[tls]\ncertificate = /a\nkey = /b\n",
               &error);
    g_assert_no_error(error);
    g_autofree char *url = settings_public_url(tls);
    g_assert_cmpstr(url, ==, "https://calls.example.com/x");
    static const char *const bad[] = {
        "[http]\nlisten = localhost:80\n",      "[http]\nlisten-tls = 0.0.0.0:443\n",
        "[http]\npublic-url = calls.example\n", "[http]\npublic-url = https://a?b\n",
        "[http]\npublic-url = https://\n",      "[http]\nhead-timeout = 0\n",
        "[mailgun]\nsigning-key-file = key\n",  "[mailgun]\nsigning-key-file = /a, /b\n",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *text = g_strconcat(GOOD, bad[i], NULL);
        g_assert_null(load(text, &error));
        g_assert_nonnull(error);
        g_clear_error(&error);
    }
}

static void test_references(void)
{
    struct settings *settings = load(GOOD, NULL);
    g_assert_true(settings_ref(settings) == settings);
    settings_unref(settings);
    g_assert_cmpstr(settings->hostname, ==, "mx.example.com");
    settings_unref(settings);
    settings_unref(NULL);
}

static void test_units(void)
{
    g_autoptr(GError) error = NULL;
    AUTO(settings)
    settings = load(GOOD "listen = 127.0.0.1:2525, [::1]:2525\n"
                         "max-message-size = 3m\ncommand-timeout = 2h\n"
                         "bad-report = reject\n[parser]\nmemory=1G\nprocesses=3\n"
                         "deadline = 90\n[log]\nlevel=debug\n[retention]\nraw=7d\n",
                    &error);
    g_assert_no_error(error);
    g_assert_cmpint(settings->max_message_size, ==, 3 << 20);
    g_assert_cmpint(settings->command_timeout, ==, 7200);
    g_assert_cmpint(settings->parser_memory, ==, 1 << 30);
    g_assert_cmpint(settings->parser_processes, ==, 3);
    g_assert_cmpint(settings->parser_deadline, ==, 90);
    g_assert_cmpint(settings->raw_retention, ==, 7 * 86400);
    g_assert_true(settings->reject_bad);
}

static void test_text_gives_the_same(void)
{
    g_autoptr(GError) error = NULL;
    AUTO(settings)
    first = load(GOOD "bad-report = reject\nbare-newline = normalize\n"
                      "proxy-from = 2001:db8::/32, 192.0.2.1\n"
                      "[tls]\ncertificate = /a, /b\nkey = /c, /d\nrequire-tls = yes\n",
                 &error);
    g_assert_no_error(error);
    g_autofree char *text = settings_text(first);
    AUTO(settings) second = load(text, &error);
    g_assert_no_error(error);
    g_autofree char *again = settings_text(second);
    g_assert_cmpstr(text, ==, again);
}

/* Each mistake, and the words that must stand in the error. */
static const struct {
    const char *text, *words;
} mistakes[] = {
    {"[server]\nhostname = a.example\n[smtp]\ndomains = a.example\n", "\"database\""},
    {GOOD "[sever]\n", "[sever]"},
    {GOOD "max-mesage-size = 1M\n", "\"max-mesage-size\""},
    {GOOD "max-message-size = 1T\n", "max-message-size = 1T"},
    {GOOD "max-message-size = 1\n", "max-message-size = 1"},
    {GOOD "max-message-size = -1M\n", "a number is expected"},
    {GOOD "max-message-size = 99999999999999999999G\n", "too large"},
    {GOOD "command-timeout = 5 m\n", "command-timeout"},
    {GOOD "max-errors = 5K\n", "bare number"},
    {GOOD "bad-report = maybe\n", "accept or reject"},
    {GOOD "listen = localhost:25\n", "localhost:25"},
    {GOOD "listen = 127.0.0.1\n", "127.0.0.1"},
    {GOOD "listen = 127.0.0.1:0\n", "port"},
    {GOOD "listen = 127.0.0.1:70000\n", "port"},
    {GOOD "listen = ::1:25\n", "::1:25"},
    {GOOD "domains = b.example\n", "given twice"},
    {GOOD "[log]\nlevel = loud\n", "level = loud"},
    {GOOD "message-memory = 1M\n", "message-memory"},
    {GOOD "[parser]\nprocesses = 1000\n", "processes"},
    {"[server]\nhostname = a b\ndatabase=sqlite:/x\n[smtp]\ndomains=a.example\n", "hostname"},
    {"[server]\nhostname = a.example\ndatabase=postgres://x\n[smtp]\ndomains=a.example\n",
     "sqlite:/path"},
    {"[server]\nhostname = a.example\ndatabase=sqlite:/x\n[smtp]\ndomains=a..example\n",
     "a..example"},
    {"hostname = a\n", ""},
    {GOOD "chunking = maybe\n", "no or yes"},
    {GOOD "bare-newline = accept\n", "reject or normalize"},
    {GOOD "proxy-from = proxy.example.com\n", "proxy.example.com"},
    {GOOD "proxy-from = 192.0.2.1/24\n", "192.0.2.1/24"},
    {GOOD "greeting-delay = 7\n", "greeting-delay"},
    {GOOD "max-messages = 0\n", "max-messages"},
    {GOOD "[tls]\ncertificate = /a\n", "each needs its own"},
    {GOOD "[tls]\nkey = /a\n", "each needs its own"},
    {GOOD "[tls]\ncertificate = /a, /b\nkey = /a\n", "2 files, key 1"},
    {GOOD "[tls]\ncertificate = a.pem\nkey = /a\n", "a.pem"},
    {GOOD "[tls]\nrequire-tls = yes\n", "needs a certificate"},
};

static void test_mistakes(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(load(mistakes[i].text, &error));
        g_assert_nonnull(error);
        g_test_message("%s", error->message);
        g_assert_false(error_is_temp(error));
        g_assert_nonnull(strstr(error->message, mistakes[i].words));
    }
}

static void test_absent(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(settings_load("/nonexistent/callmx.conf", &error));
    g_assert_nonnull(strstr(error->message, "/nonexistent/callmx.conf"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/settings/defaults", test_defaults);
    g_test_add_func("/settings/units", test_units);
    g_test_add_func("/settings/tls", test_tls);
    g_test_add_func("/settings/http", test_http);
    g_test_add_func("/settings/references", test_references);
    g_test_add_func("/settings/text", test_text_gives_the_same);
    g_test_add_func("/settings/mistakes", test_mistakes);
    g_test_add_func("/settings/absent", test_absent);
    return g_test_run();
}
