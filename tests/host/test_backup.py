"""Backups: what is altered, missing, half-written or another's is refused by name; what ended stays ended."""

import asyncio
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest
from tests.host.house import DAY, START, House
from tests.host.safe import Safe, everything
from tests.host.test_cards import given
from tests.host.test_documents import filed
from tests.host.test_enrol import captured
from tests.host.test_export import exported, judged, two_doors

from gatehost import safekeeping
from gatehost.keys import Signer, verify
from gatehost.model.account import DESK
from gatehost.model.code import Invitation
from gatehost.model.errors import BackupError, SettingsError, StoreError
from gatehost.service import gone
from gatehost.service.door import devices
from gatehost.service.evidence import audit, erasure
from gatehost.service.evidence.export import Wanted
from gatehost.service.face import credential, withdrawal
from gatehost.service.home import invite, leaving, lost_card, pins, visitor_code
from gatehost.service.office import staff
from gatehost.service.paper import documents
from gatehost.service.safekeeping import backup, restore, restored
from gatehost.store import accounts as account_rows
from gatehost.store import devices as device_rows
from gatehost.store import endings, envelope, erasures, logs, manifest, places
from gatehost.store.backups import MANIFEST, First, Second
from gatehost.store.store import sqlite_url


async def test_a_key_table_without_a_document_s_key_is_no_key_table_for_it(house: House, safe: Safe) -> None:
    made = await filed(house)
    told = await safe.backup(house)
    private = backup.read_key(safe.key)
    for plain, why in ((b"", "is no key table"), (_empty_table(), f"does not hold the key of .*{made.sha256}")):
        sealed = BytesIO()
        public = envelope.public_of(private)
        envelope.seal(BytesIO(plain), sealed, public, f"2027-01-01T000000Z {backup.TABLE}")
        (safe.second.folder / "2027-01-01T000000Z.keys").write_bytes(sealed.getvalue())
        with pytest.raises(BackupError, match=why):
            restore.check(safe.first, safe.second, told.name, "", private)


def _empty_table() -> bytes:
    with closing(sqlite3.connect(":memory:")) as made:
        made.executescript("CREATE TABLE held (name BLOB); CREATE TABLE forgotten (name BLOB)")
        return made.serialize()


# --- what must not be believed ------------------------------------------------------------


