"""Large reports: committed, and what they cost in memory."""
import time

import books
import callmx
import machine
import mails


def test_25000_rows(make_site, figures):
    site = make_site(parser={"processes": "1"})
    agency = site.agency()
    day = books.Day(25_000)
    parsers = site.parsers()
    begun = time.monotonic()
    reply = site.deliver(mails.report_mail(day.calls), agency)
    took = time.monotonic() - begun
    assert reply.verdict == "stored" and int(reply.pairs["calls"]) == day.expected["sessions"]
    assert site.parsers() == parsers, "the parser has survived it"
    peak = max(machine.peak_memory(pid) for pid in parsers)
    figures("25,000 rows (%.1f MB): %.2f s to the 250; peak memory: parser %.0f MB, daemon %.0f MB"
            % (len(day.calls) / 1e6, took, peak / 1e6, machine.peak_memory(site.pid) / 1e6))
    assert 0 < peak < 768 << 20
    own = agency.metrics()["agency"]
    assert own["calls"] == day.expected["agency"]["total"]
    assert own["answered"] == day.expected["agency"]["answered"]
    assert site.sql("SELECT count(*) FROM call_events")[0][0] == day.expected["legs"]


def test_a_small_mail_beside_a_large_one(make_site):
    """The loop waits for nobody: a session beside the large one is answered at once."""
    site = make_site(parser={"processes": "1"})
    agency = site.agency()
    book = books.Day(12_000).calls
    with site.wire() as large:
        large.envelope(agency.address)
        large.send(mails.stuffed(mails.report_mail(book)))
        slowest, replies = 0, 0
        large.socket.settimeout(0.01)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            begun = time.monotonic()
            with site.wire() as wire:
                assert wire.command("EHLO mail.example.net").code == 250
                wire.command("MAIL FROM:<a@example.net>")
                assert wire.command("RCPT TO:<%s>" % agency.address).code == 250
            slowest = max(slowest, time.monotonic() - begun)
            replies += 1
            try:
                reply = large.reply()
                break
            except TimeoutError:
                continue
        assert reply.verdict == "stored" and replies > 1
        assert slowest < 1 * callmx.SLOW
