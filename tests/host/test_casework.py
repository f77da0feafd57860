"""The engine of papers: strict declarations, two people at once, nothing lost, who may what."""

import asyncio
import copy
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.host.house import DAY, HOUR, House

from gatehost.model.account import ROLES, Actor
from gatehost.model.errors import BadInput, Denied, NotFound, Refused, SettingsError
from gatehost.model.kind import TYPES
from gatehost.service.paper import casework, filling, form, kinds
from gatehost.service.paper.effects import EFFECTS
from gatehost.service.paper.needs import DOES, NEEDS

SHIPPED = {
    "face_enrol", "card_issue", "card_lost", "temp_pass", "temp_parking", "visitor_request", "contractor_pass",
    "courier_pass", "event",
    "item_release", "standing_item_pass", "bulky_waste", "move_in", "move_out", "decoration", "repair", "complaint",
    "enquiry", "desk_visit", "call", "incident", "archive_lend", "data_request", "drill", "training", "review", "shift",
    "desk_day", "home_review", "feedback",
}  # fmt: skip
FLOWS = tomllib.loads((kinds.DECLARED / "flows.toml").read_text(encoding="utf-8"))
SLIP = tomllib.loads((kinds.DECLARED / "item_release.toml").read_text(encoding="utf-8"))


def test_all_kinds_are_declared_and_every_need_and_effect_is_there() -> None:
    assert set(kinds.kinds()) == SHIPPED
    assert set(EFFECTS) == DOES
    used = {name for kind in kinds.kinds().values() for move in kind.moves for name in (*move.needs, *move.does)}
    used |= {name for kind in kinds.kinds().values() for name in kind.begins}
    assert used == set(NEEDS) | DOES


def test_every_kind_can_come_to_an_end_from_every_state() -> None:
    for kind in kinds.kinds().values():
        ends, grown = set(kind.ends), True
        while grown:
            before = len(ends)
            ends |= {state for move in kind.moves if {move.to, move.detour} & ends for state in move.was}
            grown = len(ends) > before
        assert set(kind.states) == ends, kind.key


def wrong(**changes: object) -> dict[str, object]:
    """The slip's declaration with something changed."""
    return copy.deepcopy(SLIP) | changes


BROKEN: list[tuple[str, dict[str, object]]] = [
    ("unknown key 'penalty'", wrong(penalty=100)),
    ("the flow has not all of", wrong(flow="approval", without=["fly"])),
    ("opens names 'king'", wrong(opens=["king"])),
    ("unknown flow 'fast'", wrong(flow="fast")),
    ("needs names 'paid'", wrong(move=[*SLIP["move"], SLIP["move"][0] | {"act": "x", "needs": ["paid"]}])),
    ("nothing leads to", wrong(move=[*SLIP["move"], SLIP["move"][0] | {"act": "x", "was": ["nowhere"]}])),
    ("is an end and left", wrong(ends=["refused", "filed", "expired", "cancelled", "released"])),
    ("unknown type", wrong(field=[*SLIP["field"], SLIP["field"][0] | {"key": "x", "type": "blob"}])),
    ("name must be", wrong(name={"en": "Slip"})),
    ("there is no rule", wrong(due="item.fee")),
    ("there is no field", wrong(chain=[{"duties": ["desk"], "only": {"paid": ["yes"]}}])),
    ("declared twice", wrong(field=[*SLIP["field"], SLIP["field"][0]])),
    ("unknown right", wrong(right={"kind": "king", "until": "until"})),
]


@pytest.mark.parametrize(("why", "told"), BROKEN)
def test_a_declaration_that_cannot_be_is_refused_at_start_with_its_place(why: str, told: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match=why):
        kinds.read("item_release", told, FLOWS)


async def repair(house: House) -> tuple[Actor, Actor, int]:
    """(two of the desk, a repair's number)."""
    desk, admin = await house.actor("desk"), await house.actor("admin")
    told: dict[str, object] = {"what": "灯坏了", "where": "3楼", "urgency": "day"}
    return desk, admin, (await casework.open_case(house.ctx, desk, "repair", "120502", told)).id


async def test_who_comes_second_is_told_who_was_first_and_nothing_is_lost(house: House) -> None:
    desk, _, number = await repair(house)
    first: dict[str, object] = {"what": "灯坏了，闪", "where": "3楼", "urgency": "now"}
    second: dict[str, object] = {"what": "灯不亮", "where": "3楼东", "urgency": "day"}
    await filling.save(house.ctx, desk, number, 1, first)
    house.clock.now += HOUR
    with pytest.raises(Refused, match="changed") as refused:
        await filling.save(house.ctx, desk, number, 1, second)
    assert refused.value.facts == {"by": "Front desk", "at": house.clock.now - HOUR, "act": "save", "version": 2}
    paper = await casework.paper(house.ctx, desk, number)
    assert (paper.case.form, paper.case.version) == (first, 2)
    assert "灯坏了" in paper.steps[-1].form


