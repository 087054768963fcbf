/*
 * See http_request.h. The octets of the head are kept as they come, CRLF as one NUL, and each line
 * is looked at when it ends: so a fault is found at the same octet however the bytes are split.
 */
#include "proto/http_request.h"

#include "base/limits.h"
#include "proto/ascii.h"
#include "proto/memory.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 512, MOST_DIGITS = 15 /* of a length: no sum of two overflows */ };

void http_head_init(struct http_head *head)
{
    memset(head, 0, sizeof *head);
}

void http_head_init_trailer(struct http_head *head)
{
    http_head_init(head);
    head->has_request_line = true;
    head->request.is_old = true; /* so that no Host is missed */
    head->request.host = "";
}

void http_head_clear(struct http_head *head)
{
    free(head->text);
    free(head->places);
    free(head->fields);
    http_head_init(head);
}

bool http_head_has_begun(const struct http_head *head)
{
    return head->octets > 0;
}

const char *http_request_field(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->field_count; i++)
        if (strcmp(request->fields[i].name, name) == 0)
            return request->fields[i].value;
    return NULL;
}

static bool fault(struct http_head *head, unsigned status, const char *why)
{
    head->fault = (struct http_fault){.status = status, .why = why};
    return false;
}

/* The text moves while it grows: until its end things have places in it, not addresses. */
static uint16_t place(const struct http_head *head, const char *text)
{
    return (uint16_t)(text - head->text);
}

/* --- the request line --- */

/* RFC 9110, 5.6.2 */
static bool is_token_octet(char c)
{
    return ascii_is_alnum(c) || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_token(const char *text)
{
    const char *c = text;
    while (is_token_octet(*c))
        c++;
    return c > text && *c == '\0';
}

/* Octets of a URI, each `%` with its two digits, none of them a NUL. */
static bool is_uri(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (!ascii_is_graph(*c) || strchr("\"<>\\^`{|}#", *c) != NULL)
            return false;
        if (*c == '%' && (ascii_hex(c[1]) < 0 || ascii_hex(c[2]) < 0 ||
                          (ascii_hex(c[1]) == 0 && ascii_hex(c[2]) == 0)))
            return false;
    }
    return true;
}

/* Behind http://host: the path. A server has to understand it (RFC 9112, 3.2.2); whose host it is
 * plays no part here. */
static char *skip_authority(char *target)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t length = strlen(schemes[i]);
        if (strncmp(target, schemes[i], length) == 0)
            return target + length + strcspn(target + length, "/?");
    }
    return target;
}

