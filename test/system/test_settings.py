"""The configuration and the command line: errors name the thing, exit codes are those of sysexits(3)."""
import re
import subprocess

import pytest

import callmx
import machine

OK, USAGE, DATAERR, NOINPUT, UNAVAILABLE, CONFIG = 0, 64, 65, 66, 69, 78


def daemon(*arguments, timeout=30):
    done = subprocess.run([callmx.DAEMON, *arguments], capture_output=True, text=True, timeout=timeout, check=False)
    assert not callmx.SANITIZER.search(done.stderr), done.stderr
    return done


def ctl(*arguments):
    done = subprocess.run([callmx.CTL, *arguments], capture_output=True, text=True, timeout=30, check=False)
    assert not callmx.SANITIZER.search(done.stderr), done.stderr
    return done


def test_good_configuration(make_site):
    site = make_site(start=False)
    done = daemon("-t", "-c", site.config)
    assert done.returncode == OK, done.stderr
    assert not site.database.exists(), "-t makes nothing"


# section, key, value, words that the error must have
WRONG = [
    ("smtp", "max-mesage-size", "1M", ["smtp", "max-mesage-size"]),
    ("smpt", "listen", "127.0.0.1:25", ["smpt"]),
    ("smtp", "max-message-size", "1X", ["max-message-size", "1X"]),
    ("smtp", "max-message-size", "99999999999999999999G", ["max-message-size"]),
    ("smtp", "max-message-size", "-1", ["max-message-size"]),
    ("smtp", "command-timeout", "5 parsecs", ["command-timeout"]),
    ("smtp", "listen", "localhost", ["listen", "localhost"]),
    ("smtp", "listen", "127.0.0.1:99999", ["listen"]),
    ("smtp", "domains", "", ["domains"]),
    ("smtp", "bad-report", "maybe", ["bad-report", "maybe"]),
    ("server", "database", "mysql:x", ["database"]),
    ("parser", "processes", "many", ["processes", "many"]),
    ("log", "level", "loud", ["level", "loud"]),
]


@pytest.mark.parametrize("section,key,value,words", WRONG, ids=["%s.%s=%s" % row[:3] for row in WRONG])
def test_wrong_configuration(make_site, section, key, value, words):
    site = make_site(start=False, **{section: {key: value}})
    for arguments in (["-t"], []):
        done = daemon(*arguments, "-c", site.config)
        assert done.returncode == CONFIG, (done.returncode, done.stderr)
        assert all(word in done.stderr for word in words + [site.config.name]), done.stderr
        assert len(done.stderr.splitlines()) == 1, done.stderr
    assert not site.database.exists()


def test_key_given_twice(make_site):
    site = make_site(start=False)
    text = site.config.read_text().replace("domains = ", "domains = example.org\ndomains = ")
    site.config.write_text(text)
    done = daemon("-t", "-c", site.config)
    assert done.returncode == CONFIG and "domains" in done.stderr


@pytest.mark.parametrize("section,key", [("server", "hostname"), ("server", "database"), ("smtp", "domains")])
def test_key_missing(make_site, section, key):
    site = make_site(start=False)
    site.config.write_text(re.sub(r"(?m)^%s = .*\n" % key, "", site.config.read_text()))
    done = daemon("-t", "-c", site.config)
    assert done.returncode == CONFIG and key in done.stderr and section in done.stderr


def test_configuration_missing(tmp_path):
    missing = tmp_path / "nowhere.conf"
    for program in (daemon("-t", "-c", missing), daemon("-c", missing), ctl("-c", missing, "agency", "list")):
        assert program.returncode in (NOINPUT, CONFIG), program
        assert "nowhere.conf" in program.stderr


def test_usage():
    for program in (daemon("--frobnicate"), ctl("frobnicate"), ctl(), ctl("agency"), ctl("agency", "frob"),
                    ctl("metrics"), ctl("--frob", "agency", "list")):
        assert program.returncode == USAGE, program
        assert program.stderr and not program.stdout, program
    for program in (daemon("--help"), ctl("--help")):
        assert program.returncode == OK and program.stdout, program


def test_port_taken(make_site):
    site = make_site()
    other = make_site(start=False, smtp={"listen": "127.0.0.1:%d" % site.port})
    done = daemon("-c", other.config)
    assert done.returncode not in (OK, USAGE, -6, -11), done
    assert str(site.port) in done.stderr


def test_database_that_cannot_be(make_site):
    site = make_site(start=False, server={"database": "sqlite:/nonexistent/folder/x.db"})
    done = daemon("-c", site.config)
    assert done.returncode not in (OK, USAGE, -6, -11) and "/nonexistent/folder/x.db" in done.stderr


def test_a_file_that_is_no_database(make_site):
    site = make_site(start=False)
    site.database.write_bytes(b"This is not a database.\n" * 500)
    before = site.database.read_bytes()
    done = daemon("-c", site.config)
    assert done.returncode not in (OK, USAGE, -6, -11) and done.stderr
    assert site.database.read_bytes() == before
    site.database.unlink()


def test_several_listeners_and_domains(make_site):
    second = machine.free_port()
    site = make_site(start=False)
    site.settings["smtp"]["listen"] += ", 127.0.0.1:%d" % second
    site.settings["smtp"]["domains"] += ", Second.Example.COM"
    site.write_config()
    site.start()
    agency = site.agency()
    import books
    import mails
    reply = mails.deliver(second, mails.report_mail(books.small(1)[1]), "calls-%s@second.example.com" % agency.key)
    assert reply.verdict == "stored"


def test_ctl_refuses(site, agency, tmp_path):
    """Each with the exit code of its kind, and a sentence."""
    for code, arguments in (
            (DATAERR, ["agency", "add", agency.name, "--timezone", "UTC"]),
            (DATAERR, ["agency", "add", "X", "--timezone", "Mars/Base"]),
            (USAGE, ["agency", "add", "X"]),
            (USAGE, ["metrics", agency.name, "--date", "2026-13-40"]),
            (USAGE, ["metrics", agency.name, "--frob", "x"]),
            (NOINPUT, ["report", "explain", str(tmp_path / "nothing.xlsx")])):
        done = ctl("-c", site.config, *arguments)
        assert done.returncode == code, (arguments, done)
        assert done.stderr.startswith("callmxctl: ") and len(done.stderr.splitlines()) == 1, done.stderr
    for arguments in (["agency", "show", "Nobody"], ["metrics", "Nobody"], ["key", "disable", "q" * 26],
                      ["show", "00000000-0000-4000-8000-000000000000"]):
        done = ctl("-c", site.config, *arguments)
        assert done.returncode in (DATAERR, NOINPUT, 67, 68), (arguments, done)
        assert done.stderr
