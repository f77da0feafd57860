"""What must hold before a paper moves: each need by its name in the declarations.

A need returns when it is met and raises Refused or BadInput when not. `Act` is everything it may look at. Names of
effects stand here too, so that the declarations are checked without loading what effects need.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from gatecore.clock import DAY_MS, MINUTE_MS, day_of, local_ms
from gatehost.model import card
from gatehost.model.account import RESIDENT, Actor
from gatehost.model.case import CHECK, SCORES, Case, Paper
from gatehost.model.errors import BadInput, Refused
from gatehost.model.grant import CEILINGS, LIMITED
from gatehost.model.kind import GATE, Check, Kind, Move, fits
from gatehost.model.party import OWNER
from gatehost.service import ruling
from gatehost.service.calendar import Offsets, day_number, years
from gatehost.service.context import Context
from gatehost.service.home import occupancy
from gatehost.service.paper import form
from gatehost.store import cases, documents, faces, people, places
from gatehost.store.store import Tx

DOES = {
    "start_clock", "give_right", "end_rights", "assign", "escalate", "ask_owner", "tell_gate", "clear_check",
    "archive_clock", "archived", "off_board", "card_active", "card_end", "count_visit", "end_with_lease", "lend",
    "day_log", "keep_proof", "keep_plate", "end_documents", "answered", "keep_signers", "lose_card",
}  # fmt: skip


@dataclass(slots=True)
class Act:
    """Somebody takes a paper on by a move; `change` collects what becomes of the case beside its state."""

    ctx: Context
    tx: Tx
    actor: Actor
    kind: Kind
    paper: Paper
    move: Move
    note: str
    verdict: str
    gate: str = ""
    change: dict[str, object] = field(default_factory=dict)

    @property
    def case(self) -> Case:
        """The paper's head."""
        return self.paper.case

    @property
    def form(self) -> dict[str, object]:
        """What the form says."""
        return self.paper.case.form

    async def offsets(self) -> Offsets:
        """The estate's table of offsets."""
        estate = await places.the_estate(self.tx)
        return () if estate is None else estate.offsets

    async def minute(self, at: int) -> int:
        """The minute of the estate's day at an instant."""
        return local_ms(at, await self.offsets()) % DAY_MS // MINUTE_MS

    async def day(self, at: int) -> int:
        """The estate's date at an instant, in days since 1970."""
        return day_of(at, await self.offsets())

    async def today(self) -> int:
        """The estate's date, in days since 1970."""
        return await self.day(self.ctx.clock())


async def _complete(act: Act) -> None:
    form.demand(act.kind, act.form)
    for named in [one.key for one in act.kind.fields if one.type == GATE and act.form.get(one.key)]:
        known = {gate.id for gate in await places.gates(act.tx)}
        if not known.issuperset(str(act.form[named]).split(",")):
            raise BadInput(named, "unknown")


def unticked(kind: Kind, paper: Paper) -> tuple[Check, ...]:
    """Required lines of the checklist nobody has ticked, for this form."""
    done = {item.what for item in paper.items if item.kind == CHECK and item.done_at is not None}
    return tuple(
        check for check in kind.checks if check.required and fits(check.only, paper.case.form) and check.key not in done
    )


async def as_ruled(tx: Tx, kind: Kind, place: str) -> Kind:
    """A kind whose checklist demands what the rules in force at a place demand beside it."""
    on = {one.rule for one in kind.checks if one.rule and (await ruling.in_force(tx, one.rule, place)).value == "on"}
    return replace(kind, checks=tuple(replace(one, required=one.required or one.rule in on) for one in kind.checks))


async def _ticked(act: Act) -> None:
    missing = unticked(await as_ruled(act.tx, act.kind, act.case.place), act.paper)
    if missing:
        raise Refused("unticked", missing=[check.key for check in missing])


async def _attached(act: Act) -> None:
    """Documents that must be with the paper itself are."""
    held = {one.kind for one in await documents.of_case(act.tx, act.case.id)}
    wanted = [check for check in act.kind.checks if check.attach and fits(check.only, act.form)]
    missing = [check.key for check in wanted if check.doc not in held]
    if missing:
        raise Refused("unattached", missing=missing)


def _line(key: str) -> Callable[[Act], Awaitable[None]]:
    """A need for one line of the checklist that becomes due later than the rest."""

    async def ticked(act: Act) -> None:
        if not any(item.what == key and item.done_at for item in act.paper.items):
            raise Refused("unticked", missing=[key])

    return ticked


