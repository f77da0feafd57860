"""Witnesses outside the estate, with their own program: asked, answering, and believed by the stand-alone file."""

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.host.house import START, House
from tests.host.test_export import exported
from tests.host.test_verify import delivered

from gatecore import note as notes
from gatehost.model.account import COMMITTEE, Actor
from gatehost.model.errors import BadInput, Denied, NotFound
from gatehost.service.evidence import checkpoints, witness
from gatehost.service.evidence.export import PUBLIC, Wanted
from gatehost.store import devices, logs
from gatehost.store.devices import DeviceRow
from gatehost.store.logs import Cosignature
from gateverify import standalone
from gateverify import witness as own

NOW = START // 1000


async def committee(house: House) -> own.Kept:
    """A witness whose key only the test has."""
    made = own.Kept("committee", os.urandom(32))
    await witness.add(house.ctx, await house.actor("admin"), made.name, own.public_of(made.secret).hex())
    return made


async def cosigned(house: House, made: own.Kept) -> own.Kept:
    """It judges what the page offers and brings its line back."""
    admin = await house.actor("admin")
    after, note = own.judge(made, house.ctx.keys.estate.public, await witness.request(house.ctx, admin, made.name))
    line = own.cosignature(after, note, NOW).decode()
    assert await witness.answer(house.ctx, admin, line) == after.size
    return after


async def judged(house: House, trust: str) -> str:
    report = standalone.Report()
    standalone.verify(io.BytesIO(await exported(house, Wanted())), standalone.trust_of(trust.encode()), report)
    return standalone.against(report)


async def test_an_outside_witness_makes_an_export_proof(house: House) -> None:
    made = await committee(house)
    await cosigned(house, made)
    trust = await witness.trust_file(house.ctx, await house.actor("admin"))
    assert f"witness outside committee {own.public_of(made.secret).hex()}" in trust
    assert trust.endswith("need 1\nneed outside 1\n")
    assert "beyond what is witnessed" in await judged(house, trust)  # the export's own entry is newer than the witness


async def test_a_witness_goes_on_from_what_it_saw(house: House) -> None:
    made = await cosigned(house, await committee(house))
    await delivered(house)
    after = await cosigned(house, made)
    assert after.size > made.size
    with pytest.raises(standalone.Refused):
        own.judge(
            made,
            house.ctx.keys.estate.public,
            await witness.request(house.ctx, await house.actor("admin"), "committee"),
        )


async def test_no_other_line_is_kept(house: House) -> None:
    made, admin = await committee(house), await house.actor("admin")
    after, note = own.judge(made, house.ctx.keys.estate.public, await witness.request(house.ctx, admin, made.name))
    line = own.cosignature(after, note, NOW).decode()
    stranger = own.cosignature(own.Kept("committee", os.urandom(32)), note, NOW).decode()
    for wrong in (
        "",
        "x",
        stranger,
        line[:-9] + "AAAA" + line[-5:],
        line + line,
        line.replace("committee", "other"),
        "\ud800",
    ):
        with pytest.raises(BadInput):
            await witness.answer(house.ctx, admin, wrong)
    await delivered(house)
    await witness.request(house.ctx, admin, made.name)
    with pytest.raises(BadInput):  # of an older checkpoint: ask again
        await witness.answer(house.ctx, admin, line)


async def test_a_printed_head_is_known_again(house: House) -> None:
    head = await witness.first_head(house.ctx)
    await delivered(house)
    newest = await witness.newest_head(house.ctx)
    for one in (head, newest):
        assert await witness.same(house.ctx, f"  {one.line.upper().replace('HEAD', 'head')} ")
    assert not await witness.same(house.ctx, f"head 1 {head.size} {bytes(32).hex()}")
    assert not await witness.same(house.ctx, f"head 7 {head.size} {head.root.hex()}")
    for wrong in ("", "head 1 2", f"head one 2 {head.root.hex()}", f"head 1 2 {head.root.hex()}0"):
        with pytest.raises(BadInput):
            await witness.same(house.ctx, wrong)


