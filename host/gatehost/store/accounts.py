"""Accounts, sessions and one-use links."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from gatehost.model.account import RESIDENT
from gatehost.store.store import Tx, shaped
from gatehost.store.table.account import account, link, session
from gatehost.store.table.estate import party


@dataclass(frozen=True, slots=True)
class Account:
    """An account row with its person's name."""

    id: int
    party: str
    name: str
    login: str | None
    role: str
    password: str | None
    language: str
    duties: str
    signed_in_on: int | None
    closed_at: int | None


_COLUMNS = (
    account.c.id,
    account.c.party,
    party.c.name,
    account.c.login,
    account.c.role,
    account.c.password,
    account.c.language,
    account.c.duties,
    account.c.signed_in_on,
    account.c.closed_at,
)
_ANY = select(*_COLUMNS).join(party, party.c.id == account.c.party)
_JOINED = _ANY.where(account.c.closed_at.is_(None))  # a closed account is found by its number only


def _account(row: Sequence[Any] | None) -> Account | None:
    return None if row is None else shaped(Account, row)


async def put(
    tx: Tx, person: str, login: str | None, role: str, language: str = "zh_CN", duties: tuple[str, ...] = ()
) -> int:
    """A new account without a password; its number."""
    made = await tx.execute(
        insert(account).values(
            party=person,
            login=login,
            role=role,
            password=None,
            language=language,
            duties=" ".join(duties),
        )
    )
    assert made.inserted_primary_key is not None
    return int(made.inserted_primary_key[0])


async def by_login(tx: Tx, login: str) -> Account | None:
    """The account with this login."""
    return _account((await tx.execute(_JOINED.where(account.c.login == login))).first())


async def by_party(tx: Tx, person: str) -> Account | None:
    """A person's account."""
    return _account((await tx.execute(_JOINED.where(account.c.party == person))).first())


async def by_id(tx: Tx, number: int) -> Account | None:
    """An account, closed or not."""
    return _account((await tx.execute(_ANY.where(account.c.id == number))).first())


async def with_login(tx: Tx) -> tuple[Account, ...]:
    """Every account that has a login."""
    rows = await tx.execute(_JOINED.where(account.c.login.is_not(None)).order_by(account.c.id))
    return tuple(shaped(Account, row) for row in rows)


async def set_login(tx: Tx, number: int, login: str) -> None:
    """What is typed to sign in."""
    await tx.execute(update(account).where(account.c.id == number).values(login=login))


async def set_password(tx: Tx, number: int, password: str) -> None:
    """A new password hash."""
    await tx.execute(update(account).where(account.c.id == number).values(password=password))


async def signed_in(tx: Tx, number: int, day: int) -> None:
    """Somebody of the staff signed in on this day."""
    await tx.execute(update(account).where(account.c.id == number).values(signed_in_on=day))


async def staff(tx: Tx) -> tuple[Account, ...]:
    """Every open account of who works for the estate, in the order they were made."""
    rows = await tx.execute(_JOINED.where(account.c.role != RESIDENT).order_by(account.c.id))
    return tuple(shaped(Account, row) for row in rows)


async def set_role(tx: Tx, number: int, role: str, duties: tuple[str, ...]) -> None:
    """Another role, and what may be signed for."""
    await tx.execute(update(account).where(account.c.id == number).values(role=role, duties=" ".join(duties)))


async def begin_again(tx: Tx, number: int) -> None:
    """The account has no password, no session and no link."""
    await tx.execute(update(account).where(account.c.id == number).values(password=None))
    await end_sessions(tx, number)
    await tx.execute(delete(link).where(link.c.account == number, link.c.used_at.is_(None)))


async def close(tx: Tx, number: int, now: int) -> None:
    """Nobody signs in with this account again; its login may be given to somebody else."""
    await begin_again(tx, number)
    await tx.execute(update(account).where(account.c.id == number).values(login=None, closed_at=now))


async def set_language(tx: Tx, number: int, language: str) -> None:
    """The language of the account's pages."""
    await tx.execute(update(account).where(account.c.id == number).values(language=language))


async def put_session(tx: Tx, hashed: bytes, number: int, now: int, until: int) -> None:
    """A session; ended ones are swept."""
    await tx.execute(delete(session).where(session.c.until <= now))
    await tx.execute(insert(session).values(hash=hashed, account=number, made_at=now, until=until))


async def by_session(tx: Tx, hashed: bytes, now: int) -> Account | None:
    """Whose session this is."""
    query = _JOINED.join(session, session.c.account == account.c.id)
    return _account((await tx.execute(query.where(session.c.hash == hashed, session.c.until > now))).first())


async def end_session(tx: Tx, hashed: bytes) -> None:
    """Ends one session."""
    await tx.execute(delete(session).where(session.c.hash == hashed))


async def end_sessions(tx: Tx, number: int) -> None:
    """Ends all sessions of an account."""
    await tx.execute(delete(session).where(session.c.account == number))


async def put_link(tx: Tx, hashed: bytes, number: int, purpose: str, until: int) -> None:
    """A one-use link; the account's older unused ones end."""
    await tx.execute(delete(link).where(link.c.account == number, link.c.used_at.is_(None)))
    await tx.execute(insert(link).values(hash=hashed, account=number, purpose=purpose, until=until, used_at=None))


async def open_link(tx: Tx, hashed: bytes, now: int) -> tuple[Account, str, int] | None:
    """(account, purpose, until) of an unused link that is not over."""
    row = (
        await tx.execute(
            select(link.c.account, link.c.purpose, link.c.until).where(
                link.c.hash == hashed, link.c.used_at.is_(None), link.c.until > now
            )
        )
    ).first()
    if row is None:
        return None
    found = await by_id(tx, row.account)
    return None if found is None or found.closed_at is not None else (found, row.purpose, row.until)


async def use_link(tx: Tx, hashed: bytes, now: int) -> bool:
    """Uses a link up; False if somebody was faster."""
    done = await tx.execute(update(link).where(link.c.hash == hashed, link.c.used_at.is_(None)).values(used_at=now))
    return done.rowcount == 1


async def parties(tx: Tx) -> set[str]:
    """Everybody who has an account."""
    return set((await tx.execute(select(account.c.party))).scalars())
