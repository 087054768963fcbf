"""contrib/quickstart: the way in for everybody, run twice, and when something stands in its way."""
import os
import signal
import subprocess

import pytest

import callmx
import machine
import mails

QUICKSTART = callmx.ROOT / "contrib" / "quickstart"


def like_a_terminal():
    """What runs the tests may ignore SIGINT, and a shell that is born so cannot be told otherwise."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(folder, port, *options):
    return subprocess.Popen([QUICKSTART, "--dir", folder, "--port", str(port), *options],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=like_a_terminal)


def run(folder, port, *options):
    process = start(folder, port, *options)
    return process.communicate(timeout=300)[0], process.returncode


def is_served(port):
    try:
        mails.Wire(port).close()
        return True
    except (OSError, mails.Closed):
        return False


def test_twice(tmp_path):
    port = machine.free_port()
    printed, code = run(tmp_path / "demo", port, "--once")
    assert code == 0, printed
    assert " stored calls=" in printed and "duplicate" not in printed
    assert printed.count(" Example ") == 9, "the figures of nine members"
    assert not is_served(port)
    again, code = run(tmp_path / "demo", port, "--once")
    assert code == 0 and " duplicate" in again, again

    def table(text):
        return [line for line in text.splitlines() if " Example " in line]

    assert table(again) == table(printed)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_in_the_foreground(tmp_path, ending):
    port = machine.free_port()
    process = start(tmp_path / "demo", port)
    printed = ""
    while "Ctrl-C ends it" not in printed:
        line = process.stdout.readline()
        assert line, printed
        printed += line
    assert is_served(port)
    os.killpg(process.pid, ending)
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0, printed + rest
    assert not is_served(port)


def test_port_taken(tmp_path, make_site):
    site = make_site()
    printed, code = run(tmp_path / "demo", site.port, "--once")
    assert code == 1 and str(site.port) in printed and "--port" in printed


def test_words_it_does_not_know(tmp_path):
    for options, code in ((["--frob"], 64), (["--port"], 64), (["--port", "many"], 1)):
        process = subprocess.run([QUICKSTART, *options], capture_output=True, text=True, timeout=60, check=False)
        assert process.returncode == code and process.stderr