async def test_a_witness_whose_key_is_lost_is_demanded_no_more_and_its_words_stay(house: House) -> None:
    """Else its estate could never again give out a file that is proof."""
    lost, admin = await cosigned(house, await committee(house)), await house.actor("admin")
    await witness.end(house.ctx, admin, "committee")
    with pytest.raises(NotFound):
        await witness.end(house.ctx, admin, "committee")
    assert "committee" not in await witness.trust_file(house.ctx, admin)
    assert b" committee " in await exported(house, Wanted())
    await cosigned(house, await committee(house))  # under the same name, with another key
    trust = standalone.trust_of((await witness.trust_file(house.ctx, admin)).encode())
    report = standalone.Report()
    standalone.verify(io.BytesIO(await exported(house, Wanted())), trust, report)
    words = [word for word in report.logs[0].cosignatures if word.name == "committee"]
    assert [word.kind for word in words] == ["outside"]
    assert words[0].size > lost.size


async def test_only_the_admin_keeps_witnesses(house: House) -> None:
    with pytest.raises(Denied):
        await witness.add(house.ctx, await house.actor("desk"), "committee", "00" * 32)
    admin, key = await house.actor("admin"), own.public_of(os.urandom(32)).hex()
    await witness.add(house.ctx, admin, "committee", key)
    for name, public in (
        ("a b", key),
        ("", key),
        ("other", "00" * 32),
        ("other", "zz"),
        ("other", key),
        ("committee", key),
    ):
        with pytest.raises(BadInput):
            await witness.add(house.ctx, admin, name, public)


async def test_a_line_that_was_lost_is_said_again_or_asked_for_from_there_on(house: House) -> None:
    """Else a witness whose line never reached the page could never speak again."""
    made, admin, estate = await committee(house), await house.actor("admin"), house.ctx.keys.estate.public
    asked = await witness.request(house.ctx, admin, made.name)
    after, _ = own.judge(made, estate, asked)  # its line is lost
    again, note = own.judge(after, estate, asked)
    assert again == after
    await delivered(house)
    with pytest.raises(standalone.Refused, match=f"took {after.size} leaves last"):
        own.judge(after, estate, await witness.request(house.ctx, admin, made.name))
    later, note = own.judge(after, estate, await witness.request(house.ctx, admin, made.name, after.size))
    assert await witness.answer(house.ctx, admin, own.cosignature(later, note, NOW).decode()) == later.size
    with pytest.raises(BadInput, match="took"):
        await witness.request(house.ctx, admin, made.name, 10**6)


async def test_the_committee_asks_and_answers_for_its_witness_without_the_admin(house: House) -> None:
    made, member = await committee(house), Actor(1, "", "c", COMMITTEE, (), "en", True)
    after, note = own.judge(made, house.ctx.keys.estate.public, await witness.request(house.ctx, member, made.name))
    assert await witness.answer(house.ctx, member, own.cosignature(after, note, NOW).decode()) == after.size
    with pytest.raises(Denied):
        await witness.add(house.ctx, member, "second", own.public_of(os.urandom(32)).hex())


async def test_an_outside_word_is_shown_however_many_doors_spoke_before(house: House) -> None:
    """A note has 64 lines, and a person comes later than seventy doors."""
    made = await committee(house)
    await witness.request(house.ctx, await house.actor("admin"), made.name)
    async with house.ctx.store.write() as tx:
        held = await logs.newest(tx)
        assert held is not None
        newest = await logs.newest_checkpoint(tx, held.generation)
        assert newest is not None
        for number in range(70):
            word = Cosignature(newest.generation, newest.size, f"{number:032x}", 9, os.urandom(32), bytes(64))
            await logs.put_cosignature(tx, word)
    await cosigned(house, made)
    async with house.ctx.store.read() as tx:
        read = notes.read(await checkpoints.note_of(tx, newest))
    assert (len(read.lines), read.lines[1][0]) == (notes.MAX_LINES, "committee")


