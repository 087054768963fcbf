"""SIGTERM: what is under way is finished, what has only begun is not stored, and the exit code is 0."""
import signal
import time

import pytest

import books
import callmx
import load
import mails


def test_idle_sessions_are_told(site):
    with site.wire() as wire:
        wire.command("EHLO mail.example.net")
        site.process.send_signal(signal.SIGTERM)
        assert wire.reply().code == 421 and wire.is_closed()
    assert site.wait() == 0


def test_in_the_middle_of_data(site, agency):
    """A peer that goes on is listened to and answered; then the session ends."""
    mail = mails.stuffed(mails.report_mail(books.small(1)[1]))
    with site.wire() as wire:
        wire.envelope(agency.address)
        wire.send(mail[:2000])
        time.sleep(0.2)
        site.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert site.process.poll() is None
        wire.send(mail[2000:])
        assert wire.reply().verdict == "stored"
        assert wire.reply().code == 421 and wire.is_closed()
    assert site.wait() == 0
    assert len(site.sql("SELECT * FROM email_ingest_logs")) == 1


def test_in_the_middle_of_data_and_no_more(make_site):
    """A peer that does not go on is told, and nothing of its mail is stored."""
    site = make_site(smtp={"session-timeout": "2s"})
    agency = site.agency()
    before = site.counts()
    with site.wire() as wire:
        wire.envelope(agency.address)
        wire.send(mails.report_mail(books.small(1)[1]))
        time.sleep(0.2)
        site.process.send_signal(signal.SIGTERM)
        assert wire.reply().code == 421 and wire.is_closed()
    assert site.wait() == 0
    assert site.counts() == before
    site.start()
    assert site.deliver(mails.report_mail(books.small(1)[1]), agency).verdict == "stored"


def test_behind_the_last_dot(site, agency):
    """The mail was handed over: it is read, committed and answered before the end."""
    day = books.Day(8000)
    with site.wire() as wire:
        wire.envelope(agency.address)
        wire.send(mails.stuffed(mails.report_mail(day.calls)))
        time.sleep(0.15)
        site.process.send_signal(signal.SIGTERM)
        reply = wire.reply()
        assert reply.code == 250 and reply.verdict == "stored", reply
    assert site.wait() == 0
    assert site.sql("SELECT count(*) FROM call_events")[0][0] == day.expected["legs"]
    site.start()
    assert agency.metrics()["agency"]["calls"] == day.expected["agency"]["total"]


def test_no_new_session_after_it(site, agency):
    day = books.Day(8000)
    with site.wire() as wire:
        wire.envelope(agency.address)
        wire.send(mails.stuffed(mails.report_mail(day.calls)))
        time.sleep(0.15)
        site.process.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        if site.process.poll() is None:
            with pytest.raises((OSError, mails.Closed, AssertionError)):
                with site.wire() as late:
                    late.envelope(agency.address)
        assert wire.reply().code == 250
    assert site.wait() == 0


def test_under_load(site, agency):
    work = load.Load(site, agency.address, 4)
    work.start()
    time.sleep(0.4 * callmx.SLOW)
    site.process.send_signal(signal.SIGTERM)
    assert site.wait() == 0
    work.stop()
    stored = {row[0] for row in site.sql("SELECT message_id FROM email_ingest_logs")}
    answered = {mail.message_id for mail in work.sent if mail.reply is not None}
    assert answered, "some were"
    assert stored == answered, "what was stored was answered, and the other way round"
    site.start()


def test_sigint_too(site):
    site.process.send_signal(signal.SIGINT)
    assert site.wait() == 0


def test_restart_on_the_same_database(site, agency):
    assert site.deliver(mails.report_mail(books.small(1)[1]), agency).verdict == "stored"
    before = agency.figures()
    assert site.stop() == 0
    site.start()
    assert agency.figures() == before
    assert site.deliver(mails.report_mail(books.small(1)[1]), agency).verdict == "duplicate"


def test_a_peer_that_stalls_does_not_hold_it_up(site, agency):
    """A message under way has 10 seconds to arrive."""
    with site.wire() as wire:
        wire.envelope(agency.address)
        wire.send(b"Subject: never whole\r\n")
        time.sleep(0.2)
        begun = time.monotonic()
        site.process.send_signal(signal.SIGTERM)
        assert wire.reply().code == 421 and 8 < time.monotonic() - begun < 15
    assert site.wait() == 0


def test_a_hangup_ends_nothing(site, agency):
    site.process.send_signal(signal.SIGHUP)
    time.sleep(0.2)
    assert site.deliver(mails.report_mail(books.small(1)[1]), agency).verdict == "stored"


def test_a_second_signal_ends_it_at_once(site, agency):
    """Nothing is half there, and the exit code is 0 all the same."""
    before = site.counts()
    with site.wire() as wire:
        wire.envelope(agency.address)
        wire.send(b"Subject: never whole\r\n")
        time.sleep(0.2)
        site.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert site.process.poll() is None
        begun = time.monotonic()
        site.process.send_signal(signal.SIGTERM)
        assert site.wait() == 0 and time.monotonic() - begun < 3
    assert site.counts() == before
