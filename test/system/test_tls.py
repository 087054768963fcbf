"""STARTTLS: what is offered, what it protects, what is refused, and certificates that change."""
import base64
import os
import re
import signal
import smtplib
import socket
import ssl
import subprocess
import time

import pytest

import books
import callmx
import machine
import mails
from certificates import Certificate, Wire, client, openssl, plain_reply, secured

TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


@pytest.fixture
def certificate(tmp_path):
    return Certificate(tmp_path)


@pytest.fixture
def tls_site(make_site, certificate):
    return make_site(tls=certificate.settings())


@pytest.fixture
def tls_agency(tls_site):
    return tls_site.agency()


def good_mail(number=1):
    return mails.report_mail(books.small(number)[1])


def wait_for(what, patience=callmx.PATIENCE):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.02)
    return False


def hang_up(site, good=True):
    """SIGHUP, and the line of the log that says what became of it."""
    event = "reloaded" if good else "reload-failed"
    count = len(site.log_lines(event))
    site.process.send_signal(signal.SIGHUP)
    assert wait_for(lambda: len(site.log_lines(event)) > count), site.log_text()[-2000:]
    return site.log_lines(event)[-1]


# --- what is offered ---

def test_without_a_certificate_there_is_none(site):
    with site.wire() as wire:
        assert "STARTTLS" not in wire.command("EHLO mail.example.net").lines
        assert wire.command("STARTTLS").code == 502


def test_offered_and_not_required(tls_site, tls_agency):
    with tls_site.wire() as wire:
        assert "STARTTLS" in wire.command("EHLO mail.example.net").lines
    assert tls_site.deliver(good_mail(), tls_agency).verdict == "stored"


def test_mail_over_tls(tls_site, tls_agency, certificate):
    with secured(tls_site) as wire:
        assert wire.der() == certificate.der()
        assert "STARTTLS" not in wire.command("EHLO mail.example.net").lines
        wire.envelope(tls_agency.address)
        reply = wire.message(good_mail())
        assert reply.verdict == "stored"
        assert wire.command("QUIT").code == 221
        assert wire.socket.recv(1) == b"", "the end is told within TLS"
    head = tls_site.raw(reply.id).split(b"\r\n\r\n")[0].decode()
    received = re.sub(r"\s+", " ", head[head.index("Received:"):head.index(" +0000")])
    assert re.search(r" by mx\.example\.com with ESMTPS \(TLSv1\.3 cipher TLS_[A-Z0-9_]+\) id %s; " % reply.id, received), received


def test_without_tls_the_trace_says_so(tls_site, tls_agency):
    reply = tls_site.deliver(good_mail(), tls_agency)
    head = tls_site.raw(reply.id).split(b"\r\n\r\n")[0]
    assert b" with ESMTP id " in head and b"cipher" not in head


def test_address_beyond_ascii(tls_site, tls_agency):
    """RFC 6531, 4.3: the protocol is named UTF8SMTPS."""
    for wire, name in ((tls_site.wire(), b" with UTF8SMTP "), (secured(tls_site), b" with UTF8SMTPS ")):
        with wire:
            assert "SMTPUTF8" in wire.command("EHLO mail.example.net").lines
            assert wire.command("MAIL FROM:<jürgen@example.net> SMTPUTF8").code == 250
            assert wire.command("RCPT TO:<%s>" % tls_agency.address).code == 250
            assert wire.command("DATA").code == 354
            reply = wire.message(good_mail(int(len(name))))
            assert reply.verdict == "stored"
            assert name in re.sub(rb"\s+", b" ", tls_site.raw(reply.id).split(b"\r\n\r\n")[0])


@pytest.mark.parametrize("version,name", [(TLS12, "TLSv1.2"), (TLS13, "TLSv1.3")], ids=["1.2", "1.3"])
def test_versions(tls_site, tls_agency, version, name):
    with secured(tls_site, client(version, version)) as wire:
        assert wire.socket.version() == name
        wire.envelope(tls_agency.address)
        reply = wire.message(good_mail())
        assert reply.verdict == "stored"
    assert name.encode() + b" cipher " in tls_site.raw(reply.id)[:1000]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1], ids=["1.0", "1.1"])
