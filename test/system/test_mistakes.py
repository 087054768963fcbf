"""What went wrong for others who consumed these mails: one test for each mistake, with its name."""
import datetime as dt

import pytest

import books
import mails
import ringcentral
from test_ctl import full, place  # noqa: F401
from test_figures import clean, csv, metrics, site_with

ANN, BOB = books.MEMBERS[:2]
DAY = str(books.DAY)
NEXT = books.DAY + dt.timedelta(days=1)


def ingest(site, agency, *books_):
    for data in books_:
        file = site.folder / ("%s-%d.xlsx" % (agency.id, len(list(site.folder.iterdir()))))
        file.write_bytes(data)
        site.ctl("report", "ingest", agency.name, str(file))


@pytest.mark.parametrize("answered_first", [True, False])
def test_the_answered_leg_was_lost_by_keeping_the_first(place, answered_first):
    legs = [books.leg(1000000000001, ANN, direction="Inbound", result="Answered", queue="Sales"),
            books.leg(1000000000001, BOB, direction="Inbound", result="Missed", handle=None, queue="Sales")]
    agency = site_with(place, books.calls(legs if answered_first else legs[::-1]))
    own, members = metrics(place, agency)
    assert (own["calls"], own["answered"], own["missed"]) == (1, 1, 0)
    assert (members[ANN.name]["answered_calls"], members[BOB.name]["missed_calls"]) == (1, 1)


def test_one_tenants_call_hid_anothers(place):
    data = books.calls([books.leg(1000000000001, ANN)])
    one, two = site_with(place, data, name="One"), site_with(place, data, name="Two")
    assert [metrics(place, agency)[0]["calls"] for agency in (one, two)] == [1, 1]
    assert [len(place.json("calls", agency.name, "--date", DAY)) for agency in (one, two)] == [1, 1]


def test_evening_calls_were_on_the_wrong_day(place):
    agency = site_with(place, books.calls([books.leg(1000000000001, ANN, when="23:30:00")]))
    assert metrics(place, agency)[0]["calls"] == 1
    leg, = place.json("calls", agency.name, "--date", DAY)
    assert leg["call_started_at"] == "2026-01-06T04:30:00Z"
    assert metrics(place, agency, str(NEXT))[0]["calls"] is None


@pytest.mark.parametrize("users_first", [True, False])
def test_users_totals_were_overwritten_by_sums_over_calls(place, users_first):
    reports = [books.users([books.user_row(ANN, 4, 6, 600)]), books.calls([books.leg(1000000000001, ANN)])]
    agency = site_with(place, *(reports if users_first else reports[::-1]))
    _, members = metrics(place, agency)
    assert (members[ANN.name]["total_calls"], members[ANN.name]["outbound_calls"]) == (10, 6)
    found = place.json("reconcile", agency.name, "--date", DAY)["members"]
    assert [(one["users"]["total_calls"], one["calls"]["total_calls"]) for one in found if one["name"] == ANN.name] == [
        (10, 1)]
    clean(place)


def test_a_report_of_several_days_was_booked_on_one(place):
    legs = [books.leg(1000000000001 + offset, ANN, day=books.DAY + dt.timedelta(days=offset)) for offset in range(3)]
    agency = site_with(place, books.calls(legs, days=3), books.users([books.user_row(BOB, 30, 30, 900)], days=3))
    for offset in range(3):
        own, members = metrics(place, agency, str(books.DAY + dt.timedelta(days=offset)))
        assert (own["calls"], members[ANN.name]["total_calls"], members[BOB.name]["total_calls"]) == (1, 1, 0)
    entry = place.json("log", agency.name)[0]
    assert "not booked on a day" in str(entry["files"])


def test_mondays_job_took_sundays_mail(place):
    """Filed by what the report covers, in whatever order and whenever it comes."""
    agency = site_with(place, books.calls([books.leg(1000000000002, ANN, day=NEXT)], NEXT),
                       books.calls([books.leg(1000000000001, ANN)]))
    assert metrics(place, agency)[0]["calls"] == metrics(place, agency, str(NEXT))[0]["calls"] == 1


def test_calls_of_nobody_in_the_agency_inflated_its_totals(place):
    legs = [books.leg(1000000000001, ANN), books.leg(1000000000002, None, direction="Inbound", result="Abandoned",
                                                    handle=None, queue="Sales")]
    legs += [books.leg(2000000000000 + number, "Stranger %d" % number) for number in range(50)]
    agency = site_with(place, books.calls(legs))
    own, _ = metrics(place, agency)
    assert (own["calls"], own["unmatched"]) == (2, 50)


@pytest.mark.parametrize("cell, seconds", [
    (ringcentral.Duration(86400 + 61), 86461), ("25:00:01", 90001), ("1:02:03", 3723), ("02:03", 123),
    (0.5, 43200), (0, 0)])
def test_durations_in_all_their_forms(place, cell, seconds):
    row = ringcentral.call_row(books.leg(1000000000001, ANN))
    header = ringcentral.CALLS_HEADER
    row[header.index("Call Length")] = cell
    row[header.index("Handle Time")] = cell
    agency = site_with(place, books.calls([row]))
    leg, = place.json("calls", agency.name, "--date", DAY)
    assert (leg["duration_seconds"], leg["talk_seconds"]) == (seconds, seconds)


def test_names_were_matched_by_a_part_of_them(place):
    part, longer = ANN.name.split()[0], ANN.name + " Jr"
    agency = site_with(place, books.calls([books.leg(1000000000001, part), books.leg(1000000000002, longer),
                                           books.leg(1000000000003, "  %s " % ANN.name.upper())]))
    _, members = metrics(place, agency)
    assert members[ANN.name]["total_calls"] == 1
    assert {one["name"] for one in place.json("unmatched", agency.name)} == {part, longer}


def test_a_mail_without_attachment_was_taken_for_an_empty_report(site, agency):
    reply = site.deliver(mails.report_mail(html=mails.HTML % mails.LINK), agency)
    assert reply.verdict == "link-only"
    own, members = metrics(site, agency)
    assert own["calls"] is None and members[ANN.name]["total_calls"] is None


def test_missing_data_was_shown_as_0(place):
    agency = site_with(place, books.calls([books.leg(1000000000001, ANN, handle=None, direction="Inbound",
                                                     result="Answered")], end="12:00:00"))
    own, members = metrics(place, agency)
    assert members[ANN.name]["total_talk_seconds"] is None, "it was answered, and nobody said how long"
    assert members[BOB.name]["total_calls"] == 0, "the day is covered"
    own, members = metrics(place, agency, str(NEXT))
    assert {own[name] for name in own if name != "date"} == {None}
    assert members[BOB.name]["total_calls"] is None
    rings = place.json("rings", agency.name, "--date", DAY)["members"]
    assert {one["sold_items"] for one in rings} == {None}
    place.ctl("sales", "import", agency.name, csv(place, "date,member,items\n%s,%s,0\n" % (DAY, BOB.name)))
    rings = {one["name"]: one["sold_items"] for one in place.json("rings", agency.name, "--date", DAY)["members"]}
    assert rings[BOB.name] == 0 and rings[ANN.name] is None


def test_answered_and_missed_were_0_where_users_has_no_such_columns(place):
    agency = site_with(place, books.users([books.user_row(ANN, 4, 6, 600)]))
    _, members = metrics(place, agency)
    assert members[ANN.name]["total_calls"] == 10
    assert members[ANN.name]["answered_calls"] is members[ANN.name]["missed_calls"] is None
