"""Documents: judged by what they are, sealed each under its subject's key, shown under a mark, ended in time."""

import hashlib
import struct
import zlib

import pytest
from tests.host.house import DAY, HOUR, House

from gatehost.model.account import Actor
from gatehost.model.document import DECORATION, OWNERS, TENANTS, Document
from gatehost.model.errors import BadInput, Denied, NotFound, Refused, StoreError
from gatehost.service.evidence import erasure
from gatehost.service.home import leaving
from gatehost.service.paper import casework, disclosure, documents, picture
from gatehost.store import documents as rows
from gatehost.store import people

HOME = "120502"
ARCHIVIST = Actor(-5, "", "周档案", "desk", (), "zh_CN", True, ("archivist",))


def png(width: int = 8, height: int = 6, level: int = 120) -> bytes:
    """A real PNG of one grey."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows_ = zlib.compress((b"\0" + bytes([level]) * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows_) + chunk(b"IEND", b"")


def jpeg(width: int = 40, height: int = 30) -> bytes:
    """A JPEG's frame: what the host reads of one."""
    app = b"\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
    frame = b"\xff\xc0\0\x0b\x08" + struct.pack(">HH", height, width) + b"\x01\x01\x11\0"
    return b"\xff\xd8" + app + frame + b"\xff\xda\0\x08\x01\x01\0\0\x3f\0\x12\x34\xff\xd9"


def pdf(*pages: bytes, more: bytes = b"") -> bytes:
    """A real PDF as a scanner writes one: a page for each content, `more` in its catalogue."""
    kids = b" ".join(b"%d 0 R" % (3 + 2 * number) for number in range(len(pages or (b"",))))
    made = [
        b"<</Type/Catalog/Pages 2 0 R" + more + b">>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (kids.count(b"R"), kids),
    ]
    for number, content in enumerate(pages or (b"0 0 9 9 re f",)):
        made.append(b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R>>" % (4 + 2 * number))
        made.append(b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
    out, at = b"%PDF-1.4\n", []
    for number, held in enumerate(made):
        at.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number + 1, held)
    rows_ = b"".join(b"%010d 00000 n \n" % one for one in at)
    head = b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\n" % (len(at) + 1, rows_, len(at) + 1)
    return out + head + b"startxref\n%d\n%%%%EOF\n" % len(out)


async def filed(house: House, kind: str = "id_copy", who: str = "limei", class_: str = OWNERS) -> Document:
    """A document of somebody of the home."""
    party = (await house.actor(who)).party
    return await documents.file(house.ctx, ARCHIVIST, HOME, class_, kind, png(), party)


async def lent(house: House, desk: Actor) -> int:
    """A running, approved lending of the desk's."""
    form: dict[str, object] = {"doc": "身份证复印件", "reason": "核对签名"}
    case = await casework.open_case(house.ctx, desk, "archive_lend", HOME, form)
    case = await casework.act(house.ctx, desk, case.id, case.version, "apply")
    return (await casework.act(house.ctx, ARCHIVIST, case.id, case.version, "sign")).id


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"%PDF-1.7\n%%EOF", "pdf"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "picture"),
        (b"GIF89a" + bytes(40), "picture"),
        (jpeg()[:-2], "picture"),
        (png()[:-1], "picture"),
        (png(0, 6), "picture"),
        (b"\xff\xd8\xff" + b"\xff" * 40 + b"\xff\xd9", "picture"),
        (b"\xff\xd8\xff\xe0\0\0" + bytes(40) + b"\xff\xd9", "picture"),
        (png()[:16] + struct.pack(">II", 100_000, 1000) + png()[24:], "pixels"),
        (png() + bytes(picture.MOST_BYTES), "long"),
    ],
)
async def test_only_whole_pictures_are_taken_whatever_they_are_called(house: House, data: bytes, code: str) -> None:
    with pytest.raises(BadInput, match=code):
        await documents.file(house.ctx, ARCHIVIST, HOME, OWNERS, "deed", data)
    assert house.ctx.shelf.names() == []


def test_a_picture_s_size_is_read_from_its_frame() -> None:
    assert picture.judged(jpeg(640, 480)) == ("image/jpeg", 640, 480)
    assert picture.judged(png(9, 7)) == ("image/png", 9, 7)


async def test_a_file_is_named_by_its_hash_and_holds_nothing_that_can_be_read(house: House) -> None:
    made = await filed(house)
    assert house.ctx.shelf.names() == [made.sha256]
    held = house.ctx.shelf.get(made.sha256)
    assert hashlib.sha256(held).hexdigest() == made.sha256
    assert b"IHDR" not in held
    assert held != house.ctx.shelf.get((await filed(house)).sha256)  # the same picture again is another file


async def test_a_damaged_file_is_said_to_be_and_shows_nothing(house: House) -> None:
    made = await filed(house)
    path = house.ctx.shelf.folder / made.sha256[:2] / made.sha256
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(StoreError, match="damaged"):
        house.ctx.shelf.get(made.sha256)
    mei = await house.actor("limei")
    with pytest.raises(StoreError, match="damaged"):
        await disclosure.show(house.ctx, mei, made.id, "x")


async def test_people_see_their_own_and_nobody_else_s(house: House) -> None:
    made = await filed(house)
    shown = await disclosure.show(house.ctx, await house.actor("limei"), made.id, "2026-06-15 10:00")
    assert shown.startswith(b"<svg")
    assert "2026-06-15 10:00 李梅".encode() in shown
    for login in ("liqiang", "wangfang"):
        with pytest.raises(NotFound):
            await disclosure.show(house.ctx, await house.actor(login), made.id, "x")


