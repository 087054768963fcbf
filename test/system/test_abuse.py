"""Peers who mean harm, or do it: slow, silent, greedy, many. They are sent away, and nobody else notices."""
import bisect
import os
import random
import resource
import selectors
import socket
import subprocess
import time

import pytest

import books
import callmx
import machine
import mails

NOBODY = "calls-aaaaaaaaaaaaaaaaaaaaaaaaa%s@" + callmx.DOMAIN
MANY = {"max-connections-per-network": "100000"}


def good_mail(number=1):
    return mails.report_mail(books.small(number)[1])


def wait_for(what, patience=callmx.PATIENCE):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.02)
    return False


def processor_time(pid):
    with open("/proc/%d/stat" % pid, encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# --- time ---

def test_session_that_stays_too_long_in_data(make_site):
    """The limit of a session holds in the middle of a message too, however fast it comes."""
    site = make_site(smtp={"session-timeout": "2s", "data-grace": "60s"})
    agency = site.agency()
    before = site.counts()
    with site.wire() as wire:
        wire.envelope(agency.address)
        begun = time.monotonic()
        wire.socket.settimeout(0.1)
        code = None
        while code is None and time.monotonic() - begun < 15:
            try:
                wire.send(b"x" * 70 + b"\r\n")
                code = wire.reply().code
            except socket.timeout:
                pass
            except (ConnectionError, mails.Closed):
                break
        assert code == 421 and 1 < time.monotonic() - begun < 8
    assert site.counts() == before


def test_a_slow_message_one_octet_at_a_time(make_site):
    site = make_site(smtp={"data-grace": "1s", "data-min-rate": "100"})
    agency = site.agency()
    with site.wire() as wire:
        wire.envelope(agency.address)
        begun = time.monotonic()
        wire.socket.settimeout(0.05)
        code = None
        while code is None and time.monotonic() - begun < 15:
            try:
                wire.send(b"x")
                code = wire.reply().code
            except socket.timeout:
                pass
        assert code == 421 and 0.8 < time.monotonic() - begun < 8


def test_slowloris(make_site, figures):
    """Hundreds of connections that drip: gone in time, and mail goes through all the while."""
    count = 500
    site = make_site(smtp={"session-timeout": "8s", "command-timeout": "4s", "data-grace": "3s", **MANY})
    agency = site.agency()
    choice = selectors.DefaultSelector()
    slow = []
    for number in range(count):
        wire = site.wire()
        if number % 2:
            wire.envelope(agency.address)
        wire.socket.setblocking(False)
        choice.register(wire.socket, selectors.EVENT_READ)
        slow.append(wire.socket)
    begun, worst, delivered, left = time.monotonic(), 0, 0, set(slow)
    while left and time.monotonic() - begun < 8 + 10 * callmx.SLOW:
        for drip in list(left):
            try:
                drip.send(b"x")
            except BlockingIOError:
                pass
            except ConnectionError:
                left.discard(drip)
        start = time.monotonic()
        delivered += 1
        assert site.deliver(good_mail(delivered), agency).verdict == "stored"
        worst = max(worst, time.monotonic() - start)
        end = start + 1
        while time.monotonic() < end:
            for key, _ in choice.select(0.1):
                try:
                    if not key.fileobj.recv(4096):
                        raise ConnectionError
                except BlockingIOError:
                    pass
                except ConnectionError:
                    choice.unregister(key.fileobj)
                    left.discard(key.fileobj)
    took = time.monotonic() - begun
    for one in slow:
        one.close()
    assert not left, "%d of %d are still there" % (len(left), count)
    assert worst < 2 * callmx.SLOW
    figures("%d slow connections gone in %.1f s; a mail between them took %.3f s at most" % (count, took, worst))


def test_replies_that_nobody_reads(make_site):
    """The buffer has a ceiling, and the connection an end."""
    site = make_site(smtp={"command-timeout": "2s", "max-junk-commands": "1000000"}, log={"level": "debug"})
    assert wait_for(lambda: len(site.log_lines("session-ended")) == 1), "that of the start"
    before = 1
    memory = int(machine.status(site.pid)["VmRSS"].split()[0])
    greedy = socket.socket()
    greedy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    greedy.connect(("127.0.0.1", site.port))
    greedy.setblocking(False)
    begun, sent, commands = time.monotonic(), 0, b"EHLO mail.example.net\r\n" * 4000
    while len(site.log_lines("session-ended")) == before and time.monotonic() - begun < 30:
        try:
            sent += greedy.send(commands[sent % len(b"EHLO mail.example.net\r\n"):])
        except BlockingIOError:
            pass
        except ConnectionError:
            break
        time.sleep(0.05)
    assert wait_for(lambda: len(site.log_lines("session-ended")) > before), "it is still there"
    assert 1.5 < time.monotonic() - begun < 20
    grown = int(machine.status(site.pid)["VmRSS"].split()[0]) - memory
    assert callmx.SANITIZED or grown < 8 * 1024, "%d KB for one who does not read" % grown
    greedy.close()


def test_greeting_delay(make_site):
    site = make_site(smtp={"greeting-delay": "1s"})
    begun = time.monotonic()
    with site.wire() as wire:
        assert 0.8 < time.monotonic() - begun < 5
        assert wire.command("EHLO mail.example.net").code == 250
    for wait in (0, 0.4):
        with mails.Wire(site.port, greet=False) as wire:
            time.sleep(wait)
            wire.send(b"EHLO early.example.net\r\n")
            begun = time.monotonic()
            reply = wire.reply()
            assert (reply.code, reply.enhanced) == (554, "5.5.1"), reply
            assert wire.is_closed()
            assert time.monotonic() - begun < 5


def test_greeting_delay_and_a_peer_that_leaves(make_site):
    site = make_site(smtp={"greeting-delay": "1s"})
    before = len(machine.descriptors(site.pid))
    for _ in range(20):
        mails.Wire(site.port, greet=False).close()
    time.sleep(1.5)
    assert wait_for(lambda: len(machine.descriptors(site.pid)) <= before)
    with site.wire() as wire:
        assert wire.command("QUIT").code == 221


# --- recipients ---

def timed(wire, command):
    begun = time.monotonic()
    reply = wire.command(command)
    return reply, time.monotonic() - begun


def test_refusals_take_longer_and_longer(make_site):
    """A second more for each, for a good recipient as for a bad one, and for this session alone."""
    site = make_site(smtp={"rcpt-delay": "1s"})
    agency = site.agency()
    with site.wire() as wire, site.wire() as other:
        for session in (wire, other):
            session.command("EHLO mail.example.net")
            session.command("MAIL FROM:<a@example.net>")
        for number in range(3):
            reply, took = timed(wire, "RCPT TO:<%s>" % (NOBODY % "abc"[number]))
            assert reply.code == 550 and number - 0.05 <= took < number + 0.9, (number, took)
            if number == 1:
                wire.command("RSET")
                wire.command("MAIL FROM:<b@example.net>")
        reply, took = timed(wire, "RCPT TO:<%s>" % agency.address)
        assert reply.code == 250 and 2.95 <= took < 3.9, took
        reply, took = timed(other, "RCPT TO:<%s>" % agency.address)
        assert reply.code == 250 and took < 0.9, took
        assert timed(wire, "NOOP")[1] < 0.9


def test_a_peer_that_leaves_while_it_is_held(make_site):
    site = make_site(smtp={"rcpt-delay": "1s"})
    agency = site.agency()
    for number in range(10):
        wire = site.wire()
        wire.send(b"EHLO mail.example.net\r\nMAIL FROM:<a@example.net>\r\n" + b"".join(
            b"RCPT TO:<%s>\r\n" % (NOBODY % letter).encode() for letter in "abc"))
        time.sleep(0.1 * number)
        wire.close()
    time.sleep(2)
    assert site.deliver(good_mail(), agency).verdict == "stored"


def test_the_sixth_is_one_too_many(make_site):
    site = make_site(smtp={"rcpt-delay": "0"})
    with site.wire() as wire:
        wire.command("EHLO mail.example.net")
        wire.command("MAIL FROM:<a@example.net>")
        assert [wire.command("RCPT TO:<%s>" % (NOBODY % "a")).code for _ in range(6)] == [550] * 5 + [421]
        assert wire.is_closed()


def test_a_network_that_guesses(make_site):
    """Session after session: what is counted is the network. A good key is then refused like a bad one."""
    site = make_site(smtp={"rcpt-delay": "0", "max-rcpt-errors-per-hour": "7"})
    agency = site.agency()
    for session in range(4):
        with site.wire() as wire:
            wire.command("EHLO mail.example.net")
            wire.command("MAIL FROM:<a@example.net>")
            for number in range(2):
                reply = wire.command("RCPT TO:<%s>" % (NOBODY % "ab"[number]))
                if session * 2 + number < 7:
                    assert reply.code == 550, (session, number, reply)
                else:
                    assert (reply.code, reply.enhanced) == (421, "4.7.0"), reply
                    with pytest.raises(mails.Closed):
                        wire.reply()
    with site.wire() as wire:
        wire.command("EHLO mail.example.net")
        wire.command("MAIL FROM:<a@example.net>")
        assert wire.command("RCPT TO:<%s>" % agency.address).code == 421
    # It is that network alone: another loopback address is another network.
    with socket.create_connection(("127.0.0.1", site.port), source_address=("127.0.0.2", 0), timeout=20) as bare:
        wire = mails.Wire.__new__(mails.Wire)
        wire.socket, wire.buffer = bare, b""
        assert wire.reply().code == 220
        wire.envelope(agency.address)
        assert wire.message(good_mail()).verdict == "stored"


def test_the_time_tells_nothing(make_site, figures):
    """10,000 questions, half of them after keys that are not: the same times, as Kolmogorov and Smirnov compare them."""
    high = "1000000"
    site = make_site(smtp={"rcpt-delay": "0", "max-rcpt-errors": high, "max-rcpt-errors-per-hour": high,
                           "max-junk-commands": high})
    agency = site.agency()
    chance = random.Random(1)
    near = agency.address.replace(agency.key, agency.key[:-1] + ("a" if agency.key[-1] != "a" else "b"))
    times = {agency.address: [], near: []}
    with site.wire() as wire:
        wire.command("EHLO mail.example.net")
        for number in range(10_500):
            asked = chance.choice((agency.address, near))
            wire.command("RSET")
            wire.command("MAIL FROM:<a@example.net>")
            line = b"RCPT TO:<%s>\r\n" % asked.encode()
            begun = time.perf_counter()
            wire.send(line)
            said = wire.socket.recv(1000)
            took = time.perf_counter() - begun
            assert said.startswith(b"250" if asked == agency.address else b"550"), said
            if number >= 500:
                times[asked].append(took)
    hit, miss = (sorted(found) for found in times.values())
    apart = max(abs(bisect.bisect_right(hit, at) / len(hit) - bisect.bisect_right(miss, at) / len(miss))
                for at in hit + miss)
    figures("a good key takes %.0f us, a bad one %.0f us (medians of %d and %d); the distributions differ by %.4f"
            % (hit[len(hit) // 2] * 1e6, miss[len(miss) // 2] * 1e6, len(hit), len(miss), apart))
    # At this size 0.0326 comes about by chance once in a hundred times.
    assert apart < 0.04


def test_messages_of_a_session(make_site):
    site = make_site(smtp={"max-messages": "2"})
    agency = site.agency()
    with site.wire() as wire:
        for number in range(2):
            wire.envelope(agency.address)
            assert wire.message(good_mail(number)).verdict == "stored"
        reply = wire.command("MAIL FROM:<a@example.net>")
        assert (reply.code, reply.enhanced) == (421, "4.7.0") and wire.is_closed()


# --- what is no SMTP ---

FOREIGN = [b"GET / HTTP/1.1\r\n", b"CONNECT mx:25 HTTP/1.1\r\n", b"PUT /x HTTP/1.0\r\n", b"OPTIONS * HTTP/1.1\r\n",
           b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03", b"\x05\x01\x00\r\n",
           b"SSH-2.0-x\r\n", b"{\"jsonrpc\": \"2.0\"}\r\n"]


@pytest.mark.parametrize("first", FOREIGN[:6], ids=repr)
def test_other_protocols_are_cut_off(site, first):
    with site.wire() as wire:
        wire.send(first + b"MAIL FROM:<thief@example.net>\r\nRCPT TO:<postmaster>\r\nDATA\r\n")
        try:
            assert wire.reply().code == 500
            with pytest.raises(mails.Closed):
                wire.reply()
        except mails.Closed:
            pytest.fail("no reply")


@pytest.mark.parametrize("first", FOREIGN[6:], ids=repr)
def test_nonsense_gets_nowhere(site, first):
    with site.wire() as wire:
        wire.send(first * 20)
        codes = []
        try:
            while True:
                codes.append(wire.reply().code)
        except mails.Closed:
            pass
        assert codes and set(codes) <= {500, 501, 502, 421} and len(codes) <= 12, codes


# --- descriptors ---

def leave_free(pid, count):
    """Lowers the limit of a running process until so many descriptors are left."""
    used, limit = set(machine.descriptors(pid)), 0
    free = 0
    while free < count or limit in used:
        free += limit not in used
        limit += 1
    old = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (limit, old[1]))
    return old


def test_no_descriptors(make_site):
    """Who comes then is told so, the processor does not spin, and it ends by itself."""
    site = make_site(smtp=MANY)
    agency = site.agency()
    old = leave_free(site.pid, 3)
    held = [site.wire() for _ in range(3)]
    queue = [mails.Wire(site.port, greet=False) for _ in range(3)]
    try:
        for wire in queue[:2]:
            assert wire.reply().code == 421 and wire.is_closed()
        others = [mails.Wire(site.port, greet=False) for _ in range(5)]
        before = processor_time(site.pid)
        time.sleep(2)
        assert processor_time(site.pid) - before < 0.3
        for wire in held + others:
            wire.close()
    finally:
        resource.prlimit(site.pid, resource.RLIMIT_NOFILE, old)
    time.sleep(1.2)
    assert site.deliver(good_mail(), agency).verdict == "stored"


def test_no_descriptor_for_a_message(make_site):
    """The session goes on: its mail is put off, not lost and not half there."""
    site = make_site(smtp=MANY)
    agency = site.agency()
    with site.wire() as wire:
        old = leave_free(site.pid, 0)
        try:
            wire.envelope(agency.address)
            reply = wire.message(good_mail())
            assert reply.code in (451, 452), reply
        finally:
            resource.prlimit(site.pid, resource.RLIMIT_NOFILE, old)
        wire.envelope(agency.address)
        assert wire.message(good_mail()).verdict == "stored"


def test_more_connections_than_descriptors(make_site):
    """The limit that is set does not fit: the log says so, and what fits is kept to."""
    site = make_site(start=False, smtp=MANY)
    site.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200)))
    warned = [line for line in site.log_lines() if line["level"] == "warning" and "max-connections" in line["event"]]
    assert len(warned) == 1, site.log_text()
    assert "200" in warned[0].values()
    codes, held = [], []
    for _ in range(150):
        wire = mails.Wire(site.port, greet=False)
        held.append(wire)
        codes.append(wire.reply().code)
        if codes[-1] == 421:
            break
    assert codes[-1] == 421 and 20 < len(codes) < 150, len(codes)
    for wire in held:
        wire.close()
    agency = site.agency()
    assert site.deliver(good_mail(), agency).verdict == "stored"


