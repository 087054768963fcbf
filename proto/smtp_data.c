/*
 * The state machine of DATA. It owns nothing and holds back no octet: a dot at the start of a line
 * and the CR behind it are the only ones that wait for what follows, and neither is ever part of
 * the message (dot, CR and then no LF is a bare CR).
 *
 * What is hard: SMTP smuggling. A peer before us may take LF.LF, CR.CR, LF.CRLF or a NUL among
 * them for an end of data, or we might: two mails where it sees one. So there is one true end; the
 * first bare CR or LF condemns the message, and commands are read again behind the true end only.
 *
 * Within a line two memchr() find its end. The machine steps octet by octet only around newlines of
 * the header, in the first octets of its lines, and where a newline or what follows it is not
 * plain.
 */
#include "proto/smtp_data.h"

#include <assert.h>
#include <string.h>

#include "base/limits.h"
#include "proto/ascii.h"

static const char trace_field[] = "received";

#define NAME_LENGTH (sizeof trace_field - 1)
#define NO_MATCH    0xff

void smtp_data_init(struct smtp_data *data, uint64_t maximum, bool normalize)
{
    *data = (struct smtp_data){.maximum = maximum, .normalize = normalize, .in_header = true};
}

/* Whether the octet, here, belongs to the message and not to the way it is carried. */
static bool is_content(const struct smtp_data *data, char octet)
{
    switch (data->state) {
    case SMTP_DATA_LINE_START:
        return octet != '.';
    case SMTP_DATA_DOT:
        return octet != '\r';
    case SMTP_DATA_TEXT:
    case SMTP_DATA_CR:
        return true;
    case SMTP_DATA_DOT_CR:
    case SMTP_DATA_ENDED:
        break;
    }
    return false;
}

/* Whether this octet makes a newline of half a one: it is a bare LF, or stands behind a bare CR. */
static bool is_bare(const struct smtp_data *data, char octet)
{
    bool after_cr = data->state == SMTP_DATA_CR || data->state == SMTP_DATA_DOT_CR;

    return after_cr != (octet == '\n');
}

/* The worst that is wrong once this octet comes. */
static enum smtp_data_fault fault_at(const struct smtp_data *data, char octet)
{
    if (!data->normalize && is_bare(data, octet))
        return SMTP_DATA_NEWLINE;
    if (data->octets == data->maximum && is_content(data, octet))
        return SMTP_DATA_TOO_LARGE;
    return data->received >= LIMIT_SMTP_RECEIVED ? SMTP_DATA_LOOP : SMTP_DATA_GOOD;
}

static enum smtp_data_state state_after(enum smtp_data_state state, char octet)
{
    switch (state) {
    case SMTP_DATA_LINE_START:
        if (octet == '.')
            return SMTP_DATA_DOT;
        break;
    case SMTP_DATA_CR:
        if (octet == '\n')
            return SMTP_DATA_LINE_START;
        break;
    case SMTP_DATA_DOT:
        if (octet == '\r')
            return SMTP_DATA_DOT_CR;
        break;
    case SMTP_DATA_DOT_CR:
        if (octet == '\n')
            return SMTP_DATA_ENDED;
        break;
    case SMTP_DATA_TEXT:
    case SMTP_DATA_ENDED:
        break;
    }
    return octet == '\r' ? SMTP_DATA_CR : SMTP_DATA_TEXT;
}

/* Counts trace fields, and finds the empty line behind the header. */
static void look_at_header(struct smtp_data *data, char octet)
{
    if (octet == '\n') {
        data->in_header = data->matched != 0;
        data->matched = 0;
    } else if (octet == '\r' && data->matched == 0) {
        /* An empty line, if LF follows. */
    } else if (data->matched < NAME_LENGTH) {
        data->matched = ascii_lower(octet) == trace_field[data->matched]
                            ? (unsigned char)(data->matched + 1)
                            : NO_MATCH;
    } else if (data->matched == NAME_LENGTH && !ascii_is_blank(octet)) {
        data->received += octet == ':';
        data->matched = NO_MATCH;
    }
}

/* How many octets there are before the next CR or LF. */
static size_t text_length(const char *bytes, size_t size)
{
    const char *stop = memchr(bytes, '\r', size);

    if (stop != NULL)
        size = (size_t)(stop - bytes);
    stop = memchr(bytes, '\n', size);
    return stop != NULL ? (size_t)(stop - bytes) : size;
}

/* Whether CRLF and the first octet of a line that needs no look are next. */
static bool is_plain_newline(const char *bytes, size_t size)
{
    return size > 2 && bytes[0] == '\r' && bytes[1] == '\n' && bytes[2] != '.' &&
           bytes[2] != '\r' && bytes[2] != '\n';
}

