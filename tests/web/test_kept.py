"""Bad input keeps what was typed, at every form of every page, and says what to change.

The table is held against the pages themselves: a form with something to type into that is not in it fails the test.
"""

import io
import random
import re
from html.parser import HTMLParser

import aiohttp
from tests.host.test_documents import png

from gatehost.model.account import ADMIN, Actor
from gatehost.model.case import LENT
from gatehost.model.visit import Newcomer
from gatehost.service.gate import admission, asking
from gatehost.service.office import policy
from gatehost.service.paper import casework, filling, lending
from gatehost.web.frame import upload
from gateverify import witness as own

from .conftest import Browser, Open
from .house import HOME, House
from .test_routes import MATRIX
from .tour import GUARD, OFFICER, approved_slip, tour

TYPES = {"text", "tel", "search", "number", "date", "datetime-local", ""}
KEPT = "张阿姨 9"  # typed into a field that is fine; another field of the form is not
# action -> (who, the page it stands on, what is typed, field that must hold KEPT). `{}` is filled by the test.
FORMS: dict[str, tuple[str, str, dict[str, str]]] = {
    "POST /visit/{gate}": ("", "/visit/north", {"home": "999999", "name": KEPT}),
    "POST /sign-in": ("", "/sign-in", {"login": KEPT, "password": "x"}),
    "POST /invite": ("wangfang", "/invite", {"when": "day", "day": "x", "home": HOME, "visitor": KEPT}),
    "POST /papers/new/{kind}": (
        "wangfang", "/papers/new/repair", {"home": HOME, "field-what": KEPT, "field-urgency": "?"},
    ),
    "POST /papers/{case}": ("desk", "/papers/{paper}", {"act": "assign", "note-assign": KEPT, "version": "1"}),
    "POST /papers/{case}/edit": ("desk", "/papers/{paper}/edit", {"field-what": KEPT, "version": "0"}),
    "POST /papers/{case}/goods": ("desk", "/papers/{slip}", {"what": KEPT, "qty": "x", "version": "1"}),
    "POST /papers/{case}/fees": ("desk", "/papers/{paper}", {"what": KEPT, "amount": "x", "version": "1"}),
    "POST /papers/{case}/lent": ("desk", "/papers/{paper}", {"what": "", "whom": KEPT, "version": "1"}),
    "POST /desk/homes/{home}/people": ("desk", f"/desk/homes/{HOME}", {"name": KEPT, "role": "owner", "phone": "x"}),
    "POST /desk/homes/{home}/people/{party}": ("desk", f"/desk/homes/{HOME}", {"name": KEPT, "phone": "x"}),
    "POST /desk/homes/{home}/faces/{party}": (
        "desk", "/desk/homes/120502/faces/{person}", {"kind": "owner", "signer": KEPT},
    ),
    "POST /gate/enter": ("guard", "/gate/enter?kind=visitor", {"kind": "visitor", "home": "9", "name": KEPT}),
    "POST /gate/unseen": ("guard", "/gate/unseen?visit={stay}", {"note": KEPT}),
    "POST /gate/incident/photo": ("guard", "/gate/incident", {"what": KEPT, "photo": "no picture"}),
    "POST /gate/patrol": ("guard", "/gate/patrol", {"plate": "", "where": KEPT}),
    "POST /admin/cameras": ("admin", "/admin/cameras", {"slot": "north-in", "name": KEPT + "x" * 60}),
    "POST /admin/new-door": ("admin", "/admin/new-door", {"place": "north", "slot": "A B", "name": KEPT}),
    "POST /admin/new-gate": ("admin", "/admin/new-gate", {"slot": "A B", "name": KEPT}),
    "POST /admin/new-building": ("admin", "/admin/new-building", {"name": KEPT, "dial": "x"}),
    "POST /admin/places/{place}": ("admin", "/admin/places/north", {"name": KEPT + "x" * 60}),
    "POST /admin/rules/{place}/{key}": (
        "admin", "/admin/rules/estate/home_open", {"value": "off", "decided_by": KEPT, "why": ""},
    ),
    "POST /admin/staff/new": ("admin", "/admin/staff/new", {"name": KEPT, "login": "desk", "role": "desk", "why": ""}),
    "POST /admin/staff/{account}/role": ("admin", "/admin/staff/4", {"role": "x", "why": KEPT}),
    "POST /admin/forms": ("admin", "/admin/forms", {"kind": "repair", "code": "R-1", "decided_by": KEPT, "why": ""}),
    "POST /admin/evidence/window": ("admin", "/admin/evidence", {"slot": "north-in", "since": "x", "whom": KEPT}),
    "POST /admin/evidence/report": ("admin", "/admin/evidence", {"slot": "north-in", "since": "x", "whom": KEPT}),
    "POST /admin/evidence/home": ("admin", "/admin/evidence", {"home": "999999", "home_whom": KEPT, "home_why": "x"}),
    "POST /admin/evidence/request": ("admin", "/admin/evidence", {"name": "committee", "took": KEPT}),
    "POST /admin/evidence/witness": ("admin", "/admin/evidence", {"line": KEPT}),
    "POST /admin/evidence/answer": ("admin", "/admin/evidence", {"line": KEPT}),
    "POST /admin/proof/export": ("admin", "/admin/proof", {"whom": KEPT, "why": ""}),
    "POST /office/assessment": ("admin", "/office/assessment", {"necessity": KEPT, "risks": "", "measures": "x"}),
    "POST /notices": ("desk", "/notices", {"title": "", "body": KEPT, "place": "estate"}),
    "POST /archive/homes/{home}/lend": ("manager", f"/archive/homes/{HOME}", {"doc": KEPT, "reason": ""}),
    "POST /operator": ("operator", "/operator", {"statement": "x", "key": KEPT}),
    "POST /statistics/export": ("operator", "/statistics", {"days": "7", "kind": "csv", "whom": KEPT, "why": ""}),
}  # fmt: skip
# One field and nothing beside it, and what is wrong with it is that it is empty; or a number behind its own label.
NOTHING_TO_LOSE = {
    "POST /gate/shift/over", "POST /gate/visits/{visit}/deny", "POST /admin/devices/{dev}/revoke",
    "POST /admin/devices/{dev}/release", "POST /admin/doors/{slot}/key", "POST /admin/faces/{party}/two",
    "POST /admin/doors/{slot}/clock", "POST /me/notices/{notice}", "POST /me/homes/{home}/different",
    "POST /admin/staff/{account}/link", "POST /admin/staff/{account}/close",
}  # fmt: skip
# Checked where they are at home: what was counted stays (tests/web/test_gate.py), and a guess at a face is no text.
ELSEWHERE = {"POST /gate/slips/{case}", "POST /admin/faces/{party}/ask"}


