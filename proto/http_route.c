/* See http_route.h. */
#include "proto/http_route.h"

#include "proto/http_form.h"
#include "proto/memory.h"

#include <stdlib.h>
#include <string.h>

enum { ALLOW_ROOM = 64 };

void http_match_clear(struct http_match *match)
{
    free(match->text);
    free(match->allow);
    memset(match, 0, sizeof *match);
}

/* One part of a path; the beginning of the next, or NULL behind the last. */
static char *cut(char *part)
{
    char *slash = strchr(part, '/');
    if (slash != NULL)
        *slash++ = '\0';
    return slash;
}

/* Whether the path is the route's; fills in the values. `text` is a copy of the path, and is cut.
 */
static bool fits(const char *route, char *text, struct http_match *match)
{
    char *part = text + 1;
    match->value_count = 0;
    for (route++;; route++) {
        size_t length = strcspn(route, "/");
        char *next = cut(part);
        if (!http_form_decode_part(part))
            return false;
        if (route[0] == '{') {
            if (part[0] == '\0' || match->value_count == LIMIT_HTTP_PARAMETERS)
                return false;
            match->values[match->value_count++] = part;
        } else if (strncmp(part, route, length) != 0 || part[length] != '\0') {
            return false;
        }
        route += length;
        if (next == NULL || *route == '\0')
            return next == NULL && *route == '\0';
        part = next;
    }
}

static void allow(char *list, const char *method)
{
    if (list[0] != '\0')
        strncat(list, ", ", ALLOW_ROOM - strlen(list) - 1);
    strncat(list, method, ALLOW_ROOM - strlen(list) - 1);
}

static bool is_method(const char *route, const char *method)
{
    return strcmp(route, method) == 0 || (strcmp(route, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

enum http_found http_route_find(const void *routes, size_t count, size_t stride, const char *method,
                                const char *path, struct http_match *match)
{
    char list[ALLOW_ROOM] = "";
    memset(match, 0, sizeof *match);
    for (size_t i = 0; i < count; i++) {
        const struct http_route *route =
            (const struct http_route *)(const void *)((const char *)routes + i * stride);
        free(match->text);
        match->text = memory_string(path, strlen(path));
        if (!fits(route->path, match->text, match))
            continue;
        match->route = i;
        if (is_method(route->method, method))
            return HTTP_FOUND;
        allow(list, route->method);
        if (strcmp(route->method, "GET") == 0)
            allow(list, "HEAD");
    }
    if (list[0] == '\0')
        return HTTP_NO_ROUTE;
    allow(list, "OPTIONS");
    match->allow = memory_string(list, strlen(list));
    return HTTP_NO_METHOD;
}
