"""Nothing leaks across homes, shifts and estates: every address with something real behind it, tried by who may not.

tests/web/test_routes.py tries every role at every address; here the role is right and the thing is somebody else's.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.host.test_documents import png

from gatecore.clock import DAY_MS
from gatehost.model.account import ADMIN, DESK, GUARD, RESIDENT, Actor
from gatehost.model.code import Invitation
from gatehost.model.visit import Newcomer
from gatehost.service.gate import admission, asking, departure, presence, search
from gatehost.service.home import invite, pins, visitor_code
from gatehost.service.office import notices
from gatehost.service.paper import casework, documents, filling
from gatehost.web import app
from gatehost.web.routes import ROUTES

from .conftest import Browser, Open, opener
from .house import HOME, House, open_house, serve
from .test_routes import ANYBODY, MATRIX, SIGN_IN_AS
from .tour import GUARD as AT_THE_GATE
from .tour import OFFICER, approved_slip

pytestmark = pytest.mark.asyncio(loop_scope="module")
FANG = Actor(0, "", "王芳", RESIDENT, (HOME,), "zh_CN", True)
ARCHIVIST = Actor(-5, "", "周主任", DESK, (), "zh_CN", True, ("archivist",))
BOSS = Actor(0, "Administrator", "Administrator", ADMIN, (), "zh_CN", True)
SECRETS = ("王芳", "张阿姨", "沙发", "漏水的厨房", "13800001234")
OVER = ("白先生", "13700009876", "沪W55555", "王搬家")  # what was over before the guard's shift
TAKES = re.compile(r"\{\w+\}")

# Every address of residents that names a thing: what stands there is the home's of 王芳, who comes is 刘洋 next door.
# A route that is not in this table fails the test below.
OF_A_HOME = {
    "POST /requests/{case}/approve": "/requests/{request}/approve",
    "POST /requests/{case}/refuse": "/requests/{request}/refuse",
    "POST /me/pins/{pin}/end": "/me/pins/{pin}/end",
    "POST /me/doors/{slot}/open": "/me/doors/north-in/open",
    "POST /me/doors/{slot}/lift": "/me/doors/north-in/lift",
    "GET /codes/{code}": "/codes/{code}",
    "POST /codes/{code}/revoke": "/codes/{code}/revoke",
    "POST /codes/{code}/link": "/codes/{code}/link",
    "GET /calls/{call}": "/calls/{call}",
    "GET /calls/{call}/picture": "/calls/{call}/picture",
    "POST /calls/{call}/open": "/calls/{call}/open",
    "POST /calls/{call}/refuse": "/calls/{call}/refuse",
    "GET /papers/new/{kind}": "/papers/new/repair?home=120502",
    "POST /papers/new/{kind}": "/papers/new/repair?home=120502",
    "GET /papers/{case}": "/papers/{paper}",
    "POST /papers/{case}": "/papers/{paper}",
    "GET /papers/{case}/edit": "/papers/{paper}/edit",
    "POST /papers/{case}/edit": "/papers/{paper}/edit",
    "POST /papers/{case}/goods": "/papers/{paper}/goods",
    "POST /papers/{case}/goods/{line}/strike": "/papers/{paper}/goods/{line}/strike",
    "GET /papers/{case}/print": "/papers/{paper}/print",
    "GET /papers/{case}/receipts/{line}": "/papers/{paper}/receipts/{receipt}",
    "POST /visits/{visit}/in": "/visits/{waiting}/in",
    "POST /visits/{visit}/not": "/visits/{waiting}/not",
    "POST /visits/{visit}/stay": "/visits/{inside}/stay",
    "POST /visits/{visit}/left": "/visits/{inside}/left",
    "POST /me/notices/{notice}": "/me/notices/{notice}",
    "GET /archive/documents/{doc}": "/archive/documents/{doc}",
    "POST /papers/{case}/file": "/papers/{paper}/file",
    "POST /papers/{case}/documents/{doc}/drop": "/papers/{paper}/documents/{doc}/drop",
    "GET /papers/{case}/time": "/papers/{enrolment}/time",
    "POST /papers/{case}/time": "/papers/{enrolment}/time",
    "POST /papers/{case}/time/back": "/papers/{enrolment}/time/back",
    "GET /me/homes/{home}": "/me/homes/120502",
    "POST /me/homes/{home}/right": "/me/homes/120502/right",
    "POST /me/homes/{home}/different": "/me/homes/120502/different",
}  # fmt: skip
# The same for guards: what stands there was over before their shift began.
BEFORE_THE_SHIFT = {
    "POST /gate/visits/{visit}/leave": "/gate/visits/{gone}/leave",
    "POST /gate/visits/{visit}/deny": "/gate/visits/{gone}/deny",
    "POST /gate/muster/{visit}/safe": "/gate/muster/{gone}/safe",
    "GET /gate/visits/{visit}/picture": "/gate/visits/{gone}/picture",
    "POST /gate/visits/{visit}/photo": "/gate/visits/{gone}/photo",
    "GET /gate/slips/{case}": "/gate/slips/{old}",
    "POST /gate/slips/{case}": "/gate/slips/{old}",
    "GET /papers/{case}": "/papers/{old}",
    "GET /papers/{case}/signatures/{doc}": "/papers/{old}/signatures/1",
    "POST /papers/{case}": "/papers/{old}",
    "GET /papers/{case}/edit": "/papers/{old}/edit",
    "POST /papers/{case}/edit": "/papers/{old}/edit",
    "POST /papers/{case}/goods": "/papers/{old}/goods",
    "POST /papers/{case}/goods/{line}/strike": "/papers/{old}/goods/{line}/strike",
    "GET /papers/{case}/print": "/papers/{old}/print",
    "GET /papers/{case}/receipts/{line}": "/papers/{old}/receipts/{receipt}",
}
# addresses with nothing of anybody's behind them: an empty form, a gate's blank forms
EMPTY = {"GET /papers/new/{kind}", "POST /papers/new/{kind}", "GET /papers/new/{kind}/blank", "GET /forms/{gate}"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One host for all that is tried here."""
    async with open_house(tmp_path_factory.mktemp("leaks")) as bare, serve(bare) as served:
        yield served


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def things(house: House) -> dict[str, object]:
    """One of each thing of the home, and what was over before the guard came on duty."""
    ctx, door, person = house.ctx, await house.fill("north-in"), await house.person("王芳")
    kept = await pins.give_pin(ctx, OFFICER, HOME, person)
    code = await invite.invite(ctx, FANG, HOME, Invitation(visitor="张阿姨"))
    slip = await approved_slip(house)
    paper = await casework.open_case(
        ctx, OFFICER, "item_release", HOME, {"applicant": "owner", "direction": "out", "mover": "漏水的厨房"}
    )
    held = await filling.add_goods(ctx, OFFICER, paper.id, 1, "沙发", "", 1)
    fee = await filling.take_fee(ctx, OFFICER, paper.id, held.case.version, "押金", 500)
    await asking.ask(ctx, "north", HOME, "张阿姨", "", "")
    (request,) = await asking.waiting(ctx, OFFICER)
    notice = await notices.tell(ctx, OFFICER, HOME, "漏水的厨房", "周三来修")
    doc = await documents.file(ctx, ARCHIVIST, HOME, "owner", "id_copy", png(), person)
    gone = await over(house, slip)
    waiting = await admission.ask(ctx, AT_THE_GATE, "north", Newcomer("visitor", HOME, "张阿姨"))
    inside = await admission.enter(ctx, AT_THE_GATE, "north", Newcomer("visitor", HOME, "张阿姨"), confirmed_by="王芳")
    enrolment = await casework.open_case(ctx, OFFICER, "face_enrol", HOME, {"kind": "deed", "name": "王芳"})
    return {
        "enrolment": enrolment.id,
        "pin": kept.pin.id, "code": code.code.id, "call": await house.ring(door), "paper": paper.id,
        "line": held.goods()[0].id, "receipt": fee.id, "request": request.id, "notice": notice.id, "doc": doc.id,
        "gone": gone, "old": slip, "waiting": waiting.id, "inside": inside.id, "code_link": code.link,
    }  # fmt: skip


