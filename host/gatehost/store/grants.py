"""Rights and the credentials they hang on."""

from dataclasses import dataclass

from sqlalchemy import exists, func, insert, or_, select, update

from gatehost.model.grant import Grant
from gatehost.store.store import Tx, shaped
from gatehost.store.table.estate import party, tie
from gatehost.store.table.right import credential, grant


@dataclass(frozen=True, slots=True)
class CardRow:
    """A card that works or was reported lost."""

    party: str
    number: str
    state: str
    until: int


@dataclass(frozen=True, slots=True)
class EndingCard:
    """A working card with its end (ms UTC) and whose it is."""

    id: int
    party: str
    number: str
    until: int
    name: str


_GRANT = tuple(grant.c[name] for name in Grant.__slots__)


async def put(tx: Tx, made: Grant) -> int:
    """A new right (its `id` is ignored); its number. The database refuses one past its limit."""
    done = await tx.execute(insert(grant).values({n: getattr(made, n) for n in Grant.__slots__ if n != "id"}))
    assert done.inserted_primary_key is not None
    return int(done.inserted_primary_key[0])


async def get(tx: Tx, number: int) -> Grant | None:
    """A right."""
    row = (await tx.execute(select(*_GRANT).where(grant.c.id == number))).first()
    return None if row is None else shaped(Grant, row)


async def of_cases(tx: Tx, cases: list[int]) -> tuple[Grant, ...]:
    """The rights papers gave."""
    rows = await tx.execute(select(*_GRANT).where(grant.c.case.in_(cases)).order_by(grant.c.id))
    return tuple(shaped(Grant, row) for row in rows)


async def of_home(tx: Tx, home: str, now: int) -> tuple[Grant, ...]:
    """A home's rights that hold or will."""
    query = select(*_GRANT).where(grant.c.home == home, grant.c.until > now, grant.c.ended_at.is_(None))
    return tuple(shaped(Grant, row) for row in await tx.execute(query.order_by(grant.c.id)))


async def short(tx: Tx, kind: str, home: str, after: int) -> tuple[Grant, ...]:
    """A home's rights of a kind that were given for a time beyond `after` (ms UTC), also those ended before it."""
    query = select(*_GRANT).where(grant.c.home == home, grant.c.kind == kind, grant.c.until > after)
    return tuple(shaped(Grant, row) for row in await tx.execute(query.order_by(grant.c.id)))


async def by_code(tx: Tx, code: int) -> Grant | None:
    """The right a code carries."""
    row = (await tx.execute(select(*_GRANT).where(grant.c.code == code))).first()
    return None if row is None else shaped(Grant, row)


async def of_plate(tx: Tx, plate: str) -> tuple[Grant, ...]:
    """Rights of a vehicle, newest first."""
    query = select(*_GRANT).join(credential, credential.c.id == grant.c.credential)
    query = query.where(credential.c.kind == "plate", credential.c.number == plate)
    return tuple(shaped(Grant, row) for row in await tx.execute(query.order_by(grant.c.id.desc())))


async def named(tx: Tx, kind: str, words: str, now: int) -> tuple[Grant, ...]:
    """Rights of a kind that hold now, by the name they were given."""
    like = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    holds = (grant.c.kind == kind, grant.c.since <= now, grant.c.until > now, grant.c.ended_at.is_(None))
    rows = await tx.execute(select(*_GRANT).where(*holds, grant.c.label.like(like, escape="\\")))
    return tuple(sorted((shaped(Grant, row) for row in rows), key=lambda one: one.id)[:10])


async def plates(tx: Tx, now: int) -> tuple[tuple[str, str, int], ...]:
    """(plate, home, until) of every vehicle's right that holds now, by plate."""
    query = select(credential.c.number, grant.c.home, grant.c.until).join(
        credential, credential.c.id == grant.c.credential
    )
    holds = (credential.c.kind == "plate", grant.c.since <= now, grant.c.until > now, grant.c.ended_at.is_(None))
    rows = await tx.execute(query.where(*holds))
    return tuple(sorted((row[0], row[1] or "", row[2]) for row in rows))


async def end(tx: Tx, numbers: list[int], now: int, why: str) -> None:
    """Ends rights, once."""
    wanted = update(grant).where(grant.c.id.in_(numbers), grant.c.ended_at.is_(None))
    await tx.execute(wanted.values(ended_at=now, end_why=why))


