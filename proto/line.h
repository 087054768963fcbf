/*
 * Command lines out of a stream of bytes: RFC 5321, 2.3.8. A line ends with CRLF and nothing else.
 * A CR or LF alone or a NUL is no line of any kind: what comes behind it cannot be trusted, and
 * the caller closes.
 *
 * A line that is whole in the bytes given is not copied; a session that waits between two
 * commands holds no memory here.
 */
#ifndef CALLMX_PROTO_LINE_H
#define CALLMX_PROTO_LINE_H

#include <stddef.h>

struct line {
    char *held; /* the beginning of a line whose end has not come; owned */
    size_t length;
};

enum line_result {
    LINE_MORE, /* all was taken; the line goes on */
    LINE_READY,
    LINE_TOO_LONG, /* LIMIT_SMTP_COMMAND_LINE octets and no end */
    LINE_BARE_CR,
    LINE_BARE_LF,
    LINE_NUL,
};

void line_init(struct line *line);
void line_clear(struct line *line);

/* Takes bytes up to the end of a line; *taken says how many. When READY, *text and *length are the
 * line without its CRLF: part of `bytes`, or of the line itself until line_clear(), which must be
 * called before the next line. After a fault the line is cleared. */
enum line_result line_feed(struct line *line, const char *bytes, size_t size, size_t *taken,
                           const char **text, size_t *length);

#endif
