"""What people do after the reports: members and aliases, contacts, targets, coverage, and the way
from a figure back to its row."""
import datetime as dt
import re
import sqlite3
import time

import books
import callmx
import mails
from test_ctl import DATAERR, NOUSER, USAGE, fails, full, place, run  # noqa: F401

DAY = str(books.DAY)
ANN = books.MEMBERS[0]


def site_with(place, *books_, members=books.MEMBERS, name="Example Agency"):
    """The site, with an agency that has these workbooks."""
    agency = place.agency(name=name, members=members)
    for number, data in enumerate(books_):
        file = place.folder / ("%s-%d.xlsx" % (agency.id, number))
        file.write_bytes(data)
        place.ctl("report", "ingest", agency.name, str(file))
    return agency


def csv(place, text, name="list.csv"):
    file = place.folder / name
    file.write_text(text)
    return str(file)


def metrics(place, agency, day=DAY):
    found = place.json("metrics", agency.name, "--date", day)
    return found["agency"], {member["name"]: member for member in found["members"]}


def clean(place):
    assert all(agency["differences"] == [] for agency in place.json("verify"))


STRANGERS = books.calls([
    books.leg(1000000000001, ANN), books.leg(1000000000002, "Yuri Stranger"),
    books.leg(1000000000003, "Yuri  STRANGER", when="11:00:00", outside="(555) 010-0201"),
    books.leg(1000000000004, "Somebody Else", when="12:00:00")])


# --- people ---

def test_alias(place):
    agency = site_with(place, STRANGERS)
    listed = place.json("unmatched", agency.name)
    assert [(one["name"], one["legs"]) for one in listed] == [
        ("Somebody Else", 1), ("Yuri  STRANGER", 1), ("Yuri Stranger", 1)]
    assert metrics(place, agency)[0]["calls"] == 1
    answer = place.json("member", "alias", agency.name, "yuri stranger", ANN.name)
    assert answer["relinked"] == {"legs": 2, "users": 0, "days": 1}
    assert answer["member_name"] == ANN.name
    of_agency, members = metrics(place, agency)
    assert (of_agency["calls"], members[ANN.name]["outbound_calls"]) == (3, 3)
    assert [one["name"] for one in place.json("unmatched", agency.name)] == ["Somebody Else"]
    assert [one["name"] for one in place.json("member", "aliases", agency.name)] == ["yuri stranger"]
    assert "have a new owner" not in place.ctl("member", "alias", agency.name, "Yuri Stranger", ANN.name)
    clean(place)
    assert "2 stored legs" in place.ctl("member", "unalias", agency.name, "YURI STRANGER")
    assert metrics(place, agency)[0]["calls"] == 1
    clean(place)
    fails(place, "member", "unalias", agency.name, "Nobody", code=DATAERR, says="there is no alias Nobody")
    fails(place, "member", "alias", agency.name, "X", "Nobody", code=DATAERR, says="there is no member Nobody")
    fails(place, "member", "alias", agency.name, books.MEMBERS[1].name, ANN.name, code=DATAERR,
          says="would have no effect")
    assert place.json("member", "aliases", agency.name) == []


def test_new_member_gets_what_was_theirs(place):
    agency = site_with(place, STRANGERS)
    answer = place.json("member", "add", agency.name, "Yuri Stranger")
    assert answer["relinked"] == {"legs": 2, "users": 0, "days": 1}
    assert metrics(place, agency)[1]["Yuri Stranger"]["outbound_calls"] == 2
    file = csv(place, "name\nSomebody Else\nNever Called\n")
    answer = place.json("member", "import", agency.name, file)
    assert answer["relinked"]["legs"] == 1
    members = metrics(place, agency)[1]
    assert members["Somebody Else"]["outbound_calls"] == 1
    assert members["Never Called"]["outbound_calls"] == 0
    clean(place)


