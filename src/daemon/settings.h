/*
 * The configuration file, callmx.conf(5). One table in settings.c is parser, default, limits and
 * help of every key at once. An unknown section or key, a value that does not fit, a key given
 * twice: an error that names file, section and key.
 */
#ifndef CALLMX_DAEMON_SETTINGS_H
#define CALLMX_DAEMON_SETTINGS_H

#include "base/auto.h"
#include "daemon/address.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define SETTINGS_DEFAULT_FILE "/etc/callmx/callmx.conf"

/* Durations in seconds, sizes in bytes. Counted by references, which belong to the loop's thread:
 * what began under old settings ends under them. */
struct settings {
    char *hostname; /* [server] hostname */
    char *database; /* "sqlite:/path" */
    char *user;     /* whom root becomes; NULL: nobody else */
    char *group;    /* NULL: the user's own */
    char **listen;  /* [smtp] listen: "127.0.0.1:25", "[::1]:25" */
    char **domains; /* served, lower case */
    int64_t max_message_size;
    int64_t message_memory; /* of all messages under way together */
    bool reject_bad;        /* bad-report = reject */
    bool chunking;
    bool normalize_newlines; /* bare-newline = normalize */
    GArray *proxy_from;      /* of struct address_range */
    int64_t min_free_space;  /* bytes */
    int64_t max_connections;
    int64_t max_connections_per_network;
    int64_t max_rcpt_errors;
    int64_t max_errors;
    int64_t max_junk_commands;
    int64_t max_messages;             /* of one session */
    int64_t max_rcpt_errors_per_hour; /* of one network */
    int64_t greeting_delay;
    int64_t rcpt_delay;
    int64_t handshake_timeout;
    int64_t command_timeout;
    int64_t session_timeout;
    int64_t data_min_rate; /* octets a second */
    int64_t data_grace;
    int64_t parser_processes; /* 0 in the file, or absent: as many as cores */
    int64_t parser_deadline;
    int64_t parser_memory;
    char *log_level; /* error, warning, info, debug */
    int64_t raw_retention;
    char **tls_certificate; /* files; NULL: no TLS. As many as of the next */
    char **tls_key;
    bool require_tls;

    /* [http] */
    char **http_listen;     /* NULL: none */
    char **http_listen_tls; /* NULL: none */
    char *public_url;       /* without a slash at its end; NULL: not said */
    GArray *http_proxy_from;
    bool http_proxy_protocol; /* of those; else X-Forwarded-For */
    int64_t http_max_connections;
    int64_t http_max_connections_per_network;
    int64_t http_max_requests; /* on one connection */
    int64_t http_max_auth_errors_per_hour;
    int64_t http_max_upload_size;
    int64_t http_head_timeout;
    int64_t http_idle_timeout;
    int64_t http_body_min_rate; /* octets a second */
    int64_t http_body_grace;
    char **mailgun_key_file; /* [mailgun] signing-key-file: one; NULL: no mail comes that way */
    char **metrics_listen;   /* [metrics] listen; NULL: none */
    bool metrics_agencies;   /* with a line for each agency */
    gint references;
};

/* NULL and a PERM error if the file cannot be read or is wrong. */
struct settings *settings_load(const char *path, GError **error);
struct settings *settings_ref(struct settings *settings);
void settings_unref(struct settings *settings);
AUTO_DEFINE(settings, settings_unref)

/* Where the HTTP listener is to be found from outside: public-url, else from the address that it
 * listens on. g_free it; NULL where there is no listener. */
char *settings_public_url(const struct settings *settings);

/* The addresses of the HTTP listener, plain and TLS, joined with commas; g_free it; NULL: none. */
char *settings_http_listen(const struct settings *settings);

/* All keys with their values, as a configuration file that would give the same; g_free it. */
char *settings_text(const struct settings *settings);

#endif