async def test_the_office_sees_a_document_lent_for_a_reason_by_leave_and_for_a_time(house: House) -> None:
    made, desk = await filed(house), await house.actor("desk")
    with pytest.raises(Refused, match="not_lent"):
        await disclosure.show(house.ctx, desk, made.id, "x")
    number = await lent(house, desk)
    shown = await disclosure.show(house.ctx, desk, made.id, "x", number)
    assert shown.decode().count("AL-2026-00001") > 4  # all over it
    with pytest.raises(Refused, match="not_lent"):  # somebody else's lending
        await disclosure.show(house.ctx, await house.actor("admin"), made.id, "x", number)
    other = await documents.file(house.ctx, ARCHIVIST, "130101", OWNERS, "deed", png())
    with pytest.raises(Refused, match="not_lent"):  # another home's document
        await disclosure.show(house.ctx, desk, other.id, "x", number)
    house.clock.now += HOUR // 2
    with pytest.raises(Refused, match="not_lent"):
        await disclosure.show(house.ctx, desk, made.id, "x", number)


async def test_what_an_applicant_brings_belongs_to_the_paper_while_it_is_open(house: House) -> None:
    mei, desk, fang = [await house.actor(login) for login in ("limei", "desk", "wangfang")]
    case = await casework.open_case(house.ctx, mei, "repair", HOME, {"what": "漏水"})
    made = await documents.attach(house.ctx, mei, case.id, "photo", jpeg())
    assert [one.id for one in await documents.of_case(house.ctx, desk, case.id)] == [made.id]
    assert case.number.encode() in await disclosure.show(house.ctx, desk, made.id, "x")
    with pytest.raises(NotFound):
        await documents.attach(house.ctx, fang, case.id, "photo", jpeg())
    with pytest.raises(BadInput, match="unknown"):
        await documents.attach(house.ctx, mei, case.id, "passport", jpeg())


async def test_only_the_archivist_files_and_only_who_audits_reads_what_is_missing(house: House) -> None:
    plain = await house.actor("desk")
    with pytest.raises(Denied):
        await documents.file(house.ctx, plain, HOME, OWNERS, "deed", png())
    with pytest.raises(Denied):
        await documents.missing(house.ctx, plain)
    with pytest.raises(BadInput, match="unknown"):
        await documents.file(house.ctx, ARCHIVIST, HOME, DECORATION, "lease", png())
    with pytest.raises(NotFound):
        await documents.file(house.ctx, ARCHIVIST, HOME, OWNERS, "deed", png(), "0" * 32)


async def test_what_a_file_lacks_follows_who_lives_there_and_what_is_built(house: House) -> None:
    first = {one.home: one for one in await documents.missing(house.ctx, ARCHIVIST)}
    assert (OWNERS, "id_copy") in first[HOME].kinds
    assert all(class_ == OWNERS for class_, _ in first[HOME].kinds)
    assert "120101" not in first  # nobody lives there
    await filed(house)
    async with house.ctx.store.write() as tx:
        await people.put_party(tx, people.Party("e" * 32, "陈租"))
        await people.put_tie(tx, "e" * 32, HOME, "tenant", house.clock.now)
    found, lacking = await documents.archive(house.ctx, ARCHIVIST, HOME)
    assert [one.kind for one in found] == ["id_copy"]
    assert (OWNERS, "id_copy") not in lacking.kinds
    assert (TENANTS, "lease") in lacking.kinds


async def test_a_document_ends_when_its_person_has_been_gone_long_enough(house: House) -> None:
    made = await filed(house)
    await leaving.off_board(house.ctx, await house.actor("desk"), HOME, "迁出")
    house.clock.now += 1095 * DAY - 1
    assert await documents.retire(house.ctx) == 0
    house.clock.now += 1
    key = house.ctx.shelf.get(made.sha256)
    assert await documents.retire(house.ctx) == 1
    assert house.ctx.shelf.names() == []
    assert house.ctx.store.halves is not None
    assert house.ctx.store.halves.show(key) is None  # a copy of the file somebody made tells nothing any more
    async with house.ctx.store.read() as tx:
        row = await rows.get(tx, made.id)
    assert row is not None
    assert row.erased_at == house.clock.now


async def test_erasing_what_is_held_of_a_person_ends_their_documents_and_no_other(house: House) -> None:
    admin = await house.actor("admin")
    mine, theirs = await filed(house), await filed(house, who="liqiang")
    copy = house.ctx.shelf.get(mine.sha256)
    person = bytes.fromhex((await house.actor("limei")).party)
    await erasure.erase(house.ctx, admin, [], [person], erasure.ASKED)
    assert house.ctx.store.halves is not None
    assert house.ctx.store.halves.show(copy) is None
    assert await documents.sweep(house.ctx) == 1
    assert house.ctx.shelf.names() == [theirs.sha256]


async def test_the_end_of_the_log_s_retention_ends_no_document(house: House) -> None:
    made = await filed(house)
    await erasure.expire(house.ctx, house.clock.now + 400 * DAY)
    assert await documents.sweep(house.ctx) == 0
    await disclosure.show(house.ctx, await house.actor("limei"), made.id, "x")


async def test_a_file_without_a_row_is_taken_away_after_a_day(house: House) -> None:
    name = house.ctx.shelf.put(b"\x01 cut off before its row was written")
    house.clock.now = int((house.ctx.shelf.folder / name[:2] / name).stat().st_mtime * 1000) + DAY // 2
    await documents.sweep(house.ctx)
    assert house.ctx.shelf.names() == [name]
    house.clock.now += DAY
    await documents.sweep(house.ctx)
    assert house.ctx.shelf.names() == []
