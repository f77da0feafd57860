"""Off-boarding in one step: who leaves a home loses every way in, and what is still loaded somewhere is asked back.

A tenant who moves out takes along everybody of the home but its owner and who acts for the owner (docs/adr/0157).
"""

from dataclasses import dataclass

from gatecore import frames
from gatehost.model.account import Actor
from gatehost.model.credential import ERASED, OLD, WITHDRAWN
from gatehost.model.errors import NotFound
from gatehost.model.party import AGENT, OWNER, TENANT, Tie
from gatehost.service import gone, publish
from gatehost.service.context import Context
from gatehost.service.face import holding, withdrawal
from gatehost.service.home import rights
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import accounts, codes, devices, faces, grants, people, pins, places
from gatehost.store.store import Tx

KINDS = ("card", "plate")
LANDLORDS = frozenset({OWNER, AGENT})
HOUR_MS = 3_600_000


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
    await forget(ctx)
    return left


async def home_left(
    ctx: Context, tx: Tx, actor: Actor, home: str, why: str, who: str | None = None
) -> tuple[Left, ...]:
    """The same inside a transaction; publish after it, and `forget` when it is durable. Where `who` moves out and is a
    tenant, the owner stays, and whoever acts for the owner."""
    if await places.home(tx, home) is None:
        raise NotFound("home")
    now = ctx.clock()
    members = await people.ties_of_home(tx, home, now)
    rented = any(party.id == who and tie.role == TENANT for party, tie in members)
    stay = {party.id for party, tie in members if rented and tie.role in LANDLORDS}
    left = tuple([await _one(ctx, tx, actor, person.id, home, why) for person, _ in members if person.id not in stay])
    given = [one for one in await grants.of_home(tx, home, now) if one.party not in stay]
    await rights.end(ctx, tx, given, why)
    for code in await codes.of_homes(tx, [home], now):
        await codes.revoke(tx, code.id, now)
    await note(ctx, tx, actor, "home.leave", home, detail=why)
    return left


async def tie_ended(ctx: Context, tx: Tx, actor: Actor, tie: int) -> Tie:
    """One person belongs to a home no more: its PINs of theirs end, and with their last tie to the estate their cards,
    plates, face and sessions. Publish after it, and `forget` when it is durable. The tie as it ended; NotFound("tie")
    for none."""
    found = await people.get_tie(tx, tie)
    if found is None:
        raise NotFound("tie")
    require(actor, "home.edit", found.place)
    await people.end_tie(tx, tie, ctx.clock())
    await _stripped(ctx, tx, actor, found.party, found.place, "home.end")
    await note(ctx, tx, actor, "home.end", found.place, found.party)
    return found


async def _one(ctx: Context, tx: Tx, actor: Actor, person: str, home: str, why: str) -> Left:
    now = ctx.clock()
    for party, tie in await people.ties_of_home(tx, home, now):
        if party.id == person:
            await people.end_tie(tx, tie.id, now)
    return await _stripped(ctx, tx, actor, person, home, why)


async def _stripped(ctx: Context, tx: Tx, actor: Actor, person: str, home: str, why: str) -> Left:
    """What a tie that has ended carried: what other ties still carry stays."""
    now, held_by = ctx.clock(), await people.get(tx, person)
    name = "" if held_by is None else held_by.name
    still = await people.homes_of(tx, person, now)
    if home not in still:
        await pins.end_of(tx, home, person, now)
    if still:
        return Left(person, name, 0, 0, 0, False, ())  # they live elsewhere in the estate: their own things stay
    ended = {kind: await _revoke(tx, person, kind) for kind in KINDS}
    held = [number for kind in KINDS for number in ended[kind]]
    given = await grants.of_people(tx, [person], held)
    await rights.end(ctx, tx, list(given), why)
    account = await accounts.by_party(tx, person)
    if account is not None:
        await accounts.end_sessions(tx, account.id)
    face = await end_face(ctx, tx, person)
    if face:
        await withdrawal.paper_ended(ctx, tx, actor, person)
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


async def forget(ctx: Context) -> None:
    """Tells connected vaults at once whose faces they have still to forget; others are told when they connect."""
    async with ctx.store.read() as tx:
        vaults = [device.dev for device in await devices.in_states(tx, "active") if device.kind == "desk"]
    for vault in vaults:
        for party in await holding.owed(ctx, vault):
            ctx.doors.send(vault, frames.FORGET, bytes.fromhex(party))
    await gone.keep(ctx)
