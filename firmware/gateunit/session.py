"""The device's half of one connection (docs/protocol.md section 5), without a socket: frames in, frames out.

    dialled --NONCE--> greeting --HOST believed--> up

A frame that is none of this protocol's, or comes in the wrong state, ends the connection (LinkError). A frame whose
signature the law book refuses becomes a Distrusted event, and the connection goes on as if it had not come; after
MOST_DISTRUST of them it ends.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gatecore import events, frames
from gatecore.clock import NOTED_STEP_MS
from gatecore.errors import GateError, TrustError
from gatecore.log import seal
from gatecore.records import Hello
from gatecore.wire import sign1
from gatecore.witness import Proof
from gateunit.errors import LinkError
from gateunit.heard import HEARD
from gateunit.parts import Parts

DIALLED, GREETING, UP = 0, 1, 2
MOST_BATCHES = 2
MOST_DISTRUST = 10
MOST_BULK = 256  # frames waiting in one rank
STATUS_MS = 30_000
TIME_MS = 600_000  # the host is asked for the time this often
SLOWEST_MS = 60_000
GREETING_MS = 10_000
COMMAND_RANK, CALL_RANK, BULK_RANK = 0, 1, 2

RANK = {
    **dict.fromkeys((frames.CALL, frames.HANGUP, frames.ALERT), CALL_RANK),
    **dict.fromkeys((frames.BATCH, frames.STATUS, frames.SNAPSHOT, frames.WANT, frames.SEALED), BULK_RANK),
    **dict.fromkeys((frames.CAPTURE_NEWS, frames.CONFIRMED, frames.FORGOTTEN, frames.PROMISE), BULK_RANK),
    **dict.fromkeys((frames.SLIP, frames.TAKEN, frames.SAME, frames.WITNESSED, frames.COSIGNED), BULK_RANK),
    frames.KEEP: BULK_RANK,
}


@dataclass(slots=True)
class Outbox:
    """Frames by rank: command before call before bulk."""

    ranks: tuple[deque[bytes], ...] = field(default_factory=lambda: (deque(), deque(), deque()))

    def put(self, kind: int, data: bytes) -> None:
        """Queues one frame; beyond MOST_BULK the oldest of its rank is dropped."""
        rank = self.ranks[RANK.get(kind, COMMAND_RANK)]
        if len(rank) == MOST_BULK:
            rank.popleft()
        rank.append(data)

    def take(self) -> bytes | None:
        """The next frame to send."""
        for rank in self.ranks:
            if rank:
                return rank.popleft()
        return None


class Session:
    """One connection. `receive` takes a frame, `due` does what time demands, `out` holds what is to be sent."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.out = Outbox()
        self.state = DIALLED
        self._number = 0
        self._nonce = parts.random(16)
        self._nonce_sent = self._begun = self._heard = self._pinged = parts.time.mono()
        self._status_at = self._asked_at = 0
        self._told = (0, 0)  # generation and version of the state the host was told we hold
        self._distrusted = 0
        self._resumed = False
        self._sent: deque[int] = deque()  # last seq of each batch in flight
        self._next = 0
        self._receipt: bytes | None = None
        self._not_before = 0
        parts.held.again()
        parts.notary.connected()
        self.say(frames.NONCE, self._nonce)

    def say(self, kind: int, *fields: object) -> None:
        """Queues a frame of our own."""
        self._number += 1
        self.out.put(kind, frames.pack(kind, self._number, *fields))

    def receive(self, data: bytes) -> None:
        """Takes one frame of the host's; LinkError if it ends the connection."""
        self._heard = self.parts.time.mono()
        try:
            kind, _, fields = frames.unpack(data)
        except GateError as wrong:
            raise LinkError(wrong.code) from wrong
        act = _RECEIVE.get(kind)
        if act is None or (self.state != UP and kind not in _BEFORE_UP):
            raise LinkError("kind")
        act(self, *fields)
        self._fill()

    def due(self) -> None:
        """What time and the log demand now; LinkError if the host has gone."""
        mono = self.parts.time.mono()
        if mono - self._heard >= frames.ALIVE_MS or (self.state != UP and mono - self._begun >= GREETING_MS):
            raise LinkError("silence")
        if self.state != UP:
            return
        if mono - self._status_at >= STATUS_MS:
            self._say_status()
        if mono - self._asked_at >= TIME_MS:
            self._ask_time()
        self.parts.notary.due()
        if mono - max(self._heard, self._pinged) >= frames.HEARTBEAT_MS:
            self._pinged = mono
            self.say(frames.PING)
        self._fill()

    # --- greeting -------------------------------------------------------------------------

    def _on_nonce(self, theirs: bytes) -> None:
        if self.state != DIALLED:
            raise LinkError("order")
        parts = self.parts
        held = parts.held.state
        hello = Hello(
            parts.ledger.dev,
            theirs,
            parts.time.boot,
            parts.ledger.seq,
            parts.ledger.head,
            held.generation,
            held.version,
        )
        after = parts.signer.next_signer() if parts.greets_next else None
        self.say(frames.HELLO, sign1(hello.to_wire(), after or parts.signer))
        self.state = GREETING

    def _on_host(self, data: bytes) -> None:
        parts = self.parts
        if self.state == DIALLED or not self._nonce:
            raise LinkError("order")
        try:
            hello = parts.trust.accept_host(data, self._nonce)
        except TrustError as wrong:
            self.distrust(3, wrong.code)
            if self.state != UP:
                raise LinkError(wrong.code) from wrong
            return
        self._nonce = b""
        self._stepped(parts.time.host(hello.utc, self._nonce_sent))
        if self.state != UP:
            self.state = UP
            self._asked_at = parts.time.mono()
            parts.post(events.Link(True))
            self._say_status()
            if parts.copy is not None:
                self.say(frames.KEEP, *parts.copy.held)

    def _ask_time(self) -> None:
        self._nonce = self.parts.random(16)
        self._nonce_sent = self._asked_at = self.parts.time.mono()
        self.say(frames.NONCE, self._nonce)

    def _stepped(self, step: int | None) -> None:
        if step is not None and abs(step) > NOTED_STEP_MS:
            self.parts.post(events.Stepped(step, self.parts.time.now().quality))

    # --- the log --------------------------------------------------------------------------

    def _on_log(self, data: bytes) -> None:
        try:
            self.parts.notary.believe(self.parts.trust.accept_log(data))
        except TrustError as wrong:
            self.distrust(7, wrong.code)

    def _on_receipt(self, note: bytes, first: int, path: list[Any], seq: int, index: int, inclusion: list[Any]) -> None:
        why = self.parts.notary.receipt(Proof(note, first, path, seq, index, inclusion))
        if why and why != "size":
            self.distrust(7, why)

    def _on_ack(self, upto: int, receipt: bytes, index: int | None) -> None:
        try:
            self.parts.notary.acknowledged(upto, index)
        except TrustError as wrong:
            self.distrust(7, wrong.code)
            raise LinkError(wrong.code) from wrong
        self._receipt = receipt
        change = self.parts.changing()
        if change is not None and upto >= change:  # the host has the new key: the old one is not needed any more
            self.parts.signer.advance()
            self.parts.greets_next = False
        if not self._resumed:
            self._resumed, self._next = True, upto
        while self._sent and self._sent[0] <= upto:
            self._sent.popleft()
        self.parts.ledger.acknowledged = min(upto, self.parts.ledger.seq)

    def _on_slow(self, ms: int) -> None:
        self._not_before = self.parts.time.mono() + min(ms, SLOWEST_MS)

    def _fill(self) -> None:
        """Batches, as many as may be in flight, and what is lacking of state and faces."""
        if self.state != UP:
            return
        if self._told != self._version():
            self._say_status()  # a new state is not kept from the host until the next half minute
        for digest in self.parts.held.wanted():
            self.say(frames.WANT, digest)
        for kind, fields in self.parts.notary.answers():
            self.say(kind, *fields)
        while self._resumed and len(self._sent) < MOST_BATCHES and self.parts.time.mono() >= self._not_before:
            if not self._say_batch():
                return

    def _say_batch(self) -> bool:
        parts, change = self.parts, self.parts.changing()
        if change is not None and self._next >= change:
            return False
        batch = parts.ledger.batch(self._next, frames.MAX_BATCH)
        if batch is None:
            return False
        sealed = seal(batch.chain, parts.time.now(), self._receipt, parts.signer)
        self.say(frames.BATCH, batch.first, batch.entries, batch.privates, sealed)
        self._next = batch.chain.seq
        self._sent.append(self._next)
        return True

    def _version(self) -> tuple[int, int]:
        held = self.parts.held.state
        return held.generation, held.version

    def _say_status(self) -> None:
        parts = self.parts
        held = parts.held.state
        self._status_at = parts.time.mono()
        self._told = self._version()
        quality, works = parts.time.now().quality, 0 if parts.ledger.failing else 1
        self.say(frames.STATUS, parts.ledger.seq, held.generation, held.version, quality, works, parts.software)

    # --- endings --------------------------------------------------------------------------

    def _on_ping(self) -> None:
        self.say(frames.PONG)

    def _on_pong(self) -> None:
        return

    def _on_refused(self, why: str) -> None:
        if self.state != UP and self.parts.changing() is not None:
            self.parts.greets_next = not self.parts.greets_next
        raise LinkError("refused")

    def distrust(self, what: int, code: str) -> None:
        """Tells the door of something signed that is not believed; LinkError when that has happened too often."""
        self.parts.post(events.Distrusted(what, code))
        self._distrusted += 1
        if self._distrusted >= MOST_DISTRUST:
            raise LinkError("distrust")


_BEFORE_UP = (frames.NONCE, frames.HOST, frames.REFUSED, frames.PING, frames.PONG)
_RECEIVE: dict[int, Callable[..., None]] = HEARD | {
    frames.NONCE: Session._on_nonce,
    frames.HOST: Session._on_host,
    frames.ACK: Session._on_ack,
    frames.SLOW: Session._on_slow,
    frames.LOG: Session._on_log,
    frames.RECEIPT: Session._on_receipt,
    frames.PING: Session._on_ping,
    frames.PONG: Session._on_pong,
    frames.REFUSED: Session._on_refused,
}
