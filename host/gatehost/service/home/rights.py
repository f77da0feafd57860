"""Rights that papers give: a grant, and the credential or code that carries it to the doors."""

from gatecore import codes
from gatehost.model.case import Case
from gatehost.model.code import LISTED
from gatehost.model.errors import NotFound, TooMany
from gatehost.model.grant import LIMITED, VISITOR, Grant
from gatehost.model.kind import RightOf
from gatehost.model.place import BUILDING, HOME
from gatehost.service import ruling
from gatehost.service.context import Context
from gatehost.service.home import invite
from gatehost.store import codes as code_rows
from gatehost.store import grants, places
from gatehost.store.codes import CodeRow
from gatehost.store.store import Tx

MOST_HEADS = 1000
ESCORT = "visitor.escort"


async def give(ctx: Context, tx: Tx, case: Case, right: RightOf, by: str) -> Grant:
    """The right a paper asks for, from its form; the code or plate that carries it is made with it."""
    form, now = case.form, ctx.clock()
    since, until = case.window(now, right.since, right.until)
    since = max(since, case.opened_at if since < now else since)
    place = await places.get(tx, case.place)
    assert place is not None
    home = place.id if place.kind == HOME else None
    label = str(form.get(right.label, "")) if right.label else ""
    uses, heads = _number(form, right.uses, 0), _number(form, right.heads, 1)
    policy = 0
    if right.kind in LIMITED:
        policy = (await ruling.in_force(tx, LIMITED[right.kind], case.place)).id
    code = None
    if right.code and home is not None and not (right.kind == VISITOR and await escorted(tx, home)):
        code = await _code(ctx, tx, home, label, since, until, uses, by)
    credential = None
    if right.plate and form.get(right.plate) and case.applicant is not None:
        plate = str(form[right.plate])
        credential = await grants.put_credential(tx, case.applicant, "plate", "active", plate, since, until)
    made = Grant(
        0, right.kind, case.place, home, case.applicant, credential, code, case.id, policy or None, since, until,
        0, *_hours(form, right), uses, min(heads, MOST_HEADS), label, now, by, None, "",
    )  # fmt: skip
    number = await grants.put(tx, made)
    found = await grants.get(tx, number)
    assert found is not None
    return found


async def escorted(tx: Tx, home: str) -> bool:
    """Whether visitors of a home come in with their host only: no code opens a door for one alone (row B30)."""
    return (await ruling.in_force(tx, ESCORT, home)).value == "on"


def _hours(form: dict[str, object], right: RightOf) -> tuple[int | None, int | None]:
    """The minutes of the day it holds from and to; none: all day."""
    first, last = (form.get(key) if key else None for key in (right.first, right.last))
    begin, end = (first if isinstance(first, int) else 0), (last if isinstance(last, int) else 24)
    return (None, None) if (begin, end) == (0, 24) else (begin * 60, end * 60)


def _number(form: dict[str, object], key: str, otherwise: int) -> int:
    found = form.get(key) if key else None
    return found if isinstance(found, int) and found > 0 else otherwise


async def _code(ctx: Context, tx: Tx, home: str, label: str, since: int, until: int, uses: int, by: str) -> int:
    """A listed code of the home with exactly the right's window: what a door refuses with the network down."""
    building = await places.building_of(tx, home)
    if building is None:
        raise NotFound("home")
    live = [one for one in await code_rows.of_homes(tx, [home], ctx.clock()) if one.revoked_at is None]
    if len(live) >= invite.MAX_LIVE:
        raise TooMany("codes", most=invite.MAX_LIVE)
    digits = invite.listed_digits(ctx, home, building.id, live)
    row = CodeRow(
        0, home, label[: invite.LONGEST_LABEL], LISTED, None, None, ctx.keys.hide(digits, ctx.random(12)),
        ctx.random(16), since, until, min(uses, invite.MOST_USES), 0, 0, ctx.clock(), by, None, ctx.random(32),
    )  # fmt: skip
    return await code_rows.put(tx, row)


async def digits(ctx: Context, tx: Tx, grant: Grant) -> str:
    """The eight digits of the code that carries a right; "" when none does."""
    row = None if grant.code is None else await code_rows.get(tx, grant.code)
    if row is None or row.hidden is None:
        return ""
    return codes.with_check(row.home, ctx.keys.reveal(row.hidden))


async def end(ctx: Context, tx: Tx, given: list[Grant], why: str) -> None:
    """Ends rights and what carries them."""
    living = [grant for grant in given if grant.ended_at is None]
    await grants.end(tx, [grant.id for grant in living], ctx.clock(), why)
    for grant in living:
        if grant.code is not None:
            await code_rows.revoke(tx, grant.code, ctx.clock())
        if grant.credential is not None:
            await grants.set_credential(tx, grant.credential, "revoked")


async def building_of(tx: Tx, place: str) -> str | None:
    """The building a place lies in."""
    found = await places.building_of(tx, place)
    return found.id if found is not None and found.kind == BUILDING else None
