"""Uploads and Mailgun: other doors to the same corridor."""
import hashlib
import json
import os
import subprocess
import time

import pytest
import requests

import books
import callmx
import machine
import mails
import web

KEY = "key-" + "0123456789abcdef" * 2


@pytest.fixture
def site(make_site):
    return make_site(**web.settings())


@pytest.fixture
def agency(site):
    return site.agency()


# --- uploads ---

def test_every_form_of_an_upload(site, agency, tmp_path):
    """As the body, by curl as a form, several at once: the entry of the log, and figures."""
    client, day = web.Web(site), books.Day(rows=60)
    token = client.token(agency)
    path = web.api(agency, "/reports")
    first = client.post(path + "?name=My%20calls.xlsx", day.calls, token=token)
    assert first.status == 201, first
    entry = first.json
    assert (entry["channel"], entry["verdict"], entry["files"][0]["name"]) == ("upload", "stored", "My calls.xlsx")
    assert entry["sha256"] == hashlib.sha256(day.calls).hexdigest() and entry["bytes"] == len(day.calls)
    assert entry == client.get(web.api(agency, "/log/" + entry["id"]), token=token).json
    (tmp_path / "calls.xlsx").write_bytes(day.calls)
    (tmp_path / "users.xlsx").write_bytes(day.users)
    done = subprocess.run(["curl", "-s", "-H", "Authorization: Bearer " + token, "-F", "a=@calls.xlsx", "-F",
                           "b=@users.xlsx", "-F", "note=hello", "http://%s%s" % (site.settings["http"]["listen"], path)],
                          capture_output=True, check=True, cwd=tmp_path)
    both = json.loads(done.stdout)
    assert [(file["name"], file["verdict"]) for file in both["files"]] == [
        ("calls.xlsx", "duplicate"), ("users.xlsx", "stored")]
    assert both["files"][0]["sha256"] == entry["sha256"]
    again = requests.post("http://%s%s" % (site.settings["http"]["listen"], path), timeout=60,
                          files={"file": ("users.xlsx", day.users)}, headers={"Authorization": "Bearer " + token})
    assert again.status_code == 200 and again.json()["verdict"] == "duplicate"
    mailed = site.deliver(mails.report_mail(day.calls), agency)
    assert mailed.verdict == "duplicate"
    site.ctl("verify")
    # What was kept can be read again, whatever its form was.
    for made in (entry, both):
        replayed = site.json("replay", made["id"])
        assert replayed["messages"][0]["after"] == "stored" if "messages" in replayed else True
    site.ctl("verify")


def test_an_upload_in_chunks(site, agency):
    token, book = web.Web(site).token(agency), books.small(1)[1]
    answer = requests.post("http://%s%s" % (site.settings["http"]["listen"], web.api(agency, "/reports")), timeout=60,
                           data=iter([book[:100], book[100:]]), headers={"Authorization": "Bearer " + token})
    assert (answer.status_code, answer.json()["verdict"]) == (201, "stored")
    assert answer.request.headers["Transfer-Encoding"] == "chunked"


@pytest.mark.parametrize("body, status, says", [
    (b"", 422, "empty"), (b"this is no workbook", 422, "workbook"), (b"PK\x03\x04" + b"\0" * 300, 422, ""),
])
def test_what_is_no_report_is_kept(site, agency, body, status, says):
    client = web.Web(site)
    answer = client.post(web.api(agency, "/reports"), body, token=client.token(agency))
    assert answer.status == status and says in answer.error, answer
    if body:
        assert answer.json["verdict"] == "failed" and answer.json["error_message"] == answer.error
        assert site.raw(answer.json["id"]) == body


def test_who_may_not_upload_does_not_send(site, agency):
    """The refusal comes before the body: a client that waits for 100 Continue need not send it."""
    client = web.Web(site)
    staff, before = client.token(agency, "staff"), site.counts()
    for token, status in ((staff, b"403"), ("x" * 26, b"401")):
        got = client.raw(("POST %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Length: 40000000\r\n"
                          "Expect: 100-continue\r\n\r\n" % (web.api(agency, "/reports"), token)).encode())
        assert got.startswith(b"HTTP/1.1 " + status) and b"100 Continue" not in got
    done = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{size_upload}", "-H",
                           "Authorization: Bearer " + staff, "-H", "Expect: 100-continue", "-T", callmx.DAEMON, "-X",
                           "POST", "http://%s%s" % (site.settings["http"]["listen"], web.api(agency, "/reports"))],
                          capture_output=True, check=True)
    assert done.stdout == b"403 0"
    assert site.counts() == before


