"""Papers: lists, one paper with its steps, ticks and moves. One set of pages for every kind and every role."""

from aiohttp import web

from gatehost.model.account import RESIDENT
from gatehost.model.case import CHECK, FEE, LENT, Step
from gatehost.model.errors import BadInput, HostError, NotFound, Refused
from gatehost.model.kind import Kind
from gatehost.model.paper import LISTS, MINE, OPEN, PaperRow, PaperSheet
from gatehost.service.home import homes
from gatehost.service.paper import casework, disclosure, filling, kinds, papers
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.paper import brought, declared
from gatehost.web.words import paperwords, refusals, wording

BACK = ("/me", "/desk/day")  # pages that make a move in place
RESIDENT_LISTS = ("open", "done")


async def show(request: web.Request) -> web.StreamResponse:
    """The lists; a printed number leads straight to its paper."""
    asked = of(request)
    home, words = request.query.get("home", "")[:16], request.query.get("q", "")[:40].strip()
    wrong = refusals.Wrong()
    if words.isascii() and words.isdigit():
        home = words
    elif words:
        try:
            found = await papers.numbered(asked.ctx, asked.person, words)
            return go(f"/papers/{found.id}")
        except NotFound:
            wrong = refusals.Wrong(q=asked.say(paperwords.FIELDS[("q", "unknown")]))
    lists = RESIDENT_LISTS if asked.person.role == RESIDENT else LISTS
    which = request.query.get("list", "")
    if which not in lists:
        which = OPEN if asked.person.role == RESIDENT or home else MINE
    rows = await papers.listed(asked.ctx, asked.person, which, home)
    return render(
        request, "paper/papers.html", rows=rows, which=which, home=home, words=words, wrong=wrong, kinds=kinds.kinds(),
        lists=[(key, asked.say(paperwords.LISTS[key])) for key in lists], t=asked.declared,
        empty_words=asked.say(paperwords.EMPTY[which]),
    )  # fmt: skip


def number_of(request: web.Request) -> int:
    """The paper in the address."""
    return int(request.match_info["case"])


async def see(request: web.Request) -> web.StreamResponse:
    """One paper."""
    return await shown(request, of(request))


async def shown(
    request: web.Request,
    asked: Asked,
    *,
    typed: declared.Typed | None = None,
    error: HostError | None = None,
) -> web.Response:
    """The paper with what was typed beside it, and why an act was refused."""
    sheet = await papers.sheet(asked.ctx, asked.person, number_of(request))
    wrong = {error.field: refusals.wrong_field(error, asked.say)[error.field]} if isinstance(error, BadInput) else {}
    kind, case = sheet.kind, sheet.paper.case
    gates = await declared.gates(asked, kind.fields)
    rows = [
        (one, asked.declared(one.label), declared.value(asked, one, case.form.get(one.key), gates))
        for one in kind.fields
    ]
    return render(
        request, "paper/paper.html", status=status_of(error), notice=told(asked, kind, error) if error else None,
        sheet=sheet, case=case, kind=kind, title=asked.declared(kind.name), typed=typed or {},
        wrong=refusals.Wrong(wrong), wrong_act=(typed or {}).get("act", ""), t=asked.declared,
        facts=[(label, text, one.type) for one, label, text in rows if text != "–"],
        steps=[(step, step_words(asked, kind, step)) for step in reversed(sheet.paper.steps)],
        checks={check.key: asked.declared(check.label) for check in kind.checks},
        reached=choices_of(asked, sheet), scores=list(asked.words(paperwords.SCORES).items()),
        colleagues=await colleagues(asked, sheet), fees=[item for item in sheet.paper.items if item.kind == FEE],
        lent=[item for item in sheet.paper.items if item.kind == LENT], doc_kinds=brought.choices(asked, sheet.paper),
        doc_names=brought.names(asked),
        doc_lines=[(one.doc, one.required) for one in brought.wanted(sheet.paper)],
        signatures=await disclosure.signatures(asked.ctx, asked.person, case.id),
    )  # fmt: skip


