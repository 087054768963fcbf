"""Mails as RingCentral and people send them, and an SMTP client that hides nothing."""
import email.message
import email.policy
import re
import socket
import time

SENDER = "analytics.portal@ringcentral.com"
SUBJECT = "Scheduled Reports from RingCentral"
XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
HTML = '<html><body><p>Your report.</p><p>Subscription name: Daily calls</p>%s</body></html>\n'
LINK = '<a href="https://analytics.ringcentral.com/reports/12345?file=abc">Download</a>'


def report_mail(*books, subject=SUBJECT, sender=SENDER, message_id=None, html=HTML % "", names=None,
                inner=None):
    """Bytes of a mail with these workbooks attached; `inner`: a mail that it forwards."""
    mail = email.message.EmailMessage(policy=email.policy.SMTP)
    mail["From"] = sender
    mail["To"] = "reports@example.com"
    mail["Subject"] = subject
    mail["Date"] = "Tue, 06 Jan 2026 06:03:11 -0500"
    mail["Message-ID"] = message_id or "<%d.report@example.com>" % time.monotonic_ns()
    mail.set_content("Your report is attached.\n")
    mail.add_alternative(html, subtype="html")
    for index, book in enumerate(books):
        name = names[index] if names else "Report_%d_01_06_2026_6_03_11_AM.xlsx" % index
        mail.add_attachment(book, *XLSX, filename=name)
    if inner is not None:
        mail.add_attachment(email.message_from_bytes(inner, policy=email.policy.SMTP))
    return mail.as_bytes()


class Reply:
    """One reply: code, lines of text, and what the reply to DATA says in its words."""

    def __init__(self, lines):
        self.lines = [line[4:] for line in lines]
        self.code = int(lines[-1][:3])
        self.text = " ".join(self.lines)
        words = self.text.split(" ")
        self.enhanced = words[0]
        self.id = words[1] if len(words) > 1 else None
        self.verdict = words[2] if len(words) > 2 else None
        self.reason = " ".join(words[3:])
        self.pairs = dict(word.split("=", 1) for word in words[3:] if "=" in word)

    def __repr__(self):
        return "%d %s" % (self.code, " / ".join(self.lines))


class Closed(Exception):
    """The server has closed the connection."""


class Stopped(Closed):
    """The server has said 421."""


class Wire:
    """A connection on which exactly the bytes given are sent."""

    def __init__(self, port, host="127.0.0.1", greet=True, timeout=60):
        self.socket = socket.create_connection((host, port), timeout=timeout)
        self.buffer = b""
        if greet:
            assert self.reply().code == 220

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def line(self):
        while b"\n" not in self.buffer:
            try:
                more = self.socket.recv(65536)
            except ConnectionError as error:
                raise Closed(str(error)) from error
            if not more:
                raise Closed("end of file, with %r before it" % self.buffer)
            self.buffer += more
        line, self.buffer = self.buffer.split(b"\n", 1)
        assert line.endswith(b"\r"), line
        return line[:-1].decode("ascii")

    def reply(self):
        lines = [self.line()]
        while lines[-1][3:4] == "-":
            lines.append(self.line())
        assert re.fullmatch(r"[2-5]\d\d", lines[-1][:3]), lines
        return Reply(lines)

    def command(self, text):
        self.send(text.encode("utf-8") + b"\r\n")
        return self.reply()

    def is_closed(self, within=10):
        """Whether the server closes; what it still sends is thrown away."""
        self.socket.settimeout(within)
        try:
            while self.socket.recv(65536):
                pass
            return True
        except socket.timeout:
            return False
        except ConnectionError:
            return True

    def envelope(self, *recipients, sender="bounces@example.net", helo="mail.example.net"):
        """EHLO to DATA; the reply to DATA is 354."""
        commands = ["EHLO " + helo, "MAIL FROM:<%s>" % sender]
        commands += ["RCPT TO:<%s>" % recipient for recipient in recipients] + ["DATA"]
        for command in commands:
            reply = self.command(command)
            if reply.code == 421:
                raise Stopped(reply.text)
            assert reply.code == (354 if command == "DATA" else 250), (command, reply)

    def message(self, data):
        self.send(stuffed(data))
        return self.reply()


def stuffed(data):
    """A message with CRLF line ends as it goes over the wire, the last dot with it."""
    data = re.sub(rb"(?m)^\.", b"..", data)
    return data + (b"" if data.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def deliver(port, data, *recipients, **envelope):
    """Sends one mail the plain way; gives the reply to its last dot."""
    with Wire(port) as wire:
        wire.envelope(*recipients, **envelope)
        reply = wire.message(data)
        try:
            wire.command("QUIT")
        except Closed:
            pass
        return reply
