"""The gate's round through the pages: accompanied visitors, the sealed register, disputes, feedback, months, watch."""

import io
import re
import zipfile

import aiohttp
import pytest
from sqlalchemy import update
from tests.host.test_documents import png

from gatecore import events
from gatehost.model.account import ADMIN, DESK, OPERATOR, Actor
from gatehost.model.visit import Newcomer
from gatehost.service.door import reception
from gatehost.service.evidence import feed
from gatehost.service.gate import admission, departure
from gatehost.service.office import daily, policy
from gatehost.service.paper import casework, documents, feedback, filling
from gatehost.store import people
from gatehost.store.table.gate import visit

from .conftest import Open
from .house import HOME, House
from .test_language import CJK, SAME, WORD, said
from .tour import GUARD, OFFICER
from .window import CUT, SMALL, UNFOLD, broken, chromium, needs_chromium, sign_in

BOSS = Actor(0, "", "Administrator", ADMIN, (), "zh_CN", True)
ABOVE = Actor(0, "", "Operator", OPERATOR, (), "zh_CN", True)
ARCHIVIST = Actor(-5, "", "周主任", DESK, (), "zh_CN", True, ("archivist",))
DAY = 86_400_000
RECEIVER = "https://smart.example/estate/events"
LOOKS = (("en", "light"), ("zh-CN", "dark"))
# pages that only got another line of a kind they had: read for what is cut, not looked through again
LIKE_BEFORE = {
    "/me/data", "/office", "/gate/enter?kind=visitor", "/papers/new/courier_pass", f"/papers/new/card_lost?home={HOME}",
    "/admin/rules/estate/occupancy", "/say/gone", "/register", "/visit/north", f"/desk/homes/{HOME}/month?why=x",
}  # fmt: skip


async def escorted(house: House) -> None:
    """Visitors are accompanied, because the operator decided so."""
    await policy.set_rule(
        house.ctx, ABOVE, "estate", "visitor.escort", "on", "业主大会", "2026第7号", "便于老人进门", 1
    )


async def company_slip(house: House) -> int:
    """A company's slip with its signature, beside the specimen in the archive."""
    party = await house.person("王芳")
    async with house.ctx.store.write() as tx:
        (_, tie), *_ = await people.ties_of_home(tx, HOME, house.times["at"])
        await people.set_proof(tx, tie.id, "周主任")
    await documents.file(house.ctx, ARCHIVIST, HOME, "tenant", "specimen", png(300, 120), party)
    now = house.times["at"]
    form: dict[str, object] = {
        "applicant": "company", "direction": "out", "name": "王芳", "mover": "王搬家", "signer": "周主任", "since": now,
        "until": now + 7_200_000,
    }  # fmt: skip
    case = await casework.open_case(house.ctx, OFFICER, "item_release", HOME, form)
    held = await filling.add_goods(house.ctx, OFFICER, case.id, case.version, "沙发", "", 1)
    await casework.act(house.ctx, OFFICER, case.id, held.case.version, "apply")
    await documents.attach(house.ctx, OFFICER, case.id, "signature", png(300, 120, 80))
    return case.id