def choices_of(asked: Asked, sheet: PaperSheet) -> dict[str, list[tuple[str, str]]]:
    """How the owner or the home was reached, to choose from."""
    tables = {"owner": paperwords.OWNER_REACHED, "host": paperwords.HOST_REACHED}
    return {key: list(asked.words(table).items()) for key, table in tables.items()}


async def colleagues(asked: Asked, sheet: PaperSheet) -> list[tuple[str, str]]:
    """Whom a paper can be given to: duties of the office, by name of the duty."""
    if not any(one.ask in ("whom", "superior") for one in sheet.moves):
        return []
    return [(duty, asked.say(word)) for duty, word in paperwords.DUTIES.items() if duty not in ("host", "guard")]


def step_words(asked: Asked, kind: Kind, step: Step) -> str:
    """What a step did, in the reader's language."""
    if step.act in paperwords.STEPS:
        return asked.say(paperwords.STEPS[step.act])
    labels = {move.act: move.label for move in kind.moves}
    return asked.declared(labels[step.act]) if step.act in labels else step.act


def status_of(error: HostError | None) -> int:
    """The answer's status for a refused act."""
    if error is None:
        return 200
    return 400 if isinstance(error, BadInput) else 404 if isinstance(error, NotFound) else 409


def told(asked: Asked, kind: Kind, error: HostError) -> Notice:
    """Why an act was refused, with what exactly is missing or who was faster."""
    if isinstance(error, BadInput):
        labels = {field.key: asked.declared(field.label) for field in kind.fields}
        wrong = refusals.wrong_field(error, asked.say)[error.field]
        return Notice("wait", f"{labels[error.field]}: {wrong}" if error.field in labels else wrong)
    why = refusals.explain(error, asked.say, asked.moment)
    if error.code == "changed":
        who, at = wording.Words(asked.say).who(str(error.facts.get("by", ""))), error.facts.get("at")
        facts = {"who": who, "time": asked.moment(at if isinstance(at, int) else None)}
        return Notice("wait", asked.say("%(who)s changed this paper at %(time)s", **facts), why.next)
    missing = error.facts.get("missing")
    if isinstance(missing, list):
        named = [asked.declared(check.label) for check in kind.checks if check.key in missing]
        return Notice(why.tone, why.why, " · ".join(named))
    return Notice(why.tone, why.why, why.next)


async def act(request: web.Request) -> web.StreamResponse:
    """Ticks what was ticked, then makes the move of the pressed button; either may be all there is."""
    asked, number = of(request), number_of(request)
    typed = await declared.sent(request)
    name = typed.get("act", "")
    try:
        version = await tick(asked, number, typed)
        if name == "ticks":
            return go(f"/papers/{number}", "ticked")
        await here(asked, number, name)
        note, verdict = typed.get(f"note-{name}", ""), typed.get(f"verdict-{name}", "")
        await casework.act(asked.ctx, asked.person, number, version, name, note[:1000], verdict[:60])
    except (BadInput, Refused) as error:
        return await shown(request, asked, typed=typed, error=error)
    except NotFound as error:
        if error.code != "act":
            raise
        return await shown(request, asked, typed=typed, error=error)
    return go(typed["back"] if typed.get("back") in BACK else f"/papers/{number}", "moved")


async def here(asked: Asked, number: int, name: str) -> None:
    """NotFound("act") for a move that has a page of its own: a consent is not withdrawn by a button of its paper."""
    case = (await casework.paper(asked.ctx, asked.person, number)).case
    move = casework.kind_of(case.kind).move(name, case.state)
    if move is not None and move.page:
        raise NotFound("act")


def version_of(typed: declared.Typed) -> int:
    """The version of the paper the browser shows; 0 for none, which never is one."""
    text = typed.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


