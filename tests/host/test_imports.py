"""Files are tried first and taken whole or not at all; every bad line is listed with what to change."""

import pytest
from sqlalchemy import func, select
from tests.host.house import DAY, House

from gatehost.model.account import ADMIN, Actor
from gatehost.model.errors import BadInput, Denied, NotFound
from gatehost.service.founding import imports
from gatehost.service.founding.lines import card_number
from gatehost.service.gate import search
from gatehost.service.home import lost_card
from gatehost.service.office import policy
from gatehost.service.paper import casework, filling
from gatehost.store import grants, people, places
from gatehost.store.table.estate import party, place

ADMIN_1, ADMIN_2 = (Actor(number, "", "a", ADMIN, (), "zh_CN", True) for number in (1, 2))
GUARD = Actor(3, "", "g", "guard", (), "zh_CN", True)
HOMES = "楼栋,房号,名称\n13栋,130201,\nb13,130202,13栋202\n"
PEOPLE = "房号,姓名,身份,电话,出生日期,租期至\n130101,赵一,业主,139 0000 1111,,\n130101,赵二,,,2019/3/2,2027年1月31日\n"


async def took(house: House, kind: str, text: str, encoding: str = "utf-8") -> imports.Trial:
    """A file tried and taken."""
    tried = await imports.trial(house.ctx, ADMIN_1, kind, text.encode(encoding))
    assert tried.flaws == ()
    return await imports.take(house.ctx, ADMIN_1, tried.token)


async def counted(house: House) -> tuple[int, int]:
    """(places, people)."""
    async with house.ctx.store.read() as tx:
        found = [(await tx.execute(select(func.count()).select_from(table))).scalar_one() for table in (place, party)]
        return found[0], found[1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
async def test_buildings_homes_and_people_come_in_whatever_the_office_s_machine_wrote(
    house: House, encoding: str
) -> None:
    await took(house, "buildings", "名称,楼号\n14栋,14\n", encoding)
    assert (await took(house, "homes", HOMES + "14栋,140101,\n", encoding)).lines == 3
    assert (await took(house, "people", PEOPLE, encoding)).lines == 2
    async with house.ctx.store.read() as tx:
        held = await people.ties_of_home(tx, "130101", house.clock.now)
        assert (await places.home(tx, "140101")).name == "14栋0101"  # type: ignore[union-attr]
    mine = {one.name: (one.phone, one.born, tie.role, tie.until) for one, tie in held}
    assert mine["赵一"] == ("139 0000 1111", "", "owner", None)
    assert mine["赵二"] == ("", "2019-03-02", "family", 1_801_411_200_000)  # the end of that day in the estate


async def test_a_try_takes_nothing_and_lists_every_bad_line(house: House) -> None:
    before = await counted(house)
    text = (
        "home,name,role,phone,born,until\n"
        "130101,赵一,业主,,,\n"  # 2: nothing wrong
        "999999,赵二,cousin,12x,2019-02-30,2020-01-01\n"
        "130101,,业主,,,\n"
        '130101,"赵\n三",业主,,,\n'
        "130101,赵一,业主,,,\n"
        "130101,王芳,业主,,,\n"
        "130101,赵四,业主,,,,,extra\n"
    )
    tried = await imports.trial(house.ctx, ADMIN_1, "people", text.encode())
    assert tried.token == ""
    assert [(one.line, one.column, one.code) for one in tried.flaws] == [
        (3, "home", "home"), (3, "role", "role"), (3, "phone", "phone"), (3, "born", "date"), (3, "until", "ended"),
        (4, "name", "empty"), (6, "name", "long"), (7, "name", "twice"), (8, "name", "known"), (9, "", "cells"),
    ]  # fmt: skip
    assert await counted(house) == before


@pytest.mark.parametrize(
    ("kind", "line", "flaws"),
    [
        ("homes", "99栋,130301,", {"building"}),
        ("homes", "13栋,13030,", {"digits"}),
        ("homes", "13栋,１３０３０１,", {"digits"}),
        ("homes", "13栋,120301,", {"prefix"}),
        ("homes", "13栋,130101,", {"known"}),
        ("homes", "13栋,130301," + "x" * 61, {"long"}),
        ("buildings", "15栋,x", {"dial"}),
        ("buildings", "15栋,123456", {"dial"}),
        ("buildings", "15栋,120", {"known"}),
        ("buildings", ",15", {"empty"}),
        ("cards", "130101,王芳,123", {"card"}),
        ("cards", "130101,王芳,256,1", {"cells", "card"}),
        ("cards", "130101,谁,12345678", {"person"}),
        ("cards", "999999,王芳,12345678", {"home"}),
    ],
)
async def test_a_line_that_cannot_be_is_refused(house: House, kind: str, line: str, flaws: set[str]) -> None:
    heads = {"homes": "building,home,name", "buildings": "name,dial", "cards": "home,name,card"}[kind]
    tried = await imports.trial(house.ctx, ADMIN_1, kind, f"{heads}\n{line}\n".encode())
    assert {one.code for one in tried.flaws} == flaws


async def test_nothing_is_half_taken_when_the_estate_changed_in_between(house: House) -> None:
    tried = await imports.trial(house.ctx, ADMIN_1, "people", PEOPLE.encode())
    async with house.ctx.store.write() as tx:
        await people.put_party(tx, people.Party("f" * 32, "赵二"))
        await people.put_tie(tx, "f" * 32, "130101", "family", house.clock.now)
    before = await counted(house)
    again = await imports.take(house.ctx, ADMIN_1, tried.token)
    assert [(one.line, one.code) for one in again.flaws] == [(3, "known")]
    assert await counted(house) == before


async def test_a_tried_file_is_taken_once_by_who_tried_it_and_waits_half_an_hour(house: House) -> None:
    tried = await imports.trial(house.ctx, ADMIN_1, "people", PEOPLE.encode())
    with pytest.raises(NotFound):
        await imports.take(house.ctx, ADMIN_2, tried.token)
    await imports.take(house.ctx, ADMIN_1, tried.token)
    with pytest.raises(NotFound):
        await imports.take(house.ctx, ADMIN_1, tried.token)
    late = await imports.trial(house.ctx, ADMIN_1, "homes", HOMES.encode())
    house.clock.now += imports.WAITS_MS + 1
    with pytest.raises(NotFound):
        await imports.take(house.ctx, ADMIN_1, late.token)
    with pytest.raises(Denied):
        await imports.trial(house.ctx, GUARD, "homes", HOMES.encode())


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        ("房号,姓名\n".encode(), "empty"),
        (b"\xff\xfe\x00h\x00o", "encoding"),
        (b"PK\x03\x04\x00\x00\x00\x00", "encoding"),
        (b"home,nobody\n1,2\n", "columns"),
        (b"home,name,home\n1,2,3\n", "columns"),
        (b'home,name\n1,"2\n', "table"),
        (b"home,name\n" + b"1,2\n" * 10_001, "lines"),
        (b"home,name\n" + b"1,2\n" * 1_400_000, "long"),
    ],
)
async def test_what_is_no_such_table_is_refused_as_a_whole(house: House, data: bytes, code: str) -> None:
    with pytest.raises(BadInput, match=code):
        await imports.trial(house.ctx, ADMIN_1, "people", data)


