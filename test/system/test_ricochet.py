"""Events of Ricochet over the wire: what is stored, what is answered, what comes of it."""
import collections
import itertools
import json
import subprocess
import threading
import time
import urllib.parse

import pytest
import requests

import books
import mails
import web

DAY = "2026-02-05"
EXAMPLE = ('{"id":"call_abc123","phone":"+1 (555) 010-0100","to":"+1 (555) 010-0199","outbound":true,'
           '"Duration":245,"created_at":"2026-02-05T14:30:00Z","answered_at":"2026-02-05T14:30:05Z",'
           '"User\'s name":"Chris Example","User\'s email":"chris@example.com"}')


@pytest.fixture
def site(make_site):
    return make_site(**web.settings())


@pytest.fixture
def agency(site):
    made = site.agency()
    site.ctl("member", "add", made.name, "Chris Example", "--email", "chris@example.com")
    return made


def test_curl_and_requests(site, agency):
    """The example of the manual, by two clients; the second time it is a duplicate."""
    made = site.json("voip", "add", agency.name, "ricochet")
    site.keys.add(made["secret"])
    assert set(made) == {"provider", "url", "secret"} and made["url"].endswith("/ricochet/" + made["secret"])
    done = subprocess.run(["curl", "-s", "-H", "Content-Type: application/json", "-d", EXAMPLE, made["url"]],
                          capture_output=True, check=True)
    first = json.loads(done.stdout)
    assert first == {"success": True, "call_id": first["call_id"], "matched_team_member": True,
                     "matched_prospect": False}
    again = requests.post(made["url"], json=json.loads(EXAMPLE), timeout=30)
    assert again.status_code == 200 and again.json() == {**first, "duplicate": True}
    form = {name: str(value) for name, value in json.loads(EXAMPLE).items()}
    third = requests.post(made["url"], data=form, timeout=30)
    assert third.status_code == 200 and third.json() == {**first, "duplicate": True}
    call, = agency.calls(DAY)
    assert (call["provider"], call["external_call_id"], call["leg"]) == ("ricochet", "call_abc123", first["call_id"])
    assert (call["direction"], call["duration_seconds"], call["talk_seconds"]) == ("Outbound", 245, 245)
    assert call["agent_email"] == "chris@example.com" and call["matched_team_member_id"]
    member = agency.member("Chris Example", DAY)
    assert (member["total_calls"], member["outbound_calls"], member["answered_calls"]) == (1, 1, 1)
    assert (member["total_talk_seconds"], member["basis"]) == (245, "ricochet")
    site.ctl("verify")


def test_beside_the_reports(site, agency):
    """RingCentral's figures of the same day stay, and these are added."""
    client = web.Web(site)
    path, _ = client.ricochet(agency)
    day = books.Day(rows=60)
    site.deliver(mails.report_mail(day.calls), agency)
    name = books.MEMBERS[0].name
    before = agency.member(name)
    stamp = "%sT15:00:00Z" % books.DAY
    assert client.post(path, web.event(1, name, created_at=stamp)).status == 200
    after = agency.member(name)
    assert after["total_calls"] == before["total_calls"] + 1
    assert after["total_talk_seconds"] == before["total_talk_seconds"] + 60
    assert after["basis"] == "calls+ricochet"
    others = [member for member in agency.metrics()["members"] if member["name"] != name]
    assert all(member["basis"] != "calls+ricochet" for member in others)
    site.deliver(mails.report_mail(day.users), agency)
    assert agency.member(name)["total_calls"] == before["total_calls"] + 1
    site.ctl("verify")


def test_a_lead_is_no_call(site, agency):
    client = web.Web(site)
    path, _ = client.ricochet(agency)
    before = site.counts()
    lead = {"uniqueIdentifier": "l-1", "status": "New", "leadOwner": "x", "customer": {"name": "A Person"}}
    answer = client.post(path, lead)
    assert (answer.status, answer.json) == (200, {"success": True, "ignored": "lead"})
    assert site.counts() == before and len(site.log_lines("event-ignored")) == 1
    assert "A Person" not in site.log_text()


def test_names_of_the_agencys_own(site, agency):
    client = web.Web(site)
    path, _ = client.ricochet(agency)
    odd = {"CallID": "x1", "Secs": "90", "Who": "Chris Example", "Out": "yes", "When": "02/05/2026 9:30 AM"}
    assert client.post(path, odd).status == 422
    site.ctl("voip", "map", agency.name, "ricochet", "id=CallID", "duration=Secs", "user_name=Who",
             "outbound=Out", "created_at=When")
    assert client.post(path, odd).json["matched_team_member"] is True
    assert agency.member("Chris Example", DAY)["total_talk_seconds"] == 90
    site.ctl("voip", "map", agency.name, "ricochet")
    assert client.post(path, odd).status == 422


