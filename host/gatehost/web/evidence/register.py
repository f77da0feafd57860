"""The gates' register by the day, and who was there: for a dispute, and as a file for the police."""

from datetime import UTC, datetime

from aiohttp import web

from gatehost.model.account import ADMIN
from gatehost.model.errors import BadInput, NotFound
from gatehost.model.visit import Visit
from gatehost.service.evidence import dispute, register
from gatehost.service.evidence.dispute import Question
from gatehost.service.gate import presence
from gatehost.web.frame.page import render
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import evidencewords, gatewords, moment, refusals, subjects

DAY_MS = 86_400_000
FORM = ("place", "start", "end", "why", "whom", "paper")


async def show(request: web.Request) -> web.StreamResponse:
    """A day, yesterday at first: sealed, and what became of its lines since."""
    asked, typed = of(request), request.query.get("day", "")[:20]
    wrong, number = refusals.Wrong(), moment.day(asked.ctx.clock(), asked.estate) - 1
    try:
        number = day_of(typed) if typed else number
    except BadInput as error:
        wrong = refusals.wrong_field(error, asked.say)
    held = await register.of_day(asked.ctx, asked.person, number)
    return render(
        request, "evidence/register.html", status=400 if wrong else 200, held=held, wrong=wrong, live=False,
        gates=await names(asked), open_=await still_open(asked),
        day=typed if wrong else f"{moment.local(number * DAY_MS, None):%Y-%m-%d}",
        kinds=asked.words(gatewords.KINDS), ways=asked.words(evidencewords.WAYS),
        lines={key: (tone, asked.say(word)) for key, (tone, word) in evidencewords.LINES.items()},
    )  # fmt: skip


async def names(asked: Asked) -> dict[str, str]:
    """What the gates are called."""
    return {one.id: one.name for one in await presence.gates(asked.ctx, asked.person)}


async def still_open(asked: Asked) -> int:
    """How many stays go on though they should be over."""
    present = await presence.present(asked.ctx, asked.person)
    return sum(one.overstayed(asked.ctx.clock()) for one in present)


def day_of(text: str) -> int:
    """The day since 1970 of a date; BadInput("day", "unknown")."""
    try:
        return int(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp() * 1000) // DAY_MS
    except ValueError:
        raise BadInput("day", "unknown") from None


async def history_form(request: web.Request) -> web.StreamResponse:
    """Which place, which time, and why."""
    return await asking(of(request), {})


async def asking(
    asked: Asked,
    typed: dict[str, str],
    found: tuple[Visit, ...] | None = None,
    error: BadInput | NotFound | None = None,
) -> web.Response:
    """The form with what was typed, and the answer below it."""
    wrong = refusals.Wrong()
    if isinstance(error, BadInput):
        wrong = refusals.wrong_field(error, asked.say)
    elif error is not None:
        wrong = refusals.Wrong(place=asked.say(subjects.REFUSALS["place"][0]))
    return render(
        asked.request, "evidence/history.html", status=200 if error is None else 400, typed=typed, found=found,
        wrong=wrong, kinds=asked.words(gatewords.KINDS), may_export=asked.person.role == ADMIN, live=False,
        gates=await names(asked),
    )  # fmt: skip


async def typed_of(asked: Asked) -> dict[str, str]:
    """What stands in the form."""
    sent = await asked.request.post()
    return {name: str(sent.get(name, ""))[:300].strip() for name in FORM}


def question(asked: Asked, typed: dict[str, str]) -> Question:
    """What was asked; BadInput(name, "time")."""
    start, end = (moment.typed(name, typed[name], asked.estate) for name in ("start", "end"))
    return Question(typed["place"], start, end)


async def history(request: web.Request) -> web.StreamResponse:
    """Who was there, for a reason."""
    asked = of(request)
    typed = await typed_of(asked)
    try:
        found = await dispute.answered(asked.ctx, asked.person, question(asked, typed), typed["why"])
    except (BadInput, NotFound) as error:
        return await asking(asked, typed, error=error)
    return await asking(asked, typed, found)


async def history_file(request: web.Request) -> web.StreamResponse:
    """The same with the doors' signed log, for somebody, by a paper, on a basis of law."""
    asked = of(request)
    typed = await typed_of(asked)
    try:
        wanted = question(asked, typed)
        data = await dispute.exported(asked.ctx, asked.person, wanted, typed["whom"], typed["paper"], typed["why"])
    except (BadInput, NotFound) as error:
        return await asking(asked, typed, error=error)
    name = f'attachment; filename="stays-{moment.local(wanted.start, asked.estate):%Y-%m-%d}.zip"'
    return web.Response(body=data, content_type="application/zip", headers={"Content-Disposition": name})
