"""The office behind the desk, row by row: archives, notices, statistics, and privacy that runs."""

import pytest
from tests.host.house import DAY, House
from tests.host.test_documents import lent, png
from tests.rows.people import GATE, HOME, HOUR, OTHER, do, enter, on_duty, opened, row, signed_in

from gatehost.model.document import CLASSES, DECORATION, KINDS, OWNERS, TENANTS
from gatehost.model.errors import BadInput, Denied, Refused
from gatehost.model.policy import KEYS, LIMITS, TEXTS, TIMES, WORDS
from gatehost.service.evidence import audit, erasure
from gatehost.service.gate import departure
from gatehost.service.home import leaving
from gatehost.service.office import assessment, daily, notices, policy, retention, statistics
from gatehost.service.paper import casework, disclosure, documents
from gatehost.store import documents as rows
from gatehost.store import faces

MORNING = 19 * HOUR  # from the houses' ten o'clock to the next day's close at five


@row("G1", "F9")
async def test_who_files_who_lends_and_who_audits_are_three_different_duties(house: House) -> None:
    archivist, lead, desk = [await signed_in(house, login) for login in ("office", "lead", "desk")]
    made = await documents.file(house.ctx, archivist, HOME, OWNERS, "deed", png())
    for other in (lead, desk):
        with pytest.raises(Denied):
            await documents.file(house.ctx, other, HOME, OWNERS, "deed", png())
    assert {one.home for one in await documents.missing(house.ctx, lead)} >= {HOME, OTHER}
    with pytest.raises(Denied):
        await documents.missing(house.ctx, desk)
    case = await opened(house, "desk", "archive_lend", doc="x", reason="x")
    case = await do(house, "desk", case, "apply")
    with pytest.raises(Denied):
        await do(house, "lead", case, "sign")
    with pytest.raises(Refused, match="not_lent"):
        await disclosure.show(house.ctx, lead, made.id, "x")


@row("G2", "G3", "G4", "G5")
async def test_a_home_s_file_has_four_classes_and_says_what_each_lacks(house: House) -> None:
    archivist = await signed_in(house, "office")
    assert CLASSES == ("owner", "tenant", "decoration", "daily")
    await opened(house, "desk", "decoration", of="limei", company="x", what="x")
    _, lacking = await documents.archive(house.ctx, archivist, HOME)
    wanted = {
        (class_, kind) for class_ in (OWNERS, TENANTS, DECORATION) for kind, need in KINDS[class_].items() if need
    }
    assert set(lacking.kinds) == wanted
    chen = (await signed_in(house, "chenzu")).party
    await documents.file(house.ctx, archivist, HOME, TENANTS, "lease", png(), chen)
    _, lacking = await documents.archive(house.ctx, archivist, HOME)
    assert set(lacking.kinds) == wanted - {(TENANTS, "lease")}


@row("G7", "F4", "F8")
async def test_a_sealed_document_is_shown_for_a_while_under_the_reader_s_name_and_the_home_reads_that(
    house: House,
) -> None:
    archivist, desk, mei = [await signed_in(house, login) for login in ("office", "desk", "limei")]
    made = await documents.file(house.ctx, archivist, HOME, OWNERS, "id_copy", png(), mei.party)
    number = await lent(house, desk)
    shown = (await disclosure.show(house.ctx, desk, made.id, "2026-06-15", number)).decode()
    assert f"2026-06-15 {desk.name} AL-2026-00001" in shown
    house.clock.now += 31 * 60_000
    with pytest.raises(Refused, match="not_lent"):
        await disclosure.show(house.ctx, desk, made.id, "x", number)
    looked = await audit.about_home(house.ctx, mei, HOME)
    assert (desk.name, "doc.see") in {(line.who, line.action) for line in looked}


@row("F3", "L12")
async def test_neither_the_disk_nor_a_copy_of_it_shows_a_document_without_its_key(house: House) -> None:
    archivist, mei = await signed_in(house, "office"), await signed_in(house, "limei")
    picture = png()
    made = await documents.file(house.ctx, archivist, HOME, OWNERS, "id_copy", picture, mei.party)
    files = [path.read_bytes() for path in house.folder.rglob("*") if path.is_file() and path.name != "erasure.db"]
    assert not any(picture[16:40] in data for data in files)
    stored = house.ctx.shelf.get(made.sha256)
    await erasure.erase(house.ctx, await signed_in(house, "admin"), [], [bytes.fromhex(mei.party)], erasure.ASKED)
    assert house.ctx.store.halves is not None
    assert house.ctx.store.halves.show(stored) is None


