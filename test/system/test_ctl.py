"""callmxctl: every command, the shapes of its JSON, its exit codes, its manual page.

Exit codes are those of sysexits(3), as callmxctl(8) lists them.
"""
import datetime as dt
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile

import pytest

import books
import callmx

USAGE, DATAERR, NOINPUT, NOUSER, UNAVAILABLE = 64, 65, 66, 67, 69
CANTCREAT, TEMPFAIL, NOPERM, CONFIG = 73, 75, 77, 78

AGENCY = ["id", "name", "timezone", "address"]
MEMBER = ["id", "name", "email", "extension", "role", "status"]
KEY = ["key", "address", "state", "created_at", "expires_at", "disabled_at"]
LOG = ["id", "received_at", "channel", "sender", "subject", "message_id", "verdict", "link",
       "subscription", "replay_of", "files", "error_message", "bytes", "sha256", "took_ms"]
RESULT = ["file", "id", "verdict", "reason", "calls", "new", "people_matched", "people_seen",
          "first_date", "last_date", "note"]
AGENCY_DAY = ["date", "calls", "inbound", "outbound", "answered", "missed", "talk_seconds", "unmatched",
              "basis", "covered_until"]
MEMBER_DAY = ["team_member_id", "name", "status", "date", "total_calls", "inbound_calls", "outbound_calls",
              "answered_calls", "missed_calls", "total_talk_seconds", "basis", "covered_until"]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
MANUAL = callmx.ROOT / "man" / "callmxctl.8"


def run(*arguments, data=None, environment=None):
    """As a shell would: code, output, errors."""
    done = subprocess.run([callmx.CTL, *map(str, arguments)], input=data, capture_output=True,
                          timeout=60 * callmx.SLOW, check=False,
                          env=dict(os.environ, **(environment or {})))
    errors = done.stderr.decode(errors="replace")
    assert not callmx.SANITIZER.search(errors), errors
    assert all(line.startswith(("callmxctl: ", "usage: ", "  ", "AGENCY is", "callmxctl(8)")) or not line
               for line in errors.splitlines()), errors
    return done.returncode, done.stdout.decode(), errors


@pytest.fixture
def place(make_site):
    """A site without a daemon: callmxctl needs none."""
    return make_site(start=False)


@pytest.fixture
def full(place):
    """An agency with its members and a day of both reports, ingested by hand."""
    place.office = place.agency()
    place.day = books.Day(rows=60, seed=4)
    place.calls_file, place.users_file = place.folder / "calls.xlsx", place.folder / "users.xlsx"
    place.calls_file.write_bytes(place.day.calls)
    place.users_file.write_bytes(place.day.users)
    place.results = place.json("report", "ingest", place.office.name, str(place.calls_file),
                               str(place.users_file))
    return place


def fails(site, *arguments, code, says, data=None):
    found, _, errors = run("-c", site.config, *arguments, data=data)
    assert found == code, (arguments, found, errors)
    assert says in errors, errors
    assert errors.count("\n") == 1 or code == DATAERR, errors


# --- the command line ---

def test_help_and_version():
    code, text, errors = run("--help")
    assert (code, errors) == (0, "")
    names = re.findall(r"^  (\w+(?: [a-z]+)?)(?: .*)?$", text, re.M)
    assert names == sorted(names) and len(names) >= 16
    code, text, _ = run("--version")
    assert code == 0 and re.fullmatch(r"callmxctl \d+\.\d+\.\d+\n", text)
    code, text, _ = run("agency", "--help")
    assert code == 0 and "agency list" in text and "key list" not in text
    code, text, _ = run("metrics", "--help")
    assert code == 0 and "--from D" in text and "--grace" not in text


def test_the_manual_has_every_command_with_its_arguments():
    manual = subprocess.run(["mandoc", "-Tascii", "-Owidth=300", MANUAL], capture_output=True, check=True)
    text = re.sub(rb".\x08", b"", manual.stdout).decode()
    for usage in re.findall(r"^  ([a-z].*)$", run("--help")[1], re.M):
        plain = usage.replace("...", " ...")
        assert re.search("^ +%s *$" % re.escape(plain), text, re.M), plain


