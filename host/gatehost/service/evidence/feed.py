"""The estate's events for other systems (row B22): what doors did, signed, without homes, people or codes.

A receiver (smart home, emergency call, a building's own system) gives an address; it gets a key and then, in the order
of the log, every opening, refusal, forced or held door, opened case and fire signal since. Nothing of a duress. What
could not be delivered is sent again until it was; an event says its place in the log, so that twice is once.
"""

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import urlsplit

from gatecore import records
from gatecore.records import Entry
from gatehost.model.account import Actor
from gatehost.model.errors import BadInput, NotFound, TooMany
from gatehost.service.context import Context
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import accesslog, devices, feeds, logs
from gatehost.store.accesslog import EntryLine
from gatehost.store.feeds import FeedRow
from gatehost.store.logs import Log
from gatehost.store.store import Tx
from gatehost.store.table.log import SEQ_BITS

MOST, LONGEST, BATCH = 5, 200, 200
# where clouds tell a machine its own secrets, beside 169.254.169.254
CLOUD = (ip_address("100.100.100.200"), ip_address("fd00:ec2::254"))
STAMP, SIGNATURE = "X-Kaimen-Time", "X-Kaimen-Signature"
WAYS = {
    records.FACE: "face", records.CODE: "code", records.PIN: "pin", records.CARD: "card", records.REMOTE: "remote",
    records.FACE_AT_HOME: "face",
}  # fmt: skip
WHATS = {records.FORCED: "forced", records.HELD: "held", records.TAMPER: "tamper", records.EXIT: "exit"}

Feed = FeedRow  # as the host's loop and pages see one


@dataclass(frozen=True, slots=True)
class Batch:
    """What to send next: the body and its headers ("" when nothing of it is told), and where the feed is then."""

    body: bytes
    headers: dict[str, str]
    generation: int
    sent: int


async def add(ctx: Context, actor: Actor, url: str) -> tuple[int, str]:
    """(number, key in hex, shown this once) of a feed to an address, from now on. BadInput("url"), TooMany("feeds")."""
    require(actor, "feed.edit")
    url = checked(url)
    key = ctx.random(32).hex()
    async with ctx.store.write() as tx:
        if len(await feeds.living(tx)) >= MOST:
            raise TooMany("feeds", most=MOST)
        held = await logs.newest(tx)
        generation, sent = (0, 0) if held is None else (held.generation, held.size)
        hidden = ctx.keys.hide(key, ctx.random(12))
        number = await feeds.put(tx, url, hidden, generation, sent, ctx.clock(), actor.name)
        await note(ctx, tx, actor, "feed.edit", about=str(number), detail=url)
    return number, key


