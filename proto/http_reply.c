/* See http_reply.h. */
#include "proto/http_reply.h"

#include "proto/ascii.h"
#include "proto/memory.h"

#include <stdio.h>
#include <string.h>

enum { HEAD_ROOM = 512 /* octets of all that is said in every reply */ };

static const struct {
    unsigned status;
    const char *reason;
} reasons[] = {
    {200, "OK"},
    {201, "Created"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

const char *http_reply_reason(unsigned status)
{
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Unknown";
}

/* These have no body, and no length of one (RFC 9110, 8.6). */
static bool is_bare(unsigned status)
{
    return status == 204 || status == 304;
}

char *http_reply_octets(const struct http_reply *reply, const struct http_reply_manner *manner,
                        size_t *length)
{
    const char *fields = reply->fields != NULL ? reply->fields : "";
    size_t room = HEAD_ROOM + strlen(fields) + reply->length;
    char *octets = memory_new(room);
    int head = snprintf(octets, room, "HTTP/1.1 %u %s\r\n", reply->status,
                        http_reply_reason(reply->status));
    if (manner->date != NULL)
        head += snprintf(octets + head, room - (size_t)head, "Date: %s\r\n", manner->date);
    if (reply->content_type != NULL && !is_bare(reply->status))
        head += snprintf(octets + head, room - (size_t)head, "Content-Type: %.200s\r\n",
                         reply->content_type);
    if (!is_bare(reply->status))
        head +=
            snprintf(octets + head, room - (size_t)head, "Content-Length: %zu\r\n", reply->length);
    head += snprintf(octets + head, room - (size_t)head, "%s%s\r\n",
                     manner->closes ? "Connection: close\r\n" : "", fields);
    *length = (size_t)head;
    if (manner->is_head || is_bare(reply->status) || reply->length == 0)
        return octets;
    memcpy(octets + head, reply->body, reply->length);
    *length += reply->length;
    return octets;
}

char *http_reply_error_body(const char *why)
{
    size_t room = strlen(why) + sizeof "{\"error\":\"\"}";
    char *body = memory_new(room);
    int length = snprintf(body, room, "{\"error\":\"%s\"}", why);
    for (char *c = body + sizeof "{\"error\":\"" - 1; c < body + length - 2; c++)
        if (*c == '"' || *c == '\\' || (!ascii_is_graph(*c) && *c != ' ' && !ascii_is_8bit(*c)))
            *c = '?';
    return body;
}
