"""What a browser sent to the guard's page: whole, in time and legible, or refused in words."""

import asyncio

from aiohttp import web
from aiohttp.http import HttpProcessingError

from gateunit.gatedesk import WrongError

FORM_S = 30.0  # a form has a few lines: one that trickles must not hold its connection for ever
LONGEST = 200
NOT_WHOLE = "This form did not arrive whole. Do it again."

# What aiohttp raises at an unknown charset, bytes that are not of it, a missing boundary, a broken part or encoding.
_UNREADABLE = (LookupError, ValueError, AssertionError, web.RequestPayloadError, HttpProcessingError)


async def form(request: web.Request) -> dict[str, str]:
    """The fields of a form, legible. WrongError for one that does not come to its end, or cannot be read."""
    try:
        async with asyncio.timeout(FORM_S):
            found = await request.post()
    except TimeoutError:
        raise WrongError(408, NOT_WHOLE) from None
    except _UNREADABLE:
        raise WrongError(400, NOT_WHOLE) from None
    return {key: legible(str(value))[:LONGEST] for key, value in found.items()}


def legible(text: str) -> str:
    """A line as a reader sees it: nothing in it that turns, hides or covers what stands beside it (docs/adr/0154)."""
    return " ".join("".join(char for char in text if char.isprintable() or char.isspace()).split())
