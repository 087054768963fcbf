"""Ceilings and deadlines: what comes over them is told so, and nobody else notices."""
import time

import books
import mails


def test_idle_session(make_site):
    site = make_site(smtp={"command-timeout": "1s"})
    with site.wire() as wire:
        wire.command("EHLO mail.example.net")
        begun = time.monotonic()
        assert wire.reply().code == 421
        assert 0.5 < time.monotonic() - begun < 5 and wire.is_closed()


def test_octets_do_not_keep_a_command_alive(make_site):
    """The time runs from the last whole command, not from the last octet."""
    site = make_site(smtp={"command-timeout": "1s"})
    with site.wire() as wire:
        wire.command("EHLO mail.example.net")
        begun = time.monotonic()
        for _ in range(40):
            try:
                wire.send(b"x")
            except ConnectionError:
                break
            time.sleep(0.1)
        assert wire.reply().code == 421
        assert time.monotonic() - begun < 6


def test_session_that_stays_too_long(make_site):
    site = make_site(smtp={"session-timeout": "2s", "max-junk-commands": "100000"})
    begun = time.monotonic()
    with site.wire() as wire:
        code = 250
        while code == 250 and time.monotonic() - begun < 20:
            code = wire.command("NOOP").code
            time.sleep(0.05)
        assert code == 421 and 1 < time.monotonic() - begun < 10 and wire.is_closed()


def test_a_message_that_stops_coming(make_site):
    """Much at once and then nothing: the rate is measured anew, so the room is not held for long."""
    site = make_site(smtp={"data-grace": "1s", "data-min-rate": "500"})
    agency = site.agency()
    before = site.counts()
    with site.wire() as wire:
        wire.envelope(agency.address)
        wire.send(b"Subject: much at once\r\n\r\n" + b"x" * 70 + b"\r\n" * 500_000)
        begun = time.monotonic()
        assert wire.reply().code == 421 and wire.is_closed()
        assert 0.8 < time.monotonic() - begun < 12
    assert site.counts() == before


def test_a_slow_message_that_keeps_coming(make_site):
    site = make_site(smtp={"data-grace": "1s", "data-min-rate": "500"})
    agency = site.agency()
    mail = mails.stuffed(mails.report_mail(books.small(1)[1]))
    with site.wire() as wire:
        wire.envelope(agency.address)
        for at in range(0, len(mail), 1000):
            wire.send(mail[at:at + 1000])
            time.sleep(0.3)
        assert wire.reply().verdict == "stored"


def test_connections_of_one_network(make_site):
    site = make_site(smtp={"max-connections-per-network": "2"})
    time.sleep(0.2)
    with site.wire() as one, site.wire():
        with mails.Wire(site.port, greet=False) as third:
            assert third.reply().code == 421 and third.is_closed()
        one.command("QUIT")
        one.close()
        time.sleep(0.2)
        with site.wire() as fourth:
            assert fourth.command("EHLO mail.example.net").code == 250


def test_connections_in_all(make_site):
    site = make_site(smtp={"max-connections": "2"})
    time.sleep(0.2)
    with site.wire(), site.wire():
        with mails.Wire(site.port, greet=False) as third:
            assert third.reply().code == 421 and third.is_closed()


def large(size):
    return b"Subject: large\r\n\r\n" + (b"x" * 998 + b"\r\n") * (size // 1000)


def test_memory_for_messages(make_site):
    site = make_site(smtp={"message-memory": "1M", "max-message-size": "900K"})
    agency = site.agency()
    with site.wire() as slow, site.wire() as wire:
        slow.envelope(agency.address)
        slow.send(large(800_000))
        time.sleep(0.3)
        wire.command("EHLO mail.example.net")
        reply = wire.command("MAIL FROM:<a@example.net> SIZE=800000")
        assert (reply.code, reply.enhanced) == (452, "4.3.1"), reply
        # One that does not say how large it is hears it at its end, and stays in step.
        wire.envelope(agency.address)
        reply = wire.message(large(800_000))
        assert reply.code == 452, reply
        wire.envelope(agency.address)
        assert wire.message(mails.report_mail(books.small(1)[1])).verdict == "stored"
        slow.send(b".\r\n")
        assert slow.reply().code == 250
        wire.envelope(agency.address)
        assert wire.message(large(800_000)).code == 250, "there is room again"
    assert [entry["verdict"] for entry in agency.log()] == ["no-report", "no-report", "stored"]


def test_memory_comes_back_when_a_peer_leaves(make_site):
    site = make_site(smtp={"message-memory": "1M", "max-message-size": "900K"})
    agency = site.agency()
    for _ in range(4):
        with site.wire() as wire:
            wire.envelope(agency.address)
            wire.send(large(700_000))
    time.sleep(0.3)
    assert site.deliver(large(700_000), agency).code == 250


def test_errors_and_junk(make_site):
    site = make_site(smtp={"max-errors": "3", "max-junk-commands": "5"})
    for command, allowed in (("FROB", 3), ("NOOP", 5)):
        with site.wire() as wire:
            codes = [wire.command(command).code for _ in range(allowed)]
            assert 421 not in codes, command
            assert 421 in (wire.command(command).code, 421 if wire.is_closed(2) else 0), command


def test_parser_that_takes_too_long(make_site):
    """The deadline: the job is failed, the message kept, a fresh process there."""
    site = make_site(parser={"deadline": "1s", "processes": "1"})
    agency = site.agency()
    parsers = site.parsers()
    assert len(parsers) == 1
    import os
    import signal
    os.kill(parsers[0], signal.SIGSTOP)
    reply = site.deliver(mails.report_mail(books.small(1)[1]), agency)
    assert reply.code == 250 and reply.verdict in ("failed", "stored"), reply
    assert site.raw(reply.id)
    assert site.deliver(mails.report_mail(books.small(2)[1]), agency).verdict == "stored"
    assert site.parsers() != parsers and len(site.parsers()) == 1
