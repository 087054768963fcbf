"""write_twin.py LAYOUTS.json FOLDER: each layout as RingCentral's own writer would write it (poi_workbook);
with --strict in the strict form of ISO 29500, with a prefix for every element and absolute targets."""
import datetime as dt
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.dont_write_bytecode = True

import poi_container  # noqa: E402
import poi_workbook  # noqa: E402

MAIN = poi_workbook.MAIN
STRICT = [(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main"),
          (poi_workbook.OFFICE, "http://purl.oclc.org/ooxml/officeDocument/relationships")]


def serial(text, is_1904):
    epoch = dt.datetime(1904, 1, 1) if is_1904 else dt.datetime(1899, 12, 30)
    return (dt.datetime.fromisoformat(text) - epoch) / dt.timedelta(days=1)


def value_of(cell, is_1904):
    if isinstance(cell, dict):
        kind, value = next(iter(cell.items()))
        return {"n": lambda: value, "d": lambda: poi_workbook.Duration(value),
                "t": lambda: serial(value, is_1904)}[kind]()
    return cell


def prefixed(text):
    """All elements of the main namespace as s:name."""
    if ' xmlns="%s"' % MAIN not in text:
        return text
    text = text.replace(' xmlns="%s"' % MAIN, ' xmlns:s="%s"' % MAIN)
    return re.sub(r"<(/?)(?![?!])", r"<\1s:", text)


def write(book, path, strict):
    sheets = [(sheet["name"], [[value_of(cell, book["date1904"]) for cell in row] for row in sheet["rows"]])
              for sheet in book["sheets"]]
    parts = dict(poi_workbook.parts(sheets, book["properties"].get("Timezone")))
    names = list(parts)
    if "UserLocale" in book["properties"]:
        parts["docProps/custom.xml"] = poi_workbook.custom_xml(
            book["properties"]["Timezone"], {"UserLocale": book["properties"]["UserLocale"]})
    if book["date1904"]:
        parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace('date1904="false"', 'date1904="1"')
    for number, sheet in enumerate(book["sheets"], 1):
        if sheet.get("hidden"):
            parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(
                'sheetId="%d"' % number, 'sheetId="%d" state="veryHidden"' % number)
    if strict:
        for name in names:
            if name.startswith("xl/") and name.endswith(".xml"):
                parts[name] = prefixed(parts[name])
            for transitional, other in STRICT:
                parts[name] = parts[name].replace(transitional, other)
        rels = "xl/_rels/workbook.xml.rels"
        parts[rels] = parts[rels].replace('Target="', 'Target="/xl/')
    path.write_bytes(poi_container.write([(name, parts[name].encode("utf-8")) for name in names]))


def main():
    books = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    for name, book in books.items():
        write(book, pathlib.Path(sys.argv[2]) / (name + ".xlsx"), "--strict" in sys.argv)


if __name__ == "__main__":
    main()
