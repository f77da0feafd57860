"""Texts as people signed them."""

from sqlalchemy import insert, select

from gatehost.store.store import Tx
from gatehost.store.table.face import agreement


async def put(tx: Tx, name: str, version: str, language: str, body: str) -> None:
    """Keeps a text under its name; the same text again changes nothing."""
    if await get(tx, name) is None:
        await tx.execute(insert(agreement).values(hash=name, version=version, language=language, body=body))


async def get(tx: Tx, name: str) -> tuple[str, str, str] | None:
    """(version, language, body) of a text."""
    query = select(agreement.c.version, agreement.c.language, agreement.c.body).where(agreement.c.hash == name)
    row = (await tx.execute(query)).first()
    return None if row is None else (row[0], row[1], row[2])
