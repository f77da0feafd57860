"""Row B9: the gate works from its own copy while the host is away; what guards wrote is taken once.

The device is played on a real link: real keys, TLS, frames, batches. The unit's page: tests/unit/test_gatepage.py.
"""

import os
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from tests.host.device import Connection, Played
from tests.host.house import House
from tests.rows.people import DAY, GATE, HOME, HOUR, MINUTE, OTHER, enter, on_duty, row, signed_in

from gatecore import frames, gatecopy
from gatecore import records as r
from gatecore.gatecopy import CAME, DECIDED, FETCHED, IN, OUT, SAFE, Deed
from gatecore.records import Private
from gatecore.sign import key_id
from gatecore.wire import open_sign1
from gatehost.keys import verify
from gatehost.model.account import Actor
from gatehost.model.errors import Denied, NotFound
from gatehost.model.visit import Visit
from gatehost.service.gate import admission, departure, gatedeed, muster, presence
from gatehost.service.gate import gatecopy as copies
from gatehost.service.office import policy, staff
from gatehost.store import visits

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
SLOT = "gate-1-in"


class Unit:
    """A gate's unit played by the test: its log, its box key and the copy it holds."""

    def __init__(self, device: Played, secret: X25519PrivateKey) -> None:
        self.device, self.secret = device, secret
        self.header: Any = None

    async def connected(self) -> Connection:
        """A greeted connection that asked for the copy."""
        line = await self.device.connect().__aenter__()
        await line.greet()
        await line.say(frames.KEEP, *((self.header.generation, self.header.number) if self.header else (0, 0)))
        return line

    async def copy(self, line: Connection) -> tuple[str, list[Any], list[Any], list[Any], list[Any]]:
        """The next copy, opened as the unit's law demands."""
        (signed,) = await line.take(frames.COPY)
        keys, device = self.device.trust.keys, self.device
        assert keys is not None
        header = gatecopy.Copy.from_wire(open_sign1(signed, key_id(keys.policy), keys.policy, verify))
        assert header.dev == device.dev
        assert self.header is None or header.number > self.header.number
        assert header.upto <= device.chain.seq
        assert header.until - header.made == gatecopy.KEPT_S
        self.header = header
        bound = gatecopy.info(device.claim.estate, device.dev, header.generation, header.number)
        return gatecopy.read_inside(SUITE.decrypt(header.sealed, self.secret, bound))

    def wrote(self, by: Actor, act: int, at: int, about: int | bytes | None = None, **more: Any) -> bytes:
        """A guard's deed in the unit's log; its id."""
        made = Deed(
            more.get("id", os.urandom(16)), by.account, act, about, more.get("kind", "visitor"), more.get("home", ""),
            *(more.get(key, "") for key in ("name", "phone", "plate", "note")), more.get("heads", 1),
        )  # fmt: skip
        private = Private(os.urandom(16), made.subject, made.row()).to_wire()
        self.device.write(at, r.GATE, [act], private)
        return made.id

    async def deliver(self, line: Connection, at: int) -> None:
        """Everything the host does not have yet."""
        assert await line.deliver(line.resumes + 1, len(self.device.log), at) == len(self.device.log)
        line.resumes = len(self.device.log)
        await line.settle()


async def unit(house: House, slot: str = SLOT) -> Unit:
    """A unit that a person let into the gate's slot."""
    secret = X25519PrivateKey.generate()
    return Unit(await house.enrolled(slot, secret.public_key().public_bytes_raw()), secret)


async def stay(house: House, number: int) -> Visit:
    async with house.ctx.store.read() as tx:
        found = await visits.get(tx, number)
    assert found is not None
    return found