async def _works(act: Act) -> None:
    """A pass that belongs to a decoration is given while the decoration is going on, at its home (row G5)."""
    works = None if act.case.parent is None else await cases.get(act.tx, act.case.parent)
    if works is not None and (works.state != "approved" or works.place != act.case.place):
        raise Refused("works_over")


async def _window(act: Act) -> None:
    """The right that is asked for ends after it begins, and within the limit in force at its place."""
    right = act.kind.right
    if right is None:
        return
    since, until = act.case.window(act.ctx.clock(), right.since, right.until)
    if until <= max(since, act.ctx.clock()):
        raise BadInput(right.until, "range")
    most = CEILINGS[right.kind]
    if right.kind in LIMITED:
        most = min(most, await ruling.number(act.tx, LIMITED[right.kind], act.case.place) * DAY_MS)
    if until - since > most:
        raise BadInput(right.until, "limit")


async def _goods(act: Act) -> None:
    if not act.paper.goods():
        raise Refused("no_goods")


async def _allowed_goods(act: Act) -> None:
    if act.form.get("forbidden", "none") not in ("", "none"):
        raise Refused("forbidden_goods", what=act.form["forbidden"])
    for word in await forbidden_here(act.tx, act.case.place):
        for line in act.paper.goods():
            if word.casefold() in f"{line.what} {line.spec}".casefold():
                raise Refused("forbidden_goods", what=word)


async def forbidden_here(tx: Tx, place: str) -> tuple[str, ...]:
    """What the estate itself does not let through, beside the list that holds everywhere (row E19)."""
    told = (await ruling.in_force(tx, "item.forbidden", place)).value
    return tuple(word.strip() for word in re.split("[,，、]", told) if word.strip())


async def _specimen(act: Act) -> None:
    """A company's slip is signed by one of the signers it named at move-in."""
    if act.form.get("applicant") != "company":
        return
    ties = [tie for _, tie in await people.ties_of_home(act.tx, act.case.place, act.ctx.clock())]
    signers = {name.strip() for tie in ties for name in tie.proof.split(",") if name.strip()}
    if str(act.form.get("signer", "")).strip() not in signers:
        raise Refused("specimen")


async def _owner(act: Act) -> None:
    """The owner on their own page, or the desk with how the owner was reached."""
    if act.actor.role != RESIDENT:
        if act.verdict not in ("present", "phone", "page"):
            raise BadInput("verdict", "how")
        return
    ties = await people.ties_of_home(act.tx, act.case.place, act.ctx.clock())
    if not any(party.id == act.actor.party and tie.role == OWNER for party, tie in ties):
        raise Refused("not_the_owner")


async def _arrears(act: Act) -> None:
    """Owing is a notice; only where an admin decided `hold`, against the law's advice, does a slip wait."""
    held = await ruling.in_force(act.tx, "item.arrears", act.case.place)
    if held.value == "hold" and act.form.get("arrears") == "owing":
        raise Refused("arrears", decided_by=held.decided_by, why=held.why)


async def _direction(act: Act) -> None:
    held = await ruling.in_force(act.tx, "item.directions", act.case.place)
    if act.form.get("direction") == "in" and held.value == "out":
        raise Refused("no_slip_needed")


async def _item_window(act: Act) -> None:
    since, until = act.case.window(act.ctx.clock())
    if until <= since:
        raise BadInput("until", "range")
    if until <= act.ctx.clock():
        raise BadInput("until", "past")
    if await act.day(since) != await act.day(until):  # a night lies between, and no hour of it is allowed
        raise BadInput("until", "day")
    await _hours(act, "item.hours", (since, "since"), (until, "until"))


async def _hours(act: Act, key: str, *moments: tuple[int, str]) -> None:
    told = (await ruling.in_force(act.tx, key, act.case.place)).value
    first, last = (int(one[:2]) * 60 + int(one[3:]) for one in told.split("-"))
    for at, name in moments:
        if not first <= await act.minute(at) <= last:
            raise BadInput(name, "hours")


async def _day_hours(act: Act) -> None:
    """Hours of the day that a right holds: whole ones, the later after the earlier."""
    first, last = act.form.get("first_hour", 0), act.form.get("last_hour", 24)
    assert isinstance(first, int)
    assert isinstance(last, int)
    if not 0 <= first <= 23:
        raise BadInput("first_hour", "hour")
    if not first < last <= 24:
        raise BadInput("last_hour", "hour")


