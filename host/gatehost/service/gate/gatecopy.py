"""The gate's own copy: what its unit is given so that guards can work while the host is away (docs/adr/0095).

Who is inside with how sure that is, who is expected today, slips that may come to the gate, the hashed codes of guards,
and where visitors are accompanied. No history, no resident, no full phone number. A unit asks for it; whoever does not
ask gets none.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from gatecore import frames
from gatecore import gatecopy as g
from gatecore.clock import DAY_MS
from gatecore.wire import sign1
from gatehost.model.account import DESK, GUARD, Actor
from gatehost.model.case import Case
from gatehost.model.device import ACTIVE
from gatehost.model.place import GATE, ROOT
from gatehost.model.visit import EXPECTED, INSIDE, WAITING, Visit
from gatehost.service import ruling
from gatehost.service.context import Context
from gatehost.service.gate import gatedeed
from gatehost.service.gate.muster import LOOK_BACK_MS
from gatehost.service.home import rights
from gatehost.service.permissions import require
from gatehost.service.ports import News
from gatehost.service.trail import note
from gatehost.store import cases, devices, gatecopies, places, visits
from gatehost.store.devices import DeviceRow
from gatehost.store.store import Tx

PASS_MS = 7 * DAY_MS
AWAITED_MS = DAY_MS
SOON_S, EVERY_S = 1.0, 60.0
LARGEST = 900_000  # bytes of an inside: a frame holds 1 MiB
_LISTENER = Actor(0, "", "", GUARD, (), "zh_CN", False)
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


async def give_pass(ctx: Context, actor: Actor) -> tuple[str, int]:
    """(what a guard types at a gate's unit, until when): shown once, kept as a salted slow hash."""
    require(actor, "gate.pass")
    code = f"{int.from_bytes(ctx.random(8), 'big') % 10**g.CODE_DIGITS:0{g.CODE_DIGITS}}"
    salt, until = ctx.random(g.SALT), ctx.clock() + PASS_MS
    async with ctx.live.hashing:
        hashed = await asyncio.to_thread(slow_hash, code, salt)
    async with ctx.store.write() as tx:
        await gatecopies.put_pass(tx, actor.account, salt, hashed, ctx.clock(), until)
        await note(ctx, tx, actor, "gate.pass")
    await offer(ctx)
    return f"{actor.account} {code[:4]} {code[4:]}", until


def slow_hash(code: str, salt: bytes) -> bytes:
    """scrypt of a code (RFC 7914), as the unit makes it."""
    return hashlib.scrypt(code.encode(), salt=salt, n=g.ROUNDS, r=g.BLOCK, p=g.LANES, maxmem=64 << 20, dklen=g.HASH)


async def has_copy(ctx: Context, actor: Actor, gate: str) -> bool:
    """Whether a unit at this gate has a copy, so that a code is of use there."""
    require(actor, "gate.see")
    async with ctx.store.read() as tx:
        return any([await _gate_of(tx, dev) == gate for dev in await gatecopies.keepers(tx)])


async def asked(ctx: Context, dev: str, generation: int, number: int) -> None:
    """A unit asks for its gate's copy, and for newer ones from now on; one that stands at no gate gets none."""
    async with ctx.store.write() as tx:
        row = await devices.by_dev(tx, dev)
        if row is None or row.kind != "door" or row.box is None or await _gate_of(tx, dev) is None:
            return  # a wrong setting is no reason to lose a door's link
        held = await gatecopies.keep(tx, row.no)
        if (generation, number) > (held.generation, held.number):  # this host is restored from a backup
            await gatecopies.number(tx, row.no, generation, number, ctx.clock())
    ctx.live.copies[dev] = b""
    await gatedeed.take(ctx, dev)
    await _send(ctx, dev)


async def offer(ctx: Context) -> int:
    """Sends a newer copy to every connected unit whose copy would say something else; to how many."""
    return sum([await _send(ctx, dev) for dev in list(ctx.live.copies)])


async def keep_sending(ctx: Context, pause: Callable[[float], Awaitable[None]]) -> None:
    """Until cancelled: soon after something changed at a gate, and each minute, whoever has a copy gets a newer."""
    while True:
        async with ctx.pages.open(_LISTENER) as news:
            while await _heard(news):
                await pause(SOON_S)
                await offer(ctx)


async def _heard(news: AsyncIterator[News]) -> bool:
    """Whether something happened, or a minute passed; False when there is nothing more to hear."""
    try:
        async with asyncio.timeout(EVERY_S):
            return await anext(news, None) is not None
    except TimeoutError:
        return True


def went(ctx: Context, dev: str) -> None:
    """The unit's connection ended; it asks again when it is back."""
    ctx.live.copies.pop(dev, None)


async def _gate_of(tx: Tx, dev: str) -> str | None:
    row = await devices.by_dev(tx, dev)
    slot = None if row is None or row.state != ACTIVE else await places.get_slot(tx, row.slot)
    place = None if slot is None else await places.get(tx, slot.place)
    return place.id if place is not None and place.kind == GATE else None


async def _send(ctx: Context, dev: str) -> bool:
    if not ctx.doors.connected(dev):
        return False
    async with ctx.live.copying:  # a higher number never carries an older inside
        async with ctx.store.read() as tx:
            row, gate = await devices.by_dev(tx, dev), await _gate_of(tx, dev)
            held = None if row is None else await gatecopies.sent(tx, row.no)
            if row is None or gate is None or held is None:
                return False
            inside = await _inside(ctx, tx, gate)
        told = hashlib.sha256(inside + held.read.to_bytes(8, "big")).digest()
        if ctx.live.copies.get(dev) == told:
            return False
        async with ctx.store.write() as tx:
            data = await _sealed(ctx, tx, row, held, inside)
        ctx.live.copies[dev] = told
        return ctx.doors.send(dev, frames.COPY, data)


async def _sealed(ctx: Context, tx: Tx, row: DeviceRow, held: gatecopies.CopyRow, inside: bytes) -> bytes:
    """The copy signed for one device; its number only ever rises."""
    assert row.box is not None
    generation, now = await places.generation(tx), ctx.clock()
    before = held.number if held.generation == generation else 0
    number = max(before + 1, now)
    dev = bytes.fromhex(row.dev)
    bound = g.info(ctx.keys.estate.public, dev, generation, number)
    sealed = _SUITE.encrypt(inside, X25519PublicKey.from_public_bytes(row.box), bound)
    await gatecopies.number(tx, row.no, generation, number, now)
    made = now // 1000
    header = g.Copy(dev, generation, number, made, made + g.KEPT_S, held.read, sealed)
    return sign1(header.to_wire(), ctx.keys.policy)


async def _inside(ctx: Context, tx: Tx, gate: str) -> bytes:
    now, place = ctx.clock(), await places.get(tx, gate)
    here = await visits.inside(tx)
    gone = await visits.unseen_exits(tx, now - LOOK_BACK_MS)
    awaited = await visits.expected_between(tx, now - AWAITED_MS, now + AWAITED_MS)
    shown = (*here, *gone, *awaited)
    names = await places.names(tx, {where for one in shown for where in (one.home, one.building) if where})
    stays = [_stay(one, names) for one in shown][: g.MOST_STAYS]
    guards = [
        [one.account, one.name, one.salt, one.hash, one.until // 1000]
        for one in await gatecopies.passes(tx, now)
        if one.role in (GUARD, DESK)
    ]
    slips = [slip for slip in [await _slip(tx, case, gate, now) for case in await _papers(tx)] if slip is not None]
    escort = await _escort(tx)
    made = g.inside("" if place is None else place.name, guards[: g.MOST_GUARDS], stays, slips[: g.MOST_SLIPS], escort)
    while len(made) > LARGEST:
        stays = stays[: len(stays) // 2]
        made = g.inside("" if place is None else place.name, guards, stays, [], escort)
    return made


def _stay(one: Visit, names: dict[str, str]) -> list[Any]:
    state = g.INSIDE if one.state == INSIDE else g.EXPECTED if one.state in (EXPECTED, WAITING) else g.POSSIBLE
    since = (one.in_at or one.asked_at) // 1000
    return [
        one.id, state, one.kind, one.name, one.plate, one.phone[-4:], one.home or "", names.get(one.home or "", ""),
        names.get(one.building or "", ""), one.heads, since, (one.planned_until or 0) // 1000, int(bool(one.safe_at)),
    ]  # fmt: skip


async def _escort(tx: Tx) -> list[Any]:
    """Where visitors come in with somebody of the home only (docs/adr/0118)."""
    rulings = await ruling.load(tx)
    everywhere = rulings.rule(rights.ESCORT, ROOT).value == "on"
    apart = rulings.decided_at(rights.ESCORT) - {ROOT}
    paths = await places.homes_below(tx, apart) if apart else ()
    others = [path[0] for path in paths if (rulings.rule(rights.ESCORT, *path, ROOT).value == "on") != everywhere]
    return [int(everywhere), others]


async def _papers(tx: Tx) -> tuple[Case, ...]:
    return await cases.listed(tx, ("item_release",), ("approved", "at_gate"), limit=g.MOST_SLIPS)


async def _slip(tx: Tx, case: Case, gate: str, now: int) -> list[Any] | None:
    """A slip that may come to this gate today."""
    since, until = case.window(now)
    named = str(case.form.get("gate") or "")
    if until < now or since > now + AWAITED_MS or (named and gate not in named.split(",")):
        return None
    paper = await cases.paper(tx, case.id)
    goods = [] if paper is None else [[line.what, line.qty or 0] for line in paper.goods()]
    mover = str(case.form.get("mover") or case.form.get("name") or "")
    return [case.number, mover, case.place if case.place.isdigit() else "", since // 1000, until // 1000, goods]
