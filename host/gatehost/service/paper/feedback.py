"""A word about the estate's work, from a link on a slip or a visitor's page (row B20): without account and name.

The link says what kind of slip it was printed on and cannot be made up; the paper it makes keeps the kind and never the
slip's number, so that nobody is found by what they said. Who wrote gets an address of their own to read the answer at.
"""

import hmac
from dataclasses import dataclass

from gatecore.clock import DAY_MS, MINUTE_MS
from gatehost.model.errors import BadInput, NotFound, TooMany
from gatehost.service.context import Context
from gatehost.service.paper import casework
from gatehost.store import cases

KIND = "feedback"
ABOUT = ("good", "wait", "data", "manner", "rule")
HOUR_MS = 60 * MINUTE_MS
OF_A_LINK, OF_ALL = 3, 60  # in an hour
KEPT_MS = 90 * DAY_MS
LONGEST, NOTED = 1000, 32


@dataclass(frozen=True, slots=True)
class Said:
    """What became of somebody's word: `answer` once the office closed it with one."""

    what: str
    at: int
    answer: str


def link(ctx: Context, kind: str, number: str) -> str:
    """What stands on a slip after /say/: for anybody who holds it."""
    return f"{kind}.{number}.{_mark(ctx, 'say/1', f'{kind}.{number}')}"


def _mark(ctx: Context, purpose: str, what: str) -> str:
    return ctx.keys.mark(purpose, what).hex()[:NOTED]


def kind_of(ctx: Context, told: str) -> str:
    """The kind of slip a link stands on. NotFound("link") for any that was not printed here."""
    named, _, mark = told.rpartition(".")
    kind, _, number = named.partition(".")
    right = hmac.compare_digest(_mark(ctx, "say/1", named).encode(), mark.encode("utf-8", "replace"))
    if not (kind and number and right):
        raise NotFound("link")
    return kind


async def say(ctx: Context, told: str, what: str, about: str = "") -> str:
    """Writes the word down; what stands after /said/ for whoever said it.

    NotFound("link"), BadInput("what" | "about", why), TooMany("saying"): three an hour from a link, sixty from all."""
    kind, words = kind_of(ctx, told), what.strip()
    if not words:
        raise BadInput("what", "missing")
    if len(words) > LONGEST:
        raise BadInput("what", "long")
    if about and about not in ABOUT:
        raise BadInput("about", "range")
    _bounded(ctx, f"say {told}", OF_A_LINK)
    _bounded(ctx, "say", OF_ALL)
    form: dict[str, object] = {"what": words, "slip": kind}
    if about:
        form["about"] = about
    case = await casework.asked_for(ctx, "", KIND, "estate", form)
    return f"{case.id}.{_mark(ctx, 'said/1', str(case.id))}"


def _bounded(ctx: Context, key: str, most: int) -> None:
    """How many within an hour; lost with the process, like all that is only a brake."""
    now = ctx.clock()
    recent = [at for at in ctx.live.asking.get(key, []) if at > now - HOUR_MS]
    if len(recent) >= most:
        raise TooMany("saying", until=recent[0] + HOUR_MS)
    ctx.live.asking = {name: at for name, at in ctx.live.asking.items() if at and at[-1] > now - HOUR_MS}
    ctx.live.asking[key] = [*recent, now]


async def said(ctx: Context, told: str) -> Said:
    """Where a word stands, for whoever said it. NotFound("link") for any other, and 90 days after the answer."""
    number, _, mark = told.partition(".")
    right = hmac.compare_digest(_mark(ctx, "said/1", number).encode(), mark.encode("utf-8", "replace"))
    if not (right and number.isascii() and number.isdigit() and len(number) <= 12):
        raise NotFound("link")
    async with ctx.store.read() as tx:
        paper = await cases.paper(tx, int(number))
    if paper is None or paper.case.kind != KIND:
        raise NotFound("link")
    closed = paper.case.closed_at
    if closed is not None and closed < ctx.clock() - KEPT_MS:
        raise NotFound("link")
    answer = next((step.note for step in reversed(paper.steps) if step.act == "close"), "")
    return Said(str(paper.case.form.get("what", "")), paper.case.opened_at, answer)
