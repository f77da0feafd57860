"""Who works for the estate: listed, let in, given another role or a new link, closed; each with who, whom and why.

Nobody does any of it to their own account, so that nobody raises their own rights and an administrator who acts always
stays one. What an operator decides binds the estate: their accounts are for operators alone. A new link takes the old
password away, so that nobody signs in as somebody else without that person noticing.
"""

from dataclasses import dataclass

from gatehost.model.account import ADMIN, COMMITTEE, DESK, DUTIES, GUARD, HOST, OPERATOR, RESIDENT, Actor
from gatehost.model.errors import BadInput, Denied, NotFound, Refused
from gatehost.model.party import STAFF, Party
from gatehost.model.place import ROOT
from gatehost.service.context import Context
from gatehost.service.gate import gatecopy
from gatehost.service.office.accounts import put_link
from gatehost.service.permissions import require
from gatehost.service.ports import Audience, News
from gatehost.service.trail import note
from gatehost.store import accounts, audits, people
from gatehost.store.accounts import Account
from gatehost.store.store import Tx

STAFF_ROLES = (GUARD, DESK, ADMIN, COMMITTEE, OPERATOR)
LONGEST, LONGEST_WHY = 60, 200
ADDED, CHANGED, LINKED, CLOSED = "staff.add", "staff.role", "staff.link", "staff.close"
CHANGES = 50


@dataclass(frozen=True, slots=True)
class Employee:
    """Somebody who works for the estate. `signed_in_on` is a day since 1970-01-01, `mine` whether the reader may change
    the account, `waits` that no password was chosen yet."""

    account: int
    name: str
    login: str
    role: str
    duties: tuple[str, ...]
    signed_in_on: int | None
    waits: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to whose account, by whom, and why; `role` and `duties` as given then, "" where they stayed."""

    at: int
    who: str
    act: str
    whom: str
    role: str
    duties: tuple[str, ...]
    why: str


def givable(actor: Actor) -> tuple[str, ...]:
    """The roles the actor may give: only an operator makes operators."""
    return tuple(role for role in STAFF_ROLES if role != OPERATOR or actor.role == OPERATOR)


async def listed(ctx: Context, actor: Actor) -> tuple[Employee, ...]:
    """Everybody who may sign in and is no resident."""
    require(actor, "staff.see")
    async with ctx.store.read() as tx:
        return tuple(_employee(actor, one) for one in await accounts.staff(tx))


async def one(ctx: Context, actor: Actor, number: int) -> Employee:
    """One of them. NotFound("staff")."""
    require(actor, "staff.see")
    async with ctx.store.read() as tx:
        return _employee(actor, await _open(tx, number))


def _employee(actor: Actor, held: Account) -> Employee:
    mine = held.id != actor.account and (held.role != OPERATOR or actor.role == OPERATOR)
    duties = tuple(held.duties.split())
    return Employee(
        held.id, held.name, held.login or "", held.role, duties, held.signed_in_on, held.password is None, mine
    )


async def changes(ctx: Context, actor: Actor) -> tuple[Change, ...]:
    """What was done to accounts, newest first."""
    require(actor, "staff.see")
    async with ctx.store.read() as tx:
        lines = [line for act in (ADDED, CHANGED, LINKED, CLOSED) for line in await audits.of_action(tx, act, CHANGES)]
    made = []
    for line in sorted(lines, key=lambda line: -line.id)[:CHANGES]:
        given, _, why = line.detail.rpartition("\n")
        role, *duties = given.split() or [""]
        made.append(Change(line.at, line.who, line.action, line.about, role, tuple(duties), why))
    return tuple(made)


async def add(
    ctx: Context, actor: Actor, name: str, login: str, role: str, duties: tuple[str, ...], why: str
) -> tuple[int, str]:
    """(account, token of the one-use link to begin with) of somebody new.

    BadInput("name" | "login" | "role" | "duties" | "why", why)."""
    require(actor, "staff.add")
    name, login, why = _text("name", name), _text("login", login), _reason(why)
    _check_role(actor, role, duties)
    async with ctx.store.write() as tx:
        await _still(tx, actor)
        if await accounts.by_login(tx, login) is not None:
            raise BadInput("login", "taken")
        number = await put_staff(ctx, tx, name, login, role, duties)
        await note(ctx, tx, actor, ADDED, about=name, detail=f"{' '.join((role, *duties))}\n{why}")
        return number, await put_link(ctx, tx, number, activated=False)


async def give_role(
    ctx: Context, actor: Actor, number: int, role: str, duties: tuple[str, ...], why: str, was: str | None = None
) -> Employee:
    """Another role, or other things to sign for, from now on; open pages are told to look again.

    BadInput as above, NotFound("staff"), Denied("own_account" | "operators"), Refused("last_admin"), ("changed") when
    role and duties are no more as they `were` seen, words with blanks between."""
    require(actor, "staff.edit")
    why = _reason(why)
    _check_role(actor, role, duties)
    async with ctx.store.write() as tx:
        held = await _theirs(tx, actor, number)
        if was not in (None, f"{held.role} {held.duties}".strip()):
            raise Refused("changed")
        if role != ADMIN:
            await _leaves_an_admin(tx, held)
        await accounts.set_role(tx, number, role, duties)
        await note(ctx, tx, actor, CHANGED, about=held.name, detail=f"{' '.join((role, *duties))}\n{why}")
        changed = _employee(actor, await _open(tx, number))
    await _tell(ctx, number)
    return changed


async def make_link(ctx: Context, actor: Actor, number: int, why: str) -> str:
    """A fresh one-use link for who lost theirs, or the password, which works no more; sessions end. Errors as above."""
    require(actor, "staff.edit")
    why = _reason(why)
    async with ctx.store.write() as tx:
        held = await _theirs(tx, actor, number)
        await accounts.begin_again(tx, number)
        await note(ctx, tx, actor, LINKED, about=held.name, detail=f"\n{why}")
        token = await put_link(ctx, tx, number, activated=False)
    await _tell(ctx, number)
    return token


async def close(ctx: Context, actor: Actor, number: int, why: str) -> None:
    """Ends the account for good: sessions, links, password and the guard's code at once. Errors as above."""
    require(actor, "staff.edit")
    why = _reason(why)
    async with ctx.store.write() as tx:
        held = await _theirs(tx, actor, number)
        await _leaves_an_admin(tx, held)
        await accounts.close(tx, number, ctx.clock())
        await people.end_ties(tx, held.party, STAFF, ctx.clock())
        await note(ctx, tx, actor, CLOSED, about=held.name, detail=f"\n{why}")
    await _tell(ctx, number)


