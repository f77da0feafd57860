"""Sessions begin with a fresh secret, end when they should, and name nobody to strangers."""

import re
from http.cookies import SimpleCookie

import aiohttp

from .conftest import Browser, Open
from .house import HOME, PASSWORD, House

DAY = 86_400_000


async def sign_in(browser: Browser, login: str, password: str, **more: str) -> tuple[int, str]:
    """Fills in the sign-in form."""
    return await browser.post("/sign-in", {"login": login, "password": password, **more})


async def test_a_name_and_a_password_open_the_own_page(house: House, browse: Open) -> None:
    await house.give_password("wangfang")
    browser = await browse("")
    status, text = await sign_in(browser, "wangfang", PASSWORD)
    assert status == 200
    assert "Invite a visitor" in text


async def test_a_session_planted_by_somebody_else_is_not_taken_over(house: House, browse: Open) -> None:
    await house.give_password("wangfang")
    browser = await browse("")
    planted = "0123456789abcdef" * 4
    browser.have(planted)
    await sign_in(browser, "wangfang", PASSWORD)
    assert browser.cookie("kaimen-session") not in {"", planted}
    other = await browse("")
    other.have(planted)
    assert "Name or phone number" in (await other.get("/me"))[1]


async def test_signing_in_again_ends_the_session_before(house: House, browse: Open) -> None:
    first = await house.give_password("wangfang")
    browser = await browse("")
    browser.have(first)
    await sign_in(browser, "wangfang", PASSWORD)
    old = await browse("")
    old.have(first)
    assert "Name or phone number" in (await old.get("/me"))[1]


async def test_a_session_ends_with_its_time(house: House, browse: Open) -> None:
    fang = await browse("wangfang")
    assert "Invite a visitor" in (await fang.get("/me"))[1]
    house.later(31 * DAY)
    assert "Name or phone number" in (await fang.get("/me"))[1]


async def test_what_was_typed_when_a_session_ended_goes_through_signing_in(house: House, browse: Open) -> None:
    fang = await browse("")
    fang.have(await house.give_password("wangfang"))
    form = {"form_token": await fang.token("/papers/new/repair"), "home": HOME, "field-what": "漏水"}
    form |= {"field-where": "厨房", "field-urgency": "now"}
    house.later(31 * DAY)
    status, text = await fang.send("/papers/new/repair", form)
    assert (status, "You were signed out, and nothing was done" in text) == (401, True)
    kept = dict(re.findall(r'type="hidden" name="((?:kept|again|next)[^"]*)" value="([^"]*)"', text))
    assert (kept["kept.field-what"], kept["again"]) == ("漏水", "/papers/new/repair")
    login = kept | {"login": "wangfang", "form_token": token_in(text)}
    status, text = await fang.send("/sign-in", login | {"password": "wrong"})
    assert (status, 'name="kept.field-what" value="漏水"' in text) == (401, True)
    status, text = await fang.send("/sign-in", login | {"password": PASSWORD})
    assert (status, "Nothing of it was sent yet" in text, "PK-" in text) == (200, True, False)
    assert "No paper" in (await fang.get("/papers"))[1] or "漏水" not in (await fang.get("/papers"))[1]
    sent = {name.removeprefix("kept."): told for name, told in kept.items() if name.startswith("kept.")}
    status, text = await fang.send("/papers/new/repair", sent | {"form_token": token_in(text)})
    assert (status, "漏水" in text) == (200, True)


async def test_no_password_waits_in_a_page_and_nothing_is_sent_to_another_site(house: House, browse: Open) -> None:
    fang = await browse("")
    fang.have(await house.give_password("wangfang"))
    token = await fang.token("/password")
    house.later(31 * DAY)
    _, text = await fang.send(
        "/password", {"form_token": token, "old": PASSWORD, "password": PASSWORD, "again": PASSWORD}
    )
    assert PASSWORD not in text
    login = {"form_token": token_in(text), "login": "wangfang", "password": PASSWORD}
    _, text = await fang.send("/sign-in", login | {"again": "//evil.example/x", "kept.what": "x"})
    assert ("evil" in text, "Invite a visitor" in text) == (False, True)


def token_in(text: str) -> str:
    """The form token of a page that is at hand."""
    found = re.search(r'name="form_token" value="([0-9a-f]+)"', text)
    assert found
    return found[1]


async def test_sign_out_ends_the_session_for_every_copy_of_its_cookie(house: House, browse: Open) -> None:
    fang = await browse("wangfang")
    copy = await browse("wangfang")
    await fang.post("/sign-out", page="/password")
    assert fang.cookie("kaimen-session") == ""
    assert "Name or phone number" in (await copy.get("/me"))[1]


