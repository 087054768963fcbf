"""A file system that is really full, under load: never a 250 for what is not there, and no restart to get over it."""
import os
import subprocess
import threading
import time

import books
import callmx
import load
import mails
import pytest

CLIENTS = 4
MEGABYTE = 1 << 20
PUT_OFF = {(451, "4.3.0"), (452, "4.3.1")}


class Disk:
    """A small file system of memory, and a file that takes its room away."""

    def __init__(self, folder):
        self.folder, self.ballast = folder, folder / "ballast"

    def free(self):
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def leave(self, octets):
        size = self.free() - octets
        if size > 0:
            with open(self.ballast, "ab") as file:
                file.write(bytes(size))

    def fill(self):
        """To the last page."""
        with open(self.ballast, "ab", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:
                pass
        assert self.free() == 0


@pytest.fixture
def disk(tmp_path, request):
    """Options of the mount as the parameter of the fixture."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = getattr(request, "param", "size=24m")
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", options, "callmx-test", folder],
                                           check=False, capture_output=True).returncode != 0:
        pytest.skip("a tmpfs may not be mounted here")
    yield Disk(folder)
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def full_site(disk, make_site):
    """make_site() comes later than the disk and so ends before it: check_end() looks at the database."""
    site = make_site(start=False, smtp={"min-free-space": "0", "max-messages": "100000"},
                     server={"database": "sqlite:%s" % (disk.folder / "callmx.db")})
    site.database = disk.folder / "callmx.db"
    return site.start()


def padded(number):
    """A report of three calls in a mail of 40 KB."""
    mail = load.Mail(number, books.DAY)
    mail.bytes = mail.bytes.replace(b"Your report is attached.", os.urandom(20_000).hex().encode(), 1)
    return mail


def attempt(wire, mail, address, declares=True):
    """The reply that settles it: to the last dot, or to the command that was put off."""
    size = " SIZE=%d" % len(mail.bytes) if declares else ""
    for command in ("RSET", "MAIL FROM:<bounces@example.net>" + size, "RCPT TO:<%s>" % address, "DATA"):
        reply = wire.command(command)
        if reply.code not in (250, 354):
            return reply
    return wire.message(mail.bytes)


class Senders:
    """Sessions that go on whatever they are told; a mail is offered once in a run."""

    def __init__(self, site, agency):
        self.site, self.address, self.lock, self.errors = site, agency.address, threading.Lock(), []
        self.refusals, self.answered = [], []

    def run(self, waiting, enough=None, declares=True):
        """Offers these mails until all were, or so many were put off; gives those that were offered."""
        offered, waiting = [], list(waiting)
        start = len(self.refusals)

        def work():
            try:
                with self.site.wire() as wire:
                    wire.command("EHLO mail.example.net")
                    while waiting and (enough is None or len(self.refusals) - start < enough):
                        with self.lock:
                            if not waiting:
                                return
                            mail = waiting.pop(0)
                            offered.append(mail)
                        reply = attempt(wire, mail, self.address, declares)
                        with self.lock:
                            (self.answered if reply.code == 250 else self.refusals).append(reply)
                            if reply.code == 250:
                                mail.reply = reply
            except Exception as error:  # for the thread that waits
                self.errors.append(error)

        threads = [threading.Thread(target=work, daemon=True) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60 * callmx.SLOW)
            assert not thread.is_alive(), "a sender has no answer"
        assert not self.errors, self.errors[0]
        return offered


def is_as_said(site, agency, some):
    """What is stored is what was answered 250: those mails and no others, each with its calls, whole."""
    answered = [mail for mail in some if mail.reply is not None]
    assert {row[0] for row in site.sql("SELECT id FROM raw_messages")} == {mail.reply.id for mail in answered}
    assert {mail.reply.verdict for mail in answered} <= {"stored"}
    wanted = sorted(session for mail in answered for session in mail.sessions)
    assert sorted(call["external_call_id"] for call in agency.calls()) == wanted
    for mail in answered[-5:]:
        assert site.raw(mail.reply.id).endswith(mail.bytes)


def test_full_under_load_and_back(full_site, disk, figures):
    site, agency = full_site, full_site.agency()
    pid, senders, supply = site.pid, Senders(site, agency), [padded(number) for number in range(1, 181)]
    disk.leave(3 * MEGABYTE)

    # Who does not say how much it will be is found out by the database.
    offered = senders.run(supply, enough=30, declares=False)
    assert len(senders.refusals) >= 30, "the disk was never full"
    assert senders.answered, "there was room at first"
    assert 451 in {reply.code for reply in senders.refusals}
    is_as_said(site, agency, offered)

    disk.fill()
    time.sleep(1.2)  # it asks once a second
    before = len(senders.refusals)
    more = senders.run(supply[len(offered):], enough=20)
    assert {reply.code for reply in senders.refusals[before:]} == {452}
    is_as_said(site, agency, offered + more)
    with site.wire() as wire:  # what needs no room goes on
        wire.command("EHLO mail.example.net")
        assert wire.command("VRFY postmaster").code == 252
        assert len(agency.log()) > 0

    disk.ballast.unlink()
    begun = time.monotonic()
    while True:
        again = senders.run([mail for mail in offered + more if mail.reply is None])
        if all(mail.reply for mail in again):
            break
        assert time.monotonic() - begun < 5 * callmx.SLOW, "it does not notice that there is room"
        time.sleep(0.2)
    took = time.monotonic() - begun
    assert site.pid == pid
    is_as_said(site, agency, offered + more)
    assert {(reply.code, reply.enhanced) for reply in senders.refusals} <= PUT_OFF
    figures("full disk: %d mails answered 250, %d put off (%s), all there %.1f s after there was room"
            % (len(senders.answered), len(senders.refusals),
               ", ".join("%d of %d" % (sum(reply.code == code for reply in senders.refusals), code)
                         for code in sorted({reply.code for reply in senders.refusals})), took))


def test_killed_while_it_is_full(full_site, disk):
    """What was answered is there after kill -9 and a new start, with room and without."""
    site, agency = full_site, full_site.agency()
    senders, supply = Senders(site, agency), [padded(number) for number in range(1, 121)]
    disk.leave(2 * MEGABYTE)
    offered = senders.run(supply, enough=12, declares=False)
    assert len(senders.refusals) >= 12 and senders.answered
    disk.fill()
    site.kill()
    site.start()
    with site.wire() as wire:
        wire.command("EHLO mail.example.net")
        assert attempt(wire, supply[-1], agency.address, declares=False).code in (451, 452)
        assert attempt(wire, supply[-1], agency.address).code == 452
    is_as_said(site, agency, offered)
    site.kill()
    disk.ballast.unlink()
    site.start()
    is_as_said(site, agency, offered)
    senders.run([mail for mail in offered if mail.reply is None])
    is_as_said(site, agency, offered)
    assert all(mail.reply for mail in offered)


@pytest.mark.parametrize("disk", ["size=24m,nr_inodes=40"], indirect=True)
def test_no_more_files(full_site, disk):
    """Room there is, but no file may be made: the write-ahead log may have to be."""
    site, agency = full_site, full_site.agency()
    assert site.deliver(padded(1).bytes, agency).verdict == "stored"
    extra = []
    try:
        while True:
            extra.append(disk.folder / ("file%d" % len(extra)))
            extra[-1].touch()
    except OSError:
        extra.pop()
    time.sleep(1.2)  # it asks once a second
    with site.wire() as wire:
        wire.command("EHLO mail.example.net")
        reply = wire.command("MAIL FROM:<bounces@example.net>")
        assert (reply.code, reply.enhanced) == (452, "4.3.1"), reply
        for file in extra:
            file.unlink()
        time.sleep(1.2)
        assert attempt(wire, padded(2), agency.address).verdict == "stored"
