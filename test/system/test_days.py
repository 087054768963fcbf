"""Days, zones and coverage: what belongs to which day, and which report is believed."""
import datetime as dt

import pytest

import books
import mails

NEXT = books.DAY + dt.timedelta(days=1)
ALICE, BOB = books.MEMBERS[:2]


def test_an_evening_call_is_on_its_local_day(site, agency):
    legs = [books.leg(7000000000001, ALICE, "23:30:00")]
    reply = site.deliver(mails.report_mail(books.calls(legs)), agency)
    assert reply.pairs["date"] == "2026-01-05"
    assert agency.member(ALICE.name)["total_calls"] == 1
    assert agency.metrics(NEXT)["agency"]["calls"] is None
    assert agency.calls()[0]["call_started_at"] == "2026-01-06T04:30:00Z"
    assert agency.calls(NEXT) == []


@pytest.mark.parametrize("zone,utc", [("America/Los_Angeles", "2026-01-06T07:30:00Z"),
                                      ("Asia/Kolkata", "2026-01-05T18:00:00Z")])
def test_the_zone_of_the_workbook_decides(site, agency, zone, utc):
    """The time is read in the workbook's zone; the day is the agency's own (New York)."""
    legs = [books.leg(7000000000001, ALICE, "23:30:00")]
    site.deliver(mails.report_mail(books.calls(legs, zone=zone)), agency)
    day = NEXT if zone == "America/Los_Angeles" else books.DAY
    assert [leg["call_started_at"] for leg in agency.calls(day)] == [utc]


def test_without_a_zone_it_is_the_agencys(site, agency):
    site.deliver(mails.report_mail(books.calls([books.leg(7000000000001, ALICE, "23:30:00")], zone=None)), agency)
    assert agency.calls()[0]["call_started_at"] == "2026-01-06T04:30:00Z"


def test_unknown_is_null(site, agency):
    """Before any report, and on a day that none covers."""
    for day in (books.DAY, dt.date(2020, 2, 29)):
        found = agency.metrics(day)
        assert {name: value for name, value in found["agency"].items() if name != "date"} == dict.fromkeys(
            ("calls", "inbound", "outbound", "answered", "missed", "talk_seconds", "unmatched", "basis",
             "covered_until"))
        assert len(found["members"]) == 9
        for member in found["members"]:
            assert {member[name] for name in ("total_calls", "inbound_calls", "outbound_calls", "answered_calls",
                                              "missed_calls", "total_talk_seconds", "basis")} == {None}
    site.deliver(mails.report_mail(books.calls([])), agency)
    found = agency.metrics()
    assert found["agency"]["calls"] == 0, "a covered day without calls is known to be empty"
    assert {member["total_calls"] for member in found["members"]} == {0}
    assert agency.metrics(NEXT)["agency"]["calls"] is None


def test_columns_that_are_not_there_are_null(site, agency):
    rows = [books.user_row(member, 5, 6, 300) for member in books.MEMBERS]
    site.deliver(mails.report_mail(books.users(rows)), agency)
    member = agency.member(ALICE.name)
    assert (member["total_calls"], member["inbound_calls"], member["outbound_calls"]) == (11, 5, 6)
    assert member["total_talk_seconds"] == 300 and member["basis"] == "users"
    assert member["answered_calls"] is None and member["missed_calls"] is None
    own = agency.metrics()["agency"]
    assert own["calls"] == 99 and own["answered"] is None and own["missed"] is None
    assert own["talk_seconds"] == 2700


def test_users_goes_before_calls(site, agency):
    """At equal coverage, in either order; answered and missed come from the calls where Users lacks them."""
    rows = [books.user_row(member, 5, 6, 300) for member in books.MEMBERS]
    legs = [books.leg(7000000000001, ALICE), books.leg(7000000000002, ALICE, "11:00:00", "Inbound", "Missed", 9, None)]
    parts = [books.users(rows), books.calls(legs)]
    for index, order in enumerate((parts, parts[::-1])):
        target = agency if index == 0 else site.agency("Second Agency")
        for part in order:
            assert site.deliver(mails.report_mail(part), target).verdict == "stored"
        member = target.member(ALICE.name)
        assert (member["total_calls"], member["total_talk_seconds"]) == (11, 300)
        assert (member["answered_calls"], member["missed_calls"]) == (1, 1)
        assert member["basis"].startswith("users")
        assert target.member(BOB.name)["answered_calls"] == 0
        assert target.metrics()["agency"]["calls"] == 2, "the agency counts sessions where there are calls"


