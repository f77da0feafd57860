"""Claim slips and newcomers enrolled twice."""

from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from gatehost.store.store import Tx
from gatehost.store.table.face import claim_slip, face_twice


@dataclass(frozen=True, slots=True)
class SlipRow:
    """A claim slip as stored."""

    id: int
    mark: bytes
    party: str
    home: str
    consent: int
    slot: str
    made_at: int
    until: int
    used_at: int | None
    ended_at: int | None
    task: str
    vault: str
    sealed: bytes | None
    refused_at: int | None
    refused: int | None


@dataclass(frozen=True, slots=True)
class TwiceRow:
    """A newcomer refused as enrolled already."""

    party: str
    home: str
    vault: str
    at: int
    state: str
    guess: str
    verdict: int | None
    why: str


async def put(tx: Tx, values: dict[str, object]) -> None:
    """A new slip; the person's older unused ones end."""
    await end(tx, str(values["party"]), int(str(values["made_at"])))
    begun = {"used_at": None, "ended_at": None, "task": "", "vault": "", "sealed": None}
    await tx.execute(insert(claim_slip).values(**values, **begun, refused_at=None, refused=None))


async def by_mark(tx: Tx, mark: bytes) -> SlipRow | None:
    """A slip by the keyed hash of its digits."""
    row = (await tx.execute(select(claim_slip).where(claim_slip.c.mark == mark))).first()
    return None if row is None else SlipRow(*row)


async def by_task(tx: Tx, task: str) -> SlipRow | None:
    """The slip a sitting was begun under."""
    row = (await tx.execute(select(claim_slip).where(claim_slip.c.task == task))).first()
    return None if row is None else SlipRow(*row)


async def change(tx: Tx, number: int, **values: object) -> None:
    """Sets columns of a slip."""
    await tx.execute(update(claim_slip).where(claim_slip.c.id == number).values(**values))


async def end(tx: Tx, person: str, now: int) -> None:
    """A person's unused slips end; what waits for the vault goes, and so does what was said of it."""
    mine = claim_slip.c.party == person
    await tx.execute(update(claim_slip).where(mine, claim_slip.c.used_at.is_(None)).values(ended_at=now))
    await tx.execute(update(claim_slip).where(mine).values(sealed=None, refused_at=None, refused=None))


async def settle(tx: Tx, person: str) -> None:
    """The person is enrolled: what was refused before is over."""
    await tx.execute(update(claim_slip).where(claim_slip.c.party == person).values(refused_at=None, refused=None))


async def refusal(tx: Tx, person: str) -> SlipRow | None:
    """The slip under which something was taken that the vault did not take over; None when that is over."""
    mine = select(claim_slip).where(claim_slip.c.party == person, claim_slip.c.refused.is_not(None))
    row = (await tx.execute(mine.order_by(claim_slip.c.refused_at.desc()))).first()
    return None if row is None else SlipRow(*row)


async def too_late(tx: Tx, since: int, now: int, why: int) -> int:
    """Deletes boxes of slips that ended before `since`, which no vault has taken; how many."""
    waits = (claim_slip.c.until < since, claim_slip.c.sealed.is_not(None))
    return (
        await tx.execute(update(claim_slip).where(*waits).values(sealed=None, refused_at=now, refused=why))
    ).rowcount


async def for_vault(tx: Tx, vault: str) -> tuple[SlipRow, ...]:
    """Boxes that wait for a vault."""
    query = select(claim_slip).where(claim_slip.c.vault == vault, claim_slip.c.sealed.is_not(None))
    return tuple(SlipRow(*row) for row in await tx.execute(query.order_by(claim_slip.c.id)))


async def put_twice(tx: Tx, person: str, home: str, vault: str, now: int) -> None:
    """A newcomer was refused; what was decided about an earlier capture is over."""
    await tx.execute(delete(face_twice).where(face_twice.c.party == person))
    values = {"party": person, "home": home, "vault": vault, "at": now, "state": "open"}
    await tx.execute(insert(face_twice).values(**values, guess="", verdict=None, why=""))


async def twice(tx: Tx, person: str) -> TwiceRow | None:
    """How it stands with a newcomer."""
    row = (await tx.execute(select(face_twice).where(face_twice.c.party == person))).first()
    return None if row is None else TwiceRow(*row)


async def is_twice(tx: Tx, person: str) -> bool:
    """Whether a newcomer was refused and nobody has decided yet."""
    case = await twice(tx, person)
    return case is not None and case.state == "open"


async def all_twice(tx: Tx) -> tuple[TwiceRow, ...]:
    """Open ones and decided ones, newest first."""
    rows = await tx.execute(select(face_twice).order_by(face_twice.c.at.desc()))
    return tuple(TwiceRow(*row) for row in rows)


async def change_twice(tx: Tx, person: str, **values: object) -> None:
    """Sets columns."""
    await tx.execute(update(face_twice).where(face_twice.c.party == person).values(**values))


async def end_twice(tx: Tx, person: str) -> None:
    """It is over: the person is enrolled, or has withdrawn."""
    await tx.execute(delete(face_twice).where(face_twice.c.party == person))
