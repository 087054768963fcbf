/*
 * What all commands share: telling an error, the configuration, the database, the agency, the day.
 *
 * The state of a run lives in struct ctl and dies with it; nothing here is global. The database is
 * opened in the least mode that a command needs, so that a reading command can do no harm beside a
 * running daemon. That a file is absent or forbidden is found out before the database library is
 * asked: its own word for both is "unable to open".
 */
#include "ctl/ctl.h"

#include "base/error.h"
#include "base/limits.h"
#include "ctl/output.h"
#include "db/store_metrics.h"
#include "ingest/relink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void ctl_clear(struct ctl *ctl)
{
    store_agency_clear(&ctl->agency);
    day_zone_free(ctl->zone);
    db_close(ctl->db);
    settings_unref(ctl->settings);
    *ctl = (struct ctl){0};
}

int ctl_complain(int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *safe = output_escape(text);
    fprintf(stderr, "callmxctl: %s\n", safe);
    return code;
}

int ctl_fail(const GError *error, int perm)
{
    return ctl_complain(error_is_temp(error) ? EX_TEMPFAIL : perm, "%s", error->message);
}

static const char *config_path(const struct ctl *ctl)
{
    const char *path = ctl->option[CTL_CONFIG];
    return path != NULL ? path : SETTINGS_DEFAULT_FILE;
}

int ctl_settings(struct ctl *ctl)
{
    if (ctl->settings != NULL)
        return EX_OK;
    const char *path = config_path(ctl);
    if (access(path, R_OK) != 0) {
        if (errno == EACCES)
            return ctl_complain(EX_NOPERM,
                                "no permission to read %s: run callmxctl as root or as the user "
                                "of callmxd",
                                path);
        return ctl_complain(EX_CONFIG,
                            "%s cannot be read (%s): name the configuration of callmxd with -c "
                            "FILE",
                            path, g_strerror(errno));
    }
    g_autoptr(GError) error = NULL;
    ctl->settings = settings_load(path, &error);
    return ctl->settings != NULL ? EX_OK : ctl_complain(EX_CONFIG, "%s", error->message);
}

int ctl_parser_limits(struct ctl *ctl, struct parser_limits *limits, int64_t *max_size)
{
    if (ctl->option[CTL_CONFIG] == NULL && access(SETTINGS_DEFAULT_FILE, F_OK) != 0) {
        *limits = (struct parser_limits){.deadline = DEFAULT_PARSER_DEADLINE,
                                         .memory = DEFAULT_PARSER_MEMORY};
        *max_size = DEFAULT_SMTP_MESSAGE_SIZE;
        return EX_OK;
    }
    int code = ctl_settings(ctl);
    if (code != EX_OK)
        return code;
    *limits = (struct parser_limits){.deadline = ctl->settings->parser_deadline,
                                     .memory = ctl->settings->parser_memory};
    *max_size = ctl->settings->max_message_size;
    return EX_OK;
}

static int check_database_file(const char *path, enum db_mode mode, bool *exists)
{
    *exists = access(path, F_OK) == 0;
    if (!*exists && errno == ENOENT && mode != DB_CREATE)
        return ctl_complain(EX_NOINPUT,
                            "there is no database %s yet: make an agency with callmxctl agency "
                            "add, or start callmxd",
                            path);
    bool is_allowed =
        *exists ? access(path, mode == DB_READONLY ? R_OK : R_OK | W_OK) == 0 : errno != EACCES;
    if (!is_allowed)
        return ctl_complain(EX_NOPERM,
                            "no permission to open the database %s: run callmxctl as root or as "
                            "the user of callmxd",
                            path);
    return EX_OK;
}

int ctl_open(struct ctl *ctl, enum db_mode mode)
{
    int code = ctl_settings(ctl);
    if (code != EX_OK)
        return code;
    const char *url = ctl->settings->database;
    bool exists = true;
    if (g_str_has_prefix(url, "sqlite:"))
        code = check_database_file(url + strlen("sqlite:"), mode, &exists);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    ctl->db = store_open(url, mode, &error);
    if (ctl->db != NULL)
        return EX_OK;
    return exists ? ctl_fail(error, EX_UNAVAILABLE)
                  : ctl_complain(EX_CANTCREAT, "%s", error->message);
}

int ctl_open_agency(struct ctl *ctl, enum db_mode mode, const char *agency)
{
    int code = ctl_open(ctl, mode);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    if (!store_agency_find(ctl->db, agency, ctl->now, &ctl->agency, &error))
        return ctl_fail(error, EX_NOUSER);
    ctl->zone = day_zone_new(ctl->agency.timezone, &error);
    return ctl->zone != NULL ? EX_OK : ctl_fail(error, EX_UNAVAILABLE);
}

