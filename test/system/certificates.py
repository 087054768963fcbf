"""Certificates made on the spot by openssl(1), and a client of the wire that speaks TLS."""
import socket
import ssl
import subprocess

import mails

AUTHORITY = """
[ca]
default_ca = one
[one]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = {names}
"""


def openssl(*arguments, **options):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=False, timeout=60, **options)
    assert done.returncode == 0, (arguments, done.stderr.decode())
    return done.stdout


class Certificate:
    """A key and a certificate for some names, signed by itself; `file` and `key` are where they are."""

    def __init__(self, folder, *names, stem="mx", expired=False, curve="prime256v1"):
        self.names = names or ("mx.example.com",)
        self.file, self.key = folder / (stem + ".pem"), folder / (stem + ".key")
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:" + curve, "-out", self.key)
        alternatives = ",".join("DNS:" + name for name in self.names)
        subject = "/CN=" + self.names[0].replace("*", "any")
        if not expired:
            openssl("req", "-x509", "-new", "-key", self.key, "-out", self.file, "-days", "30", "-subj", subject,
                    "-addext", "subjectAltName=" + alternatives)
            return
        (folder / "index.txt").write_text("")
        (folder / "ca.conf").write_text(AUTHORITY.format(folder=folder, names=alternatives))
        openssl("req", "-new", "-key", self.key, "-out", folder / "request", "-subj", subject)
        openssl("ca", "-batch", "-notext", "-selfsign", "-config", folder / "ca.conf", "-in", folder / "request",
                "-keyfile", self.key, "-out", self.file, "-startdate", "20200101000000Z", "-enddate", "20200201000000Z")

    def der(self):
        return ssl.PEM_cert_to_DER_cert(self.file.read_text())

    def settings(self, *others, **more):
        """The section [tls] with this certificate first."""
        every = (self,) + others
        return {"certificate": ", ".join(str(one.file) for one in every),
                "key": ", ".join(str(one.key) for one in every), **more}


def client(least=None, most=None):
    """A context that believes every certificate, and knows the versions of TLS from `least` to `most`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if least:
        context.minimum_version = least
    if most:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = min(context.minimum_version, most) if not least else least
        context.maximum_version = most
    return context


class Wire(mails.Wire):
    """A connection that changes to TLS when told to."""

    def start_tls(self, context=None, name=None, session=None, code=220):
        reply = self.command("STARTTLS")
        assert reply.code == code, reply
        assert not self.buffer, "there is more behind the reply to STARTTLS"
        self.wrap(context, name, session)
        return self

    def wrap(self, context=None, name=None, session=None):
        self.socket = (context or client()).wrap_socket(self.socket, server_hostname=name, session=session)

    def der(self):
        return self.socket.getpeercert(binary_form=True)

    def line(self):
        try:
            return super().line()
        except ssl.SSLError as error:
            raise mails.Closed(str(error)) from error

    def is_closed(self, within=10):
        try:
            return super().is_closed(within)
        except ssl.SSLError:
            return True


def secured(site, context=None, name=None, **options):
    """A session behind its handshake, before EHLO."""
    wire = Wire(site.port, **options)
    wire.command("EHLO mail.example.net")
    return wire.start_tls(context, name)


def plain_reply(wire, within=10):
    """What comes on the bare socket until its end."""
    wire.socket.settimeout(within)
    found = wire.buffer
    try:
        while True:
            more = wire.socket.recv(65536)
            if not more:
                return found
            found += more
    except (ConnectionError, socket.timeout):
        return found
