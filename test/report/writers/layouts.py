"""Layouts of one report for the matrix of writers: the same calls and people, laid out in many ways, as plain
data that a writer in any language can turn into a workbook, and what must be read of each.

A workbook is {"sheets": [{"name", "hidden", "rows": [[cell]]}], "date1904", "properties": {name: text}}.
A cell is null (nothing), "" (an empty text), a text, {"n": number}, {"d": seconds} (a duration: a fraction of a
day in [h]:mm:ss) or {"t": "2026-01-05T08:00:00"} (a date with its time). main() prints all of them as JSON.
"""
import copy
import datetime as dt
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.dont_write_bytecode = True

import daybook  # noqa: E402
import dictionary  # noqa: E402
import ringcentral  # noqa: E402

ZONE = "America/New_York"
DAY = dt.date(2026, 1, 5)
BEGIN = dt.datetime.combine(DAY, dt.time())
END = BEGIN + dt.timedelta(days=1, seconds=-1)
LEGS = ringcentral.make_day(DAY, 60, 7)
PHANTOMS = 2000


def cell(value):
    if isinstance(value, ringcentral.Duration):
        return {"d": int(value)}
    if value is None or isinstance(value, ringcentral.Raw):
        return None
    return value if isinstance(value, str) else {"n": value}


def rows_of(rows):
    return [[cell(value) for value in row] for row in rows]


def filters():
    return {"name": "Filters", "rows": rows_of(ringcentral.filters_sheet(BEGIN, END, ["Alice", "Bob"])[1])}


def calls():
    return {"name": "Calls", "rows": [list(ringcentral.CALLS_HEADER)]
            + rows_of([ringcentral.call_row(leg) for leg in LEGS])}


def user_cells():
    return ringcentral.users_rows(LEGS, daybook.MEMBERS)


def users():
    names = ringcentral.USERS_HEADER + ringcentral.USERS_MORE
    return {"name": "Users", "rows": [names] + rows_of(user_cells())}


def book(*sheets, **more):
    return dict({"sheets": list(sheets), "date1904": False, "properties": {"Timezone": ZONE}}, **more)


def as_date(text):
    return {"t": dt.datetime.strptime(text, "%m/%d/%Y %I:%M:%S %p").isoformat()}


def with_dates(sheet):
    for row in sheet["rows"][1:]:
        row[8] = as_date(row[8])
    return sheet


def filter_dates(sheet):
    row = sheet["rows"][1]
    row[6], row[7] = as_date(row[6]), as_date(row[7])
    return sheet


def with_texts(sheet):
    for row in sheet["rows"][1:]:
        for column in (6, 7):
            if row[column] is not None:
                seconds = row[column]["d"]
                row[column] = "%d:%02d:%02d" % (seconds // 3600, seconds // 60 % 60, seconds % 60)
        row[8] = as_date(row[8])["t"].replace("T", " ")
    return sheet


def other_order(sheet):
    """Three rows of title, the columns from right to left with two more among them, cut headers."""
    cut = {"Call Length": "Call Len", "Handle Time": "Handle T", "From Number": " FROM\u00a0 number ",
           "To Name": "To\nName"}
    rows = []
    for index, row in enumerate(sheet["rows"]):
        row = [cut.get(value, value) if index == 0 else value for value in row[::-1]]
        extra = ["Site", "Cost"] if index == 0 else ["Main Office", {"n": 0.5}]
        rows.append(row[:4] + extra[:1] + row[4:] + extra[1:])
    title = [["Calls"], ["Created by", "Reports"], [None, "of", "all"]]
    return dict(sheet, rows=title + rows)


def with_phantoms(sheet):
    blank = [""] * 11
    rows = sheet["rows"]
    return dict(sheet, rows=rows[:10] + [blank] * 3 + rows[10:] + [blank] * PHANTOMS)


def with_numbers(sheet):
    """Session ids and extensions as numbers of 13 digits and fewer."""
    for row in sheet["rows"][1:]:
        row[0] = {"n": int(row[0])}
    return sheet


def user_numbers(sheet):
    for row in sheet["rows"][1:]:
        row[2] = {"n": int(row[2])}
    return sheet


def german():
    twin = book(filters(), calls(), properties={"Timezone": ZONE, "UserLocale": dictionary.user_locale("de")})
    translated = dictionary.translate([(sheet["name"], sheet["rows"]) for sheet in twin["sheets"]], "de")
    twin["sheets"] = [{"name": name, "rows": rows} for name, rows in translated]
    return twin


def layouts():
    """{name: workbook}"""
    out = {
        "as mailed": book(filters(), calls()),
        "users": book(filters(), users()),
        "both in one": book(filters(), calls(), users()),
        "dates": book(filter_dates(filters()), with_dates(calls())),
        "dates of 1904": book(filter_dates(filters()), with_dates(calls()), date1904=True),
        "texts": book(filters(), with_texts(calls())),
        "other order": book(filters(), other_order(calls())),
        "phantom rows": book(filters(), with_phantoms(calls())),
        "numbers": book(filters(), with_numbers(calls()), user_numbers(users())),
        "hidden": book(dict(filters(), hidden=True), {"name": "Cover", "rows": [["Hello"]]},
                       dict(calls(), hidden=True)),
        "german": german(),
    }
    return copy.deepcopy(out)


# --- what must be read ---

def expected_leg(leg, payload=None):
    direction = daybook.DIRECTIONS[leg.direction]
    caller = leg.from_name
    if leg.queue and (caller + " ").startswith(leg.queue + " - "):
        caller = caller[len(leg.queue) + 3:]
    return {"session_id": leg.session, "id_imprecise": False, "direction": direction, "call_type": leg.direction,
            "from_name": caller or None, "from_number": leg.from_number or None, "to_name": leg.to_name or None,
            "to_number": leg.to_number or None, "result": leg.result or None, "queue": leg.queue or None,
            "start": leg.start.isoformat(), "length": leg.length, "handle_time": leg.handle,
            "raw_payload": payload}


def expected_user(row):
    return {"name": row[0], "status": row[1], "extension": row[2], "email": None, "total_calls": row[3],
            "inbound_calls": row[4], "outbound_calls": row[5], "answered_inbound": row[9],
            "answered_outbound": row[10], "missed": row[11], "handle_time": int(row[6]),
            "handle_time_inbound": int(row[7]), "handle_time_outbound": int(row[8]), "raw_payload": None}


def expected(name):
    """{"kind", "from", "to", "legs", "users", "duplicates"} of a layout."""
    unique = list(dict.fromkeys(LEGS))
    payload = {"Site": "Main Office", "Cost": "0.5"} if name == "other order" else None
    has_users = name in ("users", "both in one", "numbers")
    has_calls = name != "users"
    return {
        "kind": "calls+users" if has_calls and has_users else "calls" if has_calls else "users",
        "from": BEGIN.isoformat(), "to": END.isoformat(),
        "legs": [expected_leg(leg, payload) for leg in unique] if has_calls else [],
        "users": [expected_user(row) for row in user_cells()] if has_users else [],
        "duplicates": len(LEGS) - len(unique) if has_calls else None,
    }


if __name__ == "__main__":
    json.dump(layouts(), sys.stdout, ensure_ascii=False)