async def test_ten_thousand_lines_are_taken(house: House) -> None:
    text = "home,name\n" + "".join(f"130101,赵{number}\n" for number in range(10_000))
    assert (await took(house, "people", text)).lines == 10_000


def test_a_card_s_number_is_read_as_printed() -> None:
    assert card_number(" 00 12 ab ef ") == "0001223663"
    assert card_number("12345678") == "0012345678"  # without the zeros a table's program drops
    assert card_number("123,45678") == "0008106606" == f"{123 * 65536 + 45678:010}"
    assert card_number("256,1") is None
    assert card_number("1,65536") is None
    assert card_number("12345G") is None


async def test_an_old_card_works_while_the_estate_says_so_and_until_it_is_exchanged(house: House) -> None:
    await took(house, "cards", 'home,name,card\n130101,王芳,"123,45678"\n120502,李梅,00AABB01\n')
    guard, admin = await house.actor("admin"), await house.actor("admin")
    assert [one.code for one in await search.search(house.ctx, guard, "0008106606")] == ["card_old_ended"]
    await policy.set_rule(house.ctx, admin, "estate", "old_cards", "on", "业委会", "", "换卡期间")
    assert [one.code for one in await search.search(house.ctx, guard, "00aabb01")] == ["card_old"]
    house.clock.now += 367 * DAY
    assert [one.code for one in await search.search(house.ctx, guard, "00aabb01")] == ["card_old_ended"]
    house.clock.now -= 367 * DAY
    fang = await house.actor("wangfang")
    assert await lost_card.lose(house.ctx, fang, fang.party, "丢了") == ("0008106606",)
    desk = await house.actor("desk")
    mei = (await house.actor("limei")).party
    form: dict[str, object] = {"name": "李梅", "number": "0055556666"}
    case = await casework.open_case(house.ctx, desk, "card_issue", "120502", form, mei)
    case = await casework.act(house.ctx, desk, case.id, case.version, "apply")
    for key in ("form", "id_copy", "received"):
        paper = await filling.tick(house.ctx, desk, case.id, case.version, key)
        case = paper.case
    case = await casework.act(house.ctx, desk, case.id, case.version, "sign")
    await casework.act(house.ctx, desk, case.id, case.version, "hand_over")
    async with house.ctx.store.read() as tx:
        held = await grants.credentials_of(tx, mei, "card")
    assert [(number, state) for _, number, state in held] == [("0011188993", "revoked"), ("0055556666", "active")]
