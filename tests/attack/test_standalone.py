"""The stand-alone file itself: its two ways agree, any bytes get a verdict, keys and encodings are strict."""

import io
import json
import random
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.attack.assault import ORDER
from tests.attack.bundle import by_the_core, by_the_file, keep_verdicts
from tests.attack.written import GATE, TRUST, Row, busy, device_wrote, honest
from tests.core.estate import ESTATE, Signer, verify

from gatecore import log, wire
from gatecore.errors import WireError
from gateverify import standalone

ALONE = f"kaimen-trust 1\nestate {ESTATE.public.hex()}\n"
KNOWN = standalone.trust_of(TRUST.encode())


@pytest.fixture(scope="module", autouse=True)
def _quick() -> object:
    with pytest.MonkeyPatch.context() as patch:
        keep_verdicts(patch)
        yield


def outcome(data: bytes, fast: bool) -> tuple[str, dict[str, object]]:
    """Everything the file says about `data`."""
    report = standalone.Report()
    try:
        standalone.verify(io.BytesIO(data), KNOWN, report, fast)
    except standalone.VerifyError as error:
        return f"{type(error).__name__} {report.place}: {error}", asdict(report)
    return "", asdict(report)


numbers = st.one_of(st.integers(0, 30), st.sampled_from([255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**64 - 1]))
types = numbers.filter(lambda typ: typ not in (3, 7))  # these decide something: other tests
pubs = st.lists(st.one_of(numbers, st.integers(-300, -1)), max_size=6)
details = st.one_of(
    st.none(),
    st.tuples(st.text(max_size=25), st.none() | st.binary(min_size=16, max_size=16), st.binary(max_size=30), numbers),
    st.lists(st.booleans(), max_size=3),
)
halves = st.none() | st.tuples(st.binary(min_size=16, max_size=16), st.binary(max_size=40), details)
events = st.lists(
    st.tuples(numbers, numbers, st.none() | numbers, st.integers(0, 4), types, pubs, halves, st.booleans()),
    min_size=1,
    max_size=5,
)


