"""The unit as a witness of the estate's log: gatecore.witness decides, this keeps what it knows and says it in time.

A cosignature is given only when what it vouches for is on storage. Acknowledgements are written down too, but not one
by one: a record costs the disk more than an entry, and the next entry may be about to open the door. What a power cut
takes of them the host tells again with its first acknowledgement.
"""

import logging

from gatecore import events, frames
from gatecore.clock import BATTERY
from gatecore.errors import TrustError
from gatecore.records import ALARM, BEACON, Cert
from gatecore.records import LOG as LOG_SEEN
from gatecore.witness import Proof, Witness
from gateunit.errors import StorageError
from gateunit.ledger import Ledger, Note
from gateunit.ports import Signer, Store
from gateunit.signer import verify
from gateunit.timekeeper import Timekeeper

RECORD = "witness"
SAVE_MS = 10_000  # acknowledgements not yet written down wait this long
BEACON_MS = 3_600_000

log = logging.getLogger(__name__)

Said = tuple[int, tuple[object, ...]]  # a frame's kind and fields


class Notary:
    """`say`-able frames come from `answers`; everything else is told to it."""

    def __init__(self, store: Store, ledger: Ledger, estate: bytes, time: Timekeeper, signer: Signer) -> None:
        self._ledger, self._time, self._signer = ledger, time, signer
        self.witness = Witness(estate, _loaded(store))
        self._unsaved: int | None = None  # since when
        self._saving: Note | None = None  # of a checkpoint that waits to be cosigned
        self._beacon_at: int | None = None
        self._told = False  # the alarm of an entry left uncovered
        self._ready: list[Said] = []
        ledger.receipted = self.witness.receipted

    def connected(self) -> None:
        """A connection begins; nothing of the former one is answered any more."""
        self.witness.connected(self._time.mono())
        self._ready.clear()
        self._saving = None

    def believe(self, cert: Cert) -> None:
        """The present log by its certificate; TrustError if it is a former one. Then the host hears what was taken."""
        pub = self.witness.follow(cert.serial, cert.public, self._ledger.seq)
        if pub is not None:
            self._ledger.add(events.Log(LOG_SEEN, pub, None, None), self._time.now())
            self._save()
        self._ready.append((frames.WITNESSED, (self.witness.note, "")))

    def acknowledged(self, seq: int, index: int | None) -> None:
        """An ACK; TrustError if its index cannot be."""
        self.witness.acknowledged(seq, index, self._time.mono())
        if self._unsaved is None:
            self._unsaved = self._time.mono()

    def receipt(self, proof: Proof) -> str:
        """A RECEIPT: takes it, or says why not. What is receipted may be dropped once this is on storage."""
        try:
            self.witness.take(proof, self._ledger.entry(proof.seq), verify)
        except TrustError as wrong:
            self._ready.append((frames.WITNESSED, (self.witness.note, wrong.code)))
            return wrong.code
        self._told = False
        self._saving = self._save()
        self._beacon()
        return ""

    def answers(self) -> list[Said]:
        """What is to be said now."""
        if self._saving is not None and self._saving.durable.is_set():
            self._saving = None
            self._ledger.receipted = self.witness.receipted
            self._ready.append(self._cosignature())
        said, self._ready = self._ready, []
        return said

    def due(self) -> None:
        """What time demands: the record, and the alarm of an entry the host has and does not show."""
        mono = self._time.mono()
        if self._unsaved is not None and mono - self._unsaved >= SAVE_MS:
            self._save()
        if self.witness.overdue(mono) and not self._told:
            self._told = True
            self.alarm(events.ALERT_UNCOVERED)

    def alarm(self, kind: int) -> None:
        """An entry and a message."""
        self._ledger.add(events.Log(ALARM, [kind], None, None), self._time.now())
        self._ready.append((frames.ALERT, (kind, "")))

    def _cosignature(self) -> Said:
        now, witness = self._time.now(), self.witness
        if now.utc is None or now.quality < BATTERY:
            return frames.WITNESSED, (witness.note, "")
        time = now.utc // 1000
        return frames.COSIGNED, (witness.generation, witness.size, time, witness.cosign(time, self._signer))

    def _save(self) -> Note:
        self._unsaved = None
        return self._ledger.note(RECORD, self.witness.to_wire())

    def _beacon(self) -> None:
        """An entry that names the checkpoint taken, at most once an hour: what follows is younger than that."""
        mono = self._time.mono()
        if self._beacon_at is None or mono - self._beacon_at >= BEACON_MS:
            self._beacon_at = mono
            self._ledger.add(events.Log(BEACON, self.witness.seen, None, None), self._time.now())


def _loaded(store: Store) -> bytes | None:
    try:
        return store.load(RECORD)
    except StorageError as wrong:
        log.warning("what was witnessed cannot be read: %s", wrong)
        return None
