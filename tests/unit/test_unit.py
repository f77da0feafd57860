"""A whole unit on fake ports: what a person does, what the lock does, what the log says."""

import asyncio
from typing import Any

import pytest

from gatecore import codes, feedback, state
from gatecore import records as r
from gatecore.events import Exit, Key, Log, Tamper
from gateunit import ledger

from .conftest import read_only

HOME, VISITOR, PIN = "120502", codes.with_check("120502", "1069380"), "4711042"
WRONG_CODE = codes.with_check(HOME, "1234567")


def access(house: Any) -> list[list[int]]:
    return [entry.pub for entry in house.entries() if entry.typ == r.ACCESS]


def types(house: Any) -> list[int]:
    return [entry.typ for entry in house.entries()]


async def test_a_visitor_code_opens_the_door(house: Any) -> None:
    async with house.running():
        await house.type(f"{HOME}#{VISITOR}")
        assert house.lock.unlocked
        assert house.screen.shown[0] == feedback.OPENED
        assert access(house) == [[0, r.GRANTED, r.CODE, codes.OK, 0]]
        await house.clock.advance(3000)
        assert not house.lock.unlocked


async def test_a_wrong_code_does_not(house: Any) -> None:
    async with house.running():
        await house.type(f"{HOME}#{WRONG_CODE}")
        assert house.unlocks() == []
        assert house.screen.shown[:2] == (feedback.REFUSED, codes.WRONG)


async def test_a_grant_is_on_storage_before_the_lock_moves(house: Any) -> None:
    async with house.running():
        house.store.slow_ms = 40
        await house.type(f"{HOME}#{PIN}#")
        await house.clock.advance(100)
        appended = [at for at, what in house.store.history if what == "append"][-1]
        assert access(house) == [[0, r.GRANTED, r.PIN, codes.OK, 0]]
        assert house.unlocks() == [appended]


async def test_a_write_under_way_after_100_ms_is_followed_by_a_late_entry(house: Any) -> None:
    async with house.running():
        house.store.slow_ms = 5_000
        await house.type(f"{HOME}#{PIN}#")
        decided = house.clock.mono()
        await house.clock.advance(150)
        assert house.lock.unlocked
        assert house.unlocks()[0] - decided <= 100
        await house.clock.advance(20_000)
        granted = next(entry for entry in house.entries() if entry.typ == r.ACCESS)
        assert granted.pub[4] == 0
        assert [entry.pub for entry in house.entries() if entry.typ == r.LATE] == [[granted.seq]]


async def test_an_entry_not_yet_written_after_100_ms_says_so_itself(house: Any) -> None:
    async with house.running():
        house.store.slow_ms = 5_000
        house.inputs.set(tamper=True)  # its entry keeps the storage busy
        await house.clock.advance(50)
        await house.type(f"{HOME}#{PIN}#")
        await house.clock.advance(150)
        assert house.lock.unlocked
        await house.clock.advance(30_000)
        assert access(house) == [[0, r.GRANTED, r.PIN, codes.OK, r.LATE_FLAG]]
        assert r.LATE not in types(house)


async def test_the_exit_button_waits_for_no_storage(house: Any) -> None:
    async with house.running():
        house.store.slow_ms = 60_000
        for key in f"{HOME}#{PIN}#":
            house.unit.post(Key(key))
        await house.clock.settle()
        assert house.unlocks() == []  # the grant waits for its entry
        house.unit.post(Exit())
        assert house.unlocks() == [house.clock.mono()]


async def test_the_exit_button_is_read_from_its_wire(house: Any) -> None:
    async with house.running():
        house.inputs.set(exit=True)
        await house.clock.advance(45)
        assert house.lock.unlocked
        assert types(house)[-1] == r.EXIT


async def test_the_fire_line_releases_the_door_at_once_and_holds_it_open(house: Any) -> None:
    async with house.running():
        house.store.slow_ms = 60_000
        house.inputs.set(fire=True)
        await house.clock.advance(45)
        assert house.lock.unlocked
        await house.clock.advance(60_000)
        assert house.lock.unlocked
        house.inputs.set(fire=False)
        await house.clock.advance(45)
        assert not house.lock.unlocked