@row("B9", "B12", "B19")
async def test_what_a_guard_wrote_at_the_gate_while_the_host_was_away_arrives_once_with_its_time(house: House) -> None:
    guard, at = await on_duty(house), await unit(house)
    inside = await enter(house, guard, "visitor", confirmed_by="李梅", name="张阿姨", phone="139 1234 5678", heads=2)
    line = await at.connected()
    name, _, stays, _, _ = await at.copy(line)
    assert name == "1号门"
    assert [one[:6] for one in stays] == [[inside.id, gatecopy.INSIDE, "visitor", "张阿姨", "", "5678"]]
    await line.__aexit__(None, None, None)  # the host goes away
    then = house.clock.now
    at.wrote(guard, CAME, then + MINUTE)
    at.wrote(guard, OUT, then + 5 * MINUTE, inside.id)
    new = at.wrote(guard, IN, then + 6 * MINUTE, home=HOME, name="表哥", note="李梅电话", heads=3)
    at.wrote(guard, SAFE, then + 7 * MINUTE, new)
    house.clock.now += 3 * HOUR
    line = await at.connected()
    await at.deliver(line, house.clock.now)
    gone = await stay(house, inside.id)
    assert (gone.state, gone.out_at, gone.out_by, gone.out_gate) == ("left", then + 5 * MINUTE, "赵门岗", GATE)
    (here,) = await presence.present(house.ctx, guard)
    assert (here.name, here.in_at, here.in_gate, here.heads) == ("表哥", then + 6 * MINUTE, GATE, 3)
    assert here.safe_at == then + 7 * MINUTE
    await at.copy(line)
    _, _, stays, _, _ = await at.copy(line)
    assert [one[0] for one in stays] == [here.id]
    assert at.header.upto == len(at.device.log)
    before = await gatedeed.written(house.ctx, guard)
    await line.__aexit__(None, None, None)
    line = await at.connected()  # the same log is offered and read again: nothing doubles
    await line.say(frames.BATCH, *at.device.batch(1, len(at.device.log), house.clock.now))
    await line.settle()
    await gatedeed.take_all(house.ctx)
    assert await gatedeed.written(house.ctx, guard) == before
    assert [one.told for one in before] == [""] * 4
    assert len(await presence.present(house.ctx, guard)) == 1
    await line.__aexit__(None, None, None)


@row("B9", "B1")
async def test_what_differs_is_told_to_the_office_and_nobody_is_lost(house: House) -> None:
    guard, desk, at = await on_duty(house), await signed_in(house, "desk"), await unit(house)
    resident = await signed_in(house, "limei")
    left = await enter(house, guard, "visitor", confirmed_by="李梅", name="甲")
    waits = await admission.ask(house.ctx, guard, GATE, _newcomer("乙"))
    line = await at.connected()
    await at.copy(line)
    then = house.clock.now
    house.clock.now += 10 * MINUTE
    await departure.leave(house.ctx, resident, left.id, "", "host")  # the host's pages say so meanwhile
    await admission.answer(house.ctx, resident, waits.id, False)
    cases = {
        at.wrote(guard, OUT, then + 30 * MINUTE, left.id): "left_already",
        at.wrote(guard, IN, then + 5 * MINUTE, waits.id): "not_awaited",
        at.wrote(guard, IN, then + MINUTE, home="999999", name="丙"): "home_unknown",
        at.wrote(guard, OUT, then + MINUTE, 4711): "visit_unknown",
        at.wrote(guard, OUT, then + MINUTE, b"n" * 16): "visit_unknown",
        at.wrote(resident, IN, then + MINUTE, home=HOME, name="丁"): "guard_unknown",
    }
    house.clock.now += HOUR
    await at.deliver(line, house.clock.now)
    told = {one.id: one.told for one in await gatedeed.written(house.ctx, desk)}
    assert told == {key.hex(): why for key, why in cases.items()}
    present = await muster.muster(house.ctx, desk)
    assert {one.visit.name for one in present.lines} == {"乙", "丙", "丁"}
    assert (await stay(house, left.id)).out_how == "host"
    assert await gatedeed.unsettled(house.ctx, desk) == 6
    first = next(iter(cases)).hex()
    await gatedeed.settle(house.ctx, desk, first)
    with pytest.raises(NotFound):
        await gatedeed.settle(house.ctx, desk, first)
    with pytest.raises(Denied):
        await gatedeed.settle(house.ctx, guard, first)
    assert await gatedeed.unsettled(house.ctx, desk) == 5
    await line.__aexit__(None, None, None)


