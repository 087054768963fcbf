#include "report/workbook.h"

#include "base/error.h"
#include "base/limits.h"
#include "report/sheet.h"
#include "sample.h"

#define MAIN "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

/* Rows as text: "1: A=Tx B=N54.0; 3: ...". T N B E D as in enum cell_kind, F without a value. */
static bool on_row(void *context, uint32_t row, const struct cell *cells, size_t count)
{
    GString *seen = context;
    g_string_append_printf(seen, "%s%u:", seen->len > 0 ? "; " : "", row);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            g_assert_cmpuint(cells[i].column, >, cells[i - 1].column);
        char kind = cells[i].no_value ? 'F' : "TNBED"[cells[i].kind];
        if (cells[i].column < 26)
            g_string_append_printf(seen, " %c", (char)('A' + cells[i].column));
        else
            g_string_append_printf(seen, " %u", cells[i].column);
        g_string_append_printf(seen, "=%c%.*s", kind, (int)cells[i].length, cells[i].text);
    }
    return !g_str_has_suffix(seen->str, "stop");
}

/* Reads a sheet; NULL and an error, or the rows. By a scan and by expat alone, which must not
 * differ, nor in the rows that were given before an error. */
static char *read_xml(const char *xml, const struct shared_strings *strings, GError **error)
{
    g_autoptr(GString) scanned = g_string_new(NULL);
    g_autoptr(GString) parsed = g_string_new(NULL);
    g_autoptr(GError) other = NULL;
    bool ok = sheet_read(xml, strlen(xml), "Calls", true, strings, on_row, scanned, error);
    g_assert_cmpint(sheet_read(xml, strlen(xml), "Calls", false, strings, on_row, parsed, &other),
                    ==, ok);
    g_assert_cmpstr(scanned->str, ==, parsed->str);
    if (!ok && error != NULL)
        g_assert_cmpstr((*error)->message, ==, other->message);
    return ok ? g_strdup(scanned->str) : NULL;
}

/* Reads <sheetData> of this content. In other quotes, which are those that programs write and the
 * scan has a short way for, it must be the same. */
static char *read_data(const char *data, const struct shared_strings *strings, GError **error)
{
    g_autofree char *xml = g_strdup_printf("<worksheet xmlns='" MAIN "'><dimension ref='A1'/>"
                                           "<sheetData>%s</sheetData>%80s</worksheet>",
                                           data, "");
    g_autoptr(GError) other = NULL;
    char *rows = read_xml(xml, strings, error);
    if (strchr(data, '"') != NULL)
        return rows;
    g_strdelimit(xml, "'", '"');
    g_autofree char *again = read_xml(xml, strings, &other);
    if (rows != NULL && strchr(rows, '\'') != NULL)
        g_assert_nonnull(again); /* there are quotes in the texts, too */
    else
        g_assert_cmpstr(again, ==, rows);
    return rows;
}

/* Expat is needed behind the rows, among them, or in a second table of them. */
static void test_hand_over(void)
{
    static const char *const BEHIND[] = {
        "</sheetData><!-- -->",
        "</sheetData><e xmlns='urn:e'><row/></e>",
        "<row><!-- --><c><v>3</v></c></row><row r='4'><c><v>4</v></c></row></sheetData>",
        "</sheetData><sheetData><row><c><v>5</v></c></row><row><c><v>6</v></c></row></sheetData>",
        "</sheetData><sheetData><row><c><v>5</v></c></row></sheetData><!-- --><sheetData/>",
        "</sheetData><sheetData><row><c><v>5</v></c></row><!-- --><row/></sheetData>",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(BEHIND); i++) {
        g_autofree char *xml = g_strconcat(
            "<worksheet xmlns='" MAIN "'><cols/><sheetData><row r='1'><c r='A1'><v>1</v></c></row>"
            "<row r='2'><c r='A2'><v>2</v></c></row>",
            BEHIND[i], "<f/></worksheet>", NULL);
        g_autoptr(GError) error = NULL;
        g_free(read_xml(xml, NULL, &error));
        g_assert_no_error(error);
        /* The same but damaged at its end: in the same line of the same document. */
        g_autofree char *damaged = g_strconcat(xml, "\n\nx", NULL);
        g_assert_null(read_xml(damaged, NULL, &error));
        g_assert_nonnull(strstr(error->message, "line 3"));
    }
}

