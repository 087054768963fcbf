"""HTTP for the system tests: a site with a listener, requests by Python's own client, raw octets."""
import hashlib
import hmac
import http.client
import json
import secrets
import socket
import time
import urllib.parse

import machine

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def settings(**more):
    """For make_site(**web.settings()): a listener on a port of its own."""
    http_settings = {"listen": "127.0.0.1:%d" % machine.free_port(), **more.pop("http", {})}
    return dict(more, http=http_settings)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        return self.json["error"]

    def __repr__(self):
        return "%d %s" % (self.status, self.body[:300])


class Web:
    """A client of a site's HTTP listener."""

    def __init__(self, site, section="http"):
        self.host, port = site.settings[section]["listen"].rsplit(":", 1)
        self.port, self.site = int(port), site

    def connection(self, timeout=60):
        return http.client.HTTPConnection(self.host, self.port, timeout=timeout)

    def ask(self, method, path, body=None, headers=None, token=None, connection=None):
        headers = dict(headers or {})
        if token is not None:
            headers["Authorization"] = "Bearer " + token
        if isinstance(body, (dict, list)):
            body, headers = json.dumps(body), {**JSON, **headers}
        if body is None and method in ("POST", "PUT"):
            body = ""
        own = connection or self.connection()
        own.request(method, path, body=body, headers=headers)
        got = own.getresponse()
        answer = Answer(got.status, got.headers, got.read())
        if connection is None:
            own.close()
        return answer

    def get(self, path, token=None, **options):
        return self.ask("GET", path, token=token, **options)

    def post(self, path, body=None, **options):
        return self.ask("POST", path, body=body, **options)

    def raw(self, octets, timeout=10):
        """Sends octets; gives all that comes back until the end."""
        with socket.create_connection((self.host, self.port), timeout=timeout) as peer:
            peer.sendall(octets)
            got = b""
            try:
                while piece := peer.recv(65536):
                    got += piece
            except (TimeoutError, ConnectionResetError):
                pass
            return got

    # --- what callmxctl makes ---

    def ricochet(self, agency, *options):
        """The path of a new integration, and what else was shown of it."""
        made = self.site.json("voip", "add", agency.name, "ricochet", *options)
        self.site.keys.add(made["secret"])
        return urllib.parse.urlsplit(made["url"]).path, made

    def token(self, agency, role="owner", *options):
        made = self.site.json("token", "add", agency.name, "--role", role, *options)
        self.site.keys.add(made["token"])
        return made["token"]


def event(number, member="Chris Example", outbound=True, duration=60, **more):
    """Form 1 of an event."""
    return {"id": "event-%s" % number, "phone": "+1 (555) 010-0100", "to": "+1 (555) 010-0199",
            "outbound": outbound, "Duration": duration, "created_at": "2026-02-05T14:30:00Z",
            "answered_at": None, "User's name": member, "User's email": None, **more}


def api(agency, path=""):
    return "/api/v1/agencies/%s%s" % (agency.id, path)


def signed(key, now=None, token=None):
    """The fields by which Mailgun signs a form."""
    stamp, token = str(int(now if now is not None else time.time())), token or secrets.token_hex(25)
    signature = hmac.new(key.encode(), (stamp + token).encode(), hashlib.sha256).hexdigest()
    return {"timestamp": stamp, "token": token, "signature": signature}


def multipart(fields, files=(), boundary="----a-boundary-of-this-test"):
    """A multipart/form-data body and its headers; files are (name, file name, octets)."""
    body = b""
    for name, value in fields.items():
        body += ('--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (boundary, name, value)).encode()
    for name, file_name, octets in files:
        body += ('--%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n'
                 'Content-Type: application/octet-stream\r\n\r\n' % (boundary, name, file_name)).encode()
        body += octets + b"\r\n"
    body += ("--%s--\r\n" % boundary).encode()
    return body, {"Content-Type": "multipart/form-data; boundary=%s" % boundary}
