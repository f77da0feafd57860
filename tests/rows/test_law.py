"""Rows A22, C15, C16 and L: what the law and the complaints of residents want of a house whose doors know faces."""

import os
import re
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from tests.host.house import DAY, START, House
from tests.rows.people import HOME, OTHER, person, row, signed_in

from gatecore import codes, feedback, frames, wording
from gatecore.clock import HOST, Now
from gatecore.events import Unlock
from gatecore.state import CODES, PEOPLE, PINS
from gatecore.throttle import Memory
from gatehost.model.code import Invitation
from gatehost.model.errors import BadInput, Denied, NotFound, Refused
from gatehost.model.policy import AUTHORITY_RANK, KEYS, LIMITS, TEXTS, TIMES, WORDS
from gatehost.service.enrol import capture
from gatehost.service.face import consent
from gatehost.service.home import invite, pins, visitor_code
from gatehost.service.office import assessment, guests, policy
from gatehost.store import devices
from gatehost.web.words import language, refusals, rulewords
from gateunit.errors import SealError, SettingsError
from gateunit.seal import face_info, open_templates, seal, seal_templates, unseal
from gateunit.settings import read_board

BOARDS = Path(__file__).parents[2] / "hw" / "boards"
EYED = sorted(path for path in BOARDS.glob("*.toml") if re.search(r'^camera = "(?!none)', path.read_text(), re.M))
MODEL = "resnet29-relu6-int8-1"


@row("L2", "A22")
@pytest.mark.parametrize("path", EYED, ids=lambda path: path.stem)
def test_a_door_with_a_camera_and_no_keypad_to_dial_or_call_from_is_refused(path: Path, tmp_path: Path) -> None:
    told = path.read_text(encoding="utf-8")
    assert read_board(path).keypad.call >= 0
    for name, taken in (
        ("whole", re.sub(r"^\[keypad\]\n(?:(?!\[).*\n?)*", "", told, flags=re.M)),
        ("call", re.sub(r"^call = .*\n", "", told, flags=re.M)),
    ):
        assert taken != told
        bare = tmp_path / f"{name}.toml"
        bare.write_text(taken, encoding="utf-8")
        with pytest.raises(SettingsError, match=r"keypad|call"):
            read_board(bare)


@row("L2", "L13", "A22")
async def test_who_refuses_a_face_has_every_other_way_as_whoever_gives_one(house: House) -> None:
    door, desk = await house.enrolled("b12-door", box=os.urandom(32)), await signed_in(house, "desk")
    mei, strong = await signed_in(house, "limei"), await signed_in(house, "liqiang")
    unit = await house.enrolled("desk-1")
    for actor in (mei, strong):
        await pins.give_pin(house.ctx, desk, HOME, actor.party)
    await invite.invite(house.ctx, mei, HOME, Invitation(visitor="客", since=START, until=START + 2 * DAY))
    await consent.give(house.ctx, desk, mei.party, "李梅", True)
    await house.approved(desk, mei.party)
    async with unit.connect() as link:
        await link.greet()
        await capture.start(house.ctx, desk, mei.party, HOME, unit.name)
        await link.say(frames.SEALED, bytes.fromhex(mei.party), MODEL, 5, b"sealed", [[door.dev, b"key"]])
        await link.settle()
    before = await _sent(house, door.name)
    await consent.decline(house.ctx, desk, strong.party, HOME)
    assert await _sent(house, door.name) == before  # a no changes nothing at any door
    async with door.connect() as link:
        await link.greet()
        state = await link.pull()
    assert [bytes(row[0]).hex() for row in state.faces] == [mei.party]
    mine, theirs = (state.person(bytes.fromhex(one.party)) for one in (mei, strong))
    assert mine is not None
    assert theirs is not None
    assert list(mine)[1:] == list(theirs)[1:]  # home, from, until, ways, hours: the same right
    assert len(state._keyed.get(PINS, {})) == 2
    assert len(state._keyed.get(CODES, {})) == 1
    assert len(state._keyed.get(PEOPLE, {})) >= 2


async def _sent(house: House, dev: str) -> tuple[int, int]:
    async with house.ctx.store.read() as tx:
        held = await devices.by_dev(tx, dev)
    assert held is not None
    return held.sent_generation, held.sent_version


@row("L2", "L11")
def test_no_rule_can_demand_a_face() -> None:
    assert set(KEYS["face_mode"][0]) == {"off", "free", "at_home"}  # may a face open; never must it
    for key, values in {**KEYS, **WORDS}.items():
        assert not {"only", "required", "must"} & set(values[0]) or key == "visitor.phone"


