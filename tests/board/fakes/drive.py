"""What a test's words do to a played board: power, keys, wires, time."""

import gc
import time

import machine

from gatecore.events import told
from gatecore.keypad import KEYS
from gateboard import main, settings

board = None
effects = []
_values = None
_turns = 0


def power():
    """The supply comes: the program starts as main() does."""
    global board, _values
    from os import urandom

    _values = settings.read(main.SETTINGS_FILE)
    wires = _values["board"]["inputs"]
    for name in settings.INPUTS:
        if wires[name]["normally_closed"]:
            machine.join(wires[name]["pin"], -1)
    board = main.build(_values, urandom)
    act = board.carrier._act

    def acted(effect, now, grants):
        act(effect, now, grants)
        effects.append(told(effect))

    board.carrier._act = acted
    board.start()


def turn():
    """One turn of the loop; whether something long waits."""
    global _turns
    machine.run_timers()
    if board is None:
        return False
    board.turn()
    _turns += 1
    if _turns % 50 == 0:
        gc.collect()
    return board.link is not None and board.link._session is not None and len(board.link._session._jobs) > 0


def keys(text):
    """Types: each key is down for 30 ms and up for 30 ms."""
    pins = _values["board"]["keypad"]
    for key in text:
        n = KEYS.index(key)
        pin = pins["call"] if key == "C" else pins["columns"][n % 3]
        machine.join(pin, -1 if key == "C" else pins["rows"][n // 3])
        _settle()
        machine.part(pin)
        _settle()


def wire(name, on):
    """An input says yes or no."""
    pin = _values["board"]["inputs"][name]
    if on == pin["normally_closed"]:
        machine.part(pin["pin"])
    else:
        machine.join(pin["pin"], -1)
    _settle()


def wait(ms):
    time.let_pass(ms)
    turn()


def _settle():
    for _ in range(3):
        turn()
        time.let_pass(15)
    turn()
