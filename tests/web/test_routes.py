"""Who may use which address: every route of the application, every role, written out."""

import re

from gatehost.web import app
from gatehost.web.frame.page import BEHIND, TABS
from gatehost.web.routes import ROUTES

from .conftest import Open
from .house import HOME, House

A, D, R, G, OP, C = "admin", "desk", "resident", "guard", "operator", "committee"
NOBODY_SIGNED_IN = ""
ANYBODY = {NOBODY_SIGNED_IN, A, D, R, G, OP, C}
PAPER = {A, D, R, G}
SIGNED_IN, HOUSE, OFFICE = {A, D, R, G, OP, C}, {A, D, R}, {A, D}

# every route -> who may use it
MATRIX: dict[str, set[str]] = {
    "GET /": ANYBODY,
    "GET /sign-in": ANYBODY,
    "POST /sign-in": ANYBODY,
    "POST /sign-out": ANYBODY,
    "GET /link/{token}": ANYBODY,
    "POST /link/{token}": ANYBODY,
    "GET /v/{link}": ANYBODY,
    "GET /privacy": ANYBODY,
    "GET /visit/{gate}": ANYBODY,
    "POST /visit/{gate}": ANYBODY,
    "GET /kiosk/{gate}": ANYBODY,
    "GET /visit/wait/{link}": ANYBODY,
    "GET /visit/wait/{link}/file": ANYBODY,
    "POST /visit/wait/{link}/file": ANYBODY,
    "POST /visit/wait/{link}/leaving": ANYBODY,
    "POST /v/{link}/leaving": ANYBODY,
    "POST /requests/{case}/approve": {D, R},
    "POST /requests/{case}/refuse": {D, R},
    "GET /posters/{gate}": {A, D},
    "GET /forms/{gate}": {A, D, G},
    "GET /say/{link}": ANYBODY,
    "POST /say/{link}": ANYBODY,
    "GET /said/{link}": ANYBODY,
    "GET /me/month": {R},
    "GET /desk/homes/{home}/month": OFFICE,
    "GET /desk/cards/lent": OFFICE,
    "GET /register": OFFICE,
    "GET /history": OFFICE,
    "POST /history": OFFICE,
    "POST /history/file": {A},
    "GET /office/watch": {A, C},
    "GET /password": SIGNED_IN,
    "POST /password": SIGNED_IN,
    "GET /live": SIGNED_IN,
    "GET /me": {R},
    "GET /me/visits": {R},
    "GET /me/data": {R},
    "GET /me/data/consent": {R},
    "GET /me/data/withdraw": {R},
    "POST /me/data/withdraw": {R},
    "POST /me/pins/{pin}/end": {R},
    "GET /me/homes/{home}": {R},
    "POST /me/homes/{home}/right": {R},
    "POST /me/homes/{home}/different": {R},
    "POST /me/cards/lost": {R},
    "POST /me/doors/{slot}/open": {R},
    "POST /me/doors/{slot}/lift": {R},
    "GET /invite": {R},
    "POST /invite": {R},
    "GET /codes/{code}": {R},
    "POST /codes/{code}/revoke": {R},
    "POST /codes/{code}/link": {R},
    "GET /calls/{call}": HOUSE,
    "GET /calls/{call}/picture": HOUSE,
    "POST /calls/{call}/open": HOUSE,
    "POST /calls/{call}/refuse": HOUSE,
    "GET /papers": PAPER,
    "GET /papers/new": PAPER,
    "GET /papers/new/{kind}": PAPER,
    "POST /papers/new/{kind}": PAPER,
    "GET /papers/{case}": PAPER,
    "POST /papers/{case}": PAPER,
    "GET /papers/{case}/edit": PAPER,
    "POST /papers/{case}/edit": PAPER,
    "POST /papers/{case}/goods": PAPER,
    "POST /papers/{case}/goods/{line}/strike": PAPER,
    "GET /papers/new/{kind}/blank": {A, D, G},
    "GET /papers/{case}/print": PAPER,
    "POST /papers/{case}/file": HOUSE,
    "POST /papers/{case}/documents/{doc}/drop": HOUSE,
    "GET /papers/{case}/time": HOUSE,
    "POST /papers/{case}/time": HOUSE,
    "POST /papers/{case}/time/back": HOUSE,
    "POST /papers/{case}/fees": OFFICE,
    "GET /papers/{case}/receipts/{line}": PAPER,
    "GET /papers/{case}/signatures/{doc}": {A, D, G},
    "POST /papers/{case}/lent": OFFICE,
    "POST /papers/{case}/lent/{line}/back": OFFICE,
    "GET /desk/day": OFFICE,
    "POST /desk/day/begin": {D},
    "GET /today": OFFICE,
    "POST /today/alarms/{alarm}/seen": OFFICE,
    "POST /today/clock": {A},
    "GET /desk": OFFICE,
    "GET /desk/homes/{home}": OFFICE,
    "POST /desk/homes/{home}/people": OFFICE,
    "POST /desk/homes/{home}/people/{party}": OFFICE,
    "POST /desk/homes/{home}/people/{party}/link": OFFICE,
    "POST /desk/homes/{home}/people/{party}/pin": OFFICE,
    "POST /desk/homes/{home}/pins/{pin}/end": OFFICE,
    "POST /desk/ties/{tie}/end": OFFICE,
    "POST /desk/ties/{tie}/deed": OFFICE,
    "POST /desk/homes/{home}/right": {D},
    "GET /desk/unlooked": OFFICE,
    "GET /desk/faces": OFFICE,
    "GET /desk/faces/{party}": OFFICE,
    "GET /desk/faces/{party}/slip": OFFICE,
    "GET /desk/faces/{party}/consent": OFFICE,
    "GET /desk/faces/{party}/withdraw": OFFICE,
    "POST /desk/faces/{party}/withdraw": OFFICE,
    "GET /desk/homes/{home}/faces/{party}": {D},
    "POST /desk/homes/{home}/faces/{party}": {D},
    "POST /desk/homes/{home}/faces/{party}/decline": {D},
    "GET /desk/homes/{home}/faces/{party}/capture": {D},
    "POST /desk/homes/{home}/faces/{party}/capture": {D},
    "GET /desk/captures/{task}": {D},
    "POST /desk/homes/{home}/faces/{party}/slip": {D},
    "POST /desk/captures/{task}/stop": {D},
    "POST /desk/captures/{task}/photo": {D},
    "POST /desk/captures/{task}/brought": {D},
    "GET /gate": {D, G},
    "POST /gate/shift": {D, G},
    "GET /gate/shift": {D, G},
    "POST /gate/shift/over": {D, G},
    "GET /gate/enter": {D, G},
    "POST /gate/enter": {D, G},
    "POST /gate/visits/{visit}/leave": {D, G},
    "GET /gate/visits/{visit}/picture": {D, G},
    "POST /gate/visits/{visit}/photo": {D, G},
    "POST /gate/visits/{visit}/deny": {D, G},
    "GET /gate/unseen": {D, G},
    "POST /gate/unseen": {D, G},
    "POST /visits/{visit}/in": {D, R},
    "POST /visits/{visit}/not": {D, R},
    "POST /visits/{visit}/stay": {D, R},
    "POST /visits/{visit}/left": {R},
    "GET /gate/slips/{case}": {D, G},
    "POST /gate/slips/{case}": {D, G},
    "GET /gate/muster": {A, D, G},
    "POST /gate/muster/{visit}/safe": {A, D, G},
    "POST /gate/code": {D, G},
    "GET /gate/incident": {D, G},
    "POST /gate/incident/photo": {D, G},
    "GET /incidents": {A, D},
    "GET /gate/patrol": {D, G},
    "POST /gate/patrol": {D, G},
    "GET /admin/places": {A},
    "GET /admin/new-gate": {A},
    "POST /admin/new-gate": {A},
    "GET /admin/new-building": {A},
    "POST /admin/new-building": {A},
    "GET /admin/places/{place}": {A},
    "POST /admin/places/{place}": {A},
    "GET /admin/cameras": {A},
    "POST /admin/cameras": {A},
    "POST /admin/cameras/{camera}/end": {A},
    "POST /hooks/plates/{camera}": ANYBODY,
    "GET /gate/away": {A, D, G},
    "POST /gate/away/{deed}/seen": {A, D},
    "GET /admin/doors": {A},
    "GET /admin/new-door": {A},
    "POST /admin/new-door": {A},
    "GET /admin/doors/{slot}": {A},
    "POST /admin/doors/{slot}/claim-file": {A},
    "POST /admin/doors/{slot}/claim-qr": {A},
    "POST /admin/doors/{slot}/key": {A},
    "POST /admin/doors/{slot}/clock": {A},
    "POST /admin/devices/{dev}/confirm": {A},
    "POST /admin/devices/{dev}/refuse": {A},
    "POST /admin/devices/{dev}/revoke": {A},
    "POST /admin/devices/{dev}/release": {A},
    "GET /admin/feeds": {A},
    "POST /admin/feeds": {A},
    "POST /admin/feeds/{feed}/end": {A},
    "GET /admin/faces": {A},
    "POST /admin/faces/{party}/ask": {A},
    "POST /admin/faces/{party}/two": {A},
    "POST /admin/faces/{party}/same": {A},
    "GET /admin/forms": {A},
    "POST /admin/forms": {A},
    "GET /admin/rules": {A, OP},
    "GET /admin/rules/{place}/{key}": {A, OP},
    "POST /admin/rules/{place}/{key}": {A, OP},
    "GET /admin/backups": {A},
    "GET /admin/staff": {A, OP},
    "GET /admin/staff/new": {A, OP},
    "POST /admin/staff/new": {A, OP},
    "GET /admin/staff/{account}": {A, OP},
    "POST /admin/staff/{account}/role": {A, OP},
    "POST /admin/staff/{account}/link": {A, OP},
    "POST /admin/staff/{account}/close": {A, OP},
    "GET /admin/proof": {A},
    "POST /admin/proof": {A},
    "POST /admin/proof/export": {A},
    "GET /admin/evidence": {A, C},
    "GET /admin/evidence/trust": {A},
    "POST /admin/evidence/public": {A, C},
    "POST /admin/evidence/home": {A},
    "GET /admin/evidence/hand-over": {A},
    "POST /admin/evidence/window": {A},
    "POST /admin/evidence/report": {A},
    "POST /admin/evidence/witness": {A},
    "POST /admin/evidence/witness/end": {A},
    "POST /admin/evidence/request": {A, C},
    "POST /admin/evidence/answer": {A, C},
    "GET /head": ANYBODY,
    "GET /office": {A, D, OP, C},
    "GET /rules": ANYBODY,
    "GET /rules/poster": ANYBODY,
    "GET /office/privacy": {A, OP, C},
    "GET /office/guests": {A, OP},
    "GET /office/assessment": {A, C},
    "POST /office/assessment": {A},
    "GET /office/erase": {A},
    "POST /office/erase": {A},
    "GET /me/notices": {R},
    "POST /me/notices/{notice}": {R},
    "GET /notices": {A, D},
    "POST /notices": {A, D},
    "GET /notices/{notice}": {A, D},
    "POST /notices/{notice}/end": {A, D},
    "GET /archive": {A, D},
    "GET /archive/home": {A, D},
    "GET /archive/homes/{home}": {A, D},
    "POST /archive/homes/{home}/file": {A, D},
    "POST /archive/homes/{home}/lend": {A, D},
    "POST /archive/lends/{case}": {A, D},
    "GET /archive/documents/{doc}": {A, D, R},
    "GET /import": {A},
    "POST /import/file": {A},
    "POST /import/{token}": {A},
    "GET /desk/cards": {A, D},
    "POST /desk/cards": {A, D},
    "GET /operator": {OP},
    "POST /operator": {OP},
    "POST /operator/forget": {OP},
    "GET /operator/statement": {A, OP},
    "GET /statistics": {A, OP, C},
    "POST /statistics/export": {A, OP},
}
FILLED = {
    "{token}": "no-such-link", "{link}": "no-such-link", "{pin}": "999", "{slot}": "north-in", "{code}": "999",
    "{call}": "0" * 32, "{alarm}": "999", "{home}": HOME, "{party}": "0" * 32, "{tie}": "999", "{task}": "0" * 32,
    "{dev}": "0" * 32, "{place}": "estate", "{key}": "home_open", "{visit}": "999", "{case}": "999",
    "{kind}": "incident", "{line}": "999",
    "{gate}": "north", "{feed}": "999", "{deed}": "0" * 32, "{camera}": "999",
    "{notice}": "999", "{doc}": "999", "{account}": "999",
}  # fmt: skip
HOOK = "POST /hooks/plates/{camera}"
SIGN_IN_AS = {A: "admin", D: "desk", R: "wangfang", G: "guard", OP: "operator", C: "committee"}