async def filled(house: House) -> list[tuple[str, str]]:
    """(address, who looks at it) of every page of the round, with something on each."""
    await casework.open_case(house.ctx, GUARD, "shift", "north", {})
    came = await admission.enter(house.ctx, GUARD, "north", Newcomer("courier", HOME, "小王"))
    await admission.enter(house.ctx, GUARD, "north", Newcomer("visitor", HOME, "张阿姨"), confirmed_by="王芳")
    await departure.leave(house.ctx, GUARD, came.id, "north")
    house.later(DAY)
    await daily.close_day(house.ctx, OFFICER)
    async with house.ctx.store.write() as tx:
        await tx.execute(update(visit).where(visit.c.id == came.id).values(in_gate=None))
    await escorted(house)
    await policy.set_rule(house.ctx, BOSS, "estate", "visitor.extra", "表哥", "业主大会", "2026第7号", "便于老人进门")
    await policy.set_rule(house.ctx, BOSS, "estate", "item.forbidden", "沙发", "业主大会", "", "便于老人进门")
    waits = await admission.ask(house.ctx, GUARD, "north", Newcomer("visitor", HOME, "周末"))
    await admission.answer(house.ctx, OFFICER, waits.id, let_in=True)
    north = await house.fill("north-in")
    for kind in (events.ALERT_GUESSING, events.ALERT_TAMPER):
        await reception.alert(house.ctx, north.dev, kind, "")
    link = feedback.link(house.ctx, "item_release", "IR-2026-00001")
    mine = await feedback.say(house.ctx, link, "漏水", "wait")
    await policy.set_rule(house.ctx, BOSS, "estate", "item.forbidden", "", "业主大会", "", "便于老人进门")
    slip = await company_slip(house)
    number, _ = await feed.add(house.ctx, BOSS, RECEIVER)
    held = (await feed.living(house.ctx))[0]
    assert held.id == number
    await feed.failed(house.ctx, held, "HTTP 500")
    return [
        ("/register?day=2026-11-22", "desk"), ("/register", "admin"), ("/history", "admin"), ("/office/watch", "admin"),
        ("/desk/cards/lent", "desk"), (f"/say/{link}", ""), (f"/said/{mine}", ""), ("/say/gone", ""),
        ("/me/month", "wangfang"), (f"/desk/homes/{HOME}/month?why=x", "desk"), ("/gate", "guard"),
        ("/gate/enter?kind=visitor", "guard"), ("/visit/north", ""), (f"/papers/{slip}", "desk"),
        (f"/gate/slips/{slip}", "guard"), (f"/papers/{slip}/print", "desk"), ("/admin/rules", "admin"),
        ("/admin/rules/estate/item.forbidden", "admin"), ("/admin/rules/estate/visitor.max_days", "admin"),
        ("/admin/rules/estate/occupancy", "admin"), ("/office", "admin"), ("/me/data", "wangfang"),
        ("/admin/feeds", "admin"),
        ("/papers/new/courier_pass", "desk"), (f"/papers/new/card_lost?home={HOME}", "desk"),
    ]  # fmt: skip


@pytest.mark.browser
@needs_chromium
async def test_every_page_of_the_round_is_readable_reachable_and_breaks_no_rule_of_accessibility(house: House) -> None:
    pages = await filled(house)
    sessions = {"": ""} | {name: await house.session(name) for name in ("admin", "desk", "guard", "wangfang")}
    found: list[object] = []
    async with chromium() as browser:
        for language, scheme in LOOKS:
            context = await browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme)  # type: ignore[arg-type]
            page = await context.new_page()
            for path, name in pages:
                await sign_in(context, house.url, sessions[name], language)
                answer = await page.goto(house.url + path)
                assert answer is not None
                assert answer.status == (404 if path == "/say/gone" else 200), path
                await page.evaluate(UNFOLD)
                where = (path, language)
                found += [(where, "cut", one) for one in await page.evaluate(CUT)]
                found += [(where, "small", one) for one in await page.evaluate(SMALL)]
                if language == "en" or path in LIKE_BEFORE:
                    continue
                found += [(where, *one) for one in await broken(page)]
            await context.close()
    assert not found


async def test_a_visitor_under_the_rule_goes_in_with_the_home_through_the_pages(house: House, browse: Open) -> None:
    guard, fang = await browse("guard"), await browse("wangfang")
    await guard.post("/gate/shift", {"gate": "north"}, page="/gate")
    await escorted(house)
    status, text = await guard.post(
        "/gate/enter", {"kind": "visitor", "home": HOME, "name": "张阿姨", "how": "home"}, page="/gate"
    )
    assert (status, "Visitors come in with somebody of the home" in text, 'value="张阿姨"' in text) == (409, True, True)
    _, text = await guard.post(
        "/gate/enter", {"kind": "visitor", "home": HOME, "name": "张阿姨", "how": "fetched"}, page="/gate"
    )
    assert "Let in and written down." in text
    await guard.post("/gate/enter", {"kind": "visitor", "home": HOME, "name": "周末", "how": "ask"}, page="/gate")
    (number,) = re.findall(r"/visits/(\d+)/in", (await fang.get("/me"))[1])
    _, text = await fang.post(f"/visits/{number}/in", page="/me")
    assert "until somebody of the home comes and goes in with them" in text
    assert f"/visits/{number}/in" not in text  # asked once
    _, text = await fang.get("/invite")
    assert ("you say yes here and meet them there" in text, "Make the code" in text) == (True, False)


