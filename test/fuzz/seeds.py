#!/usr/bin/env python3
"""seeds.py FOLDER: makes seeds for the fuzz targets that read workbooks and mails, in FOLDER/TARGET/, from the
same layouts by the same writers as the matrix of test/system/test_writers.py, as far as they are installed."""
import base64
import json
import pathlib
import subprocess
import sys
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
WRITERS = HERE.parent / "report" / "writers"
sys.dont_write_bytecode = True
sys.path.insert(0, str(WRITERS))

import layouts  # noqa: E402
import ringcentral  # noqa: E402

MOST = 60000  # octets of a seed: a large one makes all that come of it slow
MAIL = ("From: analytics.portal@ringcentral.com\r\nSubject: Scheduled Reports from RingCentral\r\n"
        "Message-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n")
PART = "Content-Type: application/octet-stream; name=\"r.xlsx\"\r\nContent-Transfer-Encoding: base64\r\n\r\n<<1>>\r\n"
SHAPES = {
    "plain": MAIL + PART,
    "mixed": MAIL + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n"
    "<p>Subscription name: Daily</p>\r\n--b\r\n" + PART + "--b--\r\n",
    "alternative": MAIL + "Content-Type: multipart/mixed; boundary=\"o\"\r\n\r\n--o\r\nContent-Type: "
    "multipart/alternative; boundary=i\r\n\r\n--i\r\n\r\ntext\r\n--i\r\nContent-Type: text/html\r\n\r\n<b>x</b>\r\n"
    "--i--\r\n--o\r\n" + PART + "--o--\r\n",
    "forwarded": MAIL + "Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n"
    + MAIL + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + PART + "--b--\r\n--o--\r\n",
    "names": MAIL + "Content-Disposition: attachment; filename*0*=utf-8''Anr%C3%BCfe; filename*1=.xlsx\r\n" + PART,
    "encoded name": MAIL + "Content-Disposition: attachment; filename=\"=?utf-8?B?ci54bHN4?=\"\r\n" + PART,
    "link": MAIL + "Content-Type: text/html\r\n\r\n<a href=\"https://analytics.ringcentral.com/reports/1?a=b\">x</a>",
    "quoted": MAIL + "Content-Type: text/csv; name=a.csv\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    "Direction,From,To,Extension,Name,Date,Time,Action Result,Duration=0D=0AIncoming,=\r\n1,2,3,4,5,6,7,8\r\n",
    "reopened": MAIL + "Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\nContent-Type: "
    "multipart/related; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n--c\r\n\r\ny\r\n--b\r\n" + PART
    + "--b--\r\nepilogue\r\n--b\r\n\r\nz\r\n",
    "digest": MAIL + "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: x\r\n" + PART + "--b\r\n"
    "Content-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\n\r\n--b--\r\n",
    "no empty line": MAIL + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n--b\r\nContent-Type: a/b\r\n"
    "--b\r\n\r\n--b \t\r\n" + PART + "--b--",
    "odd": "Subject: =?utf-8?q?a?=\r\n =?x?q?y?= \xf6\r\nFrom: \"a\" <b>\r\nContent-Type: text/plain (c); "
    "charset=\"iso-8859-1\" (x); name*0*=''a; name*1=b\r\nContent-Disposition: attachment (c); filename=\"\xc6\\\"\"; "
    "x=\"=?utf-8?q?;y?=\"\r\nContent-Transfer-Encoding: =?us-ascii?q?base64?=\r\n\r\neA==\r\n",
    "tnef": MAIL + "Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\nx\x9f\r\n",
}


def short(book):
    """The layout with few rows: what is in the others is the same again."""
    for sheet in book["sheets"]:
        sheet["rows"] = sheet["rows"][:8]
    return book


def written(folder):
    """Yields workbooks as (name, path)."""
    job = folder / "layouts.json"
    job.write_text(json.dumps({name: short(book) for name, book in layouts.layouts().items()}), encoding="utf-8")
    own = [[sys.executable, "write_twin.py"], [sys.executable, "write_twin.py", "--strict"],
           [sys.executable, "write_openpyxl.py"], [sys.executable, "write_xlsxwriter.py"],
           ["node", "write_sheetjs.js"], ["node", "write_exceljs.js"], ["perl", "write_excel_writer.pl"]]
    for number, command in enumerate(own):
        out = folder / ("by%d" % number)
        out.mkdir(exist_ok=True)
        try:
            subprocess.run([command[0], str(WRITERS / command[1]), str(job), str(out)] + command[2:], check=True,
                           capture_output=True, timeout=120)
        except (OSError, subprocess.SubprocessError):
            print("seeds: no workbooks by %s" % command[1])
        for path in sorted(out.glob("*.xlsx")):
            yield "%d-%s" % (number, path.stem.replace(" ", "-")), path


def put(folder, target, name, data):
    place = folder / target
    place.mkdir(parents=True, exist_ok=True)
    if len(data) <= MOST:
        (place / name).write_bytes(data)


def main():
    folder = pathlib.Path(sys.argv[1])
    work = folder / "workbooks"
    work.mkdir(parents=True, exist_ok=True)
    for name, path in written(work):
        data = path.read_bytes()
        put(folder, "container", name, data)
        text = b""
        with zipfile.ZipFile(path) as package:
            for part in package.namelist():
                body = package.read(part)
                if part.endswith((".xml", ".rels")):
                    put(folder, "xml", name + "-" + part.rsplit("/", 1)[-1], body)
                text += b"=== " + part.encode() + b"\n" + body + b"\n"
                if "/sheet" in part or part.endswith("sharedStrings.xml"):
                    put(folder, "sheet", name + "-" + part.rsplit("/", 1)[1], body)
        put(folder, "book", name, text)
        put(folder, "mime", name, (MAIL + PART).encode().replace(b"<<1>>", base64.encodebytes(data)))
    for name, shape in SHAPES.items():
        put(folder, "mail", name.replace(" ", "-"), shape.encode("latin-1"))
        put(folder, "mime", "shape-" + name.replace(" ", "-"), shape.encode("latin-1"))
    put(folder, "csv", "log", ringcentral.call_log(layouts.LEGS[:9]).split(b"\n", 1)[1])
    put(folder, "csv", "log-semicolon", ringcentral.call_log(layouts.LEGS[:9], separator=";"))
    for language in layouts.dictionary.WORDS:
        put(folder, "csv", "labels-" + language, layouts.dictionary.user_locale(language).encode("utf-8"))


if __name__ == "__main__":
    main()
