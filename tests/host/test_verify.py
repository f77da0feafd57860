"""One altered byte in the stored log is named: which device, which entry, what."""

import os
import sqlite3

import pytest
from tests.host.device import Played
from tests.host.house import START, House

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


def flipped(data: bytes, at: int) -> bytes:
    """One bit changed."""
    return data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]


async def verdict(house: House) -> tuple[bool, int | None, str]:
    """What verify says of the one device."""
    (told,) = await audit.verify(house.ctx, await house.actor("admin"))
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
    elif of == "host":  # one entry of the host's own, which no device's check reads
        alter(house, "UPDATE entry SET entry = x'00' WHERE id = ?", entry_id(no, 3))
    else:
        alter(house, "PRAGMA foreign_keys = OFF")
        alter(house, "DELETE FROM entry WHERE id BETWEEN ? AND ?", entry_id(no, 0), entry_id(no + 1, 0))
        alter(house, "DELETE FROM device WHERE no = ?", no)
    bad = [one for one in await audit.verify(house.ctx, admin) if not one.ok]
    assert [(one.dev, one.what) for one in bad] == [("", "tree")]


async def test_only_an_admin_may_verify_and_it_is_written_down(house: House) -> None:
    from gatehost.model.errors import Denied

    with pytest.raises(Denied):
        await audit.verify(house.ctx, await house.actor("desk"))
    admin = await house.actor("admin")
    await audit.verify(house.ctx, admin)
    assert next(line.action for line in await audit.look_ups(house.ctx, admin)) == "audit.verify"
