/*
 * The configuration file: one table says of each key what it is, what it may be and what it is
 * when nobody says. GLib's key files do the reading; this file does the checking, and never
 * guesses: what it does not know is an error with the name of the thing in it.
 */
#include "daemon/settings.h"

#include "base/error.h"
#include "base/limits.h"

#include <string.h>

enum setting_kind {
    KIND_HOSTNAME,   /* char *: a domain name */
    KIND_DATABASE,   /* char *: scheme:rest */
    KIND_LISTEN,     /* char **: addresses with ports */
    KIND_LISTEN_IF,  /* the same; NULL: none */
    KIND_URL,        /* char *: http:// or https://; NULL: none is given */
    KIND_FILE,       /* char **: one path from the root; NULL: none is given */
    KIND_DOMAINS,    /* char **: domain names, made lower case */
    KIND_SIZE,       /* int64_t: bytes, with K, M or G (powers of 1024) */
    KIND_TIME,       /* int64_t: seconds, with s, m, h or d */
    KIND_COUNT,      /* int64_t */
    KIND_BAD_REPORT, /* bool: accept or reject */
    KIND_LEVEL,      /* char *: a log level */
    KIND_ACCOUNT,    /* char *: a user or a group; NULL: none is given */
    KIND_FILES,      /* char **: paths from the root; NULL: none are given */
    KIND_RANGES,     /* GArray *: of struct address_range */
    KIND_NEWLINE,    /* bool: reject or normalize */
    KIND_YES_NO,     /* bool */
};

struct setting {
    const char *section, *key;
    enum setting_kind kind;
    size_t offset;
    const char *fallback; /* as it would stand in the file; NULL: the key must be given */
    int64_t number;       /* the default of a number without a fallback text */
    int64_t least, most;
};

#define AT(field) offsetof(struct settings, field)

