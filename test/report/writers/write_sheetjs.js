// write_sheetjs.js LAYOUTS.json FOLDER: each layout by SheetJS (xlsx); with --no-strings without shared strings.
"use strict";
const fs = require("fs");
const path = require("path");
const XLSX = require("xlsx");

const books = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));

function serial(text, is1904) {
    const epoch = is1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, 30);
    return (Date.parse(text + "Z") - epoch) / 86400000;
}

for (const [name, layout] of Object.entries(books)) {
    const book = XLSX.utils.book_new();
    book.Custprops = layout.properties;
    book.Workbook = { WBProps: { date1904: layout.date1904 }, Sheets: [] };
    for (const source of layout.sheets) {
        const sheet = { "!ref": "A1:Z" + (source.rows.length + 1) };
        source.rows.forEach((row, y) => row.forEach((value, x) => {
            const place = XLSX.utils.encode_cell({ r: y, c: x });
            if (value === null) return;
            if (typeof value === "string") sheet[place] = { t: "s", v: value };
            else if ("n" in value) sheet[place] = { t: "n", v: value.n };
            else if ("d" in value) sheet[place] = { t: "n", v: value.d / 86400, z: "[h]:mm:ss" };
            else sheet[place] = { t: "n", v: serial(value.t, layout.date1904), z: "m/d/yy h:mm" };
        }));
        XLSX.utils.book_append_sheet(book, sheet, source.name);
        book.Workbook.Sheets.push({ name: source.name, Hidden: source.hidden ? 1 : 0 });
    }
    XLSX.writeFile(book, path.join(process.argv[3], name + ".xlsx"),
        { bookSST: !process.argv.includes("--no-strings"), compression: true });
}
