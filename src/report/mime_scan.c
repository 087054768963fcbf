/*
 * One pass over the lines of a mail with a small stack of the boundaries that are open, so that
 * header blocks are told from bodies in the way every MIME reader does it.
 *
 * What is hard about it: to count what could be costly and not what only looks like it. A line of
 * dashes in a forwarded text ("-----Original Message-----", "-- " before a signature) is harmless
 * and common; a line that begins with `--` and an open boundary counts, whatever stands behind the
 * boundary.
 *
 * And to be strict beyond the structure. What stands behind the closing boundary of a multipart is
 * no part (RFC 2046, 5.1.1), but there are readers that go on there. So the levels of the stack
 * above `live` are closed: what their boundaries delimit is read as strictly, and never told.
 */
#include "report/mime_scan.h"

#include "base/error.h"

#include <string.h>

struct level {
    struct mime_span boundary; /* empty for a mail within the mail */
    bool is_digest;
};

struct scan {
    const char *bytes;
    size_t size;
    size_t at; /* the begin of the line that is read next */
    struct level levels[LIMIT_MAIL_DEPTH];
    size_t depth;
    size_t live; /* levels that are open; those above have been closed */
    size_t boundary_lines;
    GArray *blocks;   /* borrowed from the caller; may be NULL */
    bool has_content; /* the last block is a leaf whose content goes on */
};

enum delimiter {
    NO_DELIMITER,
    OPENS_PART,
    CLOSES_MULTIPART,
};

/* The line at scan->at, without its end, and where the next one begins. */
static struct mime_span line_at(const struct scan *scan, size_t *next)
{
    const char *begin = scan->bytes + scan->at;
    const char *end = memchr(begin, '\n', scan->size - scan->at);
    size_t length = end != NULL ? (size_t)(end - begin) : scan->size - scan->at;
    *next = scan->at + length + (end != NULL);
    if (length > 0 && begin[length - 1] == '\r')
        length--;
    return (struct mime_span){begin, length};
}

static bool has_prefix(struct mime_span line, struct mime_span prefix)
{
    return prefix.length > 0 && line.length >= prefix.length &&
           memcmp(line.bytes, prefix.bytes, prefix.length) == 0;
}

/* What the line is to one level, if it begins with `--` and the level's boundary. */
static enum delimiter delimiter_at(const struct level *level, struct mime_span line, bool *possible)
{
    if (!has_prefix(line, level->boundary))
        return NO_DELIMITER;
    *possible = true;
    struct mime_span rest = {line.bytes + level->boundary.length,
                             line.length - level->boundary.length};
    if (mime_span_trim(rest).length == 0)
        return OPENS_PART;
    if (!has_prefix(rest, (struct mime_span){"--", 2}))
        return NO_DELIMITER;
    rest.bytes += 2;
    rest.length -= 2;
    return mime_span_trim(rest).length == 0 ? CLOSES_MULTIPART : NO_DELIMITER;
}

/* Whether the line delimits a multipart, the innermost that is open first; then `level` is its
 * index. `possible` says that it at least begins as one. */
static enum delimiter delimiter_of(const struct scan *scan, struct mime_span line, size_t *level,
                                   bool *possible)
{
    *possible = false;
    if (line.length < 2 || line.bytes[0] != '-' || line.bytes[1] != '-')
        return NO_DELIMITER;
    line.bytes += 2;
    line.length -= 2;
    for (size_t i = 0; i < scan->depth; i++) {
        *level = i < scan->live ? scan->live - 1 - i : scan->depth - 1 - (i - scan->live);
        enum delimiter delimiter = delimiter_at(&scan->levels[*level], line, possible);
        if (delimiter != NO_DELIMITER)
            return delimiter;
    }
    return NO_DELIMITER;
}

static bool is_address_field(struct mime_span name)
{
#define NAME(text)                                                                                 \
    {                                                                                              \
        text, sizeof text - 1                                                                      \
    }
    static const struct mime_span fields[] = {
        NAME("From"),
        NAME("To"),
        NAME("Cc"),
        NAME("Bcc"),
        NAME("Sender"),
        NAME("Reply-To"),
        NAME("Errors-To"),
        NAME("Return-Path"),
        NAME("Delivered-To"),
        NAME("Apparently-To"),
        NAME("X-Original-To"),
        NAME("Disposition-Notification-To"),
        NAME("Mail-Reply-To"),
        NAME("Return-Receipt-To"),
        NAME("Envelope-To"),
        NAME("Mail-Followup-To"),
    };
#undef NAME
    if (name.length > strlen("Resent-") &&
        g_ascii_strncasecmp(name.bytes, "Resent-", strlen("Resent-")) == 0) {
        name.bytes += strlen("Resent-");
        name.length -= strlen("Resent-");
    }
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        if (name.length == fields[i].length && (name.bytes[0] ^ fields[i].bytes[0]) % 0x20 == 0 &&
            g_ascii_strncasecmp(name.bytes, fields[i].bytes, name.length) == 0)
            return true;
    }
    return false;
}