@row("B9", "B23")
async def test_what_is_written_in_a_guard_s_name_after_the_account_was_closed_is_pointed_out(house: House) -> None:
    guard, desk, at = await on_duty(house), await signed_in(house, "desk"), await unit(house)
    admin, line = await signed_in(house, "admin"), await at.connected()
    await line.__aexit__(None, None, None)
    before = at.wrote(guard, IN, house.clock.now, home=HOME, name="甲")
    house.clock.now += HOUR
    await staff.close(house.ctx, admin, guard.account, "离职")
    after = at.wrote(guard, IN, house.clock.now + MINUTE, home=HOME, name="乙")
    house.clock.now += HOUR
    line = await at.connected()
    await at.deliver(line, house.clock.now)
    told = {one.id: one.told for one in await gatedeed.written(house.ctx, desk)}
    assert told == {before.hex(): "", after.hex(): "guard_unknown"}
    await line.__aexit__(None, None, None)


@row("B30", "B9")
async def test_the_copy_says_where_visitors_are_accompanied_and_who_came_in_alone_is_told(house: House) -> None:
    guard, desk, admin = await on_duty(house), await signed_in(house, "desk"), await signed_in(house, "admin")
    at = await unit(house)
    line = await at.connected()
    assert (await at.copy(line))[4] == [0, []]
    for place, value in (("estate", "on"), ("b13", "off")):
        await policy.set_rule(house.ctx, admin, place, "visitor.escort", value, "业委会", "2026-3", "住户要求")
    await copies.offer(house.ctx)
    everywhere, others = (await at.copy(line))[4]
    assert (everywhere, OTHER in others, HOME in others) == (1, True, False)
    waits = [await admission.ask(house.ctx, guard, GATE, _newcomer(name)) for name in ("乙", "丙")]
    then = house.clock.now
    at.wrote(guard, FETCHED, then + MINUTE, waits[0].id, note="住户本人到门岗")
    at.wrote(guard, DECIDED, then + 2 * MINUTE, home=HOME, name="丁", note="下雨，老人")
    alone = [
        at.wrote(guard, IN, then + 3 * MINUTE, waits[1].id),
        at.wrote(guard, IN, then + 4 * MINUTE, home=HOME, name="戊", note="住户电话"),
    ]
    at.wrote(guard, IN, then + 5 * MINUTE, home=OTHER, name="己", note="住户电话")
    at.wrote(guard, IN, then + 6 * MINUTE, home=HOME, kind="courier")
    house.clock.now += HOUR
    await at.deliver(line, house.clock.now)
    here = {one.name: one for one in await presence.present(house.ctx, guard)}
    assert set(here) == {"乙", "丙", "丁", "戊", "己", ""}  # a muster loses nobody
    held = {name: (one.confirmed_by, one.reason, one.discretion) for name, one in here.items()}
    assert held["乙"] == ("住户本人到门岗", "", 0)
    assert held["丁"] == ("", "下雨，老人", 1)
    assert held["己"] == ("住户电话", "", 0)
    told = {one.id for one in await gatedeed.written(house.ctx, desk) if one.told == "escort"}
    assert told == {one.hex() for one in alone}
    assert await gatedeed.unsettled(house.ctx, desk) == 2
    await line.__aexit__(None, None, None)


def _newcomer(name: str) -> Any:
    from gatehost.model.visit import Newcomer

    return Newcomer("visitor", HOME, name)


@row("B9")
async def test_a_unit_without_a_clock_is_counted_back_from_when_it_had_one(house: House) -> None:
    guard, at = await on_duty(house), await unit(house)
    line = await at.connected()
    await at.copy(line)
    device, then = at.device, house.clock.now
    sure = device.now
    device.now = lambda utc: (
        sure(utc)._replace(utc=None, quality=0) if hasattr(sure(utc), "_replace") else _unsure(sure(utc))
    )  # type: ignore[method-assign]
    at.wrote(guard, IN, then, home=HOME, name="早")
    device.now = sure  # type: ignore[method-assign]
    at.wrote(guard, IN, then + HOUR, home=HOME, name="晚")
    house.clock.now += 2 * HOUR
    await at.deliver(line, house.clock.now)
    early, late = sorted(await presence.present(house.ctx, guard), key=lambda one: one.in_at or 0)
    assert (early.name, late.name, late.in_at) == ("早", "晚", then + HOUR)
    assert 0 < late.in_at - (early.in_at or 0) < 1000  # the unit's own powered-on time lies between them
    await line.__aexit__(None, None, None)


