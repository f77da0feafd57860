"""A random walk over papers, rights, stays and rules, through the services and past them: what is never reached.

Never: a face without a living consent, a right past its limit, a payment that touches a right, goods that left with a
line that differs, a muster that lost a person. After every act the rows themselves are asked.
"""

import asyncio
import tempfile
from collections.abc import Awaitable
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from tests.host.house import House
from tests.host.house import house as running
from tests.rows.people import DAY, ESTATE, GATE, HOME, HOUR

from gatehost.model.account import Actor
from gatehost.model.case import Case
from gatehost.model.errors import HostError
from gatehost.model.grant import CEILINGS, LIMITED
from gatehost.model.visit import Newcomer
from gatehost.service import casework, gate, leaving, muster, policy
from gatehost.store import faces, grants, people
from gatehost.store.office import case as cases_table
from gatehost.store.office import grant, item, visit
from gatehost.store.schema import consent, credential, sealed_templates
from gatehost.store.schema import policy as policy_table

ACTORS = ("limei", "chenzu", "wangfang", "desk", "lead", "manager", "guard", "security", "admin", "operator")
GIVING = ("temp_pass", "temp_parking", "visitor_request", "standing_item_pass")
LIVING = ("waiting", "capturing", "active", "pending")
who = st.sampled_from(ACTORS)
span = st.integers(-HOUR, 500 * DAY)


