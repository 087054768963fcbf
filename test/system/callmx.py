"""A callmx of its own for a test: a folder with configuration, database and log, and the daemon."""
import json
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import time

import books
import machine
import mails

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("CALLMX_BUILD", ROOT / "build")).resolve()
DAEMON = BUILD / "src" / "daemon" / "callmxd"
CTL = BUILD / "src" / "ctl" / "callmxctl"
DOMAIN = "ingest.example.com"
# A sanitized program is several times slower, and may hold several times the memory.
SANITIZED = b"__asan_init" in DAEMON.read_bytes() if DAEMON.exists() else False
SLOW = 5 if SANITIZED else 1
PATIENCE = 10 * SLOW

SANITIZER = re.compile(r"ERROR: \w*Sanitizer|runtime error:|SUMMARY: \w*Sanitizer|LeakSanitizer")


class Agency:
    """An agency as callmxctl made it."""

    def __init__(self, site, answer):
        self.site, self.id, self.name = site, answer["id"], answer["name"]
        self.timezone, self.address = answer["timezone"], answer["address"]
        self.key = re.fullmatch(r"calls-([a-z2-7]{26})@" + re.escape(DOMAIN), self.address).group(1)
        site.keys.add(self.key)

    def metrics(self, day=books.DAY):
        return self.site.json("metrics", self.name, "--date", str(day))

    def figures(self, day=books.DAY):
        """All figures of a day, to be compared with those of another moment."""
        found = self.metrics(day)
        return found["agency"], sorted(found["members"], key=lambda member: member["name"])

    def member(self, name, day=books.DAY):
        return next(m for m in self.metrics(day)["members"] if m["name"] == name)

    def calls(self, day=books.DAY):
        return self.site.json("calls", self.name, "--date", str(day))

    def log(self):
        return self.site.json("log", self.name)


class Site:
    def __init__(self, folder, settings=None):
        self.folder, self.port = pathlib.Path(folder), machine.free_port()
        self.database, self.log_file = self.folder / "callmx.db", self.folder / "callmxd.log"
        self.config = self.folder / "callmx.conf"
        self.settings = {
            "server": {"hostname": "mx.example.com", "database": "sqlite:%s" % self.database},
            "smtp": {"listen": "127.0.0.1:%d" % self.port, "domains": DOMAIN},
            "parser": {"processes": "2"}, "log": {"level": "info"}}
        for section, keys in (settings or {}).items():
            self.settings.setdefault(section, {}).update(keys)
        self.process, self.keys = None, set()
        self.write_config()

    def write_config(self):
        lines = []
        for section, keys in self.settings.items():
            lines += ["[%s]" % section] + ["%s = %s" % pair for pair in keys.items()] + [""]
        self.config.write_text("\n".join(lines))

    # --- the daemon ---

    def start(self, **options):
        assert DAEMON.exists(), "%s is not built" % DAEMON
        environment = dict(os.environ, ASAN_OPTIONS=self.sanitizer_options("ASAN_OPTIONS"),
                           UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1")
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen([DAEMON, "-c", self.config], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env=environment, **options)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            assert self.process.poll() is None, "callmxd did not start: %s" % self.log_text()
            try:
                mails.Wire(self.port).close()
                return self
            except (ConnectionError, mails.Closed):
                time.sleep(0.01)
        raise AssertionError("callmxd does not greet on port %d" % self.port)

    @staticmethod
    def sanitizer_options(name):
        return ":".join(filter(None, [os.environ.get(name), "detect_leaks=1"]))

    @property
    def pid(self):
        return self.process.pid

    def stop(self):
        """SIGTERM; gives the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self):
        try:
            code = self.process.wait(timeout=10 * (2 if SANITIZED else 1))
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("callmxd does not end within 10 s of SIGTERM") from None
        self.process = None
        return code

    def kill(self):
        """kill -9 of the daemon; its children notice by themselves."""
        self.process.kill()
        self.process.wait()
        self.process = None

    def parsers(self):
        return [pid for pid in machine.descendants(self.pid) if b"--parser" in machine.arguments(pid)]

    def log_text(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def log_lines(self, event=None):
        """Log lines as dictionaries; those of one event."""
        found = []
        for line in self.log_text().splitlines():
            pairs = {name: value[1:-1] if value.startswith('"') else value
                     for name, value in re.findall(r'(\S+?)=("[^"]*"|\S*)', line)}
            if event is None or pairs.get("event") == event:
                found.append(pairs)
        return found

    # --- callmxctl ---

    def ctl(self, *arguments, code=0, data=None):
        """Runs it; gives its standard output."""
        done = subprocess.run([CTL, "-c", self.config, *arguments], input=data, capture_output=True,
                              timeout=60 * SLOW, check=False)
        assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
        assert not SANITIZER.search(done.stderr.decode(errors="replace")), done.stderr.decode()
        return done.stdout.decode()

    def json(self, *arguments):
        return json.loads(self.ctl("--json", *arguments))

    def agency(self, name="Example Agency", timezone=books.ZONE, members=books.MEMBERS):
        agency = Agency(self, self.json("agency", "add", name, "--timezone", timezone))
        if members:
            file = self.folder / "members.csv"
            file.write_text("name,email,extension,role\n" + "".join(
                ",".join(member) + "\n" for member in members))
            self.ctl("member", "import", name, str(file))
        return agency

    # --- mail and database ---

    def wire(self, **options):
        return mails.Wire(self.port, **options)

    def deliver(self, data, *agencies, **envelope):
        recipients = [to.address if isinstance(to, Agency) else to for to in agencies]
        return mails.deliver(self.port, data, *recipients, **envelope)

    def sql(self, statement, *values):
        with sqlite3.connect("file:%s?mode=ro" % self.database, uri=True, timeout=30) as db:
            return db.execute(statement, values).fetchall()

    def raw(self, message_id):
        """The bytes kept of a message (by our id), with our header fields before them; or None."""
        done = subprocess.run([CTL, "-c", self.config, "show", message_id, "--raw"], capture_output=True,
                              timeout=60 * SLOW, check=False)
        return done.stdout if done.returncode == 0 and done.stdout else None

    def counts(self):
        """Rows of the tables that a message fills: nothing stored leaves them as they were."""
        return {table: self.sql("SELECT count(*) FROM %s" % table)[0][0]
                for table in ("email_ingest_logs", "raw_messages", "call_events", "user_reports")}

    def check_end(self):
        """What must hold after every test, whatever it did."""
        if self.process is not None:
            code = self.process.poll()
            assert code is None, "callmxd ended by itself with %d" % code
            code = self.stop()
            assert code == 0, "callmxd ended with %d on SIGTERM" % code
        log = self.log_text()
        assert not SANITIZER.search(log), "the log has a sanitizer's report"
        for key in self.keys:
            assert key not in log.lower(), "the log has a key in full"
        for line in log.splitlines():
            assert re.fullmatch(r'[a-z_]+=("[ -~]*"|[!-~]*)( [a-z0-9_]+=("[ -~]*"|[!-~]*))*', line), line
        if self.database.exists():
            assert self.sql("PRAGMA integrity_check") == [("ok",)]
            assert self.sql("PRAGMA foreign_key_check") == []