@row("F5")
async def test_every_night_what_is_over_is_erased_and_reported_without_a_name(house: House) -> None:
    guard, archivist, admin = await on_duty(house), await signed_in(house, "office"), await signed_in(house, "admin")
    mei = await signed_in(house, "limei")
    await documents.file(house.ctx, archivist, HOME, OWNERS, "id_copy", png(), mei.party)
    case = await opened(house, "desk", "enquiry", what="李梅问停车")
    for act in ("solve", "follow_up"):
        case = await do(house, "desk", case, act, "答复了")
    visit = await enter(house, guard, name="王快递")
    await departure.leave(house.ctx, guard, visit.id, GATE)
    await leaving.off_board(house.ctx, admin, HOME, "迁出")
    house.clock.now += 1100 * DAY + MORNING
    assert await daily.turn(house.ctx)
    assert not await daily.turn(house.ctx)
    (_, report), *_ = await retention.reports(house.ctx, admin)
    assert report.documents == 1
    assert report.papers >= 1
    assert report.entries > 0
    held = await casework.paper(house.ctx, admin, case.id)
    assert (held.case.form, {step.note for step in held.steps}) == ({}, {""})
    assert held.case.number == case.number  # that there was one stays, for counting
    assert "李梅" not in repr(report)


@row("A6", "F5")
async def test_a_face_ends_with_the_last_tie_of_its_person(house: House) -> None:
    mei, now = await signed_in(house, "limei"), house.clock.now
    async with house.ctx.store.write() as tx:
        number = await faces.put_consent(tx, mei.party, "face-entry", "face-consent/1", "李梅", now)
        await faces.put_face(tx, mei.party, "active", number, "1", now, now + 400 * DAY)
        await faces.put_sealed(tx, mei.party, "m", 5, b"sealed", b"h", now)
        assert await faces.of_nobody(tx, now) == ()
    assert (await retention.run(house.ctx)).faces == 0
    async with house.ctx.store.write() as tx:
        await tx.exec_driver_sql(f"UPDATE tie SET until = {now + 1}")
    house.clock.now += 2
    assert (await retention.run(house.ctx)).faces == 1
    async with house.ctx.store.read() as tx:
        assert await faces.sealed_of(tx, mei.party) is None


@row("H13")
async def test_a_notice_reaches_whom_it_is_for_while_it_holds_and_its_readers_are_counted(house: House) -> None:
    desk, mei, fang = [await signed_in(house, login) for login in ("desk", "limei", "wangfang")]
    now = house.clock.now
    every = await notices.tell(house.ctx, desk, "estate", "停水", "周三 9:00-12:00", until=now + DAY)
    await notices.tell(house.ctx, desk, "b13", "电梯检修", "", since=now + HOUR)
    await notices.tell(house.ctx, desk, HOME, "快递在前台", "")
    assert await notices.unread(house.ctx, mei) == 2
    assert [one.notice.title for one in await notices.mine(house.ctx, mei)] == ["快递在前台", "停水"]
    assert await notices.unread(house.ctx, mei) == 0
    assert [one.notice.title for one in await notices.mine(house.ctx, fang)] == ["停水"]
    await notices.mine(house.ctx, fang)
    assert (await notices.one(house.ctx, desk, every.id)).read == 2
    house.clock.now += DAY
    assert [one.notice.title for one in await notices.mine(house.ctx, fang)] == ["电梯检修"]
    for wrong in ({"title": " "}, {"title": "x" * 81}, {"body": "x" * 4001}, {"until": now}):
        told = {"title": "x", "body": ""} | wrong
        with pytest.raises(BadInput):
            await notices.tell(house.ctx, desk, "estate", **told)  # type: ignore[arg-type]
    with pytest.raises(Denied):
        await notices.tell(house.ctx, mei, "estate", "x", "")


@row("H14")
async def test_an_activity_takes_sign_ups_up_to_its_seats_and_names_its_event(house: House) -> None:
    desk, mei, fang, chen = [await signed_in(house, login) for login in ("desk", "limei", "wangfang", "chenzu")]
    case = await opened(house, "desk", "event", "estate", what="春游", heads=20)
    made = await notices.tell(house.ctx, desk, "estate", "春游", "", seats=5, event=case.number, kind="activity")
    assert made.case == case.id
    await notices.come(house.ctx, mei, made.id, 3)
    with pytest.raises(Refused, match="full"):
        await notices.come(house.ctx, fang, made.id, 3)
    await notices.come(house.ctx, fang, made.id, 2)
    await notices.come(house.ctx, mei, made.id, 2)  # one's own seats are one's own to change
    await notices.come(house.ctx, chen, made.id, 1)
    assert await notices.who_comes(house.ctx, desk, made.id) == (("李梅", 2), ("王芳", 2), ("陈租", 1))
    await notices.come(house.ctx, fang, made.id, 0)
    assert (await notices.one(house.ctx, desk, made.id)).coming == 3
    with pytest.raises(BadInput, match="guests"):
        await notices.come(house.ctx, fang, made.id, 21)
    with pytest.raises(BadInput, match="unknown"):
        await notices.tell(house.ctx, desk, "estate", "x", "", event="EV-2026-09999", kind="activity")


