"""The law book of a door: what it accepts from the outside, and nothing else.

1. The estate key, learnt from the claim, is the only root; it never changes on a running door.
2. Working keys (policy, operator) come signed by the estate key; only a higher number replaces them.
3. A certificate counts only if the estate key signed it; the door believes its own slot by it.
4. A host is believed for one connection if the policy key signed this door's fresh nonce.
5. A state counts if the policy key signed it for this door with a higher (generation, version), and every chunk is the
   one whose hash was signed, in order.
6. A command counts if the operator key signed it for this door with a challenge this door gave, unused, at most 10 s
   old by powered-on time.
7. A clock order is a command of the policy key: it too needs a challenge.
8. Whatever is refused leaves everything as it was.
9. A log key counts if the estate key certified it as kind host; which generation, is the witness's to say.
10. An order to change the signing key is a command of the policy key, for the epoch after the present one.
"""

from gatecore.compat import TYPE_CHECKING
from gatecore.errors import GateError, TrustError
from gatecore.records import Cert, ClockOrder, Command, EpochOrder, HostHello, Keys, StateHeader
from gatecore.sign import equal, key_id, sha256
from gatecore.state import HeldState, State
from gatecore.wire import open_sign1

if TYPE_CHECKING:
    from typing import Any

    from gatecore.compat import Random, Verify

CHALLENGE_MS = 10_000
MAX_CHALLENGES = 4


class Trust:
    """The keys a door believes and the challenges it has given. `verify(public, message, signature)` is Ed25519."""

    def __init__(self, dev: bytes, estate: bytes, verify: "Verify", random: "Random") -> None:
        self.dev = dev
        self.estate = estate
        self.keys: "Keys | None" = None
        self._verify = verify
        self._random = random
        self._challenges: "dict[bytes, int]" = {}

    def accept_keys(self, data: bytes) -> Keys:
        """Laws 1 and 2."""
        keys: Keys = self._signed(data, self.estate, Keys)
        if self.keys is not None:
            if keys.number < self.keys.number:
                raise TrustError("rollback")
            if keys.number == self.keys.number and keys != self.keys:
                raise TrustError("conflict")
        self.keys = keys
        return keys

    def accept_cert(self, data: bytes) -> Cert:
        """Law 3, for this door's own certificate or, on the vault, another device's."""
        cert: Cert = self._signed(data, self.estate, Cert)
        if key_id(cert.public) != cert.dev:
            raise TrustError("device")
        return cert

    def accept_host(self, data: bytes, nonce: bytes) -> HostHello:
        """Law 4."""
        hello: HostHello = self._signed(data, self._working().policy, HostHello)
        self._for_me(hello.dev)
        if not equal(hello.nonce, nonce):
            raise TrustError("nonce")
        return hello

    def accept_header(self, data: bytes, held: State) -> StateHeader:
        """The first half of law 5: a header newer than the state held."""
        header: StateHeader = self._signed(data, self._working().policy, StateHeader)
        self._for_me(header.dev)
        if (header.generation, header.version) <= (held.generation, held.version):
            raise TrustError("rollback")
        return header

    def build_state(self, header: StateHeader, chunks: "list[bytes]") -> HeldState:
        """The second half of law 5; `header` comes from `accept_header`."""
        if len(chunks) != len(header.chunks):
            raise TrustError("chunks")
        state = HeldState(header.generation, header.version)
        for signed, chunk in zip(header.chunks, chunks):
            if not equal(sha256(chunk), signed):
                raise TrustError("chunk")
            state.add(chunk)
        return state

    def challenge(self, mono: int) -> bytes:
        """16 fresh bytes, good for one command within CHALLENGE_MS of powered-on time."""
        self._forget(mono)
        while len(self._challenges) >= MAX_CHALLENGES:
            del self._challenges[min(self._challenges, key=lambda held: self._challenges[held])]
        fresh = self._random(16)
        self._challenges[fresh] = mono
        return fresh

    def accept_command(self, data: bytes, mono: int) -> Command:
        """Law 6; the challenge is used up by a command that holds, and only by one."""
        command: Command = self._signed(data, self._working().operator, Command)
        self._for_me(command.dev)
        self._spend(command.challenge, mono)
        return command

    def accept_clock(self, data: bytes, mono: int) -> ClockOrder:
        """Law 7."""
        order: ClockOrder = self._signed(data, self._working().policy, ClockOrder)
        self._for_me(order.dev)
        self._spend(order.challenge, mono)
        return order

    def accept_log(self, data: bytes) -> Cert:
        """Law 9."""
        cert = self.accept_cert(data)
        if cert.kind != "host":
            raise TrustError("kind")
        return cert

    def accept_epoch(self, data: bytes, epoch: int, mono: int) -> EpochOrder:
        """Law 10; `epoch` is the present one."""
        order: EpochOrder = self._signed(data, self._working().policy, EpochOrder)
        self._for_me(order.dev)
        if order.epoch != epoch + 1:
            raise TrustError("epoch")
        self._spend(order.challenge, mono)
        return order

    def _signed(self, data: bytes, public: bytes, record: "Any") -> "Any":
        try:
            return record.from_wire(open_sign1(data, key_id(public), public, self._verify))
        except TrustError:
            raise
        except GateError as wrong:
            raise TrustError(wrong.code)

    def _for_me(self, dev: bytes) -> None:
        if dev != self.dev:
            raise TrustError("device")

    def _working(self) -> Keys:
        if self.keys is None:
            raise TrustError("keys")
        return self.keys

    def _spend(self, challenge: bytes, mono: int) -> None:
        self._forget(mono)
        if challenge not in self._challenges:
            raise TrustError("challenge")
        del self._challenges[challenge]

    def _forget(self, mono: int) -> None:
        for held in [held for held in self._challenges if mono - self._challenges[held] > CHALLENGE_MS]:
            del self._challenges[held]
