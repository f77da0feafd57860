"""Papers, their steps and lines."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, insert, or_, select, union, update

from gatehost.model.case import LENT, SCORES, Case, Item, Paper, Step
from gatehost.store.store import Tx, shaped
from gatehost.store.table.paper import case, item, step

_CASE = tuple(case.c[name] for name in Case.__slots__)
_STEP = tuple(step.c[name] for name in Step.__slots__)
_ITEM = tuple(item.c[name] for name in Item.__slots__)


def _case(row: Sequence[Any]) -> Case:
    values = dict(zip(Case.__slots__, row, strict=True))
    return Case(**values | {"form": json.loads(values["form"])})


def written(form: dict[str, object]) -> str:
    """A form as the database keeps it."""
    return json.dumps(form, ensure_ascii=False, sort_keys=True)


async def next_number(tx: Tx, prefix: str, year: int) -> str:
    """The next number of a kind of paper in a year: `IR-2026-00001`."""
    head = f"{prefix}-{year}-"
    newest = (await tx.execute(select(func.max(case.c.number)).where(case.c.number.like(head + "%")))).scalar()
    return f"{head}{int(newest[len(head) :]) + 1 if newest else 1:05}"


async def put(tx: Tx, made: Case) -> int:
    """A new paper (its `id` is ignored); its number in the table."""
    values = {name: getattr(made, name) for name in Case.__slots__ if name != "id"}
    done = await tx.execute(insert(case).values(values | {"form": written(made.form)}))
    assert done.inserted_primary_key is not None
    return int(done.inserted_primary_key[0])


async def get(tx: Tx, number: int) -> Case | None:
    """A paper without its steps and lines."""
    row = (await tx.execute(select(*_CASE).where(case.c.id == number))).first()
    return None if row is None else _case(row)


async def paper(tx: Tx, number: int) -> Paper | None:
    """A paper with everything on it."""
    found = await get(tx, number)
    if found is None:
        return None
    steps = await tx.execute(select(*_STEP).where(step.c.case == number).order_by(step.c.version))
    items = await tx.execute(select(*_ITEM).where(item.c.case == number).order_by(item.c.id))
    lines = tuple(shaped(Item, row) for row in items)
    return Paper(found, tuple(shaped(Step, row) for row in steps), lines)


async def by_number(tx: Tx, number: str) -> Case | None:
    """A paper by what is printed on it."""
    row = (await tx.execute(select(*_CASE).where(case.c.number == number))).first()
    return None if row is None else _case(row)


async def last_closed(tx: Tx, kind: str, place: str) -> Case | None:
    """The paper of a kind at a place that ended last."""
    query = select(*_CASE).where(case.c.place == place, case.c.kind == kind, case.c.closed_at.is_not(None))
    row = (await tx.execute(query.order_by(case.c.closed_at.desc()).limit(1))).first()
    return None if row is None else _case(row)


async def move(tx: Tx, number: int, version: int, **values: object) -> bool:
    """Changes a paper that is still at `version` and counts it one on; False if somebody was faster."""
    if isinstance(values.get("form"), dict):
        values["form"] = written(values["form"])  # type: ignore[arg-type]
    wanted = update(case).where(case.c.id == number, case.c.version == version)
    return (await tx.execute(wanted.values(**values, version=version + 1))).rowcount == 1


async def put_step(tx: Tx, made: Step) -> None:
    """What was done (its `id` is ignored)."""
    await tx.execute(insert(step).values({name: getattr(made, name) for name in Step.__slots__ if name != "id"}))


async def put_item(tx: Tx, made: Item) -> int:
    """A new line (its `id` is ignored); its number."""
    done = await tx.execute(insert(item).values({n: getattr(made, n) for n in Item.__slots__ if n != "id"}))
    assert done.inserted_primary_key is not None
    return int(done.inserted_primary_key[0])


async def set_item(tx: Tx, number: int, **values: object) -> None:
    """Changes a line."""
    await tx.execute(update(item).where(item.c.id == number).values(**values))


async def drop_item(tx: Tx, number: int) -> None:
    """Strikes a line out."""
    await tx.execute(item.delete().where(item.c.id == number))


async def clear_checks(tx: Tx, number: int) -> None:
    """Forgets what the gate counted, for it counts again."""
    await tx.execute(
        update(item).where(item.c.case == number, item.c.kind == "goods").values(checked_qty=None, verdict="")
    )


async def children(tx: Tx, number: int) -> tuple[Case, ...]:
    """Papers that belong to one."""
    return tuple(_case(row) for row in await tx.execute(select(*_CASE).where(case.c.parent == number)))


async def listed(
    tx: Tx,
    kinds: Sequence[str] = (),
    states: Sequence[str] = (),
    places: Sequence[str] | None = None,
    open_only: bool = False,
    ended_only: bool = False,
    since: int | None = None,
    limit: int = 100,
) -> tuple[Case, ...]:
    """Papers, newest first."""
    query = select(*_CASE).order_by(case.c.id.desc()).limit(limit)
    wanted: list[ColumnElement[bool]] = []
    if kinds:
        wanted.append(case.c.kind.in_(kinds))
    if states:
        wanted.append(case.c.state.in_(states))
    if places is not None:
        wanted.append(case.c.place.in_(places))
    if open_only:  # few of many, and not the newest: not to be looked for among all
        wanted.append(case.c.id.in_(select(case.c.id).where(case.c.closed_at.is_(None))))
    if ended_only:
        wanted.append(case.c.closed_at.is_not(None))
    if since is not None:
        wanted.append(case.c.opened_at >= since)
    return tuple(_case(row) for row in await tx.execute(query.where(*wanted)))


async def due(tx: Tx, now: int) -> tuple[Case, ...]:
    """Papers whose time to decide or to file is over, the longest first."""
    undecided = (case.c.due_at <= now) & case.c.closed_at.is_(None)
    unfiled = (case.c.archive_due_at <= now) & case.c.archive_due_at.is_not(None) & case.c.archived_at.is_(None)
    wanted = union(select(case.c.id).where(undecided), select(case.c.id).where(unfiled))  # each has its own index
    query = select(*_CASE).where(case.c.id.in_(wanted)).order_by(case.c.due_at, case.c.id)
    return tuple(_case(row) for row in await tx.execute(query))


async def lent(tx: Tx, limit: int = 200) -> tuple[tuple[Item, Case], ...]:
    """Things that are out, with their papers, the longest first."""
    query = select(*_ITEM, *_CASE).join(case, case.c.id == item.c.case)
    query = query.where(item.c.kind == LENT, item.c.done_at.is_(None)).order_by(item.c.id).limit(limit)
    many = len(_ITEM)
    return tuple((shaped(Item, row[:many]), _case(row[many:])) for row in await tx.execute(query))


async def counts(tx: Tx, since: int, until: int) -> tuple[tuple[str, str, int], ...]:
    """(kind, state, how many) of papers opened in a time."""
    query = select(case.c.kind, case.c.state, func.count()).where(case.c.opened_at >= since, case.c.opened_at < until)
    rows = await tx.execute(query.group_by(case.c.kind, case.c.state).order_by(case.c.kind, case.c.state))
    return tuple((row[0], row[1], row[2]) for row in rows)


async def acted(tx: Tx, kind: str, act: str, since: int, until: int) -> int:
    """How often something was done about a kind of paper in a time."""
    query = select(func.count()).select_from(step).join(case, case.c.id == step.c.case)
    query = query.where(case.c.kind == kind, step.c.act == act, step.c.at >= since, step.c.at < until)
    return int((await tx.execute(query)).scalar_one())


async def scores(tx: Tx, since: int, until: int) -> tuple[int, int]:
    """(how many said how content they are, the sum of what they said) in a time."""
    query = select(step.c.verdict, func.count()).where(step.c.act == "follow_up", step.c.verdict.in_(SCORES))
    rows = await tx.execute(query.where(step.c.at >= since, step.c.at < until).group_by(step.c.verdict))
    found = [(int(row[0]), int(row[1])) for row in rows]
    return sum(many for _, many in found), sum(score * many for score, many in found)


async def filed_late(tx: Tx, kind: str, since: int, until: int) -> int:
    """Papers of a time that were filed after their time, or still are not."""
    late = or_(case.c.archived_at > case.c.archive_due_at, case.c.archived_at.is_(None))
    query = select(func.count()).where(case.c.kind == kind, case.c.archive_due_at < until, late)
    return int((await tx.execute(query.where(case.c.opened_at >= since))).scalar_one())


async def asked_again(tx: Tx, kind: str, since: int, until: int) -> tuple[int, int]:
    """(papers of a kind opened in a time, those whose applicant was asked for more and had to come again)."""
    mine = select(case.c.id).where(case.c.kind == kind, case.c.opened_at >= since, case.c.opened_at < until)
    again = select(func.count(step.c.case.distinct())).where(step.c.case.in_(mine), step.c.became == "needs_more")
    every = select(func.count()).select_from(mine.subquery())
    return int((await tx.execute(every)).scalar_one()), int((await tx.execute(again)).scalar_one())


async def newest_of_homes(tx: Tx, kind: str) -> dict[str, int]:
    """Place -> when its newest paper of a kind was opened."""
    query = select(case.c.place, func.max(case.c.opened_at)).where(case.c.kind == kind).group_by(case.c.place)
    return {row[0]: row[1] for row in await tx.execute(query)}


async def erase_before(tx: Tx, now: int) -> int:
    """Empties form, notes and names of papers whose time is over; number, kind, states and times stay. How many."""
    over = select(case.c.id).where(case.c.keep_until <= now, case.c.closed_at.is_not(None))
    numbers = list((await tx.execute(over)).scalars())
    for at in range(0, len(numbers), 500):
        some = numbers[at : at + 500]
        await tx.execute(update(step).where(step.c.case.in_(some)).values(note="", form="", who=""))
        await tx.execute(update(item).where(item.c.case.in_(some)).values(what="", spec="", done_by=""))
        empty = {"form": "{}", "applicant": None, "keep_until": None, "opened_by": "", "assigned": ""}
        await tx.execute(update(case).where(case.c.id.in_(some)).values(empty))
    return len(numbers)
