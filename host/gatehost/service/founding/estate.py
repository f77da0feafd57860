"""Puts an estate file (service.founding.plan) into an empty database, and makes the first links and claims."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from gatehost.model.account import ADMIN, DESK, RESIDENT
from gatehost.model.errors import BadInput, SettingsError
from gatehost.model.grant import CARD, CEILINGS
from gatehost.model.party import STAFF, Party
from gatehost.model.place import BUILDING, DOOR, ESTATE, GATE, HOME, ROOT, Estate, Place, Slot
from gatehost.model.policy import Rule
from gatehost.service import chronicle, publish
from gatehost.service.context import Context
from gatehost.service.door import devices
from gatehost.service.founding import plan as plans
from gatehost.service.founding.plan import EstatePlan, PersonPlan
from gatehost.service.office import accounts, staff
from gatehost.service.office.policy import one_way_stays
from gatehost.store import accounts as account_rows
from gatehost.store import grants, people, places, policies
from gatehost.store.store import Tx


@dataclass(frozen=True, slots=True)
class FirstLink:
    """A one-use sign-in link: `name` is `admin`, `desk` or a resident's login."""

    name: str
    role: str
    home: str
    token: str


async def seed(ctx: Context, path: Path) -> bool:
    """Reads the estate file into an empty database; False (and nothing read) if there is an estate already.
    SettingsError names file, table and key of anything unknown or out of bounds."""
    async with ctx.store.read() as tx:
        if await places.the_estate(tx) is not None:
            return False
    try:
        text = await asyncio.to_thread(path.read_text, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        raise SettingsError(f"{path}: cannot be read: {wrong}") from wrong
    plan = plans.read(text, str(path))
    async with ctx.store.write() as tx:
        await _places(tx, plan)
        await _slots(tx, plan)
        for person in plan.people:
            await _person(ctx, tx, person)
        for rule in plan.policies:
            made = Rule(rule.key, rule.value, rule.place, rule.decided_by, rule.document, rule.why, ctx.clock(), "seed")
            await policies.put(tx, made)
        try:
            await one_way_stays(tx)
        except BadInput:
            raise SettingsError(
                f"{path}: [[policy]] calls and visitor_codes are both off: visitors have no way in"
            ) from None
        await _staff(ctx, tx)
        for one in plan.staff:
            await staff.put_staff(ctx, tx, one.name, one.login, one.role, one.duties, one.language)
        await chronicle.ensure(ctx, tx)
        await publish.publish(ctx, tx)
    return True


async def _places(tx: Tx, plan: EstatePlan) -> None:
    await places.put_estate(tx, Estate(ROOT, plan.name, plan.dial_length, plan.offsets))
    await places.put_place(tx, Place(ROOT, None, ESTATE, plan.name))
    for position, gate in enumerate(plan.gates):
        await places.put_place(tx, Place(gate.id, ROOT, GATE, gate.name), 100 + position)
    for position, building in enumerate(plan.buildings):
        await places.put_place(tx, Place(building.id, ROOT, BUILDING, building.name, building.dial), 1000 + position)
        for home in building.homes:
            await places.put_place(tx, Place(home.dial, building.id, HOME, home.name, home.dial))
    for gate in plan.gates:
        for building_id in gate.buildings:
            await places.put_gate_building(tx, gate.id, building_id)


async def _slots(tx: Tx, plan: EstatePlan) -> None:
    for position, door in enumerate(plan.doors):
        await places.put_place(tx, Place(door.slot, door.at, DOOR, door.name), 10_000 + position)
        slot = Slot(door.slot, door.at, door.name, door.kind, door.direction, door.unlock_ms, door.held_ms)
        await places.put_slot(tx, slot)


async def _person(ctx: Context, tx: Tx, person: PersonPlan) -> None:
    party = Party(ctx.random(16).hex(), person.name, person.phone, person.born)
    await people.put_party(tx, party)
    await people.put_tie(tx, party.id, person.home, person.role, ctx.clock(), person.callable)
    if person.card:
        until = ctx.clock() + CEILINGS[CARD]
        await grants.put_credential(tx, party.id, "card", "active", person.card, ctx.clock(), until)
    if person.login:
        await account_rows.put(tx, party.id, person.login, RESIDENT, person.language)


async def _staff(ctx: Context, tx: Tx) -> None:
    for role, name in ((ADMIN, "Administrator"), (DESK, "Front desk")):
        party = Party(ctx.random(16).hex(), name)
        await people.put_party(tx, party)
        await people.put_tie(tx, party.id, ROOT, STAFF, ctx.clock(), rings=False)
        await account_rows.put(tx, party.id, role, role)


async def ensure_estate(ctx: Context) -> None:
    """An estate without a file: named, empty, with its two staff accounts."""
    async with ctx.store.write() as tx:
        if await places.the_estate(tx) is None:
            await _places(tx, plans.empty())
            await _staff(ctx, tx)
        await chronicle.ensure(ctx, tx)


async def first_links(ctx: Context) -> tuple[FirstLink, ...]:
    """Fresh one-use links for every account with a login that has no password yet."""
    made = []
    async with ctx.store.write() as tx:
        for account in await account_rows.with_login(tx):
            if account.password is None and account.login is not None:
                homes = await people.homes_of(tx, account.party, ctx.clock())
                home = homes[0] if account.role == RESIDENT and homes else ""
                token = await accounts.put_link(ctx, tx, account.id, activated=False)
                made.append(FirstLink(account.login, account.role, home, token))
    return tuple(made)


async def first_claims(ctx: Context) -> dict[str, bytes]:
    """A fresh file claim (gate-claim/1) for every slot without a device, by slot."""
    made: dict[str, bytes] = {}
    async with ctx.store.write() as tx:
        for slot in await places.slots(tx):
            if await devices.device_in(tx, slot.id) is None:
                made[slot.id] = (await devices.put_claim(ctx, tx, slot, devices.FILE_CLAIM_MS)).data
    return made