class Walk(RuleBasedStateMachine):
    """One estate; acts that are refused are part of it."""

    papers: Bundle[int] = Bundle("papers")
    stays: Bundle[int] = Bundle("stays")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.opened: AbstractAsyncContextManager[House] = running(Path(self.folder.name), ESTATE)
        self.house = self.loop.run_until_complete(self.opened.__aenter__())
        self.actors: dict[str, Actor] = {}
        self.came: dict[int, int] = {}  # who is really inside, kept by the test alone
        self.closed: dict[int, int] = {}

    def teardown(self) -> None:
        self.loop.run_until_complete(self.opened.__aexit__(None, None, None))
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()
        self.folder.cleanup()

    def do(self, act: Awaitable[Any]) -> Any:
        """Runs an act; None when it was refused by a rule of ours or by the database."""
        with suppress(HostError, IntegrityError):
            return self.loop.run_until_complete(act)  # type: ignore[arg-type]
        return None

    @initialize()
    def arrive(self) -> None:
        for login in ACTORS:
            self.actors[login] = self.do(self.house.actor(login))
        self.do(casework.open_case(self.house.ctx, self.actors["guard"], "shift", GATE, {}))

    @rule(
        target=papers, login=who, kind=st.sampled_from((*GIVING, "item_release", "card_issue", "move_out")), until=span
    )
    def open(self, login: str, kind: str, until: int) -> Any:
        now = self.house.clock.now
        fields = {field.key: field for field in casework.kind_of(kind).fields}
        told: dict[str, object] = {
            "name": "张", "plate": "沪C88888", "what": "x", "until": max(0, now + until), "number": "A1", "since": now,
            "date": "2026-07-01", "applicant": "owner", "direction": "out", "mover": "王",
        }  # fmt: skip
        if kind == "item_release":
            told["until"] = now + HOUR
        form = {key: value for key, value in told.items() if key in fields}
        case: Case | None = self.do(
            casework.open_case(self.house.ctx, self.actors[login], kind, HOME, form, self.actors["limei"].party)
        )
        if case is None:
            return multiple()
        if kind == "item_release":
            self.do(casework.add_goods(self.house.ctx, self.actors[login], case.id, 1, "沙发", "", 2))
        return case.id

    @rule(number=papers, login=who, data=st.data(), verdict=st.sampled_from(("", "phone", "id_seen")))
    def move(self, number: int, login: str, data: st.DataObject, verdict: str) -> None:
        held = self.do(casework.paper(self.house.ctx, self.actors["desk"], number))
        acts = sorted({move.act for move in casework.kind_of(held.case.kind).moves if held.case.state in move.was})
        if not acts:
            return
        version, act = held.case.version, data.draw(st.sampled_from(acts))
        self.do(casework.act(self.house.ctx, self.actors[login], number, version, act, "x", verdict, GATE))

    @rule(number=papers)
    def push_on(self, number: int) -> None:
        """Everything a willing office does to get a paper through, so that the walk comes far."""
        for login, act in (
            ("desk", "apply"),
            ("desk", "sign"),
            ("lead", "sign"),
            ("manager", "sign"),
            ("guard", "arrive"),
        ):
            held = self.do(casework.paper(self.house.ctx, self.actors["desk"], number))
            for check in casework.kind_of(held.case.kind).checks if act == "sign" else ():
                self.do(casework.tick(self.house.ctx, self.actors["desk"], number, held.case.version, check.key))
                held = self.do(casework.paper(self.house.ctx, self.actors["desk"], number))
            version = held.case.version
            self.do(casework.act(self.house.ctx, self.actors[login], number, version, act, "x", "phone", GATE))

    @rule(number=papers, qty=st.integers(0, 3))
    def count(self, number: int, qty: int) -> None:
        held = self.do(casework.paper(self.house.ctx, self.actors["desk"], number))
        for line in held.goods():
            version, guard = held.case.version, self.actors["guard"]
            self.do(casework.count(self.house.ctx, guard, number, version, line.id, qty))
        held = self.do(casework.paper(self.house.ctx, self.actors["desk"], number))
        self.do(casework.act(self.house.ctx, self.actors["guard"], number, held.case.version, "release", "", "id_seen"))

    @rule(number=papers, amount=st.integers(1, 10_000))
    def pay(self, number: int, amount: int) -> None:
        self.push_on(number)
        before = self.do(self._rights())
        held = self.do(casework.paper(self.house.ctx, self.actors["desk"], number))
        self.do(casework.take_fee(self.house.ctx, self.actors["desk"], number, held.case.version, "费", amount))
        assert self.do(self._rights()) == before

    @rule(key=st.sampled_from(sorted(LIMITED.values())), days=st.integers(0, 500), rank=st.integers(0, 2), login=who)
    def decide(self, key: str, days: int, rank: int, login: str) -> None:
        words = ("estate", key, str(days), "x", "y", "z", rank)
        self.do(policy.set_rule(self.house.ctx, self.actors[login], *words))

    @rule(target=stays, kind=st.sampled_from(("courier", "visitor")), heads=st.integers(1, 4))
    def enter(self, kind: str, heads: int) -> Any:
        newcomer = Newcomer(kind, HOME, heads=heads)
        stay = self.do(gate.enter(self.house.ctx, self.actors["guard"], GATE, newcomer, discretion="x"))
        self.came[stay.id] = heads
        return stay.id

    @rule(number=stays, login=who, how=st.sampled_from(("guard", "host", "card")))
    def leave(self, number: int, login: str, how: str) -> None:
        if self.do(gate.leave(self.house.ctx, self.actors[login], number, "" if how == "host" else GATE, how)):
            self.came.pop(number, None)
            self.closed.pop(number, None)

    @rule(number=stays, login=who)
    def close(self, number: int, login: str) -> None:
        if self.do(gate.close(self.house.ctx, self.actors[login], number, "未见")):
            self.closed[number] = self.house.clock.now

    @rule(number=stays, login=who)
    def deny(self, number: int, login: str) -> None:
        self.do(gate.deny(self.house.ctx, self.actors[login], number, "x"))

    @rule(hours=st.integers(1, 60))
    def wait(self, hours: int) -> None:
        self.house.clock.now += hours * HOUR
        self.do(gate.close_day(self.house.ctx, self.actors["desk"]))

    @rule(
        person=st.sampled_from(("limei", "chenzu")),
        withdraw=st.booleans(),
        consent_of=st.sampled_from(("limei", "chenzu")),
    )
    def face(self, person: str, withdraw: bool, consent_of: str) -> None:
        """Rows written past the services, as a mistake would."""
        self.do(self._face(self.actors[person].party, self.actors[consent_of].party, withdraw))

    async def _face(self, person: str, consent_of: str, withdraw: bool) -> None:
        now = self.house.clock.now
        async with self.house.ctx.store.write() as tx:
            if withdraw:
                await faces.withdraw(tx, consent_of, now)
            held = await faces.consent_of(tx, consent_of, living=False)
            number = held.id if held else await faces.put_consent(tx, consent_of, "face-entry", "1", "x", now)
            await faces.put_face(tx, person, "active", number, "1", now, now + DAY)
            await faces.put_sealed(tx, person, "m", 1, b"x", b"y", now)

    @rule(longer=span)
    def stretch(self, longer: int) -> None:
        """Somebody writes a longer right past the services."""
        self.do(self._stretch(longer))

    async def _stretch(self, longer: int) -> None:
        async with self.house.ctx.store.write() as tx:
            await tx.execute(grant.update().values(until=grant.c.until + max(0, longer)))

    @rule()
    def off_board(self) -> None:
        self.do(leaving.off_board(self.house.ctx, self.actors["desk"], HOME, "迁出"))
        self.do(self._again())

    async def _again(self) -> None:
        async with self.house.ctx.store.write() as tx:
            for login, role in (("limei", "owner"), ("chenzu", "tenant")):
                await people.put_tie(tx, self.actors[login].party, HOME, role, self.house.clock.now)

    async def _rights(self) -> list[Any]:
        async with self.house.ctx.store.read() as tx:
            return list(await tx.execute(select(grant.c.id, grant.c.until, grant.c.ended_at).order_by(grant.c.id)))

    async def _rows(self, query: Any) -> list[Any]:
        async with self.house.ctx.store.read() as tx:
            return list(await tx.execute(query))

    @invariant()
    def no_face_without_a_living_consent(self) -> None:
        held = select(credential.c.party, consent.c.party, consent.c.withdrawn_at).select_from(
            credential.outerjoin(consent, consent.c.id == credential.c.consent)
        )
        faces_ = self.do(self._rows(held.where(credential.c.kind == "face", credential.c.state.in_(LIVING))))
        assert all(mine == theirs and withdrawn is None for mine, theirs, withdrawn in faces_)
        living = {row[0] for row in faces_}
        made = {row[0] for row in self.do(self._rows(select(sealed_templates.c.party, sealed_templates.c.made_at)))}
        # templates are only ever written under a living face; those of a withdrawn one wait for their erasure
        assert made <= living | {row[0] for row in self.do(self._rows(select(credential.c.party)))}

    @invariant()
    def no_right_past_its_limit(self) -> None:
        columns = (grant.c.kind, grant.c.since, grant.c.until, policy_table.c.value)
        joined = select(*columns).select_from(grant.outerjoin(policy_table, policy_table.c.id == grant.c.policy))
        for kind, since, until, value in self.do(self._rows(joined)):
            assert until - since <= CEILINGS[kind]
            assert value is None or until - since <= int(value) * DAY

    @invariant()
    def no_goods_left_with_a_line_that_differs(self) -> None:
        lines = select(item.c.qty, item.c.checked_qty).join(cases_table, cases_table.c.id == item.c.case)
        lines = lines.where(cases_table.c.state.in_(("released", "filed")), item.c.kind == "goods")
        assert all(qty == checked for qty, checked in self.do(self._rows(lines)))

    @invariant()
    def the_muster_has_everybody(self) -> None:
        if not self.actors:
            return
        now = self.house.clock.now
        listed = {
            line.visit.id: line.visit.heads
            for line in self.do(muster.muster(self.house.ctx, self.actors["guard"])).lines
        }
        for number, heads in self.came.items():
            if number not in self.closed or now - self.closed[number] <= DAY:
                assert listed.get(number) == heads, number
        assert self.do(self._rows(select(visit.c.id).where(visit.c.state == "inside", visit.c.in_at.is_(None)))) == []

    @invariant()
    def ended_rights_carry_nothing(self) -> None:
        held = self.do(self._ended())
        assert all(state != "active" for state in held)

    async def _ended(self) -> list[str]:
        async with self.house.ctx.store.read() as tx:
            query = select(credential.c.state).join(grant, grant.c.credential == credential.c.id)
            assert grants is not None
            return list((await tx.execute(query.where(grant.c.ended_at.is_not(None)))).scalars())


TestWalk = Walk.TestCase
TestWalk.settings = settings(
    max_examples=6, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
