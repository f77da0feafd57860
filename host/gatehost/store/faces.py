"""Consents, face credentials and the sealed bytes that belong to them."""

from dataclasses import dataclass

from sqlalchemy import delete, exists, func, insert, or_, select, update

from gatehost.model.credential import Consent
from gatehost.store.store import Tx
from gatehost.store.table.estate import tie
from gatehost.store.table.face import consent, erasure, sealed_key, sealed_templates
from gatehost.store.table.right import credential

FACE = "face"
_FACE = tuple(credential.c[name] for name in ("id", "party", "kind", "state", "consent", "number", "since", "until"))


@dataclass(frozen=True, slots=True)
class FaceRow:
    """A face credential as stored."""

    id: int
    party: str
    kind: str
    state: str
    consent: int
    number: str
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Sealed:
    """A person's sealed templates without the bytes."""

    party: str
    model: str
    photos: int
    hash: bytes


async def put_consent(
    tx: Tx, person: str, purpose: str, version: str, signer: str, now: int, agreement: str | None = None
) -> int:
    """A new consent; its number."""
    values = {"party": person, "purpose": purpose, "text_version": version, "signer": signer, "given_at": now}
    values["agreement"] = agreement
    done = await tx.execute(insert(consent).values(**values, withdrawn_at=None))
    assert done.inserted_primary_key is not None
    return int(done.inserted_primary_key[0])


async def consent_of(tx: Tx, person: str, living: bool = True) -> Consent | None:
    """A person's newest consent."""
    query = select(consent).where(consent.c.party == person).order_by(consent.c.id.desc()).limit(1)
    if living:
        query = query.where(consent.c.withdrawn_at.is_(None))
    row = (await tx.execute(query)).first()
    return None if row is None else Consent(*row)


async def get_consent(tx: Tx, number: int) -> Consent:
    """A consent by number."""
    return Consent(*(await tx.execute(select(consent).where(consent.c.id == number))).one())


async def withdraw(tx: Tx, person: str, now: int) -> None:
    """Ends all living consents of a person."""
    await tx.execute(
        update(consent).where(consent.c.party == person, consent.c.withdrawn_at.is_(None)).values(withdrawn_at=now)
    )


async def put_face(tx: Tx, person: str, state: str, consent_id: int | None, number: str, since: int, until: int) -> int:
    """A new face credential; the database itself refuses one without a consent."""
    values = {"party": person, "kind": FACE, "state": state, "consent": consent_id, "number": number}
    done = await tx.execute(insert(credential).values(**values, since=since, until=until))
    assert done.inserted_primary_key is not None
    return int(done.inserted_primary_key[0])


async def face_of(tx: Tx, person: str) -> FaceRow | None:
    """A person's newest face credential."""
    query = select(*_FACE).where(credential.c.party == person, credential.c.kind == FACE)
    row = (await tx.execute(query.order_by(credential.c.id.desc()).limit(1))).first()
    return None if row is None else FaceRow(*row)


async def all_faces(tx: Tx, limit: int | None = None) -> tuple[FaceRow, ...]:
    """Face credentials, newest first."""
    query = select(*_FACE).where(credential.c.kind == FACE).order_by(credential.c.id.desc()).limit(limit)
    return tuple(FaceRow(*row) for row in await tx.execute(query))


async def set_state(tx: Tx, number: int, state: str) -> None:
    """Moves a credential on."""
    await tx.execute(update(credential).where(credential.c.id == number).values(state=state))


async def count(tx: Tx) -> int:
    """How many credentials were ever made: slip numbers follow it."""
    return (await tx.execute(select(func.count()).select_from(credential))).scalar_one()


async def put_sealed(tx: Tx, person: str, model: str, photos: int, data: bytes, hashed: bytes, now: int) -> None:
    """A person's sealed templates, replacing older ones and every key to them."""
    await forget(tx, person)
    values = {"party": person, "model": model, "photos": photos, "sealed": data, "hash": hashed, "made_at": now}
    await tx.execute(insert(sealed_templates).values(**values))


async def put_key(tx: Tx, person: str, no: int, data: bytes) -> None:
    """A person's key sealed to one device."""
    mine = (sealed_key.c.party == person, sealed_key.c.device == no)
    if (await tx.execute(select(sealed_key.c.sealed).where(*mine))).scalar() == data:
        return  # the device holds it already, since when it said so
    await tx.execute(delete(sealed_key).where(*mine))
    await tx.execute(insert(sealed_key).values(party=person, device=no, sealed=data))


async def forget(tx: Tx, person: str) -> None:
    """Deletes a person's sealed templates and keys."""
    await tx.execute(delete(sealed_key).where(sealed_key.c.party == person))
    await tx.execute(delete(sealed_templates).where(sealed_templates.c.party == person))


