"""How long a signature keeps the keypad waiting on a board, computed from counts: no board is here to measure it.

Counted are the interpreter's instructions of each step (on CPython, whose compiler makes much the same of these lines)
and the multiplications modulo p. The two prices come from code run instruction by instruction as ARMv6-M, at 125
million instructions a second: a pure-Python SHA-512 of 64 bytes took 39 ms for 14,500 instructions of the interpreter,
that is 2.7 us each; a 255-bit multiplication with its remainder 0.19 ms, its own instructions counted once more.
A real Cortex-M0+ takes more than one cycle an instruction and waits for its flash: 1.5 to 2 times as long (estimate).
"""

import sys
from collections.abc import Generator, Iterator
from types import FrameType
from typing import Any

import pytest

from gatecore import ed25519, edwards

INSTRUCTION_MS = 39 / 14_500
MULTIPLICATION_MS = 0.19
LONGEST_MS = 10.0
KEY, MESSAGE = bytes(range(32)), bytes(200)


class Counted(int):
    """A number that counts how often it is multiplied; whatever is made of it counts too."""

    times = 0

    def __mul__(self, other: int) -> "Counted":
        Counted.times += 1
        return Counted(int(self) * int(other))

    __rmul__ = __mul__

    def __add__(self, other: int) -> "Counted":
        return Counted(int(self) + int(other))

    __radd__ = __add__

    def __sub__(self, other: int) -> "Counted":
        return Counted(int(self) - int(other))

    def __rsub__(self, other: int) -> "Counted":
        return Counted(int(other) - int(self))

    def __mod__(self, other: int) -> "Counted":
        return Counted(int(self) % int(other))

    def __neg__(self) -> "Counted":
        return Counted(-int(self))


def stepped(job: Generator[None, None, Any]) -> Iterator[bool]:
    """Runs one step for each item; False with the last."""
    while True:
        try:
            next(job)
        except StopIteration:
            yield False
            return
        yield True


def instructions(job: Generator[None, None, Any]) -> list[int]:
    """The interpreter's instructions of each step."""
    counted = 0

    def traced(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal counted
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        counted += event == "opcode"
        return traced

    steps, told = stepped(job), []
    while True:
        counted = 0
        before = sys.gettrace()
        sys.settrace(traced)
        try:
            more = next(steps)
        finally:
            sys.settrace(before)
        told.append(counted)
        if not more:
            return told


def multiplications(job: Generator[None, None, Any]) -> list[int]:
    """The multiplications of each step."""
    told = []
    for _ in stepped(job):
        told.append(Counted.times)
        Counted.times = 0
    return told


def jobs() -> dict[str, Generator[None, None, Any]]:
    signer = ed25519.Signer(KEY)
    signature = signer.sign(MESSAGE)
    return {
        "signature": signer.slices(MESSAGE),
        "first signature": ed25519.Signer(KEY).slices(MESSAGE),
        "verification": ed25519.verify_slices(signer.public, MESSAGE, signature),
    }


@pytest.mark.parametrize("name", ["signature", "first signature", "verification"])
def test_the_keypad_never_waits_longer_than_ten_ms_for_a_step(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = instructions(jobs()[name])
    made = jobs()[name]
    monkeypatch.setattr(edwards, "_P", Counted(edwards._P))
    monkeypatch.setattr(edwards, "_NEUTRAL", tuple(Counted(part) for part in edwards._NEUTRAL))
    multiplied = multiplications(made)
    assert len(multiplied) == len(counted)
    waits = [n * INSTRUCTION_MS + m * MULTIPLICATION_MS for n, m in zip(counted, multiplied, strict=True)]
    print(
        f"{name}: {len(waits)} steps, {sum(waits):.0f} ms, the longest {max(waits):.1f} ms"
        f" ({max(counted)} instructions; {max(multiplied)} multiplications) at 125 MIPS, computed"
    )
    assert sum(multiplied) > 700
    assert max(waits) <= LONGEST_MS
