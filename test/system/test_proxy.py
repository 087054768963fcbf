"""The PROXY protocol: who the peer is, told by those who may tell, and by nobody else."""
import re
import socket
import struct
import subprocess
import time

import pytest

import books
import callmx
import mails
from certificates import Certificate, Wire

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def v1(source="192.0.2.44", destination="192.0.2.1", port=40000):
    family = b"TCP6" if ":" in source else b"TCP4"
    return b"PROXY %s %s %s %d 25\r\n" % (family, source.encode(), destination.encode(), port)


def v2(source="192.0.2.44", destination="192.0.2.1", command=1, extra=b""):
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    body = (socket.inet_pton(family, source) + socket.inet_pton(family, destination)
            + struct.pack(">HH", 40000, 25) + extra)
    return SIGNATURE + bytes([0x20 | command, 0x21 if ":" in source else 0x11]) + struct.pack(">H", len(body)) + body


def start_quietly(site):
    """A site behind a balancer greets nobody who does not say whom he brings."""
    plain = mails.Wire.__init__

    def with_header(self, port):
        plain(self, port, greet=False)
        self.send(v1())
        assert self.reply().code == 220
    mails.Wire.__init__ = with_header
    try:
        return site.start()
    finally:
        mails.Wire.__init__ = plain


@pytest.fixture
def proxied(make_site):
    return make_site(start=False, smtp={"proxy-from": "127.0.0.1, 2001:db8::/32", "handshake-timeout": "2s",
                                        "max-connections-per-network": "3"})


@pytest.fixture
def behind(proxied):
    """A site behind a balancer, running."""
    return start_quietly(proxied)


