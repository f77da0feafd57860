"""The host's log: everything is a leaf, checkpoints continue each other, doors cosign them, a restore begins anew."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select, text
from tests.core import oracle
from tests.host.house import START, House
from tests.host.house import house as running
from tests.host.test_link import filled
from tests.host.test_verify import Kept

from gatecore import note as notes
from gatecore import records
from gatecore.errors import TrustError
from gatecore.log import Chain, check_private, genesis, open_seal
from gatecore.records import Cert, Entry, Private
from gatecore.sign import key_id
from gatecore.wire import open_sign1
from gatecore.witness import from_numbers, numbers
from gatehost.keys import Signer, verify
from gatehost.model.alarm import WITNESS
from gatehost.model.errors import DeviceRefused, StoreError
from gatehost.service import chronicle
from gatehost.service.door import devices
from gatehost.service.evidence import checkpoints
from gatehost.service.home import homes
from gatehost.store import accesslog, logs, places
from gatehost.store import devices as rows
from gatehost.store.logs import Log
from gatehost.store.table.door import alarm
from gatehost.sync.sequencer import BETWEEN_MS, FIRST_MS, Due


async def the_log(house: House) -> Log:
    async with house.ctx.store.read() as tx:
        held = await logs.newest(tx)
    assert held is not None
    return held


async def leaves(house: House, generation: int = 1) -> list[bytes]:
    """Every entry in the order of the leaves, by the runs as stored."""
    found: list[bytes] = []
    async with house.ctx.store.read() as tx:
        for run in await logs.runs(tx, generation, 0, 1 << 39, 10_000):
            assert run.index == len(found)
            no, seq = run.entry >> 40, accesslog.seq_of(run.entry)
            found += await accesslog.stored(tx, no, seq, seq + run.count - 1)
    return found


def shown(house: House, row: tuple[object, ...]) -> bytes | None:
    """The private half of a stored row, in the clear."""
    hidden = row[-1]
    assert hidden is None or isinstance(hidden, bytes)
    return hidden if house.ctx.store.halves is None else house.ctx.store.halves.show(hidden)


async def host_chain(house: House, held: Log) -> list[Entry]:
    """The host's own entries, checked as any device's."""
    chain, found = Chain(key_id(held.public), genesis(held.public)), []
    async with house.ctx.store.read() as tx:
        for row in await accesslog.rows_from(tx, held.no, 0, 10_000):
            assert isinstance(row[-2], bytes)
            entry = chain.take(row[-2])
            check_private(entry, shown(house, row))
            found.append(entry)
    assert (chain.seq, chain.head) == (held.seq, held.head)
    return found


async def checkpoint(house: House) -> logs.Checkpoint:
    """A checkpoint over everything, shown to every connected door."""
    made = await checkpoints.sign(house.ctx)
    assert made is not None
    await house.doors.show()
    return made


async def test_what_people_do_is_an_entry_of_the_hosts_own_chain(house: House) -> None:
    device = await house.enrolled("b12-door")
    await homes.find(house.ctx, await house.actor("desk"), "120502")
    await devices.revoke(house.ctx, await house.actor("admin"), device.name, "stolen")
    held = await the_log(house)
    cert: Cert = Cert.from_wire(
        open_sign1(held.cert, house.ctx.keys.estate.key_id, house.ctx.keys.estate.public, verify)
    )
    assert (cert.public, cert.kind, cert.serial, cert.dev) == (held.public, "host", 1, key_id(held.public))
    chain = await host_chain(house, held)
    assert (chain[0].typ, chain[0].pub) == (records.GENERATION, [1, 0, 0, 0, 0, 0, 0])
    dev = numbers(device.dev)
    assert [entry.pub[:2] for entry in chain if entry.typ == records.ENROLLED] == [dev]
    assert [entry.pub for entry in chain if entry.typ == records.REVOKED] == [[*dev, 0, chronicle.PERSON]]
    assert any(entry.typ == records.LOOKED for entry in chain)


async def test_an_entry_of_the_chain_tells_who_and_hides_it_behind_a_commitment(house: House) -> None:
    await homes.find(house.ctx, await house.actor("desk"), "120502")
    held = await the_log(house)
    async with house.ctx.store.read() as tx:
        rows = await accesslog.rows_from(tx, held.no, 0, 1000)
    (row,) = [row for row in rows if row[4] == records.LOOKED]
    half = Private.from_wire(shown(house, row) or b"")
    assert half.detail[:3] == ["Front desk", "desk", "home.find"]
    assert b"desk" not in row[-2]  # type: ignore[operator]


async def test_every_entry_of_every_device_is_a_leaf_in_the_order_it_was_stored(house: House) -> None:
    one, two = await house.enrolled("b12-door"), await house.enrolled("b13-door")
    filled(one, 70)
    filled(two, 5)
    async with one.connect() as a, two.connect() as b:
        await a.greet()
        await b.greet()
        await a.deliver(1, 64, START)
        await b.deliver(1, 5, START)
        first = b.index
        await a.deliver(65, 70, START)
    held, found = await the_log(house), await leaves(house)
    assert len(found) == held.size
    assert first is not None
    assert found[first] == two.log[4][0]
    assert [entry for entry in found if Entry.from_wire(entry).dev == one.dev] == [entry for entry, _ in one.log]
    made = await checkpoint(house)
    assert made.root == oracle.mth(found)
    assert notes.read(made.note).by_log(held.public, verify)


async def test_the_hosts_chain_is_sealed_when_a_checkpoint_is_made(house: House) -> None:
    await house.enrolled("b12-door")
    await checkpoint(house)
    held = await the_log(house)
    async with house.ctx.store.read() as tx:
        last = await accesslog.last_seal(tx, held.no)
    assert last is not None
    record = open_seal(last[1], held.public, verify)
    assert (record.seq, record.head) == (held.seq, held.head)
    assert await checkpoints.sign(house.ctx) is None  # nothing new


async def test_a_door_is_shown_its_newest_entry_and_cosigns(house: House) -> None:
    device = await house.enrolled("b12-door")
    filled(device, 9)
    async with device.connect() as link:
        await link.greet()
        await link.witnessed()
        await link.deliver(1, 5, START)
        first = await checkpoint(house)
        assert (await link.cosign()).seq == 5
        await link.deliver(6, 9, START)
        second = await checkpoint(house)
        shown = await link.cosign()
        assert (shown.first, shown.seq, device.witness.receipted) == (first.size, 9, 9)
    async with house.ctx.store.read() as tx:
        whole = notes.read(await checkpoints.note_of(tx, second))
    assert whole.witnessed(device.name, device.signer.public, verify) == START // 1000
    assert device.witness.root == second.root


async def test_a_door_that_comes_back_goes_on_from_what_it_took(house: House) -> None:
    device = await house.enrolled("b12-door")
    filled(device, 3)
    async with device.connect() as link:
        await link.greet()
        await link.deliver(1, 1, START)
        await link.witnessed()
        await checkpoint(house)
        await link.cosign()
        taken = device.witness.size
        await link.deliver(2, 3, START)
    await checkpoint(house)
    async with device.connect() as link:
        await link.greet()
        await link.witnessed()
        assert (await link.cosign()).first == taken


async def test_no_receipt_is_sent_before_the_door_said_what_it_took(house: House) -> None:
    device = await house.enrolled("b12-door")
    async with device.connect() as link:
        await link.greet()
        await checkpoint(house)
        await link.settle()
        assert all(kind != 61 for kind, _ in link.stash)


@pytest.mark.parametrize("bend", ["signature", "time", "size"])
async def test_a_forged_cosignature_ends_the_connection_and_is_not_kept(house: House, bend: str) -> None:
    device = await house.enrolled("b12-door")
    async with device.connect() as link:
        await link.greet()
        await link.witnessed()
        made = await checkpoint(house)
        signer = Signer(bytes(32)) if bend == "signature" else device.signer
        signature = signer.sign(notes.cosigned_message(notes.read(made.note).text, 1_800_000_000))
        time = 1_800_000_001 if bend == "time" else 1_800_000_000
        await link.say(31, 1, made.size + (bend == "size"), time, signature)
        assert await link.refusal() == "cosignature"
    async with house.ctx.store.read() as tx:
        assert await logs.cosignatures(tx, 1, made.size) == ()


async def test_a_door_that_refuses_the_log_is_an_alarm(house: House) -> None:
    device = await house.enrolled("b12-door")
    async with device.connect() as link:
        await link.greet()
        await link.witnessed("inclusion")
        await link.settle()
        await checkpoint(house)
        await link.settle()
        assert all(kind != 61 for kind, _ in link.stash)
    async with house.ctx.store.read() as tx:
        kinds = (await tx.execute(select(alarm.c.kind))).scalars().all()
    assert kinds == [WITNESS]


async def test_a_batch_of_a_revoked_device_that_still_waits_is_not_stored(house: House) -> None:
    device = await house.enrolled("b12-door")
    async with house.ctx.store.write() as tx:
        row = await rows.by_dev(tx, device.name)
        assert row is not None
        await rows.change(tx, row.no, state="revoked")
    size = (await the_log(house)).size
    late = accesslog.Verified(row.no, [(row.no << 40 | 1, *range(10), None, 1, b"entry", None)], b"", 0, 1, b"", b"", 0)  # type: ignore[list-item]
    with pytest.raises(DeviceRefused, match="revoked"):
        await accesslog.store(house.ctx.store, [late])
    assert (await the_log(house)).size == size


async def test_a_tree_somebody_rewrote_is_not_signed(house: House) -> None:
    device = await house.enrolled("b12-door")
    filled(device, 100)
    async with device.connect() as link:
        await link.greet()
        await link.deliver(1, 64, START)
        await checkpoint(house)
        await link.deliver(65, 100, START)
    async with house.ctx.store.write() as tx:
        await tx.execute(text("UPDATE log SET edge = zeroblob(length(edge))"))
    with pytest.raises(StoreError, match="rewritten"):
        await checkpoints.sign(house.ctx)


async def test_nothing_is_signed_over_an_older_database_put_under_a_running_host(house: House) -> None:
    """No door is needed to notice: the checkpoint beside the keys was signed over more."""
    await house.enrolled("b12-door")
    await checkpoint(house)
    older = Kept(house)
    await homes.find(house.ctx, await house.actor("desk"), "120502")
    lost = await checkpoint(house)
    older.back()
    await homes.find(house.ctx, await house.actor("desk"), "120502")
    assert await checkpoints.sign(house.ctx) is None
    held = await the_log(house)
    assert held.generation == 2
    assert (await host_chain(house, held))[0].pub == [2, 1, lost.size, *numbers(lost.root)]
    assert (await checkpoint(house)).generation == 2


async def test_a_checkpoint_that_somebody_took_out_is_put_back_from_beside_the_keys(house: House) -> None:
    await house.enrolled("b12-door")
    first = await checkpoint(house)
    async with house.ctx.store.write() as tx:
        await tx.execute(text("DELETE FROM checkpoint"))
    await homes.find(house.ctx, await house.actor("desk"), "120502")
    second = await checkpoint(house)
    assert (second.generation, second.size > first.size) == (1, True)
    async with house.ctx.store.read() as tx:
        found = await logs.checkpoint_at(tx, 1, first.size)
    assert found is not None
    assert found.note == first.note


# --- restore --------------------------------------------------------------------------------


async def test_a_restored_database_begins_a_new_generation_that_names_the_lost_checkpoint(tmp_path: Path) -> None:
    async with running(tmp_path) as house:
        device = await house.enrolled("b12-door")
        filled(device, 6)
        async with device.connect() as link:
            await link.greet()
            await link.deliver(1, 2, START)
            await checkpoint(house)
    shutil.copy(tmp_path / "kaimen.db", tmp_path / "backup.db")
    async with running(tmp_path) as house, reconnected(house, device) as link:
        await link.deliver(3, 4, START)
        lost = await checkpoint(house)
        await link.witnessed()
        await link.cosign()
    restore(tmp_path)
    async with running(tmp_path) as house:
        await checkpoints.look_back(house.ctx)
        held = await the_log(house)
        assert held.generation == 2
        chain = await host_chain(house, held)
        assert chain[0].pub == [2, 1, lost.size, *numbers(lost.root)]
        assert chain[1].pub[-1] == 2  # what the restored host has of the device
        async with house.ctx.store.read() as tx:
            assert await places.generation(tx) == 2
        told = device.witness.seen
        async with reconnected(house, device) as link:
            assert (link.resumes, link.index) == (2, None)
            assert told[:2] == [1, lost.size]
            assert from_numbers(told[2:]) == lost.root
            await link.deliver(5, 6, START)  # 3 and 4 were receipted and are dropped
            await link.witnessed()
            await checkpoint(house)
            assert (await link.cosign()).seq == 6


def restore(folder: Path) -> None:
    """Puts the backup back."""
    for old in folder.glob("kaimen.db*"):
        old.unlink()
    shutil.copy(folder / "backup.db", folder / "kaimen.db")


def reconnected(house: House, device: object) -> "Reconnected":
    return Reconnected(house, device)


class Reconnected:
    """A connection to a house that now listens elsewhere."""

    def __init__(self, house: House, device: object) -> None:
        device.claim.url = house.ctx.device_url  # type: ignore[attr-defined]
        self._link = device.connect()  # type: ignore[attr-defined]

    async def __aenter__(self) -> object:
        await self._link.__aenter__()
        return await self._link.greet()

    async def __aexit__(self, *wrong: object) -> None:
        await self._link.__aexit__(*wrong)


async def test_a_door_tells_a_host_restored_with_its_keys_what_it_lost(house: House) -> None:
    device = await house.enrolled("b12-door")
    held = await the_log(house)
    signer = house.ctx.keys.logs.signer(1)
    ahead = notes.signed(notes.origin(house.ctx.keys.estate.public, 1), held.size + 50, b"r" * 32, signer)
    async with device.connect() as link:
        await link.greet()
        await link.say(30, ahead, "")
        assert await link.refusal() in ("restored", "generation")
    made = await the_log(house)
    assert made.generation == 2
    assert (await host_chain(house, made))[0].pub == [2, 1, held.size + 50, *numbers(b"r" * 32)]


async def test_a_checkpoint_our_key_never_signed_tells_nothing(house: House) -> None:
    device = await house.enrolled("b12-door")
    forged = notes.signed(notes.origin(house.ctx.keys.estate.public, 1), 5000, b"r" * 32, device.signer)
    async with device.connect() as link:
        await link.greet()
        await link.say(30, forged, "")
        assert await link.refusal() == "signature"
    assert (await the_log(house)).generation == 1


async def test_a_door_follows_no_log_backwards(house: House) -> None:
    device = await house.enrolled("b12-door")
    device.witness.follow(7, bytes(32), 0)
    with pytest.raises(TrustError, match="rollback"):
        async with device.connect() as link:
            await link.greet()


# --- when -----------------------------------------------------------------------------------


def test_a_checkpoint_comes_five_seconds_after_the_first_leaf_and_not_twice_in_thirty() -> None:
    due = Due()
    assert not due.look(uncovered=False, now=0)
    assert not due.look(uncovered=True, now=1_000)
    assert not due.look(uncovered=True, now=999 + FIRST_MS)
    assert due.look(uncovered=True, now=1_000 + FIRST_MS)
    due.made(6_000)
    assert not due.look(uncovered=True, now=7_000)
    assert not due.look(uncovered=True, now=5_999 + BETWEEN_MS)
    assert due.look(uncovered=True, now=6_000 + BETWEEN_MS)
    due.made(36_000)
    assert not due.look(uncovered=False, now=200_000)
    assert not due.look(uncovered=True, now=201_000)
    assert due.look(uncovered=True, now=206_000)
