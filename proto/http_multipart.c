/* See http_multipart.h. */
#include "proto/http_multipart.h"

#include "proto/ascii.h"

#include <stdio.h>
#include <string.h>

/* Where needle begins in text[0 .. length), or NULL. */
static const char *find(const char *text, size_t length, const char *needle, size_t needle_length)
{
    while (length >= needle_length) {
        const char *first = memchr(text, needle[0], length - needle_length + 1);
        if (first == NULL)
            return NULL;
        if (memcmp(first, needle, needle_length) == 0)
            return first;
        length -= (size_t)(first + 1 - text);
        text = first + 1;
    }
    return NULL;
}

/* The value of a parameter behind a field's value: `; name="value"` or `; name=value`, into room
 * for `size` octets. False: there is none, or it is too long. */
static bool read_parameter(const char *text, size_t length, const char *name, char *value,
                           size_t size)
{
    size_t name_length = strlen(name);
    bool is_quoted = false;
    for (size_t i = 0; i + name_length + 1 < length; i++) {
        is_quoted ^= text[i] == '"';
        if (is_quoted || text[i] != ';')
            continue;
        size_t at = i + 1;
        while (at < length && ascii_is_blank(text[at]))
            at++;
        if (length - at <= name_length || !ascii_is_word(text + at, name_length, name) ||
            text[at + name_length] != '=')
            continue;
        at += name_length + 1;
        bool has_quotes = at < length && text[at] == '"';
        at += has_quotes;
        size_t used = 0;
        for (; at < length && (has_quotes ? text[at] != '"' : text[at] != ';'); at++) {
            if (used + 1 >= size)
                return false;
            value[used++] = text[at];
        }
        value[used] = '\0';
        return used > 0;
    }
    return false;
}

bool http_multipart_init(struct http_multipart *multipart, const char *type, const char *body,
                         size_t length)
{
    static const char kind[] = "multipart/form-data";
    char boundary[LIMIT_MAIL_BOUNDARY + 1];
    memset(multipart, 0, sizeof *multipart);
    if (strlen(type) < sizeof kind - 1 || !ascii_is_word(type, sizeof kind - 1, kind) ||
        !read_parameter(type, strlen(type), "boundary", boundary, sizeof boundary))
        return false;
    multipart->delimiter_length =
        (size_t)snprintf(multipart->delimiter, sizeof multipart->delimiter, "\r\n--%s", boundary);
    multipart->at = body;
    multipart->end = body + length;
    /* The first one stands at the very beginning, without its CRLF. */
    size_t first = multipart->delimiter_length - 2;
    if (length < first || memcmp(body, multipart->delimiter + 2, first) != 0)
        return false;
    multipart->at += first;
    return true;
}

/* The field Content-Disposition among the lines of a part's head. */
static bool read_head(const char *head, size_t length, struct http_part *part)
{
    static const char field[] = "content-disposition:";
    char file_name[LIMIT_HTTP_PART_NAME];
    for (const char *line = head; line < head + length;) {
        size_t left = length - (size_t)(line - head);
        const char *end = find(line, left, "\r\n", 2);
        size_t size = end != NULL ? (size_t)(end - line) : left;
        if (size > sizeof field - 1 && ascii_is_word(line, sizeof field - 1, field)) {
            part->has_file_name =
                read_parameter(line, size, "filename", file_name, sizeof file_name) ||
                find(line, size, "filename", 8) != NULL;
            return read_parameter(line, size, "name", part->name, sizeof part->name);
        }
        line += size + 2;
    }
    return false;
}

enum http_part_result http_multipart_next(struct http_multipart *multipart, struct http_part *part)
{
    size_t left = (size_t)(multipart->end - multipart->at);
    memset(part, 0, sizeof *part);
    if (left >= 2 && memcmp(multipart->at, "--", 2) == 0)
        return HTTP_PART_NONE;
    if (left < 2 || memcmp(multipart->at, "\r\n", 2) != 0 || ++multipart->parts > LIMIT_MAIL_PARTS)
        return HTTP_PART_BAD;
    /* The head begins behind that CRLF, and an empty line ends it. */
    const char *head = multipart->at + 2;
    size_t most = left - 2 < LIMIT_HTTP_PART_HEAD ? left - 2 : LIMIT_HTTP_PART_HEAD;
    const char *empty = find(head, most, "\r\n\r\n", 4);
    if (empty == NULL || !read_head(head, (size_t)(empty - head), part))
        return HTTP_PART_BAD;
    part->content = empty + 4;
    const char *next = find(part->content - 2, (size_t)(multipart->end - part->content) + 2,
                            multipart->delimiter, multipart->delimiter_length);
    if (next == NULL)
        return HTTP_PART_BAD;
    part->length = next < part->content ? 0 : (size_t)(next - part->content);
    multipart->at = next + multipart->delimiter_length;
    return HTTP_PART;
}
