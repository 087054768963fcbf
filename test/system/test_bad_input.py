"""Input that is wrong: each kind has its verdict and its reason, is kept raw, and harms nothing else."""
import datetime as dt
import os

import pytest

import books
import machine
import mails

SHEET = "xl/worksheets/sheet2.xml"


def a_book(**knobs):
    return books.calls([books.leg(7000000000001, books.MEMBERS[0])], **knobs)


def noise():
    return os.urandom(4000)


# name: (attachments, what the reason says, verdict)
BAD = {
    "not a zip": ([b"This is not a workbook at all.\n" * 50], "not a workbook", "failed"),
    "noise": ([noise()], "not a workbook", "failed"),
    "an old workbook": ([b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)], "choose Excel (.xlsx)", "failed"),
    "nothing in it": ([b"PK\3\4"], "is cut off", "failed"),
    "truncated": ([a_book(truncate=0.6)], "is cut off", "failed"),
    "truncated by one byte": ([a_book()[:-1]], "is cut off", "failed"),
    "wrong CRC": ([a_book(wrong_crc=SHEET)], "checksum does not match", "failed"),
    "doctype": ([a_book(doctype=SHEET)], "has a DOCTYPE", "failed"),
    "doctype in the workbook part": ([a_book(doctype="xl/workbook.xml")], "has a DOCTYPE", "failed"),
    "zip bomb": ([a_book(bomb=(SHEET, 64 << 20))], "would inflate to", "failed"),
    "lying size": ([a_book(bomb=(SHEET, 1 << 20), lying_size={SHEET: 5000})], "does not have the size", "failed"),
    "encrypted": ([a_book(encrypted=True)], "is encrypted", "failed"),
    "overlapping parts": ([a_book(overlap=("xl/styles.xml", SHEET))], "shares its bytes", "failed"),
    "not a report": ([books.ringcentral.build([("Prices", [["Item", "Price"], ["Apple", 3]])])],
                     "has the columns of a Calls or Users report", "no-report"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_attachment(site, agency, name):
    attachments, words, verdict = BAD[name]
    mail = mails.report_mail(*attachments)
    reply = site.deliver(mail, agency)
    assert (reply.code, reply.enhanced) == (250, "2.6.0"), reply
    assert reply.verdict == verdict and words in reply.reason, reply
    entry = agency.log()[0]
    assert entry["id"] == reply.id and entry["verdict"] == reply.verdict and entry["error_message"]
    assert site.raw(reply.id).endswith(mail), "kept raw"
    assert agency.calls() == []
    check_undisturbed(site, agency)


def check_undisturbed(site, agency):
    """A good mail right after is stored as if nothing had been."""
    day = books.Day(40)
    assert site.deliver(mails.report_mail(day.calls), agency).verdict == "stored"
    assert agency.metrics()["agency"]["calls"] == day.expected["agency"]["total"]


def test_no_attachment(site, agency):
    reply = site.deliver(mails.report_mail(), agency)
    assert (reply.code, reply.enhanced, reply.verdict) == (250, "2.6.0", "no-report") and reply.reason
    check_undisturbed(site, agency)


def test_a_link_instead(site, agency):
    reply = site.deliver(mails.report_mail(html=mails.HTML % mails.LINK), agency)
    assert (reply.code, reply.enhanced, reply.verdict) == (250, "2.6.0", "link-only") and reply.reason
    assert agency.log()[0]["verdict"] == "link-only"
    assert agency.metrics()["agency"]["calls"] is None, "no report is not an empty report"
    check_undisturbed(site, agency)


def test_users_over_several_days(site, agency):
    rows = [books.user_row(member, 5, 6, 300) for member in books.MEMBERS]
    reply = site.deliver(mails.report_mail(books.users(rows, days=3)), agency)
    assert (reply.code, reply.verdict) == (250, "stored"), reply
    assert reply.pairs["note"] == "users-not-booked" and "calls" not in reply.pairs
    assert reply.pairs["date"] == "2026-01-05..2026-01-07"
    for offset in range(3):
        found = agency.metrics(books.DAY + dt.timedelta(days=offset))
        assert found["agency"]["calls"] is None
        assert {member["total_calls"] for member in found["members"]} == {None}
    assert site.counts()["user_reports"] == 9, "stored all the same"
    assert agency.log()[0]["files"][0]["notes"], "and the log says why"


def test_one_good_file_among_bad_ones(site, agency):
    day = books.Day(30)
    reply = site.deliver(mails.report_mail(a_book(wrong_crc=SHEET), day.calls), agency)
    assert (reply.code, reply.enhanced, reply.verdict) == (250, "2.0.0", "partial"), reply
    assert [file["verdict"] for file in agency.log()[0]["files"]] == ["failed", "stored"]
    assert agency.metrics()["agency"]["calls"] == day.expected["agency"]["total"]


def test_bad_report_is_rejected_if_wanted(make_site):
    site = make_site(smtp={"bad-report": "reject"})
    agency = site.agency()
    for mail, verdict in ((mails.report_mail(), "no-report"),
                          (mails.report_mail(a_book(wrong_crc=SHEET)), "failed")):
        reply = site.deliver(mail, agency)
        assert (reply.code, reply.enhanced, reply.verdict) == (554, "5.6.0", verdict), reply
        entry = agency.log()[0]
        assert entry["verdict"] == verdict and entry["id"] == reply.id
        assert site.raw(entry["id"]).endswith(mail), "kept all the same"
    assert site.deliver(mails.report_mail(html=mails.HTML % mails.LINK), agency).code == 250
    check_undisturbed(site, agency)


def test_addresses_that_would_crash_the_mail_library(site, agency):
    parsers = site.parsers()
    mail = b"To: " + b"a:" * 100_000 + b"\r\n" + mails.report_mail(books.small(1)[1])
    for _ in range(3):
        reply = site.deliver(mail, agency)
        assert (reply.code, reply.enhanced, reply.verdict) == (250, "2.6.0", "failed"), reply
        assert reply.reason
    assert site.raw(reply.id).endswith(mail)
    assert site.parsers() == parsers, "it is refused before it can crash anything"
    for pid in [site.pid] + parsers:
        assert machine.peak_memory(pid) < 768 << 20
    check_undisturbed(site, agency)


def hostile_mails():
    good = mails.report_mail(books.small(1)[1])
    deep = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(200))
    yield "deep nesting", b"From: a@example.net\r\nMIME-Version: 1.0\r\n" + deep + b"\r\nend\r\n"
    yield "many parts", (b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="a"\r\n\r\n'
                         + b"--a\r\n\r\nx\r\n" * 20_000 + b"--a--\r\n")
    yield "two content types", b"Content-Type: text/plain\r\n" + good
    yield "a long header", b"X-Long: " + b"x " * 100_000 + b"\r\n" + good
    yield "many headers", b"X-A: b\r\n" * 5000 + good