def test_verify_finds_what_differs(full):
    name = full.office.name
    assert "all figures are what they should be" in full.ctl("verify", name)
    with sqlite3.connect(full.database) as db:
        db.execute("UPDATE call_metrics_daily SET missed_calls = missed_calls + 1 WHERE team_member_id = "
                   "(SELECT id FROM team_members WHERE name = ?)", [ANN.name])
    code, text, _ = run("-c", full.config, "verify", name)
    assert code == 1 and "1 figures differ" in text and ANN.name in text and "missed_calls" in text
    code, text, _ = run("-c", full.config, "--json", "verify")
    assert code == 1 and '"figure":' in text


# --- contacts ---

def test_contacts(place):
    agency = site_with(place, STRANGERS)
    file = csv(place, "name,kind,phone,email\nDora Outside,customer,555-010-0200,d@example.com\n"
                      "Dora Outside,customer,+1 555 010 0299,d@example.com\nEmil Outside,lead,5550100201,\n")
    answer = place.json("contact", "import", agency.name, file)
    assert answer == {"added": 2, "changed": 1, "unchanged": 0,
                      "relinked": {"legs": 4, "calls": 4, "ambiguous": 0}, "errors": []}
    answer = place.json("contact", "import", agency.name, file)
    assert (answer["added"], answer["changed"], answer["unchanged"]) == (0, 0, 3)
    dora = place.json("contact", "show", agency.name, "Dora Outside")
    assert [one["external_call_id"] for one in dora["activities"]] == [
        "1000000000004", "1000000000001", "1000000000002"]
    assert dora["activities"][1]["member_name"] == ANN.name
    assert len(place.json("contact", "show", agency.name, "D@example.com", "--limit", "1")["activities"]) == 1
    assert "1000000000003" in place.ctl("contact", "show", agency.name, "Emil Outside")
    phones = {one["name"]: [(p["phone"], p["is_shared"]) for p in one["phones"]]
              for one in place.json("contact", "list", agency.name)}
    assert phones == {"Dora Outside": [("5550100200", False), ("5550100299", False)],
                      "Emil Outside": [("5550100201", False)]}
    # A number of two people is nobody's, and says so.
    file = csv(place, "name,kind,phone\nFay Outside,lead,(555) 010-0201\n")
    answer = place.json("contact", "import", agency.name, file)
    assert answer["relinked"]["ambiguous"] == 1
    assert place.json("contact", "show", agency.name, "Emil Outside")["activities"] == []
    legs = place.json("calls", agency.name, "--date", DAY)
    assert {leg["external_call_id"]: leg["prospect_ambiguous"] for leg in legs} == {
        "1000000000001": False, "1000000000002": False, "1000000000003": True, "1000000000004": False}
    assert "yes" in place.ctl("contact", "list", agency.name)
    fails(place, "contact", "import", agency.name,
          csv(place, "name,kind,phone\nX,friend,5550100201\nY,lead,101\n"), code=DATAERR, says="kind of X")
    fails(place, "contact", "show", agency.name, "Nobody", code=NOUSER, says="there is no contact Nobody")


# --- where a figure comes from ---

def test_why(full):
    found = full.json("why", full.office.name, ANN.name, "--date", DAY)
    _, members = metrics(full, full.office)
    assert found["figures"]["total_calls"] == members[ANN.name]["total_calls"]
    assert [row["source_sheet"] for row in found["users"]] == ["Users"]
    assert found["users"][0]["total_calls"] == members[ANN.name]["total_calls"]
    sessions = {leg["external_call_id"] for leg in found["legs"] if leg["direction"] != "Internal"}
    assert len(sessions) == members[ANN.name]["total_calls"]
    legs = {leg.session: leg for leg in full.day.legs}
    for leg in found["legs"]:
        assert leg["external_call_id"] in legs and leg["source_sheet"] == "Calls"
        assert leg["source_file_name"] == "calls.xlsx" and leg["source_row"] > 1
        assert full.json("show", leg["source_log_id"])
    text = full.ctl("why", full.office.name, ANN.name, "--date", DAY)
    assert "from Users reports" in text and "calls.xlsx" in text
    fails(full, "why", full.office.name, "Nobody", code=NOUSER, says="there is no member Nobody")


