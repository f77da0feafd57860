"""Documents: judged by content, sealed each under a key of its subject, filed by class, and ended.

The subject is the person a document is about, or the home when it is about nobody. Erasing what is held of a subject
(service.evidence.erasure) forgets the keys of its documents too; `sweep` then takes the files away.
"""

from dataclasses import replace

from gatecore.clock import DAY_MS
from gatehost.model.account import ADMIN, RESIDENT, VISITOR, Actor
from gatehost.model.case import Case
from gatehost.model.document import CLASSES, DAILY, KINDS, OF_ROLE, OWNERS, SIGNATURE, SPECIMEN, Document, Missing
from gatehost.model.errors import BadInput, Denied, NotFound, Refused, StoreError, TooMany
from gatehost.service import ruling
from gatehost.service.context import Context
from gatehost.service.evidence.erasure import RETENTION
from gatehost.service.paper import casework, pdf, picture
from gatehost.service.permissions import require
from gatehost.service.trail import looked, note
from gatehost.store import documents as rows
from gatehost.store import people, places
from gatehost.store.halves import HIDDEN, NAME, Halves
from gatehost.store.store import Tx

PHOTO = "id_photo"
PICTURE, REPORTED = "visitor_picture", "incident_photo"  # what guards take: nobody brings it, and nobody files it
PICTURES = (PHOTO, PICTURE, REPORTED, SIGNATURE, SPECIMEN)
MOST_OF_A_PAPER, MOST_PROOFS = 20, 3
MOST_OF_A_VISITOR, MOST_OF_A_DAY = 4 << 20, 200 << 20  # bytes from people who are not signed in
FILERS, AUDITORS = ("archivist",), ("archivist", "lead", "manager", "head", "supervisor")
ORPHANED_S = 86_400  # a file without a row is given this long for its row to be written


async def attach(ctx: Context, actor: Actor, case: int, kind: str, data: bytes) -> Document:
    """A picture or PDF that belongs to a paper: what its applicant brings, or a resident of its home sends ahead. It
    is kept as long as the paper, or in the home's archive where its kind of paper belongs there. BadInput("file", ...)
    as `picture.judged` and `pdf.judged`; NotFound("case") for a paper that is not the actor's."""
    held = (await casework.paper(ctx, actor, case)).case
    require(actor, "doc.attach", held.place if actor.role == RESIDENT else None)
    if held.closed_at is not None:
        raise Refused("locked")
    if kind not in KINDS[DAILY]:
        raise BadInput("kind", "unknown")
    if len(await of_case(ctx, actor, case)) >= MOST_OF_A_PAPER:
        raise BadInput("file", "many")
    async with ctx.store.read() as tx:
        class_ = await _class(ctx, tx, held, kind)
    home = held.place if held.place.isdigit() else None
    return await _filed(ctx, actor, data, _row(ctx, actor, kind, class_, held.id, held.applicant, home))


async def _class(ctx: Context, tx: Tx, held: Case, kind: str) -> str:
    """Daily, unless the paper's documents are filed: then the class of how its applicant belongs to the home (D10)."""
    if not casework.kind_of(held.kind).files or held.applicant is None:
        return DAILY
    ties = await people.ties_of_home(tx, held.place, ctx.clock())
    roles = [OF_ROLE.get(tie.role, OWNERS) for party, tie in ties if party.id == held.applicant]
    return next((class_ for class_ in roles if kind in KINDS[class_]), DAILY)


async def by_visitor(ctx: Context, case: Case, data: bytes) -> Document:
    """The same from somebody who asked at the poster and is not signed in: for the desk alone, and ended with what is
    kept of a visit. BadInput("file", ...), Refused("locked"), TooMany("proofs") for too much of it in a day."""
    if case.closed_at is not None:
        raise Refused("locked")
    if len(data) > MOST_OF_A_VISITOR:
        raise BadInput("file", "long")
    async with ctx.store.read() as tx:
        if len(await rows.of_case(tx, case.id)) >= MOST_PROOFS:
            raise BadInput("file", "many")
        if await rows.sent_by_visitors(tx, ctx.clock() - DAY_MS, VISITOR) + len(data) > MOST_OF_A_DAY:
            raise TooMany("proofs")
        kept = await ruling.number(tx, "retention.visit", case.place) * DAY_MS
    made = _row(ctx, Actor(0, "", VISITOR, VISITOR, (), "zh_CN", False), "proof", DAILY, case.id, None, None)
    return await _filed(ctx, None, data, replace(made, keep_until=ctx.clock() + kept))


