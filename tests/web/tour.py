"""A walk through every page with something on it: visitors, calls, devices that wait, alarms, a face, a policy."""

from tests.host.test_documents import png

from gatecore import events, intake
from gatehost.model.account import ADMIN, DESK, RESIDENT, Actor
from gatehost.model.code import Invitation
from gatehost.model.visit import Newcomer
from gatehost.service.door import reception
from gatehost.service.enrol import appointment, capture
from gatehost.service.face import consent, promise, twice
from gatehost.service.gate import admission, asking, platecam
from gatehost.service.home import homes, invite, pins, visitor_code
from gatehost.service.office import day, policy
from gatehost.service.paper import application, casework, documents, filling, lending
from gatehost.store import faces, slips

from .house import HOME, OTHER_HOME, House

OFFICER = Actor(0, "Front desk", "Front desk", DESK, (), "zh_CN", True)
LEAD = Actor(-1, "", "周主任", DESK, (), "zh_CN", True, ("lead",))
GUARD = Actor(-2, "", "赵门岗", "guard", (), "zh_CN", True)


async def tour(house: House) -> list[tuple[str, str]]:
    """(address, who looks at it); the house is filled on the way."""
    north = await house.fill("north-in")
    desk = await house.fill("desk-1")
    await house.ask_in("b12-door")
    for reason in (0, 1, 7):
        await north.let_in(HOME, reason)
    await reception.alert(house.ctx, north.dev, events.ALERT_GUESSING, "")
    await reception.alert(house.ctx, north.dev, events.ALERT_PAUSED, HOME)
    person, child = await house.person("王芳"), await house.person("王小宝")
    await pins.give_pin(house.ctx, OFFICER, HOME, person)
    await consent.give(house.ctx, OFFICER, person, "王芳", True)
    await house.approved(person)
    task = await capture.start(house.ctx, OFFICER, person, HOME, desk.dev)
    await capture.progressed(house.ctx, desk.dev, task.task, intake.CAPTURE_PHOTO, 1, [35])
    child_task = await refused_child(house, desk.dev, child)
    await promised(house, north.dev, person, child)
    await sat_for_nothing(house, person)
    code = await invited(house)
    call = await house.ring(north)
    return [
        ("/sign-in", ""),
        ("/link/gone", ""),
        (f"/link/{house.links['liuyang']}", ""),
        ("/privacy", ""),
        ("/nowhere", ""),
        (f"/v/{code}", ""),
        ("/v/gone", ""),
        ("/me", "wangfang"),
        ("/me/visits", "wangfang"),
        ("/me/data", "wangfang"),
        ("/me/data/withdraw", "wangfang"),
        ("/invite", "wangfang"),
        ("/codes/1", "wangfang"),
        ("/codes/2", "wangfang"),
        (f"/calls/{call}", "wangfang"),
        ("/password", "wangfang"),
        ("/codes/99", "wangfang"),
        ("/today", "wangfang"),
        ("/today", "admin"),
        ("/admin/doors", "admin"),
        ("/admin/doors/north-in", "admin"),
        ("/admin/doors/b12-door", "admin"),
        ("/admin/new-door", "admin"),
        ("/admin/places", "admin"),
        ("/admin/places/north", "admin"),
        ("/admin/new-building", "admin"),
        ("/admin/faces", "admin"),
        ("/admin/rules", "admin"),
        ("/admin/rules?place=b12", "admin"),
        ("/admin/rules/estate/face_mode", "admin"),
        ("/admin/rules/estate/face_life", "admin"),
        ("/admin/proof", "admin"),
        ("/admin/evidence", "admin"),
        ("/admin/evidence", "committee"),
        ("/admin/evidence/hand-over", "admin"),
        ("/admin/backups", "admin"),
        ("/admin/staff", "admin"),
        ("/admin/staff/new", "admin"),
        ("/admin/staff/3", "admin"),
        ("/admin/staff/4", "admin"),
        ("/head", ""),
        ("/today", "desk"),
        ("/desk", "desk"),
        ("/desk?q=999999", "desk"),
        (f"/desk/homes/{HOME}", "desk"),
        (f"/desk/homes/{HOME}/faces/{child}?kind=minor", "desk"),
        (f"/desk/homes/{OTHER_HOME}/faces/{await resident_of(house, OTHER_HOME)}", "desk"),
        (f"/desk/homes/{HOME}/faces/{person}/capture", "desk"),
        (f"/desk/captures/{task.task}", "desk"),
        (f"/desk/captures/{child_task}", "desk"),
        (f"/desk/captures/{'0' * 32}", "desk"),
        ("/desk/faces", "desk"),
        (f"/desk/faces/{person}", "desk"),
        (f"/desk/faces/{person}/slip", "desk"),
        (f"/desk/faces/{person}/withdraw", "desk"),
        ("/gate", "desk"),
        *await at_the_gate(house),
        *await on_paper(house),
        *await asking_themselves(house),
        *await before_the_desk(house),
    ]


