"""Who may mail what to whom: keys, domains, several keys in one mail."""
import time

import pytest

import books
import callmx
import mails

UNKNOWN = "calls-%s@%s" % ("q" * 26, callmx.DOMAIN)


def rcpt(site, address):
    with site.wire() as wire:
        wire.command("EHLO mail.example.net")
        wire.command("MAIL FROM:<a@example.net>")
        return wire.command("RCPT TO:<%s>" % address)


def test_unknown_key(site, agency):
    reply = rcpt(site, UNKNOWN)
    assert (reply.code, reply.enhanced) == (550, "5.1.1")
    assert rcpt(site, "calls-%s@%s" % (agency.key[:-1], callmx.DOMAIN)).text == reply.text
    assert rcpt(site, "calls-@" + callmx.DOMAIN).code in (501, 550)
    assert rcpt(site, "someone@" + callmx.DOMAIN).code == 550


def test_other_domain(site, agency):
    for domain in ("example.org", "x." + callmx.DOMAIN, callmx.DOMAIN + ".example.org"):
        reply = rcpt(site, "calls-%s@%s" % (agency.key, domain))
        assert (reply.code, reply.enhanced) == (550, "5.7.1"), domain


def test_forms_of_one_address(site, agency):
    local = "calls-" + agency.key
    with site.wire() as wire:
        wire.command("EHLO mail.example.net")
        wire.command("MAIL FROM: <a@example.net>")
        for form in ("<%s@%s>" % (local, callmx.DOMAIN), "<%s@%s>" % (local.upper(), callmx.DOMAIN.upper()),
                     '<"%s"@%s>' % (local, callmx.DOMAIN), " <@relay.example:%s@%s>" % (local, callmx.DOMAIN)):
            assert wire.command("RCPT TO:" + form).code == 250, form
        assert wire.command("DATA").code == 354
        assert wire.message(mails.report_mail(books.small(1)[1])).verdict == "stored"
    assert len(agency.log()) == 1, "one recipient, however often it was named"


def test_disabled_key_is_as_unknown(site, agency):
    unknown = rcpt(site, UNKNOWN)
    assert rcpt(site, agency.address).code == 250
    site.ctl("key", "disable", agency.key)
    reply = rcpt(site, agency.address)
    assert (reply.code, reply.text) == (unknown.code, unknown.text)


def test_rotated_without_grace(site, agency):
    site.ctl("--json", "key", "rotate", agency.name, "--grace", "0s")
    assert rcpt(site, agency.address).code == 550
    address = site.json("agency", "list")[0]["address"]
    assert address != agency.address
    site.keys.add(address[6:32])
    assert rcpt(site, address).code == 250


def test_rotated_with_grace(site, agency):
    site.ctl("--json", "key", "rotate", agency.name, "--grace", "7d")
    address = site.json("agency", "list")[0]["address"]
    site.keys.add(address[6:32])
    assert address != agency.address
    assert rcpt(site, agency.address).code == 250
    assert rcpt(site, address).code == 250


def test_two_agencies_in_one_mail(site, agency):
    other = site.agency("Other Agency", members=books.MEMBERS[:3])
    day = books.Day(60)
    reply = site.deliver(mails.report_mail(day.calls), agency, other)
    assert reply.code == 250 and reply.verdict == "stored", reply
    assert [entry["id"] for entry in agency.log() + other.log()] == [reply.id] * 2
    assert agency.metrics()["agency"]["calls"] == day.expected["agency"]["total"]
    assert len(agency.calls()) == len(other.calls()) == day.expected["legs"]
    assert [m["name"] for m in other.metrics()["members"]] == [m.name for m in books.MEMBERS[:3]]
    assert site.counts()["raw_messages"] == 1, "one raw message for all"


def test_two_agencies_and_one_knows_it(site, agency):
    """Where the verdicts differ the reply says partial."""
    other = site.agency("Other Agency")
    mail = mails.report_mail(books.small(1)[1])
    site.deliver(mail, agency)
    reply = site.deliver(mail, agency, other)
    assert (reply.code, reply.enhanced, reply.verdict) == (250, "2.0.0", "partial")
    assert agency.log()[0]["verdict"] == "duplicate" and other.log()[0]["verdict"] == "stored"
    assert site.deliver(mail, agency, other).verdict == "duplicate"


@pytest.mark.parametrize("address", ["postmaster@" + callmx.DOMAIN, "PostMaster@INGEST.example.com",
                                     "abuse@" + callmx.DOMAIN, "Postmaster"])