async def sealed_of(tx: Tx, person: str) -> Sealed | None:
    """What is held of a person."""
    columns = (sealed_templates.c.party, sealed_templates.c.model, sealed_templates.c.photos, sealed_templates.c.hash)
    row = (await tx.execute(select(*columns).where(sealed_templates.c.party == person))).first()
    return None if row is None else Sealed(*row)


async def sealed_for(tx: Tx, no: int) -> dict[str, tuple[str, bytes, bytes]]:
    """Of a device: person -> (model, hash of the sealed templates, sealed key)."""
    query = select(sealed_templates.c.party, sealed_templates.c.model, sealed_templates.c.hash, sealed_key.c.sealed)
    query = query.join(sealed_key, sealed_key.c.party == sealed_templates.c.party).where(sealed_key.c.device == no)
    return {row[0]: (row[1], row[2], row[3]) for row in await tx.execute(query)}


async def devices_with_key(tx: Tx, person: str) -> tuple[int, ...]:
    """Devices a person's key is sealed to."""
    rows = await tx.execute(select(sealed_key.c.device).where(sealed_key.c.party == person))
    return tuple(rows.scalars())


async def loaded(tx: Tx, no: int, now: int) -> None:
    """The device told that it holds the newest state, and with it every key sealed to it."""
    wanted = update(sealed_key).where(sealed_key.c.device == no, sealed_key.c.loaded_at.is_(None))
    await tx.execute(wanted.values(loaded_at=now))


async def unloaded(tx: Tx, no: int) -> None:
    """The device lets no face in and holds none."""
    await tx.execute(update(sealed_key).where(sealed_key.c.device == no).values(loaded_at=None))


async def loads(tx: Tx, person: str) -> dict[int, int | None]:
    """Device -> since when it holds the person's key, of every device it is sealed to."""
    query = select(sealed_key.c.device, sealed_key.c.loaded_at).where(sealed_key.c.party == person)
    return {row[0]: row[1] for row in await tx.execute(query)}


async def persons_without_key(tx: Tx, no: int) -> tuple[str, ...]:
    """People whose templates exist but whose key is not sealed to this device."""
    held = select(sealed_key.c.party).where(sealed_key.c.device == no)
    rows = await tx.execute(select(sealed_templates.c.party).where(sealed_templates.c.party.not_in(held)))
    return tuple(rows.scalars())


async def piece(tx: Tx, no: int, hashed: bytes) -> bytes | None:
    """Sealed templates by hash, for a device that holds a key to them."""
    query = select(sealed_templates.c.sealed).join(sealed_key, sealed_key.c.party == sealed_templates.c.party)
    query = query.where(sealed_templates.c.hash == hashed, sealed_key.c.device == no).limit(1)
    return (await tx.execute(query)).scalar()


async def ask_erasure(tx: Tx, person: str, no: int, now: int) -> None:
    """The device has still to confirm that the person's face is gone."""
    await tx.execute(delete(erasure).where(erasure.c.party == person, erasure.c.device == no))
    await tx.execute(insert(erasure).values(party=person, device=no, asked_at=now, done_at=None))


async def erased(tx: Tx, person: str, no: int, now: int) -> bool:
    """The device confirmed; False if it was not asked."""
    done = await tx.execute(
        update(erasure)
        .where(erasure.c.party == person, erasure.c.device == no, erasure.c.done_at.is_(None))
        .values(done_at=now)
    )
    return done.rowcount == 1


async def erasures(tx: Tx, person: str) -> tuple[tuple[int, int | None], ...]:
    """(device, done at) for a person."""
    rows = await tx.execute(select(erasure.c.device, erasure.c.done_at).where(erasure.c.party == person))
    return tuple((row[0], row[1]) for row in rows)


async def to_forget(tx: Tx, no: int) -> tuple[str, ...]:
    """People a device has still to forget."""
    rows = await tx.execute(select(erasure.c.party).where(erasure.c.device == no, erasure.c.done_at.is_(None)))
    return tuple(rows.scalars())


async def set_until(tx: Tx, number: int, until: int) -> None:
    """When a face credential ends."""
    await tx.execute(update(credential).where(credential.c.id == number).values(until=until))


async def of_nobody(tx: Tx, now: int) -> tuple[str, ...]:
    """People with a face credential that lives and no tie that does."""
    lives = exists().where(tie.c.party == credential.c.party, or_(tie.c.until.is_(None), tie.c.until > now))
    states = ("waiting", "capturing", "active")
    query = select(credential.c.party).where(credential.c.kind == FACE, credential.c.state.in_(states), ~lives)
    return tuple((await tx.execute(query.distinct())).scalars())


async def stored(tx: Tx) -> int:
    """How many people's faces are stored, sealed."""
    return int((await tx.execute(select(func.count()).select_from(sealed_templates))).scalar_one())
