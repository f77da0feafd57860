"""Files that leave the office: no spreadsheet calculates anything in them, and who asked and why is written down."""

import csv
import io
import re
import zipfile

from sqlalchemy import insert, select, update

from gatecore.clock import DAY_MS
from gatehost.service.spreadsheet import FORMULA
from gatehost.store.table.account import audit
from gatehost.store.table.estate import place
from gatehost.store.table.gate import visit

from .conftest import Browser, Open
from .house import House

EVIL = '=HYPERLINK("http://x","北门")'


async def filled(house: House) -> None:
    """A gate whose name is a formula, and enough entries there to be counted."""
    at = house.times["at"] - DAY_MS
    row = {
        "kind": "courier",
        "state": "left",
        "in_gate": "north",
        "heads": 1,
        "in_at": at,
        "out_at": at,
        "asked_at": at,
    }
    async with house.ctx.store.write() as tx:
        await tx.execute(update(place).where(place.c.id == "north").values(name=EVIL))
        await tx.execute(insert(visit), [row] * 20)


async def taken(browser: Browser, kind: str) -> bytes:
    """The file as the page gives it."""
    form = {"form_token": await browser.token("/statistics"), "days": "7", "kind": kind, "whom": "街道", "why": "年报"}
    async with browser.http.post(f"{browser.url}/statistics/export", data=form) as answer:
        assert (answer.status, "attachment" in answer.headers["Content-Disposition"]) == (200, True)
        return await answer.read()


async def test_a_file_given_out_holds_no_formula_and_its_asker_is_written_down(house: House, browse: Open) -> None:
    await filled(house)
    operator = await browse("operator")
    cells = [
        cell for row in csv.reader(io.StringIO((await taken(operator, "csv")).decode("utf-8-sig"))) for cell in row
    ]
    assert [cell for cell in cells if EVIL in cell] == ["'" + EVIL]
    assert not [cell for cell in cells if cell.startswith(FORMULA)]
    with zipfile.ZipFile(io.BytesIO(await taken(operator, "xlsx"))) as file:
        sheets = [file.read(name).decode() for name in file.namelist() if "/worksheets/" in name]
    assert any("HYPERLINK" in text for text in sheets)  # it is there, as text
    assert not [text for text in sheets if re.search(r"<f[ >]|t=\"str\"", text)]
    async with house.ctx.store.read() as tx:
        query = select(audit).where(audit.c.action == "stats.export")
        noted = [" ".join(str(value) for value in row) for row in await tx.execute(query)]
    assert len(noted) == 2
    assert all(word in line for line in noted for word in ("区运营", "街道", "年报"))


async def test_without_a_reason_nothing_leaves_and_nothing_is_lost(house: House, browse: Open) -> None:
    operator = await browse("operator")
    form = {"days": "7", "kind": "xlsx", "whom": "街道", "why": " "}
    status, text = await operator.post("/statistics/export", form, page="/statistics")
    assert (status, 'value="街道"' in text) == (400, True)
