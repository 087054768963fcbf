"""Started as root: what needs root is done first, then there is no root left, and no way back to it."""
import errno
import os
import pathlib
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import time

import pytest

import books
import callmx
import inject
import machine
import mails
from certificates import Certificate, secured

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
CONFIG = 78
OTHER = "nobody"


def good_mail(number):
    return mails.report_mail(books.small(number)[1])


@pytest.fixture
def make_open_site(request):
    """make_open_site(owner=OTHER, …): a site in a folder that other users can come to, and its owner's."""
    request.node.sites = sites = []

    def make(owner=OTHER, start=True, **settings):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="callmx-test-"))
        folder.chmod(0o755)
        shutil.chown(folder, owner)
        site = callmx.Site(folder, settings)
        sites.append(site)
        return site.start() if start else site

    yield make
    try:
        for site in sites:
            site.check_end()
    finally:
        for site in sites:
            if site.process is not None:
                site.kill()
            shutil.rmtree(site.folder, ignore_errors=True)


def refusal(site, **options):
    """What it says when it does not start; its exit code is that of a wrong configuration."""
    done = subprocess.run([callmx.DAEMON, "-c", site.config], capture_output=True, text=True, timeout=60, check=False,
                          **options)
    assert done.returncode == CONFIG, (done.returncode, done.stderr)
    assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith("callmxd: "), done.stderr
    return done.stderr


def root_port():
    """A free port that only root can listen on."""
    for port in range(1023, 600, -1):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise AssertionError("no port below 1024 is free")


def ids(pid):
    status = machine.status(pid)
    return status["Uid"].split(), status["Gid"].split(), status["Groups"].split()


def check_processes(site, user, group, groups):
    pids = [site.pid] + site.parsers()
    assert len(pids) == 3
    for pid in pids:
        assert ids(pid) == ([str(user)] * 4, [str(group)] * 4, sorted(map(str, groups), key=int))
        status = machine.status(pid)
        for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
            assert int(status[name], 16) == 0, name
        assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


def test_root_is_gone(make_open_site):
    site = make_open_site(server={"user": OTHER})
    account = pwd.getpwnam(OTHER)
    agency = site.agency()
    assert site.deliver(good_mail(1), agency).verdict == "stored"
    time.sleep(0.2)
    check_processes(site, account.pw_uid, account.pw_gid, [account.pw_gid])
    assert any(machine.limits(pid)["Max cpu time"][0].isdigit() for pid in site.parsers()), "of the one with the job"
    for thread in os.listdir("/proc/%d/task" % site.pid):
        status = machine.status(int(thread))
        assert status["Uid"].split() == [str(account.pw_uid)] * 4 and int(status["CapPrm"], 16) == 0
        assert status["Seccomp"] == "2", "those that read and store, too"
    for file in site.folder.glob("callmx.db*"):
        assert file.owner() == OTHER and file.stat().st_mode & 0o027 == 0, file
    assert not site.log_lines("running-as-root")
    # callmxctl by root beside it and after it leaves nothing that the daemon could not use.
    assert site.stop() == 0
    other = site.agency("Another Agency")
    site.start()
    assert site.deliver(good_mail(2), other).verdict == "stored"


def test_another_group(make_open_site):
    site = make_open_site(server={"user": OTHER, "group": "daemon"})
    account = pwd.getpwnam(OTHER)
    site.deliver(good_mail(1), site.agency())
    time.sleep(0.2)
    assert ids(site.pid)[0:2] == ([str(account.pw_uid)] * 4, ["1"] * 4)


@pytest.mark.skipif(not inject.POSSIBLE, reason="needs x86-64")
def test_no_way_back(make_open_site):
    site = make_open_site(server={"user": OTHER})
    with inject.Process(site.pid) as daemon:
        assert daemon.call("setresuid", 0, 0, 0) == -errno.EPERM
        assert daemon.call("setresuid", -1, 0, -1) == -errno.EPERM


def test_a_port_of_root(make_open_site):
    """Bound before root is gone, still there after a reload."""
    port = root_port()
    site = make_open_site(start=False, server={"user": OTHER})
    site.settings["smtp"]["listen"] += ", 127.0.0.1:%d" % port
    site.write_config()
    site.start()
    agency = site.agency()
    assert mails.deliver(port, good_mail(1), agency.address).verdict == "stored"
    site.process.send_signal(1)
    time.sleep(0.3)
    assert site.log_lines("reloaded") and not site.log_lines("reload-failed")
    assert mails.deliver(port, good_mail(2), agency.address).verdict == "stored"


def test_root_must_be_meant(make_open_site):
    """On a port of the Internet nobody becomes root's mail exchanger by forgetting a line."""
    port = root_port()
    site = make_open_site("root", start=False, smtp={"listen": "127.0.0.1:%d" % port})
    said = refusal(site)
    assert "user" in said and site.config.name in said
    site.settings["server"]["user"] = "root"
    site.port = port
    site.write_config()
    site.start()
    assert ids(site.pid)[0] == ["0"] * 4 and machine.status(site.pid)["NoNewPrivs"] == "1"


def test_a_trial_as_root_is_warned_of(make_open_site):
    site = make_open_site("root")
    assert site.log_lines("running-as-root")[0]["level"] == "warning"


