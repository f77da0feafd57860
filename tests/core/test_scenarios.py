"""The stories of tests/scenarios hold, and together they reach everything a door can answer."""

from pathlib import Path

import pytest
from tests.scenarios.player import play

from gatecore import cards, events, feedback, wording
from gatecore import records as r

STORIES = sorted((Path(__file__).parents[1] / "scenarios").glob("*.txt"))
ENTRIES = [r.BOOT, r.BEACON, r.STATE, r.CLOCK, r.ACCESS, r.CALL, r.FORCED, r.HELD, r.TAMPER, r.FIRE, r.ALARM, r.COUNT]
ENTRIES += [r.FAULT, r.DISTRUST, r.EXIT]
LOGS_OWN = {11, 12}  # alarms of the log, raised by the shell and tested there
BY_SHELL = {r.GAP, r.LATE}  # written by the shell that meets them, tested there


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.stem)
def test_a_story_holds(story: Path) -> None:
    lines, _ = play(story.read_text(encoding="utf-8"))
    assert lines[-1].startswith("head ")


def test_the_stories_reach_every_event_effect_reason_state_alert_and_entry() -> None:
    reached: set[str] = set()
    for story in STORIES:
        reached |= play(story.read_text(encoding="utf-8"))[1]
    wanted = {kind.__name__ for kind in events.EVENTS + events.EFFECTS}
    wanted |= {cards.CardRead.__name__, cards.Reads.__name__}
    wanted |= {f"state {n}" for n in range(len(wording.TEXT))}
    wanted |= {f"reason {n}" for n in wording.WHY}
    wanted |= {f"alert {n}" for n in range(events.ALERT_GUESSING, events.ALERT_READER + 1) if n not in LOGS_OWN}
    wanted |= {f"entry {n}" for n in ENTRIES}
    assert sorted(wanted - reached) == []


def test_a_line_that_does_not_hold_is_named() -> None:
    with pytest.raises(AssertionError, match="08:02 face carla -> opens"):
        play("08:00 state\n08:02 face carla -> opens")


def test_every_state_and_reason_has_its_words_in_both_languages_and_says_what_next() -> None:
    for state in range(len(wording.TEXT)):
        for language in (0, 1):
            assert wording.text(state, 0, language) == wording.TEXT[state][language]
    for reason, (chinese, english) in wording.WHY.items():
        assert any("一" <= char <= "鿿" for char in chinese)
        assert english.isascii()
        assert wording.text(feedback.REFUSED, reason, 1) == english
    assert len(wording.TEXT) == len(feedback.LIGHT) == len(feedback.SOUND) == len(feedback.SECONDS)