async def of_gate(
    ctx: Context, actor: Actor, kind: str, gate: str, data: bytes, until: int, case: int | None = None
) -> Document:
    """What a guard took, of a visitor (PICTURE) or with a report (REPORTED), kept until then; about nobody the host
    could name, and of no home."""
    made = _row(ctx, actor, kind, DAILY, case, None, gate)
    return await _filed(ctx, actor, data, replace(made, keep_until=until))


async def take_back(ctx: Context, actor: Actor, case: int, number: int) -> None:
    """Ends a document that was sent to a paper by mistake, at once. NotFound("document"); what a guard took stays."""
    found = next((one for one in await of_case(ctx, actor, case) if one.id == number), None)
    if found is None or found.kind == REPORTED or (actor.role == RESIDENT and found.made_by != actor.name):
        raise NotFound("document")
    require(actor, "doc.attach", found.place if actor.role == RESIDENT else None)
    await _end(ctx, (found,), forget=True)
    async with ctx.store.write() as tx:
        await note(ctx, tx, actor, "doc.drop", found.place or "", str(number), found.kind)


async def file(ctx: Context, actor: Actor, home: str, class_: str, kind: str, data: bytes, party: str = "") -> Document:
    """A picture into a home's archive, about one of its people or about the home. For the archivist (row G1)."""
    require(actor, "archive.file", home)
    on_duty(actor, FILERS)
    if kind not in KINDS.get(class_, ()):
        raise BadInput("kind", "unknown")
    async with ctx.store.read() as tx:
        if await places.home(tx, home) is None:
            raise NotFound("home")
        if party and party not in {one.id for one, _ in await people.ties_of_home(tx, home, ctx.clock())}:
            raise NotFound("person")
    return await _filed(ctx, actor, data, _row(ctx, actor, kind, class_, None, party or None, home))


def _row(
    ctx: Context, actor: Actor, kind: str, class_: str, case: int | None, party: str | None, home: str | None
) -> Document:
    return Document(0, kind, class_, case, party, home, "", 0, "", ctx.clock(), actor.name, None, None)


def on_duty(actor: Actor, duties: tuple[str, ...]) -> None:
    """Denied("archive.duty") unless the actor has one of these duties."""
    if actor.role != ADMIN and not set(duties) & set(actor.duties):
        raise Denied("archive.duty")


async def _filed(ctx: Context, actor: Actor | None, data: bytes, made: Document) -> Document:
    """Seals and keeps the bytes, then writes the row: what is cut off in between is a file nobody can find or read.
    A PDF that cannot be shown under a mark is not taken."""
    if pdf.is_one(data) and made.kind not in PICTURES:
        pdf.judged(data)
        await pdf.marked(ctx.live.marking, data, "", "")
    made = shelved(ctx, data, made)
    async with ctx.store.write() as tx:
        made = replace(made, id=await rows.put(tx, made))
        by = actor or Actor(0, "", VISITOR, VISITOR, (), "zh_CN", False)
        await note(ctx, tx, by, "doc.file", made.place or "", str(made.id), f"{made.class_} {made.kind}")
    return made


def shelved(ctx: Context, data: bytes, made: Document) -> Document:
    """The bytes sealed on the shelf, and the row to be written for them; faces, signatures and what guards take are
    pictures. BadInput("file", why) for what may not be kept."""
    kind = pdf.judged(data) if pdf.is_one(data) and made.kind not in PICTURES else picture.judged(data)[0]
    subject = bytes.fromhex(made.party) if made.party else (made.place or "estate").encode()
    sealed = _halves(ctx).seal(subject, ctx.random(8), data)
    return replace(made, sha256=ctx.shelf.put(sealed), size=len(data), type=kind)


def _halves(ctx: Context) -> Halves:
    if ctx.store.halves is None:
        raise BadInput("reason", "keyless")
    return ctx.store.halves


