"""SIGHUP: the configuration is read again, all of it or nothing, and no mail under way notices."""
import os
import resource
import signal
import time

import pytest

import books
import callmx
import load
import machine
import mails
from certificates import Certificate, secured


def good_mail(number):
    return mails.report_mail(books.small(number)[1])


def reload(site, good=True):
    """SIGHUP, and the line in the log that says what became of it."""
    event = "reloaded" if good else "reload-failed"
    before = {name: len(site.log_lines(name)) for name in ("reloaded", "reload-failed")}
    site.process.send_signal(signal.SIGHUP)
    end = time.monotonic() + callmx.PATIENCE
    while time.monotonic() < end:
        now = {name: len(site.log_lines(name)) for name in before}
        if now != before:
            assert now[event] == before[event] + 1, site.log_text()[-2000:]
            return site.log_lines(event)[-1]
        time.sleep(0.02)
    raise AssertionError("nothing in the log about a reload")


def change(site, good=True, **sections):
    """Other settings in the file, then SIGHUP. A key that is None is taken out."""
    for section, keys in sections.items():
        for key, value in keys.items():
            if value is None:
                site.settings.get(section, {}).pop(key, None)
            else:
                site.settings.setdefault(section, {})[key] = value
    site.write_config()
    return reload(site, good)


def wait_for(what):
    end = time.monotonic() + callmx.PATIENCE
    while time.monotonic() < end:
        if what():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come about")


def test_a_new_domain(site, agency):
    recipient = "calls-%s@second.example.com" % agency.key
    with site.wire() as wire:
        wire.command("EHLO mail.example.net")
        wire.command("MAIL FROM:<a@example.net>")
        assert wire.command("RCPT TO:<%s>" % recipient).code == 550
    change(site, smtp={"domains": "second.example.com"})
    assert site.deliver(good_mail(1), recipient).verdict == "stored"
    with site.wire() as wire:
        wire.command("EHLO mail.example.net")
        wire.command("MAIL FROM:<a@example.net>")
        assert wire.command("RCPT TO:<%s>" % agency.address).code == 550


def test_a_new_name(site):
    change(site, server={"hostname": "mx2.example.com"})
    with mails.Wire(site.port, greet=False) as wire:
        assert wire.reply().text.startswith("mx2.example.com ")


def test_limits_of_sessions(site, agency):
    change(site, smtp={"max-message-size": "64K", "max-errors": "2"})
    with site.wire() as wire:
        assert "SIZE 65536" in wire.command("EHLO mail.example.net").lines
        assert [wire.command("FROB").code for _ in range(3)][-1] == 421
    large = b"Subject: x\r\n\r\n" + b"x" * 70 + b"\r\n" * 40_000
    assert site.deliver(large, agency).code == 552
    change(site, smtp={"max-message-size": None, "max-errors": None})
    assert site.deliver(large, agency).verdict == "no-report"


# What stands in the file, and words of the reason.
BAD = [
    ("[smtp]\nmax-errors = many\n", ["max-errors", "many"]),
    ("[smpt]\n", ["smpt"]),
    ("this is no line", []),
    ("", ["missing"]),
    (None, []),
]


@pytest.mark.parametrize("text,words", BAD, ids=["value", "section", "nonsense", "empty", "no file"])
def test_a_bad_file_changes_nothing(make_site, text, words):
    site = make_site(smtp={"max-errors": "2"})
    agency = site.agency()
    parsers = site.parsers()
    good = site.config.read_text()
    if text is None:
        site.config.unlink()
    else:
        # What is good in it must not count either.
        site.config.write_text(text and good.replace("processes = 2", "processes = 3")
                               .replace("max-errors = 2", "max-errors = 50").replace("[smtp]", "[smtp]", 1)
                               .replace(callmx.DOMAIN, "other.example.com") + text.replace("[smtp]\nmax-errors", "[log]\nlevel = loud\n[smtp]\nmax-errors"))
    failed = reload(site, good=False)
    assert failed["level"] == "error" and site.config.name in failed["error"]
    if text is not None and words and "many" not in words:
        assert all(word in failed["error"] for word in words), failed
    assert site.parsers() == parsers
    with site.wire() as wire:
        assert [wire.command("FROB").code for _ in range(3)][-1] == 421
    site.config.write_text(good)
    assert site.deliver(good_mail(1), agency).verdict == "stored"
    reload(site)
    assert site.deliver(good_mail(2), agency).verdict == "stored"


