"""A workbook with the parts and the XML of RingCentral's writer; see report-format: the container.

A sheet is (name, rows); a row is a list of cells (or None for an empty <row>); a cell is
    str         inline text; "" is the blank <is><t></t></is>
    int, float  a number as Java prints a double: 54.0, 2.662037037037037E-4
    Duration    seconds, written as a fraction of a day in style 164, [hh]:mm:ss
    None        left out
    BLANK       <c r="H2"></c>
    Raw         the cell's XML as it is, `{r}` standing for its reference
"""
from xml.sax.saxutils import escape

import dictionary
import poi_container

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


class Duration(int):
    """Seconds of a call."""


class Raw(str):
    """XML of a cell."""


BLANK = Raw('<c r="{r}"></c>')


def java_double(value):
    """The text of Java's Double.toString()."""
    value = float(value)
    if value == 0:
        return "0.0"
    exponent = 0
    digits = repr(abs(value))
    if "e" in digits:
        digits, power = digits.split("e")
        exponent = int(power)
    whole, _, part = digits.partition(".")
    part = "" if part == "0" else part
    figures = whole + part
    point = len(whole) + exponent
    stripped = figures.lstrip("0")
    point -= len(figures) - len(stripped)
    figures = stripped.rstrip("0") or "0"
    sign = "-" if value < 0 else ""
    if 1e-3 <= abs(value) < 1e7:
        if point <= 0:
            return sign + "0." + "0" * -point + figures
        figures = figures.ljust(point, "0")
        return sign + figures[:point] + "." + (figures[point:] or "0")
    return "%s%s.%sE%d" % (sign, figures[0], figures[1:] or "0", point - 1)


def column_name(index):
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


class Strings:
    """The shared strings of a re-save by Excel."""

    def __init__(self):
        self.places, self.count = {}, 0

    def index(self, text):
        self.count += 1
        return self.places.setdefault(text, len(self.places))

    def xml(self):
        items = "".join('<si><t xml:space="preserve">%s</t></si>' % escape(text) for text in self.places)
        return '%s<sst xmlns="%s" count="%d" uniqueCount="%d">%s</sst>' % (
            HEAD, MAIN, self.count, len(self.places), items)


def cell_xml(place, value, strings):
    if value is None:
        return ""
    if isinstance(value, Raw):
        return value.replace("{r}", place)
    if isinstance(value, str):
        if strings is not None:
            if value == "":
                return ""
            return '<c r="%s" s="0" t="s"><v>%d</v></c>' % (place, strings.index(value))
        return '<c r="%s" s="0" t="inlineStr"><is><t>%s</t></is></c>' % (place, escape(value))
    if isinstance(value, Duration):
        return '<c r="%s" s="2" t="n"><v>%s</v></c>' % (place, java_double(value / 86400))
    return '<c r="%s" s="0" t="n"><v>%s</v></c>' % (place, java_double(value))


def sheet_xml(rows, strings=None, dimension="A1", columns=None):
    names = columns or [column_name(index) for index in range(max([len(r or ()) for r in rows] or [0]))]
    out = [HEAD, '<worksheet xmlns="%s"><dimension ref="%s"/>' % (MAIN, dimension),
           '<sheetViews><sheetView workbookViewId="0"/></sheetViews>'
           '<sheetFormatPr defaultRowHeight="15.0"/><sheetData>\n']
    for number, row in enumerate(rows, 1):
        out.append('<row r="%d">\n' % number)
        out.extend(cell_xml("%s%d" % (names[index], number), value, strings)
                   for index, value in enumerate(row or ()))
        out.append("</row>\n")
    out.append('</sheetData><pageMargins bottom="0.75" footer="0.3" header="0.3" left="0.7" '
               'right="0.7" top="0.75"/></worksheet>')
    return "".join(out)


STYLES = (HEAD + '<styleSheet xmlns="%s"><numFmts count="1"><numFmt numFmtId="164" '
          'formatCode="[hh]:mm:ss"/></numFmts><fonts count="2"><font><sz val="11.0"/><name val="Calibri"/>'
          '</font><font><b val="true"/></font></fonts><fills count="1"><fill><patternFill '
          'patternType="none"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs '
          'count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs '
          'count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" '
          'fontId="1" fillId="0" borderId="0" xfId="0"/><xf numFmtId="164" fontId="0" fillId="0" '
          'borderId="0" xfId="0" applyNumberFormat="true"/></cellXfs></styleSheet>') % MAIN


def custom_xml(timezone, others):
    properties = [("UserId", "62264060101"), ("ExtId", "62264060101"), ("Timezone", timezone)]
    properties += others.items()
    # POI leaves `>` as it is.
    items = "".join('<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="%d" name="%s">'
                    '<vt:lpwstr>%s</vt:lpwstr></property>'
                    % (pid, name, value.replace("&", "&amp;").replace("<", "&lt;"))
                    for pid, (name, value) in enumerate(properties, 2) if value is not None)
    return ('%s<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
            'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">%s'
            '</Properties>' % (HEAD, items))


