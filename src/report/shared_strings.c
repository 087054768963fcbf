/*
 * All texts lie one behind the other in one block, with a table of where each begins: a million
 * strings cost no million allocations, and cells point into the block. `count` and `uniqueCount`
 * are hints that real files get wrong: nothing is allocated by them.
 *
 * Of a string all <t> count, its own and those of its runs <r>; phonetic ones (<rPh>) do not.
 * An empty <si/> is a string too: leaving it out would shift all that follow.
 */
#include "report/shared_strings.h"

#include "base/limits.h"
#include "report/xml.h"
#include "report/xml_scan.h"

#include <stdint.h>
#include <string.h>

struct shared_strings {
    GBytes *block;
    const char *text; /* of the block */
    size_t size;
    GArray *starts; /* of uint32_t: where each string begins in text */
};

enum { SCANNED_TEXT = 4 * KIB }; /* octets; a longer one is read by expat */

enum place { OUTSIDE, TABLE, ITEM, RUN, ITEM_TEXT, RUN_TEXT };

static const struct {
    enum place in;
    const char *name;
    enum place to;
} STEPS[] = {
    {OUTSIDE, "sst", TABLE}, {TABLE, "si", ITEM},  {ITEM, "t", ITEM_TEXT},
    {ITEM, "r", RUN},        {RUN, "t", RUN_TEXT},
};
static const enum place PARENTS[] = {OUTSIDE, OUTSIDE, TABLE, ITEM, ITEM, RUN};

struct reading {
    GString *text;
    GArray *starts;
    enum place place;
    unsigned skipped; /* depth within an element that has no place here */
    size_t start;     /* of the string under way */
};

void shared_strings_append(GString *string, size_t start, const char *text, size_t length)
{
    size_t room = 4UL * LIMIT_CELL_TEXT - MIN(string->len - start, 4UL * LIMIT_CELL_TEXT);
    if (length > room) {
        length = room;
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
            length--;
    }
    g_string_append_len(string, text, (gssize)length);
}

/* The code of an escape at `p`, or -1. */
static int escape_code(const char *p, size_t room)
{
    if (room < 7 || p[0] != '_' || p[1] != 'x' || p[6] != '_')
        return -1;
    int code = 0;
    for (int i = 2; i < 6; i++) {
        int digit = g_ascii_xdigit_value(p[i]);
        if (digit < 0)
            return -1;
        code = code * 16 + digit;
    }
    return code;
}

size_t shared_strings_unescape(char *text, size_t length)
{
    if (memmem(text, length, "_x", 2) == NULL)
        return length;
    size_t to = 0;
    for (size_t from = 0; from < length;) {
        int code = escape_code(text + from, length - from);
        if (code < 0) {
            text[to++] = text[from++];
            continue;
        }
        if (code != 0 && (code < 0xD800 || code > 0xDFFF))
            to += (size_t)g_unichar_to_utf8((gunichar)code, text + to);
        from += 7;
    }
    return to;
}

static void item_start(struct reading *reading, struct xml *xml)
{
    if (reading->starts->len == LIMIT_SHARED_STRINGS)
        xml_fail(xml, "the workbook has more than %d shared strings: refused",
                 LIMIT_SHARED_STRINGS);
    reading->start = reading->text->len;
}

static void on_start(void *context, struct xml *xml, enum xml_namespace space, const char *name,
                     xml_attributes attributes)
{
    (void)attributes;
    struct reading *reading = context;
    for (size_t i = 0; i < G_N_ELEMENTS(STEPS) && reading->skipped == 0; i++) {
        if (STEPS[i].in != reading->place || space != XML_MAIN || strcmp(STEPS[i].name, name) != 0)
            continue;
        reading->place = STEPS[i].to;
        if (reading->place == ITEM)
            item_start(reading, xml);
        return;
    }
    reading->skipped++;
}

static void item_end(struct reading *reading)
{
    GString *text = reading->text;
    size_t length = shared_strings_unescape(text->str + reading->start, text->len - reading->start);
    g_string_truncate(text, reading->start + length);
    g_string_append_c(text, '\0');
    uint32_t start = (uint32_t)reading->start;
    g_array_append_val(reading->starts, start);
}

