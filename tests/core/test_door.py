"""The state machine of a door: every opening has its entry, every refusal its reason, and leaving waits for nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.estate import (
    ANNE,
    BORIS,
    DAY,
    HOME,
    OPERATOR,
    OTHER_HOME,
    POLICY,
    STRANGER,
    Bench,
    Rows,
    at,
    counter,
    day_code,
    logged,
    opened,
    reason,
    seconds,
)  # fmt: skip

from gatecore import codes, feedback, state
from gatecore import records as r
from gatecore.door import BEACON_MS, EXIT_ENTRIES, PUSH_MS, RING_MS, Door
from gatecore.events import (
    ALERT_CAMERA,
    EVENTS,
    LIFE_NOT_PROVEN,
    LIFE_PROVEN,
    LIFE_UNASKED,
    Alert,
    Asked,
    Booted,
    Call,
    CallNews,
    Challenge,
    Contact,
    Distrusted,
    Done,
    Exit,
    Eyes,
    FaceHint,
    FaceSeen,
    FaceUnknown,
    FaceUnsure,
    Feedback,
    Fire,
    Hangup,
    Key,
    Link,
    Log,
    Ordered,
    Release,
    Seek,
    StateTaken,
    Stepped,
    Stored,
    Tamper,
    Tick,
    Told,
    Unlock,
)  # fmt: skip
from gatecore.sighted import SEEK_MS, SightedDoor
from gatecore.state import State
from gatecore.throttle import Memory


def names(effects: list[Told]) -> list[str]:
    return [effect.__class__.__name__ for effect in effects]


def shown(effects: list[Told]) -> int:
    return [effect for effect in effects if isinstance(effect, Feedback)][-1].state


# --- faces -------------------------------


def test_a_residents_face_opens_with_the_entry_before_the_lock() -> None:
    effects = Bench().do(FaceSeen(ANNE, False, LIFE_UNASKED, True))
    assert names(effects) == ["Log", "Unlock", "Feedback"]
    entry = logged(effects, r.ACCESS)[0]
    assert entry.pub == [0, r.GRANTED, r.FACE, 0, 0]
    assert entry.subject == ANNE
    assert effects[1].durable  # type: ignore[attr-defined]


def test_nothing_personal_is_in_the_public_half_of_an_entry() -> None:
    bench = Bench()
    for effects in (bench.do(FaceSeen(ANNE, False, LIFE_UNASKED, True)), bench.type(f"{HOME}#{day_code()}")):
        (entry,) = logged(effects, r.ACCESS)
        assert all(isinstance(number, int) and number < 100 for number in entry.pub)


def test_a_face_without_a_right_here_does_not_open() -> None:
    assert reason(Bench().do(FaceSeen(BORIS, False, LIFE_UNASKED, True))) == feedback.NO_RIGHT


@pytest.mark.parametrize(
    ("row", "hour", "why"),
    [
        ([ANNE, HOME, 0, seconds(at(8)), 3, 0], 9, codes.EXPIRED),
        ([ANNE, HOME, seconds(at(10)), seconds(at(20)), 3, 0], 9, codes.EARLY_CODE),
        ([ANNE, HOME, 0, seconds(at(20)), 3, 7], 9, feedback.OUTSIDE_HOURS),
        ([ANNE, HOME, 0, seconds(at(20)), 3, 1], 9, 0),
        ([ANNE, HOME, 0, seconds(at(20)), 3, 1], 13, feedback.OUTSIDE_HOURS),
        ([ANNE, HOME, 0, seconds(at(20)), 0, 0], 9, feedback.UNCLEAR),
    ],
)
def test_a_resident_passes_within_the_right_and_its_hours(row: list[object], hour: float, why: int) -> None:
    rows = Rows(people=[row], schedules=[[1, 0b1, 8 * 60, 12 * 60]])
    effects = Bench(rows, hour=hour).do(FaceSeen(ANNE, False, LIFE_UNASKED, True))
    assert opened(effects) is (why == 0)
    assert reason(effects) == why


def test_without_a_clock_a_resident_passes_unless_the_right_is_provably_over() -> None:
    bench = Bench(Rows(schedules=[[1, 0, 0, 0]], people=[[ANNE, HOME, 0, seconds(at(20)), 3, 1]]))
    bench.quality = 1
    assert opened(bench.do(FaceSeen(ANNE, False, LIFE_UNASKED, True)))
    bench.hour = 21
    assert reason(bench.do(FaceSeen(ANNE, False, LIFE_UNASKED, True))) == codes.EXPIRED


def at_home() -> Rows:
    rows = Rows()
    rows.door[6] = state.FACE_AT_HOME
    return rows


def test_a_door_that_asks_for_the_home_number_opens_to_no_free_search() -> None:
    bench = Bench(at_home())
    assert reason(bench.do(FaceSeen(ANNE, False, LIFE_UNASKED, True))) == feedback.UNCLEAR
    effects = bench.type(f"{HOME}#")
    assert [effect.home for effect in effects if isinstance(effect, Seek)] == [HOME]
    assert opened(bench.do(FaceSeen(ANNE, True, LIFE_UNASKED, True)))


def test_a_look_alike_dials_the_home_number_even_where_search_is_free() -> None:
    bench = Bench(Rows(people=[[ANNE, HOME, 0, seconds(at(20)), state.WAY_FACE_AT_HOME, 0]]))
    assert not opened(bench.do(FaceSeen(ANNE, False, LIFE_UNASKED, True)))
    assert opened(bench.do(FaceSeen(ANNE, True, LIFE_UNASKED, True)))


def test_where_faces_are_off_none_opens_and_none_is_sought() -> None:
    rows = Rows()
    rows.door[6] = state.FACE_OFF
    bench = Bench(rows)
    assert reason(bench.do(FaceSeen(ANNE, False, LIFE_UNASKED, True))) == feedback.OFF
    assert not [effect for effect in bench.type(f"{HOME}#") if isinstance(effect, Seek)]


def test_seeking_ends_by_itself() -> None:
    bench = Bench(at_home())
    bench.type(f"{HOME}#")
    bench.wait(SEEK_MS)
    assert [effect.home for effect in bench.do(Tick()) if isinstance(effect, Seek)] == [""]


def test_unknown_faces_are_counted_not_logged() -> None:
    bench = Bench()
    for _ in range(3):
        effects = bench.do(FaceUnknown())
        assert names(effects) == ["Feedback"]
        assert reason(effects) == feedback.FACE_UNKNOWN
    bench.wait(BEACON_MS)
    assert logged(bench.do(Tick()), r.COUNT)[0].pub == [1, 3]


def test_an_unsure_face_is_asked_for_the_home_number_and_a_typing_person_is_not_disturbed() -> None:
    bench = Bench()
    assert shown(bench.do(FaceUnsure())) == feedback.ASK_HOME
    assert shown(bench.do(FaceHint(feedback.COME_CLOSER))) == feedback.HINT
    bench.type("1")
    assert bench.do(FaceUnsure()) == []
    assert bench.do(FaceHint(feedback.COME_CLOSER)) == []


# --- PINs -------------------------------


def with_pin(duress: int = 0) -> Bench:
    rows = Rows()
    rows.pin(HOME, "4820571", duress=duress)
    return Bench(rows)


def test_a_residents_pin_opens_and_the_entry_names_nobody_in_public() -> None:
    entry = logged(with_pin().type(f"{HOME}#4820571#"), r.ACCESS)[0]
    assert entry.pub == [0, r.GRANTED, r.PIN, 0, 0]


def test_a_pin_of_another_home_is_wrong() -> None:
    assert reason(with_pin().type(f"{OTHER_HOME}#4820571#")) == codes.WRONG


def test_a_duress_pin_opens_like_any_other_and_alerts_aside() -> None:
    plain, forced = with_pin().type(f"{HOME}#4820571#"), with_pin(duress=1).type(f"{HOME}#4820571#")
    assert logged(plain, r.ACCESS)[0].pub == logged(forced, r.ACCESS)[0].pub
    assert [e for e in forced if isinstance(e, Feedback)][-1].reason == reason(plain)
    assert [effect.kind for effect in forced if isinstance(effect, Alert)] == [9]


def test_five_wrong_pins_close_the_pins_and_neither_codes_nor_faces_nor_calls() -> None:
    rows = Rows()
    rows.pin(HOME, "4820571")
    rows.issue(HOME, day_code(), at(0), at(26))
    bench = Bench(rows)
    for n in range(5):
        assert reason(bench.type(f"{HOME}#{n:07d}#")) == codes.WRONG
    assert reason(bench.type(f"{HOME}#4820571#")) == codes.CLOSED
    assert opened(bench.type(f"{HOME}#{day_code()}"))
    assert opened(bench.do(FaceSeen(ANNE, False, LIFE_UNASKED, True)))
    bench.do(Link(True))
    assert shown(bench.type(f"{HOME}C")) == feedback.CALLING
    assert opened(bench.do(Exit()))


# --- calls and commands -------------------------------


def ringing(rows: Rows | None = None) -> tuple[Bench, Call]:
    bench = Bench(rows)
    bench.do(Link(True))
    call = next(effect for effect in bench.type(f"{HOME}C") if isinstance(effect, Call))
    return bench, call


def ordered(bench: Bench, signer: object = OPERATOR) -> list[Told]:
    challenge = next(effect for effect in bench.do(Asked(7)) if isinstance(effect, Challenge))
    assert challenge.ticket == 7
    return bench.do(Ordered(bench.command(challenge.challenge, signer=signer)))


def test_a_call_rings_the_home_and_its_answer_opens() -> None:
    bench, call = ringing()
    assert call.home == HOME
    assert shown(bench.do(CallNews(call.call, feedback.TALKING, 0))) == feedback.TALKING
    effects = ordered(bench)
    assert logged(effects, r.ACCESS)[0].pub[2] == r.REMOTE
    assert names(effects).index("Log") < names(effects).index("Unlock")
    assert [effect.ok for effect in effects if isinstance(effect, Done)] == [True]
    assert [effect.call for effect in effects if isinstance(effect, Hangup)] == [call.call]


def test_an_opening_is_written_down_for_the_home_that_answered_and_not_for_the_one_that_rings_by_then() -> None:
    bench, _ = ringing(Rows(homes=[[HOME, "12", 1], [OTHER_HOME, "12", 1]]))
    challenge = next(effect for effect in bench.do(Asked(7)) if isinstance(effect, Challenge)).challenge
    bench.type("*")
    assert shown(bench.type(f"{OTHER_HOME}C")) == feedback.CALLING
    entry = logged(bench.do(Ordered(bench.command(challenge))), r.ACCESS)[0]
    assert (entry.subject, entry.detail[0]) == (HOME.encode(), HOME)


def test_an_opening_nobody_called_for_names_no_home_though_one_is_called_meanwhile() -> None:
    bench = Bench()
    bench.do(Link(True))
    challenge = next(effect for effect in bench.do(Asked(7)) if isinstance(effect, Challenge)).challenge
    bench.type(f"{HOME}C")
    assert logged(bench.do(Ordered(bench.command(challenge))), r.ACCESS)[0].detail[0] == ""


@pytest.mark.parametrize("signer", [POLICY, STRANGER])
def test_a_command_by_another_key_is_refused_logged_and_alerted(signer: object) -> None:
    effects = ordered(ringing()[0], signer)
    assert not opened(effects)
    assert logged(effects, r.DISTRUST)
    assert [effect for effect in effects if isinstance(effect, Alert)]


def test_a_command_for_something_else_does_not_open() -> None:
    bench, _ = ringing()
    challenge = next(effect for effect in bench.do(Asked(1)) if isinstance(effect, Challenge)).challenge
    effects = bench.do(Ordered(bench.command(challenge, action="explode")))
    assert not opened(effects)
    assert [effect.ok for effect in effects if isinstance(effect, Done)] == [False]


def test_a_homes_pause_is_lifted_by_command() -> None:
    bench = Bench()
    bench.door.memory.paused[HOME] = 1000
    challenge = next(effect for effect in bench.do(Asked(1)) if isinstance(effect, Challenge)).challenge
    bench.do(Ordered(bench.command(challenge, action=f"lift/{HOME}")))
    assert HOME not in bench.door.memory.paused


@pytest.mark.parametrize(("state_", "why"), [(feedback.DECLINED, 0), (feedback.NO_ANSWER, 0)])
def test_the_end_of_a_call_is_shown_and_logged(state_: int, why: int) -> None:
    bench, call = ringing()
    effects = bench.do(CallNews(call.call, state_, why))
    assert shown(effects) == state_
    assert logged(effects, r.CALL)[0].pub == [2, state_]


def test_news_of_another_call_change_nothing() -> None:
    bench, _ = ringing()
    assert bench.do(CallNews(b"z" * 16, feedback.DECLINED, 0)) == []


def test_nobody_answering_ends_the_call() -> None:
    bench, _ = ringing()
    bench.wait(RING_MS)
    assert names(bench.do(Tick())) == ["Hangup", "Feedback"]


def test_a_lost_host_ends_the_call_and_says_what_to_do() -> None:
    bench, _ = ringing()
    assert reason(bench.do(Link(False))) == feedback.NOT_CONNECTED


def test_a_star_hangs_up() -> None:
    bench, _ = ringing()
    assert names(bench.type("*")) == ["Hangup", "Feedback"]


@pytest.mark.parametrize(
    ("typed", "up", "calls", "why"),
    [
        (f"{HOME}C", False, 1, feedback.NOT_CONNECTED),
        (f"{HOME}C", True, 0, feedback.OFF),
        ("999999C", True, 1, feedback.NOT_HERE),
        (f"{OTHER_HOME}C", True, 1, feedback.NOBODY),
    ],
)
def test_a_call_that_cannot_be_made_says_why(typed: str, up: bool, calls: int, why: int) -> None:
    rows = Rows()
    rows.door[7] = calls
    bench = Bench(rows)
    bench.do(Link(up))
    effects = bench.type(typed)
    assert not [effect for effect in effects if isinstance(effect, Call)]
    assert reason(effects) == why


def test_call_without_a_number_asks_for_one() -> None:
    assert shown(Bench().type("C")) == feedback.DIAL


# --- the door itself -------------------------------


def test_leaving_opens_before_anything_is_written() -> None:
    assert names(Bench().do(Exit())) == ["Unlock", "Log", "Feedback"]


def test_the_exit_button_pressed_all_day_opens_each_time_and_fills_no_log() -> None:
    bench, pressed, entries, counted = Bench(), 0, 0, 0
    while bench.mono < 8 * BEACON_MS:
        effects = bench.do(Exit())
        assert names(effects)[0] == "Unlock"
        assert shown(effects) == feedback.OPENED
        hour = bench.do(Tick())
        pressed += 1
        entries += len(logged(effects, r.EXIT))
        counted += sum(entry.pub[1] for entry in logged(hour, r.COUNT) if entry.pub[0] == 4)
        bench.wait(2_500)
    assert entries == 8 * EXIT_ENTRIES
    assert pressed - counted < 3_600_000 // 2_500  # all but this hour's are told as a number
    bench.wait(BEACON_MS)
    assert logged(bench.do(Tick()), r.COUNT)[0].pub == [4, pressed - counted]


def test_a_door_that_hears_its_host_tells_of_every_leaving() -> None:
    bench = Bench()
    bench.do(Link(True))
    assert all(logged(bench.do(Exit()), r.EXIT) for _ in range(3 * EXIT_ENTRIES))


def test_fire_releases_before_anything_is_written_and_once() -> None:
    bench = Bench()
    assert names(bench.do(Fire(True)))[:2] == ["Release", "Log"]
    assert bench.do(Fire(True)) == []
    assert shown(bench.do(Fire(False))) == feedback.IDLE


def bare() -> Door:
    bench = Bench()
    return SightedDoor(State(), Memory(), bench.trust, counter())


def test_a_door_without_state_stays_locked_but_lets_people_out_and_obeys_fire() -> None:
    door, now = bare(), at(9)
    assert shown(door.step(Booted(), now)) == feedback.NOT_SET_UP
    for event in (
        Key("1"),
        Key("C"),
        FaceSeen(ANNE, False, LIFE_UNASKED, True),
        FaceSeen(ANNE, True, LIFE_UNASKED, True),
        Tick(),
    ):
        assert not opened(door.step(event, now))
    assert opened(door.step(Exit(), now))
    assert isinstance(door.step(Fire(True), now)[0], Release)


def test_no_default_code_opens_a_door_without_state() -> None:
    door = bare()
    for code in ("00000000", "12345678", day_code()):
        assert not any(opened(door.step(Key(key), at(9))) for key in f"{HOME}#{code}")


def test_a_leaf_that_opens_unasked_is_forced_and_one_held_open_is_told_once() -> None:
    bench = Bench()
    assert logged(bench.do(Contact(True)), r.FORCED)
    bench.wait(20_000)
    assert logged(bench.do(Tick()), r.HELD)
    assert not logged(bench.do(Tick()), r.HELD)
    assert shown(bench.do(Contact(False))) == feedback.IDLE


def test_a_leaf_pushed_after_a_grant_is_not_forced() -> None:
    bench = Bench()
    bench.do(FaceSeen(ANNE, False, LIFE_UNASKED, True))
    bench.wait(5000 + PUSH_MS)
    assert bench.do(Contact(True)) == []
    bench.do(Contact(False))
    bench.wait(1)
    assert logged(bench.do(Contact(True)), r.FORCED)


def test_tamper_clock_steps_and_storage_are_entries() -> None:
    bench = Bench()
    assert logged(bench.do(Tamper()), r.TAMPER)
    assert logged(bench.do(Stepped(-5000, 3)), r.CLOCK)[0].pub == [1, 5, 3]
    broken = bench.do(Stored(False))
    assert logged(broken, r.FAULT)[0].pub == [0]
    assert reason(broken) == feedback.STORAGE
    assert logged(bench.do(Stored(True)), r.FAULT)[0].pub == [1]


def test_an_hour_of_silence_is_a_beacon() -> None:
    bench = Bench()
    bench.wait(BEACON_MS)
    assert logged(bench.do(Tick()), r.BEACON)
    assert not logged(bench.do(Tick()), r.BEACON)


def test_a_new_state_is_an_entry_and_holds_at_once() -> None:
    bench = Bench()
    rows = Rows(people=[])
    newer = rows.state(2)
    assert logged(bench.do(StateTaken(newer)), r.STATE)[0].pub == [1, 2]
    assert not opened(bench.do(FaceSeen(ANNE, False, LIFE_UNASKED, True)))


def test_distrust_is_an_entry_with_its_reason() -> None:
    effects = Bench().do(Distrusted(1, "rollback"))
    assert logged(effects, r.DISTRUST)[0].pub == [1, 2]
    assert [effect for effect in effects if isinstance(effect, Alert)]


def test_ten_seconds_of_silence_clear_what_was_typed() -> None:
    bench = Bench()
    bench.type(f"{HOME}#123")
    bench.wait(10_000)
    assert shown(bench.do(Tick())) == feedback.IDLE
    assert not bench.type("#")


# --- life ------------------------------------------------------------------------------------


def living(life: int | None, live: int, sure: bool, at_home: bool = False) -> Bench:
    rows = Rows() if life is None else Rows(life=[[life]])
    bench = Bench(rows)
    bench.told = bench.do(FaceSeen(ANNE, at_home, live, sure))
    return bench


@pytest.mark.parametrize("at_home", [False, True])
@pytest.mark.parametrize(
    ("life", "live", "sure", "opens"),
    [
        (None, LIFE_UNASKED, False, True),
        (state.LIFE_OFF, LIFE_NOT_PROVEN, False, True),
        (state.LIFE_UNSURE, LIFE_UNASKED, True, True),
        (state.LIFE_UNSURE, LIFE_UNASKED, False, False),
        (state.LIFE_UNSURE, LIFE_NOT_PROVEN, True, False),
        (state.LIFE_UNSURE, LIFE_NOT_PROVEN, False, False),
        (state.LIFE_UNSURE, LIFE_PROVEN, False, True),
        (state.LIFE_ALWAYS, LIFE_UNASKED, True, False),
        (state.LIFE_ALWAYS, LIFE_NOT_PROVEN, True, False),
        (state.LIFE_ALWAYS, LIFE_PROVEN, False, True),
        (7, LIFE_UNASKED, True, False),  # a rule of a later version: all is asked
        (7, LIFE_PROVEN, True, True),
    ],
)
def test_a_face_opens_with_the_proof_of_life_the_rule_asks_for(
    life: int | None, live: int, sure: bool, opens: bool, at_home: bool
) -> None:
    bench = living(life, live, sure, at_home)
    assert opened(bench.told) is opens
    if not opens:
        assert reason(bench.told) == feedback.NOT_LIVE
        [entry] = logged(bench.told, r.ACCESS)
        assert entry.pub[1:4] == [r.REFUSED, r.FACE_AT_HOME if at_home else r.FACE, feedback.NOT_LIVE]


def test_who_has_no_right_hears_that_and_not_about_life() -> None:
    assert reason(Bench(Rows(life=[[2]])).do(FaceSeen(BORIS, False, LIFE_UNASKED, True))) == feedback.NO_RIGHT


def test_a_face_without_proof_leaves_every_other_way_open() -> None:
    bench = living(state.LIFE_ALWAYS, LIFE_NOT_PROVEN, True)
    assert opened(bench.type(f"{HOME}#{day_code()}"))


def test_a_camera_with_a_fault_is_told_shown_and_leaves_every_other_way_open() -> None:
    bench = Bench()
    effects = bench.do(Eyes(False))
    assert logged(effects, r.FAULT)[0].pub == [2]
    assert [(one.kind, one.home) for one in effects if isinstance(one, Alert)] == [(ALERT_CAMERA, "")]
    assert (shown(effects), reason(effects)) == (feedback.IDLE, feedback.CAMERA)
    assert opened(bench.type(f"{HOME}#{day_code()}"))
    bench.wait(5_000)
    assert reason(bench.do(Tick())) == feedback.CAMERA  # it stays on the screen
    back = bench.do(Eyes(True))
    assert logged(back, r.FAULT)[0].pub == [3]
    assert (shown(back), reason(back)) == (feedback.IDLE, 0)


def test_news_of_the_camera_disturbs_nobody_who_types() -> None:
    bench = Bench()
    bench.type(HOME)
    assert not [one for one in bench.do(Eyes(False)) if isinstance(one, Feedback)]


events = st.one_of(
    st.sampled_from("0123456789*#C").map(Key),
    st.builds(FaceSeen, st.sampled_from([ANNE, BORIS, b"Z" * 16]), st.booleans(), st.integers(0, 2), st.booleans()),
    st.sampled_from([FaceUnsure(), FaceUnknown(), Exit(), Tick(), Tamper(), Booted(), FaceHint(30), Asked(1)]),
    st.booleans().flatmap(lambda on: st.sampled_from([Contact(on), Fire(on), Link(on), Stored(on), Eyes(on)])),
    st.binary(max_size=20).map(Ordered),
    st.builds(CallNews, st.just(b"z" * 16), st.sampled_from([8, 9, 10]), st.just(0)),
    st.just(Distrusted(2, "signature")),
)


@settings(max_examples=150)
@given(st.lists(st.tuples(events, st.integers(0, 60_000)), max_size=60))
def test_whatever_happens_nobody_enters_without_an_entry_just_before_the_lock(story: list[tuple[Told, int]]) -> None:
    bench = Bench()
    for event, wait in story:
        bench.wait(wait)
        effects = bench.do(event)
        for n, effect in enumerate(effects):
            if isinstance(effect, Unlock) and effect.durable:
                before = effects[n - 1]
                assert isinstance(before, Log)
                assert before.typ == r.ACCESS
                assert before.pub[1] == r.GRANTED
            elif isinstance(effect, Unlock):
                assert isinstance(event, Exit)
            elif isinstance(effect, Release):
                assert isinstance(event, Fire)
        if opened(effects):
            assert isinstance(event, (Exit, FaceSeen))
            assert isinstance(event, Exit) or event.person == ANNE


def test_every_event_has_its_step() -> None:
    from gatecore.sighted import SightedDoor

    assert set(SightedDoor.STEPS) == set(EVENTS)


def test_the_day_of_the_tests_is_a_monday() -> None:
    assert (DAY + 3) % 7 == 0
