"""Papers on their pages: handed in, ticked, signed, changed by two people at once; each role sees and does its own."""

import re

import pytest
from tests.rows.people import row

from gatehost.model.account import ADMIN, DESK, GUARD, RESIDENT, Actor
from gatehost.model.case import CHECK
from gatehost.model.errors import BadInput, Denied, NotFound, Refused
from gatehost.service.enrol import capture, vault
from gatehost.service.face import consent
from gatehost.service.home import homes
from gatehost.service.paper import casework, kinds, papers
from gatehost.store import cases
from gatehost.web.words import paperwords

from .conftest import Browser, Open
from .house import HOME, OTHER_HOME, House
from .tour import GUARD as AT_THE_GATE
from .tour import LEAD, OFFICER, approved_slip

SLIP = {
    "field-applicant": "owner", "field-direction": "out", "field-name": "王芳", "field-mover": "王搬家",
    "field-since": "2026-11-22T11:00", "field-until": "2026-11-22T13:00", "what-0": "沙发", "qty-0": "1",
    "what-1": "纸箱", "spec-1": "60 cm", "qty-1": "6",
}  # fmt: skip
TICKS = {"version": "2", "checklist": "id_seen", "tick-id_seen": "yes"}


async def new(browser: Browser, kind: str, form: dict[str, str], home: str = HOME) -> tuple[int, str]:
    """Hands a paper in from its page."""
    return await browser.post(f"/papers/new/{kind}?home={home}", form | {"place": home, "home": home})


def number(text: str) -> int:
    """The paper a page is of."""
    found = re.search(r'action="/papers/(\d+)', text)
    assert found, text[:2000]
    return int(found[1])


async def act(browser: Browser, case: int, name: str, **more: str) -> tuple[int, str]:
    """Presses a button of a paper, at the version the page shows."""
    _, page = await browser.get(f"/papers/{case}")
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    form = {"version": version[1], "act": name} | {key.replace("_", "-", 1): value for key, value in more.items()}
    return await browser.post(f"/papers/{case}", form, page=f"/papers/{case}")


@row("E1", "E11", "E15")
async def test_a_resident_hands_a_slip_in_and_follows_it_to_the_gate(house: House, browse: Open) -> None:
    fang, desk, manager = await browse("wangfang"), await browse("desk"), await browse("manager")
    status, text = await new(fang, "item_release", SLIP)
    assert (status, "Written down. You see here how far it has come." in text) == (200, True)
    assert "Waits for signatures" in text
    case = number(text)
    _, text = await desk.get(f"/papers/{case}")
    assert "沙发" in text
    assert "ID seen, holder is the person" in text
    status, text = await desk.post(f"/papers/{case}", TICKS | {"act": "sign"}, page=f"/papers/{case}")
    assert (status, "Done and written down." in text) == (200, True)
    status, text = await act(desk, case, "sign")
    assert (status, 'value="sign"' in text) == (403, False)  # the next signature is the lead's, not offered either
    status, text = await act(manager, case, "sign")
    assert "Approved" in text
    _, text = await fang.get(f"/papers/{case}")
    assert "Approved" in text
    assert (await fang.get("/papers"))[1].count("Approved") == 1


async def test_what_was_typed_stays_with_the_sentence_at_the_field_and_nothing_is_stored(
    house: House, browse: Open
) -> None:
    fang = await browse("wangfang")
    for wrong, words in (
        ({"field-until": "2026-11-22T23:00"}, "Outside the allowed hours"),
        ({"field-mover": ""}, "Please fill this in"),
        ({"qty-1": "six"}, "From 1 to 100,000"),
        ({"field-since": "tomorrow"}, "Please choose a day and a time"),
        ({"field-phone": "call me"}, "Only digits, spaces, + and -"),
    ):
        status, text = await new(fang, "item_release", SLIP | wrong)
        assert (status, words in text) == (400, True), wrong
        for name, value in (SLIP | wrong).items():
            assert not value or f'value="{value}"' in text, (wrong, name)
        assert "11:00" not in (await fang.get("/papers"))[1]
    status, text = await new(fang, "item_release", SLIP | {"field-forbidden": "weapon"})
    assert (status, "These goods may not be taken" in text, 'value="王搬家"' in text) == (409, True, True)
    async with house.ctx.store.read() as tx:
        assert not await cases.listed(tx)