async def test_of_many_at_the_same_moment_exactly_one_changes_it(house: House) -> None:
    desk, _, number = await repair(house)

    async def change(turn: int) -> bool:
        try:
            await filling.save(house.ctx, desk, number, 1, {"what": f"{turn}", "where": "x", "urgency": "now"})
        except Refused:
            return False
        return True

    assert sum(await asyncio.gather(*[change(turn) for turn in range(12)])) == 1
    assert (await casework.paper(house.ctx, desk, number)).case.version == 2


async def test_each_kind_is_opened_by_the_roles_it_names_and_no_other(house: House) -> None:
    wrong_ones = []
    for kind in kinds.kinds().values():
        for role in ROLES:
            homes = ("120502",) if role == "resident" else ()
            kinds_of_place = kind.places if "home" not in kind.places else ("home",)
            place = {"home": "120502", "gate": "gate-1", "estate": "estate", "building": "b12"}[kinds_of_place[0]]
            limei = await house.actor("limei")
            actor = Actor(1, limei.party, role, role, homes, "en", True)
            try:
                await casework.open_case(house.ctx, actor, kind.key, place, {})
                may = True
            except Denied:
                may = False
            except BadInput as wrong:  # nobody of the home has a card that could be lost
                may = wrong.code == "no_card"
            if may != (role in kind.opens):
                wrong_ones.append((kind.key, role))
    assert not wrong_ones


async def test_a_resident_sees_papers_of_their_home_and_no_other(house: House) -> None:
    _, _, number = await repair(house)
    limei, wangfang = await house.actor("limei"), await house.actor("wangfang")
    assert (await casework.paper(house.ctx, limei, number)).case.id == number
    for act in (casework.paper(house.ctx, wangfang, number), casework.act(house.ctx, wangfang, number, 1, "assign")):
        with pytest.raises(NotFound):
            await act
    assert await casework.queue(house.ctx, wangfang) == ()
    assert [one.id for one in await casework.queue(house.ctx, limei)] == [number]


async def test_numbers_of_a_kind_follow_each_other_within_a_year(house: House) -> None:
    desk = await house.actor("desk")
    seen = [
        (await casework.open_case(house.ctx, desk, kind, "120502", {})).number
        for kind in ("repair", "repair", "enquiry", "repair")
    ]
    assert seen == ["RP-2026-00001", "RP-2026-00002", "EQ-2026-00001", "RP-2026-00003"]
    house.clock.now += 365 * DAY
    assert (await casework.open_case(house.ctx, desk, "repair", "120502", {})).number == "RP-2027-00001"


async def test_a_fee_gets_one_receipt_and_reaches_no_right(house: House) -> None:
    desk = await house.actor("desk")
    case = await casework.open_case(house.ctx, desk, "card_issue", "120502", {"name": "李梅"})
    line = await filling.take_fee(house.ctx, desk, case.id, 1, "工本费", 1000)
    assert (line.receipt, line.amount, line.done_by) == (f"{case.number}/1", 1000, "Front desk")
    with pytest.raises(Denied):
        await filling.take_fee(house.ctx, await house.actor("limei"), case.id, 2, "工本费", 1000)


MESS = st.one_of(
    st.text(max_size=300), st.integers(), st.booleans(), st.none(), st.floats(allow_nan=True), st.lists(st.integers())
)


@given(st.sampled_from(sorted(SHIPPED)), st.dictionaries(st.text(max_size=12), MESS, max_size=3), MESS)
@settings(max_examples=400)
def test_whatever_is_typed_is_a_form_or_a_named_field(key: str, extra: dict[str, object], value: object) -> None:
    kind = kinds.kinds()[key]
    typed = {field.key: value for field in kind.fields} | extra
    try:
        made = form.filled(kind, typed)
    except BadInput as error:
        named = error.field in {field.key for field in kind.fields} or error.code == "unknown"
    else:
        named = set(made) <= {field.key for field in kind.fields} and form.filled(kind, made) == made
    assert named


def test_every_type_of_field_is_used_by_a_kind_or_not_declared() -> None:
    assert {field.type for kind in kinds.kinds().values() for field in kind.fields} | {"money"} == set(TYPES)
