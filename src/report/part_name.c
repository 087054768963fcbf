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
    GString *out = g_string_new(NULL);
    for (const char *p = target; *p != '\0' && *p != '#'; p++) {
        char c = *p;
        if (c == '%' && g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2])) {
            c = (char)(g_ascii_xdigit_value(p[1]) * 16 + g_ascii_xdigit_value(p[2]));
            p += 2;
            if (c == '\0') {
                g_string_free(out, TRUE);
                return NULL;
            }
        }
        g_string_append_c(out, c == '\\' ? '/' : c);
    }
    return g_string_free(out, FALSE);
}

/* Appends the segments of `path`, `.` and `..` worked in. False if it climbs above the root. */
static bool append_segments(GPtrArray *segments, const char *path)
{
    g_auto(GStrv) pieces = g_strsplit(path, "/", -1);
    for (size_t i = 0; pieces[i] != NULL; i++) {
        if (pieces[i][0] == '\0' || strcmp(pieces[i], ".") == 0)
            continue;
        if (strcmp(pieces[i], "..") != 0) {
            g_ptr_array_add(segments, g_strdup(pieces[i]));
            continue;
        }
        if (segments->len == 0)
            return false;
        g_ptr_array_remove_index(segments, segments->len - 1);
    }
    return true;
}

char *part_name_resolve(const char *source, const char *target)
{
    g_autofree char *path = decode(target);
    if (path == NULL || path[0] == '\0')
        return NULL;
    g_autoptr(GPtrArray) segments = g_ptr_array_new_with_free_func(g_free);
    const char *slash = strrchr(source, '/');
    if (path[0] != '/' && slash != NULL) {
        g_autofree char *folder = g_strndup(source, (size_t)(slash - source));
        append_segments(segments, folder);
    }
    if (!append_segments(segments, path) || segments->len == 0)
        return NULL;
    g_ptr_array_add(segments, NULL);
    return g_strjoinv("/", (char **)segments->pdata);
}

char *part_name_relationships(const char *source)
{
    const char *slash = strrchr(source, '/');
    int folder = slash == NULL ? 0 : (int)(slash + 1 - source);
    return g_strdup_printf("%.*s_rels/%s.rels", folder, source, source + folder);
}

char *part_name_display(const char *name)
{
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
