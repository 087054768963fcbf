"""Workbooks and mails that were made to hurt, each with the verdict that must come out and words of its reason.

    hostile.py LIST              the names
    hostile.py NAME > FILE       the bytes of one, to be tried by hand

As a module: CASES is {name: Case}; Case.bytes() makes the input, which may take a second; `is_mail` tells what
it is, `is_big` that it has more than a few MB of XML.
"""
import base64
import datetime as dt
import functools
import os
import struct
import sys
from collections import namedtuple

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import daybook  # noqa: E402
import poi_container  # noqa: E402
import poi_workbook  # noqa: E402
import ringcentral  # noqa: E402

Case = namedtuple("Case", "bytes verdict words is_mail is_big")
CASES = {}

DAY = dt.datetime(2026, 1, 5)
END = DAY + dt.timedelta(days=1, seconds=-1)
LEGS = [leg for leg in dict.fromkeys(ringcentral.make_day(DAY.date(), 40, 5))]
SHEET = "xl/worksheets/sheet2.xml"
STRINGS = "xl/sharedStrings.xml"
BOOK = "xl/workbook.xml"
RELS = "xl/_rels/workbook.xml.rels"
CUSTOM = "docProps/custom.xml"
HEAD = poi_workbook.HEAD
MAIN = poi_workbook.MAIN
OPEN = '%s<worksheet xmlns="%s"><sheetData>' % (HEAD, MAIN)
CLOSE = "</sheetData></worksheet>"


def case(name, verdict, words, is_mail=False, is_big=False):
    def add(make):
        assert name not in CASES and (words or verdict == "stored"), name
        CASES[name] = Case(make, verdict, words, is_mail, is_big)
        return make
    return add


def add(name, verdict, words, make, **more):
    case(name, verdict, words, **more)(make)


