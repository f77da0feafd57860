"""Rows E5, E17, E19: whose signature, whose goods, and what is not let through."""

import pytest
from tests.host.house import House
from tests.host.test_documents import ARCHIVIST, png
from tests.rows.people import HOME, do, on_duty, opened, paper, person, row, signed_in, tick_all
from tests.rows.test_slip import goods, handed_in, wish

from gatehost.model.case import Case
from gatehost.model.document import TENANTS
from gatehost.model.errors import BadInput, NotFound, Refused
from gatehost.service.office import policy
from gatehost.service.paper import application, casework, disclosure, documents, filling


async def company(house: House) -> None:
    """A company tenant that named its signers at move-in and filed a specimen."""
    desk = await signed_in(house, "desk")
    told = {"name": "晨光公司", "role": "tenant", "lease_until": "2027-06-30", "specimen": "李经理、王会计"}
    case = await casework.open_case(house.ctx, desk, "move_in", HOME, dict(told), await person(house, "chenzu"))
    case = await do(house, "desk", case, "apply")
    await tick_all(house, case)
    await do(house, "desk", case, "sign")
    await documents.file(house.ctx, ARCHIVIST, HOME, TENANTS, "specimen", png(), await person(house, "chenzu"))


async def company_slip(house: House, signer: str = "李经理") -> Case:
    """A slip of the company, handed in with the signature on it, and ticked."""
    case = await handed_in(house, "desk", applicant="company", signer=signer)
    await documents.attach(house.ctx, await signed_in(house, "desk"), case.id, "signature", png(9))
    return case


@row("E5")
async def test_specimen_and_signature_lie_side_by_side_for_the_desk_and_the_guard(house: House) -> None:
    guard, desk = await on_duty(house), await signed_in(house, "desk")
    with pytest.raises(Refused, match="specimen"):
        await company_slip(house)
    await company(house)
    with pytest.raises(Refused, match="specimen"):
        await company_slip(house, "路人")
    case = await company_slip(house)
    for actor in (desk, guard):
        held = await disclosure.signatures(house.ctx, actor, case.id)
        assert [one.kind for one in held] == ["specimen", "signature"]
        for one in held:
            shown = await disclosure.compare(house.ctx, actor, case.id, one.id, "勿复制")
            assert b"data:image/png;base64," in shown
            assert actor.name.encode() in shown


@row("E5", "F8")
async def test_a_guard_sees_signatures_of_a_slip_at_hand_and_no_other_document(house: House) -> None:
    guard, desk = await on_duty(house), await signed_in(house, "desk")
    await company(house)
    case = await company_slip(house)
    copy = await documents.file(house.ctx, ARCHIVIST, HOME, TENANTS, "id_copy", png(), await person(house, "chenzu"))
    proof = await documents.attach(house.ctx, desk, case.id, "proof", png(7))
    specimen = (await disclosure.signatures(house.ctx, guard, case.id))[0]
    own = await handed_in(house, "limei")
    for slip, one in ((case, copy), (case, proof), (own, specimen)):
        with pytest.raises(NotFound):
            await disclosure.compare(house.ctx, guard, slip.id, one.id, "")
    with pytest.raises(NotFound):
        await disclosure.show(house.ctx, guard, specimen.id, "")
    await do(house, "desk", case, "cancel", "改期")
    assert await disclosure.signatures(house.ctx, guard, case.id) == ()


@row("E5")
async def test_nobody_signs_a_company_s_slip_before_the_signature_was_compared(house: House) -> None:
    await company(house)
    case = await company_slip(house)
    desk, held = await signed_in(house, "desk"), await paper(house, case)
    await filling.tick(house.ctx, desk, case.id, held.case.version, "compared", done=False)
    with pytest.raises(Refused, match="unticked"):
        await do(house, "desk", case, "sign")
    await tick_all(house, case)
    await do(house, "desk", case, "sign")
    assert (await do(house, "lead", case, "sign")).state == "approved"


@row("E17", "B28")
async def test_a_visitor_s_goods_are_signed_for_only_with_the_document_that_lies_with_the_slip(house: House) -> None:
    case = await handed_in(house, "desk", applicant="visitor")
    with pytest.raises(Refused, match="unattached"):
        await do(house, "desk", case, "sign")
    desk = await signed_in(house, "desk")
    with pytest.raises(BadInput):
        await documents.attach(house.ctx, desk, case.id, "proof", b"%PDF-1.7 not a picture")
    await documents.attach(house.ctx, desk, case.id, "photo", png())  # a photo of the sofa proves nothing
    with pytest.raises(Refused, match="unattached"):
        await do(house, "desk", case, "sign")
    await documents.attach(house.ctx, desk, case.id, "authorisation", png())
    await do(house, "desk", case, "sign")
    assert (await do(house, "lead", case, "sign")).state == "approved"
    own = await handed_in(house, "limei")  # an occupant's goods need none
    await do(house, "desk", own, "sign")


@row("E19")
async def test_the_estate_adds_to_what_is_forbidden_and_a_slip_that_names_it_is_refused_with_the_word(
    house: House,
) -> None:
    admin, mei = await signed_in(house, "admin"), await signed_in(house, "limei")
    await policy.set_rule(house.ctx, admin, "estate", "item.forbidden", "烟花，气瓶, LPG", "业委会", "2026-7", "防火")
    blank = await application.blank(house.ctx, mei, "item_release", HOME)
    assert ("forbidden", "words 烟花、气瓶、LPG") in blank.limits  # said before anybody types
    for what, refused in (("大气瓶两只", "气瓶"), ("lpg tank", "LPG"), ("花瓶", "")):
        case = await opened(house, "limei", "item_release", **wish(house))
        await goods(house, "limei", case, ("沙发", 1), (what, 1))
        if refused:
            with pytest.raises(Refused, match="forbidden_goods") as told:
                await do(house, "limei", case, "apply")
            assert told.value.facts["what"] == refused
        else:
            assert (await do(house, "limei", case, "apply")).state == "waiting_review"
    fixed = await opened(house, "limei", "item_release", **wish(house, forbidden="explosive"))
    await goods(house, "limei", fixed, ("纸箱", 1))
    with pytest.raises(Refused, match="forbidden_goods"):
        await do(house, "limei", fixed, "apply")