def test_mail_under_way(site, agency):
    """In the middle of DATA, behind the last dot, and between two commands: each goes on as it began."""
    mail = mails.stuffed(good_mail(1))
    day = books.Day(8000)
    with site.wire() as half, site.wire() as whole, site.wire() as idle:
        half.envelope(agency.address)
        half.send(mail[:2000])
        idle.command("EHLO mail.example.net")
        idle.command("MAIL FROM:<a@example.net>")
        whole.envelope(agency.address)
        whole.send(mails.stuffed(mails.report_mail(day.calls)))
        time.sleep(0.1)
        change(site, server={"hostname": "mx2.example.com"}, smtp={"max-message-size": "64K", "domains": "x.example.com"},
               parser={"processes": "1", "memory": "700M", "deadline": "20s"})
        half.send(mail[2000:])
        assert half.reply().verdict == "stored"
        assert whole.reply().verdict == "stored"
        assert idle.command("NOOP").code == 250
        assert idle.command("QUIT").code == 221
    assert not site.log_lines("parser-gone")
    wait_for(lambda: len(site.parsers()) == 1)
    assert len(site.sql("SELECT * FROM email_ingest_logs")) == 2


def test_parsers(site, agency):
    """More, fewer, and others when their limits have changed; those that need not change stay."""
    first = set(site.parsers())
    assert len(first) == 2
    change(site, parser={"processes": "4"})
    wait_for(lambda: len(site.parsers()) == 4)
    assert first <= set(site.parsers())
    change(site, parser={"processes": "1"})
    wait_for(lambda: len(site.parsers()) == 1)
    assert set(site.parsers()) <= first
    change(site, parser={"deadline": "20s"})
    assert set(site.parsers()) <= first
    change(site, parser={"memory": "512M", "processes": "2"})
    wait_for(lambda: len(site.parsers()) == 2 and not first & set(site.parsers()))
    if not callmx.SANITIZED:
        wait_for(lambda: all(machine.limits(pid)["Max address space"][0] == str(512 << 20) for pid in site.parsers()))
    assert site.deliver(good_mail(1), agency).verdict == "stored"
    assert not site.log_lines("parser-gone")


def test_processor_time_of_a_parser(make_site):
    """It is limited for the jobs to come: anew when the deadline changes, and when a second has passed."""
    site = make_site(parser={"processes": "1", "deadline": "5s"})
    agency = site.agency()
    [pid] = site.parsers()

    def limit_after(number):
        assert site.deliver(good_mail(number), agency).verdict == "stored"
        return int(machine.limits(pid)["Max cpu time"][0])

    first = limit_after(1)
    assert 5 < first <= 8
    change(site, parser={"deadline": "20s"})
    assert limit_after(2) >= first + 15
    resource.prlimit(pid, resource.RLIMIT_CPU, (3, resource.RLIM_INFINITY))
    time.sleep(1.1)
    assert limit_after(3) >= first + 15
    assert site.parsers() == [pid]


def test_a_parser_with_a_job_ends_after_it(make_site):
    site = make_site(parser={"processes": "1"})
    agency = site.agency()
    old = site.parsers()
    with site.wire() as wire:
        os.kill(old[0], signal.SIGSTOP)
        wire.envelope(agency.address)
        wire.send(mails.stuffed(good_mail(1)))
        time.sleep(0.2)
        change(site, parser={"memory": "700M"})
        assert site.parsers() == old, "it has a job"
        os.kill(old[0], signal.SIGCONT)
        assert wire.reply().verdict == "stored"
    wait_for(lambda: len(site.parsers()) == 1 and site.parsers() != old)


def test_level_of_the_log(site):
    site.wire().close()
    change(site, log={"level": "debug"})
    site.wire().close()
    wait_for(lambda: site.log_lines("session-began"))
    assert len(site.log_lines("session-began")) == 1