def flipped(path: Path) -> None:
    """One bit in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    """The last byte is missing."""
    path.write_bytes(path.read_bytes()[:-1])


async def whole(house: House, safe: Safe) -> dict[str, Path]:
    """A backup of a house with a document, after something ended; its files by what they are."""
    made = await filed(house)
    told = await safe.backup(house)
    await erasure.erase(house.ctx, await house.actor("admin"), ["130101"], [], erasure.ASKED)
    return {
        "database": safe.first.path(told.name, "database.sealed"),
        "keys": safe.first.path(told.name, "keys.sealed"),
        "manifest": safe.first.path(told.name, MANIFEST),
        "document": safe.first.shelf.path(made.sha256),
        "table": safe.second.path(told.name),
        "gone": safe.second.folder / "gone",
    }


@pytest.mark.parametrize("harm", [flipped, cut, Path.unlink])
async def test_a_file_that_is_not_as_it_was_made_is_named_and_nothing_is_restored(
    house: House, safe: Safe, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    files = await whole(house, safe)
    restore.check(safe.first, safe.second, "", "", backup.read_key(safe.key))
    for what, path in files.items():
        if what == "gone" and harm is Path.unlink:
            continue  # nothing says that there must be one: it is told instead
        held = path.read_bytes()
        harm(path)
        with pytest.raises(
            BackupError, match=rf"{path.name if what != 'manifest' else 'manifest|whole backup'}|key table"
        ):
            restore.check(safe.first, safe.second, "", "", None)
        with pytest.raises(BackupError):
            await safe.restore(tmp_path / "new")
        assert everything(tmp_path / "new") == b"", what
        path.write_bytes(held)
    await safe.restore(tmp_path / "new")


async def test_another_key_opens_nothing(house: House, safe: Safe, tmp_path: Path) -> None:
    await whole(house, safe)
    safe.key.unlink()
    (house.folder / "keys" / "backup.pub").unlink()
    backup.make_key(house.folder, safe.key)
    private = backup.read_key(safe.key)
    with pytest.raises(BackupError, match="not the private key of the backup"):
        restore.check(safe.first, safe.second, "", "", private)
    with pytest.raises(BackupError, match="not the private key of the backup"):
        await safe.restore(tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("text", ["", "kaimen-backup-key 1\n", "kaimen-backup-key 1\nprivate 00\n", "\xff\n\n"])
def test_a_file_that_is_no_key_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text, encoding="latin-1")
    with pytest.raises(BackupError, match="is not the private key"):
        backup.read_key(tmp_path / "key")


async def test_a_backup_signed_by_another_estate_is_refused(house: House, safe: Safe, tmp_path: Path) -> None:
    files = await whole(house, safe)
    restore.check(safe.first, None, "", house.ctx.keys.estate.public.hex(), None)
    with pytest.raises(BackupError, match="another estate's key"):
        restore.check(safe.first, None, "", "00" * 32, None)
    told = manifest.read(files["manifest"].read_bytes(), verify)
    files["manifest"].write_bytes(told.to_text(Signer(bytes(32)).sign))  # its own numbers, under a key it does not name
    with pytest.raises(BackupError, match="was altered"):
        restore.check(safe.first, None, "", "", None)


async def test_a_half_written_backup_is_none_and_the_next_one_clears_it_away(house: House, safe: Safe) -> None:
    await safe.backup(house)
    (name,) = safe.first.names()
    half = safe.first.folder / "2026-06-20T000000Z"
    shutil.copytree(safe.first.folder / name, safe.first.folder / ".new")
    shutil.copytree(safe.first.folder / name, half)
    (half / MANIFEST).unlink()
    assert restore.check(safe.first, safe.second, "", "", None).told.name == name
    with pytest.raises(BackupError, match="no whole backup 2026-06-20"):
        restore.check(safe.first, safe.second, half.name, "", None)
    house.clock.now += DAY
    await safe.backup(house)
    assert len(safe.first.names()) == 2
    assert not (safe.first.folder / ".new").exists()


async def test_only_an_empty_folder_apart_from_the_backups_is_restored_into(
    house: House, safe: Safe, tmp_path: Path
) -> None:
    await safe.backup(house)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "kaimen.db").write_bytes(b"somebody's")
    for folder, why in (
        (tmp_path / "full", "is not empty"),
        (house.folder, "is not empty"),
        (safe.first.folder / "new", "must be kept apart"),
        (safe.second.folder, "must be kept apart"),
    ):
        with pytest.raises(BackupError, match=why):
            await safe.restore(folder)
    assert (tmp_path / "full" / "kaimen.db").read_bytes() == b"somebody's"
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["kaimen.db"]


async def test_backups_keys_and_host_are_kept_apart(house: House, safe: Safe, tmp_path: Path) -> None:
    inside = house.folder / "backups"
    for first, second in (
        (First(inside), safe.second),
        (safe.first, Second(inside)),
        (safe.first, Second(safe.first.folder / "keys")),
        (safe.first, Second(safe.first.folder)),
    ):
        safe.first, safe.second, held = first, second, (safe.first, safe.second)
        with pytest.raises(BackupError, match="must be kept apart"):
            await safe.backup(house)
        safe.first, safe.second = held
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "holiday.jpg").touch()
    safe.first = First(tmp_path / "photos")
    with pytest.raises(BackupError, match="holds no backup"):
        await safe.backup(house)
    with pytest.raises(BackupError, match="is there already"):
        backup.make_key(house.folder, safe.key)
    (house.folder / "keys" / "backup.pub").unlink()
    with pytest.raises(BackupError, match="must be kept apart"):
        backup.make_key(house.folder, house.folder / "private.key")
    with pytest.raises(BackupError, match="backup-key"):
        await Safe(tmp_path / "other").backup(house)


async def test_a_damaged_database_is_no_backup(house: House, safe: Safe, tmp_path: Path) -> None:
    await safe.backup(house)
    await house.ctx.store.sweep()
    damaged = tmp_path / "damaged.db"
    data = bytearray((house.folder / "kaimen.db").read_bytes())
    with closing(sqlite3.connect(house.folder / "kaimen.db")) as held:  # a page that no question of a backup touches
        (page,) = held.execute("SELECT rootpage FROM sqlite_master WHERE name = 'audit_home'").fetchone()
        (size,) = held.execute("PRAGMA page_size").fetchone()
    data[(page - 1) * size : page * size] = bytes(size)
    damaged.write_bytes(data)
    for url in (sqlite_url(damaged), sqlite_url(tmp_path / "none.db")):
        with pytest.raises(BackupError, match="cannot be read, or is damaged"):
            await safe.backup(house, database=url)
    assert len(safe.first.names()) == 1


# --- a full disk, a cut -------------------------------------------------------------------

CUTS = """
import os, sys
from pathlib import Path
from gatehost import safekeeping

