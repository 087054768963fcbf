"""Input that was made to hurt (test/report/hostile.py): each case has its verdict and its reason, within 5 seconds
and 256 MB, and disturbs no other message. The table of all of them is printed."""
import json
import os
import subprocess
import sys
import threading
import time

import pytest

import books
import callmx
import mails

import hostile

MOST_SECONDS, MOST_MEMORY = 5, 256 << 20

# A small program that starts others: what it says of their memory is not blurred by that of this one.
RUNNER = """
import json, os, subprocess, sys, time
for line in sys.stdin:
    command, output, errors = json.loads(line)
    began = time.monotonic()
    with open(output, "wb") as out, open(errors, "wb") as err:
        child = subprocess.Popen(command, stdout=out, stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
    print(json.dumps([time.monotonic() - began, usage.ru_maxrss * 1024]), flush=True)
"""


@pytest.fixture(scope="module")
def explain(tmp_path_factory):
    """explain(bytes): the report, the seconds it took, and the peak memory of callmxctl and its parser."""
    folder = tmp_path_factory.mktemp("hostile")
    runner = subprocess.Popen([sys.executable, "-c", RUNNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True)

    def run(data):
        (folder / "input").write_bytes(data)
        job = [[str(callmx.CTL), "--json", "report", "explain", str(folder / "input")], str(folder / "out"),
               str(folder / "err")]
        print(json.dumps(job), file=runner.stdin, flush=True)
        seconds, memory = json.loads(runner.stdout.readline())
        errors = (folder / "err").read_text(errors="replace")
        assert not callmx.SANITIZER.search(errors), errors[-4000:]
        return json.loads((folder / "out").read_text()), seconds, memory

    yield run
    runner.stdin.close()
    runner.wait(timeout=10)


def reasons(report):
    return [report["reason"] or ""] + [file["reason"] or "" for file in report["files"]]


@pytest.mark.parametrize("name", hostile.CASES)
def test_case(explain, figures, name):
    case = hostile.CASES[name]
    report, seconds, memory = explain(case.bytes())
    figures("hostile: %-47s %-9s %5.2f s %4.0f MB" % (name, report["verdict"], seconds, memory / 1e6))
    assert report["verdict"] == case.verdict, reasons(report)
    assert any(case.words in reason for reason in reasons(report)), reasons(report)
    assert case.verdict in ("stored",) or all(reasons(report)[:1]), "a reason for the whole"
    assert seconds < MOST_SECONDS * callmx.SLOW
    if not callmx.SANITIZED:
        assert memory < MOST_MEMORY
    if case.verdict == "stored" and not name.startswith("csv: 4"):
        assert sum(file["calls"]["legs"] for file in report["files"] if file["calls"]) >= len(hostile.LEGS), \
            "what is good in it is read"


def hostile_mail(case):
    return case.bytes() if case.is_mail else mails.report_mail(case.bytes())


def test_nobody_else_is_disturbed(make_site, figures):
    """All cases one after the other, and good mails all the while: each of them is stored at once."""
    site = make_site(parser={"processes": "2"})
    bad, good = site.agency("Bad Example"), site.agency("Good Example")
    parsers = site.parsers()
    # Of the large ones, whose making takes longest, one in five.
    large = [name for name, case in hostile.CASES.items() if case.is_big]
    cases = {name: case for name, case in hostile.CASES.items() if not case.is_big or name in large[::5]}
    problems, done, slowest, sent = [], threading.Event(), [0.0], [0]

    def flow():
        while not done.is_set():
            sessions, book = books.small(sent[0])
            began = time.monotonic()
            reply = site.deliver(mails.report_mail(book), good)
            slowest[0] = max(slowest[0], time.monotonic() - began)
            if reply.verdict != "stored":
                problems.append(reply)
            sent[0] += 1

    thread = threading.Thread(target=flow)
    thread.start()
    try:
        for name, case in cases.items():
            reply = site.deliver(hostile_mail(case), bad)
            # The same file comes again: what is stored from one case may be known from another.
            if reply.verdict != case.verdict and (reply.verdict, case.verdict) != ("duplicate", "stored"):
                problems.append((name, reply))
    finally:
        done.set()
        thread.join()
    assert problems == []
    assert site.parsers() == parsers, "nothing of it killed a parser process"
    assert len(good.calls()) == 3 * sent[0]
    figures("hostile: %d cases in turn, %d good mails among them, the slowest %.2f s"
            % (len(cases), sent[0], slowest[0]))
    assert slowest[0] < MOST_SECONDS * callmx.SLOW