# --- the log ---

def test_refusals_do_not_fill_the_log(make_site):
    """The first lines of a minute in full, the rest as a number."""
    site = make_site(smtp={"max-errors": "1000"})
    with site.wire() as wire:
        for _ in range(300):
            assert wire.command("FROB").code == 500
    assert 5 <= len(site.log_lines("refused")) <= 40


def test_nor_do_those_who_come_again(make_site):
    site = make_site()
    for _ in range(60):
        with site.wire() as wire:
            wire.command("FROB")
        time.sleep(0.01)
    assert 5 <= len(site.log_lines("refused")) <= 40


# --- the disk ---

def test_reserve_of_the_disk(make_site):
    """Asked at MAIL: nobody sends what there is no room for."""
    site = make_site(smtp={"min-free-space": "8000000G"})
    with site.wire() as wire:
        wire.command("EHLO mail.example.net")
        for command in ("MAIL FROM:<a@example.net>", "MAIL FROM:<a@example.net> SIZE=1000"):
            reply = wire.command(command)
            assert (reply.code, reply.enhanced) == (452, "4.3.1"), reply
        assert wire.command("NOOP").code == 250
    assert len(site.log_lines("disk-low")) >= 1


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", folder], check=False,
                      capture_output=True).returncode != 0:
        pytest.skip("no file system may be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=False)


def test_a_disk_that_fills(make_site, small_disk):
    site = make_site(start=False, smtp={"min-free-space": "10M"},
                     server={"database": "sqlite:%s" % (small_disk / "callmx.db")})
    site.database = small_disk / "callmx.db"
    site.start()
    agency = site.agency()
    assert site.deliver(good_mail(1), agency).verdict == "stored"
    ballast = small_disk / "ballast"
    with site.wire() as wire:
        wire.command("EHLO mail.example.net")
        # Twice the size must fit: 16 MB do not, 1 MB does.
        reply = wire.command("MAIL FROM:<a@example.net> SIZE=16000000")
        assert (reply.code, reply.enhanced) == (452, "4.3.1"), reply
        assert wire.command("MAIL FROM:<a@example.net> SIZE=1000000").code == 250
        wire.command("RSET")
        ballast.write_bytes(b"x" * (os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize - (8 << 20)))
        time.sleep(1.2)
        reply = wire.command("MAIL FROM:<a@example.net>")
        assert (reply.code, reply.enhanced) == (452, "4.3.1"), reply
        ballast.unlink()
        time.sleep(1.2)
        wire.envelope(agency.address)
        assert wire.message(good_mail(2)).verdict == "stored"
    site.check_end()
    site.process = None


# --- many ---

def test_many_idle_connections(make_site, figures):
    """Ten thousand of them, or as many as the machine lets: they cost little memory, no time, and nobody waits."""
    wanted = 10_000 if not callmx.SANITIZED else 1000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted + 200:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted + 200, max(hard, wanted + 200)))
        except (ValueError, OSError):
            wanted = soft - 200
    site = make_site(start=False, smtp={"max-connections": "20000", **MANY})

    def raise_limit():
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted + 1000, wanted + 1000))
        except (ValueError, OSError):
            pass
    site.start(preexec_fn=raise_limit)
    agency = site.agency()

    def speed(first):
        begun = time.monotonic()
        with site.wire() as wire:
            for number in range(50):
                wire.envelope(agency.address)
                assert wire.message(good_mail(first + number)).verdict == "stored"
        return (time.monotonic() - begun) / 50
    speed(0)
    alone = speed(100)
    before = int(machine.status(site.pid)["VmRSS"].split()[0])
    held = []
    try:
        for number in range(wanted):
            bare = socket.socket()
            bare.bind(("127.0.%d.%d" % (1 + number // 200, 1 + number % 200), 0))
            bare.connect(("127.0.0.1", site.port))
            held.append(bare)
            if len(held) % 200 == 0:
                for one in held[-200:]:
                    assert one.recv(200).startswith(b"220 ")
        grown = int(machine.status(site.pid)["VmRSS"].split()[0]) - before
        time.sleep(1)
        used = processor_time(site.pid)
        time.sleep(3)
        used = processor_time(site.pid) - used
        among = speed(200)
        for one in held[::500]:
            one.sendall(b"NOOP\r\n")
            assert one.recv(200).startswith(b"250 ")
    finally:
        for one in held:
            one.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    figures("%d idle connections: %.1f KB each, %.2f s of processor time in 3 s; a mail took %.2f ms alone, %.2f ms among them"
            % (len(held), grown / len(held), used, alone * 1000, among * 1000))
    assert len(held) == wanted
    assert used < 0.1 * callmx.SLOW
    assert among < 2 * alone + 0.01
    assert callmx.SANITIZED or grown / len(held) < 8
    assert wait_for(lambda: len(machine.descriptors(site.pid)) < 100)