def flood(make, count):
    """About `count` items, each a little different: a file of equal ones would be refused as a zip bomb before
    anybody reads it. Deflate looks back 32 KB, so that a long block may come again."""
    block = "".join(make("%08x" % (number * 2654435761 % (1 << 32))) for number in range(5000))
    return block * (count // 5000)


def padded(number):
    return number[:4] + "0123456789abcdefghijklmnopqrstuv"


def report(**knobs):
    return ringcentral.calls_report(LEGS, DAY, END, **knobs)


def with_part(name, text, **knobs):
    return report(replace={name: text}, **knobs)


def header_row(number=1):
    return "<row r=\"%d\">%s</row>" % (number, "".join(
        poi_workbook.cell_xml("%s%d" % (poi_workbook.column_name(index), number), text, None)
        for index, text in enumerate(ringcentral.CALLS_HEADER)))


def good_rows(first=2):
    return "".join("<row r=\"%d\">%s</row>" % (number, "".join(
        poi_workbook.cell_xml("%s%d" % (poi_workbook.column_name(index), number), value, None)
        for index, value in enumerate(ringcentral.call_row(leg))))
        for number, leg in enumerate(LEGS, first))


def sheet(rows, tail=CLOSE):
    return OPEN + header_row() + rows + tail


def with_rows(rows, **knobs):
    """A Calls sheet of good rows with these behind them."""
    return with_part(SHEET, sheet(good_rows() + rows), **knobs)


def leg_cells(number, change):
    """XML of a row like the first leg's, with some cells changed: {column: XML}."""
    cells = []
    for index, value in enumerate(ringcentral.call_row(LEGS[0])):
        column = poi_workbook.column_name(index)
        cells.append(change.get(column, poi_workbook.cell_xml("%s%d" % (column, number), value, None)))
    return '<row r="%d">%s</row>' % (number, "".join(cells))


# --- the container ---

add("zip: cut in the middle", "failed", "is cut off", lambda: report(truncate=0.5))
add("zip: cut by one byte", "failed", "is cut off", lambda: report()[:-1])
add("zip: one byte", "failed", "not a workbook", lambda: b"P")
add("zip: nothing but its end", "failed", "nothing in it", lambda: b"PK\5\6" + bytes(18))
add("zip: part larger than declared", "failed", "does not have the size",
    lambda: report(lying_size={SHEET: 100}))
add("zip: part smaller than declared", "failed", "does not have the size",
    lambda: report(lying_size={SHEET: 1 << 20}))
add("zip: declared 2^63", "failed", "cannot inflate to the size", lambda: report(zip64=True, lying_size={SHEET: 1 << 63}))
add("zip: declared 2^64-1", "failed", "cannot inflate to the size", lambda: report(zip64=True, lying_size={SHEET: (1 << 64) - 1}))
add("zip: parts overlap", "failed", "shares its bytes", lambda: report(overlap=("xl/styles.xml", SHEET)))
add("zip: name twice", "failed", "is there twice", lambda: report(add=[(SHEET, sheet(""))]))
add("zip: name twice but for case", "failed", "is there twice", lambda: report(add=[(SHEET.upper(), sheet(""))]))
add("zip: a path out of the file", "stored", "", lambda: report(add=[("../../../../etc/passwd", "root")]))
add("zip: NUL in a name", "failed", "NUL", lambda: report(add=[("xl/\0workbook.xml", "x")]))
add("zip: name of 600 bytes", "failed", "a name of 600 bytes", lambda: report(add=[("x" * 600, "x")]))
add("zip: wrong CRC", "failed", "checksum", lambda: report(wrong_crc=SHEET))
add("zip: encrypted", "failed", "is encrypted", lambda: report(encrypted=True))
add("zip: packed with bzip2", "failed", "packed in a way", lambda: report(method={SHEET: 12}))
add("zip: on several disks", "failed", "several disks", lambda: report(disk=3))
add("zip: zip in a zip", "failed", "zip file within a zip file",
    lambda: stored_zip(("a.xlsx", stored_zip(("b.xlsx", report())))))
add("zip: end record in the comment", "failed", "lies outside of it",
    lambda: report(comment=b"PK\5\6" + struct.pack("<4H2IH", 0, 0, 1, 1, 46, 1 << 31, 0)))


def stored_zip(*files):
    return poi_container.write([(name, data) for name, data in files])


def books_in_a_zip(first, count):
    return stored_zip(*[("%d.xlsx" % number, report(comment=b"%d" % number))
                        for number in range(first, first + count)])


add("zip: 21 workbooks", "failed", "more than 20 files", lambda: books_in_a_zip(0, 21))
add("zip: 20 workbooks and a broken one", "failed", "more than 20 files",
    lambda: stored_zip(*[("%d.xlsx" % number, report(comment=b"%d" % number)) for number in range(20)],
                       ("broken.xlsx", report(truncate=0.5))))


@case("zip: 60,000 parts", "failed", "more than 10000")
def many_parts():
    return report(add=[("p%d" % number, "") for number in range(60000)])


@case("zip: bomb of one part", "failed", "would inflate", is_big=True)
def bomb():
    return report(bomb=(SHEET, 140 << 20))


@case("zip: bomb of blanks at 1:1000", "failed", "200 times its size", is_big=True)
def bomb_by_ratio():
    return report(bomb=(SHEET, 100 << 20))


@functools.lru_cache
def large_body(kind):
    rows = flood(lambda x: '<row spans="%s" ht="%s"></row>' % (x[:2], "0" * 60) if kind == "row"
                 else "<!--%s%s-->" % (x[:2], "-0" * 40), 450000)
    return with_part(SHEET, sheet(rows), comment=b"00")


def large_book(number, kind="row"):
    """40 MB of XML in less than 1 MB; no two are the same file."""
    return large_body(kind)[:-2] + b"%02d" % number


@case("zip: a zip of 20 large workbooks", "partial", "inflate to more than 384", is_big=True)
def zip_of_bombs():
    return stored_zip(*[("%d.xlsx" % number, large_book(number)) for number in range(20)])


# --- XML ---

def doctype(body):
    return HEAD.replace("\n", "\n<!DOCTYPE %s>\n" % body) + OPEN[len(HEAD):] + CLOSE


add("xml: billion laughs", "failed", "has a DOCTYPE", lambda: with_part(SHEET, doctype(
    'x [<!ENTITY a "aaaaaaaaaa">' + "".join('<!ENTITY a%d "&a%s;">' % (n, (";&a%s" % (n - 1 or "")) * 9)
                                           for n in range(1, 9)) + "]")))
add("xml: external entity", "failed", "has a DOCTYPE",
    lambda: with_part(SHEET, doctype('x [<!ENTITY a SYSTEM "file:///etc/passwd">]')))
add("xml: DOCTYPE in the strings", "failed", "has a DOCTYPE", lambda: report(doctype=STRINGS, shared_strings=True))
add("xml: DOCTYPE in the properties", "failed", "has a DOCTYPE", lambda: report(doctype=CUSTOM))
add("xml: bad UTF-8", "failed", "not well-formed", lambda: with_part(SHEET, sheet(good_rows()).encode().replace(b"Example", b"\xc3\x28", 1)))
add("xml: UTF-7", "failed", "another encoding", lambda: with_part(SHEET, sheet(good_rows()).replace("UTF-8", "UTF-7")))
add("xml: UTF-32", "failed", "another encoding", lambda: with_part(SHEET, sheet(good_rows()).encode("utf-32")))
add("xml: EBCDIC", "failed", "not well-formed", lambda: with_part(SHEET, sheet(good_rows()).encode("cp500")))
add("xml: unclosed", "failed", "is damaged", lambda: with_part(SHEET, sheet(good_rows(), "")))
add("xml: two roots", "failed", "junk after", lambda: with_part(SHEET, sheet(good_rows()) + "<worksheet/>"))
add("xml: nothing", "failed", "is empty", lambda: with_part(SHEET, ""))
add("xml: control character", "failed", "not well-formed", lambda: with_part(SHEET, sheet(good_rows()).replace("Example", "\1", 1)))


@case("xml: 2,000,000 levels", "failed", "nested", is_big=True)
def depth():
    return with_part(SHEET, OPEN + flood(lambda x: "<a%s>" % x, 2000000) + CLOSE)


@case("xml: 3,000,000 levels in a row", "failed", "nested", is_big=True)
def depth_in_row():
    return with_part(SHEET, sheet("<row>" + flood(lambda x: "<a b='%s'>" % x, 3000000)))


@case("xml: 400,000 attributes", "failed", "too large", is_big=True)
def attributes():
    return with_part(SHEET, sheet("<row %s></row>" % " ".join('a%d="1"' % n for n in range(400000))))


@case("xml: 300,000 namespaces", "failed", "too large", is_big=True)
def namespaces():
    return with_part(SHEET, sheet("<row %s></row>" % " ".join('xmlns:a%d="u%d"' % (n, n)
                                                              for n in range(300000))))


@case("xml: namespaces in each of 200,000 elements", "stored", "", is_big=True)
def namespaces_in_each():
    return with_rows(flood(lambda x: '<x:c xmlns:x="%s" xmlns:y="v"/>' % x, 200000))


@case("xml: an attribute of 90 MB", "failed", "too large", is_big=True)
def giant_attribute():
    return with_part(SHEET, sheet('<row a="%s"></row>' % flood(padded, 2500000)))


@case("xml: a comment of 90 MB", "failed", "too large", is_big=True)
def giant_comment():
    return with_part(SHEET, sheet("<!--%s-->" % flood(padded, 2500000)))


@case("xml: a name of 20 MB", "failed", "too large", is_big=True)
def giant_name():
    return with_part(SHEET, sheet("<a%s/>" % flood(padded, 550000)))


@case("xml: a text of 100 MB", "stored", "", is_big=True)
def giant_text():
    return with_rows(leg_cells(900, {"B": '<c r="B900" t="inlineStr"><is><t>%s</t></is></c>'
                                     % flood(padded, 2800000)}))


@case("xml: 10,000,000 character numbers", "stored", "", is_big=True)
def character_numbers():
    return with_rows(leg_cells(900, {"B": '<c r="B900" t="inlineStr"><is><t>%s</t></is></c>'
                                     % flood(lambda x: "&#%d;" % (65 + int(x, 16) % 1000), 10000000)}))


@case("xml: 3,000,000 comments", "stored", "", is_big=True)
def comments():
    return with_rows(flood(lambda x: "<!--%s-->" % x, 3000000))


@case("xml: 3,000,000 CDATA sections", "stored", "", is_big=True)
def cdata():
    return with_rows(leg_cells(900, {"B": '<c r="B900" t="inlineStr"><is><t>%s</t></is></c>'
                                     % flood(lambda x: "<![CDATA[%s]]>" % x, 3000000)}))


# --- the workbook ---

def listed(sheets, rels):
    book = '%s<workbook xmlns="%s" xmlns:r="%s"><sheets>%s</sheets></workbook>' % (
        HEAD, MAIN, poi_workbook.OFFICE, sheets)
    return report(replace={BOOK: book, RELS: rels})


def relation(number, target, kind="/worksheet", more=""):
    return '<Relationship Id="rId%d" Target="%s" Type="%s%s"%s/>' % (number, target, poi_workbook.OFFICE, kind, more)


def relations(text):
    return HEAD + '<Relationships xmlns="%s/relationships">%s</Relationships>' % (poi_workbook.PACKAGE, text)


def one_sheet(target, kind="/worksheet", more=""):
    return listed('<sheet name="Calls" sheetId="1" r:id="rId1"/>', relations(relation(1, target, kind, more)))


add("book: a sheet that is the book itself", "failed", "is not a worksheet", lambda: one_sheet("workbook.xml"))
add("book: a sheet out of the file", "failed", "is not in the file", lambda: one_sheet("../../../etc/passwd"))
add("book: a sheet on a server", "failed", "is not in the file",
    lambda: one_sheet("http://example.com/sheet.xml", more=' TargetMode="External"'))
add("book: a sheet that is missing", "failed", "is missing", lambda: one_sheet("worksheets/sheet99.xml"))
add("book: no sheets", "no-report", "None of its sheets", lambda: listed("", relations("")))
add("book: the package points at itself", "failed", "is missing",
    lambda: report(replace={"_rels/.rels": relations(relation(1, "_rels/.rels", "/officeDocument"))}))
add("book: no relationships", "failed", "without a workbook", lambda: report(remove=("_rels/.rels",)))
add("book: two sheets Calls", "stored", "", lambda: ringcentral.build([
    ringcentral.filters_sheet(DAY, END, ["A"]), ("Calls", [ringcentral.CALLS_HEADER] + [
        ringcentral.call_row(leg) for leg in LEGS[:9]]), ("Calls", [ringcentral.CALLS_HEADER] + [
            ringcentral.call_row(leg) for leg in LEGS[9:]])]))


@case("book: 200,000 sheets", "failed", "more than 1000 sheets", is_big=True)
def many_sheets():
    return listed("".join('<sheet name="S%d" sheetId="%d" r:id="rId1"/>' % (n, n) for n in range(1, 200001)),
                  relations(relation(1, "worksheets/sheet2.xml")))


@case("book: 100,000 relationships", "failed", "is missing", is_big=True)
def many_relationships():
    return listed('<sheet name="Calls" sheetId="1" r:id="rId1"/>',
                  relations("".join(relation(n, "w%d.xml" % n) for n in range(1, 100001))))


@case("book: 1,000 sheets that are one", "failed", "inflate", is_big=True)
def one_sheet_often():
    rows = sheet("<row><c><v>1</v></c></row>" * 40000)
    book = '%s<workbook xmlns="%s" xmlns:r="%s"><sheets>%s</sheets></workbook>' % (
        HEAD, MAIN, poi_workbook.OFFICE, "".join('<sheet name="S%d" sheetId="%d" r:id="rId4"/>' % (n, n)
                                                 for n in range(1, 1001)))
    return report(replace={BOOK: book, SHEET: rows})


@case("book: a dictionary of 15 MB", "stored", "", is_big=True)
def giant_dictionary():
    pairs = ", ".join("Symbol(X%d) -> label %d" % (n, n) for n in range(500000))
    text = dictionary_with(4, "HashMap(%s)" % pairs)
    return with_part(CUSTOM, poi_workbook.custom_xml("America/New_York", {"UserLocale": text[:15 << 20]}))


@case("book: a dictionary of brackets", "stored", "")
def brackets():
    text = "Locale(" + "(" * 60000
    return with_part(CUSTOM, poi_workbook.custom_xml("America/New_York", {"UserLocale": text}))


def dictionary_with(place, text):
    elements = ["x"] * 51
    elements[place] = text
    return "Locale(%s)" % ",".join(elements)


# --- cells ---

add("cell: XFD1048576", "stored", "", lambda: with_rows('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))
for wrong in ("ZZZ2", "A0", "A-1", "A4294967297", "A02", "AAAA2", "1A", "\u00c41", "A99999999999999999999"):
    add("cell: reference %s" % wrong, "failed", "reference",
        lambda wrong=wrong: with_part(SHEET, sheet('<row r="2"><c r="%s"><v>1</v></c></row>' % wrong)))
for wrong in ("0", "-1", "4294967297", "1048577", "18446744073709551617", "x"):
    add("cell: row %s" % wrong, "failed", "has no valid number",
        lambda wrong=wrong: with_part(SHEET, sheet('<row r="%s"><c><v>1</v></c></row>' % wrong)))
for wrong in ("-1", "99999", "4294967296", "18446744073709551616", "x", "1.0", "1 2"):
    add("cell: shared text %s" % wrong, "failed", "shared text",
        lambda wrong=wrong: with_rows('<row r="900"><c t="s"><v>%s</v></c></row>' % wrong))
add("cell: rows backwards", "failed", "stands after", lambda: with_rows('<row r="3"><c><v>1</v></c></row>'))
add("cell: a cell twice", "failed", "there are two of it",
    lambda: with_rows('<row r="900"><c r="A900"><v>1</v></c><c r="A900"><v>2</v></c></row>'))
for wrong in ("NaN", "INF", "-INF", "1e308", "-1e308", "1e-308", "0x10", "1,5", "1e999999999", "9" * 400):
    add("cell: length %s" % (wrong if len(wrong) < 20 else "of 400 digits"), "stored", "",
        lambda wrong=wrong: with_rows(leg_cells(900, {"G": '<c r="G900"><v>%s</v></c>' % wrong})))
add("cell: formulas without values", "stored", "",
    lambda: with_rows(leg_cells(900, {"G": '<c r="G900"><f>1/0</f></c>'})))
add("cell: a formula for the id", "stored", "",
    lambda: with_rows(leg_cells(900, {"A": '<c r="A900"><f>A1</f></c>'})))
add("cell: an id of 19 digits as a number", "stored", "",
    lambda: with_rows(leg_cells(900, {"A": '<c r="A900"><v>7.539991000000269E+18</v></c>'})))
add("cell: marks that turn the writing", "stored", "",
    lambda: with_rows(leg_cells(900, {"B": '<c r="B900" t="inlineStr"><is><t>\u202eevil\u202c \u2066x</t></is></c>'})))


@case("cell: a row of 1,000,000 cells", "failed", "more than 16384 cells", is_big=True)
def wide_row():
    return with_rows("<row>" + flood(lambda x: "<c><v>%d</v></c>" % int(x, 16), 1000000) + "</row>")


@case("cell: 1,000,000 empty rows", "stored", "", is_big=True)
def empty_rows():
    return with_rows("<row/>" * 1000000)


@case("cell: 1,000,000 rows of blanks", "stored", "", is_big=True)
def blank_rows():
    return with_rows(flood(lambda x: '<row s="%d"><c s="1"/><c s="1"></c><c t="inlineStr"><is><t></t></is></c></row>'
                           % int(x, 16), 1000000))


@case("cell: 1,048,576 rows and one", "failed", "more than 1048576 rows", is_big=True)
def too_many_rows():
    return with_rows("<row/>" * 1048577)


def many_calls(count, cells):
    """Many small calls, by shared texts: 0 the start, 1 Inbound, and ids from 2 on."""
    texts = ["01/05/2026 9:00:00 AM", "Inbound"]
    strings = '%s<sst xmlns="%s">%s</sst>' % (HEAD, MAIN, "".join("<si><t>%s</t></si>" % text for text in texts))
    header = '<row><c t="inlineStr"><is><t>Session Id</t></is></c><c t="inlineStr"><is><t>Call Start Time</t></is>' \
        '</c><c t="inlineStr"><is><t>Call Direction</t></is></c></row>'
    rows = "".join(cells % number for number in range(count))
    return report(replace={SHEET: OPEN + header + rows + CLOSE, STRINGS: strings})


@case("cell: 1,000,000 calls", "failed", "more than", is_big=True)
def million_calls():
    return many_calls(1000001, '<row><c><v>%d</v></c><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>'
                      .replace("%d", "1%012d"))


@case("cell: 400,000 legs of one session", "stored", "", is_big=True)
def one_session():
    return many_calls(400000, '<row><c><v>7000000000001</v></c><c t="s"><v>0</v></c><c t="s"><v>1</v></c>'
                      '<c><v>%d</v></c></row>')


@case("cell: 300,000 rows that cannot be read", "stored", "", is_big=True)
def bad_rows():
    return with_rows(flood(lambda x: '<row><c t="inlineStr"><is><t>%s</t></is></c><c/><c t="inlineStr"><is>'
                           '<t>x</t></is></c></row>' % x, 300000))


@case("cell: a text of 1 MB, 200,000 times", "stored", "", is_big=True)
def long_text_often():
    strings = '%s<sst xmlns="%s"><si><t>%s</t></si></sst>' % (HEAD, MAIN, "long " * 200000)
    rows = "".join('<row r="%d"><c r="A%d"><v>70000%08d</v></c><c r="B%d" t="s"><v>0</v></c></row>'
                   % (n, n, n, n) for n in range(1000, 201000))
    return report(replace={SHEET: sheet(good_rows() + rows), STRINGS: strings})


@case("cell: 2,500,000 shared texts", "stored", "", is_big=True)
def many_strings():
    return with_part(STRINGS, '%s<sst xmlns="%s">%s</sst>' % (HEAD, MAIN, flood(lambda x: "<si><t>%s</t></si>" % x, 2500000)))


@case("cell: 5,000,000 shared texts", "failed", "more than 4000000", is_big=True)
def too_many_strings():
    return with_part(STRINGS, '%s<sst xmlns="%s">%s</sst>' % (HEAD, MAIN, flood(lambda x: "<si/>" if x[0] < "c" else "<si></si>", 5000000)))


@case("cell: 1,000,000 runs in one text", "stored", "", is_big=True)
def many_runs():
    return with_part(STRINGS, '%s<sst xmlns="%s"><si>%s</si></sst>'
                     % (HEAD, MAIN, flood(lambda x: "<r><rPr><b/></rPr><t>%s</t></r>" % x, 1000000)))


@case("cell: 25 rows of 16,384 headers", "no-report", "None of its sheets", is_big=True)
def wide_headers():
    row = "<row>" + "".join('<c t="inlineStr"><is><t>From Nam%d</t></is></c>' % n for n in range(16384)) + "</row>"
    return with_part(SHEET, OPEN + row * 25 + CLOSE)


@case("cell: 25 rows of 500 headers with a dictionary", "no-report", "None of its sheets", is_big=True)
def headers_and_labels():
    pairs = ", ".join("Symbol(X%d) -> From Name %d" % (n, n) for n in range(3000))
    text = dictionary_with(7, "HashMap(%s)" % pairs)
    row = "<row>" + '<c t="inlineStr"><is><t>From Nam</t></is></c>' * 500 + "</row>"
    custom = poi_workbook.custom_xml("America/New_York", {"UserLocale": text})
    return report(replace={SHEET: OPEN + row * 25 + CLOSE, CUSTOM: custom})


# --- CSV ---

CSV_HEAD = b"Direction,From,To,Extension,Name,Date,Time,Action Result,Duration\n"
add("csv: not UTF-8", "failed", "not UTF-8", lambda: CSV_HEAD + b"\xff\xfe,x\n")
add("csv: a quote that stays open", "stored", "", lambda: ringcentral.call_log(LEGS) + b'"' + b"x,\n" * 5000)
add("csv: 4,000,000 quotes", "stored", "", lambda: CSV_HEAD + b'"' * 4000000)
add("csv: 65 fields", "stored", "", lambda: ringcentral.call_log(LEGS) + b"," * 65 + b"\n")
add("csv: 17 MB", "failed", "larger", lambda: CSV_HEAD + b"x,y\n" * (17 << 18))


@case("csv: 200,000 calls of one minute", "stored", "", is_big=True)
def csv_calls():
    return ringcentral.call_log(LEGS) + b"Incoming,5550100200,5550100100,101,A,01/05/2026,9:15 AM,Missed,0:01\n" * 200000


# --- mails ---

def mail(*parts, head="", boundary="b"):
    """A mail of these parts, bytes each."""
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return (("From: analytics.portal@ringcentral.com\r\nSubject: Scheduled Reports from RingCentral\r\n"
             "MIME-Version: 1.0\r\n%sContent-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n" % (head, boundary)).encode()
            + body + b"--" + boundary.encode() + b"--\r\n")


def attached(data, head="Content-Type: application/octet-stream; name=r.xlsx\r\n", encode=base64.encodebytes):
    return (head + "Content-Transfer-Encoding: base64\r\n\r\n").encode() + encode(data).replace(b"\n", b"\r\n")


def add_mail(name, verdict, words, make, **more):
    add("mail: " + name, verdict, words, make, is_mail=True, **more)


def spoil(change):
    return lambda: mail(attached(report(), encode=lambda data: change(base64.encodebytes(data))))


add_mail("200 levels", "failed", "nested", lambda: b"MIME-Version: 1.0\r\n" + b"".join(
    b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(200)))
add_mail("200 forwarded within another", "failed", "nested",
         lambda: b"Content-Type: message/rfc822\r\n\r\n" * 200 + b"Subject: x\r\n\r\nx")
add_mail("20,000 parts", "failed", "more than 100 parts", lambda: mail(*[b"\r\nx"] * 20000))
add_mail("3,000,000 lines that begin as a boundary", "failed", "more than 100 parts",
         lambda: mail(b"\r\n" + b"--bx\r\n" * 3000000), is_big=True)
add_mail("3,000,000 lines of dashes", "stored", "",
         lambda: mail(b"\r\n" + b"--\r\n" * 3000000, attached(report())), is_big=True)
add_mail("100,000 groups in To", "failed", "address groups",
         lambda: b"To: " + b"a:" * 100000 + b"\r\n" + mail(attached(report())))
add_mail("an address of 100 KB", "failed", "octets", lambda: b"To: " + b"a" * 100000 + b"\r\n" + mail(attached(report())))
add_mail("a header of 1 MB", "failed", "octets", lambda: b"X-Long: " + b"x " * 500000 + b"\r\n" + mail(attached(report())))
add_mail("5,000 fields", "failed", "more than 500 fields", lambda: b"X-A: b\r\n" * 5000 + mail(attached(report())))
add_mail("two types", "failed", "stands twice", lambda: b"Content-Type: text/plain\r\n" + mail(attached(report())))
add_mail("two types of a part", "failed", "stands twice", lambda: mail(attached(
    report(), head="Content-Type: text/plain\r\nContent-Type: application/octet-stream\r\n")))
add_mail("two dispositions", "failed", "stands twice", lambda: mail(attached(
    report(), head="Content-Disposition: inline\r\nContent-Disposition: attachment\r\n")))
add_mail("two encodings", "failed", "stands twice", lambda: mail(attached(
    report(), head="Content-Transfer-Encoding: 7bit\r\n")))
add_mail("two boundaries", "failed", "boundary twice", lambda: mail(attached(report())).replace(
    b'boundary="b"', b'boundary="b"; boundary="c"', 1))
add_mail("a boundary of 200 octets", "failed", "more than 70", lambda: mail(attached(report()), boundary="b" * 200))
add_mail("an encoded multipart", "failed", "of its own", lambda: mail(
    attached(report()), head="Content-Transfer-Encoding: base64\r\n"))
add_mail("a NUL in a header", "failed", "NUL", lambda: b"X: a\0b\r\n" + mail(attached(report())))
add_mail("100 parameters", "failed", "more than 32 parameters", lambda: mail(attached(
    report(), head="Content-Type: a/b; %s\r\n" % "; ".join("p%d=x" % n for n in range(100)))))
add_mail("21 attachments", "failed", "attachments", lambda: mail(*[attached(report())] * 21))
add_mail("two zip files of 15 workbooks", "failed", "more than 20 files",
         lambda: mail(attached(books_in_a_zip(0, 15)), attached(books_in_a_zip(15, 15))))
add_mail("20 zip files of 20 workbooks", "failed", "more than 20 files",
         lambda: mail(*[attached(books_in_a_zip(20 * number, 20)) for number in range(20)]))
add_mail("the same workbook 20 times", "stored", "", lambda: mail(*[attached(report())] * 20))
add_mail("base64 with a wrong character", "failed", "damaged on its way", spoil(lambda text: text.replace(b"A", b"*", 1)))
add_mail("base64 without its padding", "failed", "damaged on its way",
         lambda: mail(attached(report() + b"x" * (-(len(report()) + 2) % 3), encode=lambda data: base64.encodebytes(
             data).replace(b"=", b""))))
add_mail("base64 with padding in the middle", "failed", "damaged on its way",
         spoil(lambda text: text[:400] + b"=" + text[401:]))
add_mail("base64 with more behind its padding", "failed", "damaged on its way",
         lambda: mail(attached(report(comment=b"x" * ((1 - len(report())) % 3)),
                               encode=lambda data: base64.encodebytes(data) + b"QUJD\n")))
add_mail("a line of 10 MB", "stored", "",
         lambda: mail(b"Content-Type: text/html\r\n\r\n" + b"x" * 10000000, attached(report())), is_big=True)
add_mail("HTML of 10 MB of tags", "stored", "",
         lambda: mail(b"Content-Type: text/html\r\n\r\n" + b"Subscription name: <<<&&&" * 400000, attached(report())),
         is_big=True)
add_mail("20 large workbooks", "partial", "inflate to more than 384",
         lambda: mail(*[attached(large_book(number)) for number in range(20)]), is_big=True)
add_mail("20 large workbooks of comments", "partial", "inflate to more than 384",
         lambda: mail(*[attached(large_book(number, "comment")) for number in range(20)]), is_big=True)


def main():
    if sys.argv[1:] == ["LIST"]:
        print("\n".join(CASES))
    else:
        sys.stdout.buffer.write(CASES[sys.argv[1]].bytes())


if __name__ == "__main__":
    main()