/* Takes octets of a line, up to the next one that the machine must see. */
static size_t skip_text(struct smtp_data *data, const char *bytes, size_t size)
{
    const char *stop;
    size_t length;

    if (data->state != SMTP_DATA_TEXT || (data->in_header && data->matched != NO_MATCH))
        return 0;
    /* Once the newlines are known to be bad, every LF would cost a search for the next CR. */
    if (data->fault == SMTP_DATA_NEWLINE) {
        stop = memchr(bytes, '\r', size);
        return stop != NULL ? (size_t)(stop - bytes) : size;
    }
    if (data->fault == SMTP_DATA_GOOD && size > data->maximum - data->octets)
        size = (size_t)(data->maximum - data->octets);
    length = text_length(bytes, size);
    while (!data->in_header && is_plain_newline(bytes + length, size - length)) {
        length += 2;
        length += text_length(bytes + length, size - length);
    }
    return length;
}

static enum smtp_data_event discard(struct smtp_data *data, const char *bytes, size_t size,
                                    size_t *taken)
{
    size_t i = 0;

    if (size > LIMIT_SMTP_DISCARD - data->discarded)
        size = (size_t)(LIMIT_SMTP_DISCARD - data->discarded);
    while (i < size && data->state != SMTP_DATA_ENDED) {
        enum smtp_data_fault fault = fault_at(data, bytes[i]);

        if (fault > data->fault)
            data->fault = fault;
        data->state = state_after(data->state, bytes[i]);
        i++;
        i += skip_text(data, bytes + i, size - i);
    }
    *taken = i;
    data->discarded += i;
    data->is_cut = data->state != SMTP_DATA_ENDED && data->discarded == LIMIT_SMTP_DISCARD;
    return data->is_cut || data->state == SMTP_DATA_ENDED ? SMTP_DATA_EVENT_END
                                                          : SMTP_DATA_EVENT_MORE;
}

/* What is missing of a newline that is only half there: a CR before it, or an LF behind it. *taken
 * is 1 if the octet itself was that half. */
static enum smtp_data_event mend_newline(struct smtp_data *data, char octet, size_t *taken,
                                         const char **slice, size_t *slice_length)
{
    static const char newline[] = "\r\n";
    bool is_cr_out = data->state == SMTP_DATA_CR;
    const char *missing = is_cr_out ? newline + 1 : newline;

    *taken = data->state != SMTP_DATA_CR && data->state != SMTP_DATA_DOT_CR && octet == '\n';
    if (data->octets + strlen(missing) > data->maximum) {
        data->fault = SMTP_DATA_TOO_LARGE;
        data->in_header = false;
        *taken = 0;
        return SMTP_DATA_EVENT_FAULT;
    }
    for (const char *at = missing; data->in_header && *at != '\0'; at++)
        look_at_header(data, *at);
    data->octets += strlen(missing);
    data->state = SMTP_DATA_TEXT;
    *slice = missing;
    *slice_length = strlen(missing);
    return SMTP_DATA_EVENT_SLICE;
}

size_t smtp_data_count(struct smtp_data *data, const char *bytes, size_t size)
{
    size_t i = 0;

    if (size > data->maximum - data->octets) {
        data->fault = SMTP_DATA_TOO_LARGE;
        size = (size_t)(data->maximum - data->octets);
    }
    while (i < size && data->in_header) {
        look_at_header(data, bytes[i]);
        if (data->received >= LIMIT_SMTP_RECEIVED) {
            data->fault = SMTP_DATA_LOOP;
            size = i;
            break;
        }
        i++;
    }
    data->octets += size;
    return size;
}

enum smtp_data_event smtp_data_next(struct smtp_data *data, const char *bytes, size_t size,
                                    size_t *taken, const char **slice, size_t *slice_length)
{
    size_t start = 0; /* of the slice under way */
    size_t i = 0;
    size_t mended;
    enum smtp_data_event event;

    assert(data->state != SMTP_DATA_ENDED && !data->is_cut);
    if (data->fault != SMTP_DATA_GOOD)
        return discard(data, bytes, size, taken);
    while (i < size && data->state != SMTP_DATA_ENDED) {
        enum smtp_data_fault fault = fault_at(data, bytes[i]);
        bool content = is_content(data, bytes[i]);
        size_t skipped;

        if (data->normalize && is_bare(data, bytes[i])) {
            if (i > start)
                break;
            event = mend_newline(data, bytes[i], &mended, slice, slice_length);
            *taken = i + mended;
            return event;
        }
        if (i > start && (fault != SMTP_DATA_GOOD || !content))
            break;
        if (fault != SMTP_DATA_GOOD) {
            data->fault = fault;
            /* What was counted for the message is of no use for the rest of it. */
            data->in_header = false;
            *taken = i;
            return SMTP_DATA_EVENT_FAULT;
        }
        if (content && data->in_header)
            look_at_header(data, bytes[i]);
        data->octets += content;
        data->state = state_after(data->state, bytes[i]);
        i++;
        if (!content)
            start = i;
        skipped = skip_text(data, bytes + i, size - i);
        data->octets += skipped;
        i += skipped;
    }
    *taken = i;
    *slice = bytes + start;
    *slice_length = i - start;
    if (i > start)
        return SMTP_DATA_EVENT_SLICE;
    return data->state == SMTP_DATA_ENDED ? SMTP_DATA_EVENT_END : SMTP_DATA_EVENT_MORE;
}
