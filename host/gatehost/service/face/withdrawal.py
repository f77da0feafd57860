"""The end of a face: the consent, the credential and what was sealed go together, and so does the paper it stood on."""

from gatecore import frames
from gatecore.clock import DAY_MS
from gatehost.model.account import RESIDENT, Actor
from gatehost.model.case import Step
from gatehost.model.credential import ERASED, WITHDRAWN, Erasure
from gatehost.model.errors import NotFound
from gatehost.service import gone, publish, ruling
from gatehost.service.context import Context
from gatehost.service.face import holding
from gatehost.service.permissions import require
from gatehost.service.ports import Audience, News
from gatehost.service.trail import note
from gatehost.store import cases, devices, promises, slips
from gatehost.store import faces as rows
from gatehost.store.devices import DeviceRow
from gatehost.store.faces import FaceRow
from gatehost.store.store import Tx

STANDING = ("approved", "captured", "confirmed", "active")
OFFICE = ("admin", "desk")


async def withdraw(ctx: Context, actor: Actor, party: str) -> tuple[Erasure, ...]:
    """Ends the consent and with it the face: sealed bytes are deleted here, doors and vault are told to forget.
    The person's other ways in stay. NotFound("face"). A resident may withdraw their own."""
    async with ctx.store.write() as tx:
        require(actor, "face.withdraw")
        if actor.role == RESIDENT and party != actor.party:
            raise NotFound("face")
        row = await rows.face_of(tx, party)
        if row is None or row.state in (WITHDRAWN, ERASED):
            raise NotFound("face")
        held_by = await _erase(ctx, tx, row)
        await paper_ended(ctx, tx, actor, party)
        await note(ctx, tx, actor, "face.withdraw", about=party)
        changed = await publish.publish(ctx, tx)
    publish.announce(ctx, changed)
    for desk in held_by:
        ctx.doors.send(desk.dev, frames.FORGET, bytes.fromhex(party))
    ctx.pages.tell(Audience(roles=OFFICE), News("face", {"party": party, "state": WITHDRAWN}))
    await gone.keep(ctx)
    return await holding.erasure(ctx, actor, party)


async def _erase(ctx: Context, tx: Tx, row: FaceRow) -> tuple[DeviceRow, ...]:
    """Everything of the person's face leaves the database; who held any of it has to confirm."""
    desks = await devices.vaults(tx)
    for no in {*await rows.devices_with_key(tx, row.party), *(desk.no for desk in desks)}:
        await rows.ask_erasure(tx, row.party, no, ctx.clock())
    await rows.forget(tx, row.party)
    await slips.end(tx, row.party, ctx.clock())
    await slips.end_twice(tx, row.party)
    await promises.forget(tx, row.party)
    await rows.withdraw(tx, row.party, ctx.clock())
    await rows.set_state(tx, row.id, WITHDRAWN)
    return desks


async def paper_ended(ctx: Context, tx: Tx, actor: Actor, party: str) -> None:
    """Ends the person's enrolment papers that were approved, with a step that says who withdrew."""
    keep = await ruling.number(tx, "retention.visit", "estate") * DAY_MS
    for case in await cases.listed(tx, ("face_enrol",), STANDING, open_only=True, limit=1000):
        if case.applicant != party:
            continue
        ends: dict[str, object] = {"closed_at": ctx.clock(), "due_at": None, "keep_until": ctx.clock() + keep}
        await cases.move(tx, case.id, case.version, state="withdrawn", **ends)
        step = Step(
            0, case.id, case.version + 1, "withdraw", case.state, "withdrawn", ctx.clock(), actor.account, actor.name,
            actor.role, "", "", "", "",
        )  # fmt: skip
        await cases.put_step(tx, step)