async def over(house: House, slip: int) -> int:
    """A slip released and a visit ended in an earlier shift; the visit. The shift of now begins a day later."""
    ctx = house.ctx
    shift = await casework.open_case(ctx, AT_THE_GATE, "shift", "north", {})
    gone = Newcomer("vehicle", HOME, OVER[0], OVER[1], OVER[2])
    came = await admission.enter(ctx, AT_THE_GATE, "north", gone, confirmed_by="王芳")
    await departure.leave(ctx, AT_THE_GATE, came.id, "north")
    version = (await casework.paper(ctx, AT_THE_GATE, slip)).case.version
    held = await casework.act(ctx, AT_THE_GATE, slip, version, "arrive", gate="north")
    for line in (await casework.paper(ctx, AT_THE_GATE, slip)).goods():
        held = (await filling.count(ctx, AT_THE_GATE, slip, held.version, line.id, line.qty or 0)).case
    held = await casework.act(ctx, AT_THE_GATE, slip, held.version, "release", verdict="id_seen")
    await casework.act(ctx, OFFICER, slip, held.version, "file")
    await casework.act(ctx, AT_THE_GATE, shift.id, shift.version, "close", "张阿姨来过两次")
    house.later(DAY_MS)
    await casework.open_case(ctx, AT_THE_GATE, "shift", "north", {})
    return came.id