async def before_the_desk(house: House) -> list[tuple[str, str]]:
    """An enrolment from a phone: papers sent ahead, a time at the desk, another's time taken; what was signed; the
    yearly look; rules that are numbers and texts."""
    person = await house.person("王芳")
    fang = Actor(0, person, "王芳", RESIDENT, (HOME,), "zh_CN", True)
    form: dict[str, object] = {"kind": "deed", "name": "王芳"}
    case = await application.hand_in(house.ctx, fang, "face_enrol", HOME, form)
    await documents.attach(house.ctx, fang, case.id, "deed", png())
    await documents.attach(house.ctx, fang, case.id, "id_photo", png())
    _, days, _, _ = await appointment.offered(house.ctx, fang, case.id)
    rival = await application.hand_in(house.ctx, OFFICER, "card_issue", OTHER_HOME, {"name": "刘洋"})
    for at, number in ((days[0].offers[0].at, case.id), (days[1].offers[0].at, rival.id)):
        await appointment.book(house.ctx, OFFICER, number, at)
    link = await asking.ask(house.ctx, "north", OTHER_HOME, "张阿姨", "", "")
    await asking.prove(house.ctx, link, png())
    admin = Actor(0, "Administrator", "Administrator", ADMIN, (), "zh_CN", True)
    for guest in ("张阿姨", "表哥", "小王"):
        stay = Invitation(visitor=guest, since=house.times["at"], until=house.times["at"] + 9 * 86_400_000)
        await visitor_code.revoke(house.ctx, fang, (await invite.invite(house.ctx, fang, HOME, stay)).code.id)
    await policy.set_rule(house.ctx, admin, "estate", "guests.many", "2", "业主大会", "2026第7号", "便于老人进门")
    await policy.set_rule(house.ctx, admin, "north", "visitor.photo", "on", "业主大会", "2026第7号", "便于老人进门")
    return [
        (f"/papers/{case.id}", "wangfang"),
        (f"/papers/{case.id}", "desk"),
        (f"/papers/{case.id}/time", "wangfang"),
        (f"/papers/{rival.id}/time", "desk"),
        (f"/visit/wait/{link}", ""),
        (f"/visit/wait/{link}/file", ""),
        ("/me/data/consent", "wangfang"),
        (f"/desk/faces/{person}/consent", "desk"),
        (f"/me/homes/{HOME}", "wangfang"),
        ("/desk/unlooked", "desk"),
        ("/office/guests", "admin"),
        ("/admin/rules/estate/processor.name", "admin"),
        ("/admin/rules/estate/desk.slot_minutes", "admin"),
        ("/admin/rules/estate/desk.hours", "admin"),
        ("/gate/enter?kind=visitor", "guard"),
        ("/gate/visits/2/picture", "guard"),
    ]


