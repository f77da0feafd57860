"""Every role's three main acts by keyboard alone, without scripts, at 360 pixels in Chinese; then the pages they met
in other combinations of language, scheme and width: readable, in one language, breaking no rule of accessibility.

tests/web/test_window.py walks every page in the light in English and in the dark in Chinese; here it is the other way.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, expect

from gatehost.model.account import ADMIN, COMMITTEE, DESK, GUARD, OPERATOR, RESIDENT, Actor
from gatehost.model.code import Invitation
from gatehost.model.visit import Newcomer
from gatehost.service.gate import admission, asking
from gatehost.service.home import invite
from gatehost.service.paper import casework
from gatehost.web.frame.signin import START
from gatehost.web.words import language

from .house import HOME, House, open_house, serve
from .keys import Keys
from .test_language import CJK, SAME, WORD, said
from .tour import GUARD as AT_THE_GATE
from .tour import OFFICER, approved_slip
from .window import CUT, SMALL, UNFOLD, Scheme, broken, chromium, needs_chromium, sign_in

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.asyncio(loop_scope="module")]
OTHERS: tuple[tuple[str, Scheme, int], ...] = (("zh-CN", "light", 360), ("en", "dark", 1280))
FANG = Actor(0, "", "王芳", RESIDENT, (HOME,), "zh_CN", True)
zh = partial(language.say, "zh-CN")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def window() -> AsyncIterator[Browser]:
    """One Chromium for all."""
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A seeded host with its pages."""
    async with open_house(tmp_path) as bare, serve(bare) as served:
        yield served


@dataclass(slots=True)
class Walker:
    """Somebody at a phone without scripts, with their hands on a keyboard."""

    house: House
    context: BrowserContext
    session: str
    keys: Keys

    async def start(self, path: str) -> None:
        """Opens the first page of their role."""
        await self.keys.go(self.house.url + path)


async def at_work(window: Browser, house: House, name: str) -> Walker:
    """A walker signed in; "" signs nobody in."""
    context = await window.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    session = await house.session(name) if name else ""
    await sign_in(context, house.url, session, "zh-CN")
    return Walker(house, context, session, Keys(await context.new_page()))


async def looked_at(window: Browser, walker: Walker) -> list[object]:
    """What is wrong on the pages a walk met: each is read in both other combinations, and judged by axe in one of them
    in turn (both schemes and widths of nearly all these pages are judged in test_window)."""
    found: list[object] = []
    for turn, (spoken, scheme, width) in enumerate(OTHERS):
        context = await window.new_context(viewport={"width": width, "height": 740}, color_scheme=scheme)
        await sign_in(context, walker.house.url, walker.session, spoken)
        page = await context.new_page()
        for number, path in enumerate(walker.keys.been):
            await page.goto(walker.house.url + path)
            where = (path, spoken)
            found += [(where, "cut", one) for one in await page.evaluate(CUT)]
            if width == 360:
                found += [(where, "small", one) for one in await page.evaluate(SMALL)]
            words = said(await page.content())
            strange = CJK.findall(words) if spoken == "en" else [one for one in WORD.findall(words) if one not in SAME]
            found += [(where, "language", one) for one in strange]
            if number % len(OTHERS) != turn:
                continue
            await page.evaluate(UNFOLD)
            found += [(where, *one) for one in await broken(page)]
        await context.close()
    await walker.context.close()
    return found


async def test_a_resident_invites_answers_and_opens(house: House, window: Browser) -> None:
    await house.fill("north-in")
    fang = await at_work(window, house, "wangfang")
    keys, page = fang.keys, fang.keys.page
    await fang.start("/me")
    await keys.link(zh("Invite a visitor"))
    await keys.button(zh("Make the code"))
    await expect(page.locator(".pass .code")).to_be_visible()
    await casework.open_case(house.ctx, AT_THE_GATE, "shift", "north", {})
    await admission.ask(house.ctx, AT_THE_GATE, "north", Newcomer("visitor", HOME, "张阿姨"))
    await keys.link(zh("Back to the first page"))
    asks = zh("%(who)s is at %(gate)s", who="张阿姨", gate="北门")
    await expect(page.get_by_role("heading", name=asks)).to_be_visible()
    await keys.button(zh("Let them in"))
    await expect(page.get_by_text(zh("They may come in: the guard is told."))).to_be_visible()
    await keys.button(zh("%(who)s has left", who="张阿姨"))
    await expect(page.get_by_text(zh("Left and written down."))).to_be_visible()
    await keys.button(zh("Open %(door)s", door="北门入口"))
    await expect(page.locator("main [data-result], main .note").get_by_text(zh("The door is open"))).to_be_visible()
    keys.been.remove(next(one for one in keys.been if one.endswith("/open")))  # the answer to a press is no address
    assert await looked_at(window, fang) == []


