"""The API: every route by every role and for a foreign agency; its description; what it answers."""
import itertools
import json
import re
import sqlite3
import subprocess

import jsonschema
import pytest

import books
import callmx
import mails
import web

SOURCE = (callmx.ROOT / "src" / "api" / "api.c").read_text()
ROUTES = re.findall(r'\{\{"(\w+)", AGENCY(?: "([^"]*)")?\}, API_(\w+), (\w+)', SOURCE)
DESCRIPTION = json.loads((callmx.ROOT / "src" / "api" / "openapi.json").read_text())
OPENAPI_SCHEMA = "/usr/share/openapi-specification/schemas/v3.0/schema.json"
ROLES = ("owner", "key_employee", "manager", "staff")

# What each writing route is asked for: a body, or None.
BODIES = {
    ("POST", "/members"): {"name": "New Person", "extension": "900"},
    ("PUT", "/members/{member}"): {"email": "changed@example.com"},
    ("PUT", "/aliases/{name}"): {"team_member_id": "{member}"},
    ("PUT", "/targets"): {"outbound_calls": 50},
    ("PUT", "/members/{member}/targets"): {"talk_minutes": 90},
    ("PUT", "/sales"): {"team_member_id": "{member}", "sale_date": "2026-01-05", "items": 2},
    ("PUT", "/expectation"): {"days": "mon-fri", "by": "08:30"},
    ("POST", "/keys"): {"grace_seconds": 0},
    ("POST", "/keys/disable"): {"key": "{key}"},
    ("POST", "/tokens"): {"role": "staff"},
    ("POST", "/voip"): {"provider": "ricochet"},
    ("POST", "/voip/{provider}/rotate"): {},
    ("PUT", "/voip/{provider}/field_map"): {"duration": "Secs"},
}


class Place:
    """An agency with something of everything, and a token for each role."""

    def __init__(self, site, client, name):
        self.site, self.client = site, client
        self.agency = site.agency(name)
        day = books.Day(rows=40)
        site.deliver(mails.report_mail(day.calls), self.agency)
        site.deliver(mails.report_mail(day.users), self.agency)
        file = site.folder / "contacts.csv"
        file.write_text("name,kind,phone\nCarl Example,lead,(555) 010-0199\n")
        site.ctl("contact", "import", name, str(file))
        self.path, _ = client.ricochet(self.agency)
        assert client.post(self.path, web.event(1, books.MEMBERS[0].name, created_at="2026-01-05T15:00:00Z")).status == 200
        self.tokens = {role: client.token(self.agency, role) for role in ROLES}
        member = site.json("member", "list", name)[0]
        self.values = {"member": member["id"], "contact": "Carl%20Example", "name": "A%20Name", "provider": "ricochet",
                       "id": site.json("log", name)[0]["id"], "key": self.agency.key}

    def fill(self, text):
        return re.sub(r"\{(\w+)\}", lambda match: self.values[match.group(1)], text)

    def ask(self, method, path, token, agency=None, values=None):
        place = values or self
        body = BODIES.get((method, path))
        if body is not None:
            body = json.loads(place.fill(json.dumps(body)).replace("%20", " "))
        if path == "/reports":
            body = books.small(5)[1]
        return self.client.ask(method, web.api(agency or self.agency, place.fill(path)), body=body, token=token)

    def everything(self):
        """All rows that are the agency's, to see that nothing changes."""
        tables = [name for name, in self.site.sql("SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) p "
                                                  "ON p.name = 'agency_id' WHERE m.type = 'table' ORDER BY 1")]
        return {table: self.site.sql("SELECT * FROM %s WHERE agency_id = ?" % table, self.agency.id)
                for table in tables}


@pytest.fixture
def site(make_site):
    return make_site(**web.settings(http={"max-auth-errors-per-hour": "100000"}))


@pytest.fixture
def place(site):
    return Place(site, web.Web(site), "Example Agency")


