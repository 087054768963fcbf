#!/usr/bin/python3
"""Who includes whom: the README's table, held against every source.

Prints TAP: one line per room, one per library, and what breaks the rule below it.
"""
import re

import tree

# What a room may include of ours: whole rooms, or single headers.
MAY_INCLUDE = {
    "proto": ("proto/", "base/limits.h"),
    "src/base": ("base/",),
    "src/report": ("base/", "report/"),
    "src/figures": ("base/", "report/report.h", "figures/"),
    "db": ("base/", "report/report.h", "figures/", "db/"),
    "src/ingest": ("base/", "report/", "figures/", "db/", "ingest/"),
    "src/view": ("base/", "report/report.h", "figures/", "db/", "ingest/", "view/"),
    "src/api": ("base/", "report/report.h", "figures/", "db/", "ingest/", "view/", "proto/", "api/"),
    "src/daemon": ("base/", "report/", "figures/", "db/", "ingest/", "view/", "api/", "proto/", "daemon/"),
    "src/ctl": ("base/", "report/", "figures/", "db/", "ingest/", "view/", "proto/", "daemon/", "ctl/"),
}

# Third-party headers and the files that own the library.
OWNERS = {
    "GMime": (r"gmime/", ["src/report/mime.c"]),
    "libdeflate": (r"libdeflate\.h", ["src/report/container.c"]),
    "expat": (r"expat\.h", ["src/report/xml.c"]),
    "SQLite": (r"sqlite3\.h", ["db/sqlite.c", "db/sqlite_wal.c"]),
    "jansson": (r"jansson\.h", ["src/base/json.c"]),
    "libuuid": (r"uuid/", ["src/base/id.c"]),
    "libevent": (r"event2?/|event\.h|evutil\.h", ["src/daemon/loop.c", "src/daemon/connection.c"]),
    "OpenSSL": (r"openssl/", ["src/base/sha256.c", "src/daemon/tls.c", "src/daemon/connection.c"]),
    "libseccomp": (r"seccomp\.h", ["src/daemon/system_calls.c"]),
}
GLIB = re.compile(r"glib(-object|/gstdio|-unix)?\.h$|gio/")

# Headers of C itself, all that proto/ may use: no I/O, no clock, no system.
PURE = {name + ".h" for name in (
    "assert ctype errno inttypes limits stdalign stdarg stdbool stddef stdint stdio stdlib string "
    "strings").split()}
# Headers of C and POSIX/Linux that need no owner.
SYSTEM = re.compile(
    r"(sys|linux|arpa|netinet|net)/[\w/]+\.h$|(assert|ctype|dirent|elf|endian|errno|fcntl|float|getopt|grp|"
    r"inttypes|langinfo|limits|link|locale|malloc|math|netdb|poll|pthread|pwd|sched|setjmp|signal|spawn|stdalign|"
    r"stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|strings|sysexits|syslog|"
    r"termios|threads|time|unistd|wchar|wctype)\.h$")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def includes(path):
    body = tree.code(path, keep_strings=True)
    for match in INCLUDE.finditer(body):
        yield tree.line_of(body, match.start()), match.group(1), match.group(2)


def room_of(path):
    return next(room for room in tree.ROOMS if str(path).startswith(room + "/"))


def strangers(room):
    """Includes of ours that the room may not have, or that name no folder."""
    for path in tree.sources(room):
        for line, mark, name in includes(path):
            if mark == '"' and not any(name == allowed or (allowed.endswith("/") and
                                       name.startswith(allowed)) for allowed in MAY_INCLUDE[room]):
                yield '%s:%d includes "%s"' % (path, line, name)


def misplaced(pattern, owners):
    for path in tree.sources():
        for line, mark, name in includes(path):
            if mark == "<" and re.match(pattern, name) and str(path) not in owners:
                yield "%s:%d includes <%s>, which belongs to %s" % (path, line, name, " and ".join(owners))


def impure():
    for path in tree.sources("proto"):
        for line, mark, name in includes(path):
            if mark == "<" and name not in PURE:
                yield "%s:%d includes <%s>" % (path, line, name)


def unknown():
    for path in tree.sources():
        for line, mark, name in includes(path):
            known = (GLIB.match(name) or SYSTEM.match(name)
                     or any(re.match(pattern, name) for pattern, _ in OWNERS.values()))
            if mark == "<" and not known:
                yield "%s:%d includes <%s>, which has no owner in OWNERS" % (path, line, name)


def guards():
    for path in tree.sources():
        if path.suffix == ".h":
            name = re.sub(r"\W", "_", str(path).removeprefix("src/")).upper()
            guard = "CALLMX_" + name
            if not re.search(r"#ifndef %s\n#define %s\n" % (guard, guard), tree.text(path)):
                yield "%s has no guard %s" % (path, guard)


def main():
    report = tree.Report()
    for room in tree.ROOMS:
        report.rule("%s includes only what it may" % room, strangers(room))
    report.rule("proto uses nothing but the C library", impure())
    for name, (pattern, owners) in OWNERS.items():
        report.rule("%s has one owner" % name, misplaced(pattern, owners))
    report.rule("every other header is of the system or GLib", unknown())
    report.rule("every header has its guard", guards())
    report.finish()


if __name__ == "__main__":
    main()