@pytest_asyncio.fixture(loop_scope="module")
async def browse(house: House) -> AsyncIterator[Open]:
    """As tests.web.conftest has it, for this host."""
    async with opener(house) as browse:
        yield browse


def named(role: str) -> set[str]:
    """The routes of a role, or of several with it, that name a thing."""
    return {line for line, roles in MATRIX.items() if role in roles and TAKES.search(line) and roles != ANYBODY}


async def tried(browser: Browser, line: str, path: str, form: dict[str, str]) -> tuple[int, str]:
    """(status, words) of an address, as a page would ask for it."""
    if line.startswith("GET"):
        return await browser.get(path)
    return await browser.post(path, form, page="/password")


async def test_every_route_that_names_a_thing_is_tried_with_somebody_else_s() -> None:
    assert set(OF_A_HOME) == named(RESIDENT)
    assert set(BEFORE_THE_SHIFT) | EMPTY == named(GUARD)


async def test_a_resident_reaches_nothing_of_another_home(
    house: House, browse: Open, things: dict[str, object]
) -> None:
    yang, fang, leaks = await browse("liuyang"), await browse("wangfang"), []
    form = {"home": HOME, "place": HOME, "version": "1", "act": "cancel", "what": "椅子", "qty": "1", "heads": "1"}
    before = await state(house, things)
    for line, pattern in OF_A_HOME.items():
        path = pattern.format(**things)
        status, text = await tried(yang, line, path, form)
        if status not in {403, 404} or any(secret in text for secret in SECRETS):
            leaks.append((line, status))
        if line.startswith("GET") and (await fang.get(path))[0] != (404 if "picture" in path else 200):
            leaks.append((line, "not even its own home's"))  # else the test would see nothing
    assert not leaks
    assert await state(house, things) == before
    named_in_query = [f"{page}?home={HOME}" for page in ("/me/visits", "/papers", "/invite")]
    for path in (*named_in_query, "/me", "/me/data", "/papers"):
        _, text = await yang.get(path)
        assert not [secret for secret in SECRETS if secret in text], path


async def state(house: House, things: dict[str, object]) -> list[object]:
    """How the things stand."""
    papers = [await casework.paper(house.ctx, OFFICER, int(str(things[name]))) for name in ("paper", "old", "request")]
    guests = await presence.of_home(house.ctx, FANG, HOME)
    code = await visitor_code.code(house.ctx, FANG, int(str(things["code"])))
    held = [(paper.case.version, paper.case.state) for paper in papers]
    return [held, [(one.id, one.state, one.planned_until) for one in guests], code.state, code.used]


async def test_a_guard_sees_nothing_that_was_over_before_the_shift(
    house: House, browse: Open, things: dict[str, object]
) -> None:
    guard, leaks, form = await browse("guard"), [], {"version": "1", "act": "release", "why": "x", "what": "椅子"}
    before = await state(house, things)
    for line, pattern in BEFORE_THE_SHIFT.items():
        status, text = await tried(guard, line, pattern.format(**things), form)
        if status not in {403, 404, 409} or any(secret in text for secret in (*SECRETS, "王搬家")):
            leaks.append((line, status))
    assert not leaks
    assert await state(house, things) == before
    status, text = await tried(guard, "POST", "/gate/unseen", {"visit": str(things["gone"]), "note": "x"})
    assert (status, [one for one in SECRETS if one in text]) == (404, [])
    _, text = await guard.get(f"/gate/unseen?visit={things['gone']}&all=1")
    assert f'value="{things["gone"]}"' not in text
    assert await state(house, things) == before
    number = (await casework.paper(house.ctx, OFFICER, int(str(things["old"])))).case.number
    for path in ("/papers?list=done", "/papers?list=open", f"/papers?q={number}", f"/papers?home={HOME}", "/gate/away"):
        _, text = await guard.get(path)
        assert number not in text.replace(f'value="{number}"', "").replace(f'"?q={number}&', ""), path
        assert "王搬家" not in text, path
    _, text = await guard.get(f"/gate?q={number}")
    assert "This slip was used already" in text  # the copy in somebody's hand is worth nothing
    assert "王搬家" not in text
    assert f"/gate/slips/{things['old']}" not in text