def test_every_route_role_and_agency(site, place):
    """Who is not allowed changes nothing and learns nothing; who is, is answered."""
    foreign = Place(site, place.client, "Foreign Agency")
    assert len(ROUTES) == 37
    dead = site.json("token", "add", place.agency.name, "--role", "owner")
    site.keys.add(dead["token"])
    site.ctl("token", "revoke", place.agency.name, dead["id"])
    late = place.client.token(place.agency, "owner", "--expires", "0")
    mine, theirs = place.everything(), foreign.everything()
    for (method, path, right, _), role in itertools.product(ROUTES, ROLES):
        for token in (None, "x" * 26, dead["token"], late):
            answer = place.ask(method, path, token)
            assert answer.status == 401 and answer.headers["WWW-Authenticate"] == "Bearer", (method, path, answer)
        for values in (place, foreign):
            answer = place.ask(method, path, place.tokens[role], foreign.agency, values)
            assert (answer.status, answer.error) == (404, "there is no such agency"), (method, path, role)
        if right == "OWN" and role != "owner":
            answer = place.ask(method, path, place.tokens[role])
            assert answer.status == 403, (method, path, role, answer)
    assert (place.everything(), foreign.everything()) == (mine, theirs)
    for method, path, right, writes in ROUTES:
        for role in ROLES if writes == "false" and right == "READ" else ("owner",):
            answer = place.ask(method, path, place.tokens[role])
            # It has a dialer already; a DELETE may find what another one took.
            assert answer.status in (200, 201, 204) or (method, path, answer.status) == ("POST", "/voip", 422) or (
                method, answer.status) == ("DELETE", 404), (method, path, answer)
    assert foreign.everything() == theirs
    assert place.everything() != mine
    log = site.log_text()
    assert "x" * 26 not in log


def test_ids_of_another_agency_are_not_there(site, place):
    """A good token, its own agency in the path, and ids of the other in the rest."""
    foreign = Place(site, place.client, "Foreign Agency")
    theirs = foreign.everything()
    for method, path, _, _ in ROUTES:
        if "{member}" in path or "{id}" in path or path == "/keys/disable":
            answer = place.ask(method, path, place.tokens["owner"], values=foreign)
            assert answer.status in (404, 422), (method, path, answer)
    assert foreign.everything() == theirs


# --- the description ---

def test_the_description_is_valid_and_complete(site):
    """OpenAPI's own schema takes it, the daemon serves it, and it has just the routes that there are."""
    with open(OPENAPI_SCHEMA, encoding="utf-8") as schema:
        jsonschema.Draft4Validator(json.load(schema)).validate(DESCRIPTION)
    assert web.Web(site).get("/api/v1/openapi.json").json == DESCRIPTION
    table = (callmx.ROOT / "src" / "daemon" / "http_routes.c").read_text()
    routes = {(method, path) for method, path in re.findall(r'\.route = \{"(\w+)", "([^"]+)"\}', table)}
    routes |= {(method, "/api/v1/agencies/{agency}" + path) for method, path, _, _ in ROUTES}
    routes -= {("GET", "/metrics")}  # of a listener of its own
    described = {(method.upper(), path) for path, item in DESCRIPTION["paths"].items() for method in item}
    assert described == routes
    owners = {(method.upper(), path) for path, item in DESCRIPTION["paths"].items()
              for method, operation in item.items() if "403" in operation["responses"]}
    assert owners == {(method, "/api/v1/agencies/{agency}" + path) for method, path, right, _ in ROUTES
                      if right == "OWN"}
    names = [operation["operationId"] for item in DESCRIPTION["paths"].values() for operation in item.values()]
    assert len(set(names)) == len(names)