def test_old_versions_are_refused(tls_site, tls_agency, version):
    before = len(machine.descriptors(tls_site.pid))
    with Wire(tls_site.port) as wire:
        wire.command("EHLO mail.example.net")
        with pytest.raises((ssl.SSLError, ConnectionError)) as caught:
            wire.start_tls(client(version, version))
        assert "alert" in str(caught.value).lower() or "eof" in str(caught.value).lower(), caught.value
    assert wait_for(lambda: len(machine.descriptors(tls_site.pid)) == before)
    assert tls_site.deliver(good_mail(), tls_agency).verdict == "stored"


def test_the_rules_of_the_command(tls_site):
    with Wire(tls_site.port) as wire:
        wire.command("EHLO mail.example.net")
        assert wire.command("STARTTLS now").code == 501
        wire.start_tls()
        assert wire.command("MAIL FROM:<a@example.net>").code == 503, "EHLO is forgotten"
        wire.command("EHLO mail.example.net")
        reply = wire.command("STARTTLS")
        assert reply.code == 503, reply
        assert wire.command("NOOP").code == 250


def test_a_transaction_is_forgotten(tls_site, tls_agency):
    with Wire(tls_site.port) as wire:
        wire.command("EHLO evil.example.net")
        wire.command("MAIL FROM:<evil@example.net>")
        wire.command("RCPT TO:<%s>" % tls_agency.address)
        reply = wire.command("STARTTLS")
        if reply.code != 220:
            assert reply.code == 503, reply
            return
        wire.wrap()
        wire.command("EHLO mail.example.net")
        assert wire.command("DATA").code == 503
        assert wire.command("MAIL FROM:<a@example.net>").code == 250


def test_resumption(tls_site, tls_agency):
    for version in (TLS12, TLS13):
        context = client(version, version)
        with secured(tls_site, context) as wire:
            wire.command("EHLO mail.example.net")
            session = wire.socket.session
            assert not wire.socket.session_reused
        with Wire(tls_site.port) as wire:
            wire.command("EHLO mail.example.net")
            wire.start_tls(context, session=session)
            assert wire.socket.session_reused, version
            wire.envelope(tls_agency.address)
            assert wire.message(good_mail(version)).verdict == "stored"