static void on_end(void *context, struct xml *xml, enum xml_namespace space, const char *name)
{
    (void)xml, (void)space, (void)name;
    struct reading *reading = context;
    if (reading->skipped > 0) {
        reading->skipped--;
        return;
    }
    if (reading->place == ITEM)
        item_end(reading);
    reading->place = PARENTS[reading->place];
}

static void on_text(void *context, struct xml *xml, const char *text, size_t length)
{
    (void)xml;
    struct reading *reading = context;
    if (reading->skipped == 0 && (reading->place == ITEM_TEXT || reading->place == RUN_TEXT))
        shared_strings_append(reading->text, reading->start, text, length);
}

static bool is_among(void *context)
{
    const struct reading *reading = context;
    return reading->place == TABLE && reading->skipped == 0;
}

/* Takes <si><t>…</t></si>, and what the attribute xml:space says of it: nothing; and an empty one.
 */
static bool scan_item(struct xml_scan *scan, struct xml_piece *text, struct xml_room room)
{
    *text = (struct xml_piece){"", 0};
    if (xml_scan_take(scan, "<si/>") || xml_scan_take(scan, "<si></si>") ||
        xml_scan_take(scan, "<si><t/></si>"))
        return true;
    if (!xml_scan_take(scan, "<si><t>") && !xml_scan_take(scan, "<si><t xml:space=\"preserve\">"))
        return false;
    return xml_scan_text(scan, text, room) && xml_scan_take(scan, "</t></si>");
}

static void add(struct reading *reading, struct xml_piece text)
{
    GString *all = reading->text;
    uint32_t start = (uint32_t)all->len;
    g_array_append_val(reading->starts, start);
    g_string_set_size(all, all->len + text.length + 1);
    memcpy(all->str + start, text.text, text.length);
    all->str[start + text.length] = '\0';
}

static size_t scan_items(void *context, struct xml *xml, const char *bytes, size_t size)
{
    struct reading *reading = context;
    struct xml_scan scan = {bytes, bytes + size};
    char decoded[SCANNED_TEXT];
    struct xml_room room = {decoded, sizeof decoded};
    struct xml_piece text;
    const char *behind = bytes; /* the last item that was taken */
    (void)xml;
    while (reading->starts->len < LIMIT_SHARED_STRINGS) {
        xml_scan_blanks(&scan);
        if (!scan_item(&scan, &text, room) || text.length > SCANNED_TEXT)
            break;
        add(reading, text);
        behind = scan.at;
    }
    return (size_t)(behind - bytes);
}

struct shared_strings *shared_strings_read(const void *bytes, size_t size, bool by_scan,
                                           GError **error)
{
    static const struct xml_handler handler = {on_start, on_end, on_text};
    static const struct xml_scanner scanner = {XML_MAIN, "<si", "</si>", is_among, scan_items};
    struct reading reading = {.text = g_string_sized_new(size / 2),
                              .starts = g_array_new(FALSE, FALSE, sizeof(uint32_t))};
    static const char WHAT[] = "the workbook's table of shared strings";
    if (by_scan ? !xml_parse(bytes, size, WHAT, &handler, &scanner, &reading, error)
                : !xml_parse_by_expat(bytes, size, WHAT, &handler, &reading, error)) {
        g_string_free(reading.text, TRUE);
        g_array_unref(reading.starts);
        return NULL;
    }
    struct shared_strings *strings = g_new0(struct shared_strings, 1);
    strings->starts = reading.starts;
    strings->block = g_string_free_to_bytes(reading.text);
    strings->text = g_bytes_get_data(strings->block, &strings->size);
    return strings;
}

void shared_strings_free(struct shared_strings *strings)
{
    if (strings == NULL)
        return;
    g_bytes_unref(strings->block);
    g_array_unref(strings->starts);
    g_free(strings);
}

size_t shared_strings_count(const struct shared_strings *strings)
{
    return strings == NULL ? 0 : strings->starts->len;
}

const char *shared_strings_at(const struct shared_strings *strings, size_t index, size_t *length)
{
    size_t start = g_array_index(strings->starts, uint32_t, index);
    size_t end = index + 1 < strings->starts->len
                     ? g_array_index(strings->starts, uint32_t, index + 1)
                     : strings->size;
    *length = end - start - 1;
    return strings->text + start;
}

GBytes *shared_strings_block(const struct shared_strings *strings)
{
    return strings == NULL ? NULL : g_bytes_ref(strings->block);
}
