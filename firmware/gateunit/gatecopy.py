"""The copy a gate's unit holds for its guards: taken from the host, kept through restarts, erased when it is too old.

The law of the copy: it counts if the policy key signed it for this very device, if it is newer than the one held, if it
does not tell of entries this device never made, if it is not to be kept longer than gatecopy.KEPT_S, and if its inside
opens with this device's box key under exactly this header. Whatever is refused leaves everything as it was.
"""

from typing import Any

from gatecore.errors import GateError, TrustError
from gatecore.gatecopy import ALONE, KEPT_S, Copy, info, read_inside
from gatecore.sign import key_id
from gatecore.trust import Trust
from gatecore.wire import open_sign1
from gateunit.errors import SealError, StorageError
from gateunit.ledger import Ledger
from gateunit.ports import KeyStore, Store
from gateunit.signer import verify

RECORD = "gate-copy"
Inside = tuple[str, list[Any], list[Any], list[Any], list[Any]]
NOTHING: Inside = ("", [], [], [], ALONE)


class GateCopy:
    """`gate`, `guards`, `stays`, `slips` and `escort` are of gatecore.gatecopy; all empty while there is no copy."""

    def __init__(self, store: Store, ledger: Ledger, trust: Trust, keys: KeyStore) -> None:
        self._store, self._ledger, self._trust, self._keys = store, ledger, trust, keys
        self.header: Copy | None = None
        self.gate, self.guards, self.stays, self.slips, self.escort = NOTHING
        self._load()

    @property
    def held(self) -> tuple[int, int]:
        """Generation and number of the copy held; zeros for none."""
        return (0, 0) if self.header is None else (self.header.generation, self.header.number)

    @property
    def upto(self) -> int:
        """The last entry of this device's log that the copy tells of."""
        return 0 if self.header is None else self.header.upto

    def escorted(self, home: str) -> bool:
        """Whether a visitor of this home comes in with somebody of the home only."""
        everywhere, others = self.escort
        return bool(everywhere) != (home in others)

    def take(self, data: bytes) -> None:
        """Takes a newer copy and keeps it; TrustError(code) for anything the law refuses."""
        header, inside = self._read(data)
        if (header.generation, header.number) <= self.held:
            raise TrustError("rollback")
        self._hold(header, inside)
        self._ledger.note(RECORD, data)

    def expire(self, now_s: int | None) -> bool:
        """Erases a copy whose time is over; whether it did."""
        if self.header is None or now_s is None or now_s < self.header.until:
            return False
        self.gate, self.guards, self.stays, self.slips, self.escort = NOTHING
        self.header = None
        self._ledger.note(RECORD, None)
        return True

    def _hold(self, header: Copy, inside: Inside) -> None:
        self.header = header
        self.gate, self.guards, self.stays, self.slips, self.escort = inside

    def _load(self) -> None:
        """A record that was cut, altered or is another's is as good as none: the host sends a new copy."""
        try:
            data = self._store.load(RECORD)
            if data is not None:
                self._hold(*self._read(data))
        except (StorageError, TrustError):
            return

    def _read(self, data: bytes) -> tuple[Copy, Inside]:
        keys = self._trust.keys
        if keys is None:
            raise TrustError("keys")
        try:
            header: Copy = Copy.from_wire(open_sign1(data, key_id(keys.policy), keys.policy, verify))
            if header.dev != self._trust.dev:
                raise TrustError("device")
            if header.upto > self._ledger.seq or not header.made < header.until <= header.made + KEPT_S:
                raise TrustError("range")
            bound = info(self._trust.estate, header.dev, header.generation, header.number)
            return header, read_inside(self._keys.open(header.sealed, bound))
        except TrustError:
            raise
        except GateError as wrong:
            raise TrustError(wrong.code) from wrong
        except SealError as wrong:
            raise TrustError("chunk") from wrong
