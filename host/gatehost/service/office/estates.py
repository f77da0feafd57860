"""An operator's estates: each says how many faces it stores, signed; the operator's page adds them up (row L10).

Every estate has a host of its own, and nothing but this statement goes from one to another: the estate's name, one
number and a time, under the estate's key. No person, home, door or entry of one estate can be seen from another.
"""

import base64
import binascii
from dataclasses import dataclass

from gatecore.clock import DAY_MS
from gatecore.errors import GateError
from gatecore.sign import key_id
from gatecore.wire import decode, encode, open_sign1, sign1
from gatehost.keys import verify
from gatehost.model.account import Actor
from gatehost.model.errors import BadInput, NotFound
from gatehost.model.place import ROOT
from gatehost.service import ruling
from gatehost.service.context import Context
from gatehost.service.office.assessment import WARN_AT, Faces
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import faces, places, sisters
from gatehost.store.sisters import Sister

PURPOSE = "gate-count/1"
STALE_MS, AHEAD_MS = 31 * DAY_MS, DAY_MS
LONGEST, LONGEST_NAME = 2_000, 100
_KEY = 32


@dataclass(frozen=True, slots=True)
class Estates:
    """This estate and the others: `here` and `total` are face counters, `stale` keys of estates that said nothing for
    a month."""

    name: str
    key: str
    here: Faces
    others: tuple[Sister, ...]
    total: Faces
    stale: frozenset[str]


async def statement(ctx: Context, actor: Actor) -> str:
    """What this estate says of itself, for the operator's page of another: base64 of key and signed record."""
    require(actor, "estates.tell")
    async with ctx.store.read() as tx:
        estate = await places.the_estate(tx)
        stored = await faces.stored(tx)
    name = "" if estate is None else estate.name[:LONGEST_NAME]
    signed = sign1(encode([PURPOSE, name, stored, ctx.clock() // 1000]), ctx.keys.estate)
    return base64.b64encode(ctx.keys.estate.public + signed).decode()


async def all_of(ctx: Context, actor: Actor) -> Estates:
    """The sum over all estates of the operator."""
    require(actor, "estates.see")
    async with ctx.store.read() as tx:
        estate = await places.the_estate(tx)
        others = await sisters.everyone(tx)
        stored, most = await faces.stored(tx), await ruling.number(tx, "faces.filing_threshold", ROOT)
    total = stored + sum(one.faces for one in others)
    stale = frozenset(one.estate for one in others if one.made_at < ctx.clock() - STALE_MS)
    name = "" if estate is None else estate.name
    return Estates(name, ctx.keys.estate.public.hex(), _judged(stored, most), others, _judged(total, most), stale)


def _judged(many: int, most: int) -> Faces:
    return Faces(many, most, many >= most * WARN_AT, many >= most)


async def take(ctx: Context, actor: Actor, text: str, key: str = "") -> Sister:
    """Takes in what another estate says; the first time `key` must be the line of its trust file. BadInput("statement",
    "damaged" | "own" | "older" | "ahead"), ("key", "missing" | "differs")."""
    require(actor, "estates.see")
    public, name, many, made = _read(text)
    if public == ctx.keys.estate.public:
        raise BadInput("statement", "own")
    if made > ctx.clock() + AHEAD_MS:
        raise BadInput("statement", "ahead")
    async with ctx.store.write() as tx:
        held = await sisters.get(tx, public.hex())
        if held is None:
            _known(public, key)
        elif made < held.made_at:
            raise BadInput("statement", "older")
        took = Sister(public.hex(), name, many, made, ctx.clock(), actor.name)
        await sisters.put(tx, took)
        await note(ctx, tx, actor, "estates.take", about=public.hex()[:16], detail=str(many))
    return took


def _known(public: bytes, key: str) -> None:
    told = key.strip().removeprefix("estate").strip().lower()
    if not told:
        raise BadInput("key", "missing")
    if told != public.hex():
        raise BadInput("key", "differs")


def _read(text: str) -> tuple[bytes, str, int, int]:
    """(public key, name, faces, ms UTC) of a statement that its own key signed."""
    try:
        data = base64.b64decode("".join(text.split())[:LONGEST], validate=True)
        public = data[:_KEY]
        purpose, name, many, made = decode(open_sign1(data[_KEY:], key_id(public), public, verify))
    except (GateError, ValueError, TypeError, binascii.Error):
        raise BadInput("statement", "damaged") from None
    shaped = isinstance(name, str) and 0 < len(name) <= LONGEST_NAME and _count(many) and _count(made)
    if purpose != PURPOSE or not shaped:
        raise BadInput("statement", "damaged")
    return public, name, many, made * 1000


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 40


async def forget(ctx: Context, actor: Actor, estate: str) -> None:
    """The operator runs it no more. NotFound("estate")."""
    require(actor, "estates.see")
    async with ctx.store.write() as tx:
        if await sisters.get(tx, estate) is None:
            raise NotFound("estate")
        await sisters.forget(tx, estate)
        await note(ctx, tx, actor, "estates.forget", about=estate[:16])
