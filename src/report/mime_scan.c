/*
 * One pass over the lines of a mail with a small stack of the boundaries that are open, so that
 * header blocks are told from bodies in the way every MIME reader does it, only without building
 * anything.
 *
 * What is hard about it: to count what could be costly and not what only looks like it. A line of
 * dashes in a forwarded text ("-----Original Message-----", "-- " before a signature) is harmless
 * and common; a line that begins with `--` and an open boundary is a part, or makes GMime look
 * twice, and counts, whatever stands behind the boundary. A boundary stays open until one further
 * out closes it: that counts too much rather than too little.
 */
#include "report/mime_scan.h"

#include "base/error.h"
#include "report/mime_fields.h"

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
    size_t boundary_lines;
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

/* Whether the line delimits an open multipart; then `level` is its index. `possible` says that it
 * at least begins as one. */
static enum delimiter delimiter_of(const struct scan *scan, struct mime_span line, size_t *level,
                                   bool *possible)
{
    *possible = false;
    if (line.length < 2 || line.bytes[0] != '-' || line.bytes[1] != '-')
        return NO_DELIMITER;
    line.bytes += 2;
    line.length -= 2;
    for (size_t i = scan->depth; i-- > 0;) {
        struct mime_span boundary = scan->levels[i].boundary;
        if (!has_prefix(line, boundary))
            continue;
        *possible = true;
        *level = i;
        struct mime_span rest = {line.bytes + boundary.length, line.length - boundary.length};
        if (mime_span_trim(rest).length == 0)
            return OPENS_PART;
        if (has_prefix(rest, (struct mime_span){"--", 2}))
            return CLOSES_MULTIPART;
    }
    return NO_DELIMITER;
}

static bool is_address_field(struct mime_span name)
{
    static const char *const fields[] = {
        "From",
        "To",
        "Cc",
        "Bcc",
        "Sender",
        "Reply-To",
        "Errors-To",
        "Return-Path",
        "Delivered-To",
        "Apparently-To",
        "X-Original-To",
        "Disposition-Notification-To",
        "Mail-Reply-To",
        "Return-Receipt-To",
        "Envelope-To",
        "Mail-Followup-To",
    };
    if (name.length > strlen("Resent-") &&
        g_ascii_strncasecmp(name.bytes, "Resent-", strlen("Resent-")) == 0) {
        name.bytes += strlen("Resent-");
        name.length -= strlen("Resent-");
    }
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        if (mime_span_is(name, fields[i]))
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
 * part may have neither the empty line nor a body. */
static bool take_header(struct scan *scan, struct mime_fields *fields, GError **error)
{
    size_t begin = scan->at, count = 0, next, level;
    bool possible;
    while (scan->at < scan->size) {
        struct mime_span line = line_at(scan, &next);
        if (line.length == 0) {
            scan->at = next;
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
    return true;
}

static bool push(struct scan *scan, const struct mime_fields *fields, GError **error)
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
    return true;
}

/* Reads the header of a part, and of the mail in it if the part is one, and so on. */
static bool take_part(struct scan *scan, bool in_digest, GError **error)
{
    for (;;) {
        struct mime_fields fields = {0};
        if (!take_header(scan, &fields, error))
            return false;
        if (in_digest && !fields.has_type)
            fields.kind = MIME_MESSAGE;
        in_digest = false;
        if (fields.kind == MIME_LEAF)
            return true;
        if (fields.is_encoded)
            return error_perm(error, "a %s has a Content-Transfer-Encoding of its own",
                              fields.kind == MIME_MESSAGE ? "forwarded mail" : "multipart");
        if (!push(scan, &fields, error))
            return false;
        if (fields.kind != MIME_MESSAGE)
            return true;
    }
}

bool mime_scan(const void *bytes, size_t size, GError **error)
{
    struct scan scan = {.bytes = bytes, .size = size};
    if (!take_part(&scan, false, error))
        return false;
    while (scan.at < scan.size) {
        size_t next, level = 0;
        bool possible;
        struct mime_span line = line_at(&scan, &next);
        enum delimiter delimiter = delimiter_of(&scan, line, &level, &possible);
        if (possible && ++scan.boundary_lines > LIMIT_MAIL_PARTS)
            return error_perm(error, "the mail has more than %d parts", LIMIT_MAIL_PARTS);
        scan.at = next;
        if (delimiter == NO_DELIMITER)
            continue;
        scan.depth = level + 1;
        if (delimiter == OPENS_PART && !take_part(&scan, scan.levels[level].is_digest, error))
            return false;
    }
    return true;
}