def _unsure(now: Any) -> Any:
    from gatecore.clock import Now

    return Now(now.boot, now.mono, None, 0)


@row("B9", "L15")
async def test_the_copy_holds_no_history_no_resident_and_no_whole_phone_number(house: House) -> None:
    guard, at = await on_duty(house), await unit(house)
    gone = await enter(house, guard, "visitor", confirmed_by="李梅", name="走了", phone="13900001234")
    await departure.leave(house.ctx, guard, gone.id, GATE)
    await enter(
        house, guard, "visitor", confirmed_by="李梅", name="在", phone="13900005678", evidence="x", purpose="看病"
    )
    code, _ = await copies.give_pass(house.ctx, guard)
    line = await at.connected()
    inside = await at.copy(line)
    text = repr(inside)
    assert "在" in text
    for absent in ("走了", "李梅", "1390000", "看病", code.replace(" ", ""), code[-9:].replace(" ", "")):
        assert absent not in text
    await line.__aexit__(None, None, None)


@row("B9")
async def test_a_guard_s_code_is_kept_as_a_slow_hash_and_ends_with_a_new_one_and_with_its_time(house: House) -> None:
    guard, at = await on_duty(house), await unit(house)
    first, _ = await copies.give_pass(house.ctx, guard)
    second, until = await copies.give_pass(house.ctx, guard)
    line = await at.connected()
    _, ((account, name, salt, hashed, ends),), _, _, _ = await at.copy(line)
    assert (account, name, ends) == (guard.account, "赵门岗", until // 1000)
    (number, code), (_, old) = gatecopy.parted(second) or (0, ""), gatecopy.parted(first) or (0, "")
    assert number == guard.account
    assert copies.slow_hash(code, salt) == hashed != copies.slow_hash(old, salt)
    house.clock.now += 8 * DAY
    await copies.offer(house.ctx)
    assert (await at.copy(line))[1] == []
    with pytest.raises(Denied):
        await copies.give_pass(house.ctx, await signed_in(house, "limei"))
    await line.__aexit__(None, None, None)


@row("B9")
async def test_only_a_unit_at_a_gate_is_given_a_copy(house: House) -> None:
    at = await unit(house, "b12-door")
    async with at.device.connect() as line:
        await line.greet()
        await line.say(frames.KEEP, 0, 0)
        await line.settle()
        assert frames.COPY not in [kind for kind, _ in line.stash]
    async with (await unit(house)).device.connect() as silent:  # a gate's unit that does not ask
        await silent.greet()
        await enter(house, await on_duty(house))
        assert await copies.offer(house.ctx) == 0


@row("B9")
async def test_a_deed_that_is_none_is_passed_over_and_the_next_one_counts(house: House) -> None:
    guard, at = await on_duty(house), await unit(house)
    line = await at.connected()
    for detail in (None, [1], ["x"] * 11):
        at.device.write(house.clock.now, r.GATE, [IN], Private(os.urandom(16), b"gate", detail).to_wire())
    at.wrote(guard, IN, house.clock.now, home=HOME, name="表哥")
    await at.deliver(line, house.clock.now)
    assert [one.name for one in await presence.present(house.ctx, guard)] == ["表哥"]
    await line.__aexit__(None, None, None)


@row("B9")
async def test_one_deed_that_a_unit_wrote_twice_counts_once(house: House) -> None:
    guard, at = await on_duty(house), await unit(house)
    line = await at.connected()
    once = at.wrote(guard, IN, house.clock.now, home=HOME, name="表哥")
    at.wrote(guard, IN, house.clock.now, home=HOME, name="表哥", id=once)  # a form sent again after a restart
    at.wrote(guard, IN, house.clock.now, home=HOME, name="表姐")
    await at.deliver(line, house.clock.now)
    assert sorted(one.name for one in await presence.present(house.ctx, guard)) == ["表哥", "表姐"]
    await line.__aexit__(None, None, None)
