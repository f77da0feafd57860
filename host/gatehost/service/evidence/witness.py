"""Witnesses outside the estate: their keys in the trust file, what they are asked, what they answer.

The host never has such a key. A witness takes a request from the page to a computer of its own, runs `kaimen witness
sign`, and brings back one line. The printed tree head needs no key at all: it is compared by eye, or typed here.
"""

import base64
import re
from dataclasses import dataclass

from gatecore import note as notes
from gatecore.bundlelog import Trust
from gatecore.errors import GateError
from gatehost.keys import sound, verify
from gatehost.model.account import Actor
from gatehost.model.errors import BadInput, NotFound
from gatehost.service.context import Context
from gatehost.service.evidence import checkpoints
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import devices, logs, witnesses
from gatehost.store.logs import Checkpoint, Cosignature

_NAME = re.compile(r"[!-*,-~]{1,128}")
_HEX = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class Head:
    """A tree head as it is printed."""

    generation: int
    size: int
    root: bytes

    @property
    def line(self) -> str:
        """The line of the trust file."""
        return f"head {self.generation} {self.size} {self.root.hex()}"


async def add(ctx: Context, actor: Actor, name: str, public: str) -> None:
    """A witness whose key was made elsewhere; BadInput("name" | "public") for one that cannot be."""
    require(actor, "witness.keep")
    if not _NAME.fullmatch(name):
        raise BadInput("name", "name")
    if not _HEX.fullmatch(public) or not sound(bytes.fromhex(public)):
        raise BadInput("public", "key")
    async with ctx.store.write() as tx:
        held = await witnesses.all_keys(tx)
        known = {device.dev for device in await devices.in_states(tx)}
        if name in held or name in known or bytes.fromhex(public) in held.values():
            raise BadInput("name", "taken")
        await witnesses.put(tx, name, bytes.fromhex(public), ctx.clock())
        await note(ctx, tx, actor, "witness.add", about=name)


async def end(ctx: Context, actor: Actor, name: str) -> None:
    """A witness whose key is lost is asked no more, and the next trust file does not demand it; its words stay."""
    require(actor, "witness.keep")
    async with ctx.store.write() as tx:
        if not await witnesses.drop(tx, name):
            raise NotFound("witness")
        await note(ctx, tx, actor, "witness.end", about=name)


async def known(ctx: Context, actor: Actor) -> dict[str, bytes]:
    """The witnesses outside, by name."""
    require(actor, "witness.ask")
    async with ctx.store.read() as tx:
        return await witnesses.all_keys(tx)


async def request(ctx: Context, actor: Actor, name: str, took: int | None = None) -> bytes:
    """What the witness is to judge: from the size it took last to the newest checkpoint (gateverify.witness). That is
    what we have its word for, or `took` if it says so: its line may have been lost. BadInput("took") if we never had
    so many."""
    require(actor, "witness.ask")
    await checkpoints.sign(ctx)
    async with ctx.store.read() as tx:
        held = await logs.newest(tx)
        newest = None if held is None else await logs.newest_checkpoint(tx, held.generation)
        public = (await witnesses.all_keys(tx)).get(name)
        if held is None or newest is None or public is None:
            raise NotFound("witness")
        old = await witnesses.took(tx, held.generation, name, public) if took is None else took
        if old > newest.size:
            raise BadInput("took", "took")
        path = await logs.reading(tx, held, lambda forest: forest.consistency(old, newest.size))
    lines = [b"old %d" % old, b"log " + base64.b64encode(held.cert), *(base64.b64encode(one) for one in path)]
    return b"\n".join([*lines, b"", newest.note])


