"""After five years the tables hold millions of rows: no page reads one of them whole, and the night reads each once."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from gatehost.service import hostclock, publish, zone
from gatehost.service.gate import presence
from gatehost.service.office import daily

from .conftest import Browser, Open
from .house import House
from .tour import tour

# what has a row for everything that ever happened
GROWING = {
    "entry", "seal", "run", "tile", "checkpoint", "cosignature", "audit", "visit", "case", "step", "item", "doc",
    "call", "alarm", "code", "grant", "credential", "delivery", "notice", "appointment", "gate_deed", "register_line",
    "session", "link", "plate_event", "consent", "claim_slip", "forgotten", "erasure", "fork", "photo",
}  # fmt: skip
PART = re.compile(r"USING (?:COVERING )?INDEX (visit_inside|visit_keep|visit_out|case_open|case_unfiled)\b")
# (table, words of the question) -> why all of it may be read, or why it is not
EXCUSED = {
    ("entry", "ORDER BY entry.at DESC"): "ends at the newest fifty of types that are most of the log",
    ("audit", "FROM audit ORDER BY audit.id DESC"): "ends at the newest hundred",
    ("gate_deed", "gate_deed.told"): "written only while the host is away",
    ("code", "count(DISTINCT code.visitor)"): "a page of the administrator's, opened once a month",
    ("doc", '"case".number, doc.made_by'): "ends at the newest; a page of reports with a photo",
}


@contextmanager
def asked(house: House) -> Iterator[dict[str, Any]]:
    """Every question put to the database meanwhile, with values it was put with."""
    found: dict[str, Any] = {}

    def take(_c: object, _u: object, statement: str, values: object, _x: object, _m: object) -> None:
        found.setdefault(statement, values)

    engines = [house.ctx.store._reader.sync_engine, house.ctx.store._writer.sync_engine]
    for one in engines:
        event.listen(one, "before_cursor_execute", take)
    try:
        yield found
    finally:
        for one in engines:
            event.remove(one, "before_cursor_execute", take)


def whole(path: Path, questions: dict[str, Any]) -> set[tuple[str, str]]:
    """(table, question) of those whose plan reads a whole growing table, or a whole index of one."""
    found = set()
    with closing(sqlite3.connect(path)) as base:
        for statement, values in questions.items():
            if not statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
                continue
            for *_, step in base.execute("EXPLAIN QUERY PLAN " + statement, values):
                # a SEARCH that names no index looks for the least or greatest by reading all
                read = re.match(r"SCAN (\w+)|SEARCH (\w+)$", step)
                if read and (read[1] or read[2]) in GROWING and not PART.search(step):
                    found.add((read[1] or read[2], " ".join(statement.split())))
    return found


def excused(table: str, question: str) -> bool:
    return any(name == table and words in question for name, words in EXCUSED)


async def test_no_page_reads_a_growing_table_whole(house: House, browse: Open) -> None:
    browsers: dict[str, Browser] = {}
    questions: dict[str, Any] = {}
    for page, who in await tour(house):
        browsers[who] = browsers.get(who) or await browse(who)
        with asked(house) as found:
            await browsers[who].get(page)
        questions |= found
    assert len(questions) > 100
    read = whole(house.ctx.shelf.folder.parent / "kaimen.db", questions)
    assert not {one for one in read if not excused(*one)}
    assert {(table, words) for table, words in EXCUSED if not any(words in q for _, q in read)} == set(), "not needed"


@pytest.mark.parametrize("work", [hostclock.keep, zone.keep, publish.publish_all, presence.ask_overstays, daily.turn])
async def test_what_is_done_every_ten_minutes_reads_none_whole_either(house: House, work: Any) -> None:
    """The night's own work has been done today: that reads each once a night."""
    await daily.turn(house.ctx)
    with asked(house) as found:
        await work(house.ctx)
    assert not whole(house.ctx.shelf.folder.parent / "kaimen.db", found)


async def test_the_night_looks_for_stays_by_their_time(house: House) -> None:
    """Of all tables that of stays has the most to lose: closing a day and emptying names hold everybody else up."""
    await tour(house)
    house.later(86_400_000)
    with asked(house) as found:
        assert await daily.turn(house.ctx)
    read = whole(house.ctx.shelf.folder.parent / "kaimen.db", found)
    assert not {question for table, question in read if table in ("visit", "entry", "seal", "step", "item", "alarm")}
