"""The unit as a witness on its own disk: what it vouches for is on storage, what it drops was shown to it."""

from itertools import pairwise
from typing import Any

import pytest
from tests.core.test_witness import LOG, Tree
from tests.unit.test_session import Line

from gatecore import events, frames, note
from gatecore import records as r
from gatecore.records import Cert, Entry
from gatecore.sign import key_id
from gatecore.wire import sign1
from gatecore.witness import OVERDUE_MS, Proof, numbers
from gateunit import ledger as ledgers
from gateunit.errors import LinkError, StorageError
from gateunit.signer import verify
from gateunit.unit import Options

MINUTE = 60_000
NOBODY_TYPES = Options(scan_ms=500)  # minutes pass: the keypad need not be read fifty times a second


class Host:
    """A host that stores what the unit sends and shows it checkpoints."""

    def __init__(self, house: Any) -> None:
        self.house, self.line = house, Line(house)
        self.tree = Tree(generation=1, signer=LOG, estate=house.estate.public)
        self.stored = 0
        self.held: list[bytes] = []

    def cert(self, generation: int = 1, by: Any = None, kind: str = "host") -> bytes:
        cert = Cert(key_id(LOG.public), LOG.public, None, "host", kind, generation, 0)
        return sign1(cert.to_wire(), by or self.house.estate.root)

    async def up(self) -> list[tuple[int, list[Any]]]:
        """Greeted, the log believed; what the unit says to that."""
        self.line.greet()
        said = self.line.say(frames.LOG, self.cert())
        index = self.tree.mine.get(self.stored)
        said += self.line.say(frames.ACK, self.stored, b"r" * 16, index)
        await self.house.clock.settle()
        return said

    async def collect(self, said: list[tuple[int, list[Any]]] | None = None) -> None:
        """Takes and acknowledges everything the unit has (`said`: what it sent already), its own entries as leaves
        between others."""
        self.line.session.due()
        waiting = list(said or [])
        while True:
            batches = [fields for kind, fields in waiting + self.line.sent() if kind == frames.BATCH]
            waiting = []
            if not batches:
                return
            for first, entries, _, _ in batches:
                self.tree.add(2)
                for seq, entry in enumerate(entries, first):
                    self.tree.add_mine(seq, entry)
                self.stored = first + len(entries) - 1
                self.line.session.receive(
                    frames.pack(frames.ACK, 1, self.stored, b"r" * 16, self.tree.mine[self.stored])
                )

    async def show(self, proof: Proof | None = None) -> list[tuple[int, list[Any]]]:
        """A receipt; what the unit says once its disk has settled."""
        one = proof or self.tree.receipt(self.house.unit.notary.witness.size)
        said = self.line.say(frames.RECEIPT, one.note, one.first, one.path, one.seq, one.index, one.inclusion)
        await self.house.clock.settle()
        self.line.session.due()
        return said + self.line.sent()


def of_kind(said: list[tuple[int, list[Any]]], kind: int) -> list[list[Any]]:
    return [fields for found, fields in said if found == kind]


def typed(house: Any, typ: int) -> list[Entry]:
    return [entry for entry in house.entries() if entry.typ == typ]


async def test_the_unit_takes_the_log_and_cosigns_what_holds_its_entries(house: Any) -> None:
    async with house.running():
        host = Host(house)
        assert of_kind(await host.up(), frames.WITNESSED) == [[b"", ""]]
        assert [entry.pub for entry in typed(house, r.LOG)] == [[1, 0, 0, 0, 0, 0, 0]]
        await host.collect()
        [(generation, size, time, signature)] = of_kind(await host.show(), frames.COSIGNED)
        assert (generation, size) == (1, len(host.tree.leaves))
        assert time == house.unit.time.now().utc // 1000
        text = note.read(host.tree.note()).text
        assert verify(house.keys.signer().public, note.cosigned_message(text, time), signature)
        assert house.unit.ledger.receipted == host.stored
        [beacon] = typed(house, r.BEACON)
        assert beacon.pub == [1, size, *numbers(note.read(host.tree.note()).root)]