def relationships(pairs):
    return HEAD + '<Relationships xmlns="%s/relationships">%s</Relationships>' % (PACKAGE, "".join(
        '<Relationship Id="rId%d" Target="%s" Type="%s"/>' % item for item in pairs))


def parts(sheets, timezone, strings=None, dimension="A1", language="en"):
    """The parts of a workbook, in the writer's order, as a list of (name, text)."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.%s+xml"
    types = [("/xl/sharedStrings.xml", kind % "sharedStrings"), ("/xl/styles.xml", kind % "styles"),
             ("/xl/workbook.xml", kind % "sheet.main"),
             ("/docProps/app.xml", "application/vnd.openxmlformats-officedocument.extended-properties+xml"),
             ("/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"),
             ("/docProps/custom.xml", "application/vnd.openxmlformats-officedocument.custom-properties+xml")]
    types += [("/xl/worksheets/sheet%d.xml" % n, kind % "worksheet") for n in range(1, len(sheets) + 1)]
    bodies = [sheet_xml(rows, strings, dimension) for _, rows in sheets]
    listed = "".join('<sheet name="%s" r:id="rId%d" sheetId="%d"/>' % (escape(name, {'"': "&quot;"}), n + 2, n)
                     for n, (name, _) in enumerate(sheets, 1))
    empty = '%s<sst count="0" uniqueCount="0" xmlns="%s"/>' % (HEAD, MAIN)
    out = [
        ("[Content_Types].xml", HEAD + '<Types xmlns="%s/content-types"><Default ContentType='
         '"application/vnd.openxmlformats-package.relationships+xml" Extension="rels"/><Default '
         'ContentType="application/xml" Extension="xml"/>%s</Types>' % (PACKAGE, "".join(
             '<Override ContentType="%s" PartName="%s"/>' % (t, name) for name, t in types))),
        ("_rels/.rels", relationships([
            (1, "xl/workbook.xml", OFFICE + "/officeDocument"),
            (2, "docProps/app.xml", OFFICE + "/extended-properties"),
            (3, "docProps/core.xml", PACKAGE + "/relationships/metadata/core-properties"),
            (4, "docProps/custom.xml", OFFICE + "/custom-properties")])),
        ("docProps/app.xml", HEAD + '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/'
         '2006/extended-properties"><Application>Apache POI</Application></Properties>'),
        ("docProps/core.xml", HEAD + '<cp:coreProperties xmlns:cp="%s/metadata/core-properties" '
         'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>Apache POI</dc:creator>'
         '</cp:coreProperties>' % PACKAGE),
        ("docProps/custom.xml", custom_xml(timezone, {"UserLocale": dictionary.user_locale(language)})),
        ("xl/sharedStrings.xml", strings.xml() if strings is not None else empty),
        ("xl/styles.xml", STYLES),
        ("xl/workbook.xml", HEAD + '<workbook xmlns="%s" xmlns:r="%s"><workbookPr date1904="false"/>'
         '<bookViews><workbookView activeTab="0"/></bookViews><sheets>%s</sheets></workbook>'
         % (MAIN, OFFICE, listed)),
        ("xl/_rels/workbook.xml.rels", relationships(
            [(1, "sharedStrings.xml", OFFICE + "/sharedStrings"), (2, "styles.xml", OFFICE + "/styles")]
            + [(n + 2, "worksheets/sheet%d.xml" % n, OFFICE + "/worksheet")
               for n in range(1, len(sheets) + 1)])),
    ]
    return out + [("xl/worksheets/sheet%d.xml" % n, body) for n, body in enumerate(bodies, 1)]


def build(sheets, timezone="America/New_York", *, shared_strings=False, dimension="A1", doctype=None,
          bomb=None, replace=None, remove=(), add=(), language="en", **container):
    """Bytes of a workbook. Knobs beside those of poi_container.write():

    timezone        of docProps/custom.xml; None leaves the property out
    shared_strings  the form of a re-save by Excel: shared strings, sizes in the local headers
    doctype         name of a part that begins with a DOCTYPE (an entity that grows)
    bomb            name of a part that is followed by 300 MB of blanks, or (name, size)
    replace         {name: text or bytes}: the part's content
    remove          names of parts left out
    add             further parts, (name, text or bytes); a name may be there twice
    language        of labels, words and dates: dictionary.WORDS
    """
    listed = parts(dictionary.translate(sheets, language), timezone, Strings() if shared_strings else None,
                   dimension, language)
    if shared_strings:
        container.setdefault("sizes_in_local", True)
    out = []
    for name, body in listed:
        if name in remove:
            continue
        body = (replace or {}).get(name, body)
        if doctype == name:
            body = body.replace("?>\n", '?>\n<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b '
                                '"&a;&a;&a;&a;&a;&a;&a;&a;">]>\n', 1)
        body = body if isinstance(body, bytes) else body.encode("utf-8")
        if bomb and name == (bomb if isinstance(bomb, str) else bomb[0]):
            body += b" " * (300 << 20 if isinstance(bomb, str) else bomb[1])
        out.append((name, body))
    out += [(name, body if isinstance(body, bytes) else body.encode("utf-8")) for name, body in add]
    return poi_container.write(out, **container)
