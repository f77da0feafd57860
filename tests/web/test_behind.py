"""The office behind the desk in a real browser: each page in both languages, widths and schemes, in one window."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import insert
from tests.host.test_documents import png

from gatehost.model.account import ADMIN, DESK, Actor
from gatehost.service.office import notices, retention
from gatehost.service.paper import casework, disclosure, documents
from gatehost.store import grants, sisters
from gatehost.store.sisters import Sister
from gatehost.store.table.gate import visit
from gatehost.web.frame import page
from gatehost.web.office import first
from gatehost.web.routes import ROUTES

from .conftest import Open
from .house import HOME, House
from .texts import WEB
from .window import Look, chromium, faults, needs_chromium, sign_in

OFFICER = Actor(0, "Front desk", "Front desk", DESK, (), "zh_CN", True)
ARCHIVIST = Actor(-5, "", "周主任", DESK, (), "zh_CN", True, ("archivist",))
BOSS = Actor(0, "", "Administrator", ADMIN, (), "zh_CN", True)
DAY = 86_400_000
PAGES = (
    ("/office", "admin"), ("/statistics", "admin"), ("/office/privacy", "admin"), ("/office/assessment", "admin"),
    (f"/office/erase?home={HOME}", "admin"), ("/import", "admin"), ("/notices", "desk"), ("/notices/2", "desk"),
    ("/archive", "admin"), (f"/archive/homes/{HOME}", "admin"), ("/me/notices", "wangfang"), ("/rules", ""),
    ("/rules/poster", ""), ("/operator", "operator"), ("/operator/statement", "admin"), ("/desk/cards", "desk"),
    ("/admin/rules", "operator"), ("/admin/rules/estate/retention.visit", "operator"),
)  # fmt: skip
LOOKS: dict[str, list[Look]] = {"en": [(360, "light")], "zh-CN": [(360, "dark"), (1280, "light")]}


async def filled(house: House) -> int:
    """Stays of a week, a document, an asked lending, a notice and an activity, a night behind; the document."""
    row = {"kind": "courier", "state": "left", "in_gate": "north", "heads": 1}
    stays = [
        row | {"in_at": house.times["at"] - day * DAY - 60_000 * n, "out_at": house.times["at"], "asked_at": 0}
        for day in range(1, 8)
        for n in range(9 + day)
    ]
    async with house.ctx.store.write() as tx:
        await tx.execute(insert(visit), [one | {"asked_at": int(str(one["in_at"])) - 20_000} for one in stays])
    party = await house.person("王芳")
    made = await documents.file(house.ctx, ARCHIVIST, HOME, "owner", "id_copy", png(), party)
    told: dict[str, object] = {"doc": "身份证复印件", "reason": "核对签名"}
    case = await casework.open_case(house.ctx, OFFICER, disclosure.LEND, HOME, told)
    await casework.act(house.ctx, OFFICER, case.id, case.version, "apply")
    await notices.tell(house.ctx, OFFICER, "estate", "停水通知", "周三上午停水。\n请提前储水。")
    await notices.tell(house.ctx, OFFICER, "estate", "春游", "一起去", seats=40, kind="activity")
    await retention.run(house.ctx)
    ends = house.ctx.clock() + 20 * DAY
    async with house.ctx.store.write() as tx:
        await grants.put_credential(tx, party, "card", "active", "0000000011", 0, ends)
        await sisters.put(tx, Sister("a" * 64, "滨江苑", 79_990, house.ctx.clock() - 40 * DAY, 0, "运营"))
    return made.id


@pytest.mark.browser
@needs_chromium
async def test_the_operator_opens_on_three_acts_and_the_desk_renews_all_cards_in_one(house: House) -> None:
    await filled(house)
    async with chromium() as browser:
        context = await browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
        page = await context.new_page()
        await sign_in(context, house.url, await house.session("operator"), "en")
        await page.goto(f"{house.url}/operator")
        await expect(page.get_by_role("heading", name="Faces in all estates")).to_be_visible()
        await expect(page.get_by_text("Older than a month")).to_be_visible()
        await page.get_by_role("link", name="Decisions that bind").click()
        await page.get_by_role("link", name="Names of visitors are kept for").click()
        await page.get_by_label("Decision", exact=True).fill("30")
        await page.get_by_text("An authority's: it binds everybody").click()
        await page.get_by_label("Who decided?").fill("网信办")
        await page.get_by_label("In which document?").fill("2026-3")
        await page.get_by_label("Why?").fill("法规")
        await page.get_by_role("button", name="Save the decision").click()
        await expect(page.locator("p", has_text="Now:").get_by_text("30 days")).to_be_visible()
        await sign_in(context, house.url, await house.session("admin"), "en")
        await page.goto(f"{house.url}/admin/rules/estate/retention.visit")
        await page.get_by_label("Decision", exact=True).fill("300")
        await page.get_by_label("Who decided?").fill("业委会")
        await page.get_by_label("Why?").fill("更久")
        await page.get_by_role("button", name="Save the decision").click()
        await expect(page.get_by_text("网信办").first).to_be_visible()
        assert await page.get_by_label("Why?").input_value() == "更久"  # what was typed stays
        await sign_in(context, house.url, await house.session("desk"), "zh-CN")
        await page.goto(f"{house.url}/desk/cards")
        await page.get_by_role("button", name="为勾选的卡续期").click()
        await expect(page.get_by_text("已续期 1 张，正在通知各门。")).to_be_visible()
        await context.close()


@pytest.mark.browser
@needs_chromium
async def test_every_page_is_readable_reachable_and_breaks_no_rule_of_accessibility(house: House) -> None:
    await filled(house)
    sessions = {"": ""} | {name: await house.session(name) for name in ("admin", "desk", "wangfang", "operator")}
    found: list[object] = []
    async with chromium() as browser:
        for language, looks in LOOKS.items():
            context = await browser.new_context(viewport={"width": 360, "height": 740})
            page = await context.new_page()
            for path, name in PAGES:
                await sign_in(context, house.url, sessions[name], language)
                await page.goto(house.url + path)
                found += [(path, language, one) for one in await faults(page, looks)]
            await context.close()
    assert not found


@pytest.mark.browser
@needs_chromium
async def test_a_file_is_tried_corrected_and_taken_and_a_document_filed_lent_and_seen_without_scripts(
    house: House, tmp_path: Path
) -> None:
    await filled(house)
    (tmp_path / "bad.csv").write_text("房号,姓名\n999999,赵一\n", encoding="gbk")
    (tmp_path / "good.csv").write_text(f"房号,姓名\n{HOME},赵一\n", encoding="gbk")
    (tmp_path / "a.png").write_bytes(png(60, 40))
    async with chromium() as browser:
        context = await browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
        await sign_in(context, house.url, await house.session("admin"), "zh-CN")
        page = await context.new_page()
        await tried(page, house.url, tmp_path / "bad.csv")
        await expect(page.get_by_text("没有房屋“999999”")).to_be_visible()
        await tried(page, house.url, tmp_path / "good.csv")
        await page.get_by_role("button", name="导入全部1行").click()
        await expect(page.get_by_text("1行已导入")).to_be_visible()
        await page.goto(f"{house.url}/archive/homes/{HOME}")
        await page.get_by_label("文件", exact=True).set_input_files(tmp_path / "a.png")
        await page.get_by_role("button", name="加密入档").click()
        await expect(page.get_by_text("资料已加密入档")).to_be_visible()
        await page.get_by_label("哪份资料").fill("身份证")
        await page.get_by_label("为什么").fill("核对")
        await page.get_by_role("button", name="申请借阅").click()
        await expect(page.get_by_text("已申请借阅")).to_be_visible()
        assert (
            await page.get_by_role("button", name="同意借阅AL-2026-00002").count() == 0
        )  # the archivist's leave alone
        await casework.act(house.ctx, ARCHIVIST, 2, 2, "sign")
        await page.goto(f"{house.url}/archive/homes/{HOME}")
        await page.get_by_role("link", name="查看身份证复印件").first.click()
        assert "请勿翻拍" in await page.content()
        assert "AL-2026-00002" in await page.content()
        await context.close()


async def tried(page: Page, url: str, path: Path) -> None:
    """A file sent to be tried."""
    await page.goto(url + "/import")
    await page.get_by_label("文件里是什么").select_option("people")
    await page.get_by_label("CSV文件").set_input_files(path)
    await page.get_by_role("button", name="检查", exact=True).click()


async def test_what_was_typed_stays_and_says_what_to_change(house: House, browse: Open) -> None:
    desk, admin, fang = await browse("desk"), await browse("admin"), await browse("wangfang")
    status, text = await desk.post("/notices", {"title": "", "body": "停水一天", "place": "estate"})
    assert (status, "Please write a title" in text, "停水一天" in text) == (400, True, True)
    _, text = await desk.post(
        "/notices", {"title": "停水", "body": "一天", "place": "estate", "kind": "activity", "seats": "2"}
    )
    assert "It is told." in text
    assert "停水" in (await fang.get("/me/notices"))[1]
    status, text = await fang.post("/me/notices/1", {"heads": "3"}, page="/me/notices")
    assert (status, "No seats are left" in text) == (409, True)
    _, text = await fang.post("/me/notices/1", {"heads": "2"}, page="/me/notices")
    assert "You come with 2" in text
    status, text = await admin.post("/office/erase", {"home": HOME, "whom": "home"}, page=f"/office/erase?home={HOME}")
    assert (status, "tick that you know it is for good" in text) == (400, True)
    sure = {"home": HOME, "whom": "home", "sure": "yes"}
    assert "Erased:" in (await admin.post("/office/erase", sure, page=f"/office/erase?home={HOME}"))[1]
    status, text = await admin.post("/office/assessment", {"necessity": "老人忘带卡", "risks": " ", "measures": "抽查"})
    assert (status, "老人忘带卡" in text, "without it this is no assessment" in text) == (400, True, True)
    whole = {"necessity": "老人忘带卡", "risks": "认错人", "measures": "抽查"}
    assert "The assessment is signed and kept." in (await admin.post("/office/assessment", whole))[1]
    form = {"days": "7", "kind": "csv", "whom": "", "why": ""}
    assert (await admin.post("/statistics/export", form, page="/statistics"))[0] == 400
    status, text = await admin.post("/statistics/export", form | {"whom": "街道", "why": "年报"}, page="/statistics")
    assert (status, "Courier" in text) == (200, True)


async def test_a_document_is_nobody_s_by_its_address(house: House, browse: Open) -> None:
    number = await filled(house)
    fang, yang, desk = [await browse(name) for name in ("wangfang", "liuyang", "desk")]
    async with fang.http.get(f"{house.url}/archive/documents/{number}") as answer:
        assert (answer.status, answer.content_type) == (200, "image/svg+xml")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "王芳" in await answer.text()
    assert (await yang.get(f"/archive/documents/{number}"))[0] == 404
    assert (await desk.get(f"/archive/documents/{number}"))[0] == 409
    assert (await desk.get(f"/archive/documents/{number}?lend=1"))[0] == 409  # asked for, not yet given


def test_every_page_with_an_address_of_its_own_is_led_to_from_a_page() -> None:
    """Of those that come by a tab, a tile, a link or a form; a report with a photo came by none of them."""
    led = "".join(path.read_text(encoding="utf-8") for path in sorted((WEB / "templates").rglob("*.html")))
    led += "".join(f'"{tile.path}"' for tiles in first.TILES.values() for tile in tiles)
    led += "".join(f'"{path}"' for tabs in page.TABS.values() for path, _, _ in tabs)
    pages = [one.path for one in ROUTES if one.method == "GET" and "{" not in one.path]
    alone = [one for one in pages if not re.search(rf"""["']{re.escape(one)}["'?#{{]""", led)]
    assert alone == ["/live"]  # what pages listen to