async def at_the_gate(house: House) -> list[tuple[str, str]]:
    """A guard on duty, people inside, one of them too long, a slip at hand."""
    await casework.open_case(house.ctx, GUARD, "shift", "north", {})
    await admission.enter(house.ctx, GUARD, "north", Newcomer("courier", HOME, "小王"))
    house.later(40 * 60_000)
    await admission.enter(house.ctx, GUARD, "north", Newcomer("visitor", HOME, "张阿姨", heads=2), confirmed_by="王芳")
    slip = await approved_slip(house)
    return [
        ("/gate", "guard"),
        ("/gate?q=120502", "guard"),
        ("/gate?q=nobody", "guard"),
        ("/gate/enter?kind=courier", "guard"),
        ("/gate/enter?kind=visitor", "guard"),
        (f"/gate/slips/{slip}", "guard"),
        ("/gate/muster", "guard"),
        ("/gate/unseen?all=1", "guard"),
        ("/gate/unseen", "desk"),
    ]


async def on_paper(house: House) -> list[tuple[str, str]]:
    """Papers in every state of work: asked for, to be ticked, late, printed; a day at the desk, something lent."""
    form: dict[str, object] = {"what": "漏水", "where": "厨房", "urgency": "now"}
    repair = await casework.open_case(house.ctx, OFFICER, "repair", HOME, form)
    await lending.lend(house.ctx, OFFICER, repair.id, repair.version, "储藏室钥匙", "王芳")
    told: dict[str, object] = {"name": "周末", "until": house.times["at"] + 3_600_000, "reason": "探亲"}
    await casework.asked_for(house.ctx, "周末", "visitor_request", HOME, told)
    card = await application.hand_in(house.ctx, OFFICER, "card_issue", HOME, {"name": "王芳"})
    desk = await day.begin(house.ctx, OFFICER)
    await casework.act(house.ctx, OFFICER, desk.id, desk.version, "away", "周主任")
    held = (await casework.paper(house.ctx, OFFICER, card.id)).case.version
    fee = await filling.take_fee(house.ctx, OFFICER, card.id, held, "储藏室钥匙", 500)
    return [
        ("/papers", "wangfang"),
        ("/papers/new", "wangfang"),
        ("/papers/new/item_release", "wangfang"),
        ("/papers?list=open", "desk"),
        (f"/papers/new/face_enrol?home={HOME}", "desk"),
        ("/papers/new/call", "desk"),
        ("/papers/new/card_issue", "desk"),
        (f"/papers/{repair.id}", "desk"),
        (f"/papers/{repair.id}/edit", "desk"),
        (f"/papers/{card.id}", "desk"),
        (f"/papers/{card.id}/receipts/{fee.id}", "desk"),
        ("/desk/day", "desk"),
        ("/papers/new/item_release/blank", "desk"),
        ("/admin/forms", "admin"),
    ]


async def asking_themselves(house: House) -> list[tuple[str, str]]:
    """A visitor at the poster, another who was let in, a third whose home cannot; a camera, and a plate it read."""
    links = [await asking.ask(house.ctx, "north", HOME, "张阿姨", "", "") for _ in range(3)]
    waiting = await asking.waiting(house.ctx, OFFICER)
    await asking.answer(house.ctx, OFFICER, waiting[0].id, yes=True)
    await asking.answer(house.ctx, OFFICER, waiting[1].id, yes=False, why="home")
    admin = Actor(0, "Administrator", "Administrator", ADMIN, (), "zh_CN", True)
    await platecam.add(house.ctx, admin, "north-in", "北门")
    house.ctx.live.standing["north-in"] = ("北门入口", "京A12345", house.times["at"], "plate_unknown")
    return [
        ("/visit/north", ""),
        ("/kiosk/north", ""),
        *[(f"/visit/wait/{link}", "") for link in links],
        (f"/visit/wait/{links[2]}?kiosk=1", ""),
        ("/visit/wait/gone", ""),
        ("/me", "wangfang"),
        ("/gate", "guard"),
        ("/gate", "desk"),
        ("/posters/north", "desk"),
        ("/forms/north", "guard"),
        ("/gate/incident", "guard"),
        ("/gate/patrol", "guard"),
        ("/gate/shift", "guard"),
        ("/gate/away", "desk"),
        ("/incidents", "desk"),
        ("/admin/cameras", "admin"),
    ]


