"""One altered byte in the stored log is named: which device, which entry, what."""

import asyncio
import os
import sqlite3
import tracemalloc
from itertools import pairwise

import pytest
from tests.host.device import Played
from tests.host.house import START, House

from gatecore import note as notes
from gatehost.keys import Signer
from gatehost.model.errors import Refused
from gatehost.service.check import TURN
from gatehost.service.evidence import audit, checkpoints
from gatehost.store import devices, logs
from gatehost.store.accesslog import entry_id


async def delivered(house: House, many: int = 8) -> Played:
    """A device with stored entries."""
    device = await house.enrolled("b12-door")
    for _ in range(many):
        device.opened(START, "120502", os.urandom(16))
    async with device.connect() as link:
        await link.greet()
        await link.deliver(1, many, START)
    return device


def alter(house: House, statement: str, *values: object) -> None:
    """Somebody with the file and an editor."""
    connection = sqlite3.connect(house.folder / "kaimen.db")
    with connection:
        connection.execute(statement, values)
    connection.close()


class Kept:
    """The database of a running host as it was, which somebody puts back under it."""

    def __init__(self, house: House) -> None:
        self._path, self._held = house.folder / "kaimen.db", sqlite3.connect(":memory:")
        self.keep()

    def keep(self) -> None:
        """From now on this is how it was."""
        _copied(sqlite3.connect(self._path), self._held).close()

    def back(self) -> None:
        """Puts it back."""
        live = sqlite3.connect(self._path)
        _copied(self._held, live)
        live.close()


def _copied(one: sqlite3.Connection, other: sqlite3.Connection) -> sqlite3.Connection:
    one.backup(other)
    return one


def flipped(data: bytes, at: int) -> bytes:
    """One bit changed."""
    return data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]


async def verdict(house: House) -> tuple[bool, int | None, str]:
    """What verify says of the one device, before what it says of the tree."""
    (told, *_) = await audit.verify(house.ctx, await house.actor("admin"))
    return told.ok, told.seq, told.what


async def test_an_untouched_log_holds(house: House) -> None:
    await delivered(house)
    assert await verdict(house) == (True, None, "")


@pytest.mark.parametrize("at", range(0, 110, 7))
async def test_one_altered_byte_of_an_entry_is_named(house: House, at: int) -> None:
    device = await delivered(house)
    altered = flipped(device.log[4][0], at)
    alter(house, "UPDATE entry SET entry = ? WHERE id = ?", altered, entry_id(1, 5))
    ok, seq, what = await verdict(house)
    assert not ok
    assert seq in (5, 6)  # the chain after it, when the entry still reads
    assert what in ("entry", "chain", "commitment", "columns")


@pytest.mark.parametrize(
    ("statement", "seq", "what"),
    [
        ("DELETE FROM entry WHERE id = {5}", 5, "missing"),
        ("DELETE FROM entry WHERE id = {8}", 8, "missing"),
        ("UPDATE entry SET home = '120601' WHERE id = {5}", 5, "columns"),
        ("UPDATE entry SET at = at + 1 WHERE id = {3}", 3, "columns"),
        ("UPDATE entry SET result = 0 WHERE id = {3}", 3, "columns"),
        ("UPDATE entry SET private = x'00' WHERE id = {2}", 2, "commitment"),
        ("UPDATE seal SET seal = substr(seal, 1, 100) || x'00' || substr(seal, 102)", 8, "seal"),
        ("DELETE FROM seal", 8, "seal"),
        ("UPDATE entry SET home = CAST(x'ff' AS TEXT) WHERE id = {5}", 5, "entry"),
        ("UPDATE entry SET entry = CAST(entry AS TEXT) WHERE id = {5}", 5, "entry"),
        ("UPDATE device SET seq = 7", 9, "head"),
    ],
)
async def test_whatever_is_changed_is_named(house: House, statement: str, seq: int, what: str) -> None:
    await delivered(house)
    for number in (2, 3, 5, 8):
        statement = statement.replace(f"{{{number}}}", str(entry_id(1, number)))
    alter(house, statement)
    assert await verdict(house) == (False, seq, what)


async def test_a_log_cut_to_its_first_half_with_the_head_moved_back_is_noticed(house: House) -> None:
    device = await delivered(house)
    alter(house, "DELETE FROM entry WHERE id > ?", entry_id(1, 4))
    alter(house, "UPDATE device SET seq = 4, head = ?", device.starts[4][0])
    assert await verdict(house) == (False, 5, "missing")