static const struct setting table[] = {
    {"server", "hostname", KIND_HOSTNAME, AT(hostname), NULL, 0, 0, 0},
    {"server", "database", KIND_DATABASE, AT(database), NULL, 0, 0, 0},
    {"server", "user", KIND_ACCOUNT, AT(user), "", 0, 0, 0},
    {"server", "group", KIND_ACCOUNT, AT(group), "", 0, 0, 0},
    {"smtp", "listen", KIND_LISTEN, AT(listen), "0.0.0.0:25, [::]:25", 0, 0, 0},
    {"smtp", "domains", KIND_DOMAINS, AT(domains), NULL, 0, 0, 0},
    {"smtp", "max-message-size", KIND_SIZE, AT(max_message_size), "", DEFAULT_SMTP_MESSAGE_SIZE,
     64 * KIB, 512 * MIB},
    {"smtp", "message-memory", KIND_SIZE, AT(message_memory), "", DEFAULT_SMTP_MESSAGE_MEMORY,
     64 * KIB, INT64_MAX},
    {"smtp", "bad-report", KIND_BAD_REPORT, AT(reject_bad), "accept", 0, 0, 0},
    {"smtp", "chunking", KIND_YES_NO, AT(chunking), "no", 0, 0, 0},
    {"smtp", "bare-newline", KIND_NEWLINE, AT(normalize_newlines), "reject", 0, 0, 0},
    {"smtp", "proxy-from", KIND_RANGES, AT(proxy_from), "none", 0, 0, 0},
    {"smtp", "min-free-space", KIND_SIZE, AT(min_free_space), "", DEFAULT_MIN_FREE_SPACE, 0,
     INT64_MAX},
    {"smtp", "max-connections", KIND_COUNT, AT(max_connections), "", DEFAULT_SMTP_CONNECTIONS, 1,
     1000000},
    {"smtp", "max-connections-per-network", KIND_COUNT, AT(max_connections_per_network), "",
     DEFAULT_SMTP_PER_NETWORK, 1, 1000000},
    {"smtp", "max-rcpt-errors", KIND_COUNT, AT(max_rcpt_errors), "", DEFAULT_SMTP_RCPT_ERRORS, 0,
     1000000},
    {"smtp", "max-errors", KIND_COUNT, AT(max_errors), "", DEFAULT_SMTP_ERRORS, 0, 1000000},
    {"smtp", "max-junk-commands", KIND_COUNT, AT(max_junk_commands), "", DEFAULT_SMTP_JUNK_COMMANDS,
     0, 1000000},
    {"smtp", "max-messages", KIND_COUNT, AT(max_messages), "", DEFAULT_SMTP_MESSAGES, 1, 1000000},
    {"smtp", "max-rcpt-errors-per-hour", KIND_COUNT, AT(max_rcpt_errors_per_hour), "",
     DEFAULT_SMTP_RCPT_ERRORS_PER_HOUR, 1, 1000000},
    {"smtp", "greeting-delay", KIND_TIME, AT(greeting_delay), "", 0, 0, LIMIT_SMTP_GREETING_DELAY},
    {"smtp", "rcpt-delay", KIND_TIME, AT(rcpt_delay), "", DEFAULT_SMTP_RCPT_DELAY, 0, 60},
    {"smtp", "handshake-timeout", KIND_TIME, AT(handshake_timeout), "",
     DEFAULT_SMTP_HANDSHAKE_TIMEOUT, 1, 300},
    {"smtp", "command-timeout", KIND_TIME, AT(command_timeout), "", DEFAULT_SMTP_COMMAND_TIMEOUT, 1,
     86400},
    {"smtp", "session-timeout", KIND_TIME, AT(session_timeout), "", DEFAULT_SMTP_SESSION_TIMEOUT, 1,
     86400},
    {"smtp", "data-min-rate", KIND_SIZE, AT(data_min_rate), "", DEFAULT_SMTP_DATA_MIN_RATE, 0, MIB},
    {"smtp", "data-grace", KIND_TIME, AT(data_grace), "", DEFAULT_SMTP_DATA_GRACE, 1, 3600},
    {"parser", "processes", KIND_COUNT, AT(parser_processes), "", 0, 0, LIMIT_PARSER_PROCESSES},
    {"parser", "deadline", KIND_TIME, AT(parser_deadline), "", DEFAULT_PARSER_DEADLINE, 1, 300},
    {"parser", "memory", KIND_SIZE, AT(parser_memory), "", DEFAULT_PARSER_MEMORY, 64 * MIB,
     INT64_MAX},
    {"log", "level", KIND_LEVEL, AT(log_level), "info", 0, 0, 0},
    {"retention", "raw", KIND_TIME, AT(raw_retention), "", DEFAULT_RAW_RETENTION, 0,
     INT64_C(36500) * 86400},
    {"tls", "certificate", KIND_FILES, AT(tls_certificate), "", 0, 0, 0},
    {"tls", "key", KIND_FILES, AT(tls_key), "", 0, 0, 0},
    {"tls", "require-tls", KIND_YES_NO, AT(require_tls), "no", 0, 0, 0},
    {"http", "listen", KIND_LISTEN_IF, AT(http_listen), "none", 0, 0, 0},
    {"http", "listen-tls", KIND_LISTEN_IF, AT(http_listen_tls), "none", 0, 0, 0},
    {"http", "public-url", KIND_URL, AT(public_url), "", 0, 0, 0},
    {"http", "proxy-from", KIND_RANGES, AT(http_proxy_from), "none", 0, 0, 0},
    {"http", "proxy-protocol", KIND_YES_NO, AT(http_proxy_protocol), "no", 0, 0, 0},
    {"http", "max-connections", KIND_COUNT, AT(http_max_connections), "", DEFAULT_HTTP_CONNECTIONS,
     1, 1000000},
    {"http", "max-connections-per-network", KIND_COUNT, AT(http_max_connections_per_network), "",
     DEFAULT_HTTP_PER_NETWORK, 1, 1000000},
    {"http", "max-requests", KIND_COUNT, AT(http_max_requests), "", DEFAULT_HTTP_REQUESTS, 1,
     1000000000},
    {"http", "max-auth-errors-per-hour", KIND_COUNT, AT(http_max_auth_errors_per_hour), "",
     DEFAULT_HTTP_AUTH_ERRORS_PER_HOUR, 1, 1000000},
    {"http", "max-upload-size", KIND_SIZE, AT(http_max_upload_size), "", DEFAULT_HTTP_UPLOAD_SIZE,
     64 * KIB, 512 * MIB},
    {"http", "head-timeout", KIND_TIME, AT(http_head_timeout), "", DEFAULT_HTTP_HEAD_TIMEOUT, 1,
     3600},
    {"http", "idle-timeout", KIND_TIME, AT(http_idle_timeout), "", DEFAULT_HTTP_IDLE_TIMEOUT, 1,
     86400},
    {"http", "body-min-rate", KIND_SIZE, AT(http_body_min_rate), "", DEFAULT_HTTP_BODY_MIN_RATE, 0,
     MIB},
    {"http", "body-grace", KIND_TIME, AT(http_body_grace), "", DEFAULT_HTTP_BODY_GRACE, 1, 3600},
    {"mailgun", "signing-key-file", KIND_FILE, AT(mailgun_key_file), "", 0, 0, 0},
    {"metrics", "listen", KIND_LISTEN_IF, AT(metrics_listen), "none", 0, 0, 0},
    {"metrics", "agencies", KIND_YES_NO, AT(metrics_agencies), "yes", 0, 0, 0},
};