@pytest.mark.parametrize("body, headers, status, says", [
    ("{", web.JSON, 400, "it is no JSON"),
    ("[1]", web.JSON, 422, "no object"),
    ('{"id":1,"id":2}', web.JSON, 400, "it is no JSON"),
    ('{"a":"\\u0000"}', web.JSON, 400, "it is no JSON"),
    ("{}", web.JSON, 422, "id: "),
    ('{"id":1,"Duration":"x"}', web.JSON, 422, "Duration: "),
    ('{"id":1,"outbound":"x"}', web.JSON, 422, "outbound: "),
    ("id=%", web.FORM, 400, "cannot be read"),
    ("id=%ff", web.FORM, 400, "cannot be read"),
    ("<xml/>", {"Content-Type": "text/xml"}, 415, "Content-Type"),
    ("[" * 100000, web.JSON, 413, "too large"),
    ("[" * 15000, web.JSON, 400, "it is no JSON"),
])
def test_what_cannot_be_read(site, agency, body, headers, status, says):
    client = web.Web(site)
    path, _ = client.ricochet(agency)
    before = site.counts()
    answer = client.post(path, body, headers=headers)
    assert answer.status == status and says in answer.error, answer
    assert site.counts() == before


def test_secrets(site, agency):
    """Unknown, of another, disabled, rotated: the same answer, and nothing stored."""
    client = web.Web(site)
    path, made = client.ricochet(agency)
    unknown = client.post("/ricochet/" + "a" * 26, web.event(1))
    assert (unknown.status, unknown.error) == (404, "there is nothing at this path")
    upper = client.post("/ricochet/" + made["secret"].upper(), web.event(1))
    assert upper.status == 200
    rotated = site.json("voip", "rotate", agency.name, "ricochet", "--grace", "1h")
    site.keys.add(rotated["secret"])
    new = urllib.parse.urlsplit(rotated["url"]).path
    assert [client.post(at, web.event(2)).status for at in (path, new)] == [200, 200]
    last = site.json("voip", "rotate", agency.name, "ricochet", "--grace", "0")
    site.keys.add(last["secret"])
    assert [client.post(at, web.event(3)).status for at in (path, new)] == [404, 404]
    site.ctl("voip", "disable", agency.name, "ricochet")
    gone = client.post(urllib.parse.urlsplit(last["url"]).path, web.event(4))
    assert (gone.status, gone.body) == (404, unknown.body)
    lead = client.post(urllib.parse.urlsplit(last["url"]).path, {"uniqueIdentifier": "l-1"})
    assert (lead.status, lead.body) == (404, unknown.body)
    assert len(agency.calls(DAY)) == 2
    stored = site.sql("SELECT secret_hash FROM voip_integrations")
    assert last["secret"] not in str(stored)


def test_a_header_token(site, agency):
    client = web.Web(site)
    path, made = client.ricochet(agency, "--header-token")
    site.keys.add(made["header_token"])
    good = {"X-Callmx-Token": made["header_token"]}
    assert client.post(path, web.event(1)).status == 404
    assert client.post(path, web.event(1), headers={"X-Callmx-Token": "b" * 26}).status == 404
    assert client.post(path, web.event(1), headers=good).status == 200
    assert client.post(path, web.event(2), token=made["header_token"]).status == 200
    # Those who come from elsewhere name the agency, and bring the token.
    old = "/ricochet?agency_id=" + agency.id
    assert client.post(old, web.event(3)).status == 401
    assert client.post(old, web.event(3), headers={"X-Callmx-Token": "b" * 26}).status == 404
    assert client.post(old, web.event(3), headers=good).status == 200
    assert client.post("/ricochet", web.event(4), headers=good).status == 401


def test_an_agencys_id_is_no_secret(site, agency):
    """Without a header token an id opens nothing."""
    client = web.Web(site)
    client.ricochet(agency)
    answer = client.post("/ricochet?agency_id=" + agency.id, web.event(1), headers={"X-Callmx-Token": ""})
    assert answer.status == 404 and not agency.calls(DAY)