def test_no_such_user(make_open_site):
    site = make_open_site(start=False, server={"user": "no-such-user"})
    assert "no-such-user" in refusal(site)
    site = make_open_site(start=False, server={"user": OTHER, "group": "no-such-group"})
    assert "no-such-group" in refusal(site)
    site = make_open_site(start=False, server={"group": "daemon"})
    assert "user" in refusal(site)


def test_a_database_that_it_could_not_use(make_open_site):
    """Said at once, with the name of the thing, of the user, and what to do."""
    site = make_open_site("root", start=False, server={"user": OTHER})
    said = refusal(site)
    assert str(site.folder) in said and OTHER in said and "chown" in said
    shutil.chown(site.folder, OTHER)
    site.database.write_bytes(b"")
    site.database.chmod(0o600)
    said = refusal(site)
    assert str(site.database) in said and OTHER in said and "chown" in said
    shutil.chown(site.database, OTHER)
    site.start()


def test_not_as_somebody_else(make_open_site):
    """Without root it can be only who it is."""
    site = make_open_site(start=False, server={"user": "daemon"})
    os.chmod(site.config, 0o644)
    # Where the tests are built may be closed to others.
    program = shutil.copy(callmx.DAEMON, site.folder)
    somebody = {"user": OTHER, "group": "nogroup", "extra_groups": [], "executable": program}
    said = refusal(site, **somebody)
    assert "daemon" in said and "root" in said
    site.settings["server"]["user"] = OTHER
    site.write_config()
    site.start(**somebody)
    account = pwd.getpwnam(OTHER)
    site.deliver(good_mail(1), site.agency())
    assert ids(site.pid)[0] == [str(account.pw_uid)] * 4


def make_certificate(folder):
    """A new certificate and its key, put in the place of the old ones, as certbot would."""
    new = Certificate(folder, stem="new")
    new.key.rename(folder / "key.pem")
    new.file.rename(folder / "cert.pem")
    return ssl.PEM_cert_to_DER_cert((folder / "cert.pem").read_text())


def shown_certificate(site):
    with secured(site) as wire:
        return wire.der()


def test_the_key_of_the_certificate(make_open_site):
    """Read as root at the start; a reload needs a key that the daemon's user can read, or changes nothing."""
    site = make_open_site(start=False, server={"user": OTHER})
    tls = site.folder / "tls"
    tls.mkdir()
    site.settings["tls"] = {"certificate": tls / "cert.pem", "key": tls / "key.pem"}
    site.write_config()
    first = make_certificate(tls)
    (tls / "key.pem").chmod(0o600)
    site.start()
    assert shown_certificate(site) == first
    second = make_certificate(tls)
    (tls / "key.pem").chmod(0o600)
    site.process.send_signal(1)
    time.sleep(0.3)
    failed = site.log_lines("reload-failed")[-1]
    assert "key.pem" in failed["error"] and "ermission" in failed["error"], failed
    assert shown_certificate(site) == first
    shutil.chown(tls / "key.pem", OTHER)
    site.process.send_signal(1)
    time.sleep(0.3)
    assert site.log_lines("reloaded") and shown_certificate(site) == second
    assert site.deliver(good_mail(1), site.agency()).verdict == "stored"


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv of util-linux")
def test_a_capability_instead_of_root(make_open_site):
    """As under systemd: one capability, which is gone once the port is bound."""
    port = root_port()
    site = make_open_site(start=False, smtp={"listen": "127.0.0.1:%d" % port})
    os.chmod(site.config, 0o644)
    program = shutil.copy(callmx.DAEMON, site.folder)
    with open(site.log_file, "ab") as log:
        site.process = subprocess.Popen(
            ["setpriv", "--reuid", OTHER, "--regid", "nogroup", "--clear-groups", "--inh-caps", "+net_bind_service",
             "--ambient-caps", "+net_bind_service", program, "-c", site.config], stdout=log, stderr=log)
    end = time.monotonic() + callmx.PATIENCE
    while not site.log_lines("ready"):
        assert site.process.poll() is None and time.monotonic() < end, site.log_text()
        time.sleep(0.02)
    account = pwd.getpwnam(OTHER)
    assert mails.deliver(port, good_mail(1), site.agency().address).verdict == "stored"
    time.sleep(0.2)
    check_processes(site, account.pw_uid, account.pw_gid, [])


def test_names_that_are_none(make_open_site):
    for name in ("0", "Some Body", "-x", "a" * 33):
        for keys in ({"user": name}, {"user": OTHER, "group": name}):
            site = make_open_site(start=False, server=keys)
            said = refusal(site)
            assert name in said and list(keys)[-1] in said, said


def test_reload_as_that_user(make_open_site):
    """What it may not read any more keeps the old configuration, and says so."""
    site = make_open_site(server={"user": OTHER})
    agency = site.agency()
    os.chmod(site.config, 0o600)
    site.process.send_signal(1)
    time.sleep(0.3)
    failed = site.log_lines("reload-failed")
    assert len(failed) == 1 and site.config.name in failed[0]["error"] and "ermission" in failed[0]["error"]
    assert site.deliver(good_mail(1), agency).verdict == "stored"
    os.chmod(site.config, 0o644)
    site.process.send_signal(1)
    time.sleep(0.3)
    assert len(site.log_lines("reloaded")) == 1