def test_every_json_member_is_in_the_manual():
    manual = MANUAL.read_text()
    for names in (AGENCY, MEMBER, KEY, LOG, RESULT, AGENCY_DAY, MEMBER_DAY):
        for name in names:
            assert '"%s"' % name in manual, name


@pytest.mark.parametrize("arguments, says", [
    ([], "usage:"),
    (["agency"], "agency add"),
    (["agancy", "list"], "did you mean agency list?"),
    (["agency", "lst"], "did you mean agency list?"),
    (["metrisc", "X"], "did you mean metrics?"),
    (["frobnicate"], "there is no command frobnicate"),
    (["agency", "list", "more"], "too many arguments"),
    (["agency", "show"], "missing arguments"),
    (["agency", "list", "--frob"], "there is no option --frob"),
    (["agency", "list", "-x"], "there is no option -x"),
    (["agency", "list", "--limit", "3"], "agency list takes no --limit"),
    (["agency", "add", "X", "--timezone"], "--timezone wants a value"),
    (["agency", "list", "--json=yes"], "takes no value"),
    (["agency", "add", "X"], "wants --timezone"),
    (["calls", "X", "--date", "2026-01-05", "--date", "2026-01-06"], "given before"),
    (["log", "--limit", "0"], "--limit 0"),
    (["log", "--limit", "many"], "--limit many"),
    (["key", "rotate", "X", "--grace", "soon"], "--grace soon"),
    (["key", "rotate", "X", "--grace", "99999999d"], "--grace"),
    (["metrics", "X", "--from", "2026-01-05"], "both --from D and --to D"),
    (["metrics", "X", "--date", "2026-01-05", "--from", "2026-01-05", "--to", "2026-01-06"], "one of them"),
    (["show", "x", "--raw", "--json"], "one of them"),
    (["token", "add", "X"], "wants --role"),
    (["token", "add", "X", "--role", "staff", "--expires", "soon"], "--expires soon"),
    (["voip", "rotate", "X", "ricochet", "--grace", "soon"], "--grace soon"),
    (["voip", "map", "X", "ricochet", "id"], "id is not FIELD=NAME"),
    (["voip", "map", "X", "ricochet", "frob=x"], "there is no field frob"),
])
def test_wrong_usage(arguments, says):
    code, output, errors = run(*arguments)
    assert code == USAGE and output == "" and says in errors, errors


def test_options_stand_anywhere(full):
    expected = full.json("metrics", full.office.name)
    for arguments in (["metrics", full.office.name, "--json", "-c", full.config],
                      ["--config=%s" % full.config, "metrics", "--json", full.office.id]):
        code, text, _ = run(*arguments)
        assert code == 0 and json.loads(text) == expected


# --- configuration and database ---

def test_configuration(place, tmp_path):
    code, _, errors = run("-c", tmp_path / "none.conf", "agency", "list")
    assert code == CONFIG and "none.conf" in errors and "-c FILE" in errors
    bad = tmp_path / "bad.conf"
    bad.write_text(place.config.read_text() + "\n[smtp]\nfrob = 1\n")
    code, _, errors = run("-c", bad, "agency", "list")
    assert code == CONFIG and "frob" in errors


def test_the_example_configuration_names_every_key(tmp_path):
    """As it is, and with its defaults uncommented; each of its keys is in callmx.conf(5)."""
    example = (callmx.ROOT / "contrib" / "callmx.conf").read_text()
    whole = tmp_path / "callmx.conf"
    for text in (example, re.sub(r"^#([a-z-]+ = )", r"\1", example, flags=re.M)):
        whole.write_text(text)
        subprocess.run([callmx.DAEMON, "-t", "-c", whole], check=True, capture_output=True)
    source = (callmx.ROOT / "src" / "daemon" / "settings.c").read_text()
    keys = re.findall(r'^ +\{"\w+", "([a-z-]+)", KIND_', source, re.M)
    manual = (callmx.ROOT / "man" / "callmx.conf.5").read_text()
    assert len(keys) >= 20
    for key in keys:
        assert re.search(r"^%s = " % key, text, re.M), "callmx.conf lacks %s" % key
        assert ".It Cm %s = " % key in manual, "callmx.conf(5) lacks %s" % key


