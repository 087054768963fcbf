#!/usr/bin/python3
"""Counts tests: `tally.py FILE…` prints one line, `PASSED FAILED SKIPPED`.

FILE is meson's testlog.json, pytest's JUnit XML, or TAP. A file that is not there, or holds no
test, counts as one failure: what was to run did not.

The unit of a count is the single case: a line of TAP, a function of pytest. A program that dies, or
promises more than it ran, is one failure more.
"""
import collections
import json
import re
import sys
import xml.etree.ElementTree

TAP_LINE = re.compile(r"^(not )?ok\b(.*)$", re.M)
TAP_PLAN = re.compile(r"^1\.\.(\d+)", re.M)


def count_tap(text):
    passed = failed = skipped = 0
    for match in TAP_LINE.finditer(text):
        if re.search(r"#\s*SKIP", match.group(2), re.I):
            skipped += 1
        elif match.group(1):
            failed += 1
        else:
            passed += 1
    plan = TAP_PLAN.search(text)
    if not plan or int(plan.group(1)) != passed + failed + skipped:
        failed += 1
    return passed, failed, skipped


def count_meson(text):
    """One JSON object a line and a test: its stdout is the TAP."""
    total = collections.Counter()
    for line in text.splitlines():
        test = json.loads(line)
        passed, failed, skipped = count_tap(test.get("stdout") or "")
        if test["result"] not in ("OK", "SKIP", "EXPECTEDFAIL") and not failed:
            failed = 1
        total.update(passed=passed, failed=failed, skipped=skipped)
    return total["passed"], total["failed"], total["skipped"]


def count_junit(text):
    """A case that fails and then fails to be torn down stands there twice, and counts once."""
    states = {}
    for case in xml.etree.ElementTree.fromstring(text).iter("testcase"):
        name = (case.get("classname"), case.get("name"))
        kinds = {child.tag for child in case}
        state = 2 if kinds & {"failure", "error"} else 1 if "skipped" in kinds else 0
        states[name] = max(state, states.get(name, 0))
    found = collections.Counter(states.values())
    return found[0], found[2], found[1]


def count(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
        if path.endswith(".json"):
            found = count_meson(text)
        elif path.endswith(".xml"):
            found = count_junit(text)
        else:
            found = count_tap(text)
    except (OSError, ValueError, xml.etree.ElementTree.ParseError) as error:
        print("%s: %s" % (path, error), file=sys.stderr)
        return 0, 1, 0
    return found if sum(found) else (0, 1, 0)


def main():
    print(*[sum(column) for column in zip(*map(count, sys.argv[1:]))])


if __name__ == "__main__":
    main()
