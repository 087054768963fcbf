"""A year of an agency of forty people, against a plain reading of the same rows (test/report/daybook.py).

Queues, transfers, missed calls, strangers, calls over midnight, and both clock changes. The workbooks
cover a week each and come in a mixed order, some of them twice.
"""
import datetime as dt
import random

import books
import daybook
import ringcentral
from test_ctl import place  # noqa: F401
from test_figures import clean

FIRST = dt.date(2026, 1, 1)
DAYS, ROWS = 365, 60
PEOPLE = [daybook.Member("Person %02d Example" % number, "p%02d@example.com" % number, str(201 + number), "staff")
          for number in range(40)]
SPRING, AUTUMN = dt.date(2026, 3, 8), dt.date(2026, 11, 1)
NAMES = {"total": "total_calls", "inbound": "inbound_calls", "outbound": "outbound_calls",
         "answered": "answered_calls", "missed": "missed_calls", "talk_seconds": "total_talk_seconds"}


def make_legs():
    legs = []
    for offset in range(DAYS):
        day = FIRST + dt.timedelta(days=offset)
        legs += ringcentral.make_day(day, ROWS, "year", PEOPLE)
        if offset % 9 == 0:  # answered before midnight, transferred behind it
            session = "9%012d" % offset
            legs.append(books.leg(session, PEOPLE[offset % 40], "23:58:00", "Inbound", "Answered", 90, 80, day=day))
            legs.append(books.leg(session, PEOPLE[(offset + 1) % 40], "00:01:00", "Inbound", "Answered", 50, 40,
                                  day=day + dt.timedelta(days=1)))
    for number, (day, times) in enumerate([(SPRING, ("01:59:59", "02:30:00", "03:00:00")),
                                           (AUTUMN, ("00:59:59", "01:30:00", "02:00:00"))]):
        legs += [books.leg("8%012d" % (10 * number + index), PEOPLE[index], when, day=day)
                 for index, when in enumerate(times)]
    return [leg for leg in legs if leg.start.date() < FIRST + dt.timedelta(days=DAYS)]


def by_day(legs):
    """Legs by the day on which their session's first leg starts."""
    first = {}
    for leg in legs:
        first[leg.session] = min(leg.start, first.get(leg.session, leg.start))
    days = {}
    for leg in legs:
        days.setdefault(first[leg.session].date(), []).append(leg)
    return days


def weeks(legs):
    """Bytes of workbooks that cover a week each."""
    for offset in range(0, DAYS, 7):
        begin, count = FIRST + dt.timedelta(days=offset), min(7, DAYS - offset)
        end = begin + dt.timedelta(days=count)
        yield books.calls([leg for leg in legs if begin <= leg.start.date() < end], begin, days=count)


def test_a_year(place, figures):
    legs = make_legs()
    agency = place.agency(members=PEOPLE)
    files = []
    for number, data in enumerate(weeks(legs)):
        file = place.folder / ("week-%02d.xlsx" % number)
        file.write_bytes(data)
        files.append(str(file))
    order = random.Random("year")
    sent = files + order.sample(files, 5)
    order.shuffle(sent)
    place.ctl("report", "ingest", agency.name, *sent)

    wanted = by_day(legs)
    last = FIRST + dt.timedelta(days=DAYS - 1)
    found = place.json("metrics", agency.name, "--from", str(FIRST), "--to", str(last))
    assert len(found) == DAYS
    compared = 0
    for day in found:
        date = dt.date.fromisoformat(day["agency"]["date"])
        expected = daybook.expected(wanted[date], PEOPLE)
        own = day["agency"]
        assert own["calls"] == expected["agency"]["total"], date
        for name in ("inbound", "outbound", "answered", "missed", "talk_seconds", "unmatched"):
            assert own[name] == expected["agency"][name], (date, name)
        members = {member["name"]: member for member in day["members"]}
        assert set(members) == {member.name for member in PEOPLE}
        for name, figures_ in expected["members"].items():
            assert {old: members[name][new] for old, new in NAMES.items()} == figures_, (date, name)
            compared += len(figures_)
    clean(place)
    figures("a year of 40 people: %d legs in %d workbooks, %d figures of members as they should be" % (
        len(legs), len(files), compared))