/* The table by a scan, which must not differ from that by expat. */
static char *read_strings(const char *items, bool by_scan)
{
    g_autofree char *xml = g_strdup_printf("<sst xmlns='" MAIN "'>%s</sst>", items);
    g_autoptr(GError) error = NULL;
    AUTO(shared_strings) strings = shared_strings_read(xml, strlen(xml), by_scan, &error);
    g_autoptr(GString) text = g_string_new(error != NULL ? error->message : NULL);
    for (size_t i = 0; i < shared_strings_count(strings); i++) {
        size_t length;
        g_string_append_printf(text, "%s|", shared_strings_at(strings, i, &length));
        g_assert_cmpuint(strlen(shared_strings_at(strings, i, &length)), ==, length);
    }
    return g_strdup(text->str);
}

static void test_strings_by_scan(void)
{
    static const char *const CASES[][2] = {
        {"<si><t>a</t></si><si><t xml:space=\"preserve\"> b </t></si>", "a| b |"},
        {"<si><t>a &amp; b &lt;c&gt; &quot;&apos;</t></si>", "a & b <c> \"'|"},
        {"<si><t>&#65;</t></si><si><t>x_x0041_</t></si><si/><si><t/></si>", "A|xA|||"},
        {"<si><t>Zo\xc3\xab</t></si><si><t>]]</t></si><si><t>tab\there</t></si>",
         "Zo\xc3\xab|]]|tab\there|"},
        {"<si><t>one\r\ntwo\rthree</t></si>", "one\ntwo\nthree|"},
        {"<si><t>a</t></si><!-- <si><t>b</t></si> --><si><t>c</t></si>", "a|c|"},
        {"<si><r><t>a</t></r><r><t>b</t></r></si>\n <si>\n<t>c</t>\n</si>", "ab|c|"},
        {"<![CDATA[<si><t>a</t></si>]]><si><t>b</t></si>", "b|"},
        {"<si><t>a</t></si><y:si xmlns:y='urn:y'><t>b</t></y:si>", "a|"},
    };
    static const char *const REFUSED[] = {
        "<si><t>]]></t></si>", "<si><t>\xff</t></si>",         "<si><t>\x01</t></si>",
        "<si><t>&b;</t></si>", "<si><t>\xef\xbf\xbf</t></si>", "<si<si><t>a</t></si>b>",
        "<si><t>a</t></si",    "<si><t>a</t></si></x>",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *scanned = read_strings(CASES[i][0], true);
        g_autofree char *parsed = read_strings(CASES[i][0], false);
        g_assert_cmpstr(scanned, ==, CASES[i][1]);
        g_assert_cmpstr(parsed, ==, scanned);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(REFUSED); i++) {
        g_autofree char *scanned = read_strings(REFUSED[i], true);
        g_autofree char *parsed = read_strings(REFUSED[i], false);
        g_assert_nonnull(strstr(scanned, "damaged"));
        g_assert_cmpstr(parsed, ==, scanned);
    }
}

static struct shared_strings *three_strings(void)
{
    static const char XML[] = "<sst xmlns='" MAIN "' count='99'><si><t>zero</t></si><si/>"
                              "<si><r><rPr><b/></rPr><t>t</t></r><r><t>wo</t></r>"
                              "<rPh sb='0' eb='1'><t>phonetic</t></rPh></si></sst>";
    return shared_strings_read(XML, strlen(XML), true, NULL);
}