def test_postmaster_is_kept(make_site, address):
    site = make_site(smtp={"bad-report": "reject"})
    mail = mails.report_mail(subject="a complaint")
    reply = site.deliver(mail, address)
    assert (reply.code, reply.enhanced, reply.verdict) == (250, "2.0.0", "kept")
    assert site.raw(reply.id).endswith(mail)
    assert site.sql("SELECT verdict, agency_id FROM email_ingest_logs WHERE id = ?", reply.id) == [("kept", None)]


def test_postmaster_is_no_storage(site):
    """Anybody may write to postmaster: not much at a time."""
    before = site.counts()
    reply = site.deliver(mails.report_mail() + b"x" * 70 + b"\r\n" * 200_000, "postmaster@" + callmx.DOMAIN)
    assert (reply.code, reply.enhanced) == (552, "5.3.4")
    assert site.counts() == before


def test_postmaster_beside_a_key(site, agency):
    reply = site.deliver(mails.report_mail(books.small(1)[1]), agency, "postmaster@" + callmx.DOMAIN)
    assert reply.code == 250
    rows = site.sql("SELECT verdict FROM email_ingest_logs WHERE id = ? ORDER BY verdict", reply.id)
    assert rows == [("kept",), ("stored",)]


def test_key_revoked_while_the_mail_comes(site, agency):
    before = site.counts()
    with site.wire() as wire:
        wire.envelope(agency.address)
        site.ctl("key", "disable", agency.key)
        reply = wire.message(mails.report_mail(books.small(1)[1]))
        assert reply.code // 100 == 5, reply
        assert wire.command("NOOP").code == 250
    assert site.counts() == before


def test_one_of_two_keys_revoked_while_the_mail_comes(site, agency):
    other = site.agency("Other Agency")
    with site.wire() as wire:
        wire.envelope(agency.address, other.address)
        site.ctl("key", "disable", agency.key)
        reply = wire.message(mails.report_mail(books.small(1)[1]))
    assert reply.code == 250 and reply.verdict in ("stored", "partial"), reply
    assert agency.calls() == [] and len(other.calls()) == 3


def again(wire, agency):
    """The reply to one more RCPT of the session."""
    wire.command("RSET")
    wire.command("MAIL FROM:<a@example.net>")
    return wire.command("RCPT TO:<%s>" % agency.address).code


def test_key_revoked_between_mails(site, agency):
    """A session takes the key of its last mail as live for ten seconds; what is committed does not rest on that."""
    with site.wire() as wire:
        wire.envelope(agency.address)
        assert wire.message(mails.report_mail(books.small(1)[1])).verdict == "stored"
        site.ctl("key", "disable", agency.key)
        before = site.counts()
        assert again(wire, agency) == 250
        assert wire.command("DATA").code == 354
        reply = wire.message(mails.report_mail(books.small(2)[1]))
        assert (reply.code, reply.enhanced) == (550, "5.1.1")
        assert site.counts() == before
        assert again(wire, agency) == 550, "what was refused is not remembered"


def test_key_revoked_in_a_quiet_session(site, agency):
    with site.wire() as wire:
        wire.envelope(agency.address)
        assert wire.message(mails.report_mail(books.small(1)[1])).verdict == "stored"
        site.ctl("key", "disable", agency.key)
        time.sleep(10.2)
        assert again(wire, agency) == 550


def test_only_the_key_of_the_last_mail_is_remembered(site, agency):
    other, third = site.agency("Other Agency"), site.agency("Third Agency")
    with site.wire() as wire:
        wire.envelope(agency.address, other.address)
        assert wire.message(mails.report_mail(books.small(1)[1])).code == 250
        site.ctl("key", "disable", agency.key)
        site.ctl("key", "disable", other.key)
        assert again(wire, agency) == again(wire, other) == 550, "two were named, and either may have been dead"
        assert again(wire, third) == 250
        site.ctl("key", "disable", third.key)
        assert again(wire, third) == 550, "nothing was committed for it"


def test_guessing_keys_ends_the_session(make_site):
    site = make_site(smtp={"max-rcpt-errors": "2"})
    with site.wire() as wire:
        wire.command("EHLO mail.example.net")
        wire.command("MAIL FROM:<a@example.net>")
        replies = [wire.command("RCPT TO:<%s>" % UNKNOWN) for _ in range(3)]
        assert [reply.code for reply in replies] == [550, 550, 421]
        assert replies[2].enhanced == "4.7.0" and wire.is_closed()
