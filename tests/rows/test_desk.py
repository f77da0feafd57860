"""Rows A to G and L of the enrolment desk: times, papers sent ahead, what is signed, since when a door holds it."""

import os
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from tests.host.house import DAY, HOUR, START, House
from tests.host.test_documents import jpeg, pdf, png
from tests.rows.people import GATE, HOME, MINUTE, OTHER, do, on_duty, opened, paper, row, signed_in, tick_all

from gatecore import frames
from gatehost.model.document import DAILY, OWNERS
from gatehost.model.errors import BadInput, Denied, NotFound, Refused, TooMany
from gatehost.model.policy import ESTATE_RANK
from gatehost.service.enrol import appointment, capture
from gatehost.service.face import agreement, consent, credential, holding
from gatehost.service.gate import asking, search
from gatehost.service.office import policy, retention
from gatehost.service.paper import casework, disclosure, documents, filling, papers, yearly
from gatehost.store import appointments
from gatehost.store.table.paper import appointment as appointment_table

DEED: dict[str, object] = {"kind": "deed", "name": "李梅"}
TODAY = START - 10 * HOUR  # midnight before the house's first instant, 10:00


async def decide(house: House, key: str, value: str, place: str = "estate") -> None:
    """The admin decides a rule."""
    admin = await signed_in(house, "admin")
    await policy.set_rule(house.ctx, admin, place, key, value, "业委会", "", "试用", ESTATE_RANK)


async def enrolled_paper(house: House, login: str = "limei") -> int:
    """An enrolment handed in on the phone."""
    place = OTHER if login == "wangfang" else HOME
    return (await do(house, login, await opened(house, login, "face_enrol", place, **DEED), "apply")).id


# A15: times at the desk


