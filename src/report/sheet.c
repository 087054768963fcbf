/*
 * Cells out of a worksheet's XML. What is hard about it:
 *
 * - r may be missing from rows and cells, in any mix: then it is the one after the last. Where it
 *   stands it must be right and ascend; two meanings are refused, since a row taken for another is
 *   worse than none.
 * - a value may be inline, shared, cached by a formula, or all three; and blank in several ways.
 * - rows and columns are strangers' numbers: nothing is ever sized by them.
 *
 * Most rows never come here: sheet_scan.c takes them before expat does.
 *
 * It holds one row. The texts of its cells lie in one buffer, shared ones are pointed at.
 */
#include "report/sheet.h"

#include "base/error.h"
#include "base/limits.h"
#include "report/part_name.h"
#include "report/sheet_scan.h"
#include "report/xml.h"

#include <string.h>

enum place {
    OUTSIDE,
    WORKSHEET,
    DATA,
    ROW,
    CELL,
    VALUE,
    FORMULA,
    INLINE,
    RUN,
    INLINE_TEXT,
    RUN_TEXT
};

static const struct {
    enum place in;
    const char *name;
    enum place to;
} STEPS[] = {
    {ROW, "c", CELL},
    {CELL, "v", VALUE},
    {CELL, "is", INLINE},
    {INLINE, "t", INLINE_TEXT},
    {DATA, "row", ROW},
    {CELL, "f", FORMULA},
    {INLINE, "r", RUN},
    {RUN, "t", RUN_TEXT},
    {WORKSHEET, "sheetData", DATA},
    {OUTSIDE, "worksheet", WORKSHEET},
};
static const enum place PARENTS[] = {
    [OUTSIDE] = OUTSIDE, [WORKSHEET] = OUTSIDE,  [DATA] = WORKSHEET, [ROW] = DATA,
    [CELL] = ROW,        [VALUE] = CELL,         [FORMULA] = CELL,   [INLINE] = CELL,
    [RUN] = INLINE,      [INLINE_TEXT] = INLINE, [RUN_TEXT] = RUN,
};

/* The values of the attribute t. */
enum type { TYPE_NUMBER, TYPE_SHARED, TYPE_STRING, TYPE_INLINE, TYPE_BOOL, TYPE_ERROR, TYPE_DATE };

static const struct {
    const char *name;
    enum type type;
    enum cell_kind kind;
} TYPES[] = {
    {"n", TYPE_NUMBER, CELL_NUMBER},       {"s", TYPE_SHARED, CELL_TEXT},
    {"inlineStr", TYPE_INLINE, CELL_TEXT}, {"str", TYPE_STRING, CELL_TEXT},
    {"b", TYPE_BOOL, CELL_BOOL},           {"e", TYPE_ERROR, CELL_ERROR},
    {"d", TYPE_DATE, CELL_DATE},
};

#define IN_BUFFER NULL /* text of a cell until its row ends: it lies at `offset` */

struct pending {
    struct cell cell;
    size_t offset;
};

struct reading {
    char *name; /* of the sheet, for errors */
    struct sheet_scan *scan;
    const struct shared_strings *strings;
    workbook_row_fn *on_row;
    void *context;
    enum place place;
    unsigned skipped; /* depth within an element that has no place here */
    bool found;       /* the worksheet itself */
    uint32_t row;
    bool row_is_given;    /* by the row's own r */
    uint32_t next_column; /* after the last cell */
    uint32_t column;
    enum type type;
    enum cell_kind kind;
    bool has_formula;
    GString *value;       /* of the cell under way: <v> */
    GString *inline_text; /* <is> */
    GString *texts;       /* of the row's cells, each with a NUL */
    GArray *pending;      /* of struct pending */
    GArray *cells;        /* of struct cell: what on_row gets */
};

static void fail(struct reading *reading, struct xml *xml, const char *problem)
{
    char column[4] = "";
    uint32_t n = reading->column + 1;
    for (int i = n > 26 * 27 ? 2 : n > 26 ? 1 : 0; i >= 0; i--, n = (n - 1) / 26)
        column[i] = (char)('A' + (n - 1) % 26);
    xml_fail(xml, "sheet '%s', cell %s%u: %s", reading->name, column, reading->row, problem);
}

/* Digits without a sign or a zero before them, from 1 to `limit`. Returns what follows, or NULL. */
static const char *parse_ordinal(const char *text, uint32_t limit, uint32_t *number)
{
    uint32_t n = 0;
    if (*text < '1' || *text > '9')
        return NULL;
    for (; g_ascii_isdigit(*text); text++) {
        n = n * 10 + (uint32_t)(*text - '0');
        if (n > limit)
            return NULL;
    }
    *number = n;
    return text;
}

/* "B7" → column 1, row 7. */
static bool parse_reference(const char *text, uint32_t *column, uint32_t *row)
{
    uint32_t n = 0;
    int letters = 0;
    for (; *text >= 'A' && *text <= 'Z' && letters < 4; text++, letters++)
        n = n * 26 + (uint32_t)(*text - 'A' + 1);
    if (letters == 0 || letters > 3 || n > LIMIT_SHEET_COLUMNS)
        return false;
    *column = n - 1;
    text = parse_ordinal(text, LIMIT_SHEET_ROWS, row);
    return text != NULL && *text == '\0';
}

