"""The sandbox from outside: what the processes of a running daemon have given up, and what comes of it when
one of them is made to try. test_sandbox.c tries the same lists from the inside."""
import base64
import errno
import os
import signal
import socket
import time

import pytest

import books
import callmx
import inject
import machine
import mails

attack = pytest.mark.skipif(not inject.POSSIBLE, reason="needs root and x86-64")
O_WRONLY, O_RDWR, O_CREAT = os.O_WRONLY, os.O_RDWR, os.O_CREAT
PROT_READ, PROT_EXEC, MAP_ANONYMOUS = 1, 4, 0x22


def good_mail(number):
    return mails.report_mail(books.small(number)[1])


def wait_for(what, patience=callmx.PATIENCE):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come about")


def ready_parser(site):
    """The only parser process, when it waits for a job inside of its sandbox."""
    return wait_for(lambda: [pid for pid in site.parsers() if machine.status(pid)["Seccomp"] == "2"
                             and machine.status(pid)["State"].startswith("S")])[0]


def landlock(site):
    """The version that the daemon says it found, 0 for none."""
    return int(site.log_lines("ready")[-1]["landlock"])


def test_what_a_parser_has(make_site):
    site = make_site(parser={"processes": "2", "memory": "512M"})
    assert site.deliver(good_mail(1), site.agency()).verdict == "stored"
    parsers = wait_for(lambda: [pid for pid in site.parsers() if machine.status(pid)["Seccomp"] == "2"])
    assert len(parsers) == 2
    for pid in parsers:
        status, limits = machine.status(pid), machine.limits(pid)
        assert (status["NoNewPrivs"], status["Threads"]) == ("1", "1")
        assert machine.descriptors(pid) == [0, 1, 2, 3]
        assert limits["Max core file size"] == limits["Max file size"] == limits["Max processes"] == ("0", "0")
        assert limits["Max open files"] == ("16", "16")
        if not callmx.SANITIZED:
            assert limits["Max address space"] == (str(512 << 20),) * 2
            targets = {os.readlink("/proc/%d/fd/%d" % (pid, fd)) for fd in (0, 1, 2)}
            assert targets == {"/dev/null"}
    assert any(machine.limits(pid)["Max cpu time"][0].isdigit() for pid in parsers), "of the one that had a job"


def test_what_the_daemon_has(site):
    status = machine.status(site.pid)
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert machine.limits(site.pid)["Max core file size"] == ("0", "0")


# What somebody who got into a parser would want.
ATTEMPTS = {
    "socket": ("socket", socket.AF_INET, socket.SOCK_STREAM, 0),
    "connect": ("connect", 3, 0, 0),
    "execve": ("execve", b"/bin/sh", 0, 0),
    "fork": ("fork",),
    "kill": ("kill", 1, 0),
    "unlink": ("unlink", b"/nowhere/at/all"),
}
PLAIN_ATTEMPTS = {
    "clone3": ("clone3", 0, 0),
    "ptrace": ("ptrace", 16, 1, 0, 0),
    "read": ("read", 0, 0, 0),
    "write": ("write", 3, 0, 0),
    "executable memory": ("mmap", 0, 4096, PROT_READ | PROT_EXEC, MAP_ANONYMOUS, -1, 0),
    "setresuid": ("setresuid", 0, 0, 0),
    "prctl": ("prctl", 4, 1, 0, 0, 0),
    "memfd_create": ("memfd_create", b"x", 0),
    "io_uring_setup": ("io_uring_setup", 1, 0),
}


@attack
def test_a_parser_that_tries_is_killed(make_site):
    site = make_site(parser={"processes": "1"})
    agency = site.agency()
    tries = dict(ATTEMPTS, **({} if callmx.SANITIZED else PLAIN_ATTEMPTS))
    for number, (name, call) in enumerate(tries.items(), 1):
        parser = ready_parser(site)
        with pytest.raises(inject.Killed) as killed:
            inject.call(parser, *call)
        assert killed.value.signal == signal.SIGSYS, name
        gone = wait_for(lambda: len(site.log_lines("parser-gone")) == number and site.log_lines("parser-gone")[-1])
        assert gone["reason"] == "the parser process made a system call it may not make" and gone["pid"] == str(parser)
    assert site.deliver(good_mail(1), agency).verdict == "stored", "another has taken its place"


