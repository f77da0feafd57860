"""An operator's estates: only a signed count goes from one to another, and the sum announces the filing."""

import base64
from collections.abc import Callable

import pytest
from tests.host.house import DAY, House
from tests.rows.people import row

from gatecore.wire import encode, sign1
from gatehost.keys import Signer
from gatehost.model.account import ADMIN, OPERATOR, Actor
from gatehost.model.errors import BadInput, Denied, NotFound, SwitchedOff
from gatehost.model.policy import AUTHORITY_RANK
from gatehost.service.office import estates, policy

BOSS = Actor(0, "", "运营", OPERATOR, (), "zh_CN", True)
HEAD = Actor(0, "", "Administrator", ADMIN, (), "zh_CN", True)


def said(signer: Signer, *record: object) -> str:
    """A statement as an estate makes one."""
    return base64.b64encode(signer.public + sign1(encode(list(record)), signer)).decode()


@row("L10")
async def test_four_fifths_are_counted_over_all_estates_of_an_operator(house: House) -> None:
    held = await estates.all_of(house.ctx, BOSS)
    assert (held.total.stored, held.total.threshold, held.total.warned) == (0, 100_000, False)
    now, signers = house.clock.now // 1000, [Signer(bytes([number]) * 32) for number in (1, 2)]
    for signer, many, warned, due in ((signers[0], 79_999, False, False), (signers[1], 1, True, False)):
        told = said(signer, estates.PURPOSE, f"小区{many}", many, now)
        await estates.take(house.ctx, BOSS, told, f"estate {signer.public.hex()}")
        held = await estates.all_of(house.ctx, BOSS)
        assert (held.total.warned, held.total.due, held.here.warned) == (warned, due, False)
    await estates.take(house.ctx, BOSS, said(signers[1], estates.PURPOSE, "小区1", 20_001, now + 1))
    held = await estates.all_of(house.ctx, BOSS)
    assert (held.total.stored, held.total.due, len(held.others)) == (100_000, True, 2)
    await estates.forget(house.ctx, BOSS, signers[0].public.hex())
    assert (await estates.all_of(house.ctx, BOSS)).total.stored == 20_001
    with pytest.raises(NotFound):
        await estates.forget(house.ctx, BOSS, signers[0].public.hex())


async def test_what_an_estate_says_of_itself_is_a_number_and_names_nobody(house: House) -> None:
    text = await estates.statement(house.ctx, HEAD)
    data = base64.b64decode(text)
    assert len(data) < 250
    for needle in ("李梅", "120502", "12栋", "b12"):
        assert needle.encode() not in data
    assert estates._read(text) == (house.ctx.keys.estate.public, "春江花园", 0, house.clock.now)
    with pytest.raises(BadInput, match="own"):
        await estates.take(house.ctx, BOSS, text)


HARMS: tuple[Callable[[str], str], ...] = (
    lambda text: text[:-4],
    lambda text: "A" + text[1:],
    lambda text: text[:60] + "B" + text[61:],
    lambda text: "",
    lambda text: "不是",
)


@pytest.mark.parametrize("harm", HARMS)
async def test_a_count_that_is_not_whole_is_refused(house: House, harm: Callable[[str], str]) -> None:
    signer = Signer(b"1" * 32)
    text = said(signer, estates.PURPOSE, "小区", 5, house.clock.now // 1000)
    with pytest.raises(BadInput, match="damaged"):
        await estates.take(house.ctx, BOSS, harm(text), signer.public.hex())
    assert (await estates.all_of(house.ctx, BOSS)).others == ()


@pytest.mark.parametrize(
    "record",
    [
        ("gate-seal/1", "小区", 5, 1), (estates.PURPOSE, "", 5, 1), (estates.PURPOSE, "小区", -1, 1),
        (estates.PURPOSE, "小区", True, 1), (estates.PURPOSE, "小区", "5", 1), (estates.PURPOSE, "小区", 5),
        (estates.PURPOSE, "小" * 101, 5, 1),
    ],
)  # fmt: skip
async def test_a_signed_record_that_is_no_count_is_refused(house: House, record: tuple[object, ...]) -> None:
    signer = Signer(b"1" * 32)
    with pytest.raises(BadInput, match="damaged"):
        await estates.take(house.ctx, BOSS, said(signer, *record), signer.public.hex())


async def test_an_estate_is_known_by_its_trust_file_and_never_goes_back(house: House) -> None:
    signer, now = Signer(b"1" * 32), house.clock.now // 1000
    new = said(signer, estates.PURPOSE, "小区", 5, now)
    for key, code in (("", "missing"), ("estate " + "00" * 32, "differs")):
        with pytest.raises(BadInput, match=code):
            await estates.take(house.ctx, BOSS, new, key)
    await estates.take(house.ctx, BOSS, new, signer.public.hex())
    for at, code in ((now - 1, "older"), (now + 2 * DAY // 1000, "ahead")):
        with pytest.raises(BadInput, match=code):
            await estates.take(house.ctx, BOSS, said(signer, estates.PURPOSE, "小区", 1, at))
    house.clock.now += 32 * DAY
    assert (await estates.all_of(house.ctx, BOSS)).stale == {signer.public.hex()}


async def test_only_the_operator_sees_other_estates(house: House) -> None:
    for login in ("admin", "desk", "limei"):
        actor = await house.actor(login)
        for act in (
            estates.all_of(house.ctx, actor),
            estates.take(house.ctx, actor, ""),
            estates.forget(house.ctx, actor, ""),
        ):
            with pytest.raises(Denied):
                await act


async def test_an_authority_s_retention_cannot_be_overridden_by_the_estate(house: House) -> None:
    admin, where = await house.actor("admin"), ("estate", "retention.visit")
    await policy.set_rule(house.ctx, BOSS, *where, "30", "网信办", "2026第3号", "法规", AUTHORITY_RANK)
    with pytest.raises(SwitchedOff, match=r"retention\.visit"):
        await policy.set_rule(house.ctx, admin, *where, "365", "业委会", "", "更久")
    for value in ("0", "366", "-1", "many", "1.5", "٣"):
        with pytest.raises(BadInput, match="unknown"):
            await policy.set_rule(house.ctx, BOSS, *where, value, "x", "y", "z", AUTHORITY_RANK)
    assert (await policy.rule(house.ctx, "retention.visit", "estate")).value == "30"
