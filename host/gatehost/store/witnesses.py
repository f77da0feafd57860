"""Witnesses outside the estate, and what each of them cosigned last."""

from sqlalchemy import delete, func, insert, select

from gatehost.store.store import Tx
from gatehost.store.table.log import checkpoint, cosignature, witness


async def put(tx: Tx, name: str, public: bytes, since: int) -> None:
    """A new one."""
    await tx.execute(insert(witness).values(name=name, public=public, since=since))


async def drop(tx: Tx, name: str) -> bool:
    """Forgets its key; what it cosigned stays. False if there was none."""
    return (await tx.execute(delete(witness).where(witness.c.name == name))).rowcount > 0


async def all_keys(tx: Tx) -> dict[str, bytes]:
    """Name -> public key."""
    return {name: public for name, public in await tx.execute(select(witness.c.name, witness.c.public))}


async def since(tx: Tx) -> int | None:
    """When the newest witness was named, ms UTC; None while there is none."""
    found: int | None = (await tx.execute(select(func.max(witness.c.since)))).scalar()
    return found


async def took(tx: Tx, generation: int, name: str, public: bytes) -> int:
    """The size that a witness cosigned last with this key; 0 for none."""
    same = (cosignature.c.generation == generation, cosignature.c.name == name, cosignature.c.public == public)
    return int((await tx.execute(select(func.max(cosignature.c.size)).where(*same))).scalar() or 0)


async def first_size(tx: Tx, generation: int) -> int | None:
    """The size of the oldest checkpoint of a log."""
    query = select(func.min(checkpoint.c.size)).where(checkpoint.c.generation == generation)
    found: int | None = (await tx.execute(query)).scalar()
    return found
