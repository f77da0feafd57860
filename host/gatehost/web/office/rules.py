"""Rules: what holds where, who decided it, in which document and why; every earlier decision stays readable."""

from aiohttp import web

from gatehost.model.account import ADMIN, OPERATOR
from gatehost.model.errors import BadInput, NotFound, Refused, SwitchedOff
from gatehost.model.place import GATE, Place
from gatehost.model.policy import (
    AUTHORITY_RANK,
    ESTATE_RANK,
    GATES,
    KEYS,
    NEEDED,
    OPERATOR_RANK,
    TEXTS,
    WORDS,
    ZONES,
    Rule,
)
from gatehost.service.home import homes
from gatehost.service.office import policy
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import refusals, rulewords, wording
from gatehost.web.words.language import noted as N

# (title, keys or their first parts): where a rule stands on the page; what no group names stands in the last
GROUPS = (
    (N("Doors"), tuple(KEYS)),
    (N("Visitors, couriers, vehicles"), ("visitor", "overstay", "card", "parking", "wrong_tries")),
    (N("Goods"), ("item", "bulky")),
    (N("The office, and how long things are kept"), ()),
)
RANKS = {"estate": ESTATE_RANK, "operator": OPERATOR_RANK, "authority": AUTHORITY_RANK}


async def show(request: web.Request) -> web.StreamResponse:
    """All rules at one place; the estate's at first."""
    asked = of(request)
    found = await homes.places(asked.ctx, asked.person)
    place = chosen(found, request.query.get("place", ""))
    rules, names = await policy.rules(asked.ctx, asked.person, place.id), {one.id: one.name for one in found}
    return render(
        request, "office/rules.html", places=found, place=place, groups=grouped(asked, rules, names), names=names,
        forms=asked.person.role == ADMIN,
    )  # fmt: skip


def in_words(asked: Asked, key: str, value: str, names: dict[str, str], *, taken_back: bool = False) -> str:
    """What a value says; gates by what they are called."""
    if key in GATES and value:
        return " · ".join(names.get(one, one) for one in value.split(","))
    return rulewords.said(asked.say, key, value, taken_back=taken_back)


def grouped(
    asked: Asked, rules: tuple[Rule, ...], names: dict[str, str]
) -> list[tuple[str, list[tuple[Rule, str, str]]]]:
    """(title, (rule, its name, its value in words)) in the order of GROUPS; each rule once."""
    made: list[tuple[str, list[tuple[Rule, str, str]]]] = [(asked.say(title), []) for title, _ in GROUPS]
    for rule in rules:
        at = next((n for n, (_, keys) in enumerate(GROUPS) if {rule.key, rule.key.partition(".")[0]} & {*keys}), -1)
        made[at][1].append((rule, rulewords.name(asked.say, rule.key), in_words(asked, rule.key, rule.value, names)))
    return made


def chosen(found: tuple[Place, ...], wish: str) -> Place:
    """The place asked for, or the estate itself; NotFound for one that is not there."""
    for place in found:
        if place.id == wish or (not wish and place.parent is None):
            return place
    raise NotFound("place")


def key_of(request: web.Request) -> str:
    """The rule in the address, one that is decided at its place."""
    key = request.match_info["key"]
    if key not in policy.decided(request.match_info["place"]):
        raise NotFound("rule")
    return key


async def form(request: web.Request) -> web.StreamResponse:
    """Deciding one rule at one place, with its history below."""
    asked = of(request)
    now = await policy.rule(asked.ctx, key_of(request), request.match_info["place"])
    return await shown(request, asked, {"value": now.value})


async def shown(
    request: web.Request,
    asked: Asked,
    typed: dict[str, str],
    wrong: refusals.Wrong | None = None,
    status: int = 200,
    notice: Notice | None = None,
) -> web.Response:
    """The form with what was typed."""
    key, where = key_of(request), request.match_info["place"]
    found = await homes.places(asked.ctx, asked.person)
    place, names = chosen(found, where), {one.id: one.name for one in found}
    rule = await policy.rule(asked.ctx, key, where)
    history = await policy.history(asked.ctx, asked.person, where, key)
    return render(
        request, "office/rule.html", status=status, key=key, place=place, typed=typed, wrong=wrong or refusals.Wrong(),
        name=rulewords.name(asked.say, key), now=in_words(asked, key, rule.value, names),
        notice=notice, was=history[0].id if history else 0, help=rulewords.bounds(asked.say, key),
        ranks=asked.person.role == OPERATOR,
        may_be_empty=key in (TEXTS | GATES | ZONES) and key not in NEEDED,
        choices=[(one, rulewords.said(asked.say, key, one)) for one in (KEYS | WORDS).get(key, ((), ""))[0]],
        history=[(one, in_words(asked, key, one.value, names, taken_back=True)) for one in history],
        gates=[(one.id, one.name) for one in found if one.kind == GATE] if key in GATES else [],
    )  # fmt: skip


async def decide(request: web.Request) -> web.StreamResponse:
    """Saves a decision with its owner; an operator says whose it is."""
    asked = of(request)
    sent = await request.post()
    typed = {name: str(value)[:300].strip() for name, value in sent.items()}
    if "gates" in typed:
        typed["value"] = ",".join(str(one) for one in sent.getall("gate", []))[:300]
    value, by, document, why = (typed.get(name, "") for name in ("value", "decided_by", "document", "why"))
    try:
        place, key = request.match_info["place"], key_of(request)
        rank = RANKS.get(typed.get("rank", ""), ESTATE_RANK) if asked.person.role == OPERATOR else ESTATE_RANK
        was = int(typed["was"]) if typed.get("was", "").isdecimal() else None
        await policy.set_rule(asked.ctx, asked.person, place, key, value, by, document, why, rank, was)
    except BadInput as error:
        return await shown(request, asked, typed, refusals.wrong_field(error, asked.say), 400)
    except SwitchedOff as error:
        wrong = refusals.Wrong({"value": refusals.switched_off(error, asked.say)})
        return await shown(request, asked, typed, wrong, 403)
    except Refused as error:
        return await shown(request, asked, typed, status=409, notice=_overtaken(asked, error))
    return go(f"/admin/rules/{request.match_info['place']}/{key_of(request)}", "rule")


def _overtaken(asked: Asked, error: Refused) -> Notice:
    """Somebody decided the same rule between the page and its form."""
    at = error.facts["at"]
    assert isinstance(at, int)
    who = wording.Words(asked.say).who(str(error.facts["by"]))
    why = asked.say(N("%(who)s decided this at %(time)s, while you wrote"), who=who, time=asked.moment(at))
    return Notice("wait", why, refusals.explain(error, asked.say, asked.moment).next)
