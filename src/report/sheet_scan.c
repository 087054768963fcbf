/*
 * One pass over the octets, no copy but of texts with references. What is hard about it: it must
 * stop at everything it is not sure of, and at a row's start, since what it has given to on_row
 * cannot be taken back. So a row is taken apart as a whole before it is given.
 */
#include "report/sheet_scan.h"

#include "base/limits.h"
#include "report/xml_scan.h"

#include <string.h>

enum {
    ROOM = 64 * KIB,  /* octets of texts with references in one row */
    TEXT = 16 * KIB,  /* octets of one text */
    CELLS = 64,       /* to begin with */
    INDEX_DIGITS = 9, /* of a number of a shared string */
};

struct sheet_scan {
    const struct shared_strings *strings;
    workbook_row_fn *on_row;
    void *context;
    struct xml_scan at;
    bool knows_x14ac;
    uint32_t row;                /* the last one, or the one under way */
    struct xml_piece row_digits; /* of the row under way, as its r has it; empty: it has none */
    uint32_t next_column;        /* after the last cell */
    struct cell *cells;          /* of the row under way */
    size_t count, capacity;
    char *room;
    size_t used;
};

struct sheet_scan *sheet_scan_new(const struct shared_strings *strings, workbook_row_fn *on_row,
                                  void *context)
{
    struct sheet_scan *scan = g_new0(struct sheet_scan, 1);
    scan->strings = strings;
    scan->on_row = on_row;
    scan->context = context;
    scan->cells = g_new(struct cell, CELLS);
    scan->capacity = CELLS;
    return scan;
}

void sheet_scan_free(struct sheet_scan *scan)
{
    if (scan == NULL)
        return;
    g_free(scan->cells);
    g_free(scan->room);
    g_free(scan);
}

/* What the t of a cell says. One without a t is a number; one with an empty t is none that a
 * workbook knows. */
enum type { TYPE_NUMBER, TYPE_SHARED, TYPE_STRING, TYPE_INLINE, TYPE_OTHER };

static enum type type_of(struct xml_piece t)
{
    return xml_is(t, "s")           ? TYPE_SHARED
           : xml_is(t, "n")         ? TYPE_NUMBER
           : xml_is(t, "inlineStr") ? TYPE_INLINE
           : xml_is(t, "str")       ? TYPE_STRING
                                    : TYPE_OTHER;
}

/* Digits without a zero before them, from 1 to `limit`, and nothing behind them. */
static bool parse_ordinal(const char *text, size_t length, uint32_t limit, uint32_t *number)
{
    uint32_t n = 0;
    if (length == 0 || length > 7 || text[0] == '0')
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!g_ascii_isdigit(text[i]))
            return false;
        n = n * 10 + (uint32_t)(text[i] - '0');
    }
    *number = n;
    return n <= limit;
}

/* A cell's r: it stands in the row under way, right of the last cell. */
static bool place_cell(struct sheet_scan *scan, struct xml_piece r, uint32_t *column)
{
    uint32_t n = 0, row;
    size_t letters = 0;
    for (; letters < r.length && letters < 3 && r.text[letters] >= 'A' && r.text[letters] <= 'Z';
         letters++)
        n = n * 26 + (uint32_t)(r.text[letters] - 'A' + 1);
    if (letters == 0 || n > LIMIT_SHEET_COLUMNS || n <= scan->next_column ||
        !parse_ordinal(r.text + letters, r.length - letters, LIMIT_SHEET_ROWS, &row) ||
        row != scan->row)
        return false;
    *column = n - 1;
    return true;
}

/* Takes names and values until the tag ends; of those asked for, which are one letter, the values.
 * False if one is there twice or may mean something. */
static bool take_attributes(struct sheet_scan *scan, const char *letters, struct xml_piece *values,
                            const char *const *ignored, bool *is_empty)
{
    struct xml_piece name, value;
    unsigned seen = 0;
    for (;;) {
        enum xml_scan_tag tag = xml_scan_attribute(&scan->at, &name, &value);
        if (tag == XML_SCAN_OTHER)
            return false;
        *is_empty = tag == XML_SCAN_EMPTY;
        if (tag != XML_SCAN_ATTRIBUTE)
            return true;
        unsigned bit = 1;
        size_t i = 0;
        while (name.length == 1 && letters[i] != '\0' && letters[i] != name.text[0])
            i++;
        if (name.length == 1 && letters[i] != '\0') {
            values[i] = value;
            bit <<= i;
        } else {
            for (i = 0; ignored[i] != NULL && !xml_is(name, ignored[i]);)
                i++;
            if (ignored[i] == NULL || (strchr(ignored[i], ':') != NULL && !scan->knows_x14ac))
                return false;
            bit <<= strlen(letters) + i;
        }
        if ((seen & bit) != 0)
            return false;
        seen |= bit;
    }
}

