"""What a guard may write down at the gate's own unit: what is wrong with it; each deed durable before it is told."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from gatecore.clock import BATTERY, Now
from gatecore.errors import RecordError
from gatecore.gatecopy import DECIDED, FETCHED, IN, LONGEST, MOST_HEADS, Deed
from gatecore.state import State
from gateunit.gatebook import Book, Stay, Written
from gateunit.gatecopy import GateCopy
from gateunit.gatepass import Guard, Passes
from gateunit.gatewords import ESCORT
from gateunit.ports import Random

PATIENCE_S = 5.0
PHONE = "+0123456789 -()"
BY = {"fetched": FETCHED, "discretion": DECIDED}  # who answered, as a form says it; else the home
TOO_LONG = "At most 60 characters."


class WrongError(Exception):
    """A form that cannot be taken; `status` and a text of ours."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


@dataclass(frozen=True, slots=True)
class Desk:
    """What the page works with. `state()` is the door's own, `up()` whether the host is believed now."""

    copy: GateCopy
    book: Book
    passes: Passes
    state: Callable[[], State]
    now: Callable[[], Now]
    up: Callable[[], bool]
    random: Random
    secure: bool = False

    def seconds(self) -> int | None:
        """The time in s; None while it is not sure."""
        now = self.now()
        return None if now.utc is None or now.quality < BATTERY else now.utc // 1000

    def stay(self, ref: str | None) -> Stay | None:
        """The stay that a form names."""
        return next((one for one in self.book.stays() if one.ref == ref), None)

    def alone(self, one: Stay, act: int, note: str) -> str:
        """What is wrong with letting in somebody expected, in words; "" for nothing."""
        if act == DECIDED:
            return TOO_LONG if len(note) > LONGEST else "" if note else "Please write a reason"
        return ESCORT[0] if self.unaccompanied(one.kind, one.home, act) else ""

    def unaccompanied(self, kind: str, home: str, act: int) -> bool:
        """Whether a visitor would come in alone where they come in with somebody of the home only."""
        return kind == "visitor" and act == IN and self.copy.escorted(home)

    def wrong(self, sent: dict[str, str], kind: str, home: str, act: int) -> dict[str, str]:
        """What is wrong with each field of a new entry, in words."""
        heads, noted = sent.get("heads") or "1", bool(sent.get("note"))
        answered = kind == "courier" or act == FETCHED or noted
        checks = {
            "home": (self.state().home(home) is not None, "There is no such home behind this gate."),
            "phone": (all(char in PHONE for char in sent.get("phone", "")), "Only digits, + and -."),
            "heads": (heads.isdecimal() and 1 <= int(heads) <= MOST_HEADS, "From 1 to 500."),
            "note": (answered, "Please say who agreed, or why you let them in."),
        }
        wrong = {key: text for key, (fits, text) in checks.items() if not fits}
        return wrong | {key: TOO_LONG for key in ("name", "note") if len(sent.get(key, "")) > LONGEST}

    async def write(
        self,
        guard: Guard,
        act: int,
        id_: bytes | None = None,
        about: int | bytes | None = None,
        kind: str = "",
        home: str = "",
        *texts: str,
        note: str = "",
        heads: int = 1,
    ) -> None:
        """One deed, on storage when this returns; 507 while storage does not take it (it waits and is tried again)."""
        name, phone, plate = [*texts, "", "", ""][:3]
        try:
            made = Deed(id_ or self.random(16), guard.account, act, about, kind, home, name, phone, plate, note, heads)
        except RecordError as wrong:
            raise WrongError(400, "That has changed meanwhile. Look at the list.") from wrong
        await _stored(self.book.write(made, self.now()))


async def _stored(written: Written) -> None:
    if written.draft is not None and not written.durable:
        try:
            async with asyncio.timeout(PATIENCE_S):
                await written.draft.settled.wait()
        except TimeoutError:
            pass
    if not written.durable:
        raise WrongError(507, "This unit could not store it yet.")
