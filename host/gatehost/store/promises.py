"""What each door told of its faces."""

from collections.abc import Iterable

from sqlalchemy import delete, insert, select

from gatehost.model.promise import Promise
from gatehost.store.store import Tx
from gatehost.store.table.door import device
from gatehost.store.table.estate import party
from gatehost.store.table.face import face_need, promise

PHOTOS, ALIKE = "photos", "alike"


async def put(tx: Tx, no: int, told: Promise) -> None:
    """The newest of a device replaces the one before."""
    await tx.execute(delete(promise).where(promise.c.device == no))
    values = {"at": told.at, "way": told.way, "why": " ".join(told.why), "people": told.people, "model": told.model}
    shares = {"promised": told.promised, "worst": told.worst, "estimated": told.estimated}
    await tx.execute(insert(promise).values(device=no, **values, **shares))


async def put_needs(tx: Tx, no: int, kind: str, parties: Iterable[str]) -> None:
    """Persons named by a device, replacing those it named before; of unknown ones nothing is kept."""
    await tx.execute(delete(face_need).where(face_need.c.device == no, face_need.c.kind == kind))
    known = set((await tx.execute(select(party.c.id).where(party.c.id.in_(list(parties))))).scalars())
    if known:
        await tx.execute(insert(face_need), [{"device": no, "party": one, "kind": kind} for one in sorted(known)])


async def all_told(tx: Tx) -> dict[int, Promise]:
    """By device number."""
    rows = (await tx.execute(select(promise))).all()
    needs = (await tx.execute(select(face_need.c.device, face_need.c.kind, face_need.c.party))).all()
    found = {}
    for row in rows:
        named = [(one.kind, one.party) for one in needs if one.device == row.device]
        found[row.device] = Promise(
            at=row.at, way=row.way, why=tuple(row.why.split()), people=row.people, promised=row.promised,
            worst=row.worst, estimated=row.estimated, model=row.model,
            more_photos=tuple(person for kind, person in named if kind == PHOTOS),
            alike=sum(kind == ALIKE for kind, _ in named),
        )  # fmt: skip
    return found


async def needs_of(tx: Tx, person: str) -> frozenset[str]:
    """What any door in service says of a person: "photos", "alike"."""
    query = select(face_need.c.kind).join(device, device.c.no == face_need.c.device)
    rows = await tx.execute(query.where(face_need.c.party == person, device.c.state == "active"))
    return frozenset(rows.scalars())


async def forget(tx: Tx, person: str) -> None:
    """Nothing is known of a person's face any more."""
    await tx.execute(delete(face_need).where(face_need.c.party == person))
