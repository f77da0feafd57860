"""The access log as a file for somebody who believes neither this host nor its administrator (docs/protocol.md 7).

Each export is for somebody and for a reason: both are entered, in the same words, before the first byte leaves. Of a
database that somebody altered what is there is written, so that the file shows the place to whoever verifies it.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import pairwise

from gatecore import note as notes
from gatecore import records
from gatecore.errors import GateError
from gatecore.log import genesis
from gatecore.records import Entry, Private
from gatecore.sign import key_id
from gatecore.wire import encode
from gatecore.witness import numbers
from gatehost.model.account import RESIDENT, Actor
from gatehost.model.device import REVOKED
from gatehost.model.errors import BadInput, TooMany
from gatehost.service import tenure
from gatehost.service.context import Context
from gatehost.service.evidence import checkpoints
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import accesslog, devices, exhibits, logs
from gatehost.store.devices import DeviceRow
from gatehost.store.exhibits import Span
from gatehost.store.logs import Checkpoint, Log
from gatehost.store.store import Tx

PAGE = 500
RUNS = 2000  # in one line
MOST_REASON = 300
AT_ONCE = 3  # each holds a view of the database, of which there are few
WORD_S = 3.0  # how long connected doors have to cosign the checkpoint that an export ends with
WHOLE, PUBLIC, WINDOW, PERSON = "whole", "public", "window", "person"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to show: a scope, the doors (numbers) and times (ms) of a window, the home of a person's own records."""

    scope: str = WHOLE
    slots: tuple[str, ...] = ()
    since: int = 0
    until: int = 0
    home: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A section: its span, and the seqs whose private halves are shown (None: all)."""

    span: Span
    shown: frozenset[int] | None = None


@dataclass(slots=True)
class Made:
    """An export being written; of a home's own records those since a time."""

    ctx: Context
    tx: Tx
    wanted: Wanted
    since: int = 0
    parts: list[Part] = field(default_factory=list)
    logs: list[tuple[Log, list[Checkpoint]]] = field(default_factory=list)


async def pieces(
    ctx: Context, actor: Actor, wanted: Wanted | None = None, reason: str = "", requester: str = ""
) -> AsyncGenerator[bytes]:
    """The export, piece by piece, up to a checkpoint made for it, which connected doors cosign first. Entered with
    requester and reason. Nothing at all when nothing of it is stored. TooMany("exporting") while others are written;
    BadInput("reason" | "window" | "scope" | "home") for what cannot be given out so."""
    wanted = wanted or Wanted()
    if wanted.scope == PERSON:
        require(actor, "home.see", wanted.home)
    else:
        require(actor, "audit.verify" if wanted.scope == PUBLIC else "visit.export")
    check(wanted, reason, requester, own=actor.role == RESIDENT)
    if ctx.live.exporting >= AT_ONCE:
        raise TooMany("exporting")
    ctx.live.exporting += 1
    try:
        async with aclosing(_pieces(ctx, actor, wanted, reason, requester)) as written:
            async for piece in written:
                yield piece
    finally:
        ctx.live.exporting -= 1


async def _pieces(ctx: Context, actor: Actor, wanted: Wanted, reason: str, requester: str) -> AsyncGenerator[bytes]:
    async with ctx.store.write() as tx:
        about = " ".join([wanted.scope, *wanted.slots, requester]).strip()
        await note(ctx, tx, actor, "audit.export", wanted.home, about, reason)
    await checkpoints.sign(ctx)
    await ctx.doors.show(WORD_S)
    async with ctx.store.read() as tx:
        made = Made(ctx, tx, wanted, await tenure.since(ctx, tx, actor, wanted.home))
        await _choose(made)
        if not made.parts and wanted.scope == PERSON:
            raise BadInput("home", "nothing")
        if not made.parts:
            return
        yield encode(["gate-export/2", ctx.keys.estate.public, wanted.scope, len(made.parts), len(made.logs)])
        for part in made.parts:
            async for piece in _section(made, part):
                yield piece
        for held, shown in made.logs:
            async for piece in _log(made, held, shown):
                yield piece


def check(wanted: Wanted, reason: str, requester: str, own: bool = False) -> None:
    """BadInput for what is not given out: no such scope or window, and people's coming and going, all of it or a part,
    without a reason or a requester (row F4); a home's to itself (`own`) needs none."""
    if wanted.scope not in (WHOLE, PUBLIC, WINDOW, PERSON):
        raise BadInput("scope", "unknown")
    free = wanted.scope == PUBLIC or (wanted.scope == PERSON and own)
    if not free and not (reason.strip() and requester.strip()):
        raise BadInput("reason", "reason")
    if len(reason) > MOST_REASON or len(requester) > MOST_REASON:
        raise BadInput("reason", "reason")
    if wanted.scope == WINDOW and (not wanted.slots or wanted.since > wanted.until):
        raise BadInput("window", "window")


