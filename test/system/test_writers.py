"""The matrix: the same report by every writer of workbooks that is installed, in every layout, is read the same.

A writer that is not installed is skipped by its name. What must be read comes from layouts.py, which knows the
calls themselves, not from another workbook."""
import json
import os
import shutil
import subprocess
import pathlib
import sys

import pytest

import books
import callmx
import mails

WRITERS = books.REPORT / "writers"
sys.path.insert(0, str(WRITERS))

import layouts  # noqa: E402

PYTHON = [sys.executable]
# Where npm has put its packages; a folder named in NODE_PATH is looked at, too.
MODULES = [WRITERS / "node_modules"] + [pathlib.Path(path)
                                        for path in os.environ.get("NODE_PATH", "").split(":") if path]


def has_module(name):
    return subprocess.run(PYTHON + ["-c", "import " + name], capture_output=True).returncode == 0


def has_perl(name):
    return shutil.which("perl") and subprocess.run(["perl", "-M" + name, "-e", "1"],
                                                   capture_output=True).returncode == 0


def has_node(name):
    return shutil.which("node") and any((folder / name).exists() for folder in MODULES)


def own(script, *more):
    interpreter = {"py": sys.executable, "js": "node", "pl": "perl"}[script.rsplit(".", 1)[1]]
    return lambda job, folder: [[interpreter, str(WRITERS / script), str(job), str(folder), *more]]


def twins(folder):
    made = folder.parent / "twins"
    if not made.exists():
        made.mkdir()
        run(own("write_twin.py")(folder.parent / "layouts.json", made))
    return sorted(made.glob("*.xlsx"))


def office(kind):
    """A re-save of the twins of RingCentral's own files."""
    def commands(job, folder):
        profile = "-env:UserInstallation=file://%s" % (folder.parent / "profile")
        return [["soffice", profile, "--headless", "--convert-to", "xlsx:" + kind, "--outdir", str(folder)]
                + [str(path) for path in twins(folder)]]
    return commands


def gnumeric(job, folder):
    return [["ssconvert", "-T", "Gnumeric_Excel:xlsx2", str(path), str(folder / path.name)]
            for path in twins(folder)]


def run(commands):
    environment = dict(os.environ, NODE_PATH=":".join(str(path) for path in MODULES))
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
        assert done.returncode == 0, (command, done.stderr[-2000:])


# name: (is it there, its commands, layouts that it cannot write)
MATRIX = {
    "RingCentral (twin)": (lambda: True, own("write_twin.py"), ()),
    "strict, prefixed": (lambda: True, own("write_twin.py", "--strict"), ()),
    "openpyxl": (lambda: has_module("openpyxl"), own("write_openpyxl.py"), ("german",)),
    "openpyxl, streaming": (lambda: has_module("openpyxl"), own("write_openpyxl.py", "--write-only"),
                            ("german",)),
    "XlsxWriter": (lambda: has_module("xlsxwriter"), own("write_xlsxwriter.py"), ("german",)),
    "XlsxWriter, streaming": (lambda: has_module("xlsxwriter"),
                              own("write_xlsxwriter.py", "--constant-memory"), ("german",)),
    "LibreOffice": (lambda: shutil.which("soffice"), office("Calc MS Excel 2007 XML"), ()),
    "LibreOffice, Open XML": (lambda: shutil.which("soffice"), office("Calc Office Open XML"), ()),
    "Gnumeric": (lambda: shutil.which("ssconvert"), gnumeric, ()),
    "SheetJS": (lambda: has_node("xlsx"), own("write_sheetjs.js"), ()),
    "SheetJS, inline": (lambda: has_node("xlsx"), own("write_sheetjs.js", "--no-strings"), ()),
    "ExcelJS": (lambda: has_node("exceljs"), own("write_exceljs.js"), ("german",)),
    "ExcelJS, streaming": (lambda: has_node("exceljs"), own("write_exceljs.js", "--stream"), ("german",)),
    "Excel::Writer::XLSX": (lambda: has_perl("Excel::Writer::XLSX"), own("write_excel_writer.pl"),
                            ("german",)),
}
LAYOUTS = layouts.layouts()


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """shelf(writer): the folder with its workbooks, written when they are first asked for."""
    root, made = tmp_path_factory.mktemp("writers"), {}
    job = root / "layouts.json"
    job.write_text(json.dumps(LAYOUTS), encoding="utf-8")

    def of(writer):
        if writer not in made:
            is_there, commands, _ = MATRIX[writer]
            if not is_there():
                pytest.skip("%s is not installed" % writer)
            made[writer] = root / ("writer%d" % len(made))
            made[writer].mkdir()
            run(commands(job, made[writer]))
        return made[writer]

    return of


