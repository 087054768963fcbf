#!/usr/bin/python3
"""Rules of the house that a program can check: banned calls, sizes, words, sorted tables, SQL.

Prints TAP: one line per rule, and what breaks it below.
"""
import re

import tree

BANNED = ("alloca atoi atol atoll g_alloca gets mktemp popen sprintf strcat strcpy strtok system tmpnam "
          "vsprintf").split()
MAX_SOURCE_LINES, MAX_HEADER_LINES, MAX_FUNCTION_LINES = 700, 200, 80
# Files and functions that may be longer, with the reason beside them. Tables are the one good reason.
LONGER = {}

# Split, so that this file does not break its own rule.
LEFT_OPEN = re.compile(r"\b(%s)\b" % "|".join(("TO" "DO", "FIX" "ME", "XX" "X", "HA" "CK")))
MACHINE = re.compile(r"(/work|/root|/home/\w+|/tmp/b-\w+)/")
SQL = re.compile(r'"\s*(SELECT\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|'
                 r'CREATE\s+(TABLE|INDEX)\s|PRAGMA\s)')
TEXTS = {".c", ".h", ".py", ".md", ".build", ".txt", ".conf", ".sql", ".sh", ".5", ".7", ".8", ""}


def banned():
    pattern = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(BANNED))
    for path in tree.files(".c", ".h"):
        body = tree.code(path)
        for match in pattern.finditer(body):
            yield "%s:%d calls %s()" % (path, tree.line_of(body, match.start()), match.group(1))


def too_long():
    for path in tree.sources():
        lines = tree.text(path).count("\n")
        limit = MAX_HEADER_LINES if path.suffix == ".h" else MAX_SOURCE_LINES
        if lines > limit and str(path) not in LONGER:
            yield "%s has %d lines, more than %d" % (path, lines, limit)


def long_functions():
    """A function's body stands between braces in the first column: .clang-format sees to it."""
    for path in tree.sources():
        lines, start = tree.code(path).split("\n"), None
        for number, line in enumerate(lines, 1):
            if line == "{":
                start = number
            elif line.startswith("}") and start:
                if number - start - 1 > MAX_FUNCTION_LINES:
                    yield "%s:%d: a function of %d lines" % (path, start, number - start - 1)
                start = None


def left_open():
    for path in tree.files(*TEXTS):
        for match in LEFT_OPEN.finditer(tree.text(path)):
            yield "%s:%d says %s" % (path, tree.line_of(tree.text(path), match.start()), match.group(0))


def machine_paths():
    for path in tree.files(*TEXTS):
        body = tree.text(path)
        for match in MACHINE.finditer(body):
            if path.name != "sources.py":
                yield "%s:%d names a path of one machine" % (path, tree.line_of(body, match.start()))


def stray_sql():
    for path in tree.sources(*(room for room in tree.ROOMS if room != "db")):
        body = tree.code(path, keep_strings=True)
        for match in SQL.finditer(body):
            yield "%s:%d holds SQL" % (path, tree.line_of(body, match.start()))


def tables(path):
    """(line, first strings of the entries) of the arrays whose comment says that they are sorted."""
    body = tree.text(path)
    comment = re.compile(r"/\*(?:(?!\*/).)*\b[Ss]orted\b(?:(?!\*/).)*\*/\s*"
                         r"(?:static\s+)?const\s[^;={]*\[[^\]]*\]\s*=\s*\{(.*?)\n\};", re.S)
    for match in comment.finditer(body):
        inner = match.group(1)
        if "{" in inner:
            names = re.findall(r'\{\s*(?:\.\w+\s*=\s*)?"((?:\\.|[^"\\])*)"', inner)
        else:
            names = re.findall(r'"((?:\\.|[^"\\])*)"', inner)
        yield tree.line_of(body, match.start(1)), names


def unsorted():
    for path in tree.sources():
        for line, names in tables(path):
            for first, second in zip(names, names[1:]):
                if first >= second:
                    yield '%s:%d: "%s" stands before "%s"' % (path, line, first, second)


def unlisted_tests():
    listed = set(re.findall(r"'(\w+)'", tree.text("test/unit/meson.build")))
    for path in tree.files(".c"):
        is_test = str(path.parent) == "test/unit" and path.stem.startswith("test_")
        if is_test and path.stem.removeprefix("test_") not in listed:
            yield "%s is not in test/unit/meson.build: nobody runs it" % path


def white_space():
    for path in tree.files(*TEXTS):
        body = tree.text(path)
        if body and not body.endswith("\n"):
            yield "%s does not end with a newline" % path
        for match in re.finditer(r"[ \t]+$|\r", body, re.M):
            yield "%s:%d has blanks at its end" % (path, tree.line_of(body, match.start()))


def main():
    report = tree.Report()
    report.rule("no banned call", banned())
    report.rule("no file is too long", too_long())
    report.rule("no function is longer than %d lines" % MAX_FUNCTION_LINES, long_functions())
    report.rule("no word that says something was left open", left_open())
    report.rule("no path of one machine", machine_paths())
    report.rule("SQL stands in db/ only", stray_sql())
    report.rule("tables that say so are sorted", unsorted())
    report.rule("every unit test is run", unlisted_tests())
    report.rule("no blanks at the ends of lines", white_space())
    report.finish()


if __name__ == "__main__":
    main()