/* Why a value does not fit: a sentence fragment behind "section.key = value: ". */
static bool unfit(GError **error, const char *what)
{
    return error_perm(error, "%s", what);
}

static bool is_domain_name(const char *text)
{
    size_t length = strlen(text);
    return length > 0 && length <= LIMIT_SMTP_DOMAIN && text[0] != '.' && text[length - 1] != '.' &&
           strstr(text, "..") == NULL &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-.") == length;
}

/* As useradd(8) takes them: a number would be a guess at somebody's name. */
static bool is_account(const char *text)
{
    size_t length = strlen(text);
    return length > 0 && length <= 32 && (g_ascii_islower(text[0]) || text[0] == '_') &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_") == length;
}

static bool read_number(const char *text, const char *units, const int64_t *factors,
                        const struct setting *setting, int64_t *number, GError **error)
{
    char *end = NULL;
    if (!g_ascii_isdigit(text[0]))
        return unfit(error, "a number is expected");
    guint64 value = g_ascii_strtoull(text, &end, 10);
    int64_t factor = 1;
    if (*end != '\0') {
        const char *unit = strchr(units, g_ascii_toupper(*end));
        if (unit == NULL || end[1] != '\0') {
            if (units[0] == '\0')
                return unfit(error, "a bare number is expected");
            return error_perm(error, "the unit \"%s\" is none of %s", end,
                              units[0] == 'K' ? "K, M, G" : "s, m, h, d");
        }
        factor = factors[unit - units];
    }
    if (value > (guint64)(INT64_MAX / factor))
        return unfit(error, "the number is too large");
    *number = (int64_t)value * factor;
    if (*number < setting->least || *number > setting->most)
        return error_perm(error, "it must be from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                          setting->least, setting->most);
    return true;
}

/* host:port or [v6]:port, both numeric: the socket layer reads it again, this is for -t. */
static bool check_listen(const char *item, GError **error)
{
    const char *colon = strrchr(item, ':');
    if (colon == NULL || colon == item)
        return error_perm(error, "\"%s\" is not address:port", item);
    char *end = NULL;
    guint64 port = g_ascii_strtoull(colon + 1, &end, 10);
    if (!g_ascii_isdigit(colon[1]) || *end != '\0' || port == 0 || port > 65535)
        return error_perm(error, "\"%s\" has no port from 1 to 65535", item);
    g_autofree char *host = g_strndup(item, (gsize)(colon - item));
    size_t length = strlen(host);
    if (host[0] == '[' && host[length - 1] == ']') {
        host[length - 1] = '\0';
        if (!g_hostname_is_ip_address(host + 1) || strchr(host, ':') == NULL)
            return error_perm(error, "\"%s\" has no IPv6 address in its brackets", item);
    } else if (!g_hostname_is_ip_address(host) || strchr(host, ':') != NULL) {
        return error_perm(error, "\"%s\" must begin with a numeric address ([…] for IPv6)", item);
    }
    return true;
}

static bool read_ranges(const char *text, GArray **ranges, GError **error)
{
    g_autoptr(GArray) read = g_array_new(FALSE, FALSE, sizeof(struct address_range));
    g_auto(GStrv) items = g_strsplit(text, ",", -1);
    for (char **item = items; *item != NULL && strcmp(text, "none") != 0; item++) {
        struct address_range range;
        if (!address_range_parse(g_strstrip(*item), &range, error))
            return false;
        g_array_append_val(read, range);
    }
    *ranges = g_steal_pointer(&read);
    return true;
}

/* One of two words. */
static bool read_choice(const char *text, const char *no, const char *yes, bool *place,
                        GError **error)
{
    if (strcmp(text, no) != 0 && strcmp(text, yes) != 0)
        return error_perm(error, "it must be %s or %s", no, yes);
    *place = strcmp(text, yes) == 0;
    return true;
}

static bool read_list(enum setting_kind kind, const char *text, char ***list, GError **error)
{
    g_auto(GStrv) items = g_strsplit(text, ",", -1);
    for (char **item = items; *item != NULL; item++) {
        g_strstrip(*item);
        if (kind == KIND_FILES || kind == KIND_FILE) {
            if (!g_path_is_absolute(*item))
                return error_perm(error, "\"%s\" is no path from the root", *item);
            continue;
        }
        if (kind == KIND_LISTEN || kind == KIND_LISTEN_IF) {
            if (!check_listen(*item, error))
                return false;
            continue;
        }
        for (char *c = *item; *c != '\0'; c++)
            *c = g_ascii_tolower(*c);
        if (!is_domain_name(*item))
            return error_perm(error, "\"%s\" is not a domain name", *item);
    }
    if (items[0] == NULL)
        return unfit(error, "the list is empty");
    if (kind == KIND_FILE && items[1] != NULL)
        return unfit(error, "it must be one path");
    *list = g_steal_pointer(&items);
    return true;
}

/* http://host[:port][/path]: what stands before a path of ours. */
static bool read_url(const char *text, char **url, GError **error)
{
    const char *host = g_str_has_prefix(text, "https://")  ? text + strlen("https://")
                       : g_str_has_prefix(text, "http://") ? text + strlen("http://")
                                                           : NULL;
    if (host == NULL || !g_ascii_isalnum(host[host[0] == '[']) || strpbrk(text, "?#\"<> ") != NULL)
        return unfit(error,
                     "it must be http://host or https://host, with a port or a path if wanted");
    *url = g_strdup(text);
    for (size_t end = strlen(*url); (*url)[end - 1] == '/'; end--)
        (*url)[end - 1] = '\0';
    return true;
}

static bool read_value(const struct setting *setting, const char *text, void *place, GError **error)
{
    static const int64_t sizes[] = {KIB, MIB, 1024 * MIB};
    static const int64_t times[] = {1, 60, 3600, 86400};
    switch (setting->kind) {
    case KIND_HOSTNAME: {
        g_autofree char *lower = g_ascii_strdown(text, -1);
        if (!is_domain_name(lower))
            return unfit(error, "this is not a domain name");
        *(char **)place = g_steal_pointer(&lower);
        return true;
    }
    case KIND_DATABASE:
        if (!g_str_has_prefix(text, "sqlite:") || strlen(text) == strlen("sqlite:"))
            return unfit(error, "it must be sqlite:/path/to/file");
        *(char **)place = g_strdup(text);
        return true;
    case KIND_LISTEN_IF:
        if (strcmp(text, "none") == 0)
            return true;
        return read_list(setting->kind, text, place, error);
    case KIND_LISTEN:
    case KIND_DOMAINS:
    case KIND_FILES:
    case KIND_FILE:
        return read_list(setting->kind, text, place, error);
    case KIND_URL:
        return read_url(text, place, error);
    case KIND_SIZE:
        return read_number(text, "KMG", sizes, setting, place, error);
    case KIND_TIME:
        return read_number(text, "SMHD", times, setting, place, error);
    case KIND_COUNT:
        return read_number(text, "", NULL, setting, place, error);
    case KIND_BAD_REPORT:
        return read_choice(text, "accept", "reject", place, error);
    case KIND_NEWLINE:
        return read_choice(text, "reject", "normalize", place, error);
    case KIND_YES_NO:
        return read_choice(text, "no", "yes", place, error);
    case KIND_RANGES:
        return read_ranges(text, place, error);
    case KIND_ACCOUNT:
        if (!is_account(text))
            return unfit(error, "this is not the name of a user or a group");
        *(char **)place = g_strdup(text);
        return true;
    case KIND_LEVEL: {
        static const char *const levels[] = {"error", "warning", "info", "debug", NULL};
        if (!g_strv_contains(levels, text))
            return unfit(error, "it must be error, warning, info or debug");
        *(char **)place = g_strdup(text);
        return true;
    }
    }
    g_assert_not_reached();
}

static const struct setting *find_setting(const char *section, const char *key)
{
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
        if (strcmp(table[i].section, section) == 0 && strcmp(table[i].key, key) == 0)
            return &table[i];
    return NULL;
}

static bool has_section(const char *section)
{
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
        if (strcmp(table[i].section, section) == 0)
            return true;
    return false;
}

static bool check_names(GKeyFile *file, const char *path, GError **error)
{
    g_auto(GStrv) sections = g_key_file_get_groups(file, NULL);
    for (char **section = sections; *section != NULL; section++) {
        if (!has_section(*section))
            return error_perm(error, "%s: there is no section [%s]", path, *section);
        g_auto(GStrv) keys = g_key_file_get_keys(file, *section, NULL, NULL);
        for (char **key = keys; *key != NULL; key++)
            if (find_setting(*section, *key) == NULL)
                return error_perm(error, "%s: there is no key \"%s\" in section [%s]", path, *key,
                                  *section);
    }
    return true;
}

/* GLib keeps the last of two values in silence; two values are a question we cannot answer. */
static bool check_twice(const char *text, const char *path, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *section = g_strdup("");
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        g_strstrip(*line);
        char *equals = strchr(*line, '=');
        if ((*line)[0] == '[') {
            g_free(section);
            section = g_strdup(*line);
        } else if ((*line)[0] != '#' && equals != NULL) {
            *equals = '\0';
            g_strchomp(*line);
            if (!g_hash_table_add(seen, g_strdup_printf("%s %s", section, *line)))
                return error_perm(error, "%s: the key \"%s\" in section %s is given twice", path,
                                  *line, section);
        }
    }
    return true;
}

