"""What every act on a stay shares: its gate, its end written once, who is told, how long its names are kept."""

from gatecore.clock import DAY_MS
from gatehost.model.account import Actor
from gatehost.model.errors import NotFound, Refused
from gatehost.model.visit import INSIDE, Visit
from gatehost.service import ruling
from gatehost.service.context import Context
from gatehost.service.ports import Audience, News
from gatehost.service.trail import note
from gatehost.store import places, visits
from gatehost.store.store import Tx

NOTICE = "visitor-notice/1"  # what visitors are told, by its version
_TEXTS = (
    "name", "phone", "plate", "company", "service", "purpose", "evidence", "confirmed_by", "out_by", "out_how",
    "reason", "safe_by",
)  # fmt: skip


async def gate_of(tx: Tx, gate: str) -> str:
    """The gate by its id; NotFound("gate") for any other place."""
    found = await places.get(tx, gate)
    if found is None or found.kind != "gate":
        raise NotFound("gate")
    return found.id


async def begun(tx: Tx, home: str, at: int, gate: str | None, by: str, planned: int, **more: object) -> Visit:
    """A stay that nobody wrote down: a door or a barrier let somebody in, for a home; `more` says whom."""
    building = await places.building_of(tx, home)
    kept: dict[str, object] = dict.fromkeys(Visit.__slots__)
    kept |= {name: "" for name in _TEXTS} | {"id": 0, "version": 0, "heads": 1, "id_seen": 0, "discretion": 0}
    kept |= {
        "state": INSIDE, "home": home, "building": None if building is None else building.id, "notice": NOTICE,
        "asked_at": at, "planned_until": planned, "in_at": at, "in_gate": gate, "in_by": by,
    }  # fmt: skip
    return Visit(**(kept | more))  # type: ignore[arg-type]


async def end(ctx: Context, actor: Actor, number: int, was: tuple[str, ...], action: str, **change: object) -> Visit:
    """A stay that is in one of these states ends; from now on its names are kept for their time only.

    NotFound("visit"), Refused("visit_over") when somebody was faster."""
    async with ctx.store.write() as tx:
        held = await visits.get(tx, number)
        if held is None:
            raise NotFound("visit")
        if not await visits.move(tx, number, was, **change, keep_until=await keep_until(ctx, tx, held.home)):
            raise Refused("visit_over")
        await note(ctx, tx, actor, action, held.home or "", str(number), str(change.get("out_how", "")))
        found = await visits.get(tx, number)
    assert found is not None
    tell(ctx, found)
    return found


async def keep_until(ctx: Context, tx: Tx, home: str | None) -> int:
    """When what is personal of a stay that ends now is emptied."""
    return ctx.clock() + await ruling.number(tx, "retention.visit", home or "estate") * DAY_MS


def tell(ctx: Context, one: Visit) -> None:
    """The pages of its home, the gate and the office look again."""
    homes = (one.home,) if one.home else ()
    ctx.pages.tell(Audience(homes=homes, roles=("admin", "desk", "guard")), News("visit", {"visit": one.id}))