static bool read_version(struct http_head *head, const char *version)
{
    if (strncmp(version, "HTTP/", 5) != 0 || !ascii_is_digit(version[5]) || version[6] != '.' ||
        !ascii_is_digit(version[7]) || version[8] != '\0')
        return fault(head, 400, "the request line does not end with HTTP/1.1");
    if (version[5] != '1' || version[7] > '1')
        return fault(head, 505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    head->request.is_old = version[7] == '0';
    return true;
}

/* Method, one blank, target, one blank, version. */
static bool read_request_line(struct http_head *head, char *line)
{
    char *target = strchr(line, ' ');
    char *version = target != NULL ? strchr(target + 1, ' ') : NULL;
    if (version == NULL)
        return fault(head, 400, "the request line is not `METHOD TARGET HTTP/1.1`");
    *target++ = *version++ = '\0';
    if (!is_token(line))
        return fault(head, 400, "the method is no word");
    if (!read_version(head, version))
        return false;
    char *path = skip_authority(target);
    if (path[0] != '/' || !is_uri(target))
        return fault(head, 400, "the target of the request is not the path of a URI");
    char *query = strchr(path, '?');
    if (query != NULL) {
        *query++ = '\0';
        head->query = place(head, query);
    }
    head->method = place(head, line);
    head->path = place(head, path);
    return true;
}

/* --- fields --- */

static bool is_field_text(const char *text)
{
    for (; *text != '\0'; text++)
        if (!ascii_is_graph(*text) && !ascii_is_blank(*text) && !ascii_is_8bit(*text))
            return false;
    return true;
}

static bool read_field(struct http_head *head, char *line)
{
    if (ascii_is_blank(line[0]))
        return fault(head, 400, "a field continues on a second line");
    char *colon = strchr(line, ':');
    if (colon == NULL)
        return fault(head, 400, "a line of the head is no field: it has no colon");
    *colon = '\0';
    if (!is_token(line))
        return fault(head, 400, "the name of a field is no word");
    char *value = colon + 1;
    while (ascii_is_blank(*value))
        value++;
    size_t length = strlen(value);
    while (length > 0 && ascii_is_blank(value[length - 1]))
        value[--length] = '\0';
    if (!is_field_text(value))
        return fault(head, 400, "the value of a field has control characters in it");
    if (head->field_count == LIMIT_HTTP_FIELDS)
        return fault(head, 431, "the head has too many fields");
    for (char *c = line; *c != '\0'; c++)
        *c = ascii_lower(*c);
    if (head->places == NULL)
        head->places = memory_new(LIMIT_HTTP_FIELDS * sizeof *head->places);
    head->places[head->field_count++] =
        (struct http_place){.name = place(head, line), .value = place(head, value)};
    return true;
}

/* --- what the head as a whole says --- */

/* The one field of that name; false if there are several. */
static bool find_only(const struct http_head *head, const char *name, const char **value)
{
    *value = NULL;
    for (size_t i = 0; i < head->field_count; i++) {
        if (strcmp(head->fields[i].name, name) != 0)
            continue;
        if (*value != NULL)
            return false;
        *value = head->fields[i].value;
    }
    return true;
}

/* host, host:port, [v6]:port. */
static bool is_host(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if (!ascii_is_alnum(*c) && strchr("-._~!$&'()*+,;=:[]%", *c) == NULL)
            return false;
    return text[0] != '\0' && text[0] != ':';
}

static bool read_host(struct http_head *head)
{
    const char *host;
    if (!find_only(head, "host", &host))
        return fault(head, 400, "there is more than one Host");
    if (host == NULL && !head->request.is_old)
        return fault(head, 400, "the Host is missing");
    if (host != NULL && !is_host(host))
        return fault(head, 400, "the Host is no host");
    head->request.host = host != NULL ? host : "";
    return true;
}

static bool read_length(struct http_head *head)
{
    const char *text;
    if (!find_only(head, "content-length", &text))
        return fault(head, 400, "there is more than one Content-Length");
    if (text == NULL)
        return true;
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || text[digits] != '\0')
        return fault(head, 400, "the Content-Length is no number");
    if (digits > MOST_DIGITS)
        return fault(head, 413, "the Content-Length is beyond any limit");
    head->request.content_length = strtoull(text, NULL, 10);
    head->request.has_length = true;
    return true;
}

static bool read_transfer_encoding(struct http_head *head)
{
    const char *text;
    if (!find_only(head, "transfer-encoding", &text))
        return fault(head, 400, "there is more than one Transfer-Encoding");
    if (text == NULL)
        return true;
    if (head->request.is_old)
        return fault(head, 400, "HTTP/1.0 has no Transfer-Encoding");
    if (head->request.has_length)
        return fault(head, 400, "there are both a Content-Length and a Transfer-Encoding");
    if (!ascii_is_word(text, strlen(text), "chunked"))
        return fault(head, 501, "the only Transfer-Encoding here is chunked");
    head->request.is_chunked = true;
    return true;
}

/* Whether one of the words between commas is this one. */
static bool has_word(const char *list, const char *word)
{
    while (*list != '\0') {
        list += strspn(list, ", \t");
        size_t length = strcspn(list, ", \t");
        if (length > 0 && ascii_is_word(list, length, word))
            return true;
        list += length;
    }
    return false;
}