def child(number, argv):
    count, whole = 0, (os.fsync, os.rename)
    def counted(act):
        def done(*words, **more):
            nonlocal count
            count += 1
            if count == number:
                os._exit(9)
            return act(*words, **more)
        return done
    os.fsync, os.rename = counted(os.fsync), counted(os.rename)
    Path.rename = lambda self, target: os.rename(self, target)
    os._exit(safekeeping.main(argv))

number, verify = 1, sys.argv[1].split()
while True:
    pid = os.fork()
    if not pid:
        child(number, sys.argv[2].split())
    ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if ended == 0:
        break
    assert ended == 9, ended
    if safekeeping.main(verify) not in (0, 3):
        sys.exit(f"cut {number} spoilt the backup before")
    number += 1
print("cuts", number - 1)
"""


async def test_a_cut_at_any_write_leaves_the_last_backup_whole(house: House, safe: Safe) -> None:
    await filed(house)
    await safe.backup(house)
    (name,) = safe.first.names()
    await filed(house)
    await house.ctx.store.sweep()
    line = f"backup {safe.first.folder} --dir {house.folder} --second {safe.second.folder}"
    check = f"backup-verify {safe.first.folder} --second {safe.second.folder} --key {safe.key} --set {name}"
    done = ran(CUTS, check, line)
    assert done.returncode == 0, done.stderr
    cuts = int(done.stdout.split()[-1])
    assert cuts >= 8
    private = backup.read_key(safe.key)
    assert len(safe.first.names()) >= 2
    for each in safe.first.names():  # a cut after the name was given leaves one more, and it is whole
        restore.check(safe.first, safe.second, each, "", private)
    assert not (house.folder / ".backup").exists()


def ran(program: str, *words: object) -> subprocess.CompletedProcess[str]:
    """A small program in a process of its own, to its end."""
    line = [sys.executable, "-c", program, *map(str, words)]
    return subprocess.run(line, capture_output=True, text=True, check=False)


FULL = """
import resource, signal, sys
from gatehost import safekeeping
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
sys.exit(safekeeping.main(sys.argv[2:]))
"""


@pytest.mark.parametrize("most", [4_096, 100_000])
async def test_a_disk_that_takes_no_more_leaves_the_last_backup_whole(house: House, safe: Safe, most: int) -> None:
    await safe.backup(house)
    words = ["backup", safe.first.folder, "--dir", house.folder, "--second", safe.second.folder]
    done = ran(FULL, most, *words)
    assert done.returncode == 1
    assert "no backup was made" in done.stderr
    assert "the ones before are as they were" in done.stderr
    assert len(safe.first.names()) == 1
    assert not (house.folder / ".backup").exists()
    assert not (safe.first.folder / ".new").exists()
    restore.check(safe.first, safe.second, "", "", backup.read_key(safe.key))


async def test_a_restore_that_was_cut_off_is_no_host(house: House, safe: Safe, tmp_path: Path) -> None:
    from gatehost.__main__ import _make_folder

    (tmp_path / "new" / ".restoring").mkdir(parents=True)
    with pytest.raises(SettingsError, match="was cut off: empty the folder"):
        _make_folder(tmp_path / "new")
    await safe.backup(house)
    with pytest.raises(BackupError, match="is not empty"):
        await safe.restore(tmp_path / "new")


async def test_a_list_of_what_ended_that_was_damaged_after_the_restore_lets_nobody_in(
    house: House, safe: Safe, tmp_path: Path
) -> None:
    await whole(house, safe)
    await safe.restore(tmp_path / "new")
    flipped(tmp_path / "new" / restored.GONE)
    with pytest.raises(SettingsError, match="restore the backup again"):
        async with safe.started(tmp_path / "new"):
            pass


# --- sealed -------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, envelope.PIECE - 1, envelope.PIECE, envelope.PIECE + 1, 3 * envelope.PIECE])
def test_a_sealed_file_opens_for_its_key_and_name_alone(size: int) -> None:
    private, public = envelope.new_key()
    data, sealed, plain = os.urandom(size), BytesIO(), BytesIO()
    envelope.seal(BytesIO(data), sealed, public, "a")
    envelope.unseal(BytesIO(sealed.getvalue()), plain, private, "a")
    assert plain.getvalue() == data
    for key, what in ((envelope.new_key()[0], "a"), (private, "b")):
        with pytest.raises(StoreError, match="key"):
            envelope.unseal(BytesIO(sealed.getvalue()), BytesIO(), key, what)


def test_pieces_of_a_sealed_file_cannot_be_cut_off_moved_left_out_or_repeated() -> None:
    private, public = envelope.new_key()
    sealed = BytesIO()
    envelope.seal(BytesIO(os.urandom(2 * envelope.PIECE + 5)), sealed, public, "a")
    head, step = len(envelope.MAGIC) + envelope.BOX, envelope.PIECE + envelope.TAG
    whole = sealed.getvalue()
    start, one, two, last = (
        whole[:head],
        whole[head : head + step],
        whole[head + step : head + 2 * step],
        whole[head + 2 * step :],
    )
    wrong = [
        start,
        start + one,
        start + one + two,
        start + two + one + last,
        start + one + last,
        start + one + one + two + last,
    ]
    wrong += [whole + b"x", whole[:-1], whole[: head - 1], b"", whole[:head] + whole[head + 1 :]]
    for data in wrong:
        with pytest.raises(StoreError, match="damaged"):
            envelope.unseal(BytesIO(data), BytesIO(), private, "a")


async def test_nothing_in_either_place_can_be_read(house: House, safe: Safe) -> None:
    await filed(house)
    await pins.give_pin(house.ctx, await house.actor("admin"), "120502", (await house.actor("limei")).party)
    await house.ctx.store.sweep()
    halves = house.ctx.store.halves
    assert halves is not None
    keys = [row[0] for row in halves._connection.execute("SELECT key FROM held")]
    secret = (house.folder / "keys" / "estate.key").read_bytes()
    needles = ["李梅".encode(), b"13900000001", b"SQLite format 3", b"120502", secret, *keys]
    here = everything(house.folder)
    assert len(keys) > 1
    assert all(needle in here for needle in needles if needle != b"13900000001")
    await safe.backup(house)
    there = everything(safe.first.folder, safe.second.folder)
    assert [needle for needle in needles if needle in there] == []
    assert all(path.stat().st_mode & 0o077 == 0 for path in safe.first.folder.rglob("*.sealed"))


# --- kept as long as needed ---------------------------------------------------------------


async def test_old_backups_go_with_their_documents_and_key_tables_after_seven_days(house: House, safe: Safe) -> None:
    first = await filed(house)
    await safe.backup(house, keep=2)
    await erasure.erase(house.ctx, await house.actor("admin"), ["120502"], [bytes.fromhex(first.party or "")], 1)
    await documents.sweep(house.ctx)
    second = await filed(house, who="liqiang")
    for _ in range(2):
        house.clock.now += 4 * DAY
        await safe.backup(house, keep=2)
    assert safe.first.shelf.names() == [second.sha256]
    assert len(safe.first.names()) == 2
    assert len(safe.second.names()) == 2
    house.clock.now += 30 * DAY
    await safe.backup(house, keep=2)
    assert len(safe.second.names()) == 1
    restore.check(safe.first, safe.second, "", "", backup.read_key(safe.key))


async def test_a_document_the_host_has_lost_is_told_and_keeps_no_backup_from_being_made(
    house: House, safe: Safe, capsys: pytest.CaptureFixture[str]
) -> None:
    held, lost = await filed(house), await filed(house)
    flipped(house.ctx.shelf.path(lost.sha256))
    told = await safe.backup(house)
    assert (told.documents, told.lost) == ((held.sha256,), (lost.sha256,))
    line = ["backup-verify", str(safe.first.folder), "--second", str(safe.second.folder), "--key", str(safe.key)]
    await gone.keep(house.ctx)
    assert safekeeping.main(line) == 3
    said = capsys.readouterr()
    assert f"document {lost.sha256} was missing or damaged on the host itself" in said.err
    assert "1 documents" in said.out
    assert "opened with the key" in said.out


# --- restored -----------------------------------------------------------------------------


async def test_a_backup_made_while_entries_come_in_is_of_one_moment_and_verifies(
    house: House, safe: Safe, tmp_path: Path
) -> None:
    door, _ = await two_doors(house)
    async with door.connect() as link:
        await link.greet()
        for at in range(9, 29):
            door.opened(START, "120502", os.urandom(16))
            await link.deliver(at, at, START)
            if at in (12, 20):
                await safe.backup(house)
    async with safe.started(await restored_into(safe, tmp_path)) as back:
        assert all(one.ok for one in await audit.verify(back.ctx, await back.actor("admin")))
        report = judged(back, await exported(back, Wanted()))
        assert next(one.last for one in report.devices if one.slot == "b12-door") >= 20


async def restored_into(safe: Safe, root: Path, name: str = "new") -> Path:
    """A fresh folder with the newest backup."""
    await safe.restore(root / name)
    return root / name


async def test_what_ended_after_the_backup_stays_ended(house: House, safe: Safe, tmp_path: Path) -> None:
    """A face withdrawn, a card lost, a home's people and rights, a device revoked, a document erased, a session."""
    admin, desk = await house.actor("admin"), await house.actor("desk")
    door, unit = await house.enrolled("b12-door", box=os.urandom(32)), await house.enrolled("desk-1")
    async with unit.connect() as at_desk:
        await at_desk.greet()
        party = await captured(house, at_desk, door)
    await given(house, "0001234567", "liqiang")
    await given(house, "0009999999", "wangfang")
    await pins.give_pin(house.ctx, admin, "120502", party)
    sealed = house.ctx.shelf.get((await filed(house)).sha256)
    other = await house.enrolled("b13-door")
    await safe.backup(house)

    house.clock.now += 1000
    await withdrawal.withdraw(house.ctx, await house.actor("limei"), party)
    await lost_card.lose(house.ctx, desk, (await house.actor("liqiang")).party, "in a taxi")
    await leaving.off_board(house.ctx, admin, "130101", "moved")
    await devices.revoke(house.ctx, admin, other.name, "stolen")
    await erasure.erase(house.ctx, admin, ["120502"], [bytes.fromhex(party)], erasure.ASKED)
    assert house.ctx.store.halves is not None
    held_before = house.ctx.store.halves.forgotten().keys()
    assert await gone.keep(house.ctx)

    into = await restored_into(safe, tmp_path)
    async with safe.started(into) as back:
        back.clock.now = house.clock.now
        admin = await back.actor("admin")
        face = await credential.face(back.ctx, admin, party)
        assert face is None or face.state in ("withdrawn", "erased")
        async with back.ctx.store.read() as tx:
            templates = (await tx.exec_driver_sql("SELECT count(*) FROM sealed_templates")).scalar()
            cards = dict((await tx.exec_driver_sql("SELECT number, state FROM credential WHERE kind = 'card'")).all())
            ended = (
                await tx.exec_driver_sql("SELECT count(*) FROM tie WHERE place = '130101' AND until IS NULL")
            ).scalar()
            looks = (await tx.exec_driver_sql("SELECT count(*) FROM audit WHERE home = '120502'")).scalar()
            sessions = (await tx.exec_driver_sql("SELECT count(*) FROM session")).scalar()
            revoked = await device_rows.by_dev(tx, other.name)
            remembered = await erasures.remembered(tx)
        assert templates == 0
        assert cards == {"0001234567": "lost", "0009999999": "revoked"}
        assert ended == 0
        assert looks == 0
        assert sessions == 1  # the admin's of this test, no former one
        assert revoked is not None
        assert revoked.state == "revoked"
        assert back.ctx.shelf.names() == []
        assert back.ctx.store.halves is not None
        assert back.ctx.store.halves.show(sealed) is None
        assert remembered.keys() == back.ctx.store.halves.forgotten().keys() >= held_before
        assert all(one.ok for one in await audit.verify(back.ctx, admin))
    assert not (into / restored.MARKER).exists()
    assert not (into / restored.GONE).exists()