async def let_in_again(ctx: Context, login: str) -> str:
    """The same by whoever keeps the machine, for the one admin who lost the password. NotFound("staff")."""
    async with ctx.store.write() as tx:
        held = await accounts.by_login(tx, login)
        if held is None or held.role == RESIDENT:
            raise NotFound("staff")
        await accounts.begin_again(tx, held.id)
        await note(ctx, tx, HOST, LINKED, about=held.name, detail="\nkaimen host link")
        return await put_link(ctx, tx, held.id, activated=False)


async def put_staff(
    ctx: Context, tx: Tx, name: str, login: str, role: str, duties: tuple[str, ...], language: str = "zh_CN"
) -> int:
    """A new account without permission, link or line; its number."""
    party = Party(ctx.random(16).hex(), name)
    await people.put_party(tx, party)
    await people.put_tie(tx, party.id, ROOT, STAFF, ctx.clock(), rings=False)
    return await accounts.put(tx, party.id, login, role, language, duties)


def _text(field: str, typed: str) -> str:
    text = typed.strip()
    if not text:
        raise BadInput(field, "missing")
    if len(text) > LONGEST:
        raise BadInput(field, "long")
    if not text.isprintable() or (field == "login" and " " in text):
        raise BadInput(field, "characters")
    return text


def _reason(typed: str) -> str:
    why = " ".join(typed.split())
    if not why:
        raise BadInput("why", "unsaid")
    if len(why) > LONGEST_WHY:
        raise BadInput("why", "long")
    return why


def _check_role(actor: Actor, role: str, duties: tuple[str, ...]) -> None:
    if role not in givable(actor):
        raise BadInput("role", "unknown")
    if not set(duties) <= set(DUTIES):
        raise BadInput("duties", "unknown")


async def _open(tx: Tx, number: int) -> Account:
    held = await accounts.by_id(tx, number)
    if held is None or held.closed_at is not None or held.role == RESIDENT:
        raise NotFound("staff")
    return held


async def _still(tx: Tx, actor: Actor) -> None:
    """Whoever acts has not been closed or given another role since the request began."""
    held = await accounts.by_id(tx, actor.account)
    if held is None or held.closed_at is not None or held.role != actor.role:
        raise Denied("staff.edit")


async def _theirs(tx: Tx, actor: Actor, number: int) -> Account:
    """Somebody else's account that the actor may change."""
    await _still(tx, actor)
    held = await _open(tx, number)
    if number == actor.account:
        raise Denied("own_account")
    if held.role == OPERATOR and actor.role != OPERATOR:
        raise Denied("operators")
    return held


async def _leaves_an_admin(tx: Tx, leaving: Account) -> None:
    """Somebody who administers the estate and can sign in is left."""
    if leaving.role != ADMIN:
        return
    left = [held for held in await accounts.staff(tx) if held.role == ADMIN and held.id != leaving.id]
    if not any(held.password is not None for held in left):
        raise Refused("last_admin")


async def _tell(ctx: Context, number: int) -> None:
    """Open pages of the account end or look again at once; gates' copies lose a code that is over."""
    ctx.pages.tell(Audience(accounts=(number,)), News("account"))
    await gatecopy.offer(ctx)
