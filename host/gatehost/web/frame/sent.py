"""The form a browser, or any other client, sent: read in time, readable, and legible (model.legible).

A body that trickles would hold its connection for ever, and one whose encoding is not what it says must not look like a
fault of ours.
"""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from aiohttp import web
from aiohttp.http import HttpProcessingError
from aiohttp.web_request import FileField
from multidict import MultiDict, MultiDictProxy

from gatehost.model.legible import legible

FORM_S, FILE_S = 30.0, 600.0  # a photo over a poor mobile connection
SECRETS = frozenset({"password", "old", "again"})  # taken as they are typed

# What aiohttp raises at an unknown charset, bytes that are not of it, a missing boundary, a broken part or encoding.
UNREADABLE = (LookupError, ValueError, AssertionError, web.RequestPayloadError, HttpProcessingError)
Value = str | bytes | bytearray | FileField
Form = MultiDictProxy[Value]
Found = TypeVar("Found")


async def form(request: web.Request) -> Form:
    """The fields; from here on `request.post()` gives them so too. 400 for what cannot be read, 408 when it does not
    come to its end."""
    found = await in_time(request.post())
    changed = [(name, clear(name, value)) for name, value in found.items()]
    if changed != list(found.items()):
        found = MultiDictProxy(MultiDict(changed))
        request._post = found  # tests/web/test_legible.py fails when handlers do not get these
    return found


def clear(name: str, value: Value) -> Value:
    """A field's value, legible."""
    return legible(value) if isinstance(value, str) and name not in SECRETS else value


async def in_time(reading: Awaitable[Found]) -> Found:
    """What is read of a form or a small message."""
    return await within(FORM_S, reading)


async def within(seconds: float, reading: Awaitable[Found]) -> Found:
    """What is read; 408 after so many seconds, 400 for what cannot be."""
    try:
        async with asyncio.timeout(seconds):
            return await reading
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except UNREADABLE:
        raise web.HTTPBadRequest from None