async def test_no_page_a_guard_may_open_shows_what_was_over_before_the_shift(
    house: House, browse: Open, things: dict[str, object]
) -> None:
    """Every page of the guard's that names no thing: one that is added is looked at without being named here."""
    guard, desk, leaks = await browse("guard"), await browse("desk"), []
    mine = [line[4:] for line, roles in MATRIX.items() if GUARD in roles and line.startswith("GET ")]
    pages = [path for path in mine if "{" not in path]
    asked = [f"/gate?q={words}" for words in (*OVER, OVER[1][-4:], HOME)]
    kinds = [f"/gate/enter?kind={kind}&home={HOME}" for kind in ("courier", "visitor", "vehicle", "contractor")]
    assert {"/gate", "/gate/muster", "/gate/shift", "/gate/unseen", "/gate/away", "/papers"} <= set(pages)
    for path in (*pages, *asked, *kinds, "/gate/unseen?all=1", f"/papers?home={HOME}", "/papers?list=done"):
        if path == "/live":
            continue
        status, text = await guard.get(path)
        found = [word for word in OVER if word in text.replace(f'value="{word}"', "").replace(f"q={word}", "")]
        shown = [word for word in found if f"q={word}" not in path]
        if status >= 400 or shown:
            leaks.append((path, status, shown))
    assert not leaks
    _, text = await desk.get(f"/papers/{things['old']}")
    assert "王搬家" in text  # it is there, for who may see it


async def test_the_guard_s_box_knows_no_paper_that_is_not_the_gate_s(house: House, browse: Open) -> None:
    told: dict[str, object] = {"kind": "deed", "name": "王芳"}
    case = await casework.open_case(house.ctx, OFFICER, "face_enrol", HOME, told)
    (answer,) = await search.search(house.ctx, AT_THE_GATE, case.number)
    assert (answer.code, answer.title) == ("nothing", case.number)
    _, text = await (await browse("guard")).get(f"/gate?q={case.number}")
    assert "王芳" not in text


async def test_pages_are_got_and_forms_are_posted_and_nothing_else_is_answered(house: House, browse: Open) -> None:
    router = app.make_app(house.ctx).router
    assert {route.method for resource in router.resources() for route in resource} == {"GET", "HEAD", "POST"}
    nobody = await browse("")
    for one in ROUTES:
        if one.method == "GET" and one.roles and "{" not in one.path and one.path != "/live":
            async with nobody.http.head(nobody.url + one.path, allow_redirects=False) as answer:
                assert answer.status in {303, 401}, one.path


async def test_nothing_of_one_estate_opens_anything_in_another(
    house: House, browse: Open, things: dict[str, object], tmp_path: Path
) -> None:
    """The next estate is another host with other keys: sessions, links and forms of one are noise to the other."""
    ours = [await browse(SIGN_IN_AS[role]) for role in (ADMIN, RESIDENT)]
    link, code_link = await asking.ask(house.ctx, "north", HOME, "张阿姨", "", ""), things["code_link"]
    async with open_house(tmp_path, seed=8) as bare, serve(bare) as other, opener(other) as browse_there:
        for mine in ours:
            there = await browse_there("")
            there.have(mine.cookie("kaimen-session"))
            form = {"form_token": await mine.token("/password")}
            for line, roles in MATRIX.items():
                if roles == ANYBODY or line == "GET /live":
                    continue
                method, path = line.split(" ")
                sent, where = form if method == "POST" else None, other.url + TAKES.sub("1", path)
                async with there.http.request(method, where, data=sent, allow_redirects=False) as answer:
                    assert answer.status in {303, 401, 403, 404}, line
                    assert answer.status != 303 or "/sign-in" in answer.headers["Location"], line
        stranger = await browse_there("")
        for path in (f"/v/{code_link}", f"/visit/wait/{link}", f"/link/{house.links['admin']}"):
            status, text = await stranger.get(path)
            assert (status, "张阿姨" in text) == (404, False), path