@settings(max_examples=400, deadline=None)
@given(events, st.sampled_from([1, 2, 23, 24, 255, 256, 65534, 65535, 2**32 - 2]), st.data())
def test_the_fast_way_finds_what_the_slow_way_finds(rows: list[Row], first: int, data: st.DataObject) -> None:
    honest_bytes = device_wrote(rows, first)
    assert outcome(honest_bytes, True) == outcome(honest_bytes, False)
    assert outcome(honest_bytes, True)[0] == ""
    altered = bytearray(honest_bytes)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(altered) - 1))
        altered[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    assert outcome(bytes(altered), True) == outcome(bytes(altered), False)
    for made in (honest_bytes, bytes(altered)):
        assert by_the_core(made, KNOWN)[0] == by_the_file(made, KNOWN)[0]


def test_the_fast_way_tells_of_types_times_and_homes_in_the_order_of_the_slow_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Letter for letter, as a program reads the report; and however many homes there are."""
    rows: list[Row] = [(1, at, 1 << 41, 4 - at % 3, (21, 300, 22)[at // 40], [], None, False) for at in range(120)]
    homes = [[b"s" * 16, b"h", [f"12{at % 30:02}", None, b"", 0]] for at in range(120)]
    rows += [(1, at, 1 << 41, 3, 10, [0, 1, 1, 0, at % 24], half, True) for at, half in enumerate(homes)]
    data = device_wrote(rows, 1)
    assert json.dumps(outcome(data, True)) == json.dumps(outcome(data, False))
    assert list(outcome(data, True)[1]["devices"][1]["times"]) == [2, 3, 4]  # type: ignore[index]
    whole = ungranted(data, True)
    monkeypatch.setattr(standalone, "DISTINCT", 1)
    assert 16 * 4 == ungranted(data, True) == ungranted(data, False) < whole == 120


def ungranted(data: bytes, fast: bool) -> int:
    """Openings of homes that were counted."""
    return outcome(data, fast)[1]["devices"][1]["ungranted"]  # type: ignore[index, return-value]


def test_the_fast_way_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the test above compares the slow way with itself."""
    taken: list[tuple[int, int]] = []
    real = standalone.stride
    monkeypatch.setattr(standalone, "stride", lambda *given: taken.append(real(*given)) or taken[-1])
    outcome(honest(700), True)
    assert sum(number for number, _ in taken) >= 600


@pytest.mark.parametrize("step", [1, 7, 4096])
def test_a_file_that_comes_in_drops_is_read_the_same(step: int) -> None:
    class Drops(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(step, size or 0))

    report = standalone.Report()
    standalone.verify(Drops(honest(9)), KNOWN, report)
    assert report.entries == 11


def test_entries_across_a_window_edge_are_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = outcome(honest(200), True)
    monkeypatch.setattr(standalone, "LARGEST", 1500)
    for window in (1500, 1501, 2003):
        monkeypatch.setattr(standalone, "WINDOW", window)
        assert outcome(honest(200), True) == whole


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_get_a_verdict(data: bytes) -> None:
    assert outcome(data, True)[0].startswith("Refused")
    assert outcome(honest(1)[:50] + data, True)[0].startswith("Refused")


def test_a_hostile_length_gets_no_memory(tmp_path: Path) -> None:
    """In a process that may take 200 MiB, lengths and nests that announce far more are refused, not tried."""
    head = wire.encode(["gate-export/2", ESTATE.public, "whole", 1, 1])
    cert = busy(1).devices[1].cert()
    line = wire.encode(["section", cert, 1, log.genesis(GATE.public), (1 << 64) - 1, []])
    lines = [b"\x9b" + b"\xff" * 8, b"\x5b" + b"\xff" * 8, b"\x9a\x00\x0f\xff\xff" + b"\x81" * 2_000_000]
    lines += [line, line + b"\x82\x5a\x7f\xff\xff\xff" + bytes(3_000_000), b"\x9a\x00\x50\x00\x00" + bytes(9_000_000)]
    for number, hostile in enumerate(lines):
        path = tmp_path / str(number)
        path.write_bytes(head + hostile)
        code = f"""
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_AS, (200 << 20, 200 << 20))
sys.argv = ["verify", {str(path)!r}]
runpy.run_path({standalone.__file__!r}, run_name="__main__")
"""
        ran = subprocess.run(
            [sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=60, check=False
        )
        assert (ran.returncode, ran.stderr) == (1, ""), ran
        assert "First place: section 1" in ran.stdout


items = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.binary(max_size=30) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=500, deadline=None)
@given(items, st.data())
def test_both_readers_read_the_same_encoding(value: object, data: st.DataObject) -> None:
    raw = bytearray(wire.encode(value))
    assert standalone.decoded(bytes(raw)) == value
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    agree(bytes(raw))


@settings(max_examples=1000, deadline=None)
@given(st.binary(max_size=12))
def test_both_readers_refuse_the_same_bytes(raw: bytes) -> None:
    agree(raw)


def agree(raw: bytes) -> None:
    try:
        core = repr(wire.decode(raw))
    except WireError:
        core = "refused"
    try:
        mine = repr(standalone.decoded(raw))
    except standalone.Refused:
        mine = "refused"
    assert mine == core


def test_the_largest_item_and_the_deepest_array_are_the_last() -> None:
    most = standalone.uint((1 << 20) - 5, 2) + bytes((1 << 20) - 5)
    assert len(most) == 1 << 20
    agree(most)
    assert standalone.decoded(most) == bytes((1 << 20) - 5)
    for bad in (standalone.uint((1 << 20) - 4, 2) + bytes((1 << 20) - 4), b"\x81" * 8 + b"\x80"):
        agree(bad)
        with pytest.raises(standalone.Refused):
            standalone.decoded(bad)
    agree(b"\x81" * 7 + b"\x80")
    assert standalone.decoded(b"\x81" * 7 + b"\x80") == [[[[[[[[]]]]]]]]


@pytest.mark.parametrize("seed", range(12))
def test_signatures_are_judged_as_by_the_well_known_library(seed: int) -> None:
    signer, seeded = Signer(f"key {seed}"), random.Random(seed)
    message = seeded.randbytes(seed * 20)
    signature = signer.sign(message)
    assert standalone.signed(signer.public, message, signature)
    for bit in seeded.sample(range(512), 6):
        flipped = bytearray(signature)
        flipped[bit // 8] ^= 1 << bit % 8
        assert standalone.signed(signer.public, message, bytes(flipped)) is verify(
            signer.public, message, bytes(flipped)
        )
    assert not standalone.signed(signer.public, message + b"x", signature)
    lifted = int.from_bytes(signature[32:], "little") + ORDER
    assert not standalone.signed(signer.public, message, signature[:32] + lifted.to_bytes(32, "little"))
    assert not standalone.signed(signer.public, message, signature[:63])
    assert not standalone.signed(signer.public[:31], message, signature)


def test_points_of_small_order_and_other_spellings_are_no_keys() -> None:
    p = standalone.P
    eight = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
    for y in (0, 1, p - 1, eight, p - eight, p, p + 1, 2**255 - 1):
        for sign in (0, 1 << 255):
            assert standalone.sound((y | sign).to_bytes(32, "little")) is None
    assert standalone.sound(b"\x02" + bytes(31)) is None  # no point has this y
    assert standalone.sound(ESTATE.public) is not None
    forged = b"\x01" + bytes(63)  # R the identity, s = 0: holds under the identity as key for every message
    assert not standalone.signed(b"\x01" + bytes(31), b"any", forged)


def run(capsys: pytest.CaptureFixture[str], *argv: object) -> tuple[int, str]:
    code = standalone.main([str(word) for word in argv])
    said = capsys.readouterr()
    return code, said.out + said.err


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """An honest export and the estate's trust file."""
    export, trust = tmp_path / "export", tmp_path / "trust"
    export.write_bytes(honest(20))
    trust.write_text(TRUST, encoding="ascii")
    return export, trust


def test_each_verdict_has_its_exit_code(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    export, trust = files
    code, said = run(capsys, export, "--trust", trust)
    assert code == 0
    assert said.endswith("is witnessed as the trust file demands.\n")
    trust.write_text(ALONE, encoding="ascii")
    code, said = run(capsys, export, "--trust", trust)
    assert code == 3
    assert said.endswith("no proof against the administrator: the trust file demands no witness.\n")
    code, said = run(capsys, export)
    assert code == 3
    assert said.endswith("no proof against the administrator: there is no trust file.\n")
    export.write_bytes(export.read_bytes()[:-1])
    code, said = run(capsys, export, "--trust", trust)
    assert code == 1
    assert "First place: log of generation 1, leaves from 0: cut short" in said
    export.write_bytes(b"")
    assert run(capsys, export, "--trust", trust)[0] == 1


def test_what_cannot_be_read_is_said(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    export, trust = files
    wrong = ([], [export, "more"], [export, "--trust"], ["--loud", export], [export.parent], [export.parent / "none"])
    wrong += ([export, "--trust", export], [export, "--trust", export.parent / "none"], ["\0", "--trust", trust])
    for argv in wrong:
        code, said = run(capsys, *argv)
        assert code == 2, argv
        assert said.startswith("Cannot be read: ")


def test_a_trust_file_is_typed_by_a_person_and_a_mistake_is_seen(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    export, trust = files
    for text in (
        ALONE.strip(),
        ALONE.replace("\n", "\r\n"),
        "\n " + ALONE.upper().replace("KAIMEN-TRUST", "kaimen-trust").replace("ESTATE", "estate"),
    ):
        trust.write_bytes(text.encode())
        assert run(capsys, export, "--trust", trust)[0] == 3, text
    identity = "01" + "00" * 31
    for text in (
        "",
        "kaimen-trust 1",
        ALONE + ALONE,
        ALONE.replace("1\n", "2\n"),
        ALONE[:-2],
        "\xff" + ALONE,
        f"kaimen-trust 1\nestate {identity}",
        ALONE.replace("estate ", "estate 0x"),
    ):
        trust.write_bytes(text.encode("latin-1"))
        assert run(capsys, export, "--trust", trust)[0] == 2, text
    other = Signer("another estate").public.hex()
    trust.write_text(f"kaimen-trust 1\nestate {other}\n", encoding="ascii")
    assert run(capsys, export, "--trust", trust)[0] == 1


def test_the_trust_file_of_a_large_estate_is_read_whole(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    export, trust = files
    lines = [f"witness door {number:032x} {Signer(f'door {number}').public.hex()}" for number in range(640)]
    trust.write_text("\n".join([TRUST.splitlines()[0], *TRUST.splitlines()[1:2], *lines, "need 63"]), encoding="ascii")
    assert trust.stat().st_size > 1 << 16
    assert run(capsys, export, "--trust", trust)[0] == 3


def test_programs_get_one_object(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    export, trust = files
    code, said = run(capsys, export, "--trust", trust, "--json")
    report = json.loads(said)
    assert (code, report["exit"], report["entries"], report["trusted"]) == (0, 0, 22, True)
    assert [device["slot"] for device in report["devices"]] == ["host", "Gate 3"]
    assert report["not_proven"]
    export.write_bytes(export.read_bytes()[:-1000])
    code, said = run(capsys, export, "--json")
    assert (code, json.loads(said)["exit"]) == (1, 1)
    assert json.loads(said)["place"].startswith("section 2")


def test_a_name_cannot_write_on_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "export"
    slot = "Gate\x1b[2J\n\u202eEverything holds"
    path.write_bytes(honest(2, slot))
    code, said = run(capsys, path)
    assert code == 3
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert "\\u001b[2J\\u000a\\u202eEverything" in said


def test_the_one_file_runs_alone_and_on_an_ascii_terminal(files: tuple[Path, Path], tmp_path: Path) -> None:
    export, trust = files
    alone = tmp_path / "alone.py"
    alone.write_bytes(Path(standalone.__file__).read_bytes())
    command = [sys.executable, "-I", "-S", "-X", "utf8=0", str(alone), str(export), "--trust", str(trust)]
    ran = subprocess.run(command, capture_output=True, cwd=tmp_path, env={"PYTHONIOENCODING": "ascii"}, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == b""


def test_any_time_can_be_said() -> None:
    for utc in (None, 0, 1, 253402300799999, 253402300800000, 2**64 - 1):
        assert standalone.moment(utc)
