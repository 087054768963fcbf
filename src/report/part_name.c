/*
 * Path arithmetic on names that strangers chose. Nothing here touches a file system; still a target
 * may not climb above the root, because then nobody can say what it meant.
 */
#include "report/part_name.h"

#include <stdbool.h>
#include <string.h>

enum { SHOWN_CHARACTERS = 100 };

/* %XX decoded and \ turned; NULL for %00. What looks like an escape and is none stays. */
static char *decode(const char *target)
{
    char *path = g_malloc(strlen(target) + 1), *to = path;
    for (const char *p = target; *p != '\0' && *p != '#'; p++) {
        char c = *p;
        if (c == '%' && g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2])) {
            c = (char)(g_ascii_xdigit_value(p[1]) * 16 + g_ascii_xdigit_value(p[2]));
            p += 2;
            if (c == '\0') {
                g_free(path);
                return NULL;
            }
        }
        *to++ = c == '\\' ? '/' : c;
    }
    *to = '\0';
    return path;
}

/* A name under way: segments with a / between them, not NUL-terminated. */
struct joined {
    char *text;
    size_t length;
};

/* Appends the segments of a path, `.` and `..` worked in. False if it climbs above the root. */
static bool append_segments(struct joined *joined, const char *path, size_t size)
{
    for (size_t at = 0, length; at < size; at += length + 1) {
        const char *p = path + at, *slash = memchr(p, '/', size - at);
        length = slash != NULL ? (size_t)(slash - p) : size - at;
        if (length == 0 || (length == 1 && p[0] == '.'))
            continue;
        if (length == 2 && memcmp(p, "..", 2) == 0) {
            if (joined->length == 0)
                return false;
            const char *last = memrchr(joined->text, '/', joined->length);
            joined->length = last == NULL ? 0 : (size_t)(last - joined->text);
            continue;
        }
        if (joined->length > 0)
            joined->text[joined->length++] = '/';
        memcpy(joined->text + joined->length, p, length);
        joined->length += length;
    }
    return true;
}

char *part_name_resolve(const char *source, const char *target)
{
    g_autofree char *path = decode(target);
    if (path == NULL || path[0] == '\0')
        return NULL;
    const char *slash = strrchr(source, '/');
    size_t folder = path[0] == '/' || slash == NULL ? 0 : (size_t)(slash - source);
    g_autofree char *text = g_malloc(folder + 1 + strlen(path) + 1);
    struct joined joined = {text, 0};
    append_segments(&joined, source, folder);
    if (!append_segments(&joined, path, strlen(path)) || joined.length == 0)
        return NULL;
    text[joined.length] = '\0';
    return g_steal_pointer(&text);
}

char *part_name_relationships(const char *source)
{
    const char *slash = strrchr(source, '/');
    int folder = slash == NULL ? 0 : (int)(slash + 1 - source);
    return g_strdup_printf("%.*s_rels/%s.rels", folder, source, source + folder);
}

/* Nearly all names are. */
static bool is_shown_as_it_is(const char *name)
{
    size_t length = 0;
    while (length <= SHOWN_CHARACTERS && name[length] >= ' ' && name[length] <= '~')
        length++;
    return name[length] == '\0' && length <= SHOWN_CHARACTERS;
}

char *part_name_display(const char *name)
{
    if (is_shown_as_it_is(name))
        return g_strdup(name);
    g_autofree char *text = g_utf8_make_valid(name, -1);
    GString *out = g_string_new(NULL);
    const char *p = text;
    for (size_t i = 0; *p != '\0' && i < SHOWN_CHARACTERS; i++, p += g_utf8_skip[(guchar)*p]) {
        gunichar c = g_utf8_get_char(p);
        g_string_append_unichar(out, g_unichar_isprint(c) ? c : '?');
    }
    if (*p != '\0')
        g_string_append(out, "...");
    return g_string_free(out, FALSE);
}