@attack
def test_files_are_not_there_for_a_parser(make_site):
    """Libraries look for files they can do without: that kills nobody, and opens nothing."""
    site = make_site(parser={"processes": "1"})
    parser = ready_parser(site)
    if callmx.SANITIZED:
        with pytest.raises(inject.Killed) as killed:
            inject.call(parser, "openat", inject.AT_FDCWD, b"/tmp/x", O_RDWR | O_CREAT, 0o600)
        assert killed.value.signal == signal.SIGSYS
        return
    with inject.Process(parser) as process:
        for name in (b"/etc/passwd", b"/dev/null", b"/proc/self/mem", bytes(site.database)):
            for flags in (0, O_WRONLY, O_RDWR | O_CREAT):
                assert process.call("openat", inject.AT_FDCWD, name, flags, 0o600) == -errno.EACCES
                assert process.call("open", name, flags, 0o600) == -errno.EACCES
    assert site.deliver(good_mail(1), site.agency()).verdict == "stored"
    assert site.parsers() == [parser]


@attack
def test_the_mail_that_did_it_is_failed(make_site):
    """The reason is in the reply, in the log and with the raw message; nobody else notices."""
    site = make_site(parser={"processes": "1"})
    agency = site.agency()
    parser = ready_parser(site)
    with site.wire() as wire:
        with pytest.raises(inject.Killed):
            with inject.Process(parser) as process:
                wire.envelope(agency.address)
                wire.send(mails.stuffed(good_mail(1)))
                time.sleep(0.3)
                process.call("socket", socket.AF_INET, socket.SOCK_STREAM, 0)
        reply = wire.reply()
    assert (reply.code, reply.verdict) == (250, "failed"), reply
    assert reply.reason == "the parser process made a system call it may not make"
    assert site.raw(reply.id) and agency.log()[0]["verdict"] == "failed"
    assert site.deliver(good_mail(2), agency).verdict == "stored"


@attack
def test_what_the_daemon_may_not(site, agency):
    outside = site.folder.parent / "outside"
    outside.write_text("x")
    with inject.Process(site.pid) as daemon:
        assert daemon.call("unshare", 0x10000000) == -errno.EPERM
        if not callmx.SANITIZED:
            assert daemon.call("ptrace", 16, 1, 0, 0) == -errno.EPERM
        if landlock(site):
            def try_open(path, flags):
                return daemon.call("openat", inject.AT_FDCWD, os.fsencode(path), flags, 0o600)

            assert try_open(outside, O_WRONLY) == try_open("/etc/shadow", O_RDWR) == -errno.EACCES
            assert try_open(site.folder.parent / "new", O_RDWR | O_CREAT) == -errno.EACCES
            # A file that somebody runs would be -ETXTBSY.
            assert try_open("/bin/false", O_WRONLY) == -errno.EACCES
            if not callmx.SANITIZED:
                assert try_open(outside, 0) == try_open("/etc/shadow", 0) == -errno.EACCES
            assert daemon.call("unlink", os.fsencode(outside)) == -errno.EACCES
            assert daemon.call("execve", b"/bin/true", 0, 0) == -errno.EACCES
        if landlock(site) >= 4:
            fd = daemon.call("socket", socket.AF_INET, socket.SOCK_STREAM, 0)
            address = socket.AF_INET.to_bytes(2, "little") + site.port.to_bytes(2, "big") + bytes([127, 0, 0, 1])
            assert fd > 2 and daemon.call("connect", fd, address + bytes(8), 16) == -errno.EACCES
        if landlock(site) >= 6:
            assert daemon.call("kill", os.getpid(), 0) == -errno.EPERM
    assert outside.exists()
    # And what it must: a database, parsers anew, the zones.
    for parser in site.parsers():
        os.kill(parser, signal.SIGKILL)
    assert site.deliver(good_mail(1), agency).verdict == "stored"
    other = site.agency("Elsewhere", timezone="Asia/Kolkata")
    assert site.deliver(good_mail(2), other).verdict == "stored"


