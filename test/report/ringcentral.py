#!/usr/bin/env python3
"""Makes workbooks as RingCentral mails them, with what must come out of them. Only the standard library.

    ringcentral.py calls --out F.xlsx --rows 293 --seed 1 --date 2026-01-05 --timezone America/New_York
    ringcentral.py users --out U.xlsx  (the same arguments: a Users report that agrees with those calls)
    ringcentral.py members --out M.csv (the nine members: name,email,extension,role)
      --members FILE.csv   other people (header name,email,extension[,role]); --no-strangers: only they get calls
      --partial HH:MM:SS   a report made at that time: To Time is it, later calls are missing
      --days N             Filters covers N days; --shared: the form of a re-save by Excel
    Beside F.xlsx goes F.xlsx.json: rows, legs, duplicates, internal, sessions (all_sessions: with internal
    ones), inbound, outbound, seconds (sum of Call Length over legs), agency {...}, members {name: {total,
    inbound, outbound, answered, missed, talk_seconds}}. Same seed, date, rows and members: same bytes.
    As a module: build(sheets, timezone=..., **knobs), calls_report(rows, from_time, to_time, timezone, **knobs),
    users_report(rows, ...), make_day(date, rows, seed, members); knobs: poi_workbook.build, poi_container.write.
"""
import argparse
import csv
import datetime as dt
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import daybook  # noqa: E402
from poi_workbook import BLANK, Duration, Raw, build, java_double  # noqa: E402,F401

CALLS_HEADER = ["Session Id", "From Name", "From Number", "To Name", "To Number", "Result", "Call Length",
                "Handle Time", "Call Start Time", "Call Direction", "Queue"]
USERS_HEADER = ["Name", "User Status", "Ext", "Total Calls", "# Inbound", "# Outbound",
                "Total Handle Time", "Total Handle Time (in)", "Total Handle Time (out)"]
USERS_MORE = ["# Answered (in)", "# Answered (out)", "# Missed (w/VM) "]  # the blank is in real files
FILTERS_HEADER = ["Sites", "Users", "Call Type", "Queue/Non_Queue Calls", "Call Length From",
                  "Call Length To", "From Time", "To Time"]


def us_time(time):
    """`12/08/2025 5:33:27 PM`: RingCentral does not pad the hour of a call."""
    return "%02d/%02d/%d %d:%02d:%02d %s" % (time.month, time.day, time.year, time.hour % 12 or 12,
                                             time.minute, time.second, "PM" if time.hour >= 12 else "AM")


def filter_time(time):
    return time.strftime("%m/%d/%Y %I:%M:%S %p")


def filters_sheet(from_time, to_time, people):
    rows = [FILTERS_HEADER, ["All", people[0] if people else "All", "All", "All", 0.0, "No Limit",
                             filter_time(from_time), filter_time(to_time)]]
    return ("Filters", rows + [[None, name] for name in people[1:]])


def call_row(leg):
    """The cells of a leg; the three forms of a blank all occur."""
    handle = BLANK if leg.handle is None else Duration(leg.handle)
    return [leg.session, leg.from_name, leg.from_number, leg.to_name, leg.to_number, leg.result,
            Duration(leg.length), handle, us_time(leg.start), leg.direction, leg.queue or None]


def calls_report(rows, from_time, to_time, timezone="America/New_York", people=(), header=None, **knobs):
    """Bytes of a Calls report. `rows` are daybook.Leg or lists of cells (poi_workbook)."""
    cells = [call_row(row) if isinstance(row, daybook.Leg) else row for row in rows]
    return build([filters_sheet(from_time, to_time, list(people)), ("Calls", [header or CALLS_HEADER] + cells)],
                 timezone, **knobs)


def users_rows(legs, members, more=True):
    """Lists of cells of a Users sheet that agrees with these legs."""
    out = []
    unique = list(dict.fromkeys(legs))
    outer = [leg for leg in unique if daybook.DIRECTIONS.get(leg.direction) != "Internal"]
    for member in members:
        own = [leg for leg in outer if daybook.agent_of(leg) == member.name]
        sessions = daybook.group(own)
        incoming = [s for s in sessions if daybook.overall_direction(s) == "Inbound"]
        outgoing = [s for s in sessions if daybook.overall_direction(s) == "Outbound"]
        talks = [sum(daybook.talk_of(leg) or 0 for s in part for leg in s) for part in (incoming, outgoing)]
        row = [member.name, "Active", member.extension, len(sessions), len(incoming), len(outgoing),
               Duration(sum(talks)), Duration(talks[0]), Duration(talks[1])]
        if more:
            outcomes = [[daybook.best({daybook.outcome(leg) for leg in s}) for s in part]
                        for part in (incoming, outgoing)]
            row += [outcomes[0].count("answered"), outcomes[1].count("answered"),
                    outcomes[0].count("missed")]
        out.append(row)
    return out


def users_report(rows, from_time, to_time, timezone="America/New_York", people=(), header=None, **knobs):
    """Bytes of a Users report with its KPIs. `rows` are lists of cells (users_rows)."""
    names = header or (USERS_HEADER + USERS_MORE)[:max([len(row) for row in rows] or [len(USERS_HEADER)])]
    totals = []
    for column in range(3, len(names)):
        values = [row[column] for row in rows if isinstance(row[column], (int, float))]
        kind = Duration if values and isinstance(values[0], Duration) else int
        totals.append(kind(sum(values)))
    return build([filters_sheet(from_time, to_time, list(people)), ("KPIs", [names[3:], totals]),
                  ("Users", [names] + rows)], timezone, **knobs)


