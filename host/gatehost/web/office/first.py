"""The office's first page: a tile for each page behind the desk that the reader's role may open."""

from dataclasses import dataclass

from aiohttp import web

from gatehost.model.account import ADMIN, COMMITTEE, DESK, OPERATOR
from gatehost.web.frame.page import render
from gatehost.web.frame.session import of
from gatehost.web.words.language import noted as N

OFFICE, KEEPERS = (ADMIN, DESK), (ADMIN, OPERATOR)


@dataclass(frozen=True, slots=True)
class Tile:
    """A page of the office."""

    path: str
    icon: str
    name: str
    text: str
    roles: tuple[str, ...]


HOMES, GATES, NUMBERS, HOST = N("People and homes"), N("Gates"), N("Numbers and privacy"), N("This computer")
FEW = 6  # tiles that need no headings
TILES: dict[str, tuple[Tile, ...]] = {
    HOMES: (
        Tile("/notices", "bell", N("Notices"), N("Tell homes, buildings or everybody"), OFFICE),
        Tile("/desk/cards", "key", N("Cards that end soon"), N("Renew them together"), OFFICE),
        Tile("/archive", "log", N("Archive"), N("Documents of each home, and what is missing"), OFFICE),
        Tile(
            "/desk/unlooked", "home", N("Homes to be looked through"), N("Who has not said that all is right"), OFFICE
        ),
        Tile("/office/guests", "people", N("Homes with many guests"), N("A question to ask, by numbers"), KEEPERS),
        Tile("/admin/staff", "people", N("Staff"), N("Who may sign in, and as what"), KEEPERS),
    ),
    GATES: (
        Tile("/register", "log", N("Register of the gates"), N("Sealed by the day; who was there"), OFFICE),
        Tile("/incidents", "camera", N("Reports with a photo"), N("What guards saw, with a picture"), OFFICE),
        Tile("/desk/cards/lent", "key", N("Cards that seem to be lent"), N("A hint to talk about"), OFFICE),
        Tile("/office/watch", "warn", N("Watch"), N("Signs of intrusion, and what to do"), (ADMIN, COMMITTEE)),
        Tile("/rules", "info", N("Rules for everybody"), N("Page and poster"), (*OFFICE, OPERATOR, COMMITTEE)),
    ),
    NUMBERS: (
        Tile("/statistics", "rules", N("Statistics"), N("Numbers without names"), (*KEEPERS, COMMITTEE)),
        Tile("/office/privacy", "shield", N("Privacy"), N("What was erased, requests, faces"), (*KEEPERS, COMMITTEE)),
        Tile("/operator/statement", "people", N("Count for the operator"), N("Faces stored here, signed"), KEEPERS),
        Tile(
            "/office/assessment", "check", N("Impact assessment"), N("Filled from what holds today"), (ADMIN, COMMITTEE)
        ),
        Tile("/office/erase", "cross", N("Erase"), N("Of a person or a home, for good"), (ADMIN,)),
    ),
    HOST: (
        Tile("/admin/backups", "key", N("Backups"), N("When the last was made and tried"), (ADMIN,)),
        Tile("/admin/proof", "shield", N("Proof"), N("Exports, reports and witnesses of the log"), (ADMIN,)),
        Tile("/admin/evidence", "shield", N("Evidence"), N("The log without names, and your witness"), (COMMITTEE,)),
        Tile(
            "/admin/feeds", "next", N("Events for other systems"), N("Smart home, emergency call; no names"), (ADMIN,)
        ),
        Tile("/import", "plus", N("Bring in from a file"), N("Homes, people, old cards"), (ADMIN,)),
    ),
}


async def show(request: web.Request) -> web.StreamResponse:
    """The pages of the reader's role; a few need no headings."""
    role = of(request).person.role
    groups = [(title, [one for one in tiles if role in one.roles]) for title, tiles in TILES.items()]
    groups = [(title, tiles) for title, tiles in groups if tiles]
    if sum(len(tiles) for _, tiles in groups) <= FEW:
        groups = [("", [one for _, tiles in groups for one in tiles])]
    return render(request, "office/office.html", groups=groups)