async def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(house: House, browse: Open) -> None:
    token = await house.give_password("wangfang")
    here, there = await browse(""), await browse("")
    here.have(token)
    await sign_in(there, "wangfang", PASSWORD)
    new = "quite another four words"
    assert (await here.post("/password", {"old": "wrong one here", "password": new, "again": new}))[0] == 403
    assert (await here.post("/password", {"old": PASSWORD, "password": new, "again": new}))[0] == 200
    assert "Invite a visitor" in (await here.get("/me"))[1]
    assert "Name or phone number" in (await there.get("/me"))[1]


async def test_a_password_that_will_not_do_is_told_at_its_field(browse: Open) -> None:
    fang = await browse("wangfang")
    _, text = await fang.post("/password", {"password": "short", "again": "short"})
    assert "at least 10 characters" in text
    _, text = await fang.post("/password", {"password": "long enough one", "again": "long enough two"})
    assert "The two are not the same" in text


async def test_too_many_wrong_tries_are_told_with_the_time_they_end(house: House, browse: Open) -> None:
    await house.give_password("wangfang")
    browser = await browse("")
    for _ in range(5):
        status, text = await sign_in(browser, "wangfang", "not the password")
        assert (status, "Name or password is not right" in text) == (401, True)
        assert 'value="wangfang"' in text  # what was typed is kept
    status, text = await sign_in(browser, "wangfang", PASSWORD)
    assert status == 429
    assert "rests for this name until" in text
    house.later(16 * 60_000)
    assert (await sign_in(browser, "wangfang", PASSWORD))[0] == 200


async def test_after_signing_in_nobody_is_sent_to_another_site(house: House, browse: Open) -> None:
    await house.give_password("wangfang")
    for wish in (
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
    ):
        browser = await browse("")
        token = await browser.token("/sign-in")
        form = {"form_token": token, "login": "wangfang", "password": PASSWORD, "next": wish}
        async with browser.http.post(house.url + "/sign-in", data=form, allow_redirects=False) as answer:
            assert answer.headers["Location"] == "/me", wish


async def test_a_page_asked_for_before_signing_in_comes_after_it(house: House, browse: Open) -> None:
    await house.give_password("wangfang")
    browser = await browse("")
    async with browser.http.get(house.url + "/me/data", allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/sign-in?next=/me/data"
    _, text = await sign_in(browser, "wangfang", PASSWORD, next="/me/data")
    assert "My face" in text


async def set_cookies(house: House, url: str, **headers: str) -> SimpleCookie:
    """The cookies a sign-in by link sets, as the wire carries them."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), headers=headers) as http:
        path = f"{url}/link/{house.links['wangfang']}"
        async with http.get(path) as page:
            form = SimpleCookie("; ".join(page.headers.getall("Set-Cookie")).replace("HttpOnly; ", ""))
            text = await page.text()
        name, morsel = next(iter(form.items()))
        token = text.split('name="form_token" value="')[1][:64]
        sent = {"Cookie": f"{name}={morsel.value}"}
        async with http.post(path, data={"form_token": token}, headers=sent, allow_redirects=False) as answer:
            got: SimpleCookie = SimpleCookie()
            for line in answer.headers.getall("Set-Cookie"):
                got.load(line)
            return got


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(house: House) -> None:
    cookies = await set_cookies(house, house.url)
    for cookie in (cookies["kaimen-session"], cookies["kaimen-browser"]):
        assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")
        assert not cookie["secure"]  # plain HTTP here: a browser would drop it


async def test_a_browser_somebody_signed_in_from_is_known_again_after_signing_out(house: House, browse: Open) -> None:
    await house.give_password("wangfang")
    mine, stranger = await browse(""), await browse("")
    await sign_in(mine, "wangfang", PASSWORD)
    await mine.post("/sign-out", {}, page="/me")
    assert (mine.cookie("kaimen-session"), mine.cookie("kaimen-browser").count(".")) == ("", 1)
    for _ in range(6):
        status, _ = await sign_in(stranger, "wangfang", "wrong password")
    assert status == 429
    assert (await sign_in(stranger, "wangfang", PASSWORD))[0] == 429
    status, text = await sign_in(mine, "wangfang", PASSWORD)
    assert (status, "Invite a visitor" in text) == (200, True)


async def test_over_tls_the_cookie_is_bound_to_this_very_host(house: House) -> None:
    object.__setattr__(house.ctx, "url", "https://gate.example")  # a proxy in front ends TLS
    cookies = await set_cookies(house, house.url, Host="gate.example")
    cookie = cookies["__Host-kaimen-session"]
    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")