async def test_nothing_is_cosigned_before_it_is_on_storage(house: Any) -> None:
    async with house.running():
        host = Host(house)
        await host.up()
        await host.collect()
        house.store.slow_ms = 5_000
        assert of_kind(await host.show(), frames.COSIGNED) == []
        assert house.unit.ledger.receipted == 0
        await house.clock.advance(20_000)
        host.line.session.due()
        assert len(of_kind(host.line.sent(), frames.COSIGNED)) == 1


async def test_what_was_taken_survives_a_restart(house: Any) -> None:
    async with house.running():
        host = Host(house)
        await host.up()
        await host.collect()
        await host.show()
        witness = house.unit.notary.witness
        size, root, receipted = witness.size, witness.root, witness.receipted
    async with house.running():
        again = house.unit.notary.witness
        assert (again.size, again.root, again.receipted) == (size, root, receipted)
        assert house.unit.ledger.receipted == receipted
        host.line = Line(house)
        assert of_kind(await host.up(), frames.WITNESSED) == [[again.note, ""]]


async def test_acknowledgements_are_written_down_within_ten_seconds(house: Any) -> None:
    async with house.running():
        host = Host(house)
        await host.up()
        await host.collect()
        await house.clock.advance(11_000)
        host.line.session.due()
        await house.clock.settle()
        seq, stored = host.stored, len(host.tree.leaves)
    async with house.running():
        assert house.unit.notary.witness._seq == seq
        assert 0 < house.unit.notary.witness._index < stored


@pytest.mark.parametrize(
    ("bend", "why"), [("left out", "inclusion"), ("forked", "consistency"), ("forged", "signature")]
)
async def test_a_lying_host_is_told_so_and_the_lie_is_an_entry(house: Any, bend: str, why: str) -> None:
    async with house.running():
        host = Host(house)
        await host.up()
        await host.collect()
        await host.show()
        house.unit.post(events.Tamper())
        await house.clock.settle()
        await host.collect()
        if bend == "left out":
            for seq in [seq for seq, index in host.tree.mine.items() if index >= house.unit.notary.witness.size]:
                host.tree.leaves[host.tree.mine.pop(seq)] = b"another"
        elif bend == "forked":
            host.tree.leaves[0] = b"another past"
        else:
            host.tree.signer = house.estate.operator
        size = house.unit.notary.witness.size
        said = await host.show()
        assert of_kind(said, frames.COSIGNED) == []
        assert of_kind(said, frames.WITNESSED) == [[house.unit.notary.witness.note, why]]
        assert house.unit.notary.witness.size == size
        assert host.line.distrusted() == [(7, why)]


async def test_an_older_checkpoint_is_answered_with_the_newer_and_no_alarm(house: Any) -> None:
    async with house.running():
        host = Host(house)
        await host.up()
        await host.collect()
        old = host.tree.receipt(0)
        await host.show()
        said = await host.show(old)
        assert of_kind(said, frames.WITNESSED) == [[house.unit.notary.witness.note, "size"]]
        assert host.line.distrusted() == []


@pytest.mark.parametrize("wrong", ["signer", "kind"])
async def test_a_log_key_the_estate_did_not_certify_is_not_believed(house: Any, wrong: str) -> None:
    async with house.running():
        host = Host(house)
        host.line.greet()
        cert = host.cert(by=house.estate.policy) if wrong == "signer" else host.cert(kind="door")
        said = host.line.say(frames.LOG, cert)
        assert of_kind(said, frames.WITNESSED) == []
        assert [what for what, _ in host.line.distrusted()] == [7]
        assert house.unit.notary.witness.generation == 0


