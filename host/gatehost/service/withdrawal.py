"""What a withdrawn consent leaves behind on paper: the enrolment it stood on has ended, and a new one begins anew."""

from gatecore.clock import DAY_MS
from gatehost.model.account import Actor
from gatehost.model.case import Step
from gatehost.service import ruling
from gatehost.service.context import Context
from gatehost.store import cases
from gatehost.store.store import Tx

STANDING = ("approved", "captured", "confirmed", "active")


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
