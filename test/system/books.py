"""Workbooks for the system tests: short names for what test/report/ringcentral.py makes."""
import datetime as dt
import pathlib
import sys

REPORT = pathlib.Path(__file__).resolve().parents[1] / "report"
sys.path.insert(0, str(REPORT))
sys.dont_write_bytecode = True

import daybook  # noqa: E402
import ringcentral  # noqa: E402

ZONE = "America/New_York"
DAY = dt.date(2026, 1, 5)
MEMBERS = daybook.MEMBERS
CALLS_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def at(day, text="00:00:00"):
    return dt.datetime.combine(day, dt.time.fromisoformat(text))


def leg(session, member=None, when="10:00:00", direction="Outbound", result="Connected", length=70, handle=60,
        day=DAY, outside="(555) 010-0200", queue="", name=""):
    """One leg between a member (None: nobody) and a number outside."""
    person = member.name if isinstance(member, daybook.Member) else member or ""
    number = daybook.number_of(member) if isinstance(member, daybook.Member) else "(555) 010-0100"
    mine, other = (person, number), (name, outside)
    ends = mine + other if daybook.DIRECTIONS[direction] == "Outbound" else other + mine
    return daybook.Leg(str(session), *ends, result, length, handle, at(day, when), direction, queue)


def calls(legs, day=DAY, end="23:59:59", zone=ZONE, days=1, **knobs):
    last = at(day + dt.timedelta(days=days - 1), end)
    return ringcentral.calls_report(legs, at(day), last, zone, **knobs)


def users(rows, day=DAY, end="23:59:59", zone=ZONE, days=1, **knobs):
    last = at(day + dt.timedelta(days=days - 1), end)
    return ringcentral.users_report(rows, at(day), last, zone, **knobs)


def user_row(member, inbound, outbound, seconds, more=()):
    """A row of Users; all talk time is that of inbound calls."""
    duration = ringcentral.Duration
    return [member.name, "Active", member.extension, inbound + outbound, inbound, outbound,
            duration(seconds), duration(seconds), duration(0), *more]


class Day:
    """A made-up day of calls with both of its reports and the figures that must come of them."""

    def __init__(self, rows=293, day=DAY, seed=1, zone=ZONE, **knobs):
        self.day = day
        self.legs = ringcentral.make_day(day, rows, seed, MEMBERS)
        self.expected = daybook.expected(self.legs, MEMBERS)
        self.calls = calls(self.legs, day, zone=zone, **knobs)
        self.users = users(ringcentral.users_rows(self.legs, MEMBERS), day, zone=zone, **knobs)


def small(number, legs=3, day=DAY):
    """A small report of its own: session ids that no other number has."""
    sessions = [str(7_000_000_000_000 + number * 1000 + index) for index in range(legs)]
    rows = [leg(session, MEMBERS[index % len(MEMBERS)], when="09:%02d:%02d" % (index % 60, number % 60),
                day=day) for index, session in enumerate(sessions)]
    return sessions, calls(rows, day)
