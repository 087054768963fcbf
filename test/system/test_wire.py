"""The wire: line ends, smuggling, pipelining, refusals, and where a session stands after them."""
import socket

import pytest

import books
import callmx
import mails


def second_mail(address):
    return ("MAIL FROM:<thief@example.net>\r\nRCPT TO:<%s>\r\nDATA\r\n" % address).encode() + mails.stuffed(
        mails.report_mail(books.small(99)[1]))


SMUGGLED = [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r.\r\n", b"\r\r\n.\r\r\n", b"\n\n.\r\n"]


@pytest.mark.parametrize("ending", SMUGGLED, ids=repr)
def test_smuggling(site, agency, ending):
    """What is no end of data ends nothing: the second mail is a piece of the first, which is refused."""
    before = site.counts()
    with site.wire() as wire:
        wire.envelope(agency.address)
        wire.send(mails.report_mail() + b"first" + ending + second_mail(agency.address))
        reply = wire.reply()
        assert (reply.code, reply.enhanced) == (550, "5.6.0"), reply
        with pytest.raises(mails.Closed):
            wire.reply()
    assert site.counts() == before, "nothing is stored, and nothing was delivered behind it"


def test_bare_lf_in_the_middle(site, agency):
    before = site.counts()
    with site.wire() as wire:
        wire.envelope(agency.address)
        reply = wire.message(mails.report_mail(books.small(1)[1]).replace(b"\r\n", b"\n", 1))
        assert (reply.code, reply.enhanced) == (550, "5.6.0")
        assert wire.is_closed()
    assert site.counts() == before
    assert site.deliver(mails.report_mail(books.small(1)[1]), agency).verdict == "stored"


@pytest.mark.parametrize("command", [b"NOOP\n", b"NO\rOP\r\n", b"NOOP\0\r\n"], ids=repr)
def test_bad_line_end_in_a_command(site, command):
    with site.wire() as wire:
        wire.command("EHLO mail.example.net")
        wire.send(command + b"NOOP\r\n")
        assert wire.reply().code == 500
        assert wire.is_closed()


def test_dots_are_unstuffed(site, agency):
    body = b"Subject: dots\r\n\r\n.\r\n..\r\n.x\r\nend\r\n"
    reply = site.deliver(body, agency)
    assert site.raw(reply.id).endswith(body)


def test_in_single_octets(site, agency):
    mail = b"Subject: slow\r\n\r\n.a\r\n\r\n"
    with site.wire() as wire:
        text = b"EHLO mail.example.net\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:<%s>\r\nDATA\r\n" % (
            agency.address.encode())
        for octet in text:
            wire.send(bytes([octet]))
        assert [wire.reply().code for _ in range(4)] == [250, 250, 250, 354]
        for octet in mails.stuffed(mail):
            wire.send(bytes([octet]))
        reply = wire.reply()
        assert reply.code == 250 and site.raw(reply.id).endswith(mail)


def test_pipelined_to_the_end(site, agency):
    """All of a session in one piece, the message too."""
    with site.wire() as wire:
        wire.send(b"EHLO mail.example.net\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:<nobody@ingest.example.com>\r\n"
                  b"RCPT TO:<%s>\r\nDATA\r\n" % agency.address.encode()
                  + mails.stuffed(mails.report_mail(books.small(1)[1])) + b"NOOP\r\nQUIT\r\n")
        assert [wire.reply().code for _ in range(5)] == [250, 250, 550, 250, 354]
        assert wire.reply().verdict == "stored"
        assert [wire.reply().code for _ in range(2)] == [250, 221]
        assert wire.is_closed()


def test_two_mails_in_one_session(site, agency):
    with site.wire() as wire:
        wire.envelope(agency.address)
        first = wire.message(mails.report_mail(books.small(1)[1]))
        wire.envelope(agency.address)
        second = wire.message(mails.report_mail(books.small(2)[1]))
        assert first.verdict == second.verdict == "stored" and first.id != second.id
    assert len(agency.calls()) == 6


def test_data_without_a_recipient(site, agency):
    with site.wire() as wire:
        wire.command("EHLO mail.example.net")
        assert wire.command("DATA").code == 503
        wire.command("MAIL FROM:<a@example.net>")
        assert wire.command("RCPT TO:<x@example.org>").code == 550
        assert wire.command("DATA").code in (503, 554)
        assert wire.command("RSET").code == 250


def test_size(make_site):
    site = make_site(smtp={"max-message-size": "64K"})
    agency = site.agency()
    with site.wire() as wire:
        assert "SIZE 65536" in wire.command("EHLO mail.example.net").lines
        reply = wire.command("MAIL FROM:<a@example.net> SIZE=65537")
        assert (reply.code, reply.enhanced) == (552, "5.3.4")
        assert wire.command("MAIL FROM:<a@example.net> SIZE=65536").code == 250
        assert wire.command("RCPT TO:<%s>" % agency.address).code == 250
        assert wire.command("DATA").code == 354
        reply = wire.message(b"Subject: large\r\n\r\n" + b"x" * 70 * 1024 + b"\r\n")
        assert (reply.code, reply.enhanced) == (552, "5.3.4")
        # The connection is good for another.
        wire.envelope(agency.address)
        assert wire.message(mails.report_mail(books.small(1)[1])).verdict == "stored"
        wire.envelope(agency.address)
        exact = b"Subject: exact\r\n\r\n" + b"x" * (65536 - 20) + b"\r\n"
        assert len(exact) == 65536
        assert wire.message(exact).code == 250
    assert [entry["verdict"] for entry in agency.log()] == ["no-report", "stored"]


def test_a_loop_of_received_fields(site, agency):
    before = site.counts()
    trace = b"Received: from a by b; Tue, 06 Jan 2026 06:03:11 -0500\r\n"
    reply = site.deliver(trace * 100 + mails.report_mail(books.small(1)[1]), agency)
    assert (reply.code, reply.enhanced) == (554, "5.4.6") and site.counts() == before
    assert site.deliver(trace * 99 + mails.report_mail(books.small(1)[1]), agency).verdict == "stored"


def test_the_same_recipient_again_counts_once(site, agency):
    with site.wire() as wire:
        wire.command("EHLO mail.example.net")
        wire.command("MAIL FROM:<a@example.net>")
        for _ in range(50):
            assert wire.command("RCPT TO:<%s>" % agency.address).code == 250
        assert wire.command("RCPT TO:<abuse@%s>" % callmx.DOMAIN).code == 250
        assert wire.command("DATA").code == 354
        reply = wire.message(mails.report_mail(books.small(1)[1]))
    assert reply.code == 250 and site.counts()["email_ingest_logs"] == 2


def test_peer_that_leaves_in_the_middle(site, agency):
    before = site.counts()
    for end in (0, 1, 500):
        with site.wire() as wire:
            wire.envelope(agency.address)
            wire.send(mails.stuffed(mails.report_mail(books.small(1)[1]))[:-3 - end])
    assert site.deliver(mails.report_mail(books.small(2)[1]), agency).verdict == "stored"
    after = site.counts()
    assert after["email_ingest_logs"] == before["email_ingest_logs"] + 1


def test_peer_that_does_not_wait_for_the_reply(site, agency):
    """The mail is whole: it is stored, whether or not anybody hears of it."""
    import time
    with site.wire() as wire:
        wire.envelope(agency.address)
        wire.send(mails.stuffed(mails.report_mail(books.small(1)[1])) + b"QUIT\r\n")
    end = time.monotonic() + callmx.PATIENCE
    while time.monotonic() < end and not agency.log():
        time.sleep(0.05)
    assert len(agency.log()) == 1 and len(agency.calls()) == 3


def test_verbs(site):
    with site.wire() as wire:
        for command, code in (("NOOP x", 250), ("HELP", 214), ("RSET", 250), ("VRFY postmaster", 252),
                              ("VRFY nobody", 252), ("EXPN list", 502), ("ETRN x", 502), ("TURN", 502),
                              ("FROB", 500), ("MAIL FROM:<a@example.net>", 503), ("HELO x.example.net", 250),
                              ("MAIL FROM:a b", 501), ("MAIL FROM:<a@example.net> FROB=1", 555),
                              ("MAIL FROM:<> BODY=8BITMIME", 250), ("MAIL FROM:<>", 503), ("QUIT now", 501)):
            reply = wire.command(command)
            assert reply.code == code, (command, reply)
            if not command.startswith("HELO"):
                assert reply.enhanced.startswith("%d." % (code // 100)), (command, reply)
        assert wire.command("QUIT").code == 221 and wire.is_closed()


def test_http_is_sent_away(site):
    with site.wire() as wire:
        wire.send(b"POST / HTTP/1.1\r\nHost: x\r\n\r\nMAIL FROM:<a@example.net>\r\n")
        assert wire.reply().code == 500 and wire.is_closed()


def test_a_command_line_without_an_end(site):
    with site.wire() as wire:
        wire.send(b"EHLO " + b"x" * 5000)
        assert wire.reply().code == 500 and wire.is_closed()


def test_talks_before_the_greeting(site):
    """Bytes that are there before the greeting: 554 and the close, or a session that begins with them."""
    with mails.Wire(site.port, greet=False) as wire:
        wire.send(b"EHLO early.example.net\r\n")
        first = wire.reply()
        assert first.code in (220, 554)
        if first.code == 554:
            assert wire.is_closed()
        else:
            assert wire.reply().code == 250


def test_a_peer_that_ends_its_side_hears_the_end(site, agency):
    """All in one piece and the sending side closed, without QUIT: every reply comes, then the end."""
    mail = mails.stuffed(mails.report_mail(books.small(41)[1]))
    with site.wire() as wire:
        wire.send(("EHLO mail.example.net\r\nMAIL FROM:<>\r\nRCPT TO:<%s>\r\nDATA\r\n" % agency.address).encode() + mail)
        wire.socket.shutdown(socket.SHUT_WR)
        assert [wire.reply().code for _ in range(4)] == [250, 250, 250, 354]
        assert wire.reply().verdict == "stored"
        with pytest.raises(mails.Closed):
            wire.reply()
