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

from gatecore import events, feedback, frames, intake
from gatecore.clock import NOTED_STEP_MS
from gatecore.errors import GateError, TrustError
from gatecore.log import seal
from gatecore.records import KEY, Hello
from gatecore.sign import key_id
from gatecore.trust import Trust
from gatecore.wire import sign1, signed_by
from gatecore.witness import Proof, numbers
from gateunit.errors import LinkError, StorageError, VaultError
from gateunit.gatecopy import GateCopy
from gateunit.held import Held
from gateunit.ledger import Ledger
from gateunit.notary import Notary
from gateunit.ports import ChangingSigner, Random
from gateunit.sitting import Sitting
from gateunit.timekeeper import Timekeeper
from gateunit.vault import Vault

DIALLED, GREETING, UP = 0, 1, 2
MOST_BATCHES = 2
MOST_DISTRUST = 10
MOST_BULK = 256  # frames waiting in one rank
STATUS_MS = 30_000
TIME_MS = 600_000  # the host is asked for the time this often
SLOWEST_MS = 60_000
GREETING_MS = 10_000
COMMAND_RANK, CALL_RANK, BULK_RANK = 0, 1, 2
CALL_NEWS = (feedback.TALKING, feedback.NO_ANSWER, feedback.DECLINED, feedback.REFUSED, feedback.CALLING)

RANK = {
    **dict.fromkeys((frames.CALL, frames.HANGUP, frames.ALERT), CALL_RANK),
    **dict.fromkeys((frames.BATCH, frames.STATUS, frames.SNAPSHOT, frames.WANT, frames.SEALED), BULK_RANK),
    **dict.fromkeys((frames.CAPTURE_NEWS, frames.CONFIRMED, frames.FORGOTTEN, frames.PROMISE), BULK_RANK),
    **dict.fromkeys((frames.SLIP, frames.TAKEN, frames.SAME, frames.WITNESSED, frames.COSIGNED), BULK_RANK),
    frames.KEEP: BULK_RANK,
}


