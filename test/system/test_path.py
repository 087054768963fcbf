"""The whole path: a mail comes in by SMTP and leaves as calls and figures, to the letter."""
import datetime as dt
import hashlib
import json
import re
import smtplib
import subprocess

import pytest

import books
import callmx
import mails

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
NAMES = {"total": "total_calls", "inbound": "inbound_calls", "outbound": "outbound_calls",
         "answered": "answered_calls", "missed": "missed_calls", "talk_seconds": "total_talk_seconds"}


def check_figures(agency, day, basis):
    found, wanted = agency.metrics(day.day), day.expected
    own = found["agency"]
    assert list(own) == ["date", "calls", "inbound", "outbound", "answered", "missed", "talk_seconds",
                         "unmatched", "basis", "covered_until"]
    assert own["date"] == str(day.day)
    assert own["calls"] == wanted["agency"]["total"]
    for name in ("inbound", "outbound", "answered", "missed", "talk_seconds", "unmatched"):
        assert own[name] == wanted["agency"][name], name
    members = {member["name"]: member for member in found["members"]}
    assert sorted(members) == sorted(member.name for member in books.MEMBERS)
    for name, figures in wanted["members"].items():
        member = members[name]
        assert list(member) == ["team_member_id", "name", "status", "date", *NAMES.values(), "basis", "covered_until"]
        assert member["basis"] == basis and member["date"] == str(day.day)
        assert {old: member[new] for old, new in NAMES.items()} == figures, name


@pytest.fixture(scope="module")
def day():
    return books.Day(293)


def test_agency_as_json(site):
    made = site.json("agency", "add", "Someone's \"Ägency\"", "--timezone", "America/Chicago")
    assert list(made) == ["id", "name", "timezone", "address"]
    assert re.fullmatch(UUID, made["id"])
    assert made["name"] == "Someone's \"Ägency\"" and made["timezone"] == "America/Chicago"
    assert re.fullmatch(r"calls-[a-z2-7]{26}@ingest\.example\.com", made["address"])
    other = site.json("agency", "add", "Another", "--timezone", "UTC")
    assert site.json("agency", "list") == [other, made]
    site.keys.update(re.search(r"-(\w+)@", one["address"]).group(1) for one in (made, other))
    site.ctl("agency", "add", "Third", "--timezone", "Atlantis/Capital", code=65)
    assert len(site.json("agency", "list")) == 2


def test_one_mail_with_both_reports(site, agency, day):
    reply = site.deliver(mails.report_mail(day.calls, day.users), agency)
    assert reply.code == 250
    people = day.expected["agency"]["unmatched"] > 0
    assert re.fullmatch(r"2\.0\.0 %s stored( \w+=[\w./,-]+)+" % UUID, reply.text), reply.text
    assert reply.pairs["calls"] == str(day.expected["sessions"])
    assert reply.pairs["new"] == str(day.expected["sessions"])
    assert reply.pairs["people"] == "9/%d" % (9 + people)
    assert reply.pairs["date"] == str(day.day)
    check_figures(agency, day, "users")


def test_calls_alone_give_the_same_figures(site, agency, day):
    assert site.deliver(mails.report_mail(day.calls), agency).verdict == "stored"
    check_figures(agency, day, "calls")


def test_resaved_by_excel_gives_the_same_figures(site, agency):
    day = books.Day(120, seed=5, shared_strings=True)
    assert site.deliver(mails.report_mail(day.calls, day.users), agency).verdict == "stored"
    check_figures(agency, day, "users")


def test_written_by_openpyxl(site, agency):
    openpyxl = pytest.importorskip("openpyxl")
    import io
    day = books.Day(60, seed=6)
    book = openpyxl.Workbook()
    filters, sheet = book.active, book.create_sheet("Calls")
    filters.title = "Filters"
    filters.append(["Sites", "From Time", "To Time"])
    filters.append(["All", "01/05/2026 12:00:00 AM", "01/05/2026 11:59:59 PM"])
    # Columns in an order of the user's own.
    sheet.append(["Call Start Time", "Session Id", "Result", "Call Direction", "From Name", "From Number",
                  "To Name", "To Number", "Call Length", "Handle Time", "Queue"])
    for leg in day.legs:
        sheet.append([leg.start, leg.session, leg.result, leg.direction, leg.from_name, leg.from_number,
                      leg.to_name, leg.to_number, dt.timedelta(seconds=leg.length),
                      None if leg.handle is None else dt.timedelta(seconds=leg.handle), leg.queue])
    data = io.BytesIO()
    book.save(data)
    reply = site.deliver(mails.report_mail(data.getvalue()), agency)
    assert reply.verdict == "stored", reply
    check_figures(agency, day, "calls")