@row("A15")
async def test_the_free_times_are_those_of_the_rules(house: House) -> None:
    mei, number = await signed_in(house, "limei"), await enrolled_paper(house)
    _, days, held, _ = await appointment.offered(house.ctx, mei, number)
    today = [one.at for one in days[0].offers]
    assert held is None
    assert len(days) == 15  # today and a fortnight
    # 08:30 to 12:00 and 13:30 to 17:30 by the half hour, of today only what lies ahead of 10:00
    assert [(at - TODAY) // MINUTE for at in today] == [*range(630, 720, 30), *range(810, 1050, 30)]
    for key, value in (
        ("desk.days", "weekdays"), ("desk.hours", "09:00-11:00"), ("desk.pause", "09:30-10:00"),
        ("desk.slot_minutes", "60"), ("desk.book_days", "7"),
    ):  # fmt: skip
        await decide(house, key, value)
    _, days, _, _ = await appointment.offered(house.ctx, mei, number)
    assert [[(one.at - TODAY) % DAY // MINUTE for one in day.offers] for day in days] == [[600]] * 5  # Tue-Fri, Mon
    await decide(house, "desk.hours", "09:00-09:30")
    assert (await appointment.offered(house.ctx, mei, number))[1] == ()


@row("A15")
async def test_a_time_is_given_once_and_who_comes_second_is_told_the_next_and_loses_nothing(house: House) -> None:
    first, second = await enrolled_paper(house), await enrolled_paper(house, "wangfang")
    mei, fang = await signed_in(house, "limei"), await signed_in(house, "wangfang")
    at, other = TODAY + 11 * HOUR, TODAY + DAY + 9 * HOUR
    await appointment.book(house.ctx, fang, second, other)
    assert (await appointment.book(house.ctx, mei, first, at)).form["appointment"] == at
    with pytest.raises(Refused, match="time_taken") as refused:
        await appointment.book(house.ctx, fang, second, at)
    assert refused.value.facts["next"] == at + HOUR // 2
    assert (await paper(house, await casework_case(house, second))).case.form["appointment"] == other  # still hers
    offers = {one.at: one.left for day in (await appointment.offered(house.ctx, fang, second))[1] for one in day.offers}
    assert (offers[at], offers[at + HOUR // 2], offers[other]) == (0, 1, 0)
    await decide(house, "desk.slot_seats", "2")
    assert (await appointment.book(house.ctx, fang, second, at)).form["appointment"] == at
    async with house.ctx.store.read() as tx:
        rows = (await tx.execute(select(appointment_table.c.seat, appointment_table.c.ended_at))).all()
    assert sorted(seat for seat, ended in rows if ended is None) == [0, 1]


async def casework_case(house: House, number: int) -> casework.Case:
    """A paper's head."""
    return (await casework.paper(house.ctx, await signed_in(house, "desk"), number)).case


@row("A15")
async def test_a_time_is_moved_given_back_taken_for_a_caller_and_ends_with_its_paper(house: House) -> None:
    mei, desk, number = await signed_in(house, "limei"), await signed_in(house, "desk"), await enrolled_paper(house)
    at, later = TODAY + 11 * HOUR, TODAY + DAY + 9 * HOUR
    await appointment.book(house.ctx, desk, number, at)  # somebody called
    await appointment.book(house.ctx, mei, number, later)
    rival = await enrolled_paper(house, "wangfang")
    fang = await signed_in(house, "wangfang")
    await appointment.book(house.ctx, fang, rival, at)  # free again since it was moved
    assert "appointment" not in (await appointment.cancel(house.ctx, mei, number)).form
    with pytest.raises(NotFound, match="appointment"):
        await appointment.cancel(house.ctx, mei, number)
    await appointment.book(house.ctx, mei, number, later)
    steps = [step.act for step in (await casework.paper(house.ctx, desk, number)).steps]
    assert [act for act in steps if act in ("book", "unbook")] == ["book", "book", "unbook", "book"]
    await do(house, "limei", await casework_case(house, number), "cancel")
    await appointment.book(house.ctx, fang, rival, later)  # it ended with the paper


@row("A15")
async def test_no_time_is_given_outside_the_hours_for_another_home_or_without_need(house: House) -> None:
    mei, number = await signed_in(house, "limei"), await enrolled_paper(house)
    for wrong in (0, START - HOUR, TODAY + 12 * HOUR, TODAY + 11 * HOUR + MINUTE, TODAY + 40 * DAY):
        with pytest.raises(BadInput, match="unknown"):
            await appointment.book(house.ctx, mei, number, wrong)
    with pytest.raises(NotFound):
        await appointment.book(house.ctx, await signed_in(house, "wangfang"), number, TODAY + 11 * HOUR)
    with pytest.raises(NotFound):
        await appointment.book(house.ctx, await signed_in(house, "guard"), number, TODAY + 11 * HOUR)
    repair = await opened(house, "limei", "repair", what="灯", where="厨房", urgency="day")
    with pytest.raises(Refused, match="no_time_needed"):
        await appointment.offered(house.ctx, mei, repair.id)


@row("A15")
async def test_the_database_itself_gives_a_seat_once(house: House) -> None:
    first, second = await enrolled_paper(house), await enrolled_paper(house, "wangfang")
    async with house.ctx.store.write() as tx:
        await appointments.put(tx, first, START + HOUR, 0, START, "x")
    with pytest.raises(IntegrityError):  # another process over the same database was faster
        async with house.ctx.store.write() as tx:
            await appointments.put(tx, second, START + HOUR, 0, START, "y")
    async with house.ctx.store.write() as tx:
        await appointments.end(tx, first, START, "moved")
        await appointments.put(tx, second, START + HOUR, 0, START, "y")


# A8, A16, B28, D10: what is sent ahead


@row("A16")
async def test_what_was_sent_ahead_is_sealed_seen_by_the_desk_alone_and_gone_with_its_paper(house: House) -> None:
    mei, desk, number = await signed_in(house, "limei"), await signed_in(house, "desk"), await enrolled_paper(house)
    deed = await documents.attach(house.ctx, mei, number, "deed", png())
    lease = await documents.attach(house.ctx, mei, number, "paper", pdf())
    assert {one.class_ for one in await documents.of_case(house.ctx, desk, number)} == {DAILY}
    seen = {}
    for login in ("desk", "liqiang"):
        seen[login] = await papers.sheet(house.ctx, await signed_in(house, login), number)
    assert (len(seen["desk"].documents), seen["liqiang"].documents) == (2, ())  # not for others of the home either
    kept = b"".join(path.read_bytes() for path in house.folder.rglob("*") if path.is_file())
    assert png() not in kept
    assert b"%PDF-1.4" not in kept
    assert (await disclosure.show(house.ctx, desk, deed.id, "x")).startswith(b"<svg")
    shown = PdfReader(BytesIO(await disclosure.show(house.ctx, desk, lease.id, "不得复制"))).pages[0].extract_text()
    assert f"不得复制 {desk.name}" in shown
    assert f"document {lease.id} - account {desk.account} - 2026-06-15 02:00Z" in shown
    for login in ("guard", "wangfang", "committee", "operator"):
        with pytest.raises(NotFound):
            await disclosure.show(house.ctx, await signed_in(house, login), deed.id, "x")
    case = await do(house, "desk", await casework_case(house, number), "refuse", "不是本小区")
    with pytest.raises(Refused, match="locked"):
        await documents.attach(house.ctx, mei, number, "deed", png())
    house.clock.now = (case.keep_until or 0) - 1
    await retention.run(house.ctx)
    assert len(await documents.of_case(house.ctx, desk, number)) == 2
    house.clock.now += 1
    assert (await retention.run(house.ctx)).documents == 2
    assert await documents.of_case(house.ctx, desk, number) == ()


@row("A16")
async def test_only_whole_pictures_and_plain_pdfs_are_taken_and_a_mistake_is_taken_back(house: House) -> None:
    mei, number = await signed_in(house, "limei"), await enrolled_paper(house)
    for data, why in (
        (b"", "empty"), (b"MZ\x90\0 a program", "picture"), (b"<svg onload=x>", "picture"), (png()[:-9], "picture"),
        (pdf()[:-20], "pdf"), (pdf(more=b"/OpenAction<</S/JavaScript/JS(x)>>"), "active"),
        (pdf(more=b"/Names<</EmbeddedFiles 3 0 R>>"), "active"), (pdf() + b"%" * (12 << 20), "long"),
        (b"%PDF-1.7\n1 0 obj<</Kids[1 0 R]>>endobj\nstartxref\n9\n%%EOF", "pdf"),
    ):  # fmt: skip
        with pytest.raises(BadInput, match=why):
            await documents.attach(house.ctx, mei, number, "deed", data)
    for kind in ("passport", "handbook", ""):
        with pytest.raises(BadInput, match="unknown"):
            await documents.attach(house.ctx, mei, number, kind, png())
    made = await documents.attach(house.ctx, mei, number, "id_copy", jpeg())
    with pytest.raises(NotFound):
        await documents.take_back(house.ctx, await signed_in(house, "wangfang"), number, made.id)
    with pytest.raises(NotFound):
        await documents.take_back(house.ctx, await signed_in(house, "liqiang"), number, made.id)  # not who sent it
    await documents.take_back(house.ctx, mei, number, made.id)
    assert await documents.of_case(house.ctx, mei, number) == ()
    assert not [path for path in (house.folder / "documents").rglob("*") if path.is_file()]


@row("A8", "L12", "L13")
async def test_a_photo_sent_from_the_phone_goes_to_the_desk_unit_and_is_gone_when_it_is_sealed(house: House) -> None:
    unit, desk, mei = await house.enrolled("desk-1"), await signed_in(house, "desk"), await signed_in(house, "limei")
    number = await enrolled_paper(house)
    await documents.attach(house.ctx, mei, number, "id_photo", jpeg())
    await tick_all(house, await casework_case(house, number))
    await do(house, "desk", await casework_case(house, number), "approve")
    await consent.give(house.ctx, desk, mei.party, "李梅", True)
    async with unit.connect() as link:
        await link.greet()
        task = await capture.start(house.ctx, desk, mei.party, HOME, unit.name)
        await link.take(frames.CAPTURE)
        await capture.use_brought(house.ctx, desk, task.task)
        assert (await link.take(frames.PHOTO))[3] == jpeg()  # as it came, for the unit to judge
        await capture.upload(house.ctx, desk, task.task, jpeg(60, 60))  # from a stick at the desk
        assert (await link.take(frames.PHOTO))[3] == jpeg(60, 60)
        await link.say(frames.SEALED, bytes.fromhex(mei.party), "m1", 5, b"sealed", [])
        await link.settle()
    assert await documents.of_case(house.ctx, desk, number) == ()
    assert not [path for path in (house.folder / "documents").rglob("*") if path.is_file()]


@row("B28")
async def test_a_visitor_s_proof_is_for_the_desk_alone_and_no_flood(house: House) -> None:
    link = await asking.ask(house.ctx, GATE, HOME, "送货员", "", "送沙发")
    await asking.prove(house.ctx, link, png())
    mei, desk = await signed_in(house, "limei"), await signed_in(house, "desk")
    (case,) = await asking.waiting(house.ctx, desk)
    (made,) = await documents.of_case(house.ctx, desk, case.id)
    assert (made.kind, made.party, made.place) == ("proof", None, None)
    assert (await disclosure.show(house.ctx, desk, made.id, "x")).startswith(b"<svg")
    for actor in (mei, await on_duty(house)):
        with pytest.raises(NotFound):
            await disclosure.show(house.ctx, actor, made.id, "x")
    with pytest.raises(NotFound):
        await asking.prove(house.ctx, link[:-1] + ("0" if link[-1] != "0" else "1"), png())
    with pytest.raises(BadInput, match="picture"):
        await asking.prove(house.ctx, link, b"no picture at all")
    with pytest.raises(BadInput, match="long"):
        await asking.prove(house.ctx, link, png() + b"\0" * documents.MOST_OF_A_VISITOR)
    for _ in range(documents.MOST_PROOFS - 1):
        await asking.prove(house.ctx, link, png())
    with pytest.raises(BadInput, match="many"):
        await asking.prove(house.ctx, link, png())
    await asking.answer(house.ctx, mei, case.id, yes=False, why="home")
    with pytest.raises(Refused, match="locked"):
        await asking.prove(house.ctx, link, png())
    house.clock.now += 91 * DAY
    assert (await retention.run(house.ctx)).documents == documents.MOST_PROOFS


@row("B28")
async def test_all_visitors_together_cannot_fill_the_disk(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_OF_A_DAY", 2 * len(png()))
    links = [await asking.ask(house.ctx, GATE, home, "客", "", "") for home in (HOME, OTHER)]
    await asking.prove(house.ctx, links[0], png())
    await asking.prove(house.ctx, links[1], png())
    with pytest.raises(TooMany, match="proofs"):
        await asking.prove(house.ctx, links[1], png())
    house.clock.now += DAY + 1
    with pytest.raises(NotFound):
        await asking.prove(house.ctx, links[1], png())  # a request is followed for a day


@row("D10")
async def test_what_belongs_to_a_card_is_filed_in_the_home_s_archive_and_outlives_the_paper(house: House) -> None:
    case = await opened(house, "desk", "card_issue", of="limei", name="李梅")
    desk = await signed_in(house, "desk")
    for kind, data in (("card_form", pdf()), ("id_copy", jpeg()), ("id_photo", jpeg())):
        await documents.attach(house.ctx, desk, case.id, kind, data)
    with pytest.raises(BadInput, match="picture"):  # a face is a picture
        await documents.attach(house.ctx, desk, case.id, "id_photo", pdf())
    held, lacking = await documents.archive(house.ctx, desk, HOME)
    assert {(one.class_, one.kind) for one in held} == {(OWNERS, kind) for kind in ("card_form", "id_copy", "id_photo")}
    assert (OWNERS, "id_copy") not in lacking.kinds
    case = await do(house, "desk", await do(house, "desk", case, "apply"), "cancel", "不需要")
    house.clock.now = (case.keep_until or 0) + DAY
    await retention.run(house.ctx)
    held, _ = await documents.archive(house.ctx, desk, HOME)
    assert len(held) == 3
    with pytest.raises(Refused, match="not_lent"):  # the paper is over: now it is lent like any other
        await disclosure.show(house.ctx, desk, held[0].id, "x")


@row("A13")
async def test_a_licence_that_was_seen_makes_the_plate_the_home_s_until_the_lease_ends(house: House) -> None:
    guard = await on_duty(house)
    told: dict[str, object] = {"lease_from": "2026-01-01", "lease_until": "2026-12-31", "plate": "京A 12345"}
    case = await opened(house, "desk", "face_enrol", of="chenzu", kind="tenant", name="陈租", **told)
    case = await do(house, "desk", case, "apply")
    for key in ("id_seen", "lease", "lease_landlord", "lease_tenant", "signed", "rules_read"):
        held = await paper(house, case)
        await filling.tick(house.ctx, await signed_in(house, "desk"), case.id, held.case.version, key)
    await do(house, "desk", case, "approve")
    assert [one.tone for one in await search.search(house.ctx, guard, "京A12345")] == ["bad"]  # no licence was seen
    told["plate"] = "京A12345"
    case = await opened(house, "desk", "face_enrol", of="chenzu", kind="tenant", name="陈租", **told)
    case = await do(house, "desk", case, "apply")
    await tick_all(house, case)
    await do(house, "desk", case, "approve")
    (answer,) = await search.search(house.ctx, guard, "京A12345")
    assert (answer.tone, answer.code, answer.home) == ("good", "plate_permit", HOME)
    house.clock.now = START + 200 * DAY  # January: the lease is over
    guard = await on_duty(house, "guard2")
    assert [one.tone for one in await search.search(house.ctx, guard, "京A12345")] == ["bad"]


# A20: since when


@row("A20")
async def test_each_door_says_since_when_it_holds_the_face_and_not_yet_when_it_is_down(house: House) -> None:
    near, far = [await house.enrolled(slot, box=os.urandom(32)) for slot in ("b12-door", "gate-1-in")]
    unit, desk, mei = await house.enrolled("desk-1"), await signed_in(house, "desk"), await signed_in(house, "limei")
    await consent.give(house.ctx, desk, mei.party, "李梅", True)
    await house.approved(desk, mei.party)
    assert await holding.loads(house.ctx, mei, mei.party) == ()
    keys = [[door.dev, b"key" + door.dev] for door in (near, far)]
    async with unit.connect() as link:
        await link.greet()
        await capture.start(house.ctx, desk, mei.party, HOME, unit.name)
        await link.say(frames.SEALED, bytes.fromhex(mei.party), "m1", 5, b"sealed", keys)
        await link.settle()
        house.clock.now += MINUTE
        async with near.connect() as at_door:
            await at_door.greet()
            await at_door.pull()
            await at_door.tell()
            await at_door.settle()
            told = house.clock.now
            house.clock.now += HOUR
            await link.say(frames.SEALED, bytes.fromhex(mei.party), "m1", 5, b"sealed", keys)  # the same once more
            await link.settle()
            held = {one.slot: one for one in await holding.loads(house.ctx, mei, mei.party)}
    assert (held["b12-door"].holds, held["b12-door"].since, held["b12-door"].connected) == (True, told, True)
    assert (held["gate-1-in"].holds, held["gate-1-in"].since, held["gate-1-in"].connected) == (False, None, False)
    with pytest.raises(NotFound):
        await holding.loads(house.ctx, await signed_in(house, "wangfang"), mei.party)
    await decide(house, "face_mode", "off", "gate-1")  # a door that lets no face in is not waited for
    assert [one.slot for one in await holding.loads(house.ctx, desk, mei.party)] == ["b12-door"]


# G8: the yearly look


@row("G8")
async def test_a_home_is_asked_once_a_year_and_the_desk_sees_who_has_not_answered(house: House) -> None:
    mei, desk = await signed_in(house, "limei"), await signed_in(house, "desk")
    assert [one.due for one in await yearly.mine(house.ctx, mei)] == [False]
    assert await yearly.unconfirmed(house.ctx, desk) == ()
    house.clock.now += 365 * DAY
    (look,) = await yearly.mine(house.ctx, mei)
    assert (look.due, {name for name, _ in look.members}) == (True, {"李梅", "李强", "陈租"})
    assert [home for home, _, _ in await yearly.unconfirmed(house.ctx, desk)] == [HOME, OTHER]
    assert (await yearly.still_right(house.ctx, mei, HOME)).state == "confirmed"
    assert [one.due for one in await yearly.mine(house.ctx, mei)] == [False]
    assert [home for home, _, _ in await yearly.unconfirmed(house.ctx, desk)] == [OTHER]
    with pytest.raises(Denied):
        await yearly.still_right(house.ctx, mei, OTHER)
    house.clock.now += 365 * DAY
    await retention.run(house.ctx)  # what was said is emptied, when it was said stays
    assert [one.due for one in await yearly.mine(house.ctx, mei)] == [True]


@row("G8")
async def test_what_is_different_is_a_paper_for_the_desk(house: House) -> None:
    mei = await signed_in(house, "limei")
    with pytest.raises(BadInput, match="missing"):
        await yearly.different(house.ctx, mei, HOME, "  ")
    case = await yearly.different(house.ctx, mei, HOME, "李强已搬走")
    assert case.id in {one.id for one in await casework.queue(house.ctx, await signed_in(house, "desk"))}
    assert (await do(house, "desk", case, "close", "已更新")).state == "closed"


# what is signed


@row("L1", "L14")
async def test_no_consent_is_taken_while_the_law_wants_more_said(house: House) -> None:
    desk, mei = await signed_in(house, "desk"), await signed_in(house, "limei")
    text, lacking = await agreement.shown(house.ctx, "en")
    assert (len(text.body), lacking) == (len(agreement.SLOTS), ())
    said = "\n".join(words for _, words in text.body)
    assert all(words in said for words in ("春江物业服务有限公司", "021-5555 0100", "within 7 days", "春江花园"))
    await decide(house, "data_request.days", "5")
    assert "within 5 days" in (await agreement.shown(house.ctx, "en"))[0].body[-1][1]
    await decide(house, "processor.contact", "")  # taken back
    assert (await agreement.shown(house.ctx, "en"))[1] == ("processor.contact",)
    with pytest.raises(Refused, match="empty_slots") as refused:
        await consent.give(house.ctx, desk, mei.party, "李梅", True)
    assert refused.value.facts["rules"] == ["processor.contact"]
    assert await credential.face(house.ctx, desk, mei.party) is None
    await decide(house, "processor.contact", "前台")
    assert (await consent.give(house.ctx, desk, mei.party, "李梅", True)).text_version == agreement.VERSION


@row("L14")
async def test_no_clause_the_law_makes_void_comes_into_the_text(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, mei = await signed_in(house, "desk"), await signed_in(house, "limei")
    for language in ("en", "zh-CN"):
        assert agreement.void((await agreement.shown(house.ctx, language))[0]) == ""
    for words in ("物业，可永久使用", "Office, irrevocably", "物业（可转让给第三方）", "any purpose we like"):
        with pytest.raises(BadInput, match="clause"):
            await decide(house, "processor.name", words)
    told = {"name": "物业，不可撤销", "contact": "x", "days": "7", "estate": "y"}
    monkeypatch.setattr(agreement, "facts", lambda tx: _later(told))  # as an older decision might say
    with pytest.raises(Refused, match="void_clause"):
        await consent.give(house.ctx, desk, mei.party, "李梅", True)


async def _later(told: dict[str, str]) -> dict[str, str]:
    return told


@row("F7", "L1")
async def test_what_was_signed_is_read_again_word_for_word_whatever_is_decided_later(house: House) -> None:
    desk, mei = await signed_in(house, "desk"), await signed_in(house, "limei")
    await consent.give(house.ctx, desk, mei.party, "李梅", True, "en")
    await house.approved(desk, mei.party)
    before = (await agreement.shown(house.ctx, "en"))[0]
    await decide(house, "processor.name", "新物业")
    assert (await agreement.shown(house.ctx, "en"))[0] != before
    assert await agreement.signed(house.ctx, mei, mei.party, "zh-CN") == before  # in the language it was signed in
    with pytest.raises(NotFound):
        await agreement.signed(house.ctx, await signed_in(house, "wangfang"), mei.party, "en")
    await consent.give(house.ctx, desk, mei.party, "李梅", True, "zh-CN")
    assert "新物业" in (await agreement.signed(house.ctx, mei, mei.party, "en")).body[0][1]
