/*
 * The daemon's log: one line per event on standard error, key=value, made to be read by people
 * and by grep alike:
 *
 *     time=2026-01-05T17:32:12.345Z level=info event=message-stored id=… verdict=stored calls=293
 *
 * Nothing hostile comes through: a value with anything but plain characters stands in quotes with
 * \xNN for control characters, quotes, backslashes and everything that is not ASCII, and is cut at
 * LIMIT_LOG_FIELD octets. A key behind `calls-` is never written in full, in whatever value it
 * turns up. A line is one write(2), so threads do not mix.
 */
#ifndef CALLMX_DAEMON_LOG_H
#define CALLMX_DAEMON_LOG_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

struct log_field {
    const char *name;
    const char *text; /* NULL: the field is left out unless it is a number */
    int64_t number;
    int is_number;
};

#define LOG_TEXT(name, text)  ((struct log_field){(name), (text), 0, 0})
#define LOG_INT(name, number) ((struct log_field){(name), NULL, (number), 1})

/* log_event(LOG_LEVEL_INFO, "message-stored", LOG_TEXT("id", id), LOG_INT("bytes", n)); */
#define log_event(level, event, ...)                                                               \
    log_fields((level), (event), (const struct log_field[]){__VA_ARGS__},                          \
               sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

void log_fields(enum log_level level, const char *event, const struct log_field *fields,
                size_t count);

/* From here on only lines of this level and above: "error", "warning", "info", "debug". */
void log_set_level(const char *name);

/* One value as it stands in a line; for the tests of it. */
void log_append_value(GString *line, const char *text);

#endif