def test_an_upload_that_is_too_large(make_site):
    site = make_site(**web.settings(http={"max-upload-size": "64K"}))
    agency, client = site.agency(), web.Web(site)
    token, before = client.token(agency), site.counts()
    answer = client.post(web.api(agency, "/reports"), os.urandom(65537), token=token)
    assert (answer.status, answer.error) == (413, "the body is too large")
    got = client.raw(("POST %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nTransfer-Encoding: chunked\r\n\r\n"
                      % (web.api(agency, "/reports"), token)).encode() + b"10000\r\n" + b"x" * 65536 + b"\r\n1\r\n")
    assert got.startswith(b"HTTP/1.1 413 ")
    assert site.counts() == before


def test_no_room(make_site):
    """The memory of all messages has a ceiling, for uploads too; afterwards there is room again."""
    site = make_site(**web.settings(smtp={"max-message-size": "1M", "message-memory": "1M"}))
    agency, client = site.agency(), web.Web(site)
    token, book = client.token(agency), books.small(1)[1]
    answer = client.post(web.api(agency, "/reports"), os.urandom(2 << 20), token=token)
    assert answer.status == 503
    got = client.raw(("POST %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nTransfer-Encoding: chunked\r\n\r\n"
                      % (web.api(agency, "/reports"), token)).encode()
                     + b"180000\r\n" + os.urandom(0x180000) + b"\r\n0\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 503 ")
    assert client.post(web.api(agency, "/reports"), book, token=token).status == 201


def test_an_upload_that_breaks_off(site, agency):
    """Nothing of it stays: no row, no memory, no descriptor."""
    client = web.Web(site)
    token, before = client.token(agency), site.counts()
    descriptors = machine.descriptors(site.pid)
    import socket
    for _ in range(5):
        with socket.create_connection((client.host, client.port)) as peer:
            peer.sendall(("POST %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Length: 100000\r\n\r\n"
                          % (web.api(agency, "/reports"), token)).encode() + b"x" * 50000)
            time.sleep(0.05)
    end = time.monotonic() + callmx.PATIENCE
    while machine.descriptors(site.pid) != descriptors and time.monotonic() < end:
        time.sleep(0.05)
    assert machine.descriptors(site.pid) == descriptors and site.counts() == before


# --- Mailgun ---

@pytest.fixture
def gun(make_site, tmp_path):
    (tmp_path / "mailgun.key").write_text(KEY + "\n")
    site = make_site(**web.settings(mailgun={"signing-key-file": str(tmp_path / "mailgun.key")}))
    site.keys.add(KEY)
    return site


def post_mail(site, fields, files=(), **signature):
    body, headers = web.multipart({**fields, **(web.signed(KEY, **signature) if signature is not None else {})}, files)
    return web.Web(site).post("/mailgun", body, headers=headers)


def test_a_mail_by_way_of_mailgun(gun):
    agency, day = gun.agency(), books.Day(rows=40)
    fields = {"recipient": agency.address, "sender": "bounces@example.net", "subject": "Your report",
              "body-plain": "Attached."}
    answer = post_mail(gun, fields, [("attachment-1", "Calls.xlsx", day.calls), ("attachment-2", "Users.xlsx", day.users)])
    assert (answer.status, answer.json["verdict"]) == (200, "stored"), answer
    entry, = agency.log()
    assert (entry["channel"], entry["sender"], entry["id"]) == ("mailgun", "bounces@example.net", answer.json["id"])
    assert [file["verdict"] for file in entry["files"]] == ["stored", "stored"]
    again = post_mail(gun, {**fields, "recipient": agency.address.upper()}, [("attachment-1", "Calls.xlsx", day.calls)])
    assert again.json["verdict"] == "duplicate"
    gun.ctl("verify")
    assert agency.key not in gun.log_text()