WORDS = {
    "iso-8859-1": "Müller", "iso-8859-2": "Łódź", "iso-8859-15": "5 €", "windows-1252": "“5 €”",
    "windows-1251": "Привет", "koi8-r": "Привет", "koi8-u": "Їжак", "shift_jis": "日本", "iso-2022-jp": "日本",
    "euc-jp": "日本", "gb2312": "你好", "gbk": "你好", "gb18030": "你好", "big5": "你好", "euc-kr": "안녕",
    "utf-16": "Grüße", "utf-16le": "Grüße", "utf-7": "Grüße", "cp437": "é", "tis-620": "ไทย", "mac_roman": "é",
    "us-ascii": "plain", "utf-8": "✓ 日本", "x-unheard-of": "plain",
}


def in_charset(charset, word, number):
    """A report in a mail whose subject, sender, text and file name are in that character set."""
    codec = {"x-unheard-of": "ascii"}.get(charset, charset)
    name = {"mac_roman": "macintosh", "cp437": "IBM437"}.get(charset, charset)

    def encoded(text):
        return "=?%s?B?%s?=" % (name, base64.b64encode(text.encode(codec)).decode())

    text = (word + " https://analytics.ringcentral.com/reports/%d\r\n" % number).encode(codec)
    mail = good_mail(number).decode()
    mail = mail.replace("Subject: Scheduled", "Subject: %s Scheduled" % encoded(word), 1)
    mail = mail.replace("From: ", "From: %s <analytics.portal@ringcentral.com>\r\nX-From: " % encoded(word), 1)
    mail = mail.replace('filename="Report_0', 'filename="%s_Report_0' % encoded(word), 1)
    head, rest = mail.split('Content-Type: text/plain; charset="utf-8"', 1)
    _, rest = rest.split("--====", 1)
    body = base64.encodebytes(text).decode().replace("\n", "\r\n")
    mail = head + 'Content-Type: text/plain; charset="%s"\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n--====%s' % (
        name, body, rest)
    return mail.encode("ascii")


def test_every_charset(make_site):
    """No file of the C library can be opened any more, and nobody dies of it."""
    site = make_site(parser={"processes": "1"})
    agency = site.agency()
    parser = ready_parser(site)
    replies = {}
    for number, (charset, word) in enumerate(WORDS.items(), 1):
        replies[charset] = reply = site.deliver(in_charset(charset, word, number), agency)
        assert (reply.code, reply.verdict) == (250, "stored"), (charset, reply)
    subjects = {entry["id"]: entry["subject"] for entry in site.json("log", agency.name, "--limit", "100")}
    known = ("iso-8859-1", "windows-1252", "windows-1251", "koi8-r", "shift_jis", "iso-2022-jp", "gb18030",
             "big5", "euc-kr", "utf-8")
    for charset in known:
        subject = subjects[replies[charset].id]
        assert WORDS[charset] in subject, (charset, subject)
    assert site.parsers() == [parser] and not site.log_lines("parser-gone")


@pytest.mark.skipif(callmx.SANITIZED, reason="its memory cannot be limited")
def test_out_of_memory_is_its_own_reason(make_site):
    """The end by abort() is no forbidden call: the reason says what it was."""
    site = make_site(parser={"processes": "1", "memory": "64M"})
    agency = site.agency()
    for rows in (10_000, 20_000, 30_000, 40_000):
        reply = site.deliver(mails.report_mail(books.Day(rows, seed=rows).calls), agency)
        assert reply.code == 250 and reply.verdict in ("stored", "failed"), reply
    assert reply.verdict == "failed", reply
    reasons = [line["reason"] for line in site.log_lines("parser-gone")]
    assert reasons and all("died of signal" in reason for reason in reasons), reasons
    assert site.deliver(good_mail(1), agency).verdict == "stored"
