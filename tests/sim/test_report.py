"""What is counted, and when a run did not hold."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from tests.ports import free_ports

from gatesim.browser import Browser
from gatesim.crowd import CrowdPlay
from gatesim.demo import Wish, people_of, tell, written
from gatesim.errors import ReportRefused, StepBroken
from gatesim.interval import wilson
from gatesim.people import Crowd, Stranger
from gatesim.report import AS_ANOTHER, ASKED, AT_HOME, FREE, OPENED, PROMISE, REFUSED, Report, Step, Tally, crowd_table
from gatesim.rig import SLOTS, Places, Rig
from gatesim.story import Cast, Story
from gatesim.visit import Approach, Outcome, as_resident
from gatesim.visitor import Visitor
from gateunit.promise import WORST_GROUP

PIXEL = bytes.fromhex(  # a PNG of one pixel
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c636000000002000148afa4710000000049454e44ae426082"
)


def tally(**counts: int) -> Tally:
    made = Tally()
    made.counts.update(counts)
    return made


def test_strangers_are_held_against_what_the_page_of_faces_says() -> None:
    assert PROMISE == WORST_GROUP


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


def test_a_run_of_no_step_has_shown_nothing() -> None:
    assert not Report().held


def test_without_a_stranger_nothing_is_said_of_the_promise() -> None:
    assert "no stranger came" in crowd_table(Report(residents={FREE: tally(opened=3)}))
    assert "no stranger came" not in crowd_table(Report(strangers={FREE: tally(refused=3)}))


def test_a_file_that_cannot_be_written_is_refused_before_anything_begins(tmp_path: Path) -> None:
    with pytest.raises(ReportRefused, match="No such file or directory"), written(Report(), tmp_path / "no" / "file"):
        pytest.fail("it has begun")


def test_what_a_report_says_is_never_of_an_earlier_run(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text('{"held": true}', encoding="utf-8")
    report = Report()
    with written(report, file):
        assert not json.loads(file.read_bytes())["held"]
        report.steps.append(Step("one", held=True))
    assert json.loads(file.read_bytes())["held"]


@pytest.mark.parametrize("end", [StepBroken("the gate is silent"), asyncio.CancelledError()])
def test_a_run_that_did_not_come_to_its_end_did_not_hold_and_keeps_what_it_saw(
    tmp_path: Path, end: BaseException
) -> None:
    file = tmp_path / "report.json"
    with pytest.raises(type(end)), written(Report(steps=[Step("one", held=True)]), file):
        raise end
    told = json.loads(file.read_bytes())
    assert [step["held"] for step in told["steps"]] == [True, False]
    assert told["steps"][1]["note"] == (str(end) or "it was ended from outside")
    assert not told["held"]


@asynccontextmanager
async def nobody_home(folder: Path) -> AsyncIterator[Cast]:
    """Everybody of the story, where neither a host nor a unit runs."""
    rig = Rig(folder, Places(free_ports(6)), played=True)
    async with AsyncExitStack() as stack:
        admin, desk, resident = [await stack.enter_async_context(Browser(rig.places.host)) for _ in range(3)]
        gate, building, vault = (Visitor(rig.places.page(slot)) for slot in SLOTS)
        for unit in (gate, building, vault):
            stack.push_async_callback(unit.__aexit__)
        yield Cast(rig, admin, desk, resident, gate, building, vault, Approach(gate), Approach(building))


async def test_reading_many_people_is_told_now_and_then(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(210):
        (tmp_path / f"nobody {number:03}").mkdir()
    for number in (1, 2):
        (tmp_path / "nobody 000" / f"{number}.png").write_bytes(PIXEL)
    assert len((await people_of(tmp_path)).residents) == 1
    assert capsys.readouterr().out.count("1 people, 0 strangers so far") == 2


async def test_where_nobody_could_be_enrolled_strangers_have_no_home_to_name(tmp_path: Path) -> None:
    report = Report()
    async with nobody_home(tmp_path) as cast:
        await CrowdPlay(Crowd(strangers=[Stranger("eve", ())]), cast, report, lambda text: None).play()
    assert [(step.held, step.note) for step in report.steps] == [(False, "nobody's pictures could be enrolled")]


async def test_a_host_that_does_not_answer_breaks_a_step_and_not_the_story(tmp_path: Path) -> None:
    report = Report()
    async with nobody_home(tmp_path) as cast:
        assert await Story(report, lambda text: None).code(cast) is None
    assert [step.held for step in report.steps] == [False]
    assert report.steps[0].note.startswith("/invite does not answer (Cannot connect to host")


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
