"""What is counted, and when a run did not hold."""

import json
from pathlib import Path

import pytest

from gatesim.demo import Wish, tell
from gatesim.interval import wilson
from gatesim.report import AS_ANOTHER, ASKED, AT_HOME, FREE, OPENED, REFUSED, Report, Step, Tally, crowd_table
from gatesim.visit import Outcome, as_resident


def tally(**counts: int) -> Tally:
    made = Tally()
    made.counts.update(counts)
    return made


def test_opening_as_somebody_of_another_home_is_no_success() -> None:
    assert as_resident(Outcome(OPENED, home="120502"), "120502") == OPENED
    assert as_resident(Outcome(OPENED, home="130301"), "120502") == AS_ANOTHER
    assert as_resident(Outcome(ASKED), "120502") == ASKED


def test_a_stranger_taken_for_anybody_counts_as_let_in() -> None:
    assert tally(opened=2, as_another=1, refused=7).let_in == 3


def test_a_run_holds_while_the_interval_reaches_down_to_the_promise() -> None:
    report = Report(strangers={FREE: tally(opened=3, refused=97)}, promise=0.01)
    assert wilson(3, 100)[0] > 0.01
    assert report.above_promise() == [FREE]
    report.strangers[FREE] = tally(opened=2, refused=98)
    assert wilson(2, 100)[0] < 0.01
    assert report.above_promise() == []


def test_the_status_says_whether_a_run_over_a_crowd_held(capsys: pytest.CaptureFixture[str]) -> None:
    wish = Wish(headless=True, faces=Path("faces"), report=None, folder=None, port=8700, promise=0.01)
    report = Report(steps=[Step("one", held=True)], strangers={FREE: tally(refused=2)}, promise=wish.promise)
    assert tell(report, wish) == 0
    assert "did not hold" not in capsys.readouterr().out
    report.strangers[FREE] = tally(opened=8, refused=2)
    assert tell(report, wish) == 1
    assert "did not hold" in capsys.readouterr().out


def test_one_broken_step_breaks_the_run() -> None:
    report = Report(steps=[Step("one", held=True), Step("two", held=True)])
    assert report.held
    report.steps.append(Step("three"))
    assert not report.held


def test_the_table_and_the_file_say_the_same() -> None:
    report = Report(
        residents={FREE: tally(opened=8, asked=2), AT_HOME: tally(opened=9, refused=1)},
        strangers={FREE: tally(opened=1, asked=399)},
        closed={AT_HOME: "few_photos"},
        unused={"unreadable pictures": 4},
    )
    table = crowd_table(report)
    told = json.loads(report.to_json())
    assert "strangers let in, free search: 0.25 %, 95 % interval 0.04 to 1.40 %" in table
    assert told["strangers"][FREE]["interval"] == pytest.approx([0.0004416, 0.0140], abs=1e-4)
    assert told["residents"][AT_HOME][REFUSED] == 1
    assert "left out: 4 unreadable pictures" in table
    assert "few_photos" in table
