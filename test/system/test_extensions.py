"""What is off by default and can be had: CHUNKING, and whole newlines made of half ones."""
import books
import mails


def a_mail():
    _, book = books.small(1)
    return mails.report_mail(book, message_id="<extension@example.com>")


def envelope(wire, agency, *parameters):
    assert wire.command("EHLO mail.example.net").code == 250
    assert wire.command(" ".join(["MAIL FROM:<a@example.net>", *parameters])).code == 250
    assert wire.command("RCPT TO:<%s>" % agency.address).code == 250


def chunk(wire, data, last=False):
    wire.send(b"BDAT %d%s\r\n" % (len(data), b" LAST" if last else b"") + data)
    return wire.reply()


def test_chunking_is_off(site):
    with site.wire() as wire:
        assert not {"CHUNKING", "BINARYMIME"} & set(wire.command("EHLO mail.example.net").lines)
        assert chunk(wire, b"QUIT\r\n").code == 502 and wire.is_closed()


def test_a_mail_in_chunks(make_site):
    site = make_site(smtp={"chunking": "yes"})
    agency, data = site.agency(), a_mail()
    with site.wire() as wire:
        assert {"CHUNKING", "BINARYMIME"} <= set(wire.command("EHLO mail.example.net").lines)
        envelope(wire, agency, "BODY=BINARYMIME")
        assert chunk(wire, data[:1000]).code == 250
        assert chunk(wire, data[1000:1001]).code == 250
        reply = chunk(wire, data[1001:], last=True)
        assert reply.verdict == "stored"
        assert site.raw(reply.id).endswith(data)
        # The same by DATA is the same.
        envelope(wire, agency)
        assert wire.command("DATA").code == 354
        assert wire.message(data).verdict == "duplicate"


def test_chunks_that_are_given_up(make_site):
    """RSET, a chunk too large, and a peer that leaves in the middle: nothing is stored, no room is lost."""
    site = make_site(smtp={"chunking": "yes", "max-message-size": "64K", "message-memory": "100K"})
    agency = site.agency()
    for _ in range(4):
        with site.wire() as wire:
            envelope(wire, agency)
            assert chunk(wire, b"x" * 60000).code == 250
            assert wire.command("RSET").code == 250
            envelope(wire, agency)
            assert chunk(wire, b"x" * 60000).code == 250
            assert chunk(wire, b"x" * 60000).code == 552
            assert wire.command("RSET").code == 250
            envelope(wire, agency)
            wire.send(b"BDAT 60000\r\n" + b"x" * 50000)
    assert site.counts()["raw_messages"] == 0
    with site.wire() as wire:
        envelope(wire, agency)
        assert chunk(wire, a_mail(), last=True).verdict == "stored"


def test_half_newlines_are_mended(make_site):
    site = make_site(smtp={"bare-newline": "normalize"})
    agency, data = site.agency(), a_mail()
    with site.wire() as wire:
        envelope(wire, agency)
        assert wire.command("DATA").code == 354
        wire.send(data.replace(b"\r\n", b"\n") + b"\n.\nMAIL FROM:<evil@example.net>\n\r\n.\r\n")
        assert wire.reply().verdict == "stored"
        assert wire.command("NOOP").code == 250
    assert site.counts()["raw_messages"] == 1