async def _choose(made: Made) -> None:
    """Which sections and logs there will be."""
    for held in await logs.all_logs(made.tx):
        shown = await exhibits.checkpoints(made.tx, held.generation)
        if not shown:
            continue
        parts = await _parts(made, held, shown[-1].size)
        if parts:
            made.parts += parts
            made.logs.append((held, shown))
    known = {one.no for one in await devices.in_states(made.tx) if one.cert} | {held.no for held, _ in made.logs}
    made.parts = [part for part in made.parts if part.span.no in known]
    made.parts.sort(key=lambda part: (part.span.no, part.span.first))


async def _parts(made: Made, held: Log, size: int) -> list[Part]:
    """The sections of one generation. The host's chain is whole in each; what people did is private in a part."""
    tx, wanted = made.tx, made.wanted
    if wanted.scope in (WHOLE, PUBLIC):
        found = await exhibits.spans(tx, held.generation, size)
        hidden = frozenset[int]() if wanted.scope == PUBLIC else None
        return [Part(span, None if span.no == held.no else hidden) for span in found]
    parts = await (_window(made, held, size) if wanted.scope == WINDOW else _of_home(made, held, size))
    host = await exhibits.spans(tx, held.generation, size, held.no)
    erased = frozenset(seq for seq, _ in await exhibits.of_types(tx, held.no, (records.ERASED,)))
    return [*(Part(span, erased) for span in host), *parts] if parts or wanted.scope == WINDOW else []


async def _window(made: Made, held: Log, size: int) -> list[Part]:
    """What the doors wrote from an instant to an instant; and, without their private halves, what lies between and on
    to an entry on either side whose time is known to be another, and to a seal: nothing at the ends was left out."""
    tx, wanted, found = made.tx, made.wanted, list[Part]()
    for device in await devices.in_states(tx):
        if device.slot not in wanted.slots:
            continue
        asked = await within(tx, device, wanted)
        start = min(asked) if asked else await exhibits.before(tx, device.no, wanted.since) + 1
        if not asked and device.state == REVOKED and start > device.seq:
            continue  # gone before these hours began
        former = await exhibits.surely_before(tx, device.no, start, wanted.since)
        later = await exhibits.surely_after(tx, device.no, max(asked, default=start - 1), wanted.until)
        for span in await exhibits.spans(tx, held.generation, size, device.no):
            first, last = max(span.first, former or 0), min(span.last, later or span.last)
            if first <= last:
                end = await exhibits.sealed_from(tx, device.no, last)
                found.append(Part(Span(device.no, held.generation, first, min(end or span.last, span.last)), asked))
    return found


async def within(tx: Tx, device: DeviceRow, wanted: Wanted) -> frozenset[int]:
    """The seqs of a device that a window asks for: those with a time in it. A clock that went back and forth has others
    between them."""
    return frozenset(await exhibits.between(tx, device.no, wanted.since, wanted.until))


async def _of_home(made: Made, held: Log, size: int) -> list[Part]:
    """A home's own entries, each with those after it up to the next seal; only its own private halves. One made under
    duress is left out: whoever forced it may be who reads this."""
    found: list[Part] = []
    whole = {}
    for number, half in await exhibits.of_home(made.tx, made.wanted.home, made.since):
        if _forced(made.ctx.store.shown(half)):
            continue
        no, seq = number >> logs.LEAF_BITS, accesslog.seq_of(number)
        if no not in whole:
            whole[no] = await exhibits.spans(made.tx, held.generation, size, no)
        span = next((one for one in whole[no] if one.first <= seq <= one.last), None)
        if span is None or span.no == held.no:
            continue
        end = min(await exhibits.sealed_from(made.tx, no, seq) or span.last, span.last)
        former = found[-1] if found and found[-1].span.no == no else None
        if former is not None and seq <= former.span.last + 1 and former.shown is not None:
            joined = Span(no, held.generation, former.span.first, max(end, former.span.last))
            found[-1] = Part(joined, former.shown | {seq})
        else:
            found.append(Part(Span(no, held.generation, seq, end), frozenset({seq})))
    return found


def _forced(half: bytes | None) -> bool:
    """Whether a private half says that its entry was made under duress."""
    try:
        detail = None if half is None else Private.from_wire(half).detail
    except GateError:
        return False
    return isinstance(detail, list) and len(detail) > 3 and detail[3] == 1


async def _section(made: Made, part: Part) -> AsyncIterator[bytes]:
    """The lines of one section."""
    span, tx = part.span, made.tx
    cert, public = await _cert(made, span.no)
    turns = await exhibits.changes(tx, span.no, records.KEY)
    before = genesis(public) if span.first == 1 else _before(await exhibits.raw(tx, span.no, span.first))
    earlier = [await _change(tx, span.no, seq) for seq in turns if seq < span.first]
    yield encode(["section", cert, span.first, before, span.last - span.first + 1, earlier])
    done = span.first - 1
    while done < span.last and (rows := await accesslog.rows_from(tx, span.no, done, min(PAGE, span.last - done))):
        for row in rows:
            done = accesslog.seq_of(row[0])  # type: ignore[arg-type]
            if done > span.last:
                break
            half = row[-1] if part.shown is None or done in part.shown else None
            yield encode([row[-2], made.ctx.store.shown(half)])
            if done in turns and done != span.last:
                yield encode(await _seal(tx, span.no, done))
    yield encode(await _seal(tx, span.no, span.last))


