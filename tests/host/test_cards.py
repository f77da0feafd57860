"""Cards from the desk to the door: one form of the number, dead at once when lost, ended with the lease."""

import pytest
from tests.host.device import Played
from tests.host.house import DAY, ESTATE, House

from gatecore import cards, feedback
from gatecore import records as r
from gatecore import state as s
from gatecore.clock import HOST, Now
from gatecore.door import Door
from gatecore.events import ALERT_LOST_CARD, Told, Unlock
from gatecore.throttle import Memory
from gatehost.model.card import canonical
from gatehost.model.credential import OLD
from gatehost.model.errors import BadInput, Denied, DeviceRefused, Refused, SettingsError
from gatehost.service.door import reception
from gatehost.service.founding import plan
from gatehost.service.home import homes, leaving, lost_card, renewal
from gatehost.service.office import policy
from gatehost.service.paper import casework, filling
from gatehost.store import grants, people
from gatehost.store.store import Tx

HOME, MINE = "120502", "0001234567"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0001234567", MINE),
        ("018,54919", MINE),
        ("18,54919", MINE),
        ("018， 54919", MINE),
        ("0012D68A", "0001234570"),
        ("ee6b2801", "4000000001"),
        (" 4294967295 ", "4294967295"),
        ("255,65535", "0016777215"),
    ],
)
def test_a_number_has_one_form_however_it_is_typed(typed: str, kept: str) -> None:
    assert canonical(typed) == kept
    assert canonical(kept) == kept


@pytest.mark.parametrize(
    "typed",
    ["", " ", "A0001", "1234567", "12345678", "00000000", "0000000000", "000,00000", "4294967296", "9999999999",
     "256,1", "18,65536", "18;54919", "0012D68G", "FFFFFFFFF", "１２３４５６７８９０",
     "-000000001", "1e00000000", "沪A12345"],
)  # fmt: skip
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(BadInput, match="card_number"):
        canonical(typed)


async def given(house: House, number: str, login: str = "limei") -> str:
    """A card handed over at the desk, the way of its paper; the party."""
    desk, who = await signed_in(house, "desk"), await signed_in(house, login)
    case = await casework.open_case(
        house.ctx, desk, "card_issue", who.homes[0], {"name": "x", "number": number}, who.party
    )
    for act in ("apply", "tick", "sign", "hand_over"):
        held = await casework.paper(house.ctx, desk, case.id)
        if act != "tick":
            await casework.act(house.ctx, desk, case.id, held.case.version, act)
            continue
        for check in casework.kind_of("card_issue").checks:
            held = await casework.paper(house.ctx, desk, case.id)
            await filling.tick(house.ctx, desk, case.id, held.case.version, check.key)
    return who.party


async def signed_in(house: House, login: str):  # type: ignore[no-untyped-def]
    known = house.__dict__.setdefault("known", {})
    if login not in known:
        known[login] = await house.actor(login)
    return known[login]


async def pulled(device: Played) -> s.State:
    """What a device holds after the next contact."""
    async with device.connect() as link:
        await link.greet()
        return await link.pull()


def held_to(state: s.State, number: str, now: int) -> list[Told]:
    """What a door with this state does when the card is held to it."""
    door = Door(state, Memory(), None, lambda n: bytes(n))  # type: ignore[arg-type]
    cards.fit(door)
    return door.step(cards.CardRead(int(number)), Now(1, 0, now, HOST))


def opens(effects: list[Told]) -> bool:
    return any(isinstance(effect, Unlock) for effect in effects)


def why(effects: list[Told]) -> int:
    return next(effect.reason for effect in effects if effect.__class__.__name__ == "Feedback")


async def test_a_card_opens_the_doors_of_its_path_and_no_other(house: House) -> None:
    party = await given(house, "018,54919")
    for slot, opened in (("b12-door", True), ("gate-1-in", True), ("b13-door", False)):
        state = await pulled(await house.enrolled(slot))
        effects = held_to(state, MINE, house.clock.now)
        assert opens(effects) is opened, slot
        if opened:
            (entry,) = [effect for effect in effects if effect.__class__.__name__ == "Log"]
            assert (entry.pub[2], entry.subject, entry.detail[0]) == (r.CARD, bytes.fromhex(party), HOME)
        assert MINE.encode() not in repr(state._keyed).encode()


