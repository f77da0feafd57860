"""Who did and saw what."""

from collections.abc import Sequence

from sqlalchemy import insert, select

from gatehost.model.sheet import LookUp
from gatehost.store.store import Tx
from gatehost.store.table.account import audit

_COLUMNS = (
    audit.c.id, audit.c.at, audit.c.who, audit.c.role, audit.c.action, audit.c.home, audit.c.about, audit.c.detail,
)  # fmt: skip


async def put(
    tx: Tx,
    now: int,
    account: int | None,
    who: str,
    role: str,
    action: str,
    homes: Sequence[str],
    about: str,
    detail: str,
) -> None:
    """A new line for each of these homes."""
    values = {"at": now, "account": account, "who": who, "role": role, "action": action}
    await tx.execute(insert(audit), [{**values, "home": home, "about": about, "detail": detail} for home in homes])


async def newest(
    tx: Tx,
    limit: int,
    before: int | None = None,
    home: str | None = None,
    roles: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
    since: int = 0,
) -> tuple[LookUp, ...]:
    """Lines since a time, newest first."""
    query = select(*_COLUMNS).order_by(audit.c.id.desc()).limit(limit)
    if since:
        query = query.where(audit.c.at >= since)
    if before is not None:
        query = query.where(audit.c.id < before)
    if home is not None:
        query = query.where(audit.c.home == home)
    if roles:
        query = query.where(audit.c.role.in_(roles))
    if without:
        query = query.where(audit.c.action.not_in(without))
    return tuple(LookUp(*row) for row in await tx.execute(query))


async def of_action(tx: Tx, action: str, limit: int) -> tuple[LookUp, ...]:
    """Lines of one kind of act, newest first."""
    query = select(*_COLUMNS).where(audit.c.action == action).order_by(audit.c.id.desc()).limit(limit)
    return tuple(LookUp(*row) for row in await tx.execute(query))


async def last(tx: Tx, action: str) -> int | None:
    """When something was last done, ms UTC."""
    query = select(audit.c.at).where(audit.c.action == action).order_by(audit.c.id.desc()).limit(1)
    found: int | None = (await tx.execute(query)).scalar()
    return found


async def last_said(tx: Tx, home: str, wanted: str, other: str) -> tuple[str, ...]:
    """Whom of a home's people the newest of two acts about them was `wanted` (written with the home) and not `other`
    (written with or without it)."""
    mine = select(audit.c.about).where(audit.c.home == home, audit.c.action == wanted)
    query = select(audit.c.about, audit.c.action).where(audit.c.action.in_((wanted, other)), audit.c.about.in_(mine))
    newest = {about: action for about, action in await tx.execute(query.order_by(audit.c.id))}
    return tuple(about for about, action in newest.items() if action == wanted)
