"""Peers of the HTTP listener who mean harm, or do it: slow, silent, greedy, many. And proxies in front."""
import itertools
import re
import resource
import socket
import subprocess
import time

import pytest

import books
import callmx
import machine
import web

MANY = {"max-connections-per-network": "100000"}


def drain(peer, timeout=callmx.PATIENCE):
    peer.settimeout(timeout)
    got = b""
    try:
        while piece := peer.recv(65536):
            got += piece
    except ConnectionError:
        pass
    return got


def test_each_refusal_has_one_line_and_stores_nothing(make_site, tmp_path):
    """Bodies over the limit, wrong signatures, old times, tokens of another agency, revoked ones."""
    key = "key-of-a-test-0123456789"
    (tmp_path / "key").write_text(key)
    site = make_site(**web.settings(mailgun={"signing-key-file": str(tmp_path / "key")}))
    site.keys.add(key)
    agency, other, client = site.agency(), site.agency("Other Agency"), web.Web(site)
    path, _ = client.ricochet(agency)
    token, foreign = client.token(agency), client.token(other)
    revoked = site.json("token", "add", agency.name, "--role", "owner")
    site.keys.add(revoked["token"])
    site.ctl("token", "revoke", agency.name, revoked["id"])
    book = books.small(1)[1]

    def mail(**signature):
        body, headers = web.multipart({"recipient": agency.address, **web.signed(key, **signature)},
                                      [("attachment-1", "a.xlsx", book)])
        return body, headers
    wrong, headers = mail()
    wrong = wrong.replace(b'name="signature"\r\n\r\n', b'name="signature"\r\n\r\n0', 1)
    old, _ = mail(now=time.time() - 1000)
    reports = web.api(agency, "/reports")
    asked = [
        (413, lambda: client.post(path, b"x" * 20000, headers=web.JSON)),
        (413, lambda: client.ask("PUT", web.api(agency, "/targets"), b"x" * 2000000, headers=web.JSON, token=token)),
        (413, lambda: client.ask("GET", web.api(agency, "/metrics"), b"x", token=token)),
        (413, lambda: client.post(reports, b"x" * (65 << 20), token=token)),
        (406, lambda: client.post("/mailgun", wrong, headers=headers)),
        (406, lambda: client.post("/mailgun", old, headers=headers)),
        (404, lambda: client.post(reports, book, token=foreign)),
        (404, lambda: client.get(web.api(agency, "/metrics"), token=foreign)),
        (401, lambda: client.post(reports, book, token=revoked["token"])),
        (401, lambda: client.get(web.api(agency, "/metrics"), token=revoked["token"])),
        (401, lambda: client.get(web.api(agency, "/metrics"))),
        (404, lambda: client.post("/ricochet/" + "a" * 26, web.event(1))),
    ]
    before = site.counts()
    for number, (status, ask) in enumerate(asked, 1):
        try:
            answer = ask()
            assert answer.status == status and answer.error, (number, answer)
        except (BrokenPipeError, ConnectionResetError):
            assert status == 413, number  # it was told before it had sent all
        lines = site.log_lines("request-refused")
        assert len(lines) == number and lines[-1]["status"] == str(status), (number, lines[-1])
    assert site.counts() == before


# --- time ---

