"""The estate the rows are shown in, and short ways to act in it."""

from collections.abc import Callable
from typing import TypeVar

import pytest
from tests.host import house as plain
from tests.host.house import House

from gatehost.model.account import Actor
from gatehost.model.case import Case, Paper
from gatehost.model.visit import Newcomer, Visit
from gatehost.service.gate import admission
from gatehost.service.paper import casework, filling
from gatehost.store import people as people_rows

HOME, OTHER, GATE = "120502", "130101", "gate-1"
HOUR, DAY, MINUTE = plain.HOUR, plain.DAY, 60_000
ESTATE = (
    plain.ESTATE
    + """
[[gate]]
id = "gate-2"
name = "2号门"
buildings = ["b13"]
[[person]]
name = "陈租"
home = "120502"
login = "chenzu"
role = "tenant"
phone = "139 0000 7788"
[[staff]]
name = "赵门岗"
login = "guard"
[[staff]]
name = "钱门岗"
login = "guard2"
[[staff]]
name = "孙管家"
login = "lead"
role = "desk"
duties = ["lead"]
[[staff]]
name = "周主任"
login = "manager"
role = "desk"
duties = ["manager"]
[[staff]]
name = "吴队长"
login = "security"
role = "guard"
duties = ["security", "concierge"]
[[staff]]
name = "郑会计"
login = "finance"
role = "desk"
duties = ["finance"]
[[staff]]
name = "冯办公"
login = "office"
role = "desk"
duties = ["office", "archivist"]
[[staff]]
name = "区运营"
login = "operator"
role = "operator"
[[staff]]
name = "业委会"
login = "committee"
role = "committee"
"""
)
Any_ = TypeVar("Any_", bound=Callable[..., object])


def row(*rows: str) -> Callable[[Any_], Any_]:
    """Says which rows of the estate office a test shows; docs/rows.md is made from it."""
    return pytest.mark.rows(*rows)


async def signed_in(house: House, login: str) -> Actor:
    """Somebody signed in, once a test: signing in again and again is another test's business."""
    known: dict[str, Actor] = house.__dict__.setdefault("known", {})
    if login not in known:
        known[login] = await house.actor(login)
    return known[login]


async def on_duty(house: House, login: str = "guard", gate_id: str = GATE) -> Actor:
    """A guard whose shift has begun."""
    guard = await signed_in(house, login)
    await casework.open_case(house.ctx, guard, "shift", gate_id, {}, guard.party)
    return guard


async def person(house: House, login: str) -> str:
    """The party behind a login."""
    return (await signed_in(house, login)).party


async def enter(house: House, guard: Actor, kind: str = "courier", home: str = HOME, **more: object) -> Visit:
    """Somebody comes in."""
    told = {key: more.pop(key) for key in list(more) if key in Newcomer.__slots__}
    return await admission.enter(house.ctx, guard, GATE, Newcomer(kind, home, **told), **more)  # type: ignore[arg-type]


async def paper(house: House, case: Case) -> Paper:
    """A paper as the desk sees it."""
    return await casework.paper(house.ctx, await signed_in(house, "desk"), case.id)


async def do(
    house: House, login: str, case: Case, act: str, note: str = "", verdict: str = "", gate_id: str = ""
) -> Case:
    """Somebody takes a paper on, at the version it has."""
    actor, held = await signed_in(house, login), await paper(house, case)
    return await casework.act(house.ctx, actor, case.id, held.case.version, act, note, verdict, gate_id)


async def tick_all(house: House, case: Case, login: str = "desk") -> None:
    """The desk ticks every line of the checklist that is asked for."""
    actor = await signed_in(house, login)
    for check in casework.kind_of(case.kind).checks:
        held = await paper(house, case)
        await filling.tick(house.ctx, actor, case.id, held.case.version, check.key)


async def goods(house: House, login: str, case: Case, *lines: tuple[str, int]) -> None:
    """Lines of goods."""
    actor = await signed_in(house, login)
    for what, qty in lines:
        held = await paper(house, case)
        await filling.add_goods(house.ctx, actor, case.id, held.case.version, what, "", qty)


async def opened(house: House, login: str, paper_kind: str, place: str = HOME, of: str = "", **form: object) -> Case:
    """A new paper."""
    actor = await signed_in(house, login)
    who = await person(house, of) if of else None
    return await casework.open_case(house.ctx, actor, paper_kind, place, dict(form), who)


async def approved(
    house: House, kind: str, login: str = "desk", signers: tuple[str, ...] = ("desk",), **form: object
) -> Case:
    """A paper handed in, ticked and signed."""
    case = await opened(house, login, kind, of=str(form.pop("of", "limei")), **form)
    case = await do(house, login, case, "apply")
    await tick_all(house, case)
    for signer in signers:
        case = await do(house, signer, case, "sign")
    return case


async def ties(house: House, home: str = HOME) -> list[str]:
    """Names of a home's people."""
    async with house.ctx.store.read() as tx:
        return [party.name for party, _ in await people_rows.ties_of_home(tx, home, house.clock.now)]