async def archive(ctx: Context, actor: Actor, home: str) -> tuple[tuple[Document, ...], Missing]:
    """What a home's file holds and what it lacks; no content. Written down. NotFound("home")."""
    require(actor, "archive.see", home)
    async with ctx.store.read() as tx:
        found = await rows.of_home(tx, home)
        known = await rows.classes(tx, ctx.clock(), home)
    if not known:
        raise NotFound("home")
    await looked(ctx, actor, "archive.see", home)
    return found, _lacking(*known[0], {(one.class_, one.kind) for one in found})


async def missing(ctx: Context, actor: Actor) -> tuple[Missing, ...]:
    """Every home whose file lacks something, by number. For who audits the archive (row G1)."""
    require(actor, "archive.see")
    on_duty(actor, AUDITORS)
    async with ctx.store.read() as tx:
        held = await rows.held(tx)
        known = await rows.classes(tx, ctx.clock())
    lacking = [_lacking(home, name, classes, held.get(home, set())) for home, name, classes in known]
    return tuple(one for one in lacking if one.kinds)


def _lacking(home: str, name: str, classes: set[str], held: set[tuple[str, str]]) -> Missing:
    wanted = [
        (class_, kind) for class_ in CLASSES if class_ in classes for kind, needed in KINDS[class_].items() if needed
    ]
    return Missing(home, name, tuple(pair for pair in wanted if pair not in held))


async def of_case(ctx: Context, actor: Actor, case: int) -> tuple[Document, ...]:
    """What belongs to a paper the actor may see; no content."""
    await casework.paper(ctx, actor, case)
    async with ctx.store.read() as tx:
        return await rows.of_case(tx, case)


def opened(ctx: Context, held: Document) -> bytes:
    """What the file holds; NotFound("document") once its key is forgotten, StoreError("damaged")."""
    sealed = ctx.shelf.get(held.sha256)
    data = _halves(ctx).show(sealed)
    if data is None:
        raise NotFound("document")
    if data == sealed:
        raise StoreError("damaged")
    return data


async def has_photo(tx: Tx, case: int) -> bool:
    """Whether a photo of the face was brought along with a paper."""
    return bool(await _photos(tx, case))


async def _photos(tx: Tx, case: int) -> list[Document]:
    return [one for one in await rows.of_case(tx, case) if one.kind == PHOTO and one.type != pdf.TYPE]


async def brought_photo(ctx: Context, tx: Tx, case: int) -> bytes:
    """The newest of them; empty for none. The host hands it on to the desk unit, which judges it, and computes nothing
    of it."""
    held = await _photos(tx, case)
    return opened(ctx, held[-1]) if held else b""


async def retire(ctx: Context) -> int:
    """Ends documents whose time is over: key forgotten, file gone, the row says when. How many."""
    async with ctx.store.read() as tx:
        kept = await ruling.number(tx, "retention.document", "estate") * DAY_MS
        over = await rows.over(tx, ctx.clock(), kept)
    return await _end(ctx, over, forget=True)


async def sweep(ctx: Context) -> int:
    """Takes away files whose keys are forgotten, and files no row needs. How many documents ended so."""
    if ctx.store.halves is None:
        return 0
    gone = ctx.store.halves.forgotten()
    async with ctx.store.read() as tx:
        living = await rows.living(tx)
    ended = [one for one in living if gone and _name(ctx, one) in gone]
    await _end(ctx, tuple(ended), forget=False)
    old = ctx.shelf.names(ctx.clock() / 1000 - ORPHANED_S)
    async with ctx.store.read() as tx:
        needed = await rows.names(tx, old)
    for name in old:
        if name not in needed:
            ctx.shelf.drop(name)
    return len(ended)


def _name(ctx: Context, held: Document) -> bytes:
    """The name of the key a document lies under; empty when its file cannot be read."""
    try:
        sealed = ctx.shelf.get(held.sha256)
    except StoreError:
        return b""
    return sealed[len(HIDDEN) : len(HIDDEN) + NAME]


async def _end(ctx: Context, over: tuple[Document, ...], forget: bool) -> int:
    names = [name for one in over if (name := _name(ctx, one))]
    async with ctx.store.write() as tx:
        for one in over:
            await rows.change(tx, one.id, erased_at=ctx.clock(), made_by="")
    if forget and names:
        _halves(ctx).forget(names, RETENTION, ctx.clock())
    for one in over:
        ctx.shelf.drop(one.sha256)
    return len(over)