@row("F10", "C6")
async def test_however_strict_the_rules_a_visitor_keeps_a_way_in_and_no_decision_takes_the_last(house: House) -> None:
    admin, operator = await signed_in(house, "admin"), await signed_in(house, "operator")
    decide = partial(policy.set_rule, house.ctx)
    told = ("住建委", "京建〔2026〕7号", "从严")
    await decide(operator, "estate", "calls", "off", *told, rank=AUTHORITY_RANK)
    for place in ("estate", "b12", HOME):  # the same path, wherever the second one is decided
        with pytest.raises(BadInput, match="last_way"):
            await decide(admin, place, "visitor_codes", "off", "业委会", "", "方便管理")
    assert (await policy.rule(house.ctx, "visitor_codes", HOME)).value == "on"
    await decide(operator, "estate", "calls", "", *told, rank=AUTHORITY_RANK)
    await decide(admin, "b12", "visitor_codes", "off", "业委会", "", "方便管理")
    with pytest.raises(BadInput, match="last_way"):  # nor from above, over what was decided below
        await decide(operator, "estate", "calls", "off", *told, rank=AUTHORITY_RANK)
    await decide(operator, "b13", "calls", "off", *told, rank=AUTHORITY_RANK)


@row("F10", "L2")
async def test_with_everything_switched_off_that_can_be_a_resident_s_card_and_pin_open_the_way_home(
    house: House,
) -> None:
    from tests.rows.people import approved, do
    from tests.rows.test_pass import shown_by

    admin, desk, mei = [await signed_in(house, login) for login in ("admin", "desk", "limei")]
    for key, value in (("face_mode", "off"), ("home_open", "off"), ("calls", "off"), ("gate_pins", "off")):
        await policy.set_rule(house.ctx, admin, "estate", key, value, "业委会", "", "从严")
    card = await approved(house, "card_issue", name="李梅", number="018,54919")
    await do(house, "desk", card, "hand_over")
    await pins.give_pin(house.ctx, desk, HOME, mei.party)
    made = await invite.invite(house.ctx, mei, HOME, Invitation(visitor="客"))
    for slot in ("gate-1-in", "b12-door"):
        door = await house.enrolled(slot)
        async with door.connect() as link:
            await link.greet()
            state = await link.pull()
        assert any(isinstance(one, Unlock) for one in shown_by(state, house.clock.now)), slot
        now = Now(1, 1, house.clock.now, HOST)
        assert codes.check_code(state, Memory(), HOME, made.code.digits, now, False).reason == codes.OK, slot
        assert bool(state._keyed.get(PINS, {})) is (slot == "b12-door")


@row("L5", "A22")
async def test_the_host_keeps_and_hands_on_what_it_cannot_open(house: House) -> None:
    secret = X25519PrivateKey.generate()
    door = await house.enrolled("b12-door", box=secret.public_key().public_bytes_raw())
    other, unit = await house.enrolled("gate-1-in", box=os.urandom(32)), await house.enrolled("desk-1")
    desk, mei = await signed_in(house, "desk"), await signed_in(house, "limei")
    party, estate = bytes.fromhex(mei.party), house.ctx.keys.estate.public
    templates, key = [os.urandom(128) for _ in range(5)], os.urandom(32)
    sealed = seal_templates(templates, key, os.urandom(12), party, MODEL)
    info = face_info(estate, party, MODEL, door.dev)
    await consent.give(house.ctx, desk, mei.party, "李梅", True)
    await house.approved(desk, mei.party)
    async with unit.connect() as link, door.connect() as at_door, other.connect() as elsewhere:
        for one in (link, at_door, elsewhere):
            await one.greet()
        assert [(await one.pull()).faces for one in (at_door, elsewhere)] == [[], []]
        await capture.start(house.ctx, desk, mei.party, HOME, unit.name)
        boxed = seal(key, secret.public_key().public_bytes_raw(), info)
        await link.say(frames.SEALED, party, MODEL, 5, sealed, [[door.dev, boxed]])
        await link.settle()
        kept = b"".join(path.read_bytes() for path in house.folder.rglob("*") if path.is_file())
        assert sealed in kept
        assert not [one for one in (*templates, key) if one in kept]
        ((_, _, model, digest, at_the_door),) = (await at_door.pull()).faces
        await at_door.say(frames.WANT, digest)
        given = (await at_door.take(frames.PIECE))[1]
        opened = open_templates(given, unseal(at_the_door, secret, info), party, model)
        assert list(opened) == templates  # the door can
        with pytest.raises(SealError):  # and nobody whose key it is not
            unseal(at_the_door, X25519PrivateKey.generate(), info)
        await elsewhere.say(frames.WANT, digest)
        assert (await elsewhere.take(frames.PIECE))[1] == b""  # a door it is not sealed to is given nothing


