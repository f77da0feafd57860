"""Photos of reports: documents like any other, erased with their key; those of before are taken over, whole or not."""

import base64
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from sqlalchemy import insert, select, text
from tests.host.house import DAY, House
from tests.host.test_documents import jpeg

from gatehost.model.account import GUARD, Actor
from gatehost.model.errors import BadInput, NotFound, StoreError
from gatehost.service.gate import incident
from gatehost.service.office import retention
from gatehost.service.paper import disclosure, documents
from gatehost.store import documents as rows
from gatehost.store.table.paper import photo

GATE, LOOKS = "gate-1", b"\x12\x34"
WATCH = Actor(-7, "", "赵班长", GUARD, (), "zh_CN", True)
OLD = jpeg(640, 480)


def under_one_key(house: House, data: bytes, key: bytes = b"") -> bytes:
    """A photo as the database held it before photos were documents."""
    nonce = house.ctx.random(12)
    return nonce + ChaCha20Poly1305(key or house.ctx.keys.sealing).encrypt(nonce, data, b"gate-hidden-bytes/1")


async def kept_before(house: House, hidden: bytes, days: int = 0) -> int:
    """A report whose photo lies in the database; the report."""
    case = await incident.report(house.ctx, WATCH, GATE, "有人翻墙", "东墙", b"")
    values = {
        "case": case.id,
        "sha256": "",
        "hidden": hidden,
        "made_at": house.clock.now - days * DAY,
        "made_by": "赵班长",
    }
    async with house.ctx.store.write() as tx:
        await tx.execute(insert(photo).values(**values))
    return case.id


async def left(house: House) -> list[int]:
    """Reports whose photos lie in the database still."""
    async with house.ctx.store.read() as tx:
        return list((await tx.execute(select(photo.c.case))).scalars())


def seen(shown: bytes) -> bytes:
    """What lies under the mark."""
    found = re.search(rb"base64,([^\"]+)\"", shown)
    assert found
    return base64.b64decode(found[1])


async def test_a_photo_kept_before_is_taken_over_as_a_document_with_its_own_time(house: House) -> None:
    admin, hidden = await house.actor("admin"), under_one_key(house, OLD)
    case = await kept_before(house, hidden, days=100)
    assert await incident.take_over(house.ctx) == 1
    [(number, _, who, at)] = await incident.with_photo(house.ctx, admin)
    assert (who, at) == ("赵班长", house.clock.now - 100 * DAY)
    assert seen(await disclosure.show(house.ctx, admin, number, "x")) == OLD
    assert await left(house) == []
    assert hidden not in b"".join(path.read_bytes() for path in house.folder.rglob("*") if path.is_file())
    assert await incident.take_over(house.ctx) == 0
    async with house.ctx.store.read() as tx:
        assert [one.case for one in await rows.of_case(tx, case)] == [case]
    house.clock.now += 79 * DAY
    await retention.run(house.ctx)
    assert len(await incident.with_photo(house.ctx, admin)) == 1
    house.clock.now += 2 * DAY
    await retention.run(house.ctx)
    assert await incident.with_photo(house.ctx, admin) == ()


async def test_a_photo_that_does_not_open_stays_as_it_was_and_the_others_are_taken_over(house: House) -> None:
    bad = await kept_before(house, under_one_key(house, OLD, bytes(32)))
    torn = await kept_before(house, under_one_key(house, OLD)[:-1])
    none = await kept_before(house, under_one_key(house, b"no picture"))
    await kept_before(house, under_one_key(house, OLD))
    assert await incident.take_over(house.ctx) == 1
    assert await left(house) == [bad, torn, none]
    assert len(await incident.with_photo(house.ctx, await house.actor("admin"))) == 1


async def test_a_move_that_is_cut_off_is_done_again_and_nothing_is_there_twice(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kept_before(house, under_one_key(house, OLD))

    async def cut(*_: object) -> None:
        raise StoreError("unreadable")

    monkeypatch.setattr(incident.photos, "drop", cut)
    with pytest.raises(StoreError):
        await incident.take_over(house.ctx)
    monkeypatch.undo()
    admin = await house.actor("admin")
    assert await incident.with_photo(house.ctx, admin) == ()
    assert await incident.take_over(house.ctx) == 1
    [(number, *_)] = await incident.with_photo(house.ctx, admin)
    assert seen(await disclosure.show(house.ctx, admin, number, "x")) == OLD


async def test_an_erased_photo_is_unreadable_from_any_copy_of_file_and_database(house: House, tmp_path: Path) -> None:
    admin = await house.actor("admin")
    await incident.report(house.ctx, WATCH, GATE, "有人翻墙", "东墙", OLD)
    [(number, *_)] = await incident.with_photo(house.ctx, admin)
    assert LOOKS in seen(await disclosure.show(house.ctx, admin, number, "x"))  # the control: it is read until then
    [name] = house.ctx.shelf.names()
    copy = house.ctx.shelf.get(name)
    house.clock.now += 181 * DAY
    await retention.run(house.ctx)
    assert house.ctx.shelf.names() == []
    assert house.ctx.shelf.put(copy) == name  # the file and its row are brought back from copies
    async with house.ctx.store.write() as tx:
        await tx.execute(text("UPDATE doc SET erased_at = NULL, keep_until = NULL"))
    with pytest.raises(NotFound):
        await disclosure.show(house.ctx, admin, number, "x")
    assert house.ctx.store.halves is not None
    assert house.ctx.store.halves.show(copy) is None


async def test_the_desk_cannot_take_a_report_s_photo_back_nor_attach_one_as_such(house: House) -> None:
    desk = await house.actor("desk")
    case = await incident.report(house.ctx, WATCH, GATE, "有人翻墙", "东墙", OLD)
    [(number, *_)] = await incident.with_photo(house.ctx, desk)
    with pytest.raises(NotFound):
        await documents.take_back(house.ctx, desk, case.id, number)
    with pytest.raises(BadInput, match="unknown"):
        await documents.attach(house.ctx, desk, case.id, documents.REPORTED, OLD)
    assert len(await incident.with_photo(house.ctx, desk)) == 1
