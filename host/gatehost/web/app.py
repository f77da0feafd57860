"""The pages as one application: every route with the roles that may use it, and what every request passes.

`make_app(ctx)` gives the aiohttp application; whoever runs it hands `guarding.AccessLog` to the runner, so that no link
token reaches a log. Routes not in ROUTES do not exist: a test walks the router and this table.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from gatehost.model.account import ADMIN, COMMITTEE, DESK, GUARD, OPERATOR, RESIDENT
from gatehost.model.errors import Denied, HostError, NotFound
from gatehost.service.context import Context
from gatehost.web import (
    admin,
    archive,
    calls,
    cards,
    day,
    desk,
    evidence,
    face,
    faces_at_doors,
    feeds,
    gate,
    guarding,
    guests,
    imports,
    incidents,
    invite,
    live,
    month,
    notices,
    office,
    operator,
    page,
    paper_new,
    papers,
    plates,
    poster,
    prints,
    register,
    resident,
    resume,
    rules,
    safekept,
    say,
    sending,
    session,
    signatures,
    signin,
    staff,
    statistics,
    today,
    unseen,
    visitor,
    watch,
    yearly,
)  # fmt: skip

Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]

ANYBODY: tuple[str, ...] = ()
SIGNED_IN = (ADMIN, DESK, RESIDENT, GUARD, OPERATOR, COMMITTEE)
ALL = (ADMIN, DESK, RESIDENT)
POST, MUSTER = (DESK, GUARD), (ADMIN, DESK, GUARD)
OFFICE, NUMBERS, BEHIND = (ADMIN, DESK), (ADMIN, OPERATOR, COMMITTEE), (ADMIN, DESK, OPERATOR, COMMITTEE)
KEEPERS = (ADMIN, OPERATOR)
PAPER, STAFF_PAPER = (ADMIN, DESK, RESIDENT, GUARD), (ADMIN, DESK, GUARD)
CASE, KIND = r"{case:\d{1,12}}", r"{kind:[a-z_]{1,40}}"
CALL, CODE, DEV, PARTY, TASK = (
    r"{call:[0-9a-f]{32}}", r"{code:\d{1,12}}", r"{dev:[0-9a-f]{32}}", r"{party:[0-9a-f]{32}}", r"{task:[0-9a-f]{32}}",
)  # fmt: skip
GATE = r"{gate:[\w.-]{1,64}}"
VISIT = r"{visit:\d{1,12}}"
NOTICE, ACCOUNT = r"{notice:\d{1,12}}", r"{account:\d{1,12}}"
SLOT, HOME, TOKEN = r"{slot:[\w.-]{1,64}}", r"{home:\d{1,16}}", r"{token:[\w-]{1,128}}"


@dataclass(frozen=True, slots=True)
class Route:
    """An address, who may use it (empty: anybody), and what answers."""

    method: str
    path: str
    handle: Handle
    roles: tuple[str, ...]


def route(line: str, handle: Handle, roles: tuple[str, ...]) -> Route:
    """`GET /path` as a Route."""
    method, path = line.split(" ")
    return Route(method, path, handle, roles)


ROUTES = (
    route("GET /", signin.first, ANYBODY),
    route("GET /sign-in", signin.form, ANYBODY),
    route("POST /sign-in", signin.sign_in, ANYBODY),
    route("POST /sign-out", signin.sign_out, ANYBODY),
    route(f"GET /link/{TOKEN}", signin.look_at_link, ANYBODY),
    route(f"POST /link/{TOKEN}", signin.use_link, ANYBODY),
    route(r"GET /v/{link:[\w-]{1,128}}", visitor.show, ANYBODY),
    route("GET /privacy", signin.privacy, ANYBODY),
    # a visitor asks for themselves
    route(rf"GET /visit/{GATE}", poster.form, ANYBODY),
    route(rf"POST /visit/{GATE}", poster.ask, ANYBODY),
    route(rf"GET /kiosk/{GATE}", poster.kiosk, ANYBODY),
    route(r"GET /visit/wait/{link:[\w.-]{1,160}}", poster.wait, ANYBODY),
    route(r"GET /visit/wait/{link:[\w.-]{1,160}}/file", sending.proofs, ANYBODY),
    route(r"POST /visit/wait/{link:[\w.-]{1,160}}/file", sending.prove, ANYBODY),
    route(r"POST /requests/{case:\d{1,12}}/approve", poster.approve, (DESK, RESIDENT)),
    route(r"POST /requests/{case:\d{1,12}}/refuse", poster.refuse, (DESK, RESIDENT)),
    route(rf"GET /posters/{GATE}", poster.show, OFFICE),
    route(rf"GET /forms/{GATE}", poster.blank, MUSTER),
    # a word about the work, from a slip
    route(r"GET /say/{link:[\w.-]{1,160}}", say.form, ANYBODY),
    route(r"POST /say/{link:[\w.-]{1,160}}", say.say, ANYBODY),
    route(r"GET /said/{link:[\w.]{1,80}}", say.said, ANYBODY),
    # a home's guests
    route(f"POST /visits/{VISIT}/in", guests.let_in, (DESK, RESIDENT)),
    route(f"POST /visits/{VISIT}/not", guests.not_now, (DESK, RESIDENT)),
    route(f"POST /visits/{VISIT}/stay", guests.stay, (DESK, RESIDENT)),
    route(f"POST /visits/{VISIT}/left", guests.left, (RESIDENT,)),
    route("GET /password", signin.password_form, SIGNED_IN),
    route("POST /password", signin.set_password, SIGNED_IN),
    route("GET /live", live.live, SIGNED_IN),
    # a resident's own
    route("GET /me", resident.home, (RESIDENT,)),
    route("GET /me/visits", resident.who_came, (RESIDENT,)),
    route("GET /me/month", month.show, (RESIDENT,)),
    route("GET /me/data", resident.data, (RESIDENT,)),
    route("GET /me/data/consent", resident.agreed, (RESIDENT,)),
    route("GET /me/data/withdraw", resident.withdraw_form, (RESIDENT,)),
    route("POST /me/data/withdraw", resident.withdraw, (RESIDENT,)),
    route(r"POST /me/pins/{pin:\d{1,12}}/end", resident.end_pin, (RESIDENT,)),
    route(f"GET /me/homes/{HOME}", yearly.look, (RESIDENT,)),
    route(f"POST /me/homes/{HOME}/right", yearly.still_right, (RESIDENT,)),
    route(f"POST /me/homes/{HOME}/different", yearly.different, (RESIDENT,)),
    route("POST /me/cards/lost", resident.lose_card, (RESIDENT,)),
    route(f"POST /me/doors/{SLOT}/open", calls.open_mine, (RESIDENT,)),
    route(f"POST /me/doors/{SLOT}/lift", resident.lift, (RESIDENT,)),
    route("GET /invite", invite.form, (RESIDENT,)),
    route("POST /invite", invite.make, (RESIDENT,)),
    route(f"GET /codes/{CODE}", invite.show, (RESIDENT,)),
    route(f"POST /codes/{CODE}/revoke", invite.revoke, (RESIDENT,)),
    route(f"POST /codes/{CODE}/link", invite.link, (RESIDENT,)),
    # calls ring at home and, as the last resort, in the office
    route(f"GET /calls/{CALL}", calls.show, ALL),
    route(f"GET /calls/{CALL}/picture", calls.picture, ALL),
    route(f"POST /calls/{CALL}/open", calls.open_call, ALL),
    route(f"POST /calls/{CALL}/refuse", calls.refuse, ALL),
    # papers of every kind
    route("GET /papers", papers.show, PAPER),
    route("GET /papers/new", paper_new.kinds, PAPER),
    route(f"GET /papers/new/{KIND}", paper_new.form, PAPER),
    route(f"POST /papers/new/{KIND}", paper_new.make, PAPER),
    route(f"GET /papers/{CASE}", papers.see, PAPER),
    route(f"POST /papers/{CASE}", papers.act, PAPER),
    route(f"GET /papers/{CASE}/edit", papers.edit_form, PAPER),
    route(f"POST /papers/{CASE}/edit", papers.edit, PAPER),
    route(f"POST /papers/{CASE}/goods", papers.add_goods, PAPER),
    route(rf"POST /papers/{CASE}/goods/{{line:\d{{1,12}}}}/strike", papers.strike, PAPER),
    route(f"GET /papers/new/{KIND}/blank", prints.blank, STAFF_PAPER),
    route(f"GET /papers/{CASE}/print", prints.paper, PAPER),
    route(f"POST /papers/{CASE}/file", sending.send, ALL),
    route(rf"POST /papers/{CASE}/documents/{{doc:\d{{1,12}}}}/drop", sending.drop, ALL),
    route(f"GET /papers/{CASE}/time", sending.times, ALL),
    route(f"POST /papers/{CASE}/time", sending.take, ALL),
    route(f"POST /papers/{CASE}/time/back", sending.give_back, ALL),
    route(f"POST /papers/{CASE}/fees", prints.take_fee, OFFICE),
    route(rf"GET /papers/{CASE}/receipts/{{line:\d{{1,12}}}}", prints.receipt, PAPER),
    route(rf"GET /papers/{CASE}/signatures/{{doc:\d{{1,12}}}}", signatures.show, STAFF_PAPER),
    route(f"POST /papers/{CASE}/lent", day.lend, OFFICE),
    route(rf"POST /papers/{CASE}/lent/{{line:\d{{1,12}}}}/back", day.give_back, OFFICE),
    # the office
    route("GET /desk/day", day.show, OFFICE),
    route("POST /desk/day/begin", day.begin, (DESK,)),
    route("GET /today", today.show, OFFICE),
    route(r"POST /today/alarms/{alarm:\d{1,12}}/seen", today.seen, OFFICE),
    route("GET /desk", desk.find, OFFICE),
    route(f"GET /desk/homes/{HOME}", desk.sheet, OFFICE),
    route(f"GET /desk/homes/{HOME}/month", month.show, OFFICE),
    route("GET /desk/cards/lent", watch.cards, OFFICE),
    route("GET /register", register.show, OFFICE),
    route("GET /history", register.history_form, OFFICE),
    route("POST /history", register.history, OFFICE),
    route("POST /history/file", register.history_file, (ADMIN,)),
    route("GET /office/watch", watch.show, (ADMIN, COMMITTEE)),
    route(f"POST /desk/homes/{HOME}/people", desk.add_person, OFFICE),
    route(f"POST /desk/homes/{HOME}/people/{PARTY}", desk.correct, OFFICE),
    route(f"POST /desk/homes/{HOME}/people/{PARTY}/link", desk.make_link, OFFICE),
    route(f"POST /desk/homes/{HOME}/people/{PARTY}/pin", desk.give_pin, OFFICE),
    route(rf"POST /desk/homes/{HOME}/pins/{{pin:\d{{1,12}}}}/end", desk.end_pin, OFFICE),
    route(r"POST /desk/ties/{tie:\d{1,12}}/end", desk.end_tie, OFFICE),
    route(r"POST /desk/ties/{tie:\d{1,12}}/deed", desk.deed_seen, OFFICE),
    route(f"POST /desk/homes/{HOME}/right", yearly.said_at_the_desk, (DESK,)),
    route("GET /desk/unlooked", yearly.unconfirmed, OFFICE),
    route("GET /desk/faces", face.faces, OFFICE),
    route(f"GET /desk/faces/{PARTY}", face.show, OFFICE),
    route(f"GET /desk/faces/{PARTY}/slip", face.slip, OFFICE),
    route(f"GET /desk/faces/{PARTY}/consent", face.agreed, OFFICE),
    route(f"GET /desk/faces/{PARTY}/withdraw", face.withdraw_form, OFFICE),
    route(f"POST /desk/faces/{PARTY}/withdraw", face.withdraw, OFFICE),
    route(f"GET /desk/homes/{HOME}/faces/{PARTY}", face.consent_form, (DESK,)),
    route(f"POST /desk/homes/{HOME}/faces/{PARTY}", face.give_consent, (DESK,)),
    route(f"POST /desk/homes/{HOME}/faces/{PARTY}/decline", face.decline, (DESK,)),
    route(f"GET /desk/homes/{HOME}/faces/{PARTY}/capture", face.capture_form, (DESK,)),
    route(f"POST /desk/homes/{HOME}/faces/{PARTY}/capture", face.start, (DESK,)),
    route(f"GET /desk/captures/{TASK}", face.taking, (DESK,)),
    route(f"POST /desk/homes/{HOME}/faces/{PARTY}/slip", face.make_slip, (DESK,)),
    route(f"POST /desk/captures/{TASK}/stop", face.stop, (DESK,)),
    route(f"POST /desk/captures/{TASK}/photo", face.photo, (DESK,)),
    route(f"POST /desk/captures/{TASK}/brought", sending.use_photo, (DESK,)),
    # the gate
    route("GET /gate", gate.show, POST),
    route("POST /gate/shift", gate.begin, POST),
    route("POST /gate/shift/over", gate.hand_over, POST),
    route("GET /gate/enter", gate.enter_form, POST),
    route("POST /gate/enter", gate.enter, POST),
    route(f"POST /gate/visits/{VISIT}/leave", gate.leave, POST),
    route(f"POST /gate/visits/{VISIT}/deny", gate.deny, POST),
    route("GET /gate/unseen", unseen.show, POST),
    route("POST /gate/unseen", unseen.close, POST),
    route(f"GET /gate/visits/{VISIT}/picture", gate.picture_form, POST),
    route(f"POST /gate/visits/{VISIT}/photo", gate.picture, POST),
    route(r"GET /gate/slips/{case:\d{1,12}}", gate.slip, POST),
    route(r"POST /gate/slips/{case:\d{1,12}}", gate.check_slip, POST),
    route("GET /gate/muster", gate.muster_list, MUSTER),
    route(f"POST /gate/muster/{VISIT}/safe", gate.safe, MUSTER),
    route("GET /gate/incident", incidents.form, POST),
    route("POST /gate/incident/photo", incidents.report, POST),
    route("GET /incidents", incidents.photos, OFFICE),
    route("GET /gate/patrol", plates.patrol, POST),
    route("POST /gate/patrol", plates.write_notice, POST),
    route("POST /gate/code", gate.own_code, POST),
    route("GET /gate/away", gate.away, MUSTER),
    route("POST /gate/away/{deed:[0-9a-f]{32}}/seen", gate.settle, OFFICE),
    # the estate admin
    route("GET /admin/doors", admin.doors, (ADMIN,)),
    route("GET /admin/new-door", admin.slot_form, (ADMIN,)),
    route("POST /admin/new-door", admin.open_slot, (ADMIN,)),
    route(f"GET /admin/doors/{SLOT}", admin.door, (ADMIN,)),
    route(f"POST /admin/doors/{SLOT}/claim-file", admin.claim_file, (ADMIN,)),
    route(f"POST /admin/doors/{SLOT}/claim-qr", admin.claim_qr, (ADMIN,)),
    route(f"POST /admin/doors/{SLOT}/key", admin.change_key, (ADMIN,)),
    route(f"POST /admin/devices/{DEV}/confirm", admin.confirm, (ADMIN,)),
    route(f"POST /admin/devices/{DEV}/refuse", admin.refuse, (ADMIN,)),
    route(f"POST /admin/devices/{DEV}/revoke", admin.revoke, (ADMIN,)),
    route(f"POST /admin/devices/{DEV}/release", admin.release, (ADMIN,)),
    route("GET /admin/cameras", plates.cameras, (ADMIN,)),
    route("POST /admin/cameras", plates.add_camera, (ADMIN,)),
    route(r"POST /admin/cameras/{camera:\d{1,12}}/end", plates.end_camera, (ADMIN,)),
    route(r"POST /hooks/plates/{camera:\d{1,12}}", plates.event, ANYBODY),
    route("GET /admin/feeds", feeds.show, (ADMIN,)),
    route("POST /admin/feeds", feeds.add, (ADMIN,)),
    route(r"POST /admin/feeds/{feed:\d{1,12}}/end", feeds.end, (ADMIN,)),
    route("GET /admin/faces", faces_at_doors.show, (ADMIN,)),
    route(f"POST /admin/faces/{PARTY}/ask", faces_at_doors.ask, (ADMIN,)),
    route(f"POST /admin/faces/{PARTY}/two", faces_at_doors.two_people, (ADMIN,)),
    route(f"POST /admin/faces/{PARTY}/same", faces_at_doors.same_person, (ADMIN,)),
    route("GET /admin/forms", prints.codes, (ADMIN,)),
    route("POST /admin/forms", prints.set_code, (ADMIN,)),
    route("GET /admin/rules", rules.show, (ADMIN, OPERATOR)),
    route(r"GET /admin/rules/{place:[\w.-]{1,64}}/{key:[\w.]{1,40}}", rules.form, (ADMIN, OPERATOR)),
    route(r"POST /admin/rules/{place:[\w.-]{1,64}}/{key:[\w.]{1,40}}", rules.decide, (ADMIN, OPERATOR)),
    route("GET /admin/backups", safekept.show, (ADMIN,)),
    route("GET /admin/staff", staff.show, KEEPERS),
    route("GET /admin/staff/new", staff.form, KEEPERS),
    route("POST /admin/staff/new", staff.add, KEEPERS),
    route(f"GET /admin/staff/{ACCOUNT}", staff.one, KEEPERS),
    route(f"POST /admin/staff/{ACCOUNT}/role", staff.give_role, KEEPERS),
    route(f"POST /admin/staff/{ACCOUNT}/link", staff.make_link, KEEPERS),
    route(f"POST /admin/staff/{ACCOUNT}/close", staff.close, KEEPERS),
    route("GET /admin/proof", admin.proof, (ADMIN,)),
    route("POST /admin/proof", admin.verify, (ADMIN,)),
    route("POST /admin/proof/export", admin.export_log, (ADMIN,)),
    route("GET /admin/evidence", evidence.show, (ADMIN,)),
    route("GET /admin/evidence/hand-over", evidence.hand_over, (ADMIN,)),
    route("POST /admin/evidence/window", evidence.window, (ADMIN,)),
    route("POST /admin/evidence/report", evidence.report, (ADMIN,)),
    route("POST /admin/evidence/witness", evidence.add, (ADMIN,)),
    route("POST /admin/evidence/request", evidence.ask, (ADMIN,)),
    route("POST /admin/evidence/answer", evidence.answer, (ADMIN,)),
    route("GET /head", evidence.head, ()),
    # the office behind the desk
    route("GET /office", office.show, BEHIND),
    route("GET /rules", office.rules, ANYBODY),
    route("GET /rules/poster", office.poster, ANYBODY),
    route("GET /office/privacy", office.privacy, NUMBERS),
    route("GET /office/guests", yearly.many_guests, (ADMIN, OPERATOR)),
    route("GET /office/assessment", office.assess, (ADMIN, COMMITTEE)),
    route("POST /office/assessment", office.sign, (ADMIN,)),
    route("GET /office/erase", office.erase_form, (ADMIN,)),
    route("POST /office/erase", office.erase, (ADMIN,)),
    route("GET /me/notices", notices.mine, (RESIDENT,)),
    route(f"POST /me/notices/{NOTICE}", notices.come, (RESIDENT,)),
    route("GET /notices", notices.show, OFFICE),
    route("POST /notices", notices.tell, OFFICE),
    route(f"GET /notices/{NOTICE}", notices.board, OFFICE),
    route(f"POST /notices/{NOTICE}/end", notices.end, OFFICE),
    route("GET /archive", archive.show, OFFICE),
    route("GET /archive/home", archive.find, OFFICE),
    route(f"GET /archive/homes/{HOME}", archive.home, OFFICE),
    route(f"POST /archive/homes/{HOME}/file", archive.file, OFFICE),
    route(f"POST /archive/homes/{HOME}/lend", archive.ask, OFFICE),
    route(r"POST /archive/lends/{case:\d{1,12}}", archive.lend, OFFICE),
    route(r"GET /archive/documents/{doc:\d{1,12}}", archive.sheet, (ADMIN, DESK, RESIDENT)),
    route("GET /import", imports.show, (ADMIN,)),
    route("POST /import/file", imports.tried, (ADMIN,)),
    route(f"POST /import/{TOKEN}", imports.take, (ADMIN,)),
    route("GET /desk/cards", cards.show, OFFICE),
    route("POST /desk/cards", cards.renew, OFFICE),
    route("GET /operator", operator.show, (OPERATOR,)),
    route("POST /operator", operator.take, (OPERATOR,)),
    route("POST /operator/forget", operator.forget, (OPERATOR,)),
    route("GET /operator/statement", operator.statement, (ADMIN, OPERATOR)),
    route("GET /statistics", statistics.show, NUMBERS),
    route("POST /statistics/export", statistics.export, (ADMIN, OPERATOR)),
)

# of a host to practise on only
PRACTISED = (route(r"POST /practice/{login:[a-z]{1,20}}", signin.practise, ANYBODY),)


def make_app(ctx: Context, *, demo: bool = False, practice: bool = False) -> web.Application:
    """The application over one host's context; `practice`: marked so on every page, with roles to try at sign-in."""
    app = web.Application(
        middlewares=[guarding.headers, session.session, refusals, session.forms], client_max_size=64 * 1024
    )
    app[session.CTX] = ctx
    app[session.DEMO], app[session.PRACTICE] = demo, practice
    app[page.TEMPLATES] = page.environment()
    app[session.BEHIND] = behind = set[tuple[str, str]]()
    for one in (*ROUTES, *(PRACTISED if practice else ())):
        add = app.router.add_get if one.method == "GET" else app.router.add_post
        made = add(one.path, guarded(one))
        if one.roles and made.resource is not None:
            behind.add((one.method, made.resource.canonical))
    app[page.PAGES] = page.pages_of(app.router)
    app.router.add_static("/static/", Path(__file__).parent / "static", append_version=False)
    return app


