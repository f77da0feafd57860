"""The report that goes with an export: what was asked, what is shown, who vouches for it, how to check it oneself.

It is made from the export's own bytes, read by the core's reader as the committee's verifier would: what the report
says holds, holds in the file it names. It is proof of nothing by itself, and says so.
"""

import asyncio
import io
from dataclasses import dataclass, replace
from hashlib import sha256

from gatecore import bundle
from gatecore.bundle import Verdict
from gatecore.bundlelog import Trust
from gatecore.bundlesection import HOST, Section
from gatecore.errors import GateError
from gatecore.records import Entry
from gatehost.keys import verify
from gatehost.model.account import Actor
from gatehost.model.errors import BadInput, StoreError
from gatehost.model.visit import Line
from gatehost.service import columns
from gatehost.service.context import Context
from gatehost.service.evidence import export, visits, witness
from gatehost.service.evidence.export import WINDOW, Wanted
from gatehost.service.evidence.witness import Head
from gatehost.store import accesslog, devices
from gatehost.store.accesslog import entry_id
from gatehost.store.store import Store, Tx

LARGEST = 8 << 20  # bytes of an export that a page can carry
MOST_LINES = 500
DISCLOSED, ERASED, MISSING, NONE, BESIDE = "disclosed", "erased", "missing", "none", "beside"


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry of the report: its line, and what became of its private part."""

    line: Line
    private: str


@dataclass(frozen=True, slots=True)
class Part:
    """What a door shows: its first and last entry, how many of them were asked for, how many private parts of each
    kind, the entries themselves. Entries beside those asked for show that nothing between was left out."""

    door: str
    first: int
    last: int
    asked: int
    counts: dict[str, int]
    lines: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """What a witness vouches for last: so many leaves, at that time (ms by its own clock)."""

    name: str
    outside: bool
    size: int
    at: int


@dataclass(frozen=True, slots=True)
class Report:
    """The export and what it shows. `flaw` is the core's word for why it does not hold, empty if it does; `proven`:
    witnessed as a trust file handed over now demands."""

    data: bytes
    digest: str
    flaw: str
    proven: bool
    head: Head
    parts: tuple[Part, ...]
    words: tuple[Word, ...]
    outside: int
    lost: int


async def make(ctx: Context, actor: Actor, wanted: Wanted, why: str, paper: str, whom: str) -> Report:
    """The export of a window with its report; asked by `whom`, why, and on what paper.

    BadInput("paper" | "window" | "reason", ...) for what is not given out so."""
    if not paper.strip() or len(paper) > export.MOST_REASON:
        raise BadInput("paper", "paper")
    if wanted.scope != WINDOW:
        raise BadInput("window", "window")
    data, trust = bytearray(), await witness.trust(ctx)
    try:
        async for piece in export.pieces(ctx, actor, wanted, f"{why} ({paper})"[: export.MOST_REASON], whom):
            data += piece
            if len(data) > LARGEST:
                raise BadInput("window", "large")
        found = await asyncio.to_thread(bundle.check, io.BytesIO(data).read, verify, trust)
        return await _told(ctx, actor, bytes(data), found, trust, wanted)
    except (GateError, StoreError) as wrong:
        return Report(b"", "", wrong.code, False, await witness.newest_head(ctx), (), (), trust.outside, 0)


async def _told(ctx: Context, actor: Actor, data: bytes, found: Verdict, trust: Trust, wanted: Wanted) -> Report:
    parts = [await _part(ctx, actor, one, found, wanted) for one in found.sections if one.kind != HOST]
    restored = sum(last - first + 1 for _, first, last, why in found.lost if why == "restore")
    words = _words(found, {name for outside, name, _ in trust.witnesses if outside})
    newest, digest = found.logs[-1], sha256(data).hexdigest()
    head = Head(newest.generation, newest.size, newest.roots[newest.size])
    return Report(data, digest, "", found.proven, head, tuple(parts), words, trust.outside, restored)


async def _part(ctx: Context, actor: Actor, one: Section, found: Verdict, wanted: Wanted) -> Part:
    last = min(one.last, one.first + MOST_LINES - 1)
    async with ctx.store.read() as tx:
        device = await devices.by_dev(tx, one.dev.hex())
        assert device is not None, "an export is of devices that are known"
        asked = await export.within(tx, device, wanted)
        await _as_written(ctx.store, tx, device.no, one.first, last)
    lines = await visits.of_entries(ctx, actor, [entry_id(device.no, seq) for seq in range(one.first, last + 1)])
    states = {seq: MISSING if seq in asked else BESIDE for seq in one.absent}
    states |= {seq: ERASED for seq in one.absent if (one.dev, seq) in found.gone}
    states |= dict.fromkeys(one.given, DISCLOSED)
    shown = [_shown(line, states.get(line.seq, NONE)) for line in lines]
    counts = {state: list(states.values()).count(state) for state in (DISCLOSED, ERASED, MISSING, BESIDE)}
    here = sum(one.first <= seq <= one.last for seq in asked)
    return Part(device.name, one.first, one.last, here, counts, tuple(shown))


async def _as_written(store: Store, tx: Tx, no: int, first: int, last: int) -> None:
    """StoreError("columns") if a line of these entries would say something else than their own bytes do."""
    for number, *row in await accesslog.rows_from(tx, no, first - 1, last - first + 1):
        entry, half = Entry.from_wire(row[-2]), store.shown(row[-1])  # type: ignore[arg-type]
        if columns.row(no, row[1], entry, row[-2], half) != (number, *row[:-1], half):  # type: ignore[arg-type]
            raise StoreError("columns")


def _shown(line: Line, private: str) -> Shown:
    """The line; of who it was only what the file tells too."""
    if private != DISCLOSED:
        line = replace(line, home="", person="", visitor="", code=None)
    return Shown(line, private)


def _words(found: Verdict, outside: set[str]) -> tuple[Word, ...]:
    """The newest word of each witness in the newest log shown."""
    newest = {name: Word(name, name in outside, size, time * 1000) for name, size, time in found.logs[-1].words}
    return tuple(sorted(newest.values(), key=lambda word: (not word.outside, word.name)))