def test_reconcile(place):
    legs = [books.leg(1000000000001, ANN), books.leg(1000000000002, ANN, when="11:00:00")]
    agency = site_with(place, books.calls(legs), books.users([books.user_row(ANN, 1, 2, 130)]))
    found = place.json("reconcile", agency.name, "--date", DAY)
    ann = next(one for one in found["members"] if one["name"] == ANN.name)
    assert ann["is_comparable"]
    assert (ann["users"]["total_calls"], ann["calls"]["total_calls"]) == (3, 2)
    assert (ann["difference"]["total_calls"], ann["difference"]["outbound_calls"]) == (1, 0)
    assert ann["difference"]["missed_calls"] is None
    assert "differ" in place.ctl("reconcile", agency.name, "--date", DAY)
    assert "neither Calls nor Users" in place.ctl("reconcile", agency.name, "--date", "2026-02-01")


# --- coverage ---

def test_coverage(place):
    day = dt.date(2026, 1, 5)  # a Monday
    following = day + dt.timedelta(days=1)
    agency = site_with(place, books.calls([books.leg(1000000000001, ANN)], day),
                       books.users([books.user_row(ANN, 1, 2, 30)], following, end="15:00:00"))
    states = lambda *more: [(one["date"][-2:], one["state"]) for one in place.json(  # noqa: E731
        "coverage", agency.name, "--from", "2026-01-03", "--to", "2026-01-09", *more)]
    assert states() == [("03", "not-expected"), ("04", "not-expected"), ("05", "full"), ("06", "partial"),
                        ("07", "not-expected"), ("08", "not-expected"), ("09", "not-expected")]
    assert "no report is overdue" in place.ctl("overdue")
    answer = place.json("agency", "expect", agency.name, "--days", "mon-thu", "--by", "9:30", "--from", "2026-01-05")
    assert answer == {"days": "mon,tue,wed,thu", "by": "09:30", "since": "2026-01-05"}
    assert states() == [("03", "not-expected"), ("04", "not-expected"), ("05", "full"), ("06", "partial"),
                        ("07", "missing"), ("08", "missing"), ("09", "not-expected")]
    found = place.json("coverage", agency.name, "--from", "2026-01-06", "--to", "2026-01-06")[0]
    assert (found["covered_until"], found["due_at"], found["is_overdue"], found["sources"]) == (
        "2026-01-06T20:00:00Z", "2026-01-07T14:30:00Z", True, "users")
    text = place.ctl("coverage", agency.name, "--from", "2026-01-05", "--to", "2026-01-07")
    assert re.search(r"2026-01-06 +tue +partial +15:00 +users", text), text
    code, text, _ = run("-c", place.config, "overdue", agency.name)
    assert code == 1 and "2026-01-07" in text and "2026-01-05" not in text and "2026-01-09" not in text
    today = dt.datetime.now(dt.timezone.utc).date()
    place.ctl("agency", "expect", agency.name, "--days", "all")
    assert place.json("coverage", agency.name, "--to", str(today))[-1]["state"] in ("due", "missing")
    assert place.ctl("overdue", agency.name)
    assert place.json("agency", "expect", agency.name, "--days", "none")["days"] is None
    for options, says in ((["--days", "someday"], "someday"), ([], "wants --days"),
                          (["--days", "mon", "--by", "25:00"], "25:00"), (["--days", "mon-"], "mon-"),
                          (["--days", "mon", "--by", "9"], "time of day")):
        fails(place, "agency", "expect", agency.name, *options, code=USAGE, says=says)


