"""The page of staff, from the first link to the closed account; no script is needed for any of it."""

import asyncio
import re

from aiohttp import WSMsgType

from .conftest import Open
from .house import PASSWORD, House

NEW = {"name": "赵新", "login": "zhao2", "role": "guard", "why": "夜班新来"}


async def account_of(text: str, name: str) -> str:
    """The address of somebody's account on the page of staff."""
    row = next(row for row in text.split("<li>") if name in row and "/admin/staff/" in row)
    found = re.search(r"/admin/staff/\d+", row)
    assert found is not None
    return found[0]


async def test_somebody_new_is_let_in_works_and_is_signed_out_the_moment_the_account_is_closed(
    house: House, browse: Open
) -> None:
    await house.give_password("admin")
    admin, guard = await browse("admin"), await browse("")
    _, text = await admin.post("/admin/staff/new", NEW)
    link = re.search(r'value="(http[^"]+/link/[0-9a-f]+)"', text)
    assert link is not None
    at = link[1].removeprefix(house.url)
    _, text = await guard.get(at)
    assert "lets you in to work here" in text
    assert "invite visitors" not in text
    await guard.post(at)
    await guard.post("/password", {"password": PASSWORD, "again": PASSWORD})
    status, text = await guard.get("/gate")
    assert (status, "赵新" in text) == (200, True)
    _, text = await admin.get("/admin/staff")
    page = await account_of(text, "赵新")
    assert "夜班新来" in text
    async with guard.http.ws_connect(house.url + "/live", headers={"Origin": house.url}) as socket:
        status, text = await admin.post(f"{page}/close", {"why": "离职"}, page=page)
        assert (status, "closed" in text) == (200, True)
        async with asyncio.timeout(5):  # at once: the page's own look after its session comes once a minute
            message = await socket.receive()
        assert (message.type, message.data) == (WSMsgType.CLOSE, 4401)
    assert "Sign in" in (await guard.get("/gate"))[1]
    assert (await guard.post("/sign-in", {"login": "zhao2", "password": PASSWORD}))[0] == 401
    assert (await admin.get(page))[0] == 404


async def test_a_changed_role_opens_other_pages_at_the_next_touch(house: House, browse: Open) -> None:
    await house.give_password("admin")
    admin, guard = await browse("admin"), await browse("guard")
    assert (await guard.get("/desk"))[0] == 403
    page = await account_of((await admin.get("/admin/staff"))[1], "赵门岗")
    _, text = await admin.post(f"{page}/role", {"role": "desk", "duty": "lead", "why": "转岗"}, page=page)
    assert "Steward lead" in text
    assert (await guard.get("/desk"))[0] == 200
    assert (await guard.get("/gate/muster"))[0] == 200


async def test_what_may_not_be_is_said_with_what_to_do_next(house: House, browse: Open) -> None:
    await house.give_password("admin")
    admin, operator = await browse("admin"), await browse("operator")
    _, text = await admin.get("/admin/staff")
    mine, boss = await account_of(text, "Estate admin"), await account_of(text, "区运营")
    tries = (
        (admin, mine, "close", 403, "Nobody changes their own account"),
        (admin, boss, "link", 403, "Only an operator changes an operator"),
        (operator, mine, "close", 409, "Nobody else could run this estate then"),
        (operator, mine, "role", 400, "Please choose a role"),
        (operator, mine, "link", 400, "Please write why"),
    )
    for browser, page, act, status, words in tries:
        form = {"why": "" if act == "link" and browser is operator else "x", "role": "king"}
        found, text = await browser.post(f"{page}/{act}", form, page="/password")
        assert (found, words in text) == (status, True), (page, act)
    _, text = await admin.get(mine)
    assert "/close" not in text
    _, text = await operator.get(mine)
    assert "/close" in text


async def test_the_form_offers_no_role_the_reader_may_not_give(house: House, browse: Open) -> None:
    for who, offered in (("admin", False), ("operator", True)):
        _, text = await (await browse(who)).get("/admin/staff/new")
        assert ('value="operator"' in text) is offered
        assert 'value="resident"' not in text
        assert 'value="visitor"' not in text


async def test_the_page_speaks_chinese_to_its_last_word(house: House, browse: Open) -> None:
    await house.give_password("admin")
    admin = await browse("admin", "zh-CN")
    await admin.post("/admin/staff/new", NEW)
    _, text = await admin.get("/admin/staff")
    for words in ("工作人员", "赵新", "从未登录", "添加了工作人员", "夜班新来", "保安"):
        assert words in text, words
