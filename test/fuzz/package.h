/*
 * A workbook as a text that a fuzzer can change: `=== NAME` on a line of its own, then the part's
 * content up to the next such line. It becomes a zip file with right sizes and checksums, so that
 * what is changed is read and not refused at the door.
 */
#ifndef CALLMX_FUZZ_PACKAGE_H
#define CALLMX_FUZZ_PACKAGE_H

#include <glib.h>
#include <libdeflate.h>
#include <stdint.h>
#include <string.h>

#define PACKAGE_MARK "=== "

static inline void package_numbers(GByteArray *out, const char *widths, const uint32_t *numbers)
{
    for (; *widths != '\0'; widths++, numbers++)
        for (int i = 0; i < *widths - '0'; i++)
            g_byte_array_append(out, &(const guint8){(guint8)(*numbers >> 8 * i)}, 1);
}

static inline GBytes *package_zip(const char *text, size_t size)
{
    GByteArray *out = g_byte_array_new();
    g_autoptr(GByteArray) directory = g_byte_array_new();
    uint32_t count = 0;
    const char *end = text + size, *at = text;
    while (count < 40 && end - at > 4 && memcmp(at, PACKAGE_MARK, 4) == 0) {
        const char *name = at + 4, *line = memchr(name, '\n', (size_t)(end - name));
        if (line == NULL)
            break;
        const char *body = line + 1;
        const char *next = memmem(body, (size_t)(end - body), "\n" PACKAGE_MARK, 5);
        uint32_t length = (uint32_t)((next != NULL ? next : end) - body);
        uint32_t crc = libdeflate_crc32(0, length > 0 ? body : "", length), offset = out->len;
        uint32_t name_length = (uint32_t)MIN(line - name, 500);
        package_numbers(
            out, "42222244422",
            (const uint32_t[]){0x04034b50, 20, 0, 0, 0, 0, crc, length, length, name_length, 0});
        g_byte_array_append(out, (const guint8 *)name, name_length);
        g_byte_array_append(out, (const guint8 *)body, length);
        package_numbers(directory, "42222224442222244",
                        (const uint32_t[]){0x02014b50, 20, 20, 0, 0, 0, 0, crc, length, length,
                                           name_length, 0, 0, 0, 0, 0, offset});
        g_byte_array_append(directory, (const guint8 *)name, name_length);
        count++;
        at = next != NULL ? next + 1 : end;
    }
    uint32_t start = out->len;
    g_byte_array_append(out, directory->data, directory->len);
    package_numbers(out, "42222442",
                    (const uint32_t[]){0x06054b50, 0, 0, count, count, directory->len, start, 0});
    return g_byte_array_free_to_bytes(out);
}

#define PACKAGE_MAIN  "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define PACKAGE_LINKS "http://schemas.openxmlformats.org/package/2006/relationships"
#define PACKAGE_R     "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PACKAGE_T     "<c t=\"inlineStr\"><is><t>"
#define PACKAGE_N     "</t></is></c>" PACKAGE_T
#define PACKAGE_TO(target, type)                                                                   \
    "<Relationships xmlns=\"" PACKAGE_LINKS "\"><Relationship Id=\"a\" Target=\"" target           \
    "\" Type=\"" PACKAGE_R "/" type "\"/></Relationships>\n"

/* The text of a small Calls report with so many calls, at most ten. g_free it. */
static inline char *package_of_calls(int count)
{
    GString *text = g_string_new("=== _rels/.rels\n" PACKAGE_TO(
        "w", "officeDocument") "=== w\n<workbook xmlns=\"" PACKAGE_MAIN "\" xmlns:r=\"" PACKAGE_R
                               "\"><sheets><sheet name=\"Calls\" r:id=\"a\"/></sheets></workbook>\n"
                               "=== _rels/w.rels\n" PACKAGE_TO(
                                   "s", "worksheet") "=== s\n<worksheet xmlns=\"" PACKAGE_MAIN
                                                     "\"><sheetData><row>" PACKAGE_T
                                                     "Session Id" PACKAGE_N
                                                     "Call Start Time" PACKAGE_N
                                                     "Call Direction</t></is></c></row>");
    for (int i = 0; i < count; i++)
        g_string_append_printf(text,
                               "<row>" PACKAGE_T "4000000000001" PACKAGE_N
                               "01/05/2026 9:00:0%d AM" PACKAGE_N "Inbound</t></is></c></row>",
                               i);
    g_string_append(text, "</sheetData></worksheet>");
    return g_string_free(text, FALSE);
}

#endif