class Forms(HTMLParser):
    """The actions of a page's forms that have something to type into, of those that change what is stored, and of those
    that say what they were made from."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page.partition("?")[0]
        self.found: set[str] = set()
        self.versioned: set[str] = set()
        self.changing: set[str] = set()  # with something stored to be typed over
        self.action = ""
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = (held.get("action") or self.page) if held.get("method") == "post" else ""
        typed = tag == "textarea" or (tag == "input" and held.get("type", "") in TYPES and "readonly" not in held)
        if self.action and typed:
            self.found.add(self.action.partition("?")[0])
        if self.action and typed and held.get("value"):
            self.changing.add(self.action.partition("?")[0])
        self.text = self.action if tag == "textarea" else ""
        if self.action and held.get("name") in ("version", "was"):
            self.versioned.add(self.action.partition("?")[0])

    def handle_data(self, data: str) -> None:
        if self.text and data.strip():
            self.changing.add(self.text.partition("?")[0])


def route_of(action: str) -> str:
    """The route an action belongs to; what is written out comes before what is named."""
    shapes = [line for line in MATRIX if line.startswith("POST ")]
    fitting = [line for line in shapes if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", line[5:]), action)]
    return min(fitting, key=lambda line: line.count("{"))


async def test_every_form_of_every_page_is_in_the_tables(house: House, browse: Open) -> None:
    typed, versioned, changing, browsers = set(), set(), set(), {}
    more = [(page, who) for who, page, _ in FORMS.values() if "{" not in page]
    for path, who in [*await tour(house), *more]:
        browsers[who] = browsers.get(who) or await browse(who)
        reader = Forms(path)
        reader.feed((await browsers[who].get(path))[1])
        typed |= {route_of(action) for action in reader.found}
        versioned |= {route_of(action) for action in reader.versioned}
        changing |= {route_of(action) for action in reader.changing}
    assert typed - set(FORMS) - NOTHING_TO_LOSE - ELSEWHERE == set()
    assert not NOTHING_TO_LOSE & set(FORMS)
    assert versioned - set(STALE) - set(OVERTAKEN) == set()
    assert changing - versioned == BEGUN  # who changes what is stored says what they saw of it


async def test_what_was_typed_stays_at_every_form(house: House, browse: Open) -> None:
    told: dict[str, object] = {"what": "灯", "where": "3楼", "urgency": "day"}
    paper = await casework.open_case(house.ctx, OFFICER, "repair", HOME, told)
    slip = await casework.open_case(house.ctx, OFFICER, "item_release", HOME, {"applicant": "owner"})
    person, lost = await house.person("王芳"), []
    await (await browse("guard")).post("/gate/shift", {"gate": "north"}, page="/gate")
    stay = await admission.enter(house.ctx, GUARD, "north", Newcomer("courier", HOME))
    outside = f"witness outside committee {own.public_of(random.Random(1).randbytes(32)).hex()}"
    await (await browse("admin")).post("/admin/evidence/witness", {"line": outside}, page="/admin/evidence")
    for line, (who, page, form) in FORMS.items():
        at = page.format(paper=paper.id, slip=slip.id, person=person, stay=stay.id)
        browser = await browse(who)
        # the report is a second button of the form of the hours
        action = line[5:] if line.endswith("/report") else await action_of(browser, at, line)
        status, text = await sent(browser, at, action, form) if action.startswith("/") else (0, action)
        said = re.search(r'class="wrong"|class="note (wait|bad)"', text)
        if status not in {400, 401, 404, 409} or KEPT not in text or not said:
            lost.append((line, status, KEPT in text, bool(said)))
    assert not lost


async def action_of(browser: Browser, page: str, line: str) -> str:
    """The address of the page's form."""
    reader = Forms(page)
    reader.feed((await browser.get(page))[1])
    found = [action for action in sorted(reader.found) if route_of(action) == line]
    return found[0] if found else f"no form for {line}"


