"""Exports of one gate that wrote many entries, or any entries a device could write; all signatures in order."""

from collections.abc import Iterable, Sequence

from tests.attack.history import DAWN, History, Parts, Witness, Wrote, access, whole, window
from tests.core import oracle
from tests.core.estate import ESTATE, Signer

from gatecore import log, note
from gatecore.records import Entry, Seal
from gatecore.wire import encode, sign1

GATE, COMMITTEE = Signer("gate"), Signer("committee")
TRUST = f"""kaimen-trust 2
estate {ESTATE.public.hex()}
witness outside committee {COMMITTEE.public.hex()}
need 1
need outside 1
"""
USUAL: tuple[tuple[int, list[int], bytes | None], ...] = (
    (1, [3, 41], None),
    (10, [0, 1, 1, 0, 0], access(1)),
    (10, [0, 0, 2, 5, 2], access(2, "120601", None)),
    (21, [], None),
    (10, [1, 1, 3, 0, 1], access(3, "3栋502", None)),
    (6, [1, 86_400, 3], None),
    (2, [], None),
)
Row = tuple[int, int, int | None, int, int, list[int], list[object] | None, bool]


def busy(number: int, slot: str = "Gate 3") -> History:
    """A gate that wrote `number` entries, under one checkpoint that the committee cosigned."""
    made = History()
    at = made.enrol(Wrote(GATE, slot))
    made.batch(at, [USUAL[row % len(USUAL)] for row in range(number)])
    made.checkpoint([Witness("committee", COMMITTEE)])
    return made


def honest(number: int, slot: str = "Gate 3") -> bytes:
    """Its whole export."""
    return whole(busy(number, slot)).to_wire()


def part_of(number: int, first: int, shown: Iterable[int]) -> bytes:
    """Its entries from `first` on, private halves of those in `shown`."""
    return window(busy(number), [(1, first, number)], "window", (), shown).to_wire()


def device_wrote(rows: Sequence[Row], first: int) -> bytes:
    """An export of any entries (boot, mono, utc, quality, type, pub, half, shown) from seq `first` on."""
    gate, made = Wrote(GATE, "Gate 3"), History()
    made.enrol(gate)
    before = head = gate.chain.head if first == 1 else bytes(32)
    pairs, leaves = [], list(made.leaves())
    for seq, (boot, mono, utc, quality, typ, pub, half, shown) in enumerate(rows, first):
        private = None if half is None else encode(half)
        commit = None if private is None else log.commitment(private)
        entry = Entry(GATE.key_id, 0, seq, head, boot, mono, utc, quality, typ, pub, commit).to_wire()
        pairs.append([entry, private if shown else None])
        leaves.append(entry)
        head = log.link(entry)
    seal = Seal(GATE.key_id, 0, first + len(rows) - 1, head, 1, 9_000_000, DAWN, None)
    host, told = made.devices[0], note.signed(made.origin, len(leaves), oracle.mth(leaves), made.devices[0].signer)
    sections = [
        [
            ["section", host.cert(), 1, host.heads[0], 2, []],
            *([entry, half] for entry, half in host.pairs),
            host.seal(),
        ],
        [["section", gate.cert(), first, before, len(rows), []], *pairs, sign1(seal.to_wire(), GATE)],
    ]
    places = [(0, 1, 0), (0, 2, 1), (1, first, 2)] + [(1, first + len(rows) - 1, len(leaves) - 1)] * (len(rows) > 1)
    body = [["leaf", at, seq, index, oracle.path(index, leaves)] for at, seq, index in places]
    logs = [["log", host.cert(), [told], [], []], *body, ["end"]]
    return Parts(["gate-export/2", ESTATE.public, "window"], sections, [logs]).to_wire()
