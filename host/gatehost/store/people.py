"""Parties and their ties."""

from typing import Any

from sqlalchemy import ColumnElement, func, insert, or_, select, update

from gatehost.model.party import Party, Tie
from gatehost.model.place import HOME
from gatehost.store.store import Tx
from gatehost.store.table.estate import party, place, tie


def _lives(now: int) -> ColumnElement[bool]:
    return or_(tie.c.until.is_(None), tie.c.until > now)


_PARTY = (party.c.id, party.c.name, party.c.phone, party.c.born, party.c.kind, party.c.id_kind, party.c.id_tail)
_TIE = (
    tie.c.id, tie.c.party, tie.c.place, tie.c.role, tie.c.since, tie.c.until, tie.c.callable, tie.c.other, tie.c.proof,
)  # fmt: skip


def _tie(row: tuple[Any, ...]) -> Tie:
    number, party_id, place, role, since, until, rings, other, proof = row
    return Tie(number, party_id, place, role, since, until, bool(rings), other, proof)


async def put_party(tx: Tx, made: Party) -> None:
    """A new person."""
    await tx.execute(insert(party).values({name: getattr(made, name) for name in Party.__slots__}))


async def put_tie(
    tx: Tx,
    person: str,
    place: str,
    role: str,
    since: int,
    rings: bool = True,
    until: int | None = None,
    other: str | None = None,
    proof: str = "",
) -> None:
    """A tie from now on, or until a lease ends."""
    values = {"party": person, "place": place, "role": role, "since": since, "until": until, "other": other}
    await tx.execute(insert(tie).values(**values, callable=int(rings), proof=proof))


async def get(tx: Tx, person: str) -> Party | None:
    """A person."""
    row = (await tx.execute(select(*_PARTY).where(party.c.id == person))).first()
    return None if row is None else Party(*row)


async def correct(tx: Tx, person: str, name: str, phone: str) -> None:
    """A person's name and phone."""
    await tx.execute(update(party).where(party.c.id == person).values(name=name, phone=phone))


async def names(tx: Tx, persons: set[str]) -> dict[str, str]:
    """Names by id."""
    rows = await tx.execute(select(party.c.id, party.c.name).where(party.c.id.in_(persons)))
    return {row.id: row.name for row in rows}


async def get_tie(tx: Tx, number: int) -> Tie | None:
    """A tie."""
    row = (await tx.execute(select(*_TIE).where(tie.c.id == number))).first()
    return None if row is None else _tie(tuple(row))


async def end_tie(tx: Tx, number: int, now: int) -> None:
    """Ends a tie."""
    await tx.execute(update(tie).where(tie.c.id == number, _lives(now)).values(until=now))


async def end_ties(tx: Tx, person: str, role: str, now: int) -> None:
    """Ends every tie of this kind of a person."""
    await tx.execute(update(tie).where(tie.c.party == person, tie.c.role == role, _lives(now)).values(until=now))


async def ties_of_home(tx: Tx, home: str, now: int) -> tuple[tuple[Party, Tie], ...]:
    """The people of a home with their living ties."""
    rows = await tx.execute(
        select(*_PARTY, *_TIE)
        .join(tie, tie.c.party == party.c.id)
        .where(tie.c.place == home, _lives(now))
        .order_by(tie.c.id)
    )
    return tuple((Party(*row[: len(_PARTY)]), _tie(tuple(row[len(_PARTY) :]))) for row in rows)


async def ties_of_homes(tx: Tx, homes: list[str], now: int) -> tuple[Tie, ...]:
    """Living ties of many homes."""
    found: list[Tie] = []
    for start in range(0, len(homes), 500):
        some = homes[start : start + 500]
        rows = await tx.execute(select(*_TIE).where(tie.c.place.in_(some), _lives(now)).order_by(tie.c.id))
        found += [_tie(tuple(row)) for row in rows]
    return tuple(found)


async def homes_of(tx: Tx, person: str, now: int) -> tuple[str, ...]:
    """The places of a person's living ties."""
    rows = await tx.execute(select(tie.c.place).where(tie.c.party == person, _lives(now)).order_by(tie.c.id))
    return tuple(dict.fromkeys(rows.scalars()))


async def leaves(tx: Tx, person: str, home: str, now: int) -> int | None:
    """When the last of a person's living ties to a home ends; None when one has no end, or there is none."""
    mine = (tie.c.party == person, tie.c.place == home, _lives(now))
    ends = list((await tx.execute(select(tie.c.until).where(*mine))).scalars())
    return None if not ends or None in ends else max(ends)


async def roles_of(tx: Tx, person: str, now: int) -> set[str]:
    """As what a person belongs to homes now."""
    return set((await tx.execute(select(tie.c.role).where(tie.c.party == person, _lives(now)))).scalars())


async def times_at(tx: Tx, person: str, place: str) -> list[tuple[int, int | None]]:
    """(since, until) of each tie a person has or had to a place, in the order they began."""
    rows = await tx.execute(select(tie.c.since, tie.c.until).where(tie.c.party == person, tie.c.place == place))
    return sorted(((row.since, row.until) for row in rows), key=lambda one: one[0])


async def tied(tx: Tx, person: str, home: str, now: int) -> bool:
    """Whether the person belongs to the home now."""
    return home in await homes_of(tx, person, now)


async def tie_until(tx: Tx, person: str, place: str, until: int) -> None:
    """A person's living ties to a place end at a time, or earlier if they already did."""
    wanted = update(tie).where(tie.c.party == person, tie.c.place == place)
    await tx.execute(wanted.where(or_(tie.c.until.is_(None), tie.c.until > until)).values(until=until))


async def set_proof(tx: Tx, number: int, proof: str) -> None:
    """What a tie rests on: a kind of document; of a company, who may sign for its goods."""
    await tx.execute(update(tie).where(tie.c.id == number).values(proof=proof))


async def find(tx: Tx, words: str, now: int, limit: int) -> tuple[tuple[Party, str], ...]:
    """(person, place) of living ties whose name contains the words, or whose phone ends with them."""
    like = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    fits = or_(party.c.name.like(f"%{like}%", escape="\\"), party.c.phone.like(f"%{like}", escape="\\"))
    query = select(*_PARTY, tie.c.place).join(tie, tie.c.party == party.c.id).where(fits, _lives(now))
    rows = await tx.execute(query.order_by(tie.c.place).limit(limit))
    return tuple((Party(*row[: len(_PARTY)]), row[-1]) for row in rows)


async def first_ties(tx: Tx, now: int) -> dict[str, int]:
    """Home -> since when the first of those who live there now does."""
    query = select(tie.c.place, func.min(tie.c.since)).join(place, place.c.id == tie.c.place)
    rows = await tx.execute(query.where(place.c.kind == HOME, _lives(now)).group_by(tie.c.place))
    return {row[0]: row[1] for row in rows}
