"""The board's half of one connection (docs/protocol.md section 5), without a socket: frames in, frames out.

What takes long (a signature, a verification, a batch read from flash) is a job: a generator of which the loop runs one
step between two looks at the keypad. A job begun later for something urgent runs first.
"""

from gateboard.errors import BoardError, LinkError
from gatecore import events, feedback, frames
from gatecore.clock import NOTED_STEP_MS
from gatecore.compat import TYPE_CHECKING
from gatecore.ed25519 import verify_slices
from gatecore.errors import GateError, TrustError
from gatecore.log import seal_payload
from gatecore.records import Hello, StateHeader
from gatecore.sign import key_id, sha256
from gatecore.wire import sign1_from, sign1_parts, sign1_text

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any

    from gateboard.ring import Ring
    from gateboard.shelf import Shelf
    from gatecore.clock import Clock
    from gatecore.compat import Random
    from gatecore.ed25519 import Signer
    from gatecore.events import Told
    from gatecore.trust import Trust

    Job = Generator[None, None, None]

DIALLED, GREETING, UP = 0, 1, 2
MOST_BATCHES, BATCH = 2, 16
MOST_DISTRUST = 10
MOST_WAITING = 32  # frames to be sent
MOST_EARLY = 8  # frames that may come before the host is believed
MOST_JOBS = 8  # at a time; an honest host waits for an answer
CALL_NEWS = (feedback.TALKING, feedback.NO_ANSWER, feedback.DECLINED, feedback.REFUSED, feedback.CALLING)
STATUS_MS, TIME_MS = 30_000, 600_000
SLOWEST_MS, GREETING_MS = 60_000, 20_000
SOFTWARE = "kaimen board 0.1"


class Checked:
    """The law book's `verify`: true for exactly what a job has verified last."""

    def __init__(self) -> None:
        self._holds: "tuple[bytes, bytes, bytes] | None" = None

    def __call__(self, public: bytes, message: bytes, signature: bytes) -> bool:
        return self._holds == (public, message, signature)

    def known(self, data: bytes, public: bytes) -> None:
        """Takes a COSE_Sign1 that was verified before this board wrote it to its own flash."""
        _, message, signature = sign1_parts(data)
        self._holds = (public, message, signature)

    def steps(self, data: bytes, public: bytes) -> "Job":
        """Verifies a COSE_Sign1 by `public` in steps; what it says is then known to the law book."""
        self._holds = None
        try:
            _, message, signature = sign1_parts(data)
        except GateError:
            return
        if (yield from verify_slices(public, message, signature)):
            self._holds = (public, message, signature)


class Parts:
    """What a session needs of the board around it."""

    def __init__(
        self, clock: "Clock", mono: "Callable[[], int]", trust: "Trust", checked: Checked, signer: "Signer",
        ring: "Ring", shelf: "Shelf", random: "Random", post: "Callable[[Told], None]", failing: "Callable[[], bool]",
        quiet: "Callable[[], bool]",
    ) -> None:  # fmt: skip
        self.clock = clock
        self.mono = mono
        self.trust = trust
        self.checked = checked
        self.signer = signer
        self.ring = ring
        self.shelf = shelf
        self.random = random
        self.post = post
        self.failing = failing
        self.quiet = quiet