def test_overdue_is_logged_once(site, agency):
    site.ctl("agency", "expect", agency.name, "--days", "all", "--from",
             str(dt.date.today() - dt.timedelta(days=3)))
    site.stop()
    site.start()
    end = time.monotonic() + callmx.PATIENCE
    while len(site.log_lines("report-overdue")) < 2 and time.monotonic() < end:
        time.sleep(0.05)
    site.stop()
    said = site.log_lines("report-overdue")
    assert len(said) in (2, 3) and {line["state"] for line in said} == {"missing"}
    site.start()
    time.sleep(0.5)
    site.stop()
    assert len(site.log_lines("report-overdue")) == len(said)


# --- sales and targets ---

def test_sales_and_targets(place):
    agency = site_with(place, STRANGERS)
    bob = books.MEMBERS[1]
    file = csv(place, "date,member,items,policies,premium\n%s,%s,1,1,\"$1,234.50\"\n%s,%s,2,,0.05\n"
                      "2026-01-06,%s,3,,\n" % (DAY, ANN.name, DAY, ANN.name, bob.name))
    answer = place.json("sales", "import", agency.name, file)
    assert (answer["added"], answer["changed"], answer["unchanged"]) == (2, 0, 0)
    answer = place.json("sales", "import", agency.name, file)
    assert (answer["added"], answer["changed"], answer["unchanged"]) == (0, 0, 2)
    rings = lambda day=DAY: {one["name"]: one for one in place.json(  # noqa: E731
        "rings", agency.name, "--date", day)["members"]}
    ann = rings()[ANN.name]
    assert (ann["outbound_calls"], ann["talk_minutes"], ann["sold_items"], ann["sold_policies"],
            ann["sold_premium_cents"]) == (1, 1, 3, 1, 123455)
    assert ann["targets"] == {"outbound_calls": 100, "talk_minutes": 180, "sold_items": 2}
    assert rings()[bob.name]["sold_items"] is None
    assert (rings("2026-01-06")[bob.name]["sold_items"], rings("2026-01-06")[bob.name]["outbound_calls"]) == (3, None)
    place.ctl("target", "set", agency.name, "--calls", "80", "--items", "4")
    place.ctl("target", "set", agency.name, ANN.name, "--calls", "50")
    assert rings()[ANN.name]["targets"] == {"outbound_calls": 50, "talk_minutes": 180, "sold_items": 4}
    assert rings()[bob.name]["targets"] == {"outbound_calls": 80, "talk_minutes": 180, "sold_items": 4}
    assert "1 of 50" in place.ctl("rings", agency.name, "--date", DAY)
    place.ctl("target", "drop", agency.name, ANN.name)
    assert rings()[ANN.name]["targets"]["outbound_calls"] == 80
    fails(place, "target", "drop", agency.name, ANN.name, code=DATAERR, says="no target of its own")
    fails(place, "target", "set", agency.name, code=USAGE, says="wants --calls")
    fails(place, "target", "set", agency.name, "--calls", "0", code=USAGE, says="the target 0")
    fails(place, "target", "set", agency.name, "Nobody", "--calls", "9", code=NOUSER, says="Nobody")
    before = place.sql("SELECT * FROM sales")
    for line, says in (("05.01.2026,%s,1" % ANN.name, "not a date"), ("%s,Nobody,1" % DAY, "Nobody"),
                       ("%s,%s,-1" % (DAY, ANN.name), "number of items"), ("%s,,1" % DAY, "member is missing")):
        fails(place, "sales", "import", agency.name, csv(place, "date,member,items\n" + line + "\n"), code=DATAERR,
              says=says)
    for premium in ("12.345", "1.2.3", "x", "$", "-5", "999999999999999"):
        fails(place, "sales", "import", agency.name,
              csv(place, "date,member,premium\n%s,%s,\"%s\"\n" % (DAY, ANN.name, premium)), code=DATAERR,
              says="the premium")
    assert place.sql("SELECT * FROM sales") == before


# --- replay ---

