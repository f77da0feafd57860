"""Signing in: passwords, one-use links, sessions."""

from gatehost.model.account import Actor, SignedIn, SignInLink
from gatehost.service.context import Context


async def sign_in(ctx: Context, login: str, password: str) -> SignedIn:
    """A session for the right password. Denied("credentials") for a wrong login or password (both cost the same time),
    TooMany("tries", until=ms) after five wrong in a row for the login."""
    raise NotImplementedError


async def look_at_link(ctx: Context, token: str) -> SignInLink:
    """What an unused link is for, without using it; NotFound("link") if it is unknown, used or over.

    A page shows this on GET and uses the link on POST: programs that fetch links ahead must not burn them."""
    raise NotImplementedError


async def use_link(ctx: Context, token: str) -> SignedIn:
    """Uses the link up for a session; NotFound("link") as above."""
    raise NotImplementedError


async def actor_of(ctx: Context, token: str) -> Actor | None:
    """Who a session token belongs to; None for an unknown, ended or signed-out one."""
    raise NotImplementedError


async def sign_out(ctx: Context, token: str) -> None:
    """Ends the session; an unknown token is no error."""
    raise NotImplementedError


async def set_password(ctx: Context, actor: Actor, password: str, current: str = "") -> None:
    """Sets the actor's password, ending their other sessions. `current` is asked for when there is one already.

    BadInput("password", "short") under 10 characters, ("password", "common") for the login or one character repeated,
    Denied("credentials") for a wrong current one."""
    raise NotImplementedError


async def set_language(ctx: Context, actor: Actor, language: str) -> None:
    """Keeps `zh_CN` or `en` for the account; BadInput("language", "unknown")."""
    raise NotImplementedError


async def make_link(ctx: Context, actor: Actor, party: str) -> str:
    """A fresh one-use link token (good for 30 minutes) for the person's account, which is made if there is none (a
    resident's). Older unused links of the account end. The page's address is `ctx.url + "/link/" + token`."""
    raise NotImplementedError
