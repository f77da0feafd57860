"""Numbers nobody can be recognised in, and files no spreadsheet calculates."""

import csv
import io
import zipfile

import pytest
from sqlalchemy import insert
from tests.host.house import DAY, HOUR, START, House

from gatehost.model.account import ADMIN, COMMITTEE, Actor
from gatehost.model.errors import BadInput, Denied
from gatehost.service import spreadsheet
from gatehost.service.office import statistics
from gatehost.store import audits
from gatehost.store.table.gate import visit

KEEPER = Actor(0, "", "c", COMMITTEE, (), "zh_CN", True)
BOSS = Actor(0, "", "a", ADMIN, (), "zh_CN", True)
MIDNIGHT = START - 10 * HOUR  # in the estate


async def came(house: House, many: int, kind: str, at: int, wait: int = 20_000) -> None:
    """Stays that began at an instant."""
    row = {"kind": kind, "state": "left", "name": "李梅", "in_at": at, "out_at": at + 1, "in_gate": "gate-1"}
    async with house.ctx.store.write() as tx:
        await tx.execute(insert(visit), [row | {"asked_at": at - wait, "reason": "李梅不让"}] * many)


async def test_entries_are_counted_by_the_estate_s_hour_and_day_up_to_yesterday(house: House) -> None:
    await came(house, 7, "courier", MIDNIGHT - DAY + 9 * HOUR)
    await came(house, 6, "courier", MIDNIGHT - 1)  # the last moment of yesterday
    await came(house, 50, "courier", MIDNIGHT)  # today is not over
    await came(house, 50, "courier", MIDNIGHT - 7 * DAY - 1)
    made = await statistics.statistics(house.ctx, KEEPER, 7)
    assert {hour: row["courier"] for hour, row in made.hours.items() if row["courier"]} == {"09": 7, "23": 6}
    assert [row["courier"] for row in made.days.values()] == [0] * 6 + [13]
    assert made.gates["1号门"]["courier"] == 13
    assert made.waits["09"] == 20


async def test_a_small_number_is_neither_shown_nor_in_any_sum(house: House) -> None:
    await came(house, 4, "courier", MIDNIGHT - 2 * HOUR)
    await came(house, 5, "visitor", MIDNIGHT - 2 * HOUR)
    made = await statistics.statistics(house.ctx, KEEPER, 7)
    row = made.hours["22"]
    assert (row["courier"], row["visitor"], statistics.total(row)) == (None, 5, 5)
    assert statistics.sums(made.hours)["courier"] == 0
    assert statistics.shown(0) == 0  # that nobody came tells nothing of anybody


async def test_no_name_and_no_word_of_anybody_is_in_the_numbers(house: House) -> None:
    await came(house, 9, "visitor", MIDNIGHT - HOUR)
    assert "李梅" not in repr(await statistics.statistics(house.ctx, KEEPER, 30))


async def test_numbers_leave_only_for_somebody_and_for_a_reason_that_are_written_down(house: House) -> None:
    for why, whom in (("", "街道"), ("年报", " "), ("x" * 301, "街道")):
        with pytest.raises(BadInput, match="reason"):
            await statistics.exported(house.ctx, BOSS, 7, why, whom)
    with pytest.raises(Denied):
        await statistics.exported(house.ctx, KEEPER, 7, "年报", "街道")
    await statistics.exported(house.ctx, BOSS, 30, "年报", "街道")
    async with house.ctx.store.read() as tx:
        line = (await audits.newest(tx, 1))[0]
    assert (line.action, line.about, line.detail) == ("stats.export", "街道", "30 d: 年报")


async def test_a_length_that_is_not_offered_is_refused(house: House) -> None:
    for days in (0, 1, 8, -7, 366):
        with pytest.raises(BadInput, match="range"):
            await statistics.statistics(house.ctx, KEEPER, days)


@pytest.mark.parametrize("cell", ["=1+1", "+86", "-1", "@x", "\t=1", "\r=1", "\n=1", "＝1+1", '=HYPERLINK("http://x")'])
def test_a_cell_that_looks_like_a_formula_is_text(cell: str) -> None:
    read = list(csv.reader(io.StringIO(spreadsheet.csv_of([[cell, 7]]).decode("utf-8-sig"), newline="")))
    assert read == [["'" + cell, "7"]]
    with zipfile.ZipFile(io.BytesIO(spreadsheet.xlsx_of([("a", [[cell, 7]])]))) as file:
        sheet = file.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert sheet.count('t="inlineStr"') == 1
    assert "<c><v>7</v></c>" in sheet