def filled(line: str) -> tuple[str, str]:
    """A route's method and an address of its kind."""
    method, path = line.split(" ")
    for name, value in FILLED.items():
        path = path.replace(name, value)
    return method, path


def test_every_route_of_the_application_is_in_the_matrix(bare: House) -> None:
    served = {
        f"{route.method} {resource.canonical}"
        for resource in app.make_app(bare.ctx).router.resources()
        for route in resource
        if route.method != "HEAD" and resource.canonical != "/static"
    }
    assert served == set(MATRIX)


def test_the_application_s_own_table_gives_each_route_the_same_roles() -> None:
    shape = re.compile(r":(?:[^{}]|\{[^{}]*\})*\}")
    table = {one.method + " " + shape.sub("}", one.path): set(one.roles) or ANYBODY for one in ROUTES}
    assert table == MATRIX


async def test_each_role_reaches_its_own_pages_and_no_other(house: House, browse: Open) -> None:
    wrong = []
    for role in sorted(ANYBODY):
        browser = await browse(SIGN_IN_AS.get(role, ""))
        token = await browser.token("/sign-in")
        for line, roles in MATRIX.items():
            if line in {"POST /sign-out", "GET /kiosk/{gate}", "POST /link/{token}", "GET /live", HOOK}:
                continue  # the first two end the session used here; the others have tests of their own
            method, path = filled(line)
            async with browser.http.request(
                method,
                house.url + path,
                data={"form_token": token} if method == "POST" else None,
                allow_redirects=False,
            ) as answer:
                assert answer.status != 500, (line, role)
                allowed = answer.status not in {401, 403} and "/sign-in" not in answer.headers.get("Location", "")
            if allowed != (role in roles) and line not in {"GET /", "POST /sign-in"}:
                wrong.append((line, role, answer.status))
    # what a service itself refuses to a permitted role is no matter of routes
    known = {("POST /invite", R, 403), ("POST /me/doors/{slot}/open", R, 403), ("POST /me/doors/{slot}/lift", R, 403)}
    known |= {("POST /archive/homes/{home}/file", D, 403)}
    known |= {("GET /papers/new/{kind}", R, 403), ("POST /papers/new/{kind}", R, 403)}
    assert set(wrong) <= known


