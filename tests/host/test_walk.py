"""A random walk over papers, rights, stays and rules, through the services and past them: what is never reached.

Never: a face without a living consent, a right past its limit, a payment that touches a right, goods that left with a
line that differs, a muster that lost a person. After every act the rows themselves are asked.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Iterator
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule
from sqlalchemy import null, select
from sqlalchemy.exc import IntegrityError
from tests.host.house import House
from tests.host.house import house as running
from tests.rows.people import DAY, ESTATE, GATE, HOME, HOUR

from gatehost.model.account import Actor
from gatehost.model.case import Case
from gatehost.model.code import Invitation
from gatehost.model.errors import HostError
from gatehost.model.grant import CEILINGS, LIMITED
from gatehost.model.visit import Newcomer
from gatehost.service.gate import admission, bycode, departure, muster
from gatehost.service.home import invite, leaving
from gatehost.service.office import daily, policy
from gatehost.service.paper import casework, filling
from gatehost.store import codes, faces, grants, people, visits
from gatehost.store.table.door import state as door_state
from gatehost.store.table.estate import policy as policy_table
from gatehost.store.table.estate import tie
from gatehost.store.table.face import consent
from gatehost.store.table.gate import visit
from gatehost.store.table.paper import case as cases_table
from gatehost.store.table.paper import item
from gatehost.store.table.right import code, credential, grant, pin

ACTORS = ("limei", "chenzu", "wangfang", "desk", "lead", "manager", "guard", "security", "admin", "operator")
GIVING = ("temp_pass", "temp_parking", "visitor_request", "standing_item_pass")
LIVING = ("waiting", "capturing", "active", "pending")
who = st.sampled_from(ACTORS)
PEOPLE = st.sampled_from(("limei", "chenzu"))
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
        self.paid = 0  # fees taken
        self.code = 0  # the home's visitor code
        self.bare = 0  # templates that were taken of somebody without a face

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
        self.code = self.do(invite.invite(self.house.ctx, self.actors["limei"], HOME, Invitation("张"))).code.id

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
            self.do(filling.add_goods(self.house.ctx, self.actors[login], case.id, 1, "沙发", "", 2))
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
            ("desk", "consent"),  # the home's owner said yes on the phone
            ("desk", "sign"),
            ("lead", "sign"),
            ("manager", "sign"),
            ("guard", "arrive"),
        ):
            held = self.do(casework.paper(self.house.ctx, self.actors["desk"], number))
            for check in casework.kind_of(held.case.kind).checks if act == "sign" else ():
                self.do(filling.tick(self.house.ctx, self.actors["desk"], number, held.case.version, check.key))
                held = self.do(casework.paper(self.house.ctx, self.actors["desk"], number))
            version = held.case.version
            self.do(casework.act(self.house.ctx, self.actors[login], number, version, act, "x", "phone", GATE))

    @rule(number=papers, qty=st.integers(0, 3))
    def count(self, number: int, qty: int) -> None:
        held = self.do(casework.paper(self.house.ctx, self.actors["desk"], number))
        for line in held.goods():
            version, guard = held.case.version, self.actors["guard"]
            self.do(filling.count(self.house.ctx, guard, number, version, line.id, qty))
        held = self.do(casework.paper(self.house.ctx, self.actors["desk"], number))
        self.do(casework.act(self.house.ctx, self.actors["guard"], number, held.case.version, "release", "", "id_seen"))

    @rule(number=papers, amount=st.integers(1, 10_000))
    def pay(self, number: int, amount: int) -> None:
        self.push_on(number)
        before = self.do(self._rights())
        held = self.do(casework.paper(self.house.ctx, self.actors["desk"], number))
        fee = self.do(filling.take_fee(self.house.ctx, self.actors["desk"], number, held.case.version, "费", amount))
        self.paid += fee is not None
        assert self.do(self._rights()) == before

    @rule(key=st.sampled_from(sorted(LIMITED.values())), days=st.integers(0, 500), rank=st.integers(0, 2), login=who)
    def decide(self, key: str, days: int, rank: int, login: str) -> None:
        words = ("estate", key, str(days), "x", "y", "z", rank)
        self.do(policy.set_rule(self.house.ctx, self.actors[login], *words))

    @rule(target=stays, kind=st.sampled_from(("courier", "visitor")), heads=st.integers(1, 4))
    def enter(self, kind: str, heads: int) -> Any:
        newcomer = Newcomer(kind, HOME, heads=heads)
        stay = self.do(admission.enter(self.house.ctx, self.actors["guard"], GATE, newcomer, discretion="x"))
        self.came[stay.id] = heads
        return stay.id

    @rule(number=stays, login=who, how=st.sampled_from(("guard", "host", "card")))
    def leave(self, number: int, login: str, how: str) -> None:
        if self.do(departure.leave(self.house.ctx, self.actors[login], number, "" if how == "host" else GATE, how)):
            self.came.pop(number, None)
            self.closed.pop(number, None)

    @rule(number=stays, login=who)
    def close(self, number: int, login: str) -> None:
        done = self.do(departure.close(self.house.ctx, self.actors[login], [number], "未见"))
        if done and done.now:
            self.closed[number] = self.house.clock.now

    @rule(number=stays, login=who)
    def deny(self, number: int, login: str) -> None:
        self.do(admission.deny(self.house.ctx, self.actors[login], number, "x"))

    @rule(hours=st.integers(1, 60))
    def wait(self, hours: int) -> None:
        self.house.clock.now += hours * HOUR
        self.do(daily.close_day(self.house.ctx, self.actors["desk"]))

    @rule(target=stays, kind=st.sampled_from(("visitor", "contractor")))
    def ask(self, kind: str) -> Any:
        stay = self.do(admission.ask(self.house.ctx, self.actors["guard"], GATE, Newcomer(kind, HOME, "张")))
        return stay.id

    @rule(number=stays, login=who, let_in=st.booleans())
    def answer(self, number: int, login: str, let_in: bool) -> None:
        if (held := self.do(admission.answer(self.house.ctx, self.actors[login], number, let_in, "x"))) and let_in:
            self.came[number] = held.heads

    @rule(target=stays, ago=st.integers(0, 30), out=st.booleans())
    def types_the_code(self, ago: int, out: bool) -> Any:
        """A gate's door tells, now or late, that the home's code opened it."""
        at = self.house.clock.now - ago * HOUR
        before = {one.id for one in self.do(self._by_code()) if one.state == "inside"}
        number = self.do(self._typed(at, out))
        if number is None:
            return multiple()
        after = {one.id: one for one in self.do(self._by_code())}
        if out:
            self.came.pop(number, None)
            self.closed.pop(number, None)
            return multiple()
        gone = [one for one in (*before, number) if after[one].state != "inside"]
        self.closed |= {one: after[one].out_at for one in gone}  # came in anew, or long ago: where they are, nobody saw
        self.came[number] = 1
        return number

    async def _by_code(self) -> Any:
        async with self.house.ctx.store.read() as tx:
            return await visits.of_code(tx, self.code)

    async def _typed(self, at: int, out: bool) -> int | None:
        async with self.house.ctx.store.write() as tx:
            row = await codes.get(tx, self.code)
            assert row is not None
            opened = bycode.Opened(row, at, out, "1号门入口", GATE)
            return await (bycode._went if out else bycode._came)(self.house.ctx, tx, opened)

    @rule(number=stays, how=st.sampled_from(("unenter", "deny", "delete")))
    def lose(self, number: int, how: str) -> None:
        """Somebody makes a stay that is going on unseen, past the services."""
        self.do(self._lose(number, how))

    async def _lose(self, number: int, how: str) -> None:
        here = (visit.c.id == number, visit.c.state == "inside")
        async with self.house.ctx.store.write() as tx:
            if how == "delete":
                await tx.execute(visit.delete().where(*here))
            else:
                change: dict[str, object] = {"in_at": None} if how == "unenter" else {"state": "denied"}
                await tx.execute(visit.update().where(*here).values(**change))

    # rows of faces are written past the services, as a mistake would, each in a transaction of its own

    @rule(person=PEOPLE)
    def consent(self, person: str) -> None:
        self.do(self._consent(self.actors[person].party))

    async def _consent(self, person: str) -> None:
        async with self.house.ctx.store.write() as tx:
            await faces.put_consent(tx, person, "face-entry", "1", "x", self.house.clock.now)

    @rule(person=PEOPLE)
    def withdraw(self, person: str) -> None:
        self.do(self._withdraw(self.actors[person].party))

    async def _withdraw(self, person: str) -> None:
        async with self.house.ctx.store.write() as tx:
            await faces.withdraw(tx, person, self.house.clock.now)

    @rule(person=PEOPLE, consent_of=PEOPLE, state=st.sampled_from((*LIVING, "withdrawn")))
    def face(self, person: str, consent_of: str, state: str) -> None:
        self.do(self._face(self.actors[person].party, self.actors[consent_of].party, state))

    async def _face(self, person: str, consent_of: str, state: str) -> None:
        now = self.house.clock.now
        async with self.house.ctx.store.write() as tx:
            held = await faces.consent_of(tx, consent_of, living=False)
            await faces.put_face(tx, person, state, held.id if held else None, "1", now, now + DAY)

    @rule(person=PEOPLE)
    def revive(self, person: str) -> None:
        self.do(self._revive(self.actors[person].party))

    async def _revive(self, person: str) -> None:
        async with self.house.ctx.store.write() as tx:
            mine = (credential.c.party == person, credential.c.kind == "face")
            await tx.execute(credential.update().where(*mine).values(state="active"))

    @rule(person=PEOPLE)
    def template(self, person: str) -> None:
        if self.do(self._template(self.actors[person].party)):
            self.bare += self.do(self._faceless(self.actors[person].party))

    async def _template(self, person: str) -> bool:
        async with self.house.ctx.store.write() as tx:
            await faces.put_sealed(tx, person, "m", 1, b"x", b"y", self.house.clock.now)
        return True

    async def _faceless(self, person: str) -> int:
        """1 for a person without a face under a living consent at this moment."""
        held = select(credential.c.id).join(consent, consent.c.id == credential.c.consent)
        mine = (credential.c.party == person, credential.c.kind == "face", credential.c.state.in_(LIVING))
        return int(not await self._rows(held.where(*mine, consent.c.withdrawn_at.is_(None))))

    @rule(longer=span, kind=st.sampled_from(sorted(LIMITED)))
    def stretch(self, longer: int, kind: str) -> None:
        """Somebody writes longer rights past the services."""
        wanted = grant.update().where(grant.c.kind == kind)
        self._force(wanted.values(until=grant.c.until + max(0, longer)))

    @rule(days=st.integers(0, 500), kind=st.sampled_from(sorted(LIMITED)))
    def forge(self, days: int, kind: str) -> None:
        """Somebody writes a right anew past the services, naming no decision."""
        kept = [column for column in grant.c if column.name not in ("id", "until", "policy")]
        row = select(*kept, grant.c.since + days * DAY, null()).where(grant.c.kind == kind).limit(1)
        self._force(grant.insert().from_select([*[column.name for column in kept], "until", "policy"], row))

    def _force(self, wanted: Any) -> None:
        """Rights written past the services: those that are new or grew lie within what is decided at that moment."""
        query = select(grant.c.id, grant.c.kind, grant.c.since, grant.c.until)
        before = {row.id: row.until for row in self.do(self._rows(query))}
        decided = {row.key: row.value for row in self.do(self._rows(select(policy_table).order_by(policy_table.c.id)))}
        self.do(self._past(wanted))
        for number, kind, since, until in self.do(self._rows(query)):
            limit = decided.get(LIMITED.get(kind, ""), "")
            assert until <= before.get(number, 0) or not limit or until - since <= int(limit) * DAY

    async def _past(self, wanted: Any) -> None:
        async with self.house.ctx.store.write() as tx:
            await tx.execute(wanted)

    @rule(number=papers)
    def wave_through(self, number: int) -> None:
        """Somebody writes a slip released past the services, whatever was counted."""
        self.do(self._wave_through(number))

    async def _wave_through(self, number: int) -> None:
        slip = (cases_table.c.id == number, cases_table.c.kind == "item_release")
        async with self.house.ctx.store.write() as tx:
            await tx.execute(cases_table.update().where(*slip).values(state="released"))

    @rule()
    def off_board(self) -> None:
        self.do(leaving.off_board(self.house.ctx, self.actors["desk"], HOME, "迁出"))
        self.do(self._again())

    async def _again(self) -> None:
        async with self.house.ctx.store.write() as tx:
            for login, role in (("limei", "owner"), ("chenzu", "tenant")):
                await people.put_tie(tx, self.actors[login].party, HOME, role, self.house.clock.now)

    async def _rights(self) -> list[Any]:
        """Everything a door opens by: rights, credentials, codes, PINs, ties, and what doors were sent."""
        kept = (grant, credential, code, pin, tie, door_state)
        return [await self._rows(select(table).order_by(*table.primary_key)) for table in kept]

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

    @invariant()
    def no_template_of_who_has_no_face(self) -> None:
        # those of a face that was withdrawn afterwards wait for their erasure
        assert self.bare == 0

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
        now = self.house.clock.now
        listed = {
            line.visit.id: line.visit.heads
            for line in self.do(muster.muster(self.house.ctx, self.actors["guard"])).lines
        }
        for number, heads in self.came.items():
            if number not in self.closed or now - self.closed[number] <= DAY:
                assert listed.get(number) == heads, number

    @invariant()
    def ended_rights_carry_nothing(self) -> None:
        held = self.do(self._ended())
        assert all(state != "active" for state in held)

    async def _ended(self) -> list[str]:
        async with self.house.ctx.store.read() as tx:
            query = select(credential.c.state).join(grant, grant.c.credential == credential.c.id)
            assert grants is not None
            return list((await tx.execute(query.where(grant.c.ended_at.is_not(None)))).scalars())


class Course:
    """A walk with its steps chosen: it goes everywhere, and everything that must never be is tried on the way."""

    def __init__(self) -> None:
        self.walk = Walk()
        self.walk.arrive()

    def see(self) -> None:
        """Asks every invariant."""
        self.walk.no_face_without_a_living_consent()
        self.walk.no_template_of_who_has_no_face()
        self.walk.no_right_past_its_limit()
        self.walk.no_goods_left_with_a_line_that_differs()
        self.walk.the_muster_has_everybody()
        self.walk.ended_rights_carry_nothing()

    def step(self, act: Any, *told: Any, **named: Any) -> Any:
        """One step, and a look."""
        done = act(*told, **named)
        self.see()
        return done

    def rows(self, query: Any) -> list[Any]:
        """What the database holds."""
        return list(self.walk.do(self.walk._rows(query)))


@pytest.fixture
def course() -> Iterator[Course]:
    """A walk about to begin."""
    made = Course()
    yield made
    made.walk.teardown()


def test_goods_leave_only_when_every_line_is_the_same(course: Course) -> None:
    walk, step = course.walk, course.step
    slip = step(walk.open, "limei", "item_release", HOUR)
    step(walk.push_on, slip)
    step(walk.count, slip, 1)
    step(walk.wave_through, slip)
    assert [row.state for row in course.rows(select(cases_table.c.state).where(cases_table.c.id == slip))] == [
        "at_gate"
    ]
    step(walk.count, slip, 2)
    assert [row.state for row in course.rows(select(cases_table.c.state).where(cases_table.c.id == slip))] == [
        "released"
    ]


def test_a_fee_touches_no_right_and_a_right_keeps_its_limit(course: Course) -> None:
    walk, step = course.walk, course.step
    permits = [step(walk.open, "limei", "temp_parking", 5 * DAY) for _ in range(2)]
    step(walk.push_on, permits[0])
    for paper in permits:
        step(walk.pay, paper, 100)
    slip = step(walk.open, "limei", "item_release", HOUR)
    step(walk.pay, slip, 100)
    assert walk.paid
    assert course.rows(select(grant.c.id))
    for kind in sorted(LIMITED):
        step(walk.stretch, DAY, kind)
        step(walk.stretch, 500 * DAY, kind)
    step(walk.decide, "parking.temp_max_days", 2, 0, "admin")
    step(walk.stretch, HOUR, "temp_parking")
    step(walk.forge, 4, "temp_parking")
    step(walk.forge, 1, "temp_parking")
    step(walk.push_on, step(walk.open, "limei", "temp_parking", DAY))
    step(walk.off_board)


def test_a_face_stands_and_falls_with_its_consent(course: Course) -> None:
    walk, step = course.walk, course.step
    step(walk.template, "limei")  # nobody has a face
    step(walk.face, "limei", "limei", "active")  # nobody has agreed
    step(walk.consent, "limei")
    step(walk.face, "chenzu", "limei", "active")  # with another's consent
    step(walk.face, "limei", "limei", "active")
    step(walk.template, "limei")
    held = select(credential.c.state).where(credential.c.kind == "face")
    assert [row.state for row in course.rows(held)] == ["active"]
    step(walk.withdraw, "limei")
    assert [row.state for row in course.rows(held)] == ["withdrawn"]
    step(walk.revive, "limei")
    step(walk.face, "limei", "limei", "waiting")
    step(walk.template, "limei")
    assert [row.state for row in course.rows(held)] == ["withdrawn"]


def test_nobody_inside_falls_off_the_muster(course: Course) -> None:
    walk, step = course.walk, course.step
    first, second = step(walk.enter, "courier", 3), step(walk.ask, "visitor")
    step(walk.answer, second, "limei", True)
    third = step(walk.enter, "visitor", 2)
    for how in ("unenter", "deny", "delete"):
        step(walk.lose, third, how)
    step(walk.deny, third, "guard")
    step(walk.wait, 30)  # over time, and the office closes its day
    step(walk.close, first, "desk")
    step(walk.wait, 20)  # possible for a day more
    assert set(walk.came) == {first, second, third}
    step(walk.leave, second, "limei", "host")
    step(walk.leave, third, "guard", "guard")
    assert set(walk.came) == {first}


def test_nobody_who_let_themselves_in_falls_off_the_muster(course: Course) -> None:
    walk, step = course.walk, course.step
    late = step(walk.types_the_code, 26, False)
    first = step(walk.types_the_code, 3, False)
    second = step(walk.types_the_code, 1, False)  # nobody saw the way out between
    assert (set(walk.came), set(walk.closed)) == ({late, first, second}, {late, first})
    step(walk.wait, 20)
    third = step(walk.types_the_code, 0, False)
    step(walk.types_the_code, 0, True)
    assert third not in walk.came
    assert second in walk.came  # possible for a day more


TestWalk = Walk.TestCase
TestWalk.settings = settings(
    max_examples=6, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