char *ctl_address(const struct ctl *ctl, const char *key)
{
    if (key == NULL)
        return NULL;
    return g_strdup_printf("calls-%s@%s", key, ctl->settings->domains[0]);
}

int ctl_date_option(const struct ctl *ctl, enum ctl_option option, int32_t *date)
{
    if (day_date_parse(ctl->option[option], date))
        return EX_OK;
    return ctl_complain(EX_USAGE, "%s is not a date: write it as 2026-01-05", ctl->option[option]);
}

int ctl_date(struct ctl *ctl, int32_t *date)
{
    if (ctl->option[CTL_DATE] != NULL)
        return ctl_date_option(ctl, CTL_DATE, date);
    g_autoptr(GError) error = NULL;
    bool is_found = false;
    if (!store_metrics_last_date(ctl->db, ctl->agency.id, &is_found, date, &error))
        return ctl_fail(error, EX_UNAVAILABLE);
    if (!is_found)
        *date = day_zone_date(ctl->zone, ctl->now);
    return EX_OK;
}

static bool parse_limit(const char *text, int64_t *limit)
{
    enum { MOST = 1000000 };
    guint64 number = 0;
    if (!g_ascii_string_to_unsigned(text, 10, 1, MOST, &number, NULL))
        return false;
    *limit = (int64_t)number;
    return true;
}

int ctl_limit(const struct ctl *ctl, int64_t *limit)
{
    const char *given = ctl->option[CTL_LIMIT];
    *limit = 20;
    if (given != NULL && !parse_limit(given, limit))
        return ctl_complain(EX_USAGE, "--limit %s is not a number from 1 to 1000000", given);
    return EX_OK;
}

void ctl_relink_print(const struct relink *relink)
{
    if (relink->legs + relink->users > 0)
        output_line("%" G_GINT64_FORMAT " stored legs and %" G_GINT64_FORMAT
                    " rows of Users reports on %" G_GINT64_FORMAT
                    " days have a new owner; the figures were computed again",
                    relink->legs, relink->users, relink->days);
}

static int read_all(int fd, const char *path, int64_t limit, GByteArray *bytes)
{
    enum { PIECE = 64 * 1024 };
    g_autofree uint8_t *piece = g_malloc(PIECE);
    for (;;) {
        ssize_t got = read(fd, piece, PIECE);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ctl_complain(EX_NOINPUT, "%s cannot be read: %s", path, g_strerror(errno));
        if (got == 0)
            return EX_OK;
        if ((int64_t)bytes->len + got > limit)
            return ctl_complain(EX_DATAERR,
                                "%s is larger than %" G_GINT64_FORMAT
                                " bytes, which is the most that is read",
                                path, limit);
        g_byte_array_append(bytes, piece, (guint)got);
    }
}

int ctl_read_file(const char *path, int64_t limit, GByteArray **bytes)
{
    bool is_input = strcmp(path, "-") == 0;
    int fd = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return ctl_complain(errno == EACCES ? EX_NOPERM : EX_NOINPUT, "%s cannot be opened: %s",
                            path, g_strerror(errno));
    /* GByteArray counts in 32 bits; a configured size may be larger. */
    int64_t most = MIN(limit, (int64_t)(1024 * MIB));
    /* Not empty from the first: the bytes of an empty file are not NULL. */
    g_autoptr(GByteArray) all = g_byte_array_sized_new(1);
    int code = read_all(fd, is_input ? "standard input" : path, most, all);
    if (!is_input)
        close(fd);
    if (code == EX_OK)
        *bytes = g_steal_pointer(&all);
    return code;
}

/* "7d", "12h", "90s", "0". At most ten years: nobody means more. */
static bool parse_time(const char *text, int64_t *seconds)
{
    enum { DIGITS = 9, MOST = 3650 };
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', DAY_SECONDS}};
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > DIGITS)
        return false;
    int64_t number = g_ascii_strtoll(text, NULL, 10);
    if (text[digits] == '\0' && number == 0) {
        *seconds = 0;
        return true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (text[digits] == units[i].unit && text[digits + 1] == '\0') {
            *seconds = number * units[i].seconds;
            return *seconds <= MOST * (int64_t)DAY_SECONDS;
        }
    return false;
}

int ctl_time_option(const struct ctl *ctl, enum ctl_option option, const char *name,
                    int64_t otherwise, int64_t *seconds)
{
    const char *given = ctl->option[option];
    *seconds = otherwise;
    if (given != NULL && !parse_time(given, seconds))
        return ctl_complain(EX_USAGE, "%s %s is not a time: write it as 7d, 12h, 30m or 0", name,
                            given);
    return EX_OK;
}
