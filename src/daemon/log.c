/*
 * One line per event, made whole in memory and written by one write(2), so that lines of several
 * threads do not mix. It owns the level; standard error belongs to whoever started us.
 *
 * What is hard: a key may turn up in any value, even where a client has no business to put one, so
 * it is looked for in all of them. It never fails and never waits: a line that cannot be written is
 * lost.
 */
#include "daemon/log.h"

#include "base/ascii.h"
#include "base/limits.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { KEY_SHOWN = 4 }; /* characters of a key that a log may have */

static const char *const level_names[] = {"error", "warning", "info", "debug"};
static enum log_level threshold = LOG_LEVEL_INFO;

void log_set_level(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(level_names); i++)
        if (strcmp(level_names[i], name) == 0)
            threshold = (enum log_level)i;
}

static bool is_plain(unsigned char c)
{
    return g_ascii_isalnum(c) || (c != '\0' && strchr("._:/@+-,%*<>[]()!?&;~#", c) != NULL);
}

/* How many octets from `at` on are the hidden rest of a key: those behind `calls-` and its first
 * characters. */
static size_t hidden_rest(const char *text, size_t at)
{
    static const char prefix[] = "calls-";
    size_t before = sizeof prefix - 1 + KEY_SHOWN;
    if (at < before || g_ascii_strncasecmp(text + at - before, prefix, sizeof prefix - 1) != 0)
        return 0;
    size_t rest = 0;
    while (g_ascii_isalnum(text[at + rest]))
        rest++;
    return rest;
}

void log_append_value(GString *line, const char *text)
{
    g_autoptr(GString) value = g_string_new(NULL);
    bool quote = text[0] == '\0';
    size_t i = 0;
    while (text[i] != '\0' && i < LIMIT_LOG_FIELD) {
        size_t hidden = hidden_rest(text, i);
        if (hidden > 0) {
            g_string_append(value, "***");
            i += hidden;
            continue;
        }
        unsigned char c = (unsigned char)text[i++];
        if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
            g_string_append_printf(value, "\\x%02x", c);
        else
            g_string_append_c(value, (char)c);
        quote = quote || !is_plain(c);
    }
    if (text[i] != '\0') {
        g_string_append(value, "...");
        quote = true;
    }
    if (quote) {
        g_string_prepend_c(value, '"');
        g_string_append_c(value, '"');
    }
    g_string_append_len(line, value->str, (gssize)value->len);
}

static void append_time(GString *line)
{
    struct timespec now;
    struct tm parts;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    g_string_append_printf(line, "time=%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ", parts.tm_year + 1900,
                           parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                           parts.tm_sec, now.tv_nsec / 1000000);
}

static void append_name(GString *line, const char *name)
{
    g_string_append_c(line, ' ');
    g_string_append(line, name);
    g_string_append_c(line, '=');
}

void log_fields(enum log_level level, const char *event, const struct log_field *fields,
                size_t count)
{
    if (level > threshold)
        return;
    g_autoptr(GString) line = g_string_sized_new(256);
    append_time(line);
    append_name(line, "level");
    g_string_append(line, level_names[level]);
    append_name(line, "event");
    g_string_append(line, event);
    for (size_t i = 0; i < count; i++) {
        if (!fields[i].is_number && fields[i].text == NULL)
            continue;
        char room[ASCII_DECIMAL_SIZE];
        append_name(line, fields[i].name);
        if (fields[i].is_number)
            g_string_append(line, ascii_decimal(fields[i].number, room));
        else
            log_append_value(line, fields[i].text);
    }
    g_string_append_c(line, '\n');
    ssize_t written;
    do
        written = write(STDERR_FILENO, line->str, line->len);
    while (written < 0 && errno == EINTR);
}
