"""An administrator with every key of the host and its database, at work while the host runs and doors are connected.

He alters, deletes and moves rows, or puts an older database back, under a running host or before it starts again. Then
life goes on for a moment: doors write, deliver and are shown a checkpoint, the committee's witness is asked, the page
verifies, an export is made. Accepted is an export that is proof and lacks what a door had delivered, two readers of two
minds, and a page that says all is well over a log whose export does not hold.
"""

import asyncio
import io
import random
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import DBAPIError, NoResultFound
from tests.attack.bundle import ALTERED, HOLDS, by_the_core, by_the_file
from tests.host.device import Connection, Pair, Played
from tests.host.house import START, House
from tests.host.house import house as running
from tests.host.test_verify import Kept

from gatecore import frames
from gatecore.errors import GateError, TrustError
from gatecore.records import LOG
from gatehost.model.errors import HostError
from gatehost.service.evidence import audit, checkpoints, export, witness
from gatehost.service.evidence.export import Wanted
from gateverify import standalone
from gateverify import witness as outside

NAMES = ("b12-door", "gate-1-in")
TABLES = ("entry", "seal", "run", "tile", "log", "checkpoint", "cosignature", "device", "witness")
FREE = {  # of a device: what it is to people, and what it last said of itself
    *("slot", "kind", "model", "box", "request", "nonce", "digits", "since", "last_seen", "generation", "version"),
    *("quality", "storage_ok", "software", "state", "dev"),
}
BROKEN = (GateError, DBAPIError, NoResultFound)
AGAIN = 4
HEADS = ("kept", "gone", "older")  # the checkpoint beside the keys, when an older database is put back


@dataclass
class Attack:
    """What he does: statements, or an older database with this head beside the keys; before a restart or under the
    running host."""

    name: str
    statements: tuple[str, ...] = ()
    older: str = ""
    restart: bool = False


@dataclass
class Outcome:
    """Who noticed, and what an outsider makes of the export."""

    noticed: list[str] = field(default_factory=list)
    code: int = HOLDS
    why: str = ""
    wrong: str = ""