def until(site):
    return {row[0] for row in site.sql("SELECT DISTINCT covered_until FROM call_metrics_daily WHERE date = ?",
                                       str(books.DAY))}


@pytest.mark.parametrize("order", ["partial first", "full first"])
def test_part_of_a_day_and_all_of_it(site, agency, order):
    morning = [books.leg(7000000000001, ALICE, "10:00:00", result="Not Connected", length=5, handle=None)]
    whole = [books.leg(7000000000001, ALICE, "10:00:00", length=65, handle=60),
             books.leg(7000000000002, ALICE, "16:00:00")]
    # The rows of the one session differ in what a later report knows better.
    partial, full = books.calls(morning, end="12:34:56"), books.calls(whole)
    if order == "partial first":
        assert site.deliver(mails.report_mail(partial), agency).verdict == "stored"
        assert agency.member(ALICE.name)["total_calls"] == 1
        assert until(site) == {"2026-01-05T17:34:56Z"}
        site.deliver(mails.report_mail(full), agency)
    else:
        site.deliver(mails.report_mail(full), agency)
        site.deliver(mails.report_mail(partial), agency)
    member = agency.member(ALICE.name)
    assert (member["total_calls"], member["answered_calls"], member["total_talk_seconds"]) == (2, 2, 120)
    assert len(agency.calls()) == 2
    assert until(site) == {"2026-01-06T05:00:00Z"}


def test_partial_users_yields_to_full_calls(site, agency):
    rows = [books.user_row(member, 1, 0, 10) for member in books.MEMBERS]
    legs = [books.leg(7000000000000 + n, ALICE, "%02d:00:00" % (8 + n)) for n in range(5)]
    site.deliver(mails.report_mail(books.users(rows, end="12:00:00")), agency)
    assert agency.member(ALICE.name)["total_calls"] == 1
    site.deliver(mails.report_mail(books.calls(legs)), agency)
    assert agency.member(ALICE.name)["total_calls"] == 5 and agency.member(BOB.name)["total_calls"] == 0


def test_calls_of_several_days_are_split(site, agency):
    legs = [books.leg(7000000000000 + n, ALICE, day=books.DAY + dt.timedelta(days=n % 3)) for n in range(7)]
    reply = site.deliver(mails.report_mail(books.calls(legs, days=4)), agency)
    assert reply.pairs["date"] == "2026-01-05..2026-01-08" and reply.pairs["calls"] == "7"
    assert [agency.metrics(books.DAY + dt.timedelta(days=n))["agency"]["calls"] for n in range(5)] == [3, 2, 2, 0, None]


def test_the_day_of_a_clock_change(make_site):
    """2026-03-08 in New York: 02:30 does not exist and moves forward; 2026-11-01: 01:30 is the first of two."""
    site = make_site()
    agency = site.agency()
    for day, utc in ((dt.date(2026, 3, 8), "2026-03-08T07:30:00Z"), (dt.date(2026, 11, 1), "2026-11-01T05:30:00Z")):
        when = "02:30:00" if day.month == 3 else "01:30:00"
        legs = [books.leg(7000000000000 + day.month, ALICE, when, day=day)]
        site.deliver(mails.report_mail(books.calls(legs, day=day)), agency)
        assert agency.calls(day)[0]["call_started_at"] == utc
        assert agency.member(ALICE.name, day)["total_calls"] == 1


def test_a_queue_call_that_rang_three(site, agency):
    """Answered for one, missed for two, one call for the agency."""
    legs = [books.leg(7000000000001, member, "10:00:00", "Inbound", result, length, handle, queue="Main Line",
                      name="Main Line - JANE CALLER")
            for member, result, length, handle in ((books.MEMBERS[2], "Missed", 10, None), (ALICE, "Answered", 100, 90),
                                                   (BOB, "Missed", 10, None))]
    reply = site.deliver(mails.report_mail(books.calls(legs)), agency)
    assert reply.pairs["calls"] == "1"
    own = agency.metrics()["agency"]
    assert (own["calls"], own["inbound"], own["answered"], own["missed"], own["talk_seconds"]) == (1, 1, 1, 0, 90)
    assert [agency.member(m.name)["missed_calls"] for m in books.MEMBERS[:4]] == [0, 1, 1, 0]
    assert {leg["from_name"] for leg in agency.calls()} == {"JANE CALLER"}