static void test_cells(void)
{
    static const struct {
        const char *data, *rows;
    } CASES[] = {
        /* Types. */
        {"<row r='1'><c r='A1'><v>54.0</v></c><c r='C1' t='n'><v> 2.6E-4 </v></c></row>",
         "1: A=N54.0 C=N2.6E-4"},
        {"<row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' t='s'><v> 2 </v></c></row>",
         "1: A=Tzero B=Ttwo"},
        {"<row r='1'><c r='A1' t='inlineStr'><is><t>a</t></is></c><c r='B1' t='inlineStr'><is><r>"
         "<rPr/><t>b</t></r><r><t xml:space='preserve'> "
         "c</t></r><rPh><t>d</t></rPh></is></c></row>",
         "1: A=Ta B=Tb c"},
        {"<row r='1'><c r='A1' t='str'><f>B1</f><v>x</v></c><c r='B1' t='str'><v>54</v></c></row>",
         "1: A=Tx B=T54"},
        {"<row r='1'><c r='A1' t='b'><v>1</v></c><c r='B1' t='b'><v>false</v></c>"
         "<c r='C1' t='e'><v>#N/A</v></c><c r='D1' t='d'><v>2026-01-05T01:02:03Z</v></c></row>",
         "1: A=B1 B=B0 C=E#N/A D=D2026-01-05T01:02:03Z"},
        {"<row r='1'><c r='A1' t='inlineStr'><v>v</v></c>"
         "<c r='B1' t='inlineStr'><is><t>is</t></is><v>v</v></c>"
         "<c r='C1'><is><t>only is</t></is></c></row>",
         "1: A=Tv B=Tis C=Tonly is"},
        {"<row r='1'><c r='A1' t='inlineStr'><is><t><![CDATA[<b>]]>&amp;</t></is></c></row>",
         "1: A=T<b>&"},
        /* Blanks: nothing at all. */
        {"<row r='1'><c r='A1'></c><c r='B1' s='2'/><c r='C1' t='inlineStr'><is><t></t></is></c>"
         "<c r='D1' t='s'><v/></c><c r='E1' t='s'><v>1</v></c><c r='F1' t='str'><v></v></c>"
         "<c r='G1' t='inlineStr'><is><t> \t\xC2\xA0</t></is></c><c r='H1' t='b'><v/></c></row>",
         ""},
        {"<row r='1'/><row r='2'></row><row r='7'><c r='B7'><v>1</v></c></row>", "7: B=N1"},
        {"", ""},
        /* A formula without a value is not blank: it is unknown. */
        {"<row r='1'><c r='A1'><f>B1</f></c><c r='B1'><f>C1</f><v></v></c>"
         "<c r='C1' t='str'><f>D1</f><v></v></c><c r='D1'><f>E1</f><v>3</v></c></row>",
         "1: A=F B=F D=N3"},
        /* Places: said, or after the last, in any mix. */
        {"<row><c><v>1</v></c><c><v>2</v></c></row><row><c "
         "r='C2'><v>3</v></c><c><v>4</v></c></row>",
         "1: A=N1 B=N2; 2: C=N3 D=N4"},
        {"<row r='5'><c><v>1</v></c></row><row><c r='XFD6'><v>2</v></c></row>"
         "<row><c r='A9'><v>3</v></c></row><row><c><v>4</v></c></row>",
         "5: A=N1; 6: 16383=N2; 9: A=N3; 10: A=N4"},
        {"<row r='1048576'><c r='AA1048576'><v>1</v></c></row>", "1048576: 26=N1"},
        /* Escapes. */
        {"<row><c t='str'><v>a_x000D__x000a_b_x005F_x0041_</v></c><c t='inlineStr'><is>"
         "<t>_x0041_x_x20_</t></is></c><c t='str'><v>_x0000_x_xD800__xZZZZ_</v></c></row>",
         "1: A=Ta\r\nb_x0041_ B=TAx_x20_ C=Tx_xZZZZ_"},
        {"<row><c t='str'><v>_x0020_</v></c></row>", ""},
        /* Other namespaces and elements without a place here are not ours. */
        {"<row r='1'><c r='A1'><v>1</v><extLst><ext><v>2</v></ext></extLst></c></row>"
         "<x:row xmlns:x='urn:x' r='1'><c r='A1'><v>3</v></c></x:row>"
         "<mc:AlternateContent xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/"
         "2006'><mc:Choice><row r='1'/></mc:Choice></mc:AlternateContent>"
         "<extLst><row r='1'/></extLst>",
         "1: A=N1"},
        {"<row><c t='str'><v>stop</v></c></row><row r='broken'/>", "1: A=Tstop"},
        /* Rows that are none, where a scan might begin or go on. */
        {"<!-- > <row r='7'><c r='A7'><v>7</v></c></row> --><row r='2'><c "
         "r='A2'><v>2</v></c></row>",
         "2: A=N2"},
        {"<row r='1'><c r='A1'><v>1</v></c></row><!-- </row> <row r='3'><c "
         "r='A3'><v>3</v></c></row>"
         "--><row r='4'><c r='A4'><v>4</v></c></row>",
         "1: A=N1; 4: A=N4"},
        {"<?p <row r='1'><c r='A1'><v>1</v></c></row>?><row r='4'><c r='A4'><v>4</v></c></row>",
         "4: A=N4"},
        /* Rows that are text. */
        {"<![CDATA[<row r='1'><c r='A1'><v>1</v></c></row>]]><row r='2'><c "
         "r='A2'><v>2</v></c></row>",
         "2: A=N2"},
        {"<row r='1'><c r='A1'><v>1</v></c></row><![CDATA[</row><row r='2'><c "
         "r='A2'><v>2</v></c></row>"
         "]]>",
         "1: A=N1"},
        {"<row r='1'><c r='A1'><v><![CDATA[1</row><row r='2'>]]></v></c></row>",
         "1: A=N1</row><row r='2'>"},
        {"<row r='1'><c r='A1'><v>1</v></c></row><row r='2'><c r='A2' t='e'><v>#N/A</v></c></row>"
         "<row r='3'><c r='A3'><v>3</v></c></row>",
         "1: A=N1; 2: A=E#N/A; 3: A=N3"},
        {"<x xmlns='urn:x'><row r='1'><c r='A1'><v>1</v></c></row></x>"
         "<row r='2'><c r='A2'><v>2</v></c></row>",
         "2: A=N2"},
        {"<row r='1' spans='1:2' ht=\"15\" ><c r='A1' s='3' t='s' ><v>0</v></c>\n<c r='B1'/></row>",
         "1: A=Tzero"},
    };
    AUTO(shared_strings) strings = three_strings();
    g_assert_cmpuint(shared_strings_count(strings), ==, 3);
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *rows = read_data(CASES[i].data, strings, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(rows, ==, CASES[i].rows);
    }
}