static bool read_expect(struct http_head *head)
{
    const char *expect = http_request_field(&head->request, "expect");
    if (expect == NULL || head->request.is_old)
        return true;
    if (!ascii_is_word(expect, strlen(expect), "100-continue"))
        return fault(head, 417, "the only Expect here is 100-continue");
    head->request.wants_to_know = true;
    return true;
}

static bool read_all(struct http_head *head)
{
    struct http_request *request = &head->request;
    head->fields = memory_new((head->field_count + 1) * sizeof *head->fields);
    for (size_t i = 0; i < head->field_count; i++)
        head->fields[i] = (struct http_field){.name = head->text + head->places[i].name,
                                              .value = head->text + head->places[i].value};
    request->method = head->text + head->method;
    request->path = head->text + head->path;
    request->query = head->query != 0 ? head->text + head->query : NULL;
    request->fields = head->fields;
    request->field_count = head->field_count;
    request->wants_close = request->is_old;
    for (size_t i = 0; i < head->field_count; i++)
        if (strcmp(head->fields[i].name, "connection") == 0 &&
            has_word(head->fields[i].value, "close"))
            request->wants_close = true;
    return read_host(head) && read_length(head) && read_transfer_encoding(head) &&
           read_expect(head);
}

/* --- octets --- */

static bool is_full(struct http_head *head)
{
    if (!head->has_request_line && head->octets > LIMIT_HTTP_REQUEST_LINE)
        return !fault(head, 414, "the request line is too long");
    if (head->octets > LIMIT_HTTP_HEAD)
        return !fault(head, 431, "the head of the request is too long");
    return false;
}

static void keep(struct http_head *head, char c)
{
    if (head->length == head->room) {
        head->room = head->room == 0 ? FIRST_ROOM : head->room * 2;
        head->text = memory_resize(head->text, head->room);
    }
    head->text[head->length++] = c;
}

static enum http_head_result end_of_line(struct http_head *head)
{
    char *line = head->text + head->line;
    bool is_empty = head->length - head->line == 1;
    if (is_empty && !head->has_request_line) {
        /* One empty line before a request is overlooked (RFC 9112, 2.2). */
        if (head->has_empty_line) {
            fault(head, 400, "there are empty lines before the request");
            return HTTP_HEAD_BAD;
        }
        head->has_empty_line = true;
        head->length = head->line;
        return HTTP_HEAD_MORE;
    }
    if (is_empty)
        return read_all(head) ? HTTP_HEAD_READY : HTTP_HEAD_BAD;
    bool is_good = head->has_request_line ? read_field(head, line) : read_request_line(head, line);
    head->has_request_line = true;
    head->line = head->length;
    return is_good ? HTTP_HEAD_MORE : HTTP_HEAD_BAD;
}

/* One octet. CR is not kept; LF ends the line, and a NUL stands in its place. */
static enum http_head_result take(struct http_head *head, char c)
{
    head->octets++;
    if (is_full(head))
        return HTTP_HEAD_BAD;
    if (head->has_cr != (c == '\n')) {
        fault(head, 400, head->has_cr ? "there is a bare CR" : "there is a bare LF");
        return HTTP_HEAD_BAD;
    }
    if (c == '\0') {
        fault(head, 400, "there is a NUL");
        return HTTP_HEAD_BAD;
    }
    head->has_cr = c == '\r';
    if (head->has_cr)
        return HTTP_HEAD_MORE;
    if (c != '\n') {
        keep(head, c);
        return HTTP_HEAD_MORE;
    }
    keep(head, '\0');
    return end_of_line(head);
}

enum http_head_result http_head_feed(struct http_head *head, const char *bytes, size_t size,
                                     size_t *taken)
{
    enum http_head_result result = HTTP_HEAD_MORE;
    size_t at = 0;
    while (at < size && result == HTTP_HEAD_MORE)
        result = take(head, bytes[at++]);
    *taken = at;
    return result;
}