async def test_a_card_opens_where_faces_are_off_and_of_whom_has_none(house: House) -> None:
    admin = await signed_in(house, "admin")
    await policy.set_rule(house.ctx, admin, "b12-door", "face_mode", "off", "业委会", "", "不用人脸")
    await given(house, MINE)
    assert opens(held_to(await pulled(await house.enrolled("b12-door")), MINE, house.clock.now))


async def test_a_lost_card_is_dead_at_a_connected_door_at_once_and_at_another_when_it_connects(house: House) -> None:
    party = await given(house, MINE)
    door, far = await house.enrolled("b12-door"), await house.enrolled("gate-1-in")
    before = await pulled(far)
    async with door.connect() as link:
        await link.greet()
        assert opens(held_to(await link.pull(), MINE, house.clock.now))
        await lost_card.lose(house.ctx, await signed_in(house, "limei"), party, "x")
        assert why(held_to(await link.pull(), MINE, house.clock.now)) == feedback.CARD_LOST
    assert opens(held_to(before, MINE, house.clock.now)), "nobody could tell it"
    assert why(held_to(await pulled(far), MINE, house.clock.now)) == feedback.CARD_LOST


async def test_a_replaced_card_opens_and_the_lost_one_stays_dead(house: House) -> None:
    party = await given(house, MINE)
    await lost_card.lose(house.ctx, await signed_in(house, "limei"), party, "x")
    with pytest.raises(Refused, match="card_used"):
        await given(house, "018,54919")
    await given(house, "0001234568")
    state = await pulled(await house.enrolled("b12-door"))
    assert opens(held_to(state, "0001234568", house.clock.now))
    assert why(held_to(state, MINE, house.clock.now)) == feedback.CARD_LOST


async def test_a_card_ends_with_its_lease_at_the_save_and_at_a_door_that_is_alone(house: House) -> None:
    who, end = await signed_in(house, "liqiang"), house.clock.now + 10 * DAY
    async with house.ctx.store.write() as tx:
        await people.tie_until(tx, who.party, HOME, end)
    await given(house, MINE, "liqiang")
    assert await until(house, MINE) == end
    state = await pulled(await house.enrolled("b12-door"))
    assert opens(held_to(state, MINE, end - 1))
    assert why(held_to(state, MINE, end)) == feedback.CARD_ENDED


async def until(house: House, number: str) -> int:
    async with house.ctx.store.read() as tx:
        held = await grants.by_number(tx, "card", number)
    assert held is not None
    return held[3]


async def test_no_card_outlives_four_hundred_days(house: House) -> None:
    await given(house, MINE)
    assert await until(house, MINE) == house.clock.now + 400 * DAY
    state = await pulled(await house.enrolled("b12-door"))
    assert why(held_to(state, MINE, house.clock.now + 400 * DAY)) == feedback.CARD_ENDED


async def test_who_leaves_takes_no_card_along(house: House) -> None:
    await given(house, MINE)
    desk, door = await signed_in(house, "desk"), await house.enrolled("b12-door")
    assert opens(held_to(await pulled(door), MINE, house.clock.now))
    await leaving.off_board(house.ctx, desk, HOME, "搬离")
    assert why(held_to(await pulled(door), MINE, house.clock.now)) == feedback.CARD_UNKNOWN


async def test_an_old_card_is_a_row_and_one_of_no_form_harms_no_state(house: House) -> None:
    """What a list of old cards brings: no paper, no hand-over. A number of before there was one form is passed over."""
    who = await signed_in(house, "limei")
    async with house.ctx.store.write() as tx:
        for number in (MINE, "A0001", "1234567", "00018,54919"):
            await old(tx, who.party, number, house.clock.now)
    state = await pulled(await house.enrolled("b12-door"))
    assert opens(held_to(state, MINE, house.clock.now))
    assert len(state._keyed[s.CARDS]) == 1


async def old(tx: Tx, party: str, number: str, now: int) -> None:
    await grants.put_credential(tx, party, "card", "active", number, now, now + 30 * DAY)