def openssl_client(site, *arguments, lines=(), pause=0.5):
    """openssl s_client, which is told one line after the other."""
    process = subprocess.Popen(
        ["openssl", "s_client", "-connect", "127.0.0.1:%d" % site.port, "-starttls", "smtp", *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    for line in lines:
        time.sleep(pause)
        try:
            process.stdin.write(line)
            process.stdin.flush()
        except BrokenPipeError:
            break
    time.sleep(pause)
    try:
        return process.communicate(timeout=20)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        return process.communicate()[0]


def test_renegotiation_is_refused(tls_site, tls_agency):
    said = openssl_client(tls_site, "-tls1_2", lines=[b"R\n", b"NOOP\r\n"])
    assert b"RENEGOTIATING" in said and b"no renegotiation" in said, said
    assert tls_site.deliver(good_mail(), tls_agency).verdict == "stored"


def test_compression_and_early_data_are_not_there(tls_site):
    said = openssl_client(tls_site, "-tls1_2", "-comp", lines=[b"QUIT\r\n"])
    assert b"Compression: NONE" in said and b"Secure Renegotiation IS supported" in said, said
    said = openssl_client(tls_site, "-tls1_3", lines=[b"NOOP\r\n", b"QUIT\r\n"])
    assert b"Max Early Data: 0" in said or b"Early data was not sent" in said, said
    assert b"Max Early Data: 0" in said, said


# --- what waits when the handshake begins ---

@pytest.mark.parametrize("behind", [
    b"EHLO evil.example.net\r\n",
    b"MAIL FROM:<thief@example.net>\r\nRCPT TO:<%s>\r\nDATA\r\n",
    b"\0", b"S", b"\r\n", b"\x16\x03\x01"], ids=repr)
def test_bytes_behind_starttls(tls_site, tls_agency, behind):
    """CVE-2011-0411: they refuse it, and nobody reads them."""
    before = tls_site.counts()
    with Wire(tls_site.port) as wire:
        wire.command("EHLO mail.example.net")
        wire.send(b"STARTTLS\r\n" + behind.replace(b"%s", tls_agency.address.encode()))
        reply = wire.reply()
        assert (reply.code, reply.enhanced) == (501, "5.5.4"), reply
        assert plain_reply(wire) == b""
    assert tls_site.counts() == before


def test_many_bytes_behind_starttls(tls_site):
    """More than one buffer of them, and all that came before is answered."""
    with Wire(tls_site.port) as wire:
        wire.send(b"EHLO mail.example.net\r\nNOOP\r\nSTARTTLS\r\n" + b"NOOP\r\n" * 40_000)
        assert [wire.reply().code for _ in range(3)] == [250, 250, 501]
        assert plain_reply(wire) == b""


def test_plain_text_after_the_220(tls_site, tls_agency):
    """It is no handshake: not one word of it is taken for a command."""
    before = tls_site.counts()
    with Wire(tls_site.port) as wire:
        wire.command("EHLO mail.example.net")
        assert wire.command("STARTTLS").code == 220
        wire.send(b"EHLO evil.example.net\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:<%s>\r\nDATA\r\n"
                  % tls_agency.address.encode() + mails.stuffed(good_mail()) + b"QUIT\r\n")
        said = plain_reply(wire)
        assert b"250" not in said and b"354" not in said and b"221" not in said, said
    assert tls_site.counts() == before
    assert wait_for(lambda: any("tls" in line["event"] for line in tls_site.log_lines())), "the log says what failed"


def test_early_talker_with_a_handshake(tls_site):
    """TLS from the first byte is not SMTP."""
    context = client()
    with socket.create_connection(("127.0.0.1", tls_site.port), timeout=20) as bare:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            context.wrap_socket(bare)


@pytest.mark.parametrize("version", [TLS12, TLS13], ids=["1.2", "1.3"])
def test_a_peer_that_does_not_like_the_certificate(tls_site, version):
    """The log says so: there is nobody else who could tell."""
    context = ssl.create_default_context()
    context.minimum_version = context.maximum_version = version
    with Wire(tls_site.port) as wire:
        wire.command("EHLO mail.example.net")
        with pytest.raises(ssl.SSLCertVerificationError):
            wire.start_tls(context, "mx.example.com")
    assert wait_for(lambda: tls_site.log_lines("tls-failed"))
    assert "unknown ca" in tls_site.log_lines("tls-failed")[0]["reason"]


# --- deadlines ---

def test_handshake_that_does_not_come(make_site, certificate):
    site = make_site(smtp={"handshake-timeout": "1s"}, tls=certificate.settings())
    with Wire(site.port) as wire:
        wire.command("EHLO mail.example.net")
        assert wire.command("STARTTLS").code == 220
        begun = time.monotonic()
        assert wire.is_closed(8)
        assert 0.7 < time.monotonic() - begun < 5


def test_handshake_that_drips(make_site, certificate):
    """Each octet of it comes soon enough, and the whole does not."""
    site = make_site(smtp={"handshake-timeout": "2s"}, tls=certificate.settings())
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    shake = client().wrap_bio(incoming, outgoing)
    with pytest.raises(ssl.SSLWantReadError):
        shake.do_handshake()
    hello = outgoing.read()
    with Wire(site.port) as wire:
        wire.command("EHLO mail.example.net")
        assert wire.command("STARTTLS").code == 220
        begun = time.monotonic()
        with pytest.raises(ConnectionError):
            for octet in hello[:-1]:
                wire.send(bytes([octet]))
                time.sleep(0.1)
        assert 1.5 < time.monotonic() - begun < 8


def test_deadline_of_commands_under_tls(make_site, certificate):
    site = make_site(smtp={"command-timeout": "1s"}, tls=certificate.settings())
    with secured(site) as wire:
        wire.command("EHLO mail.example.net")
        begun = time.monotonic()
        assert wire.reply().code == 421
        assert 0.5 < time.monotonic() - begun < 5 and wire.is_closed()


def test_shutdown(make_site, certificate):
    """Sessions in TLS are told, one in the middle of a message may end it, handshakes are not waited for."""
    site = make_site(tls=certificate.settings())
    agency = site.agency()
    with secured(site) as idle, secured(site) as busy, Wire(site.port) as shaking:
        idle.command("EHLO mail.example.net")
        busy.envelope(agency.address)
        mail = mails.stuffed(good_mail())
        busy.send(mail[:1000])
        shaking.command("EHLO mail.example.net")
        assert shaking.command("STARTTLS").code == 220
        time.sleep(0.2)
        site.process.send_signal(signal.SIGTERM)
        assert idle.reply().code == 421 and idle.is_closed()
        busy.send(mail[1000:])
        assert busy.reply().verdict == "stored"
        assert busy.reply().code == 421
        busy.close()
        assert site.wait() == 0


# --- the data ---

SMUGGLED = [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r\n.\r", b"\r.\r", b"\r.\r\n", b"\n.\r", b"\n\n.\r\n",
            b"\r\r\n.\r\r\n", b"\r\n.\r\r\n", b"\n\r.\n\r", b"\r\r.\r\n"]
SMUGGLED_NUL = [b"\r\n\0.\r\n", b"\r\n.\0\r\n"]


def second_mail(address):
    return ("MAIL FROM:<thief@example.net>\r\nRCPT TO:<%s>\r\nDATA\r\n" % address).encode() + mails.stuffed(
        good_mail(99))


@pytest.mark.parametrize("ending", SMUGGLED, ids=repr)
def test_smuggling(make_site, certificate, ending):
    """Split at every byte, each piece a record of its own: one refusal, then the end."""
    site = make_site(tls=certificate.settings(), smtp={"max-connections-per-network": "1000"})
    agency = site.agency()
    before = site.counts()
    for split in range(len(ending) + 1):
        with secured(site) as wire:
            wire.envelope(agency.address)
            wire.send(b"Subject: first\r\n\r\nfirst" + ending[:split])
            wire.send(ending[split:] + second_mail(agency.address))
            reply = wire.reply()
            assert (reply.code, reply.enhanced) == (550, "5.6.0"), (ending, split, reply)
            with pytest.raises(mails.Closed):
                wire.reply()
    assert site.counts() == before


@pytest.mark.parametrize("ending", SMUGGLED_NUL, ids=repr)
def test_smuggling_with_nul(tls_site, tls_agency, ending):
    """A NUL beside the dot: that is content, and the second mail is a piece of it."""
    with secured(tls_site) as wire:
        wire.envelope(tls_agency.address)
        wire.send(b"Subject: first\r\n\r\nfirst" + ending + second_mail(tls_agency.address))
        wire.reply()
        assert wire.command("QUIT").code == 221
    assert len(tls_site.sql("SELECT * FROM email_ingest_logs")) <= 1 and not tls_agency.calls()


def test_large_message(tls_site, tls_agency):
    large = b"Subject: large\r\n\r\n" + (b"x" * 998 + b"\r\n") * 20_000
    with secured(tls_site) as wire:
        wire.envelope(tls_agency.address)
        assert wire.message(large).verdict == "no-report"
        wire.envelope(tls_agency.address)
        assert wire.message(good_mail()).verdict == "stored"


def test_all_in_one_piece_and_gone(tls_site, tls_agency):
    """What stands in the buffer when the end comes is read; and the end comes without TLS's own word."""
    with secured(tls_site) as wire:
        wire.send(b"EHLO mail.example.net\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:<%s>\r\nDATA\r\n"
                  % tls_agency.address.encode() + mails.stuffed(good_mail()) + b"QUIT\r\n")
        wire.socket.shutdown(socket.SHUT_WR)
        os.close(os.dup(wire.socket.fileno()))
    assert wait_for(lambda: len(tls_agency.log()) == 1)


def test_a_peer_that_ends_its_side_hears_the_end(tls_site, tls_agency):
    with secured(tls_site) as wire:
        bare = socket.socket(fileno=os.dup(wire.socket.fileno()))
        wire.send(b"EHLO mail.example.net\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:<%s>\r\nDATA\r\n"
                  % tls_agency.address.encode() + mails.stuffed(good_mail()))
        bare.shutdown(socket.SHUT_WR)
        assert [wire.reply().code for _ in range(4)] == [250, 250, 250, 354]
        assert wire.reply().verdict == "stored"
        assert wire.is_closed()
        bare.close()


def test_many_handshakes_leave_nothing(tls_site):
    with secured(tls_site):
        pass
    time.sleep(0.3)
    before = len(machine.descriptors(tls_site.pid))
    for number in range(60):
        with Wire(tls_site.port) as wire:
            wire.command("EHLO mail.example.net")
            if number % 3 == 0:
                wire.start_tls()
            elif number % 3 == 1:
                assert wire.command("STARTTLS").code == 220
                wire.send(b"\x16\x03\x01\x02\x00 no handshake")
            else:
                assert wire.command("STARTTLS").code == 220
    assert wait_for(lambda: len(machine.descriptors(tls_site.pid)) <= before)


# --- require-tls ---

def test_require_tls(make_site, certificate):
    site = make_site(tls=certificate.settings(**{"require-tls": "yes"}))
    agency = site.agency()
    with Wire(site.port) as wire:
        wire.command("EHLO mail.example.net")
        reply = wire.command("MAIL FROM:<a@example.net>")
        assert (reply.code, reply.enhanced) == (530, "5.7.0"), reply
        assert wire.command("NOOP").code == 250
        wire.start_tls()
        wire.envelope(agency.address)
        assert wire.message(good_mail()).verdict == "stored"


# --- names ---

def test_a_certificate_for_each_name(make_site, tmp_path):
    first = Certificate(tmp_path, "mx.example.com", stem="first")
    second = Certificate(tmp_path, "mx.example.org", "other.example.org", stem="second")
    third = Certificate(tmp_path, "*.example.net", stem="third")
    site = make_site(tls=first.settings(second, third))
    for name, wanted in ((None, first), ("mx.example.com", first), ("mx.example.org", second),
                         ("OTHER.example.org", second), ("any.example.net", third),
                         ("unknown.example", first), ("a.b.example.net", first)):
        for version in (TLS12, TLS13):
            with secured(site, client(version, version), name) as wire:
                assert wire.der() == wanted.der(), (name, version)
                assert wire.command("NOOP").code == 250


# --- certificates that change ---

def test_a_new_certificate(tls_site, tls_agency, certificate, tmp_path):
    """At SIGHUP; what began under the old one ends under it."""
    old = certificate.der()
    with secured(tls_site) as wire, Wire(tls_site.port) as shaking:
        wire.envelope(tls_agency.address)
        mail = mails.stuffed(good_mail())
        wire.send(mail[:1000])
        shaking.command("EHLO mail.example.net")
        assert shaking.command("STARTTLS").code == 220
        new = Certificate(tmp_path)
        assert new.file == certificate.file and new.der() != old
        hang_up(tls_site)
        with secured(tls_site) as other:
            assert other.der() == new.der()
        shaking.wrap()
        assert shaking.der() in (old, new.der()) and shaking.command("NOOP").code == 250
        wire.send(mail[1000:])
        assert wire.reply().verdict == "stored"
        assert wire.der() == old


def test_files_that_change_by_themselves(tls_site, certificate, tmp_path):
    """Once a minute they are looked at: no signal is needed."""
    new = Certificate(tmp_path)

    def is_new():
        with secured(tls_site) as wire:
            return wire.der() == new.der()
    assert not is_new(), "too early to tell"
    assert wait_for(lambda: time.sleep(1) or is_new(), 75)


def test_a_bad_new_pair_changes_nothing(tls_site, tls_agency, certificate, tmp_path):
    old = certificate.der()
    key = certificate.key.read_text()
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-out", certificate.key)
    failed = hang_up(tls_site, good=False)
    assert failed["level"] == "error" and str(certificate.key) in failed["error"], failed
    with secured(tls_site) as wire:
        assert wire.der() == old
        wire.envelope(tls_agency.address)
        assert wire.message(good_mail()).verdict == "stored"
    certificate.key.write_text(key)
    hang_up(tls_site)


def test_tls_goes_and_comes(tls_site, certificate):
    with secured(tls_site) as wire:
        section = tls_site.settings.pop("tls")
        tls_site.write_config()
        hang_up(tls_site)
        assert wire.command("NOOP").code == 250
    with Wire(tls_site.port) as before:
        assert "STARTTLS" not in before.command("EHLO mail.example.net").lines
        assert before.command("STARTTLS").code == 502
        tls_site.settings["tls"] = section
        tls_site.write_config()
        hang_up(tls_site)
        assert "STARTTLS" not in before.command("EHLO mail.example.net").lines, "it goes on as it began"
    with secured(tls_site) as wire:
        assert wire.der() == certificate.der()


def test_a_file_that_is_not_there_any_more(tls_site, certificate):
    certificate.file.rename(certificate.file.with_suffix(".away"))
    failed = hang_up(tls_site, good=False)
    assert str(certificate.file) in failed["error"] and "No such file" in failed["error"], failed
    with secured(tls_site) as wire:
        assert wire.command("NOOP").code == 250


def test_offered_before_it_went(tls_site):
    """STARTTLS that was offered, and the certificate is gone since: any answer, and no harm."""
    with Wire(tls_site.port) as wire:
        assert "STARTTLS" in wire.command("EHLO mail.example.net").lines
        del tls_site.settings["tls"]
        tls_site.write_config()
        hang_up(tls_site)
        reply = wire.command("STARTTLS")
        if reply.code == 220:
            wire.wrap()
            assert wire.command("NOOP").code == 250


# --- what is wrong from the beginning ---

def start_fails(site):
    done = subprocess.run([callmx.DAEMON, "-c", site.config], capture_output=True, text=True, timeout=30, check=False)
    assert not callmx.SANITIZER.search(done.stderr), done.stderr
    assert done.returncode not in (0, 70) and done.returncode > 0, done
    return done.stderr


def test_files_that_are_no_good(make_site, certificate, tmp_path):
    other = Certificate(tmp_path, stem="other")
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
    locked = tmp_path / "locked.key"
    openssl("pkey", "-in", certificate.key, "-aes128", "-passout", "pass:secret", "-out", locked)
    for file, key, blamed in ((certificate.file, other.key, other.key), (tmp_path / "absent.pem", other.key, "absent.pem"),
                              (certificate.file, tmp_path / "absent.key", "absent.key"),
                              (nonsense, certificate.key, nonsense), (certificate.file, nonsense, nonsense),
                              (certificate.file, locked, locked), (tmp_path, certificate.key, tmp_path),
                              (certificate.key, certificate.key, certificate.key)):
        said = start_fails(make_site(start=False, tls={"certificate": str(file), "key": str(key)}))
        assert str(blamed) in said and len(said.splitlines()) == 1, said
        assert "no such file" in said.lower() or "absent" not in str(blamed), said


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user")
def test_a_key_that_the_user_may_not_read(make_site, certificate):
    """Read as root at the start; at SIGHUP the old one stays, and a reload without a new pair is none the worse."""
    site = make_site(start=False, tls=certificate.settings())
    os.chmod(certificate.key, 0o000)
    if not os.access(certificate.key, os.R_OK):
        assert str(certificate.key) in start_fails(site)


def test_settings_that_do_not_fit(make_site, certificate):
    for section in ({"certificate": str(certificate.file)}, {"key": str(certificate.key)},
                    {"certificate": "%s, %s" % (certificate.file, certificate.file), "key": str(certificate.key)},
                    {"certificate": "mx.pem", "key": "mx.key"}, {"require-tls": "yes"}):
        said = start_fails(make_site(start=False, tls=section))
        assert "[tls]" in said, said


def test_expired(make_site, tmp_path):
    """It is used, because an MX is not asked for its certificate's age; the log has a warning."""
    certificate = Certificate(tmp_path, stem="old", expired=True)
    site = make_site(tls=certificate.settings())
    with secured(site) as wire:
        assert wire.der() == certificate.der()
    assert any(line["level"] == "warning" and str(certificate.file) in line.values() for line in site.log_lines())


def test_the_key_is_nowhere(tls_site, certificate):
    """Not in the log, whatever happens."""
    with secured(tls_site) as wire:
        wire.command("EHLO mail.example.net")
    certificate.key.write_text(certificate.key.read_text().replace("A", "B"))
    hang_up(tls_site, good=False)
    secret = "".join(certificate.key.read_text().split("\n")[1:-2])
    log = tls_site.log_text()
    assert all(secret[at:at + 12] not in log for at in range(0, len(secret) - 12, 4))
    assert base64.b64decode(secret).hex()[40:60] not in log
    assert machine.limits(tls_site.pid)["Max core file size"] == ("0", "0")


# --- clients of others ---

def test_python(tls_site, tls_agency):
    with smtplib.SMTP("127.0.0.1", tls_site.port, timeout=30) as smtp:
        smtp.starttls(context=client())
        smtp.sendmail("a@example.net", [tls_agency.address], good_mail())
    assert [entry["verdict"] for entry in tls_agency.log()] == ["stored"]


def test_swaks(tls_site, tls_agency, tmp_path):
    file = tmp_path / "mail.eml"
    file.write_bytes(good_mail())
    done = subprocess.run(["swaks", "--server", "127.0.0.1:%d" % tls_site.port, "--tls", "--helo", "mail.example.net",
                           "--from", "a@example.net", "--to", tls_agency.address, "--data", "@%s" % file],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and " stored " in done.stdout, done.stdout + done.stderr
