"""Who may use which address: every route of the application, every role, written out."""

import re

from gatehost.web import app

from .conftest import Open
from .house import HOME, House

A, D, R, G, OP, C = "admin", "desk", "resident", "guard", "operator", "committee"
NOBODY_SIGNED_IN = ""
ANYBODY = {NOBODY_SIGNED_IN, A, D, R, G, OP, C}
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
    "GET /password": SIGNED_IN,
    "POST /password": SIGNED_IN,
    "GET /live": SIGNED_IN,
    "GET /me": {R},
    "GET /me/visits": {R},
    "GET /me/data": {R},
    "GET /me/data/withdraw": {R},
    "POST /me/data/withdraw": {R},
    "POST /me/pins/{pin}/end": {R},
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
    "GET /today": OFFICE,
    "POST /today/alarms/{alarm}/seen": OFFICE,
    "GET /desk": OFFICE,
    "GET /desk/homes/{home}": OFFICE,
    "POST /desk/homes/{home}/people": OFFICE,
    "POST /desk/homes/{home}/people/{party}/link": OFFICE,
    "POST /desk/homes/{home}/people/{party}/pin": OFFICE,
    "POST /desk/homes/{home}/pins/{pin}/end": OFFICE,
    "POST /desk/ties/{tie}/end": OFFICE,
    "GET /desk/faces": OFFICE,
    "GET /desk/faces/{party}": OFFICE,
    "GET /desk/faces/{party}/slip": OFFICE,
    "GET /desk/faces/{party}/withdraw": OFFICE,
    "POST /desk/faces/{party}/withdraw": OFFICE,
    "GET /desk/homes/{home}/faces/{party}": {D},
    "POST /desk/homes/{home}/faces/{party}": {D},
    "GET /desk/homes/{home}/faces/{party}/capture": {D},
    "POST /desk/homes/{home}/faces/{party}/capture": {D},
    "GET /desk/captures/{task}": {D},
    "POST /desk/homes/{home}/faces/{party}/slip": {D},
    "POST /desk/captures/{task}/stop": {D},
    "POST /desk/captures/{task}/photo": {D},
    "GET /gate": {D, G},
    "POST /gate/shift": {D, G},
    "POST /gate/shift/over": {D, G},
    "GET /gate/enter": {D, G},
    "POST /gate/enter": {D, G},
    "POST /gate/visits/{visit}/leave": {D, G},
    "GET /gate/slips/{case}": {D, G},
    "POST /gate/slips/{case}": {D, G},
    "GET /gate/muster": {A, D, G},
    "POST /gate/muster/{visit}/safe": {A, D, G},
    "GET /admin/doors": {A},
    "GET /admin/new-door": {A},
    "POST /admin/new-door": {A},
    "GET /admin/doors/{slot}": {A},
    "POST /admin/doors/{slot}/claim-file": {A},
    "POST /admin/doors/{slot}/claim-qr": {A},
    "POST /admin/devices/{dev}/confirm": {A},
    "POST /admin/devices/{dev}/refuse": {A},
    "POST /admin/devices/{dev}/revoke": {A},
    "POST /admin/devices/{dev}/release": {A},
    "GET /admin/faces": {A},
    "POST /admin/faces/{party}/ask": {A},
    "POST /admin/faces/{party}/two": {A},
    "POST /admin/faces/{party}/same": {A},
    "GET /admin/rules": {A},
    "GET /admin/rules/{place}/{key}": {A},
    "POST /admin/rules/{place}/{key}": {A},
    "GET /admin/proof": {A},
    "POST /admin/proof": {A},
    "POST /admin/proof/export": {A},
    "GET /admin/evidence": {A},
    "GET /admin/evidence/hand-over": {A},
    "POST /admin/evidence/window": {A},
    "POST /admin/evidence/witness": {A},
    "POST /admin/evidence/request": {A},
    "POST /admin/evidence/answer": {A},
    "GET /head": ANYBODY,
}
FILLED = {
    "{token}": "no-such-link", "{link}": "no-such-link", "{pin}": "999", "{slot}": "north-in", "{code}": "999",
    "{call}": "0" * 32, "{alarm}": "999", "{home}": HOME, "{party}": "0" * 32, "{tie}": "999", "{task}": "0" * 32,
    "{dev}": "0" * 32, "{place}": "estate", "{key}": "home_open", "{visit}": "999", "{case}": "999",
}  # fmt: skip
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
    table = {one.method + " " + shape.sub("}", one.path): set(one.roles) or ANYBODY for one in app.ROUTES}
    assert table == MATRIX


async def test_each_role_reaches_its_own_pages_and_no_other(house: House, browse: Open) -> None:
    wrong = []
    for role in sorted(ANYBODY):
        for line, roles in MATRIX.items():
            if line in {"POST /sign-out", "POST /link/{token}", "GET /live"}:
                continue  # sign-out ends the session used here; the other two have tests of their own
            browser = await browse(SIGN_IN_AS.get(role, ""))
            method, path = filled(line)
            token = await browser.token("/sign-in")
            async with browser.http.request(
                method,
                house.url + path,
                data={"form_token": token} if method == "POST" else None,
                allow_redirects=False,
            ) as answer:
                allowed = answer.status not in {401, 403} and "/sign-in" not in answer.headers.get("Location", "")
            if allowed != (role in roles) and line not in {"GET /", "POST /sign-in"}:
                wrong.append((line, role, answer.status))
    # what a service itself refuses to a permitted role is no matter of routes
    known = {("POST /invite", R, 403), ("POST /me/doors/{slot}/open", R, 403), ("POST /me/doors/{slot}/lift", R, 403)}
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
