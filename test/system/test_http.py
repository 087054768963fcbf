"""The HTTP listener as clients meet it: routes, connections, deadlines, TLS, health, metrics."""
import json
import re
import socket
import ssl
import subprocess
import time

import pytest

import callmx
import machine
import web
from certificates import Certificate


@pytest.fixture
def site(make_site):
    return make_site(**web.settings())


def test_curl(site):
    """As an administrator tries it."""
    url = "http://%s" % site.settings["http"]["listen"]

    def curl(*arguments):
        return subprocess.run(["curl", "-s", "-i", *arguments], capture_output=True, check=True).stdout.decode()
    answer = curl(url + "/healthz")
    assert answer.startswith("HTTP/1.1 200 OK\r\n") and answer.endswith('{"status":"ok"}')
    assert re.search(r"^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r$", answer, re.M)
    assert "405 Method Not Allowed" in curl("-X", "DELETE", url + "/healthz")
    assert "\r\nAllow: GET, HEAD, OPTIONS\r\n" in curl("-X", "OPTIONS", url + "/healthz")
    head = curl("-I", url + "/healthz")
    assert "\r\nContent-Length: 15\r\n" in head and "{" not in head
    assert curl("--http1.0", url + "/healthz").startswith("HTTP/1.1 200 OK\r\n")
    assert json.loads(curl(url + "/nowhere").split("\r\n\r\n")[1]) == {"error": "there is nothing at this path"}


def test_a_connection_is_used_again(site):
    client = web.Web(site)
    connection = client.connection()
    for _ in range(5):
        assert client.get("/healthz", connection=connection).status == 200
        connection.connect = None  # any other would be seen
    connection.close()


def test_requests_that_come_together_are_answered_in_order(site):
    one = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
    last = b"GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    got = web.Web(site).raw(one * 20 + last)
    assert re.findall(rb"HTTP/1.1 (\d+) ", got) == [b"200"] * 20 + [b"404"]


