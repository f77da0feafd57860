"""The doors a person confirmed at the vault, by place and six digits: to these alone keys are sealed.

What counts is the box key in the estate's own certificate. Another box key of the same door is another question.
"""

from dataclasses import dataclass

from gatecore.enrol import box_digits
from gatecore.errors import GateError
from gatecore.records import Cert, fits
from gatecore.trust import Trust
from gatecore.wire import decode, encode
from gateunit.errors import VaultError
from gateunit.held import Held
from gateunit.ledger import Ledger
from gateunit.ports import Records

RECORD = "confirmed"


@dataclass(frozen=True, slots=True)
class Question:
    """A door's box key nobody has confirmed yet, as a person is asked about it."""

    dev: bytes
    place: str
    digits: str


class Confirmed:
    """Reads the state's SEAL_TO rows; a row the estate did not sign counts for nothing."""

    def __init__(self, store: Records, ledger: Ledger, held: Held, trust: Trust) -> None:
        self._ledger, self._held, self._trust = ledger, held, trust
        self._boxes = _boxes(store.load(RECORD))
        self._certs: dict[bytes, Cert | None] = {}  # what was verified, by the signed bytes
        self._put_off: set[bytes] = set()

    def questions(self) -> list[Question]:
        """The doors of the state whose box keys nobody has confirmed."""
        asked = []
        for row in self._held.state.seal_to:
            cert = self._certified(row)
            if cert is not None and self._boxes.get(row[0]) != row[1] and row[0] not in self._put_off:
                asked.append(Question(row[0], row[2], box_digits(cert.public, row[1], self._trust.estate)))
        return asked

    def confirm(self, dev: bytes) -> None:
        """A person compared the digits with those on that door's screen and they were the same. VaultError("device")
        where that is no question."""
        if dev not in [question.dev for question in self.questions()]:
            raise VaultError("device")
        self._boxes[dev] = self.box_of(dev)
        self._ledger.note(RECORD, encode([[known, box] for known, box in sorted(self._boxes.items())]))

    def put_off(self, dev: bytes) -> None:
        """The digits differ, or nobody knows: not asked again before the next start."""
        self._put_off.add(dev)

    def holds(self, dev: bytes) -> bool:
        """Whether the door's box key of today was confirmed."""
        return any(
            row[0] == dev and self._boxes.get(dev) == row[1] and self._certified(row) is not None
            for row in self._held.state.seal_to
        )

    def all(self) -> list[bytes]:
        """Every confirmed door."""
        return [row[0] for row in self._held.state.seal_to if self.holds(row[0])]

    def box_of(self, dev: bytes) -> bytes:
        """The box key of a door of the state."""
        return next(bytes(row[1]) for row in self._held.state.seal_to if row[0] == dev)

    def signing_key(self, dev: bytes) -> bytes:
        """The key a confirmed door signs with; VaultError("unconfirmed")."""
        if not self.holds(dev):
            raise VaultError("unconfirmed")
        return next(cert.public for cert in map(self._certified, self._held.state.seal_to) if cert and cert.dev == dev)

    def _certified(self, row: list[object]) -> Cert | None:
        """The estate's certificate of a SEAL_TO row, if it is for this very device and box key."""
        signed = bytes(row[3]) if isinstance(row[3], bytes) else b""
        if signed not in self._certs:
            self._certs[signed] = self._cert(signed)
        cert = self._certs[signed]
        if cert is None:
            return None
        return cert if (cert.dev, cert.box) == (row[0], row[1]) else None

    def _cert(self, signed: bytes) -> Cert | None:
        try:
            return self._trust.accept_cert(signed)
        except GateError:
            return None


def _boxes(data: bytes | None) -> dict[bytes, bytes]:
    """What was confirmed; nothing where the record is missing or spoilt: people are then asked again."""
    try:
        rows = [] if data is None else decode(data)
        return {bytes(dev): bytes(box) for dev, box in rows if fits(dev, 16) and fits(box, 32)}
    except (GateError, TypeError, ValueError):
        return {}
