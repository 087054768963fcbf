"""What systemd is told, and what is taken from it: a datagram socket and listening sockets of our own."""
import os
import signal
import socket
import subprocess
import time

import pytest

import books
import callmx
import mails

CONFIG = 78


def good_mail(number):
    return mails.report_mail(books.small(number)[1])


class Ear:
    """A socket that hears what is said to NOTIFY_SOCKET."""

    def __init__(self, name):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + name[1:] if name.startswith("@") else name)

    def hear(self, timeout=callmx.PATIENCE):
        self.socket.settimeout(timeout)
        lines = self.socket.recv(4096).decode().split("\n")
        return dict(line.split("=", 1) for line in lines)

    def is_quiet(self, seconds):
        try:
            self.hear(seconds)
            return False
        except socket.timeout:
            return True


@pytest.fixture(params=["path", "abstract"])
def name(request, tmp_path):
    return str(tmp_path / "notify") if request.param == "path" else "@callmx-%d-%d" % (os.getpid(), time.monotonic_ns())


def test_states(make_site, name, monkeypatch):
    ear = Ear(name)
    monkeypatch.setenv("NOTIFY_SOCKET", name)
    site = make_site()
    said = ear.hear()
    assert said["READY"] == "1" and said["STATUS"]
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    site.process.send_signal(signal.SIGHUP)
    said = ear.hear()
    assert said["RELOADING"] == "1" and "READY" not in said
    assert before <= int(said["MONOTONIC_USEC"]) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    assert ear.hear()["READY"] == "1"
    good = site.config.read_text()
    site.config.write_text(good + "[nonsense]\n")
    site.process.send_signal(signal.SIGHUP)
    assert ear.hear()["RELOADING"] == "1"
    said = ear.hear()
    assert said["READY"] == "1" and "old configuration" in said["STATUS"]
    site.process.send_signal(signal.SIGTERM)
    said = ear.hear()
    assert said["STOPPING"] == "1" and int(said["EXTEND_TIMEOUT_USEC"]) >= 60_000_000
    assert site.wait() == 0
    assert ear.is_quiet(0.1)


def test_watchdog(make_site, monkeypatch):
    name = "@callmx-dog-%d" % os.getpid()
    ear = Ear(name)
    monkeypatch.setenv("NOTIFY_SOCKET", name)
    monkeypatch.setenv("WATCHDOG_USEC", "400000")
    site = make_site()
    heard = [ear.hear() for _ in range(6)]
    assert sum(said.get("WATCHDOG") == "1" for said in heard) >= 4, heard
    begun = time.monotonic()
    assert ear.hear().get("WATCHDOG") == "1" and ear.hear().get("WATCHDOG") == "1"
    assert time.monotonic() - begun < 1.5
    site.process.send_signal(signal.SIGSTOP)
    while not ear.is_quiet(0.05):
        pass
    assert ear.is_quiet(1), "a loop that hangs says nothing"
    site.process.send_signal(signal.SIGCONT)
    assert ear.hear().get("WATCHDOG") == "1"


def test_watchdog_of_another(make_site, monkeypatch):
    name = "@callmx-cat-%d" % os.getpid()
    ear = Ear(name)
    monkeypatch.setenv("NOTIFY_SOCKET", name)
    monkeypatch.setenv("WATCHDOG_USEC", "100000")
    monkeypatch.setenv("WATCHDOG_PID", "1")
    make_site()
    assert ear.hear()["READY"] == "1"
    assert ear.is_quiet(0.5)


def test_nobody_listens_there(make_site, monkeypatch, tmp_path):
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    site = make_site()
    assert site.deliver(good_mail(1), site.agency()).verdict == "stored"


# --- sockets that systemd has bound ---

def bound(kind=socket.SOCK_STREAM, listen=True):
    made = socket.socket(socket.AF_INET, kind)
    made.bind(("127.0.0.1", 0))
    if listen:
        made.listen(16)
    return made


def launch(site, sockets, variables, wait=True):
    """Starts it with these sockets from descriptor 3 on; $$ in a variable is its own process."""
    def place():
        copies = [os.dup2(one.fileno(), 100 + index) for index, one in enumerate(sockets)]
        for index, copy in enumerate(copies):
            os.dup2(copy, 3 + index)
            os.close(copy)

    words = " ".join('%s="%s"' % pair for pair in variables.items())
    script = "%s exec %s -c %s" % (words, callmx.DAEMON, site.config)
    with open(site.log_file, "ab") as log:
        process = subprocess.Popen(["/bin/sh", "-c", script], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   preexec_fn=place, pass_fds=[3 + index for index in range(len(sockets))])
    if not wait:
        return process.wait(timeout=30)
    site.process = process
    end = time.monotonic() + callmx.PATIENCE
    while not site.log_lines("ready"):
        assert process.poll() is None and time.monotonic() < end, site.log_text()
        time.sleep(0.02)
    return process


@pytest.fixture
def quiet_site(make_site):
    return make_site(start=False, server={"user": "root"} if os.geteuid() == 0 else {})


def test_inherited_sockets(quiet_site):
    site, sockets = quiet_site, [bound(), bound()]
    ports = [one.getsockname()[1] for one in sockets]
    launch(site, sockets, {"LISTEN_PID": "$$", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "smtp:smtp"})
    for one in sockets:
        one.close()
    agency = site.agency()
    for number, port in enumerate(ports, 1):
        assert mails.deliver(port, good_mail(number), agency.address).verdict == "stored"
    with pytest.raises(ConnectionError):
        site.wire()
    for pid in site.parsers():
        assert b"LISTEN_" not in open("/proc/%d/environ" % pid, "rb").read()
    # They stay through a reload; another `listen` would need a new start.
    site.settings["smtp"]["listen"] = "127.0.0.1:1"
    site.write_config()
    site.process.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    assert "smtp.listen" in site.log_lines("needs-restart")[0]["keys"]
    assert mails.deliver(ports[0], good_mail(3), agency.address).verdict == "stored"


def test_sockets_for_another_process(quiet_site):
    """What is left over in the environment from somebody else is not ours to take."""
    site, other = quiet_site, bound()
    launch(site, [other], {"LISTEN_PID": "1", "LISTEN_FDS": "1"})
    with site.wire() as wire:
        assert wire.command("NOOP").code == 250
    other.settimeout(0.3)
    probe = socket.create_connection(other.getsockname())
    probe.settimeout(0.5)
    with pytest.raises(socket.timeout):
        probe.recv(1)


@pytest.mark.parametrize("made,variables", [
    ((), {"LISTEN_FDS": "1"}),
    ((socket.SOCK_DGRAM, False), {"LISTEN_FDS": "1"}),
    ((socket.SOCK_STREAM, False), {"LISTEN_FDS": "1"}),
    ((socket.SOCK_STREAM, True), {"LISTEN_FDS": "2"}),
    ((socket.SOCK_STREAM, True), {"LISTEN_FDS": "one"}),
    ((socket.SOCK_STREAM, True), {"LISTEN_FDS": "-1"}),
], ids=["none", "udp", "not listening", "one too few", "word", "negative"])
def test_sockets_that_are_none(quiet_site, made, variables):
    site, sockets = quiet_site, [bound(*made)] if made else []
    code = launch(site, sockets, dict(variables, LISTEN_PID="$$"), wait=False)
    said = site.log_text()
    assert code == CONFIG and "LISTEN_FDS" in said and len(said.splitlines()) == 1, said
    site.log_file.unlink()