def test_no_database(place):
    for command in (["agency", "list"], ["agency", "show", "X"], ["key", "rotate", "X"], ["log"],
                    ["member", "add", "X", "Y"], ["metrics", "X"], ["show", "x"]):
        fails(place, *command, code=NOINPUT, says="callmxctl agency add")
    assert not place.database.exists()
    fails(place, "agency", "add", "X", "--timezone", "Mars/Olympus", code=DATAERR, says="Mars/Olympus")
    fails(place, "agency", "add", "X", "--timezone", "../etc/passwd", code=DATAERR, says="passwd")
    assert not place.database.exists(), "a wrong zone makes no database"


def test_database_that_cannot_be_made(make_site):
    site = make_site(start=False, server={"database": "sqlite:/nowhere/at/all/callmx.db"})
    fails(site, "agency", "add", "X", "--timezone", "UTC", code=CANTCREAT, says="/nowhere/at/all")


def test_database_that_is_none(place):
    place.database.write_bytes(b"this is no database, and long enough to be looked at" * 40)
    code, _, errors = run("-c", place.config, "agency", "list")
    assert code in (UNAVAILABLE, TEMPFAIL) and "callmx.db" in errors
    place.database.unlink()


def test_no_permission(place):
    """As a user that is not root: the files are put where that user gets at them."""
    place.agency()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        program, config, database = (os.path.join(folder, name) for name in ("ctl", "conf", "db"))
        shutil.copy(callmx.CTL, program)
        shutil.copy(place.database, database)
        with open(config, "w", encoding="ascii") as file:
            file.write(place.config.read_text().replace(str(place.database), database))
        nobody = {"user": 65534, "group": 65534} if os.geteuid() == 0 else {}
        for closed in (database, config):
            os.chmod(closed, 0)
            done = subprocess.run([program, "-c", config, "agency", "list"], capture_output=True,
                                  timeout=60 * callmx.SLOW, check=False, **nobody)
            assert done.returncode == NOPERM and b"no permission" in done.stderr, done
            os.chmod(closed, 0o644)


