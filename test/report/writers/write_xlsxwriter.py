"""write_xlsxwriter.py LAYOUTS.json FOLDER: each layout by XlsxWriter; with --constant-memory as it streams."""
import datetime as dt
import json
import pathlib
import sys

import xlsxwriter


def main():
    books = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    for name, layout in books.items():
        book = xlsxwriter.Workbook(str(pathlib.Path(sys.argv[2]) / (name + ".xlsx")), {
            "date_1904": layout["date1904"], "constant_memory": "--constant-memory" in sys.argv})
        duration = book.add_format({"num_format": "[h]:mm:ss"})
        moment = book.add_format({"num_format": "mm/dd/yyyy hh:mm:ss"})
        plain = book.add_format({"font_name": "Arial"})
        for key, value in layout["properties"].items():
            if len(value) <= 255:
                book.set_custom_property(key, value)
        for source in layout["sheets"]:
            sheet = book.add_worksheet(source["name"])
            if source.get("hidden"):
                sheet.hide()
            for y, row in enumerate(source["rows"]):
                for x, value in enumerate(row):
                    if value == "":
                        sheet.write_blank(y, x, None, plain)
                    elif isinstance(value, str):
                        sheet.write_string(y, x, value)
                    elif value is not None and "n" in value:
                        sheet.write_number(y, x, value["n"])
                    elif value is not None and "d" in value:
                        sheet.write_number(y, x, value["d"] / 86400, duration)
                    elif value is not None:
                        sheet.write_datetime(y, x, dt.datetime.fromisoformat(value["t"]), moment)
        if layout["sheets"][0].get("hidden"):
            book.get_worksheet_by_name("Cover").activate()
            book.get_worksheet_by_name("Cover").set_first_sheet()
        book.close()


if __name__ == "__main__":
    main()