/* What is not given stays NULL. */
static bool is_optional(enum setting_kind kind)
{
    return kind == KIND_ACCOUNT || kind == KIND_FILES || kind == KIND_FILE || kind == KIND_URL;
}

static bool fill(struct settings *settings, const struct setting *setting, GKeyFile *file,
                 const char *path, GError **error)
{
    void *place = (char *)settings + setting->offset;
    g_autofree char *text = g_key_file_get_value(file, setting->section, setting->key, NULL);
    if (text == NULL && setting->fallback == NULL)
        return error_perm(error, "%s: the key \"%s\" in section [%s] is missing", path,
                          setting->key, setting->section);
    if (text == NULL && is_optional(setting->kind))
        return true;
    if (text == NULL && setting->fallback[0] == '\0') {
        *(int64_t *)place = setting->number;
        return true;
    }
    const char *value = text != NULL ? g_strstrip(text) : setting->fallback;
    g_autoptr(GError) why = NULL;
    if (!read_value(setting, value, place, &why))
        return error_perm(error, "%s: [%s] %s = %s: %s", path, setting->section, setting->key,
                          value, why->message);
    return true;
}

static bool check_tls(const struct settings *settings, const char *path, GError **error)
{
    char **certificates = settings->tls_certificate, **keys = settings->tls_key;
    guint certificate_count = certificates != NULL ? g_strv_length(certificates) : 0;
    guint key_count = keys != NULL ? g_strv_length(keys) : 0;
    if (certificate_count != key_count)
        return error_perm(error, "%s: [tls] certificate names %u files, key %u: each needs its own",
                          path, certificate_count, key_count);
    if (settings->require_tls && certificate_count == 0)
        return error_perm(error, "%s: [tls] require-tls = yes needs a certificate and its key",
                          path);
    if (settings->http_listen_tls != NULL && certificate_count == 0)
        return error_perm(error, "%s: [http] listen-tls needs a certificate and its key in [tls]",
                          path);
    return true;
}

