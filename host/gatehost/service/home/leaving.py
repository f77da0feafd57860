"""Off-boarding in one step: who leaves a home loses every way in, and what is still loaded somewhere is asked back."""

from dataclasses import dataclass

from gatecore import frames
from gatehost.model.account import Actor
from gatehost.model.credential import ERASED, OLD, WITHDRAWN
from gatehost.model.errors import NotFound
from gatehost.service import gone, publish
from gatehost.service.context import Context
from gatehost.service.face import withdrawal
from gatehost.service.home import rights
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import accounts, codes, devices, faces, grants, people, pins, places
from gatehost.store.store import Tx

KINDS = ("card", "plate")


@dataclass(frozen=True, slots=True)
class Left:
    """What ended with a person's last tie to a home; `faces_at` are devices that have still to confirm."""

    party: str
    name: str
    cards: int
    plates: int
    rights: int
    face: bool
    faces_at: tuple[str, ...]


async def off_board(ctx: Context, actor: Actor, home: str, why: str) -> tuple[Left, ...]:
    """Everybody of a home leaves it now. NotFound("home")."""
    require(actor, "home.leave", home)
    async with ctx.store.write() as tx:
        left = await home_left(ctx, tx, actor, home, why)
        changed = await publish.publish(ctx, tx)
    publish.announce(ctx, changed)
    await forget(ctx, left)
    return left


async def home_left(ctx: Context, tx: Tx, actor: Actor, home: str, why: str) -> tuple[Left, ...]:
    """The same inside a transaction; publish after it, and `forget` when it is durable."""
    if await places.home(tx, home) is None:
        raise NotFound("home")
    now = ctx.clock()
    members = await people.ties_of_home(tx, home, now)
    left = tuple([await _one(ctx, tx, person.id, person.name, home, why) for person, _ in members])
    for one in left:
        if one.face:
            await withdrawal.paper_ended(ctx, tx, actor, one.party)
    await rights.end(ctx, tx, list(await grants.of_home(tx, home, now)), why)
    for code in await codes.of_homes(tx, [home], now):
        await codes.revoke(tx, code.id, now)
    await note(ctx, tx, actor, "home.leave", home, detail=why)
    return left


async def _one(ctx: Context, tx: Tx, person: str, name: str, home: str, why: str) -> Left:
    now = ctx.clock()
    for party, tie in await people.ties_of_home(tx, home, now):
        if party.id == person:
            await people.end_tie(tx, tie.id, now)
    await pins.end_of(tx, home, person, now)
    if await people.homes_of(tx, person, now):
        return Left(person, name, 0, 0, 0, False, ())  # they live elsewhere in the estate: their own things stay
    ended = {kind: await _revoke(tx, person, kind) for kind in KINDS}
    held = [number for kind in KINDS for number in ended[kind]]
    given = await grants.of_people(tx, [person], held)
    await rights.end(ctx, tx, list(given), why)
    account = await accounts.by_party(tx, person)
    if account is not None:
        await accounts.end_sessions(tx, account.id)
    face = await end_face(ctx, tx, person)
    return Left(person, name, len(ended["card"]), len(ended["plate"]), len(given), bool(face), face)


async def _revoke(tx: Tx, person: str, kind: str) -> list[int]:
    held = await grants.credentials_of(tx, person, kind, "active", "pending", "lost", OLD)
    for number, _, _ in held:
        await grants.set_credential(tx, number, "revoked")
    return [number for number, _, _ in held]


async def end_face(ctx: Context, tx: Tx, person: str) -> tuple[str, ...]:
    """Ends consent and face; who holds any of it is asked to erase. Names of those devices."""
    row = await faces.face_of(tx, person)
    if row is None or row.state in (WITHDRAWN, ERASED):
        return ()
    vaults = {device.no for device in await devices.in_states(tx, "active") if device.kind == "desk"}
    holding = {*await faces.devices_with_key(tx, person), *vaults}
    for no in holding:
        await faces.ask_erasure(tx, person, no, ctx.clock())
    await faces.forget(tx, person)
    await faces.withdraw(tx, person, ctx.clock())
    await faces.set_state(tx, row.id, WITHDRAWN if holding else ERASED)
    return tuple(device.name for device in await devices.in_states(tx) if device.no in holding)


async def forget(ctx: Context, left: tuple[Left, ...]) -> None:
    """Tells connected vaults at once; others are told when they connect."""
    async with ctx.store.read() as tx:
        vaults = [device.dev for device in await devices.in_states(tx, "active") if device.kind == "desk"]
    for one in left:
        for vault in vaults if one.face else ():
            ctx.doors.send(vault, frames.FORGET, bytes.fromhex(one.party))
    await gone.keep(ctx)