static void test_sheet_refused(void)
{
    static const struct {
        const char *data, *piece;
    } CASES[] = {
        {"<row><c t='s'><v>3</v></c></row>", "sheet 'Calls', cell A1: it points at a shared text"},
        {"<row r='3'><c r='AB3' t='s'><v>-1</v></c></row>", "cell AB3:"},
        {"<row r='3'><c r='XFD3' t='s'><v>x</v></c></row>", "cell XFD3:"},
        {"<row r='3'><c r='ZZ3' t='s'><v>4294967296</v></c></row>", "cell ZZ3:"},
        {"<row r='3'><c r='AAA3' t='s'><v>18446744073709551616</v></c></row>", "cell AAA3:"},
        {"<row><c t='s'><v>1.0</v></c></row>", "shared text"},
        {"<row><c t='q'><v>1</v></c></row>", "type"},
        {"<row r='1'><c r='A1' s='2' t=''><v>1</v></c></row>", "type"},
        {"<row><c t=''><v>1</v></c></row>", "type"},
        {"<row r='1'><c r='A1' t=''/></row>", "type"},
        {"<row r='2'/><row r='2'/>", "row 2 stands after row 2"},
        {"<row r='2'/><row r='1'/>", "row 1 stands after row 2"},
        {"<row r='0'/>", "no valid number"},
        {"<row r='-1'/>", "no valid number"},
        {"<row r='01'/>", "no valid number"},
        {"<row r='1048577'/>", "no valid number"},
        {"<row r='4294967297'/>", "no valid number"},
        {"<row r='1.0'/>", "no valid number"},
        {"<row r='1048576'/><row/>", "more than 1048576 rows"},
        {"<row><c r='XFE1'/></row>", "reference"},
        {"<row><c r='ZZZZ1'/></row>", "reference"},
        {"<row><c r='a1'/></row>", "reference"},
        {"<row><c r='A'/></row>", "reference"},
        {"<row><c r='1'/></row>", "reference"},
        {"<row><c r='A0'/></row>", "reference"},
        {"<row><c r='A1 '/></row>", "reference"},
        {"<row><c r=''/></row>", "reference"},
        {"<row r='1'><c r='A2'/></row>", "a cell of row 2 stands in row 1"},
        {"<row><c r='A1'/><c r='B2'/></row>", "a cell of row 2 stands in row 1"},
        {"<row r='2'/><row><c r='A1'/></row>", "a cell of row 1 stands in row 3"},
        {"<row><c r='B1'/><c r='A1'/></row>", "cell A1: it stands behind"},
        {"<row><c r='B1'/><c r='B1'/></row>", "cell B1: it stands behind"},
        {"<row r='1'><c r='B1'><v>1</v></c><c r='A1'><v>2</v></c></row>",
         "cell A1: it stands behind"},
        {"<row r='1'><c r='B1'><v>1</v></c><c r='B1'><v>2</v></c></row>",
         "cell B1: it stands behind"},
        {"<row><c r='XFD1'/><c/></row>", "more than 16384 cells"},
        {"<row><c>", "damaged"},
    };
    AUTO(shared_strings) strings = three_strings();
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *rows = read_data(CASES[i].data, strings, &error);
        g_assert_null(rows);
        g_assert_error(error, CALLMX_ERROR, ERROR_PERM);
        if (strstr(error->message, CASES[i].piece) == NULL)
            g_error("'%s': '%s' does not say '%s'", CASES[i].data, error->message, CASES[i].piece);
    }
    g_autoptr(GError) error = NULL;
    static const char CHART[] = "<chartsheet xmlns='" MAIN "'/>";
    g_assert_false(sheet_read(CHART, strlen(CHART), "C\n1", true, NULL, on_row, NULL, &error));
    g_assert_cmpstr(error->message, ==, "sheet 'C?1' is not a worksheet");
}