struct settings *settings_load(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) why = NULL;
    if (!g_file_get_contents(path, &text, NULL, &why)) {
        error_perm(error, "the configuration cannot be read: %s", why->message);
        return NULL;
    }
    g_autoptr(GKeyFile) file = g_key_file_new();
    if (!g_key_file_load_from_data(file, text, (gsize)-1, G_KEY_FILE_NONE, &why)) {
        error_perm(error, "%s: %s", path, why->message);
        return NULL;
    }
    if (!check_names(file, path, error) || !check_twice(text, path, error))
        return NULL;
    AUTO(settings) settings = g_new0(struct settings, 1);
    settings->references = 1;
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
        if (!fill(settings, &table[i], file, path, error))
            return NULL;
    if (settings->group != NULL && settings->user == NULL) {
        error_perm(error, "%s: [server] group needs user beside it", path);
        return NULL;
    }
    if (!check_tls(settings, path, error))
        return NULL;
    if (settings->message_memory < settings->max_message_size) {
        error_perm(error, "%s: [smtp] message-memory must not be smaller than max-message-size",
                   path);
        return NULL;
    }
    return g_steal_pointer(&settings);
}

struct settings *settings_ref(struct settings *settings)
{
    settings->references++;
    return settings;
}

void settings_unref(struct settings *settings)
{
    if (settings == NULL || --settings->references > 0)
        return;
    g_strfreev(settings->tls_certificate);
    g_strfreev(settings->tls_key);
    g_clear_pointer(&settings->proxy_from, g_array_unref);
    g_free(settings->hostname);
    g_free(settings->database);
    g_free(settings->user);
    g_free(settings->group);
    g_strfreev(settings->listen);
    g_strfreev(settings->domains);
    g_free(settings->log_level);
    g_strfreev(settings->http_listen);
    g_strfreev(settings->http_listen_tls);
    g_free(settings->public_url);
    g_clear_pointer(&settings->http_proxy_from, g_array_unref);
    g_strfreev(settings->mailgun_key_file);
    g_strfreev(settings->metrics_listen);
    g_free(settings);
}