def test_deadlines_that_one_octet_a_second_cannot_stretch(make_site):
    """A head, a body and a chunked body that drip, and a connection on which nothing comes."""
    site = make_site(**web.settings(http={"head-timeout": "1s", "body-grace": "1s", "body-min-rate": "500",
                                          "idle-timeout": "1s"}))
    client, before = web.Web(site), site.counts()
    starts = {b"GET /" + b"a" * 50: 408,
              b"POST /ricochet/x HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n": 408,
              b"POST /ricochet/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2000\r\n": 408,
              b"": None, b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n": 200}
    peers = []
    for start, status in starts.items():
        peer = socket.create_connection((client.host, client.port))
        peer.sendall(start)
        peers.append((peer, status, start))
    begun = time.monotonic()
    got = [b""] * len(peers)
    open_peers = set(range(len(peers)))
    while open_peers and time.monotonic() - begun < 15:
        for index in list(open_peers):
            peer, status, start = peers[index]
            peer.settimeout(0.02)
            try:
                if status == 408:
                    peer.sendall(b"a")
                piece = peer.recv(65536)
                got[index] += piece
                if not piece:
                    open_peers.discard(index)
            except TimeoutError:
                pass
            except ConnectionError:
                open_peers.discard(index)
    assert not open_peers and time.monotonic() - begun < 10
    for answer, (_, status, start) in zip(got, peers):
        assert answer == b"" if status is None else answer.startswith(b"HTTP/1.1 %d " % status), (start, answer)
    assert site.counts() == before
    assert len(site.log_lines("request-refused")) == 3


def test_slow_connections_by_the_hundred(make_site, figures):
    """500 that drip are gone when their time is over, and events between them are not slower."""
    site = make_site(**web.settings(http={"head-timeout": "2s", **MANY}))
    agency, client = site.agency(), web.Web(site)
    path, _ = client.ricochet(agency)
    peers = [socket.create_connection((client.host, client.port)) for _ in range(500)]
    begun, slowest = time.monotonic(), 0
    for peer in peers:
        peer.sendall(b"POST /ricochet/x HTTP/1.1\r\nHost: ")
        peer.setblocking(False)
    left = set(peers)
    for number in itertools.count(1):
        asked = time.perf_counter()
        assert client.post(path, web.event(number)).status == 200
        slowest = max(slowest, time.perf_counter() - asked)
        for peer in list(left):
            try:
                peer.send(b"a")
                if peer.recv(4096).startswith(b"HTTP/1.1 408"):
                    left.discard(peer)
            except BlockingIOError:
                pass
            except ConnectionError:
                left.discard(peer)
        if not left or time.monotonic() - begun > 30:
            break
        time.sleep(0.2)
    assert not left
    for peer in peers:
        peer.close()
    figures("slow HTTP: 500 connections gone in %.1f s; an event between them took %.3f s at most"
            % (time.monotonic() - begun, slowest))


def test_replies_that_nobody_reads(make_site):
    """What waits for a peer who does not read is bounded, and it is sent away in the end."""
    site = make_site(**web.settings(http={"idle-timeout": "1s"}))
    agency, client = site.agency(), web.Web(site)
    token = client.token(agency)
    request = ("GET /api/v1/openapi.json HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n" % token).encode()
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.connect((client.host, client.port))
    peer.settimeout(1)
    sent = 0
    try:
        while sent < 400000:
            peer.sendall(request * 100)
            sent += 100
    except (TimeoutError, ConnectionError):
        pass
    assert sent < 400000
    assert int(machine.status(site.pid)["VmRSS"].split()[0]) < (400 if callmx.SANITIZED else 100) * 1024
    end = time.monotonic() + callmx.PATIENCE
    gone = False
    while not gone and time.monotonic() < end:
        try:
            peer.sendall(b"x")
            time.sleep(0.1)
        except TimeoutError:
            time.sleep(0.1)
        except ConnectionError:
            gone = True
    assert gone
    peer.close()
    assert client.get("/healthz").status == 200


def test_a_connection_in_use_is_not_idle(make_site):
    """However long it lasts: what counts is the time since the last reply."""
    site = make_site(**web.settings(http={"idle-timeout": "1s", "head-timeout": "1s"}))
    client = web.Web(site)
    connection = client.connection()
    connection.connect()
    connection.auto_open = False
    begun = time.monotonic()
    while time.monotonic() - begun < 3:
        assert client.get("/healthz", connection=connection).status == 200
        time.sleep(0.3)
    connection.close()


# --- number ---

def test_connections_of_one_network(make_site):
    site = make_site(**web.settings(http={"max-connections-per-network": "5"}))
    client = web.Web(site)
    held = [socket.create_connection((client.host, client.port)) for _ in range(5)]
    answer = client.get("/healthz")
    assert answer.status == 503 and "your network" in answer.error and answer.headers["Retry-After"]
    for peer in held:
        peer.close()
    end = time.monotonic() + callmx.PATIENCE
    while client.get("/healthz").status != 200 and time.monotonic() < end:
        time.sleep(0.02)
    assert client.get("/healthz").status == 200
    assert site.log_lines("connection-refused")


def test_connections_in_all(make_site):
    site = make_site(**web.settings(http={"max-connections": "5"}))
    client = web.Web(site)
    held = [socket.create_connection((client.host, client.port)) for _ in range(5)]
    assert client.get("/healthz").status == 503
    with site.wire() as wire:
        assert wire.command("NOOP").code == 250
    for peer in held:
        peer.close()


def test_ten_thousand_idle_connections(make_site, figures):
    """Each costs little, none costs time, and requests among them are answered as ever."""
    wanted = 10000 if not callmx.SANITIZED else 1000
    old, enough = resource.getrlimit(resource.RLIMIT_NOFILE), wanted * 3 // 2 + 1000

    def raise_limit():
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (enough, max(enough, old[1])))
        except (ValueError, OSError):
            pass
    raise_limit()
    site = make_site(start=False, **web.settings(http={"max-connections": "20000", "head-timeout": "1h", **MANY}))
    site.start(preexec_fn=raise_limit)
    client = web.Web(site)

    def memory():
        return int(machine.status(site.pid)["VmRSS"].split()[0]) * 1024
    client.get("/healthz")
    before, peers = memory(), []
    for number in range(wanted):
        peer = socket.socket()
        peer.bind(("127.0.0.%d" % (number // 5000 + 2), 0))
        peer.connect((client.host, client.port))
        peers.append(peer)
    end = time.monotonic() + callmx.PATIENCE
    while len(machine.descriptors(site.pid)) < wanted and time.monotonic() < end:
        time.sleep(0.05)
    assert len(machine.descriptors(site.pid)) > wanted, site.log_text()[-2000:]
    each = (memory() - before) / wanted

    def processor_time():
        with open("/proc/%d/stat" % site.pid, encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])
    ticks = processor_time()
    time.sleep(1)
    idle = processor_time() - ticks
    took = []
    for _ in range(20):
        begun = time.perf_counter()
        assert client.get("/healthz").status == 200
        took.append(time.perf_counter() - begun)
    for peer in peers:
        peer.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, old)
    figures("HTTP: %d idle connections: %.1f KB each, %d ticks in a second, a request among them took %.1f ms"
            % (wanted, each / 1024, idle, 1e3 * sorted(took)[10]))
    assert callmx.SANITIZED or each < 8192


def test_no_descriptors(make_site):
    """Without any, a peer is told so at once; when there are some again, all is as before."""
    site = make_site(**web.settings(http=MANY))
    client = web.Web(site)
    old = resource.prlimit(site.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(site.pid, resource.RLIMIT_NOFILE, (len(machine.descriptors(site.pid)), old[1]))
    got = client.raw(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
    assert got == b"" or got.startswith(b"HTTP/1.1 503 ")
    resource.prlimit(site.pid, resource.RLIMIT_NOFILE, old)
    end = time.monotonic() + callmx.PATIENCE
    while time.monotonic() < end:
        try:
            if client.get("/healthz").status == 200:
                break
        except (ConnectionError, OSError):
            pass
        time.sleep(0.05)
    assert client.get("/healthz").status == 200


def test_refusals_do_not_fill_the_log(make_site):
    site = make_site(**web.settings(http={"max-auth-errors-per-hour": "100000"}))
    client = web.Web(site)
    for number in range(200):
        assert client.post("/ricochet/x%d" % number, {}).status == 404
    assert 5 <= len(site.log_lines("request-refused")) <= 40
    assert "x199" not in site.log_text(), "a path may hold a secret"


def test_many_connections_leave_nothing(make_site, figures):
    """Descriptors and memory are what they were."""
    site = make_site(**web.settings())
    agency, client = site.agency(), web.Web(site)
    path, _ = client.ricochet(agency)

    def some(first, count):
        for number in range(first, first + count):
            kind = number % 4
            if kind == 0:
                client.post(path, web.event(number % 50))
            elif kind == 1:
                client.raw(b"GET / HTTP/1.1\n", timeout=5)
            elif kind == 2:
                socket.create_connection((client.host, client.port)).close()
            else:
                with socket.create_connection((client.host, client.port)) as peer:
                    peer.sendall(b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n{" % path.encode())
    some(0, 400)
    time.sleep(0.3)
    before = machine.descriptors(site.pid)
    some(400, 2000 if not callmx.SANITIZED else 400)
    end = time.monotonic() + callmx.PATIENCE
    while machine.descriptors(site.pid) != before and time.monotonic() < end:
        time.sleep(0.05)
    assert machine.descriptors(site.pid) == before


# --- proxies ---

def test_x_forwarded_for(make_site):
    """Believed of those who are listed, and only the last who is none of them."""
    site = make_site(**web.settings(http={"proxy-from": "127.0.0.1, 10.0.0.0/8", "max-auth-errors-per-hour": "3"}))
    client = web.Web(site)

    def ask(forwarded):
        return client.post("/ricochet/x", {}, headers={"X-Forwarded-For": forwarded} if forwarded else {}).status
    for _ in range(3):
        assert ask("192.0.2.1") == 404
    assert ask("192.0.2.1") == 429
    assert ask("192.0.2.2") == 404
    assert ask("198.51.100.7, 192.0.2.1, 10.1.2.3") == 429, "what the peer itself wrote there is nothing"
    # In a field of its own, behind that of the peer.
    got = client.raw(b"POST /ricochet/x HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.8\r\n"
                     b"X-Forwarded-For: 192.0.2.1\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
    assert got.startswith(b"HTTP/1.1 429 ")
    assert ask("192.0.2.1, 192.0.2.3") == 404
    assert ask("2001:db8::1") == 404
    assert ask("rubbish") == 404 and ask(None) == 404
    peers = [line["peer"] for line in site.log_lines("request-refused")]
    assert peers == ["192.0.2.1"] * 4 + ["192.0.2.2", "192.0.2.1", "192.0.2.1", "192.0.2.3", "2001:db8::1", "127.0.0.1", "127.0.0.1"]


def test_x_forwarded_for_of_strangers(make_site):
    site = make_site(**web.settings())
    assert web.Web(site).post("/ricochet/x", {}, headers={"X-Forwarded-For": "192.0.2.1"}).status == 404
    assert site.log_lines("request-refused")[0]["peer"] == "127.0.0.1"


def test_the_proxy_protocol(make_site):
    site = make_site(**web.settings(http={"proxy-from": "127.0.0.1", "proxy-protocol": "yes"}))
    client = web.Web(site)
    request = b"POST /ricochet/x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
    got = client.raw(b"PROXY TCP4 192.0.2.9 192.0.2.1 40000 80\r\n" + request)
    assert got.startswith(b"HTTP/1.1 404 ")
    assert site.log_lines("request-refused")[0]["peer"] == "192.0.2.9"
    assert client.raw(request) == b"" and len(site.log_lines("proxy-header-bad")) == 1


NGINX = """
user root; daemon off; pid nginx.pid; error_log nginx.err;
events {}
http {
    access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
    %s
}
"""


def nginx_configuration(site, port):
    """That of contrib, for this site and without TLS."""
    text = (callmx.ROOT / "contrib" / "nginx" / "callmx.conf").read_text()
    for old, new in (("server 127.0.0.1:8080;", "server %s;" % site.settings["http"]["listen"]),
                     ("listen 443 ssl;", "listen 127.0.0.1:%d;" % port)):
        assert old in text
        text = text.replace(old, new)
    return NGINX % re.sub(r"^ *ssl_.*\n", "", text, flags=re.M)


def test_nginx_in_front(make_site, tmp_path):
    """As contrib says: events, uploads and the API through nginx; the log has the true peer."""
    site = make_site(**web.settings(http={"proxy-from": "127.0.0.1"}))
    agency, port = site.agency(), machine.free_port()
    direct = web.Web(site)
    path, _ = direct.ricochet(agency)
    token = direct.token(agency)
    (tmp_path / "nginx.conf").write_text(nginx_configuration(site, port))
    nginx = subprocess.Popen(["nginx", "-p", tmp_path, "-c", "nginx.conf", "-e", "nginx.err"],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        through = web.Web(site)
        through.port = port
        end = time.monotonic() + callmx.PATIENCE
        while time.monotonic() < end:
            try:
                if through.get("/healthz").status == 200:
                    break
            except ConnectionError:
                time.sleep(0.05)
        for number in range(30):
            assert through.post(path, web.event(number)).status == 200
        book = books.Day(rows=200).calls
        answer = through.post(web.api(agency, "/reports"), book, token=token)
        assert (answer.status, answer.json["verdict"]) == (201, "stored")
        got = through.get(web.api(agency, "/metrics?date=2026-02-05"), token=token)
        assert got.status == 200 and got.json["agency"]["unmatched"] == 30
        assert through.get(web.api(agency, "/metrics?date=2026-02-05"), token=token,
                           headers={"If-None-Match": got.headers["ETag"]}).status == 304
        refused = through.post("/ricochet/x", {}, headers={"X-Forwarded-For": "192.0.2.77"})
        assert refused.status == 404
        assert site.log_lines("request-refused")[-1]["peer"] == "192.0.2.77", "127.0.0.1 is one of the proxies here"
    finally:
        nginx.terminate()
        nginx.wait(10)