@row("L11")
async def test_a_no_is_kept_until_the_person_says_yes(house: House) -> None:
    desk, mei = await signed_in(house, "desk"), await person(house, "limei")
    await consent.decline(house.ctx, desk, mei, HOME)
    assert await consent.declined(house.ctx, desk, HOME) == {mei}
    with pytest.raises(Denied):
        await consent.decline(house.ctx, await signed_in(house, "limei"), mei, HOME)
    with pytest.raises(NotFound):
        await consent.decline(house.ctx, desk, mei, OTHER)
    await consent.give(house.ctx, desk, mei, "李梅", True)
    assert await consent.declined(house.ctx, desk, HOME) == frozenset()


@row("C15")
async def test_many_guests_of_a_home_are_a_question_by_numbers_and_no_face(house: House) -> None:
    mei, admin = await signed_in(house, "limei"), await signed_in(house, "admin")
    for number in range(4):
        stay = Invitation(visitor=f"租客{number}", since=house.clock.now, until=house.clock.now + 20 * DAY)
        made = await invite.invite(house.ctx, mei, HOME, stay)
        await visitor_code.revoke(house.ctx, mei, made.code.id)
    assert (await guests.many(house.ctx, admin))[0] == ()
    await invite.invite(house.ctx, mei, HOME, Invitation(visitor="甲", since=START, until=START + 5 * DAY))
    fang = await signed_in(house, "wangfang")
    for day in range(6):  # guests of a day are nobody's concern, however many
        made = await invite.invite(house.ctx, fang, OTHER, Invitation(visitor=f"客{day}"))
        await visitor_code.revoke(house.ctx, fang, made.code.id)
    found, rule = await guests.many(house.ctx, admin)
    assert [(one.home, one.names, one.codes) for one in found] == [(HOME, 5, 5)]
    assert (rule.value, "租客" in str(found)) == ("5", False)
    with pytest.raises(Denied):
        await guests.many(house.ctx, await signed_in(house, "desk"))
    house.clock.now += 31 * DAY
    assert (await guests.many(house.ctx, admin))[0] == ()


@row("C16")
def test_every_refusal_at_a_door_says_why_and_what_to_do_next_in_both_languages() -> None:
    refused = {number for number in wording.WHY if number <= 22 or number in (26, 27, 28, 29, 36)} - {16}
    assert set(range(1, feedback.TOO_MANY_FACES + 1)) <= set(wording.WHY), "a reason without a sentence"
    for number in refused:
        chinese, english = wording.WHY[number]
        assert len(re.split("[，；：]", chinese)) > 1, chinese
        assert len(re.split("[:;,]", english)) > 1 or english.startswith("Dial"), english


@row("C16", "A22")
async def test_whatever_holds_here_says_who_decided_it_by_which_document_and_why(house: House) -> None:
    admin = await signed_in(house, "admin")
    for spoken in ("en", "zh-CN"):
        say = partial(language.say, spoken)
        for key in (*TEXTS, *KEYS, *WORDS, *LIMITS, *TIMES):
            assert rulewords.name(say, key)
    await policy.set_rule(house.ctx, admin, "estate", "home_open", "off", "业主大会", "2026-7", "夜间安全")
    held = {rule.key: rule for rule in await policy.rules(house.ctx, admin, HOME)}["home_open"]
    told = refusals.decision(partial(language.say, "en"), held.decided_by, held.document, held.why)
    assert all(part in told for part in ("业主大会", "2026-7", "夜间安全"))


@row("L7", "L19")
async def test_where_the_rule_says_so_no_face_is_taken_before_the_assessment_is_signed(house: House) -> None:
    admin, desk, mei = [await signed_in(house, login) for login in ("admin", "desk", "limei")]
    await policy.set_rule(house.ctx, admin, "estate", "face.assessed", "on", "业主大会", "2026-8", "先评估")
    with pytest.raises(Refused, match="not_assessed"):
        await consent.give(house.ctx, desk, mei.party, "李梅", True)
    assert await consent.standing(house.ctx, desk, mei.party) is None
    assert (await invite.invite(house.ctx, mei, HOME, Invitation("客"))).code.digits  # every other way is as before
    await assessment.sign(house.ctx, admin, "老人忘带卡", "误认", "人脸可不用")
    assert (await consent.give(house.ctx, desk, mei.party, "李梅", True)).withdrawn_at is None
