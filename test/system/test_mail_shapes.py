"""Mail in every shape that mail programs and gateways give it: the workbook in it is read, under the name that it
was given; and what is no workbook is told for what it is."""
import base64
import gzip
import io
import shutil
import subprocess
import zipfile

import pytest

import books
import callmx
import mails

HEAD = ("From: analytics.portal@ringcentral.com\r\nSubject: Scheduled Reports from RingCentral\r\n"
        "Message-ID: <1.report@example.com>\r\nMIME-Version: 1.0\r\n")
HTML = "Content-Type: text/html\r\n\r\n<p>Subscription name: Daily</p>\r\n"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LEGS = [books.leg(7000000000000 + number, books.MEMBERS[number]) for number in range(3)]
BOOK = books.calls(LEGS)
OTHER = books.users([books.user_row(books.MEMBERS[0], 1, 2, 60)])


def base64_lines(data, width=76):
    text = base64.b64encode(data).decode()
    return "".join(text[at:at + width] + "\r\n" for at in range(0, len(text), width))


def part(head, data=BOOK, width=76):
    return "%sContent-Transfer-Encoding: base64\r\n\r\n%s" % (head, base64_lines(data, width))


def mixed(*parts, boundary="b", kind="mixed", head=HEAD):
    return "%sContent-Type: multipart/%s; boundary=\"%s\"\r\n\r\n%s--%s--\r\n" % (
        head, kind, boundary, "".join("--%s\r\n%s\r\n" % (boundary, one) for one in parts), boundary)


def named(text):
    return "Content-Type: application/octet-stream\r\nContent-Disposition: attachment; %s\r\n" % text


