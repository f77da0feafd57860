"""Every address of the pages, with the roles that may use it and what answers.

Routes not in ROUTES do not exist: a test walks the router and this table.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from gatehost.model.account import ADMIN, COMMITTEE, DESK, GUARD, OPERATOR, RESIDENT
from gatehost.service.permissions import SIGNED_IN
from gatehost.web.desk import cards, day, homes
from gatehost.web.door import calls, doors, places, today
from gatehost.web.enrol import capture, consent, face, faces_at_doors
from gatehost.web.evidence import feeds, outside, proof, register, watch
from gatehost.web.frame import live, signin
from gatehost.web.gate import away, box, entries, incidents, inside, plates, shift, slips, unseen
from gatehost.web.home import guests, invite, month, resident, yearly
from gatehost.web.office import first, imports, notices, operator, privacy, rules, safekept, staff, statistics
from gatehost.web.paper import archive, new, papers, prints, say, sending, signatures
from gatehost.web.visitor import link, poster

Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]

ANYBODY: tuple[str, ...] = ()
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
    route(r"GET /v/{link:[\w-]{1,128}}", link.show, ANYBODY),
    route(r"POST /v/{link:[\w-]{1,128}}/leaving", link.leaving, ANYBODY),
    route("GET /privacy", signin.privacy, ANYBODY),
    # a visitor asks for themselves
    route(rf"GET /visit/{GATE}", poster.form, ANYBODY),
    route(rf"POST /visit/{GATE}", poster.ask, ANYBODY),
    route(rf"GET /kiosk/{GATE}", poster.kiosk, ANYBODY),
    route(r"GET /visit/wait/{link:[\w.-]{1,160}}", poster.wait, ANYBODY),
    route(r"GET /visit/wait/{link:[\w.-]{1,160}}/file", sending.proofs, ANYBODY),
    route(r"POST /visit/wait/{link:[\w.-]{1,160}}/file", sending.prove, ANYBODY),
    route(r"POST /visit/wait/{link:[\w.-]{1,160}}/leaving", poster.leaving, ANYBODY),
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
    route("GET /papers/new", new.kinds, PAPER),
    route(f"GET /papers/new/{KIND}", new.form, PAPER),
    route(f"POST /papers/new/{KIND}", new.make, PAPER),
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
    route("POST /today/clock", today.clock, (ADMIN,)),
    route(r"POST /today/alarms/{alarm:\d{1,12}}/seen", today.seen, OFFICE),
    route("GET /desk", homes.find, OFFICE),
    route(f"GET /desk/homes/{HOME}", homes.sheet, OFFICE),
    route(f"GET /desk/homes/{HOME}/month", month.show, OFFICE),
    route("GET /desk/cards/lent", watch.cards, OFFICE),
    route("GET /register", register.show, OFFICE),
    route("GET /history", register.history_form, OFFICE),
    route("POST /history", register.history, OFFICE),
    route("POST /history/file", register.history_file, (ADMIN,)),
    route("GET /office/watch", watch.show, (ADMIN, COMMITTEE)),
    route(f"POST /desk/homes/{HOME}/people", homes.add_person, OFFICE),
    route(f"POST /desk/homes/{HOME}/people/{PARTY}", homes.correct, OFFICE),
    route(f"POST /desk/homes/{HOME}/people/{PARTY}/link", homes.make_link, OFFICE),
    route(f"POST /desk/homes/{HOME}/people/{PARTY}/pin", homes.give_pin, OFFICE),
    route(rf"POST /desk/homes/{HOME}/pins/{{pin:\d{{1,12}}}}/end", homes.end_pin, OFFICE),
    route(r"POST /desk/ties/{tie:\d{1,12}}/end", homes.end_tie, OFFICE),
    route(r"POST /desk/ties/{tie:\d{1,12}}/deed", homes.deed_seen, OFFICE),
    route(f"POST /desk/homes/{HOME}/right", yearly.said_at_the_desk, (DESK,)),
    route("GET /desk/unlooked", yearly.unconfirmed, OFFICE),
    route("GET /desk/faces", face.faces, OFFICE),
    route(f"GET /desk/faces/{PARTY}", face.show, OFFICE),
    route(f"GET /desk/faces/{PARTY}/slip", face.slip, OFFICE),
    route(f"GET /desk/faces/{PARTY}/consent", face.agreed, OFFICE),
    route(f"GET /desk/faces/{PARTY}/withdraw", face.withdraw_form, OFFICE),
    route(f"POST /desk/faces/{PARTY}/withdraw", face.withdraw, OFFICE),
    route(f"GET /desk/homes/{HOME}/faces/{PARTY}", consent.form, (DESK,)),
    route(f"POST /desk/homes/{HOME}/faces/{PARTY}", consent.give_consent, (DESK,)),
    route(f"POST /desk/homes/{HOME}/faces/{PARTY}/decline", consent.decline, (DESK,)),
    route(f"GET /desk/homes/{HOME}/faces/{PARTY}/capture", capture.form, (DESK,)),
    route(f"POST /desk/homes/{HOME}/faces/{PARTY}/capture", capture.start, (DESK,)),
    route(f"GET /desk/captures/{TASK}", capture.taking, (DESK,)),
    route(f"POST /desk/homes/{HOME}/faces/{PARTY}/slip", capture.make_slip, (DESK,)),
    route(f"POST /desk/captures/{TASK}/stop", capture.stop, (DESK,)),
    route(f"POST /desk/captures/{TASK}/photo", capture.photo, (DESK,)),
    route(f"POST /desk/captures/{TASK}/brought", sending.use_photo, (DESK,)),
    # the gate
    route("GET /gate", box.show, POST),
    route("POST /gate/shift", shift.begin, POST),
    route("GET /gate/shift", shift.show, POST),
    route("POST /gate/shift/over", shift.hand_over, POST),
    route("GET /gate/enter", entries.enter_form, POST),
    route("POST /gate/enter", entries.enter, POST),
    route(f"POST /gate/visits/{VISIT}/leave", box.leave, POST),
    route(f"POST /gate/visits/{VISIT}/deny", box.deny, POST),
    route("GET /gate/unseen", unseen.show, POST),
    route("POST /gate/unseen", unseen.close, POST),
    route(f"GET /gate/visits/{VISIT}/picture", entries.picture_form, POST),
    route(f"POST /gate/visits/{VISIT}/photo", entries.picture, POST),
    route(r"GET /gate/slips/{case:\d{1,12}}", slips.slip, POST),
    route(r"POST /gate/slips/{case:\d{1,12}}", slips.check_slip, POST),
    route("GET /gate/muster", inside.muster_list, MUSTER),
    route(f"POST /gate/muster/{VISIT}/safe", inside.safe, MUSTER),
    route("GET /gate/incident", incidents.form, POST),
    route("POST /gate/incident/photo", incidents.report, POST),
    route("GET /incidents", incidents.photos, OFFICE),
    route("GET /gate/patrol", plates.patrol, POST),
    route("POST /gate/patrol", plates.write_notice, POST),
    route("POST /gate/code", away.own_code, POST),
    route("GET /gate/away", away.show, MUSTER),
    route("POST /gate/away/{deed:[0-9a-f]{32}}/seen", away.settle, OFFICE),
    # the estate admin
    route("GET /admin/doors", doors.doors, (ADMIN,)),
    route("GET /admin/new-door", doors.slot_form, (ADMIN,)),
    route("POST /admin/new-door", doors.open_slot, (ADMIN,)),
    route(f"GET /admin/doors/{SLOT}", doors.door, (ADMIN,)),
    route(f"POST /admin/doors/{SLOT}/claim-file", doors.claim_file, (ADMIN,)),
    route(f"POST /admin/doors/{SLOT}/claim-qr", doors.claim_qr, (ADMIN,)),
    route(f"POST /admin/doors/{SLOT}/key", doors.change_key, (ADMIN,)),
    route(f"POST /admin/doors/{SLOT}/clock", doors.set_clock, (ADMIN,)),
    route(f"POST /admin/devices/{DEV}/confirm", doors.confirm, (ADMIN,)),
    route(f"POST /admin/devices/{DEV}/refuse", doors.refuse, (ADMIN,)),
    route(f"POST /admin/devices/{DEV}/revoke", doors.revoke, (ADMIN,)),
    route(f"POST /admin/devices/{DEV}/release", doors.release, (ADMIN,)),
    route("GET /admin/places", places.show, (ADMIN,)),
    route("GET /admin/new-gate", places.gate_form, (ADMIN,)),
    route("POST /admin/new-gate", places.add_gate, (ADMIN,)),
    route("GET /admin/new-building", places.building_form, (ADMIN,)),
    route("POST /admin/new-building", places.add_building, (ADMIN,)),
    route(r"GET /admin/places/{place:[\w.-]{1,64}}", places.one, (ADMIN,)),
    route(r"POST /admin/places/{place:[\w.-]{1,64}}", places.change, (ADMIN,)),
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
    route("GET /admin/proof", proof.proof, (ADMIN,)),
    route("POST /admin/proof", proof.verify, (ADMIN,)),
    route("POST /admin/proof/export", proof.export_log, (ADMIN,)),
    route("GET /admin/evidence", outside.show, (ADMIN, COMMITTEE)),
    route("GET /admin/evidence/hand-over", outside.hand_over, (ADMIN,)),
    route("GET /admin/evidence/trust", outside.trust, (ADMIN,)),
    route("POST /admin/evidence/public", outside.public, (ADMIN, COMMITTEE)),
    route("POST /admin/evidence/home", outside.home, (ADMIN,)),
    route("POST /admin/evidence/window", outside.window, (ADMIN,)),
    route("POST /admin/evidence/report", outside.report, (ADMIN,)),
    route("POST /admin/evidence/witness", outside.add, (ADMIN,)),
    route("POST /admin/evidence/witness/end", outside.end, (ADMIN,)),
    route("POST /admin/evidence/request", outside.ask, (ADMIN, COMMITTEE)),
    route("POST /admin/evidence/answer", outside.answer, (ADMIN, COMMITTEE)),
    route("GET /head", outside.head, ()),
    # the office behind the desk
    route("GET /office", first.show, BEHIND),
    route("GET /rules", privacy.rules, ANYBODY),
    route("GET /rules/poster", privacy.poster, ANYBODY),
    route("GET /office/privacy", privacy.privacy, NUMBERS),
    route("GET /office/guests", yearly.many_guests, (ADMIN, OPERATOR)),
    route("GET /office/assessment", privacy.assess, (ADMIN, COMMITTEE)),
    route("POST /office/assessment", privacy.sign, (ADMIN,)),
    route("GET /office/erase", privacy.erase_form, (ADMIN,)),
    route("POST /office/erase", privacy.erase, (ADMIN,)),
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
