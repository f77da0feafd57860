"""What the admin gives out: a door's hours, the trust file, a witness asked and believed, a printed head checked."""

import asyncio
import base64
import hashlib
import io
import os
import re
from datetime import datetime, timedelta, timezone

import aiohttp
import pytest
import sqlalchemy
from aiohttp import web

from gatehost.store import audits
from gatehost.web.evidence import proof
from gateverify import standalone
from gateverify import witness as own

from .conftest import Open
from .house import HOME, House


async def test_a_doors_hours_are_given_out_for_a_reason_and_hold(house: House, browse: Open) -> None:
    north = await house.fill("north-in")
    await north.let_in(HOME, 0)
    admin = await browse("admin")
    token = await admin.token("/admin/evidence")
    asked = {"form_token": token, "slot": "north-in", "since": "2020-01-01T00:00", "until": "2099-01-01T00:00"}
    where = f"{house.url}/admin/evidence/window"
    async with admin.http.post(where, data=asked | {"why": " ", "whom": "police"}) as answer:
        assert answer.status == 400
        assert "for whom and why" in await answer.text()
    async with admin.http.post(where, data=asked | {"since": "yesterday", "why": "case 7", "whom": "police"}) as answer:
        assert (answer.status, "two times" in await answer.text()) == (400, True)
    async with admin.http.post(where, data=asked | {"why": "case 7", "whom": "police"}) as answer:
        assert answer.headers["Content-Disposition"] == 'attachment; filename="kaimen.export"'
        data = await answer.read()
    report = standalone.Report()
    standalone.verify(io.BytesIO(data), standalone.Trust(house.ctx.keys.estate.public), report)
    assert (report.scope, report.devices[0].slot) == ("window", "north-in")


async def test_a_witness_is_added_asked_and_believed(house: House, browse: Open) -> None:
    admin, made = await browse("admin"), own.Kept("committee", os.urandom(32))
    line = f"witness outside committee {own.public_of(made.secret).hex()}"
    status, text = await admin.post("/admin/evidence/witness", {"line": "x"}, page="/admin/evidence")
    assert (status, "kaimen witness new" in text) == (400, True)
    _, text = await admin.post("/admin/evidence/witness", {"line": line}, page="/admin/evidence")
    assert "The witness is added." in text
    token = await admin.token("/admin/evidence")
    async with admin.http.post(
        f"{house.url}/admin/evidence/request", data={"form_token": token, "name": "committee"}
    ) as answer:
        after, note = own.judge(made, house.ctx.keys.estate.public, await answer.read())
    word = own.cosignature(after, note, 1_781_488_800).decode()
    status, _ = await admin.post("/admin/evidence/answer", {"line": word[:-9]}, page="/admin/evidence")
    assert status == 400
    _, text = await admin.post("/admin/evidence/answer", {"line": word}, page="/admin/evidence")
    assert "kept beside the log" in text
    _, text = await admin.get("/admin/evidence/hand-over")
    assert line in text
    assert "<svg" in text


async def test_a_printed_head_is_checked_without_a_script(house: House, browse: Open) -> None:
    admin, anybody = await browse("admin"), await browse("")
    _, text = await admin.get("/admin/evidence/hand-over")
    found = re.search(r"head \d+ \d+ [0-9a-f]{64}", text)
    assert found
    assert "is of the log" in (await anybody.get("/head?line=" + found[0].replace(" ", "+")))[1]
    other = found[0][:-1] + ("0" if found[0][-1] != "0" else "1")
    assert "another log" in (await anybody.get("/head?line=" + other.replace(" ", "+")))[1]
    assert "no printed head" in (await anybody.get("/head?line=x"))[1]


ASKED = {"slot": "north-in", "since": "2020-01-01T00:00", "until": "2099-01-01T00:00"}
LETTER = {"why": "theft of a bicycle", "whom": "police station East", "paper": "letter 2026-118"}


