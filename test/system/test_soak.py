"""Many short sessions, good and bad: afterwards the daemon is as large as it was.

CALLMX_SOAK=100000 makes it so many sessions.
"""
import os
import pathlib
import random
import socket
import threading
import time

import books
import callmx
import certificates
import mails
import pytest

SESSIONS = int(os.environ.get("CALLMX_SOAK", 20000 // callmx.SLOW))
THREADS = 8
# Of memory that grows with each session; a list that is never emptied is far above it. It can be
# measured when the database's page cache is full, which takes so many sessions.
MOST_BYTES_PER_SESSION, FULL_CACHE = 64, 100000
PAGES = 128 * 1024  # what the heap of the rest may grow by, in all


def resident(pid):
    text = pathlib.Path("/proc/%d/statm" % pid).read_text()
    return int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE")


def descriptors(pid):
    return len(os.listdir("/proc/%d/fd" % pid))


class Peer:
    """What the sessions of the test do; each takes a connected socket and leaves it."""

    def __init__(self, site, agency):
        self.site, self.agency, self.greeted = site, agency, []
        _, book = books.small(1)
        self.mail = mails.stuffed(mails.report_mail(book, message_id="<soak@example.com>"))
        self.kinds = [self.says_hello, self.says_nothing, self.gets_all_wrong, self.guesses, self.stops_in_data,
                      self.smuggles, self.talks_early, self.speaks_http, self.resets, self.mails, self.shakes_badly]

    def envelope(self):
        return b"EHLO soak.example.net\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:<%s>\r\nDATA\r\n" \
            % self.agency.address.encode()

    def says_hello(self, wire):
        wire.sendall(b"EHLO soak.example.net\r\nQUIT\r\n")

    def says_nothing(self, wire):
        wire.shutdown(socket.SHUT_WR)

    def gets_all_wrong(self, wire):
        wire.sendall(b"FROB\r\n" * 12)

    def guesses(self, wire):
        wire.sendall(b"HELO a\r\nMAIL FROM:<>\r\n" +
                     b"".join(b"RCPT TO:<calls-%d@%s>\r\n" % (random.randrange(10 ** 9), callmx.DOMAIN.encode())
                              for _ in range(3)) + b"QUIT\r\n")

    def stops_in_data(self, wire):
        wire.sendall(self.envelope() + self.mail[:random.randrange(len(self.mail))])
        wire.close()

    def smuggles(self, wire):
        wire.sendall(self.envelope() + b"x\n.\r\nMAIL FROM:<b@example.net>\r\n.\r\n")

    def talks_early(self, wire):
        wire.sendall(b"EHLO soak.example.net\r\nQUIT\r\n")

    def speaks_http(self, wire):
        wire.sendall(b"GET / HTTP/1.1\r\nHost: mx.example.com\r\n\r\n")

    def resets(self, wire):
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        wire.sendall(b"NOOP\r\n")
        wire.close()

    def mails(self, wire):
        wire.sendall(self.envelope() + self.mail + b"QUIT\r\n")

    def shakes_badly(self, wire):
        wire.sendall(b"EHLO a\r\n")
        time.sleep(0.001)
        wire.sendall(b"STARTTLS\r\n")
        time.sleep(0.001)
        wire.sendall(b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00")
        wire.shutdown(socket.SHUT_WR)

    def session(self, random_source):
        """A session that the kernel had no port for is one that was not."""
        try:
            with socket.create_connection(("127.0.0.1", self.site.port), timeout=30 * callmx.SLOW) as wire:
                kind = random_source.choice(self.kinds)
                if kind != self.talks_early:
                    self.greeted.append(wire.recv(4096).startswith(b"220 "))
                kind(wire)
                while wire.recv(65536):
                    pass
        except OSError:
            pass


def play(peer, count, errors):
    left, lock = [count], threading.Lock()

    def work(seed):
        source = random.Random(seed)
        try:
            while True:
                with lock:
                    if left[0] == 0:
                        return
                    left[0] -= 1
                peer.session(source)
        except Exception as error:  # for the thread that waits
            errors.append(error)

    threads = [threading.Thread(target=work, args=(seed,), daemon=True) for seed in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def settle(site, wanted):
    """Peers that were reset are noticed by and by."""
    end = time.monotonic() + 30 * callmx.SLOW
    while descriptors(site.pid) > wanted and time.monotonic() < end:
        time.sleep(0.1)


@pytest.fixture
def site(make_site, tmp_path):
    return make_site(tls=certificates.Certificate(tmp_path).settings(), log={"level": "warning"},
                     smtp={"max-connections-per-network": "1000", "max-rcpt-errors-per-hour": "1000000",
                           "rcpt-delay": "0", "handshake-timeout": "2"})


def test_many_short_sessions(site, figures):
    peer, errors = Peer(site, site.agency()), []
    before = descriptors(site.pid)
    play(peer, SESSIONS // 2, errors)  # caches, arenas and statements find their size
    settle(site, before)
    middle, began = resident(site.pid), time.monotonic()
    play(peer, SESSIONS - SESSIONS // 2, errors)
    settle(site, before)
    after = resident(site.pid)
    assert not errors, errors[0]
    assert sum(peer.greeted) > 0.8 * SESSIONS, "most of the sessions were none"
    assert descriptors(site.pid) <= before
    growth = (after - middle) / (SESSIONS - SESSIONS // 2)
    figures("%d sessions, the second half in %.0f s: %d descriptors before, %d after; memory %.1f MB, then %.1f MB"
            % (SESSIONS, time.monotonic() - began, before, descriptors(site.pid), middle / 1e6, after / 1e6))
    if not callmx.SANITIZED:  # its own quarantine grows
        assert SESSIONS < FULL_CACHE or growth <= MOST_BYTES_PER_SESSION, "%.0f bytes a session" % growth
    # So many of each kind were to be had; each mail is answered.
    assert site.sql("SELECT count(*) FROM email_ingest_logs")[0][0] > SESSIONS / len(peer.kinds) / 2
    assert mails.deliver(site.port, mails.report_mail(books.small(2)[1]), peer.agency.address).verdict == "stored"


def test_sessions_that_leave_nothing(site, figures):
    """Without mails nothing is cached, so that a few thousand are enough to see memory that is not given back."""
    peer, errors, count = Peer(site, site.agency()), [], 8000 // callmx.SLOW
    peer.kinds.remove(peer.mails)
    before = descriptors(site.pid)
    play(peer, 2000 // callmx.SLOW, errors)
    peer.greeted.clear()
    settle(site, before)
    begun = resident(site.pid)
    play(peer, count, errors)
    settle(site, before)
    growth = resident(site.pid) - begun
    figures("%d sessions without a mail: memory %.1f MB, and %d KB more after them"
            % (count, begun / 1e6, growth // 1024))
    assert not errors, errors[0]
    assert sum(peer.greeted) > 0.8 * count, "most of the sessions were none"
    assert descriptors(site.pid) <= before
    assert callmx.SANITIZED or growth <= PAGES + MOST_BYTES_PER_SESSION * count
    assert site.sql("SELECT count(*) FROM email_ingest_logs") == [(0,)]
