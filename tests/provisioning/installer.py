"""The installer with cold fingers: presses what is asked for, compares digits at the office, says what was heard."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.provisioning.board import Board
from tests.provisioning.office import Office

from gatecore.keypad import KEYS
from gateprov import boards, claim, host, install
from gateprov.sheet import Acceptance

PICO_W = boards.read(boards.find("pico-w"))
CLOSED = tuple(PICO_W.inputs[name].pin for name in ("contact", "fire", "tamper"))  # wires that say no by being closed


def hold(board: Board, key: str) -> None:
    """Holds one key down; "" for none."""
    board.release()
    board.ground(*CLOSED, *([PICO_W.call] if key == "C" else []))
    if key and key != "C":
        row, column = divmod(KEYS.index(key), 3)
        board.press(PICO_W.rows[row], PICO_W.columns[column])


@dataclass
class Installer:
    """person.Person, played. `dead` are keys whose wires are loose; `hears` is what is said about the relay."""

    board: Board
    office: Office | None = None
    dead: str = ""
    hears: bool = True
    said: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    seen: str = ""
    on_digits: Callable[[], None] | None = None

    def tell(self, text: str) -> None:
        """Remembers it."""
        self.said.append(text)

    def progress(self, done: int, of: int) -> None:
        """Looks on."""

    def digits(self, slot: str, digits: str) -> None:
        """Confirms at the office."""
        self.shown.append(digits)
        if self.on_digits is not None:
            self.on_digits()
        if self.office is not None:
            self.office.confirm(slot, digits)

    def key(self, key: str, missing: str) -> None:
        """Presses the next key."""
        self.seen += key
        alive = [one for one in missing if one not in self.dead]
        hold(self.board, alive[0] if alive else "")

    def confirm(self, question: str) -> bool:
        """Says what was heard."""
        return self.hears


def order(port: str, path: Path, slot: str = "b12-door", **more: object) -> install.Order:
    """An order with a claim file."""
    found = claim.read(path, slot)
    told: dict[str, object] = {"now": time.monotonic, "sleep": time.sleep, "today": int(time.time())} | more
    return install.Order(port, found, host.reach(found), os.urandom(32), **told)  # type: ignore[arg-type]


def installed(board: Board, office: Office, path: Path, person: Installer | None = None, **more: object) -> Acceptance:
    """A board brought into service by a person at the desk."""
    board.ground(*CLOSED)
    who = person or Installer(board, office)
    return install.Installation(order(board.port, path, **more), who).run()
