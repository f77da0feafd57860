"""Papers on paper: the marked copies of a slip, a receipt, an empty form for when nothing works, and form numbers."""

from aiohttp import web

from gatehost.model.case import FEE, Item
from gatehost.model.errors import BadInput, NotFound, Refused
from gatehost.service.office import policy
from gatehost.service.paper import application, casework, filling, papers
from gatehost.web.frame.page import go, render
from gatehost.web.frame.qr import qr
from gatehost.web.frame.session import Asked, of
from gatehost.web.paper import declared, say
from gatehost.web.paper.papers import number_of, shown, step_words, version_of
from gatehost.web.words import refusals


async def paper(request: web.Request) -> web.StreamResponse:
    """A paper to print: as many copies as the rule says, each marked for whom it is."""
    asked = of(request)
    sheet = await papers.sheet(asked.ctx, asked.person, number_of(request))
    kind, case = sheet.kind, sheet.paper.case
    gates = await declared.gates(asked, kind.fields)
    rows = [
        (asked.declared(one.label), declared.value(asked, one, case.form.get(one.key), gates, printed=True))
        for one in kind.fields
    ]
    marks = await papers.copies(asked.ctx, kind, case.place)
    link = say.address(asked, kind.key, case.number)
    return render(
        request, "paper/print.html", sheet=sheet, case=case, title=asked.declared(kind.name), live=False,
        facts=[(label, text) for label, text in rows if text != "–"], now=asked.ctx.clock(), qr=qr(case.number),
        copies=[asked.declared(mark) for mark in marks], t=asked.declared,
        last=step_words(asked, kind, sheet.paper.steps[-1]), gate=application.has_goods(kind),
        say=link, say_qr=qr(link),
    )  # fmt: skip


async def blank(request: web.Request) -> web.StreamResponse:
    """The empty form of a kind, to be filled in by hand while nothing works and typed in afterwards (row B19)."""
    asked = of(request)
    form = await application.blank(asked.ctx, asked.person, request.match_info["kind"])
    kind = form.kind
    return render(
        request, "paper/blank.html", kind=kind, title=asked.declared(kind.name), live=False,
        t=asked.declared, code=await papers.blank_code(asked.ctx, kind),
        goods=application.has_goods(kind),
    )  # fmt: skip


async def receipt(request: web.Request) -> web.StreamResponse:
    """A fee's receipt: its own number, for what, how much, when, from whom and by whom (row A12)."""
    asked = of(request)
    sheet = await papers.sheet(asked.ctx, asked.person, number_of(request))
    line = receipt_of(sheet.paper.items, int(request.match_info["line"]))
    return render(
        request, "paper/receipt.html", sheet=sheet, case=sheet.paper.case, line=line, live=False,
        title=asked.declared(sheet.kind.name),
    )  # fmt: skip


def receipt_of(items: tuple[Item, ...], number: int) -> Item:
    """The fee with this number; NotFound("case")."""
    for item in items:
        if item.kind == FEE and item.id == number:
            return item
    raise NotFound("case")


async def take_fee(request: web.Request) -> web.StreamResponse:
    """A fee is taken; its receipt comes up to be printed."""
    asked, number = of(request), number_of(request)
    typed = await declared.sent(request)
    try:
        amount = declared.cents("amount", typed.get("amount", ""))
        what, version = typed.get("what", ""), version_of(typed)
        if not what or len(what) > 100:
            raise BadInput("what", "missing" if not what else "long")
        line = await filling.take_fee(asked.ctx, asked.person, number, version, what, amount)
    except (BadInput, Refused) as error:
        return await shown(request, asked, typed=typed | {"act": "fee"}, error=error)
    return go(f"/papers/{number}/receipts/{line.id}")


async def codes(request: web.Request) -> web.StreamResponse:
    """The numbers of the estate's forms."""
    return await codes_shown(request, of(request), {})


async def codes_shown(
    request: web.Request, asked: Asked, typed: declared.Typed, error: BadInput | None = None
) -> web.Response:
    """The list and the form with what was typed."""
    found = await papers.form_codes(asked.ctx, asked.person)
    rows = [(kind.key, asked.declared(kind.name), code, rule) for kind, code, rule in found]
    return render(
        request, "paper/form_codes.html", status=400 if error else 200, rows=rows, typed=typed, live=False,
        wrong=refusals.wrong_field(error, asked.say) if error else refusals.Wrong(),
    )  # fmt: skip


async def set_code(request: web.Request) -> web.StreamResponse:
    """Decides the number of a form, with who decided and why, as any rule."""
    asked = of(request)
    typed = await declared.sent(request)
    key, by, why = (typed.get(name, "") for name in ("kind", "decided_by", "why"))
    document = typed.get("document", "")
    try:
        casework.kind_of(key)
        rule = f"form.{key}"
        await policy.set_rule(asked.ctx, asked.person, "estate", rule, typed.get("code", ""), by, document, why)
    except BadInput as error:
        return await codes_shown(request, asked, typed, error)
    return go("/admin/forms", "rule")
