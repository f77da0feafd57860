"""Signing in: passwords, one-use links, sessions."""

from gatecore.clock import day_of
from gatecore.sign import sha256
from gatehost.model.account import ACTIVATE, RESIDENT, SIGN_IN, Actor, SignedIn, SignInLink
from gatehost.model.errors import BadInput, Denied, NotFound
from gatehost.model.party import Party
from gatehost.service import tries
from gatehost.service.context import Context
from gatehost.service.office import passwords
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import accounts, people, places
from gatehost.store.store import Tx

LINK_MS = 30 * 60_000
STAFF_SESSION_MS = 12 * 3_600_000
RESIDENT_SESSION_MS = 30 * 86_400_000
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200
LANGUAGES = ("zh_CN", "en")
SHORTEST_PHONE = 7


async def sign_in(ctx: Context, login: str, password: str, browser: str = "") -> SignedIn:
    """A session for the right password. Denied("credentials") for a wrong login or password (both cost the same),
    TooMany("tries", until=ms) after five wrong in a row for the login. `browser`: the cookie that `known_browser` made;
    tries from one that the account signed in from before count by themselves."""
    async with ctx.store.read() as tx:
        kept = await accounts.by_login(tx, login)
    account = tries.NOBODY if kept is None else kept.id
    known = tries.browser_of(ctx.keys, browser, account)
    ctx.live.tries.spend(account, known, login, ctx.clock())
    if len(password) > LONGEST_PASSWORD or not await passwords.right(ctx, kept.password if kept else None, password):
        raise Denied("credentials")
    ctx.live.tries.right(account, known)
    async with ctx.store.write() as tx:
        still = await accounts.by_id(tx, account)
        if still is None or kept is None or (still.password, still.closed_at) != (kept.password, None):
            raise Denied("credentials")  # taken away while it was looked at
        return await _session(ctx, tx, still)


def known_browser(ctx: Context, cookie: str, account: int) -> str:
    """What the browser keeps from now on, after this account has signed in from it."""
    return tries.known_to(ctx.keys, cookie, account, ctx.random(16))


async def _session(ctx: Context, tx: Tx, kept: accounts.Account) -> SignedIn:
    token, now = ctx.token(), ctx.clock()
    until = now + (RESIDENT_SESSION_MS if kept.role == RESIDENT else STAFF_SESSION_MS)
    await accounts.put_session(tx, _hash(token), kept.id, now, until)
    estate = await places.the_estate(tx) if kept.role != RESIDENT else None
    if estate is not None:
        await accounts.signed_in(tx, kept.id, day_of(now, estate.offsets))
    return SignedIn(token, await _actor(ctx, tx, kept), until)


async def _actor(ctx: Context, tx: Tx, kept: accounts.Account) -> Actor:
    homes = await people.homes_of(tx, kept.party, ctx.clock()) if kept.role == RESIDENT else ()
    has, duties = kept.password is not None, tuple(kept.duties.split())
    return Actor(kept.id, kept.party, kept.name, kept.role, homes, kept.language, has, duties)


def _hash(token: str) -> bytes:
    return sha256(b"gate-token/1", token.encode(errors="replace"))


async def look_at_link(ctx: Context, token: str) -> SignInLink:
    """What an unused link is for, without using it; NotFound("link") if it is unknown, used or over.

    A page shows this on GET and uses the link on POST: programs that fetch links ahead must not burn them."""
    async with ctx.store.read() as tx:
        found = await accounts.open_link(tx, _hash(token), ctx.clock())
    if found is None:
        raise NotFound("link")
    kept, purpose, until = found
    return SignInLink(purpose, kept.name, kept.role, until)


async def use_link(ctx: Context, token: str) -> SignedIn:
    """Uses the link up for a session; NotFound("link") as above."""
    async with ctx.store.write() as tx:
        found = await accounts.open_link(tx, _hash(token), ctx.clock())
        if found is None or not await accounts.use_link(tx, _hash(token), ctx.clock()):
            raise NotFound("link")
        ctx.live.tries.forget(found[0].id)
        return await _session(ctx, tx, found[0])


async def actor_of(ctx: Context, token: str) -> Actor | None:
    """Who a session token belongs to; None for an unknown, ended or signed-out one."""
    async with ctx.store.read() as tx:
        kept = await accounts.by_session(tx, _hash(token), ctx.clock())
        return None if kept is None else await _actor(ctx, tx, kept)


