"""Programs that people really use deliver a report, in the clear and over TLS."""
import os
import pathlib
import re
import shutil
import smtplib
import ssl
import subprocess
import tempfile
import time

import books
import callmx
import certificates
import machine
import mails
import pytest



def needs(*programs):
    """A program that is not installed is left out by its name."""
    absent = [program for program in programs if shutil.which(program, path=PATH) is None]
    return pytest.mark.skipif(bool(absent), reason="not installed: " + ", ".join(absent))


PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


@pytest.fixture
def secure(make_site, tmp_path):
    """A site with a certificate, its agency, and a mail of one call."""
    certificate = certificates.Certificate(tmp_path)
    site = make_site(tls=certificate.settings(), smtp={"max-connections-per-network": "1000"})
    site.certificate = certificate
    return site


def a_mail(number=1):
    _, book = books.small(number)
    return mails.report_mail(book, message_id="<client-%d@example.com>" % number)


def run(*command, data=None):
    done = subprocess.run([str(part) for part in command], input=data, capture_output=True, timeout=60 * callmx.SLOW,
                          check=False, env=dict(os.environ, PATH=PATH))
    assert done.returncode == 0, (command, done.returncode, done.stdout[-2000:], done.stderr[-2000:])
    return (done.stdout + done.stderr).decode(errors="replace")


def is_stored(site, agency, tls):
    """The one mail that is there, with the trace of how it came."""
    (entry,) = agency.log()
    assert entry["verdict"] == "stored"
    trace = site.raw(entry["id"]).split(b"\r\n\r\n")[0]
    assert (b"with ESMTPS (TLSv1." in trace) == tls, trace


@needs("swaks")
@pytest.mark.parametrize("tls", [False, True])
def test_swaks(secure, tmp_path, tls):
    agency, file = secure.agency(), tmp_path / "mail"
    file.write_bytes(a_mail())
    said = run("swaks", "--server", "127.0.0.1:%d" % secure.port, "--from", mails.SENDER, "--to", agency.address,
               "--data", "@%s" % file, *(["--tls"] if tls else []))
    assert "stored calls=" in said
    is_stored(secure, agency, tls)


@needs("curl")
@pytest.mark.parametrize("tls", [False, True])
def test_curl(secure, tmp_path, tls):
    agency, file = secure.agency(), tmp_path / "mail"
    file.write_bytes(a_mail())
    run("curl", "--silent", "--show-error", "smtp://127.0.0.1:%d" % secure.port, "--mail-from", mails.SENDER,
        "--mail-rcpt", agency.address, "--upload-file", file, *(["--ssl-reqd", "--insecure"] if tls else []))
    is_stored(secure, agency, tls)


@needs("msmtp")
@pytest.mark.parametrize("tls", [False, True])
def test_msmtp(secure, tls):
    agency = secure.agency()
    run("msmtp", "--file=/dev/null", "--host=127.0.0.1", "--port=%d" % secure.port, "--from=" + mails.SENDER,
        "--tls=" + ("on" if tls else "off"), "--tls-certcheck=off", "--auth=off", agency.address, data=a_mail())
    is_stored(secure, agency, tls)


@pytest.mark.parametrize("tls", [False, True])
def test_smtplib(secure, tls):
    agency = secure.agency()
    context = ssl.create_default_context(cafile=secure.certificate.file)
    with smtplib.SMTP("127.0.0.1", secure.port, timeout=60) as client:
        if tls:
            client._host = "mx.example.com"  # the name on the certificate
            client.starttls(context=context)
        assert client.sendmail(mails.SENDER, [agency.address], a_mail()) == {}
    is_stored(secure, agency, tls)


MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = {commands}
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
myhostname = relay.example.net
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:{port}
smtp_tls_security_level = encrypt
smtp_tls_loglevel = 1
debug_peer_list = 127.0.0.1
debug_peer_level = 1
smtp_dns_support_level = disabled
local_recipient_maps =
alias_maps =
smtpd_relay_restrictions = permit_mynetworks, reject
message_size_limit = 104857600
mailbox_size_limit = 0
maillog_file = {folder}/maillog
maillog_file_prefixes = {folder}
"""
MASTER = """
127.0.0.1:{relay} inet n - n - 20 smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