def test_busy_database(full):
    """Another writer holds the lock longer than we wait."""
    with sqlite3.connect(full.database, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        fails(full, "key", "rotate", full.office.name, code=TEMPFAIL, says="callmx")
        assert full.json("agency", "list"), "reading goes on"
        other.execute("ROLLBACK")
    full.ctl("key", "rotate", full.office.name)


# --- agencies and keys ---

def test_agency(place):
    made = place.json("agency", "add", "Example Agency", "--timezone", "America/Chicago")
    assert list(made) == AGENCY
    assert made["name"] == "Example Agency" and made["timezone"] == "America/Chicago"
    assert re.fullmatch(r"calls-[a-z2-7]{26}@ingest\.example\.com", made["address"])
    place.json("agency", "add", "Another", "--timezone", "UTC")
    listed = place.json("agency", "list")
    assert [agency["name"] for agency in listed] == ["Another", "Example Agency"]
    assert listed[1] == made
    shown = place.json("agency", "show", made["id"])
    assert {name: shown[name] for name in AGENCY} == made
    assert list(shown) == AGENCY + ["created_at", "active_members", "keys"]
    assert TIME.fullmatch(shown["created_at"]) and shown["active_members"] == 0
    assert made["address"] in place.ctl("agency", "show", "Example Agency")
    assert made["address"] in place.ctl("agency", "list")


def test_agency_refused(place):
    place.agency(members=[])
    fails(place, "agency", "add", "EXAMPLE agency", "--timezone", "UTC", code=DATAERR, says="Example Agency")
    fails(place, "agency", "add", " ", "--timezone", "UTC", code=DATAERR, says="empty")
    fails(place, "agency", "add", "a\x1b[31mb", "--timezone", "UTC", code=DATAERR, says="control")
    fails(place, "agency", "add", "x" * 201, "--timezone", "UTC", code=DATAERR, says="longer")
    fails(place, "agency", "add", "0b7e8f6e-1f2d-4c3b-9a4e-5d6c7b8a9f00", "--timezone", "UTC",
          code=DATAERR, says="form of an id")
    fails(place, "agency", "show", "No\x1bbody", code=NOUSER, says="No\\x1bbody")
    assert len(place.json("agency", "list")) == 1


def test_keys(place):
    agency = place.agency(members=[])
    first, = place.json("key", "list", agency.name)
    assert list(first) == KEY
    assert (first["key"], first["state"], first["expires_at"]) == (agency.key, "live", None)
    assert first["address"] == agency.address
    second = place.json("key", "rotate", agency.name)
    assert list(second) == KEY + ["others_expire_at"] and second["state"] == "live"
    states = {key["key"]: key["state"] for key in place.json("key", "list", agency.name)}
    assert states == {agency.key: "expiring", second["key"]: "live"}
    assert place.json("agency", "show", agency.name)["address"] == second["address"]
    third = place.json("key", "rotate", agency.name, "--grace", "0")
    states = {key["key"]: key["state"] for key in place.json("key", "list", agency.name)}
    assert states == {agency.key: "expired", second["key"]: "expired", third["key"]: "live"}
    assert place.json("key", "disable", third["address"].upper()) == {"key": third["key"], "state": "disabled"}
    assert place.json("agency", "list")[0]["address"] is None
    disabled = place.json("key", "list", agency.name)
    place.ctl("key", "disable", third["key"])
    assert place.json("key", "list", agency.name) == disabled, "disabled twice stays as it was"
    unknown = "a" * 26
    fails(place, "key", "disable", unknown, code=NOUSER, says="aaaa")
    assert unknown not in run("-c", place.config, "key", "disable", unknown)[2]
    assert "disabled" in place.ctl("key", "list", agency.name)


def test_grace(place):
    agency = place.agency(members=[])
    for grace, seconds in (("90s", 90), ("30m", 1800), ("12h", 43200), ("7d", 604800)):
        made = place.json("key", "rotate", agency.name, "--grace", grace)
        assert distance(made["created_at"], made["others_expire_at"]) == seconds
    oldest = next(key for key in place.json("key", "list", agency.name) if key["key"] == agency.key)
    made = place.json("key", "list", agency.name)
    assert oldest["state"] == "expiring"
    assert distance(min(k["created_at"] for k in made), oldest["expires_at"]) <= 95, "never made longer"


def distance(first, second):
    read = lambda text: dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")  # noqa: E731
    return (read(second) - read(first)).total_seconds()


# --- members ---

def test_member(place):
    agency = place.agency(members=[])
    ann = place.json("member", "add", agency.name, "Ann Agent", "--email", "ann@example.com",
                     "--extension", "101", "--role", "owner")
    assert list(ann) == MEMBER + ["relinked"]
    assert ann.pop("relinked") == {"legs": 0, "users": 0, "days": 0}
    bob = place.json("member", "add", agency.name, "Bob Agent")
    del bob["relinked"]
    assert (bob["email"], bob["extension"], bob["role"], bob["status"]) == (None, None, "staff", "active")
    assert place.json("member", "list", agency.name) == [ann, bob]
    assert "ann@example.com" in place.ctl("member", "list", agency.name)
    for options, says in ((["--role", "king"], "the role"), (["--extension", "1"], "2 to 8 digits"),
                          (["--extension", "10a"], "10a"), (["--email", "nobody"], "nobody"),
                          (["--extension", "101"], "101"), (["--email", "ANN@example.com"], "example.com")):
        fails(place, "member", "add", agency.name, "Carl", *options, code=DATAERR, says=says)
    assert len(place.json("member", "list", agency.name)) == 2
    fails(place, "member", "add", "Nobody", "Carl", code=NOUSER, says="Nobody")


NONE = {"legs": 0, "users": 0, "days": 0}


def write(site, text):
    file = site.folder / "team.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(file)


def test_import(place):
    agency = place.agency(members=[])
    file = write(place, b'\xef\xbb\xbfName, EMAIL ,extension\r\nAnn Agent,ann@example.com,101\r\n'
                        b'"Doe, Jane",,102\r\n"J\xc3\xbcrgen ""J"" M",j@example.com,\r\n\r\n')
    expected = {"added": 3, "changed": 0, "unchanged": 0, "relinked": NONE, "errors": []}
    assert place.json("member", "import", agency.name, file) == expected
    expected = {"added": 0, "changed": 0, "unchanged": 3, "relinked": NONE, "errors": []}
    assert place.json("member", "import", agency.name, file) == expected
    names = {member["name"]: member for member in place.json("member", "list", agency.name)}
    assert set(names) == {"Ann Agent", "Doe, Jane", 'Jürgen "J" M'}
    file = write(place, "email,name,role,status\nann@example.com,Ann Agent-Smith,manager,inactive\n"
                        "new@example.com,New One,,\n")
    assert place.json("member", "import", agency.name, file) == {
        "added": 1, "changed": 1, "unchanged": 0, "relinked": NONE, "errors": []}
    ann = next(m for m in place.json("member", "list", agency.name) if m["id"] == names["Ann Agent"]["id"])
    assert (ann["name"], ann["extension"], ann["role"], ann["status"]) == (
        "Ann Agent-Smith", "101", "manager", "inactive")
    assert place.json("agency", "show", agency.name)["active_members"] == 3
    assert "0 added, 0 changed, 2 unchanged" in place.ctl("member", "import", agency.name, file)
    assert "unchanged" in place.ctl("member", "import", agency.name, "-", data=open(file, "rb").read())


def test_import_is_all_or_nothing(place):
    agency = place.agency(members=[])
    file = write(place, 'name,email,extension\nAnn,ann@example.com,101\nBob,bob,102\n"Carl"x,,\nDora,,9\n'
                        'Ann Again,ann@example.com,103\n,e@example.com,\nFred,f@example.com\nGuy,,104\n')
    answer = json.loads(place.ctl("--json", "member", "import", agency.name, file, code=DATAERR))
    assert list(answer) == ["added", "changed", "unchanged", "relinked", "errors"]
    assert [error["line"] for error in answer["errors"]] == [3, 4, 5, 6, 7, 8]
    assert [answer[name] for name in ("added", "changed", "unchanged")] == [0, 0, 0]
    assert "line 2" in answer["errors"][3]["text"]
    assert place.json("member", "list", agency.name) == []
    code, output, errors = run("-c", place.config, "member", "import", agency.name, file)
    assert code == DATAERR and output == ""
    assert len(errors.splitlines()) == 7 and "nothing was imported" in errors and "team.csv:3: " in errors


@pytest.mark.parametrize("text, says", [
    ("", "empty"), ("\r\n\r\n", "empty"), ("email,extension\na@example.com,101\n", "no column name"),
    ("name,phone\nA,1\n", "phone"), ("name;email\nA;b\n", "name;email"), ("name,name\nA,B\n", "twice"),
    (b"name\nJ\xfcrgen\n", "UTF-8"), ("name\nA\x1bB\n", "control character"),
])
def test_import_refuses_the_file(place, text, says):
    agency = place.agency(members=[])
    code, _, errors = run("-c", place.config, "member", "import", agency.name, write(place, text))
    assert code == DATAERR and says in errors, errors
    assert place.json("member", "list", agency.name) == []


def test_import_caps_the_file(place):
    agency = place.agency(members=[])
    file = write(place, b"name\n" + b"x" * (16 << 20))
    fails(place, "member", "import", agency.name, file, code=DATAERR, says="larger than 16777216")


def test_import_of_an_absent_file(place):
    agency = place.agency(members=[])
    fails(place, "member", "import", agency.name, str(place.folder / "none.csv"), code=NOINPUT, says="none.csv")
    fails(place, "member", "import", agency.name, str(place.folder), code=NOINPUT, says="site0")


# --- reports ---

def explain(site, file, code=0):
    return json.loads(site.ctl("--json", "report", "explain", str(file), code=code))


def test_explain(full):
    told = explain(full, full.calls_file)
    assert told["verdict"] == "stored"
    file, = told["files"]
    assert {"name", "kind", "sha256", "bytes", "verdict", "reason", "timezone", "from", "to", "calls", "users",
            "notes"} <= set(file)
    assert (file["name"], file["kind"], file["timezone"]) == ("calls.xlsx", "calls", books.ZONE)
    assert {"rows", "legs", "sessions", "internal", "duplicates", "skipped", "inbound", "outbound",
            "seconds"} <= set(file["calls"])
    assert file["calls"]["rows"] == 60 and file["users"] is None
    users, = explain(full, full.users_file)["files"]
    assert users["kind"] == "users" and users["calls"] is None
    assert users["users"]["rows"] >= len(books.MEMBERS)
    text = full.ctl("report", "explain", str(full.calls_file))
    assert "60 rows" in text and "calls.xlsx" in text
    assert explain(full, "-", code=DATAERR)["verdict"] in ("no-report", "failed"), "empty input"


def test_explain_tells_what_it_skips(place):
    file = place.folder / "doubtful.xlsx"
    file.write_bytes(books.calls([books.leg(7000000000001, books.MEMBERS[0]),
                                  books.leg("none", books.MEMBERS[0])]))
    note, = explain(place, file)["files"][0]["notes"]
    assert list(note) == ["sheet", "row", "text"] and (note["sheet"], note["row"]) == ("Calls", 3)
    assert "note Calls row 3: %s\n" % note["text"] in place.ctl("report", "explain", str(file))


def test_explain_needs_no_configuration(full, tmp_path):
    code, text, _ = run("--json", "report", "explain", full.calls_file)
    if not os.path.exists("/etc/callmx/callmx.conf"):
        assert code == 0 and json.loads(text)["files"][0]["kind"] == "calls"
    code, _, _ = run("-c", tmp_path / "none.conf", "report", "explain", full.calls_file)
    assert code == CONFIG


def test_explain_of_what_is_no_report(place):
    file = place.folder / "evil\x1b[2J.xlsx"
    file.write_bytes(b"PK\3\4 but no more than that")
    told = explain(place, file, code=DATAERR)
    assert told["verdict"] == "failed" and told["files"][0]["reason"]
    text = place.ctl("report", "explain", str(file), code=DATAERR)
    assert "\x1b" not in text and "[2J.xlsx" in text
    agency = place.agency()
    text = place.ctl("report", "ingest", agency.name, str(file), code=DATAERR)
    assert "\x1b" not in text and "evil\\x1b[2J.xlsx: " in text
    fails(place, "report", "explain", str(place.folder / "none.xlsx"), code=NOINPUT, says="none.xlsx")
    fails(place, "report", "explain", str(place.folder), code=NOINPUT, says="site0")


def test_explain_caps_the_file(make_site):
    site = make_site(start=False, smtp={"max-message-size": "64K"})
    file = site.folder / "large.xlsx"
    file.write_bytes(b"x" * (64 * 1024 + 1))
    fails(site, "report", "explain", str(file), code=DATAERR, says="larger than 65536")
    explain(site, file.parent / "callmx.conf", code=DATAERR)


def test_ingest(full):
    calls, users = full.results
    assert list(calls) == RESULT and list(users) == RESULT
    assert calls["verdict"] == users["verdict"] == "stored"
    assert calls["calls"] == calls["new"] > 0 and users["calls"] is None
    assert calls["first_date"] == calls["last_date"] == str(books.DAY)
    before = full.office.figures()
    again = full.json("report", "ingest", full.office.name, str(full.calls_file))
    assert again[0]["verdict"] == "duplicate" and again[0]["new"] == 0
    assert again[0]["id"] != calls["id"]
    assert full.office.figures() == before
    text = full.ctl("report", "ingest", full.office.id, str(full.users_file))
    assert re.fullmatch(r"%s: [0-9a-f-]{36} duplicate .*\n" % re.escape(str(full.users_file)), text)


def test_ingest_of_good_and_bad(place):
    agency = place.agency()
    good, bad = place.folder / "good.xlsx", place.folder / "bad.xlsx"
    good.write_bytes(books.Day(rows=20).calls)
    bad.write_bytes(b"this is nothing")
    answer = json.loads(place.ctl("--json", "report", "ingest", agency.name, str(place.folder / "none.xlsx"),
                                  str(bad), str(good), code=DATAERR))
    assert [item["file"] for item in answer] == [str(bad), str(good)]
    assert answer[0]["verdict"] in ("no-report", "failed") and answer[0]["reason"]
    assert answer[1]["verdict"] == "stored"
    assert [entry["verdict"] for entry in agency.log()] == ["stored", answer[0]["verdict"]]
    assert place.raw(answer[0]["id"]) == b"this is nothing", "what cannot be read is kept"
    fails(place, "report", "ingest", "Nobody", str(good), code=NOUSER, says="Nobody")


def test_ingest_beside_the_daemon(site, agency):
    file = site.folder / "calls.xlsx"
    file.write_bytes(books.Day(rows=20).calls)
    assert site.json("report", "ingest", agency.name, str(file))[0]["verdict"] == "stored"
    assert site.json("metrics", agency.name)["agency"]["calls"] > 0


# --- what was received ---

def test_log(full):
    entries = full.office.log()
    assert len(entries) == 2
    for entry in entries:
        assert list(entry) == LOG
        assert entry["channel"] == "upload" and entry["verdict"] == "stored"
        assert TIME.fullmatch(entry["received_at"]) and entry["error_message"] is None
        file, = entry["files"]
        assert {"name", "kind", "sha256", "verdict", "reason"} <= set(file)
        assert entry["sha256"] == file["sha256"], "an upload is its workbook"
        assert entry["bytes"] > 0 and entry["took_ms"] >= 0 and entry["sender"] is None
    assert [entry["id"] for entry in entries] == [result["id"] for result in reversed(full.results)]
    assert full.json("log", full.office.name, "--limit", "1") == entries[:1]
    everything = full.json("log")
    assert [entry["agency_id"] for entry in everything] == [full.office.id] * 2
    assert entries[0]["id"] in full.ctl("log", full.office.name)
    other = full.agency("Other", members=[])
    assert other.log() == [] and "nothing" in full.ctl("log", "Other")


def test_show(full):
    identity = full.results[0]["id"]
    entry, = full.json("show", identity)
    assert list(entry) == LOG + ["agency_id", "agency", "recipient", "has_raw"]
    assert entry["agency"] == full.office.name and entry["has_raw"] is True
    text = full.ctl("show", identity)
    assert "calls.xlsx" in text and "60 rows" in text
    assert full.raw(identity) == full.day.calls
    fails(full, "show", "0b7e8f6e-1f2d-4c3b-9a4e-5d6c7b8a9f00", code=NOUSER, says="0b7e8f6e")


def test_raw_never_goes_to_a_terminal(full):
    ours, theirs = os.openpty()
    try:
        done = subprocess.run([callmx.CTL, "-c", full.config, "show", full.results[0]["id"], "--raw"],
                              stdout=theirs, stderr=subprocess.PIPE, timeout=60 * callmx.SLOW, check=False)
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == USAGE and b"terminal" in done.stderr


def test_mail_in_the_log(site, agency):
    """Hostile fields are data in JSON, and escaped for a terminal; keys are shortened."""
    mail = (b"From: x@example.com\r\nSubject: =?utf-8?B?G1szMW1yZWQ=?= \xe2\x80\xaeback\r\n"
            b"Message-ID: <1@example.com>\r\n\r\nNo report.\r\n")
    site.deliver(mail, agency)
    entry, = agency.log()
    assert entry["channel"] == "smtp" and entry["verdict"] == "no-report" and entry["error_message"]
    shown, = site.json("show", entry["id"])
    assert agency.key not in json.dumps(shown) and agency.key[:4] in shown["recipient"]
    assert shown["recipient"].endswith("…@" + callmx.DOMAIN)
    for text in (site.ctl("show", entry["id"]), site.ctl("log", agency.name), site.ctl("log")):
        assert "\x1b" not in text and "\u202e" not in text and agency.key not in text
    assert site.raw(entry["id"]).endswith(mail)


# --- figures ---

def test_metrics(full):
    day = full.json("metrics", full.office.name, "--date", str(books.DAY))
    assert list(day) == ["agency", "members"]
    assert list(day["agency"]) == AGENCY_DAY
    assert len(day["members"]) == len(books.MEMBERS)
    for member in day["members"]:
        assert list(member) == MEMBER_DAY and member["date"] == str(books.DAY)
    assert full.json("metrics", full.office.name) == day, "the last day with figures"
    text = full.ctl("metrics", full.office.name)
    assert str(books.DAY) in text and books.MEMBERS[0].name in text
    row = next(member for member in day["members"] if member["name"] == books.MEMBERS[0].name)
    assert re.search(r"^%s +%d +%d +%d " % (row["name"], row["total_calls"], row["inbound_calls"],
                                          row["outbound_calls"]), text, re.M)


def test_unknown_is_not_zero(full):
    day = full.json("metrics", full.office.name, "--date", "2026-01-07")
    assert day["agency"].pop("date") == "2026-01-07"
    assert set(day["agency"].values()) == {None}
    for member in day["members"]:
        assert member["total_calls"] is None and member["basis"] is None
    assert len(day["members"]) == len(books.MEMBERS)
    text = full.ctl("metrics", full.office.name, "--date", "2026-01-07")
    assert "nobody reported this day" in text
    assert not re.search(r" 0( |$)", text, re.M)


def test_metrics_of_a_range(full):
    days = full.json("metrics", full.office.name, "--from", "2026-01-04", "--to", "2026-01-06")
    assert [day["agency"]["date"] for day in days] == ["2026-01-04", "2026-01-05", "2026-01-06"]
    assert days[1] == full.json("metrics", full.office.name, "--date", "2026-01-05")
    text = full.ctl("metrics", full.office.name, "--from", "2026-01-04", "--to", "2026-01-06")
    assert text.count("nobody reported this day") == 2
    for first, last in (("2026-01-06", "2026-01-05"), ("2020-01-01", "2026-01-01")):
        fails(full, "metrics", full.office.name, "--from", first, "--to", last, code=USAGE, says="range")
    for wrong in ("2026-13-01", "2026-02-30", "yesterday", "2026-1-5"):
        fails(full, "metrics", full.office.name, "--date", wrong, code=USAGE, says="is not a date")


def test_metrics_without_any_figures(place):
    agency = place.agency()
    day = place.json("metrics", agency.name)
    assert day["agency"]["calls"] is None and len(day["members"]) == len(books.MEMBERS)
    fails(place, "metrics", "Nobody", code=NOUSER, says="Nobody")


def test_calls(full):
    legs = full.json("calls", full.office.name, "--date", str(books.DAY))
    assert len(legs) == explain(full, full.calls_file)["files"][0]["calls"]["legs"]
    columns = {row[1] for row in full.sql("PRAGMA table_info(call_events)")} - {"id", "source_id"}
    columns |= {"source_" + row[1] for row in full.sql("PRAGMA table_info(call_sources)")
                if row[1] not in ("id", "agency_id")}
    assert set(legs[0]) == columns
    assert {leg["source_log_id"] for leg in legs} == {full.results[0]["id"]}
    assert all(leg["call_date"] == str(books.DAY) and TIME.fullmatch(leg["call_started_at"]) for leg in legs)
    assert full.json("calls", full.office.name) == legs
    assert full.json("calls", full.office.name, "--date", "2026-01-07") == []
    text = full.ctl("calls", full.office.name)
    assert len(text.splitlines()) == len(legs) + 2
    assert "no calls" in full.ctl("calls", full.office.name, "--date", "2026-01-07")


def test_unmatched(place):
    agency = place.agency(members=books.MEMBERS[:1])
    file = place.folder / "calls.xlsx"
    stranger = "Zoe Stranger"
    file.write_bytes(books.calls([books.leg(7000000000001, stranger), books.leg(7000000000002, stranger),
                                  books.leg(7000000000003, books.MEMBERS[0])]))
    place.json("report", "ingest", agency.name, str(file))
    listed = place.json("unmatched", agency.name)
    assert len(listed) == 1 and list(listed[0]) == ["name", "extension", "legs", "days", "first_date", "last_date"]
    assert (listed[0]["name"], listed[0]["legs"]) == (stranger, 2)
    assert listed[0]["first_date"] == listed[0]["last_date"] == str(books.DAY)
    assert stranger in place.ctl("unmatched", agency.name)
    metrics = place.json("metrics", agency.name)
    assert metrics["agency"]["unmatched"] == 2 and metrics["agency"]["calls"] == 1
    assert "callmxctl unmatched" in place.ctl("metrics", agency.name)
    other = place.agency("Other", members=[])
    assert place.json("unmatched", other.name) == []
