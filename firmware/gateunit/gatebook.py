"""What guards wrote down at this unit, as entries of its own log, laid over the copy: who is inside by both.

The log is what is durable and delivered; this book only remembers which entries the copy does not tell of yet.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gatecore import records
from gatecore.clock import Now
from gatecore.errors import GateError
from gatecore.events import Log
from gatecore.gatecopy import ENTRIES, EXPECTED, INSIDE, OUT, POSSIBLE, SAFE, UNSAFE, Deed, deed
from gatecore.records import Entry, Private
from gateunit.gatecopy import GateCopy
from gateunit.ledger import Draft, Ledger, Stage

AT_ONCE, REMEMBERED = 64, 1000
OLD_S = 12 * 3600  # of a copy older than this nobody is certainly inside
CERTAIN, UNCONFIRMED, GONE_UNSEEN = "certain", "unconfirmed", "possible"


@dataclass(slots=True)
class Written:
    """A deed and when it was done; `seq` is its entry's, 0 until it is on storage."""

    deed: Deed
    at: int | None  # ms
    draft: Draft | None = None
    seq: int = 0

    @property
    def durable(self) -> bool:
        """Whether its entry is on storage."""
        return self.draft is None or self.draft.stage is Stage.DURABLE

    def place(self) -> int:
        """The entry's number; beyond every number while it has none."""
        if self.draft is not None and self.draft.stage is Stage.DURABLE:
            self.seq = self.draft.seq
        return self.seq or 1 << 62


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody expected or inside, by the copy and by what was written down since. `ref` names it in a form: a number
    of the copy, or the id of a deed in hex. Times in s."""

    ref: str
    state: int
    kind: str
    name: str
    plate: str
    tail: str
    home: str
    home_name: str
    building: str
    heads: int
    since: int
    until: int
    safe: bool

    def certainty(self, now_s: int | None, old: bool) -> str:
        """How sure it is that they are still inside."""
        if self.state == POSSIBLE:
            return GONE_UNSEEN
        late = now_s is None or old or (self.until and now_s > self.until)
        return UNCONFIRMED if late else CERTAIN


class Book:
    """`write` is the only way in; `stays` is who is expected and inside."""

    def __init__(self, ledger: Ledger, copy: GateCopy) -> None:
        self._ledger, self._copy = ledger, copy
        self._written = list(_found(ledger, copy.upto)) if copy.header is not None else []
        self._told: deque[Written] = deque(maxlen=REMEMBERED)  # what the copy tells of: a form sent again is known

    def write(self, made: Deed, now: Now) -> Written:
        """Takes a deed; one whose id was taken before is the same one and is not written twice."""
        known = next((one for one in (*self._written, *self._told) if one.deed.id == made.id), None)
        if known is not None:
            return known
        draft = self._ledger.add(Log(records.GATE, [made.act], made.subject, made.row()), now)
        self._written.append(Written(made, now.utc, draft))
        return self._written[-1]

    def since_copy(self) -> tuple[Written, ...]:
        """What the copy does not tell of yet, in order."""
        upto = self._copy.upto
        self._told.extend(one for one in self._written if one.place() <= upto)
        self._written = [one for one in self._written if one.place() > upto]
        return tuple(self._written)

    def waiting(self) -> int:
        """How many of them are not on storage yet."""
        return sum(not one.durable for one in self._written)

    def stays(self) -> list[Stay]:
        """Who is expected, inside or perhaps inside, in the order of the copy."""
        held = {str(row[0]): Stay(*[str(row[0]), *row[1:12], bool(row[12])]) for row in self._copy.stays}
        for one in self.since_copy():
            _apply(held, one)
        return list(held.values())


def _apply(held: dict[str, Stay], one: Written) -> None:
    act, made = one.deed.act, one.deed
    ref = made.about.hex() if isinstance(made.about, bytes) else str(made.about)
    at = (one.at or 0) // 1000
    if act in ENTRIES and made.about is None:
        ref = made.id.hex()
        held[ref] = Stay(
            ref, INSIDE, made.kind, made.name, made.plate, made.phone[-4:], made.home, made.home, "", made.heads, at, 0,
            safe=False,
        )  # fmt: skip
    elif act in ENTRIES and ref in held:
        held[ref] = replace(held[ref], state=INSIDE, since=at)
    elif act == OUT:
        held.pop(ref, None)
    elif act in (SAFE, UNSAFE) and ref in held:
        held[ref] = replace(held[ref], safe=act == SAFE)


def _found(ledger: Ledger, after: int) -> Iterator[Written]:
    """Deeds that lie in the log after an entry."""
    while (batch := ledger.batch(after, AT_ONCE)) is not None:
        for data, private in zip(batch.entries, batch.privates, strict=True):
            entry = Entry.from_wire(data)
            if entry.typ != records.GATE or private is None:
                continue
            try:
                yield Written(deed(entry.pub, Private.from_wire(private).detail), entry.utc, None, entry.seq)
            except GateError:
                continue  # of a later version: the host is the one to read it
        after = batch.chain.seq


def present(stays: list[Stay]) -> list[Stay]:
    """Those who are or may be inside, by building and home."""
    return sorted((one for one in stays if one.state != EXPECTED), key=lambda one: (one.building, one.home, one.since))