def all_figures(place):
    return [place.sql("SELECT * FROM %s ORDER BY 1, 2, 3" % table) for table in (
        "agency_metrics_daily", "call_metrics_daily")] + [
        place.sql("SELECT agency_id, provider, external_call_id, leg, call_date, duration_seconds, talk_seconds, "
                  "result, matched_team_member_id, source_row FROM call_events ORDER BY 1, 2, 3, 4")] + [
        place.sql("SELECT agency_id, date, name, total_calls, source_row FROM user_reports ORDER BY 1, 2, 3, 5"),
        place.sql("SELECT agency_id, date, source, covered_seconds FROM report_days ORDER BY 1, 2, 3, 4")]


def change(place, *statements):
    with sqlite3.connect(place.database) as db:
        for statement in statements:
            db.execute(statement)
    db.close()


def test_replay_of_what_is_read_the_same(full):
    before, counts = all_figures(full), full.counts()
    answer = full.json("replay", "--since", "2026-01-01")
    assert [(one["before"], one["after"]) for one in answer["messages"]] == [("stored", "stored")] * 2
    assert answer["differences"] == []
    assert all_figures(full) == before
    assert full.counts() == {**counts, "email_ingest_logs": counts["email_ingest_logs"] + 2}
    assert {entry["replay_of"] for entry in full.json("log") if entry["channel"] == "replay"} == {
        one["id"] for one in answer["messages"]}
    assert "no figure has changed" in full.ctl("replay", answer["messages"][0]["id"])
    clean(full)


def test_replay_mends_what_was_read_wrong(full):
    """As if an earlier version had lost a leg, made one up, and misread a length and a Users row."""
    before = all_figures(full)
    name = full.office.name
    change(full,
           "UPDATE legs SET talk_seconds = talk_seconds + 600, result = 'Answered' "
           "WHERE id IN (SELECT id FROM legs WHERE talk_seconds > 0 LIMIT 3)",
           "DELETE FROM legs WHERE id = (SELECT MAX(id) FROM legs)",
           "INSERT INTO legs (agency_number, provider, external_call_id, leg, call_date, direction, "
           "call_started_at, start_estimated, result, agent, member_number, source_id, covered_seconds) "
           "SELECT agency_number, provider, '9999999999999', 'x.1', call_date, 'Outbound', call_started_at, 0, "
           "'Connected', agent, member_number, source_id, covered_seconds FROM legs "
           "WHERE member_number IS NOT NULL LIMIT 1",
           "INSERT INTO call_spans SELECT agency_id, call_date, id, id FROM call_events WHERE leg = 'x.1'",
           "UPDATE user_reports SET total_calls = total_calls + 5",
           "UPDATE report_days SET covered_seconds = 3600, covered_until = '2026-01-05T06:00:00Z'",
           "UPDATE legs SET covered_seconds = 90000",
           "DELETE FROM session_totals_daily")
    full.ctl("member", "add", name, "Somebody New")  # all is computed from what is there now
    wrong = all_figures(full)
    assert wrong != before
    clean(full)
    answer = full.json("replay", "--verdict", "stored", "--dry-run")
    assert answer["dry_run"] and len(answer["messages"]) == 2
    differences = {(one["name"], one["figure"]) for one in answer["differences"]}
    assert (ANN.name, "total_calls") in differences and (None, "covered_until") in differences
    assert all_figures(full) == wrong
    real = full.json("replay", "--verdict", "stored")
    assert real["differences"] == answer["differences"] and not real["dry_run"]
    clean(full)
    found = all_figures(full)
    new = full.sql("SELECT id FROM team_members WHERE name = 'Somebody New'")[0][0]
    found[1] = [row for row in found[1] if row[1] != new]
    assert found == before
    # Again: nothing is left.
    assert full.json("replay", "--verdict", "stored")["differences"] == []