@pytest.mark.parametrize("octets, status", [
    (b"GET / HTTP/1.1\nHost: a\n\n", 400),
    (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    (b"POST /ricochet/x HTTP/1.1\r\nHost: a\r\n\r\n", 411),
    (b"POST /ricochet/x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400),
    (b"POST /ricochet/x HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    (b"POST /ricochet/x HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", 413),
    (b"POST /ricochet/x HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\n", 415),
    (b"GET /" + b"a" * 9000, 414),
    (b"GET / HTTP/1.1\r\nHost: a\r\nA: " + b"b" * 20000, 431),
    (b"GET / HTTP/3.0\r\n", 505),
    (b"EHLO mx.example.com\r\n", 400),
])
def test_what_is_wrong_is_told_and_the_connection_closed(site, octets, status):
    before = site.counts()
    got = web.Web(site).raw(octets)
    assert got.startswith(b"HTTP/1.1 %d " % status), got
    head, body = got.split(b"\r\n\r\n", 1)
    assert b"\r\nConnection: close" in head and json.loads(body)["error"]
    assert site.counts() == before
    lines = site.log_lines("request-refused")
    assert [line["status"] for line in lines] == [str(status)]


def test_smtp_on_the_http_port_and_http_on_the_smtp_port(site):
    web.Web(site).raw(b"EHLO a\r\nMAIL FROM:<a@b>\r\n")
    with socket.create_connection(("127.0.0.1", site.port)) as peer:
        peer.sendall(b"POST / HTTP/1.1\r\nHost: a\r\n\r\n")
        got = b""
        while piece := peer.recv(4096):
            got += piece
    assert b"HTTP/1.1" not in got


def test_readiness(make_site):
    site = make_site(**web.settings(smtp={"min-free-space": "64M"}))
    client = web.Web(site)
    answer = client.get("/readyz")
    assert (answer.status, answer.json["status"]) == (200, "ok")
    site.settings["smtp"]["min-free-space"] = "900000G"
    site.write_config()
    site.process.send_signal(1)
    end = time.monotonic() + callmx.PATIENCE
    while client.get("/readyz").status == 200 and time.monotonic() < end:
        time.sleep(0.05)
    answer = client.get("/readyz")
    assert answer.status == 503
    assert {name for name, state in answer.json.items() if state == "failed"} == {"disk_space", "status"}
    assert client.get("/healthz").status == 200


def test_readiness_while_the_database_is_held(make_site):
    import sqlite3
    site = make_site(**web.settings())
    holder = sqlite3.connect(site.database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    answer = web.Web(site).get("/readyz")
    assert answer.status == 503 and answer.json["database"] == "failed"
    holder.execute("ROLLBACK")
    holder.close()
    assert web.Web(site).get("/readyz").status == 200


def test_tls(make_site, tmp_path):
    certificate = Certificate(tmp_path, "mx.example.com")
    port = machine.free_port()
    site = make_site(tls={"certificate": str(certificate.file), "key": str(certificate.key)},
                     http={"listen-tls": "127.0.0.1:%d" % port})
    context = ssl.create_default_context(cafile=str(certificate.file))
    with socket.create_connection(("127.0.0.1", port)) as plain:
        with context.wrap_socket(plain, server_hostname="mx.example.com") as peer:
            peer.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" * 2)
            got = b""
            while got.count(b'{"status":"ok"}') < 2:
                got += peer.recv(4096)
            assert peer.version() in ("TLSv1.2", "TLSv1.3")
    done = subprocess.run(["curl", "-s", "--cacert", certificate.file, "--resolve",
                           "mx.example.com:%d:127.0.0.1" % port, "https://mx.example.com:%d/healthz" % port],
                          capture_output=True, check=True)
    assert json.loads(done.stdout) == {"status": "ok"}
    # What is no handshake is sent away, and those who say nothing, too.
    with socket.create_connection(("127.0.0.1", port)) as peer:
        peer.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        got = b""
        try:
            while piece := peer.recv(4096):
                got += piece
        except ConnectionResetError:
            pass
        assert b"200 OK" not in got
    made = site.json("voip", "add", site.agency().name, "ricochet")
    assert made["url"].startswith("https://127.0.0.1:%d/ricochet/" % port)
    site.keys.add(made["secret"])


def test_the_listener_changes_with_the_configuration(make_site):
    site = make_site(**web.settings())
    client = web.Web(site)
    connection = client.connection()
    assert client.get("/healthz", connection=connection).status == 200
    old = client.port
    site.settings["http"]["listen"] = "127.0.0.1:%d" % machine.free_port()
    site.write_config()
    site.process.send_signal(1)
    moved = web.Web(site)
    end = time.monotonic() + callmx.PATIENCE
    while time.monotonic() < end:
        try:
            assert moved.get("/healthz").status == 200
            break
        except ConnectionError:
            time.sleep(0.02)
    with pytest.raises(ConnectionError):
        socket.create_connection(("127.0.0.1", old)).close()
    assert client.get("/healthz", connection=connection).status == 200, "who was there stays"


def test_an_address_that_is_taken(make_site):
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    address = "127.0.0.1:%d" % taken.getsockname()[1]
    site = make_site(start=False, http={"listen": address})
    done = subprocess.run([callmx.DAEMON, "-c", site.config], capture_output=True, timeout=30, check=False)
    assert done.returncode == 69 and address in done.stderr.decode()


def test_metrics_are_clean(make_site, figures):
    site = make_site(**web.settings(metrics={"listen": "127.0.0.1:%d" % machine.free_port()}))
    agency = site.agency()
    client, scrape = web.Web(site), web.Web(site, "metrics")
    path, _ = web.Web(site).ricochet(agency)
    for number in (1, 1, 2):
        assert client.post(path, web.event(number)).status == 200
    assert client.post(path, {"id": 1, "Duration": -1}).status == 422
    import books
    import mails
    site.deliver(mails.report_mail(books.small(1)[1]), agency)
    assert client.get("/metrics").status == 404
    assert scrape.get("/healthz").status == 404
    answer = scrape.get("/metrics")
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    checked = subprocess.run(["promtool", "check", "metrics"], input=answer.body, capture_output=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")
    text = answer.body.decode()
    for line in ('callmx_events_total{outcome="new"} 2', 'callmx_events_total{outcome="duplicate"} 1',
                 'callmx_events_total{outcome="refused"} 1', 'callmx_messages_total{verdict="stored"} 1',
                 'callmx_smtp_replies_total{code="354"} 1', 'callmx_http_replies_total{status="422"} 1',
                 "callmx_reply_seconds_count 1", "callmx_parse_seconds_count 1", "callmx_parsers 2"):
        assert line in text.splitlines(), line
    last = re.search(r'^callmx_agency_last_success_timestamp_seconds\{agency="%s"\} (\d+)$' % agency.id, text, re.M)
    assert abs(int(last.group(1)) - time.time()) < 60
    site.settings["metrics"]["agencies"] = "no"
    site.write_config()
    site.process.send_signal(1)
    end = time.monotonic() + callmx.PATIENCE
    while "agency=" in scrape.get("/metrics").body.decode() and time.monotonic() < end:
        time.sleep(0.02)
    assert agency.id not in scrape.get("/metrics").body.decode()


def test_the_end_waits_for_what_is_under_way(site):
    """SIGTERM: an upload that has begun is answered; idle connections go at once."""
    agency, client = site.agency(), web.Web(site)
    token = client.token(agency)
    idle = socket.create_connection((client.host, client.port))
    import books
    book = books.small(1)[1]
    head = ("POST %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n"
            % (web.api(agency, "/reports"), token, len(book))).encode()
    with socket.create_connection((client.host, client.port), timeout=30) as peer:
        peer.sendall(head + book[:100])
        time.sleep(0.3)
        site.process.send_signal(15)
        time.sleep(0.3)
        peer.sendall(book[100:])
        got = b""
        while piece := peer.recv(65536):
            got += piece
    assert got.startswith(b"HTTP/1.1 201 ") and b"\r\nConnection: close" in got
    idle.settimeout(10)
    assert idle.recv(10) == b""
    idle.close()
    assert site.wait() == 0