async def answer(ctx: Context, actor: Actor, line: str) -> int:
    """Keeps a cosignature line under the checkpoint it is of; the size. BadInput("line") if it is of none of ours."""
    require(actor, "witness.ask")
    async with ctx.store.write() as tx:
        held, keys = await logs.newest(tx), await witnesses.all_keys(tx)
        newest = None if held is None else await logs.newest_checkpoint(tx, held.generation)
        made = None if newest is None else _judged(newest, keys, line.strip())
        if made is None:
            raise BadInput("line", "cosignature")
        await logs.put_cosignature(tx, made)
        await note(ctx, tx, actor, "witness.answer", about=made.name)
    return made.size


def _judged(under: Checkpoint, keys: dict[str, bytes], line: str) -> Cosignature | None:
    """The cosignature that a line is under a checkpoint, by a known witness; None if it is none."""
    try:
        read = notes.read(under.note + line.encode() + b"\n")
    except (GateError, UnicodeEncodeError):
        return None
    name, _, raw = read.lines[-1]
    public = keys.get(name)
    time = None if public is None else read.witnessed(name, public, verify)
    if public is None or time is None or len(read.lines) != 2:
        return None
    return Cosignature(under.generation, under.size, name, time, public, raw[8:])


async def first_head(ctx: Context) -> Head:
    """The oldest tree head of the log in use: the one that is printed at hand-over."""
    await checkpoints.sign(ctx)
    async with ctx.store.read() as tx:
        held = await logs.newest(tx)
        size = None if held is None else await witnesses.first_size(tx, held.generation)
        found = None if held is None or size is None else await logs.checkpoint_at(tx, held.generation, size)
    if found is None:
        raise NotFound("head")
    return Head(found.generation, found.size, found.root)


async def newest_head(ctx: Context) -> Head:
    """The newest tree head: what hangs on the notice board."""
    async with ctx.store.read() as tx:
        held = await logs.newest(tx)
        found = None if held is None else await logs.newest_checkpoint(tx, held.generation)
    return await first_head(ctx) if found is None else Head(found.generation, found.size, found.root)


async def same(ctx: Context, text: str) -> bool:
    """Whether a printed head, typed or scanned, is of the tree this host has. BadInput("head") if it is none."""
    words = text.split()
    if len(words) != 4 or words[0] != "head" or not all(re.fullmatch("[0-9]{1,18}", word) for word in words[1:3]):
        raise BadInput("head", "head")
    if not _HEX.fullmatch(words[3]):
        raise BadInput("head", "head")
    async with ctx.store.read() as tx:
        for held in await logs.all_logs(tx):
            if held.generation == int(words[1]) and 0 < int(words[2]) <= held.size:
                root = await logs.reading(tx, held, lambda forest: forest.root(int(words[2])))
                return root == bytes.fromhex(words[3])
    return False


async def trust(ctx: Context) -> Trust:
    """What a trust file handed over now would say: every witness, and how many are needed.

    All outside witnesses are demanded, and a third of the units in service, one at least. Boards are no witnesses
    (docs/adr/0075), and a checkpoint has room for so many words only."""
    head = await first_head(ctx)
    async with ctx.store.read() as tx:
        outside = await witnesses.all_keys(tx)
        doors = {one.dev: one.public for one in await devices.in_states(tx, "active") if one.kind != "board"}
    found = [(False, dev, public) for dev, public in doors.items()]
    found += [(True, name, public) for name, public in outside.items()]
    need = len(outside) + min((len(doors) + 2) // 3, notes.MAX_LINES - 1 - len(outside))
    return Trust(ctx.keys.estate.public, found, need, len(outside), (head.generation, head.size, head.root))


async def trust_file(ctx: Context, actor: Actor) -> str:
    """The trust file as it is handed over, in its lines."""
    require(actor, "witness.keep")
    made = await trust(ctx)
    assert made.head is not None
    lines = ["kaimen-trust 2", f"estate {made.estate.hex()}", Head(*made.head).line]
    for outside, name, public in made.witnesses:
        lines.append(f"witness {'outside' if outside else 'door'} {name} {public.hex()}")
    return "\n".join([*lines, f"need {made.need}", f"need outside {made.outside}"]) + "\n"