async def sent(browser: Browser, page: str, action: str, form: dict[str, str]) -> tuple[int, str]:
    """Sends a form as its page does, in parts where a picture goes with it."""
    fields = {"form_token": await browser.token(page)} | form
    if not action.endswith(("/photo", "/file")):
        return await browser.send(action, fields)
    data = aiohttp.FormData({name: value for name, value in fields.items() if name != "photo"})
    data.add_field("photo", fields["photo"].encode(), filename="a.jpg", content_type="image/jpeg")
    async with browser.http.post(browser.url + action, data=data) as answer:
        return answer.status, await answer.text()


# Every route that takes a file -> (who, its address, the field, what else is sent, most MiB). A route that takes
# files and is not here fails the test.
UPLOADS: dict[str, tuple[str, str, str, dict[str, str], int]] = {
    "POST /archive/homes/{home}/file": ("admin", f"/archive/homes/{HOME}/file", "file", {"kind": "owner/id_copy"}, 12),
    "POST /papers/{case}/file": ("wangfang", "/papers/{paper}/file", "file", {"kind": "deed"}, 12),
    "POST /visit/wait/{link}/file": ("", "/visit/wait/{link}/file", "file", {}, 5),
    "POST /gate/incident/photo": ("guard", "/gate/incident/photo", "photo", {"what": "x"}, 4),
    "POST /gate/visits/{visit}/photo": ("guard", "/gate/visits/{stay}/photo", "photo", {}, 4),
    "POST /import/file": ("admin", "/import/file", "file", {"kind": "people"}, 12),
    "POST /desk/captures/{task}/photo": ("desk", "/desk/captures/{task}/photo", "photo", {}, 12),
}
OPTIONAL = {"POST /gate/incident/photo"}  # a report without a photo is one
# no file comes in there
NO_UPLOAD = {"POST /history/file"}
PICTURE = png(60, 40)
# what a file may not be, whatever its name and its declared kind say; a unit at the desk judges what is sent to it
BAD = (b"<svg onload=alert(1)>", b"", PICTURE[: len(PICTURE) // 2], b"MZ\x90\0 a program", b"GIF89a" + bytes(90))


def test_every_route_that_takes_a_file_is_in_the_table() -> None:
    taking = {line for line in MATRIX if line.startswith("POST ") and line.endswith(("/file", "/photo"))}
    assert taking == set(UPLOADS) | NO_UPLOAD
    assert upload.is_upload.__doc__  # files come in by these two endings alone


async def test_an_upload_is_judged_by_what_it_holds_and_how_much_and_nothing_of_a_bad_one_stays(
    house: House, browse: Open
) -> None:
    """The name and the declared kind of a file count for nothing."""
    admin, guard = Actor(0, "Administrator", "Administrator", ADMIN, (), "zh_CN", True), await browse("guard")
    await guard.post("/gate/shift", {"gate": "north"}, page="/gate")
    await policy.set_rule(house.ctx, admin, "north", "visitor.photo", "on", "业主大会", "7", "安全")
    party = await house.person("王芳")
    case = await casework.open_case(house.ctx, OFFICER, "face_enrol", HOME, {"kind": "deed", "name": "王芳"}, party)
    stay = await admission.enter(house.ctx, GUARD, "north", Newcomer("visitor", HOME), confirmed_by="王芳")
    link, wrong = await asking.ask(house.ctx, "north", HOME, "张阿姨", "", ""), []
    told = {"paper": case.id, "link": link, "stay": stay.id, "task": "0" * 32}
    for line, (who, pattern, field, more, most) in UPLOADS.items():
        browser, path = await browse(who), pattern.format(**told)
        page = f"/visit/wait/{link}/file" if not who else "/password"
        for data in (*(one for one in BAD if one or line not in OPTIONAL), bytes((most << 20) + 1)):
            form = aiohttp.FormData({"form_token": await browser.token(page)} | more)
            form.add_field(field, io.BytesIO(data), filename="a.jpg", content_type="image/jpeg")
            async with browser.http.post(browser.url + path, data=form) as answer:
                judged_by_the_unit = "captures" in line and len(data) <= most << 20
                if (answer.status not in {400, 413}) != judged_by_the_unit:
                    wrong.append((line, data[:20], answer.status))
    assert not wrong
    assert house.ctx.shelf.names() == []


async def test_a_good_picture_is_taken_whatever_its_name_says(house: House, browse: Open) -> None:
    manager = await browse("admin")
    form = aiohttp.FormData({"form_token": await manager.token("/password"), "kind": "owner/id_copy"})
    form.add_field("file", io.BytesIO(PICTURE), filename="a.exe", content_type="application/x-dosexec")
    async with manager.http.post(f"{house.url}/archive/homes/{HOME}/file", data=form) as answer:
        assert answer.status == 200
    assert len(house.ctx.shelf.names()) == 1


# Forms that say which version of a paper they were made from -> what is typed. With an older one nothing is done.
STALE: dict[str, dict[str, str]] = {
    "POST /papers/{case}": {"act": "assign", "note-assign": KEPT, "verdict-assign": "manager"},
    "POST /papers/{case}/edit": {"field-what": KEPT, "field-where": "3楼", "field-urgency": "day"},
    "POST /papers/{case}/goods": {"what": KEPT, "qty": "1"},
    "POST /papers/{case}/goods/{line}/strike": {},
    "POST /papers/{case}/fees": {"what": KEPT, "amount": "5"},
    "POST /papers/{case}/lent": {"what": KEPT, "whom": "王芳"},
    "POST /papers/{case}/lent/{line}/back": {},
    "POST /gate/slips/{case}": {"act": "mismatch", "note": KEPT},
}


# Forms of what is no paper -> who, the page, what the first and the second of two people type.
OVERTAKEN: dict[str, tuple[str, str, dict[str, str], dict[str, str]]] = {
    "POST /desk/homes/{home}/people/{party}": (
        "desk", f"/desk/homes/{HOME}", {"name": "王芳", "phone": "13911112222"}, {"name": KEPT, "phone": ""},
    ),
    "POST /admin/rules/{place}/{key}": (
        "admin", "/admin/rules/estate/visitor.max_days", {"value": "9", "decided_by": "业委会", "why": "少些"},
        {"value": "30", "decided_by": KEPT, "why": "多些"},
    ),
    "POST /admin/places/{place}": (
        "admin", "/admin/places/north", {"name": "东门"}, {"name": KEPT},
    ),
    "POST /admin/staff/{account}/role": (
        "admin", "/admin/staff/4", {"role": "desk", "duty": "lead", "why": "换岗"}, {"role": "guard", "why": KEPT},
    ),
}  # fmt: skip
# A form with something typed into it already that is not changed by it: a new paper begins with the person's name.
BEGUN = {"POST /papers/new/{kind}"}


async def test_two_people_at_what_is_no_paper_are_told_and_nothing_typed_or_stored_is_lost(
    house: House, browse: Open
) -> None:
    party, wrong = await house.person("王芳"), []
    for route, (who, page, first, second) in OVERTAKEN.items():
        one, other = await browse(who), await browse(who)
        place = "north" if "places" in route else "estate"
        path = route[5:].format(home=HOME, party=party, place=place, key="visitor.max_days", account=4)
        was = stood(await one.get(page), path)
        token = {"form_token": await other.token(page)}
        assert (await one.post(path, first | {"was": was}, page=page))[0] == 200, route
        before = (await one.get(page))[1]
        status, text = await other.send(path, second | {"was": was} | token)
        told = re.search("Somebody else changed this first|while you wrote", text)
        if status != 409 or told is None or KEPT not in text:
            wrong.append((route, status))
        if stood(await one.get(page), path) != stood((200, before), path):
            wrong.append((route, "changed"))
        status, _ = await other.send(path, second | {"was": stood((200, text), path)} | token)
        if status != 200:  # and now that they have seen it, they may
            wrong.append((route, status))
    assert not wrong


def stood(answer: tuple[int, str], action: str) -> str:
    """What a page's form of this action says that it was made from."""
    form = answer[1].partition(f'action="{action}"')[2]
    found = re.search(r'name="was" value="([^"]*)"', form)
    assert found, action
    return found[1]


async def test_two_people_at_one_paper_are_told_and_nothing_typed_or_stored_is_lost(house: House, browse: Open) -> None:
    told: dict[str, object] = {"what": "灯", "where": "3楼", "urgency": "day"}
    repair = await casework.open_case(house.ctx, OFFICER, "repair", HOME, told)
    held = await lending.lend(house.ctx, OFFICER, repair.id, repair.version, "钥匙", "王芳")
    lent = next(item.id for item in held.items if item.kind == LENT)
    draft = await casework.open_case(house.ctx, OFFICER, "item_release", HOME, {"applicant": "owner"})
    line = (await filling.add_goods(house.ctx, OFFICER, draft.id, 1, "椅子", "", 1)).goods()[0].id
    slip = await approved_slip(house)
    desk, guard, wrong = await browse("desk"), await browse("guard"), []
    await guard.post("/gate/shift", {"gate": "north"}, page="/gate")
    for route, form in STALE.items():
        case = slip if "slips" in route else draft.id if "goods" in route else repair.id
        before = await casework.paper(house.ctx, OFFICER, case)
        path = route[5:].format(case=case, line=line if "goods" in route else lent)
        who, page = (guard, f"/gate/slips/{slip}") if "slips" in route else (desk, f"/papers/{case}")
        status, text = await who.post(path, form | {"version": str(before.case.version - 1)}, page=page)
        said = "changed this" in text
        kept = KEPT in text or KEPT not in form.values()
        after = await casework.paper(house.ctx, OFFICER, case)
        if (status, said, kept) != (409, True, True) or after.case.version != before.case.version:
            wrong.append((route, status, said, kept))
    assert not wrong