async def test_a_trust_file_demands_only_words_that_can_come(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Boards are no witnesses, and a checkpoint has 63 lines for all: more would make no export ever proof."""
    await committee(house)
    await delivered(house)
    async with house.ctx.store.read() as tx:
        (unit,) = await devices.in_states(tx, "active")
    many = [replace(unit, dev=f"{number:032x}", public=os.urandom(32)) for number in range(600)]
    for kinds, need in ((["door", "board", "board", "board"], 2), (["board"] * 3, 1), (["door"] * 600, 63)):
        rows = tuple(replace(one, kind=kind) for one, kind in zip(many, kinds, strict=False))
        monkeypatch.setattr(devices, "in_states", _given(rows))
        trust = await witness.trust(house.ctx)
        assert (trust.need, trust.outside) == (need, 1)
        assert len(trust.witnesses) == 1 + kinds.count("door")
        monkeypatch.undo()


def _given(rows: tuple[DeviceRow, ...]) -> Callable[..., Awaitable[tuple[DeviceRow, ...]]]:
    async def found(*_: object) -> tuple[DeviceRow, ...]:
        return rows

    return found


def _files(house: House, folder: Path) -> tuple[Path, Path, Path]:
    key, trust, asked = folder / "key", folder / "trust", folder / "request"
    trust.write_text(f"kaimen-trust 1\nestate {house.ctx.keys.estate.public.hex()}\n", encoding="ascii")
    return key, trust, asked


async def test_whatever_a_request_is_the_witness_answers_in_its_own_words(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key, trust, asked = _files(house, tmp_path)
    assert own.main(["new", "committee", "--key", str(key)]) == 0
    line = capsys.readouterr().out.split()
    admin = await house.actor("admin")
    await witness.add(house.ctx, admin, line[2], line[3])
    good = await witness.request(house.ctx, admin, "committee")
    sign = ["sign", str(asked), "--key", str(key), "--trust", str(trust)]
    for wrong in (
        b"",
        b"old " + b"9" * 5000 + good[5:],
        b"old -1" + good[5:],
        good[:-9],
        b"old 0\n\n",
        good * 9,
        b"\n\n",
    ):
        asked.write_bytes(wrong)
        assert own.main(sign) == 1, wrong[:20]
    asked.write_bytes(good)
    before = key.read_text()
    for option in ("-1", "0", str(1 << 63), str(1 << 64)):
        assert own.main([*sign, "--time", option]) == 2
    for place in (2, 4, 6):
        for path in (tmp_path, tmp_path / "nothing"):
            argv = list(sign)
            argv[place - 1] = str(path)
            assert own.main(argv) == 2, argv
    assert own.main(["new", "committee", "--key", str(key)]) == 2
    assert own.main(["new", "committee", "--key", str(tmp_path / "no" / "key")]) == 2
    assert key.read_text() == before  # nothing was taken that was not cosigned
    assert own.main(sign) == 0
    assert capsys.readouterr().out.startswith("\u2014 committee ")


async def test_both_programs_run_in_their_folder_and_nothing_else(house: House, tmp_path: Path) -> None:
    made = await cosigned(house, await committee(house))
    await delivered(house)
    key, _, asked = _files(house, tmp_path)
    own.keep(key, made)
    asked.write_bytes(await witness.request(house.ctx, await house.actor("admin"), "committee"))
    (tmp_path / "kaimen.export").write_bytes(await exported(house, Wanted(PUBLIC)))
    shutil.copytree(Path(standalone.__file__).parent, tmp_path / "gateverify")

    def run(*argv: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-S", "-E", *argv]
        return subprocess.run(command, capture_output=True, cwd=tmp_path, env={}, check=False)

    signed = run("-m", "gateverify.witness", "sign", "request", "--key", "key", "--trust", "trust")
    assert (signed.returncode, signed.stderr) == (0, b"")
    for more in ((), ("--zh",)):
        read = run("gateverify/standalone.py", "kaimen.export", "--trust", "trust", *more)
        assert (read.returncode, read.stderr) == (3, b"")
    assert "（状态 3）" in read.stdout.decode()