static bool is_blank(struct xml_piece text)
{
    if (text.length > 0 && g_ascii_isgraph(text.text[0]))
        return false;
    for (const char *p = text.text; p < text.text + text.length; p += g_utf8_skip[(guchar)*p])
        if (!g_unichar_isspace(g_utf8_get_char(p)))
            return false;
    return true;
}

static inline void add_cell(struct sheet_scan *scan, uint32_t column, enum cell_kind kind,
                            struct xml_piece text, uint32_t shared)
{
    if (scan->count == scan->capacity) {
        scan->capacity *= 2;
        scan->cells = g_renew(struct cell, scan->cells, scan->capacity);
    }
    scan->cells[scan->count++] = (struct cell){
        .column = column, .kind = kind, .text = text.text, .length = text.length, .shared = shared};
}

static bool take_number(struct sheet_scan *scan, uint32_t column)
{
    struct xml_piece text = xml_scan_number(&scan->at);
    if (text.length > TEXT)
        return false;
    if (text.length > 0)
        add_cell(scan, column, CELL_NUMBER, text, 0);
    return true;
}

static bool take_shared(struct sheet_scan *scan, uint32_t column)
{
    const char *from = scan->at.at, *p = from;
    uint32_t index = 0;
    for (; p < scan->at.end && g_ascii_isdigit(*p) && p - from < INDEX_DIGITS; p++)
        index = index * 10 + (uint32_t)(*p - '0');
    scan->at.at = p;
    if (p == from)
        return true;
    if (index >= shared_strings_count(scan->strings))
        return false;
    struct xml_piece text;
    text.text = shared_strings_at(scan->strings, index, &text.length);
    if (!is_blank(text))
        add_cell(scan, column, CELL_TEXT, text, index + 1);
    return true;
}

static bool take_text(struct sheet_scan *scan, uint32_t column)
{
    struct xml_piece text;
    if (scan->room == NULL)
        scan->room = g_malloc(ROOM);
    struct xml_room room = {scan->room + scan->used, ROOM - scan->used};
    if (!xml_scan_text(&scan->at, &text, room) || text.length > TEXT)
        return false;
    if (text.text == room.octets)
        scan->used += text.length;
    if (!is_blank(text))
        add_cell(scan, column, CELL_TEXT, text, 0);
    return true;
}

static bool take_inline(struct sheet_scan *scan, uint32_t column)
{
    return (xml_scan_take(&scan->at, "<is><t>") ||
            xml_scan_take(&scan->at, "<is><t xml:space=\"preserve\">")) &&
           take_text(scan, column) && xml_scan_take(&scan->at, "</t></is></c>");
}

/* What stands behind <c>, with </c>. */
static bool take_value(struct sheet_scan *scan, uint32_t column, enum type type)
{
    if (type == TYPE_INLINE)
        return take_inline(scan, column);
    if (xml_scan_take(&scan->at, "<v/></c>"))
        return true;
    if (!xml_scan_take(&scan->at, "<v>"))
        return false;
    bool is_taken = type == TYPE_SHARED   ? take_shared(scan, column)
                    : type == TYPE_NUMBER ? take_number(scan, column)
                                          : take_text(scan, column);
    return is_taken && xml_scan_take(&scan->at, "</v></c>");
}

/* What the tag of a cell says. */
struct tag {
    uint32_t column;
    enum type type;
    bool is_empty;
};

/* Behind "<c": the spelling of nearly all cells, ` r="B7" s="1" t="s">`, of which s and t may be
 * missing. False for any other: then nothing was taken. */
static bool take_usual_tag(struct sheet_scan *scan, struct tag *tag)
{
    enum { ROOM_OF_TAG = 64, STYLE_DIGITS = 10, TYPE_LETTERS = 10 };
    const char *p = scan->at.at;
    size_t digits = scan->row_digits.length;
    uint32_t n = 0;
    if (scan->at.end - p < ROOM_OF_TAG || digits == 0 || memcmp(p, " r=\"", 4) != 0)
        return false;
    p += 4;
    for (int i = 0; i < 3 && *p >= 'A' && *p <= 'Z'; i++, p++)
        n = n * 26 + (uint32_t)(*p - 'A' + 1);
    if (n <= scan->next_column || n > LIMIT_SHEET_COLUMNS ||
        memcmp(p, scan->row_digits.text, digits) != 0 || p[digits] != '"')
        return false;
    p += digits + 1;
    if (memcmp(p, " s=\"", 4) == 0) {
        p += 4;
        for (int i = 0; i < STYLE_DIGITS && g_ascii_isdigit(*p); i++)
            p++;
        if (*p++ != '"')
            return false;
    }
    tag->type = TYPE_NUMBER;
    if (memcmp(p, " t=\"s\"", 6) == 0) {
        tag->type = TYPE_SHARED;
        p += 6;
    } else if (memcmp(p, " t=\"", 4) == 0) {
        const char *from = p += 4;
        for (int i = 0; i < TYPE_LETTERS && g_ascii_isalpha(*p); i++)
            p++;
        tag->type = type_of((struct xml_piece){from, (size_t)(p - from)});
        if (*p++ != '"')
            return false;
    }
    tag->is_empty = p[0] == '/';
    if (p[tag->is_empty] != '>')
        return false;
    tag->column = n - 1;
    scan->at.at = p + tag->is_empty + 1;
    return true;
}

