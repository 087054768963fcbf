"""The same thing twice, by whatever door, changes nothing."""
import pytest

import books
import mails


@pytest.fixture
def day():
    return books.Day(80)


@pytest.fixture
def stored(site, agency, day):
    """A site where the mail has been once; gives its figures."""
    first = site.deliver(mails.report_mail(day.calls, day.users, message_id="<first@example.com>"), agency)
    assert first.verdict == "stored"
    return agency.figures(), agency.calls()


def check_same(site, agency, stored, reply=None):
    if reply is not None:
        assert (reply.code, reply.enhanced, reply.verdict) == (250, "2.0.0", "duplicate"), reply
        assert reply.pairs.get("new", "0") == "0"
    assert agency.figures() == stored[0]
    assert [leg["external_call_id"] for leg in agency.calls()] == [
        leg["external_call_id"] for leg in stored[1]]
    assert agency.log()[0]["verdict"] == "duplicate"
    assert {file["verdict"] for file in agency.log()[0]["files"]} == {"duplicate"}


def test_the_same_mail_again(site, agency, day, stored):
    mail = mails.report_mail(day.calls, day.users, message_id="<first@example.com>")
    for _ in range(2):
        check_same(site, agency, stored, site.deliver(b"Received: from x by y; later\r\n" + mail, agency))
    assert len(agency.log()) == 3


def test_forwarded_as_a_message(site, agency, day, stored):
    inner = mails.report_mail(day.calls, day.users, message_id="<first@example.com>")
    mail = mails.report_mail(subject="Fwd: report", sender="boss@example.com", inner=inner)
    check_same(site, agency, stored, site.deliver(mail, agency))


def test_forwarded_first_and_then_itself(site, agency, day):
    inner = mails.report_mail(day.calls, day.users)
    mail = mails.report_mail(subject="Fwd: report", sender="boss@example.com", inner=inner)
    assert site.deliver(mail, agency).verdict == "stored"
    before = agency.figures(), agency.calls()
    check_same(site, agency, before, site.deliver(inner, agency))


def test_attached_anew(site, agency, day, stored):
    mail = mails.report_mail(day.users, day.calls, subject="RV: calls", names=["b.xlsx", "a.xlsx"],
                             sender="someone@example.com", html="<p>see below</p>")
    check_same(site, agency, stored, site.deliver(mail, agency))


def test_by_hand(site, agency, day, stored, tmp_path):
    for name, book in (("calls.xlsx", day.calls), ("users.xlsx", day.users)):
        (tmp_path / name).write_bytes(book)
    printed = site.ctl("report", "ingest", agency.name, str(tmp_path / "calls.xlsx"),
                       str(tmp_path / "users.xlsx"))
    assert "duplicate" in printed
    check_same(site, agency, stored)
    assert agency.log()[0]["channel"] == "upload"


def test_by_hand_first_and_then_mailed(site, agency, day, tmp_path):
    (tmp_path / "calls.xlsx").write_bytes(day.calls)
    assert "stored" in site.ctl("report", "ingest", agency.name, str(tmp_path / "calls.xlsx"))
    before = agency.figures(), agency.calls()
    check_same(site, agency, before, site.deliver(mails.report_mail(day.calls), agency))


def test_a_known_and_a_new_file(site, agency, day):
    """The whole is a duplicate only if all files are."""
    site.deliver(mails.report_mail(day.calls), agency)
    reply = site.deliver(mails.report_mail(day.calls, day.users), agency)
    assert reply.verdict == "stored" and reply.pairs["new"] == "0"
    assert [file["verdict"] for file in agency.log()[0]["files"]] == ["duplicate", "stored"]


def test_the_same_calls_in_another_file(site, agency):
    """A workbook made anew has other bytes: the calls in it are known all the same."""
    legs = [books.leg(7000000000000 + index, books.MEMBERS[index % 9], "10:%02d:00" % index)
            for index in range(20)]
    site.deliver(mails.report_mail(books.calls(legs)), agency)
    before = agency.figures()
    more = legs[::-1] + [books.leg(7000000009999, books.MEMBERS[0], "20:00:00")]
    reply = site.deliver(mails.report_mail(books.calls(more)), agency)
    assert reply.verdict == "stored"
    assert reply.pairs["calls"] == "21" and reply.pairs["new"] == "1"
    assert len(agency.calls()) == 21
    assert agency.metrics()["agency"]["calls"] == before[0]["calls"] + 1


def test_no_agency_hides_the_calls_of_another(site, agency, day, stored):
    other = site.agency("Other Agency")
    reply = site.deliver(mails.report_mail(day.calls, day.users), other)
    assert reply.verdict == "stored" and int(reply.pairs["new"]) == day.expected["sessions"]
    assert other.metrics()["agency"] == stored[0][0]
    assert agency.figures() == stored[0]