class Estate:
    """A running host with two doors as witnesses and the committee's, and the way back to where an attack begins."""

    def __init__(self, house: House, doors: list[Played]) -> None:
        self.house, self.doors = house, doors
        self.committee = outside.Kept("committee", b"c" * 32)
        self.older: Kept | None = None
        self.older_head = b""

    async def begin(self) -> None:
        """Delivers, witnesses and keeps a past, then goes on from there."""
        admin = await self.house.actor("admin")
        await witness.add(self.house.ctx, admin, "committee", outside.public_of(self.committee.secret).hex())
        await self.round(35, Outcome())
        self.older, self.older_head = Kept(self.house), self.house.ctx.keys.logs.head()
        await self.round(2, Outcome())
        said = standalone.trust_of((await witness.trust_file(self.house.ctx, admin)).encode())
        self.trust = standalone.Trust(said.estate, None, said.witnesses, 1)  # a door's word is at hand at an export
        await self.round(1, Outcome())
        self.kept, self.head = Kept(self.house), self.house.ctx.keys.logs.head()
        self.memory = [(one.chain.copy(), list(one.log), list(one.starts), one.witness.to_wire()) for one in self.doors]
        self.remembered = self.committee
        self.truth: list[Pair] = [pair for one in self.doors for pair in one.log]

    def back(self) -> None:
        """Everything as it was before the attack."""
        logs = self.house.ctx.keys.logs
        for number in range(2, logs.newest() + 1):
            (logs.folder / f"log-{number}.key").unlink()
        logs.put_head(self.head)
        self.kept.back()
        self.committee = self.remembered
        for one, (chain, log, starts, seen) in zip(self.doors, self.memory, strict=True):
            one.chain, one.log, one.starts = chain.copy(), list(log), list(starts)
            one.witness = type(one.witness)(one.claim.estate, seen)

    async def suffer(self, attack: Attack) -> Outcome:
        """The attack, and what everybody says of it at the next sync."""
        found = Outcome()
        try:
            if attack.restart:
                self._carry_out(attack)
                await self._started(found)
                await self.round(1, found)
            else:
                await self.round(1, found, attack)
            for _ in range(AGAIN if found.noticed else 0):  # who was hung up on comes back
                before = len(found.noticed)
                await self.round(1, found)
                if len(found.noticed) == before:
                    break
            await self._judged(found)
        except BROKEN as wrong:  # the host writes nothing any more, and says so in its log
            found.noticed.append(f"broken {type(wrong).__name__}")
        finally:
            self.back()
        return found

    def _carry_out(self, attack: Attack) -> None:
        logs = self.house.ctx.keys.logs
        if attack.older:
            assert self.older is not None
            self.older.back()
            if attack.older == "gone":
                (logs.folder / "log.head").unlink()
            elif attack.older == "older":
                logs.put_head(self.older_head)
        live = sqlite3.connect(self.house.folder / "kaimen.db")
        with live:
            for statement in attack.statements:
                live.execute(statement)
        live.close()

    async def _started(self, found: Outcome) -> None:
        try:
            await checkpoints.look_back(self.house.ctx)
        except HostError as wrong:
            found.noticed.append(f"start {wrong.code}")

    async def round(self, many: int, found: Outcome, attack: Attack | None = None) -> None:
        """Doors connect, write, deliver, are shown a checkpoint and cosign; the committee's witness is asked."""
        async with AsyncExitStack() as stack:
            links = [await self._connected(stack, door, found) for door in self.doors]
            if attack is not None:
                self._carry_out(attack)
            for link in [one for one in links if one is not None]:
                await self._delivered(link, many, found)
            try:
                await checkpoints.sign(self.house.ctx)
                await self.house.doors.show()
            except HostError as wrong:
                found.noticed.append(f"host {wrong.code}")
            for link in [one for one in links if one is not None]:
                await self._shown(link, found)
        await self._asked(found)

    async def _connected(self, stack: AsyncExitStack, door: Played, found: Outcome) -> Connection | None:
        generation, seen = door.witness.generation, door.witness.seen
        try:
            link = await stack.enter_async_context(door.connect())
            await link.greet()
            if door.witness.generation != generation:
                door.write(START, LOG, [door.witness.generation, *(seen or [0] * 6)])
            await link.witnessed()
            await link.settle()
        except (ConnectionError, TrustError) as wrong:
            found.noticed.append(f"door {wrong}")
            return None
        return link

    async def _delivered(self, link: Connection, many: int, found: Outcome) -> None:
        door = link.device
        for number in range(many):
            door.opened(START + len(door.log) * 1000, "120502", bytes([number] * 16))
        try:
            await link.deliver(link.resumes + 1, len(door.log), START)
        except (ConnectionError, TrustError) as wrong:
            found.noticed.append(f"door {wrong}")

    async def _shown(self, link: Connection, found: Outcome) -> bool:
        """Whether the connection is still up after the door answered what it was shown."""
        try:
            await link.settle()
            while any(kind == frames.RECEIPT for kind, _ in link.stash):
                try:
                    await link.cosign()
                except TrustError as wrong:
                    if wrong.code != "size":
                        raise
                    await link.witnessed("size")  # overtaken, or shown another's past: it is told what was taken
                    await link.settle()
        except TrustError as wrong:
            found.noticed.append(f"door {wrong}")
            return False
        except (ConnectionError, TimeoutError) as wrong:
            found.noticed.append(f"link {wrong}")
            return False
        return True

    async def _asked(self, found: Outcome) -> None:
        """The committee's member brings the request to the witness, and its line back."""
        ctx, admin = self.house.ctx, await self.house.actor("admin")
        try:
            asks = await witness.request(ctx, admin, "committee", None if self._anew() else self.committee.size)
            after, told = outside.judge(self.committee, ctx.keys.estate.public, asks)
            await witness.answer(ctx, admin, outside.cosignature(after, told, START // 1000).decode())
            self.committee = after
        except (HostError, standalone.Refused) as wrong:
            found.noticed.append(f"committee {wrong}")

    def _anew(self) -> bool:
        """Whether the host shows a log of a later generation, of which the witness took nothing yet."""
        return self.house.ctx.keys.logs.newest() > max(self.committee.generation, 1)

    async def _judged(self, found: Outcome) -> None:
        ctx, admin = self.house.ctx, await self.house.actor("admin")
        holds = all(one.ok for one in await audit.verify(ctx, admin))
        if not holds:
            found.noticed.append("page")
        try:
            data = await self._exported()
        except HostError as wrong:
            found.noticed.append(f"export {wrong.code}")
            found.wrong = f"no export ({wrong}) and the page says all is well" if holds else ""
            return
        (found.code, found.why), (core, _) = by_the_file(data, self.trust), by_the_core(data, self.trust)
        if found.code != core:
            found.wrong = f"stand-alone file {found.code} ({found.why}), core {core}"
        elif found.code == ALTERED:
            found.wrong = f"the page says all is well, the file is refused: {found.why}" if holds else ""
        else:
            self._lacking(data, found)

    def _lacking(self, data: bytes, found: Outcome) -> None:
        """What doors had delivered is in a file that holds, or the file says what is not."""
        report = standalone.Report()
        standalone.verify(io.BytesIO(data), self.trust, report)
        said = sum(one.missing + one.erased for one in report.devices)
        lacking = sum(entry not in data for entry, _ in self.truth) - report.restored
        hidden = sum(half is not None and half not in data for _, half in self.truth) - said - report.restored
        if lacking > 0 or hidden > 0:
            found.wrong = f"exit code {found.code} without {lacking} entries and {hidden} private halves"

    async def _exported(self) -> bytes:
        """The whole log, its last checkpoint cosigned by the doors that are connected."""
        async with AsyncExitStack() as stack:
            links = [await self._connected(stack, door, Outcome()) for door in self.doors]
            making, up = asyncio.create_task(self._pieces()), [one for one in links if one is not None]
            while not making.done():
                up = [link for link in up if await self._shown(link, Outcome())]
                await asyncio.wait((making,), timeout=0.01)
            return await making

    async def _pieces(self) -> bytes:
        admin = await self.house.actor("admin")
        told = export.pieces(self.house.ctx, admin, Wanted(), "who altered it?", "the committee")
        return b"".join([piece async for piece in told])


@asynccontextmanager
async def estate(folder: Path) -> AsyncIterator[Estate]:
    """One that runs."""
    async with running(folder) as house:
        made = Estate(house, [await house.enrolled(name) for name in NAMES])
        await made.begin()
        yield made


def past() -> Iterator[Attack]:
    """An older database, under the running host and before it starts."""
    for head in HEADS:
        for restart in (False, True):
            yield Attack(f"an older database, head {head}, restart {restart}", older=head, restart=restart)


def rows(path: Path, seed: int) -> Iterator[Attack]:
    """Each column of some rows of each table altered, rows deleted, two rows' contents exchanged."""
    chance, base = random.Random(seed), sqlite3.connect(path)
    for table in TABLES:
        columns = [(name, kind) for _, name, kind, *_ in base.execute(f"PRAGMA table_info({table})")]
        count = base.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        places = sorted({0, count - 1, chance.randrange(count)})
        for at in places:
            where = f"rowid = (SELECT rowid FROM {table} ORDER BY rowid LIMIT 1 OFFSET {at})"
            yield Attack(
                f"{table} {at} deleted", (f"DELETE FROM {table} WHERE {where}",), restart=chance.random() < 0.5
            )
            for name, kind in columns:
                if table == "device" and name in FREE:
                    continue
                for made in _altered(name, kind):
                    change = f"UPDATE OR REPLACE {table} SET {name} = {made} WHERE {where}"
                    yield Attack(f"{table} {at}: {name} = {made}", (change,), restart=chance.random() < 0.5)
        for name, _ in columns if count > 1 else ():
            if table != "device" or name not in FREE:
                other = f"(SELECT {name} FROM {table} WHERE rowid <> me.rowid ORDER BY rowid DESC LIMIT 1)"
                first = f"rowid = (SELECT min(rowid) FROM {table})"
                change = f"UPDATE OR REPLACE {table} AS me SET {name} = {other} WHERE {first}"
                yield Attack(f"{table}: {name} of another row", (change,), restart=chance.random() < 0.5)
    base.close()


def _altered(name: str, kind: str) -> list[str]:
    if kind in ("BLOB", "BYTEA"):
        return [f"CAST(substr({name}, 1, length({name}) - 1) || x'5a' AS BLOB)", "x''"]
    if kind == "TEXT":
        return [f"{name} || 'x'"]
    return [f"{name} + 1", f"{name} - 1"]


async def tried(made: Estate, attacks: Iterable[Attack]) -> tuple[int, list[str], Counter[str]]:
    """How many were tried, those accepted, and who noticed first of the others."""
    count, accepted, noticed = 0, list[str](), Counter[str]()
    for one in attacks:
        count += 1
        found = await made.suffer(one)
        if found.wrong:
            accepted.append(f"{one.name}, restart {one.restart}: {found.wrong} (noticed by {found.noticed})")
        noticed[found.noticed[0].split()[0] if found.noticed else "nothing lost"] += 1
    return count, accepted, noticed


async def everything(folder: Path, seed: int, every: int = 1) -> tuple[int, list[str], Counter[str]]:
    """All attacks, or each so many-th of those on rows, on an estate of its own."""
    async with estate(folder) as made:
        return await tried(made, [*past(), *list(rows(folder / "kaimen.db", seed))[::every]])