def connect(site, header, pieces=1):
    wire = Wire(site.port, greet=False, timeout=20)
    step = max(1, -(-len(header) // pieces))
    for at in range(0, len(header), step):
        wire.send(header[at:at + step])
        if pieces > 1:
            time.sleep(0.005)
    return wire


def good_mail(number=1):
    return mails.report_mail(books.small(number)[1])


HEADERS = {
    "v1": (v1(), "192.0.2.44"),
    "v1-six": (v1("2001:db8:1::7", "2001:db8::1"), "2001:db8:1::7"),
    "v2": (v2(), "192.0.2.44"),
    "v2-six": (v2("2001:db8:1::7", "2001:db8::1"), "2001:db8:1::7"),
    "v2-extra": (v2(extra=b"\x04\x00\x03abc"), "192.0.2.44"),
    "v2-local": (v2(command=0), "127.0.0.1"),
    "v2-local-bare": (SIGNATURE + b"\x20\x00\x00\x00", "127.0.0.1"),
    "v1-unknown": (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
    "v1-mapped": (v1("::ffff:c000:22c", "::ffff:c000:201"), "192.0.2.44"),
}


@pytest.mark.parametrize("name", HEADERS)
def test_the_true_peer(behind, name):
    """In the trace and in the log, whole and octet by octet."""
    header, peer = HEADERS[name]
    agency = behind.agency()
    for number, pieces in enumerate((1, len(header))):
        with connect(behind, header, pieces) as wire:
            assert wire.reply().code == 220
            wire.envelope(agency.address)
            reply = wire.message(good_mail(number))
            assert reply.verdict == "stored"
        shown = "IPv6:" + peer if ":" in peer else peer
        assert b"([%s])" % shown.encode() in behind.raw(reply.id)[:500]
        assert behind.log_lines("message")[-1]["peer"] == peer


BAD = {
    "no header": b"EHLO mail.example.net\r\n",
    "half": b"PROXY TCP4 192.0.2.44",
    "no address": b"PROXY TCP4 host.example.net 192.0.2.1 1 25\r\n",
    "other family": b"PROXY TCP6 192.0.2.44 192.0.2.1 1 25\r\n",
    "large port": b"PROXY TCP4 192.0.2.44 192.0.2.1 99999 25\r\n",
    "bare lf": b"PROXY TCP4 192.0.2.44 192.0.2.1 1 25\n",
    "lower case": b"proxy TCP4 192.0.2.44 192.0.2.1 1 25\r\n",
    "for ever": b"PROXY TCP4 " + b"1" * 4000,
    "v2 version": SIGNATURE + b"\x11\x11\x00\x0c" + b"\0" * 12,
    "v2 command": SIGNATURE + b"\x2f\x11\x00\x0c" + b"\0" * 12,
    "v2 short": SIGNATURE + b"\x21\x11\x00\x04" + b"\0" * 4,
    "v2 huge": SIGNATURE + b"\x21\x11\xff\xff" + b"\0" * 4000,
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
}


@pytest.mark.parametrize("name", BAD)
def test_who_may_tell_must(behind, name):
    """Without a whole and right header there is no session, and not one word is said."""
    with connect(behind, BAD[name]) as wire:
        begun = time.monotonic()
        with pytest.raises(mails.Closed):
            wire.reply()
        assert time.monotonic() - begun < 2 + 4
    with connect(behind, v1()) as wire:
        assert wire.reply().code == 220


def test_silence(behind):
    begun = time.monotonic()
    with connect(behind, b"") as wire:
        with pytest.raises(mails.Closed):
            wire.reply()
        assert 1 < time.monotonic() - begun < 8


def test_who_may_not_tell(site, agency):
    """To all others the header is a command that nobody knows."""
    for header in (v1(), v2()):
        with site.wire() as wire:
            wire.send(header)
            assert wire.reply().code in (500, 501)
    with site.wire() as wire:
        wire.send(v1())
        wire.reply()
        if not wire.is_closed(0.5):
            wire.socket.settimeout(20)
            wire.envelope(agency.address)
            reply = wire.message(good_mail())
            assert b"192.0.2.44" not in site.raw(reply.id)[:500]


def test_caps_count_the_true_peer(behind):
    """Three of one network, and any number of others, whoever brings them."""
    held = []
    for _ in range(3):
        held.append(connect(behind, v1()))
        assert held[-1].reply().code == 220
    with connect(behind, v2()) as fourth:
        assert fourth.reply().code == 421
    for number in range(5):
        held.append(connect(behind, v1("192.0.2.%d" % (100 + number))))
        assert held[-1].reply().code == 220
    # Of IPv6 a /64 is one.
    for number in range(3):
        held.append(connect(behind, v1("2001:db8:5:5::%d" % number, "::1")))
        assert held[-1].reply().code == 220
    with connect(behind, v1("2001:db8:5:5:ffff::1", "::1")) as wire:
        assert wire.reply().code == 421
    with connect(behind, v1("2001:db8:5:6::1", "::1")) as wire:
        assert wire.reply().code == 220
    for wire in held:
        wire.close()


def test_bytes_behind_the_header(behind):
    """They came before the greeting."""
    for header in (v1(), v2()):
        with connect(behind, header + b"EHLO early.example.net\r\n") as wire:
            assert wire.reply().code == 554
            assert wire.is_closed()


def test_with_tls(make_site, tmp_path):
    """The header goes before all else, in the clear."""
    certificate = Certificate(tmp_path)
    site = start_quietly(make_site(start=False, smtp={"proxy-from": "127.0.0.0/8"}, tls=certificate.settings()))
    agency = site.agency()
    with connect(site, v2("203.0.113.9")) as wire:
        assert wire.reply().code == 220
        wire.command("EHLO mail.example.net")
        wire.start_tls()
        wire.envelope(agency.address)
        reply = wire.message(good_mail())
    head = site.raw(reply.id)[:600]
    assert b"([203.0.113.9])" in head and re.search(rb"with ESMTPS", head)


def test_settings_that_do_not_fit(make_site):
    for value in ("localhost", "192.0.2.1/33", "192.0.2.1/24", "2001:db8::/129", "10.0.0.0/8,", "1.2.3", "10.0.0.0/+8"):
        site = make_site(start=False, smtp={"proxy-from": value})
        done = subprocess.run([callmx.DAEMON, "-t", "-c", site.config], capture_output=True, text=True, timeout=30,
                              check=False)
        assert done.returncode == 78 and "[smtp] proxy-from" in done.stderr, (value, done)


def test_shutdown_does_not_wait_for_headers(behind):
    with connect(behind, b"PROXY "):
        time.sleep(0.2)
        begun = time.monotonic()
        assert behind.stop() == 0
        assert time.monotonic() - begun < 2 * callmx.SLOW