static bool check_addresses(struct mime_span name, struct mime_span value, GError **error)
{
    size_t groups = 0;
    for (size_t i = 0; i < value.length; i++)
        groups += value.bytes[i] == ':';
    if (groups > LIMIT_MAIL_ADDRESS_GROUPS)
        return error_perm(error, "the field %.*s has %zu address groups: more than %d is refused",
                          (int)name.length, name.bytes, groups, LIMIT_MAIL_ADDRESS_GROUPS);
    if (value.length > LIMIT_MAIL_ADDRESS_BYTES)
        return error_perm(error, "the field %.*s has %zu octets: more than %lu is refused",
                          (int)name.length, name.bytes, value.length, LIMIT_MAIL_ADDRESS_BYTES);
    return true;
}

/* One field with its continuation lines. */
static bool take_field(struct mime_span field, struct mime_fields *fields, GError **error)
{
    const char *colon = memchr(field.bytes, ':', field.length);
    struct mime_span name = {field.bytes, colon != NULL ? (size_t)(colon - field.bytes) : 0};
    bool is_name = name.length > 0 && name.length <= LIMIT_MAIL_FIELD_KEPT;
    for (size_t i = 0; is_name && i < name.length; i++)
        is_name = name.bytes[i] > ' ' && name.bytes[i] <= '~';
    if (memchr(field.bytes, '\0', field.length) != NULL)
        return error_perm(error, "a header field has a NUL byte");
    if (!is_name)
        return error_perm(error, "a header has a line that is no header field");
    struct mime_span value = {colon + 1, field.length - name.length - 1};
    if (is_address_field(name) && !check_addresses(name, value, error))
        return false;
    return mime_fields_take(fields, name, value, error);
}

/* Reads the header block at scan->at, with the empty line behind it. A delimiter ends it too: a
 * part may have neither the empty line nor a body. Where there is not even a field, `is_there` is
 * false. */
static bool take_header(struct scan *scan, struct mime_fields *fields, bool *is_there,
                        GError **error)
{
    size_t begin = scan->at, count = 0, next, level;
    bool possible;
    while (scan->at < scan->size) {
        struct mime_span line = line_at(scan, &next);
        if (line.length == 0) {
            scan->at = next;
            *is_there = true;
            break;
        }
        if (delimiter_of(scan, line, &level, &possible) != NO_DELIMITER)
            break;
        size_t start = scan->at;
        scan->at = next;
        while (scan->at < scan->size &&
               (scan->bytes[scan->at] == ' ' || scan->bytes[scan->at] == '\t')) {
            line_at(scan, &next);
            scan->at = next;
        }
        if (++count > LIMIT_MAIL_HEADER_FIELDS)
            return error_perm(error, "a header has more than %d fields", LIMIT_MAIL_HEADER_FIELDS);
        struct mime_span field = {scan->bytes + start, scan->at - start};
        if (!take_field(field, fields, error))
            return false;
        if (scan->at - begin > LIMIT_MAIL_HEADER_BYTES)
            return error_perm(error, "a header has more than %lu octets", LIMIT_MAIL_HEADER_BYTES);
    }
    *is_there = *is_there || count > 0;
    return true;
}

static bool push(struct scan *scan, const struct mime_fields *fields, bool is_live, GError **error)
{
    for (size_t i = 0; i < scan->depth; i++) {
        struct mime_span open = scan->levels[i].boundary;
        if (fields->boundary.length > 0 && open.length == fields->boundary.length &&
            has_prefix(open, fields->boundary))
            return error_perm(error, "two multiparts, one in the other, have the same boundary");
    }
    if (scan->depth == LIMIT_MAIL_DEPTH)
        return error_perm(error, "the parts of the mail are nested deeper than %d levels",
                          LIMIT_MAIL_DEPTH);
    struct level *level = &scan->levels[scan->depth++];
    *level = (struct level){.is_digest = fields->kind == MIME_DIGEST};
    if (fields->kind != MIME_MESSAGE)
        level->boundary = fields->boundary;
    if (is_live)
        scan->live = scan->depth;
    return true;
}

