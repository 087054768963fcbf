"""Fixtures of the system tests. CALLMX_BUILD names the folder of the build (build/ if it is not set)."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

import callmx  # noqa: E402

# It builds and runs what is in build/, whichever build is under test.
collect_ignore = [] if callmx.BUILD == callmx.ROOT / "build" else ["test_quickstart.py", "test_growth.py",
                                                                    "test_upload_load.py"]

# Files that wait the longest. Files are handed to the workers in the order of collection; these come
# first, so that no worker is left alone with one of them at the end.
LONGEST = ["test_tls.py", "test_abuse.py", "test_sandbox.py", "test_upload_load.py"]


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows the logs of its daemons."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for site in getattr(item, "sites", []):
            report.sections.append(("log of callmxd in %s" % site.folder, site.log_text()[-8000:]))


def pytest_terminal_summary(terminalreporter):
    """What tests measured, one line each."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", []):
                if name == "figures" and report.when == "call":
                    terminalreporter.write_line("figures: " + value)


@pytest.fixture
def figures(record_property):
    """figures("3 mails in 2 s"): to be shown at the end of the run."""
    return lambda text: record_property("figures", text)


@pytest.fixture
def make_site(tmp_path, request):
    """make_site(start=True, smtp={"max-message-size": "1M"}, …): a site with these settings."""
    request.node.sites = sites = []

    def make(start=True, **settings):
        folder = tmp_path / ("site%d" % len(sites))
        folder.mkdir()
        site = callmx.Site(folder, settings)
        sites.append(site)
        return site.start() if start else site

    yield make
    try:
        for site in sites:
            site.check_end()
    finally:
        for site in sites:
            if site.process is not None:
                site.kill()


@pytest.fixture
def site(make_site):
    return make_site()


@pytest.fixture
def agency(site):
    """An agency with nine members."""
    return site.agency()
