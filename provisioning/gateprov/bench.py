"""The board's end of the desk (board-image/desk.py) from this side: every call is one line there and back."""

import json
from dataclasses import dataclass

from gatecore import enrol
from gatecore.enrol import Claim, Enrol
from gateprov.errors import ProvisionError
from gateprov.line import Line

SLOW_S = 60.0  # a signature takes a second on a board, a verification three


@dataclass(frozen=True, slots=True)
class Who:
    """What a board says of itself; empty for what is not there."""

    public: bytes
    slot: str
    estate: bytes
    asked: bytes

    def waits_for(self, claim: Claim) -> bool:
        """Whether its kept request was made with this very claim: then it goes on where it stopped."""
        if not self.asked:
            return False
        asked: Enrol = Enrol.from_wire(self.asked)
        return asked.public == self.public and asked.slot == claim.slot and enrol.proves(asked, claim.token)


@dataclass(frozen=True, slots=True)
class Talk:
    """How far a connection is: frames to send, the last entry, up to which the host has it, the state's version."""

    frames: tuple[bytes, ...]
    seq: int
    acked: int
    version: int

    @property
    def complete(self) -> bool:
        """Whether the host has verified every entry and the board holds its state."""
        return not self.frames and self.acked >= self.seq > 0 and self.version > 0


class Bench:
    """The board at the other end of `line`, its files being there."""

    def __init__(self, line: Line) -> None:
        self._line = line
        line.run("import desk\n_d=desk.Desk()", timeout=SLOW_S)

    def who(self) -> Who:
        """Key, slot and its estate, and waiting request."""
        said = json.loads(self._call("who()"))
        public, estate, asked = (bytes.fromhex(said[name]) for name in ("public", "estate", "asked"))
        return Who(public, said["slot"], estate, asked)

    def make(self, seed: bytes) -> bytes:
        """A new key, mixed with `seed`; the public half."""
        return bytes.fromhex(self._call(f"make({seed.hex()!r})"))

    def ask(self, claim: Claim) -> bytes:
        """The request the board makes with a claim."""
        return bytes.fromhex(self._call(f"ask({claim.to_wire().hex()!r})"))

    def digits(self, claim: Claim) -> str:
        """The six digits as the board works them out."""
        return self._call(f"digits({claim.to_wire().hex()!r})")

    def accept(self, claim: Claim, answer: bytes, authority: bytes) -> None:
        """Gives the board the estate's answer; PortError with the board's word if it does not believe it."""
        self._call(f"accept({claim.to_wire().hex()!r},{answer.hex()!r},{authority.hex()!r})")

    def wire(self) -> None:
        """Takes the pins."""
        self._call("wire()")

    def keys(self, ms: int) -> str:
        """Keys pressed within so many ms."""
        return self._call(f"keys({ms})").replace("-", "")

    def click(self, ms: int) -> None:
        """Moves the lock."""
        self._call(f"click({ms})")

    def inputs(self) -> dict[str, bool]:
        """Contact, exit, fire, tamper."""
        said: dict[str, bool] = json.loads(self._call("inputs()"))
        return said

    def clock(self) -> int | None:
        """The battery clock, set by the host's signed time: UTC in ms; None if it does not run."""
        said: int | None = json.loads(self._call("clock()"))
        return said

    def there(self) -> None:
        """PortError if the cable is out."""
        self._line.run("pass")

    def dial(self) -> Talk:
        """The door's own program starts, writes its entry and begins a connection."""
        return self._talk("dial()")

    def hear(self, frame: bytes) -> Talk:
        """Gives the board a frame of the host's, or none: it goes on with what it has begun."""
        return self._talk(f"hear({frame.hex()!r})")

    def _talk(self, call: str) -> Talk:
        said = json.loads(self._call(call))
        return Talk(tuple(bytes.fromhex(one) for one in said["frames"]), said["seq"], said["acked"], said["version"])

    def _call(self, call: str) -> str:
        said = self._line.run(f"_d.{call}", timeout=SLOW_S).splitlines()
        if not said:
            raise ProvisionError(
                f"{self._line.port}: the board said nothing; put the cable in again and run this again"
            )
        return said[-1]