async def test_no_code_is_made_under_the_rule_by_a_form_that_stood_open(house: House, browse: Open) -> None:
    fang = await browse("wangfang")
    token = await fang.token("/invite")
    await escorted(house)
    told = {"when": "today", "home": HOME, "visitor": "张阿姨", "form_token": token}
    status, text = await fang.send("/invite", told)
    assert (status, "Decided by: 业主大会" in text) == (403, True)


async def test_a_rule_of_numbers_or_words_is_decided_on_its_page_and_a_wrong_one_is_told(
    house: House, browse: Open
) -> None:
    admin = await browse("admin")
    told = {"decided_by": "业主大会", "document": "2026第7号", "why": "防火"}
    path = "/admin/rules/estate/item.forbidden"
    _, text = await admin.post(path, told | {"value": "气瓶"})
    assert "The decision is saved." in text
    assert "气瓶" in (await admin.get("/admin/rules"))[1]
    path = "/admin/rules/estate/visitor.max_days"
    for wrong in ("32", "0", "many", "-1"):
        status, text = await admin.post(path, told | {"value": wrong})
        assert (status, "This cannot be decided so" in text, f'value="{wrong}"' in text) == (400, True, True)
    _, text = await admin.post(path, told | {"value": "7"})
    assert "7 days" in text
    assert (await admin.get("/admin/rules/estate/visitor.face"))[0] == 404


async def test_whoever_holds_a_slip_says_how_it_was_without_an_account_and_reads_the_answer(
    house: House, browse: Open
) -> None:
    slip, desk, nobody = await company_slip(house), await browse("desk"), await browse("")
    _, text = await desk.get(f"/papers/{slip}/print")
    link = re.search(r"(/say/item_release\.[\w.-]+)", text)
    assert link
    status, text = await nobody.post(link[1], {"what": " ", "about": "wait"})
    assert (status, "Please write what it is" in text) == (400, True)
    token = await nobody.token(link[1])
    async with nobody.http.post(
        house.url + link[1], data={"form_token": token, "what": "等太久", "about": "wait"}
    ) as sent:
        mine, text = sent.url.path, await sent.text()
    assert "The office reads it." in text
    async with house.ctx.store.read() as tx:
        from gatehost.store import cases

        (case,) = await cases.listed(tx, ("feedback",))
    await desk.post(f"/papers/{case.id}", {"version": "1", "act": "close", "note-close": "加开窗口"})
    assert "加开窗口" in (await nobody.get(mine))[1]
    assert (await nobody.get(link[1][:-1] + "0"))[0] == 404


async def test_the_proof_is_added_on_the_paper_s_page_and_a_wrong_file_is_told_and_kept_out(
    house: House, browse: Open
) -> None:
    slip, desk = await company_slip(house), await browse("desk")
    for data, status, words in (
        (b"not a picture", 400, "JPEG"), (png(40, 30), 200, "The file is sealed."),
    ):  # fmt: skip
        form = aiohttp.FormData({"form_token": await desk.token(f"/papers/{slip}"), "kind": "proof"})
        form.add_field("file", data, filename="a.png")
        async with desk.http.post(f"{house.url}/papers/{slip}/file", data=form) as answer:
            assert (answer.status, words in await answer.text()) == (status, True)
    assert [one.kind for one in await documents.of_case(house.ctx, OFFICER, slip)] == ["signature", "proof"]