async def test_with_a_full_disk_the_door_opens_the_fault_shows_and_nothing_is_lost(house: Any) -> None:
    async with house.running():
        house.store.full = True
        await house.type(f"{HOME}#{PIN}#")
        await house.clock.advance(50)
        assert house.lock.unlocked
        assert (feedback.ALERT, feedback.STORAGE) in [shown[1:3] for shown in house.screen.history]
        before = len(house.entries())
        await house.clock.advance(10_000)
        assert len(house.entries()) == before  # nothing is sealed or sent that is not on storage
        house.store.full = False
        await house.clock.advance(2_000)
        assert access(house) == [[0, r.GRANTED, r.PIN, codes.OK, r.LATE_FLAG]]
        assert [entry.pub for entry in house.entries() if entry.typ == r.FAULT] == [[0], [1]]


async def test_a_wrong_try_is_written_before_its_answer_is_shown(house: Any) -> None:
    async with house.running():
        house.store.slow_ms = 300
        await house.type(f"{HOME}#{WRONG_CODE}")
        await house.clock.advance(1_000)
        written = [at for at, what in house.store.history if what == "memory"][-1]
        shown = next(at for at, state, *_ in house.screen.history if state == feedback.REFUSED)
        assert shown >= written


async def test_pulling_the_plug_buys_no_tries(house: Any) -> None:
    for _ in range(10):
        async with house.running():
            await house.type(f"{HOME}#{WRONG_CODE}")
            assert house.screen.shown[1] in (codes.WRONG, codes.CLOSED)
    async with house.running():
        await house.type(f"{HOME}#{VISITOR}")
        assert house.screen.shown[1] == codes.CLOSED
        assert house.unlocks() == []


async def test_a_spoilt_memory_closes_the_keypad_instead_of_filling_it(house: Any) -> None:
    async with house.running():
        pass
    house.write("memory", b"spoilt")
    async with house.running():
        await house.type(f"{HOME}#{VISITOR}")
        assert house.screen.shown[1] == codes.CLOSED


async def test_a_unit_that_starts_on_a_read_only_card_is_a_door_all_the_same(house: Any, monkeypatch: Any) -> None:
    async with house.running():
        pass
    with monkeypatch.context() as card:
        read_only(card, house.folder)
        async with house.running():
            assert (feedback.ALERT, feedback.STORAGE) in [shown[1:3] for shown in house.screen.history]
            await house.type(f"{HOME}#{VISITOR}")  # tries that cannot be written down are none: the bucket is empty
            assert house.screen.shown[1] == codes.CLOSED
            house.unit.door.memory.pass_time(21 * 60_000)  # as so much powered-on time would
            await house.type(f"{HOME}#{VISITOR}")
            assert len(house.unlocks()) == 1
            before = house.entries()
    async with house.running():
        assert [entry.seq for entry in house.entries()] == [*(entry.seq for entry in before), before[-1].seq + 1]


@pytest.mark.parametrize(("uses", "first"), [(1, 0), (0, 3600)], ids=["one visit", "an hour from the first use"])
async def test_a_code_used_on_a_read_only_card_does_not_open_again_after_a_power_cut(
    house: Any, monkeypatch: Any, uses: int, first: int
) -> None:
    house.rows[state.CODES][0][5:] = [uses, 0, first]
    async with house.running():
        pass
    with monkeypatch.context() as card:
        async with house.running():
            read_only(card, house.folder)  # turned so while it ran: the use is in memory alone
            house.store.full = True
            await house.type(f"{HOME}#{VISITOR}")
            assert len(house.unlocks()) == 1
        async with house.running():
            house.unit.door.memory.pass_time(21 * 60_000)  # the bucket holds a try again
            await house.type(f"{HOME}#{VISITOR}")
            assert house.screen.shown[1] == (codes.EXPIRED if first else codes.USED_UP)
            assert house.unlocks() == []


async def test_while_the_disk_is_full_the_newest_of_each_record_waits_and_no_more(house: Any) -> None:
    async with house.running():
        kept = house.unit.ledger
        house.store.full = True
        notes = [kept.note("gate-copy", bytes((n,)) * 100_000) for n in range(200)]
        await house.clock.advance(5_000)
        notes += [kept.note("gate-copy", bytes((n,)) * 100_000) for n in range(200)]
        assert sum(len(item.data or b"") for item in kept._queue if hasattr(item, "data")) < 300_000
        assert not notes[-1].settled.is_set()
        house.store.full = False
        written = len(house.store.history)
        await house.clock.advance(5_000)
        assert house.store.load("gate-copy") == bytes((199,)) * 100_000
        assert all(note.durable.is_set() for note in notes)
        assert len([what for _, what in house.store.history[written:] if what == "gate-copy"]) <= 2


