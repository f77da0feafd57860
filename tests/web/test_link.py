"""One-use links, and that no secret leaves in a log, a referrer or a stored copy."""

import logging

import pytest

from .conftest import Open
from .house import HOME, House

ADDRESSES = (
    "/",
    "/sign-in",
    "/link/x",
    "/v/x",
    "/privacy",
    "/nowhere",
    "/me",
    "/today",
    "/static/kaimen.js",
    "/static/no",
)


async def test_looking_at_a_link_does_not_use_it_up(house: House, browse: Open) -> None:
    path = f"/link/{house.links['wangfang']}"
    for _ in range(3):
        preview = await browse("")
        status, text = await preview.get(path)
        assert status == 200
        assert "Welcome, 王芳" in text
        async with preview.http.head(house.url + path) as answer:
            assert answer.status == 200
    status, text = await (await browse("")).post(path)
    assert status == 200
    assert "Choose a password" in text


async def test_a_link_works_once(house: House, browse: Open) -> None:
    path = f"/link/{house.links['wangfang']}"
    first, second = await browse(""), await browse("")
    token = await second.token(path)
    await first.post(path)
    status, text = await second.send(path, {"form_token": token})
    assert status == 404
    assert "This link no longer works" in text
    assert "ask the front desk for a new link" in text
    assert second.cookie("kaimen-session") == ""


async def test_a_link_ends_with_its_time(house: House, browse: Open) -> None:
    house.later(31 * 60_000)
    status, text = await (await browse("")).get(f"/link/{house.links['wangfang']}")
    assert (status, "This link no longer works" in text) == (404, True)


async def test_no_token_reaches_a_log(house: House, browse: Open, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "aiohttp.access")  # a host that was run in this process left it quieter
    secret = house.links["wangfang"]
    fang = await browse("")
    await fang.post(f"/link/{secret}?from={secret}")
    await fang.post("/invite", {"when": "today", "home": HOME})
    visitor = fang.cookie("kaimen-visitor-1")
    await fang.get(f"/v/{visitor}")
    await fang.get(f"/v/{visitor}/more")
    session, said = fang.cookie("kaimen-session"), caplog.text
    assert "/link/…" in said
    assert "/v/…" in said
    for held in (secret, visitor, session):
        assert held
        assert held not in said
    assert "127.0.0.1" not in said


@pytest.mark.parametrize("path", ADDRESSES)
async def test_every_answer_carries_the_headers(browse: Open, house: House, path: str) -> None:
    browser = await browse("")
    async with browser.http.get(house.url + path, allow_redirects=False) as answer:
        sent = answer.headers
    policy = dict(part.strip().split(" ", 1) for part in sent["Content-Security-Policy"].split(";"))
    assert (policy["default-src"], policy["script-src"], policy["style-src"]) == ("'none'", "'self'", "'self'")
    assert (policy["frame-ancestors"], policy["base-uri"], policy["form-action"]) == ("'none'", "'none'", "'self'")
    assert (sent["Referrer-Policy"], sent["X-Content-Type-Options"]) == ("no-referrer", "nosniff")
    assert (sent.get("Cache-Control") == "no-store") is not path.startswith("/static/")
    assert "Server" not in sent or "Python" not in sent["Server"]


async def test_pages_hold_no_script_or_style_of_their_own(browse: Open) -> None:
    fang = await browse("wangfang")
    for path in ("/me", "/invite", "/me/data", "/sign-in", "/privacy"):
        _, text = await fang.get(path)
        assert "<style" not in text
        assert " style=" not in text
        assert " onclick=" not in text
        assert text.count("<script") == text.count('<script type="module" src="/static/kaimen.js">') == 1
