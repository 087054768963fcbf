"""What test/bench/growth measures, in a small run: with and without many calls of the agency."""
import json
import subprocess
import sys

import callmx


def test_a_mail_costs_the_same_with_many_stored_calls(figures):
    command = [sys.executable, callmx.ROOT / "test" / "bench" / "growth", "--calls", "300000", "--mails", "150",
               "--build", callmx.BUILD]
    found = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=300).stdout)
    figures("mails of 50 calls beside %(calls)d stored ones: %(ratio)s times the cost beside none "
            "(processor time %(cpu_ratio)s), a day's figures in %(metrics_ms)s ms" % found)
    assert found["cpu_ratio"] < 1.6, found
