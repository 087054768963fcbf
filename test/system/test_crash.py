"""kill -9 at random moments, under load: of the daemon and of its parser processes.

Every message answered 250 is there after the restart, none is half there, none counts twice. The
number of rounds is CALLMX_KILL_ROUNDS.
"""
import collections
import datetime as dt
import itertools
import os
import random
import signal
import time

import books
import callmx
import load
import machine

ROUNDS = int(os.environ.get("CALLMX_KILL_ROUNDS", "8"))
LEGS = 3


def day_of(number):
    """Forty mails a day: the figures of a day stay cheap to compute however long the test runs."""
    return books.DAY + dt.timedelta(days=number // 40)


def stored_sessions(site):
    return collections.Counter(row[0] for row in site.sql("SELECT external_call_id FROM call_events"))


def check_whole(site, sent):
    """Nothing half there: what is in the log has its raw message and its calls, the rest has nothing."""
    rows = site.sql("SELECT l.message_id, l.id, l.verdict, r.id IS NOT NULL FROM email_ingest_logs l "
                    "LEFT JOIN raw_messages r ON r.id = l.id")
    sessions = stored_sessions(site)
    logged = collections.defaultdict(list)
    for message_id, own_id, verdict, has_raw in rows:
        assert has_raw, own_id
        logged[message_id].append((own_id, verdict))
    for mail in sent:
        found = [sessions.pop(session, 0) for session in mail.sessions]
        entries = logged.get(mail.message_id, [])
        if mail.reply is not None:
            assert mail.reply.verdict in ("stored", "duplicate"), mail.reply
            assert mail.reply.id in [own_id for own_id, _ in entries], "answered 250, and not there"
        verdicts = collections.Counter(verdict for _, verdict in entries)
        assert verdicts["stored"] <= 1 and verdicts["stored"] + verdicts["duplicate"] == len(entries)
        assert found == [1 if entries else 0] * LEGS, (mail.number, entries, found)
    assert not sessions, "calls of a message that nobody sent"


def check_figures(site, agency, days):
    """The figures count every stored call once."""
    for day in days:
        wanted = site.sql("SELECT count(DISTINCT external_call_id) FROM call_events WHERE call_date = ?", str(day))
        found = agency.metrics(day)
        assert found["agency"]["calls"] == (wanted[0][0] or None), day
        assert sum(member["total_calls"] or 0 for member in found["members"]) == wanted[0][0]


def pace_of(site, agency, numbers):
    """Three mails, and how many seconds one takes here and now: the kills are timed by it."""
    sent = [load.Mail(next(numbers), books.DAY) for _ in range(3)]
    begun = time.monotonic()
    for mail in sent:
        mail.reply = site.deliver(mail.bytes, agency)
    return sent, (time.monotonic() - begun) / len(sent)


def wait_for_the_end_of(parsers):
    """One that was about to begin when its daemon died ends when it looks at its socket."""
    end = time.monotonic() + callmx.PATIENCE
    while any(machine.parent_of(pid) for pid in parsers):
        assert time.monotonic() < end, "the parsers end with their daemon"
        time.sleep(0.02)


def test_kill_the_daemon(make_site, figures):
    site = make_site()
    agency = site.agency()
    random.seed()
    numbers, interrupted = itertools.count(1), 0
    sent, pace = pace_of(site, agency, numbers)
    for _ in range(ROUNDS):
        work = load.Load(site, agency.address, 4, day_of, numbers)
        children = site.parsers()
        work.start()
        load.pause(0.5 * pace, 8 * pace)
        site.kill()
        work.stop()
        sent += work.sent
        interrupted += sum(mail.reply is None for mail in work.sent)
        site.start()
        check_whole(site, sent)
        wait_for_the_end_of(children)
    answered = [mail for mail in sent if mail.reply is not None]
    assert answered and interrupted
    check_figures(site, agency, sorted({mail.day for mail in sent})[-3:])
    # What was not answered is mailed again by the sender, as is every tenth that was.
    for mail in [mail for mail in sent if mail.reply is None] + answered[::10]:
        reply = site.deliver(mail.bytes, agency)
        assert reply.code == 250 and reply.verdict in ("stored", "duplicate"), reply
        if mail.reply is not None:
            assert reply.verdict == "duplicate"
        mail.reply = mail.reply or reply
    check_whole(site, sent)
    days = sorted({mail.day for mail in sent})
    check_figures(site, agency, days if len(days) < 12 else random.sample(days, 12))
    figures("%d rounds of kill -9: %d mails answered 250, %d interrupted, none lost or half there"
            % (ROUNDS, len(answered), interrupted))


def test_kill_parsers(make_site, figures):
    site = make_site(parser={"processes": "2"})
    agency = site.agency()
    pid, killed = site.pid, 0
    work = load.Load(site, agency.address, 4, day_of)
    work.start()
    end = time.monotonic() + 2 * (2 if callmx.SANITIZED else 1)
    while time.monotonic() < end:
        load.pause(0.02, 0.15)
        for parser in random.sample(site.parsers() or [0], 1):
            if parser:
                os.kill(parser, signal.SIGKILL)
                killed += 1
    work.stop()
    assert site.process.poll() is None and site.pid == pid, "the daemon lives"
    verdicts = collections.Counter(reply.verdict for reply in work.replies)
    assert killed and {reply.code for reply in work.replies} == {250}, work.replies
    assert set(verdicts) <= {"stored", "failed"}
    sessions = stored_sessions(site)
    for mail in work.sent:
        assert mail.reply is not None, "no mail is lost"
        wanted = 1 if mail.reply.verdict == "stored" else 0
        assert [sessions[session] for session in mail.sessions] == [wanted] * LEGS
        if not wanted:
            assert mail.reply.reason and site.raw(mail.reply.id).endswith(mail.bytes)
    deadline = time.monotonic() + callmx.PATIENCE
    while len(site.parsers()) != 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(site.parsers()) == 2, "as many parser processes as before"
    assert site.deliver(load.Mail(900_000, books.DAY).bytes, agency).verdict == "stored"
    figures("%d parser processes killed under %d mails: %s" % (killed, len(work.sent), dict(verdicts)))


def test_all_parsers_at_once(make_site):
    site = make_site(parser={"processes": "2"})
    agency = site.agency()
    for number in range(1, 6):
        for parser in site.parsers():
            os.kill(parser, signal.SIGKILL)
        reply = site.deliver(load.Mail(number, books.DAY).bytes, agency)
        assert reply.code == 250 and reply.verdict in ("stored", "failed")
    assert site.deliver(load.Mail(9, books.DAY).bytes, agency).verdict == "stored"
