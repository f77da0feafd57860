"""Password hashes: argon2id, 19 MiB, 2 passes, 1 lane (OWASP's first choice), off the event loop and few at once."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gatehost.service.context import Context

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Checked for an unknown login, so that it costs the time of a known one.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$aIbe1CYZBPm08R0x3WSqqY4jcDVTqSVgZYPW61wYsyY"


async def hashed(ctx: Context, password: str) -> str:
    """The hash to keep."""
    async with ctx.live.hashing:
        return await asyncio.to_thread(_HASHER.hash, password)


async def right(ctx: Context, kept: str | None, password: str) -> bool:
    """Whether the password is the one hashed; without a hash never, after the same time."""
    async with ctx.live.hashing:
        held = await asyncio.to_thread(_holds, kept or _NOBODY, password)
    return held and kept is not None


def _holds(kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
