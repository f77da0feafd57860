"""A door tests itself: every key echoed, the relay heard, the inputs at rest, the battery clock running.

A test that fails does not keep the board out (it is a wire, not trust); it is told, written on the sheet, and the
command's status says so.
"""

from collections.abc import Callable

from gatecore.keypad import KEYS
from gateprov.bench import Bench
from gateprov.boards import Board
from gateprov.person import Person
from gateprov.sheet import BY_HAND, FAILED, OK, Finding

LOOK_MS = 150
PATIENCE_S = 60.0  # without a new key
CLICK_MS = 600
AT_REST = ("exit", "fire", "tamper")
Result = tuple[str, str]


class SelfTest:
    """The tests of one board's wires. `now` in seconds; `began` is when the command was given."""

    def __init__(self, bench: Bench, person: Person, now: Callable[[], float], began: float) -> None:
        self._bench, self._person, self._now, self._began = bench, person, now, began

    def wires(self, board: Board) -> list[Finding]:
        """Keypad, relay and inputs, in the order a person's hands go."""
        self._bench.wire()
        steps = {"keypad": self._keypad, "relay": self._relay, "inputs": self._inputs}
        return [self._timed(what, act, board) for what, act in steps.items()]

    def clock(self, board: Board) -> list[Finding]:
        """The battery clock, which is set by the host's signed time: so once there was a connection."""
        return [self._timed("clock", self._clock, board)]

    def _timed(self, what: str, act: Callable[[Board], Result], board: Board) -> Finding:
        began = self._now()
        result, detail = act(board)
        if result == FAILED:
            self._person.tell(f"{what}: {detail}")
        return Finding(what, result, began - self._began, self._now() - began, detail)

    def _keypad(self, board: Board) -> Result:
        """Every key once, in any order, echoed as the board sees it."""
        missing, last = KEYS, self._now()
        self._person.key("", missing)
        while missing and self._now() - last < PATIENCE_S:
            for key in self._bench.keys(LOOK_MS):
                missing, last = missing.replace(key, ""), self._now()
                self._person.key(key, missing)
        if missing:
            pins = ", ".join(_key_pins(board, key) for key in missing[:3])
            return FAILED, f"not seen: {missing}; check {pins}"
        return OK, ""

    def _relay(self, board: Board) -> Result:
        self._bench.click(CLICK_MS)
        if self._person.confirm("Did the lock's relay click on and off?"):
            return BY_HAND, ""
        return FAILED, f"no click heard; check the relay board's supply and {board.pin_of('lock.pin')}"

    def _inputs(self, board: Board) -> Result:
        says = self._bench.inputs()
        shown = ", ".join(f"{name}: {'yes' if says[name] else 'no'}" for name in says)
        wrong = [name for name in AT_REST if says[name]]
        if wrong:
            pins = ", ".join(f"{name} at {board.pin_of(f'inputs.{name}')}" for name in wrong)
            return FAILED, f"{shown}; at rest these must say no, check {pins} and their ground"
        return OK, shown

    def _clock(self, board: Board) -> Result:
        if not board.battery_clock:
            return OK, "none fitted: codes need the host after a power cut"
        if self._bench.clock() is None:
            return FAILED, f"no running DS3231 at {board.pin_of('clock.sda')}; check its battery and wires"
        return OK, ""


def _key_pins(board: Board, key: str) -> str:
    """Where a key's wires are."""
    if key == "C":
        return f"the call button at {board.pin_of('keypad.call')}"
    row, column = divmod(KEYS.index(key), len(board.columns))
    return f"{key} at {board.chip.label(board.rows[row])} and {board.chip.label(board.columns[column])}"