@pytest.mark.parametrize("name,mail", hostile_mails(), ids=lambda value: value if isinstance(value, str) else "")
def test_hostile_mail(site, agency, name, mail):
    reply = site.deliver(mail, agency)
    assert (reply.code, reply.verdict) == (250, "failed"), reply
    assert reply.reason and site.raw(reply.id).endswith(mail)
    check_undisturbed(site, agency)


def test_a_row_that_cannot_be_read_is_noted(site, agency):
    rows = [books.ringcentral.call_row(books.leg(7000000000000 + n, books.MEMBERS[n])) for n in range(5)]
    rows[1][0] = "no session"
    rows[3][8] = "yesterday"
    reply = site.deliver(mails.report_mail(books.calls(rows)), agency)
    assert reply.verdict == "stored" and reply.pairs["calls"] == "3" and reply.pairs["note"], reply
    file = agency.log()[0]["files"][0]
    assert file["calls"]["rows"] == 5 and file["calls"]["skipped"] == 2
    assert [(note["sheet"], note["row"]) for note in file["notes"]] == [("Calls", 3), ("Calls", 5)]


def test_hostile_words_stay_words(site, agency):
    """Names with controls, quotes and SQL come out as they went in, and the log stays one line per event."""
    name = "Robert'); DROP TABLE call_events;-- \u202e\u00e4\U0001f600"
    legs = [books.leg(7000000000001, name)]
    subject = "=?utf-8?q?a=0Ab=1B[31m=00c_event=3Dmessage-stored?="
    mail = mails.report_mail(books.calls(legs)).replace(mails.SUBJECT.encode(), subject.encode())
    reply = site.deliver(mail, agency, helo="mail.example.net")
    assert reply.verdict == "stored", reply
    # What would turn the writing round is not a part of a name.
    assert site.json("unmatched", agency.name)[0]["name"] == name.replace("\u202e", "")
    assert agency.calls()[0]["from_name"] == name.replace("\u202e", "")
    text = site.ctl("log", agency.name) + site.ctl("unmatched", agency.name)
    assert "\x1b" not in text and "\u202e" not in text


def test_a_report_of_an_hour_ago_survives(site, agency):
    """Bad mails between good ones, in one session."""
    good = [mails.report_mail(books.small(n)[1]) for n in range(3)]
    with site.wire() as wire:
        wire.command("EHLO mail.example.net")
        for mail, verdict in zip([good[0], mails.report_mail(noise()), good[1], mails.report_mail(a_book(
                truncate=0.5)), good[2]], ["stored", None, "stored", "failed", "stored"]):
            assert wire.command("MAIL FROM:<a@example.net>").code == 250
            assert wire.command("RCPT TO:<%s>" % agency.address).code == 250
            assert wire.command("DATA").code == 354
            reply = wire.message(mail)
            assert reply.code == 250 and verdict in (None, reply.verdict), reply
    assert len(agency.calls()) == 9
