"""What holds for every test: in CI nothing is skipped but real hardware and the pictures that are never shipped."""

import os

import pytest
from hypothesis import settings

ALLOWED = {"hardware", "shared_faces"}

# Speed is measured in benchmarks; a slow machine is no counter-example.
settings.register_profile("kaimen", deadline=None)
settings.load_profile("kaimen")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Names every skip with its reason."""
    skipped = terminalreporter.stats.get("skipped", [])
    terminalreporter.write_line(f"{len(skipped)} skipped")
    for report in skipped:
        terminalreporter.write_line(f"  {report.nodeid}: {report.longrepr[2]}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> object:
    """Turns a skip without an allowed mark into a failure when KAIMEN_STRICT_SKIPS is set."""
    report: pytest.TestReport = yield  # type: ignore[misc]
    allowed = ALLOWED & {mark.name for mark in item.iter_markers()}
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("KAIMEN_STRICT_SKIPS") and not allowed:
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI allows only for {sorted(ALLOWED)}: {report.longrepr}"
    return report
