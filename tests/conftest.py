"""What holds for every test: in CI nothing is skipped but real hardware and the pictures that are never shipped.

With several workers the long files go first, or the last of them would run alone at the end; xdist by itself would
begin with the files of the most tests, which are the quick ones. Those that mostly wait stand beside those that
compute.
"""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

ALLOWED = {"hardware", "shared_faces"}

LONG = (
    "web/test_window.py", "attack/test_templates.py", "sim/test_headless.py", "sim/test_journey.py",
    "attack/test_standalone.py", "provisioning/test_board.py", "attack/test_kill.py", "web/test_walks.py",
    "provisioning/test_rom.py", "host/test_walk.py", "provisioning/test_replace.py", "host/test_postgres.py",
    "web/test_behind.py", "unit/test_sight.py", "sim/test_refusals.py", "attack/test_export.py", "sim/test_pages.py",
    "attack/test_attacks.py", "web/test_rounds.py", "board/test_coverage.py", "host/test_process.py",
    "web/test_enrolment_window.py", "web/test_paper_window.py", "board/test_program.py", "sim/test_life.py",
    "board/test_transcripts.py", "attack/test_visit_memory.py", "web/test_routes.py", "host/test_drill.py",
    "face/test_liveness.py", "host/test_hostile.py", "host/test_laws.py", "unit/test_gatepage_window.py",
    "unit/test_notary.py", "unit/test_camera.py", "web/test_counted.py", "web/test_gate.py", "web/test_poster.py",
)  # fmt: skip

# Speed is measured in benchmarks; a slow machine is no counter-example.
settings.register_profile("kaimen", deadline=None)
settings.load_profile("kaimen")


def pytest_configure(config: pytest.Config) -> None:
    """Has xdist, where it is used, keep the order below."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """`-n auto` is two more than there are cores: the tests of real processes and browsers wait most of their time
    (docs/adr/0184)."""
    return (os.cpu_count() or 1) + 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, in the order of LONG; the rest as collected."""
    place = {Path(__file__).parent / name: at for at, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path, len(LONG)))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What all tests have imported lives to the end: the collector looks only at what came later, or it would go
    through three hundred thousand objects again and again."""
    gc.collect()
    gc.freeze()


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
