"""What every request passes and every answer carries: our own origin, no framing, no referrer, no caching, no secrets.

The law of a POST: the browser says it comes from this very origin (RFC 6454), and the form carries the token of the
cookie it was made for. Either missing: 403, and nothing was done. A WebSocket must name this origin too.
"""

import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]

FORM_FIELD = "form_token"
FORM_HEADER = "X-Form-Token"
SAFE = frozenset({"GET", "HEAD"})
SECRET_PATHS = re.compile(r"^/(link|v|visit/wait|say|said)/[^/?\s]+")

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Server": "kaimen",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
}


@web.middleware
async def headers(request: web.Request, handler: Serve) -> web.StreamResponse:
    """Every answer, errors included, carries the security headers; pages are never stored."""
    try:
        response = await handler(request)
    except web.HTTPException as answer:
        dress(request, answer)
        raise
    if not response.prepared:
        dress(request, response)
    return response


def dress(request: web.Request, response: web.StreamResponse) -> None:
    """Puts the headers on."""
    response.headers.update(HEADERS)
    if not request.path.startswith("/static/"):
        response.headers["Cache-Control"] = "no-store"
    if request.secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"


def same_origin(request: web.Request, public: str) -> bool:
    """Whether the browser does not say that the request comes from elsewhere.

    Our own pages send no referrer, and browsers then say `Origin: null` with their forms; over plain HTTP they say no
    more than that. Such a request, like one of a browser that says nothing, is judged by its form token alone.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("Origin")
    return origin in {None, "null"} or is_ours(origin or "", request, public)


def is_ours(origin: str, request: web.Request, public: str) -> bool:
    """Whether an Origin (RFC 6454) is the address the request was made to, or the one the estate is known by."""
    said = urlsplit(origin)
    known = urlsplit(public)
    ours = {(request.scheme, (request.host or "").lower()), (known.scheme, known.netloc.lower())}
    return (said.scheme, said.netloc.lower()) in ours


def form_token(secret: str) -> str:
    """The token for forms of the holder of cookie `secret`: good for this cookie alone."""
    return hmac.new(secret.encode(errors="replace"), b"gate-form/1", hashlib.sha256).hexdigest()


def token_fits(token: object, secret: str) -> bool:
    """Whether a sent token is the one of this cookie."""
    return (
        isinstance(token, str)
        and bool(secret)
        and secrets.compare_digest(token.encode(errors="replace"), form_token(secret).encode())
    )


def redacted(path: str) -> str:
    """A path and query as the access log may hold it: no link token, no query at all."""
    return SECRET_PATHS.sub(r"/\1/…", path.partition("?")[0])


class AccessLog(AbstractAccessLogger):
    """Method, redacted path, status and time; neither address, referrer nor agent: no personal data."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """One line per answer."""
        self.logger.info("%s %s %d %.0f ms", request.method, redacted(request.path), response.status, time * 1000)

    @property
    def enabled(self) -> bool:
        """Only when somebody listens."""
        return bool(self.logger.isEnabledFor(logging.INFO))