@dataclass(slots=True)
class Parts:
    """What a session needs of the unit around it."""

    time: Timekeeper
    trust: Trust
    signer: ChangingSigner
    ledger: Ledger
    held: Held
    random: Random
    post: Callable[[events.Told], None]
    software: str
    notary: Notary
    vault: Vault | None = None
    sitting: Sitting | None = None
    copy: GateCopy | None = None
    greets_next: bool = False  # a host that refused the present key may know the next one already


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
        self._parts = parts
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
        self._heard = self._parts.time.mono()
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
        mono = self._parts.time.mono()
        if mono - self._heard >= frames.ALIVE_MS or (self.state != UP and mono - self._begun >= GREETING_MS):
            raise LinkError("silence")
        if self.state != UP:
            return
        if mono - self._status_at >= STATUS_MS:
            self._say_status()
        if mono - self._asked_at >= TIME_MS:
            self._ask_time()
        self._parts.notary.due()
        if mono - max(self._heard, self._pinged) >= frames.HEARTBEAT_MS:
            self._pinged = mono
            self.say(frames.PING)
        self._fill()

    # --- greeting -------------------------------------------------------------------------

    def _on_nonce(self, theirs: bytes) -> None:
        if self.state != DIALLED:
            raise LinkError("order")
        parts = self._parts
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
        parts = self._parts
        if self.state == DIALLED or not self._nonce:
            raise LinkError("order")
        try:
            hello = parts.trust.accept_host(data, self._nonce)
        except TrustError as wrong:
            self._distrust(3, wrong.code)
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
        self._nonce = self._parts.random(16)
        self._nonce_sent = self._asked_at = self._parts.time.mono()
        self.say(frames.NONCE, self._nonce)

    def _stepped(self, step: int | None) -> None:
        if step is not None and abs(step) > NOTED_STEP_MS:
            self._parts.post(events.Stepped(step, self._parts.time.now().quality))

    # --- the log --------------------------------------------------------------------------

    def _on_log(self, data: bytes) -> None:
        try:
            self._parts.notary.believe(self._parts.trust.accept_log(data))
        except TrustError as wrong:
            self._distrust(7, wrong.code)

    def _on_receipt(self, note: bytes, first: int, path: list[Any], seq: int, index: int, inclusion: list[Any]) -> None:
        why = self._parts.notary.receipt(Proof(note, first, path, seq, index, inclusion))
        if why and why != "size":
            self._distrust(7, why)

    def _on_ack(self, upto: int, receipt: bytes, index: int | None) -> None:
        try:
            self._parts.notary.acknowledged(upto, index)
        except TrustError as wrong:
            self._distrust(7, wrong.code)
            raise LinkError(wrong.code) from wrong
        self._receipt = receipt
        change = self._changing()
        if change is not None and upto >= change:  # the host has the new key: the old one is not needed any more
            self._parts.signer.advance()
            self._parts.greets_next = False
        if not self._resumed:
            self._resumed, self._next = True, upto
        while self._sent and self._sent[0] <= upto:
            self._sent.popleft()
        self._parts.ledger.acknowledged = min(upto, self._parts.ledger.seq)

    def _on_slow(self, ms: int) -> None:
        self._not_before = self._parts.time.mono() + min(ms, SLOWEST_MS)

    def _fill(self) -> None:
        """Batches, as many as may be in flight, and what is lacking of state and faces."""
        if self.state != UP:
            return
        if self._told != self._version():
            self._say_status()  # a new state is not kept from the host until the next half minute
        for digest in self._parts.held.wanted():
            self.say(frames.WANT, digest)
        for kind, fields in self._parts.notary.answers():
            self.say(kind, *fields)
        while self._resumed and len(self._sent) < MOST_BATCHES and self._parts.time.mono() >= self._not_before:
            if not self._say_batch():
                return

    def _changing(self) -> int | None:
        """The seq of the entry of a key change under way; the entries after it wait until the host has it."""
        change = self._parts.ledger.change
        if change is None or self._parts.signer.next_public() != change[1]:
            return None
        return change[0]

    def _say_batch(self) -> bool:
        parts, change = self._parts, self._changing()
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
        held = self._parts.held.state
        return held.generation, held.version

    def _say_status(self) -> None:
        parts = self._parts
        held = parts.held.state
        self._status_at = parts.time.mono()
        self._told = self._version()
        quality, works = parts.time.now().quality, 0 if parts.ledger.failing else 1
        self.say(frames.STATUS, parts.ledger.seq, held.generation, held.version, quality, works, parts.software)

    # --- state, commands, calls -----------------------------------------------------------

    def _on_state(self, header: bytes) -> None:
        try:
            self._parts.held.offer(header)
        except TrustError as wrong:
            self._distrust(1, wrong.code)

    def _on_piece(self, digest: bytes, data: bytes) -> None:
        try:
            self._parts.held.piece(digest, data)
        except TrustError as wrong:
            self._distrust(1, wrong.code)

    def _on_ask(self, ticket: int) -> None:
        self._parts.post(events.Asked(ticket))

    def _on_command(self, data: bytes) -> None:
        """A command goes to the door, which asks the law book itself; a clock order is the policy key's."""
        keys = self._parts.trust.keys
        try:
            ordered = keys is not None and signed_by(data) == key_id(keys.policy)
        except GateError as wrong:
            self._distrust(2, wrong.code)
            return
        if ordered:
            self._on_clock(data)
        else:
            self._parts.post(events.Ordered(data))

    def _on_clock(self, data: bytes) -> None:
        try:
            order = self._parts.trust.accept_clock(data, self._parts.time.mono())
        except TrustError as wrong:
            if wrong.code == "purpose":
                self._on_epoch(data)
            else:
                self._distrust(5, wrong.code)
            return
        step = self._parts.time.order(order.utc)
        self._parts.post(events.Stepped(step, self._parts.time.now().quality))
        self.say(frames.DONE, order.challenge, 1, "")

    def _on_epoch(self, data: bytes) -> None:
        """An order to change the signing key: the entry that names the new one is the old one's last word."""
        parts = self._parts
        try:
            order = parts.trust.accept_epoch(data, parts.ledger.epoch, parts.time.mono())
        except TrustError as wrong:
            self._distrust(5, wrong.code)
            return
        if parts.ledger.changes or self._changing() is not None:
            self.say(frames.DONE, order.challenge, 0, "pending")
            return
        try:
            public = parts.signer.prepare()
        except StorageError:
            self.say(frames.DONE, order.challenge, 0, "storage")
            return
        parts.ledger.add(events.Log(KEY, [order.epoch, *numbers(public)], None, None), parts.time.now())
        self.say(frames.DONE, order.challenge, 1, "")

    def _on_call_news(self, call: bytes, state: int, reason: int) -> None:
        if state not in CALL_NEWS:
            raise LinkError("field")
        self._parts.post(events.CallNews(call, state, reason))

    def _on_copy(self, data: bytes) -> None:
        if self._parts.copy is None:
            raise LinkError("kind")
        try:
            self._parts.copy.take(data)
        except TrustError as wrong:
            self._distrust(8, wrong.code)

    # --- the vault ------------------------------------------------------------------------

    def _vault(self) -> Vault:
        if self._parts.vault is None:
            raise LinkError("kind")
        return self._parts.vault

    def _on_capture(self, task: bytes, person: bytes, home: str, name: str) -> None:
        try:
            self._vault().capture(task, person, home, name)
        except VaultError as wrong:
            self.say(frames.CAPTURE_NEWS, task, intake.CAPTURE_FAILED, 0, [])
            self._distrust(6, wrong.code)

    def _on_capture_stop(self, task: bytes) -> None:
        self._vault().stop(task)

    def _on_seal(self, person: bytes, devices: list[Any]) -> None:
        if not all(isinstance(device, bytes) and len(device) == 16 for device in devices):
            raise LinkError("field")
        try:
            self._vault().seal(person, devices)
        except VaultError as wrong:
            self._distrust(6, wrong.code)

    def _on_forget(self, person: bytes) -> None:
        self._vault().forget(person)

    def _on_photo(self, task: bytes, at: int, parts: int, data: bytes) -> None:
        try:
            self._vault().uploaded(task, at, parts, data)
        except VaultError:  # the capture is over, or parts are missing: the desk is told, nothing is kept
            self.say(frames.CAPTURE_NEWS, task, intake.CAPTURE_READY, 0, [intake.BROKEN_PICTURE])

    def _on_adopt(self, task: bytes, person: bytes, home: str, signed: bytes) -> None:
        try:
            self._vault().adopt(task, person, home, signed)
        except VaultError as wrong:
            self.say(frames.CAPTURE_NEWS, task, intake.CAPTURE_FAILED, 0, [intake.NOT_SAVED])
            self._distrust(6, wrong.code)

    def _on_ask_same(self, person: bytes, other: bytes) -> None:
        self._vault().ask_same(person, other)

    def _on_allow(self, person: bytes) -> None:
        self._vault().allow(person)

    # --- a sitting before a door ----------------------------------------------------------

    def _sitting(self) -> Sitting:
        if self._parts.sitting is None:
            raise LinkError("kind")
        return self._parts.sitting

    def _on_sit(self, ticket: bytes, person: bytes, home: str, cert: bytes) -> None:
        self._sitting().sit(ticket, person, home, cert)

    def _on_slip_news(self, ticket: bytes, reason: int) -> None:
        self._sitting().news(ticket, reason)

    # --- endings --------------------------------------------------------------------------

    def _on_ping(self) -> None:
        self.say(frames.PONG)

    def _on_pong(self) -> None:
        return

    def _on_refused(self, why: str) -> None:
        if self.state != UP and self._changing() is not None:
            self._parts.greets_next = not self._parts.greets_next
        raise LinkError("refused")

    def _distrust(self, what: int, code: str) -> None:
        self._parts.post(events.Distrusted(what, code))
        self._distrusted += 1
        if self._distrusted >= MOST_DISTRUST:
            raise LinkError("distrust")