async def test_a_visitor_comes_by_the_poster_by_a_link_and_at_the_kiosk(house: House, window: Browser) -> None:
    visitor = await at_work(window, house, "")
    keys, page = visitor.keys, visitor.keys.page
    await keys.go(house.url + "/visit/north")
    await keys.field(zh("Number of the home you visit"), HOME)
    await keys.field(zh("Your name"), "张阿姨")
    await keys.button(zh("Ask the home"))
    (case,) = await asking.waiting(house.ctx, OFFICER)
    await asking.answer(house.ctx, OFFICER, case.id, yes=True)
    await page.reload()
    await expect(page.locator(".pass .code")).to_be_visible()
    made = await invite.invite(house.ctx, FANG, HOME, Invitation(visitor="表哥"))
    await keys.go(f"{house.url}/v/{made.link}")
    await expect(page.locator(".pass .code")).to_be_visible()
    await keys.go(house.url + "/kiosk/north")
    await keys.field(zh("Number of the home you visit"), HOME)
    await keys.field(zh("Your name"), "小王")
    await keys.button(zh("Ask the home"))
    await keys.link(zh("Done: next visitor"))
    await expect(page.get_by_label(zh("Your name"))).to_have_value("")
    keys.been = [one for one in keys.been if "kiosk=1" not in one]  # it turns into another page by itself
    assert await looked_at(window, visitor) == []


async def test_a_guard_searches_lets_in_and_out_and_releases_a_slip(house: House, window: Browser) -> None:
    slip = await approved_slip(house)
    guard = await at_work(window, house, "guard")
    keys, page = guard.keys, guard.keys.page
    await guard.start("/gate")
    await keys.button(zh("I am on duty here"))
    await keys.write(page.locator("#f-q"), HOME)
    await keys.press(page.get_by_role("button", name=zh("Search")))
    await expect(page.get_by_text(zh("Ask the home before letting anybody in"))).to_be_visible()
    await keys.link(zh("Courier"), exact=True)
    await keys.field(zh("Home number"), HOME)
    await keys.button(zh("Let in"))
    await expect(page.get_by_text(zh("Let in and written down."))).to_be_visible()
    await keys.button(zh("%(name)s leaves now", name=zh("Courier")))
    await expect(page.get_by_text(zh("The slip is approved: check it line by line"))).to_be_visible()
    await keys.field(zh("Seen: %(what)s", what="沙发"), "1")
    await keys.field(zh("Seen: %(what)s", what="纸箱"), "6")
    await keys.tick(page.get_by_label(zh("The mover's document was seen")))
    await keys.button(zh("Everything is the same: release"))
    await expect(page.get_by_text(zh("The goods are released. Keep the slip for the desk."))).to_be_visible()
    assert (await casework.paper(house.ctx, OFFICER, slip)).case.state == "released"
    assert await looked_at(window, guard) == []


async def test_a_desk_finds_a_home_writes_a_paper_and_works_its_queue(house: House, window: Browser) -> None:
    case = await casework.open_case(house.ctx, FANG, "card_issue", HOME, {"name": "王芳"}, await house.person("王芳"))
    await casework.act(house.ctx, FANG, case.id, case.version, "apply")
    desk = await at_work(window, house, "desk")
    keys, page = desk.keys, desk.keys.page
    await desk.start("/desk")
    await keys.write(page.locator("#f-q"), "120502")
    await keys.press(page.get_by_role("button", name=zh("Search")))
    await keys.press(page.locator(f'a[href="/desk/homes/{HOME}"]'))
    await keys.press(page.locator(f'a[href="/papers/new?home={HOME}"]'))
    await keys.press(page.locator('a[href^="/papers/new/repair"]'))
    await keys.write(page.locator('[name="field-what"]'), "漏水")
    await keys.write(page.locator('[name="field-where"]'), "厨房")
    await keys.choose("field-urgency", "day")
    await keys.press(page.locator("form.card button.primary"))
    await expect(page.get_by_text(zh("Written down. You see here how far it has come."))).to_be_visible()
    await keys.link(zh("Papers"))
    await keys.press(page.locator(f'a.whole[href="/papers/{case.id}"]'))
    for box in await page.locator('label.choice input[type="checkbox"]').all():
        await keys.tick(box)
    await keys.button(zh("Save the checklist"))
    await expect(page.locator(".note.good")).to_be_visible()
    assert await looked_at(window, desk) == []