async def test_a_backup_of_two_years_ago_brings_nobody_back(house: House, safe: Safe, tmp_path: Path) -> None:
    """Backups had stopped and nobody looked. What ended meanwhile ended long before the ninety days of a list that
    forgets: a face, a PIN, a home's people, an account of the staff, what was erased because somebody asked."""
    admin = await house.actor("admin")
    door, unit = await house.enrolled("b12-door", box=os.urandom(32)), await house.enrolled("desk-1")
    async with unit.connect() as at_desk:
        await at_desk.greet()
        party = await captured(house, at_desk, door)
    pin = (await pins.give_pin(house.ctx, admin, "120502", party)).pin
    clerk, _ = await staff.add(house.ctx, admin, "离职文员", "former", DESK, (), "入职")
    stay = Invitation("表哥", since=house.clock.now, until=house.clock.now + 20 * DAY)
    code = (await invite.invite(house.ctx, await house.actor("limei"), "120502", stay)).code
    sealed = house.ctx.shelf.get((await filed(house)).sha256)
    await safe.backup(house)

    house.clock.now += DAY
    limei = await house.actor("limei")
    await withdrawal.withdraw(house.ctx, limei, party)
    await pins.end_pin(house.ctx, limei, pin.id)
    await visitor_code.revoke(house.ctx, limei, code.id)
    await leaving.off_board(house.ctx, admin, "130101", "moved")
    await staff.close(house.ctx, admin, clerk, "离职")
    await erasure.erase(house.ctx, admin, ["120502"], [bytes.fromhex(party)], erasure.ASKED)
    house.clock.now += 730 * DAY
    assert await gone.keep(house.ctx)
    assert f"row code {code.id} ".encode() not in safe.second.gone(), "it would have ended by itself long ago"

    into = await restored_into(safe, tmp_path)
    async with safe.started(into, at=house.clock.now) as back:
        async with back.ctx.store.read() as tx:
            living = {
                table: (await tx.exec_driver_sql(f"SELECT count(*) FROM {table} WHERE {ended} IS NULL")).scalar()
                for table, ended in (("pin", "ended_at"), ("consent", "withdrawn_at"))
            }
            templates = (await tx.exec_driver_sql("SELECT count(*) FROM sealed_templates")).scalar()
            left = (
                await tx.exec_driver_sql("SELECT count(*) FROM tie WHERE place = '130101' AND until IS NULL")
            ).scalar()
            account = await account_rows.by_id(tx, clerk)
        assert living == {"pin": 0, "consent": 0}
        assert (templates, left) == (0, 0)
        assert account is not None
        assert account.closed_at is not None
        assert back.ctx.store.halves is not None
        assert back.ctx.store.halves.show(sealed) is None
        assert all(one.ok for one in await audit.verify(back.ctx, await back.actor("admin")))


