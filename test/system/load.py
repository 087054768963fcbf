"""Load for the crash tests: clients that mail distinct small reports and remember what they were told."""
import itertools
import random
import threading
import time

import books
import mails


class Mail:
    """One small report in its mail, and what was said about it."""

    def __init__(self, number, day):
        self.number, self.day = number, day
        self.message_id = "<load-%d@example.com>" % number
        self.sessions, book = books.small(number, day=day)
        self.bytes = mails.report_mail(book, message_id=self.message_id)
        self.reply = None  # of the first 250


class Load:
    """`clients` threads that mail to one address until stopped, each mail once."""

    def __init__(self, site, address, clients=4, day_of=lambda number: books.DAY, numbers=None):
        self.site, self.address, self.clients, self.day_of = site, address, clients, day_of
        self.numbers = numbers or itertools.count(1)
        self.lock, self.sent, self.replies = threading.Lock(), [], []
        self.stopping, self.errors = threading.Event(), []
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(clients)]
        # Made before the first is sent: the load is of mails, not of the making of workbooks.
        self.ready = [self.make() for _ in range(8 * clients)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(timeout=120)
            assert not thread.is_alive()
        assert not self.errors, self.errors[0]

    def make(self):
        number = next(self.numbers)
        return Mail(number, self.day_of(number))

    def next_mail(self):
        with self.lock:
            mail = self.ready.pop(0) if self.ready else self.make()
            self.sent.append(mail)
        return mail

    def run(self):
        """A connection that breaks ends the client: the daemon is gone."""
        try:
            with self.site.wire() as wire:
                while not self.stopping.is_set():
                    mail = self.next_mail()
                    wire.envelope(self.address)
                    reply = wire.message(mail.bytes)
                    with self.lock:
                        self.replies.append(reply)
                        if reply.code == 250:
                            mail.reply = reply
        except (OSError, mails.Closed):
            pass
        except Exception as error:  # for the thread that waits
            self.errors.append(error)


def pause(low, high):
    time.sleep(random.uniform(low, high))