RECORDS_HEADER = ["From Name", "From Number", "To Name", "To Number", "Date-Time", "Length", "Direction", "Call Type",
                  "Call Response", "Result", "Ringing", "IVR Prompt", "Live Talk", "Hold", "Park", "Transfer",
                  "VM Greeting", "VoiceMail", "Setup", "Forwarding", "Origin", "Call Id", "Hop Id"]
RECORDS_RESULTS = {"Answered": "Completed", "Connected": "Connected", "Missed": "Missed without VM",
                   "VM/Missed": "Missed with VM", "Not Connected": "Disconnected"}


def records_report(legs, from_time, to_time, timezone="America/New_York", **knobs):
    """Bytes of a Calls_Records report (Business Analytics) of these legs."""
    rows = [["Widget Name", "Calls"], ["Start Date", filter_time(from_time)], ["End Date", filter_time(to_time)],
            ["TimeZone", timezone], ["Users", "All"], ["Queues", "All"], RECORDS_HEADER]
    hops = {}
    for leg in legs:
        hops[leg.session] = hops.get(leg.session, 0) + 1
        talk = None if leg.handle is None else Duration(leg.handle)
        zero = Duration(0)
        rows.append([leg.from_name, leg.from_number, leg.to_name, leg.to_number, us_time(leg.start),
                     Duration(leg.length), leg.direction, "Queue" if leg.queue else "Direct",
                     "Answered" if leg.handle else "Not Answered", RECORDS_RESULTS.get(leg.result, leg.result),
                     zero, zero, talk, zero, zero, zero, zero, zero, zero, zero, "External", leg.session,
                     str(hops[leg.session])])
    return build([("Calls_Records", rows)], None, **knobs)


LOG_HEADER = ["Direction", "From", "To", "Extension", "Name", "Date", "Time", "Action Result", "Duration"]


def call_log(legs, mark=True, separator=",", header=None):
    """Bytes of a Call Log: a CSV file. A leg of a session that is not its first has neither From nor To."""
    def field(text):
        return '"%s"' % text.replace('"', '""') if any(c in text for c in ',;"\n\t') else text

    lines, seen = [header or LOG_HEADER], set()
    for leg in sorted(legs, key=lambda leg: (leg.start, leg.session)):
        is_outbound = daybook.DIRECTIONS[leg.direction] == "Outbound"
        ours, theirs = (leg.from_name, leg.to_name) if is_outbound else (leg.to_name, leg.from_name)
        numbers = ["", ""] if leg.session in seen else [leg.from_number, leg.to_number]
        seen.add(leg.session)
        lines.append(["Outgoing" if is_outbound else "Incoming"] + numbers
                     + [ours, theirs, leg.start.strftime("%a %m/%d/%Y"), us_time(leg.start).split(" ", 1)[1],
                        leg.result, "%d:%02d:%02d" % (leg.length // 3600, leg.length // 60 % 60, leg.length % 60)])
    text = "".join(separator.join(field(cell) for cell in line) + "\r\n" for line in lines)
    return (b"\xef\xbb\xbf" if mark else b"") + text.encode("utf-8")


def make_day(date, rows, seed=1, members=None, strangers=True):
    """A list of daybook.Leg, among them about one exact duplicate in a hundred."""
    return daybook.Day(date, seed, members or daybook.MEMBERS, strangers).legs(rows)


def read_members(path):
    if path is None:
        return daybook.MEMBERS
    with open(path, newline="", encoding="utf-8-sig") as file:
        return [daybook.Member(row["name"], row.get("email") or "", row.get("extension") or "",
                               row.get("role") or "staff") for row in csv.DictReader(file)]


def write_members(path):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(daybook.Member._fields)
        writer.writerows(daybook.MEMBERS)


def write_report(args):
    date, members = dt.date.fromisoformat(args.date), read_members(args.members)
    legs = make_day(date, args.rows, args.seed, members, not args.no_strangers)
    begin = dt.datetime.combine(date, dt.time())
    end = begin + dt.timedelta(days=args.days, seconds=-1)
    if args.partial:
        end = dt.datetime.combine(date, dt.time.fromisoformat(args.partial))
        legs = [leg for leg in legs if leg.start <= end]
    people = [member.name for member in members]
    knobs = {"shared_strings": args.shared, "people": people}
    if args.what == "calls":
        data = calls_report(legs, begin, end, args.timezone, **knobs)
    else:
        data = users_report(users_rows(legs, members, not args.plain), begin, end, args.timezone, **knobs)
    with open(args.out, "wb") as file:
        file.write(data)
    facts = daybook.expected(legs, members)
    facts.update(date=args.date, timezone=args.timezone, covered_until=end.isoformat(), bytes=len(data))
    if args.what == "users":
        facts["rows"] = len(members)
    with open(args.out + ".json", "w", encoding="utf-8") as file:
        json.dump(facts, file, indent=1)
        file.write("\n")
    print(json.dumps({name: value for name, value in facts.items() if name != "members"}))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["calls", "users", "members"])
    parser.add_argument("--out", required=True)
    parser.add_argument("--rows", type=int, default=293)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--date", default="2026-01-05")
    parser.add_argument("--timezone", default="America/New_York")
    parser.add_argument("--members", help="CSV: name,email,extension[,role]")
    parser.add_argument("--partial", help="HH:MM:SS")
    parser.add_argument("--days", type=int, default=1)
    parser.add_argument("--shared", action="store_true", help="as re-saved by Excel")
    parser.add_argument("--plain", action="store_true", help="Users without answered and missed")
    parser.add_argument("--no-strangers", action="store_true")
    args = parser.parse_args()
    if args.what == "members":
        write_members(args.out)
    else:
        write_report(args)


if __name__ == "__main__":
    main()