async def test_a_new_computer_whose_clock_stands_before_the_backup_begins_nothing(
    house: House, safe: Safe, tmp_path: Path
) -> None:
    """Doors would take its state, of a new generation, by which every right ended years ago."""
    door = await house.enrolled("b12-door")
    await safe.backup(house)
    into = await restored_into(safe, tmp_path)
    with pytest.raises(SettingsError, match="before the backup"):
        async with safe.started(into, at=946_684_800_000):
            raise AssertionError("it serves")
    async with safe.started(into, at=house.clock.now + DAY) as back, back.ctx.store.read() as tx:
        row = await device_rows.by_dev(tx, door.name)
        assert row is not None
        assert row.sent_generation == 2


@pytest.mark.parametrize(
    ("names", "when"),
    [
        ([], None),
        (["2026-06-15T020000Z"], 1_781_488_800_000),
        (["2026-06-15T020000Z", "2026-06-15T020000Z-2"], 1_781_488_800_000),
        (["2026-99-15T020000Z"], 0),
    ],
)
def test_the_second_place_knows_how_old_its_newest_key_table_is(
    tmp_path: Path, names: list[str], when: int | None
) -> None:
    for name in names:
        (tmp_path / f"{name}.keys").touch()
    assert Second(tmp_path).newest() == when


