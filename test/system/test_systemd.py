"""The units of contrib/systemd, as far as they can be looked at without systemd as the first process."""
import pathlib
import re
import shutil
import subprocess

import pytest

import callmx

UNITS = callmx.ROOT / "contrib" / "systemd"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_verify(tmp_path):
    for unit in UNITS.iterdir():
        text = unit.read_text().replace("/usr/sbin/callmxd", str(callmx.DAEMON))
        (tmp_path / unit.name).write_text(text)
    done = subprocess.run(["systemd-analyze", "verify", "--man=no"] + sorted(map(str, tmp_path.iterdir())),
                          capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


def test_they_agree_with_the_daemon():
    """What the service promises to systemd is what the daemon does; see test_notify.py."""
    service = (UNITS / "callmxd.service").read_text()
    assert re.search(r"^Type=notify$", service, re.M)
    assert int(re.search(r"^TimeoutStopSec=(\d+)s$", service, re.M).group(1)) > 60, "longer than the drain"
    assert re.search(r"^ExecReload=.* -HUP ", service, re.M)
    for line in re.findall(r"^Exec\w+=(\S+callmxd.*)$", service, re.M):
        program = pathlib.Path(line.split()[0])
        assert program.name == "callmxd"
