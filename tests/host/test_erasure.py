"""Erasure: nothing of a subject's payload is left in any file, the chain verifies, and a restore does it again."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.host.house import DAY, START, House
from tests.host.test_export import exported, judged

from gatecore.records import ACCESS, Private
from gatehost.model.errors import BadInput, Denied
from gatehost.service.context import Context
from gatehost.service.evidence import audit, checkpoints, erasure
from gatehost.service.evidence.export import Wanted
from gatehost.store import erasures, halves
from gatehost.store.halves import HIDDEN, Halves, Months, subject_of
from gatehost.store.store import HALVES, Tx, open_store, sqlite_url

ANNE, BORIS = os.urandom(16), os.urandom(16)
MANY = 300


async def filled(house: House) -> dict[bytes, list[bytes]]:
    """A door with many entries of two people in turn; each one's marks, as they lie in the database."""
    device = await house.enrolled("b12-door")
    marks: dict[bytes, list[bytes]] = {ANNE: [], BORIS: []}
    for at in range(MANY):
        person = (ANNE, BORIS)[at % 2]
        marks[person].append(os.urandom(16))
        half = Private(os.urandom(16), person, ["120502", person, marks[person][-1], 0]).to_wire()
        device.write(START + at * DAY, ACCESS, [0, 1, 1, 0, 0], half)
    async with device.connect() as link:
        await link.greet()
        for first in range(1, MANY, 50):
            await link.deliver(first, first + 49, START)
    await checkpoints.sign(house.ctx)
    return marks


