"""The operator's page: faces over all estates, decisions that bind, statistics; and what this estate says of itself."""

from aiohttp import web

from gatehost.model.errors import BadInput
from gatehost.service.office import estates
from gatehost.web.frame.page import go, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import refusals

TYPED = {"statement": estates.LONGEST, "key": 200}


async def show(request: web.Request) -> web.StreamResponse:
    """The three most frequent acts, the count over all estates first."""
    return await _page(of(request), {})


async def _page(asked: Asked, typed: dict[str, str], wrong: BadInput | None = None) -> web.Response:
    return render(
        asked.request, "office/operator.html", status=200 if wrong is None else 400, typed=typed,
        held=await estates.all_of(asked.ctx, asked.person),
        wrong=refusals.Wrong() if wrong is None else refusals.wrong_field(wrong, asked.say),
    )  # fmt: skip


async def take(request: web.Request) -> web.StreamResponse:
    """Takes in what another estate says; what was typed stays when something is wrong."""
    asked, form = of(request), await request.post()
    typed = {name: str(form.get(name, ""))[:most].strip() for name, most in TYPED.items()}
    try:
        await estates.take(asked.ctx, asked.person, **{"text": typed["statement"], "key": typed["key"]})
    except BadInput as wrong:
        return await _page(asked, typed, wrong)
    return go("/operator", "estate_taken")


async def forget(request: web.Request) -> web.StreamResponse:
    """An estate the operator runs no more."""
    asked, form = of(request), await request.post()
    await estates.forget(asked.ctx, asked.person, str(form.get("estate", ""))[:64])
    return go("/operator", "estate_gone")


async def statement(request: web.Request) -> web.StreamResponse:
    """What this estate says of itself, to be taken to the operator's page of another."""
    asked = of(request)
    text = await estates.statement(asked.ctx, asked.person)
    return render(request, "office/statement.html", text=text, key=asked.ctx.keys.estate.public.hex())