def test_calls_as_json(site, agency, day):
    site.deliver(mails.report_mail(day.calls), agency)
    found = agency.calls(day.day)
    assert len(found) == day.expected["legs"]
    for name in ("agency_id", "provider", "external_call_id", "leg", "direction", "call_type", "from_number",
                 "from_name", "to_number", "to_name", "call_started_at", "start_estimated",
                 "duration_seconds", "talk_seconds", "result", "queue", "extension",
                 "matched_team_member_id", "matched_prospect_id", "raw_payload"):
        assert name in found[0], name
    assert {leg["agency_id"] for leg in found} == {agency.id}
    assert {leg["provider"] for leg in found} == {"ringcentral"}
    assert len({(leg["external_call_id"], leg["leg"]) for leg in found}) == len(found)
    unique = list(dict.fromkeys(day.legs))
    assert sum(leg["duration_seconds"] for leg in found) == sum(leg.length for leg in unique)
    assert (sorted(leg["external_call_id"] for leg in found) == sorted(leg.session for leg in unique))
    starts = [leg["call_started_at"] for leg in found]
    assert all(re.fullmatch(r"2026-01-0[56]T\d\d:\d\d:\d\dZ", start) for start in starts)
    assert starts == sorted(starts)
    # New York is five hours behind UTC in January.
    first = min(leg.start for leg in unique) + dt.timedelta(hours=5)
    assert starts[0] == first.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert {leg["direction"] for leg in found} <= {"Inbound", "Outbound", "Internal"}
    words = {leg["call_type"] for leg in found}
    assert words == {leg.direction for leg in unique}


def test_unmatched_as_json(site, agency):
    legs = [books.leg(7000000000001, "Zoe Stranger"), books.leg(7000000000002, "Zoe Stranger"),
            books.leg(7000000000003, "Yuri Stranger"), books.leg(7000000000004, books.MEMBERS[0])]
    reply = site.deliver(mails.report_mail(books.calls(legs)), agency)
    assert reply.pairs["people"] == "1/3"
    found = site.json("unmatched", agency.name)
    assert [list(one) for one in found] == [["name", "extension", "legs", "days", "first_date", "last_date"]] * 2
    assert [(one["name"], one["legs"]) for one in found] == [("Zoe Stranger", 2), ("Yuri Stranger", 1)]
    assert {one["first_date"] for one in found} == {one["last_date"] for one in found} == {"2026-01-05"}
    own = agency.metrics()["agency"]
    assert own["calls"] == 1 and own["unmatched"] == 3


def test_log_as_json(site, agency, day):
    mail = mails.report_mail(day.calls, day.users, subject="FW: Scheduled Reports from RingCentral",
                             message_id="<abc@example.com>", names=["Täglich_Calls.xlsx", "U.xlsx"])
    reply = site.deliver(mail, agency, sender="bounces+x@example.net")
    second = site.deliver(mails.report_mail(), agency, sender="")
    log = agency.log()
    assert [entry["id"] for entry in log] == [second.id, reply.id]
    entry = log[1]
    assert list(entry) == ["id", "received_at", "channel", "sender", "subject", "message_id", "verdict", "link",
                           "subscription", "replay_of", "files", "error_message", "bytes", "sha256", "took_ms"]
    received = dt.datetime.strptime(entry["received_at"], "%Y-%m-%dT%H:%M:%SZ")
    assert abs((dt.datetime.utcnow() - received).total_seconds()) < 120
    assert entry["channel"] == "smtp" and entry["sender"] == "bounces+x@example.net"
    assert entry["subject"] == "FW: Scheduled Reports from RingCentral"
    assert entry["message_id"] == "<abc@example.com>"
    assert entry["verdict"] == "stored" and entry["error_message"] is None
    assert entry["bytes"] == len(mail) and entry["sha256"] == hashlib.sha256(mail).hexdigest()
    assert 0 <= entry["took_ms"] < 60000
    assert [file["name"] for file in entry["files"]] == ["Täglich_Calls.xlsx", "U.xlsx"]
    assert [file["kind"] for file in entry["files"]] == ["calls", "users"]
    assert [file["sha256"] for file in entry["files"]] == [
        hashlib.sha256(book).hexdigest() for book in (day.calls, day.users)]
    assert [(file["verdict"], file["reason"]) for file in entry["files"]] == [("stored", None)] * 2
    assert entry["files"][0]["calls"]["rows"] == len(day.legs)
    assert log[0]["verdict"] == "no-report" and log[0]["files"] == [] and log[0]["error_message"]
    assert log[0]["sender"] == ""
    assert site.json("log", agency.name, "--limit", "1") == log[:1]


