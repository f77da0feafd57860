"""Accounts of staff: nobody raises their own rights, nobody locks everybody out, closing is at once."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select
from tests.host.house import DAY, HOUR, House

from gatecore.clock import day_of
from gatehost import letin
from gatehost.model.account import HOST, Actor
from gatehost.model.errors import BadInput, Denied, NotFound, Refused
from gatehost.service.evidence import audit
from gatehost.service.gate import gatecopy
from gatehost.service.office import accounts, staff
from gatehost.service.office.staff import Employee
from gatehost.store import accounts as rows
from gatehost.store import endings, gatecopies
from gatehost.store.table.account import session

PASSWORD = "correct horse battery"
WHY = "夜班新来"


async def ready(house: House, login: str = "admin") -> Actor:
    """Somebody who has chosen a password."""
    return (await accounts.set_password(house.ctx, await house.actor(login), PASSWORD)).actor


async def new(house: House, boss: Actor, login: str, role: str, password: bool = True) -> Actor:
    """Somebody let in, who used the link and, unless told otherwise, chose a password."""
    _, token = await staff.add(house.ctx, boss, login, login, role, (), WHY)
    signed = await accounts.use_link(house.ctx, token)
    if password:
        signed = await accounts.set_password(house.ctx, signed.actor, PASSWORD)
    return signed.actor


async def operator(house: House) -> Actor:
    """An operator, as the estate file makes one."""
    async with house.ctx.store.write() as tx:
        await staff.put_staff(house.ctx, tx, "运营", "operator", "operator", ())
    return await ready(house, "operator")


async def test_somebody_new_comes_by_a_link_that_works_once_for_thirty_minutes_and_chooses_a_password(
    house: House,
) -> None:
    admin = await ready(house)
    number, token = await staff.add(house.ctx, admin, "赵门岗", "zhao", "guard", ("patrol",), WHY)
    told = await accounts.look_at_link(house.ctx, token)
    assert (told.purpose, told.role, told.until) == ("activate", "guard", house.clock.now + 30 * 60_000)
    signed = await accounts.use_link(house.ctx, token)
    assert (signed.actor.account, signed.actor.role, signed.actor.duties) == (number, "guard", ("patrol",))
    assert not signed.actor.has_password
    with pytest.raises(NotFound):
        await accounts.use_link(house.ctx, token)
    _, late = await staff.add(house.ctx, admin, "小王", "wang", "desk", (), WHY)
    house.clock.now += 30 * 60_000
    with pytest.raises(NotFound):
        await accounts.use_link(house.ctx, late)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("name", {"name": " "}),
        ("name", {"name": "x" * 61}),
        ("name", {"name": "a\x00b"}),
        ("login", {"login": ""}),
        ("login", {"login": "admin"}),
        ("login", {"login": "limei"}),
        ("login", {"login": "a b"}),
        ("role", {"role": "resident"}),
        ("role", {"role": "root"}),
        ("role", {"role": "operator"}),
        ("duties", {"duties": ("king",)}),
        ("why", {"why": " "}),
        ("why", {"why": "x" * 201}),
    ],
)
async def test_what_cannot_be_is_told_by_its_field_and_nothing_is_made(
    house: House, field: str, change: dict[str, str]
) -> None:
    admin = await ready(house)
    before = await staff.listed(house.ctx, admin)
    form = {"name": "赵", "login": "zhao", "role": "guard", "duties": (), "why": WHY} | change
    with pytest.raises(BadInput) as told:
        await staff.add(house.ctx, admin, **form)  # type: ignore[arg-type]
    assert told.value.field == field
    assert await staff.listed(house.ctx, admin) == before


@pytest.mark.parametrize("login", ["desk", "guard", "committee", "limei"])
async def test_nobody_but_an_admin_and_an_operator_sees_or_changes_the_staff(house: House, login: str) -> None:
    admin = await ready(house)
    if login in ("guard", "committee"):
        await new(house, admin, login, login)
    other, target = await house.actor(login), await new(house, admin, "x", "desk")
    for act in (
        staff.listed(house.ctx, other),
        staff.changes(house.ctx, other),
        staff.one(house.ctx, other, target.account),
        staff.add(house.ctx, other, "y", "y", "admin", (), WHY),
        staff.give_role(house.ctx, other, target.account, "admin", (), WHY),
        staff.make_link(house.ctx, other, target.account, WHY),
        staff.close(house.ctx, other, target.account, WHY),
    ):
        with pytest.raises(Denied):
            await act


async def test_nobody_changes_their_own_account(house: House) -> None:
    admin, boss = await ready(house), await operator(house)
    for one in (admin, boss):
        for act in (
            staff.give_role(house.ctx, one, one.account, one.role, ("manager",), WHY),
            staff.make_link(house.ctx, one, one.account, WHY),
            staff.close(house.ctx, one, one.account, WHY),
        ):
            with pytest.raises(Denied) as told:
                await act
            assert told.value.code == "own_account"
        assert not (await staff.one(house.ctx, one, one.account)).mine


async def test_an_admin_neither_makes_nor_becomes_nor_touches_an_operator(house: House) -> None:
    admin, boss = await ready(house), await operator(house)
    helper = await new(house, admin, "helper", "admin")
    with pytest.raises(BadInput):
        await staff.give_role(house.ctx, admin, helper.account, "operator", (), WHY)
    for act in (
        staff.give_role(house.ctx, admin, boss.account, "guard", (), WHY),
        staff.make_link(house.ctx, admin, boss.account, WHY),
        staff.close(house.ctx, admin, boss.account, WHY),
        accounts.make_link(house.ctx, admin, boss.party),
    ):
        with pytest.raises(Denied):
            await act
    assert not (await staff.one(house.ctx, admin, boss.account)).mine
    await staff.give_role(house.ctx, boss, helper.account, "operator", (), WHY)
    assert (await staff.one(house.ctx, boss, helper.account)).role == "operator"


async def test_the_page_for_residents_links_makes_none_for_staff(house: House) -> None:
    """Such a link would let an administrator in as somebody else without their noticing."""
    admin = await ready(house)
    desk = await new(house, admin, "second", "desk")
    with pytest.raises(Denied):
        await accounts.make_link(house.ctx, admin, desk.party)


async def test_the_last_admin_who_can_sign_in_is_neither_closed_nor_given_another_role(house: House) -> None:
    admin, boss = await ready(house), await operator(house)
    second = await new(house, boss, "second", "admin", password=False)
    for act in (
        staff.close(house.ctx, boss, admin.account, WHY),
        staff.give_role(house.ctx, boss, admin.account, "desk", (), WHY),
    ):
        with pytest.raises(Refused) as told:  # the second has no password yet: their link may never be used
            await act
        assert told.value.code == "last_admin"
    await accounts.set_password(house.ctx, second, PASSWORD)
    await staff.close(house.ctx, boss, admin.account, WHY)
    with pytest.raises(Refused):
        await staff.close(house.ctx, boss, second.account, WHY)
    await staff.make_link(house.ctx, boss, second.account, WHY)  # who lost the password is let in again


async def test_of_two_admins_who_close_each_other_at_once_one_stays(house: House) -> None:
    first = await ready(house)
    second = await new(house, first, "second", "admin")
    done = await asyncio.gather(
        staff.close(house.ctx, first, second.account, WHY),
        staff.close(house.ctx, second, first.account, WHY),
        return_exceptions=True,
    )
    assert sorted(type(one) for one in done if one is not None) == [Denied]
    left = [one for one in await staff.listed(house.ctx, first if done[0] is None else second) if one.role == "admin"]
    assert len(left) == 1


async def test_who_was_closed_or_lost_the_role_does_nothing_more_with_a_page_still_open(house: House) -> None:
    admin = await ready(house)
    second = await new(house, admin, "second", "admin")
    await staff.give_role(house.ctx, admin, second.account, "desk", (), WHY)
    with pytest.raises(Denied):
        await staff.add(house.ctx, second, "x", "x", "admin", (), WHY)
    forged = replace(second, account=admin.account)  # even with another's number the role must be theirs
    with pytest.raises(Denied):
        await staff.add(house.ctx, replace(forged, role="operator"), "x", "x", "operator", (), WHY)


async def test_closing_ends_sessions_links_and_password_at_once_and_frees_the_login(house: House) -> None:
    admin = await ready(house)
    guard = await new(house, admin, "guard", "guard")
    signed = [await accounts.sign_in(house.ctx, "guard", PASSWORD) for _ in range(2)]
    async with house.ctx.store.write() as tx:
        link = await accounts.put_link(house.ctx, tx, guard.account, activated=True)
    await staff.close(house.ctx, admin, guard.account, "离职")
    for one in signed:
        assert await accounts.actor_of(house.ctx, one.token) is None
    with pytest.raises(NotFound):
        await accounts.use_link(house.ctx, link)
    with pytest.raises(Denied):
        await accounts.sign_in(house.ctx, "guard", PASSWORD)
    async with house.ctx.store.read() as tx:
        assert (await tx.execute(select(session.c.hash).where(session.c.account == guard.account))).all() == []
    for act in (
        staff.one(house.ctx, admin, guard.account),
        staff.give_role(house.ctx, admin, guard.account, "desk", (), WHY),
        staff.make_link(house.ctx, admin, guard.account, WHY),
        staff.close(house.ctx, admin, guard.account, WHY),
    ):
        with pytest.raises(NotFound):
            await act
    again = await new(house, admin, "guard", "guard")
    assert again.account != guard.account


async def test_a_session_begun_while_the_account_was_being_closed_is_worth_nothing(house: House) -> None:
    admin = await ready(house)
    guard = await new(house, admin, "guard", "guard")
    done = await asyncio.gather(
        accounts.sign_in(house.ctx, "guard", PASSWORD),
        staff.close(house.ctx, admin, guard.account, "离职"),
        return_exceptions=True,
    )
    if isinstance(done[0], accounts.SignedIn):
        assert await accounts.actor_of(house.ctx, done[0].token) is None
    async with house.ctx.store.write() as tx:
        await rows.put_session(tx, b"x" * 32, guard.account, house.clock.now, house.clock.now + HOUR)
        assert await rows.by_session(tx, b"x" * 32, house.clock.now) is None


async def test_a_closed_guard_s_code_is_in_no_copy_of_the_gate_from_now_on(house: House) -> None:
    admin = await ready(house)
    guard = await new(house, admin, "guard", "guard")
    await gatecopy.give_pass(house.ctx, guard)
    async with house.ctx.store.read() as tx:
        assert [one.account for one in await gatecopies.passes(tx, house.clock.now)] == [guard.account]
    await staff.close(house.ctx, admin, guard.account, "离职")
    async with house.ctx.store.read() as tx:
        assert await gatecopies.passes(tx, house.clock.now) == ()


async def test_open_pages_of_an_account_are_told_at_once(house: House) -> None:
    admin = await ready(house)
    guard = await new(house, admin, "guard", "guard")
    async with house.ctx.pages.open(guard) as mine, house.ctx.pages.open(admin) as others:
        await staff.give_role(house.ctx, admin, guard.account, "desk", (), WHY)
        async with asyncio.timeout(5):
            assert (await anext(mine)).kind == "account"
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await anext(others)


async def test_a_new_link_takes_the_old_password_and_sessions_away(house: House) -> None:
    """So nobody is signed in as without noticing it."""
    admin = await ready(house)
    desk = await new(house, admin, "second", "desk")
    signed = await accounts.sign_in(house.ctx, "second", PASSWORD)
    token = await staff.make_link(house.ctx, admin, desk.account, "忘记密码")
    assert await accounts.actor_of(house.ctx, signed.token) is None
    with pytest.raises(Denied):
        await accounts.sign_in(house.ctx, "second", PASSWORD)
    assert not (await accounts.use_link(house.ctx, token)).actor.has_password


async def test_every_change_is_in_the_log_with_who_whom_and_why(house: House) -> None:
    admin = await ready(house)
    guard = await new(house, admin, "guard", "guard")
    house.clock.now += 1
    await staff.give_role(house.ctx, admin, guard.account, "desk", ("lead",), "转岗")
    await staff.make_link(house.ctx, admin, guard.account, "忘记密码")
    await staff.close(house.ctx, admin, guard.account, "离职")
    told = await staff.changes(house.ctx, admin)
    assert [(one.act, one.whom, one.role, one.duties, one.why) for one in told] == [
        ("staff.close", "guard", "", (), "离职"),
        ("staff.link", "guard", "", (), "忘记密码"),
        ("staff.role", "guard", "desk", ("lead",), "转岗"),
        ("staff.add", "guard", "guard", (), WHY),
    ]
    assert {one.who for one in told} == {admin.name}
    lines = [line for line in await audit.look_ups(house.ctx, admin) if line.action.startswith("staff.")]
    assert len(lines) == len(told)


async def test_the_list_says_of_a_sign_in_the_day_and_no_more(house: House) -> None:
    admin = await ready(house)
    guard = await new(house, admin, "guard", "guard")

    async def shown() -> Employee:
        return next(one for one in await staff.listed(house.ctx, admin) if one.account == guard.account)

    first = await shown()
    house.clock.now += 3 * HOUR
    await accounts.sign_in(house.ctx, "guard", PASSWORD)
    assert await shown() == first  # at another hour of the same day nothing is different
    house.clock.now += DAY
    await accounts.sign_in(house.ctx, "guard", PASSWORD)
    assert (await shown()).signed_in_on == (first.signed_in_on or 0) + 1 == day_of(house.clock.now, ((0, 480),))
    limei = await house.actor("limei")
    async with house.ctx.store.read() as tx:
        resident = await rows.by_id(tx, limei.account)
    assert resident is not None
    assert resident.signed_in_on is None


async def test_a_restored_backup_does_not_let_a_closed_account_in_again(house: House) -> None:
    admin = await ready(house)
    guard = await new(house, admin, "guard", "guard")
    at = house.clock.now
    async with house.ctx.store.read() as tx:
        assert ("account", guard.account) not in (await endings.ended(tx, at)).rows
    await staff.close(house.ctx, admin, guard.account, "离职")
    async with house.ctx.store.read() as tx:
        told = endings.read((await endings.ended(tx, at)).to_text())
    assert told.rows["account", guard.account] == at
    other = await new(house, admin, "guard", "guard")  # as the backup has it: open, with login and password
    async with house.ctx.store.write() as tx:
        await endings.end_row(tx, "account", other.account, at)
    with pytest.raises(Denied):
        await accounts.sign_in(house.ctx, "guard", PASSWORD)


async def test_who_keeps_the_machine_lets_the_one_admin_in_again_and_the_log_says_so(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    admin = await ready(house)
    signed = await accounts.sign_in(house.ctx, "admin", PASSWORD)
    command = ["admin", "--dir", str(house.folder), "--url", "http://gate.lan"]
    assert await asyncio.to_thread(letin.main, command) == 0  # while the host runs
    link = capsys.readouterr().out.strip()
    assert link.startswith("http://gate.lan/link/")
    assert await accounts.actor_of(house.ctx, signed.token) is None
    with pytest.raises(Denied):
        await accounts.sign_in(house.ctx, "admin", PASSWORD)
    async with house.ctx.store.read() as tx:
        made = await rows.open_link(tx, accounts._hash(link.rpartition("/")[2]), 0)
    assert made is not None
    assert made[0].id == admin.account
    (line,) = await staff.changes(house.ctx, admin)
    assert (line.who, line.act, line.whom, line.why) == ("Kaimen", "staff.link", admin.name, "kaimen host link")


@pytest.mark.parametrize("login", ["nobody", "limei", ""])
async def test_the_machine_s_keeper_is_told_of_a_wrong_name_or_folder(
    house: House, login: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await asyncio.to_thread(letin.main, [login, "--dir", str(house.folder)]) == 1
    told = capsys.readouterr().err
    assert "nobody of the staff" in told
    assert told.endswith("there are admin, desk\n"), "after years nobody remembers the name; no resident's is told"
    assert await asyncio.to_thread(letin.main, ["admin", "--dir", str(house.folder / "elsewhere")]) == 1
    assert "is no host's folder" in capsys.readouterr().err
    assert not (house.folder / "elsewhere").exists()


async def test_the_host_s_own_name_is_no_way_to_change_accounts(house: House) -> None:
    admin = await ready(house)
    guard = await new(house, admin, "guard", "guard")
    with pytest.raises(Denied):
        await staff.close(house.ctx, HOST, guard.account, WHY)
