"""A sitting at a door that was for nothing: the desk and the person read why, and what to do next."""

import pytest

from gatecore import intake
from gatehost.service.enrol import claim_slip
from gatehost.service.face import consent
from gatehost.web.words.sittingwords import NOT_TAKEN

from .conftest import Open
from .house import HOME, House
from .tour import OFFICER

TICKET = "ab" * 16


async def refused(house: House, reason: int) -> str:
    """The resident's sitting at a door, refused by the vault; the person."""
    unit, door, person = await house.fill("desk-1"), await house.fill("b12-door"), await house.person("王芳")
    await consent.give(house.ctx, OFFICER, person, "王芳", True)
    await house.approved(person)
    slip = await claim_slip.make(house.ctx, OFFICER, person, HOME, "b12-door")
    await claim_slip.typed(house.ctx, door.dev, TICKET, slip.digits)
    await claim_slip.taken(house.ctx, door.dev, TICKET, b"sealed to the vault alone")
    if reason == intake.SLIP_ENDED:
        house.later(15 * 86_400_000)
        await claim_slip.expire(house.ctx)
    else:
        step = intake.CAPTURE_TWICE if reason == intake.TAKEN_TWICE else intake.CAPTURE_FAILED
        await claim_slip.progressed(house.ctx, unit.dev, TICKET, step, [reason])
    return person


@pytest.mark.parametrize("reason", sorted(NOT_TAKEN))
async def test_the_desk_and_the_person_read_why_and_what_to_do_next(house: House, browse: Open, reason: int) -> None:
    person = await refused(house, reason)
    desk, mine = await browse("desk"), await browse("wangfang")
    why = NOT_TAKEN[reason]
    for path in (f"/desk/faces/{person}", f"/desk/homes/{HOME}/faces/{person}/capture"):
        _, text = await desk.get(path)
        assert why.desk.replace("'", "&#39;") in text, path
        assert why.desk_next.replace("'", "&#39;") in text, path
    for path in ("/desk/faces", f"/desk/homes/{HOME}"):
        assert "Pictures of a door not taken over" in (await desk.get(path))[1], path
    for path in ("/me", "/me/data"):
        _, text = await mine.get(path)
        assert why.mine.replace("'", "&#39;") in text, path
        assert why.mine_next.replace("'", "&#39;") in text, path
        assert "刘洋" not in text


async def test_the_desk_takes_the_pictures_again_from_the_same_page(house: House, browse: Open) -> None:
    desk, person = await browse("desk"), await refused(house, intake.TAKEN_MODEL)
    _, text = await desk.get(f"/desk/faces/{person}")
    assert f'href="/desk/homes/{HOME}/faces/{person}/capture"' in text
