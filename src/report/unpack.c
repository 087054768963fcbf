/*
 * The container sees to it that a zip file harms nobody: each part is inflated into what its
 * directory declares and the limits allow. Names are only for show.
 */
#include "report/unpack.h"

#include "base/error.h"
#include "base/limits.h"
#include "report/base64.h"
#include "report/container.h"
#include "report/signature.h"

#include <string.h>

static bool is_report_name(const char *name)
{
    static const char *const suffixes[] = {".xlsx", ".xlsm", ".xltx", ".csv"};
    size_t length = strlen(name);
    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        size_t tail = strlen(suffixes[i]);
        if (length >= tail && g_ascii_strcasecmp(name + length - tail, suffixes[i]) == 0)
            return true;
    }
    return false;
}

/* Macs put a shadow of each file beside it. */
static bool is_shadow(const char *name)
{
    return g_str_has_prefix(name, "__MACOSX/") || g_str_has_prefix(name, "._") ||
           strstr(name, "/._") != NULL;
}

static const char *without_folders(const char *name)
{
    for (const char *p = name; *p != '\0'; p++)
        if (*p == '/' || *p == '\\')
            name = p + 1;
    return name;
}

static enum unpacked unpack_zip(const void *bytes, size_t size, size_t *inflated,
                                unpack_fn *on_file, void *context, GError **error)
{
    AUTO(container) container = container_open(bytes, size, inflated, NULL);
    if (container == NULL || container_has(container, "[Content_Types].xml") ||
        container_has(container, "_rels/.rels") || signature_of_package(container) != NULL)
        return UNPACK_NOTHING;
    enum unpacked answer = UNPACK_NOTHING;
    for (size_t i = 0; i < container_count(container); i++) {
        const char *name = container_name(container, i);
        if (!is_report_name(name) || is_shadow(name))
            continue;
        g_autoptr(GError) inner = NULL;
        g_autoptr(GBytes) part = container_read(container, name, LIMIT_WORKBOOK_BYTES, &inner);
        if (part == NULL) {
            error_perm(error, "a workbook in the zip file cannot be read: %s", inner->message);
            return UNPACK_BAD;
        }
        g_autofree char *shown = g_utf8_make_valid(without_folders(name), -1);
        answer = UNPACK_DONE;
        if (!on_file(context, shown, part))
            break;
    }
    return answer;
}

static enum unpacked unpack_base64(const void *bytes, size_t size, unpack_fn *on_file,
                                   void *context, GError **error)
{
    g_autoptr(GByteArray) content = g_byte_array_sized_new((guint)(size / 4 * 3 + 3));
    g_autoptr(GError) inner = NULL;
    if (!base64_decode(bytes, size, content, &inner)) {
        error_perm(error, "the workbook is still in base64, and damaged: %s", inner->message);
        return UNPACK_BAD;
    }
    g_autoptr(GBytes) decoded = g_byte_array_free_to_bytes(g_steal_pointer(&content));
    on_file(context, NULL, decoded);
    return UNPACK_DONE;
}

enum unpacked unpack(const void *bytes, size_t size, size_t *inflated, unpack_fn *on_file,
                     void *context, GError **error)
{
    if (size > LIMIT_WORKBOOK_BYTES)
        return UNPACK_NOTHING;
    const char *kind = signature_of_bytes(bytes, size)->kind;
    if (strcmp(kind, "base64") == 0)
        return unpack_base64(bytes, size, on_file, context, error);
    return strcmp(kind, "workbook") == 0
               ? unpack_zip(bytes, size, inflated, on_file, context, error)
               : UNPACK_NOTHING;
}