def everything(folder: Path) -> bytes:
    """Every byte of database, write-ahead log and key file, freed pages included."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("*.db*")))


async def sealed(house: House, person: bytes) -> list[bytes]:
    """The stored halves of a person, as they lie there, and the keys they lie under."""
    halves = house.ctx.store.halves
    assert halves is not None
    rows = halves._connection.execute("SELECT name, key FROM held WHERE subject = ?", (person,)).fetchall()
    names, stored = [name for name, _ in rows], []
    async with house.ctx.store.read() as tx:
        for half in (await tx.exec_driver_sql("SELECT private FROM entry WHERE private IS NOT NULL")).scalars():
            if half[:1] == HIDDEN and half[1:9] in names:
                stored.append(half[9:])
    assert len(stored) == MANY // 2
    return [*stored, *(key for _, key in rows)]


async def test_nothing_of_the_subject_is_left_in_any_file(house: House) -> None:
    marks = await filled(house)
    needles = [ANNE, *marks[ANNE], *await sealed(house, ANNE)]
    others = [BORIS, *marks[BORIS], *await sealed(house, BORIS)]
    before = everything(house.folder)
    assert all(needle in before for needle in needles)  # the same search finds each of them
    assert len(needles) > MANY // 2
    count = await erasure.erase(house.ctx, await house.actor("admin"), [], [ANNE], erasure.ASKED)
    assert count == MANY // 2
    after = everything(house.folder)
    assert [needle.hex() for needle in needles if needle in after] == []
    assert all(needle in after for needle in others)


@pytest.mark.parametrize("between", ["another entry", "the same erasure"])
async def test_who_writes_does_not_wait_while_every_entry_is_read_and_nothing_written_meanwhile_is_missed(
    house: House, monkeypatch: pytest.MonkeyPatch, between: str
) -> None:
    """After years the look takes a minute; a door goes on delivering, somebody else erases the same."""
    await filled(house)
    device, admin, look = await house.enrolled("gate-1-in"), await house.actor("admin"), erasures.look
    half = Private(os.urandom(16), ANNE, ["120502", ANNE, os.urandom(16), 0]).to_wire()
    erased = []

    async def slow(tx: Tx, names: list[bytes]) -> erasures.Looked:
        monkeypatch.setattr(erasures, "look", look)
        found = await look(tx, names)
        if between == "another entry":
            device.write(START, ACCESS, [0, 1, 1, 0, 0], half)
            async with device.connect() as link:
                await link.greet()
                assert await link.deliver(1, 1, START) == 1
        else:
            erased.append(await erasure.erase(house.ctx, admin, [], [ANNE], erasure.ASKED))
        return found

    monkeypatch.setattr(erasures, "look", slow)
    erased.append(await erasure.erase(house.ctx, admin, [], [ANNE], erasure.ASKED))
    assert erased == ([MANY // 2 + 1] if between == "another entry" else [MANY // 2, 0])
    assert all(one.ok for one in await audit.verify(house.ctx, admin))
    report = judged(house, await exported(house, Wanted()))
    assert not report.lost


async def test_without_secure_deletion_the_search_would_find_something(house: House) -> None:
    """The control: the same erasure with the overwriting switched off leaves bytes behind, and they are found."""
    marks = await filled(house)
    needles = [ANNE, *marks[ANNE], *await sealed(house, ANNE)]
    async with house.ctx.store.write() as tx:
        await tx.exec_driver_sql("PRAGMA secure_delete=OFF")
    await erasure.erase(house.ctx, await house.actor("admin"), [], [ANNE], erasure.ASKED)
    assert any(needle in everything(house.folder) for needle in needles)


async def test_what_was_erased_is_said_and_the_log_still_holds(house: House) -> None:
    await filled(house)
    await erasure.erase(house.ctx, await house.actor("admin"), [], [ANNE], erasure.WITHDRAWN)
    report = judged(house, await exported(house, Wanted()))
    door = report.devices[0]
    assert (door.erased, door.missing, door.disclosed) == (MANY // 2, 0, MANY // 2)
    (verdict,) = await audit.verify(house.ctx, await house.actor("admin"))
    assert verdict.ok, verdict


async def test_a_half_that_is_gone_without_an_entry_is_missing(house: House) -> None:
    await filled(house)
    async with house.ctx.store.write() as tx:
        await tx.exec_driver_sql("UPDATE entry SET private = NULL WHERE id = (1 << 40) + 7")
    report = judged(house, await exported(house, Wanted()))
    assert (report.devices[0].erased, report.devices[0].missing) == (0, 1)


async def test_only_the_months_asked_for_are_erased(house: House) -> None:
    await filled(house)
    july = START + 40 * DAY  # 2026-07-25: only June is over
    count = await erasure.expire(house.ctx, july)
    assert count == 16  # 15 to 30 June, both people
    report = judged(house, await exported(house, Wanted()))
    assert (report.devices[0].erased, report.devices[0].disclosed) == (16, MANY - 16)


async def restored(house: House, folder: Path, database: Path, keys: Path) -> Context:
    """A host started on these two files."""
    shutil.copy(database, folder / "kaimen.db")
    shutil.copy(keys, folder / HALVES)
    return replace(house.ctx, store=await open_store(sqlite_url(folder / "kaimen.db")))


async def test_a_restored_database_forgets_again_before_it_serves(house: House, tmp_path: Path) -> None:
    marks = await filled(house)
    await house.ctx.store.sweep()
    shutil.copy(house.folder / "kaimen.db", tmp_path / "backup")
    await erasure.erase(house.ctx, await house.actor("admin"), [], [ANNE], erasure.ASKED)
    (tmp_path / "new").mkdir()
    ctx = await restored(house, tmp_path / "new", tmp_path / "backup", house.folder / HALVES)
    try:
        assert all(mark in everything(tmp_path / "new") for mark in marks[ANNE])
        assert await erasure.again(ctx) == MANY // 2
        assert not any(mark in everything(tmp_path / "new") for mark in marks[ANNE])
        assert await erasure.again(ctx) == 0
    finally:
        await ctx.store.close()


async def test_a_restored_key_file_forgets_again(house: House, tmp_path: Path) -> None:
    await filled(house)
    shutil.copy(house.folder / HALVES, tmp_path / "backup")
    await erasure.erase(house.ctx, await house.actor("admin"), [], [ANNE], erasure.ASKED)
    (tmp_path / "new").mkdir()
    ctx = await restored(house, tmp_path / "new", house.folder / "kaimen.db", tmp_path / "backup")
    try:
        assert ctx.store.halves is not None
        assert ctx.store.halves.names([ANNE])
        await erasure.again(ctx)
        assert ctx.store.halves.names([ANNE]) == []
    finally:
        await ctx.store.close()


async def test_only_the_admin_erases_and_says_why(house: House) -> None:
    await filled(house)
    with pytest.raises(Denied):
        await erasure.erase(house.ctx, await house.actor("desk"), ["120502"], [], erasure.ASKED)
    for homes, reason in (((), erasure.ASKED), (("120502",), 4)):
        with pytest.raises(BadInput):
            await erasure.erase(house.ctx, await house.actor("admin"), homes, [], reason)


@pytest.mark.parametrize("subject", [b"", b"1", b"P" * 16, b"h" * 23, b"h" * 24, b"h" * 255, b"h" * 256, b"h" * 70_000])
def test_the_subject_of_any_half_is_found(subject: bytes) -> None:
    assert subject_of(Private(bytes(16), subject, None).to_wire()) == subject


def test_months_are_those_of_the_calendar() -> None:
    months = Months()
    number = 2026 * 12 + 6
    assert [months.of(START + days * DAY) - number for days in (0, 15, 16, 46, 200, -20, 16)] == [0, 0, 1, 1, 7, -1, 1]
    assert months.of(-5) == 1970 * 12 + 1
    assert months.of(1 << 62) == 9999 * 12 + 12


def test_more_subjects_than_are_kept_in_memory_are_all_hidden_and_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(halves, "MOST_KEPT", 3)
    people, keys = [os.urandom(16) for _ in range(30)], Halves(tmp_path / HALVES)
    rows = [(at, START, Private(bytes(16), person, None).to_wire()) for at, person in enumerate(people)]
    keys.hide(rows[:2])
    for at in range(0, 28, 2):  # known ones beside new ones, each time
        hidden = keys.hide(rows[at : at + 4])
        assert all(row[-1].startswith(HIDDEN) for row in hidden)
        assert [(*row[:-1], keys.show(row[-1])) for row in hidden] == rows[at : at + 4]
        assert len(keys._writing) <= 3 + 4
    keys.close()


def test_no_two_halves_of_a_subject_are_hidden_under_one_nonce(tmp_path: Path) -> None:
    keys, person = Halves(tmp_path / HALVES), os.urandom(16)
    rows = [(at, START, Private(os.urandom(16), person, None).to_wire()) for at in range(64)]
    hidden = [row[-1] for _ in range(2) for row in keys.hide(rows)]
    after = 1 + halves.NAME
    assert len({half[:after] for half in hidden}) == 1
    assert len({half[after : after + halves.NONCE] for half in hidden}) == 128
    keys.close()


def test_forgetting_somebody_the_moment_a_batch_is_hidden_stops_neither_batch_nor_document(tmp_path: Path) -> None:
    class Crossed(Halves):
        """Another thread forgets between taking the keys and using them."""

        def _taken(self, marks: set[tuple[bytes, int]]) -> halves.Keys:
            made = super()._taken(marks)
            self._writing.clear()
            return made

    keys, person = Crossed(tmp_path / HALVES), os.urandom(16)
    row = (1, START, Private(bytes(16), person, None).to_wire())
    (hidden,) = keys.hide([row])
    assert keys.show(hidden[-1]) == row[-1]
    assert keys.show(keys.seal(person, bytes(8), b"a paper")) == b"a paper"
    keys.close()