def guarded(one: Route) -> Handle:
    """The route's handler behind its roles: signed out, a page leads to sign-in; signed in without the role, 403."""

    async def handle(request: web.Request) -> web.StreamResponse:
        actor = session.of(request).actor
        if one.roles and actor is None:
            if request.method == "GET" and "Upgrade" not in request.headers:
                return page.go(f"/sign-in?next={quote(request.path, safe='/')}")
            raise web.HTTPUnauthorized
        if one.roles and actor is not None and actor.role not in one.roles:
            raise Denied("role")
        return await one.handle(request)

    return handle


@web.middleware
async def refusals(request: web.Request, handler: guarding.Serve) -> web.StreamResponse:
    """Every refusal becomes a page that says why and what to do next; a surprise is logged by its kind alone."""
    try:
        return await handler(request)
    except HostError as error:
        return page.refusal(request, error)
    except web.HTTPException as answer:
        if answer.status == 401 and request.method == "POST":
            return await resume.ended(request)
        return answered(request, answer)
    except (ConnectionResetError, TimeoutError):
        raise
    except Exception as error:
        logging.getLogger(__name__).exception("%s %s", request.method, guarding.redacted(request.path), exc_info=error)
        return page.refusal(request, error)


def answered(request: web.Request, answer: web.HTTPException) -> web.StreamResponse:
    """The framework's own refusals in our words; its status is kept."""
    if answer.status < 400 or request.path.startswith("/static/"):
        raise answer
    told: HostError = NotFound("page") if answer.status in {404, 405} else HostError(WORDS.get(answer.status, ""))
    response = page.refusal(request, told)
    response.set_status(answer.status)
    if "Allow" in answer.headers:
        response.headers["Allow"] = answer.headers["Allow"]
    return response


WORDS = {400: "unreadable", 401: "signed_out", 403: "form", 408: "slow", 413: "large"}