/* A cell's text is cut between two characters, inline or shared, and costs its length once. */
static void test_long_text(void)
{
    g_autoptr(GString) data = g_string_new("<row><c t='inlineStr'><is><t>");
    for (int i = 0; i < 100000; i++)
        g_string_append(data, "\xE2\x82\xAC");
    g_string_append(data, "</t></is></c></row>");
    g_autofree char *rows = read_data(data->str, NULL, NULL);
    g_assert_nonnull(rows);
    size_t length = strlen(rows) - strlen("1: A=T");
    g_assert_cmpuint(length, ==, 4 * LIMIT_CELL_TEXT / 3 * 3);
    g_assert_true(g_utf8_validate(rows, -1, NULL));
}

static struct workbook *open_bytes(GBytes *bytes, GError **error)
{
    size_t size;
    const void *data = g_bytes_get_data(bytes, &size);
    return workbook_open(data, size, NULL, error);
}

static char *rows_of(struct workbook *workbook, size_t sheet)
{
    g_autoptr(GString) seen = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    bool ok = workbook_read_sheet(workbook, sheet, on_row, seen, &error);
    g_assert_no_error(error);
    g_assert_true(ok);
    return g_strdup(seen->str);
}

#define SHEETS                                                                                     \
    "[('Filters', [['a'], ['b']]), ('Calls & more', [['Id', 1, Duration(23), '', BLANK, None, "    \
    "'end'], None, [None, 54]])]"