async def test_the_report_says_what_was_asked_what_holds_and_how_to_check_it(house: House, browse: Open) -> None:
    north = await house.fill("north-in")
    await north.let_in(HOME, 0)
    await north.let_in(HOME, 2)
    admin = await browse("admin")
    status, text = await admin.post("/admin/evidence/report", ASKED | LETTER | {"paper": " "}, page="/admin/evidence")
    assert (status, "on what paper" in text) == (400, True)
    status, text = await admin.post("/admin/evidence/report", ASKED | LETTER, page="/admin/evidence")
    assert status == 200
    for said in (*LETTER.values(), "Entries 1 to 2 of", "2 disclosed, 0 lawfully erased, 0 MISSING", "standalone.py"):
        assert said in text, said
    assert "Too few witnesses" in text
    assert re.search(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\+08:00", text)  # a date that holds on paper
    found = re.search(r"base64,([A-Za-z0-9+/=]+)", text)
    assert found
    data = base64.b64decode(found[1])
    assert hashlib.sha256(data).hexdigest() in text
    report = standalone.Report()
    standalone.verify(io.BytesIO(data), standalone.Trust(house.ctx.keys.estate.public), report)
    assert report.devices[0].disclosed == 2
    async with house.ctx.store.read() as tx:
        (line, *_) = await audits.newest(tx, 1)
    assert (line.action, line.detail) == ("audit.export", "theft of a bicycle (letter 2026-118)")
    chinese = await browse("admin", "zh-CN")
    _, text = await chinese.post("/admin/evidence/report", ASKED | LETTER, page="/admin/evidence")
    assert "如何自行核验" in text
    assert "--trust trust.txt --zh" in text


async def test_a_report_never_says_what_the_doors_did_not_write(house: House, browse: Open) -> None:
    """Its lines come from columns, which somebody with the database can change; they must agree with the file."""
    north = await house.fill("north-in")
    await north.let_in(HOME, 0)
    admin = await browse("admin")
    for altered in ("home = '120601'", "result = 0", "method = 1", "at = at + 1", "tq = 0", "flags = 1", "typ = 21"):
        kept, _, _ = altered.partition(" ")
        async with house.ctx.store.write() as tx:
            (before,) = (await tx.execute(sqlalchemy.text(f"SELECT {kept} FROM entry WHERE typ = 10"))).scalars()
            (number,) = (await tx.execute(sqlalchemy.text("SELECT id FROM entry WHERE typ = 10"))).scalars()
            await tx.execute(sqlalchemy.text(f"UPDATE entry SET {altered} WHERE id = {number}"))
        _, text = await admin.post("/admin/evidence/report", ASKED | LETTER, page="/admin/evidence")
        assert "Do not give it out" in text, altered
        assert "base64," not in text
        async with house.ctx.store.write() as tx:
            back = sqlalchemy.text(f"UPDATE entry SET {kept} = :it WHERE id = {number}")
            await tx.execute(back.bindparams(it=before))
    _, text = await admin.post("/admin/evidence/report", ASKED | LETTER, page="/admin/evidence")
    assert "base64," in text


async def test_a_report_names_nobody_beside_the_hours_asked_for(house: House, browse: Open) -> None:
    north = await house.fill("north-in")
    for home in ("120601", HOME, "130101"):
        await north.let_in(home, 0)
        house.times["at"] += 3_600_000
    at = house.times["at"] - 2 * 3_600_000
    asked = {"since": local(house, at - 60_000), "until": local(house, at + 60_000)}
    admin = await browse("admin")
    _, text = await admin.post("/admin/evidence/report", ASKED | LETTER | asked, page="/admin/evidence")
    for said in ("Entries 1 to 3 of", "1 disclosed, 0 lawfully erased, 0 MISSING", "not asked for", HOME):
        assert said in text, said
    article = text[text.index("<article") : text.index("</article>")]
    assert "120601" not in article
    assert "130101" not in article
    found = re.search(r"base64,([A-Za-z0-9+/=]+)", text)
    assert found
    assert b"120601" not in base64.b64decode(found[1])
    asked = {"since": local(house, at + 60_000), "until": local(house, at + 120_000)}
    _, text = await admin.post("/admin/evidence/report", ASKED | LETTER | asked, page="/admin/evidence")
    assert "Entries 2 to 3 of" in text
    assert "wrote nothing in these hours" in text


def local(house: House, at: int) -> str:
    """A time as the form has it."""
    return datetime.fromtimestamp(at / 1000, timezone(timedelta(hours=8))).strftime("%Y-%m-%dT%H:%M:%S")


async def test_the_trust_file_is_saved_as_it_is_printed(house: House, browse: Open) -> None:
    await house.fill("north-in")
    admin = await browse("admin")
    _, page = await admin.get("/admin/evidence/hand-over")
    assert 'href="/admin/evidence/trust"' in page
    async with admin.http.get(f"{house.url}/admin/evidence/trust") as answer:
        assert answer.headers["Content-Disposition"] == 'attachment; filename="trust.txt"'
        saved = await answer.text()
    assert [line for line in saved.splitlines() if line not in page] == []
    assert standalone.trust_of(saved.encode()).need == 1


async def test_a_homes_records_are_given_out_for_a_reason(house: House, browse: Open) -> None:
    north = await house.fill("north-in")
    await north.let_in(HOME, 0)
    await north.let_in("120601", 0)
    admin, where = await browse("admin"), "/admin/evidence/home"
    form = {"home": HOME, "home_whom": "who lives there", "home_why": "asked for a copy"}
    assert (await admin.post(where, form | {"home_why": " "}, page="/admin/evidence"))[0] == 400
    status, text = await admin.post(where, form | {"home": "999999"}, page="/admin/evidence")
    assert (status, "wrote nothing of such a home" in text) == (400, True)
    token = await admin.token("/admin/evidence")
    async with admin.http.post(f"{house.url}{where}", data={"form_token": token} | form) as answer:
        data = await answer.read()
    report = standalone.Report()
    standalone.verify(io.BytesIO(data), standalone.Trust(house.ctx.keys.estate.public), report)
    assert (report.scope, report.devices[0].disclosed, b"120601" in data) == ("person", 1, False)


async def test_the_committee_has_the_log_without_names_and_its_witness(house: House, browse: Open) -> None:
    north = await house.fill("north-in")
    await north.let_in(HOME, 0)
    member = await browse("committee")
    _, text = await member.get("/office")
    assert 'href="/admin/evidence"' in text
    _, text = await member.get("/admin/evidence")
    assert "give the administrator the line" in text
    assert "/admin/evidence/window" not in text
    token = await member.token("/admin/evidence")
    async with member.http.post(f"{house.url}/admin/evidence/public", data={"form_token": token}) as answer:
        data = await answer.read()
    report = standalone.Report()
    standalone.verify(io.BytesIO(data), standalone.Trust(house.ctx.keys.estate.public), report)
    assert (report.scope, report.devices[0].withheld, HOME.encode() in data) == ("public", 1, False)


@pytest.mark.parametrize(
    "made", ["CAST(entry AS TEXT)", "CAST(substr(entry, 1, 70) || x'07' || substr(entry, 72) AS BLOB)"]
)
async def test_a_report_of_an_altered_log_is_none(house: House, browse: Open, made: str) -> None:
    north = await house.fill("north-in")
    await north.let_in(HOME, 0)
    async with house.ctx.store.write() as tx:
        await tx.execute(sqlalchemy.text(f"UPDATE entry SET entry = {made} WHERE typ = 10"))
    admin = await browse("admin")
    _, text = await admin.post("/admin/evidence/report", ASKED | LETTER, page="/admin/evidence")
    assert "Do not give it out" in text
    assert "base64," not in text


async def test_a_devices_key_is_changed_for_a_reason_and_only_if_it_answers(house: House, browse: Open) -> None:
    north = await house.fill("north-in")
    admin, where = await browse("admin"), "/admin/doors/north-in"
    assert (await admin.post(f"{where}/key", {"why": " "}, page=where))[0] == 400
    house.doors.answers = (True, "")
    _, text = await admin.post(f"{where}/key", {"why": "its card was in a shop"}, page=where)
    assert "makes a new key" in text
    house.doors.answers = (False, "challenge")
    _, text = await admin.post(f"{where}/key", {"why": "once more"}, page=where)
    assert "did not take the order" in text
    house.doors.up.discard(north.dev)
    assert (await admin.post(f"{where}/key", {"why": "once more"}, page=where))[0] == 503


async def test_a_browser_that_reads_nothing_is_hung_up_on(
    house: House, browse: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its file would hold a view of the database for as long as it likes."""
    admin = await browse("admin")
    token = await admin.token("/admin/proof")
    monkeypatch.setattr(proof, "EXPORT_PART", 1)
    monkeypatch.setattr(proof, "READS_S", 0.05)

    async def stuck(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(web.StreamResponse, "write", stuck)
    form = {"form_token": token, "whom": "x", "why": "y"}
    with pytest.raises(aiohttp.ClientError):
        async with admin.http.post(f"{house.url}/admin/proof/export", data=form) as answer:
            await answer.read()
    assert house.ctx.live.exporting == 0