char *settings_public_url(const struct settings *settings)
{
    bool has_tls = settings->http_listen_tls != NULL;
    char **listen = has_tls ? settings->http_listen_tls : settings->http_listen;
    if (settings->public_url != NULL)
        return g_strdup(settings->public_url);
    return listen != NULL ? g_strdup_printf("%s://%s", has_tls ? "https" : "http", listen[0])
                          : NULL;
}

char *settings_http_listen(const struct settings *settings)
{
    g_autofree char *plain =
        settings->http_listen != NULL ? g_strjoinv(",", settings->http_listen) : NULL;
    g_autofree char *tls =
        settings->http_listen_tls != NULL ? g_strjoinv(",", settings->http_listen_tls) : NULL;
    if (plain != NULL && tls != NULL)
        return g_strjoin(",", plain, tls, NULL);
    return plain != NULL ? g_steal_pointer(&plain) : g_steal_pointer(&tls);
}

static void append_ranges(GString *text, const GArray *ranges)
{
    if (ranges->len == 0)
        g_string_append(text, "none");
    for (guint i = 0; i < ranges->len; i++) {
        const struct address_range *range = &g_array_index(ranges, struct address_range, i);
        char name[ADDRESS_TEXT_SIZE];
        address_text(&range->address, name);
        g_string_append_printf(text, "%s%s/%u", i > 0 ? ", " : "", name, range->bits);
    }
}

char *settings_text(const struct settings *settings)
{
    GString *text = g_string_new(NULL);
    const char *section = "";
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        const struct setting *setting = &table[i];
        const void *place = (const char *)settings + setting->offset;
        if (strcmp(section, setting->section) != 0)
            g_string_append_printf(text, "%s[%s]\n", i == 0 ? "" : "\n", setting->section);
        section = setting->section;
        if (is_optional(setting->kind) && *(void *const *)place == NULL)
            continue;
        g_string_append_printf(text, "%s = ", setting->key);
        switch (setting->kind) {
        case KIND_HOSTNAME:
        case KIND_DATABASE:
        case KIND_LEVEL:
        case KIND_ACCOUNT:
        case KIND_URL:
            g_string_append(text, *(char *const *)place);
            break;
        case KIND_LISTEN_IF:
            if (*(char **const *)place == NULL) {
                g_string_append(text, "none");
                break;
            }
            G_GNUC_FALLTHROUGH;
        case KIND_LISTEN:
        case KIND_FILES:
        case KIND_FILE:
        case KIND_DOMAINS: {
            g_autofree char *joined = g_strjoinv(", ", *(char **const *)place);
            g_string_append(text, joined);
            break;
        }
        case KIND_SIZE:
        case KIND_TIME:
        case KIND_COUNT:
            g_string_append_printf(text, "%" G_GINT64_FORMAT, *(const int64_t *)place);
            break;
        case KIND_BAD_REPORT:
            g_string_append(text, *(const bool *)place ? "reject" : "accept");
            break;
        case KIND_NEWLINE:
            g_string_append(text, *(const bool *)place ? "normalize" : "reject");
            break;
        case KIND_YES_NO:
            g_string_append(text, *(const bool *)place ? "yes" : "no");
            break;
        case KIND_RANGES:
            append_ranges(text, *(GArray *const *)place);
            break;
        }
        g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}
