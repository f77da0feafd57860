"""What the admin gives out: a door's hours, the trust file, a witness asked and believed, a printed head checked."""

import io
import os
import re

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