async def test_an_acknowledgement_for_a_leaf_that_cannot_be_ends_the_connection(house: Any) -> None:
    async with house.running():
        host = Host(house)
        await host.up()
        await host.collect()
        house.unit.post(events.Tamper())
        await house.clock.settle()
        with pytest.raises(LinkError, match="index"):
            host.line.say(frames.ACK, house.unit.ledger.seq, b"s" * 16, host.tree.mine[host.stored])


async def test_an_entry_left_uncovered_for_ten_minutes_is_an_alarm_once(house: Any) -> None:
    house.options = NOBODY_TYPES
    async with house.running():
        host = Host(house)
        await host.up()
        await host.collect()
        said = []
        for _ in range(25):
            await house.clock.advance(MINUTE // 2)
            said += host.line.say(frames.PING)
            host.line.session.due()
            said += host.line.sent()
        assert OVERDUE_MS == 20 * MINUTE // 2
        assert of_kind(said, frames.ALERT) == [[events.ALERT_UNCOVERED, ""]]
        assert [entry.pub for entry in typed(house, r.ALARM)] == [[events.ALERT_UNCOVERED]]


async def test_a_unit_that_does_not_know_the_time_vouches_for_none(house: Any) -> None:
    async with house.running():
        host = Host(house)
        await host.up()
        await host.collect()
        house.unit.time._clock._quality = 1
        said = await host.show()
        assert of_kind(said, frames.COSIGNED) == []
        assert of_kind(said, frames.WITNESSED) == [[house.unit.notary.witness.note, ""]]
        assert house.unit.ledger.receipted == host.stored


# --- a full log -----------------------------------------------------------------------------


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A unit that keeps ten entries."""
    monkeypatch.setattr(ledgers, "KEPT", 10)
    monkeypatch.setattr(ledgers, "SPARE", 4)


async def fill(house: Any, many: int) -> None:
    for _ in range(many):
        house.unit.post(events.Tamper())
    await house.clock.settle()


@pytest.mark.usefixtures("small")
async def test_a_full_log_drops_what_was_receipted_and_nothing_else(house: Any) -> None:
    async with house.running():
        host = Host(house)
        await host.up()
        await host.collect()
        await host.show()
        shown = house.unit.ledger.receipted
        await fill(house, 30)
        await house.clock.advance(MINUTE)
        assert house.unit.ledger._before == shown
        assert house.unit.ledger.entry(shown) is None
        assert house.unit.ledger.entry(shown + 1) is not None


@pytest.mark.usefixtures("small")
async def test_a_log_full_of_what_nobody_has_seen_says_what_it_replaces_and_the_door_goes_on_opening(
    house: Any,
) -> None:
    async with house.running():
        await fill(house, 30)
        await house.clock.advance(MINUTE)
        ledger = house.unit.ledger
        [gap] = typed(house, r.GAP)
        assert gap.pub == [1, ledger._before]
        assert ledger._before > 10
        assert [entry.pub for entry in typed(house, r.ALARM)] == [[events.ALERT_LOG_FULL]]
        await house.type("120502#4711042#")
        assert len(house.unlocks()) == 1
        first = house.unit.ledger.batch(0, 64)
        assert first.first == ledger._before + 1
    async with house.running():
        assert [entry.pub for entry in typed(house, r.GAP)] == [gap.pub]


@pytest.mark.usefixtures("small")
async def test_a_gap_is_on_storage_before_what_it_names_is_gone(house: Any) -> None:
    house.options = NOBODY_TYPES
    async with house.running():
        await fill(house, 30)
        house.store.append = refusing
        await house.clock.advance(3 * MINUTE)
        assert house.unit.ledger._before == 0
        del house.store.append
        await house.clock.advance(2 * MINUTE)
        assert house.unit.ledger._before > 0
        gaps = [entry.pub for entry in typed(house, r.GAP)]
        assert gaps[0][0] == 1
        assert all(later[0] == earlier[1] + 1 for earlier, later in pairwise(gaps))


async def refusing(frames: Any) -> None:
    """A disk that takes nothing new, though what lies there can still be dropped."""
    raise StorageError("full")