async def _bulky_hours(act: Act) -> None:
    at = act.form.get("at")
    await _hours(act, "bulky.hours", (at if isinstance(at, int) else 0, "at"))


async def _item_gate(act: Act) -> None:
    """The slip's own gate, or one of those the estate names."""
    named = str(act.form.get("gate") or "") or (await ruling.in_force(act.tx, "item.gates", act.case.place)).value
    if named and act.gate not in named.split(","):
        raise Refused("wrong_gate", gates=named)


async def _item_window_now(act: Act) -> None:
    since, until = act.case.window(act.ctx.clock())
    if not since <= act.ctx.clock() < until:
        raise Refused("outside_window", since=since, until=until)


async def _over(act: Act) -> None:
    if act.ctx.clock() < act.case.window(0)[1]:
        raise Refused("not_over")


async def _checked(act: Act) -> None:
    """Every line was counted at the gate, and every count is the slip's."""
    wrong = [item.id for item in act.paper.goods() if item.checked_qty is None or item.checked_qty != item.qty]
    if wrong or not act.paper.goods():
        raise Refused("lines_differ", lines=wrong)


async def _differs(act: Act) -> None:
    if all(item.checked_qty == item.qty for item in act.paper.goods()):
        raise Refused("lines_match")


async def _mover_seen(act: Act) -> None:
    if act.verdict != "id_seen":
        raise BadInput("verdict", "id_seen")


async def _guardian(act: Act) -> None:
    """Under eighteen with a guardian named; under fourteen nobody else may sign."""
    born = act.form.get("born")
    if act.form.get("kind") != "minor" and not (isinstance(born, str) and years(born, await act.today()) < 18):
        return
    if not str(act.form.get("guardian", "")).strip():
        raise BadInput("guardian", "missing")


async def _consent(act: Act) -> None:
    if act.case.applicant is None or await faces.consent_of(act.tx, act.case.applicant) is None:
        raise Refused("no_consent")


async def _withdrawn(act: Act) -> None:
    """The paper follows its consent and not the other way round."""
    if act.case.applicant is None or await faces.consent_of(act.tx, act.case.applicant) is not None:
        raise Refused("consent_stands")


async def _occupant(act: Act) -> None:
    """Whoever gets a way in may belong to the home by the rule in force (row C1)."""
    if act.case.applicant is not None:
        await occupancy.demand_of(act.ctx, act.tx, act.case.place, act.case.applicant)


async def _card_number(act: Act) -> None:
    if not str(act.form.get("number", "")).strip():
        raise BadInput("number", "missing")
    card.canonical(str(act.form["number"]))
    if act.case.applicant is None:
        raise Refused("no_applicant")


async def _notice_days(act: Act) -> None:
    """So many working days ahead, unless a manager wrote why not."""
    wanted = await ruling.number(act.tx, "moveout.notice_workdays", act.case.place)
    last, today, ahead = day_number(str(act.form["date"])), await act.today(), 0
    for one in range(today + 1, last + 1):
        ahead += (one + 3) % 7 < 5  # 1970-01-01 was a Thursday
    if ahead < wanted and not (act.form.get("override") and "manager" in act.actor.duties):
        raise BadInput("date", "notice")


async def _score(act: Act) -> None:
    """How content the person is, from 1 to 5; nothing where they did not say (row H7)."""
    if act.verdict not in ("", *SCORES):
        raise BadInput("verdict", "score")


NEEDS: dict[str, Callable[[Act], Awaitable[None]]] = {
    "complete": _complete,
    "ticked": _ticked,
    "attached": _attached,
    "accepted": _line("accepted"),
    "received": _line("received"),
    "works": _works,
    "window": _window,
    "goods": _goods,
    "allowed_goods": _allowed_goods,
    "specimen": _specimen,
    "owner": _owner,
    "arrears": _arrears,
    "direction": _direction,
    "item_window": _item_window,
    "item_window_now": _item_window_now,
    "item_gate": _item_gate,
    "bulky_hours": _bulky_hours,
    "day_hours": _day_hours,
    "over": _over,
    "checked": _checked,
    "differs": _differs,
    "mover_seen": _mover_seen,
    "guardian": _guardian,
    "consent": _consent,
    "withdrawn": _withdrawn,
    "card_number": _card_number,
    "notice_days": _notice_days,
    "occupant": _occupant,
    "score": _score,
}
