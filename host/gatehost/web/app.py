"""The pages as one application: every route behind its roles, and what every request passes.

`make_app(ctx)` gives the aiohttp application; whoever runs it hands `guarding.AccessLog` to the runner, so that no link
token reaches a log.
"""

import logging
from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from gatehost.model.errors import Denied, HostError, NotFound
from gatehost.service.context import Context
from gatehost.web.evidence import proof
from gatehost.web.frame import guarding, page, resume, session, turning
from gatehost.web.routes import PRACTISED, ROUTES, Handle, Route


def make_app(ctx: Context, *, demo: bool = False, practice: bool = False) -> web.Application:
    """The application over one host's context; `practice`: marked so on every page, with roles to try at sign-in."""
    app = web.Application(
        middlewares=[guarding.headers, session.session, refusals, session.forms], client_max_size=64 * 1024
    )
    app[session.CTX] = ctx
    app[session.DEMO], app[session.PRACTICE] = demo, practice
    app[proof.CHECKING] = set()
    app.on_cleanup.append(proof.at_the_end)
    app[page.TEMPLATES] = page.environment()
    app[session.BEHIND] = behind = set[tuple[str, str]]()
    for one in (*ROUTES, *(PRACTISED if practice else ())):
        add = app.router.add_get if one.method == "GET" else app.router.add_post
        made = add(one.path, guarded(one))
        if one.roles and made.resource is not None:
            behind.add((one.method, made.resource.canonical))
    app[page.PAGES] = page.pages_of(app.router)
    app[turning.WAITING] = turning.Waiting()
    app.router.add_static("/static/", Path(__file__).parent / "static", append_version=False)
    return app


def guarded(one: Route) -> Handle:
    """The route's handler behind its roles: signed out, a page leads to sign-in; signed in without the role, 403."""

    async def handle(request: web.Request) -> web.StreamResponse:
        actor = session.of(request).actor
        if one.roles and actor is None:
            if request.method == "GET" and "Upgrade" not in request.headers:
                return page.go(f"/sign-in?next={quote(request.path, safe='/')}")
            raise web.HTTPUnauthorized
        if one.roles and actor is not None and actor.role not in one.roles:
            raise Denied("role")
        return await one.handle(request)

    return handle


@web.middleware
async def refusals(request: web.Request, handler: guarding.Serve) -> web.StreamResponse:
    """Every refusal becomes a page that says why and what to do next; a surprise is logged by its kind alone."""
    try:
        return await handler(request)
    except HostError as error:
        return page.refusal(request, error)
    except web.HTTPException as answer:
        if answer.status == 401 and request.method == "POST":
            return await resume.ended(request)
        return answered(request, answer)
    except (ConnectionResetError, TimeoutError):
        raise
    except Exception as error:
        logging.getLogger(__name__).exception("%s %s", request.method, guarding.redacted(request.path), exc_info=error)
        return page.refusal(request, error)


def answered(request: web.Request, answer: web.HTTPException) -> web.StreamResponse:
    """The framework's own refusals in our words; its status is kept."""
    if answer.status < 400 or request.path.startswith("/static/"):
        raise answer
    told: HostError = NotFound("page") if answer.status in {404, 405} else HostError(WORDS.get(answer.status, ""))
    response = page.refusal(request, told)
    response.set_status(answer.status)
    if "Allow" in answer.headers:
        response.headers["Allow"] = answer.headers["Allow"]
    return response


WORDS = {400: "unreadable", 401: "signed_out", 403: "form", 408: "slow", 413: "large"}