static void row_start(struct reading *reading, struct xml *xml, xml_attributes attributes)
{
    const char *r = xml_attribute(attributes, XML_NONE, "r");
    uint32_t row = reading->row + 1;
    reading->row_is_given = r != NULL;
    if (r != NULL) {
        const char *end = parse_ordinal(r, LIMIT_SHEET_ROWS, &row);
        if (end == NULL || *end != '\0') {
            xml_fail(xml, "sheet '%s' is damaged: the row after row %u has no valid number",
                     reading->name, reading->row);
            return;
        }
        if (row <= reading->row) {
            xml_fail(xml, "sheet '%s' is damaged: row %u stands after row %u", reading->name, row,
                     reading->row);
            return;
        }
    } else if (row > LIMIT_SHEET_ROWS) {
        xml_fail(xml, "sheet '%s' has more than %d rows: refused", reading->name, LIMIT_SHEET_ROWS);
        return;
    }
    reading->row = row;
    reading->next_column = 0;
    g_array_set_size(reading->pending, 0);
    g_string_truncate(reading->texts, 0);
}

/* Where the cell stands; true if that can be. */
static bool place_cell(struct reading *reading, struct xml *xml, const char *r)
{
    uint32_t column = reading->next_column, row = reading->row;
    if (r != NULL && !parse_reference(r, &column, &row)) {
        xml_fail(xml, "sheet '%s', row %u is damaged: a cell's reference makes no sense",
                 reading->name, reading->row);
        return false;
    }
    if (column >= LIMIT_SHEET_COLUMNS) {
        xml_fail(xml, "sheet '%s', row %u has more than %d cells: refused", reading->name,
                 reading->row, LIMIT_SHEET_COLUMNS);
        return false;
    }
    reading->column = column;
    /* A row without its own number may stand further down: its first cell says where. */
    if (!reading->row_is_given && reading->next_column == 0 && row > reading->row)
        reading->row = row;
    if (row != reading->row) {
        xml_fail(xml, "sheet '%s' is damaged: a cell of row %u stands in row %u", reading->name,
                 row, reading->row);
        return false;
    }
    if (column < reading->next_column) {
        fail(reading, xml, "it stands behind a cell to its right, or there are two of it: refused");
        return false;
    }
    reading->next_column = column + 1;
    return true;
}

static void cell_start(struct reading *reading, struct xml *xml, xml_attributes attributes)
{
    if (!place_cell(reading, xml, xml_attribute(attributes, XML_NONE, "r")))
        return;
    reading->has_formula = false;
    g_string_truncate(reading->value, 0);
    g_string_truncate(reading->inline_text, 0);
    const char *t = xml_attribute(attributes, XML_NONE, "t");
    if (t == NULL)
        t = "n";
    for (size_t i = 0; i < G_N_ELEMENTS(TYPES); i++)
        if (strcmp(TYPES[i].name, t) == 0) {
            reading->type = TYPES[i].type;
            reading->kind = TYPES[i].kind;
            return;
        }
    fail(reading, xml, "its type is none that a workbook knows");
}

static bool is_blank(const char *text, size_t length)
{
    for (const char *p = text; p < text + length; p += g_utf8_skip[(guchar)*p])
        if (!g_unichar_isspace(g_utf8_get_char(p)))
            return false;
    return true;
}

static struct cell *add_cell(struct reading *reading, const char *shared, size_t length)
{
    struct pending pending = {.cell = {.column = reading->column,
                                       .kind = reading->kind,
                                       .text = shared,
                                       .length = length},
                              .offset = reading->texts->len};
    g_array_append_val(reading->pending, pending);
    return &g_array_index(reading->pending, struct pending, reading->pending->len - 1).cell;
}

static void add_shared(struct reading *reading, struct xml *xml)
{
    uint64_t index;
    if (!g_ascii_string_to_unsigned(reading->value->str, 10, 0, G_MAXUINT32, &index, NULL) ||
        index >= shared_strings_count(reading->strings)) {
        fail(reading, xml, "it points at a shared text that is not there: the workbook is damaged");
        return;
    }
    size_t length;
    const char *text = shared_strings_at(reading->strings, (size_t)index, &length);
    if (!is_blank(text, length))
        add_cell(reading, text, length)->shared = (uint32_t)index + 1;
}

/* Makes "1" or "0" of the words, so that there is one form. */
static void fold_bool(GString *value)
{
    if (g_ascii_strcasecmp(value->str, "true") == 0)
        g_string_assign(value, "1");
    else if (g_ascii_strcasecmp(value->str, "false") == 0)
        g_string_assign(value, "0");
}

static void strip(GString *text)
{
    g_strstrip(text->str);
    g_string_truncate(text, strlen(text->str));
}