async def test_two_people_who_change_one_paper_are_told_and_both_words_are_kept(house: House, browse: Open) -> None:
    case = await casework.open_case(
        house.ctx, OFFICER, "repair", HOME, {"what": "灯", "where": "3楼", "urgency": "day"}
    )
    desk, manager = await browse("desk"), await browse("manager")
    path = f"/papers/{case.id}/edit"
    mine = {"version": "1", "field-what": "灯不亮", "field-where": "3楼", "field-urgency": "day"}
    assert (await manager.post(path, mine | {"field-what": "灯罩松"}))[0] == 200
    status, text = await desk.post(path, mine)
    assert (status, "周主任 changed this paper at 10:00" in text) == (409, True)
    assert "灯不亮</textarea>" in text
    assert "On the paper now:" in text
    assert "灯罩松" in text
    status, text = await desk.post(path, mine | {"version": "2"})
    assert "灯不亮" in text
    kept = await casework.paper(house.ctx, OFFICER, case.id)
    assert "灯罩松" in kept.steps[-1].form  # what the other wrote is in the step that wrote over it
    status, text = await desk.post(
        f"/papers/{case.id}", {"version": "1", "act": "solve", "note-solve": "换灯泡"}, page=f"/papers/{case.id}"
    )
    assert (status, "换灯泡</textarea>" in text, "changed this paper" in text) == (409, True, True)


async def test_a_reason_is_asked_beside_its_button(house: House, browse: Open) -> None:
    desk = await browse("desk")
    _, text = await new(desk, "complaint", {"field-about": "leak", "field-what": "电话被念出"})
    case = number(text)
    status, text = await act(desk, case, "solve")
    assert (status, 'aria-describedby="w-note-solve"' in text) == (400, True)
    status, text = await act(desk, case, "assign", note_assign="请处理")
    assert (status, "Please say who takes it" in text, "请处理</textarea>" in text) == (400, True, True)
    _, text = await act(desk, case, "assign", note_assign="请处理", verdict_assign="manager")
    assert "Service manager" in text
    manager = await browse("manager")
    assert "CM-2026-00001" in (await manager.get("/papers"))[1]  # it is the manager's turn
    _, text = await act(manager, case, "solve", note_solve="已培训")
    assert "CM-2026-00001" in (await desk.get("/papers?list=follow"))[1]
    _, text = await act(desk, case, "follow_up", note_follow_up="满意", verdict_follow_up="5")
    assert "Closed" in text


@row("C5", "C11")
async def test_a_visitor_s_request_is_approved_with_one_tap_and_its_code_is_shown(house: House, browse: Open) -> None:
    fang, yang, desk = await browse("wangfang"), await browse("liuyang"), await browse("desk")
    form = {"name": "周末", "until": house.times["at"] + 3_600_000, "reason": "探亲"}
    case = await casework.asked_for(house.ctx, "周末", "visitor_request", HOME, form)
    _, text = await fang.get("/me")
    assert "asks to visit" in text
    assert "周末" in text
    assert "周末" not in (await yang.get("/me"))[1]
    await fang.post(f"/requests/{case.id}/approve", {}, page="/me")
    _, text = await desk.get(f"/papers/{case.id}")
    assert re.search(r'class="six" translate="no">\d{4} \d{4}<', text)
    assert "asks to visit" not in (await fang.get("/me"))[1]