def explain(path):
    done = subprocess.run([callmx.CTL, "--json", "report", "explain", "--rows", path], capture_output=True,
                          text=True, timeout=60 * callmx.SLOW)
    assert not callmx.SANITIZER.search(done.stderr), done.stderr[-4000:]
    return json.loads(done.stdout)


def bare(rows, *without):
    return [{key: value for key, value in row.items() if key not in ("row", "sheet") + without} for row in rows]


def problem(report, layout):
    """What is read otherwise than it was written; None if nothing is."""
    file, rows, expected = report["files"][0], report["rows"][0], layouts.expected(layout)
    found = {
        "kind": file["kind"], "from": file["from"], "to": file["to"], "legs": bare(rows["legs"]),
        "users": bare(rows["users"]), "duplicates": file["calls"] and file["calls"]["duplicates"],
    }
    # All there is to note is a zone that the writer did not keep.
    notes = [] if file["timezone"] else ["the workbook names no time zone: its times are taken in the agency's"]
    if report["verdict"] != "stored" or file["timezone"] not in (layouts.ZONE, None):
        return report["verdict"], report["reason"], file["timezone"]
    if [note["text"] for note in file["notes"]] != notes:
        return file["notes"]
    return next(((key, found[key], expected[key]) for key in expected if found[key] != expected[key]), None)


PAIRS = [(layout, writer) for layout in LAYOUTS for writer in MATRIX if layout not in MATRIX[writer][2]]


@pytest.mark.parametrize("layout,writer", PAIRS)
def test_matrix(shelf, layout, writer):
    assert problem(explain(shelf(writer) / (layout + ".xlsx")), layout) is None


def test_table(shelf, figures):
    """Writers and layouts as a table, for whoever reads the log."""
    names = list(LAYOUTS)
    figures("matrix: " + ", ".join("%d %s" % pair for pair in enumerate(names, 1)))
    for writer, (is_there, _, cannot) in MATRIX.items():
        if not is_there():
            figures("matrix: %-22s not installed" % writer)
            continue
        folder = shelf(writer)
        marks = ["-" if name in cannot else "same" if problem(explain(folder / (name + ".xlsx")), name) is None
                 else "OTHER" for name in names]
        figures("matrix: %-22s %s" % (writer, " ".join("%d:%s" % pair for pair in enumerate(marks, 1))))


def test_two_readers(shelf):
    """The scanners and expat alone give the same cells of every workbook of the matrix."""
    program = callmx.BUILD / "test" / "report" / "two_readers"
    for writer, (is_there, _, _) in MATRIX.items():
        if not is_there():
            continue
        paths = [str(path) for path in sorted(shelf(writer).glob("*.xlsx"))]
        done = subprocess.run([program] + paths, capture_output=True, text=True)
        assert done.returncode == 0 and done.stdout.count("the same") == len(paths), done.stdout + done.stderr
        assert " 0 octets" not in done.stdout


def stored(agency):
    """All that is stored of a day, without what differs from one reception to the next."""
    calls = [{key: value for key, value in leg.items()
              if not key.startswith("source_") and not key.endswith("_id")} for leg in agency.calls()]
    figures, members = agency.figures()
    return calls, figures, [{key: value for key, value in member.items() if not key.endswith("_id")}
                            for member in members]


def test_every_way_in(shelf, make_site):
    """Through SMTP, with one parser process and with two, and by report ingest: the same is stored."""
    sites = [make_site(), make_site(parser={"processes": "1"})]
    chosen = [(writer, "both in one") for writer in MATRIX if MATRIX[writer][0]()]
    chosen += [("RingCentral (twin)", layout) for layout in LAYOUTS if layout != "both in one"]
    for number, (writer, layout) in enumerate(chosen):
        path = shelf(writer) / (layout + ".xlsx")
        results = []
        for site in sites:
            agency = site.agency("Mailed %d" % number)
            reply = site.deliver(mails.report_mail(path.read_bytes()), agency)
            assert reply.verdict == "stored", (writer, layout, reply)
            results.append(stored(agency))
        agency = sites[0].agency("Given %d" % number)
        sites[0].ctl("report", "ingest", agency.name, str(path))
        results.append(stored(agency))
        assert results[0] == results[1] == results[2], (writer, layout)
        expected = layouts.expected(layout)
        assert len(results[0][0]) == len(expected["legs"])
        assert sorted(leg["duration_seconds"] for leg in results[0][0]) == sorted(
            leg["length"] for leg in expected["legs"])