@pytest.mark.parametrize("of", ["gate-1-in", "host", "places"])
async def test_a_log_taken_out_whole_is_missed_in_the_tree(house: House, of: str) -> None:
    """With its device's row nothing is left that could fail; the tree was signed with its leaves."""
    await delivered(house)
    gate = await house.enrolled("gate-1-in")
    async with gate.connect() as link:
        await link.greet()
        gate.opened(START, "130101", b"m" * 16)
        await link.deliver(1, 1, START)
    await checkpoints.sign(house.ctx)
    admin = await house.actor("admin")
    assert all(one.ok for one in await audit.verify(house.ctx, admin))
    async with house.ctx.store.read() as tx:
        held = await logs.newest(tx)
        known = {one.slot: one.no for one in await devices.in_states(tx)}
    assert held is not None
    no = held.no if of == "host" else known.get(of, 0)
    if of == "places":
        alter(house, "UPDATE run SET count = 0")
    elif of == "host":  # one entry of the host's own
        alter(house, "UPDATE entry SET entry = x'00' WHERE id = ?", entry_id(no, 3))
    else:
        alter(house, "PRAGMA foreign_keys = OFF")
        alter(house, "DELETE FROM entry WHERE id BETWEEN ? AND ?", entry_id(no, 0), entry_id(no + 1, 0))
        alter(house, "DELETE FROM device WHERE no = ?", no)
    bad = [one for one in await audit.verify(house.ctx, admin) if not one.ok]
    own = [("", "entry")] if of == "host" else []
    assert [(one.dev, one.what) for one in bad] == [*own, ("", "tree")]


SPOILT = (
    "UPDATE checkpoint SET size = 1 << 22",  # 128 MiB of leaves
    "UPDATE checkpoint SET size = 1 << 50",
    "UPDATE log SET size = 1 << 50; UPDATE checkpoint SET size = 1 << 50",
    "UPDATE run SET id = id + (1 << 30)",
    "UPDATE run SET count = 1 << 30",
    "UPDATE run SET entry = 0x7fffffffffffffff WHERE id = (SELECT max(id) FROM run)",
    "UPDATE run SET count = 'many'",
    "UPDATE checkpoint SET size = 'many'",
    "UPDATE device SET seq = 'x'",
    "UPDATE device SET public = 'x'",
    "UPDATE device SET current = x'00', epoch = 1",
    "UPDATE device SET epoch = 1",
    "UPDATE seal SET seal = 7",
    "UPDATE checkpoint SET note = 'x'",
    "UPDATE log SET cert = x''",
    "UPDATE entry SET entry = 7 WHERE id = (SELECT max(id) FROM entry)",
    "UPDATE entry SET private = 7",
    "UPDATE entry SET at = 'x'",
    "INSERT INTO jump (id, before, epoch, at) VALUES ({8}, 'x', 0, 0); DELETE FROM entry WHERE id = {5}",
)


async def test_rows_of_no_kind_a_host_writes_are_a_verdict_and_cost_little(house: House) -> None:
    await delivered(house)
    await checkpoints.sign(house.ctx)
    admin, kept = await house.actor("admin"), Kept(house)
    for statement in SPOILT:
        for one in statement.format(*(entry_id(1, seq) for seq in range(9))).split("; "):
            alter(house, one)
        tracemalloc.start()
        try:
            bad = [one.what for one in await audit.verify(house.ctx, admin) if not one.ok]
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert (bool(bad), most < 16 << 20) == (True, True), statement
        kept.back()
    assert all(one.ok for one in await audit.verify(house.ctx, admin))


RESIGNED = (
    "DELETE FROM checkpoint",
    "UPDATE checkpoint SET root = zeroblob(32)",
    "UPDATE checkpoint SET note = note || x'0a'",
    "UPDATE checkpoint SET note = (SELECT note FROM checkpoint ORDER BY size LIMIT 1)",
    "UPDATE checkpoint SET size = size - 1",
    "DELETE FROM checkpoint WHERE size = (SELECT max(size) FROM checkpoint)",
    "UPDATE checkpoint SET root = zeroblob(32) WHERE size = (SELECT min(size) FROM checkpoint)",
    "UPDATE run SET count = count + 1 WHERE id = (SELECT max(id) FROM run)",
)