def test_replay_of_what_failed(site, agency):
    """A mail that could not be read is stored by a version that can: here the kept bytes are mended."""
    mail = mails.report_mail(STRANGERS)
    site.deliver(mail.replace(b"UEsDB", b"VEsDB"), agency)
    entry = agency.log()[0]
    assert entry["verdict"] in ("failed", "no-report")
    with sqlite3.connect(site.database) as db:
        db.execute("UPDATE raw_messages SET bytes = ?", [mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")])
    answer = site.json("replay", "--verdict", entry["verdict"])
    assert [one["after"] for one in answer["messages"]] == ["stored"]
    assert metrics(site, agency)[0]["calls"] == 1
    found = site.json("why", agency.name, ANN.name, "--date", DAY)
    assert found["legs"][0]["source_log_id"] == entry["id"]
    # The daemon goes on from what is there.
    site.deliver(mails.report_mail(books.calls([books.leg(1000000000009, ANN, when="15:00:00")])), agency)
    assert metrics(site, agency)[0]["calls"] == 2
    clean(site)


def test_replay_refused(full):
    ids = [one["id"] for one in full.json("log")]
    fails(full, "replay", code=USAGE, says="replay wants the ID")
    fails(full, "replay", ids[0], "--verdict", "failed", code=USAGE, says="replay wants the ID")
    fails(full, "replay", "--verdict", "fine", code=USAGE, says="--verdict fine")
    fails(full, "replay", "--since", "yesterday", code=USAGE, says="--since yesterday")
    fails(full, "replay", "nothing", code=NOUSER, says="there is no message nothing")
    assert "no such message is kept" in full.ctl("replay", "--verdict", "failed")
    full.ctl("replay", ids[0])
    replayed = full.json("log")[0]["id"]
    fails(full, "replay", replayed, code=DATAERR, says="is a replay itself: name the message, " + ids[0])
    change(full, "DELETE FROM raw_messages")
    fails(full, "replay", ids[0], code=66, says="are not kept any more")


# --- what is hard to believe ---

def test_warnings(place):
    legs = [books.leg(1000000000001, ANN), books.leg(1000000000002, "Yuri Stranger"),
            books.leg(1000000000003, ANN, day=books.DAY + dt.timedelta(days=1))]
    legs += [books.leg(1000000000004, ANN, when="13:00:%02d" % second) for second in range(31)]
    agency = site_with(place, books.calls(legs), books.users([books.user_row(ANN, 1, 19, 30)]))
    first, second = place.json("log", agency.name)[::-1]
    found = {one["kind"]: (one["count"], one["of"]) for one in first["files"][0]["warnings"]}
    assert found == {"outside-range": (1, 34), "many-legs": (1, 4)}
    warning, = second["files"][0]["warnings"]
    assert (warning["kind"], warning["count"], warning["of"], warning["name"], warning["date"]) == (
        "calls-users", 20, 2, ANN.name, DAY)
    text = place.ctl("show", first["id"])
    assert "warning: 1 of 34 legs start outside the range" in text and "one has 31" in text
    clean(place)
    file = place.folder / "more.xlsx"
    file.write_bytes(books.calls([books.leg(1000000000009, "Somebody Else", when="16:00:00")]))
    place.ctl("report", "ingest", agency.name, str(file))
    assert [(one["kind"], one["count"], one["of"]) for one in place.json("log", agency.name)[0]["files"][0]["warnings"]
            if one["kind"] == "unmatched"] == [("unmatched", 1, 1)]


def test_sums_that_are_not_kept_are_no_reason_to_warn(place):
    """As after an upgrade: the sums of the day are counted when the transaction ends."""
    legs = [books.leg(1000000000000 + number, ANN, when="10:%02d:00" % number) for number in range(20)]
    agency = site_with(place, books.calls(legs))
    change(place, "DELETE FROM session_totals_daily")
    file = place.folder / "users.xlsx"
    file.write_bytes(books.users([books.user_row(ANN, 0, 20, 1200)]))
    place.ctl("report", "ingest", agency.name, str(file))
    assert place.json("log", agency.name)[0]["files"][0]["warnings"] == []
    clean(place)


def test_no_warnings(full):
    for entry in full.json("log"):
        assert all(warning["kind"] == "unmatched" for warning in entry["files"][0]["warnings"])
