"""Nobody without the keys alters an export unseen: every attack against both readers, counted; none may pass."""

import io
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pytest
from tests.attack.bundle import (
    GATE,
    Export,
    Section,
    by_the_core,
    by_the_file,
    certificate,
    happenings,
    honest,
    keep_verdicts,
    sealed,
    section,
)
from tests.attack.forgery import FAMILIES, Forgery
from tests.core.estate import ESTATE, STRANGER

from gatecore import bundle, log
from gatecore.clock import Now
from gatecore.records import ACCESS
from gateverify import standalone


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_verdicts(monkeypatch)


def refuse_all(name: str, attacks: Iterable[tuple[str, bytes]], least: int) -> None:
    """Both readers refuse every attack; the count is printed, and a count below `least` is no test."""
    tried, accepted = 0, []
    for what, data in attacks:
        tried += 1
        if not by_the_file(data):
            accepted.append(f"stand-alone file: {what}")
        if not by_the_core(data):
            accepted.append(f"core: {what}")
    print(f"{name}: {tried} attacks on each of two readers, {len(accepted)} accepted")
    assert not accepted, accepted[:20]
    assert tried >= least


def test_an_honest_export_holds_for_both_readers() -> None:
    for gate, desk in ((1, 1), (4, 2), (30, 9), (300, 40)):
        data = honest(gate, desk).to_wire()
        assert (by_the_file(data), by_the_file(data, fast=False), by_the_core(data)) == ("", "", "")


def test_an_export_that_begins_later_holds() -> None:
    data = Export((section(GATE, "Gate 3", 20, skip=13),)).to_wire()
    assert (by_the_file(data), by_the_core(data)) == ("", "")


def test_no_flipped_bit_passes() -> None:
    data = Export((section(GATE, "Gate 3", 3),)).to_wire()
    refuse_all("bit flips", flips(data), 8 * len(data))


def flips(data: bytes) -> Iterator[tuple[str, bytes]]:
    for bit in range(8 * len(data)):
        at, mask = bit // 8, 1 << bit % 8
        yield f"bit {bit}", data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]


def test_no_prefix_passes() -> None:
    data = honest().to_wire()
    refuse_all("prefixes", ((f"first {n}", data[:n]) for n in range(len(data))), len(data))


def test_no_lost_byte_passes() -> None:
    data = honest().to_wire()
    refuse_all("deletions", ((f"without {n}", data[:n] + data[n + 1 :]) for n in range(len(data))), len(data))


def test_no_inserted_byte_passes() -> None:
    data, seeded = honest().to_wire(), random.Random(1)
    put = ((at, byte) for at in range(len(data) + 1) for byte in {0x00, 0xF6, 0x80, seeded.randrange(256)})
    refuse_all("insertions", ((f"{b} at {at}", data[:at] + bytes([b]) + data[at:]) for at, b in put), 3 * len(data))


def test_no_exchange_of_pieces_passes() -> None:
    data, seeded = honest().to_wire(), random.Random(2)
    refuse_all("splices", splices(data, seeded, 4000), 3900)


def splices(data: bytes, seeded: random.Random, number: int) -> Iterator[tuple[str, bytes]]:
    """A piece of the file copied over, moved to, or repeated at another place."""
    for count in range(number):
        start, size, to = seeded.randrange(len(data)), seeded.randrange(1, 200), seeded.randrange(len(data))
        piece = data[start : start + size]
        made = (data[:to] + piece + data[to + len(piece) :], data[:to] + piece + data[to:])[count % 2]
        if made != data:
            yield f"{start}+{size} to {to}", made


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_no_forgery_passes(family: Callable[[Export], Iterator[Forgery]]) -> None:
    made = {data: name for name, data, _ in family(honest())}
    assert honest().to_wire() not in made
    refuse_all(family.__name__, ((name, data) for data, name in made.items()), 5)


