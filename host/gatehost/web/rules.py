"""Policies: what holds where, who decided it, in which document and why; every earlier decision stays readable."""

from dataclasses import replace

from aiohttp import web

from gatehost.model.errors import BadInput, NotFound
from gatehost.model.place import Place
from gatehost.model.policy import KEYS, LIMITS, TEXTS, WORDS, Rule
from gatehost.service import homes, policy
from gatehost.web import refusals, rulewords
from gatehost.web.language import noted as N
from gatehost.web.page import go, render
from gatehost.web.session import Asked, of


async def show(request: web.Request) -> web.StreamResponse:
    """All rules at one place; the estate's at first."""
    asked = of(request)
    found = await homes.places(asked.ctx, asked.person)
    place = chosen(found, request.query.get("place", ""))
    rules = await policy.rules(asked.ctx, asked.person, place.id)
    names = {one.id: one.name for one in found}
    told = [(rule, rulewords.name(asked.say, rule.key), said(asked, rule)) for rule in rules]
    return render(request, "rules.html", places=found, place=place, rules=told, names=names)


def said(asked: Asked, rule: Rule) -> str:
    """What a rule says; that nobody has said it yet, where nobody has."""
    return rulewords.value(asked.say, rule) if rule.value else asked.say(N("Not said yet"))


def chosen(found: tuple[Place, ...], wish: str) -> Place:
    """The place asked for, or the estate itself; NotFound for one that is not there."""
    for place in found:
        if place.id == wish or (not wish and place.parent is None):
            return place
    raise NotFound("place")


def key_of(request: web.Request) -> str:
    """The rule in the address."""
    key = request.match_info["key"]
    if key not in policy.DECIDED:
        raise NotFound("rule")
    return key


async def form(request: web.Request) -> web.StreamResponse:
    """Deciding one rule at one place, with its history below."""
    asked = of(request)
    now = await policy.rule(asked.ctx, key_of(request), request.match_info["place"])
    return await shown(request, asked, {"value": now.value})


async def shown(
    request: web.Request, asked: Asked, typed: dict[str, str], wrong: refusals.Wrong | None = None, status: int = 200
) -> web.Response:
    """The form with what was typed."""
    key, where = key_of(request), request.match_info["place"]
    place = chosen(await homes.places(asked.ctx, asked.person), where)
    rule = await policy.rule(asked.ctx, key, where)
    history = await policy.history(asked.ctx, asked.person, where, key)
    return render(
        request, "rule.html", status=status, key=key, place=place, typed=typed, wrong=wrong or refusals.Wrong(),
        name=rulewords.name(asked.say, key), now=said(asked, rule), help=bounds(asked, key),
        choices=[(one, said(asked, replace(rule, value=one))) for one in (KEYS | WORDS).get(key, ((), ""))[0]],
        history=[(one, said(asked, one) if one.value else asked.say(N("taken back"))) for one in history],
    )  # fmt: skip


def bounds(asked: Asked, key: str) -> str:
    """What may be written where there is nothing to choose from."""
    if key in LIMITS:
        held = LIMITS[key]
        least, most = (rulewords.measured(asked.say, held.unit, number) for number in (held.least, held.most))
        return asked.say(N("A number, from %(least)s to %(most)s."), least=least, most=most)
    if key in TEXTS:
        return asked.say(N("As it shall stand in the consent text; at most 120 characters."))
    return asked.say(N("As 08:30, or from and to as 08:30-17:30."))


async def decide(request: web.Request) -> web.StreamResponse:
    """Saves a decision with its owner."""
    asked = of(request)
    typed = {name: str(value)[:300].strip() for name, value in (await request.post()).items()}
    value, by, document, why = (typed.get(name, "") for name in ("value", "decided_by", "document", "why"))
    try:
        place, key = request.match_info["place"], key_of(request)
        await policy.set_rule(asked.ctx, asked.person, place, key, value, by, document, why)
    except BadInput as error:
        return await shown(request, asked, typed, refusals.wrong_field(error, asked.say), 400)
    return go(f"/admin/rules/{request.match_info['place']}/{key_of(request)}", "rule")
