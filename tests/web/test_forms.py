"""Forms of other sites, of other sessions and without a token do nothing."""

import aiohttp
import pytest

from .conftest import Open
from .house import HOME, House
from .test_routes import HOOK, MATRIX, filled

POSTS = sorted(line for line in MATRIX if line.startswith("POST") and line != HOOK)  # a camera signs instead


async def test_no_post_works_without_the_token_of_its_own_session(house: House, browse: Open) -> None:
    fang, yang = await browse("wangfang"), await browse("liuyang")
    foreign = await yang.token("/password")
    for line in POSTS:
        _, path = filled(line)
        for form in ({}, {"form_token": ""}, {"form_token": foreign}, {"form_token": "0" * 64}):
            assert (await fang.send(path, form))[0] == 403, (line, form)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://gate.test.evil.example"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "null", "Sec_Fetch_Site": "cross-site"},
    ],
)
async def test_a_form_another_site_sends_changes_nothing(house: House, browse: Open, headers: dict[str, str]) -> None:
    fang = await browse("wangfang")
    await fang.post("/invite", {"when": "today", "home": HOME})
    token = await fang.token("/codes/1")
    assert (await fang.send("/codes/1/revoke", {"form_token": token}, **headers))[0] == 403
    assert "Taken back" not in (await fang.get("/codes/1"))[1]
    assert (await fang.send("/codes/1/revoke", {"form_token": token}, Origin=house.url))[0] == 200
    assert "Taken back" in (await fang.get("/codes/1"))[1]


async def test_a_page_that_sends_no_referrer_says_origin_null_and_is_believed_by_its_token(browse: Open) -> None:
    fang = await browse("wangfang")
    form = {"form_token": await fang.token("/invite"), "when": "today", "home": HOME}
    assert (await fang.send("/invite", form, Origin="null"))[0] == 200


async def test_a_socket_of_another_site_is_refused(house: House, browse: Open) -> None:
    fang = await browse("wangfang")
    for origin in ("https://evil.example", "null", ""):
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await fang.http.ws_connect(house.url + "/live", origin=origin or None)
    async with fang.http.ws_connect(house.url + "/live", origin=house.url):
        pass


async def test_a_refused_form_says_why_and_what_to_do_next(browse: Open) -> None:
    fang = await browse("wangfang")
    status, text = await fang.send("/invite", {"when": "today"})
    assert status == 403
    assert "reload the page, and try again. Nothing was done." in text


async def test_a_form_far_too_large_is_refused_in_words(browse: Open) -> None:
    fang = await browse("wangfang")
    form = {"form_token": await fang.token("/invite"), "visitor": "x" * 70_000}
    status, text = await fang.send("/invite", form)
    assert status == 413
    assert "too much text" in text
