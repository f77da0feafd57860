"""A form that comes after its session has ended: what was typed goes through signing in, and can be sent then.

It lies in the browser's page alone and is sent by a press of whoever signed in; passwords and files are not kept.
"""

from collections.abc import Mapping

from aiohttp import web

from gatehost.model.account import SignedIn
from gatehost.web.frame import sent, session, upload
from gatehost.web.frame.guarding import FORM_FIELD
from gatehost.web.frame.page import Notice, above, render
from gatehost.web.frame.session import local_path, of
from gatehost.web.words.language import noted as N

PREFIX = "kept."
NOT_KEPT = {FORM_FIELD, *sent.SECRETS}
Fields = tuple[tuple[str, str], ...]


async def ended(request: web.Request) -> web.Response:
    """Signing in, with the form's fields beside it."""
    asked, fields = of(request), await typed(request)
    next = N("Sign in here. What you typed is kept: you can send it then.") if fields else N("Sign in and try again.")
    notice = Notice("wait", asked.say(N("You were signed out, and nothing was done")), asked.say(next))
    return shown(request, 401, notice, "", above(request), str(request.rel_url), fields)


async def typed(request: web.Request) -> Fields:
    """What the form holds that may be sent again; nothing of one that cannot be read."""
    if upload.is_upload(request):
        return ()
    try:
        fields = await sent.form(request)
    except web.HTTPException:
        return ()
    return tuple((name, told) for name, told in fields.items() if isinstance(told, str) and name not in NOT_KEPT)


def shown(
    request: web.Request, status: int, notice: Notice | None, login: str, next: str, again: str, fields: Fields
) -> web.Response:
    """The sign-in page; `fields` wait to be sent to `again`."""
    return render(
        request, "frame/sign_in.html", status=status, notice=notice, form={"login": login}, next=next, again=again,
        kept=[(PREFIX + name, told) for name, told in fields],
    )  # fmt: skip


def kept(form: Mapping[str, object]) -> tuple[str, Fields]:
    """(where to, fields) of a form that waited while somebody signed in; ("", ()) if none did."""
    again = local_path(str(form.get("again", ""))[:300])
    fields = [(name[len(PREFIX) :], told) for name, told in form.items() if name.startswith(PREFIX)]
    return again, tuple((name, told) for name, told in fields if isinstance(told, str)) if again else ()


async def go_on(request: web.Request, signed_in: SignedIn, back: str, again: str, fields: Fields) -> web.Response:
    """Signed in again: one press sends what was typed, as the one who signed in now."""
    asked = of(request)
    asked.actor, asked.secret, asked.fresh = signed_in.actor, signed_in.token, False
    page = render(request, "frame/resume.html", back=back, again=again, fields=fields, live=False)
    return await session.begin(request, signed_in, back, page)