async def test_without_the_list_of_what_ended_the_restore_says_so(
    house: House, safe: Safe, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await safe.backup(house)
    (safe.second.folder / "gone").unlink(missing_ok=True)
    words = ["restore", str(safe.first.folder), "--second", str(safe.second.folder), "--key", str(safe.key)]
    assert await in_thread([*words, "--dir", str(tmp_path / "new")]) == 3
    assert "NOT known here: do it again" in capsys.readouterr().err


async def in_thread(words: list[str]) -> int:
    """A verb, which has a loop of its own."""
    return await asyncio.to_thread(safekeeping.main, words)


async def test_each_restore_from_one_backup_begins_a_generation_no_door_has_seen(
    house: House, safe: Safe, tmp_path: Path
) -> None:
    door, _ = await two_doors(house)
    await safe.backup(house)
    for generation in (2, 3):
        into = await restored_into(safe, tmp_path, f"new-{generation}")
        async with safe.started(into) as back:
            async with back.ctx.store.read() as tx:
                held = await logs.newest(tx)
                assert held is not None
                assert held.generation == generation
                assert await places.generation(tx) == generation
            door.claim.url = back.ctx.device_url  # type: ignore[misc]
            async with door.connect() as link:
                await link.greet()
                assert link.resumes == 8
                assert (await link.pull()).generation == generation
    assert safe.first.generation() == 3


async def test_the_second_place_may_be_away_and_is_told_when_it_is_back(
    house: House, safe: Safe, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await filed(house)
    (tmp_path / "second").write_text("a file, not a folder")
    count = await erasure.erase(house.ctx, await house.actor("admin"), ["120502"], [], erasure.ASKED)
    assert count > 0  # erased here all the same
    assert "cannot be written" in caplog.text
    (tmp_path / "second").unlink()
    assert await gone.keep(house.ctx)
    assert endings.read(safe.second.gone()).homes


def test_a_line_that_is_none_is_refused() -> None:
    for line in ("row party 1 5", "row grant 1; DROP 5", "way 1 active", "device zz", "key 00 1 1", "home 00 1", "x"):
        body = f"{endings.FORMAT}\n{line}\n".encode()
        with pytest.raises(StoreError, match="gone"):
            endings.read(body + f"sha256 {hashlib.sha256(body).hexdigest()}\n".encode())
