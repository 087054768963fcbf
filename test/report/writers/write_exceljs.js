// write_exceljs.js LAYOUTS.json FOLDER: each layout by ExcelJS; with --stream by its streaming writer.
"use strict";
const fs = require("fs");
const path = require("path");
const ExcelJS = require("exceljs");

const books = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const streams = process.argv.includes("--stream");

async function write(name, layout) {
    const filename = path.join(process.argv[3], name + ".xlsx");
    const book = streams
        ? new ExcelJS.stream.xlsx.WorkbookWriter({ filename, useStyles: true, useSharedStrings: false })
        : new ExcelJS.Workbook();
    book.properties = Object.assign(book.properties || {}, { date1904: layout.date1904 });
    for (const source of layout.sheets) {
        const sheet = book.addWorksheet(source.name, { state: source.hidden ? "hidden" : "visible" });
        if (streams && layout.date1904) sheet.properties.date1904 = true;
        source.rows.forEach((row, y) => {
            const line = sheet.getRow(y + 1);
            row.forEach((value, x) => {
                const cell = line.getCell(x + 1);
                if (value === null) return;
                if (typeof value === "string") cell.value = value;
                else if ("n" in value) cell.value = value.n;
                else if ("d" in value) {
                    cell.value = value.d / 86400;
                    cell.numFmt = "[h]:mm:ss";
                } else {
                    cell.value = new Date(value.t + "Z");
                    cell.numFmt = "mm/dd/yyyy hh:mm:ss";
                }
            });
            line.commit();
        });
        if (streams) sheet.commit();
    }
    await (streams ? book.commit() : book.xlsx.writeFile(filename));
}

(async () => {
    for (const [name, layout] of Object.entries(books)) await write(name, layout);
})().catch((error) => {
    console.error(error);
    process.exit(1);
});