static void cell_end(struct reading *reading, struct xml *xml)
{
    GString *text = reading->value;
    bool is_text = reading->type == TYPE_STRING || reading->type == TYPE_INLINE;
    /* <is> may stand in a cell of the wrong type, and a stray <v> beside it. */
    if (reading->inline_text->len > 0 && (reading->type == TYPE_INLINE || text->len == 0)) {
        text = reading->inline_text;
        reading->kind = CELL_TEXT;
        is_text = true;
    }
    if (is_text)
        g_string_truncate(text, shared_strings_unescape(text->str, text->len));
    else
        strip(text);
    if (is_blank(text->str, text->len)) {
        if (reading->has_formula && !is_text) {
            add_cell(reading, IN_BUFFER, 0)->no_value = true;
            g_string_append_c(reading->texts, '\0');
        }
        return;
    }
    if (reading->type == TYPE_SHARED && !is_text) {
        add_shared(reading, xml);
        return;
    }
    if (reading->type == TYPE_BOOL)
        fold_bool(text);
    add_cell(reading, IN_BUFFER, text->len);
    g_string_append_len(reading->texts, text->str, (gssize)text->len + 1);
}

static void row_end(struct reading *reading, struct xml *xml)
{
    if (reading->pending->len == 0)
        return;
    g_array_set_size(reading->cells, 0);
    for (size_t i = 0; i < reading->pending->len; i++) {
        struct pending *pending = &g_array_index(reading->pending, struct pending, i);
        if (pending->cell.text == IN_BUFFER)
            pending->cell.text = reading->texts->str + pending->offset;
        g_array_append_val(reading->cells, pending->cell);
    }
    if (!reading->on_row(reading->context, reading->row,
                         (const struct cell *)(const void *)reading->cells->data,
                         reading->cells->len))
        xml_stop(xml);
}

static void on_start(void *context, struct xml *xml, enum xml_namespace space, const char *name,
                     xml_attributes attributes)
{
    struct reading *reading = context;
    if (reading->skipped == 0 && space == XML_MAIN) {
        for (size_t i = 0; i < G_N_ELEMENTS(STEPS); i++) {
            if (STEPS[i].in != reading->place || strcmp(STEPS[i].name, name) != 0)
                continue;
            reading->place = STEPS[i].to;
            if (reading->place == WORKSHEET)
                reading->found = true;
            else if (reading->place == ROW)
                row_start(reading, xml, attributes);
            else if (reading->place == CELL)
                cell_start(reading, xml, attributes);
            else if (reading->place == FORMULA)
                reading->has_formula = true;
            return;
        }
    }
    reading->skipped++;
}

static void on_end(void *context, struct xml *xml, enum xml_namespace space, const char *name)
{
    (void)space, (void)name;
    struct reading *reading = context;
    if (reading->skipped > 0) {
        reading->skipped--;
        return;
    }
    if (reading->place == CELL)
        cell_end(reading, xml);
    else if (reading->place == ROW)
        row_end(reading, xml);
    reading->place = PARENTS[reading->place];
}

static void on_text(void *context, struct xml *xml, const char *text, size_t length)
{
    (void)xml;
    struct reading *reading = context;
    if (reading->skipped > 0)
        return;
    if (reading->place == VALUE)
        shared_strings_append(reading->value, 0, text, length);
    else if (reading->place == INLINE_TEXT || reading->place == RUN_TEXT)
        shared_strings_append(reading->inline_text, 0, text, length);
}

static bool is_among_rows(void *context)
{
    const struct reading *reading = context;
    return reading->place == DATA && reading->skipped == 0;
}

static size_t scan_rows(void *context, struct xml *xml, const char *bytes, size_t size)
{
    struct reading *reading = context;
    return sheet_scan_rows(reading->scan, xml, bytes, size, &reading->row);
}

bool sheet_read(const void *bytes, size_t size, const char *name, bool by_scan,
                const struct shared_strings *strings, workbook_row_fn *on_row, void *context,
                GError **error)
{
    static const struct xml_handler handler = {on_start, on_end, on_text};
    static const struct xml_scanner scanner = {XML_MAIN, "<row", "</row>", is_among_rows,
                                               scan_rows};
    AUTO(sheet_scan) scan = sheet_scan_new(strings, on_row, context);
    g_autofree char *shown = part_name_display(name);
    g_autofree char *what = g_strdup_printf("sheet '%s'", shown);
    g_autoptr(GArray) pending = g_array_new(FALSE, FALSE, sizeof(struct pending));
    g_autoptr(GArray) cells = g_array_new(FALSE, FALSE, sizeof(struct cell));
    g_autoptr(GString) value = g_string_new(NULL);
    g_autoptr(GString) inline_text = g_string_new(NULL);
    g_autoptr(GString) texts = g_string_new(NULL);
    struct reading reading = {.name = shown,
                              .scan = scan,
                              .strings = strings,
                              .on_row = on_row,
                              .context = context,
                              .value = value,
                              .inline_text = inline_text,
                              .texts = texts,
                              .pending = pending,
                              .cells = cells};
    if (by_scan ? !xml_parse(bytes, size, what, &handler, &scanner, &reading, error)
                : !xml_parse_by_expat(bytes, size, what, &handler, &reading, error))
        return false;
    if (!reading.found)
        return error_perm(error, "sheet '%s' is not a worksheet", shown);
    return true;
}