def test_a_mail_without_attachments(gun):
    """Mailgun posts it as a plain form: the link in it is found, as in mail."""
    agency = gun.agency()
    text = ("Your RingCentral report is ready.\r\nDownload: "
            "https://analytics.ringcentral.example/reports/download?id=1\r\n")
    form = {"recipient": agency.address, "sender": "a@example.net", "subject": "R\u00e9port", "body-plain": text,
            **web.signed(KEY)}
    answer = requests.post("http://%s/mailgun" % gun.settings["http"]["listen"], data=form, timeout=30)
    assert answer.status_code == 200 and answer.json()["verdict"] in ("no-report", "link-only")
    entry, = agency.log()
    assert entry["subject"] == "R\u00e9port" and entry["channel"] == "mailgun"


def test_what_mailgun_did_not_sign(gun):
    agency = gun.agency()
    book = [("attachment-1", "Calls.xlsx", books.small(1)[1])]
    fields, before = {"recipient": agency.address, "sender": "a@example.net"}, gun.counts()
    now = time.time()
    good = web.signed(KEY)
    cases = [({**good, "signature": "0" * 64}, "signature"), ({**good, "signature": ""}, "signature"),
             (web.signed("another key of some length"), "signature"), ({**good, "token": "other"}, "signature"),
             ({"timestamp": good["timestamp"], "token": good["token"]}, "signature"),
             (web.signed(KEY, now=now - 400), "timestamp"), (web.signed(KEY, now=now + 400), "timestamp")]
    for signature, says in cases:
        body, headers = web.multipart({**fields, **signature}, book)
        answer = web.Web(gun).post("/mailgun", body, headers=headers)
        assert answer.status == 406 and says in answer.error, answer
    for recipient in ("calls-%s@%s" % ("a" * 26, callmx.DOMAIN), "calls-%s@other.example" % agency.key, "", "x\r\ny",
                      "postmaster@" + callmx.DOMAIN):
        answer = post_mail(gun, {**fields, "recipient": recipient}, book)
        assert answer.status == 406 and answer.error == "recipient: there is no such recipient here"
    assert gun.counts() == before
    assert len(gun.log_lines("request-refused")) == len(cases) + 5


def test_a_token_is_good_once(gun):
    """What was taken once is not taken again, not even after a new start; what failed for us may come again."""
    agency, book = gun.agency(), books.small(1)[1]
    signature = web.signed(KEY)
    body, headers = web.multipart({"recipient": agency.address, "sender": "a@example.net", **signature},
                                  [("attachment-1", "Calls.xlsx", book)])
    import sqlite3
    holder = sqlite3.connect(gun.database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert web.Web(gun).post("/mailgun", body, headers=headers).status == 503
    holder.execute("ROLLBACK")
    holder.close()
    assert web.Web(gun).post("/mailgun", body, headers=headers).status == 200
    assert gun.stop() == 0
    gun.start()
    answer = web.Web(gun).post("/mailgun", body, headers=headers)
    assert (answer.status, answer.error) == (406, "token: it was used before")
    assert len(agency.log()) == 1


@pytest.mark.parametrize("body", [
    b"", b"--", b"------a-boundary-of-this-test", b"------a-boundary-of-this-test\r\n\r\n\r\n",
    b"------a-boundary-of-this-test\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nx",
])
def test_forms_that_are_none(gun, body):
    _, headers = web.multipart({})
    answer = web.Web(gun).post("/mailgun", body, headers=headers)
    assert answer.status == 406, answer


def test_without_a_key_there_is_no_such_door(site):
    answer = post_mail(site, {"recipient": "x@y"})
    assert (answer.status, answer.error) == (404, "there is nothing at this path")


def test_a_key_that_cannot_be_read(make_site, tmp_path):
    (tmp_path / "short").write_text("abc\n")
    for path in (tmp_path / "short", tmp_path / "absent"):
        site = make_site(start=False, **web.settings(mailgun={"signing-key-file": str(path)}))
        done = subprocess.run([callmx.DAEMON, "-c", site.config], capture_output=True, timeout=30, check=False)
        assert done.returncode in (69, 78) and b"signing-key-file" in done.stderr