/* The writer's own form, the form after Excel, and both with what may differ. */
static void test_ringcentral(gconstpointer knobs)
{
    g_autofree char *expression =
        g_strdup_printf("build(" SHEETS ", 'America/Chicago'%s)", (const char *)knobs);
    g_autoptr(GBytes) bytes = sample(expression);
    g_autoptr(GError) error = NULL;
    AUTO(workbook) workbook = open_bytes(bytes, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(workbook_sheet_count(workbook), ==, 2);
    g_assert_cmpstr(workbook_sheet_name(workbook, 0), ==, "Filters");
    g_assert_cmpstr(workbook_sheet_name(workbook, 1), ==, "Calls & more");
    g_assert_cmpstr(workbook_timezone(workbook), ==, "America/Chicago");
    g_assert_false(workbook_is_1904(workbook));
    for (int again = 0; again < 2; again++) {
        g_autofree char *filters = rows_of(workbook, 0);
        g_assert_cmpstr(filters, ==, "1: A=Ta; 2: A=Tb");
        g_autofree char *calls = rows_of(workbook, 1);
        g_assert_cmpstr(calls, ==, "1: A=TId B=N1.0 C=N2.662037037037037E-4 G=Tend; 3: B=N54.0");
    }
}

/* Only what can be a zone's name is given on: it may become the name of a file. */
static void test_timezone(void)
{
    static const struct {
        const char *property, *timezone;
    } CASES[] = {
        {"America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"},
        {"Etc/GMT+5", "Etc/GMT+5"},
        {"/etc/localtime", NULL},
        {"America/../../etc/passwd", NULL},
        {"", NULL},
        {"(UTC-05:00) Eastern Time", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *expression = g_strdup_printf("build([], '%s')", CASES[i].property);
        g_autoptr(GBytes) bytes = sample(expression);
        AUTO(workbook) workbook = open_bytes(bytes, NULL);
        g_assert_nonnull(workbook);
        g_assert_cmpstr(workbook_timezone(workbook), ==, CASES[i].timezone);
    }
}

/* Ways of other writers, made by replacing parts. */
static void test_variants(void)
{
    static const struct {
        const char *knobs, *timezone;
    } CASES[] = {
        {", replace={'xl/_rels/workbook.xml.rels': '<r:Relationships xmlns:r=\"http://schemas."
         "openxmlformats.org/package/2006/relationships\"><r:Relationship Id=\"rId3\" Type=\""
         "http://purl.oclc.org/ooxml/officeDocument/relationships/worksheet\" Target=\""
         "/XL/worksheets/../Worksheets/Sheet2.xml\"/></r:Relationships>'}",
         "America/New_York"},
        {", replace={'xl/_rels/workbook.xml.rels': '<Relationships xmlns=\"http://schemas."
         "openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId3\" Type=\"x/"
         "worksheet\" Target=\"worksheets\\\\sheet2.xml\"/></Relationships>'}, timezone=None",
         NULL},
        {", replace={'xl/workbook.xml': '<x:workbook xmlns:x=\"http://purl.oclc.org/ooxml/"
         "spreadsheetml/main\" xmlns:q=\"http://purl.oclc.org/ooxml/officeDocument/relationships\">"
         "<x:sheets><x:sheet name=\"A\" sheetId=\"9\" q:id=\"rId4\"/></x:sheets></x:workbook>'},"
         "timezone=' Europe/Berlin '",
         "Europe/Berlin"},
        {", replace={'xl/workbook.xml': '<workbook xmlns=\"" MAIN "\"><sheets><sheet name=\"A\" "
         "r:id=\"rId4\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/"
         "relationships\"/><sheet name=\"style\" r:id=\"rId2\" xmlns:r=\"http://schemas."
         "openxmlformats.org/officeDocument/2006/relationships\"/></sheets></workbook>'},"
         "timezone='../../etc/passwd'",
         NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *expression =
            g_strdup_printf("build([('A', [['a']]), ('B', [['b']])]%s)", CASES[i].knobs);
        g_autoptr(GBytes) bytes = sample(expression);
        g_autoptr(GError) error = NULL;
        AUTO(workbook) workbook = open_bytes(bytes, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(workbook_timezone(workbook), ==, CASES[i].timezone);
        g_assert_cmpstr(workbook_sheet_name(workbook, 0), ==, "A");
        g_autofree char *rows = rows_of(workbook, 0);
        g_assert_cmpstr(rows, ==, "1: A=Tb");
        g_assert_cmpuint(workbook_sheet_count(workbook), ==, i < 2 ? 2 : 1);
    }
}

static void test_package_variants(void)
{
    /* Custom properties that no relationship names are found by their content type; the workbook is
     * not where it usually is; serial dates count from 1904. */
    g_autoptr(GBytes) bytes = sample(
        "build([('A', [['a']])], replace={"
        "'_rels/.rels': '<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/"
        "relationships\"><Relationship Id=\"r\" Type=\"a/officeDocument\" Target=\"book/w.xml\"/>"
        "</Relationships>'}, add=[('book/w.xml', '<workbook xmlns=\"" MAIN "\"><workbookPr "
        "date1904=\"1\"/></workbook>'), ('book/_rels/w.xml.rels', '<Relationships xmlns=\""
        "http://schemas.openxmlformats.org/package/2006/relationships\"/>')])");
    g_autoptr(GError) error = NULL;
    AUTO(workbook) workbook = open_bytes(bytes, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(workbook_sheet_count(workbook), ==, 0);
    g_assert_cmpstr(workbook_timezone(workbook), ==, "America/New_York");
    g_assert_true(workbook_is_1904(workbook));
}

static void test_open_refused(void)
{
    static const struct {
        const char *expression, *piece;
    } CASES[] = {
        {"b''", "The file is empty"},
        {"b'%PDF-1.7'", "This is a PDF"},
        {"b'a,b,c\\n1,2,3\\n'", "CSV"},
        {"poi_container.write([('word/document.xml', b'')])", "Word document"},
        {"poi_container.write([('a.xlsx', b'')])", "zip file, with a workbook in it"},
        {"build([], truncate=0.5)", "cut off"},
        {"build([], encrypted=True)", "is encrypted"},
        {"build([], remove=['xl/workbook.xml'])", "xl/workbook.xml is missing"},
        {"build([], remove=['xl/_rels/workbook.xml.rels'])", "workbook.xml.rels is missing"},
        {"build([], doctype='xl/workbook.xml')", "xl/workbook.xml has a DOCTYPE"},
        {"build([], doctype='docProps/custom.xml')", "docProps/custom.xml has a DOCTYPE"},
        {"build([], wrong_crc='docProps/custom.xml')", "checksum does not match"},
        {"build([], bomb=('xl/workbook.xml', 17 << 20))", "more than 16 MB is refused"},
        {"build([], replace={'xl/workbook.xml': '<a/>'})", "without a workbook in it"},
        {"build([('S%d' % n, []) for n in range(1001)])", "more than 1000 sheets"},
        {"b'PK\\3\\4' + bytes(50 << 20)", "more than 50 MB"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GBytes) bytes = sample(CASES[i].expression);
        g_autoptr(GError) error = NULL;
        g_assert_null(open_bytes(bytes, &error));
        g_assert_error(error, CALLMX_ERROR, ERROR_PERM);
        if (strstr(error->message, CASES[i].piece) == NULL)
            g_error("%s: '%s' does not say '%s'", CASES[i].expression, error->message,
                    CASES[i].piece);
    }
}

/* One sheet that cannot be read leaves the others readable. */
static void test_sheet_lost(void)
{
    static const struct {
        const char *knobs, *piece;
    } CASES[] = {
        {", wrong_crc='xl/worksheets/sheet1.xml'", "sheet1.xml is damaged: its checksum"},
        {", doctype='xl/worksheets/sheet1.xml'", "sheet 'A' has a DOCTYPE"},
        {", bomb=('xl/worksheets/sheet1.xml', 130 << 20)", "more than 128 MB is refused"},
        {", remove=['xl/worksheets/sheet1.xml']", "sheet1.xml is missing"},
        {", replace={'xl/worksheets/sheet1.xml': '<a'}", "sheet 'A' is damaged"},
        {", overlap=('xl/worksheets/sheet1.xml', 'docProps/app.xml')", "shares its bytes"},
        {", add=[('XL\\\\Worksheets\\\\Sheet1.xml', 'x')]", "is there twice"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *expression =
            g_strdup_printf("build([('A', [['a']]), ('B', [['b']])]%s)", CASES[i].knobs);
        g_autoptr(GBytes) bytes = sample(expression);
        g_autoptr(GError) error = NULL;
        AUTO(workbook) workbook = open_bytes(bytes, &error);
        g_assert_no_error(error);
        g_autoptr(GString) seen = g_string_new(NULL);
        g_assert_false(workbook_read_sheet(workbook, 0, on_row, seen, &error));
        g_assert_error(error, CALLMX_ERROR, ERROR_PERM);
        if (strstr(error->message, CASES[i].piece) == NULL)
            g_error("%s: '%s' does not say '%s'", CASES[i].knobs, error->message, CASES[i].piece);
        g_autofree char *rows = rows_of(workbook, 1);
        g_assert_cmpstr(rows, ==, "1: A=Tb");
    }
}

/* An external target is known and never followed. */
static void test_external(void)
{
    g_autoptr(GBytes) bytes = sample(
        "build([('A', [['a']])], replace={'xl/_rels/workbook.xml.rels': '<Relationships xmlns=\""
        "http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId3\" "
        "Type=\"x/worksheet\" Target=\"worksheets/sheet1.xml\" TargetMode=\"External\"/>"
        "</Relationships>'})");
    AUTO(workbook) workbook = open_bytes(bytes, NULL);
    g_assert_nonnull(workbook);
    g_assert_cmpuint(workbook_sheet_count(workbook), ==, 1);
    g_autoptr(GError) error = NULL;
    g_assert_false(workbook_read_sheet(workbook, 0, on_row, NULL, &error));
    g_assert_nonnull(strstr(error->message, "sheet 'A' is not in the file"));
}

static void test_openpyxl(void)
{
    g_autoptr(GBytes) bytes = sample_run(
        "try:\n    import openpyxl\nexcept ImportError:\n    sys.exit(77)\n"
        "import datetime as dt\n"
        "book = openpyxl.Workbook()\n"
        "book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904\n"
        "sheet = book.active\nsheet.title = 'Calls'\n"
        "sheet.append(['Id', 54, 0.5, None, True, ' x '])\n"
        "sheet.append([dt.datetime(2026, 1, 5, 17, 32, 12), '=1+1', '#N/A', 'Id', '', 1e22])\n"
        "book.create_chartsheet('Chart')\n"
        "book.create_sheet('Empty')\n"
        "file = io.BytesIO()\nbook.save(file)\nout.write(file.getvalue())\n");
    if (bytes == NULL) {
        g_test_skip("openpyxl is not there");
        return;
    }
    g_autoptr(GError) error = NULL;
    AUTO(workbook) workbook = open_bytes(bytes, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(workbook_sheet_count(workbook), ==, 2);
    g_assert_cmpstr(workbook_sheet_name(workbook, 1), ==, "Empty");
    g_assert_null(workbook_timezone(workbook));
    g_assert_true(workbook_is_1904(workbook));
    g_autofree char *rows = rows_of(workbook, 0);
    g_assert_cmpstr(rows, ==,
                    "1: A=TId B=N54 C=N0.5 E=B1 F=T x ; "
                    "2: A=N44565.73069444444 B=F C=E#N/A D=TId F=N1e+22");
    g_autofree char *empty = rows_of(workbook, 1);
    g_assert_cmpstr(empty, ==, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/workbook/hand-over", test_hand_over);
    g_test_add_func("/workbook/strings/by-scan", test_strings_by_scan);
    g_test_add_func("/workbook/cells", test_cells);
    g_test_add_func("/workbook/sheet-refused", test_sheet_refused);
    g_test_add_func("/workbook/long-text", test_long_text);
    g_test_add_data_func("/workbook/ringcentral/own", "", test_ringcentral);
    g_test_add_data_func("/workbook/ringcentral/re-saved", ", shared_strings=True",
                         test_ringcentral);
    g_test_add_data_func("/workbook/ringcentral/zip64", ", zip64=True, comment=b'x' * 100",
                         test_ringcentral);
    g_test_add_data_func("/workbook/ringcentral/dimension", ", dimension='A1:XFD1048576'",
                         test_ringcentral);
    g_test_add_func("/workbook/timezone", test_timezone);
    g_test_add_func("/workbook/variants", test_variants);
    g_test_add_func("/workbook/package-variants", test_package_variants);
    g_test_add_func("/workbook/open-refused", test_open_refused);
    g_test_add_func("/workbook/sheet-lost", test_sheet_lost);
    g_test_add_func("/workbook/external", test_external);
    g_test_add_func("/workbook/openpyxl", test_openpyxl);
    return g_test_run();
}
