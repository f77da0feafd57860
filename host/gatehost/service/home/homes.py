"""Homes and their people, as the office and the residents see them."""

import hashlib

from gatecore.events import ALERT_PAUSED
from gatehost.model.account import Actor
from gatehost.model.errors import BadInput, NotFound, Refused
from gatehost.model.party import OWNER, TIE_ROLES, Party, Tie
from gatehost.model.place import Estate, Place, Slot
from gatehost.model.policy import KEYS
from gatehost.model.sheet import HomeRow, HomeSheet, Member
from gatehost.service import passage, publish, ruling
from gatehost.service.context import Context
from gatehost.service.face import credential
from gatehost.service.home import occupancy
from gatehost.service.home.pins import pins_of
from gatehost.service.permissions import require
from gatehost.service.trail import looked, note
from gatehost.store import accounts, calls, codes, people
from gatehost.store import places as rows
from gatehost.store.store import Tx

HOUR_MS = 3_600_000
LONGEST_NAME = 60


async def estate(ctx: Context) -> Estate | None:
    """The estate, None before a seed."""
    async with ctx.store.read() as tx:
        return await rows.the_estate(tx)


async def find(ctx: Context, actor: Actor, words: str = "", limit: int = 50) -> tuple[HomeRow, ...]:
    """Homes whose number, name or people contain the words, by number. Audited when words are given."""
    require(actor, "home.find")
    async with ctx.store.read() as tx:
        found = await rows.find_homes(tx, words.strip(), ctx.clock(), limit)
        ties = await people.ties_of_homes(tx, [home.id for home in found], ctx.clock())
        names = await people.names(tx, {tie.party for tie in ties})
    if words.strip():
        await looked(ctx, actor, "home.find", about=words.strip()[:40])
    return tuple(
        HomeRow(home.id, home.name, tuple(names[tie.party] for tie in ties if tie.place == home.id)) for home in found
    )


async def sheet(ctx: Context, actor: Actor, home: str) -> HomeSheet:
    """The home sheet. Audited for staff. NotFound("home")."""
    require(actor, "home.see", home)
    async with ctx.store.read() as tx:
        place, building = await rows.home(tx, home), await rows.building_of(tx, home)
        if place is None or building is None:
            raise NotFound("home")
        ways = await passage.load(tx)
        tied = await people.ties_of_home(tx, home, ctx.clock())
        members = tuple([await _member(ctx, tx, ways, *one) for one in tied])
        rules = await ruling.all_in_force(tx, KEYS, home)
        live = [code for code in await codes.of_homes(tx, [home], ctx.clock()) if code.revoked_at is None]
        paused = await calls.paused_at(tx, home, ALERT_PAUSED, ctx.clock() - HOUR_MS)
    await looked(ctx, actor, "home.see", home)
    return HomeSheet(place, building, members, await pins_of(ctx, actor, home), rules, len(live), paused)


async def _member(ctx: Context, tx: Tx, ways: passage.Passage, party: Party, tie: Tie) -> Member:
    account = await accounts.by_party(tx, party.id)
    face = await credential.shown(ctx, tx, party.id, ways)
    login = "" if account is None or account.login is None else account.login
    return Member(party, tie, login, account is not None and account.password is not None, face)


async def places(ctx: Context, actor: Actor) -> tuple[Place, ...]:
    """Estate, gates, buildings, stairs and doors (not homes): where policies can be set."""
    require(actor, "policy.see")
    async with ctx.store.read() as tx:
        return await rows.all_but_homes(tx)


async def my_homes(ctx: Context, actor: Actor) -> tuple[Place, ...]:
    """The actor's homes with their names."""
    async with ctx.store.read() as tx:
        found = [await rows.home(tx, home) for home in actor.homes]
    return tuple(home for home in found if home is not None)


async def my_doors(ctx: Context, actor: Actor, home: str) -> tuple[Slot, ...]:
    """The doors on the path to a home: its building's doors and the gates before it."""
    require(actor, "door.see", home)
    async with ctx.store.read() as tx:
        return await rows.slots_on_path(tx, home)


async def add_person(ctx: Context, actor: Actor, home: str, name: str, role: str, phone: str = "") -> Party:
    """A new person tied to a home. BadInput("name" | "role" | "phone", ...), NotFound("home"), SwitchedOff("occupancy")
    where the estate's rule does not let them belong there."""
    require(actor, "home.edit", home)
    _check(name, role, phone)
    party = Party(ctx.random(16).hex(), name.strip(), phone.strip())
    async with ctx.store.write() as tx:
        if await rows.home(tx, home) is None:
            raise NotFound("home")
        await occupancy.demand(ctx, tx, home, role)
        await people.put_party(tx, party)
        await people.put_tie(tx, party.id, home, role, ctx.clock())
        await note(ctx, tx, actor, "home.add", home, party.id, role)
        changed = await publish.publish(ctx, tx, home)
    publish.announce(ctx, changed)
    return party


def seen(party: Party) -> str:
    """What a page showed of a person, for who corrects it."""
    return hashlib.sha256(f"{party.name}\0{party.phone}".encode()).hexdigest()[:16]


async def correct(
    ctx: Context, actor: Actor, home: str, person: str, name: str, phone: str, was: str | None = None
) -> None:
    """A person's name and phone as they are: misspelled, or a new number. What was signed under the old name stays as
    it was signed. BadInput("name" | "phone", ...), NotFound("person") unless they belong to the home,
    Refused("changed") when they are no more as they were `seen`."""
    require(actor, "home.edit", home)
    _check(name, OWNER, phone)
    async with ctx.store.write() as tx:
        if not await people.tied(tx, person, home, ctx.clock()):
            raise NotFound("person")
        held = await people.get(tx, person)
        if held is None or was not in (None, seen(held)):
            raise Refused("changed")
        await people.correct(tx, person, name.strip(), phone.strip())
        await note(ctx, tx, actor, "home.correct", home, person)


def _check(name: str, role: str, phone: str) -> None:
    if not name.strip():
        raise BadInput("name", "missing")
    if len(name) > LONGEST_NAME:
        raise BadInput("name", "long")
    if role not in TIE_ROLES:
        raise BadInput("role", "unknown")
    if len(phone) > 30 or any(char not in "+0123456789 -()" for char in phone):
        raise BadInput("phone", "digits")


async def deed_seen(ctx: Context, actor: Actor, tie: int) -> Tie:
    """The deed that was still to be shown was seen (row A5). NotFound("tie") unless one was awaited."""
    async with ctx.store.write() as tx:
        found = await people.get_tie(tx, tie)
        if found is None or found.proof != "contract":
            raise NotFound("tie")
        require(actor, "home.edit", found.place)
        await people.set_proof(tx, tie, "deed")
        await note(ctx, tx, actor, "home.deed", found.place, found.party)
    return found
