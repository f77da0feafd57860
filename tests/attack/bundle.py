"""Honest exports from fixed keys, in pieces that an attack can take apart, and the two verdicts on any bytes."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

import pytest
from tests.core.estate import ESTATE, Signer, verify

from gatecore import bundle, log
from gatecore.clock import Now
from gatecore.errors import GateError
from gatecore.records import ACCESS, BEACON, BOOT, CLOCK, EXIT, Cert, Private, Seal
from gatecore.sign import sha256
from gatecore.wire import sign1
from gateverify import standalone

DAWN = 1_795_000_000_000  # 2026-11-18, ms
Pair = tuple[bytes, bytes | None]

GATE, DESK = Signer("gate"), Signer("desk")


@dataclass(frozen=True)
class Section:
    """One device's part of an export; every field may be made wrong."""

    signer: Signer
    cert: bytes
    first: int
    before: bytes
    pairs: tuple[Pair, ...]
    seal: bytes
    number: int | None = None  # what the line says, when it lies

    def to_wire(self) -> bytes:
        number = len(self.pairs) if self.number is None else self.number
        line = bundle.device_line(self.cert, self.first, self.before, number)
        return line + b"".join(bundle.entry_line(*pair) for pair in self.pairs) + bundle.seal_line(self.seal)


@dataclass(frozen=True)
class Export:
    """A whole file."""

    sections: tuple[Section, ...]
    estate: bytes = field(default=ESTATE.public)
    number: int | None = None

    def to_wire(self) -> bytes:
        number = len(self.sections) if self.number is None else self.number
        return bundle.head_line(self.estate, number) + b"".join(section.to_wire() for section in self.sections)

    def with_first(self, **changes: object) -> "Export":
        """The export with the first section changed."""
        return replace(self, sections=(replace(self.sections[0], **changes), *self.sections[1:]))  # type: ignore[arg-type]


def certificate(signer: Signer, slot: str, kind: str = "door", by: Signer = ESTATE) -> bytes:
    return sign1(Cert(signer.key_id, signer.public, None, slot, kind, 7, 1_790_000_000).to_wire(), by)


def sealed(signer: Signer, dev: bytes, seq: int, head: bytes, epoch: int = 0) -> bytes:
    return sign1(Seal(dev, epoch, seq, head, 2, 9_000_000, DAWN + 9_000_000, None).to_wire(), signer)


def happenings(number: int) -> list[tuple[int, list[int], bytes | None]]:
    """What a door writes: boots, granted and refused faces, codes and PINs, exits, beacons."""
    usual: list[tuple[int, list[int], bytes | None]] = [
        (BOOT, [3, 41], None),
        (ACCESS, [0, 1, 1, 0, 0], private(1, b"P" * 16, "120502")),
        (ACCESS, [0, 0, 2, 5, 2], private(2, b"120601", "120601")),
        (EXIT, [], None),
        (ACCESS, [1, 1, 3, 0, 1], private(3, b"120502", "3栋502")),
        (CLOCK, [1, 86_400, 3], None),
        (BEACON, [], None),
    ]
    return [usual[at % len(usual)] for at in range(number)]


def private(number: int, subject: bytes, home: str) -> bytes:
    """An access entry's private half; a person is 16 bytes, else the home is the subject."""
    person = subject if len(subject) == 16 else None
    return Private(sha256(b"salt", bytes([number]))[:16], subject, [home, person, b"mark", number % 2]).to_wire()


def section(signer: Signer, slot: str, number: int, kind: str = "door", skip: int = 0, epoch: int = 0) -> Section:
    """An honest section of `number` entries after `skip` that are left out at the start."""
    chain = log.Chain(signer.key_id, log.genesis(signer.public), 0, epoch)
    pairs: list[Pair] = []
    heads = [chain.head]
    for at, (typ, pub, half) in enumerate(happenings(skip + number)):
        utc = None if at == 0 else DAWN + at * 61_000
        entry = chain.next(Now(1 + at // 5, 1000 + at * 61_000, utc, 0 if utc is None else 2 + at % 3), typ, pub, half)
        chain.take(entry)
        pairs.append((entry, half))
        heads.append(chain.head)
    seal = sealed(signer, signer.key_id, chain.seq, chain.head, epoch)
    return Section(signer, certificate(signer, slot, kind), skip + 1, heads[skip], tuple(pairs[skip:]), seal)


def honest(gate: int = 4, desk: int = 2) -> Export:
    """A gate and a front desk of the estate."""
    return Export((section(GATE, "Gate 3", gate), section(DESK, "前台", desk, "desk")))


def by_the_file(data: bytes, trust: bytes | None = ESTATE.public, fast: bool = True) -> str:
    """What the stand-alone file finds: "" if it holds, or the first place and why."""
    report = standalone.Report()
    try:
        standalone.verify(io.BytesIO(data), None if trust is None else standalone.Trust(trust), report, fast)
    except standalone.Refused as refused:
        return f"{report.place}: {refused}"
    return ""


def by_the_core(data: bytes, trust: bytes | None = ESTATE.public) -> str:
    """What the core finds: "" if it holds, or the name and code of its error."""
    try:
        bundle.check(io.BytesIO(data).read, known, trust)
    except GateError as error:
        return f"{type(error).__name__} {error.code}"
    return ""


@lru_cache(4096)
def known(public: bytes, message: bytes, signature: bytes) -> bool:
    """`cryptography`'s verdict; most attacks leave the signatures alone, so verdicts are kept."""
    return verify(public, message, signature)


def keep_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-alone file's own Ed25519, asked once for the same bytes."""
    for name in ("signed", "sound"):
        real: Callable[..., object] = getattr(standalone, name)
        monkeypatch.setattr(standalone, name, lru_cache(4096)(real))