def zipped(*files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def quoted(data):
    """Quoted-printable as of a program that leaves nothing as it is, in lines of 75."""
    return "=\r\n".join("".join("=%02X" % byte for byte in data[at:at + 24]) for at in range(0, len(data), 24)) + "\r\n"


PLAIN = part(named("filename=r.xlsx"))
# name: (mail, the name that the file must have)
SHAPES = {
    "RFC 2231, in pieces": (mixed(part(named("filename*0=Report_;\r\n filename*1=Calls.xlsx"))), "Report_Calls.xlsx"),
    "RFC 2231, with a character set": (mixed(part(named("filename*=utf-8''%C3%9Cbersicht.xlsx"))), "Übersicht.xlsx"),
    "RFC 2231, both": (mixed(part(named("filename*0*=iso-8859-1'de'%DCber;\r\n filename*1=sicht.xlsx"))),
                       "Übersicht.xlsx"),
    "RFC 2047 in a parameter": (mixed(part(named("filename=\"=?utf-8?Q?=C3=9Cbersicht=2Exlsx?=\""))), "Übersicht.xlsx"),
    "RFC 2047, base64": (mixed(part(named("filename=\"=?utf-8?B?w5xiZXIueGxzeA==?=\""))), "Über.xlsx"),
    "name in the type": (mixed(part("Content-Type: %s; name=\"a b.xlsx\"\r\n" % XLSX)), "a b.xlsx"),
    "no name at all": (mixed(part("Content-Type: application/octet-stream\r\n")), "report.xlsx"),
    "no type at all": (mixed(part("")), "report.xlsx"),
    "another suffix": (mixed(part(named("filename=report.dat"))), "report.dat"),
    "as text": (mixed(part("Content-Type: text/plain; name=r.xlsx\r\n")), "r.xlsx"),
    "as a picture": (mixed(part("Content-Type: image/png; name=r.png\r\n")), "r.png"),
    "inline": (mixed(part("Content-Type: %s\r\nContent-Disposition: inline; filename=r.xlsx\r\n" % XLSX)), "r.xlsx"),
    "unknown disposition": (mixed(part("Content-Type: %s\r\nContent-Disposition: x-odd; filename=r.xlsx\r\n" % XLSX)),
                            "r.xlsx"),
    "names in other case": (mixed(part("CONTENT-TYPE: Application/Octet-Stream; NAME=r.xlsx\r\n")), "r.xlsx"),
    "the mail is the workbook": (HEAD + part(named("filename=r.xlsx")), "r.xlsx"),
    "quoted-printable": (mixed(named("filename=r.xlsx") + "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                               + quoted(BOOK)), "r.xlsx"),
    "base64 in one line": (mixed(part(named("filename=r.xlsx"), width=1 << 30)), "r.xlsx"),
    "base64 in lines of 4": (mixed(part(named("filename=r.xlsx"), width=4)), "r.xlsx"),
    "alternative within mixed": (mixed(mixed("\r\ntext", HTML, boundary="i", kind="alternative", head=""), PLAIN),
                                 "r.xlsx"),
    "related": (mixed(mixed(HTML, part("Content-Type: image/png\r\n", b"\x89PNG"), boundary="i", kind="related",
                            head=""), PLAIN), "r.xlsx"),
    "signed": (mixed(mixed(HTML, PLAIN, boundary="i", head=""), "Content-Type: application/pgp-signature\r\n\r\nx",
                     kind="signed"), "r.xlsx"),
    "unknown kind of multipart": (mixed(HTML, PLAIN, kind="x-odd"), "r.xlsx"),
    "forwarded inline": (mixed("\r\nSee below.\r\n-----Original Message-----\r\nFrom: RingCentral\r\n-- \r\nme\r\n",
                               PLAIN, head=HEAD.replace("Subject: ", "Subject: FW: ")), "r.xlsx"),
    "forwarded as an attachment": (mixed("\r\nSee below.\r\n", "Content-Type: message/rfc822\r\n\r\n"
                                         + mixed(HTML, PLAIN), boundary="o"), "r.xlsx"),
    "forwarded alone": (HEAD + "Content-Type: message/rfc822\r\n\r\n" + mixed(HTML, PLAIN), "r.xlsx"),
    "in a digest": (mixed("\r\n" + mixed(HTML, PLAIN), kind="digest", boundary="o"), "r.xlsx"),
    "text before and behind": (mixed(HTML, PLAIN).replace("\r\n\r\n--b", "\r\n\r\nThis is MIME.\r\n--b", 1) + "bye\r\n",
                               "r.xlsx"),
    "not closed": (mixed(HTML, PLAIN).replace("--b--\r\n", ""), "r.xlsx"),
    "in a zip file": (mixed(part("Content-Type: application/zip; name=all.zip\r\n",
                                 zipped(("reports/r.xlsx", BOOK)))), "r.xlsx"),
    "in base64 twice, without a name": (mixed(part("", base64.encodebytes(BOOK))), "report.xlsx"),
    "in base64 twice": (mixed(part(named("filename=r.xlsx"), base64.encodebytes(BOOK))), "r.xlsx"),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A site for all shapes; each has an agency of its own."""
    site = callmx.Site(tmp_path_factory.mktemp("shapes")).start()
    yield site
    site.check_end()


@pytest.mark.parametrize("name", SHAPES)
def test_shape(place, name):
    mail, file_name = SHAPES[name]
    agency = place.agency(name)
    reply = place.deliver(mail.encode("latin-1"), agency)
    assert reply.verdict == "stored" and reply.pairs["calls"] == "3", reply
    entry = agency.log()[0]
    assert [file["name"] for file in entry["files"]] == [file_name]
    assert sorted(leg["external_call_id"] for leg in agency.calls()) == sorted(leg.session for leg in LEGS)


def test_several_workbooks(place):
    agency = place.agency("Several")
    reply = place.deliver(mails.report_mail(OTHER, BOOK, BOOK, names=["u.xlsx", "c.xlsx", "c (1).xlsx"]), agency)
    assert reply.verdict == "stored", reply
    files = agency.log()[0]["files"]
    assert [(file["name"], file["kind"]) for file in files] == [("u.xlsx", "users"), ("c.xlsx", "calls")]
    assert "c (1).xlsx" in files[1]["notes"][0]["text"]


def test_a_call_log(place):
    """CSV, attached and uploaded, with its byte order mark and without: one and the same."""
    agency = place.agency("Call log")
    log = books.ringcentral.call_log(LEGS)
    reply = place.deliver(mixed(HTML, part("Content-Type: text/csv; name=CallLog.csv\r\n", log)).encode(), agency)
    assert reply.verdict == "stored" and reply.pairs["calls"] == "3", reply
    assert agency.log()[0]["files"][0]["kind"] == "call-log"
    before = agency.figures()
    path = place.folder / "log.csv"
    path.write_bytes(books.ringcentral.call_log(LEGS, mark=False))
    place.ctl("report", "ingest", agency.name, str(path))
    assert agency.figures() == before and len(agency.calls()) == 3
    assert agency.member("Alice Example")["outbound_calls"] == 1


def test_calls_records(place):
    agency, twin = place.agency("Records"), place.agency("Calls")
    day = books.Day(40)
    begin = books.at(books.DAY)
    book = books.ringcentral.records_report(list(dict.fromkeys(day.legs)), begin, books.at(books.DAY, "23:59:59"))
    assert place.deliver(mails.report_mail(book), agency).verdict == "stored"
    assert place.deliver(mails.report_mail(day.calls), twin).verdict == "stored"

    def without_ids(found):
        figures, members = found
        return figures, [{key: value for key, value in member.items() if not key.endswith("_id")}
                         for member in members]

    assert without_ids(agency.figures()) == without_ids(twin.figures())


def test_german(place):
    agency, twin = place.agency("German"), place.agency("English")
    day, german = books.Day(40), books.Day(40, language="de")
    assert place.deliver(mails.report_mail(german.calls, german.users), agency).verdict == "stored"
    assert place.deliver(mails.report_mail(day.calls, day.users), twin).verdict == "stored"
    assert [(leg["result"], leg["direction"], leg["talk_seconds"]) for leg in agency.calls()] == [
        (leg["result"], leg["direction"], leg["talk_seconds"]) for leg in twin.calls()]
    assert agency.figures()[0] == twin.figures()[0]
    # What is known in one language is known in the other.
    reply = place.deliver(mails.report_mail(day.calls), agency)
    assert reply.pairs["new"] == "0", reply
    assert agency.figures()[0] == twin.figures()[0]


def test_a_link(place):
    agency = place.agency("Link")
    reply = place.deliver(mails.report_mail(html=mails.HTML % mails.LINK), agency)
    assert reply.verdict == "link-only"
    shown = place.json("show", reply.id)[0]
    assert shown["link"].startswith("https://analytics.ringcentral.com/reports/12345")
    assert shown["subscription"] == "Daily calls"


def converted(folder, kind):
    """BOOK as LibreOffice saves it in another format."""
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed")
    (folder / "r.xlsx").write_bytes(BOOK)
    subprocess.run(["soffice", "-env:UserInstallation=file://%s/profile" % folder, "--headless", "--convert-to", kind,
                    "--outdir", str(folder / "out"), str(folder / "r.xlsx")], check=True, capture_output=True, timeout=120)
    return next((folder / "out").iterdir()).read_bytes()


def ole(*names):
    return (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
            + b"".join(name.encode("utf-16le") + bytes(64) for name in names))


# name: (bytes or a format of LibreOffice, words of the reason)
OTHERS = {
    ".xls": ("xls:MS Excel 97", "old .xls file: in RingCentral choose Excel (.xlsx)"),
    ".ods": ("ods:calc8", "OpenDocument file: save it as .xlsx"),
    ".html": ("html:HTML (StarCalc)", "HTML page"),
    ".pdf": ("pdf:calc_pdf_Export", "PDF"),
    "XML of 2003": (b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns='
                    b'"urn:schemas-microsoft-com:office:spreadsheet"></Workbook>\n', "XML form of 2003"),
    ".docx": (zipped(("[Content_Types].xml", "<Types/>"), ("_rels/.rels", "<Relationships/>"),
                     ("word/document.xml", "x")), "Word document"),
    ".xlsb": (zipped(("[Content_Types].xml", "<Types/>"), ("xl/workbook.bin", "x")), "binary workbook (.xlsb)"),
    "password": (ole("EncryptedPackage", "EncryptionInfo"), "protected by a password: save it without one"),
    "gzip": (gzip.compress(BOOK), "packed with gzip: unpack it"),
    "zip of pictures": (zipped(("a.jpg", b"x")), "zip file without a workbook"),
    "text": (b"Calls of today: none\n" * 9, "not a workbook"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_no_workbook(place, tmp_path, name):
    data, words = OTHERS[name]
    data = converted(tmp_path, data) if isinstance(data, str) else data
    agency = place.agency("Other " + name)
    reply = place.deliver(mails.report_mail(data, names=["report.xlsx"]), agency)
    assert reply.verdict in ("failed", "no-report") and words in reply.reason, reply
    assert agency.calls() == []


def test_winmail(place):
    agency = place.agency("Winmail")
    reply = place.deliver(mixed(HTML, part("Content-Type: application/ms-tnef; name=winmail.dat\r\n",
                                           b"\x78\x9f\x3e\x22" + bytes(60))).encode(), agency)
    assert reply.verdict == "no-report" and "winmail.dat" in reply.reason, reply