/* Any other order and spelling. */
static bool take_tag(struct sheet_scan *scan, struct tag *tag)
{
    static const char *const IGNORED[] = {"cm", "vm", "ph", NULL};
    struct xml_piece values[3] = {{NULL, 0}, {NULL, 0}, {"n", 1}};
    if (!take_attributes(scan, "rst", values, IGNORED, &tag->is_empty))
        return false;
    tag->column = scan->next_column;
    tag->type = type_of(values[2]);
    return values[0].text != NULL ? place_cell(scan, values[0], &tag->column)
                                  : tag->column < LIMIT_SHEET_COLUMNS;
}

/* Behind "<c". */
static bool take_cell(struct sheet_scan *scan)
{
    struct tag tag;
    if (!take_usual_tag(scan, &tag) && !take_tag(scan, &tag))
        return false;
    scan->next_column = tag.column + 1;
    if (tag.type == TYPE_OTHER)
        return false;
    return tag.is_empty || xml_scan_take(&scan->at, "</c>") ||
           take_value(scan, tag.column, tag.type);
}

/* Behind "<row": the spelling of nearly all rows, ` r="7" spans="1:11">`, of which spans may be
 * missing. False for any other: then nothing was taken. */
static bool take_usual_row_tag(struct sheet_scan *scan, struct xml_piece *r)
{
    struct xml_scan at = scan->at;
    if (!xml_scan_take(&at, " r=\""))
        return false;
    const char *from = at.at;
    while (at.at < at.end && g_ascii_isdigit(*at.at))
        at.at++;
    struct xml_piece digits = {from, (size_t)(at.at - from)};
    if (xml_scan_take(&at, "\" spans=\""))
        while (at.at < at.end && (g_ascii_isdigit(*at.at) || *at.at == ':'))
            at.at++;
    if (!xml_scan_take(&at, "\">"))
        return false;
    *r = digits;
    scan->at = at;
    return true;
}

/* Behind "<row". */
static bool take_row(struct sheet_scan *scan)
{
    static const char *const IGNORED[] = {
        "spans",     "customFormat", "ht",       "hidden", "customHeight",    "outlineLevel",
        "collapsed", "thickTop",     "thickBot", "ph",     "x14ac:dyDescent", NULL};
    struct xml_piece values[2] = {{NULL, 0}, {NULL, 0}};
    bool is_empty = false;
    if (!take_usual_row_tag(scan, &values[0]) &&
        !take_attributes(scan, "rs", values, IGNORED, &is_empty))
        return false;
    uint32_t row = scan->row + 1;
    if (values[0].text != NULL &&
        (!parse_ordinal(values[0].text, values[0].length, LIMIT_SHEET_ROWS, &row) ||
         row <= scan->row))
        return false;
    if (row > LIMIT_SHEET_ROWS)
        return false;
    scan->row = row;
    scan->row_digits = values[0];
    scan->next_column = 0;
    scan->count = 0;
    scan->used = 0;
    while (!is_empty) {
        xml_scan_blanks(&scan->at);
        if (!xml_scan_take(&scan->at, "<c"))
            return xml_scan_take(&scan->at, "</row>");
        if (!take_cell(scan))
            return false;
    }
    return true;
}

size_t sheet_scan_rows(struct sheet_scan *scan, struct xml *xml, const char *bytes, size_t size,
                       uint32_t *row)
{
    const char *behind = bytes; /* the last row that was taken */
    scan->at = (struct xml_scan){bytes, bytes + size};
    scan->row = *row;
    scan->knows_x14ac = xml_knows_x14ac(xml);
    for (;;) {
        xml_scan_blanks(&scan->at);
        if (!xml_scan_take(&scan->at, "<row") || !take_row(scan))
            return (size_t)(behind - bytes);
        behind = scan->at.at;
        *row = scan->row;
        if (scan->count > 0 && !scan->on_row(scan->context, scan->row, scan->cells, scan->count)) {
            xml_stop(xml);
            return (size_t)(behind - bytes);
        }
    }
}