async def of_people(tx: Tx, persons: list[str], credentials: list[int]) -> tuple[Grant, ...]:
    """Rights that hang on these people or their credentials and have not ended."""
    mine = or_(grant.c.party.in_(persons), grant.c.credential.in_(credentials))
    return tuple(
        shaped(Grant, row) for row in await tx.execute(select(*_GRANT).where(mine, grant.c.ended_at.is_(None)))
    )


async def put_credential(
    tx: Tx, person: str, kind: str, state: str, number: str, since: int, until: int, replaces: int | None = None
) -> int:
    """A new credential that is no face; the database refuses a card's number a second time."""
    values = {"party": person, "kind": kind, "state": state, "number": number, "since": since, "until": until}
    done = await tx.execute(insert(credential).values(**values, consent=None, replaces=replaces))
    assert done.inserted_primary_key is not None
    return int(done.inserted_primary_key[0])


async def credentials_of(tx: Tx, person: str, kind: str, *states: str) -> tuple[tuple[int, str, str], ...]:
    """(id, number, state) of a person's credentials of a kind."""
    query = select(credential.c.id, credential.c.number, credential.c.state)
    query = query.where(credential.c.party == person, credential.c.kind == kind)
    rows = await tx.execute(
        (query.where(credential.c.state.in_(states)) if states else query).order_by(credential.c.id)
    )
    return tuple((row[0], row[1], row[2]) for row in rows)


async def by_number(tx: Tx, kind: str, number: str) -> tuple[int, str, str, int] | None:
    """(id, party, state, until) of a card or plate by what is written on it; the newest."""
    query = select(credential.c.id, credential.c.party, credential.c.state, credential.c.until)
    query = query.where(credential.c.kind == kind, credential.c.number == number).order_by(credential.c.id.desc())
    row = (await tx.execute(query.limit(1))).first()
    return None if row is None else (row[0], row[1], row[2], row[3])


async def cards_of(tx: Tx, persons: list[str], *states: str) -> tuple[CardRow, ...]:
    """These people's cards in one of these states."""
    query = select(credential.c.party, credential.c.number, credential.c.state, credential.c.until)
    query = query.where(credential.c.kind == "card", credential.c.state.in_(states))
    found: list[CardRow] = []
    for start in range(0, len(persons), 500):
        rows = await tx.execute(
            query.where(credential.c.party.in_(persons[start : start + 500])).order_by(credential.c.id)
        )
        found += [CardRow(*row) for row in rows]
    return tuple(found)


async def ending_cards(tx: Tx, after: int, before: int) -> tuple[EndingCard, ...]:
    """Working cards that end in this time, the next one first."""
    query = select(credential.c.id, credential.c.party, credential.c.number, credential.c.until, party.c.name)
    query = query.join(party, party.c.id == credential.c.party)
    query = query.where(credential.c.kind == "card", credential.c.state == "active")
    query = query.where(credential.c.until > after, credential.c.until <= before)
    return tuple(EndingCard(*row) for row in await tx.execute(query.order_by(credential.c.until, credential.c.id)))


async def ending_before_their_people(tx: Tx, after: int, before: int) -> tuple[int, int | None]:
    """(how many, the next end) of working cards that end in this time while their person belongs to a home longer."""
    longer = exists().where(
        tie.c.party == credential.c.party, or_(tie.c.until.is_(None), tie.c.until > credential.c.until)
    )
    query = select(func.count(), func.min(credential.c.until)).where(credential.c.kind == "card", longer)
    query = query.where(credential.c.state == "active", credential.c.until > after, credential.c.until <= before)
    many, first = (await tx.execute(query)).one()
    return int(many), first


async def renew_card(tx: Tx, number: int, until: int) -> None:
    """A working card's new end."""
    working = (credential.c.id == number, credential.c.kind == "card", credential.c.state == "active")
    await tx.execute(update(credential).where(*working).values(until=until))


async def cards_until(tx: Tx, person: str, until: int) -> None:
    """A person's working cards end at a time, or earlier if they already do."""
    wanted = update(credential).where(credential.c.party == person, credential.c.kind == "card")
    await tx.execute(wanted.where(credential.c.until > until, credential.c.state == "active").values(until=until))


async def set_credential(tx: Tx, number: int, state: str) -> None:
    """Moves a credential on."""
    await tx.execute(update(credential).where(credential.c.id == number).values(state=state))


async def lost_cards(tx: Tx) -> tuple[tuple[str, str], ...]:
    """(number, name of who lost it) of lost cards, for the guard."""
    query = select(credential.c.number, party.c.name).join(party, party.c.id == credential.c.party)
    rows = await tx.execute(query.where(credential.c.kind == "card", credential.c.state == "lost"))
    return tuple((row[0], row[1]) for row in rows)