async def test_guards_hear_of_a_lost_card_held_to_a_door(house: House) -> None:
    door = await house.enrolled("b12-door")
    told: list[tuple[tuple[str, ...], object]] = []
    house.ctx.pages.tell = lambda audience, news: told.append((audience.roles, news.body.get("kind")))  # type: ignore[method-assign]
    await reception.alert(house.ctx, door.dev.hex(), ALERT_LOST_CARD, HOME)
    assert (("admin", "desk", "guard"), ALERT_LOST_CARD) in told
    with pytest.raises(DeviceRefused, match="field"):
        await reception.alert(house.ctx, door.dev.hex(), 16, "")


async def test_an_old_card_opens_only_while_the_estate_lets_it(house: House) -> None:
    mei, admin = await signed_in(house, "limei"), await signed_in(house, "admin")
    now = house.ctx.clock()
    async with house.ctx.store.write() as tx:
        await grants.put_credential(tx, mei.party, "card", OLD, MINE, now - 1000, now + DAY, None)
    door = await house.enrolled("b12-door")
    for value, opened in (("off", False), ("on", True), ("off", False)):
        await policy.set_rule(house.ctx, admin, "estate", "old_cards", value, "业委会", "", "换卡期间")
        assert opens(held_to(await pulled(door), MINE, house.ctx.clock())) is opened, value


async def test_a_form_without_a_number_is_refused_at_the_hand_over(house: House) -> None:
    with pytest.raises(BadInput, match="card_number"):
        await given(house, "A0001")
    assert await homes.sheet(house.ctx, await signed_in(house, "desk"), HOME)


def test_an_estate_file_may_name_old_cards_each_once_and_only_such_as_are_some() -> None:
    def people(*numbers: str) -> str:
        return ESTATE + "".join(
            f'[[person]]\nname = "x{n}"\nhome = "130101"\ncard = "{number}"\n' for n, number in enumerate(numbers)
        )

    assert [one.card for one in plan.read(people("018,54919"), "estate.toml").people if one.card] == [MINE]
    for wrong, why in ((("A0001",), "must be ten digits"), (("018,54919", MINE), "is used twice")):
        with pytest.raises(SettingsError, match=why):
            plan.read(people(*wrong), "estate.toml")


# --- renewed before it ends -------------------------------------------------------------------


async def test_cards_that_end_soon_are_listed_and_renewed_together_up_to_the_end_of_the_lease(house: House) -> None:
    desk, lease = await signed_in(house, "desk"), 700 * DAY
    for login, number in (("limei", "0000000011"), ("liqiang", "0000000012"), ("wangfang", "0000000013")):
        await given(house, number, login)
    assert await renewal.ending(house.ctx, desk) == ()
    begun = house.clock.now
    async with house.ctx.store.write() as tx:
        await people.tie_until(tx, (await signed_in(house, "liqiang")).party, HOME, begun + lease)
        # who leaves before the card ends has nothing to renew
        await people.tie_until(tx, (await signed_in(house, "wangfang")).party, "130101", begun + 400 * DAY)
    house.clock.now += 360 * DAY
    found = await renewal.ending(house.ctx, desk)
    assert [(one.number, one.until) for one in found] == [
        ("0000000011", begun + 400 * DAY),
        ("0000000012", begun + 400 * DAY),
    ]
    assert [one.renewed for one in found] == [house.clock.now + 400 * DAY, begun + lease]
    await lost_card.lose(house.ctx, desk, (await signed_in(house, "limei")).party, "lost")
    done = await renewal.renew(house.ctx, desk, tuple(one.id for one in found))
    assert [one.number for one in done] == ["0000000012"]  # the lost one stays dead
    assert await renewal.ending(house.ctx, desk) == ()


async def test_a_renewed_card_opens_its_door_again_and_only_the_office_renews(house: House) -> None:
    device = await house.enrolled("b12-door")
    desk = await signed_in(house, "desk")
    await given(house, MINE, "limei")
    house.clock.now += 395 * DAY
    (one,) = await renewal.ending(house.ctx, desk)
    later = one.until + DAY
    assert not opens(held_to(await pulled(device), MINE, later))
    for login in ("limei", "wangfang"):
        with pytest.raises(Denied):
            await renewal.renew(house.ctx, await signed_in(house, login), (one.id,))
    for wrong in ((), tuple(range(501))):
        with pytest.raises(BadInput):
            await renewal.renew(house.ctx, desk, wrong)
    await renewal.renew(house.ctx, desk, (one.id,))
    assert opens(held_to(await pulled(device), MINE, later))