def nullable(schema):
    """OpenAPI 3.0 says null in a way of its own."""
    if isinstance(schema, list):
        return [nullable(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: nullable(value) for name, value in schema.items()}
    return {"anyOf": [made, {"type": "null"}]} if made.pop("nullable", False) is True else made


def schema_of(method, path, status):
    responses = DESCRIPTION["paths"][path][method.lower()]["responses"]
    response = responses[str(status)]
    if "$ref" in response:
        response = DESCRIPTION["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    if "content" not in response:
        return None
    schema = nullable(response["content"]["application/json"]["schema"])
    return dict(schema, components=nullable(DESCRIPTION["components"]))


def check(method, path, answer):
    schema = schema_of(method, path, answer.status)
    if schema is None:
        assert answer.body == b""
    else:
        jsonschema.Draft4Validator(schema).validate(answer.json)


def test_answers_are_as_described(place):
    for method, path, _, _ in sorted(ROUTES, key=lambda route: route[0] == "DELETE"):
        if path == "/tokens/{id}":
            continue
        whole = "/api/v1/agencies/{agency}" + path
        check(method, whole, place.ask(method, path, place.tokens["owner"]))
        check(method, whole, place.ask(method, path, "x" * 26))
    check("GET", "/healthz", place.client.get("/healthz"))
    check("GET", "/readyz", place.client.get("/readyz"))
    check("POST", "/ricochet/{secret}", place.client.post("/ricochet/x", {}))
    check("POST", "/ricochet", place.client.post("/ricochet", {}))
    check("POST", "/mailgun", place.client.post("/mailgun", {}))


# --- reading ---

def test_the_same_as_callmxctl(site, place):
    """What callmxctl prints with --json is what the API answers."""
    name, token = place.agency.name, place.tokens["staff"]
    day = str(books.DAY)

    def get(path):
        return place.client.get(web.api(place.agency, path), token=token).json
    assert get("/metrics?date=" + day) == site.json("metrics", name, "--date", day)
    assert get("/metrics?from=2026-01-04&to=2026-01-06") == site.json(
        "metrics", name, "--from", "2026-01-04", "--to", "2026-01-06")
    assert get("/rings?date=" + day) == site.json("rings", name, "--date", day)
    assert get("/calls?limit=1000&date=" + day)["calls"] == site.json("calls", name, "--date", day)
    assert get("/coverage?from=2026-01-04&to=2026-01-06") == site.json(
        "coverage", name, "--from", "2026-01-04", "--to", "2026-01-06")
    assert get("/unmatched") == site.json("unmatched", name)
    assert get("/contacts") == site.json("contact", "list", name)
    assert get("/contacts/Carl%20Example/activities") == site.json("contact", "show", name, "Carl Example")
    assert get("/members") == site.json("member", "list", name)
    assert get("/log")["entries"] == site.json("log", name)
    entry = get("/log")["entries"][0]
    assert get("/log/" + entry["id"]) == entry
    member = site.json("metrics", name, "--date", day)["members"][0]
    assert get("/members/%s/metrics?date=%s" % (member["team_member_id"], day)) == member
    connection = get("/connection")
    assert connection["reports"]["live_keys"] == 1 and connection["voip"][0]["provider"] == "ricochet"


def test_pages(site, place):
    """Page by page it is the whole, in its order; a cursor of nowhere is refused."""
    token, day = place.tokens["staff"], str(books.DAY)
    whole = site.json("calls", place.agency.name, "--date", day)
    got, cursor, pages = [], "", 0
    while cursor is not None:
        answer = place.client.get(web.api(place.agency, "/calls?date=%s&limit=7%s" % (day, cursor)), token=token).json
        assert len(answer["calls"]) <= 7
        got, pages = got + answer["calls"], pages + 1
        cursor = answer["next_cursor"] and "&cursor=" + answer["next_cursor"].replace("+", "%2B").replace("=", "%3D")
    assert got == whole and pages == -(-len(whole) // 7)
    first = place.client.get(web.api(place.agency, "/log?limit=1"), token=token).json
    second = place.client.get(web.api(place.agency, "/log?limit=1&cursor=" + first["next_cursor"]), token=token).json
    assert [page["entries"][0]["id"] for page in (first, second)] == [
        entry["id"] for entry in site.json("log", place.agency.name)]
    assert second["next_cursor"] is None
    for path in ("/calls?cursor=eA==", "/calls?cursor=!", "/log?cursor=x"):
        assert place.client.get(web.api(place.agency, path), token=token).status == 422


def test_etag(place):
    """Who has it already is told so; a change has another tag."""
    token, path = place.tokens["staff"], web.api(place.agency, "/members")
    first = place.client.get(path, token=token)
    tag = first.headers["ETag"]
    again = place.client.get(path, token=token, headers={"If-None-Match": '"other", %s' % tag})
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
    assert place.ask("POST", "/members", place.tokens["owner"]).status == 201
    changed = place.client.get(path, token=token, headers={"If-None-Match": tag})
    assert changed.status == 200 and changed.headers["ETag"] != tag
    head = place.client.ask("HEAD", path, token=token)
    assert (head.status, head.body, head.headers["ETag"]) == (200, b"", changed.headers["ETag"])


def test_unknown_is_null(place):
    """On a day that nobody reported."""
    answer = place.client.get(web.api(place.agency, "/metrics?date=2026-03-01"), token=place.tokens["staff"]).json
    assert answer["agency"]["calls"] is None and answer["agency"]["talk_seconds"] is None
    assert all(member["total_calls"] is None and member["basis"] is None for member in answer["members"])


@pytest.mark.parametrize("path, status, says", [
    ("/metrics?frob=1", 400, "frob"), ("/metrics?date=tomorrow", 422, "date"), ("/metrics?from=2026-01-01", 400, "from"),
    ("/metrics?from=2026-01-02&to=2026-01-01", 422, "from"), ("/metrics?from=2020-01-01&to=2026-01-01", 422, "from"),
    ("/metrics?date=%zz", 400, "URI"), ("/calls?limit=0", 422, "limit"), ("/calls?limit=100000", 422, "limit"),
    ("/members/nobody/metrics", 404, "member"), ("/contacts/nobody/activities", 404, "contact"),
    ("/log/nobody", 404, "entry"), ("/nowhere", 404, "path"), ("/members?x", 400, "x"),
])
def test_wrong_questions(place, path, status, says):
    answer = place.client.get(web.api(place.agency, path), token=place.tokens["staff"])
    assert answer.status == status and says in answer.error, answer


# --- changing ---

def test_changes_are_as_by_callmxctl(site, place):
    """A member, an alias and a target by the API: what callmxctl tells afterwards, and figures."""
    token, name = place.tokens["owner"], place.agency.name
    person = books.MEMBERS[0].name
    site.deliver(mails.report_mail(books.calls([books.leg(8_000_000_000_001, "Zoe Newcomer")])), place.agency)
    assert any(one["name"] == "Zoe Newcomer" for one in site.json("unmatched", name))
    added = place.client.post(web.api(place.agency, "/members"), {"name": "Zoe N", "extension": "990"}, token=token)
    assert added.status == 201 and added.json["relinked"]["legs"] == 0
    alias = place.client.ask("PUT", web.api(place.agency, "/aliases/Zoe%20Newcomer"),
                             {"team_member_id": added.json["id"]}, token=token)
    assert alias.json["relinked"] == {"legs": 1, "users": 0, "days": 1}
    assert all(one["name"] != "Zoe Newcomer" for one in site.json("unmatched", name))
    assert site.json("member", "aliases", name) == [
        {"name": "Zoe Newcomer", "team_member_id": added.json["id"], "member_name": "Zoe N"}]
    changed = place.client.ask("PUT", web.api(place.agency, "/members/" + added.json["id"]),
                               {"status": "inactive", "role": "manager"}, token=token)
    assert (changed.json["name"], changed.json["status"], changed.json["role"]) == ("Zoe N", "inactive", "manager")
    assert place.client.ask("PUT", web.api(place.agency, "/sales"), {
        "team_member_id": person, "sale_date": str(books.DAY), "items": 3, "premium_cents": 123450},
        token=token).status == 201
    assert place.client.ask("PUT", web.api(place.agency, "/targets"), {"sold_items": 5}, token=token).status == 200
    ring = next(one for one in site.json("rings", name, "--date", str(books.DAY))["members"] if one["name"] == person)
    assert (ring["sold_items"], ring["sold_premium_cents"], ring["targets"]["sold_items"]) == (3, 123450, 5)
    site.ctl("verify")


@pytest.mark.parametrize("method, path, body, status, says", [
    ("POST", "/members", {}, 422, "name"), ("POST", "/members", {"name": 1}, 422, "name"),
    ("POST", "/members", {"name": "A", "extension": "x"}, 422, "extension"),
    ("POST", "/members", {"name": "A", "role": "boss"}, 422, "role"),
    ("POST", "/members", {"name": "A", "frob": 1}, 422, "frob"), ("POST", "/members", [1], 422, "object"),
    ("PUT", "/members/nobody", {"name": "A"}, 404, "member"),
    ("PUT", "/aliases/X", {}, 422, "team_member_id"), ("PUT", "/aliases/X", {"team_member_id": "nobody"}, 422, "nobody"),
    ("DELETE", "/aliases/X", None, 404, "alias"),
    ("PUT", "/targets", {"outbound_calls": 0}, 422, "outbound_calls"),
    ("PUT", "/targets", {"outbound_calls": 1.5}, 422, "outbound_calls"),
    ("PUT", "/sales", {"team_member_id": "x", "sale_date": "soon"}, 422, "sale_date"),
    ("PUT", "/expectation", {"days": "someday"}, 422, "days"), ("PUT", "/expectation", {"days": "all", "by": "9"}, 422, "by"),
    ("POST", "/keys", {"grace_seconds": -1}, 422, "grace_seconds"), ("POST", "/keys/disable", {}, 422, "key"),
    ("POST", "/keys/disable", {"key": "nokey"}, 422, "key"), ("POST", "/tokens", {"role": "boss"}, 422, "role"),
    ("POST", "/tokens", {"role": "staff", "expires_at": "soon"}, 422, "expires_at"),
    ("POST", "/voip", {"provider": "other"}, 422, "other"), ("POST", "/voip", {"provider": "ricochet"}, 422, "already"),
    ("PUT", "/voip/ricochet/field_map", {"frob": "x"}, 422, "frob"),
])
def test_wrong_changes(place, method, path, body, status, says):
    before = place.everything()
    answer = place.client.ask(method, web.api(place.agency, path), body, token=place.tokens["owner"])
    assert answer.status == status and says in answer.error, answer
    assert place.everything() == before


@pytest.mark.parametrize("table, method, path, body", [
    ("team_members", "PUT", "/members/{member}", {"name": "A"}), ("team_members", "PUT", "/members/{member}/targets", {}),
    ("team_members", "DELETE", "/members/{member}/targets", None), ("member_aliases", "DELETE", "/aliases/{name}", None),
    ("contacts", "GET", "/contacts/{contact}/activities", None),
])
def test_what_cannot_be_looked_for_is_not_said_to_be_missing(site, place, table, method, path, body):
    """Trouble of the database is ours: 503, never 404."""
    def ask():
        return place.client.ask(method, web.api(place.agency, place.fill(path)), body, token=place.tokens["owner"])
    with sqlite3.connect(site.database, timeout=30) as db:
        db.execute("ALTER TABLE %s RENAME TO away" % table)
    answer = ask()
    assert (answer.status, answer.error) == (503, "it could not be done now: try again later")
    with sqlite3.connect(site.database, timeout=30) as db:
        db.execute("ALTER TABLE away RENAME TO %s" % table)
    assert ask().status in (200, 404)


def test_tokens_by_callmxctl(site, place):
    """Shown once, stored hashed, of a member, and listed."""
    person = books.MEMBERS[0].name
    made = site.json("token", "add", place.agency.name, "--role", "manager", "--member", person, "--expires", "30d")
    site.keys.add(made["token"])
    listed = site.json("token", "list", place.agency.name)
    assert listed[0] == {name: value for name, value in made.items() if name != "token"}
    assert made["state"] == "live" and made["team_member_id"] and len(listed) == 5
    assert made["token"] not in str(site.sql("SELECT * FROM api_tokens"))
    assert place.client.get(web.api(place.agency), token=made["token"]).status == 200
    assert place.client.get(web.api(place.agency), token=made["token"].upper()).status == 200
    site.ctl("token", "revoke", place.agency.name, made["id"])
    assert place.client.get(web.api(place.agency), token=made["token"]).status == 401
    site.ctl("token", "revoke", place.agency.name, "nobody", code=67)


# --- the manual ---

def examples():
    """The command lines of callmx-api(7), as they stand in it."""
    manual = subprocess.run(["mandoc", "-Tascii", "-Owidth=200", callmx.ROOT / "man" / "callmx-api.7"],
                            capture_output=True, check=True).stdout
    text = re.sub(rb".\x08", b"", manual).decode()
    return re.findall(r"^ +\$ ((?:[^\n]*\\\n)*[^\n]*)$", text, re.M)


def test_the_examples_of_the_manual(site, place, tmp_path):
    """Each is run as it stands, in its order, with what the manual says is set."""
    url = "http://%s" % site.settings["http"]["listen"]
    (tmp_path / "Report.xlsx").write_bytes(books.small(7)[1])
    (tmp_path / "Other.xlsx").write_bytes(books.small(8)[1])
    environment = {"PATH": "/usr/bin:/bin:%s" % callmx.CTL.parent, "URL": url, "AGENCY": place.agency.id,
                   "TOKEN": place.tokens["owner"], "SECRET": place.path.rsplit("/", 1)[1],
                   "MEMBER": place.values["member"]}
    found = examples()
    assert len(found) >= 10
    for line in found:
        done = subprocess.run(["sh", "-c", line], env=environment, cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        assert b'"error"' not in done.stdout, (line, done.stdout)
