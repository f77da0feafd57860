"""Cameras that read plates, and which of their events were taken."""

from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from gatehost.store.store import Tx, shaped
from gatehost.store.table.door import camera, plate_event


@dataclass(frozen=True, slots=True)
class CameraRow:
    """A camera as stored; `hidden` is its key under the host's."""

    id: int
    slot: str
    name: str
    hidden: bytes
    made_at: int
    last_at: int | None


_CAMERA = tuple(camera.c[name] for name in CameraRow.__slots__)


async def put(tx: Tx, slot: str, name: str, hidden: bytes, now: int, by: str) -> int:
    """A new camera; its number."""
    done = await tx.execute(insert(camera).values(slot=slot, name=name, hidden=hidden, made_at=now, made_by=by))
    assert done.inserted_primary_key is not None
    return int(done.inserted_primary_key[0])


async def get(tx: Tx, number: int) -> CameraRow | None:
    """A camera in use."""
    row = (await tx.execute(select(*_CAMERA).where(camera.c.id == number, camera.c.ended_at.is_(None)))).first()
    return None if row is None else shaped(CameraRow, row)


async def living(tx: Tx) -> tuple[CameraRow, ...]:
    """Every camera in use."""
    rows = await tx.execute(select(*_CAMERA).where(camera.c.ended_at.is_(None)).order_by(camera.c.id))
    return tuple(shaped(CameraRow, row) for row in rows)


async def end(tx: Tx, number: int, now: int) -> bool:
    """Ends a camera; False if there is none in use."""
    wanted = update(camera).where(camera.c.id == number, camera.c.ended_at.is_(None))
    return (await tx.execute(wanted.values(ended_at=now))).rowcount == 1


async def once(tx: Tx, number: int, mark: bytes, now: int) -> bool:
    """Takes note of an event; False if it was taken before."""
    held = select(plate_event.c.at).where(plate_event.c.camera == number, plate_event.c.mark == mark)
    if (await tx.execute(held)).first() is not None:
        return False
    await tx.execute(insert(plate_event).values(camera=number, mark=mark, at=now))
    await tx.execute(update(camera).where(camera.c.id == number).values(last_at=now))
    return True


async def forget(tx: Tx, before: int) -> None:
    """Forgets events that are too old to be believed again."""
    await tx.execute(delete(plate_event).where(plate_event.c.at < before))