async def test_the_desk_says_yes_for_a_home_only_with_how_the_home_said_so(house: House, browse: Open) -> None:
    form = {"name": "周末", "until": house.times["at"] + 3_600_000}
    case = await casework.asked_for(house.ctx, "周末", "visitor_request", HOME, form)
    desk = await browse("desk")
    assert (await act(desk, case.id, "sign"))[0] == 403
    _, text = await act(desk, case.id, "sign", verdict_sign="phone")
    assert "Approved" in text


async def test_nobody_sees_or_moves_a_paper_that_is_not_theirs(house: House, browse: Open) -> None:
    case = await casework.open_case(house.ctx, OFFICER, "complaint", HOME, {"about": "attitude", "what": "电话"})
    yang, guard = await browse("liuyang"), await browse("guard")
    for one in (yang, guard):
        assert (await one.get(f"/papers/{case.id}"))[0] == 404
        assert (await one.get(f"/papers/{case.id}/edit"))[0] == 404
        form = {"version": "1", "act": "solve", "note-solve": "x"}
        for path in ("", "/edit", "/goods", "/goods/1/strike"):
            assert (await one.post(f"/papers/{case.id}{path}", form, page="/password"))[0] == 404, path
        assert case.number not in (await one.get("/papers"))[1]
        assert "电话" not in (await one.get(f"/papers?q={case.number}"))[1]
    assert (await yang.get(f"/papers?home={HOME}"))[0] == 403
    assert (await new(yang, "repair", {"field-what": "x", "field-where": "y", "field-urgency": "now"}))[0] in (403, 404)
    assert (await guard.get("/papers/new/move_out?home=120502"))[0] == 403
    held = await casework.paper(house.ctx, OFFICER, case.id)
    assert (held.case.version, held.case.state) == (1, "open")


async def test_a_resident_writes_nothing_into_the_desk_s_own_fields(house: House, browse: Open) -> None:
    fang = await browse("wangfang")
    assert "Paid" not in (await fang.get("/papers/new/item_release"))[1]
    await new(fang, "item_release", SLIP | {"field-arrears": "ok"})
    fresh = await papers.numbered(house.ctx, OFFICER, "IR-2026-00001")
    assert "arrears" not in fresh.form


async def test_a_paper_is_only_for_a_person_of_its_home(house: House, browse: Open) -> None:
    desk = await browse("desk")
    other = Actor(0, "", "刘洋", RESIDENT, (OTHER_HOME,), "zh_CN", True)
    stranger = (await homes.sheet(house.ctx, OFFICER, OTHER_HOME)).members[0].party.id
    status, _ = await new(desk, "card_issue", {"field-name": other.name, "person": stranger})
    assert status == 404
    assert "RC-2026" not in (await desk.get("/papers?list=open"))[1]


async def test_a_consent_is_not_withdrawn_by_a_button_of_its_paper(house: House, browse: Open) -> None:
    desk, person = await browse("desk"), await house.person("王芳")
    await consent.give(house.ctx, OFFICER, person, "王芳", True)
    await house.approved(person)
    case = await papers.numbered(house.ctx, OFFICER, "FE-2026-00001")
    _, text = await desk.get(f"/papers/{case.id}")
    assert f'href="/desk/faces/{person}/withdraw"' in text
    assert (await act(desk, case.id, "withdraw"))[0] == 404
    assert (await papers.numbered(house.ctx, OFFICER, "FE-2026-00001")).state == "approved"