def test_addresses(site, agency):
    """A new one is there, one that is gone takes nobody any more; whoever came over it stays."""
    old, new = site.port, machine.free_port()
    with site.wire() as wire:
        change(site, smtp={"listen": "127.0.0.1:%d, 127.0.0.1:%d" % (old, new)})
        assert mails.deliver(new, good_mail(1), agency.address).verdict == "stored"
        assert mails.deliver(old, good_mail(2), agency.address).verdict == "stored"
        change(site, smtp={"listen": "127.0.0.1:%d" % new})
        with pytest.raises(ConnectionError):
            mails.Wire(old)
        assert mails.deliver(new, good_mail(3), agency.address).verdict == "stored"
        assert wire.command("NOOP").code == 250
    change(site, smtp={"listen": "127.0.0.1:%d" % old})
    assert mails.deliver(old, good_mail(4), agency.address).verdict == "stored"


def test_an_address_that_cannot_be_had(make_site):
    site, other = make_site(), make_site()
    agency = site.agency()
    failed = change(site, good=False, smtp={"listen": "127.0.0.1:%d, 127.0.0.1:%d" % (machine.free_port(), other.port),
                                            "domains": "other.example.com"}, parser={"processes": "3"})
    assert str(other.port) in failed["error"]
    assert site.deliver(good_mail(1), agency).verdict == "stored", "the old address and domain"
    assert len(site.parsers()) == 2


def test_a_first_certificate(make_site, tmp_path):
    """It may come while the daemon runs, but from a directory only that the sandbox has left open."""
    site = make_site()
    elsewhere, beside = Certificate(tmp_path), Certificate(site.folder)
    open_before = site.log_lines("ready")[-1]["landlock"] == "0"
    site.settings["tls"] = elsewhere.settings()
    failed = change(site, good=open_before or callmx.SANITIZED)
    if not open_before and not callmx.SANITIZED:
        assert str(elsewhere.file) in failed["error"] and "start it anew" in failed["error"], failed
    site.settings["tls"] = beside.settings()
    change(site)
    with secured(site) as wire:
        assert wire.der() == beside.der()


def test_what_needs_a_new_start(site, agency):
    change(site, server={"database": "sqlite:%s" % (site.folder / "other.db")}, retention={"raw": "1d"},
           smtp={"domains": "%s, second.example.com" % callmx.DOMAIN})
    line = site.log_lines("needs-restart")[-1]
    assert line["level"] == "warning" and line["keys"] == "server.database,retention.raw"
    assert site.deliver(good_mail(1), agency.address.replace(callmx.DOMAIN, "second.example.com")).verdict == "stored"
    assert not (site.folder / "other.db").exists() and site.counts()["raw_messages"] == 1
    # It is said each time, until the old is back.
    reload(site)
    assert len(site.log_lines("needs-restart")) == 2
    site.settings["server"]["database"] = "sqlite:%s" % site.database
    change(site, retention={"raw": None})
    assert len(site.log_lines("needs-restart")) == 2


def test_under_load_and_nothing_leaks(site, agency):
    reload(site)
    site.deliver(good_mail(999_999), agency)
    before = len(machine.descriptors(site.pid))
    work = load.Load(site, agency.address, 3)
    work.start()
    for number in range(20):
        change(site, parser={"memory": "%dM" % (700 + number % 3), "processes": str(1 + number % 3)},
               smtp={"max-errors": str(10 + number)})
        time.sleep(0.05)
    change(site, parser={"memory": "768M", "processes": "2"})
    work.stop()
    assert work.replies and {reply.verdict for reply in work.replies} == {"stored"}, work.replies
    assert not site.log_lines("parser-gone")
    wait_for(lambda: len(site.parsers()) == 2)
    wait_for(lambda: len(machine.descriptors(site.pid)) <= before)


def test_not_while_ending(site, agency):
    with site.wire() as wire:
        wire.envelope(agency.address)
        wire.send(b"Subject: x\r\n")
        time.sleep(0.1)
        site.process.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        site.process.send_signal(signal.SIGHUP)
        time.sleep(0.1)
        wire.send(b"\r\nx\r\n.\r\n")
        assert wire.reply().code == 250
    assert site.wait() == 0
    assert not site.log_lines("reloaded")