def test_raw_message_is_kept_with_its_trace(site, agency, day):
    mail = mails.report_mail(day.calls) + b".a line with a dot\r\n..two\r\n"
    reply = site.deliver(mail, agency, sender="bounces@example.net")
    raw = site.raw(reply.id)
    assert raw.endswith(mail)
    trace = raw[:-len(mail)].decode("ascii")
    assert trace.startswith("Return-Path: <bounces@example.net>\r\nReceived: from mail.example.net ")
    assert "[127.0.0.1]" in trace and "by mx.example.com" in trace and "with ESMTP" in trace
    assert reply.id in trace and trace.endswith("\r\n")
    assert all(line[0] in " \t" or re.match(r"[\w-]+:", line) for line in trace.splitlines())
    assert re.search(r";\s+\w{3}, \d\d? \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", trace.replace("\r\n", "\n"))


def test_explain_as_json(site, agency, day, tmp_path):
    book, mail = tmp_path / "calls.xlsx", tmp_path / "mail.eml"
    book.write_bytes(day.calls)
    mail.write_bytes(mails.report_mail(day.calls, day.users))
    found = site.json("report", "explain", str(book))
    assert found["verdict"] == "stored"
    file = found["files"][0]
    for name in ("name", "kind", "timezone", "from", "to", "calls", "users", "notes"):
        assert name in file
    assert file["name"] == "calls.xlsx" and file["kind"] == "calls" and file["timezone"] == books.ZONE
    assert file["from"].startswith("2026-01-05T00:00:00") and file["to"].startswith("2026-01-05T23:59:59")
    for name in ("rows", "legs", "sessions", "internal", "duplicates", "inbound", "outbound", "seconds"):
        assert file["calls"][name] == day.expected[name], name
    assert file["calls"]["skipped"] == 0 and file["notes"] == []
    both = site.json("report", "explain", str(mail))
    assert [one["kind"] for one in both["files"]] == ["calls", "users"]
    assert both["files"][0]["calls"] == file["calls"]
    assert both["files"][1]["users"]["rows"] == 9
    assert site.counts()["email_ingest_logs"] == 0, "explain stores nothing"


def test_swaks(site, agency, day, tmp_path):
    book = tmp_path / "Report_Calls.xlsx"
    book.write_bytes(day.calls)
    done = subprocess.run(
        ["swaks", "--server", "127.0.0.1:%d" % site.port, "--to", agency.address, "--from",
         "bounces@example.net", "--h-Subject", mails.SUBJECT, "--attach-type", "/".join(mails.XLSX),
         "--attach", "@" + str(book)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"250 2\.0\.0 %s stored calls=%d new=" % (UUID, day.expected["sessions"]), done.stdout)
    check_figures(agency, day, "calls")


def test_smtplib(site, agency, day):
    with smtplib.SMTP("127.0.0.1", site.port, timeout=60) as client:
        assert client.ehlo()[0] == 250
        for feature in ("pipelining", "size", "8bitmime", "enhancedstatuscodes"):
            assert client.has_extn(feature), feature
        refused = client.sendmail("a@example.net", [agency.address, "calls-%s@%s" % ("a" * 26, callmx.DOMAIN)],
                                  mails.report_mail(day.calls))
        assert list(refused.values())[0][0] == 550
    check_figures(agency, day, "calls")


def test_daemon_and_ctl_together(site, agency):
    """callmxctl writes beside a running daemon; what it wrote counts for the next mail."""
    legs = [books.leg(7000000000001, "Newcomer Example", "11:00:00")]
    site.deliver(mails.report_mail(books.calls(legs)), agency)
    assert agency.metrics()["agency"]["unmatched"] == 1
    site.ctl("member", "add", agency.name, "Newcomer Example", "--email", "new@example.com")
    legs.append(books.leg(7000000000002, "Newcomer Example", "12:00:00"))
    site.deliver(mails.report_mail(books.calls(legs)), agency)
    assert agency.member("Newcomer Example")["total_calls"] >= 1


def test_stored_before_the_reply(site, agency, day):
    """250 means committed: another connection to the database sees it at once."""
    with site.wire() as wire:
        wire.envelope(agency.address)
        reply = wire.message(mails.report_mail(day.calls))
        rows = site.sql("SELECT verdict FROM email_ingest_logs WHERE id = ?", reply.id)
        legs = site.sql("SELECT count(*) FROM call_events")[0][0]
    assert rows == [("stored",)] and legs == day.expected["legs"]
    assert site.sql("PRAGMA journal_mode") == [("wal",)]


def test_text_for_people(site, agency, day):
    site.deliver(mails.report_mail(day.calls, day.users), agency)
    assert agency.name in site.ctl("agency", "list")
    assert "stored" in site.ctl("log", agency.name)
    text = site.ctl("metrics", agency.name, "--date", str(day.day))
    assert all(member.name in text for member in books.MEMBERS)
    assert len(site.ctl("calls", agency.name, "--date", str(day.day)).splitlines()) >= day.expected["legs"]
    for command in (("agency", "show"), ("key", "list"), ("member", "list"), ("unmatched",)):
        site.ctl(*command, agency.name)
        json.loads(site.ctl("--json", *command, agency.name))