@row("A20")
async def test_a_resident_follows_an_enrolment_from_the_paper_to_the_doors(house: House, browse: Open) -> None:
    fang, desk, unit = await browse("wangfang"), await browse("desk"), await house.fill("desk-1")
    door, person = await house.fill("b12-door"), await house.person("王芳")
    _, text = await new(fang, "face_enrol", {"field-kind": "deed", "field-name": "王芳"})
    case = number(text)
    assert "Being reviewed" in text
    await consent.give(house.ctx, OFFICER, person, "王芳", True)
    await house.approved(person)
    assert (await desk.get(f"/papers/{case}"))[1].count("Front desk</span> · 10:00") >= 4  # each tick with its name
    await capture.start(house.ctx, OFFICER, person, HOME, unit.dev)
    await vault.sealed(house.ctx, unit.dev, person, "m1", 5, b"sealed", [[bytes.fromhex(door.dev), b"key"]])
    assert "Pictures taken" in (await fang.get(f"/papers/{case}"))[1]
    _, text = await act(fang, case, "confirm")
    assert "Confirmed" in text
    assert "Loaded at" in (await fang.get("/me/data"))[1]


async def test_the_gate_s_own_acts_lead_to_the_gate_s_page(house: House) -> None:
    slip = await approved_slip(house)
    sheet = await papers.sheet(house.ctx, AT_THE_GATE, slip)
    assert [address for _, address in sheet.elsewhere] == [f"/gate/slips/{slip}"]
    assert not {one.move.act for one in sheet.moves} & {"arrive", "release", "mismatch"}


async def test_a_printed_number_leads_to_its_paper_and_an_unknown_one_is_said(house: House, browse: Open) -> None:
    desk = await browse("desk")
    slip = await approved_slip(house)
    _, text = await desk.get("/papers?q=ir-2026-00001")
    assert f'action="/papers/{slip}"' in text or "IR-2026-00001" in text
    assert "No paper has this number" in (await desk.get("/papers?q=IR-2026-99999"))[1]
    assert "There is no such home" in (await desk.get("/papers/new/card_issue?home=999999"))[1]


@row("B8")
async def test_the_limit_in_force_stands_beside_the_field(house: House, browse: Open) -> None:
    fang = await browse("wangfang")
    assert "At most 3 days." in (await fang.get("/papers/new/temp_pass"))[1]
    assert "Between 08:00-20:00." in (await fang.get("/papers/new/bulky_waste"))[1]
    assert "At least 3 working days ahead." in (await fang.get("/papers/new/move_out"))[1]


def test_every_state_act_and_duty_of_every_kind_has_words() -> None:
    for kind in kinds.kinds().values():
        assert set(kind.states) <= set(paperwords.STATES), kind.key
        signers = {duty for chain in kind.chains for duty in chain.duties} | {move.duty for move in kind.moves}
        assert signers - {"", "chain"} <= set(paperwords.DUTIES), kind.key


ROLES = {
    DESK: OFFICER,
    "lead": LEAD,
    ADMIN: Actor(0, "Administrator", "Administrator", ADMIN, (), "zh_CN", True),
    GUARD: AT_THE_GATE,
    RESIDENT: Actor(0, "", "王芳", RESIDENT, (HOME,), "zh_CN", True),
    "neighbour": Actor(0, "", "刘洋", RESIDENT, (OTHER_HOME,), "zh_CN", True),
}


TRIED = ("item_release", "visitor_request", "face_enrol", "complaint", "card_issue", "move_out")


async def offered(house: House, actor: Actor, case: int) -> set[str]:
    """The acts a paper's page offers somebody; none to whom it is not shown."""
    try:
        sheet = await papers.sheet(house.ctx, actor, case)
    except NotFound:
        return set()
    # a resident's page leaves out that they might refuse their own paper: they cancel it
    own = {"refuse"} if actor.role == RESIDENT and actor.homes == (HOME,) else set()
    return own | {one.move.act for one in sheet.moves} | {move.act for move, _ in sheet.elsewhere}


async def works(house: House, actor: Actor, case: int, act: str) -> bool:
    """Whether the service lets somebody do it."""
    held = await casework.paper(house.ctx, OFFICER, case)
    try:
        await casework.act(house.ctx, actor, case, held.case.version, act, "x", "")
    except (NotFound, Denied, Refused, BadInput):
        return False
    return True