async def test_a_day_that_was_changed_says_so_and_the_police_s_file_is_the_admin_s_alone(
    house: House, browse: Open
) -> None:
    await filled(house)
    desk, admin = await browse("desk"), await browse("admin")
    _, text = await desk.get("/register?day=2026-11-22")
    assert ("Sealed" in text, "changed since" in text, "Lines of this day are not what they were" in text) == (
        True,
    ) * 3
    assert "Not sealed yet" in (await desk.get("/register?day=2026-11-23"))[1]
    status, text = await desk.get("/register?day=yesterday")
    assert (status, "Write the day as" in text) == (400, True)
    asked = {"place": HOME, "start": "2026-11-22T00:00", "end": "2026-11-23T00:00", "why": ""}
    status, text = await desk.post("/history", asked)
    assert (status, "Please write why" in text, f'value="{HOME}"' in text) == (400, True, True)
    _, text = await desk.post("/history", asked | {"why": "走廊失窃"})
    assert "张阿姨" in text
    assert "走廊失窃" in (await (await browse("wangfang")).get("/me/data"))[1]
    for called in ("12栋502", " 12栋502 ", "北门", "12栋"):
        assert "张阿姨" in (await desk.post("/history", asked | {"why": "走廊失窃", "place": called}))[1], called
    for called in ("海棠苑", "没有", ""):
        status, text = await desk.post("/history", asked | {"why": "走廊失窃", "place": called})
        assert (status, "There is no such place" in text) == (400, True), called
    asked |= {"why": "刑诉法", "whom": "分局", "paper": "沪公 18"}
    assert (await desk.post("/history/file", asked, page="/history"))[0] == 403
    token = await admin.token("/history")
    async with admin.http.post(house.url + "/history/file", data=asked | {"form_token": token}) as answer:
        assert answer.content_type == "application/zip"
        names = zipfile.ZipFile(io.BytesIO(await answer.read())).namelist()
    assert "stays.csv" in names


async def test_a_month_is_shown_and_given_as_a_table_without_a_name(house: House, browse: Open) -> None:
    await filled(house)
    fang, desk = await browse("wangfang"), await browse("desk")
    _, text = await fang.get("/me/month?month=2026-11")
    assert ("Courier" in text, "Item-release slip" in text, "张阿姨" in text) == (True, True, False)
    async with fang.http.get(f"{house.url}/me/month?month=2026-11&as=csv") as answer:
        assert (answer.content_type, "IR-2026-00001" in await answer.text("utf-8-sig")) == ("text/csv", True)
    status, text = await desk.get(f"/desk/homes/{HOME}/month?why=")
    assert (status, "Please write why" in text) == (400, True)
    assert (await desk.get(f"/desk/homes/{HOME}/month?why=x"))[0] == 200
    assert "looked at the home&#39;s month" in (await fang.get("/me/data"))[1]
    assert (await fang.get("/me/month?home=120503"))[0] == 403


async def test_a_receiver_of_events_gets_its_key_once_and_a_wrong_address_stays_to_be_corrected(
    house: House, browse: Open
) -> None:
    admin = await browse("admin")
    status, text = await admin.post("/admin/feeds", {"url": "smart.example"})
    assert (status, "This is no address" in text, 'value="smart.example"' in text) == (400, True, True)
    _, text = await admin.post("/admin/feeds", {"url": "https://smart.example/x"})
    key = re.search(r"[0-9a-f]{64}", text.replace(re.search(r'form_token" value="[0-9a-f]+', text)[0], ""))  # type: ignore[index]
    assert key
    assert key[0] not in (await admin.get("/admin/feeds"))[1]
    _, text = await admin.post("/admin/feeds/1/end", page="/admin/feeds")
    assert "Nothing more is sent there." in text


@pytest.mark.parametrize("spoken", ["en", "zh-CN"])
async def test_no_page_of_the_round_speaks_a_word_of_the_other_language(
    house: House, browse: Open, spoken: str
) -> None:
    wrong = []
    for path, name in await filled(house):
        _, text = await (await browse(name, spoken)).get(path)
        found = said(text.replace(RECEIVER, ""))
        strange = (
            CJK.findall(found)
            if spoken == "en"
            else [one for one in WORD.findall(found) if one not in SAME | {"http", "https"}]
        )
        wrong += [(path, one) for one in strange]
    assert not wrong