async def test_a_tree_is_judged_by_what_its_key_signed_and_not_by_what_a_row_says(house: House) -> None:
    device = await delivered(house)
    await checkpoints.sign(house.ctx)
    async with device.connect() as link:
        await link.greet()
        device.opened(START, "120502", bytes(16))
        await link.deliver(9, 9, START)
    await checkpoints.sign(house.ctx)
    admin, kept = await house.actor("admin"), Kept(house)
    for statement in RESIGNED:
        assert all(one.ok for one in await audit.verify(house.ctx, admin))
        kept.keep()
        alter(house, statement)
        bad = [one for one in await audit.verify(house.ctx, admin) if not one.ok]
        assert [(one.dev, one.what) for one in bad] == [("", "tree")], statement
        kept.back()


async def test_a_tile_that_no_root_reads_any_more_is_judged_too(house: House) -> None:
    """Proofs read it: an export of some hours would not hold."""
    device = await house.enrolled("b12-door")
    for _ in range(4160):
        device.write(START, 21, [])
    async with device.connect() as link:
        await link.greet()
        for first in range(1, 4161, 64):
            await link.deliver(first, first + 63, START)
    await checkpoints.sign(house.ctx)
    admin = await house.actor("admin")
    assert all(one.ok for one in await audit.verify(house.ctx, admin))
    alter(
        house,
        "UPDATE tile SET hashes = CAST(substr(hashes, 33) || substr(hashes, 1, 32) AS BLOB) WHERE id = ?",
        (1 << 48) + 7,
    )
    bad = [one for one in await audit.verify(house.ctx, admin) if not one.ok]
    assert [(one.dev, one.what) for one in bad] == [("", "tree")]


@pytest.mark.parametrize("with_its_key", [False, True])
async def test_a_tree_signed_again_by_somebody_else_is_told(house: House, with_its_key: bool) -> None:
    """Whose key stands in the database makes no difference: the estate certified another one."""
    await delivered(house)
    made = await checkpoints.sign(house.ctx)
    assert made is not None
    stranger = Signer(b"s" * 32)
    text = notes.signed(notes.origin(house.ctx.keys.estate.public, 1), made.size, made.root, stranger)
    alter(house, "UPDATE checkpoint SET note = ?", text)
    if with_its_key:
        alter(house, "UPDATE log SET public = ?", stranger.public)
    bad = [one for one in await audit.verify(house.ctx, await house.actor("admin")) if not one.ok]
    own = [("", "chain")] if with_its_key else []  # the host's own entries are not those of such a key
    assert [(one.dev, one.what) for one in bad] == [*own, ("", "tree")]


async def test_the_log_is_verified_once_at_a_time_and_tells_how_far_it_is(house: House) -> None:
    await delivered(house)
    admin = await house.actor("admin")
    check = await audit.begin(house.ctx, admin)
    with pytest.raises(Refused, match="verifying"):
        await audit.verify(house.ctx, admin)
    assert (check.running, check.percent, check.verdicts) == (True, 0, None)
    assert all(one.ok for one in await audit.carry_out(house.ctx, check))
    assert (check.running, 8 < check.done <= check.total) == (False, True)
    assert await audit.verify(house.ctx, admin)


async def test_others_have_their_turn_while_the_log_is_verified(house: House) -> None:
    """Between two looks of another task only so many entries are looked at."""
    device = await house.enrolled("b12-door")
    for _ in range(300):
        device.opened(START, "120502", bytes(16))
    async with device.connect() as link:
        await link.greet()
        for first in range(1, 300, 60):
            await link.deliver(first, first + 59, START)
    check, seen = await audit.begin(house.ctx, await house.actor("admin")), [0]
    working = asyncio.create_task(audit.carry_out(house.ctx, check))
    while not working.done():
        await asyncio.sleep(0)
        seen.append(check.done)
    assert max(after - before for before, after in pairwise(seen)) <= TURN
    assert seen[-1] > 600


async def test_only_an_admin_may_verify_and_it_is_written_down(house: House) -> None:
    from gatehost.model.errors import Denied

    with pytest.raises(Denied):
        await audit.verify(house.ctx, await house.actor("desk"))
    admin = await house.actor("admin")
    await audit.verify(house.ctx, admin)
    assert next(line.action for line in await audit.look_ups(house.ctx, admin)) == "audit.verify"