/* Tells a block whose header has been read. */
static void tell(struct scan *scan, const struct mime_fields *fields)
{
    struct mime_block block = {.fields = *fields,
                               .content = {scan->bytes + scan->at, scan->size - scan->at}};
    for (size_t i = 0; i < scan->live; i++)
        block.forwards += scan->levels[i].boundary.length == 0;
    scan->has_content = fields->kind == MIME_LEAF;
    if (scan->blocks != NULL)
        g_array_append_val(scan->blocks, block);
}

/* The content of the last leaf ends where the line at scan->at begins, and the end of the line
 * before belongs to the boundary, if there is a line between the header and it. */
static void end_content(struct scan *scan)
{
    if (!scan->has_content)
        return;
    scan->has_content = false;
    if (scan->blocks == NULL)
        return;
    struct mime_block *block =
        &g_array_index(scan->blocks, struct mime_block, scan->blocks->len - 1);
    struct mime_span *content = &block->content;
    content->length = (size_t)(scan->bytes + scan->at - content->bytes);
    if (content->length > 0)
        content->length--;
    if (content->length > 0 && content->bytes[content->length - 1] == '\r')
        content->length--;
}

/* Reads the header of a part, and of the mail in it if the part is one, and so on. */
static bool take_part(struct scan *scan, bool is_live, bool in_digest, GError **error)
{
    for (;;) {
        struct mime_fields fields = {0};
        bool is_there = false;
        if (!take_header(scan, &fields, &is_there, error))
            return false;
        if (!is_there)
            return true;
        if (in_digest && fields.kind == MIME_LEAF && fields.type.length == 0)
            fields.kind = MIME_MESSAGE;
        in_digest = false;
        if (is_live)
            tell(scan, &fields);
        if (fields.kind == MIME_LEAF)
            return true;
        if (fields.is_encoded)
            return error_perm(error, "a %s has a Content-Transfer-Encoding of its own",
                              fields.kind == MIME_MESSAGE ? "forwarded mail" : "multipart");
        if (!push(scan, &fields, is_live, error))
            return false;
        if (fields.kind != MIME_MESSAGE)
            return true;
    }
}

/* The delimiter at scan->at, whose line ends at `next`. */
static bool take_delimiter(struct scan *scan, enum delimiter delimiter, size_t level, size_t next,
                           GError **error)
{
    bool is_live = level < scan->live;
    end_content(scan);
    scan->at = next;
    scan->depth = level + 1;
    if (is_live)
        scan->live = delimiter == OPENS_PART ? level + 1 : level;
    if (delimiter == CLOSES_MULTIPART)
        return true;
    return take_part(scan, is_live, scan->levels[level].is_digest, error);
}

/* The next line that begins with `--`, from the begin of a line on; the end if there is none. */
static size_t next_dashes(const struct scan *scan)
{
    const char *at = scan->bytes + scan->at, *end = scan->bytes + scan->size;
    while (at < end) {
        const char *dash = memchr(at, '-', (size_t)(end - at));
        if (dash == NULL)
            break;
        bool begins_line = dash == at || dash[-1] == '\n';
        if (begins_line && end - dash >= 2 && dash[1] == '-')
            return (size_t)(dash - scan->bytes);
        const char *line_end = memchr(dash, '\n', (size_t)(end - dash));
        if (line_end == NULL)
            break;
        at = line_end + 1;
    }
    return scan->size;
}

bool mime_scan(const void *bytes, size_t size, GArray *blocks, GError **error)
{
    struct scan scan = {.bytes = bytes, .size = size, .blocks = blocks};
    if (!take_part(&scan, true, false, error))
        return false;
    while ((scan.at = next_dashes(&scan)) < size) {
        size_t next, level = 0;
        bool possible;
        struct mime_span line = line_at(&scan, &next);
        enum delimiter delimiter = delimiter_of(&scan, line, &level, &possible);
        if (possible && ++scan.boundary_lines > LIMIT_MAIL_PARTS)
            return error_perm(error, "the mail has more than %d parts", LIMIT_MAIL_PARTS);
        if (delimiter == NO_DELIMITER)
            scan.at = next;
        else if (!take_delimiter(&scan, delimiter, level, next, error))
            return false;
    }
    return true;
}