async def approved_slip(house: House) -> int:
    """An item-release slip of the home, signed by the desk and the lead; its number in the table."""
    now = house.times["at"]
    form: dict[str, object] = {
        "applicant": "owner", "direction": "out", "name": "王芳", "mover": "王搬家", "since": now,
        "until": now + 7_200_000,
    }  # fmt: skip
    case = await casework.open_case(house.ctx, OFFICER, "item_release", HOME, form)
    for what, qty in (("沙发", 1), ("纸箱", 6)):
        version = (await casework.paper(house.ctx, OFFICER, case.id)).case.version
        await filling.add_goods(house.ctx, OFFICER, case.id, version, what, "", qty)
    version = (await casework.paper(house.ctx, OFFICER, case.id)).case.version
    case = await casework.act(house.ctx, OFFICER, case.id, version, "apply")
    case = await casework.act(house.ctx, OFFICER, case.id, case.version, "consent", "业主在场", "present")
    paper = await filling.tick(house.ctx, OFFICER, case.id, case.version, "id_seen")
    case = await casework.act(house.ctx, OFFICER, case.id, paper.case.version, "sign")
    await casework.act(house.ctx, LEAD, case.id, case.version, "sign")
    return case.id


async def refused_child(house: House, desk: str, child: str) -> str:
    """A capture that ended because the face is enrolled in another home, and the vault's no to a first guess."""
    await consent.give(house.ctx, OFFICER, child, "王芳", True)
    await house.approved(child)
    task = (await capture.start(house.ctx, OFFICER, child, HOME, desk)).task
    await capture.progressed(house.ctx, desk, task, intake.CAPTURE_TWICE, 5, [])
    admin = Actor(0, "Administrator", "Administrator", ADMIN, (), "zh_CN", True)
    await twice.ask(house.ctx, admin, child, OTHER_HOME, "刘洋")
    return task


async def resident_of(house: House, home: str) -> str:
    """Somebody of a home, of whom there is no paper yet."""
    return (await homes.sheet(house.ctx, OFFICER, home)).members[0].party.id


async def sat_for_nothing(house: House, person: str) -> None:
    """A claim slip under which a door took pictures that the desk unit did not take over."""
    async with house.ctx.store.write() as tx:
        consented = await faces.consent_of(tx, person)
        assert consented is not None
        values = {"party": person, "home": HOME, "consent": consented.id, "slot": "b12-door", "mark": b"slip"}
        await slips.put(tx, values | {"made_at": house.times["at"], "until": house.times["at"] + 7 * 86_400_000})
        slip = await slips.by_mark(tx, b"slip")
        assert slip is not None
        await slips.change(tx, slip.id, refused_at=house.times["at"], refused=intake.TAKEN_BROKEN)


async def promised(house: House, dev: str, *needing: str) -> None:
    """A door that searches freely no more, and says whom it needs more pictures of."""
    photos = [bytes.fromhex(one) for one in needing]
    why, shares = ["few_photos", "too_alike"], [1000, 10_000, 4200]
    await promise.told(house.ctx, dev, intake.WAY_HOME, why, 212, photos, photos[:1], shares, "resnet29-relu6-int8-1")


async def invited(house: House) -> str:
    """A visitor's link; the home has a code for today and one for several days."""
    fang = Actor(0, "", "王芳", RESIDENT, (HOME,), "zh_CN", True)
    made = await invite.invite(house.ctx, fang, HOME, Invitation(visitor="张阿姨"))
    now = house.times["at"]
    await invite.invite(
        house.ctx, fang, HOME, Invitation(visitor="表哥", since=now, until=now + 5 * 86_400_000, uses=5)
    )
    return made.link
