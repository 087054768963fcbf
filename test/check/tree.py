"""The sources as the checks see them: which files there are, and C without comments and strings."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROOMS = ("proto", "src/base", "src/report", "src/figures", "db", "src/ingest", "src/view", "src/api", "src/daemon", "src/ctl")
SKIPPED = {".git", ".pytest_cache", "__pycache__", "node_modules", "demo"}

TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def files(*suffixes):
    """Paths of the tree relative to its root, sorted; folders of builds and demos are no part of it,
    nor are the seeds of fuzz targets."""
    found = []
    for path in sorted(ROOT.rglob("*")):
        name = path.relative_to(ROOT)
        away = any(part in SKIPPED or part.startswith("build") for part in name.parts[:-1])
        sample = name.parts[:2] == ("test", "fuzz") and path.suffix not in (".c", ".h", ".build")
        if path.is_file() and not away and not sample and (not suffixes or path.suffix in suffixes):
            found.append(name)
    return found


def sources(*folders):
    """C files and headers below these folders (all of callmx's own rooms if none is named)."""
    wanted = folders or ROOMS
    return [path for path in files(".c", ".h")
            if any(str(path).startswith(folder + "/") for folder in wanted)]


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


def blank(match, keep_strings):
    found = match.group(0)
    if found[0] in "\"'" and keep_strings:
        return found
    return re.sub(r"[^\n]", " ", found)


def code(path, keep_strings=False):
    """The text with comments (and strings) made blanks: places and lines stay what they were."""
    return TOKEN.sub(lambda match: blank(match, keep_strings), text(path))


def line_of(body, place):
    return body.count("\n", 0, place) + 1


class Report:
    """`ok` and `not ok` lines, one per rule; each finding stands below the rule that it breaks."""

    def __init__(self):
        self.count = self.failed = 0

    def rule(self, name, findings):
        findings = list(findings)
        self.count += 1
        self.failed += bool(findings)
        print("%s %d - %s" % ("not ok" if findings else "ok", self.count, name))
        for finding in findings:
            print("#   " + finding)

    def finish(self):
        print("1..%d" % self.count)
        sys.exit(1 if self.failed else 0)
