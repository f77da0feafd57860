"""Device rows, claims, and the state published to each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from gatecore.sign import key_id
from gatehost.model.device import ACTIVE, PENDING, QUARANTINED
from gatehost.store.store import Tx, shaped
from gatehost.store.table.door import chunk, claim, device, state
from gatehost.store.table.estate import place, slot


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device as stored, with its slot's place and name, and the version of the state published to it."""

    no: int
    dev: str
    slot: str
    kind: str
    model: str
    public: bytes
    box: bytes | None
    request: bytes
    nonce: bytes
    digits: str
    state: str
    cert: bytes | None
    since: int
    last_seen: int | None
    generation: int
    version: int
    quality: int
    storage_ok: int
    software: str
    epoch: int
    seq: int
    head: bytes
    receipt: bytes | None
    receipt_before: bytes | None
    current: bytes | None
    place: str
    name: str
    sent_generation: int
    sent_version: int


_JOINED = (
    select(device, slot.c.place, place.c.name, state.c.generation.label("sg"), state.c.version.label("sv"))
    .join(slot, slot.c.id == device.c.slot)
    .join(place, place.c.id == slot.c.id)
    .outerjoin(state, state.c.device == device.c.no)
)


def _device(row: Sequence[Any]) -> DeviceRow:
    held = list(row)
    held[-2:] = [held[-2] or 0, held[-1] or 0]
    return shaped(DeviceRow, held)


async def by_dev(tx: Tx, dev: str) -> DeviceRow | None:
    """A device by its name (32 hex digits)."""
    row = (await tx.execute(_JOINED.where(device.c.dev == dev))).first()
    return None if row is None else _device(row)


async def by_current(tx: Tx, kid: str) -> DeviceRow | None:
    """A device that changed its key, by the id of its present one."""
    for row in await tx.execute(_JOINED.where(device.c.current.is_not(None))):
        held = _device(row)
        if held.current is not None and key_id(held.current).hex() == kid:
            return held
    return None


async def by_slot(tx: Tx, slot_id: str) -> DeviceRow | None:
    """The device that fills a slot: active, quarantined or pending, the newest first."""
    query = _JOINED.where(device.c.slot == slot_id, device.c.state.in_((ACTIVE, QUARANTINED, PENDING)))
    row = (await tx.execute(query.order_by(device.c.no.desc()))).first()
    return None if row is None else _device(row)


async def in_states(tx: Tx, *states: str) -> tuple[DeviceRow, ...]:
    """Devices in any of these states, oldest first; all without an argument."""
    query = _JOINED.where(device.c.state.in_(states)) if states else _JOINED
    return tuple(_device(row) for row in await tx.execute(query.order_by(device.c.no)))


async def vaults(tx: Tx) -> tuple[DeviceRow, ...]:
    """The desk units in service."""
    return tuple(unit for unit in await in_states(tx, "active") if unit.kind == "desk")


async def put(tx: Tx, values: dict[str, object]) -> int:
    """A new device row; its number."""
    done = await tx.execute(insert(device).values(**values))
    assert done.inserted_primary_key is not None
    return int(done.inserted_primary_key[0])


async def change(tx: Tx, no: int, **values: object) -> None:
    """Sets columns of a device."""
    await tx.execute(update(device).where(device.c.no == no).values(**values))


async def put_claim(tx: Tx, slot_id: str, hidden: bytes, until: int) -> None:
    """A claim; the slot's older unused ones end."""
    await tx.execute(delete(claim).where(claim.c.slot == slot_id, claim.c.used_at.is_(None)))
    await tx.execute(insert(claim).values(slot=slot_id, hidden=hidden, until=until, used_at=None))


async def claims(tx: Tx, slot_id: str) -> tuple[tuple[int, bytes, int, int | None], ...]:
    """(number, hidden token, until, used at) of a slot's claims, newest first."""
    query = select(claim.c.id, claim.c.hidden, claim.c.until, claim.c.used_at).where(claim.c.slot == slot_id)
    rows = await tx.execute(query.order_by(claim.c.id.desc()))
    return tuple((row[0], row[1], row[2], row[3]) for row in rows)


async def use_claim(tx: Tx, number: int, now: int) -> bool:
    """Uses a claim up; False if it was."""
    done = await tx.execute(update(claim).where(claim.c.id == number, claim.c.used_at.is_(None)).values(used_at=now))
    return done.rowcount == 1


async def open_claim_until(tx: Tx, slot_id: str, now: int) -> int | None:
    """Until when the slot's unused claim is good; None without one."""
    query = select(claim.c.until).where(claim.c.slot == slot_id, claim.c.used_at.is_(None), claim.c.until > now)
    return (await tx.execute(query)).scalar()


async def chunk_hashes(tx: Tx, no: int) -> list[bytes]:
    """The hashes of the chunks last published, in order."""
    rows = await tx.execute(select(chunk.c.hash).where(chunk.c.device == no).order_by(chunk.c.position))
    return list(rows.scalars())


async def put_state(
    tx: Tx, no: int, generation: int, version: int, header: bytes, chunks: list[tuple[bytes, bytes]]
) -> None:
    """The state published to a device: replaces the former one; `chunks` are (hash, bytes)."""
    await tx.execute(delete(state).where(state.c.device == no))
    await tx.execute(delete(chunk).where(chunk.c.device == no))
    await tx.execute(insert(state).values(device=no, generation=generation, version=version, header=header))
    if chunks:
        rows = [{"device": no, "position": at, "hash": h, "content": c} for at, (h, c) in enumerate(chunks)]
        await tx.execute(insert(chunk), rows)


async def header(tx: Tx, no: int) -> tuple[int, int, bytes] | None:
    """(generation, version, signed header) last published to a device."""
    query = select(state.c.generation, state.c.version, state.c.header).where(state.c.device == no)
    row = (await tx.execute(query)).first()
    return None if row is None else (row[0], row[1], row[2])


async def piece(tx: Tx, no: int, hashed: bytes) -> bytes | None:
    """A chunk of the device's own state by hash."""
    query = select(chunk.c.content).where(chunk.c.device == no, chunk.c.hash == hashed).limit(1)
    return (await tx.execute(query)).scalar()
