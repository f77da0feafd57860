"""Decisions about rules, with their history."""

from collections.abc import Sequence

from sqlalchemy import insert, select

from gatehost.model.policy import Rule
from gatehost.store.store import Tx, shaped
from gatehost.store.table.estate import policy

_RULE = (
    policy.c.key,
    policy.c.value,
    policy.c.place,
    policy.c.decided_by,
    policy.c.document,
    policy.c.why,
    policy.c.since,
    policy.c.set_by,
    policy.c.rank,
    policy.c.id,
)


async def latest(tx: Tx, key: str, place: str) -> Rule | None:
    """The newest decision at exactly this place."""
    query = select(*_RULE).where(policy.c.place == place, policy.c.key == key).order_by(policy.c.id.desc()).limit(1)
    row = (await tx.execute(query)).first()
    return None if row is None else shaped(Rule, row)


async def all_at(tx: Tx, key: str, place: str) -> tuple[Rule, ...]:
    """All decisions at exactly this place, newest first."""
    query = select(*_RULE).where(policy.c.place == place, policy.c.key == key).order_by(policy.c.id.desc())
    return tuple(shaped(Rule, row) for row in await tx.execute(query))


async def put(tx: Tx, rule: Rule) -> int:
    """A new decision; its number. The database refuses one below a decision that ranks higher."""
    values = {name: getattr(rule, name) for name in Rule.__slots__ if name != "id"}
    done = await tx.execute(insert(policy).values(**values))
    assert done.inserted_primary_key is not None
    return int(done.inserted_primary_key[0])


async def everything(tx: Tx) -> tuple[Rule, ...]:
    """All decisions, oldest first."""
    return tuple(shaped(Rule, row) for row in await tx.execute(select(*_RULE).order_by(policy.c.id)))


async def along(tx: Tx, keys: Sequence[str], path: Sequence[str]) -> dict[tuple[str, str], Rule]:
    """The newest decision for each of these keys at each of these places: (key, place) -> rule."""
    query = select(*_RULE).where(policy.c.place.in_(path), policy.c.key.in_(keys)).order_by(policy.c.id)
    return {(rule.key, rule.place): rule for rule in [shaped(Rule, row) for row in await tx.execute(query)]}