async def tick(asked: Asked, number: int, typed: declared.Typed) -> int:
    """Writes the ticks that differ from the paper's; the version it has then."""
    version = version_of(typed)
    if not typed.get("checklist"):
        return version
    held = await casework.paper(asked.ctx, asked.person, number)
    done = {item.what for item in held.items if item.kind == CHECK and item.done_at is not None}
    for key in typed["checklist"].split(","):
        wanted = f"tick-{key}" in typed
        if key and wanted != (key in done):
            changed = await filling.tick(asked.ctx, asked.person, number, version, key, wanted)
            version = changed.case.version
    return version


async def edit_form(request: web.Request) -> web.StreamResponse:
    """The form of a paper that may still be changed."""
    asked = of(request)
    sheet = await papers.sheet(asked.ctx, asked.person, number_of(request))
    if not sheet.fields:
        raise Refused("locked")
    typed = declared.typed_of(sheet.paper.case, sheet.kind, asked.estate)
    return await editing(request, asked, sheet, typed)


async def editing(
    request: web.Request,
    asked: Asked,
    sheet: PaperSheet,
    typed: declared.Typed,
    error: HostError | None = None,
    theirs: declared.Typed | None = None,
) -> web.Response:
    """The form with what was typed; where somebody was faster, beside each field what they wrote."""
    wrong = {error.field: refusals.wrong_field(error, asked.say)[error.field]} if isinstance(error, BadInput) else {}
    return render(
        request, "paper/edit.html", status=status_of(error), notice=told(asked, sheet.kind, error) if error else None,
        sheet=sheet, case=sheet.paper.case, title=asked.declared(sheet.kind.name), live=False,
        fields=await declared.fields(asked, sheet.fields, typed, wrong, {}, theirs),
    )  # fmt: skip


async def edit(request: web.Request) -> web.StreamResponse:
    """Saves a form. If somebody was faster both are shown, and the next press saves over theirs, which stays kept."""
    asked, number = of(request), number_of(request)
    typed = await declared.sent(request)
    sheet = await papers.sheet(asked.ctx, asked.person, number)
    try:
        values = declared.told(asked, sheet.fields, typed)
        await filling.save(asked.ctx, asked.person, number, version_of(typed), values)
    except (BadInput, Refused) as error:
        theirs = None
        if error.code == "changed":
            theirs = declared.typed_of(sheet.paper.case, sheet.kind, asked.estate)
        return await editing(request, asked, sheet, typed, error, theirs)
    return go(f"/papers/{number}", "saved")


async def add_goods(request: web.Request) -> web.StreamResponse:
    """Another line of goods."""
    asked, number = of(request), number_of(request)
    typed = await declared.sent(request)
    what, spec, qty = (typed.get(name, "") for name in ("what", "spec", "qty"))
    try:
        many = int(qty) if qty.isascii() and qty.isdigit() and len(qty) < 7 else 0
        await filling.add_goods(asked.ctx, asked.person, number, version_of(typed), what, spec, many)
    except (BadInput, Refused) as error:
        return await shown(request, asked, typed=typed | {"act": "goods"}, error=error)
    return go(f"/papers/{number}", "goods")


async def strike(request: web.Request) -> web.StreamResponse:
    """A line of goods is struck out."""
    asked, number = of(request), number_of(request)
    typed = await declared.sent(request)
    try:
        line = int(request.match_info["line"])
        await filling.drop_goods(asked.ctx, asked.person, number, version_of(typed), line)
    except Refused as error:
        return await shown(request, asked, typed=typed, error=error)
    return go(f"/papers/{number}", "saved")


async def waiting_for(asked: Asked) -> tuple[PaperRow, ...]:
    """What waits for this person, for the first page of their role."""
    return await papers.listed(asked.ctx, asked.person, MINE)


async def homes_of(asked: Asked) -> list[tuple[str, str]]:
    """A resident's homes to choose from."""
    return [(place.id, place.name) for place in await homes.my_homes(asked.ctx, asked.person)]
