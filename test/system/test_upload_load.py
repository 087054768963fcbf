"""A large upload beside mail: what the one costs the other. In the plain build alone: it is about time."""
import io
import itertools
import threading
import time
import zipfile

import books
import machine
import mails
import web


def resident(pid):
    return int(machine.status(pid)["VmRSS"].split()[0]) * 1024


def large_workbook():
    """63,000 legs in a sheet that is stored as it is: a real workbook of 40 MB."""
    legs = [books.leg(9_000_000_000_000 + number, books.MEMBERS[number % len(books.MEMBERS)],
                      when="%02d:%02d:%02d" % (number // 3600 % 24, number // 60 % 60, number % 60))
            for number in range(63000)]
    book, stored = zipfile.ZipFile(io.BytesIO(books.calls(legs))), io.BytesIO()
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_STORED) as out:
        for name in book.namelist():
            out.writestr(name, book.read(name))
    return stored.getvalue()


def ready_mails(first):
    """For four clients: made before anything is measured."""
    return [[mails.report_mail(books.small(first + 1000 * client + number)[1]) for number in range(300)]
            for client in range(4)]


def mail_times(site, agency, ready, seconds):
    """Seconds that small mails take, over four connections for a while; sorted."""
    took, end = [], time.monotonic() + seconds

    def run(own):
        with site.wire() as wire:
            for mail in itertools.cycle(own):
                if time.monotonic() > end:
                    break
                wire.envelope(agency.address)
                begun = time.perf_counter()
                assert wire.message(mail).code == 250
                took.append(time.perf_counter() - begun)
    threads = [threading.Thread(target=run, args=(own,)) for own in ready]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(took) > 100
    return sorted(took)


def test_a_large_upload_beside_mail(make_site, figures):
    """A workbook of 40 MB by HTTP while mails come: how long these take, and what memory it needs."""
    site = make_site(**web.settings(smtp={"max-messages": "1000000"}))
    agency, client = site.agency(), web.Web(site)
    body = large_workbook()
    token, size, seconds = client.token(agency), len(body), 5
    assert 38 << 20 < size < 45 << 20
    first, second = ready_mails(1), ready_mails(10001)
    usual = mail_times(site, agency, first, seconds)
    before, peak, answers = resident(site.pid), [0], []

    def upload():
        time.sleep(1)
        begun = time.monotonic()
        answers.append((client.post(web.api(agency, "/reports"), body, token=token), time.monotonic() - begun))

    def watch():
        while not answers:
            peak[0] = max(peak[0], resident(site.pid))
            time.sleep(0.005)
    threads = [threading.Thread(target=work, daemon=True) for work in (upload, watch)]
    for thread in threads:
        thread.start()
    during = mail_times(site, agency, second, seconds)
    for thread in threads:
        thread.join()
    answer, took = answers[0]
    assert (answer.status, answer.json["verdict"]) == (201, "stored")
    told = [1e3 * values[min(int(len(values) * part), len(values) - 1)]
            for values in (usual, during) for part in (0.5, 0.99, 1)]
    figures("40 MB upload of %.1f s: mails took %.1f ms (p99 %.1f, at most %.0f) without, %.1f ms (p99 %.1f, at most %.0f) "
            "with it; %d and %d mails; memory of the daemon grew by %.0f MB" % (
                took, *told, len(usual), len(during), (peak[0] - before) / (1 << 20)))
    # The body where it is mapped to be stored, and what was read of it.
    assert peak[0] - before < 2 * size