def _before(data: bytes) -> bytes:
    """The head that an entry names; zeros if it cannot be read."""
    try:
        return Entry.from_wire(data).prev
    except GateError:
        return bytes(32)


async def _cert(made: Made, no: int) -> tuple[bytes, bytes]:
    """Certificate and first public key of a device, or of a generation of the host."""
    for held, _ in made.logs:
        if held.no == no:
            return held.cert, held.public
    device = next(one for one in await devices.in_states(made.tx) if one.no == no)
    assert device.cert is not None, "a device without a certificate has no entries"
    return device.cert, device.public


async def _seal(tx: Tx, no: int, seq: int) -> bytes:
    return await exhibits.seal_at(tx, no, seq) or b""


async def _change(tx: Tx, no: int, seq: int) -> list[bytes]:
    return [await exhibits.raw(tx, no, seq), await _seal(tx, no, seq)]


async def _log(made: Made, held: Log, shown: Sequence[Checkpoint]) -> AsyncIterator[bytes]:
    """The lines of one log: checkpoints, who cosigned them, and where the entries stand in the tree."""
    tx = made.tx
    told, sizes = await _notes(tx, shown), [one.size for one in shown]
    proofs = await logs.reading(tx, held, lambda forest: [forest.consistency(a, b) for a, b in pairwise(sizes)])
    yield encode(["log", held.cert, told, proofs, await _witnesses(made, told)])
    if made.wanted.scope in (WHOLE, PUBLIC):
        async for piece in _leaves(made, held, sizes[-1]):
            yield piece
    else:
        for line in await _proofs(made, held, sizes[-1]):
            yield encode(line)
    yield encode(["end"])


async def _notes(tx: Tx, shown: Sequence[Checkpoint]) -> list[bytes]:
    """The checkpoints with their words. Of all but the oldest and the newest few only words that are their witness's
    last: a hundred doors that ended at a hundred checkpoints would not go into one line."""
    last = await exhibits.last_words(tx, shown[0].generation)
    whole = {one.size for one in (shown[0], *shown[-exhibits.NEWEST_COSIGNED - 1 :])}
    found = []
    for one in shown:
        names = None if one.size in whole else {name for name, size in last.items() if size == one.size}
        found.append(await checkpoints.note_of(tx, one, names))
    return found


async def _witnesses(made: Made, told: Sequence[bytes]) -> list[object]:
    """Certificate and key changes of every device whose word stands in these checkpoints."""
    names = {name for one in told for name in _cosigners(one)}
    found: list[object] = []
    for device in await devices.in_states(made.tx):
        if device.dev in names and device.cert is not None:
            turns = await exhibits.changes(made.tx, device.no, records.KEY)
            found.append([device.cert, [await _change(made.tx, device.no, seq) for seq in turns]])
    return found


def _cosigners(told: bytes) -> list[str]:
    """Who cosigned a checkpoint; nobody, if it cannot be read."""
    try:
        return [name for name, _, _ in notes.read(told).lines[1:]]
    except GateError:
        return []


async def _leaves(made: Made, held: Log, size: int) -> AsyncIterator[bytes]:
    """Runs of leaves in the order of the tree."""
    at = 0
    while at < size and (runs := await logs.runs(made.tx, held.generation, at, size, RUNS)):
        yield encode(["leaves", [list(_run(made, run.entry, run.count)) for run in runs]])
        at = runs[-1].index + max(1, runs[-1].count)


def _run(made: Made, number: int, count: int) -> tuple[int, int, int]:
    no, seq = number >> logs.LEAF_BITS, accesslog.seq_of(number)
    for at, part in enumerate(made.parts):
        if part.span.no == no and part.span.first <= seq <= part.span.last:
            return at, seq, count
    return len(made.parts), seq, count  # of a device that is gone: no section has them


async def _proofs(made: Made, held: Log, size: int) -> list[list[object]]:
    """Inclusion proofs of each section's first and last entry, and of the enrolments and revocations of its device."""
    mine = [(at, part.span) for at, part in enumerate(made.parts) if part.span.generation == held.generation]
    named = [numbers(key_id((await _cert(made, span.no))[1])) for _, span in mine if span.no != held.no]
    lines: list[list[object]] = []
    for at, span in mine:
        seqs = {span.first, span.last}
        if span.no == held.no:
            for seq, data in await exhibits.of_types(made.tx, span.no, (records.ENROLLED, records.REVOKED)):
                if seq <= span.last and Entry.from_wire(data).pub[:2] in named:
                    seqs.add(seq)
        for seq in sorted(seqs):
            index = await logs.place_of(made.tx, held.generation, span.no, seq)
            if index is None:
                continue
            path = await logs.reading(made.tx, held, lambda forest, index=index: forest.path(index, size))  # type: ignore[misc]
            lines.append(["leaf", at, seq, index, path])
    return lines