class Relay:
    """A Postfix of its own, with its queue in a folder that user postfix can reach."""

    def __init__(self, port):
        self.port = machine.free_port()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="callmx-relay."))
        os.chmod(self.folder, 0o755)
        for name in ("conf", "queue", "data"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        daemons = run("postconf", "-hd", "daemon_directory").strip()
        commands = os.path.dirname(shutil.which("postfix", path=PATH))
        (self.folder / "conf" / "main.cf").write_text(
            MAIN.format(folder=self.folder, commands=commands, daemons=daemons, port=port))
        (self.folder / "conf" / "master.cf").write_text(MASTER.format(relay=self.port))
        subprocess.run([shutil.which("postfix", path=PATH), "-c", self.folder / "conf", "check"], check=False,
                       capture_output=True, timeout=60)
        self.process = subprocess.Popen([shutil.which("postfix", path=PATH), "-c", self.folder / "conf", "start-fg"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def log(self):
        file = self.folder / "maillog"
        return file.read_text(errors="replace") if file.exists() else ""

    def submit(self, data, sender, *recipients):
        """As a program on the relay's own machine does."""
        run("sendmail", "-C", self.folder / "conf", "-i", "-f", sender, *recipients, data=data)

    def talk(self):
        """What its client said to us and heard, in order: "> MAIL FROM…", "< 250 …"."""
        return re.findall(r"postfix/smtp\[\d+\]: ([<>]) 127\.0\.0\.1\[127\.0\.0\.1\]:\d+: (.*)", self.log())

    def close(self):
        children = machine.descendants(self.process.pid)
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        for child in children:
            try:
                os.kill(child, 15)
            except OSError:
                pass
        shutil.rmtree(self.folder, ignore_errors=True)


def wait_until(is_true, seconds, what):
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end, what()
        time.sleep(0.1)


@needs("postfix", "postconf")
@pytest.mark.skipif(os.geteuid() != 0, reason="Postfix has to be started as root")
def test_postfix_as_a_relay(secure):
    """Twenty mails through a relay that insists on TLS and pipelines: all arrive, its queue is empty."""
    agency, relay = secure.agency(), Relay(secure.port)
    try:
        def greets():
            try:
                mails.Wire(relay.port).close()
                return True
            except (OSError, mails.Closed):
                return False

        wait_until(greets, 30, relay.log)
        for number in range(1, 20):
            assert mails.deliver(relay.port, a_mail(number), agency.address, sender=mails.SENDER).code == 250
        relay.submit(a_mail(20).replace(b"\r\n", b"\n"), mails.SENDER, agency.address)
        wait_until(lambda: len(secure.sql("SELECT 1 FROM raw_messages")) == 20, 60 * callmx.SLOW, relay.log)
        wait_until(lambda: relay.log().count(" removed") == 20, 30, relay.log)
        assert relay.log().count("status=sent (250 2.0.0") == 20, relay.log()
        assert "TLSv1.3" in relay.log() and "status=deferred" not in relay.log()
        said = " ".join(way + text.split(":")[0] for way, text in relay.talk())
        assert ">MAIL FROM >RCPT TO >DATA <250" in said, "it did not send the envelope in one go: " + said
        assert {entry["verdict"] for entry in secure.json("log", agency.name, "--limit", "100")} == {"stored"}
    finally:
        relay.close()


@needs("smtp-source")
def test_smtp_source(secure, figures):
    """Load by somebody else's program: every mail is answered, and none is lost."""
    agency, count = secure.agency(), 1000 // callmx.SLOW
    began = time.monotonic()
    run("smtp-source", "-s", "20", "-m", str(count), "-l", "4096", "-f", mails.SENDER, "-t", agency.address,
        "127.0.0.1:%d" % secure.port)
    took = time.monotonic() - began
    assert secure.sql("SELECT count(*) FROM raw_messages") == [(count,)]
    figures("smtp-source: %d mails over 20 connections in %.1f s" % (count, took))
