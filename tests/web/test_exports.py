"""Files that leave the office: no spreadsheet calculates anything in them, and who asked and why is written down."""

import csv
import io
import re
import zipfile
from pathlib import Path

from sqlalchemy import insert, select, update

import gatehost
from gatecore.clock import DAY_MS
from gatehost.service.spreadsheet import FORMULA
from gatehost.store.table.account import audit
from gatehost.store.table.estate import place
from gatehost.store.table.gate import visit

from .conftest import Browser, Open
from .house import HOME, House
from .test_routes import MATRIX

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


# Every module that makes a table to be given out -> its routes, and what must be typed before it is made. A module that
# is not here fails the test below; so does a table that is written anywhere but in service/spreadsheet.py.
GIVEN = {
    "web/office/statistics.py": {"POST /statistics/export": ("whom", "why")},
    "service/evidence/dispute.py": {"POST /history/file": ("whom", "paper", "why")},
    "web/home/month.py": {
        "GET /desk/homes/{home}/month": ("why",),
        "GET /me/month": (),
    },  # its own: no reason
}
WRITERS = re.compile(r"csv\.writer|DictWriter|openpyxl|xlsxwriter|pandas|text/csv|spreadsheetml")


def test_every_table_that_is_given_out_is_made_where_formulas_are_known() -> None:
    root = Path(gatehost.__file__).parent
    read = {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in root.rglob("*.py")}
    making = {name for name, text in read.items() if re.search(r"\b(csv_of|xlsx_of)\(", text)}
    assert making - {"service/spreadsheet.py"} == set(GIVEN)
    writing = {name for name, text in read.items() if WRITERS.search(text)}
    assert writing <= {"service/spreadsheet.py", *GIVEN}
    assert not [line for given in GIVEN.values() for line in given if line not in MATRIX]
    assert not [line for line in MATRIX if line.endswith(("/export", "/month")) and not known(line)]


def known(line: str) -> bool:
    """Whether a route is in the table, or gives out what is no table: the signed log."""
    return line == "POST /admin/proof/export" or any(line in given for given in GIVEN.values())


async def test_no_table_is_given_out_without_each_word_of_why_and_all_of_them_are_written_down(
    house: House, browse: Open
) -> None:
    await filled(house)
    at = house.times["at"]
    async with house.ctx.store.write() as tx:
        row = {"kind": "visitor", "state": "left", "home": HOME, "name": EVIL, "heads": 1, "in_gate": "north"}
        await tx.execute(insert(visit).values(**row, in_at=at - 1000, out_at=at, asked_at=at))
    admin, said = await browse("admin"), {"whom": "分局甲", "paper": "沪公18号", "why": "刑诉法54条"}
    asked = {"place": HOME, "start": "2026-11-22T00:00", "end": "2026-11-22T23:00", "days": "7", "kind": "csv"}
    for routes in GIVEN.values():
        for line, needed in routes.items():
            if not needed:
                continue
            for lacking in needed:
                assert (await given_out(admin, line, asked | said | {lacking: " "}))[0] == 400, (line, lacking)
            status, body = await given_out(admin, line, asked | said)
            assert (status, cells_with(body)) == (200, []), line
            async with house.ctx.store.read() as tx:
                rows = await tx.execute(select(audit).order_by(audit.c.id.desc()).limit(8))
                noted = " ".join(str(value) for one in rows for value in one)
            assert all(said[word] in noted for word in needed), line
            assert "Administrator" in noted


async def given_out(browser: Browser, line: str, form: dict[str, str]) -> tuple[int, bytes]:
    """(status, what came) of a file asked for; of a page, its text."""
    method, path = line.split(" ")
    url = browser.url + path.format(home=HOME)
    if method == "GET":
        async with browser.http.get(url, params=form | {"as": "csv", "month": "2026-11"}) as answer:
            return answer.status, await answer.read()
    token = {"form_token": await browser.token("/password")}
    async with browser.http.post(url, data=form | token) as answer:
        return answer.status, await answer.read()


def cells_with(body: bytes) -> list[str]:
    """The cells of a table, or of the tables in a ZIP, that a spreadsheet would calculate."""
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as file:
            tables = [file.read(name) for name in file.namelist() if name.endswith(".csv")]
    else:
        tables = [body]
    found = [cell for one in tables for row in csv.reader(io.StringIO(one.decode("utf-8-sig"))) for cell in row]
    assert found
    return [cell for cell in found if cell.startswith(FORMULA)]


async def test_without_a_reason_nothing_leaves_and_nothing_is_lost(house: House, browse: Open) -> None:
    operator = await browse("operator")
    form = {"days": "7", "kind": "xlsx", "whom": "街道", "why": " "}
    status, text = await operator.post("/statistics/export", form, page="/statistics")
    assert (status, 'value="街道"' in text) == (400, True)
