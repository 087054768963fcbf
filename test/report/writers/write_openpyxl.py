"""write_openpyxl.py LAYOUTS.json FOLDER: each layout by openpyxl; with --write-only in its streaming mode."""
import datetime as dt
import json
import pathlib
import sys

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.datetime import CALENDAR_MAC_1904


def main():
    books = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    streams = "--write-only" in sys.argv
    for name, layout in books.items():
        book = openpyxl.Workbook(write_only=streams)
        if not streams:
            book.remove(book.active)
        if layout["date1904"]:
            book.epoch = CALENDAR_MAC_1904
        for source in layout["sheets"]:
            sheet = book.create_sheet(source["name"])
            if source.get("hidden"):
                sheet.sheet_state = "hidden"
            for place, row in enumerate(source["rows"], 1):
                cells = []
                for value in row:
                    cell = WriteOnlyCell(sheet)
                    if isinstance(value, dict):
                        kind, value = next(iter(value.items()))
                        if kind == "d":
                            value = dt.timedelta(seconds=value)
                        elif kind == "t":
                            value = dt.datetime.fromisoformat(value)
                    cell.value = value
                    if isinstance(value, dt.timedelta):
                        cell.number_format = "[h]:mm:ss"
                    cells.append(cell)
                if streams:
                    sheet.append(cells)
                    continue
                for column, cell in enumerate(cells, 1):
                    if cell.value is not None:
                        written = sheet.cell(place, column, cell.value)
                        if cell.number_format != "General":
                            written.number_format = cell.number_format
        if not any(sheet.get("hidden") is None for sheet in layout["sheets"]):
            book.create_sheet("Visible")
        book.save(str(pathlib.Path(sys.argv[2]) / (name + ".xlsx")))


if __name__ == "__main__":
    main()