async def sign_out(ctx: Context, token: str) -> None:
    """Ends the session; an unknown token is no error."""
    async with ctx.store.write() as tx:
        await accounts.end_session(tx, _hash(token))


async def set_password(ctx: Context, actor: Actor, password: str, current: str = "") -> SignedIn:
    """Sets the actor's password and ends all their sessions but the fresh one returned. `current` is asked for when
    there is one already, and costs a try as at the sign-in: who found a page open must not guess it.

    BadInput("password", "short") under 10 characters, ("password", "common") for the login or one character repeated,
    ("password", "long"), Denied("credentials") for a wrong current one, TooMany("tries", until=ms) as there."""
    require(actor, "account.password")
    async with ctx.store.read() as tx:
        kept = await accounts.by_id(tx, actor.account)
    if kept is None:
        raise Denied("account.password")
    _check_password(password, kept.login)
    if kept.password is not None:
        ctx.live.tries.spend(kept.id, tries.INSIDE, "", ctx.clock())
        if not await passwords.right(ctx, kept.password, current):
            raise Denied("credentials")
    hashed = await passwords.hashed(ctx, password)
    async with ctx.store.write() as tx:
        await accounts.set_password(tx, kept.id, hashed)
        ctx.live.tries.forget(kept.id)
        await accounts.end_sessions(tx, kept.id)
        await note(ctx, tx, actor, "account.password")
        changed = await accounts.by_id(tx, kept.id)
        assert changed is not None
        return await _session(ctx, tx, changed)


def _check_password(password: str, login: str | None) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise BadInput("password", "short")
    if len(password) > LONGEST_PASSWORD:
        raise BadInput("password", "long")
    if len(set(password)) < 3 or (login and login.lower() in password.lower() and len(password) < len(login) + 6):
        raise BadInput("password", "common")


async def set_language(ctx: Context, actor: Actor, language: str) -> None:
    """Keeps `zh_CN` or `en` for the account; BadInput("language", "unknown")."""
    if language not in LANGUAGES:
        raise BadInput("language", "unknown")
    async with ctx.store.write() as tx:
        await accounts.set_language(tx, actor.account, language)


async def make_link(ctx: Context, actor: Actor, party: str) -> str:
    """A fresh one-use link token (good for 30 minutes) for the person's account, which is made if there is none (a
    resident's). Older unused links of the account end, and so do its sessions and a password, which was lost. The
    page's address is `ctx.url + "/link/" + token`.

    Denied for a staff account (service.office.staff makes links for those); NotFound("person")."""
    require(actor, "account.link")
    async with ctx.store.write() as tx:
        person = await people.get(tx, party)
        if person is None:
            raise NotFound("person")
        kept = await accounts.by_party(tx, party)
        if kept is not None and kept.role != RESIDENT:
            raise Denied("account.link")
        number = kept.id if kept else await accounts.put(tx, party, None, RESIDENT)
        if kept is None or kept.login is None:
            await accounts.set_login(tx, number, await _free_login(ctx, tx, person))
        if kept is not None and kept.password is not None:
            await accounts.begin_again(tx, number)
        await note(ctx, tx, actor, "account.link", about=party)
        return await put_link(ctx, tx, number, activated=False)


async def _free_login(ctx: Context, tx: Tx, person: Party) -> str:
    """What a resident types to sign in: the phone number, or the home's and a number that is free."""
    phone = "".join(char for char in person.phone if char.isdigit())
    if len(phone) >= SHORTEST_PHONE and await accounts.by_login(tx, phone) is None:
        return phone
    home = next(iter(await people.homes_of(tx, person.id, ctx.clock())), person.id[:8])
    number = 1
    while await accounts.by_login(tx, f"{home}-{number}") is not None:
        number += 1
    return f"{home}-{number}"


async def login_of(ctx: Context, actor: Actor) -> str:
    """What the actor types to sign in; "" for none."""
    async with ctx.store.read() as tx:
        kept = await accounts.by_id(tx, actor.account)
    return "" if kept is None or kept.login is None else kept.login


async def put_link(ctx: Context, tx: Tx, account: int, activated: bool) -> str:
    """A fresh link for an account."""
    token = ctx.token()
    purpose = SIGN_IN if activated else ACTIVATE
    await accounts.put_link(tx, _hash(token), account, purpose, ctx.clock() + LINK_MS)
    return token