def checked(url: str) -> str:
    """An address events can be posted to: http or https, no name or password in it, and a receiver may be there.
    BadInput("url", "url" | "nobody")."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise BadInput("url", "url") from None
    plain = url.isascii() and url.isprintable() and " " not in url
    if not (good and plain and len(url) <= LONGEST) or parts.username is not None or parts.fragment:
        raise BadInput("url", "url")
    if not may_reach(parts.hostname or ""):
        raise BadInput("url", "nobody")
    return url


def may_reach(host: str) -> bool:
    """Whether events may be posted to a computer: to one of the estate's network, this one included, or outside; never
    to addresses that are no receiver's (a cloud's own, those of one cable, of many or of nobody; docs/adr/0165). A name
    may be anything: what it stands for is asked again at each connection."""
    try:
        found = ip_address(host)
    except ValueError:
        return True
    plain = getattr(found, "ipv4_mapped", None) or found
    nobody = plain.is_link_local or plain.is_multicast or plain.is_unspecified or plain.is_reserved
    return not nobody and plain not in CLOUD


async def end(ctx: Context, actor: Actor, number: int) -> None:
    """Nothing more is sent there. NotFound("feed")."""
    require(actor, "feed.edit")
    async with ctx.store.write() as tx:
        if not await feeds.change(tx, number, ended_at=ctx.clock()):
            raise NotFound("feed")
        await note(ctx, tx, actor, "feed.edit", about=str(number), detail="ended")


async def listed(ctx: Context, actor: Actor) -> tuple[FeedRow, ...]:
    """Every feed in use, with when it last took something and why not."""
    require(actor, "feed.edit")
    return await living(ctx)


async def living(ctx: Context) -> tuple[FeedRow, ...]:
    """The same for the host itself."""
    async with ctx.store.read() as tx:
        return await feeds.living(tx)


async def batch(ctx: Context, feed: FeedRow) -> Batch | None:
    """The next events in the order of the log; None when the feed has everything."""
    async with ctx.store.read() as tx:
        held = await _log(tx, feed)
        if held is None:
            return None
        log, first = held
        rows = await _rows(tx, log, first)
        names = {device.no: device.slot for device in await devices.in_states(tx)}
    told = [one for at, row in enumerate(rows, first) if (one := _event(log.generation, at, row, names)) is not None]
    sent = first + len(rows)
    if not told:
        return Batch(b"", {}, log.generation, sent)
    body = json.dumps({"events": told}, separators=(",", ":")).encode()
    return Batch(body, signed(ctx.keys.reveal(feed.hidden), ctx.clock() // 1000, body), log.generation, sent)


def signed(key: str, stamp: int, body: bytes) -> dict[str, str]:
    """The headers of a body: the time in seconds, and HMAC-SHA-256 over time, a dot and the body."""
    made = hmac.new(bytes.fromhex(key), str(stamp).encode() + b"." + body, sha256).hexdigest()
    return {STAMP: str(stamp), SIGNATURE: made, "Content-Type": "application/json"}


async def _log(tx: Tx, feed: FeedRow) -> tuple[Log, int] | None:
    """The generation the feed reads next and its first leaf; a finished one leads to the one after it."""
    for log in await logs.all_logs(tx):
        first = feed.sent if log.generation == feed.generation else 0
        if log.generation >= feed.generation and first < log.size:
            return log, first
    return None


async def _rows(tx: Tx, log: Log, first: int) -> Sequence[EntryLine]:
    runs = await logs.runs(tx, log.generation, await logs.run_at(tx, log.generation, first), log.size, BATCH)
    numbers = [run.entry + step for run in runs for step in range(run.count) if run.index + step >= first][:BATCH]
    by_id = {row.id: row for row in await accesslog.by_ids(tx, numbers)}
    return [by_id[number] for number in numbers]


def _event(generation: int, leaf: int, row: EntryLine, names: dict[int, str]) -> dict[str, object] | None:
    """What others may know of an entry; None for what is nobody else's."""
    door = names.get(row.id >> SEQ_BITS)
    if door is None:
        return None
    event: dict[str, object] = {"log": f"{generation}:{leaf}", "at": row.at, "door": door}
    if row.typ == records.ACCESS:
        way = Entry.from_wire(row.entry).pub[0]
        opened = "opened" if row.result else "refused"
        return event | {"what": opened, "by": WAYS.get(row.method or 0, ""), "way": "out" if way else "in"}
    if row.typ == records.FIRE:
        return event | {"what": "fire" if Entry.from_wire(row.entry).pub[:1] == [1] else "fire_over"}
    return event | {"what": WHATS[row.typ]} if row.typ in WHATS else None


async def delivered(ctx: Context, feed: FeedRow, made: Batch) -> None:
    """The feed has taken a batch, or there was nothing in it to tell."""
    async with ctx.store.write() as tx:
        values: dict[str, object] = {"last_at": ctx.clock()} if made.body else {}
        await feeds.change(tx, feed.id, generation=made.generation, sent=made.sent, last_error="", **values)


async def failed(ctx: Context, feed: FeedRow, why: str) -> None:
    """It did not: said on the admin's page, and tried again."""
    if why[:60] != feed.last_error:
        async with ctx.store.write() as tx:
            await feeds.change(tx, feed.id, last_error=why[:60])