@pytest.mark.parametrize("key", TRIED)
async def test_in_every_state_what_is_not_offered_is_refused_to_every_role(house: House, key: str) -> None:
    kind, wrong = casework.kind_of(key), []
    for who, actor in ROLES.items():
        for state in kind.states:
            if state in ("released", "filed"):
                continue  # the database itself keeps a slip without counted lines from these
            case = await casework.open_case(house.ctx, OFFICER, key, HOME, {})
            async with house.ctx.store.write() as tx:
                await cases.move(tx, case.id, 1, state=state)
            for act in sorted({move.act for move in kind.moves} - await offered(house, actor, case.id)):
                if await works(house, actor, case.id, act):
                    wrong.append((who, state, act))
                    break
    assert not wrong


async def test_ticks_are_written_with_name_and_time_and_taken_back(house: House, browse: Open) -> None:
    desk, fang = await browse("desk"), await browse("wangfang")
    _, text = await new(fang, "card_issue", {"field-name": "王芳"})
    case = number(text)
    assert "Save the checklist" not in text
    assert (await fang.post(f"/papers/{case}", TICKS | {"act": "ticks"}))[0] == 400
    form = {"version": "2", "checklist": "form,photos,id_copy", "tick-form": "yes", "act": "ticks"}
    _, text = await desk.post(f"/papers/{case}", form)
    assert "Front desk</span> · 10:00" in text
    held = await casework.paper(house.ctx, OFFICER, case)
    assert {item.what for item in held.items if item.kind == CHECK} == {"form"}
    form |= {"version": str(held.case.version)}
    del form["tick-form"]
    await desk.post(f"/papers/{case}", form)
    assert not [item for item in (await casework.paper(house.ctx, OFFICER, case)).items if item.kind == CHECK]


@row("E26")
async def test_a_slip_s_gate_is_chosen_by_its_name_and_no_other_word_is_taken(house: House, browse: Open) -> None:
    """Typed as people call it, a gate was another than the guard's own: the goods stood at the right one and could not
    go."""
    desk = await browse("desk")
    _, form = await desk.get(f"/papers/new/item_release?home={HOME}")
    options = re.findall(r'<option value="([^"]*)"[^>]*>([^<]+)</option>', form[form.index('name="field-gate"') :])
    assert options[:2] == [("", "Any gate"), ("north", "北门")]
    told = {
        "home": HOME, "field-applicant": "owner", "field-direction": "out", "field-name": "王芳", "what-0": "沙发",
        "qty-0": "1", "field-mover": "王搬家", "field-since": "2026-11-22T11:00", "field-until": "2026-11-22T12:00",
    }  # fmt: skip
    status, said = await desk.post("/papers/new/item_release", told | {"field-gate": "北门"})
    assert (status, "There is no such gate: choose one of the list" in said) == (400, True)
    assert '<option value="北门" selected>' in said  # what was sent is not silently another
    status, said = await desk.post("/papers/new/item_release", told | {"field-gate": "north"})
    assert (status, '<dd translate="no" class="said">北门</dd>' in said) == (200, True)


async def test_what_was_ticked_stands_in_what_was_done(house: House, browse: Open) -> None:
    desk, slip = await browse("desk"), await approved_slip(house)
    _, text = await desk.get(f"/papers/{slip}")
    done = text[text.index("What was done") :]
    assert "<b>Ticked</b>" in done
    assert "<span>ID seen, holder is the person</span>" in done
    assert "id_seen" not in done


async def test_the_help_beside_the_person_names_the_fields_this_form_has(browse: Open) -> None:
    desk = await browse("desk")
    for kind, born in (("face_enrol", True), ("item_release", False)):
        _, text = await desk.get(f"/papers/new/{kind}?home={HOME}")
        assert ("Name, phone and birth date may stay empty" in text, "Name and phone may stay empty" in text) == (
            born, not born,
        )  # fmt: skip