_BEFORE_UP = (frames.NONCE, frames.HOST, frames.REFUSED, frames.PING, frames.PONG)
_RECEIVE: dict[int, Callable[..., None]] = {
    frames.NONCE: Session._on_nonce,
    frames.HOST: Session._on_host,
    frames.ACK: Session._on_ack,
    frames.SLOW: Session._on_slow,
    frames.LOG: Session._on_log,
    frames.RECEIPT: Session._on_receipt,
    frames.STATE: Session._on_state,
    frames.PIECE: Session._on_piece,
    frames.ASK: Session._on_ask,
    frames.COMMAND: Session._on_command,
    frames.CALL_NEWS: Session._on_call_news,
    frames.CAPTURE: Session._on_capture,
    frames.CAPTURE_STOP: Session._on_capture_stop,
    frames.SEAL: Session._on_seal,
    frames.FORGET: Session._on_forget,
    frames.PHOTO: Session._on_photo,
    frames.ADOPT: Session._on_adopt,
    frames.ASK_SAME: Session._on_ask_same,
    frames.ALLOW_TWICE: Session._on_allow,
    frames.COPY: Session._on_copy,
    frames.SIT: Session._on_sit,
    frames.SLIP_NEWS: Session._on_slip_news,
    frames.PING: Session._on_ping,
    frames.PONG: Session._on_pong,
    frames.REFUSED: Session._on_refused,
}
