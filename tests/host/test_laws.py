"""What no row may ever become, tried against both databases by the rows themselves, not through services."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from tests.host import postgres

from gatehost.model.grant import CEILINGS, DAY_MS
from gatehost.store import schema, trigger
from gatehost.store.store import Store, Tx, open_store, sqlite_url
from gatehost.store.table import estate, face, gate, paper, right

FACE = {"party": "p1", "kind": "face", "state": "active", "number": "1", "since": 0, "until": 9}
GRANT = {"scope": "h1", "home": "h1", "since": 0, "made_at": 0}
POLICY = {"decided_by": "x", "document": "", "why": "x", "since": 0, "set_by": "x"}
VISIT = {"kind": "courier", "asked_at": 0}


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    """A running PostgreSQL."""
    if not postgres.installed():
        pytest.skip("no PostgreSQL here: install it, or set KAIMEN_TEST_POSTGRES")
    with postgres.server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """A database with an estate, a building, a home and two people."""
    url = sqlite_url(tmp_path / "a.db")
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
        engine = create_async_engine(url)
        async with engine.begin() as tx:
            await tx.execute(text("DROP SCHEMA public CASCADE"))
            await tx.execute(text("CREATE SCHEMA public"))
        await engine.dispose()
    opened = await open_store(url)
    async with opened.write() as tx:
        for place, parent, kind in (("estate", None, "estate"), ("b1", "estate", "building"), ("h1", "b1", "home")):
            row = {"id": place, "parent": parent, "kind": kind, "name": place, "dial": "", "position": 0}
            await tx.execute(insert(estate.place).values(row))
        for person in ("p1", "p2"):
            await tx.execute(insert(estate.party).values(id=person, name=person, phone="", born=""))
    yield opened
    await opened.close()


async def consent(tx: Tx, person: str = "p1", withdrawn: int | None = None) -> int:
    """A consent; its number."""
    values = {"party": person, "purpose": "face-entry", "text_version": "1", "signer": "x", "given_at": 0}
    done = await tx.execute(insert(face.consent).values(**values, withdrawn_at=withdrawn))
    assert done.inserted_primary_key is not None
    return int(done.inserted_primary_key[0])


async def refused(store: Store, law: str, *statements: object) -> None:
    """The last statement is refused by this law, and by no other."""
    with pytest.raises(DBAPIError, match=law):
        await _run(store, statements)


async def _run(store: Store, statements: tuple[object, ...]) -> None:
    async with store.write() as tx:
        for statement in statements:
            await tx.execute(statement)  # type: ignore[call-overload]


async def test_a_face_hangs_on_its_own_person_s_living_consent(store: Store) -> None:
    async with store.write() as tx:
        mine, theirs, old = await consent(tx), await consent(tx, "p2"), await consent(tx, withdrawn=1)
    fresh = insert(right.credential)
    await refused(store, "a_face_needs_a_consent", fresh.values(**FACE, consent=None))
    for wrong in (theirs, old):
        await refused(store, "a_face_needs_its_consent", fresh.values(**FACE, consent=wrong))
    async with store.write() as tx:
        await tx.execute(fresh.values(**FACE, consent=mine))
    await refused(store, "a_face_keeps_its_consent", update(right.credential).values(consent=theirs))
    await refused(store, "a_face_needs_a_consent", update(right.credential).values(consent=None))


async def test_withdrawing_a_consent_ends_the_face_whoever_forgot_to(store: Store) -> None:
    async with store.write() as tx:
        mine = await consent(tx)
        await tx.execute(insert(right.credential).values(**FACE, consent=mine))
        await tx.execute(update(face.consent).where(face.consent.c.id == mine).values(withdrawn_at=5))
    async with store.read() as tx:
        assert (await tx.execute(right.credential.select())).one().state == "withdrawn"
    await refused(store, "a_face_keeps_its_consent", update(right.credential).values(state="active"))
    sealed = {"party": "p1", "model": "m", "photos": 1, "sealed": b"1", "hash": b"1", "made_at": 0}
    await refused(store, "a_template_needs_a_face", insert(face.sealed_templates).values(sealed))


@pytest.mark.parametrize("kind", sorted(CEILINGS))
async def test_no_right_passes_its_ceiling_whatever_a_policy_says(store: Store, kind: str) -> None:
    given, most = insert(right.grant), CEILINGS[kind]
    await refused(store, f"{kind}_within_its_ceiling", given.values(**GRANT, kind=kind, until=most + 1))
    await refused(store, "a_right_ends_after_it_begins", given.values(**GRANT, kind=kind, until=0))
    async with store.write() as tx:
        await tx.execute(given.values(**GRANT, kind=kind, until=most))


async def decide(tx: Tx, place: str, key: str, value: str, rank: int = 0) -> int:
    """A decision; its number."""
    done = await tx.execute(insert(estate.policy).values(**POLICY, place=place, key=key, value=value, rank=rank))
    assert done.inserted_primary_key is not None
    return int(done.inserted_primary_key[0])


async def test_a_right_keeps_the_decision_in_force_and_cannot_pass_it_over(store: Store) -> None:
    async with store.write() as tx:
        old = await decide(tx, "estate", "card.temp_max_days", "3")
        now = await decide(tx, "estate", "card.temp_max_days", "1")
        other = await decide(tx, "estate", "parking.temp_max_days", "7")
    given = insert(right.grant)
    two_days = {**GRANT, "kind": "temp_pass", "until": 2 * DAY_MS}
    for policy in (None, old, now, other):
        await refused(store, "a_right_keeps_its_limit", given.values(**two_days, policy=policy))
    async with store.write() as tx:
        await tx.execute(given.values({**two_days, "until": DAY_MS, "policy": now}))
    await refused(store, "a_right_grows_within_its_limit", update(right.grant).values(until=DAY_MS + 1))


async def test_a_higher_decision_binds_below_and_decisions_are_never_rewritten(store: Store) -> None:
    async with store.write() as tx:
        await decide(tx, "b1", "home_open", "call_only", rank=2)
    low = {**POLICY, "key": "home_open", "value": "open"}
    for place, rank in (("h1", 0), ("b1", 0), ("b1", 1)):
        statement = insert(estate.policy).values(**low, place=place, rank=rank)
        await refused(store, "a_higher_decision_binds", statement)
    await refused(store, "a_decision_stays", update(estate.policy).values(value="open"))
    await refused(store, "a_decision_is_not_deleted", estate.policy.delete())
    async with store.write() as tx:
        await decide(tx, "estate", "home_open", "open")  # above it nothing binds
        await decide(tx, "b1", "home_open", "", rank=2)  # taken back by its own rank
        await decide(tx, "h1", "home_open", "open")


async def put_case(tx: Tx) -> int:
    """A slip at the gate."""
    row = {"kind": "item_release", "number": "IR-1", "place": "h1", "form": "{}", "state": "at_gate", "version": 1}
    done = await tx.execute(insert(paper.case).values(**row, opened_at=0))
    assert done.inserted_primary_key is not None
    return int(done.inserted_primary_key[0])


async def test_a_slip_is_not_released_while_a_line_is_missing_unchecked_or_differs(store: Store) -> None:
    async with store.write() as tx:
        number = await put_case(tx)
    release = update(paper.case).values(state="released")
    line = insert(paper.item).values(case=number, kind="goods", qty=2)
    await refused(store, "a_slip_leaves_whole", release)
    await refused(store, "a_slip_leaves_whole", line, release)
    await refused(store, "a_slip_leaves_whole", line.values(checked_qty=3), release)
    async with store.write() as tx:
        await tx.execute(line.values(checked_qty=2))
        await tx.execute(release)


async def test_what_was_done_cannot_be_written_otherwise_only_emptied(store: Store) -> None:
    async with store.write() as tx:
        number = await put_case(tx)
        row = {"case": number, "version": 1, "act": "sign", "at": 5, "who": "x", "note": "y"}
        await tx.execute(insert(paper.step).values(row))
    for change in ({"act": "refuse"}, {"at": 6}, {"note": "z"}, {"who": "w"}, {"became": "released"}):
        await refused(store, "a_step_stays", update(paper.step).values(change))
    async with store.write() as tx:
        await tx.execute(update(paper.step).values(note="", who=""))


async def test_nobody_inside_is_deleted_or_written_off(store: Store) -> None:
    async with store.write() as tx:
        await tx.execute(insert(gate.visit).values(**VISIT, state="inside", in_at=1))
    visit = update(gate.visit)
    for change in ({"state": "cancelled"}, {"state": "no_show"}, {"state": "denied"}, {"state": "waiting"}):
        await refused(store, "nobody_is_lost", visit.values(change))
    await refused(store, "nobody_is_lost|inside_is_in", visit.values(in_at=None))
    await refused(store, "nobody_is_deleted_inside", gate.visit.delete())
    await refused(store, "left_was_in_and_is_out", visit.values(state="left"))
    await refused(store, "a_missing_exit_has_a_reason", visit.values(state="closed_by_staff"))
    await refused(store, "inside_is_in_and_not_out", insert(gate.visit).values(**VISIT, state="inside"))


async def test_there_is_no_way_from_a_payment_to_a_right(store: Store) -> None:
    """Money stands in lines of papers alone, and nothing that carries a right points to a line."""
    money = [
        (t.name, c.name) for t in schema.metadata.tables.values() for c in t.columns if c.name in ("amount", "fee")
    ]
    assert money == [("item", "amount")]
    pointing = {
        t.name for t in schema.metadata.tables.values() for key in t.foreign_keys if key.column.table.name == "item"
    }
    assert not pointing
    laws = " ".join(f"{law.wrong} {law.then}" for law in trigger.LAWS if law.table in ("grant", "credential"))
    assert not re.search(r"(FROM|JOIN|UPDATE) \"?item\b", laws)