def test_the_first_wrong_place_is_named() -> None:
    one = honest(6)
    pairs = one.sections[0].pairs
    assert "entry 3" in by_the_file(one.with_first(pairs=pairs[:2] + pairs[3:]).to_wire())
    assert "“Gate 3”, seal after entry 5" in by_the_file(one.with_first(pairs=pairs[:5]).to_wire())
    assert by_the_file(one.to_wire(), STRANGER.public).startswith("head of the file")
    assert by_the_file(one.to_wire() + b"\xf6").startswith("end of the file")


def test_half_the_private_halves_withheld_still_holds_and_is_counted() -> None:
    one = honest(100)
    kept = tuple((entry, half if at % 2 else None) for at, (entry, half) in enumerate(one.sections[0].pairs))
    data = one.with_first(pairs=kept).to_wire()
    assert (by_the_file(data), by_the_file(data, fast=False), by_the_core(data)) == ("", "", "")
    report = report_of(data)
    shown = sum(half is not None for _, half in kept)
    committed = sum(half is not None for _, half in one.sections[0].pairs)
    gate = report.devices[0]
    assert (gate.disclosed, gate.withheld, gate.plain) == (shown, committed - shown, 100 - committed)
    assert 0 < gate.withheld < committed
    assert any("withheld" in line for line in standalone.unproven(report))


def test_the_report_counts_what_the_door_did() -> None:
    report = report_of(honest(70, 7).to_wire())
    gate = report.devices[0]
    access = [pub for typ, pub, _ in happenings(70) if typ == ACCESS]
    assert gate.granted == sum(pub[1] == 1 for pub in access)
    assert gate.refused == sum(pub[1] == 0 for pub in access)
    assert gate.late == sum(pub[4] & 1 for pub in access)
    assert (gate.first, gate.last, gate.dev, report.entries) == (1, 70, GATE.key_id.hex(), 77)
    assert sum(count for count, _, _ in gate.times.values()) == sum(gate.types.values()) == 70


def report_of(data: bytes) -> standalone.Report:
    report = standalone.Report()
    standalone.verify(io.BytesIO(data), standalone.Trust(ESTATE.public), report)
    return report


def test_what_the_format_cannot_show_is_said() -> None:
    """Limits, not strengths: a device left out as a whole, and an older seal. The report names both."""
    left_out = Export(honest().sections[:1]).to_wire()
    older = Export((section(GATE, "Gate 3", 3),)).to_wire()
    for data in (left_out, older):
        assert (by_the_file(data), by_the_core(data)) == ("", "")
        said = " ".join(standalone.unproven(report_of(data)))
        assert "left out as a whole" in said
        assert "after its seal" in said
    later = report_of(Export((section(GATE, "Gate 3", 3, skip=2),)).to_wire())
    assert any("before the first one shown" in line for line in standalone.unproven(later))


def test_without_a_trust_file_a_made_up_estate_is_only_consistent() -> None:
    made_up = Export((self_certified(),), STRANGER.public).to_wire()
    assert by_the_file(made_up, None) == ""
    assert by_the_core(made_up, None) == ""
    assert by_the_file(made_up) != ""
    assert by_the_core(made_up) != ""


def self_certified() -> Section:
    return replace(section(GATE, "Gate 3", 4), cert=certificate(GATE, "Gate 3", by=STRANGER))


def test_a_gap_of_numbers_is_no_way_around_the_chain() -> None:
    chain = log.Chain(GATE.key_id, log.genesis(GATE.public))
    skipped = log.Chain(GATE.key_id, chain.head, 5)
    first = chain.next(Now(1, 1, None, 0), 1, [0, 0], None)
    chain.take(first)
    skipped.head = chain.head
    second = skipped.next(Now(1, 2, None, 0), 2, [], None)
    skipped.take(second)
    seal = sealed(GATE, GATE.key_id, skipped.seq, skipped.head)
    one = section(GATE, "Gate 3", 1)
    data = bundle.head_line(ESTATE.public, 1) + bundle.device_line(one.cert, 1, one.before, 2)
    data += bundle.entry_line(first, None) + bundle.entry_line(second, None) + bundle.seal_line(seal)
    assert "seq 6 follows 1" in by_the_file(data)
    assert by_the_core(data) == "ChainError seq"
