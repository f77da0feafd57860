"""Documents shown: to whom a right or a paper allows it, under a mark that names them, and written down."""

from datetime import UTC, datetime

from gatehost.model.account import RESIDENT, Actor
from gatehost.model.case import Case
from gatehost.model.document import SIGNATURE, SPECIMEN, Document
from gatehost.model.errors import BadInput, NotFound, Refused
from gatehost.service.context import Context
from gatehost.service.paper import casework, pdf, picture
from gatehost.service.paper.documents import AUDITORS, PICTURE, REPORTED, on_duty, opened
from gatehost.service.permissions import may, require
from gatehost.service.trail import looked
from gatehost.store import cases
from gatehost.store import documents as rows
from gatehost.store.store import Tx

LEND = "archive_lend"


async def show(ctx: Context, actor: Actor, number: int, words: str, lend: int | None = None) -> bytes:
    """A document under a mark, a picture as SVG, a PDF as PDF: `words`, the reader's name and the lending's number.
    Written down.

    Residents see their own; who works on an open paper sees what belongs to it; who audits sees a visitor's picture;
    the office sees the photo of a report; anything else is lent: `lend` is the actor's own approved, running
    archive_lend about this home. NotFound("document"), Refused("not_lent"), Refused("unmarked") for a PDF that bears
    none, StoreError("damaged") for a file that is not what it was."""
    async with ctx.store.read() as tx:
        held = await rows.get(tx, number)
        if held is None or held.erased_at is not None or not may(actor, "doc.show", held.place or ""):
            raise NotFound("document")
        by = await _by_right(ctx, tx, actor, held, lend)
    data = opened(ctx, held)
    await looked(ctx, actor, "doc.see", held.place or "", f"{number} {by}".strip())
    mark = f"{words} {actor.name} {by}".strip()
    if held.type == pdf.TYPE:
        return await _paged(ctx, actor, number, data, mark)
    _, width, height = picture.judged(data)
    return picture.marked(data, held.type, width, height, mark)


async def _paged(ctx: Context, actor: Actor, number: int, data: bytes, mark: str) -> bytes:
    """A PDF under its mark, which names reader and time in letters of every font too."""
    when = datetime.fromtimestamp(ctx.clock() / 1000, UTC)
    try:
        plain = f"document {number} - account {actor.account} - {when:%Y-%m-%d %H:%M}Z"
        return await pdf.marked(ctx.live.marking, data, mark, plain)
    except BadInput as wrong:
        raise Refused("unmarked") from wrong


async def signatures(ctx: Context, actor: Actor, case: int) -> tuple[Document, ...]:
    """Of a company's open slip: the specimens its home filed, and the signature that came with the slip; no content.
    Empty for any other paper. NotFound("case") for one that is not the actor's to see."""
    if not may(actor, "doc.compare"):
        return ()
    held = (await casework.paper(ctx, actor, case)).case
    if held.kind != "item_release" or held.form.get("applicant") != "company" or held.closed_at is not None:
        return ()
    async with ctx.store.read() as tx:
        filed = [one for one in await rows.of_home(tx, held.place) if one.kind == SPECIMEN]
        return (*filed, *[one for one in await rows.of_case(tx, case) if one.kind == SIGNATURE])


async def compare(ctx: Context, actor: Actor, case: int, number: int, words: str) -> bytes:
    """One of `signatures` as an SVG under a mark, for who compares them on the screen (row E5). Written down.
    NotFound("document") for anything else: a guard sees signatures of a slip at hand and no other document."""
    require(actor, "doc.compare")
    held = next((one for one in await signatures(ctx, actor, case) if one.id == number), None)
    if held is None:
        raise NotFound("document")
    data = opened(ctx, held)
    await looked(ctx, actor, "doc.see", held.place or "", f"{number} {case}")
    _, width, height = picture.judged(data)
    return picture.marked(data, held.type, width, height, f"{words} {actor.name}")


async def _by_right(ctx: Context, tx: Tx, actor: Actor, held: Document, lend: int | None) -> str:
    """By which paper the actor may see it; "" for their own."""
    if actor.role == RESIDENT:
        if held.party != actor.party and not (held.party is None and held.place in actor.homes):
            raise NotFound("document")
        return ""
    if held.kind == PICTURE:
        on_duty(actor, AUDITORS)
        return PICTURE
    if held.kind == REPORTED:
        require(actor, "incident.see")
        report = None if held.case is None else await cases.get(tx, held.case)
        return "" if report is None else report.number
    case = None if held.case is None else await cases.get(tx, held.case)
    if case is not None and case.closed_at is None and await casework.may_see(ctx, tx, actor, case):
        return case.number
    lent = None if lend is None else await cases.paper(tx, lend)
    if lent is None or not _running(ctx, actor, lent.case, held) or lent.steps[0].account != actor.account:
        raise Refused("not_lent")
    return lent.case.number


def _running(ctx: Context, actor: Actor, lent: Case, held: Document) -> bool:
    in_time = lent.state == "approved" and lent.due_at is not None and ctx.clock() < lent.due_at
    return lent.kind == LEND and in_time and lent.place == held.place
