"""The first start after a restore, before anybody is served: what ended since the backup ends again.

A backup is of one moment. Who withdrew a face, lost a card, moved out or asked for erasure after it must not be brought
back by it. Then what is over by its time is erased, the log and the states begin a new generation, and nobody is signed
in. Cut off anywhere, the next start does it again: the marker goes last.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from gatehost.files import write_private
from gatehost.model.account import HOST
from gatehost.model.errors import NotFound, SettingsError, StoreError
from gatehost.service import hostclock, publish
from gatehost.service.context import Context
from gatehost.service.door import devices
from gatehost.service.evidence import checkpoints, erasure
from gatehost.service.face import withdrawal
from gatehost.service.home import leaving
from gatehost.service.office import retention
from gatehost.service.trail import note
from gatehost.store import endings, places
from gatehost.store.endings import Gone

MARKER, GONE = "restored", "restored.gone"
UNFINISHED = ".restoring"  # while it is there, DIR is no host's folder yet


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore left for the first start: which backup, of when (ms UTC), and the generation it begins."""

    name: str
    made: int
    generation: int


def mark(folder: Path, made: Restored, gone: bytes) -> None:
    """Leaves it in DIR, with the time it is surely later than."""
    hostclock.begin(folder, made.made)
    write_private(folder / GONE, gone)
    write_private(folder / MARKER, json.dumps([made.name, made.made, made.generation]).encode())


def pending(folder: Path) -> Restored | None:
    """What waits in DIR; None if nothing does."""
    path = folder / MARKER
    return Restored(*json.loads(path.read_bytes())) if path.exists() else None


async def finish(ctx: Context, folder: Path) -> bool:
    """Does what a restore has left to be done; whether there was anything. SettingsError if the list of what ended is
    damaged: nobody is served without it; or if the clock is before the backup: doors would take the state of that day,
    in a generation of its own, and hold nobody's right."""
    waiting = pending(folder)
    if waiting is None:
        return False
    if hostclock.standing(ctx).wrong == hostclock.BEHIND:
        raise SettingsError("this computer's clock is before the backup was made: set it, and start the host again")
    try:
        text = (folder / GONE).read_bytes()
        told = endings.read(text) if text else Gone()
    except (OSError, StoreError) as wrong:
        raise SettingsError(f"{folder / GONE} is damaged: restore the backup again") from wrong
    await checkpoints.begin_again(ctx, waiting.generation)  # before anything is written into the former chain
    await erasure.again(ctx)
    count = await _again(ctx, told)
    await retention.run(ctx)
    async with ctx.store.write() as tx:
        await note(ctx, tx, HOST, "host.restored", detail=f"{waiting.name} {count}")
    (folder / MARKER).unlink()
    (folder / GONE).unlink()
    return True


async def _again(ctx: Context, told: Gone) -> int:
    """Ends in this database what had ended elsewhere. How many things were said to have."""
    async with ctx.store.write() as tx:
        withdrawn = [number for table, number in told.rows if table == "consent"]
        faces = await endings.living_consents(tx, withdrawn)
        for person in faces:
            await leaving.end_face(ctx, tx, person)
            await withdrawal.paper_ended(ctx, tx, HOST, person)
        for (table, number), at in told.rows.items():
            await endings.end_row(tx, table, number, at)
        for number, state in told.ways.items():
            await endings.end_way(tx, number, state)
        homes = {ctx.keys.mark(endings.HOME, home): home for home in await places.home_numbers(tx)}
        for mark, at in told.homes.items():
            if mark in homes:
                await endings.forget_looks(tx, homes[mark], at)
        await endings.sign_out(tx)
        await publish.publish(ctx, tx)
    for dev in told.devices:
        try:
            await devices.revoke(ctx, HOST, dev, "revoked before the restore")
        except NotFound:
            continue  # let in after the backup: unknown here, and so refused
    return len(told.rows) + len(told.ways) + len(told.devices) + len(told.homes)