class Session:
    """One connection. `receive` takes a frame, `due` does what time demands, `work` one step; `out` is to be sent."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.out: "list[bytes]" = []
        self.state = DIALLED
        self._jobs: "list[Job]" = []
        self._number = 0
        self._nonce = parts.random(16)
        self._nonce_sent = self._begun = self._heard = self._pinged = parts.mono()
        self._status_at = self._asked_at = 0
        self._told = (0, 0)
        self._distrusted = 0
        self._resumed = self._reading = False
        self._sent: "list[int]" = []
        self._next = 0
        self._receipt: "bytes | None" = None
        self._not_before = 0
        self._early: "list[bytes]" = []
        self._header: "StateHeader | None" = None
        self._wanted = 0
        self.say(frames.NONCE, self._nonce)

    def say(self, kind: int, *fields: "Any") -> None:
        """Queues a frame of our own; beyond MOST_WAITING it is dropped."""
        if len(self.out) < MOST_WAITING:
            self._number += 1
            self.out.append(frames.pack(kind, self._number, *fields))

    def receive(self, data: bytes) -> None:
        """Takes one frame of the host's; LinkError if it ends the connection."""
        self._heard = self._parts.mono()
        if self.state == GREETING and not self._nonce:  # the host's greeting is still being verified
            if len(self._early) == MOST_EARLY:
                raise LinkError("early")
            return self._early.append(data)
        try:
            kind, _, fields = frames.unpack(data)
        except GateError as wrong:
            raise LinkError(wrong.code)
        act = _RECEIVE.get(kind)
        if act is None or (self.state != UP and kind not in _BEFORE_UP):
            raise LinkError("kind")
        if len(self._jobs) >= MOST_JOBS:
            raise LinkError("busy")
        return act(self, *fields)  # type: ignore[no-any-return]

    def due(self) -> None:
        """What time and the log demand now; LinkError if the host has gone."""
        mono = self._parts.mono()
        if mono - self._heard >= frames.ALIVE_MS or (self.state != UP and mono - self._begun >= GREETING_MS):
            raise LinkError("silence")
        if self.state != UP:
            return
        if mono - self._status_at >= STATUS_MS or self._told != self._version():
            self._say_status()
        if mono - self._asked_at >= TIME_MS:
            self._ask_time()
        if mono - max(self._heard, self._pinged) >= frames.HEARTBEAT_MS:
            self._pinged = mono
            self.say(frames.PING)
        self._more(mono)

    def _more(self, mono: int) -> None:
        """Begins the next batch, if there is one to send."""
        more = self._resumed and not self._reading and len(self._sent) < MOST_BATCHES and mono >= self._not_before
        if more and self._parts.ring.chain.seq > self._next:
            self._reading = True
            self._jobs.append(self._batch())

    def work(self) -> bool:
        """One step of the job that is first; whether there was one."""
        if not self._jobs:
            return False
        job = self._jobs[0]
        try:
            next(job)
        except StopIteration:
            self._jobs.remove(job)
        return True

    def _urgent(self, job: "Job") -> None:
        self._jobs.insert(0, job)

    # --- greeting -------------------------------------------------------------------------

    def _on_nonce(self, theirs: bytes) -> None:
        if self.state != DIALLED:
            raise LinkError("order")
        self.state = GREETING
        self._urgent(self._hello(theirs))

    def _hello(self, theirs: bytes) -> "Job":
        parts, chain = self._parts, self._parts.ring.chain
        generation, version = self._version()
        hello = Hello(chain.dev, theirs, parts.clock.boot, chain.seq, chain.head, generation, version)
        signed = yield from self._signed(hello.to_wire())
        self.say(frames.HELLO, signed)

    def _signed(self, payload: bytes) -> "Generator[None, None, bytes]":
        signer = self._parts.signer
        signature = yield from signer.slices(sign1_text(payload, signer.key_id))
        return sign1_from(payload, signer.key_id, signature)

    def _on_host(self, data: bytes) -> None:
        if self.state == DIALLED or not self._nonce:
            raise LinkError("order")
        self._urgent(self._believe(data, self._nonce, self._nonce_sent))
        self._nonce = b""

    def _believe(self, data: bytes, nonce: bytes, sent: int) -> "Job":
        parts, came = self._parts, self._parts.mono()
        yield from parts.checked.steps(data, self._policy())
        try:
            hello = parts.trust.accept_host(data, nonce)
        except TrustError as wrong:
            self._distrust(3, wrong.code)
            if self.state != UP:
                raise LinkError(wrong.code)
            return
        took = parts.mono() - came  # what the verification took is no part of the round trip
        self._stepped(parts.clock.host(hello.utc + took, sent + took, parts.mono()))
        if self.state != UP:
            self.state = UP
            self._asked_at = parts.mono()
            parts.post(events.Link(True))
            self._say_status()
            while self._early:
                self.receive(self._early.pop(0))

    def _ask_time(self) -> None:
        self._nonce = self._parts.random(16)
        self._nonce_sent = self._asked_at = self._parts.mono()
        self.say(frames.NONCE, self._nonce)

    def _stepped(self, step: "int | None") -> None:
        if step is not None and abs(step) > NOTED_STEP_MS:
            self._parts.post(events.Stepped(step, self._parts.clock.now(self._parts.mono()).quality))

    def _policy(self) -> bytes:
        keys = self._parts.trust.keys
        if keys is None:
            raise LinkError("keys")
        return keys.policy

    # --- the log --------------------------------------------------------------------------

    def _on_ack(self, upto: int, receipt: bytes, index: "int | None") -> None:
        self._receipt = receipt
        if not self._resumed:
            self._resumed, self._next = True, upto
        while self._sent and self._sent[0] <= upto:
            self._sent.pop(0)
        self._parts.ring.acked = min(upto, self._parts.ring.chain.seq)  # less than before from a host that was restored
        self._more(self._parts.mono())

    def _on_slow(self, ms: int) -> None:
        self._not_before = self._parts.mono() + min(ms, SLOWEST_MS)

    def _batch(self) -> "Job":
        parts = self._parts
        batch = yield from parts.ring.batch(self._next, BATCH)
        if batch is not None:
            first, entries, privates, chain = batch
            payload = seal_payload(chain, parts.clock.now(parts.mono()), self._receipt)
            sealed = yield from self._signed(payload)
            self.say(frames.BATCH, first, entries, privates, sealed)
            self._next = chain.seq
            self._sent.append(chain.seq)
        self._reading = False
        self._more(parts.mono())

    def _version(self) -> "tuple[int, int]":
        held = self._parts.shelf.state
        return held.generation, held.version

    def _say_status(self) -> None:
        parts = self._parts
        self._status_at, self._told = parts.mono(), self._version()
        quality = parts.clock.now(self._status_at).quality
        works = 0 if parts.failing() else 1
        self.say(frames.STATUS, parts.ring.chain.seq, self._told[0], self._told[1], quality, works, SOFTWARE)

    # --- state, commands, calls -----------------------------------------------------------

    def _on_state(self, data: bytes) -> None:
        self._jobs.append(self._offer(data))

    def _offer(self, data: bytes) -> "Job":
        yield from self._parts.checked.steps(data, self._policy())
        try:
            self._header = self._parts.trust.accept_header(data, self._parts.shelf.state)
        except TrustError as wrong:
            self._distrust(1, wrong.code)
            return
        self._wanted = 0
        if not self._parts.shelf.begin(self._header.chunks):
            self._header = None
            return
        while self._parts.shelf.wants_tidy:
            yield  # the loop erases one sector at a time
        self._want()

    def _want(self) -> None:
        """Asks for the next chunk, or takes the state when all are there."""
        header, shelf = self._header, self._parts.shelf
        if header is None:
            return
        if self._wanted < len(header.chunks):
            self.say(frames.WANT, header.chunks[self._wanted])
            return
        self._header = None
        try:
            self._parts.post(events.StateTaken(shelf.swap(header.generation, header.version)))
        except (GateError, BoardError):
            self._distrust(1, "flash")  # it is asked for again with the next connection

    def _on_piece(self, digest: bytes, data: bytes) -> None:
        header, shelf = self._header, self._parts.shelf
        # one that comes while sectors are erased was not asked for, and would have them erased in one go
        if header is None or shelf.wants_tidy or digest not in header.chunks[self._wanted : self._wanted + 1]:
            return self._distrust(1, "chunk")
        if not data:
            self._header = None  # a newer state is on its way
            return None
        try:
            if sha256(data) != digest:
                raise TrustError("chunk")
            shelf.add(data)
        except (GateError, BoardError) as wrong:
            self._header = None
            return self._distrust(1, wrong.code if isinstance(wrong, GateError) else "full")
        self._wanted += 1
        return self._want()

    def _on_ask(self, ticket: int) -> None:
        self._parts.post(events.Asked(ticket))

    def _on_command(self, data: bytes) -> None:
        """A command goes to the door, which asks the law book itself; a clock order is the policy key's."""
        keys = self._parts.trust.keys
        if keys is None:
            raise LinkError("keys")
        try:
            ordered = sign1_parts(data)[0] == key_id(keys.policy)
        except GateError as wrong:
            return self._distrust(2, wrong.code)
        return self._urgent(self._order(data) if ordered else self._command(data, keys.operator))

    def _command(self, data: bytes, operator: bytes) -> "Job":
        yield from self._parts.checked.steps(data, operator)
        self._parts.post(events.Ordered(data))

    def _order(self, data: bytes) -> "Job":
        parts = self._parts
        yield from parts.checked.steps(data, self._policy())
        try:
            order = parts.trust.accept_clock(data, parts.mono())
            step = parts.clock.order(order.utc, parts.mono())
        except TrustError as wrong:
            self._distrust(5, wrong.code)
            return
        parts.post(events.Stepped(step, parts.clock.now(parts.mono()).quality))
        self.say(frames.DONE, order.challenge, 1, "")

    def _on_call_news(self, call: bytes, state: int, reason: int) -> None:
        if state not in CALL_NEWS:
            return self._distrust(1, "field")
        return self._parts.post(events.CallNews(call, state, reason))

    # --- endings --------------------------------------------------------------------------

    def _on_ping(self) -> None:
        self.say(frames.PONG)

    def _on_nothing(self, *said: "Any") -> None:
        """PONG, and LOG: a board is no witness in this version, it never says WITNESSED, so no RECEIPT comes."""

    def _on_refused(self, why: str) -> None:
        raise LinkError("refused")

    def _distrust(self, what: int, code: str) -> None:
        self._parts.post(events.Distrusted(what, code))
        self._distrusted += 1
        if self._distrusted >= MOST_DISTRUST:
            raise LinkError("distrust")


_BEFORE_UP = (frames.NONCE, frames.HOST, frames.REFUSED, frames.PING, frames.PONG)
_RECEIVE: "dict[int, Any]" = {
    frames.NONCE: Session._on_nonce,
    frames.HOST: Session._on_host,
    frames.LOG: Session._on_nothing,
    frames.ACK: Session._on_ack,
    frames.SLOW: Session._on_slow,
    frames.STATE: Session._on_state,
    frames.PIECE: Session._on_piece,
    frames.ASK: Session._on_ask,
    frames.COMMAND: Session._on_command,
    frames.CALL_NEWS: Session._on_call_news,
    frames.PING: Session._on_ping,
    frames.PONG: Session._on_nothing,
    frames.REFUSED: Session._on_refused,
}