async def test_a_resident_gets_nothing_of_another_home(house: House, browse: Open) -> None:
    fang, yang = await browse("wangfang"), await browse("liuyang")
    _, text = await fang.post("/invite", {"when": "today", "home": HOME, "visitor": "张阿姨"})
    assert "张阿姨" in text
    assert (await fang.get("/codes/1"))[0] == 200
    assert (await yang.get("/codes/1"))[0] == 404
    assert (await yang.post("/codes/1/revoke", page="/password"))[0] == 404
    assert (await yang.post("/codes/1/link", page="/password"))[0] == 404
    assert (await yang.get(f"/me/visits?home={HOME}"))[0] == 403
    assert (await yang.post("/me/doors/north-in/open", {"home": HOME}, page="/password"))[0] == 403
    assert (await yang.post("/invite", {"when": "today", "home": HOME}))[0] == 403
    door = await house.fill("north-in")
    call = await house.ring(door)
    for method, path in (("get", ""), ("get", "/picture"), ("post", "/open"), ("post", "/refuse")):
        answer = (
            await yang.get(f"/calls/{call}{path}")
            if method == "get"
            else await yang.post(f"/calls/{call}{path}", page="/password")
        )
        assert answer[0] in {403, 404}, path
    _, text = await fang.get("/codes/1")
    assert "Taken back" not in text


async def test_the_tab_that_leads_to_a_page_is_the_one_that_is_marked(house: House, browse: Open) -> None:
    """The cards that end soon lie under /desk by their address and behind Office by their way."""
    plain = [path for path in MATRIX if path.startswith("GET ") and "{" not in path]
    seen: set[str] = set()
    for role in (A, D, G, R, OP, C):
        browser = await browse({R: "wangfang"}.get(role, role))
        tabs = [path for path, _, _ in TABS[role]]
        leads = {path: tab for tab, paths in BEHIND.items() if tab in tabs for path in paths if path not in tabs}
        for path, tab in leads.items():
            if f"GET {path}" in plain and role in MATRIX[f"GET {path}"]:
                status, text = await browser.get(path)
                assert status == 200, path
                assert re.findall(r'<a href="([^"]+)" aria-current="page"', text) == [tab], (role, path)
                seen.add(path)
    assert {"/desk/cards", "/desk/unlooked", "/register", "/admin/staff"} <= seen
