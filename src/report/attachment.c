/*
 * Attachments judged by content. To see the first bytes of each part without decoding all of it, a
 * short run of its transfer encoding is decoded leniently; the whole is decoded strictly, and only
 * when it is a candidate.
 */
#include "report/attachment.h"

#include "base/error.h"
#include "base/limits.h"
#include "report/base64.h"

#include <string.h>

enum { PEEK_RAW = 64, PEEK = 8 };

static bool has_suffix(const char *name, const char *const *suffixes)
{
    size_t length = name != NULL ? strlen(name) : 0;
    for (; *suffixes != NULL; suffixes++) {
        size_t tail = strlen(*suffixes);
        if (length > tail && g_ascii_strcasecmp(name + length - tail, *suffixes) == 0)
            return true;
    }
    return false;
}

bool attachment_has_signature(const void *bytes, size_t size)
{
    static const char *const signatures[] = {"PK\3\4", "PK\5\6", "\xd0\xcf\x11\xe0"};
    for (size_t i = 0; size >= 4 && i < G_N_ELEMENTS(signatures); i++) {
        if (memcmp(bytes, signatures[i], 4) == 0)
            return true;
    }
    return false;
}

/* Whether a signature may be what the content begins with: as it is, encoded, or behind a soft line
 * break. */
static bool may_begin_file(const char *quoted, size_t size)
{
    return size > 0 && strchr("PU=", quoted[0]) != NULL;
}

/* The first bytes, as far as they can be seen; none where they are known to be no file's. */
static void peek(const struct mime_part *part, GByteArray *head)
{
    const char *raw = part->content;
    size_t size = MIN(part->size, PEEK_RAW);
    if (part->encoding == MIME_QUOTED_PRINTABLE) {
        if (may_begin_file(raw, size))
            quoted_printable_decode(raw, size, head, NULL);
        return;
    }
    if (part->encoding != MIME_BASE64) {
        g_byte_array_append(head, (const guint8 *)raw, (guint)MIN(size, PEEK));
        return;
    }
    char digits[PEEK];
    size_t count = 0;
    for (size_t i = 0; i < size && count < sizeof digits; i++) {
        if (!g_ascii_isspace(raw[i]))
            digits[count++] = raw[i];
    }
    base64_decode(digits, count, head, NULL);
}

static bool is_named_spreadsheet(const struct mime_part *part)
{
    static const char *const suffixes[] = {".xlsx", ".xlsm", ".xltx", ".xls",
                                           ".xlsb", ".ods",  NULL};
    return has_suffix(part->name, suffixes) || strstr(part->type, "spreadsheet") != NULL ||
           strstr(part->type, "ms-excel") != NULL;
}

enum attachment_kind attachment_kind_of(const struct mime_part *part)
{
    static const char *const documents[] = {".docx", ".docm", ".pptx", ".odt", ".odp",
                                            ".jar",  ".apk",  ".epub", NULL};
    static const char *const csv[] = {".csv", NULL};
    g_autoptr(GByteArray) head = g_byte_array_new();
    peek(part, head);
    /* base64 that was left undone once */
    bool is_base64 = head->len >= 5 && memcmp(head->data, "UEsDB", 5) == 0;
    bool is_zip = head->len >= 2 && attachment_has_signature(head->data, head->len) &&
                  memcmp(head->data, "PK", 2) == 0;
    if (is_zip && has_suffix(part->name, documents))
        return ATTACHMENT_DOCUMENT;
    if (has_suffix(part->name, csv) || (strcmp(part->type, "text/csv") == 0 && !is_zip))
        return ATTACHMENT_CSV;
    if (is_zip || is_base64 || is_named_spreadsheet(part))
        return ATTACHMENT_WORKBOOK;
    if (strcmp(part->type, "application/ms-tnef") == 0 ||
        (part->name != NULL && g_ascii_strcasecmp(part->name, "winmail.dat") == 0))
        return ATTACHMENT_TNEF;
    return ATTACHMENT_OTHER;
}

GBytes *attachment_decode(const struct mime_part *part, GError **error)
{
    if (part->encoding == MIME_PLAIN)
        return g_bytes_new_static(part->content, part->size);
    if (part->encoding == MIME_UNKNOWN_ENCODING) {
        error_perm(error, "its Content-Transfer-Encoding \"%.40s\" is not known",
                   part->encoding_name);
        return NULL;
    }
    g_autoptr(GByteArray) content = g_byte_array_sized_new((guint)(part->size / 4 * 3 + 3));
    bool is_decoded = part->encoding == MIME_BASE64
                          ? base64_decode(part->content, part->size, content, error)
                          : quoted_printable_decode(part->content, part->size, content, error);
    return is_decoded ? g_byte_array_free_to_bytes(g_steal_pointer(&content)) : NULL;
}