def test_who_guesses_is_sent_away(make_site):
    site = make_site(**web.settings(http={"max-auth-errors-per-hour": "5"}))
    client = web.Web(site)
    path, _ = client.ricochet(site.agency())
    statuses = [client.post("/ricochet/%026d" % number, web.event(1)).status for number in range(8)]
    assert statuses == [404] * 5 + [429] * 3
    answer = client.post(path, web.event(1))
    assert answer.status == 429 and answer.headers["Retry-After"]


def test_two_agencies_with_the_same_ids(site, agency):
    other = site.agency("Other Agency", members=())
    client = web.Web(site)
    first, _ = client.ricochet(agency)
    second, _ = client.ricochet(other)
    ids = {client.post(path, web.event(1)).json["call_id"] for path in (first, second)}
    assert len(ids) == 2
    assert client.post(second, web.event(1, duration=5)).json["duplicate"]
    assert agency.calls(DAY)[0]["duration_seconds"] == 60 and other.calls(DAY)[0]["duration_seconds"] == 5


def test_trouble_of_our_own_is_503(site, agency):
    """While another program holds the database; afterwards the retry is stored, once."""
    import sqlite3
    client = web.Web(site)
    path, _ = client.ricochet(agency)
    holder = sqlite3.connect(site.database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    answer = client.post(path, web.event(1))
    holder.execute("ROLLBACK")
    holder.close()
    assert answer.status == 503 and answer.headers["Retry-After"]
    answer = client.post(path, web.event(1))
    assert answer.status == 200 and "duplicate" not in answer.json


# --- kill -9 ---

class Poster(threading.Thread):
    """Posts events on one connection until it breaks, and remembers which were answered 200."""

    def __init__(self, client, path, numbers):
        super().__init__(daemon=True)
        self.client, self.path, self.numbers, self.good = client, path, numbers, []

    def run(self):
        connection = self.client.connection()
        try:
            while True:
                number = next(self.numbers)
                if self.client.post(self.path, web.event(number), connection=connection).status == 200:
                    self.good.append("event-%d" % number)
        except Exception:
            pass


def test_kill_in_the_middle(site, agency, figures):
    """Events that were answered 200 are there, each once, whenever the daemon dies."""
    client = web.Web(site)
    path, _ = client.ricochet(agency)
    numbers, answered = itertools.count(1), []
    for _ in range(3):
        posters = [Poster(client, path, numbers) for _ in range(8)]
        for poster in posters:
            poster.start()
        time.sleep(0.5)
        site.kill()
        for poster in posters:
            poster.join(30)
            answered += poster.good
        site.start()
    stored = collections.Counter(row[0] for row in site.sql("SELECT external_call_id FROM call_events"))
    assert len(answered) > 30 and not set(answered) - set(stored) and set(stored.values()) == {1}
    assert agency.member("Chris Example", DAY)["total_calls"] == len(stored)
    site.ctl("verify")
    figures("kill -9: %d events answered 200 before three kills, all there; %d stored" % (len(answered), len(stored)))


# --- load ---

LUA = """
local n = 0
local thread_count = 0
function setup(thread) thread_count = thread_count + 1; thread:set("number", thread_count) end
function request()
  n = n + 1
  local body = string.format('{"id":"load-%%d-%%d","phone":"5550100100","to":"5550100199","outbound":true,' ..
    '"Duration":60,"created_at":"2026-02-%%02dT14:30:00Z","User\\'s name":"Chris Example"}', number, n, n %% 28 + 1)
  return wrk.format("POST", "%s", {["Content-Type"] = "application/json"}, body)
end
function done(summary, latency, requests)
  io.write(string.format('{"requests":%%d,"errors":%%d,"seconds":%%f,"p50_ms":%%f,"p99_ms":%%f}',
    summary.requests, summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout,
    summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
"""


def test_wrk(site, agency, figures, tmp_path):
    """Load by wrk: every event that was answered is stored; how many a second is shown."""
    client = web.Web(site)
    path, _ = client.ricochet(agency)
    script = tmp_path / "events.lua"
    script.write_text(LUA % path)
    done = subprocess.run(["wrk", "-t2", "-c64", "-d4s", "-s", script, "http://%s" % site.settings["http"]["listen"]],
                          capture_output=True, check=True)
    told = json.loads(done.stdout[done.stdout.rindex(b"{"):])
    stored = site.sql("SELECT count(*) FROM call_events")[0][0]
    assert told["errors"] == 0 and told["requests"] <= stored <= told["requests"] + 64
    site.ctl("verify")
    figures("wrk: %.0f events a second over 64 connections, each committed before its 200; p50 %.1f ms, p99 %.1f ms"
            % (told["requests"] / told["seconds"], told["p50_ms"], told["p99_ms"]))