@row("B11", "A16", "E14")
async def test_the_office_s_numbers_name_nobody(house: House) -> None:
    guard, committee = await on_duty(house), await signed_in(house, "committee")
    house.clock.now -= DAY
    for _ in range(6):
        await enter(house, guard)
    await enter(house, guard, "visitor", name="张三", discretion="熟人")
    house.clock.now += DAY
    made = await statistics.statistics(house.ctx, committee, 7)
    assert made.hours["10"]["courier"] == 6
    assert made.hours["10"]["visitor"] is None
    assert statistics.sums(made.days)["visitor"] == 0
    assert "张三" not in repr(made)
    with pytest.raises(Denied):
        await statistics.statistics(house.ctx, guard, 7)


@row("B17", "L1", "F1")
async def test_the_public_rules_are_those_in_force(house: House) -> None:
    admin = await signed_in(house, "admin")
    before = {rule.key: rule.value for rule in await assessment.public_rules(house.ctx)}
    assert before["retention.visit"] == "90"
    await policy.set_rule(house.ctx, admin, "estate", "retention.visit", "30", "业主大会", "第3号", "够用")
    after = {rule.key: (rule.value, rule.decided_by) for rule in await assessment.public_rules(house.ctx)}
    assert after["retention.visit"] == ("30", "业主大会")
    assert "duress_alarm" not in after  # whom a forced PIN tells is nobody's to read


@row("L7", "F6")
async def test_the_impact_assessment_is_filled_from_the_rules_and_asks_again_when_they_change(house: House) -> None:
    admin = await signed_in(house, "admin")
    held = await assessment.assessment(house.ctx, admin)
    assert {rule.key for rule in held.rules} == {*KEYS, *WORDS, *LIMITS, *TIMES, *TEXTS}
    assert held.signed_at is None
    for missing in ("necessity", "risks", "measures"):
        with pytest.raises(BadInput, match="missing"):
            await assessment.sign(house.ctx, admin, **{"necessity": "x", "risks": "x", "measures": "x", missing: " "})
    await assessment.sign(house.ctx, admin, "老人忘带卡", "认错人", "每月抽查")
    assert (await assessment.assessment(house.ctx, admin)).changed == ()
    house.clock.now += 1
    await policy.set_rule(house.ctx, admin, "estate", "face_mode", "off", "业主大会", "", "先停用")
    assert [rule.key for rule in (await assessment.assessment(house.ctx, admin)).changed] == ["face_mode"]
    house.clock.now += 3 * 365 * DAY
    await retention.run(house.ctx)
    (_, who, told), *_ = await assessment.signed(house.ctx, admin)
    assert (who, told["risks"]) == (admin.name, "认错人")
    assert told["facts"]["face_mode"] == "at_home"  # type: ignore[index]


@row("L10")
async def test_the_faces_are_counted_and_the_filing_is_announced_at_four_fifths(house: House) -> None:
    admin = await signed_in(house, "admin")
    await policy.set_rule(house.ctx, admin, "estate", "faces.filing_threshold", "5", "网信办", "", "试")
    for many, warned, due in ((3, False, False), (4, True, False), (5, True, True)):
        async with house.ctx.store.write() as tx:
            for number in range(many):
                one = f"{number:032x}"
                if await faces.face_of(tx, one) is None:
                    await tx.exec_driver_sql(f"INSERT INTO party (id, name, phone, born) VALUES ('{one}', 'x', '', '')")
                    signed = await faces.put_consent(tx, one, "face-entry", "1", "x", 0)
                    await faces.put_face(tx, one, "active", signed, "1", 0, house.clock.now + DAY)
                    await faces.put_sealed(tx, one, "m", 5, b"s", b"h", 0)
        found = await assessment.counted(house.ctx, admin)
        assert (found.stored, found.warned, found.due) == (many, warned, due)


@row("F5", "L15")
async def test_a_data_request_is_due_in_seven_days_and_listed_by_its_day(house: House) -> None:
    admin = await signed_in(house, "admin")
    first = await opened(house, "limei", "data_request", wish="see", what="全部")
    house.clock.now += DAY
    await opened(house, "wangfang", "data_request", OTHER, wish="erase", what="旧记录")
    found = await assessment.requests(house.ctx, admin)
    assert found[0].number == first.number
    assert found[0].due_at == house.clock.now - DAY + 7 * DAY


@row("F9")
async def test_a_document_that_is_not_what_it_was_is_never_shown(house: House) -> None:
    archivist, mei = await signed_in(house, "office"), await signed_in(house, "limei")
    made = await documents.file(house.ctx, archivist, HOME, OWNERS, "id_copy", png(), mei.party)
    path = house.ctx.shelf.folder / made.sha256[:2] / made.sha256
    path.write_bytes(path.read_bytes()[::-1])
    with pytest.raises(Exception, match="damaged"):
        await disclosure.show(house.ctx, mei, made.id, "x")
    async with house.ctx.store.read() as tx:
        assert await rows.get(tx, made.id) is not None
