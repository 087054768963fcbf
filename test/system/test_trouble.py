"""Our own trouble: no room on the disk, a database that another holds. Never a 250, and nothing half there."""
import os
import resource
import signal
import sqlite3
import time

import books
import callmx
import load
import mails


def padded(number):
    """A small report in a mail that is too large to slip into room that is left."""
    mail = load.Mail(number, books.DAY)
    mail.bytes = mail.bytes.replace(b"Your report is attached.", b"%s\r\n" % os.urandom(20_000).hex().encode(), 1)
    return mail


def test_no_room_on_the_disk(make_site):
    """A limit on the size of the daemon's files stands for a full disk."""
    site = make_site(start=False)
    # Python ignores the signal that comes with the limit; what it starts would not.
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        site.start(restore_signals=False)
    finally:
        signal.signal(signal.SIGXFSZ, before)
    agency = site.agency()
    good = padded(1)
    assert site.deliver(good.bytes, agency).verdict == "stored"
    files = [entry.stat().st_size for entry in site.folder.iterdir() if entry.name.startswith("callmx.db")]
    resource.prlimit(site.pid, resource.RLIMIT_FSIZE, (max(max(files), 200_000), resource.RLIM_INFINITY))
    replies = []
    while len(replies) < 60 and [reply.code for reply in replies[-3:]] != [451] * 3:
        mail = padded(2 + len(replies))
        mail.reply = site.deliver(mail.bytes, agency)
        replies.append(mail.reply)
        assert mail.reply.code in (250, 451, 452), mail.reply
    refused = [reply for reply in replies if reply.code != 250]
    assert refused and all(reply.enhanced.startswith("4.") for reply in refused), replies
    stored = 1 + sum(reply.code == 250 for reply in replies)
    assert site.counts() == {"email_ingest_logs": stored, "raw_messages": stored, "call_events": 3 * stored,
                             "user_reports": 0}
    resource.prlimit(site.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert site.deliver(mail.bytes, agency).verdict == "stored", "with room again it goes on"
    assert len(agency.calls()) == 3 * (stored + 1)


def test_another_holds_the_database(site, agency):
    """451 after the time that SQLite may wait; meanwhile other sessions go on, keys are looked up."""
    holder = sqlite3.connect(site.database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        with site.wire() as waiting, site.wire() as other:
            waiting.envelope(agency.address)
            begun = time.monotonic()
            waiting.send(mails.stuffed(load.Mail(1, books.DAY).bytes))
            time.sleep(0.3)
            other.command("EHLO mail.example.net")
            other.command("MAIL FROM:<a@example.net>")
            assert other.command("RCPT TO:<%s>" % agency.address).code == 250
            assert time.monotonic() - begun < 2 * callmx.SLOW
            reply = waiting.reply()
            assert reply.code == 451 and reply.enhanced.startswith("4."), reply
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert site.counts()["email_ingest_logs"] == 0
    assert site.deliver(load.Mail(1, books.DAY).bytes, agency).verdict == "stored"


def test_the_database_is_free_in_time(site, agency):
    holder = sqlite3.connect(site.database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with site.wire() as wire:
        wire.envelope(agency.address)
        wire.send(mails.stuffed(load.Mail(1, books.DAY).bytes))
        time.sleep(0.5)
        holder.execute("ROLLBACK")
        holder.close()
        assert wire.reply().verdict == "stored"


def test_rows_that_the_database_never_takes(site, agency):
    """Not the peer's fault, and no second try will help: kept raw with the reason, others go on."""
    sessions, book = books.small(2)
    with sqlite3.connect(site.database) as db:
        db.execute("CREATE UNIQUE INDEX never ON legs (agency_number) WHERE external_call_id IN ('%s', '%s')"
                   % (sessions[0], sessions[1]))
    assert site.deliver(mails.report_mail(books.small(1)[1]), agency).verdict == "stored"
    bad = site.deliver(mails.report_mail(book), agency)
    assert (bad.code, bad.verdict) == (250, "failed") and "could not be stored" in bad.reason, bad
    assert site.raw(bad.id) and len(agency.calls()) == 3, "kept, and nothing half there"
    assert site.deliver(mails.report_mail(books.small(3)[1]), agency).verdict == "stored"


def test_a_zone_that_is_gone(site, agency):
    """Our trouble is no refusal: 451, and nothing is half there."""
    good = site.agency("Good Agency")
    before = site.counts()
    with sqlite3.connect(site.database) as db:
        db.execute("UPDATE agencies SET timezone = 'Mars/Olympus' WHERE id = ?", (agency.id,))
    mail = mails.report_mail(books.small(1)[1])
    assert site.deliver(mail, agency).code == 451
    assert site.deliver(mail, agency, good.address).code == 451
    assert site.counts() == before
    assert site.deliver(mail, good).verdict == "stored"