async def test_an_admin_looks_at_the_day_decides_a_rule_and_adds_a_person(house: House, window: Browser) -> None:
    admin = await at_work(window, house, "admin")
    keys, page = admin.keys, admin.keys.page
    await house.fill("north-in")
    await admin.start("/today")
    await expect(page.get_by_role("heading", name=zh("So far today"))).to_be_visible()
    await keys.link(zh("Rules"))
    await keys.press(page.locator('a[href^="/admin/rules/estate/"]').first)
    await keys.field(zh("Who decided?"), "业主大会")
    await keys.field(zh("Why?"), "便于老人进门")
    await keys.button(zh("Save the decision"))
    await expect(page.locator(".note.good")).to_be_visible()
    await keys.link(zh("Front desk"))
    await keys.press(page.locator(f'a[href="/desk/homes/{HOME}"]'))
    await keys.field(zh("Name"), "小王")
    await keys.button(zh("Add"), exact=True)
    await expect(page.get_by_text(zh("The person is added."))).to_be_visible()
    assert await looked_at(window, admin) == []


async def test_an_operator_looks_at_numbers_gives_them_out_and_reads_of_privacy(house: House, window: Browser) -> None:
    operator = await at_work(window, house, "operator")
    keys, page = operator.keys, operator.keys.page
    await operator.start("/office")
    await keys.press(page.locator('main a[href="/statistics"]'))
    await keys.press(page.locator('a[href="/statistics?days=30"]'))
    await keys.field(zh("For whom?"), "W")
    await keys.field(zh("Why?"), "W")
    await keys.to(page.get_by_role("button", name="CSV"))
    async with page.expect_download() as held:
        await page.keyboard.press("Enter")
    assert (await held.value).suggested_filename.endswith("-30.csv")
    await keys.link(zh("Office"))
    await keys.press(page.locator('main a[href="/office/privacy"]'))
    assert await looked_at(window, operator) == []


async def test_a_committee_reads_numbers_assessment_and_rules(house: House, window: Browser) -> None:
    committee = await at_work(window, house, "committee")
    keys, page = committee.keys, committee.keys.page
    await committee.start("/office")
    for path in ("/statistics", "/office/assessment", "/rules"):
        await keys.press(page.locator(f'main a[href="{path}"]'))
        await expect(page.locator("h1")).to_be_visible()
        await keys.go(house.url + "/office")
    assert await looked_at(window, committee) == []


# --- the first page opens on the three acts ---------------------------------------------------------------------------

FIRST: dict[str, tuple[str, ...]] = {
    "wangfang": (START[RESIDENT], 'a[href="/invite"]', "#yes-wait-1", 'form[action^="/me/doors/"] button'),
    "guard": (START[GUARD], "#f-q", 'a[href="/gate/enter?kind=courier"]', 'form[action^="/gate/visits/"] button'),
    "desk": (START[DESK], "#f-q", 'main a[href="/papers/new"]', 'main a[href="/papers"]'),
    "admin": (START[ADMIN], "h1", 'a[href="/admin/rules"]', 'a[href="/desk"]'),
    "operator": (
        START[OPERATOR],
        "main section.card p",  # the count of faces is read, not pressed
        'main a[href="/admin/rules"]',
        'main a[href="/statistics"]',
    ),
    "committee": (
        START[COMMITTEE],
        'main a[href="/statistics"]',
        'main a[href="/office/assessment"]',
        'main a[href="/rules"]',
    ),
}


@pytest.mark.parametrize("spoken", ["zh-CN", "en"])
async def test_every_first_page_opens_on_its_three_acts(house: House, window: Browser, spoken: str) -> None:
    await house.fill("north-in")
    await casework.open_case(house.ctx, AT_THE_GATE, "shift", "north", {})
    await admission.ask(house.ctx, AT_THE_GATE, "north", Newcomer("visitor", HOME, "张阿姨"))
    await admission.enter(house.ctx, AT_THE_GATE, "north", Newcomer("courier", HOME))
    hidden = []
    context = await window.new_context(viewport={"width": 360, "height": 740})
    page = await context.new_page()
    for name, (start, *acts) in FIRST.items():
        await sign_in(context, house.url, await house.session(name), spoken)
        await page.goto(house.url + start)
        for act in acts:
            box = await page.locator(act).first.bounding_box()
            if box is None or box["y"] + box["height"] > 740:
                hidden.append((name, act, box))
    await context.close()
    assert not hidden