async def test_entries_that_wait_for_a_disk_have_an_end_and_those_that_went_are_told_as_a_number(
    house: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(ledger, "WAITING", 20)
    async with house.running():
        house.store.full = True
        await house.clock.advance(50)
        deed = house.unit.ledger.add(Log(r.GATE, [0], b"gate", ["a guard's"]), house.unit.time.now())
        for _ in range(50):
            house.unit.post(Tamper())
        await house.clock.advance(2_000)  # tried again in between
        for _ in range(50):
            house.unit.post(Tamper())
        await house.type(f"{HOME}#{PIN}#")
        assert house.lock.unlocked  # nobody is refused for it
        await house.clock.advance(2_000)
        assert len(house.unit.ledger._queue) <= 21
        house.store.full = False
        await house.clock.advance(3_000)
        told = sum(entry.pub[1] for entry in house.entries() if entry.typ == r.COUNT and entry.pub[0] == 5)
        assert told > 70
        assert told + types(house).count(r.TAMPER) + types(house).count(r.FAULT) == 100 + 2
        assert access(house) == [[0, r.GRANTED, r.PIN, codes.OK, r.LATE_FLAG]]  # the newest stay
        assert deed.stage is ledger.Stage.DURABLE  # what a guard was told is tried again is


async def test_what_is_being_written_does_not_go_for_what_comes_after(house: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(ledger, "WAITING", 5)
    async with house.running():
        house.store.slow_ms = 3_000
        for _ in range(6):
            for _ in range(10):  # more than may wait
                house.unit.post(Tamper())
            await house.clock.advance(1_000)
        await house.clock.advance(60_000)
        told = sum(entry.pub[1] for entry in house.entries() if entry.typ == r.COUNT and entry.pub[0] == 5)
        assert told
        assert told + types(house).count(r.TAMPER) == 60


async def test_a_record_that_changes_while_it_is_being_written_is_written_again(house: Any) -> None:
    async with house.running():
        house.store.slow_ms = 300
        first = house.unit.ledger.note("gate-copy", b"first")
        await house.clock.advance(100)
        second = house.unit.ledger.note("gate-copy", b"second")
        await house.clock.advance(5_000)
        assert first is not second
        assert house.store.load("gate-copy") == b"second"


async def test_every_start_has_a_higher_boot_number_and_continues_the_chain(house: Any) -> None:
    seen = []
    for _ in range(3):
        async with house.running():
            seen.append((house.unit.time.boot, house.entries()[-1].seq))
    assert [boot for boot, _ in seen] == [1, 2, 3]
    assert [seq for _, seq in seen] == [1, 2, 3]


async def test_a_lost_clock_record_does_not_repeat_a_boot_number(house: Any) -> None:
    async with house.running():
        pass
    (house.folder / "records" / "clock").unlink()
    async with house.running():
        assert house.unit.time.boot == 2


async def test_a_door_that_is_not_set_up_opens_for_exit_and_fire_only(house: Any) -> None:
    house.enrolled, house.rows = False, None
    async with house.running():
        assert house.screen.shown[0] == feedback.NOT_SET_UP
        await house.type(f"{HOME}#{VISITOR}")
        assert house.unlocks() == []
        house.inputs.set(exit=True)
        await house.clock.advance(50)
        assert house.lock.unlocked


async def test_stopping_the_unit_locks_the_door_and_writes_what_waits(house: Any) -> None:
    async with house.running():
        house.inputs.set(fire=True)
        await house.clock.advance(50)
    assert house.lock.history[-1][1] == "close"
    assert not house.lock.unlocked
    async with house.running():
        assert r.FIRE in types(house)


async def test_a_link_that_fails_does_not_take_the_door_along(house: Any, monkeypatch: Any) -> None:
    async with house.running():

        async def broken() -> None:
            raise RuntimeError("the link has a bug")

        failing = asyncio.create_task(house.unit._kept_up("host", broken))
        await house.clock.advance(5_000)
        await house.type(f"{HOME}#{VISITOR}")
        assert house.lock.unlocked
        failing.cancel()
