/*
 * Cuts command lines out of the stream. It owns the beginning of one line, LIMIT_SMTP_COMMAND_LINE
 * octets at most, and only while that line is incomplete.
 *
 * What is hard: every fault must be found at the same octet however the bytes were split, so the
 * one thing that is remembered, "the octet before was a CR", is read from the held octets.
 */
#include "proto/line.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "proto/memory.h"

void line_init(struct line *line)
{
    *line = (struct line){0};
}

void line_clear(struct line *line)
{
    free(line->held);
    line_init(line);
}

static void hold(struct line *line, const char *bytes, size_t size)
{
    if (size == 0)
        return;
    if (line->held == NULL)
        line->held = memory_new(LIMIT_SMTP_COMMAND_LINE);
    memcpy(line->held + line->length, bytes, size);
    line->length += size;
}

/* LINE_MORE: this octet may stand where it is. */
static enum line_result judge(char octet, bool after_cr)
{
    if (after_cr)
        return octet == '\n' ? LINE_READY : LINE_BARE_CR;
    if (octet == '\n')
        return LINE_BARE_LF;
    return octet == '\0' ? LINE_NUL : LINE_MORE;
}

enum line_result line_feed(struct line *line, const char *bytes, size_t size, size_t *taken,
                           const char **text, size_t *length)
{
    bool after_cr = line->length > 0 && line->held[line->length - 1] == '\r';
    size_t room = LIMIT_SMTP_COMMAND_LINE - line->length;
    size_t end = size < room ? size : room;
    enum line_result result = LINE_MORE;
    size_t i = 0;

    while (i < end && result == LINE_MORE) {
        result = judge(bytes[i], after_cr);
        after_cr = bytes[i] == '\r';
        i++;
    }
    *taken = i;
    if (result == LINE_MORE && i < room) {
        hold(line, bytes, i);
        return LINE_MORE;
    }
    if (result != LINE_READY) {
        line_clear(line);
        return result == LINE_MORE ? LINE_TOO_LONG : result;
    }
    if (line->length == 0) {
        *text = bytes;
        *length = i - 2;
        return LINE_READY;
    }
    hold(line, bytes, i);
    *text = line->held;
    *length = line->length - 2;
    return LINE_READY;
}
